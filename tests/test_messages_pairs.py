"""All pairs of formats: what is read from one and written to another is the same data."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilms_sdmx import Components, Dataset, MessageError
from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.messages import read, read_batches, write
from ilms_sdmx.messages.dispatch import WRITERS
from ilms_sdmx.messages.values import pack

FORMATS = sorted(WRITERS)
COMPONENTS = Components(
    ("REF_AREA", "SEX", "TIME_PERIOD"),
    attributes={"SOURCE": (), "TITLE": ("REF_AREA",), "OBS_STATUS": OBSERVATION, "NOTE": OBSERVATION},
)
#: Characters that XML, JSON and CSV all can carry, those that are awkward in one of them first.
ALPHABET = "a1 \t\n&<>\"',;:|[]{}\\~é\u0e17\U0001f600"
texts = st.text(st.sampled_from(ALPHABET), max_size=5)
codes = st.sampled_from(["PHL", "NA", "null", "01", "1", "_T", "A-B"])
numbers = st.sampled_from(
    ["1.10", "1e-3", "NaN", "-0", "+7", "1234567890123456789", "0.1234567890123456", "INF"]
)


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    """Data set sorted by series, each attribute with values at its own level."""
    keys = sorted(
        draw(
            st.lists(
                st.tuples(codes, st.sampled_from("MF"), st.sampled_from(["2023", "2024-Q1"])),
                unique=True,
                max_size=7,
            )
        )
    )
    count = len(keys)

    def column(values: st.SearchStrategy[Any]) -> Any:
        return pd.Categorical(draw(st.lists(st.none() | values, min_size=count, max_size=count)))

    source = draw(st.none() | texts)
    titles = {area: draw(st.none() | texts) for area in {k[0] for k in keys}}
    frame = pd.DataFrame(
        {
            "REF_AREA": pd.Categorical([k[0] for k in keys]),
            "SEX": pd.Categorical([k[1] for k in keys]),
            "TIME_PERIOD": pd.Categorical([k[2] for k in keys]),
            "OBS_VALUE": pd.array(draw(st.lists(st.none() | numbers, min_size=count, max_size=count)), "str"),
            "SOURCE": pd.Categorical([source] * count),
            "TITLE": pd.Categorical([titles[k[0]] for k in keys]),
            "OBS_STATUS": column(st.sampled_from(["A", "U"])),
            "NOTE": column(texts),
        }
    )
    return Dataset(frame, COMPONENTS, "ILO:DF_X(1.0)", action="Append")


def content(dataset: Dataset) -> dict[str, list[str | None]]:
    frame = dataset.observations[COMPONENTS.columns].astype(object)
    return {name: frame[name].where(frame[name].notna(), None).tolist() for name in frame.columns}


def through(dataset: Dataset, format: str, layout: str = "series") -> Dataset:
    target = io.BytesIO()
    write(dataset, target, format, layout=layout)
    [found] = read(target.getvalue(), COMPONENTS)
    return found


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("layout", ["series", "flat"])
@settings(max_examples=8)
@given(dataset=datasets())
def test_one_format_keeps_everything(format: str, layout: str, dataset: Dataset) -> None:
    found = through(dataset, format, layout)
    assert content(found) == content(dataset)
    if len(dataset) or "csv" not in format:  # in CSV it is the rows that say so
        assert found.dataflow == dataset.dataflow
        assert found.action == ("Append" if format != "sdmx-csv-1.0" else "Information")


#: Every awkward character and number in one data set.
AWKWARD = [
    "",
    " ",
    "\n",
    "\t x\r\n",
    "a&b<c>",
    '"',
    "'",
    ",;|",
    "[x]",
    '["x"]',
    '{"en":"x"}',
    "\\u0041",
    "~",
    "\u0e17",
]
NUMBERS = ["1.10", "1e-3", "NaN", "-0", "+7", "1234567890123456789", "0.1234567890123456", "INF", ""]


def awkward() -> Dataset:
    count = len(AWKWARD) + 2
    frame = pd.DataFrame(
        {
            "REF_AREA": pd.Categorical([["NA", "null", "01", "1"][i // 4] for i in range(count)]),
            "SEX": pd.Categorical(["_T"] * count),
            "TIME_PERIOD": pd.Categorical([f"{2000 + i % 4}-Q1" for i in range(count)]),
            "OBS_VALUE": pd.array([*NUMBERS, *[None] * (count - len(NUMBERS))], "str"),
            "SOURCE": pd.Categorical(['LFS & "others"'] * count),
            "TITLE": pd.Categorical([[None, "", "a\nb", "x"][i // 4] for i in range(count)]),
            "OBS_STATUS": pd.Categorical([None, "U"] * (count // 2)),
            "NOTE": pd.Categorical([*AWKWARD, "\U0001f600", None]),
        }
    )
    return Dataset(frame, COMPONENTS, "ILO:DF_X(1.0)", action="Append")


@pytest.mark.parametrize("first", FORMATS)
def test_pairs_keep_everything(first: str) -> None:
    once = replace(through(awkward(), first), action="Append")
    for second in FORMATS:
        assert content(through(once, second)) == content(awkward()), second


def test_rows_carry_the_dataflow_in_csv_so_without_rows_there_is_none() -> None:
    empty = replace(awkward(), observations=awkward().observations.head(0))
    assert through(empty, "sdmx-csv-2.0").dataflow == ""
    assert through(empty, "sdmx-json-2.0").dataflow == "ILO:DF_X(1.0)"


@pytest.mark.parametrize(
    "format", [f for f in FORMATS if f.startswith(("sdmx-csv-2", "sdmx-json-2", "sdmx-ml-3"))]
)
def test_several_values_and_languages(format: str) -> None:
    values = [pack(["A", "F;G"]), pack({"en": "x: y;z", "fr": 'dit "x"'})]
    frame = pd.DataFrame(
        {"D": ["a"], "TIME_PERIOD": ["2024"], "OBS_VALUE": ["1"], "M": values[:1], "L": values[1:]}
    )
    components = Components(
        ("D", "TIME_PERIOD"), attributes=dict.fromkeys("ML", OBSERVATION), composite=frozenset("ML")
    )
    target = io.BytesIO()
    write(Dataset(frame, components, "X:F(1.0)", action="Append"), target, format)
    [found] = read(target.getvalue(), components)
    assert found.observations[["M", "L"]].astype("str").to_numpy().tolist() == [values]


@pytest.mark.parametrize(
    "format", [f for f in FORMATS if not f.startswith(("sdmx-csv-2", "sdmx-json-2", "sdmx-ml-3"))]
)
def test_several_values_are_refused_where_there_is_no_place(format: str) -> None:
    frame = pd.DataFrame({"D": ["a"], "TIME_PERIOD": ["2024"], "OBS_VALUE": ["1"], "M": ['["A","F"]']})
    components = Components(("D", "TIME_PERIOD"), attributes={"M": OBSERVATION}, composite=frozenset("M"))
    with pytest.raises(MessageError, match="cannot carry"):
        write(Dataset(frame, components, "X:F(1.0)", action="Append"), io.BytesIO(), format)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("size", [1, 2, 7])
def test_batches_add_up_to_the_whole(format: str, size: int) -> None:
    count = 12
    frame = pd.DataFrame(
        {
            "REF_AREA": pd.Categorical([f"A{i // 4}" for i in range(count)]),
            "SEX": "T",
            "TIME_PERIOD": [str(2000 + i % 4) for i in range(count)],
            "OBS_VALUE": [f"{i}.50" for i in range(count)],
            "SOURCE": "LFS",
            "TITLE": pd.Categorical([f"Title {i // 4}" for i in range(count)]),
            "OBS_STATUS": pd.Categorical([None, "U"] * 6),
            "NOTE": None,
        }
    )
    whole = Dataset(frame, COMPONENTS, "ILO:DF_X(1.0)", action="Append")
    source, target = io.BytesIO(), io.BytesIO()
    write(whole, source, format)
    with read_batches(source.getvalue(), COMPONENTS, size=size) as batches:
        write(batches, target, format, header=batches.header)
    [found] = read(target.getvalue(), COMPONENTS)
    assert content(found) == content(whole)

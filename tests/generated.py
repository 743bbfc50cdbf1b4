"""Generated data sets: every kind of component and every awkward text, for tests of messages."""

from typing import Any

import pandas as pd
from hypothesis import strategies as st

from ilms_sdmx import Components, Dataset
from ilms_sdmx.messages.values import pack

CODES = ["A", "NA", "null", "None", "01", "1.0", "_T", "SEX_T", "ÅLAND", "-", "true"]
VALUES = [
    "1.10",
    "1e-3",
    "0.1234567890123456",
    "NaN",
    "INF",
    "-0",
    "+7",
    "",
    "12345678901234567890",
    " 1 ",
]
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"]), max_size=12
) | st.sampled_from(
    [
        "",
        " ",
        "a\tb",
        "a\nb",
        "\r\n",
        "&amp;",
        "<x/>",
        'say "hi"',
        "it's",
        "ครัวเรือน",
        "𝔘",
        "]]>",
        "<!--",
        "&#10;",
    ]
)
FLAT = Components(
    ("REF_AREA", "SEX", "TIME_PERIOD"), ("OBS_VALUE",), {"OBS_STATUS": ("OBS_VALUE",)}
)
FULL = Components(
    ("FREQ", "REF_AREA", "SEX", "TIME_PERIOD"),
    ("OBS_VALUE",),
    {
        "TITLE": (),
        "UNIT_MULT": ("FREQ", "REF_AREA", "SEX"),
        "SOURCE": ("REF_AREA", "TIME_PERIOD"),
        "NOTE_GROUP": ("REF_AREA", "SEX"),
        "OBS_STATUS": ("OBS_VALUE",),
    },
    groups={"Sibling": ("REF_AREA", "SEX")},
)


@st.composite
def datasets(draw: st.DrawFn, *, composite: bool = False) -> Dataset:
    """Data set that keeps its promises: unique keys, attributes constant at their level, any text."""
    keys = draw(
        st.lists(
            st.tuples(*[st.sampled_from(CODES)] * 2, st.integers(2000, 2004)),
            unique=True,
            max_size=12,
        )
    )
    text = st.none() | TEXTS
    levels: dict[Any, Any] = {}

    def at(*key: Any) -> Any:
        if key not in levels:
            levels[key] = draw(text)
        return levels[key]

    rows = [
        {
            "FREQ": "A",
            "REF_AREA": area,
            "SEX": sex,
            "TIME_PERIOD": str(year),
            "OBS_VALUE": draw(st.none() | st.sampled_from(VALUES)),
            "TITLE": at("set"),
            "UNIT_MULT": at("series", area, sex),
            "SOURCE": at("time", area, year),
            "NOTE_GROUP": at("group", area, sex),
            "OBS_STATUS": draw(text),
        }
        for area, sex, year in keys
    ]
    frame = pd.DataFrame(rows, columns=FULL.columns, dtype="string")
    components = FULL
    if composite:
        several = st.none() | st.lists(TEXTS, min_size=1, max_size=3).map(pack)
        several |= st.dictionaries(st.sampled_from(["en", "fr"]), TEXTS, min_size=1).map(pack)
        frame["OBS_STATUS"] = pd.array([draw(several) for _ in rows], dtype="string")
        components = Components(
            FULL.dimensions,
            FULL.measures,
            FULL.attributes,
            composite=frozenset({"OBS_STATUS"}),
            groups=FULL.groups,
        )
    if draw(st.booleans()):
        frame = frame.astype({name: "category" for name in frame if name != "OBS_VALUE"})
    action = draw(st.sampled_from(["Replace", "Append", "Information"]))
    return Dataset(frame, components, dataflow="ILO:DF_X(1.0)", action=action)


def cells(dataset: Dataset) -> dict[str, list[str | None]]:
    """Columns as lists, None where absent: what must survive."""
    return {
        name: [None if pd.isna(v) else str(v) for v in column]
        for name, column in dataset.observations.items()
    }

"""Data sets of changes: applied to the earlier version they give the later one, in every format."""

from __future__ import annotations

import io
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilms_sdmx import Components, Dataset, dataflow, read, write
from ilms_sdmx.datasets.applying import apply_changes, change_sets

FLOW = "ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)"
COMPONENTS = Components.of(dataflow("POP_MNAO_SEX_CDS_NB").structure)
#: Formats that carry an action, and their actions.
FORMATS = {
    "sdmx-ml-2.1": ("Replace", "Delete"),
    "sdmx-ml-2.1-generic": ("Replace", "Delete"),
    "sdmx-ml-3.0": ("Replace", "Delete"),
    "sdmx-ml-3.1": ("Merge", "Replace", "Delete"),
    "sdmx-csv-2.0": ("Replace", "Delete"),
    "sdmx-csv-2.1": ("Merge", "Replace", "Delete"),
    "sdmx-json-2.0": ("Replace", "Delete"),
    "sdmx-json-2.1": ("Merge", "Replace", "Delete"),
}
KEYS = [
    (sex, country, period)
    for sex in ("SEX_T", "SEX_F")
    for country in ("CDS_DES_THA", "CDS_DES_MYS", "CDS_DES_JPN")
    for period in ("2023", "2024")
]
values = st.decimals(0, 10**6, places=2).map(lambda value: format(value, "f"))
observation = st.tuples(
    values, st.sampled_from([None, "P", "E"]), st.sampled_from([None, "a note", "b; c"])
)
version = st.dictionaries(st.sampled_from(KEYS), observation, min_size=1)


def dataset(version: dict[tuple[str, ...], tuple[str | None, ...]]) -> Dataset:
    rows = []
    for (sex, country, period), (value, status, note) in version.items():
        row = {"REF_AREA": "PHL", "FREQ": "A", "MEASURE": "POP_MNAO_NB", "SEX": sex}
        row |= {"CDS": country, "TIME_PERIOD": period, "OBS_VALUE": value}
        row |= {"OBS_STATUS": status, "NOTE_CLASSIF": note, "UNIT_MULT": "3"}
        rows.append(row)
    frame = pd.DataFrame(rows, columns=COMPONENTS.columns, dtype="string")
    return Dataset(frame, COMPONENTS, FLOW, "ILO:POP_MNAO_SEX_CDS_NB(1.0)")


def texts(data: Dataset) -> list[dict[str, str]]:
    """Observations in order of their keys, without what is absent."""
    frame = data.observations.astype("object")
    rows = []
    for row in frame.to_dict("records"):
        rows.append({str(name): str(text) for name, text in row.items() if not pd.isna(text)})
    return sorted(rows, key=str)


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=12)
@given(version, version)
def test_changes_that_travel_lead_from_the_old_to_the_new(
    format: str,
    old: dict[tuple[str, ...], tuple[str | None, ...]],
    new: dict[tuple[str, ...], tuple[str | None, ...]],
) -> None:
    earlier, later = dataset(old), dataset(new)
    sets = change_sets(earlier, later, FORMATS[format])
    assert {each.action for each in sets} <= set(FORMATS[format])
    if not sets:
        assert texts(earlier) == texts(later)
        return
    message = io.BytesIO()
    write(sets, message, format, structure=FLOW)
    received = read(message.getvalue(), structure=FLOW).datasets
    assert [each.action for each in received] == [each.action for each in sets]
    assert texts(apply_changes(earlier, received)) == texts(later)


def test_a_cleared_attribute_is_no_merge() -> None:
    key = KEYS[0]
    earlier, later = dataset({key: ("1", "P", "n")}), dataset({key: ("1", None, "n")})
    [one] = change_sets(earlier, later, ("Merge", "Replace", "Delete"))
    assert (one.action, len(one)) == ("Replace", 1)


def test_a_merge_leaves_alone_what_it_does_not_name() -> None:
    key = KEYS[0]
    held = dataset({key: ("1", "P", "n")})
    partial = replace(dataset({key: ("2", None, None)}), action="Merge")
    assert texts(apply_changes(held, [partial])) == texts(dataset({key: ("2", "P", "n")}))
    replaced = replace(partial, action="Replace")
    assert texts(apply_changes(held, [replaced])) == texts(dataset({key: ("2", None, None)}))
    told = replace(partial, action="Information")
    assert texts(apply_changes(held, [told])) == texts(held)


def test_a_deletion_takes_what_its_key_means() -> None:
    held = dataset(dict.fromkeys(KEYS, ("1", "P", "n")))
    whole = dataset({KEYS[0]: ("1", None, None)})
    frame = whole.observations.assign(CDS=pd.NA, OBS_VALUE=pd.NA, UNIT_MULT=pd.NA)
    deletion = replace(whole, observations=frame, action="Delete")
    left = apply_changes(held, [deletion])
    assert len(left) == len(held) - 3
    frame = whole.observations.assign(OBS_VALUE=pd.NA, UNIT_MULT=pd.NA, OBS_STATUS="-")
    cleared = apply_changes(held, [replace(whole, observations=frame, action="Delete")])
    assert len(cleared) == len(held)
    assert cleared.observations["OBS_STATUS"].isna().sum() == 1

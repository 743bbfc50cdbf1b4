"""What changed between two versions of the same figures is said by key, once and wholly."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx import Components, Dataset, StructureError, diff
from ilms_sdmx.datasets.changes import match_keys, successive_rows

KEYS = st.dictionaries(
    st.tuples(st.sampled_from(["KHM", "LAO", "MMR", "VNM"]), st.sampled_from(["2019", "2020"])),
    st.sampled_from(["1", "1.0", "2", ""]),
)


def version(figures: dict[tuple[str, str], str]) -> Dataset:
    rows = [(area, period, value) for (area, period), value in figures.items()]
    columns = ["REF_AREA", "TIME_PERIOD", "OBS_VALUE"]
    frame = pd.DataFrame(rows, columns=columns, dtype="string")
    return Dataset(frame, Components(("REF_AREA", "TIME_PERIOD")))


@given(KEYS, KEYS)
def test_every_key_is_added_removed_changed_or_equal(
    earlier: dict[tuple[str, str], str], later: dict[tuple[str, str], str]
) -> None:
    changes = diff(version(earlier), version(later))
    told = {
        (row["REF_AREA"], row["TIME_PERIOD"]): row["change"]
        for row in changes.frame.to_dict("records")
    }
    expected = {key: "added" for key in later if key not in earlier}
    expected |= {key: "removed" for key in earlier if key not in later}
    expected |= {
        key: "changed" for key in later if key in earlier and earlier[key] != later[key]
    }
    assert told == expected
    assert sum(changes.counts.values()) == len(changes)


@given(KEYS, KEYS)
def test_going_back_swaps_added_and_removed(
    earlier: dict[tuple[str, str], str], later: dict[tuple[str, str], str]
) -> None:
    there, back = diff(version(earlier), version(later)), diff(version(later), version(earlier))
    assert there.counts["added"] == back.counts["removed"]
    assert there.counts["changed"] == back.counts["changed"]


def test_what_it_was_and_what_it_is_stand_in_one_row() -> None:
    changes = diff(version({("LAO", "2020"): "1.10"}), version({("LAO", "2020"): "1.1"}))
    row = changes.frame.iloc[0]
    assert (row["before_OBS_VALUE"], row["after_OBS_VALUE"]) == ("1.10", "1.1")


def test_a_version_with_other_dimensions_is_refused() -> None:
    frame = pd.DataFrame({"REF_AREA": ["LAO"], "OBS_VALUE": ["1"]}, dtype="string")
    with pytest.raises(StructureError, match="found REF_AREA in the later one"):
        diff(version({}), Dataset(frame, Components(("REF_AREA",))))


def test_a_key_that_is_there_twice_is_refused_by_name() -> None:
    once = version({("LAO", "2020"): "1"})
    twice = Dataset(pd.concat([once.observations] * 2), once.components)
    with pytest.raises(StructureError, match=r"LAO\.2020 twice"):
        diff(once, twice)


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_rows_are_matched_by_key(earlier: set[int], later: set[int]) -> None:
    before, after = np.array([*earlier], dtype="int64"), np.array([*later], dtype="int64")
    matches = match_keys(before, after)
    assert set(after[matches.added].tolist()) == later - earlier
    assert set(before[matches.removed].tolist()) == earlier - later
    assert (before[matches.earlier] == after[matches.later]).all()


def test_successive_editions_are_paired_within_one_key_only() -> None:
    keys = np.array([1, 1, 1, 2, 2])
    editions = np.array(["2019", "2020", "2024", "2024", "2024"])
    older, newer = successive_rows(keys, editions)
    assert older.tolist() == [0, 1]
    assert newer.tolist() == [1, 2]

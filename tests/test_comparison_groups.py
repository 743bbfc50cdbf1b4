"""What a group of figures counts: what all its parts count, in whatever order they come."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilms_sdmx import Comparison, Components, Dataset, Harmonised, Origin, Record, compare
from ilms_sdmx.analysis.comparison.snapshots import snapshot, undesa
from ilms_sdmx.analysis.comparison.verdicts import BLOCKING, Reason
from ilms_sdmx.conversion import convert, example, examples
from ilms_sdmx.records import COUNTED, MIXED, meet, records_frame

texts = st.sampled_from(["", "unknown", "a", "b", MIXED])
record = st.builds(
    Record,
    criterion=texts,
    scope=texts,
    ages=texts,
    refugees=texts,
    reference_date=st.sampled_from(["", "2020-07-01", "2020-12-31"]),
    method=st.sampled_from(["", "observed", "interpolated or extrapolated"]),
    notes=st.sampled_from(["", "1", "2 | 1"]),
)


@given(
    st.lists(record, min_size=1, max_size=5).flatmap(
        lambda r: st.tuples(st.just(r), st.permutations(r))
    )
)
def test_record_of_a_group_does_not_depend_on_order_or_repetition(
    orders: tuple[list[Record], list[Record]],
) -> None:
    first, second = orders
    assert meet(first) == meet(second) == meet([*first, first[0]])


@given(st.lists(record, min_size=1, max_size=5))
def test_group_counts_nothing_that_a_part_does_not_count(parts: list[Record]) -> None:
    group = meet(parts)
    for name in COUNTED:
        stated = {getattr(part, name) for part in parts}
        text = getattr(group, name)
        assert stated == {text} or text in ("", "unknown", MIXED)


def test_no_record_is_no_group() -> None:
    with pytest.raises(ValueError, match="at least one record"):
        meet([])


def stock(
    rows: list[tuple[str, ...]], flow: str, partner: str, records: list[Record]
) -> Harmonised:
    """Figures of rows `area partner period value`, each with its record."""
    names = ["REF_AREA", partner, "TIME_PERIOD", "OBS_VALUE"]
    frame = pd.DataFrame(rows, columns=names).assign(SEX="SEX_T", UNIT_MULT="0")
    dimensions = ("REF_AREA", "SEX", partner, "TIME_PERIOD")
    frame = frame[[*dimensions, "OBS_VALUE", "UNIT_MULT"]]
    data = Dataset(frame, Components(dimensions, attributes={"UNIT_MULT": ()}), flow)
    columns = {}
    for name in (*COUNTED, "data_type", "source", "edition"):
        columns[name] = pd.Series([getattr(r, name) for r in records], index=frame.index)
    return Harmonised(data, records_frame(frame.index, **columns), Origin(records[0].source))


ABROAD = "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"
HOSTS = "ILO:DF_POP_MFRB_SEX_CBR_NB(1.0)"
OFFICE = Record("Office", criterion="citizenship", scope="all", ages="all")
CITIZENS = Record("Hosts", "1", "citizenship", "all", "all", "included", data_type="C")
BORN = Record("Hosts", "1", "birth", "all", "all", "included", data_type="B")
OTHER_BORN = Record("Hosts", "1", "birth", "all", "all", "not-added", data_type="B R")


def of_hosts(*parts: tuple[str, str, Record]) -> Harmonised:
    """What hosts say of people from Laos."""
    rows = [(host, "CBR_BRT_LAO", "2020", value) for host, value, _ in parts]
    return stock(rows, HOSTS, "CBR", [record for _, _, record in parts])


def abroad(*parts: tuple[str, str]) -> Harmonised:
    """What Laos says of its people abroad."""
    rows = [("LAO", f"CRS_RES_{host}", "2020", value) for host, value in parts]
    return stock(rows, ABROAD, "CRS", [OFFICE] * len(rows))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_total_and_rest_of_unlike_hosts_are_never_subtracted(order: tuple[int, ...]) -> None:
    said = [("VNM", "5000"), ("JPN", "3000"), ("X", "700")]
    ours = abroad(*(said[n] for n in order))
    counted = [("VNM", "6100", CITIZENS), ("JPN", "2900", BORN), ("X", "800", CITIZENS)]
    theirs = of_hosts(*(counted[n] for n in order))
    pairs = compare(ours, theirs).pairs.set_index("partner")
    for partner in ("TOTAL", "X"):
        assert np.isnan(pairs.loc[partner, "difference"])
        assert "criterion" in str(pairs.loc[partner, "reasons"]).split()
    assert pairs.loc["VNM", "difference"] == -1100
    assert np.isnan(pairs.loc["JPN", "difference"])


def test_total_of_hosts_of_one_criterion_is_subtracted_with_care_for_refugees() -> None:
    office = abroad(("VNM", "5000"), ("JPN", "3000"), ("X", "700"))
    office = Harmonised(office.dataset, office.records.assign(criterion="birth"), office.origin)
    theirs = of_hosts(("VNM", "6100", BORN), ("JPN", "2900", OTHER_BORN), ("X", "800", BORN))
    comparison = compare(office, theirs)
    total = comparison.pairs.set_index("partner").loc["TOTAL"]
    assert total["difference"] == 8700 - 9800
    assert "refugees" in str(total["reasons"]).split()
    assert comparison.records.loc[total["theirs_record"], "refugees"] == MIXED


def test_one_part_that_does_not_say_its_criterion_makes_that_of_the_total_unknown() -> None:
    unsaid = Record("Hosts", "1", scope="all", ages="all", refugees="included")
    theirs = of_hosts(
        ("VNM", "6100", CITIZENS), ("JPN", "2900", unsaid), ("X", "800", CITIZENS)
    )
    pairs = compare(abroad(("VNM", "5000"), ("JPN", "3000"), ("X", "700")), theirs).pairs
    total = pairs.set_index("partner").loc["TOTAL"]
    assert np.isnan(total["difference"])
    assert "criterion-unknown" in str(total["reasons"]).split()


def test_both_sexes_count_what_men_and_women_count() -> None:
    theirs = of_hosts(("VNM", "3000", CITIZENS), ("VNM", "3100", BORN))
    frame = theirs.dataset.observations.assign(SEX=["SEX_M", "SEX_F"])
    data = Dataset(frame, theirs.dataset.components, HOSTS)
    for rows in ([0, 1], [1, 0]):
        turned = Dataset(data.observations.iloc[rows], data.components, HOSTS)
        side = Harmonised(turned, theirs.records.iloc[rows], theirs.origin)
        (pair,) = compare(abroad(("VNM", "5000")), side).pairs.to_dict("records")
        assert pair["theirs"] == 6100
        assert pair["verdict"] == "not-comparable"


def test_editions_that_do_not_say_their_criterion_are_not_subtracted() -> None:
    revisions = compare(undesa("2020"), undesa("2024")).revisions
    for name in ("older_counts", "newer_counts"):
        unknown = revisions[revisions[name].str.startswith("unknown")]
        assert len(unknown)
        assert unknown["change"].isna().all()
    alike = revisions[revisions["change"].notna()]
    assert len(alike)
    assert (alike["older_counts"] == alike["newer_counts"]).all()


def _forbidden(comparison: Comparison) -> pd.DataFrame:
    """Pairs whose records are unlike or unknown."""
    pairs, records = comparison.pairs, comparison.records
    ours = records.loc[pairs["ours_record"], list(COUNTED)].reset_index(drop=True)
    theirs = records.loc[pairs["theirs_record"], list(COUNTED)].reset_index(drop=True)
    unlike = (ours["criterion"] != theirs["criterion"]) | (ours["scope"] != theirs["scope"])
    unknown = ours["criterion"].isin(["", "unknown"]) | ours["scope"].isin(["", "unknown"])
    return pairs[(unlike | unknown).to_numpy()]


@pytest.mark.parametrize("name", sorted(examples()))
def test_no_shipped_example_is_subtracted_from_what_counts_others(name: str) -> None:
    pairs = _forbidden(compare(convert(*example(name)), snapshot()))
    assert pairs[["difference", "ratio", "log_ratio"]].isna().all(axis=None)
    assert (pairs["verdict"] == "not-comparable").all()


@settings(max_examples=6, deadline=None)
@given(st.permutations(range(6)), st.permutations(range(6)))
def test_order_of_rows_decides_nothing(ours: list[int], theirs: list[int]) -> None:
    said = [
        ("VNM", "5000"),
        ("JPN", "3000"),
        ("X", "700"),
        ("KOR", "40"),
        ("USA", "9"),
        ("CAN", "8"),
    ]
    counted = [
        ("VNM", "6100", CITIZENS),
        ("JPN", "2900", BORN),
        ("X", "800", CITIZENS),
        ("KOR", "50", OTHER_BORN),
        ("USA", "10", BORN),
        ("CAN", "7", CITIZENS),
    ]
    columns = [
        "partner",
        "ours",
        "theirs",
        "difference",
        "verdict",
        "reasons",
        "theirs_residual",
    ]

    def compared(first: list[int], second: list[int]) -> pd.DataFrame:
        left = abroad(*(said[n] for n in first))
        right = of_hosts(*(counted[n] for n in second))
        frame = compare(left, right).pairs[columns]
        frame = frame.astype(dict.fromkeys(["partner", "verdict", "reasons"], "str"))
        return frame.sort_values("partner", ignore_index=True)

    straight = list(range(6))
    pd.testing.assert_frame_equal(compared(ours, theirs), compared(straight, straight))


def test_parts_above_their_total_leave_no_others_and_no_total_to_compare() -> None:
    ours = abroad(("TOTAL", "7000"), ("VNM", "5000"), ("JPN", "3000"))
    theirs = of_hosts(
        ("TOTAL", "9000", CITIZENS), ("VNM", "6100", CITIZENS), ("JPN", "2900", CITIZENS)
    )
    comparison = compare(ours, theirs)
    pairs = comparison.pairs.set_index("partner")
    for partner in ("TOTAL", "X"):
        assert pairs.loc[partner, "verdict"] == "not-comparable"
        assert "impossible" in str(pairs.loc[partner, "reasons"]).split()
        assert np.isnan(pairs.loc[partner, "difference"])
    assert not (comparison.pairs[["ours", "theirs"]] < 0).any(axis=None)
    assert pairs.loc["VNM", "difference"] == -1100
    found = comparison.report.of_rule("comparison-parts-exceed-total").findings
    assert ["1,000" in finding.message for finding in found] == [True]


def test_parts_above_their_total_by_rounding_leave_nobody() -> None:
    ours = abroad(("TOTAL", "7999"), ("VNM", "5000"), ("JPN", "3000"))
    theirs = of_hosts(
        ("TOTAL", "9000", CITIZENS), ("VNM", "6000", CITIZENS), ("JPN", "2900", CITIZENS)
    )
    pairs = compare(ours, theirs).pairs.set_index("partner")
    assert pairs.loc["X", "ours"] == 0
    assert "impossible" not in str(pairs.loc["TOTAL", "reasons"]).split()


def test_every_reason_up_to_the_impossible_forbids_a_subtraction() -> None:
    forbidding = [reason for reason in Reason if reason in BLOCKING]
    assert forbidding == list(Reason)[: len(forbidding)]


def test_mirror_has_no_area_without_a_code() -> None:
    mirror = compare(abroad(("VNM", "5000")), undesa("2024")).mirror
    assert "" not in {*mirror["host"], *mirror["origin"]}


def test_findings_of_their_side_are_about_areas_of_ours() -> None:
    """Two totals of one figure that differ are told where the pairs are about their area."""
    rows = []
    for host in ("VNM", "JPN"):
        rows += [
            (host, "CBR_BRT_TOTAL", "2020", "900"),
            (host, "CBR_BIR_FOREIGN", "2020", "800"),
        ]
    theirs = stock(rows, HOSTS, "CBR", [BORN] * len(rows))
    ours = stock([("VNM", "CBR_BRT_TOTAL", "2020", "850")], HOSTS, "CBR", [OFFICE])
    found = compare(ours, theirs).report.of_rule("comparison-totals-differ").findings
    assert {finding.place.key["host"] for finding in found} == {"VNM"}

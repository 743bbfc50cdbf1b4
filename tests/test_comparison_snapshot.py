"""Thailand, the Philippines and Malaysia against UN DESA: pairs hold the figures that publications print."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ilms_sdmx import Comparison, compare
from ilms_sdmx.analysis.comparison.snapshots import ilostat, snapshot, undesa
from ilms_sdmx.conversion import convert, example

EMPLOYED = "EMP_MFRC_SEX_CCT_NB"
#: By hand from ILOSTAT's table of employed non-citizens of Thailand (thousands) and UN DESA's workbooks.
THAILAND = """
2020 TOTAL 2020  1116.996  3632496
2020 MMR   2020   727.397  1848270
2020 KHM   2020   142.896   691776
2020 LAO   2020   105.670   941309
2020 X     2020   141.033   151141
2020 TOTAL 2015  1443.474  3470220
2020 MMR   2015   996.607  1760543
2020 KHM   2015   210.351   666096
2020 LAO   2015    67.995   899705
2020 CHN   2015    19.731    73828
2020 JPN   2015    36.666     8103
2020 PHL   2015    13.416     1301
2020 SGP   2015     1.974      724
2020 VNM   2015     0.809     6994
2020 IDN   2015     1.285      666
2020 KOR   2015     6.065      902
2020 MYS   2015     2.833     1304
2020 TOTAL 2010  1300.281  3234381
2020 MMR   2010   944.296  1658622
2020 KHM   2010   122.607   611508
2020 LAO   2010   106.125   829426
2020 JPN   2010    23.994     7553
2024 TOTAL 2020  1116.996  3015007
2024 MMR   2020   727.397  1576317
2024 KHM   2020   142.896   345733
2024 LAO   2020   105.670   265386
2024 X     2020   141.033   827571
2024 TOTAL 2024  3350.673  3179399
2024 MMR   2024  2270.382  1708695
2024 KHM   2024   498.660   375635
2024 LAO   2024   291.315   285819
2024 VNM   2024     3.664    17986
2024 X     2024   286.652   791264
"""


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(ilostat(), undesa("2020"), undesa("2024"))


def by_origin(comparison: Comparison, area: str, edition: str, table: str) -> pd.DataFrame:
    pairs = comparison.pairs
    chosen = (
        (pairs["area"] == area)
        & (pairs["sex"] == "SEX_T")
        & (pairs["theirs_name"] == f"UN DESA IMS {edition}")
    )
    return pairs[chosen & pairs["ours_name"].astype("str").str.endswith(table)]


def test_thailand_equals_the_figures_copied_by_hand(comparison: Comparison) -> None:
    rows = [line.split() for line in THAILAND.strip().splitlines()]
    assert len(rows) >= 30
    for edition, partner, year, ours, theirs in rows:
        pairs = by_origin(comparison, "THA", edition, EMPLOYED)
        found = pairs[(pairs["partner"] == partner) & (pairs["ours_period"] == year)]
        assert found[["ours", "theirs"]].values.tolist() == [
            [pytest.approx(float(ours) * 1000), float(theirs)]
        ]


def test_reasons_say_why_thailand_differs_in_each_edition(comparison: Comparison) -> None:
    older = by_origin(comparison, "THA", "2020", EMPLOYED)
    newer = by_origin(comparison, "THA", "2024", EMPLOYED)
    assert (older["verdict"] == "not-comparable").all()
    assert (
        older["reasons"].astype("str").str.startswith("criterion scope").all()
    )  # B R: foreign-born
    assert (
        newer["reasons"].astype("str").str.startswith("scope").all()
    )  # C R: citizenship, as ours
    assert older["difference"].isna().all()


def test_revision_of_thailand_between_editions_is_listed(comparison: Comparison) -> None:
    """UN DESA changed Thailand from birth to citizenship; both are shown, never subtracted."""
    revisions = comparison.revisions
    chosen = (
        (revisions["host"] == "THA")
        & (revisions["origin"] == "TOTAL")
        & (revisions["sex"] == "SEX_T")
    )
    row = revisions[chosen & (revisions["period"] == "2020")].iloc[0]
    assert (row["older"], row["newer"]) == (3632496, 3015007)
    assert row["older_counts"].startswith("birth")
    assert row["newer_counts"].startswith("citizenship")
    assert pd.isna(row["change"])
    assert pd.isna(row["ratio"])


def test_philippines_abroad_meets_what_hosts_say(comparison: Comparison) -> None:
    pairs = by_origin(comparison, "PHL", "2020", "POP_MNAS_SEX_CRS_NB")
    total = pairs[(pairs["partner"] == "TOTAL") & (pairs["ours_period"] == "2010")].iloc[0]
    assert total["ours"] == 9105834
    assert "criterion-unknown" in total["reasons"].split()


def test_inflow_of_malaysia_is_shown_beside_the_stock_and_not_subtracted(
    comparison: Comparison,
) -> None:
    pairs = by_origin(comparison, "MYS", "2024", "EMP_MFLC_SEX_ECO_NB")
    assert set(pairs["partner"]) == {"TOTAL"}
    assert pairs["reasons"].astype("str").str.startswith("kind").all()
    assert pairs["difference"].isna().all()


def test_mirror_of_myanmar_in_thailand(comparison: Comparison) -> None:
    mirror = comparison.mirror
    row = mirror[
        (mirror["origin"] == "MMR")
        & (mirror["host"] == "THA")
        & (mirror["sex"] == "SEX_T")
        & (mirror["host_name"] == "UN DESA IMS 2024")
    ].iloc[0]
    assert (row["origin_says"], row["host_says"], row["gap_days"]) == (1418472, 1429751, 365)
    assert row["ratio"] == pytest.approx(1418472 / 1429751)


def test_numbers_of_pairs_follow_from_their_sides(comparison: Comparison) -> None:
    pairs = comparison.pairs
    others = pairs["partner_kind"] == "others"
    key = ["ours_name", "theirs_name", "area", "sex", "detail", "ours_period", "theirs_period"]
    groups = pairs[~others & (pairs["partner_kind"] == "country")].groupby(key, observed=True)
    sums = groups[["ours", "theirs"]].sum()
    total = pairs[pairs["partner_kind"] == "total"].set_index(key)[["ours", "theirs"]]
    rest = pairs[others].set_index(key)[["ours", "theirs"]]
    expected = (total - sums).loc[rest.index]
    np.testing.assert_allclose(rest.to_numpy(), expected.to_numpy())


HAND = pd.read_csv(
    Path(__file__).parent / "specimens/comparison/pairs.csv", dtype="str", keep_default_na=False
)


@pytest.mark.parametrize("name", sorted(set(HAND["example"])))
def test_pairs_of_national_tables_equal_those_computed_by_hand(name: str) -> None:
    pairs = compare(convert(*example(name)), snapshot()).pairs
    pairs = pairs[pairs["sex"] == "SEX_T"]
    key = ["theirs_name", "partner", "ours_period", "theirs_period"]
    found = pairs.astype(dict.fromkeys(key, "str")).set_index(key)
    for row in HAND[HAND["example"] == name].to_dict("records"):
        (pair,) = found.loc[[tuple(row[k] for k in key)]].to_dict("records")
        assert pair["verdict"] == row["verdict"], row
        assert row["reason"] in pair["reasons"].split(), row
        for number in ("ours", "theirs", "difference", "ratio", "ours_share", "theirs_share"):
            expected = float(row[number]) if row[number] else np.nan
            assert pair[number] == pytest.approx(expected, abs=1e-6, nan_ok=True), (number, row)


@pytest.mark.shared
def test_snapshot_holds_the_figures_of_the_workbooks(shared) -> None:  # type: ignore[no-untyped-def]
    source = pd.read_csv(
        shared / "data/undesa/ims/ims2024_bilateral_extract_AUT_CHE_MYS_SAU_TWN.csv"
    )
    codes = {900: "TOTAL", 2003: "X", 360: "IDN", 524: "NPL", 50: "BGD", 104: "MMR"}
    source = source[(source["dest_code"] == 458) & source["origin_code"].isin(codes)]
    frame = undesa("2024").frame()
    malaysia = frame[(frame["REF_AREA"] == "MYS") & (frame["SEX"] == "SEX_T")]
    partner = malaysia["CBR"].fillna(malaysia["CCT"]) if "CCT" in malaysia else malaysia["CBR"]
    figures = malaysia.assign(partner=partner.str[8:]).set_index(["partner", "TIME_PERIOD"])[
        "OBS_VALUE"
    ]
    assert len(source) == len(codes)
    for row in source.to_dict("records"):
        for year in ("1990", "2020", "2024"):
            assert float(figures[codes[row["origin_code"]], year]) == row[f"both_{year}"]


def test_every_comparator_of_the_snapshot_says_where_it_is_from() -> None:
    for part in snapshot():
        assert (part.records["licence"] != "").all()
        assert part.records["address"].astype("str").str.startswith("https://").all()

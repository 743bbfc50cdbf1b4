"""Comparison: what is paired, what is never subtracted, and that numbers are those of the sources."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilms_sdmx import Components, Dataset, Harmonised, Origin, Record, StructureError, compare
from ilms_sdmx.analysis.comparison.alignment import middle_day
from ilms_sdmx.analysis.comparison.areas import area, kinds
from ilms_sdmx.records import records_frame

STOCK = "ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)"
RESIDENT = "ILO:DF_POP_MFRC_SEX_CCT_NB(1.0)"
ABROAD = "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"
UNDESA = Record(
    source="UN DESA IMS",
    edition="2024",
    criterion="citizenship",
    scope="all",
    ages="all",
    refugees="included",
    unit="persons",
    data_type="C R",
    address="https://www.un.org/a.xlsx",
    licence="CC BY 3.0 IGO",
)
EMPLOYED = Record(
    "ILOSTAT", "2026-02", "citizenship", "employed", "15+", unit="thousands of persons"
)


def dataset(flow: str, text: str, mult: str = "3", **constant: str) -> Dataset:
    """Data set of lines `area partner period value [sex] [status]`; partner codes get the flow's prefix."""
    dimension = "CRS" if "_CRS_" in flow else "CBR" if "_CBR_" in flow else "CCT"
    prefix = {"CRS": "CRS_RES_", "CBR": "CBR_BRT_", "CCT": "CCT_CTZ_"}[dimension]
    rows = [line.split() for line in text.strip().splitlines()]
    frame = pd.DataFrame(
        {
            "REF_AREA": [r[0] for r in rows],
            "SEX": ["SEX_" + (r[4] if len(r) > 4 else "T") for r in rows],
            dimension: [prefix + r[1] for r in rows],
            "TIME_PERIOD": [r[2] for r in rows],
            "OBS_VALUE": [r[3].replace("NA", "") for r in rows],
            "OBS_STATUS": [r[5] if len(r) > 5 else "A" for r in rows],
            "UNIT_MULT": mult,
        }
    )
    frame = frame.assign(**constant)
    dimensions = ("REF_AREA", "SEX", dimension, "TIME_PERIOD")
    attributes = {c: () for c in frame.columns if c not in (*dimensions, "OBS_VALUE")}
    return Dataset(
        frame[[*dimensions, "OBS_VALUE", *attributes]],
        Components(dimensions, attributes=attributes),
        flow,
    )


def harmonised(
    flow: str, text: str, record: Record, mult: str = "0", **columns: str
) -> Harmonised:
    data = dataset(flow, text, mult)
    return Harmonised(
        data, records_frame(data.observations.index, record, **columns), Origin(record.source)
    )


def pair(frame: pd.DataFrame, partner: str, **where: str) -> pd.Series:
    chosen = frame[frame["partner"] == partner]
    for name, value in where.items():
        chosen = chosen[chosen[name] == value]
    assert len(chosen) == 1, f"{len(chosen)} pairs of {partner}"
    return chosen.iloc[0]


NATIONAL = "THA TOTAL 2020 1117.0\nTHA MMR 2020 692.5\nTHA KHM 2020 228.4\nTHA CHN 2020 12.1\nTHA X 2020 184.0"


def test_difference_is_in_persons_whatever_the_unit_of_each_side() -> None:
    theirs = harmonised(STOCK, "THA MMR 2020 700000", EMPLOYED)
    found = pair(compare(dataset(STOCK, NATIONAL), theirs).pairs, "MMR")
    assert (found["ours"], found["theirs"], found["difference"]) == (692500, 700000, -7500)
    assert found["ratio"] == pytest.approx(692.5 / 700)
    assert found["log_ratio"] == pytest.approx(np.log(692.5 / 700))
    assert found["verdict"] == "comparable"


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("criterion", "birth", "criterion"),
        ("criterion", "mixed", "criterion"),
        ("criterion", "imputed", "criterion"),
        ("criterion", "unknown", "criterion-unknown"),
        ("scope", "all", "scope"),
        ("scope", "working-age", "scope"),
        ("scope", "", "scope-unknown"),
        ("ages", "15-64", "ages"),
    ],
)
def test_figures_that_count_others_are_shown_beside_each_other_and_never_subtracted(
    field: str, value: str, reason: str
) -> None:
    from dataclasses import replace

    theirs = harmonised(STOCK, "THA MMR 2020 700000", replace(EMPLOYED, **{field: value}))
    found = pair(compare(dataset(STOCK, NATIONAL), theirs).pairs, "MMR")
    assert found["verdict"] == "not-comparable"
    assert reason in found["reasons"].split()
    assert found[["difference", "ratio", "log_ratio"]].isna().all()
    assert (found["ours"], found["theirs"]) == (692500, 700000)


def test_stock_and_flow_are_not_comparable() -> None:
    theirs = harmonised("ILO:DF_POP_MFLC_SEX_CCT_NB(1.0)", "THA MMR 2020 700000", EMPLOYED)
    assert (
        "kind"
        in pair(compare(dataset(STOCK, NATIONAL), theirs).pairs, "MMR")["reasons"].split()
    )


def test_gap_of_days_is_shown_and_asks_for_caution() -> None:
    theirs = harmonised(STOCK, "THA MMR 2019 700000", EMPLOYED, reference_date="2019-10-01")
    found = pair(compare(dataset(STOCK, NATIONAL), theirs).pairs, "MMR")
    assert found["gap_days"] == -274  # 1 October 2019 to the middle of 2020, 1 July
    assert (found["verdict"], found["reasons"]) == ("caution", "date")
    assert found["difference"] == -7500


def test_year_against_its_first_of_july_has_no_gap_but_is_imprecise() -> None:
    theirs = harmonised(STOCK, "THA MMR 2020 700000", EMPLOYED, reference_date="2020-07-01")
    found = pair(compare(dataset(STOCK, NATIONAL), theirs).pairs, "MMR")
    assert (found["gap_days"], found["reasons"]) == (0, "date-imprecise")


def test_each_date_pairs_with_the_nearest_of_the_other_side_only() -> None:
    ours = dataset(STOCK, "\n".join(f"THA MMR {year} 500" for year in range(2012, 2024)))
    theirs = harmonised(
        STOCK, "THA MMR 2015 500000\nTHA MMR 2020 600000\nTHA MMR 1990 100000", EMPLOYED
    )
    found = compare(ours, theirs).pairs
    assert found[["ours_period", "theirs_period"]].astype("str").values.tolist() == [
        ["2015", "2015"],
        ["2020", "2020"],
    ]


def test_dates_further_apart_than_asked_are_not_paired() -> None:
    theirs = harmonised(STOCK, "THA MMR 2018 700000", EMPLOYED)
    assert len(compare(dataset(STOCK, NATIONAL), theirs)) == 1
    comparison = compare(dataset(STOCK, NATIONAL), theirs, max_gap_days=365)
    assert len(comparison) == 0
    assert comparison.report.counts["comparison-nothing-common"] == 2


def test_partners_that_one_side_lacks_go_into_others_with_their_residual_share() -> None:
    theirs = harmonised(
        STOCK,
        "THA TOTAL 2020 1200000\nTHA MMR 2020 700000\nTHA VNM 2020 50000\nTHA KHM 2020 250000",
        EMPLOYED,
    )
    found = compare(dataset(STOCK, NATIONAL), theirs).pairs
    assert set(found["partner"]) == {"TOTAL", "MMR", "KHM", "X"}
    others = pair(found, "X")
    assert others["ours"] == pytest.approx(
        1117000 - 692500 - 228400
    )  # China and the printed others
    assert others["theirs"] == pytest.approx(
        1200000 - 700000 - 250000
    )  # Viet Nam and what is in no country
    assert others["ours_residual"] == pytest.approx(196100 / 1117000)
    assert others["theirs_residual"] == pytest.approx(250000 / 1200000)
    assert "residual" in others["reasons"].split()
    assert pair(found, "MMR")["ours_share"] == pytest.approx(692.5 / 1117)
    assert "residual" in pair(found, "MMR")["reasons"].split()


def test_no_others_where_a_total_is_not_known() -> None:
    theirs = harmonised(STOCK, "THA MMR 2020 700000\nTHA KHM 2020 250000", EMPLOYED)
    found = compare(dataset(STOCK, NATIONAL), theirs).pairs
    assert set(found["partner"]) == {"MMR", "KHM"}
    assert found["theirs_residual"].isna().all()
    assert found["theirs_share"].isna().all()


def test_total_is_the_sum_of_parts_where_others_are_reported_beside_them() -> None:
    theirs = harmonised(
        STOCK, "THA MMR 2020 700000\nTHA KHM 2020 250000\nTHA X 2020 150000", EMPLOYED
    )
    total = pair(compare(dataset(STOCK, NATIONAL), theirs).pairs, "TOTAL")
    assert (total["ours"], total["theirs"]) == (1117000, 1100000)
    assert "derived" in total["reasons"].split()


def test_sum_of_parts_is_not_made_where_a_part_is_missing() -> None:
    theirs = harmonised(
        STOCK, "THA MMR 2020 700000\nTHA KHM 2020 NA\nTHA X 2020 150000", EMPLOYED
    )
    found = compare(dataset(STOCK, NATIONAL), theirs).pairs
    assert "TOTAL" not in set(found["partner"])


def test_both_sexes_are_added_up_only_where_both_are_there() -> None:
    text = "THA MMR 2020 400000 M\nTHA MMR 2020 300000 F\nTHA KHM 2020 120000 M"
    found = compare(dataset(STOCK, NATIONAL), harmonised(STOCK, text, EMPLOYED)).pairs
    assert list(found["partner"]) == ["MMR"]
    assert found["theirs"].tolist() == [700000]
    assert "derived" in found["reasons"].iloc[0]


def test_figures_equal_within_their_rounding_agree() -> None:
    theirs = harmonised(STOCK, "THA MMR 2020 692540\nTHA KHM 2020 229000", EMPLOYED)
    found = compare(dataset(STOCK, NATIONAL), theirs).pairs
    assert pair(found, "MMR")["agree"]
    assert not pair(found, "KHM")["agree"]


def test_rounding_that_is_coarse_for_the_figure_asks_for_caution() -> None:
    theirs = harmonised(STOCK, "THA LAO 2020 1400", EMPLOYED)
    found = pair(
        compare(dataset(STOCK, "THA LAO 2020 1.3\nTHA MMR 2020 600.2"), theirs).pairs, "LAO"
    )
    assert found["reasons"] == "rounding"


def test_status_of_either_side_asks_for_caution() -> None:
    theirs = harmonised(STOCK, "THA MMR 2020 700000 T B", EMPLOYED)
    found = pair(compare(dataset(STOCK, NATIONAL), theirs).pairs, "MMR")
    assert (found["theirs_status"], found["reasons"]) == ("B", "status")


def test_origin_that_reports_lines_up_with_hosts_of_the_comparator() -> None:
    ours = dataset(ABROAD, "PHL TOTAL 2020 5000\nPHL SAU 2020 800\nPHL USA 2020 2000")
    theirs = harmonised(
        RESIDENT, "SAU PHL 2020 900000\nUSA PHL 2020 2100000\nX01 PHL 2020 6000000", UNDESA
    )
    found = compare(ours, theirs).pairs
    assert pair(found, "SAU")[["host", "origin", "area"]].tolist() == ["SAU", "PHL", "PHL"]
    assert pair(found, "TOTAL")["theirs"] == 6000000
    assert pair(found, "X")["theirs"] == 3000000


def test_mirror_sets_what_the_origin_says_beside_what_the_host_says() -> None:
    ours = dataset(ABROAD, "MMR THA 2020 1400\nMMR SGP 2020 200\nMMR JPN 2020 30")
    theirs = harmonised(
        RESIDENT, "THA MMR 2019 1800000\nSGP MMR 2020 NA\nTHA KHM 2020 900000", UNDESA
    )
    mirror = compare(ours, theirs).mirror
    both = mirror[mirror["ratio"].notna()]
    assert both[["origin", "host", "origin_says", "host_says"]].values.tolist() == [
        ["MMR", "THA", 1.4e6, 1.8e6]
    ]
    assert both["ratio"].iloc[0] == pytest.approx(1.4 / 1.8)
    assert both["gap_days"].iloc[0] == -366
    assert both["verdict"].iloc[0] == "not-comparable", "workers abroad, or all nationals?"
    assert both["reasons"].iloc[0] == "scope-unknown date refugees"
    alone = mirror[mirror["ratio"].isna()]
    assert set(zip(alone["origin"], alone["host"], strict=True)) == {
        ("MMR", "SGP"),
        ("MMR", "JPN"),
        ("KHM", "THA"),
    }


def test_ranks_of_a_mirror_are_by_size_on_each_side() -> None:
    ours = dataset(ABROAD, "MMR THA 2020 1400\nMMR SGP 2020 200\nMMR MYS 2020 300")
    theirs = harmonised(
        RESIDENT, "THA MMR 2020 1800000\nSGP MMR 2020 500000\nMYS MMR 2020 400000", UNDESA
    )
    mirror = compare(ours, theirs).mirror.set_index("host")
    assert mirror["origin_rank"].to_dict() == {"MYS": 2, "SGP": 3, "THA": 1}
    assert mirror["host_rank"].to_dict() == {"MYS": 3, "SGP": 2, "THA": 1}


def test_editions_are_series_of_their_own_and_their_revisions_are_listed() -> None:
    from dataclasses import replace

    older = harmonised(
        RESIDENT, "THA MMR 2015 100000\nTHA MMR 2020 200000", replace(UNDESA, edition="2020")
    )
    newer = harmonised(
        RESIDENT, "THA MMR 2015 110000\nTHA MMR 2020 190000\nTHA MMR 2024 230000", UNDESA
    )
    comparison = compare(older, newer)
    revisions = comparison.revisions
    assert revisions[["period", "older", "newer", "change"]].values.tolist() == [
        ["2015", 100000, 110000, 10000],
        ["2020", 200000, 190000, -10000],
    ]
    series = comparison.series
    assert series.groupby("side", observed=True)["period"].apply(list).to_dict() == {
        "UN DESA IMS 2020": ["2015", "2020"],
        "UN DESA IMS 2024": ["2015", "2020", "2024"],
    }


def test_breaks_of_a_series_are_flagged_changed_or_jumps() -> None:
    text = (
        "THA TOTAL 2018 1000\nTHA TOTAL 2019 1100\nTHA TOTAL 2020 2350\nTHA TOTAL 2021 2400 T B"
    )
    ours = dataset(STOCK, text)
    assert compare(ours, ours).series["break"].tolist()[:4] == ["", "", "jump", "flagged"]


def test_coverage_counts_figures_and_partners_of_each_side() -> None:
    theirs = harmonised(
        STOCK, "THA TOTAL 2020 1200000\nTHA MMR 2020 NA\nTHA KHM 2020 5", EMPLOYED
    )
    coverage = compare(dataset(STOCK, NATIONAL), theirs).coverage.set_index("side")
    assert coverage.loc["ILOSTAT 2026-02", ["figures", "missing", "partners"]].tolist() == [
        2,
        1,
        2,
    ]
    assert coverage.loc["national THA", ["figures", "partners"]].tolist() == [5, 3]


def test_world_bank_is_no_corroboration_of_un_desa() -> None:
    from dataclasses import replace

    bank = replace(UNDESA, source="World Bank WDI", edition="2026-07-13", same_as="UN DESA IMS")
    text = "THA TOTAL 2020 3000000"
    comparison = compare(
        dataset(RESIDENT, NATIONAL),
        harmonised(RESIDENT, text, UNDESA),
        harmonised(RESIDENT, text, bank),
    )
    assert comparison.report.counts["comparison-same-source"] == 1
    both = compare(harmonised(RESIDENT, text, UNDESA), harmonised(RESIDENT, text, bank)).pairs
    assert "same-source" in both["reasons"].iloc[0].split()


def test_parts_that_exceed_their_total_are_a_finding() -> None:
    theirs = harmonised(STOCK, "THA TOTAL 2020 600000\nTHA MMR 2020 700000", EMPLOYED)
    report = compare(dataset(STOCK, NATIONAL), theirs).report
    assert (
        report.of_rule("comparison-parts-exceed-total").findings[0].place.key["area"] == "THA"
    )


@pytest.mark.parametrize(("part", "told"), [("600001", 0), ("600002", 1)])
def test_parts_may_exceed_their_total_by_half_a_step_for_each_figure(
    part: str, told: int
) -> None:
    theirs = harmonised(STOCK, f"THA TOTAL 2020 600000\nTHA MMR 2020 {part}", EMPLOYED)
    report = compare(dataset(STOCK, NATIONAL), theirs).report
    assert len(report.of_rule("comparison-parts-exceed-total")) == told


def without(data: Dataset, name: str) -> Dataset:
    """Data set that lacks a component."""
    dimensions = tuple(id for id in data.components.dimensions if id != name)
    attributes = {id: on for id, on in data.components.attributes.items() if id != name}
    components = Components(dimensions, attributes=attributes)
    return Dataset(data.observations.drop(columns=name), components, STOCK)


def test_unit_that_nobody_states_is_a_finding() -> None:
    data = dataset(STOCK, NATIONAL)
    data = without(data, "UNIT_MULT")
    theirs = harmonised(STOCK, "THA MMR 2020 700000", EMPLOYED)
    assert compare(data, theirs).report.counts["comparison-unit-unknown"] == 1


def test_totals_of_several_classification_versions_count_once() -> None:
    flow = "ILO:DF_EMP_TEMP_SEX_ECO_CCT_NB(1.0)"
    frame = pd.DataFrame(
        {
            "REF_AREA": "THA",
            "SEX": "SEX_T",
            "ECO": ["ECO_SECTOR_TOTAL", "ECO_AGGREGATE_TOTAL", "ECO_AGGREGATE_MAN"],
            "CCT": "CCT_CIT_NONCIT",
            "TIME_PERIOD": "2020",
            "OBS_VALUE": ["1117.0", "1117.0", "400.0"],
            "UNIT_MULT": "3",
        }
    )
    components = Components(
        ("REF_AREA", "SEX", "ECO", "CCT", "TIME_PERIOD"), attributes={"UNIT_MULT": ()}
    )
    theirs = harmonised(STOCK, "THA TOTAL 2020 1200000", EMPLOYED)
    found = compare(Dataset(frame, components, flow), theirs).pairs
    assert found["ours"].tolist() == [1117000]


def test_place_of_a_figure_is_its_cell_or_its_address() -> None:
    data = dataset(STOCK, NATIONAL)
    cells = pd.DataFrame({"file": "a.xlsx", "sheet": "T", "cell": [f"B{n}" for n in range(5)]})
    data = Dataset(data.observations, data.components, STOCK, provenance=cells)
    comparison = compare(data, harmonised(RESIDENT, "THA MMR 2020 1800000", UNDESA))
    assert comparison.place(0)["cell"] == "B1"
    assert comparison.place(0, "theirs")["address"] == "https://www.un.org/a.xlsx"


def test_something_else_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"expected a Dataset.*found int"):
        compare(dataset(STOCK, NATIONAL), 3)  # type: ignore[arg-type]


def test_order_of_observations_changes_nothing() -> None:
    theirs = harmonised(
        STOCK, "THA TOTAL 2020 1200000\nTHA MMR 2020 700000\nTHA KHM 2020 250000", EMPLOYED
    )
    data = dataset(STOCK, NATIONAL)
    turned = Dataset(data.observations.iloc[::-1], data.components, STOCK)
    columns = ["partner", "ours", "theirs", "difference", "ours_residual", "verdict", "reasons"]
    first, second = (
        compare(d, theirs)
        .pairs[columns]
        .astype({"partner": "str", "verdict": "str", "reasons": "str"})
        for d in (data, turned)
    )
    pd.testing.assert_frame_equal(
        first.sort_values("partner", ignore_index=True),
        second.sort_values("partner", ignore_index=True),
    )


@settings(max_examples=20)
@given(
    st.dictionaries(
        st.sampled_from(["MMR", "KHM", "LAO", "CHN", "VNM", "X"]),
        st.integers(0, 10**6),
        min_size=1,
    ),
    st.dictionaries(
        st.sampled_from(["MMR", "KHM", "LAO", "IND", "X"]), st.integers(0, 10**6), min_size=1
    ),
)
def test_common_partners_and_others_add_up_to_each_total(
    ours: dict[str, int], theirs: dict[str, int]
) -> None:
    def text(parts: dict[str, int]) -> str:
        total = f"THA TOTAL 2020 {sum(parts.values())}\n"
        return total + "\n".join(f"THA {code} 2020 {n}" for code, n in parts.items())

    pairs = compare(
        harmonised(STOCK, text(ours), EMPLOYED), harmonised(STOCK, text(theirs), EMPLOYED)
    ).pairs
    parts = pairs[pairs["partner_kind"] != "total"]
    if parts.empty:
        assert not set(ours) - {"X"} & set(theirs)
        return
    assert parts["ours"].sum() == pytest.approx(sum(ours.values()))
    assert parts["theirs"].sum() == pytest.approx(sum(theirs.values()))


@pytest.mark.parametrize("text", ["", "2566-13", "2020-02-30", "2020Q3", "soon"])
def test_what_is_no_period_has_no_middle(text: str) -> None:
    assert middle_day(text) is None


def test_codes_of_partners_become_areas() -> None:
    assert [area(c) for c in ("CBR_BRT_MMR", "CDS_DES_USACAN", "CCT_CIT_TOTAL", "THA")] == [
        "MMR",
        "USACAN",
        "CCT_CIT_TOTAL",
        "THA",
    ]
    assert kinds(["MMR", "CIS", "USACAN", "X", "TOTAL", "X92"]) == [
        "country",
        "group",
        "group",
        "others",
        "total",
        "group",
    ]


def by_age(values: dict[str, str]) -> Harmonised:
    """Residents of Thailand by age band, as UN DESA's edition of 2020 gives them."""
    frame = pd.DataFrame(
        {
            "REF_AREA": "THA",
            "SEX": "SEX_T",
            "AGE": [f"AGE_5YRBANDS_{band}" for band in values],
            "CCT": "CCT_CIT_NONCIT",
            "TIME_PERIOD": "2020",
            "OBS_VALUE": list(values.values()),
            "UNIT_MULT": "0",
        }
    )
    components = Components(
        ("REF_AREA", "SEX", "AGE", "CCT", "TIME_PERIOD"), attributes={"UNIT_MULT": ()}
    )
    data = Dataset(frame, components, "ILO:DF_POP_XWAP_SEX_AGE_CCT_NB(1.0)")
    return Harmonised(
        data, records_frame(frame.index, UNDESA, ages=frame["AGE"]), Origin("UN DESA IMS")
    )


BANDS = {"TOTAL": "1000", "Y00-04": "60", "Y05-09": "40", "Y10-14": "30"}
BANDS |= {f"Y{a}-{a + 4}": "80" for a in range(15, 65, 5)} | {"YGE65": "70"}


def test_bands_of_age_add_up_to_the_working_age_that_ours_counts() -> None:
    pairs = compare(dataset(RESIDENT, "THA TOTAL 2020 0.9"), by_age(BANDS)).pairs
    aged = pairs[pairs["theirs_name"] == "UN DESA IMS 2024, 15+"]
    assert aged["theirs"].tolist() == [10 * 80 + 70]
    assert aged["difference"].tolist() == [900 - 870]
    assert "derived" in aged["reasons"].iloc[0].split()
    every = pairs[pairs["theirs_name"] == "UN DESA IMS 2024"]
    assert every["verdict"].tolist() == ["not-comparable"]


def test_everybody_less_the_young_is_the_working_age_where_bands_above_are_not_coded() -> None:
    """UN DESA's bands above 65 have no code of ours: 15 and over is then the total less the bands below."""
    young = {
        k: v for k, v in BANDS.items() if k in ("TOTAL", "Y00-04", "Y05-09", "Y10-14", "Y15-19")
    }
    theirs = by_age(young)
    total = (
        theirs.records["ages"]
        .astype("str")
        .replace("AGE_5YRBANDS_TOTAL", "all")
        .astype("category")
    )
    theirs = Harmonised(theirs.dataset, theirs.records.assign(ages=total), theirs.origin)
    ours = dataset(RESIDENT, "THA TOTAL 2020 0.9")
    pairs = compare(ours, theirs).pairs
    assert pairs.loc[pairs["theirs_name"] == "UN DESA IMS 2024, 15+", "theirs"].tolist() == [
        1000 - 130
    ]
    unsaid = compare(ours, by_age(young)).pairs
    assert "UN DESA IMS 2024, 15+" not in set(unsaid["theirs_name"]), (
        "a total that does not say it is everybody"
    )


@pytest.mark.parametrize("band", ["Y15-19", "Y40-44", "YGE65"])
def test_no_sum_of_ages_where_a_band_is_missing(band: str) -> None:
    for bands in ({k: v for k, v in BANDS.items() if k != band}, BANDS | {band: ""}):
        pairs = compare(dataset(RESIDENT, "THA TOTAL 2020 0.9"), by_age(bands)).pairs
        assert "UN DESA IMS 2024, 15+" not in set(pairs["theirs_name"])


def test_ages_are_the_same_however_they_are_written() -> None:
    theirs = harmonised(STOCK, "THA MMR 2020 700000", EMPLOYED, ages="AGE_YTHADULT_YGE15")
    assert (
        pair(compare(dataset(STOCK, NATIONAL), theirs).pairs, "MMR")["verdict"] == "comparable"
    )


def test_data_set_without_areas_or_periods_is_a_structure_error() -> None:
    data = dataset(STOCK, NATIONAL)
    other = without(data, "REF_AREA")
    with pytest.raises(StructureError, match="REF_AREA"):
        compare(other, data)


def test_nothing_on_a_side_is_an_empty_comparison() -> None:
    data = dataset(STOCK, NATIONAL)
    for comparison in (compare(data), compare([], data), compare([])):
        assert len(comparison) == 0
        assert comparison.summary.empty
        assert comparison.mirror.empty or comparison.mirror["ratio"].isna().all()
        assert len(comparison.series) == len(comparison.observations)


UNITED = Record("UN DESA IMS", "2024", "birth", "all", "all", unit="persons")


def hosts(text: str, record: Record = UNITED, **columns: str) -> Harmonised:
    """What hosts say of people from Thailand."""
    return harmonised("ILO:DF_POP_MFRB_SEX_CBR_NB(1.0)", text, record, **columns)


def test_group_that_one_side_names_is_the_sum_of_all_its_members_on_the_other() -> None:
    ours = dataset(ABROAD, "THA USACAN 2024 240.5\nTHA JPN 2024 60")
    theirs = hosts("USA THA 2024 307741\nCAN THA 2024 20000\nJPN THA 2024 61000")
    pairs = compare(ours, theirs).pairs.set_index("partner")
    assert (pairs.loc["USACAN", "ours"], pairs.loc["USACAN", "theirs"]) == (240500, 327741)
    assert pairs.loc["USACAN", "partner_kind"] == "group"
    assert "derived" in str(pairs.loc["USACAN", "reasons"]).split()
    assert set(pairs.index) == {"USACAN", "JPN"}


def test_group_lacking_a_member_or_counting_them_differently_is_not_added() -> None:
    ours = dataset(ABROAD, "THA USACAN 2024 240.5")
    assert compare(ours, hosts("USA THA 2024 307741\nJPN THA 2024 61000")).pairs.empty
    both = hosts("USA THA 2024 307741\nCAN THA 2024 20000")
    records = both.records.assign(criterion=["birth", "citizenship"])
    assert compare(ours, Harmonised(both.dataset, records, both.origin)).pairs.empty


def test_nationals_abroad_of_two_publishers_need_a_common_definition() -> None:
    """A survey of workers abroad and an estimate of all nationals abroad are both stocks of nationals."""
    survey = dataset(ABROAD, "PHL TOTAL 2007 1747", SOURCE="Survey")
    estimate = Record(
        "ILOSTAT", "2026-02", "citizenship", "all", "", unit="thousands of persons"
    )
    other = harmonised(ABROAD, "PHL TOTAL 2007 7487.71", estimate, mult="3")
    (row,) = compare(survey, other).pairs.to_dict("records")
    assert (row["verdict"], row["reasons"]) == ("not-comparable", "scope-unknown definition")
    office = replace(estimate, source="Survey")
    survey = harmonised(ABROAD, "PHL TOTAL 2007 1747", office, mult="3")
    (row,) = compare(survey, other).pairs.to_dict("records")
    assert (row["verdict"], row["reasons"]) == ("caution", "definition")
    noted = harmonised(
        ABROAD, "PHL TOTAL 2007 7487.71", estimate, mult="3", notes="All nationals"
    )
    said = harmonised(ABROAD, "PHL TOTAL 2007 1747", office, mult="3", notes="All nationals")
    (row,) = compare(said, noted).pairs.to_dict("records")
    assert row["reasons"] == "notes"


def test_findings_of_the_other_side_are_told_where_they_bear_on_a_pair() -> None:
    """A table of the comparator without its unit: it is said where a figure of it is compared."""
    ours = dataset("ILO:DF_POP_MFRC_SEX_CCT_NB(1.0)", "THA MMR 2020 900")
    flow = "ILO:DF_POP_MFRC_SEX_CCT_NB(1.0)"
    for area_of_theirs, is_told in (("THA", True), ("DEU", False)):
        theirs = dataset(flow, f"{area_of_theirs} MMR 2020 910", mult="")
        found = compare(ours, theirs).report.of_rule("comparison-unit-unknown")
        assert bool(found) == is_told


def test_a_comparator_of_several_tables_is_told_where_none_of_them_meets() -> None:
    ours = dataset("ILO:DF_POP_MFRC_SEX_CCT_NB(1.0)", "THA MMR 2020 900")
    meets = dataset("ILO:DF_POP_MFRC_SEX_CCT_NB(1.0)", "THA MMR 2020 910")
    apart = dataset("ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)", "DEU MMR 2020 910")
    rule = "comparison-nothing-common"
    assert not compare(ours, [meets, apart]).report.of_rule(rule)
    assert len(compare(ours, meets, apart).report.of_rule(rule)) == 1
    assert len(compare(ours, [apart, apart]).report.of_rule(rule)) == 3


def test_one_source_served_twice_is_told_where_both_are_compared() -> None:
    flow = "ILO:DF_POP_MFRC_SEX_CCT_NB(1.0)"
    ours = dataset(flow, "THA MMR 2020 900")
    first = harmonised(flow, "THA MMR 2020 910", EMPLOYED)
    again = replace(EMPLOYED, source="Mirror", same_as="ILOSTAT")
    rule = "comparison-same-source"
    for host, is_told in (("THA", True), ("DEU", False)):
        second = harmonised(flow, f"{host} MMR 2020 910", again)
        assert bool(compare(ours, first, second).report.of_rule(rule)) == is_told

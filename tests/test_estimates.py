"""Estimates of migrants in the labour force: arithmetic, bounds, sums, what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ilms_sdmx
from benchmarks.estimates import YEAR, table, world
from ilms_sdmx import (
    EstimateError,
    TableError,
    estimate_migrant_labour_force,
    headline_figures,
    headline_series,
    leave_one_out,
    migrants_in_labour_force,
    migrants_of_working_age,
    national_tables,
    odds_ratio,
    read_modelled_table,
)
from ilms_sdmx.analysis.estimates.estimating import DATAFLOW
from ilms_sdmx.analysis.estimates.imputation import MODELS
from ilms_sdmx.cli import run
from ilms_sdmx.database import Database


@pytest.mark.parametrize(
    ("migrants", "others", "labour", "ratio", "expected"),
    [
        (1000, 9000, 6000, 1, "600.0000"),
        (1000, 9000, 6000, 2, "737.9127"),
        (1000, 9000, 6000, 0.5, "446.2220"),
        (8000, 2000, 7000, 2, "5847.9327"),
    ],
)
def test_the_closed_form_gives_the_worked_values(
    migrants: float, others: float, labour: float, ratio: float, expected: str
) -> None:
    found = float(migrants_in_labour_force(migrants, others, labour, ratio))
    assert f"{found:.4f}" == expected


def test_a_survey_fitted_to_its_own_margins_gives_its_own_figure() -> None:
    migrants, others, labour, active = 595_137.5, 6_162_126.9, 3_809_240.787, 394_748.63
    ratio = odds_ratio(migrants, active, others, labour - active)
    assert f"{float(ratio):.6f}" == "1.585185"
    found = float(migrants_in_labour_force(migrants, others, labour, ratio))
    assert f"{found:.2f}" == "394748.63"


PEOPLE = st.floats(0, 1e9, allow_nan=False)
LOGS = st.floats(-30, 30)


@given(PEOPLE, PEOPLE, st.floats(0, 1), LOGS)
def test_bounds_hold_and_the_ratio_is_kept(
    migrants: float, others: float, participation: float, log_ratio: float
) -> None:
    labour = (migrants + others) * participation
    found = float(migrants_in_labour_force(migrants, others, labour, math.exp(log_ratio)))
    assert max(0.0, labour - others) <= found <= min(migrants, labour)
    cells = (found, migrants - found, labour - found, others - labour + found)
    # Where no cell is a small difference of large numbers, the ratio can be read back.
    if min(cells) > 1e-3 * max(cells) > 0:
        again = float(odds_ratio(migrants, found, others, labour - found))
        assert math.log(again) == pytest.approx(log_ratio, abs=1e-6)


@given(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(0.01, 0.99), st.floats(-8, 8))
def test_migrants_and_others_change_places(
    migrants: float, others: float, participation: float, log_ratio: float
) -> None:
    labour = (migrants + others) * participation
    ratio = math.exp(log_ratio)
    first = float(migrants_in_labour_force(migrants, others, labour, ratio))
    second = float(migrants_in_labour_force(others, migrants, labour, 1 / ratio))
    assert first + second == pytest.approx(labour, rel=1e-9)


@pytest.mark.parametrize("margins", [(100, 900, 1001), (-1, 900, 500), (float("nan"), 1, 1)])
def test_margins_that_cannot_be_are_refused(margins: tuple[float, float, float]) -> None:
    with pytest.raises(EstimateError, match="expected"):
        migrants_in_labour_force(*margins, 1.0)


@pytest.mark.parametrize("ratio", [0, -2, float("nan"), float("inf")])
def test_a_ratio_must_be_positive(ratio: float) -> None:
    with pytest.raises(EstimateError, match="odds ratios above 0"):
        migrants_in_labour_force(1, 1, 1, ratio)


def test_a_table_with_an_empty_cell_has_no_ratio() -> None:
    assert math.isnan(float(odds_ratio(100, 100, 1000, 600)))


def national(area: str, sex: str = "SEX_T", **fields: object) -> dict[str, object]:
    row = {
        "ref_area": area,
        "sex": sex,
        "year": 2018,
        "ages": "15+",
        "migrants": 100,
        "migrants_active": 75,
        "non_migrants": 1000,
        "non_migrants_active": 600,
        "criterion": "birth",
        "source": "LFS",
    }
    return row | fields


def benchmark(area: str, sex: str = "SEX_T", **fields: object) -> dict[str, object]:
    row = {
        "ref_area": area,
        "sex": sex,
        "migrants": 1000,
        "non_migrants": 9000,
        "labour_force": 6000,
        "source": "UN",
    }
    return row | fields


def estimated(
    tables: list[dict[str, object]], margins: list[dict[str, object]], **options: object
) -> pd.DataFrame:
    given = {"year": 2018, "edition": "test"} | options
    frame = pd.DataFrame(tables or [national("XXX")])
    estimates = estimate_migrant_labour_force(frame, pd.DataFrame(margins), **given)  # type: ignore[arg-type]
    return estimates.frame.set_index(["ref_area", "sex"])


def test_a_ratio_between_two_years_is_on_the_line_of_logs() -> None:
    tables = [
        national("THA", year=2010, migrants_active=60),
        national("THA", year=2020, migrants_active=90),
    ]
    frame = estimated(tables, [benchmark("THA")], year=2015)
    # Odds 60/40 and 90/10 over 600/400: ratios 1 and 6, in the middle the root of 6.
    assert frame.loc[("THA", "SEX_T"), "odds_ratio"] == pytest.approx(math.sqrt(6))
    assert "on the line between the tables of 2010 and 2020" in frame["note"].iloc[0]


@pytest.mark.parametrize(("year", "ratio"), [(2005, 1.0), (2030, 6.0)])
def test_beyond_the_tables_the_nearest_one_holds(year: int, ratio: float) -> None:
    tables = [
        national("THA", year=2010, migrants_active=60),
        national("THA", year=2020, migrants_active=90),
    ]
    frame = estimated(tables, [benchmark("THA")], year=year)
    assert frame["odds_ratio"].iloc[0] == pytest.approx(ratio)
    assert f"held for {year}" in frame["note"].iloc[0]


def test_bands_of_ages_are_added_up_from_15_on() -> None:
    tables = [
        national("THA", ages="0-14", migrants=999, migrants_active=1),
        national("THA", ages="15-24", migrants=40, migrants_active=30),
        national("THA", ages="25+", migrants=60, migrants_active=45, non_migrants_active=600),
    ]
    row = estimated(tables, [benchmark("THA")]).iloc[0]
    assert row["odds_ratio"] == pytest.approx((75 / 25) / (1200 / 800))


def test_place_of_birth_is_taken_before_citizenship_and_ages_short_of_all_are_told() -> None:
    tables = [
        national("THA", criterion="citizenship", migrants_active=10),
        national("THA", ages="15-64"),
    ]
    row = estimated(tables, [benchmark("THA")]).iloc[0]
    assert row["odds_ratio"] == pytest.approx(2)
    assert "its ages are 15-64" in row["note"]


def test_every_figure_says_whether_its_ratio_is_national_and_where_it_is_from() -> None:
    margins = [benchmark("THA"), benchmark("LAO")]
    frame = estimated([national("THA")], margins, edition="UN DESA 2024")
    assert frame.loc[("THA", "SEX_T"), "status"] == "E"
    assert frame.loc[("LAO", "SEX_T"), "status"] == "M"
    assert frame.loc[("X01", "SEX_T"), "status"] == "M"
    assert frame.loc[("THA", "SEX_T"), "inputs"] == "UN, LFS"
    assert "imputed" not in frame.loc[("THA", "SEX_T"), "note"]
    assert "no national table" in frame.loc[("LAO", "SEX_T"), "note"]
    assert (frame["edition"] == "UN DESA 2024").all()
    assert (frame["note"] != "").all()


def test_groups_and_sexes_are_sums() -> None:
    margins = []
    for area in ("THA", "LAO", "DEU"):
        margins.append(benchmark(area, "SEX_F", labour_force=5000))
        margins.append(benchmark(area, "SEX_M", labour_force=7000))
    frame = estimated([national("THA", "SEX_F")], margins)
    value = frame["value"]
    for area in ("THA", "LAO", "DEU", "X01", "X40", "X60"):
        both = value[(area, "SEX_F")] + value[(area, "SEX_M")]
        assert value[(area, "SEX_T")] == pytest.approx(both, rel=1e-12)
    assert value[("X40", "SEX_T")] + value[("X60", "SEX_T")] == pytest.approx(
        value[("X01", "SEX_T")]
    )
    assert frame.loc[("X01", "SEX_T"), "states"] == 3
    inside = (frame["lower_bound"] <= value) & (value <= frame["upper_bound"])
    assert inside.all()


def test_the_baselines_are_what_they_say() -> None:
    tables = [national("THA"), national("VNM", migrants_active=60), national("DEU")]
    margins = [benchmark(area) for area in ("THA", "VNM", "DEU", "LAO")]
    one = estimated(tables, margins, model="ratio-one")
    assert one.loc[("LAO", "SEX_T"), "value"] == pytest.approx(600)
    mean = estimated(tables, margins, model="regional-mean")
    # Asia has the ratios 2 and 1: the mean of their logs is that of the root of 2.
    assert mean.loc[("LAO", "SEX_T"), "odds_ratio"] == pytest.approx(math.sqrt(2))


def test_a_table_that_cannot_be_used_is_named() -> None:
    tables = pd.DataFrame([national("THA", migrants_active=100), national("LAO", ages="16+")])
    margins = pd.DataFrame([benchmark("THA"), benchmark("LAO")])
    estimates = estimate_migrant_labour_force(tables, margins, year=2018, edition="test")
    assert [reason.split(":")[0] for reason in estimates.left_out] == [
        "LAO SEX_T 2018",
        "THA SEX_T 2018",
    ]
    assert set(estimates.frame["status"]) == {"M"}


@pytest.mark.parametrize(
    ("tables", "margins", "message"),
    [
        ([{"ref_area": "THA"}], [benchmark("THA")], "rename or add"),
        ([national("THA", migrants="?")], [benchmark("THA")], "expected a number as migrants"),
        ([national("THA")], [{"ref_area": "THA"}], "rename or add"),
        ([national("THA")], [benchmark("THA"), benchmark("THA")], "found two"),
        ([national("THA")], [benchmark("THA"), benchmark("THA", "SEX_F")], "found both"),
        ([national("THA")], [benchmark("THA", labour_force="")], "leave out the states"),
        ([national("THA", criterion="visa")], [benchmark("THA")], "expected a criterion"),
    ],
)
def test_inputs_that_are_not_what_they_must_be(
    tables: list[dict[str, object]], margins: list[dict[str, object]], message: str
) -> None:
    with pytest.raises(EstimateError, match=message):
        estimate_migrant_labour_force(
            pd.DataFrame(tables), pd.DataFrame(margins), year=2018, edition="test"
        )


def test_each_state_is_hidden_with_both_sexes() -> None:
    tables = [national(a, s) for a in ("THA", "VNM", "DEU") for s in ("SEX_F", "SEX_M")]
    margins = [benchmark(a, s) for a in ("THA", "VNM", "DEU") for s in ("SEX_F", "SEX_M")]
    errors = leave_one_out(pd.DataFrame(tables), pd.DataFrame(margins), year=2018)
    assert set(errors["model"]) == set(MODELS)
    errors = errors.set_index(["model", "region"])
    # All states have the ratio 2: their mean is exact, and ratio 1 misses by 600 to 738.
    assert errors.loc[("regional-mean", "X40"), "median_error"] == pytest.approx(0, abs=1e-12)
    missed = math.log(737.9127 / 600)
    assert errors.loc[("ratio-one", "X01"), "error_of_90"] == pytest.approx(missed, abs=1e-6)
    assert errors.loc[("ratio-one", "X40"), "states"] == 2


def test_estimates_never_enter_a_dataflow_of_observed_figures(tmp_path: Path) -> None:
    estimates = estimate_migrant_labour_force(
        pd.DataFrame([national("THA")]),
        pd.DataFrame([benchmark("THA")]),
        year=2018,
        edition="t",
    )
    database = Database(tmp_path)
    database.add(estimates.harmonised(), "estimates", at="2026-01-01", source="XA")
    assert list(database.manifest.schemas) == [DATAFLOW]
    assert not DATAFLOW.startswith("ILO:")
    frame = database.frame()
    assert set(frame["record_method"]) == {"modelled"}
    assert set(frame["OBS_STATUS"]) == {"E"}
    assert frame["record_notes"].str.contains("inputs: UN, LFS").all()


def test_denominators_are_those_of_the_third_edition() -> None:
    millions = {
        ("X01", "SEX_T"): 245.64,
        ("X01", "SEX_M"): 128.03,
        ("X01", "SEX_F"): 117.61,
        ("X05", "SEX_T"): 163.77,
        ("X04", "SEX_T"): 46.81,
        ("X03", "SEX_T"): 24.70,
        ("X02", "SEX_T"): 9.92,
    }
    for (group, sex), expected in millions.items():
        assert round(migrants_of_working_age(group, sex) / 1e6, 2) == expected
    share = 169 / (migrants_of_working_age() / 1e6)
    assert round(share, 2) == 0.69
    with pytest.raises(EstimateError, match="expected a group"):
        migrants_of_working_age("THA")


def test_headline_figures_name_edition_and_source_and_are_no_series() -> None:
    figures = headline_figures()
    assert set(figures["edition"]) == {"1", "2", "3", "4"}
    assert (figures[["value", "source", "address", "unit"]] != "").all(axis=None)
    totals = figures[
        (figures["item"] == "migrants in the labour force") & (figures["group"] == "all")
    ]
    assert totals["value"].tolist() == ["150.3", "164", "169", "167.7"]
    with pytest.raises(EstimateError, match="no series"):
        headline_series("migrants in the labour force")
    assert len(headline_series("migrants in employment")) == 1
    with pytest.raises(EstimateError, match="expected an edition"):
        headline_figures(5)


BULK = (
    "ref_area,indicator,sex,classif1,classif2,time,obs_value,obs_status\n"
    "THA,EAP_X,SEX_F,AGE_YTHADULT_YGE15,MIG_STATUS_MIGRANT,2022,801.25,M\n"
    "THA,EAP_X,SEX_F,AGE_YTHADULT_YGE15,MIG_STATUS_TOTAL,2022,17000.0,\n"
    "THA,EAP_X,SEX_F,AGE_YTHADULT_YGE15,MIG_STATUS_NONMIG,2022,,\n"
)
SDMX = (
    "DATAFLOW,REF_AREA: Reference area,SEX: Sex,MIG: Migrant status,TIME_PERIOD: Time,"
    "OBS_VALUE,OBS_STATUS\n"
    "X,X40: Asia and the Pacific,SEX_T: Total,MIG_STATUS_MIGRANT: Migrants,2022,24000,M\n"
)


def test_tables_of_the_ilo_are_read_from_a_file(tmp_path: Path) -> None:
    table = read_modelled_table(BULK.encode(), edition="November 2026")
    assert table.frame["value"].tolist() == ["801.25", "17000.0"]
    assert table.frame["obs_status"].tolist() == ["M", ""]
    other = read_modelled_table(SDMX.encode(), edition="November 2026")
    assert other.frame.loc[0, ["ref_area", "status", "year"]].tolist() == [
        "X40",
        "MIG_STATUS_MIGRANT",
        "2022",
    ]
    harmonised = table.harmonised()
    assert set(harmonised.records["method"]) == {"modelled"}
    assert set(harmonised.records["edition"]) == {"November 2026"}
    with pytest.raises(EstimateError, match="ILO asks"):
        table.ranked()
    database = Database(tmp_path)
    assert database.add(harmonised, "modelled", at="2026-01-01").added == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "headings of ILOSTAT in row 1"),
        (BULK.replace("MIG_STATUS_MIGRANT", "MIG_OTHER"), "row 2 .*MIG_OTHER"),
        (BULK.replace("801.25", "many"), "expected a number"),
        (BULK.replace("THA", "ZZZ"), "expected an area"),
        (BULK + BULK.splitlines()[1] + "\n", "found two"),
    ],
)
def test_a_file_of_another_shape_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(TableError, match=message):
        read_modelled_table(text.encode(), edition="x", name="table.csv")


def figures(dataflow: str, measure: str, persons: dict[str, int]) -> ilms_sdmx.Dataset:
    rows = []
    for code, count in persons.items():
        rows.append(
            {
                "REF_AREA": "THA",
                "FREQ": "A",
                "MEASURE": measure,
                "SEX": "SEX_T",
                "AGE": "AGE_YTHADULT_YGE15",
                "CBR": f"CBR_BIR_{code}",
                "TIME_PERIOD": "2018",
                "OBS_VALUE": str(count),
                "UNIT_MULT": "3",
            }
        )
    dimensions = ("REF_AREA", "FREQ", "MEASURE", "SEX", "AGE", "CBR", "TIME_PERIOD")
    components = ilms_sdmx.Components(dimensions, attributes={"UNIT_MULT": ("MEASURE",)})
    return ilms_sdmx.Dataset(pd.DataFrame(rows, dtype="string"), components, dataflow)


def test_national_tables_come_from_a_database(tmp_path: Path) -> None:
    database = Database(tmp_path / "db")
    people = figures(
        "ILO:DF_POP_XWAP_SEX_AGE_CBR_NB(1.0)", "POP_XWAP_NB", {"FOREIGN": 100, "NATIVE": 1000}
    )
    active = figures(
        "ILO:DF_EAP_TEAP_SEX_AGE_CBR_NB(1.0)", "EAP_TEAP_NB", {"FOREIGN": 75, "NATIVE": 600}
    )
    database.add([people, active], "survey", at="2020-01-01", source="BA:741")
    tables = national_tables(database)
    assert tables["criterion"].tolist() == ["birth"]
    assert tables["migrants_active"].tolist() == [75_000.0]
    margins = tmp_path / "margins.csv"
    pd.DataFrame([benchmark("THA"), benchmark("LAO")]).to_csv(margins, index=False)
    out = tmp_path / "estimates.csv"
    arguments = ["estimate", "labour-force", "--benchmark", str(margins), "--year", "2018"]
    arguments += ["--edition", "test", "--db", str(tmp_path / "db"), "--keep", "estimates"]
    assert run([*arguments, "-o", str(out)]) == 0
    written = pd.read_csv(out)
    assert round(written["value"].iloc[0], 4) == 737.9127
    assert "estimates" in Database(tmp_path / "db").manifest.names


def test_the_command_refuses_a_series_and_a_ranking(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["estimate", "headlines", "--item", "migrants in the labour force"]) == 3
    assert "no series" in capsys.readouterr().err
    assert run(["estimate", "headlines", "--edition", "4"]) == 0
    assert "167.7" in capsys.readouterr().out
    file = tmp_path / "table.csv"
    file.write_text(BULK)
    assert run(["estimate", "read", str(file), "--edition", "2026", "--rank"]) == 3
    assert "ILO asks" in capsys.readouterr().err
    assert run(["estimate", "read", str(file), "--edition", "2026"]) == 0
    assert "801.25" in capsys.readouterr().out


def test_the_errors_on_the_page_are_those_of_the_benchmark() -> None:
    page = Path(__file__).parents[1] / "docs" / "explanation" / "estimates.md"
    if not page.exists():
        pytest.skip("no checkout beside these tests")
    errors = leave_one_out(*world(), year=YEAR)
    assert table(errors) in page.read_text(encoding="utf-8")

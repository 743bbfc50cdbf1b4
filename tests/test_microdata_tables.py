"""Tables of records: figures are those of a second way to count; order changes nothing."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilms_sdmx.cli import run
from ilms_sdmx.microdata import Tabulation, tabulate
from ilms_sdmx.microdata.estimation import Design, mean, quantile, ratio, total
from tests.microdata import MAPPING, expected, survey, write

pytest.importorskip("duckdb")

OPEN = MAPPING + "thresholds: {minimum: 0}\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Tabulation:
    return tabulate(write(tmp_path_factory.mktemp("survey"), survey(), OPEN))


def cell(made: Tabulation, dataflow: str, statistic: str = "total", **codes: str) -> pd.Series:
    frame = made.cells[made.cells["DATAFLOW"] == f"DF_{dataflow}"]
    frame = frame[frame["STATISTIC"] == statistic]
    for name, code in codes.items():
        frame = frame[frame[name] == code]
    assert len(frame) == 1, (dataflow, codes)
    return frame.iloc[0]


def origin(values: pd.Series) -> pd.Series:
    """Code of CBR_BIR of a country of birth."""
    return values.map({"THA": "NATIVE", "": "X"}).fillna("FOREIGN")


def test_the_report_of_a_good_survey_has_no_error(made: Tabulation) -> None:
    assert {str(finding.severity) for finding in made.report} <= {"note", "warning"}
    assert len(made.datasets) > 30


@pytest.mark.parametrize("group", ["POP_XWAP", "EMP_TEMP", "UNE_TUNE", "EAP_TEAP", "EIP_TEIP"])
def test_totals_are_those_of_a_second_way_to_count(made: Tabulation, group: str) -> None:
    frame = expected(survey(), group)
    frame = frame.assign(sex=frame["sex"].map({1: "SEX_M", 2: "SEX_F"}))
    for (sex, born), persons in frame.groupby(["sex", origin(frame["born"])]):
        found = cell(
            made,
            f"{group}_SEX_AGE_CBR_NB",
            SEX=sex,
            AGE="AGE_AGGREGATE_TOTAL",
            CBR=f"CBR_BIR_{born}",
        )
        assert found["n"] == len(persons)
        assert found["estimate"] == pytest.approx(persons["wgt"].sum(), rel=1e-12)


def test_bands_of_age_are_those_of_their_names(made: Tabulation) -> None:
    frame = expected(survey(), "POP_XWAP")
    for code, first, last in [("Y15-24", 15, 24), ("Y25-54", 25, 54), ("YGE65", 65, 200)]:
        found = cell(
            made,
            "POP_XWAP_SEX_AGE_CBR_NB",
            SEX="SEX_T",
            AGE=f"AGE_AGGREGATE_{code}",
            CBR="CBR_BIR_TOTAL",
        )
        assert found["n"] == frame["age"].between(first, last).sum()


def test_sections_skills_and_status_are_added_up_by_the_structures(made: Tabulation) -> None:
    frame = expected(survey(), "EMP_TEMP")
    said = {"SEX": "SEX_T", "CCT": "CCT_CIT_TOTAL"}
    trade = cell(made, "EMP_TEMP_SEX_ECO_CCT_NB", ECO="ECO_ISIC4_G", **said)
    assert trade["n"] == (frame["ind"] == "47").sum()
    services = cell(made, "EMP_TEMP_SEX_ECO_CCT_NB", ECO="ECO_SECTOR_SER", **said)
    assert services["n"] == frame["ind"].isin(["47", "84"]).sum()
    skilled = cell(made, "EMP_TEMP_SEX_OCU_CCT_NB", OCU="OCU_SKILL_L3-4", **said)
    assert skilled["n"] == frame["occ"].isin(["1", "2"]).sum()
    own = cell(made, "EMP_TEMP_SEX_STE_CCT_NB", STE="STE_AGGREGATE_SLF", **said)
    assert own["n"] == frame["ste"].isin(["2", "3"]).sum()


def test_unknown_is_a_class_and_belongs_to_the_total(made: Tabulation) -> None:
    frame = expected(survey(), "POP_XWAP")
    said = {"SEX": "SEX_T", "CBR": "CBR_BIR_TOTAL"}
    unknown = cell(made, "POP_XWAP_SEX_EDU_CBR_NB", EDU="EDU_AGGREGATE_X", **said)
    assert unknown["n"] == (frame["edu"] == 9).sum()
    whole = cell(made, "POP_XWAP_SEX_EDU_CBR_NB", EDU="EDU_AGGREGATE_TOTAL", **said)
    assert whole["n"] == len(frame)


def design_of(frame: pd.DataFrame) -> Design:
    return Design(frame["wgt"], strata=frame["stratum"], psu=frame["psu"])


def domain_of(frame: pd.DataFrame, group: str) -> np.ndarray:
    return frame["id"].isin(expected(frame, group)["id"]).to_numpy()


def test_errors_are_those_of_the_design(made: Tabulation) -> None:
    frame = survey()
    design = design_of(frame)
    women = (frame["sex"] == 2).to_numpy()
    employed, force = domain_of(frame, "EMP_TEMP"), domain_of(frame, "EAP_TEAP")
    said = {"SEX": "SEX_F", "AGE": "AGE_AGGREGATE_TOTAL", "CBR": "CBR_BIR_TOTAL"}
    found = cell(made, "EMP_TEMP_SEX_AGE_CBR_NB", **said)
    assert found["se"] == pytest.approx(total(design, 1.0, employed & women).se, rel=1e-9)
    assert found["df"] == design.df
    rate = cell(made, "UNE_DEAP_SEX_AGE_CBR_RT", "rate", **said)
    share = ratio(design, domain_of(frame, "UNE_TUNE") * 1.0, force * 1.0, force & women)
    assert rate["estimate"] == pytest.approx(100 * share.value, rel=1e-12)
    assert rate["se"] == pytest.approx(100 * share.se, rel=1e-9)
    low, high = share.interval()
    assert (rate["lower"], rate["upper"]) == pytest.approx((100 * low, 100 * high), rel=1e-9)


def test_means_and_medians_of_employees(made: Tabulation) -> None:
    frame = survey()
    design = design_of(frame)
    pay = pd.to_numeric(frame["pay"]).where(lambda each: each > 0).to_numpy()
    employees = domain_of(frame, "EMP_TEMP") & (frame["ste"] == "1").to_numpy()
    said = {"SEX": "SEX_T", "CCT": "CCT_CIT_TOTAL"}
    found = cell(made, "EAR_EMTA_SEX_CCT_NB", "mean", **said)
    wanted = mean(design, pay, employees)
    assert found["estimate"] == pytest.approx(wanted.value, rel=1e-12)
    assert found["se"] == pytest.approx(wanted.se, rel=1e-9)
    middle = cell(made, "EAR_EMTA_SEX_CCT_NB", "median", **said)
    half = quantile(design, pay, 0.5, employees)
    assert middle["estimate"] == half.value
    assert middle["se"] == pytest.approx(half.se, rel=1e-9)


def test_a_rate_is_made_of_the_volumes_and_its_sample_is_the_first(made: Tabulation) -> None:
    rates = made.cells[made.cells["DATAFLOW"] == "DF_UNE_DEAP_SEX_EDU_CCT_RT"]
    for _, rate in rates.iterrows():
        said = {name: rate[name] for name in ("SEX", "EDU", "CCT")}
        force = cell(made, "EAP_TEAP_SEX_EDU_CCT_NB", **said)
        out = made.cells[
            (made.cells["DATAFLOW"] == "DF_UNE_TUNE_SEX_EDU_CCT_NB")
            & (made.cells["SEX"] == rate["SEX"])
            & (made.cells["EDU"] == rate["EDU"])
            & (made.cells["CCT"] == rate["CCT"])
        ]
        persons = out["estimate"].sum()
        assert rate["estimate"] == pytest.approx(100 * persons / force["estimate"], abs=1e-9)
        assert rate["n"] == out["n"].sum()


def test_inflow_is_of_those_who_came_within_a_year(made: Tabulation) -> None:
    frame = expected(survey(), "POP_XWAP")
    came = frame[(frame["came"] == 2024) & ~frame["born"].isin(["THA", ""])]
    inflow = made.cells[
        (made.cells["DATAFLOW"] == "DF_POP_MFLB_SEX_CBR_NB") & (made.cells["SEX"] == "SEX_T")
    ]
    whole = inflow[inflow["CBR"] == "CBR_BRT_TOTAL"]
    assert whole["n"].sum() == len(came)


def test_reliability_is_by_persons_of_the_sample(made: Tabulation) -> None:
    cells = made.cells.dropna(subset="estimate")
    assert set(cells.loc[cells["n"] < 5, "status"]) == {"S"}
    assert set(cells.loc[cells["n"].between(5, 14), "status"]) == {"U"}
    assert cells.loc[cells["n"] >= 15, "status"].isna().all()
    for dataset in made.datasets:
        status = dataset.observations["OBS_STATUS"]
        is_empty = dataset.observations["OBS_VALUE"].isna()
        assert (is_empty == (status == "S")).all()


def test_nothing_below_the_minimum_is_written_without_a_reason(tmp_path: Path) -> None:
    rules = "thresholds: {not_significant: 0, unreliable: 0, minimum: 8}\n"
    path = write(tmp_path, survey(), MAPPING + rules)
    kept = tabulate(path)
    withheld = kept.cells["status"] == "C"
    assert withheld.any()
    few = kept.cells.loc[withheld & kept.cells["n"].isna()]
    assert few[["estimate", "se", "cv", "lower"]].isna().all().all()
    assert "cells-withheld" in {finding.rule for finding in kept.report}
    allowed = tabulate(path, allow="agreed by the office on 3 May")
    assert not (allowed.cells["status"] == "C").any()
    told = [finding for finding in allowed.report if finding.rule == "cells-withheld"]
    assert "agreed by the office on 3 May" in told[0].message


def test_notes_follow_from_the_rules(made: Tabulation) -> None:
    by_flow = {each.dataflow: each.observations.iloc[0] for each in made.datasets}
    born = by_flow["ILO:DF_UNE_TUNE_SEX_AGE_CBR_NB(1.0)"]
    assert "Definition of migrants: Persons who were born outside" in born["NOTE_INDICATOR"]
    assert "Population coverage: usual residents" in born["NOTE_SOURCE"]
    assert born["SOURCE"] == "BA:1"
    assert (born["UNIT_MULT"], born["UNIT_MEASURE"]) == ("3", "PS")


def test_two_criteria_and_another_age_are_notes(tmp_path: Path) -> None:
    text = MAPPING.replace("universe:\n", "universe:\n  criteria: 2\n  working_age: 16-64\n")
    found = tabulate(write(tmp_path, survey(), text))
    by_flow = {each.dataflow: each.observations.iloc[0] for each in found.datasets}
    row = by_flow["ILO:DF_UNE_TUNE_SEX_AGE_CCT_NB(1.0)"]
    assert "Unemployment definition: Two criteria" in row["NOTE_INDICATOR"]
    assert "minimum age: 16" in row["NOTE_SOURCE"]
    assert "maximum age: 64" in row["NOTE_SOURCE"]


def test_the_result_is_data_like_any_other(made: Tabulation) -> None:
    from ilms_sdmx import validate

    found = validate(list(made.datasets))
    errors = [each for each in found if str(each.severity) == "error"]
    assert not errors, errors[:3]


def test_provenance_names_file_variables_rules_and_sample(made: Tabulation) -> None:
    row = made.provenance.iloc[0]
    assert row["file"] == "persons.csv"
    assert "sex: sex" in row["variables"]
    assert "employed where worked = 1 or absent = 1" in row["filter"]
    assert row["sample"].isdigit()


def written(folder: Path, mapping: Path, *extra: str) -> dict[str, bytes]:
    arguments = ["tabulate", str(mapping), "-o", str(folder), "--time", "2025-01-01T00:00:00Z"]
    assert run([*arguments, *extra]) in (0, 1)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_order_parts_and_threads_change_no_byte(tmp_path: Path) -> None:
    frame = survey(3)
    first = written(tmp_path / "a", write(tmp_path / "one", frame), "--threads", "1")
    mixed = frame.sample(frac=1, random_state=5)
    other = written(tmp_path / "b", write(tmp_path / "two", mixed), "--threads", "4")
    names = ("tables.xml", "cells.csv", "populations.csv", "provenance.csv")
    assert [first[name] for name in names] == [other[name] for name in names]
    folder = tmp_path / "three" / "persons.csv"
    folder.mkdir(parents=True)
    for number in range(3):
        mixed.iloc[number::3].to_csv(folder / f"part{number}.csv", index=False)
    (tmp_path / "three" / "mapping.yaml").write_text(MAPPING)
    split = written(tmp_path / "c", tmp_path / "three" / "mapping.yaml")
    assert split["tables.xml"] == first["tables.xml"]
    assert split["cells.csv"] == first["cells.csv"]


@settings(max_examples=4)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 4))
def test_any_order_parts_and_threads_give_the_same_tables(
    tmp_path_factory: pytest.TempPathFactory, seed: int, parts: int, threads: int
) -> None:
    frame = survey(seed, 90)
    tables = "tables: [EMP_TEMP_SEX_ECO_CBR_NB, UNE_DEAP_SEX_AGE_CCT_RT, HOW_XEES_SEX_CCT_NB]\n"
    folder = tmp_path_factory.mktemp("order")
    whole = tabulate(write(folder / "whole", frame, OPEN + tables), threads=1)
    mixed = frame.sample(frac=1, random_state=seed)
    place = folder / "split" / "persons.csv"
    place.mkdir(parents=True)
    for number in range(parts):
        mixed.iloc[number::parts].to_csv(place / f"{number}.csv", index=False)
    (folder / "split" / "mapping.yaml").write_text(OPEN + tables)
    other = tabulate(folder / "split" / "mapping.yaml", threads=threads)
    # Text, for a difference in the last digit is one too.
    assert whole.cells.to_csv() == other.cells.to_csv()
    assert whole.populations.to_csv() == other.populations.to_csv()


@settings(max_examples=6)
@given(st.integers(0, 10**6))
def test_parts_add_up_to_totals_exactly(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    frame = survey(seed, 120)
    found = tabulate(write(tmp_path_factory.mktemp("sum"), frame, OPEN))
    table = found.cells[found.cells["DATAFLOW"] == "DF_EMP_TEMP_SEX_ECO_CBR_NB"]
    table = table.assign(units=[round(each * 10**4) for each in table["estimate"]])
    indexed = table.set_index(["SEX", "ECO", "CBR"])["units"]
    parts = indexed[indexed.index.get_level_values("SEX") != "SEX_T"]
    both = parts.groupby(["ECO", "CBR"]).sum()
    whole = indexed.xs("SEX_T", level="SEX")
    assert (both.sort_index() == whole.sort_index()).all()
    origins = whole[whole.index.get_level_values("CBR") != "CBR_BIR_TOTAL"]
    assert (
        origins.groupby("ECO").sum() == whole.xs("CBR_BIR_TOTAL", level="CBR").sort_index()
    ).all()


def test_an_annual_figure_is_the_mean_of_its_quarters(tmp_path: Path) -> None:
    for quarter in (1, 2, 3, 4):
        survey(quarter).to_csv(tmp_path / f"q{quarter}.csv", index=False)
    listed = ", ".join(f"2024-Q{number}: q{number}.csv" for number in (1, 2, 3, 4))
    years = "years: {2024: [2024-Q1, 2024-Q2, 2024-Q3, 2024-Q4]}\n"
    text = OPEN.replace("{2024: persons.csv}", f"{{{listed}}}") + years
    (tmp_path / "mapping.yaml").write_text(text)
    found = tabulate(tmp_path / "mapping.yaml")
    table = found.cells[found.cells["DATAFLOW"] == "DF_EMP_TEMP_SEX_AGE_CBR_NB"]
    whole = table[
        (table["SEX"] == "SEX_T")
        & (table["AGE"] == "AGE_AGGREGATE_TOTAL")
        & (table["CBR"] == "CBR_BIR_TOTAL")
    ].set_index("TIME_PERIOD")
    quarters = whole.loc[[f"2024-Q{number}" for number in (1, 2, 3, 4)]]
    assert whole.loc["2024", "estimate"] == pytest.approx(quarters["estimate"].mean())
    assert whole.loc["2024", "n"] == quarters["n"].sum()
    text = text.replace("years:", "quarters: apart\nyears:")
    (tmp_path / "apart.yaml").write_text(text)
    apart = tabulate(tmp_path / "apart.yaml").cells
    one = apart[
        (apart["DATAFLOW"] == "DF_EMP_TEMP_SEX_AGE_CBR_NB")
        & (apart["TIME_PERIOD"] == "2024")
        & (apart["SEX"] == "SEX_T")
        & (apart["AGE"] == "AGE_AGGREGATE_TOTAL")
        & (apart["CBR"] == "CBR_BIR_TOTAL")
    ]
    drawn_apart = math.sqrt((quarters["se"] ** 2).sum()) / 4
    assert one["se"].iloc[0] == pytest.approx(drawn_apart, rel=1e-9)


def test_replicate_weights_give_the_errors(tmp_path: Path) -> None:
    frame = survey(4)
    random = np.random.default_rng(9)
    for number in range(8):
        frame[f"rep{number}"] = np.round(
            frame["wgt"] * random.choice([0.5, 1.5], len(frame)), 4
        )
    design = 'design: {replicates: {variables: "rep*", method: fay, fay: 0.5}}'
    text = OPEN.replace("design: {strata: stratum, psu: psu}", design)
    found = tabulate(write(tmp_path, frame, text))
    persons = expected(frame, "EMP_TEMP")
    sums = np.array([persons[f"rep{number}"].sum() for number in range(8)])
    wanted = math.sqrt(((sums - sums.mean()) ** 2).sum() / (8 * 0.25))
    said = {"SEX": "SEX_T", "AGE": "AGE_AGGREGATE_TOTAL", "CBR": "CBR_BIR_TOTAL"}
    assert cell(found, "EMP_TEMP_SEX_AGE_CBR_NB", **said)["se"] == pytest.approx(wanted)


def test_replicate_weights_give_the_errors_of_means_and_medians(tmp_path: Path) -> None:
    frame = survey(6, 240)
    random = np.random.default_rng(2)
    names = [f"rep{number}" for number in range(6)]
    for name in names:
        frame[name] = np.round(frame["wgt"] * random.choice([0.0, 2.0], len(frame)), 4)
    design = 'design: {replicates: {variables: "rep*", method: bootstrap}}'
    text = OPEN.replace("design: {strata: stratum, psu: psu}", design)
    made = tabulate(write(tmp_path, frame, text + "tables: [EAR_EMTA_SEX_CCT_NB]\n"))
    people = expected(frame, "EMP_TEMP")
    people = people[people["ste"] == "1"].assign(pay=lambda each: pd.to_numeric(each["pay"]))
    people = people.sort_values("pay")
    said = {"SEX": "SEX_T", "CCT": "CCT_CIT_TOTAL"}
    means = [np.average(people["pay"], weights=people[name]) for name in names]
    found = cell(made, "EAR_EMTA_SEX_CCT_NB", "mean", **said)
    assert found["se"] == pytest.approx(np.std(means, ddof=1), rel=1e-9)
    medians = []
    for name in names:
        reached = people[name].cumsum()
        medians.append(people["pay"][reached >= reached.iloc[-1] / 2].iloc[0])
    found = cell(made, "EAR_EMTA_SEX_CCT_NB", "median", **said)
    assert found["se"] == pytest.approx(np.std(medians, ddof=1), rel=1e-9)


def test_without_a_design_no_error_is_printed(tmp_path: Path) -> None:
    text = MAPPING.replace("design: {strata: stratum, psu: psu}\n", "")
    found = tabulate(write(tmp_path, survey(), text))
    totals = found.cells[found.cells["n"] > 0]
    assert totals["se"].isna().all()


def test_two_stages_and_finite_populations_are_those_of_the_design(tmp_path: Path) -> None:
    frame = survey(8, 300)
    frame["household"] = np.random.default_rng(1).integers(1, 5, len(frame))
    frame["in_stratum"] = 40 + frame["stratum"]
    frame["in_psu"] = 30 + frame["psu"]
    design = (
        "design: {strata: stratum, psu: psu, fpc: in_stratum, ssu: household, fpc2: in_psu}"
    )
    text = OPEN.replace("design: {strata: stratum, psu: psu}", design)
    tables = "tables: [EMP_TEMP_SEX_AGE_CBR_NB, EMP_DWAP_SEX_AGE_CBR_RT, EAR_EMTA_SEX_CCT_NB]\n"
    made = tabulate(write(tmp_path, frame, text + tables))
    whole = Design(
        frame["wgt"],
        strata=frame["stratum"],
        psu=frame["psu"],
        fpc=frame["in_stratum"],
        ssu=frame["household"],
        fpc2=frame["in_psu"],
    )
    employed, persons = domain_of(frame, "EMP_TEMP"), domain_of(frame, "POP_XWAP")
    said = {"SEX": "SEX_T", "AGE": "AGE_AGGREGATE_TOTAL", "CBR": "CBR_BIR_TOTAL"}
    count = cell(made, "EMP_TEMP_SEX_AGE_CBR_NB", **said)
    assert count["se"] == pytest.approx(total(whole, 1.0, employed).se, rel=1e-9)
    rate = cell(made, "EMP_DWAP_SEX_AGE_CBR_RT", "rate", **said)
    share = ratio(whole, employed * 1.0, persons * 1.0, persons)
    assert rate["se"] == pytest.approx(100 * share.se, rel=1e-9)
    pay = pd.to_numeric(frame["pay"]).where(lambda each: each > 0).to_numpy()
    employees = employed & (frame["ste"] == "1").to_numpy()
    mean_pay = cell(made, "EAR_EMTA_SEX_CCT_NB", "mean", SEX="SEX_T", CCT="CCT_CIT_TOTAL")
    assert mean_pay["se"] == pytest.approx(mean(whole, pay, employees).se, rel=1e-9)


def test_a_person_is_counted_once_in_each_table_of_one_universe(made: Tabulation) -> None:
    """Totals of all tables of one universe are one number, whatever they are by."""
    cells = made.cells[made.cells["STATISTIC"] == "total"]
    for group in ("POP_XWAP", "EMP_TEMP", "UNE_TUNE"):
        of_group = cells[cells["DATAFLOW"].str.startswith(f"DF_{group}_")]
        is_whole = of_group["SEX"] == "SEX_T"
        for dimension in ("AGE", "EDU", "ECO", "OCU", "STE", "CBR", "CCT"):
            codes = of_group[dimension]
            is_total = codes.isna() | codes.str.endswith(("_TOTAL", "YTHADULT_YGE15"))
            is_whole &= is_total
        assert is_whole.sum() > 4
        assert len(set(of_group.loc[is_whole, "estimate"])) == 1
        assert len(set(of_group.loc[is_whole, "n"])) == 1

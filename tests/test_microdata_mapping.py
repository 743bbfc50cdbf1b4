"""A mapping of records that is wrong stops with file, line and what to write; so do bad records."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from ilms_sdmx.cli import run
from ilms_sdmx.errors import MappingError, TableError
from ilms_sdmx.microdata import microdata_schema, tabulate
from ilms_sdmx.microdata.mapping.conditions import Condition
from tests.microdata import MAPPING, survey, write

pytest.importorskip("duckdb")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("microdata: 1", "microdata: 2", "line 2, at microdata: expected version 1"),
        ("  weight: wgt\n", "", "line 8, at variables: expected a role `weight`"),
        ("  age: age\n", "", "expected a role `age` or `birth_date`"),
        ("sex: {variable", "sexx: {variable", "did you mean 'sex'"),
        (
            "codes: {1: M, 2: F}",
            "codes: {1: MAN, 2: F}",
            "variables.sex.codes.1: expected one of M",
        ),
        ("ISIC Rev.4", "ISIC Rev.9", "expected a classification and its version"),
        ("status: employed", "status: working", "expected one of employed, unemployed"),
        ("when: worked = 1 or absent", "when: worked == 1 or absent", "expected a number"),
        ("when: worked = 1 or absent = 1", "when: worked", "expected =, !=, <"),
        ("{2024: persons.csv}", "{2024: nothing.csv}", "expected a file of records"),
        ("{2024: persons.csv}", "{last year: persons.csv}", "expected an SDMX period"),
        ("psu: psu}", "psu: psu, lonely: ignore}", "expected one of adjust, average"),
        ("psu: psu}", "psus: psu}", "did you mean 'psu'"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_named(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in MAPPING
    path = write(tmp_path, survey(count=20), MAPPING.replace(old, new))
    with pytest.raises(MappingError) as caught:
        tabulate(path)
    assert message in str(caught.value)
    assert "mapping.yaml, line" in str(caught.value)


def test_the_schema_accepts_the_mapping_and_refuses_another_key(
    capsys: pytest.CaptureFixture[str],
) -> None:
    document = json.loads(json.dumps(YAML(typ="safe").load(MAPPING)))
    jsonschema_rs.validate(microdata_schema(), document)
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(microdata_schema(), {**document, "weights": "w"})
    assert run(["tabulate", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == microdata_schema()


def test_codes_may_be_in_a_csv(tmp_path: Path) -> None:
    text = MAPPING.replace("codes: {1: M, 2: F}", "codes: sex.csv")
    (tmp_path / "sex.csv").write_text("value,code\n1,M\n2,F\n")
    plain = tabulate(write(tmp_path, survey(count=60), MAPPING))
    other = tabulate(write(tmp_path, survey(count=60), text))
    assert other.cells.equals(plain.cells)
    (tmp_path / "sex.csv").write_text("value,code\n1,M\n2,W\n")
    with pytest.raises(MappingError, match=r"'W'.* in sex.csv, line 3"):
        tabulate(tmp_path / "mapping.yaml")


def test_a_variable_that_is_called_otherwise_in_one_year_is_named(tmp_path: Path) -> None:
    survey(1, 80).to_csv(tmp_path / "a.csv", index=False)
    survey(2, 80).rename(columns={"sex": "c04_sex"}).to_csv(tmp_path / "b.csv", index=False)
    text = MAPPING.replace("{2024: persons.csv}", "{2023: a.csv, 2024: b.csv}")
    (tmp_path / "mapping.yaml").write_text(text)
    with pytest.raises(MappingError) as caught:
        tabulate(tmp_path / "mapping.yaml")
    assert "b.csv has no variable 'sex'" in str(caught.value)
    assert "`2024`: names: {sex: ITS_NAME_THERE}" in str(caught.value)
    named = "{2023: a.csv, 2024: {file: b.csv, names: {sex: c04_sex}}}"
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace("{2024: persons.csv}", named))
    assert set(tabulate(tmp_path / "mapping.yaml").cells["TIME_PERIOD"]) == {"2023", "2024"}


def broken(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    frame = frame.copy()
    if what == "negative weight":
        frame.loc[frame.index[:3], "wgt"] = -5.0
    elif what == "no weight":
        frame["wgt"] = np.nan
    elif what == "some weights missing":
        frame["wgt"] = frame["wgt"].astype(object)
        frame.loc[frame["resident"] == 1, "wgt"] = frame["wgt"].where(frame.index % 9 > 0, None)
    elif what == "duplicate":
        frame = pd.concat([frame, frame.iloc[:4]])
    elif what == "unknown code":
        frame.loc[frame.index[:6], "sex"] = 7
    elif what == "unknown industry":
        frame.loc[(frame["worked"] == 1) & (frame.index % 2 == 0), "ind"] = "98765"
        frame.loc[(frame["worked"] == 1) & (frame.index % 2 == 1), "ind"] = "04"
    elif what == "nobody employed":
        frame["worked"] = 2
        frame["absent"] = 2
    return frame


@pytest.mark.parametrize(
    ("what", "rule", "said"),
    [
        ("negative weight", "records-weight", "wgt is below zero in"),
        ("no weight", "records-weight", "wgt adds up to 0"),
        ("some weights missing", "records-weight", "wgt is missing in"),
        ("duplicate", "records-duplicate-person", "4 records have an identifier (id)"),
        ("unknown code", "records-unknown-value", "sex (sex) has the value 7 in 6 records"),
        ("unknown industry", "records-unknown-value", "ind (industry) has the value 04"),
        ("nobody employed", "records-nobody", "Nobody is employed in 2024"),
    ],
)
def test_bad_records_are_errors_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str, rule: str, said: str
) -> None:
    path = write(tmp_path, broken(survey(count=150), what))
    status = run(["tabulate", str(path), "-o", str(tmp_path / "out")])
    shown = capsys.readouterr().err
    assert status == 2
    assert f"error {rule}" in shown
    assert said in shown
    assert "persons.csv" in shown
    assert not (tmp_path / "out").exists()


def test_an_unknown_value_comes_with_the_line_to_add(tmp_path: Path) -> None:
    found = tabulate(write(tmp_path, broken(survey(count=100), "unknown code")))
    (finding,) = [each for each in found.report if each.rule == "records-unknown-value"]
    assert finding.fix == "Add under variables, sex: codes: {7: CODE}, or missing: [7]."
    assert not found.datasets


def test_no_records_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, survey(count=10).iloc[:0])
    with pytest.raises(TableError, match="expected records, found none"):
        tabulate(path)


def test_a_text_for_a_number_is_counted_and_never_shown(tmp_path: Path) -> None:
    frame = survey(count=60)
    frame["age"] = frame["age"].astype(object)
    frame.loc[frame.index[:4], "age"] = "SECRET-AGE"
    found = tabulate(write(tmp_path, frame))
    (told,) = [each for each in found.report if each.rule == "records-no-number"]
    assert "age (age) is no number in 4 records" in told.message
    assert "SECRET" not in "".join(map(str, found.report))


def test_one_unit_in_a_stratum_is_told_or_stops(tmp_path: Path) -> None:
    frame = survey(count=80)
    frame.loc[frame.index[0], "stratum"] = 77
    found = tabulate(write(tmp_path, frame))
    told = [each for each in found.report if each.rule == "records-lonely-unit"]
    assert "One stratum has one sampling unit" in told[0].message
    text = MAPPING.replace("psu: psu}", "psu: psu, lonely: fail}")
    with pytest.raises(MappingError, match="lonely: adjust"):
        tabulate(write(tmp_path, frame, text))


def test_strata_need_units_and_populations_that_are_not_smaller(tmp_path: Path) -> None:
    alone = MAPPING.replace("  person: id\n", "").replace(", psu: psu}", "}")
    with pytest.raises(MappingError, match="line 26, at design: expected `psu`, or a role"):
        tabulate(write(tmp_path, survey(count=80), alone))
    frame = survey(count=80)
    frame["in_all"] = np.where(frame["stratum"] == 2, 1, 99)
    text = MAPPING.replace("psu: psu}", "psu: psu, fpc: in_all}")
    with pytest.raises(MappingError, match="fpc is missing or smaller than the sample"):
        tabulate(write(tmp_path, frame, text))


def test_all_missing_is_unknown_and_told(tmp_path: Path) -> None:
    frame = survey(count=80)
    frame["born"] = ""
    found = tabulate(write(tmp_path, frame, MAPPING + "thresholds: {minimum: 0}\n"))
    told = [each for each in found.report if each.rule == "records-share-unknown"]
    assert any("100.0 per cent" in each.message and "birth" in each.message for each in told)
    table = found.cells[found.cells["DATAFLOW"] == "DF_POP_XWAP_SEX_AGE_CBR_NB"]
    assert set(table["CBR"]) == {"CBR_BIR_X", "CBR_BIR_TOTAL"}


def test_control_totals_are_compared(tmp_path: Path) -> None:
    frame = survey(count=80)
    counted = frame[frame["resident"] == 1]["wgt"].sum()
    controls = (
        f"controls:\n  - {{name: projection, period: 2024, persons: {counted:.0f}}}\n"
        f"  - {{name: women, period: 2024, persons: 1, where: sex = 2}}\n"
    )
    found = tabulate(write(tmp_path, frame, MAPPING + controls))
    told = [each for each in found.report if each.rule == "records-control"]
    assert [str(each.severity) for each in told] == ["note", "warning"]


def test_weights_of_a_period_have_a_factor(tmp_path: Path) -> None:
    plain = tabulate(write(tmp_path, survey(count=80)))
    text = MAPPING.replace("{2024: persons.csv}", "{2024: {file: persons.csv, factor: 4}}")
    times = tabulate(write(tmp_path, survey(count=80), text))
    totals = plain.cells["STATISTIC"] == "total"
    assert np.allclose(
        times.cells.loc[totals, "estimate"].fillna(0),
        4 * plain.cells.loc[totals, "estimate"].fillna(0),
    )


def test_age_may_come_from_the_day_of_birth(tmp_path: Path) -> None:
    frame = survey(count=60)
    frame["birthday"] = [f"{2024 - age}-12-31" for age in frame["age"]]
    text = MAPPING.replace("  age: age\n", "  birth_date: birthday\n")
    plain = tabulate(write(tmp_path / "a", frame))
    dated = tabulate(write(tmp_path / "b", frame, text))
    assert dated.cells.equals(plain.cells)
    day = text.replace("{2024: persons.csv}", "{2024: {file: persons.csv, day: 2024-12-30}}")
    younger = tabulate(write(tmp_path / "c", frame, day))
    assert not younger.cells.equals(plain.cells)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a =",
        "= 1",
        "a in 1",
        "a in (1",
        "(a = 1",
        "a = 1 b",
        "a between 1",
        "a ; b",
        "and = 1",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(MappingError, match="expected"):
        Condition.read(text)


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("x = 1", [1]),
        ("x != 1", [2, 3, None]),
        ("not x in (1, 2)", [3, None]),
        ("x not in (1, 2)", [3, None]),
        ("x is missing", [None]),
        ("x is not missing", [1, 2, 3]),
        ("x between 2 and 3", [2, 3]),
        ("x >= 2 and not x = 3 or x is missing", [2, None]),
        ("not (x = 1 or x = 2)", [3, None]),
        ("all", [1, 2, 3, None]),
        ("`x` < 2.5", [1, 2]),
    ],
)
@pytest.mark.parametrize("kind", ["number", "text"])
def test_a_condition_is_true_or_false_and_never_unknown(
    condition: str, kept: list[int | None], kind: str
) -> None:
    import duckdb

    from ilms_sdmx.microdata import Variable

    sql = Condition.read(condition).sql(lambda name: Variable(name, kind=kind))
    values = "(1), (2), (3), (NULL)" if kind == "number" else "('1'), ('2'), ('3'), (NULL)"
    query = f"select x from (values {values}) as t(x) where {sql}"
    found = [None if row[0] is None else int(row[0]) for row in duckdb.sql(query).fetchall()]
    assert found == kept


def test_a_condition_is_no_way_into_the_engine() -> None:
    from ilms_sdmx.microdata import Variable

    sql = Condition.read('`y"; drop` = "o\'; drop"').sql(lambda name: Variable(name))
    assert '"y""; drop"' in sql
    assert "'o''; drop'" in sql


def test_nothing_that_identifies_a_person_is_in_any_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = survey(count=120)
    frame["id"] = [f"PASSPORT{number:04d}" for number in range(len(frame))]
    frame["name"] = [f"NAMEOF{number:04d}" for number in range(len(frame))]
    path = write(tmp_path, frame)
    arguments = ["tabulate", str(path), "-o", str(tmp_path / "out"), "--write-records"]
    assert run([*arguments, str(tmp_path / "out" / "records.parquet")]) in (0, 1)
    shown = capsys.readouterr()
    outputs = [shown.out.encode(), shown.err.encode()]
    outputs += [file.read_bytes() for file in (tmp_path / "out").iterdir()]
    assert len(outputs) == 8
    for content in outputs:
        assert b"PASSPORT" not in content
        assert b"NAMEOF" not in content
    bad = pd.concat([frame, frame.iloc[:5]])
    assert run(["tabulate", str(write(tmp_path, bad)), "-o", str(tmp_path / "bad")]) == 2
    assert "PASSPORT" not in capsys.readouterr().err

"""Content rules: rounding, likely causes, cells by name, exceptions, coverage and the command."""

import csv
import datetime
import io
import json
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilms_sdmx import (
    Components,
    Dataset,
    MappingError,
    Validation,
    read_exceptions,
    structures,
    validate,
)
from ilms_sdmx.cli import run
from ilms_sdmx.findings import Place, find
from ilms_sdmx.messages import write
from ilms_sdmx.validation import formats
from ilms_sdmx.validation.exceptions import Accepted, divided
from ilms_sdmx.validation.vtl import to_vtl

TODAY = datetime.date(2026, 11, 21)


def table(
    flow: str, dimension: str, figures: dict[tuple[str, str, str], str], area: str = "LAO"
) -> Dataset:
    """Data set of (sex, code, period) to figure; codes without their version's prefix where it is given."""
    words = flow.split("_")
    rows = [
        (area, "A", f"{words[0]}_{words[1]}_{words[-1]}", f"SEX_{s}", c, t, v)
        for (s, c, t), v in figures.items()
    ]
    columns = ["REF_AREA", "FREQ", "MEASURE", "SEX", dimension, "TIME_PERIOD", "OBS_VALUE"]
    return Dataset(
        pd.DataFrame(rows, columns=columns, dtype="str"),
        Components(tuple(columns[:6])),
        f"ILO:DF_{flow}(1.0)",
    )


def by_sex(total: str, women: str, men: str) -> Dataset:
    code = "CRS_RES_TOTAL"
    figures = {("T", code, "2020"): total, ("F", code, "2020"): women, ("M", code, "2020"): men}
    return table("POP_MNAS_SEX_CRS_NB", "CRS", figures)


LAO_2023 = {
    ("F", "KOR"): "1.702", ("F", "THA"): "55.7", ("F", "X"): "0.06", ("F", "TOTAL"): "56.832",
    ("M", "KOR"): "1.743", ("M", "THA"): "40.013", ("M", "X"): "0.1", ("M", "TOTAL"): "41.856",
    ("T", "KOR"): "2.815", ("T", "THA"): "95.713", ("T", "X"): "0.16", ("T", "TOTAL"): "98.688",
}  # fmt: skip


def test_swapped_digits_of_lao_2023_are_the_likely_cause_of_both_broken_sums() -> None:
    """Published: women to Korea 1.702, where 1.072 makes the sum of sexes and the women's total agree."""
    figures = {(s, f"CDS_DES_{c}", "2023"): v for (s, c), v in LAO_2023.items()}
    report = validate(table("EMP_MNAO_SEX_CDS_NB", "CDS", figures))
    assert report.counts == {"sex-sum": 1, "partner-sum": 1}
    assert all("two digits swapped" in f.lead.cause and "1.072" in f.lead.cause for f in report)
    assert {(f.place.key["SEX"], f.place.key["CDS"]) for f in report} == {
        ("SEX_T", "CDS_DES_KOR"),
        ("SEX_F", "CDS_DES_TOTAL"),
    }


def test_overlapping_code_of_brunei_2017_is_told_of_at_its_own_place() -> None:
    """Published: all but agriculture 0.198, where the total leaves 197.538."""
    codes = {"TOTAL": "198.913", "AGR": "1.375", "NAG": "0.198"}
    figures = {("T", f"ECO_SECTOR_{c}", "2017"): v for c, v in codes.items()}
    (found,) = validate(table("EMP_MFLC_SEX_ECO_NB", "ECO", figures, area="BRN"))
    assert (found.rule, found.place.key["ECO"], found.read) == (
        "overlap-total",
        "ECO_SECTOR_NAG",
        "0.198",
    )
    assert found.expected.startswith("197.538 ")


def test_one_wrong_cell_is_named_where_two_sums_agree_on_it() -> None:
    figures = {(s, f"CDS_DES_{c}", "2023"): v for (s, c), v in LAO_2023.items()}
    figures["F", "CDS_DES_KOR", "2023"] = "1.072"
    figures["M", "CDS_DES_THA", "2023"] = "48.913"
    report = validate(table("EMP_MNAO_SEX_CDS_NB", "CDS", figures))
    assert all("CDS_DES_THA" in f.lead.cause and "40.013" in f.lead.cause for f in report)
    assert len(report) == 2


def test_no_cause_is_named_where_several_would_do() -> None:
    (found,) = validate(by_sex("10.5", "6.1", "3.1"))
    assert (found.rule, found.cause) == ("sex-sum", "")


@pytest.mark.parametrize(
    ("total", "women", "men", "agree"),
    [
        ("1326", "668", "657", True),  # thousands, each rounded
        ("1327", "668", "657", False),
        ("156.8", "82.3", "74.6", True),
        ("156.6", "82.3", "74.6", False),
        ("163", "81.2", "81.7", True),  # ILOSTAT drops closing zeros: 163 is 163.0
        ("3.664", "1.587", "2.083", False),
        ("508.172", "160.649", "347.522", True),
        ("0", "0", "0", True),
        (
            "1386000",
            "668000",
            "717000",
            False,
        ),  # three figures are too few to say that they are rounded
        ("100000", "60000", "40000", True),
    ],
)
def test_tolerance_follows_decimals_and_terms(
    total: str, women: str, men: str, agree: bool
) -> None:
    assert bool(len(validate(by_sex(total, women, men)))) is not agree


@settings(max_examples=15)
@given(
    st.lists(st.integers(0, 5_000_000), min_size=2, max_size=6),
    st.integers(0, 3),
    st.integers(1, 5),
)
def test_what_adds_up_before_rounding_is_never_told_of(
    parts: list[int], decimals: int, off: int
) -> None:
    """Thousands with some decimals, each figure rounded for itself; and a real difference is found."""
    countries = [*["THA", "KOR", "MYS", "JPN", "SGP"][: len(parts) - 1], "X"]
    figures = {c: f"{v / 1000:.{decimals}f}" for c, v in zip(countries, parts, strict=True)}
    total = f"{sum(parts) / 1000:.{decimals}f}"
    rows = {("T", f"CDS_DES_{c}", "2020"): v for c, v in figures.items()} | {
        ("T", "CDS_DES_TOTAL", "2020"): total
    }
    sums = {"partner-sum", "parts-exceed-total", "parts-short"}
    assert not sums & set(validate(table("EMP_MNAO_SEX_CDS_NB", "CDS", rows)).counts)
    wrong = float(total) + 10 * (len(figures) + off) * 10.0**-decimals
    rows["T", "CDS_DES_TOTAL", "2020"] = f"{wrong:.{decimals}f}"
    assert sums & set(validate(table("EMP_MNAO_SEX_CDS_NB", "CDS", rows)).counts)


def test_figures_rounded_to_thousands_of_persons_agree_within_a_thousand() -> None:
    figures = {
        "TOTAL": "1386000",
        "THA": "668000",
        "KOR": "311000",
        "MYS": "205000",
        "JPN": "93000",
        "SGP": "41000",
        "BRN": "9000",
        "X": "58000",
    }
    rows = {("T", f"CDS_DES_{c}", "2020"): v for c, v in figures.items()}
    assert not len(validate(table("EMP_MNAO_SEX_CDS_NB", "CDS", rows)))
    rows["T", "CDS_DES_X", "2020"] = "52000"
    (found,) = validate(table("EMP_MNAO_SEX_CDS_NB", "CDS", rows))
    assert found.rule == "partner-sum"
    assert found.expected == "1379000 (within 4000 for rounding to thousands)"


def test_seven_figures_are_too_few_to_say_that_they_are_rounded() -> None:
    figures = {
        "TOTAL": "1386000",
        "THA": "668000",
        "KOR": "311000",
        "MYS": "205000",
        "JPN": "93000",
    }
    figures |= {"SGP": "41000", "X": "67000"}
    rows = {("T", f"CDS_DES_{c}", "2020"): v for c, v in figures.items()}
    assert validate(table("EMP_MNAO_SEX_CDS_NB", "CDS", rows)).counts == {"partner-sum": 1}


def test_rates_and_means_are_never_added() -> None:
    figures = {
        (s, "CCT_CIT_TOTAL", "2020"): v for s, v in (("T", "500"), ("F", "450"), ("M", "540"))
    }
    assert not len(validate(table("EAR_EMTA_SEX_CCT_NB", "CCT", figures)))


def test_partial_rows_are_legal() -> None:
    """Thailand 2011: men only, no total."""
    figures = {("M", f"CRS_RES_{c}", "2011"): v for c, v in (("JPN", "40.1"), ("KOR", "30.2"))}
    assert not len(validate(table("POP_MNAS_SEX_CRS_NB", "CRS", figures)))


def test_versions_of_a_classification_are_never_mixed() -> None:
    codes = {"ECO_SECTOR_TOTAL": "10", "ECO_SECTOR_AGR": "2", "ECO_SECTOR_IND": "3", "ECO_SECTOR_SER": "5",
             "ECO_SECTOR_NAG": "8", "ECO_ISIC4_TOTAL": "10", "ECO_ISIC4_A": "2", "ECO_ISIC4_C": "3",
             "ECO_ISIC4_G": "5"}  # fmt: skip
    figures = {
        ("T", code, year): value for code, value in codes.items() for year in ("2019", "2020")
    }
    report = validate(table("EMP_MNAO_SEX_ECO_NB", "ECO", figures))
    assert set(report.counts) <= {"repeated-year"}
    figures["T", "ECO_ISIC4_TOTAL", "2020"] = "15"
    report = validate(table("EMP_MNAO_SEX_ECO_NB", "ECO", figures))
    sums = [f for f in report if f.rule.endswith(("-sum", "-total"))]
    assert {(f.rule, f.place.key["ECO"]) for f in sums} == {
        ("classification-sum", "ECO_ISIC4_TOTAL"),
        ("nested-total", "ECO_SECTOR_TOTAL"),
    }


@pytest.mark.parametrize(
    "flow", ["MNA_TPOP_SEX_CRS_NB", "POP_MNAS_SEX_CRS_NB", "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"]
)
def test_dataflow_may_be_named_in_any_form(flow: str) -> None:
    """ILO's frequency S is every half-year, and old ids mean the dataflow that followed them."""
    data = by_sex("9", "5", "3")
    half = data.observations.assign(FREQ="S", TIME_PERIOD="2020-S1")
    report = validate(Dataset(half, data.components, flow))
    assert not len(report)
    late = validate(Dataset(half.assign(TIME_PERIOD="2020-Q1"), data.components, flow))
    assert late.counts == {"time-format": 1}


def test_unit_multipliers_are_applied_between_tables() -> None:
    thousands = table("EMP_MNAO_SEX_CDS_NB", "CDS", {("T", "CDS_DES_TOTAL", "2020"): "112.928"})
    persons = table(
        "EMP_MNAO_SEX_EDU_NB", "EDU", {("T", "EDU_AGGREGATE_TOTAL", "2020"): "112928"}
    )
    units = [
        Dataset(
            d.observations.assign(UNIT_MULT=m),
            Components(d.components.dimensions, attributes={"UNIT_MULT": ()}),
            d.dataflow,
        )
        for d, m in ((thousands, "3"), (persons, "0"))
    ]  # fmt: skip
    assert not len(validate(units))
    assert validate([thousands, persons]).counts == {"table-total": 1}


def test_thousand_for_one_is_a_slip_and_a_growing_series_is_none() -> None:
    def series(*values: str) -> Validation:
        rows = {("T", "CRS_RES_TOTAL", str(2015 + i)): v for i, v in enumerate(values)}
        return validate(table("POP_MNAS_SEX_CRS_NB", "CRS", rows))

    assert series("85.884", "85.9", "131698.0").counts == {"factor-slip": 1}
    assert not len(series("10.1", "13.2", "17.9", "24.1", "31.3", "42.2"))
    slip = series("20.1", "21.2", "2.15", "22.1").of_rule("factor-slip")
    assert [f.place.key["TIME_PERIOD"] for f in slip] == ["2017"]


def test_large_tables_are_judged_by_hidiroglou_and_berthelot() -> None:
    random = np.random.default_rng(1)
    codes = ["KHM", "LAO", "MMR", "VNM", "IDN", "MYS", "PHL", "SGP", "THA", "BRN", "CHN", "JPN", "KOR", "IND",
             "AUS",              "USA", "FRA", "DEU", "GBR", "ITA", "ESP", "NLD"]  # fmt: skip
    figures = {
        ("T", f"CRS_RES_{c}", str(y)): f"{(50 + 10 * i) * random.uniform(0.9, 1.1):.3f}"
        for i, c in enumerate(codes)
        for y in range(2014, 2022)
    }
    assert not len(
        validate(table("POP_MNAS_SEX_CRS_NB", "CRS", figures, area="MYS")).of_rule("year-jump")
    )
    figures["T", "CRS_RES_JPN", "2021"] = "900.111"
    (found,) = validate(table("POP_MNAS_SEX_CRS_NB", "CRS", figures, area="MYS")).of_rule(
        "year-jump"
    )
    assert found.place.key["CRS"] == "CRS_RES_JPN"


def test_exceptions_accept_with_a_reason_and_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "accepted.csv"
    path.write_text(
        "rule,place,reason,name,expires\nsex-sum,*CRS_RES_TOTAL.2020,as printed,S. Chan,2026-11-21\n"
    )
    report = validate(by_sex("9", "4", "3"), exceptions=path, today=TODAY)
    assert not len(report)
    ((found, by),) = report.accepted
    assert (found.rule, by.reason, by.name) == ("sex-sum", "as printed", "S. Chan")
    later = validate(
        by_sex("9", "4", "3"), exceptions=path, today=TODAY + datetime.timedelta(1)
    )
    assert later.counts == {"sex-sum": 1, "exception-expired": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "- rule: sex-sum\n",
            "line 1: expected rule, place, reason, name, expires, found no place",
        ),
        (
            "- {rule: no-such, place: x, reason: y, name: z, expires: 2027-01-01}",
            "found 'no-such'",
        ),
        (
            "\n- {rule: sex-sum, place: x, reason: y, name: z, expires: soon}",
            "line 2: expected a date",
        ),
        ("rule: sex-sum", "expected a list of exceptions"),
        ("- [1", "expected YAML"),
        ("- sex-sum", "expected a mapping"),
    ],
)
def test_wrong_exceptions_are_refused_with_their_line(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "accepted.yaml"
    path.write_text(text)
    with pytest.raises(MappingError, match=r"accepted\.yaml") as raised:
        read_exceptions(path)
    assert said in str(raised.value)


def test_several_reports_add_up_with_their_coverage() -> None:
    both = validate(by_sex("9", "4", "3")) + validate(by_sex("9", "5", "4"))
    assert isinstance(both, Validation)
    assert both.coverage["equation"].tolist() == [3, 3]
    assert len(both) == 1


def test_previous_version_of_another_table_is_not_compared() -> None:
    figures = {("T", "CDS_DES_TOTAL", "2020"): "9"}
    assert not len(
        validate(by_sex("9", "5", "4"), previous=table("EMP_MNAO_SEX_CDS_NB", "CDS", figures))
    )


CELLS = {
    "REF_AREA": ["THA", "LAO", "ZZ", "", None],
    "FREQ": ["A", "Q", "S", ""],
    "MEASURE": ["EMP_MNAO_NB", "UNE_DEAP_RT", ""],
    "SEX": ["SEX_T", "SEX_M", "SEX_F", "_T", "M", None],
    "CDS": [
        "CDS_DES_TOTAL",
        "CDS_DES_THA",
        "CDS_DES_X",
        "CDS_DES_USACAN",
        "CDS_DES_ASIA",
        "bad",
        "",
    ],
    "TIME_PERIOD": [
        "2020",
        "2021",
        "2020-Q1",
        "99999",
        "-0001",
        "~",
        "2020-01-01/P1M",
        "x",
        "2020-W01",
        None,
    ],
    "OBS_VALUE": [
        "1",
        "1.0",
        "0",
        "-1",
        "1e5",
        "abc",
        "2020",
        "1.7e308",
        "NaN",
        "INF",
        " 5 ",
        "1,5",
        "",
        None,
    ],
    "OBS_STATUS": ["A", "B", "C", "", None],
    "UNIT_MULT": ["0", "3", "x", None],
    "DECIMALS": ["0", "3", "", None],
}


@given(st.data())
def test_no_data_set_however_odd_is_a_crash(data: st.DataObject) -> None:
    columns = data.draw(st.lists(st.sampled_from(list(CELLS)), unique=True, min_size=1))
    size = data.draw(st.integers(0, 12))
    drawn = {
        c: data.draw(st.lists(st.sampled_from(CELLS[c]), min_size=size, max_size=size))
        for c in columns
    }
    frame = pd.DataFrame({c: pd.Series(v, dtype="str") for c, v in drawn.items()})
    frame = frame.astype("category") if data.draw(st.booleans()) else frame
    parts = Components(
        tuple(
            c
            for c in CELLS
            if c in columns and c not in ("OBS_VALUE", "OBS_STATUS", "UNIT_MULT", "DECIMALS")
        ),
        attributes={
            c: ("OBS_VALUE",) for c in columns if c in ("OBS_STATUS", "UNIT_MULT", "DECIMALS")
        },
    )
    flow = data.draw(st.sampled_from(["ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)", "XYZ:DF(1.0)", ""]))
    report = validate(
        Dataset(frame, parts, flow), previous=Dataset(frame.iloc[:5], parts, flow)
    )
    assert len(report.frame()) == len(report)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "stock.csv"
    write(by_sex("72.728", "60.541", "133.269"), path, format="sdmx-csv-2.0")
    return path


def test_command_prints_findings_and_coverage(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["validate", str(broken)]) == 2
    out = capsys.readouterr().out
    assert "error sex-sum  stock.csv | ILO:DF_POP_MNAS_SEX_CRS_NB(1.0) LAO.A." in out
    assert "sexes swapped" in out
    assert "Coverage" in out
    assert "100.0" in out


def test_command_writes_every_format(broken: Path, tmp_path: Path) -> None:
    for form in ("json", "sarif", "csv", "html", "table"):
        assert run(["validate", str(broken), "--format", form, "-o", str(tmp_path / form)]) == 2
    content = json.loads((tmp_path / "json").read_text(encoding="utf-8"))
    assert content["counts"] == {"sex-sum": 1}
    assert content["coverage"][0]["share"] == 100.0
    sarif = json.loads((tmp_path / "sarif").read_text(encoding="utf-8"))
    (result,) = sarif["runs"][0]["results"]
    driver = sarif["runs"][0]["tool"]["driver"]
    assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "sex-sum"
    rows = list(csv.DictReader(io.StringIO((tmp_path / "csv").read_text(encoding="utf-8"))))
    assert [row["key"] for row in rows] == ["LAO.A.POP_MNAS_NB.SEX_T.CRS_RES_TOTAL.2020"]
    assert "sex-sum" in (tmp_path / "html").read_text(encoding="utf-8")


def test_command_says_by_its_status_what_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, text = tmp_path / "a.csv", tmp_path / "a.txt"
    write(by_sex("9", "5", "4"), path, format="sdmx-csv-1.0")
    text.write_text("no message")
    assert run(["validate", str(path)]) == 0
    assert run(["validate"]) == 3
    assert run(["validate", str(path), "--structure", "NO_SUCH"]) == 3
    assert run(["validate", str(text)]) == 4
    assert "No findings." in capsys.readouterr().out


def test_accepted_findings_are_suppressed_in_sarif(broken: Path, tmp_path: Path) -> None:
    path = tmp_path / "accepted.yaml"
    path.write_text(
        "- {rule: sex-sum, place: '*', reason: printed so, name: S. Chan, expires: 2027-01-01}"
    )
    report = validate(broken, exceptions=path, today=TODAY)
    (result,) = json.loads(formats.to_sarif(report))["runs"][0]["results"]
    assert "printed so" in result["suppressions"][0]["justification"]


def test_sums_of_a_dataflow_are_written_as_vtl() -> None:
    text = to_vtl("EMP_TEMP_SEX_OCU_CCT_NB")
    assert (
        "OCU_SKILL_TOTAL = OCU_SKILL_L1 + OCU_SKILL_L2 + 'OCU_SKILL_L3-4' + OCU_SKILL_X errorcode"
        in text
    )
    assert (
        text.count("define hierarchical ruleset") == text.count("end hierarchical ruleset;") > 2
    )
    assert "define" not in to_vtl("UNE_DEAP_SEX_AGE_CCT_RT")


@pytest.mark.peers
def test_vtl_is_read_by_an_engine() -> None:
    vtlengine = pytest.importorskip("vtlengine")
    assert vtlengine.create_ast(to_vtl("EMP_TEMP_SEX_OCU_CCT_NB")) is not None


def stock(path: Path, period: str, *values: str) -> Path:
    figures = {(s, "CRS_RES_TOTAL", period): v for s, v in zip("FMT", values, strict=True)}
    write(table("POP_MNAS_SEX_CRS_NB", "CRS", figures), path, format="sdmx-csv-2.0")
    return path


def test_files_of_one_dataflow_are_one_table(tmp_path: Path) -> None:
    """A year a file: the jump between two of them is found, and told of in its own file."""
    stock(tmp_path / "2018.csv", "2018", "60.9", "70.1", "131.0")
    stock(tmp_path / "2020.csv", "2020", "61.3", "70.4", "131.7")
    stock(tmp_path / "2021.csv", "2021", "61911.0", "70912.0", "132823.0")
    report = validate(sorted(tmp_path.glob("*.csv")))
    assert report.counts == {"period-gap": 1, "factor-slip": 3}
    assert {f.place.file for f in report.of_rule("factor-slip")} == {"2021.csv"}
    assert {f.place.file for f in report.of_rule("period-gap")} == {"2020.csv"}
    assert report.coverage["observations"].tolist() == [9]


@pytest.mark.parametrize(
    ("women", "rule"), [("60.541", "duplicate-equal"), ("60.545", "duplicate-conflict")]
)
def test_key_in_two_files_is_a_duplicate(tmp_path: Path, women: str, rule: str) -> None:
    one = stock(tmp_path / "one.csv", "2010", "60.541", "72.728", "133.269")
    two = stock(tmp_path / "two.csv", "2010", women, "72.728", "133.269")
    report = validate(one, two)
    assert report.counts[rule] == (3 if rule == "duplicate-equal" else 1)
    assert set(report.counts) <= {"duplicate-equal", rule}
    (found,) = [f for f in report.of_rule(rule) if f.place.key["SEX"] == "SEX_F"]
    assert found.place.file == "two.csv"
    assert found.message.endswith("(first at row 1 of one.csv).")


def test_findings_beyond_the_limit_are_counted_under_their_own_rule() -> None:
    """Every sum of a table of 5,002 is broken: 5,000 are listed, the last finding counts the others."""
    codes = list(structures.codes("CL_CRS")["code"])[3:]
    keys = [
        (area, code)
        for area in sorted(structures.allowed("POP_MNAS_SEX_CRS_NB")["REF_AREA"])
        for code in codes
    ]
    rows = [
        (area, "A", "POP_MNAS_NB", f"SEX_{sex}", code, "2020", value)
        for area, code in keys[:5002]
        for sex, value in (("F", "3"), ("M", "2"), ("T", "9"))
    ]
    columns = ["REF_AREA", "FREQ", "MEASURE", "SEX", "CRS", "TIME_PERIOD", "OBS_VALUE"]
    data = Dataset(
        pd.DataFrame(rows, columns=columns, dtype="str"),
        Components(tuple(columns[:6])),
        "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)",
    )
    found = validate(data).of_rule("sex-sum").findings
    assert len(found) == 5001
    messages = [finding.message for finding in found]
    assert messages.count("2 more of this rule in this table, counted and not listed.") == 1


def test_structure_among_the_data_is_refused_with_what_it_is_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "stock.structure.xml"
    assert run(["structures", "export", "--dataflow", "POP_MNAS_SEX_CRS_NB", str(path)]) == 0
    assert run(["validate", str(path)]) == 4
    assert (
        "stock.structure.xml: expected data, found a structure message"
        in capsys.readouterr().err
    )


@given(
    st.text("AB.*?", max_size=8),
    st.lists(st.text("AB.", max_size=8), min_size=1, max_size=4),
)
def test_a_pattern_takes_what_a_file_pattern_takes(pattern: str, texts: list[str]) -> None:
    accepted = Accepted("sex-sum", pattern, "r", "n", datetime.date(2030, 1, 1))
    assert accepted.fits(texts) == any(fnmatchcase(text, pattern) for text in texts)


@pytest.mark.parametrize(
    "pattern",
    ["PHL.*.{country}.{year}", "*{country}.{year}", "*{country}*{year}", "*{country}.*{year}*"],
)
def test_thousands_of_exceptions_accept_thousands_of_findings_at_once(pattern: str) -> None:
    """One finding is compared with the exceptions that name its codes or letters, not with all."""
    last_day = datetime.date(2030, 1, 1)
    exceptions = []
    found = []
    for number in range(4000):
        country, year = f"CDS_DES_{100 + number // 40}", str(1980 + number % 40)
        key = {"REF_AREA": "PHL", "SEX": "SEX_T", "CDS": country, "TIME_PERIOD": year}
        found.append(
            find("negative-value", Place(dataflow="ILO:DF_X(1.0)", key=key), read="-1")
        )
        exceptions.append(
            Accepted(
                "negative-value", pattern.format(country=country, year=year), "r", "n", last_day
            )
        )
    # Their product would take minutes; benchmarks.validation measures it.
    kept, accepted = divided(found, exceptions, datetime.date(2026, 1, 1))
    assert not kept
    assert [exception for _, exception in accepted] == exceptions


def test_the_first_of_several_exceptions_accepts() -> None:
    last_day = datetime.date(2030, 1, 1)
    place = Place(dataflow="ILO:DF_X(1.0)", key={"REF_AREA": "PHL", "TIME_PERIOD": "2020"})
    finding = find("negative-value", place, read="-1")
    first = Accepted("negative-value", "PHL.*", "first", "n", last_day)
    second = Accepted("negative-value", "PHL.2020", "second", "n", last_day)
    for exceptions in ((first, second), (second, first)):
        _, ((_, by),) = divided([finding], exceptions, datetime.date(2026, 1, 1))
        assert by is exceptions[0]

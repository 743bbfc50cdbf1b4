"""The rows of the casebook on validation and comparison come out as they are written there.

Each row is run as it is, and again with its observations in other orders: the order decides nothing.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, Validation, compare, validate, with_concept
from ilms_sdmx.analysis.comparison.snapshots import undesa

pytestmark = pytest.mark.shared
Row = tuple[str, str, str, str]
ABROAD = "POP_MNAS_SEX_CRS_NB"
OUTFLOW = "EMP_MNAO_SEX_CDS_NB"
HOURS = "HOW_XEES_SEX_CCT_NB"


def data_set(flow: str, rows: list[Row], mult: str = "") -> Dataset:
    """Figures of Cambodia in rows `sex code period value`."""
    first, second, *_, dimension, unit = flow.split("_")
    frame = pd.DataFrame(rows, columns=["SEX", dimension, "TIME_PERIOD", "OBS_VALUE"])
    frame = frame.assign(REF_AREA="KHM", FREQ="A", MEASURE=f"{first}_{second}_{unit}")
    dimensions = ("REF_AREA", "FREQ", "MEASURE", "SEX", dimension, "TIME_PERIOD")
    attributes: dict[str, tuple[str, ...]] = {}
    if mult:
        frame["UNIT_MULT"] = mult
        attributes["UNIT_MULT"] = ()
    columns = [*dimensions, "OBS_VALUE", *attributes]
    components = Components(dimensions, attributes=attributes)
    return Dataset(frame[columns], components, f"ILO:DF_{flow}(1.0)")


def line(values: str, first: int, code: str = "CRS_RES_TOTAL", suffix: str = "") -> list[Row]:
    """Series of totals, one figure a year; a dash is a year without one."""
    rows = []
    for number, value in enumerate(values.split()):
        if value != "-":
            rows.append(("SEX_T", code, f"{first + number}{suffix}", value))
    return rows


def by_sex(codes: str, **figures: str) -> list[Row]:
    """Rows of 2018 by sex and destination."""
    rows = []
    for sex, text in figures.items():
        for code, value in zip(codes.split(), text.split(), strict=True):
            rows.append((f"SEX_{sex}", f"CDS_DES_{code}", "2018", value))
    return rows


def hours(**figures: str) -> list[Row]:
    return [("SEX_T", f"CCT_CIT_{code}", "2018", value) for code, value in figures.items()]


def occupations() -> list[Row]:
    parts = {"1": "0.6", "2": "1.9", "3": "2.8", "7": "5.1", "8": "1.4", "TOTAL": "22.4"}
    rows = []
    for year in ("2016", "2017", "2018"):
        rows += [("SEX_T", f"OCU_ISCO08_{c}", year, v) for c, v in parts.items()]
    return rows


def told(report: Validation, *rules: str) -> set[tuple[str, str, str]]:
    """Rule, severity and period of findings."""
    found = set()
    for finding in report:
        if finding.rule in rules:
            period = finding.place.key.get("TIME_PERIOD", "")
            found.add((finding.rule, str(finding.severity.value), period))
    return found


def causes(report: Validation) -> str:
    return " ".join(finding.cause for finding in report)


def v1(report: Validation) -> bool:
    return told(report, "zero-or-missing") == {("zero-or-missing", "warning", "2014")}


def v2(report: Validation) -> bool:
    return told(report, "zero-or-missing") == {("zero-or-missing", "warning", "2018")}


def v3(report: Validation) -> bool:
    return told(report, "zero-or-missing") == {("zero-or-missing", "note", "2013")}


def v4(report: Validation) -> bool:
    expected = {("hours-above-week", "error", "2018"), ("rate-between", "warning", "2018")}
    return told(report, "rate-between", "hours-above-week") == expected


def v5(report: Validation) -> bool:
    return told(report, "hours-above-week") == {("hours-above-week", "error", "2018")}


def v6(report: Validation) -> bool:
    return told(report, "year-jump") == {("year-jump", "warning", "2013")}


def v7(report: Validation) -> bool:
    return report.exit_code < 2 and len(told(report, "parts-short")) == 3


def v8(report: Validation) -> bool:
    text = causes(report)
    return "OMN" in text and "(52)" in text and "(9)" in text and "change places" in text


def v9(report: Validation) -> bool:
    text = causes(report)
    return all(part in text for part in ("NPL", "(14)", "(19)", "change places"))


def v10(report: Validation) -> bool:
    errors = [finding for finding in report if finding.severity.value == "error"]
    return len(errors) >= 2 and not re.search(r"-\d", causes(report))


def v11(report: Validation) -> bool:
    return {period for _, _, period in told(report, "factor-slip")} == {"2014-10-01/P1Y"}


def v12(report: Validation) -> bool:
    return bool(told(report, "period-gap"))


def v13(report: Validation) -> bool:
    period = "2021-01-01/P5M"
    return told(report, "time-format") == {("time-format", "error", period)}


def control_slip(report: Validation) -> bool:
    return {period for _, _, period in told(report, "factor-slip")} == {"2014"}


def control_sum(report: Validation) -> bool:
    return bool(told(report, "sex-sum"))


def dwap() -> list[Row]:
    return [
        ("SEX_T", "CBR_BIR_TOTAL", f"{2012 + number}", value)
        for number, value in enumerate(("58.3", "57.9", "0.59", "59.4"))
    ]


FISCAL = "-10-01/P1Y"
COUNTRIES = "NPL OMN X TOTAL"
SWAPPED = by_sex(COUNTRIES, M="27 9 6 85", F="14 52 19 42", T="41 61 25 127")
WOMEN = by_sex(COUNTRIES, M="27 52 6 85", F="19 9 14 42", T="41 61 25 127")
BELOW = by_sex(COUNTRIES, M="4 5 4 7", F="3 2 3 8", T="7 7 1 15")
SLIP = "96.2 98.0 99.1 1008.3 101.7 103.2 104.9 106.0 107.8"
ODD = [*line("100", 2020, "CDS_DES_TOTAL"), ("SEX_T", "CDS_DES_TOTAL", "2021-01-01/P5M", "99")]
VALIDATED: dict[str, tuple[str, list[Row], Callable[[Validation], bool]]] = {
    "V1": (ABROAD, line("41.2 40.9 41.5 0 42.0 41.1 41.8 40.7", 2011), v1),
    "V2": (ABROAD, line("41.2 40.9 41.5 41.3 42.0 41.1 41.8 0", 2011), v2),
    "V3": (ABROAD, line("0 0 0 41.3 42.0 41.1 41.8 41.0", 2011), v3),
    "V4": (HOURS, hours(TOTAL="36", CITIZEN="168.1", NONCIT="35"), v4),
    "V5": (HOURS, hours(TOTAL="171"), v5),
    "V6": (ABROAD, line("41.2 40.9 203.7 41.1", 2011), v6),
    "V7": ("EMP_MNAO_SEX_OCU_NB", occupations(), v7),
    "V8": (OUTFLOW, SWAPPED, v8),
    "V9": (OUTFLOW, WOMEN, v9),
    "V10": (OUTFLOW, BELOW, v10),
    "V11": (ABROAD, line(SLIP, 2011, "CRS_RES_THA", FISCAL), v11),
    "V12": (ABROAD, line(SLIP.replace("1008.3", "-"), 2011, "CRS_RES_THA", FISCAL), v12),
    "V13": (OUTFLOW, ODD, v13),
    "control slip": ("EMP_DWAP_SEX_AGE_CBR_RT", dwap(), control_slip),
    "control sum": (
        ABROAD,
        [
            (f"SEX_{s}", "CRS_RES_TOTAL", "2018", v)
            for s, v in (("M", "3"), ("F", "4"), ("T", "0"))
        ],
        control_sum,
    ),
}
ORDERS = range(4)


def shuffled(rows: list[Row], order: int) -> list[Row]:
    """Rows as they are, backwards, or in a random order."""
    if order < 2:
        return rows[:: 1 - 2 * order]
    return random.Random(order).sample(rows, len(rows))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("case", VALIDATED)
def test_validation_says_what_the_casebook_says(case: str, order: int, shared: Path) -> None:
    flow, rows, is_said = VALIDATED[case]
    report = validate(data_set(flow, shuffled(rows, order)))
    assert is_said(report), "\n".join(map(str, report))


def periods(shared: Path) -> Iterator[tuple[str, bool]]:
    with (shared / "cases" / "periods.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            yield row["time_period"], row["valid"] == "yes"


def test_every_form_of_a_period_is_judged_as_the_casebook_says(shared: Path) -> None:
    """V14: what is no period is an error with its key."""
    for text, is_valid in periods(shared):
        report = validate(data_set(ABROAD, [("SEX_T", "CRS_RES_TOTAL", text, "1")]))
        forms = [f for f in report.of_rule("time-format") if "frequency" not in f.message]
        assert bool(forms) != is_valid, text
        assert is_valid or forms[0].place.key["TIME_PERIOD"] == text


def abroad(figures: list[tuple[str, str]], period: str = "2020", mult: str = "0") -> Dataset:
    rows = [("SEX_T", f"CRS_RES_{code}", period, value) for code, value in figures]
    return data_set(ABROAD, rows, mult)


@pytest.mark.parametrize("order", ORDERS)
def test_sums_over_unlike_hosts_are_not_subtracted(order: int, shared: Path) -> None:
    """C1 and C2."""
    figures = [("THA", "480000"), ("KOR", "61000"), ("X", "140000")]
    rows: Any = shuffled(figures, order)  # type: ignore[arg-type]
    comparison = compare(abroad(rows), undesa("2024"))
    pairs = comparison.pairs.set_index("partner")
    for partner in ("TOTAL", "X"):
        pair = pairs.loc[partner]
        record = comparison.records.loc[pair["theirs_record"]]
        assert record["criterion"] == "mixed"
        assert pd.isna(pair["difference"])
        assert "criterion" in str(pair["reasons"]).split()


def test_a_total_of_unknown_criterion_has_no_change(shared: Path) -> None:
    """C3."""
    ours = abroad([("TOTAL", "690000"), ("THA", "480000")])
    revisions = compare(ours, undesa("2020"), undesa("2024")).revisions
    chosen = (revisions["origin"] == "KHM") & (revisions["host"] == "TOTAL")
    chosen &= (revisions["sex"] == "SEX_T") & (revisions["period"] == "2020")
    (total,) = revisions[chosen].to_dict("records")
    assert pd.isna(total["change"])
    assert "unknown" in total["older_counts"]


def paired(period: str) -> list[int]:
    ours = abroad([("THA", "93.0")], period, "3")
    theirs = abroad([("THA", "118.0")], "2018", "3")
    return [int(gap) for gap in compare(ours, theirs).pairs["gap_days"]]


def test_periods_of_comparisons_are_read_as_everywhere(shared: Path) -> None:
    """C4, C5 and C6."""
    assert paired("2018-04-01T00:00:00/P1Y") == paired("2018-04-01/P1Y") != []
    assert len(paired("2018-D091")) == 1
    valid = [text for text, is_valid in periods(shared) if is_valid]
    gap = partial(compare, max_gap_days=100_000)
    for text in valid:
        ours, theirs = abroad([("THA", "93.0")], text), abroad([("THA", "118.0")], "2018")
        assert len(gap(ours, theirs).pairs) == 1, text


def counting_all(dataset: Dataset) -> Dataset:
    return with_concept(dataset, {"scope": "all", "ages": "all"})


def test_controls_of_comparison_are_right(shared: Path) -> None:
    """Nationals abroad are compared only where both say that they count all of them."""
    ours = abroad([("TOTAL", "1133.0"), ("MYS", "1133.4")], "2020", "3")
    theirs = abroad([("TOTAL", "1200.0"), ("MYS", "1100.0")], "2020", "3")
    told = compare(counting_all(ours), counting_all(theirs)).report
    assert told.of_rule("comparison-parts-exceed-total").findings
    rounded = abroad([("THA", "480.1")], "2020", "3")
    exact = abroad([("THA", "480127")])
    assert not compare(rounded, exact).pairs["agree"].any()
    assert compare(counting_all(rounded), counting_all(exact)).pairs["agree"].all()


def test_every_row_of_the_casebook_has_a_test(shared: Path) -> None:
    rows = set()
    for name in ("validation.md", "comparison.md"):
        text = (shared / "cases" / name).read_text(encoding="utf-8")
        rows |= set(re.findall(r"^\| ([VC]\d+) \|", text, re.M))
    tested = {*VALIDATED, "V14", *(f"C{number}" for number in range(1, 7))}
    assert rows <= tested

"""One arithmetic of sums: half the step of each part and of the total, whoever asks."""

import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ilms_sdmx
from ilms_sdmx import Conversion, convert
from ilms_sdmx.mapping.file.reading import parse_mapping
from ilms_sdmx.sums import (
    SumComparison,
    SumVerdict,
    Term,
    agrees,
    allowance,
    compare,
    printed_decimals,
    printed_step,
    shared_zeros,
    shared_zeros_of_groups,
    whole_numbers,
)
from ilms_sdmx.tables.workbooks import read_workbook

PACKAGE = Path(ilms_sdmx.__file__).parent


def terms(*texts: str) -> list[Term]:
    return [Term(Decimal(t), printed_step(t, t, counted="." not in t)) for t in texts]


def compared(total: str, *parts: str, bounded: bool = False) -> SumComparison:
    (whole,) = terms(total)
    result = compare(terms(*parts), whole, bounded=bounded)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("total", "parts", "verdict"),
    [
        ("21.2", ("11.4", "9.7"), SumVerdict.AGREES),  # three halves of a tenth are allowed
        ("21.3", ("11.4", "9.7"), SumVerdict.DIFFERS),
        ("7", ("3", "4"), SumVerdict.AGREES),
        ("8", ("3", "4"), SumVerdict.DIFFERS),  # counts are exact
        ("101.845", ("51.615", "51.615"), SumVerdict.DIFFERS),
        ("103.231", ("51.615", "51.615"), SumVerdict.AGREES),
    ],
)
def test_rounding_allows_half_a_step_for_each_part_and_the_total(
    total: str, parts: tuple[str, ...], verdict: SumVerdict
) -> None:
    assert compared(total, *parts).verdict is verdict


def test_parts_that_may_be_fewer_are_at_most_the_total() -> None:
    assert compared("10.0", "3.0", "4.0", bounded=True).verdict is SumVerdict.AT_MOST
    assert compared("10.0", "8.0", "4.0", bounded=True).verdict is SumVerdict.DIFFERS


def test_a_part_without_a_figure_leaves_a_short_sum_open() -> None:
    parts = [*terms("3", "4"), Term(None)]
    short, equal, over = (compare(parts, Term(Decimal(t))) for t in (9, 7, 5))
    assert short
    assert equal
    assert over
    assert (short.parts, short.missing, short.verdict) == (2, 1, SumVerdict.OPEN)
    assert (equal.verdict, over.verdict) == (SumVerdict.AGREES, SumVerdict.DIFFERS)


def test_parts_that_may_be_inside_others_decide_nothing_in_between() -> None:
    parts = [*terms("60", "30"), Term(Decimal(25), nested=True)]
    found = {t: compare(parts, Term(Decimal(t))) for t in (90, 100, 115, 80, 120)}
    verdicts = {t: one.verdict for t, one in found.items() if one}
    assert verdicts == {
        90: SumVerdict.AGREES,
        115: SumVerdict.AGREES,
        100: SumVerdict.NESTED,
        80: SumVerdict.DIFFERS,
        120: SumVerdict.DIFFERS,
    }


FIGURES = st.decimals(-(10**9), 10**9, places=2)


@given(st.lists(FIGURES, min_size=1, max_size=8), FIGURES, st.randoms())
def test_the_order_of_the_terms_changes_nothing(
    values: list[Decimal], total: Decimal, random: object
) -> None:
    parts = [Term(v, Decimal("0.01")) for v in values]
    shuffled = list(parts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    whole = Term(total, Decimal("0.01"))
    assert compare(parts, whole) == compare(shuffled, whole)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=8), st.integers(0, 3))
def test_figures_that_add_up_before_rounding_agree_after_it(
    values: list[int], places: int
) -> None:
    step = Decimal(1).scaleb(-places)
    exact = [Decimal(v).scaleb(-4) for v in values]
    parts = [Term(v.quantize(step), step) for v in exact]
    found = compare(parts, Term(sum(exact, Decimal()).quantize(step), step))
    assert found
    assert found.verdict is SumVerdict.AGREES


@given(st.integers(-400, 400), st.integers(1, 400))
def test_columns_are_judged_as_single_numbers_are(difference: int, steps: int) -> None:
    """Floats of tenths, whole numbers of tenths and decimals."""
    right = bool(agrees(Decimal(difference) / 10, allowance(Decimal(steps) / 10)))
    floats = agrees(np.array([difference / 10]), allowance(np.array([steps / 10])))
    whole = agrees(np.array([difference]), allowance(np.array([steps])))
    assert (bool(floats[0]), bool(whole[0])) == (right, right)


@pytest.mark.parametrize(
    ("text", "value", "decimals"),
    [
        ("103.230", "103.230", 3),
        ("103.230", "103230", 0),
        ("1,234", "1234.4", 0),  # a workbook shows fewer decimals than it stores
        ("1.234.567,8", "1234567.8", 1),
        ("0.1234", "0.1234", 4),
        ("12", "12", 0),
        ("๑๒.๕", "12.5", 1),
    ],
)
def test_the_step_is_the_last_decimal_that_is_printed(
    text: str, value: str, decimals: int
) -> None:
    assert printed_decimals(text, value) == decimals


def test_counts_are_exact_and_thousands_are_rounded() -> None:
    assert printed_step("1 204", "1204") == 0
    assert printed_step("1 204", "1204", 3) == 1000
    assert printed_step("12.4", "12.4", 3) == 100
    assert printed_step("7", "7", counted=False) == 1


def test_eight_figures_that_end_in_zeros_are_rounded_and_seven_are_not() -> None:
    figures = ["11400", "9700", "21100", "12200", "10300", "22500", "900"]
    assert shared_zeros(figures) == 0
    assert shared_zeros([*figures, "0"]) == 0  # a zero says nothing of rounding
    assert shared_zeros([*figures, "5000"]) == 2
    assert shared_zeros([*figures, "5000", "7"]) == 0
    assert shared_zeros([*figures, "5000", "7.5"]) == 0


@given(st.lists(st.integers(-(10**7), 10**7).map(lambda n: n * 10), max_size=12))
def test_groups_share_the_zeros_that_lists_do(numbers: list[int]) -> None:
    column = np.array([*numbers, 7], dtype="float64")
    groups = np.array([*([0] * len(numbers)), 1])
    zeros = shared_zeros_of_groups(column, groups, 2)
    assert zeros.tolist() == [shared_zeros(map(str, numbers)), 0]


@given(st.lists(st.decimals(-(10**15), 10**15, places=3), min_size=1, max_size=6))
def test_whole_numbers_add_up_exactly_however_long_they_are(values: list[Decimal]) -> None:
    numbers = whole_numbers([f"{v:f}" for v in values], 3, len(values))
    assert Decimal(int(numbers.sum())).scaleb(-3) == sum(values)


MAPPING = """\
mapping: 2
source: {area: OMN}
tables:
  - name: t
    begin: Country
    rows: [{name: country, header: Country}]
    columns: [sex]
    multiplier: 0
    rules:
      - where: {sex: Total}
        bucket: total
    checks:
      - total: {sex: Total}
codes:
  country: {codelist: CL_CCT, prefix: CCT_CTZ_, match: true}
  sex: {values: {Men: SEX_M, Women: SEX_F, Total: SEX_T}}
datasets:
  - dataflow: ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)
    components:
      REF_AREA: OMN
      FREQ: A
      MEASURE: EMP_MFRC_NB
      SEX: {from: sex, codes: sex}
      CCT: {from: country, codes: country}
      TIME_PERIOD: {value: "2021"}
      UNIT_MEASURE_TYPE: NB
      UNIT_MEASURE: PS
      UNIT_MULT: 0
      SOURCE: Ministry
"""


def converted(rows: dict[str, tuple[str, str, str]], mapping: str = MAPPING) -> Conversion:
    lines = ["Country;Men;Women;Total"]
    lines += [";".join([name, *figures]) for name, figures in rows.items()]
    book = read_workbook("\n".join(lines).encode(), name="table.csv")
    return convert(book, parse_mapping(mapping, "mapping.yaml", Path()))


def sum_findings(done: Conversion) -> list[tuple[str, str]]:
    wanted = {"total-differs", "rounding-inferred"}
    return [(f.rule, f.place.cell) for f in done.report if f.rule in wanted]


HUNDREDS = {
    "Nepal": ("2400", "1700", "4200"),
    "India": ("3800", "900", "4600"),
    "Japan": ("100", "200", "300"),
}


def test_sums_within_the_rounding_of_a_whole_sheet_agree_and_a_note_says_so() -> None:
    done = converted(HUNDREDS)
    assert sum_findings(done) == [("rounding-inferred", "D2")]
    (note,) = done.report.of_rule("rounding-inferred")
    assert "rounded to hundreds: 2 sums agree" in note.message
    assert done.checked["total"] == {"compared": 3, "agree": 3, "not compared": 0}


def test_an_inferred_step_hides_no_difference_of_two_steps() -> None:
    done = converted(HUNDREDS | {"India": ("3800", "900", "4900")})
    assert ("total-differs", "D3") in sum_findings(done)
    (found,) = done.report.of_rule("total-differs")
    assert "figures rounded to hundreds" in found.affects
    assert found.message == (
        "The 2 parts sum to 4 700; the printed total is 4 900 (difference -200)."
    )


def test_one_figure_that_is_not_round_makes_all_sums_of_the_sheet_exact() -> None:
    done = converted(HUNDREDS | {"Japan": ("100", "201", "301")})
    assert sum_findings(done) == [("total-differs", "D2"), ("total-differs", "D3")]


def test_a_mapping_that_says_to_what_figures_are_rounded_is_believed() -> None:
    exact = MAPPING.replace("multiplier: 0", "rounding: 1")
    found = [("total-differs", "D2"), ("total-differs", "D3")]
    assert sum_findings(converted(HUNDREDS, exact)) == found
    assert sum_findings(converted({"Oman": ("100", "100", "201")}, exact)) == []


def test_three_decimals_are_compared_to_the_third() -> None:
    thousands = MAPPING.replace("multiplier: 0", "multiplier: 3")
    thousands = f'{thousands}conventions: {{decimal: "."}}\n'
    done = converted({"Nepal": ("41.305", "61.925", "101.845")}, thousands)
    (found,) = done.report.of_rule("total-differs")
    assert found.message == (
        "The 2 parts sum to 103 230; the printed total is 101 845 (difference 1 385)."
    )
    assert not sum_findings(converted({"Nepal": ("41.305", "61.925", "103.231")}, thousands))


def test_figures_beyond_64_bits_are_added_up_exactly() -> None:
    one, two = "90071992547409930001", "80000000000000000000"
    whole = str(int(one) + int(two))
    assert sum_findings(converted({"Nepal": (one, two, whole)})) == []
    off = str(int(whole) + 1)
    assert sum_findings(converted({"Nepal": (one, two, off)})) == [("total-differs", "D2")]


#: What a tolerance of sums looks like: half of a unit, a blur, a difference of at most one.
TOLERANCE = re.compile(
    r"0\.5 \* [^\n]*(unit|step|rounding)|(unit|step|rounding)\w*\"?\]?(\.\w+\(\))*\)? / 2\b"
    r"|_BLUR|\btolerance \+ 1e-|abs\([^\n]*\) <=? 1\b(?!\.)|abs\([^\n]*\) > 1\b(?!\.)"
    r"|<= [^\n]*1e-\d+|Decimal\(\"1e-\d"
)


def test_there_is_no_second_tolerance_of_sums() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.parent != PACKAGE / "sums"
        for line in path.read_text(encoding="utf-8").splitlines()
        if TOLERANCE.search(line)
    ]
    assert found == []

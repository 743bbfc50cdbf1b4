"""Numbers as the region's tables print them: one exact value, or a reason; never a guess."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx.tables import Separators, infer_separators, read_number

ENGLISH = Separators(".", ",")
CONTINENTAL = Separators(",", ".")
SPACED = Separators(",", " ")


@pytest.mark.parametrize(
    ("text", "separators", "value"),
    [
        ("1,234,567", ENGLISH, "1234567"),
        ("1,234.50", ENGLISH, "1234.50"),
        ("586.802", CONTINENTAL, "586802"),
        ("1.234,5", CONTINENTAL, "1234.5"),
        ("1\u00a0234\u202f567,5", SPACED, "1234567.5"),
        ("1\u2009234", SPACED, "1234"),
        ("1’234", Separators(".", "'"), "1234"),
        ("๑๐,๐๒๔", ENGLISH, "10024"),
        ("១២,៣៤៥", ENGLISH, "12345"),
        ("໑໒.໓໔໕", CONTINENTAL, "12345"),
        ("၁,၂၃၄", ENGLISH, "1234"),
        ("-5", ENGLISH, "-5"),
        ("−5", ENGLISH, "-5"),
        ("–0.1", ENGLISH, "-0.1"),
        ("+12", ENGLISH, "12"),
        ("-0", ENGLISH, "0"),
        ("45%", ENGLISH, "45"),
        ("1.22 million", ENGLISH, "1220000"),
        ("1,2 triệu người", CONTINENTAL, "1200000"),
        ("2.5 ล้านคน", ENGLISH, "2500000"),
        ("1,5 juta orang", CONTINENTAL, "1500000"),
        ("76 lao động nam", CONTINENTAL, "76"),
        ("120 คน", ENGLISH, "120"),
        ("more than 45,000", ENGLISH, "45000"),
        ("khoảng 3.000 lao động", CONTINENTAL, "3000"),
    ],
)
def test_a_number_is_read_exactly(text: str, separators: Separators, value: str) -> None:
    assert read_number(text, separators).value == value


@pytest.mark.parametrize(
    ("text", "separators", "candidates"),
    [
        ("58.44", CONTINENTAL, ("5844",)),
        ("2,508 900", ENGLISH, ("2508900",)),
        ("1,570 ,00", ENGLISH, ("157000",)),
        ("330, 040", ENGLISH, ("330040",)),
        ("12,34", ENGLISH, ("1234",)),
        ("1,234,56", ENGLISH, ("123456",)),
        ("007", ENGLISH, ("7",)),
    ],
)
def test_a_malformed_number_is_refused_and_what_it_may_be_is_only_offered(
    text: str, separators: Separators, candidates: tuple[str, ...]
) -> None:
    reading = read_number(text, separators)
    assert (reading.value, reading.candidates) == ("", candidates)
    assert "is not a number with" in reading.reason


@pytest.mark.parametrize(
    "text",
    [
        "the rest",
        "",
        "-",
        "n.a.",
        "1,234r",
        "1,234p",
        "12abc",
        "1/",
        "3)",
        "5-",
        "10-15",
        "30/6/2566",
        "1e5",
    ],
)
def test_what_is_no_single_number_has_a_reason(text: str) -> None:
    reading = read_number(text, ENGLISH)
    assert reading.value == ""
    assert reading.reason


@pytest.mark.parametrize(
    ("text", "separators", "pair"),
    [
        ("53.610 (20.250)", CONTINENTAL, [("53610", "", False), ("20250", "", True)]),
        ("71M/100F", ENGLISH, [("71", "M", False), ("100", "F", False)]),
        ("12L/5P", ENGLISH, [("12", "M", False), ("5", "F", False)]),
        ("Nam: 12, nữ: 5", CONTINENTAL, [("12", "M", False), ("5", "F", False)]),
        ("1.103 (nữ 41)", CONTINENTAL, [("1103", "", False), ("41", "F", True)]),
    ],
)
def test_two_numbers_in_a_cell_are_told_apart(
    text: str, separators: Separators, pair: list[tuple[str, str, bool]]
) -> None:
    reading = read_number(text, separators)
    assert [(n.value, n.sex, n.bracketed) for n in reading.numbers] == pair
    assert reading.value == ""


def test_a_count_and_its_share_are_told_apart() -> None:
    count, share = read_number("219.610 orang (58 persen)", CONTINENTAL).numbers
    assert (count.value, count.percent, share.value, share.percent) == (
        "219610",
        False,
        "58",
        True,
    )


def test_words_of_approximation_are_kept() -> None:
    read = [
        read_number(t, ENGLISH).numbers[0].approximate
        for t in ("more than 5", "some 5", "almost 5", "5")
    ]
    assert read == ["over", "about", "under", ""]


def test_brackets_alone_are_asked_about() -> None:
    assert "brackets" in read_number("(1,234)", ENGLISH).reason
    assert read_number("(1,234)", ENGLISH, brackets="negative").value == "-1234"
    assert read_number("(1,234)", ENGLISH, brackets="plain").value == "1234"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1.234.567", "586.802"], CONTINENTAL),
        (["1,234.5", "2,000"], ENGLISH),
        (["2,752", "5,226", "48,867", "1,538,996", "45"], ENGLISH),
        (["1 234", "12 345 678"], Separators(".", " ")),
        (["0,5", "12,75", "3,1"], Separators(",", ".")),
        (["12", "345"], ENGLISH),
        (["586.802", "494.609"], None),
        (["135.791", "81.866", "53.925", "77.350", "58.44"], None),
    ],
)
def test_separators_are_inferred_only_where_one_reading_is_possible(
    texts: list[str], expected: Separators | None
) -> None:
    assert infer_separators(texts).separators == expected


def test_whole_persons_or_a_total_decide_what_the_digits_leave_open() -> None:
    assert infer_separators(["586.802", "494.609"], whole=True).separators == CONTINENTAL
    counted = ["1.003", "817", "186"]
    assert infer_separators(counted).separators is None
    assert infer_separators(counted, sums=[(0, [1, 2])]).separators == CONTINENTAL


def test_the_number_that_does_not_fit_is_named() -> None:
    inference = infer_separators(["135.791", "81.866", "53.925", "77.350", "58.44"], whole=True)
    assert (inference.separators, inference.odd) == (CONTINENTAL, (4,))
    assert "4 of 5" in inference.evidence


WAYS = st.sampled_from(
    [ENGLISH, CONTINENTAL, SPACED, Separators(".", " "), Separators(".", "'")]
)
DIGITS = st.sampled_from(["0123456789", "๐๑๒๓๔๕๖๗๘๙", "໐໑໒໓໔໕໖໗໘໙", "០១២៣៤៥៦៧៨៩", "၀၁၂၃၄၅၆၇၈၉"])


@given(st.decimals(min_value=0, max_value=10**12, places=2), WAYS, DIGITS)
def test_whatever_is_written_is_read_back(
    number: Decimal, way: Separators, digits: str
) -> None:
    text = format(number, ",f").translate(str.maketrans({",": way.group, ".": way.decimal}))
    shown = text.translate(str.maketrans("0123456789", digits))
    assert Decimal(read_number(shown, way).value) == number


@given(st.lists(st.integers(1000, 10**9), min_size=1), WAYS)
def test_an_inferred_reading_never_contradicts_the_writer(
    numbers: list[int], way: Separators
) -> None:
    texts = [format(n, ",d").replace(",", way.group) for n in numbers]
    found = infer_separators(texts, whole=True).separators
    assert found is not None
    assert [read_number(t, found).value for t in texts] == [str(n) for n in numbers]


@given(st.text(alphabet="0123456789.,' ()-/%abก\u00a0", max_size=12), WAYS)
def test_any_text_is_read_or_refused_with_a_reason(text: str, way: Separators) -> None:
    reading = read_number(text, way)
    assert bool(reading.value) != bool(reading.reason)

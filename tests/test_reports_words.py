"""Findings in words: names next to codes, periods as a person writes them, groups of one cause."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx.findings import Place, Report, Severity, find
from ilms_sdmx.findings.groups import grouped
from ilms_sdmx.outputs.reports.keys import key_in_words, with_names
from ilms_sdmx.outputs.reports.validation import validation_page
from ilms_sdmx.periods import parse_period
from ilms_sdmx.periods.spoken import spoken

FLOW = "ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)"
KEY = {
    "REF_AREA": "LAO",
    "FREQ": "A",
    "MEASURE": "EMP_MNAO_NB",
    "SEX": "SEX_F",
    "CDS": "CDS_DES_JPN",
    "TIME_PERIOD": "2017-10-01/P1Y",
}
PLACE = Place(dataflow=FLOW, key=KEY)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2017", "2017"),
        ("2017-A1", "2017"),
        ("2017-S2", "second half of 2017"),
        ("2017-Q3", "third quarter of 2017"),
        ("2017-02", "February 2017"),
        ("2017-M02", "February 2017"),
        ("2017-02-09", "9 February 2017"),
        ("2017-D032", "1 February 2017"),
        ("2017-07-01/P1Y", "July 2017 to June 2018"),
        ("2017-01-01/P1Y", "2017"),
        ("2017-01-01/P5M", "January to May 2017"),
        ("2017-03-16/P1Y", "16 March 2017 to 15 March 2018"),
        ("99999", "99999"),
        ("about 2017", "about 2017"),
        ("", ""),
    ],
)
def test_periods_are_written_as_a_person_writes_them(text: str, words: str) -> None:
    assert spoken(text) == words


@given(st.dates(), st.integers(1, 40))
def test_the_words_of_a_period_tell_it_from_any_other(day: object, months: int) -> None:
    """Two ranges of months have the same words only where they hold the same days."""
    first, second = f"{day}/P{months}M", f"{day}/P{months + 1}M"
    assert spoken(first) != spoken(second)
    period = parse_period(first)
    assert period is None or str(period.first.year) in spoken(first)


def test_a_key_is_named_and_unknown_codes_stand() -> None:
    words = key_in_words(FLOW, KEY)
    assert words.startswith("Lao People's Democratic Republic, October 2017 to September 2018;")
    assert "Sex: Female" in words
    assert words.endswith("Japan")
    assert "ZZZ" in key_in_words(FLOW, KEY | {"CDS": "CDS_DES_ZZZ"})
    assert key_in_words("MOL:OWN(1.0)", {"SECTOR": "A1"}) == "SECTOR: A1"
    assert key_in_words(FLOW, {}) == ""


def test_keys_and_codes_in_a_text_have_their_names() -> None:
    cause = f"{'.'.join(KEY.values())} (64) and CDS_DES_KOR change places, 5.5 or 2.5"
    text = with_names(cause, FLOW, KEY)
    assert text.endswith(
        "Japan (64) and CDS_DES_KOR (Korea, Republic of) change places, 5.5 or 2.5"
    )
    assert with_names("OBS_STATUS of A.B stays", FLOW, KEY) == "OBS_STATUS of A.B stays"
    assert with_names("SEX_M", FLOW, {}) == "SEX_M"


def test_one_cause_is_one_group_with_the_sums_that_it_breaks() -> None:
    sums = [
        find("negative-value", PLACE, read="-1", cause="a row left out"),
        find("year-jump", PLACE, read="5", times="9", before="1", cause="a row left out"),
        find("year-jump", PLACE, read="5", times="9", before="1"),
    ]
    cause, alone = grouped(Report.of(sums))
    assert cause.rules == ("negative-value", "year-jump")
    assert cause.severity is Severity.ERROR
    assert str(cause).count("a row left out") == 1
    assert alone.cause == ""
    assert str(alone) == str(sums[2])


def test_many_findings_of_one_rule_are_one_paragraph() -> None:
    places = [Place(dataflow=FLOW, key=KEY | {"TIME_PERIOD": f"20{n}"}) for n in range(10, 70)]
    report = Report.of([find("negative-value", place, read="-9") for place in places])
    (group,) = grouped(report)
    lines = str(group).splitlines()
    assert lines[0] == "error negative-value  60 findings"
    assert len(lines) < 25
    assert "  - and 52 more" in lines


def test_the_page_says_rules_in_words_with_links() -> None:
    page = validation_page(Report.of([find("negative-value", PLACE, read="-9")]))
    assert "Sex: Female" in page
    for target in set(re.findall(r'href="#([\w-]+)"', page)):
        assert f'id="{target}"' in page, target
    assert "Correct the sign, or leave the figure empty" in page

"""What a cell holds and what its page shows: nothing that differs is written without a word."""

import io
from datetime import datetime

import openpyxl
import pytest

from ilms_sdmx import Conversion, convert
from ilms_sdmx.findings import Severity
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.mappings import by_country

MAPPING = by_country("languages: [en]")
DAY = datetime(2023, 6, 30)  # noqa: DTZ001
NAMES = ["Japan", "Qatar", "Kuwait", "Oman", "Total"]
#: Formats that put padding, brackets and currencies around numbers, and no mark.
ACCOUNTS = [
    '_(* #,##0_);_(* \\(#,##0\\);_(* "-"??_);_(@_)',
    "_-[$RM-43E]* #,##0_-;-0",
    "#\\ ##0",
    "(0)",
]
CHECKED = (
    "[year]",
    "[year]\n    rules: [{where: {country: Total}, bucket: total}]\n    checks: [{total: {country: Total}}]",
)
COUNTRIES = ("match: true", "match: true, values: {Total: CDS_DES_TOTAL}")


def table(figures: list[object], form: str = "", names: list[str] = NAMES) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Country", "2019"])
    for name, figure in zip(names, figures, strict=False):
        book.active.append([name, figure])
        if form:
            book.active.cell(book.active.max_row, 2).number_format = form
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def run(
    figures: list[object], *changes: tuple[str, str], form: str = "", names: list[str] = NAMES
) -> Conversion:
    text = MAPPING
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return convert(table(figures, form, names), parse_mapping(text))


def values(done: Conversion) -> list[str]:
    return done.datasets[0].observations["OBS_VALUE"].tolist() if done.datasets else []


@pytest.mark.parametrize(
    ("figure", "form", "rule", "value"),
    [
        (1234567, "#,##0,", "shown-in-thousands", "1234567"),
        (1234567, "#,##0,,", "shown-in-thousands", "1234567"),
        (0.123, "0.0%", "percent-as-figure", "12.3"),
        ("12.3%", "", "percent-as-figure", "12.3"),
        (5, '"n.a."', "shown-without-digits", "5"),
        (-5, "0;;", "shown-without-digits", "-5"),
        (5, '[<10]"s";0', "shown-without-digits", "5"),
        (5, '0"*"', "shown-with-mark", "5"),
        (5, '"p"0', "shown-with-mark", "5"),
        (1234.5, '#,##0.0" p"', "shown-with-mark", "1234.5"),
        (5, "0\\ \\r", "shown-with-mark", "5"),
        (5, 'General" persons"', "shown-with-mark", "5"),
    ],
)
def test_what_the_page_shows_otherwise_is_a_warning(
    figure: object, form: str, rule: str, value: str
) -> None:
    done = run([figure], form=form)
    assert values(done) == [value]
    (found,) = done.report.of_rule(rule)
    assert found.severity is Severity.WARNING
    assert found.place.cell == "B2"


@pytest.mark.parametrize(
    "form", ["0", "#,##0", "0.00", '0;-0;"-"', "[Red]0", "General", "@", *ACCOUNTS]
)
def test_what_the_page_shows_as_it_is_gives_no_finding(form: str) -> None:
    assert not run([0, 5], form=form).report.findings


@pytest.mark.parametrize(
    "form", ['0" p"', '0"p"', '"p "0', '0" (p)"', '0" p/"', '0,"p"', '[<9]0" p";0"r"']
)
def test_a_declared_mark_that_only_the_format_shows_is_a_status(form: str) -> None:
    done = run([5, "7"], ("languages: [en]", "languages: [en], flags: {p: P, r: A}"), form=form)
    assert values(done) == ["5", "7"]
    assert done.datasets[0].observations["OBS_STATUS"].astype("str").fillna("").tolist() == [
        "P",
        "",
    ]
    assert not done.report.of_rule("shown-with-mark")


def test_a_mark_beside_a_percent_is_told_where_percents_should_be() -> None:
    rule = ("[year]", "[year]\n    rules: [{where: {country: Japan}, bucket: percent}]")
    assert run([0.5], rule, form='0%"p"').report.counts == {"shown-with-mark": 1}
    flags = ("languages: [en]", "languages: [en], flags: {p: P}")
    assert "shown-with-mark" not in run([0.5], rule, flags, form='0%"p"').report.counts


def test_words_that_only_the_format_shows_are_declared_by_the_line_that_the_finding_gives() -> (
    None
):
    (found,) = run([5, 7], form='0" persons"').report.findings
    assert (found.read, found.affects.split(",")[0]) == ("5 persons", "2 figures")
    assert found.fix.endswith("footnotes: 'persons'")
    done = run(
        [5, 7], ("languages: [en]", "languages: [en], footnotes: 'persons'"), form='0" persons"'
    )
    assert values(done) == ["5", "7"]
    assert done.exit_code == 0, [str(f) for f in done.report]


def test_a_year_whose_format_says_that_it_is_provisional() -> None:
    book = openpyxl.load_workbook(io.BytesIO(table([5])))
    book.active["B1"].value, book.active["B1"].number_format = 2023, '0"p"'
    stream = io.BytesIO()
    book.save(stream)
    bare = convert(stream.getvalue(), parse_mapping(MAPPING))
    assert [(f.rule, f.place.cell) for f in bare.report] == [("mark-undeclared", "B1")]
    mapping = MAPPING.replace("languages: [en]", "languages: [en], flags: {p: P}")
    done = convert(stream.getvalue(), parse_mapping(mapping))
    assert done.datasets[0].observations[["TIME_PERIOD", "OBS_STATUS"]].values.tolist() == [
        ["2023", "P"]
    ]


def test_percents_where_percents_should_be_give_no_finding() -> None:
    rule = ("[year]", "[year]\n    rules: [{where: {country: Japan}, bucket: percent}]")
    assert run([0.5, 7], rule, form="").report.counts == {"figure-without-proof": 1}
    done = run([0.5], rule, form="0%")
    assert not done.report.findings


@pytest.mark.parametrize("figures", [["58.44", "135.791"], ["135.791", "58.44", "81.866"]])
def test_a_number_without_its_last_digit_among_grouped_ones_is_never_a_fraction(
    figures: list[object],
) -> None:
    done = run(figures)
    assert values(done) == []
    assert {f.place.cell for f in done.report} == {f"B{n}" for n in range(2, 2 + len(figures))}
    declared = run(figures, ("languages: [en]", "languages: [en], decimal: ',', group: '.'"))
    assert "5844" not in values(declared)
    assert declared.report.counts == {"malformed-number": 1}


def test_the_reading_of_separators_is_said_with_its_evidence() -> None:
    (found,) = run(["1,234", "1,234,567"]).report.of_rule("inferred-separators")
    assert "fit only this reading" in found.cause
    assert not run(["1,234"], ("[en]", "[en], decimal: '.'")).report.findings


def test_totals_decide_what_the_digits_leave_open() -> None:
    """1.003 is a thousand and three where 817 and 186 are its parts."""
    done = run(
        ["817", "186", None, None, "1.003"],
        CHECKED,
        COUNTRIES,
        names=["Japan", "Qatar", "", "", "Total"],
    )
    assert values(done) == ["817", "186", "1003"]
    (found,) = done.report.of_rule("inferred-separators")
    assert "1 sum agrees under this reading only" in found.cause


def test_totals_that_agree_either_way_decide_nothing() -> None:
    done = run(
        ["1.000", "2.000", "3.000"], CHECKED, COUNTRIES, names=["Japan", "Qatar", "Total"]
    )
    assert values(done) == []
    assert done.report.counts == {"malformed-number": 3}


def test_a_formula_without_result_counts_among_the_cells_and_shows_itself() -> None:
    done = run([1, "=B2*2"])
    assert done.report.counts == {"formula-without-result": 1, "malformed-number": 1}
    assert (
        done.summary() == "6 cells: 1 observation, 4 labels, 1 only in findings, 0 unexplained"
    )
    assert done.provenance.set_index("cell").loc["B3", "text"] == "=B2*2"


@pytest.mark.parametrize(
    "figure",
    [
        "1,570 ,00",
        "330, 040",
        "2,508 900",
        "53.610 (20.250)",
        "71M/100F",
        "120 (35%)",
        "(123)",
        "1O0",
        "½",
        True,
        "1,23,456",
        "1e5",
        "#REF!",
        "1234-",
        "1,000 – 2,000",
        "5,000+",
        DAY,
    ],
)
def test_what_is_no_certain_number_is_never_written(figure: object) -> None:
    done = run([figure], ("[en]", "[en], decimal: '.', group: ','"))
    assert values(done) == []
    assert done.exit_code == 2


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("1\u00a0234", "1234"),
        ("1\u2009234", "1234"),
        ("1\u202f234", "1234"),
        ("\u2212123", "-123"),
        ("\u2013123", "-123"),
        ("\uff0d123", "-123"),
        ("๑๒๓", "123"),
        ("១២៣", "123"),
        ("໑໒໓", "123"),
        ("၁၂၃", "123"),
        ("76 lao động", "76"),
        ("1.22 million", "1220000"),
    ],
)
def test_what_is_certainly_a_number_is_read(figure: str, value: str) -> None:
    assert values(run([figure])) == [value]

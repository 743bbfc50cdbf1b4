"""Footnotes reach the observations that bear their mark; flags become statuses; nothing of either is lost."""

import io
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from ilms_sdmx import Conversion, MappingError, convert
from ilms_sdmx.mapping.file.reading import parse_mapping
from ilms_sdmx.mapping.note_types import note_types
from tests.mappings import by_country

MAPPING = by_country('languages: [en], decimal: ".", group: ","')
Line = list[object]


def raised(text: str, mark: str, after: str = "") -> CellRichText:
    up = TextBlock(InlineFont(vertAlign="superscript"), mark)
    return CellRichText(*filter(None, [text, up, after]))


def book(lines: list[Line]) -> bytes:
    made = openpyxl.Workbook()
    for row, line in enumerate(lines, 1):
        for column, value in enumerate(line, 1):
            if value is not None:
                made.active.cell(row, column).value = value
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def run(lines: list[Line], change: tuple[str, str] = ("", "")) -> Conversion:
    return convert(
        book(lines), parse_mapping(MAPPING.replace(*change) if change[0] else MAPPING)
    )


def notes(done: Conversion) -> dict[tuple[str, str], str]:
    """Note of each observation by country and year."""
    frame = done.datasets[0].observations.astype("str").fillna("")
    keys = zip(frame["CDS"].str[-3:], frame["TIME_PERIOD"], frame["NOTE_CLASSIF"], strict=True)
    return {(country, year): note for country, year, note in keys if note}


def statuses(done: Conversion) -> dict[tuple[str, str], str]:
    frame = done.datasets[0].observations.astype("str").fillna("")
    keys = zip(frame["CDS"].str[-3:], frame["TIME_PERIOD"], frame["OBS_STATUS"], strict=True)
    return {(country, year): status for country, year, status in keys if status}


@pytest.mark.parametrize(
    ("label", "legend"),
    [
        (raised("Japan", "1"), "1/ Students left out"),
        (raised("Japan ", "1)"), "1) Students left out"),
        ("Japan¹", "¹ Students left out"),
        ("Japan 1/", "1/ Students left out"),
        ("Japan (1)", "(1) Students left out"),
        ("Japan*", "* Students left out"),
        (raised("Japan", "a"), raised("", "a", " Students left out")),
        (raised("Japan", "1"), "Notes:\n1. Students left out\n2. Another"),
    ],
)
def test_the_note_of_a_row_goes_with_all_its_figures_and_no_other(
    label: object, legend: object
) -> None:
    done = run([["Country", "2019", "2020"], [label, 1, 2], ["Qatar", 3, 4], [None], [legend]])
    assert notes(done) == {
        ("JPN", "2019"): "Students left out",
        ("JPN", "2020"): "Students left out",
    }
    assert done.exit_code == 0, [str(f) for f in done.report]
    assert done.unexplained == 0
    assert done.counts["note"] == 1


def test_notes_of_column_figure_and_title_join() -> None:
    title = raised("Workers abroad", "3")
    lines: list[Line] = [
        [title],
        ["Country", raised("2019", "1"), "2020"],
        ["Japan", 1, raised("2", "2")],
        [None],
    ]
    lines += [["1/ Provisional"], ["2/ To June"], ["3/ From registers"]]
    done = run(lines, ("conventions", "notes: ['/^Workers/']\nconventions"))
    assert notes(done) == {
        ("JPN", "2019"): "Provisional; From registers",
        ("JPN", "2020"): "To June; From registers",
    }
    frame = done.provenance.set_index("cell")
    assert frame.loc["C3", "note"] == "To June; From registers"
    assert frame.loc["C3", "value"] == "2"
    assert frame.loc["A6", "rule"] == "footnote 2"


def test_a_mark_means_the_next_line_below_where_tables_of_a_sheet_use_it_anew() -> None:
    lines: list[Line] = [["Country", "2019"], [raised("Japan", "1"), 1], ["1/ First"], [None]]
    lines += [["Country", "2020"], [raised("Japan", "1"), 2], ["1/ Second"]]
    assert notes(run(lines)) == {("JPN", "2019"): "First", ("JPN", "2020"): "Second"}


def test_a_mark_alone_in_a_cell_stands_beside_its_text() -> None:
    lines: list[Line] = [
        ["Country", "2019"],
        [raised("Japan", "1"), 1],
        [None],
        ["1/", "Students left out"],
    ]
    done = run(lines, ("columns: [year]", "columns: [year]\n    end: 1/"))
    assert notes(done) == {("JPN", "2019"): "Students left out"}
    assert done.unexplained == 0


def test_a_repeated_label_and_a_repeated_heading_carry_their_marks_along() -> None:
    lines: list[Line] = [
        ["Country", raised("2019", "2"), None],
        [None, "Men", "Women"],
        [raised("Japan", "1"), 1, 2],
        ["1/ Row"],
        ["2/ Column"],
    ]
    changed = MAPPING.replace(
        "columns: [year]", "header: 2\n    columns: [year, sex]\n    fill_columns: [year]"
    )
    changed = changed.replace("SEX: SEX_T", "SEX: {from: sex, codes: sexes}").replace(
        "codes:\n", "codes:\n  sexes: {codelist: CL_SEX, prefix: SEX_, match: true}\n", 1
    )
    done = convert(book(lines), parse_mapping(changed))
    assert done.datasets[0].observations["NOTE_CLASSIF"].tolist() == ["Row; Column"] * 2


def test_a_mark_that_no_line_explains_is_said_and_the_figure_stays() -> None:
    done = run([["Country", "2019"], [raised("Japan", "7"), 120]])
    (found,) = done.report.of_rule("footnote-without-text")
    assert (found.read, found.place.cell) == ("7", "B2")
    assert done.datasets[0].observations["OBS_VALUE"].tolist() == ["120"]
    assert done.exit_code == 0


def test_a_number_in_brackets_at_a_label_is_no_footnote_unless_a_legend_says_so() -> None:
    done = run(
        [["Country", "2019 (2)"], ["Japan", 1]],
        ("period: year", "period: year, periods: {2019 (2): '2019'}"),
    )
    assert notes(done) == {}
    assert not done.report.findings


@pytest.mark.parametrize(
    "printed", ["1,234 p", "1,234 p/", "1,234p", "1,234 (p)", "p 1,234", raised("1,234", "p")]
)
def test_flags_say_the_status_and_never_touch_the_number(printed: object) -> None:
    """P of SDMX, provisional, is written as ILO's list writes it."""
    lines: list[Line] = [
        ["Country", "2019"],
        ["Japan", printed],
        ["Qatar", "5,678"],
        ["p Provisional"],
    ]
    done = run(lines, ("languages: [en]", "languages: [en], flags: {p: P, r: A}"))
    assert done.exit_code == 0, [str(f) for f in done.report]
    assert done.datasets[0].observations["OBS_VALUE"].tolist() == ["1234", "5678"]
    assert set(statuses(done)) == {("JPN", "2019")}
    assert notes(done) == {("JPN", "2019"): "Provisional"}


def test_without_being_declared_a_letter_at_a_figure_stays_a_finding() -> None:
    done = run([["Country", "2019"], ["Japan", "1,234 p"]])
    assert done.report.counts == {"malformed-number": 1}


def test_declared_marks_after_figures_are_split_off_where_no_digit_can_be_meant() -> None:
    lines: list[Line] = [
        ["Country", "2019", "2020"],
        ["Japan", "1,234 1/", "5,6781/"],
        ["1/ To June"],
    ]
    done = run(lines, ("languages: [en]", "languages: [en], footnotes: '\\d/'"))
    assert notes(done) == {("JPN", "2019"): "To June"}
    assert done.datasets[0].observations["OBS_VALUE"].tolist() == ["1234"]
    assert done.report.counts == {"malformed-number": 1}


def test_a_marker_that_the_legend_explains_brings_its_note() -> None:
    lines: list[Line] = [
        ["Country", "2019"],
        ["Japan", "*"],
        ["Qatar", "5"],
        ["* Less than 500"],
    ]
    done = run(lines, ("languages: [en]", "languages: [en], markers: {'*': N}"))
    assert notes(done) == {("JPN", "2019"): "Less than 500"}


def test_notes_of_the_mapping_stand_at_the_figures_that_they_name() -> None:
    rules = "columns: [year]\n    note: Registers\n    rules: "
    rules += "[{where: {country: Japan}, note: Students left out}]"
    done = run([["Country", "2019"], ["Japan", 1], ["Qatar", 2]], ("columns: [year]", rules))
    assert notes(done) == {
        ("JPN", "2019"): "Registers; Students left out",
        ("QAT", "2019"): "Registers",
    }


def test_a_data_set_without_a_free_place_says_which_notes_it_does_not_hold() -> None:
    lines: list[Line] = [
        ["Country", "2019"],
        [raised("Japan", "1"), 1],
        ["1/ Students left out"],
    ]
    done = run(lines, ("FREQ: A", "FREQ: A\n      NOTE_CLASSIF: fixed"))
    (found,) = done.report.of_rule("note-not-written")
    assert found.read == "Students left out"
    assert done.provenance.set_index("cell").loc["B2", "note"] == "Students left out"


def test_notes_by_type_are_written_under_their_names() -> None:
    done = run(
        [["Country", "2019"], ["Japan", 1]],
        ("FREQ: A", "FREQ: A\n      NOTE_SOURCE: {notes: {S3: fiscal year, T2: '15'}}"),
    )
    assert set(done.datasets[0].observations["NOTE_SOURCE"]) == {
        "Data reference period: fiscal year; Age coverage - minimum age: 15"
    }
    assert note_types()["T36"].attribute == "NOTE_INDICATOR"


@pytest.mark.parametrize(
    ("notes", "message"),
    [
        ("{S33: x}", "a note type of ILO"),
        ("{T36: registered}", "under NOTE_INDICATOR, found under NOTE_SOURCE"),
    ],
)
def test_a_note_type_that_does_not_exist_or_belongs_elsewhere_is_refused(
    notes: str, message: str
) -> None:
    with pytest.raises(MappingError, match="line 1[5-9].*" + message):
        parse_mapping(
            MAPPING.replace("FREQ: A", f"FREQ: A\n      NOTE_SOURCE: {{notes: {notes}}}")
        )


def test_footnotes_are_written_in_the_message_and_shown_in_the_report(tmp_path: Path) -> None:
    from ilms_sdmx import messages, write_conversion
    from ilms_sdmx.outputs.reports.conversion import conversion_page

    done = run([["Country", "2019"], [raised("Japan", "1"), 1], ["1/ Students left out"]])
    for path in write_conversion(done, tmp_path, prepared="2026-01-01T00:00:00Z"):
        if path.name.endswith("NB.xml"):
            (read,) = messages.read(path).datasets
            assert read.observations["NOTE_CLASSIF"].tolist() == ["Students left out"]
    assert "Note: Students left out" in conversion_page(done)


def test_a_heading_may_not_take_the_name_of_what_every_figure_has() -> None:
    with pytest.raises(MappingError, match="found 'note', which"):
        parse_mapping(
            MAPPING.replace("{name: country}", "{name: note}").replace(
                "from: country", "from: note"
            )
        )


@pytest.mark.parametrize(
    "head", ["2023p", "2023 p", "2023 (p)", "2023 p/", "2023(p)", raised("2023", "p")]
)
def test_a_flag_at_a_heading_is_the_status_of_all_below_it(head: object) -> None:
    lines: list[Line] = [["Country", "2022", head], ["Japan", 1, 2], ["Qatar", 3, 4]]
    done = run(lines, ("languages: [en]", "languages: [en], flags: {p: P}"))
    assert set(statuses(done)) == {("JPN", "2023"), ("QAT", "2023")}
    assert done.exit_code == 0, [str(f) for f in done.report]


@pytest.mark.parametrize(
    ("head", "mark", "line"),
    [
        ("2023p", "p", "flags: {p: P}"),
        ("2023P", "P", "flags: {P: P}"),
        ("2023 (e)", "e", "flags: {e: E}"),
        ("2023 p/", "p", "flags: {p: P}"),
        ("2566*", "*", "flags: {'*': <status>}"),
        ("2023 **", "**", "flags: {'**': <status>}"),
        ("2023†", "†", "flags: {'†': <status>}"),
        ("2023#", "#", "flags: {'#': <status>}"),
        ("2023 1/", "1/", "flags: {'1/': <status>}"),
    ],
)
def test_a_mark_at_a_period_that_nothing_declares_is_told_with_the_line_that_declares_it(
    head: str, mark: str, line: str
) -> None:
    lines: list[Line] = [["Country", "2022", head], ["Japan", 1, 2], ["Qatar", 3, 4]]
    done = run(lines)
    (found,) = done.report.findings
    assert (found.rule, found.place.cell, found.affects.split()[0]) == (
        "mark-undeclared",
        "C1",
        "2",
    )
    assert repr(mark) in found.message
    assert f"conventions:  {line}" in found.fix
    assert (done.exit_code, len(done.datasets[0].observations)) == (1, 4)
    fixed = run(lines, ("languages: [en]", f"languages: [en], {line.replace('<status>', 'E')}"))
    assert set(statuses(fixed)) == {("JPN", "2023"), ("QAT", "2023")}
    assert fixed.exit_code == 0, [str(f) for f in fixed.report]


def test_a_mark_before_a_period_is_mended_by_a_rule() -> None:
    lines: list[Line] = [["Country", "*2023"], ["Japan", 1]]
    (found,) = run(lines).report.findings
    rule = "{where: {year: '*2023'}, status: E}"
    assert found.fix == f"give the table 't' a rule:  {rule.replace('E}', '<status>}')}"
    done = run(lines, ("columns: [year]", f"columns: [year]\n    rules: [{rule}]"))
    assert (statuses(done), done.report.findings) == ({("JPN", "2023"): "E"}, ())


@pytest.mark.parametrize(
    ("change", "more"),
    [
        (("", ""), ["* To June only"]),
        (("period: year", "period: year, periods: {2023*: '2023'}"), []),
        (
            (
                "columns: [year]",
                "columns: [year]\n    rules: [{where: {year: 2023*}, note: To June}]",
            ),
            [],
        ),
        (("languages: [en]", "languages: [en], footnotes: '\\*'"), ["* To June only"]),
    ],
)
def test_a_mark_at_a_period_that_something_explains_is_no_finding(
    change: tuple[str, str], more: list[object]
) -> None:
    done = run([["Country", "2023*"], ["Japan", 1], more], change)
    assert not done.report.of_rule("mark-undeclared")
    assert done.exit_code == 0, [str(f) for f in done.report]


def test_a_letter_that_hides_a_period_names_the_flag_that_shows_it() -> None:
    lines: list[Line] = [["Country", "2020 r"], ["Japan", 1]]
    (found,) = run(lines).report.findings
    assert found.rule == "unknown-period"
    assert "add to conventions:  flags: {r: A}" in found.fix
    done = run(lines, ("languages: [en]", "languages: [en], flags: {r: A}"))
    assert done.datasets[0].observations["TIME_PERIOD"].tolist() == ["2020"]

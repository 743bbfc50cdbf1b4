"""A desk: open questions, answers and marks as edits of the mapping file, every state kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ilms_sdmx import MappingError, draft_mapping, example, examples
from ilms_sdmx.cli import run
from ilms_sdmx.mapping import parse_mapping
from ilms_sdmx.mapping.file.nodes import parse
from ilms_sdmx.mapping.patterns import Pattern
from ilms_sdmx.outputs.desk import Desk, Mark
from ilms_sdmx.outputs.desk.editing import MappingText, inline, scalar, words_of
from ilms_sdmx.outputs.desk.history import StaleError
from ilms_sdmx.outputs.desk.questions import MOST_CELLS, search_codes

DRAFTED = ("khm-abroad", "vnm-outflow")
AREAS = {"khm": "KHM", "vnm": "VNM"}


def desk_of(name: str, folder: Path, area: str = "") -> Desk:
    """Desk of a shipped workbook with a mapping that is drafted anew."""
    workbook, _ = example(name)
    copy = shutil.copy(workbook, folder)
    return Desk.begun(copy, folder / "mapping.yaml", area=area)


def kept_desk(name: str, folder: Path) -> Desk:
    """Desk of a shipped workbook with the mapping that is shipped with it."""
    workbook, mapping = example(name)
    for path in mapping.parent.iterdir():
        shutil.copy(path, folder)
    return Desk(folder / workbook.name, folder / mapping.name)


def answered_all(desk: Desk, area: str) -> int:
    """Answer every question as a person in a hurry does: what is proposed, else the first."""
    count = 0
    while asked := desk.questions():
        count += 1
        question = asked[0]
        actions = [choice.action for choice in question.choices]
        if question.kind == "area":
            desk.answer(question.line, "set", area)
        elif "keep" in actions:
            desk.answer(question.line, "keep")
        else:
            desk.answer(question.line, "set", question.choices[0].value)
    return count


@pytest.mark.parametrize("name", DRAFTED)
def test_every_question_of_a_draft_can_be_answered_until_none_is_left(
    name: str, tmp_path: Path
) -> None:
    desk = desk_of(name, tmp_path)
    before = desk.text
    comments = [line.partition("#")[2] for line in before.splitlines() if "#" in line]
    assert answered_all(desk, AREAS[name[:3]]) > 0
    assert desk.document().questions == ()
    after = desk.text
    kept = [comment.replace("decide: ", "").strip() for comment in comments]
    # Evidence of a label that waited behind a comment stands behind its code now.
    lost = [c for c in kept if c.rpartition("# ")[2] not in after and "Lines with" not in c]
    assert lost == []
    assert desk.convert().frame().shape[0] > 0


@pytest.mark.parametrize("name", DRAFTED)
def test_questions_point_at_cells_and_wait_for_figures(name: str, tmp_path: Path) -> None:
    desk = desk_of(name, tmp_path)
    filled: set[tuple[str, str]] = set()
    for sheet in desk.book:
        filled |= {(sheet.name, cell.address) for cell in sheet}
    asked = desk.questions()
    assert any(question.cells for question in asked)
    for question in asked:
        assert set(question.cells) <= filled
        assert len(question.cells) <= MOST_CELLS
        assert question.about
    country = asked[0]
    assert country.kind == "area"
    assert country.figures == len(desk.figures())


def test_one_answer_gives_the_country_of_the_figures_everywhere(tmp_path: Path) -> None:
    desk = desk_of("khm-abroad", tmp_path)
    country = desk.questions()[0]
    assert len(country.alike) > 1
    desk.answer(country.line, "set", "KHM")
    document = desk.document()
    assert document.source["area"] == "KHM"
    for dataset in document.datasets:
        values = {c.target: getattr(c, "value", "") for c in dataset.components}
        assert values["REF_AREA"] == "KHM"
    assert "area" not in [question.kind for question in desk.questions()]


def test_answers_by_clicks_are_the_file_that_a_person_writes(tmp_path: Path) -> None:
    desk = desk_of("khm-abroad", tmp_path)
    by_hand = desk.text
    asked = {question.line: question for question in desk.questions()}
    country = next(line for line, question in asked.items() if question.kind == "area")
    by_hand = by_hand.replace("  area: ?  # decide: ISO", "  area: KHM  # ISO")
    by_hand = by_hand.replace("REF_AREA: ?  # decide: which", "REF_AREA: KHM  # which")
    by_hand = by_hand.replace("REF_AREA: ?", "REF_AREA: KHM")
    desk.answer(country, "set", "KHM")
    label = next(question for question in asked.values() if question.kind == "code")
    line = by_hand.splitlines()[label.line - 1]
    indent = line[: len(line) - len(line.lstrip())]
    evidence = line.rpartition(" # ")[2]
    by_hand = by_hand.replace(line, f"{indent}{label.about}: CCT_CTZ_TOTAL  # {evidence}")
    desk.answer(label.line, "set", "CCT_CTZ_TOTAL")
    period = next(question for question in asked.values() if question.kind == "period")
    line = by_hand.splitlines()[period.line - 1]
    by_hand = by_hand.replace(line, line.replace("?  # decide:", '"2021"  #', 1))
    desk.answer(period.line, "set", "2021")
    assert desk.text == by_hand
    assert parse_mapping(desk.text).datasets == parse_mapping(by_hand).datasets


def test_a_choice_that_is_offered_makes_a_mapping_and_leaves_every_other_line(
    tmp_path: Path,
) -> None:
    desk = desk_of("khm-abroad", tmp_path, area="KHM")
    start = desk.text
    for number, question in enumerate(desk.questions()):
        # A third of all choices, another third at every question.
        for choice in question.choices[number % 3 :: 3]:
            desk.answer(question.line, choice.action, choice.value)
            changed = set(start.splitlines()) ^ set(desk.text.splitlines())
            assert len(changed) <= 8, (question, choice)
            parse_mapping(desk.text)
            desk.undo()
            assert desk.text == start


def test_similar_questions_have_one_answer_where_a_person_says_so(tmp_path: Path) -> None:
    desk = desk_of("tha-abroad", tmp_path, area="THA")
    alike = [question for question in desk.questions() if question.similar]
    if not alike:
        pytest.fail("expected questions in the same words")
    first = alike[0]
    before = len(desk.document().questions)
    desk.answer(first.line, "keep", similar=True)
    assert len(desk.document().questions) == before - 1 - len(first.similar)


@pytest.mark.parametrize(
    ("line", "action", "value", "words"),
    [
        (1, "keep", "", "expected the line of an open question"),
        (0, "keep", "", "expected a value, found none"),
        (0, "set", "", "expected a value"),
        (0, "drop", "", "expected a value, found none"),
        (0, "set", "XX: [", "expected a code of CL_AREA"),
        (0, "set", "SEX_T", "expected a code of CL_AREA"),
    ],
)
def test_an_answer_that_makes_no_mapping_is_refused_and_nothing_changes(
    line: int, action: str, value: str, words: str, tmp_path: Path
) -> None:
    desk = desk_of("khm-abroad", tmp_path)
    before = desk.text
    number = desk.history.current().number
    line = line or desk.questions()[0].line
    with pytest.raises(MappingError, match=words):
        desk.answer(line, action, value)
    assert desk.text == before
    assert desk.history.current().number == number


def role_at(desk: Desk, sheet: str, cell: str) -> str:
    for each in desk.sheets():
        if each.name == sheet:
            return next(one.role for one in each.cells if one.cell == cell)
    raise AssertionError(sheet)


def row_of(desk: Desk, role: str = "observation") -> tuple[str, str]:
    for sheet in desk.sheets():
        for cell in sheet.cells:
            if cell.role == role:
                return sheet.name, cell.cell
    raise AssertionError(role)


@pytest.mark.parametrize(
    ("role", "extent"),
    [("of_which", "row"), ("ignore", "column"), ("rate", "cell"), ("total", "row")],
)
def test_a_row_a_column_or_a_cell_is_what_a_person_says(
    role: str, extent: str, tmp_path: Path
) -> None:
    desk = kept_desk("sgp-work-passes", tmp_path)
    sheet, cell = row_of(desk)
    before = desk.text
    desk.mark(Mark(sheet, cell, role, extent, why="counted elsewhere"))
    assert role_at(desk, sheet, cell) == role
    kept = [line for line in before.splitlines() if line not in desk.text.splitlines()]
    assert kept == []
    figures = desk.figures().frame
    at = figures[(figures["sheet"] == sheet) & (figures["cell"] == cell)].iloc[0]
    same = figures[(figures["sheet"] == sheet) & (figures["bucket"] == role)]
    if extent == "row":
        assert set(figures[figures["row"] == at["row"]].query("sheet == @sheet")["bucket"]) == {
            role
        }
    assert len(same) >= 1


def test_the_second_word_of_a_person_takes_the_place_of_the_first(tmp_path: Path) -> None:
    desk = kept_desk("vnm-outflow", tmp_path)
    sheet, cell = row_of(desk)
    desk.mark(Mark(sheet, cell, "ignore", why="counted elsewhere"))
    desk.mark(Mark(sheet, cell, "observation"))
    assert role_at(desk, sheet, cell) == "observation"
    assert "counted elsewhere" not in desk.text


def test_words_of_a_cell_are_a_note_or_left_out_or_the_source(tmp_path: Path) -> None:
    desk = desk_of("khm-abroad", tmp_path, area="KHM")
    sheet = desk.book.sheets[0]
    title = next(cell for cell in sheet if isinstance(cell.value, str))
    desk.mark(Mark(sheet.name, title.address, "source"))
    assert desk.document().source["title"] == title.text
    desk.mark(Mark(sheet.name, title.address, "note"))
    assert any(note.matches(title.text) for note in desk.document().notes)
    with pytest.raises(MappingError, match="expected the reason"):
        desk.mark(Mark(sheet.name, title.address, "ignore"))
    with pytest.raises(MappingError, match="expected words"):
        desk.mark(Mark(sheet.name, "ZZ99", "note"))


def test_a_period_can_be_picked_in_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "Reported in 2021,\nCountry,Workers\nJapan,10\nMalaysia,20\nTotal,30\n", "utf-8"
    )
    desk = Desk.begun(path, tmp_path / "m.yaml", area="KHM")
    sheet = desk.book.sheets[0].name
    desk.mark(Mark(sheet, "A1", "period"))
    periods = {heading.name: heading.cell for heading in desk.document().headings}
    assert periods == {"period": "A1"}
    labels = desk.figures().frame[":period"].unique().tolist()
    assert labels == ["2021"]


def test_percents_are_a_share_of_the_column_that_a_person_names(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = ["Workers abroad by country 2020,,", "Country,Workers,Part", "Japan,10,25"]
    rows += ["Malaysia,30,75", "Total,40,100"]
    path.write_text("\n".join(rows), "utf-8")
    desk = Desk.begun(path, tmp_path / "m.yaml", area="KHM")
    sheet = desk.book.sheets[0].name
    desk.mark(Mark(sheet, "C3", "percent", "column", of=("B5",)))
    assert role_at(desk, sheet, "C3") == "percent"


@pytest.mark.parametrize(
    "text",
    [
        "Viet Nam",
        "no",
        "2019",
        "1.10",
        "a: b",
        "# x",
        "'",
        '"',
        "{a}",
        "- x",
        "",
        "*",
        "?",
        "\u17a0",
    ],
)
def test_a_text_is_written_so_that_it_is_read_again(text: str) -> None:
    node = parse(f"key: {scalar(text)}\nlist: {inline([text, {text or 'k': text}])}", "x")
    fields = dict(node.items())
    assert fields["key"].raw.value == text
    first, second = fields["list"]
    assert first.raw.value == text
    assert [(k.value, v.value) for k, v in second.raw.value] == [(text or "k", text)]


@pytest.mark.parametrize("label", ["Total", "A * B", "/x/", "a (b) [c] {d} + 1.5", "Khác*"])
def test_words_of_a_label_match_it_and_nothing_else(label: str) -> None:
    pattern = Pattern(words_of(label))
    assert pattern.matches(label)
    assert not pattern.matches(f"{label} more")
    assert not pattern.matches("other")


def test_undo_is_a_new_state_and_goes_back_step_by_step(tmp_path: Path) -> None:
    desk = desk_of("khm-abroad", tmp_path)
    texts = [desk.text]
    desk.answer(desk.questions()[0].line, "set", "KHM")
    texts.append(desk.text)
    keep = next(q for q in desk.questions() if q.kind == "flow")
    desk.answer(keep.line, "keep")
    texts.append(desk.text)
    assert len(set(texts)) == 3
    assert desk.undo().number == 4
    assert desk.text == texts[1]
    desk.undo()
    assert desk.text == texts[0]
    with pytest.raises(MappingError, match="expected a state before"):
        desk.undo()
    desk.history.go_to(3)
    assert desk.text == texts[2]
    kept = [desk.history.text_of(state.number) for state in desk.history.states()]
    assert kept == [*texts, texts[1], texts[0], texts[2]]


def test_a_file_that_is_edited_by_hand_is_a_state_and_a_stale_edit_is_refused(
    tmp_path: Path,
) -> None:
    desk = desk_of("khm-abroad", tmp_path)
    seen = desk.history.current().number
    desk.mapping.write_text(f"{desk.text}# by hand\n", "utf-8")
    with pytest.raises(StaleError, match="somebody has changed it"):
        desk.answer(desk.questions()[0].line, "set", "KHM", expected=seen)
    assert desk.text.endswith("# by hand\n")
    assert [state.what for state in desk.history.states()] == ["begun", "edited"]


def test_a_crash_between_two_writings_loses_nothing(tmp_path: Path) -> None:
    desk = desk_of("khm-abroad", tmp_path)
    desk.answer(desk.questions()[0].line, "set", "KHM")
    good = desk.text
    log = desk.history.folder / "history.jsonl"
    log.write_text(log.read_text("utf-8")[:-30], "utf-8")
    again = Desk(desk.path, desk.mapping)
    assert again.history.current().number == 3
    assert again.text == good
    assert again.history.text_of(2) == good


def test_codes_are_found_by_what_is_typed() -> None:
    found = search_codes("CL_CDS", "CDS_DES_", "kor")
    assert "CDS_DES_KOR" in [choice.value for choice in found]
    assert search_codes("CL_CDS", "CDS_DES_", "zzzz") == []
    thai = search_codes("CL_CDS", "CDS_DES_", "ญี่ปุ่น")
    assert [choice.value for choice in thai] == ["CDS_DES_JPN"]


@pytest.mark.parametrize("name", examples()[::4])
def test_roles_of_the_cells_are_those_of_the_conversion(name: str) -> None:
    desk = Desk(*example(name))
    conversion = desk.convert(undecided="skip")
    counts: dict[str, int] = {}
    for sheet in desk.sheets():
        for role, count in sheet.counts.items():
            counts[role] = counts.get(role, 0) + count
    assert {k: v for k, v in counts.items() if v} == {
        k: v for k, v in conversion.counts.items() if v
    }


def test_each_component_of_an_observation_has_its_source(tmp_path: Path) -> None:
    desk = Desk(*example("vnm-outflow"))
    sheet, cell = row_of(desk)
    told = desk.sources(sheet, cell)[0]
    sources = {source.component: source for source in told["components"]}
    assert sources["REF_AREA"].how == "fixed"
    assert sources["CDS"].how == "map"
    line = desk.text.splitlines()[sources["CDS"].line - 1]
    assert sources["CDS"].code in line
    assert sources["CDS"].label in line


def test_the_command_says_and_does_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workbook, _ = example("khm-abroad")
    mapping = str(tmp_path / "m.yaml")
    assert run(["desk", "questions", str(workbook), mapping]) == 1
    assert "(area): area" in capsys.readouterr().out
    assert run(["desk", "questions", str(workbook), mapping, "--json"]) == 1
    asked = json.loads(capsys.readouterr().out)
    line = str(asked[0]["line"])
    assert run(["desk", "answer", str(workbook), mapping, line, "set", "KHM"]) == 0
    assert run(["desk", "answer", str(workbook), mapping, line, "set", "KHM"]) == 3
    book = Desk(workbook, mapping)
    sheet, cell = row_of(book)
    at = f"{sheet}!{cell}"
    assert run(["desk", "mark", str(workbook), mapping, at, "ignore", "--why", "x"]) == 0
    assert role_at(book, sheet, cell) == "ignore"
    capsys.readouterr()
    assert run(["desk", "cells", str(workbook), mapping]) == 0
    assert f"{at}\tignore\t" in capsys.readouterr().out
    assert run(["desk", "undo", mapping]) == 0
    assert run(["desk", "states", mapping]) == 0
    assert "undo" in capsys.readouterr().out
    assert role_at(book, sheet, cell) == "observation"


def test_a_draft_by_the_desk_is_the_draft_of_map(tmp_path: Path) -> None:
    desk = desk_of("vnm-outflow", tmp_path)
    assert desk.text == draft_mapping(desk.path)
    assert MappingText(desk.text).node(("tables", 0, "name")).value == "table_1"

"""Tables with known answers: every proposal of the draft is accepted, and no figure is wrong or lost.

A figure is written under its key with its value, or a finding names its cell, or nothing is
written. The same holds of next editions under the accepted mapping of the old one. A sample is
part of the gate, all tables are run with `pytest -m slow`.
"""

import re
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

from ilms_sdmx import Conversion, convert, draft_mapping, example
from tests.national import judging, pairs, tables
from tests.national.tables import Edition, Table
from tests.test_drafting import EXAMPLES
from tests.test_drafting_answers import WRITTEN, wrong

#: Tables whose figures are wrong in silence today, by the kind of the fault.
FAULTS: dict[str, set[int]] = {}
#: Next editions that are wrong in silence today, by the kind of the fault.
EDITION_FAULTS: dict[str, set[int]] = {**FAULTS}
#: Plain tables that are not written whole today, by the kind of the fault.
PLAIN_FAULTS: dict[str, set[str]] = {}
#: How a next edition differs where the mapping must go on without an edit.
SAME = {
    "later": Edition(years=1, figures=1),
    "other figures": Edition(figures=2),
    "other order": Edition(years=1, figures=3, shuffled=True),
    "fewer rows": Edition(years=1, figures=4, fewer=2),
}
#: How a next edition differs where the mapping must stop.
OTHER = {
    "new country": Edition(years=1, figures=5, country=True),
    "new unit": Edition(years=1, figures=6, unit=True),
    "part of a year": Edition(years=1, figures=7, part=True),
}
#: Tables that the gate runs, and those whose next editions it runs.
SAMPLE = range(0, len(tables.rows()), 9)
EDITION_SAMPLE = range(0, len(tables.rows()), 28)
#: Most questions of the median draft.
MOST_QUESTIONS = 5


def numbers(faults: dict[str, set[int]], sample: range) -> list[object]:
    """All tables, those of the sample without a mark, those with a fault as expected failures."""
    params = []
    for number in range(len(tables.rows())):
        marks = [] if number in sample else [pytest.mark.slow]
        for kind, members in faults.items():
            if number in members:
                marks = [pytest.mark.slow, pytest.mark.xfail(reason=kind, strict=True)]
        params.append(pytest.param(number, marks=marks, id=str(number)))
    return params


def plain() -> list[object]:
    """Names of plain tables; those with a fault as expected failures."""
    params = []
    for name in tables.plain_rows():
        marks = []
        for kind, members in PLAIN_FAULTS.items():
            if name in members:
                marks = [pytest.mark.xfail(reason=kind, strict=True)]
        params.append(pytest.param(name, marks=marks, id=name))
    return params


def accepted(table: Table, folder: Path) -> str:
    """Draft of a table with every proposal accepted."""
    return judging.accepted(judging.drafted(table, folder))


def assert_nothing_silent(table: Table, mapping: str, folder: Path) -> None:
    """No figure is wrong, or lost without a finding, where something is written."""
    outcome, _ = judging.converted(table, mapping, folder)
    if not outcome.stopped:
        assert (outcome.wrong, outcome.lost) == ([], [])


def test_every_pair_of_values_that_go_together_is_in_a_table() -> None:
    rows, impossible = pairs.covering(tables.FACTORS, tables.together, seed=12)
    pairs_of_rows = set().union(*map(pairs.pairs_of, rows))
    assert pairs_of_rows | impossible == set(pairs.all_pairs(tables.FACTORS))
    assert not pairs_of_rows & impossible
    assert len(tables.FACTORS) >= 12


def test_of_the_pairs_that_are_in_no_table_a_rule_says_why() -> None:
    _, impossible = pairs.covering(tables.FACTORS, tables.together, seed=12)
    named = {name for rule in tables.RULES for name in (rule[0], rule[2])}
    for pair in impossible:
        assert {name for name, _ in pair} <= named


@pytest.mark.parametrize("number", range(0, len(tables.rows()), 5))
def test_a_table_has_twenty_rows_and_more_and_knows_its_figures(number: int) -> None:
    table = tables.made(number)
    figures = [known for known in table.known.values() if known.kind == "figure"]
    assert len(figures) >= 20
    assert all(known.periods and known.value > 0 for known in figures)


def assert_written_whole(name: str, folder: Path) -> None:
    """Every figure of a plain table is written under its key."""
    table = tables.table_of(tables.plain_rows()[name], 3)
    outcome, _ = judging.converted(table, accepted(table, folder), folder)
    figures = [known for known in table.known.values() if known.kind == "figure"]
    assert (outcome.stopped, outcome.wrong, outcome.lost) == ("", [], [])
    assert outcome.right == len(figures)


@pytest.mark.slow
@pytest.mark.parametrize("name", plain())
def test_a_plain_table_is_written_whole(name: str, tmp_path: Path) -> None:
    assert_written_whole(name, tmp_path)


@pytest.mark.parametrize("shape", ["sexes", "transposed", "blocks"])
def test_tables_next_to_each_other_have_titles_periods_and_units_of_their_own(
    shape: str, tmp_path: Path
) -> None:
    assert_written_whole(f"{shape}:tables=beside", tmp_path)


@pytest.mark.parametrize("number", numbers(FAULTS, SAMPLE))
def test_no_figure_is_wrong_or_lost_in_silence(number: int, tmp_path: Path) -> None:
    table = tables.made(number)
    assert_nothing_silent(table, accepted(table, tmp_path), tmp_path)


@pytest.mark.parametrize("number", numbers(EDITION_FAULTS, EDITION_SAMPLE))
def test_no_figure_of_a_next_edition_is_wrong_or_lost_in_silence(
    number: int, tmp_path: Path
) -> None:
    mapping = accepted(tables.made(number), tmp_path)
    for edition in [*SAME.values(), *OTHER.values()]:
        if tables.applies(edition, tables.rows()[number]):
            assert_nothing_silent(tables.made(number, edition), mapping, tmp_path)


def test_the_judge_sees_a_wrong_value_a_wrong_key_and_a_lost_figure(tmp_path: Path) -> None:
    """Last year's table is judged by the answers of the next: every figure is wrong."""
    table, later = tables.made(14), tables.made(14, SAME["later"])
    mapping = accepted(table, tmp_path)
    outcome, done = judging.converted(table, mapping, tmp_path)
    assert outcome.right > 0
    assert done is not None
    assert len(judging.judged(later, done).wrong) == outcome.right
    without_rules = mapping.replace("datasets:", "datasets:\n  - {ignore: true}", 1)
    assert judging.converted(table, without_rules, tmp_path)[0].stopped


def shipped() -> list[object]:
    """Shipped tables."""
    return [pytest.param(name, marks=[pytest.mark.slow], id=name) for name in EXAMPLES]


def waiting(done: Conversion) -> set[str]:
    """Cells without an observation where an open question stops the conversion."""
    if "undecided" not in {finding.rule for finding in done.report.errors}:
        return set()
    frame = done.provenance
    cells = frame["sheet"] + "!" + frame["cell"]
    return set(cells) - set(cells[frame["OBS_VALUE"] != ""])


def named_cells(done: Conversion) -> set[str]:
    """Cells that a finding names."""
    named = set()
    for finding in done.report:
        sheet = finding.place.sheet
        named.add(f"{sheet}!{finding.place.cell}")
        for cell in str(finding.fields.get("cells", "")).split(", "):
            named.add(cell if "!" in cell else f"{sheet}!{cell}")
    return named


@pytest.mark.parametrize("name", shipped())
def test_no_figure_of_a_shipped_table_is_wrong_in_silence(name: str, tmp_path: Path) -> None:
    """Cells that differ from the answer of a person are named, or their bucket is written too.

    A figure that waits for the answer to an open question is not written: it is asked.
    """
    workbook, _ = example(name)
    draft = draft_mapping(workbook, area=EXAMPLES[name][0])
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(judging.accepted(draft), encoding="utf-8")
    done = convert(workbook, mapping)
    named = named_cells(done) | waiting(done)
    silent = []
    for what, cell, got, expected in wrong(done, name):
        both_written = what == "bucket" and {got, expected} <= WRITTEN
        if cell not in named and not both_written:
            silent.append((what, cell, got, expected))
    assert silent == []


#: Questions that the words of a sheet answer, of plain tables: a unit, a mark, a title.
ANSWERED = re.compile(r"multiplier: \d|^\"?[-p]\"?: \w+ +# decide|^period: .*# decide: from")


@pytest.mark.slow
def test_what_the_words_of_a_plain_table_answer_is_not_asked(tmp_path: Path) -> None:
    needless = {}
    for name, row in tables.plain_rows().items():
        draft = judging.drafted(tables.table_of(row, 3), tmp_path)
        asked = [line for line in judging.questions(draft) if ANSWERED.search(line)]
        if asked:
            needless[name] = asked
    assert needless == {}


@pytest.mark.slow
def test_the_median_draft_asks_few_questions(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    asked = []
    for number in range(len(tables.rows())):
        draft = judging.drafted(tables.made(number), tmp_path)
        asked.append(len(judging.questions(draft)))
    record_property("questions", asked)
    assert median(asked) <= MOST_QUESTIONS

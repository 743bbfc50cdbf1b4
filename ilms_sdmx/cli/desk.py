"""`ilms-sdmx desk`: open questions, answers and marks of one workbook and its mapping."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ilms_sdmx.outputs.desk import AskedQuestion, State

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_WORKBOOK = click.argument("workbook", type=_FILE)
_MAPPING = click.argument("mapping", type=click.Path(dir_okay=False, path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
_STATE = click.option(
    "--state",
    "expected",
    type=click.IntRange(0),
    default=0,
    help="State that you have seen: another one in between is an error.",
)
#: Cells of a question that are printed; `--json` has all.
_SHOWN = 6


@click.group("desk")
def desk() -> None:
    """Answer what a mapping asks, and say what cells are, step by step.

    Each step writes MAPPING and keeps the state before in MAPPING.states: nothing is lost.
    `ilms-sdmx ui` does the same with a page.
    """


@desk.command()
@_WORKBOOK
@_MAPPING
@click.option("--area", default="", metavar="COUNTRY", help="Country of a new draft.")
@_JSON
def questions(workbook: Path, mapping: Path, area: str, as_json: bool) -> int:
    """List what MAPPING asks, with the answers to choose from; it is drafted where absent.

    Exit status: 0 where nothing is open, 1 where something is.
    """
    from ilms_sdmx.outputs.desk import Desk

    asked = Desk.begun(workbook, mapping, area=area).questions()
    if as_json:
        _print([asdict(question) for question in asked])
    else:
        for question in asked:
            click.echo(_told(question))
    return 1 if asked else 0


def _told(question: AskedQuestion) -> str:
    """Question with its evidence, choices and cells."""
    lines = [f"line {question.line} ({question.kind}): {question.about}"]
    if question.evidence:
        lines.append(f"    {question.evidence}")
    for choice in question.choices:
        words = [choice.action, choice.value, choice.name, choice.reason]
        lines.append(f"    - {' '.join(filter(None, words))}")
    if question.codelist:
        lines.append(f"    - set, a code of {question.codelist}")
    elif question.is_free:
        lines.append("    - set, any value")
    cells = [f"{sheet}!{cell}" for sheet, cell in question.cells[:_SHOWN]]
    if len(question.cells) > _SHOWN:
        cells.append("...")
    if cells:
        lines.append(f"    cells: {', '.join(cells)}")
    return "\n".join(lines)


@desk.command()
@_WORKBOOK
@_MAPPING
@click.argument("line", type=click.IntRange(1))
@click.argument("action", type=click.Choice(["keep", "set", "drop"]))
@click.argument("value", default="")
@click.option("--similar", is_flag=True, help="Answer all questions in the same words.")
@_STATE
def answer(
    workbook: Path,
    mapping: Path,
    line: int,
    action: str,
    value: str,
    similar: bool,
    expected: int,
) -> None:
    """Answer the question on LINE: keep what is proposed, set VALUE, or drop it."""
    from ilms_sdmx.outputs.desk import Desk

    of = Desk(workbook, mapping)
    state = of.answer(line, action, value, similar=similar, expected=expected)
    _say(mapping, state)


@desk.command()
@_WORKBOOK
@_MAPPING
@click.argument("cell", metavar="SHEET!CELL")
@click.argument("role")
@click.option(
    "--extent",
    type=click.Choice(["cell", "row", "column", "block"]),
    default="row",
    show_default=True,
    help="What is meant: the cell alone, or its row, column or block.",
)
@click.option("--why", default="", help="Reason of what is left out; words of a note.")
@click.option(
    "--of", "of", multiple=True, metavar="CELL", help="A part of a total; whole of a share."
)
@_STATE
def mark(
    workbook: Path,
    mapping: Path,
    cell: str,
    role: str,
    extent: str,
    why: str,
    of: tuple[str, ...],
    expected: int,
) -> None:
    """Say that a row, column, block or cell is ROLE.

    Of figures: observation, total, of_which, percent, ratio, rate, other_measure, ignore, note.
    Of words: period, unit, source, note, ignore.
    """
    from ilms_sdmx.outputs.desk import Desk, Mark

    sheet, separator, address = cell.rpartition("!")
    if not separator:
        raise click.UsageError(f"expected SHEET!CELL, found {cell!r}")
    said = Mark(sheet, address, role, extent, why, of)
    state = Desk(workbook, mapping).mark(said, expected=expected)
    _say(mapping, state)


@desk.command()
@_WORKBOOK
@_MAPPING
@_JSON
def cells(workbook: Path, mapping: Path, as_json: bool) -> None:
    """List the role of every cell, and the rule that gives it."""
    from ilms_sdmx.outputs.desk import Desk

    sheets = Desk(workbook, mapping).sheets()
    if as_json:
        _print([asdict(sheet) for sheet in sheets])
        return
    click.echo("cell\trole\trule\tdataflow\ttext")
    for sheet in sheets:
        for cell in sheet.cells:
            text = " ".join(cell.text.split())
            click.echo(
                f"{sheet.name}!{cell.cell}\t{cell.role}\t{cell.rule}\t{cell.dataflow}\t{text}"
            )


@desk.command()
@_MAPPING
@click.option("--to", "number", type=click.IntRange(1), help="State to go to.")
@_STATE
def undo(mapping: Path, number: int | None, expected: int) -> None:
    """Go back to the state before, or to another one; that is a new state."""
    from ilms_sdmx.outputs.desk.history import History

    history = History(mapping)
    if number is None:
        state = history.undo(expected=expected)
    else:
        state = history.go_to(number, expected=expected)
    _say(mapping, state)


@desk.command()
@_MAPPING
@_JSON
def states(mapping: Path, as_json: bool) -> None:
    """List every state that MAPPING had."""
    from ilms_sdmx.outputs.desk.history import History

    known = History(mapping).states()
    if as_json:
        _print([asdict(state) for state in known])
        return
    for state in known:
        click.echo(f"{state.number}\t{state.time}\t{state.what}\t{state.told}")


def _say(mapping: Path, state: State) -> None:
    click.echo(f"{mapping}: state {state.number}.", err=True)


def _print(value: Any) -> None:
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=1))

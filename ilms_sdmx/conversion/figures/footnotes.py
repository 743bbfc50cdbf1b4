"""Footnotes: the texts that a legend gives to marks, and the notes of figures made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ilms_sdmx.conversion.layout.marks import plain, same
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.model import ImplicitComponentMap, StructureMap
from ilms_sdmx.tables.cells import Cell, Kind, Sheet, Workbook
from ilms_sdmx.words.text import clean

if TYPE_CHECKING:
    import pandas as pd

#: Column of the figures that holds their notes.
NOTE = "note"
#: Attributes that hold a note of one observation, the first that a structure has.
ATTRIBUTES = ("COMMENT_OBS", "OBS_COMMENT", "NOTE_CLASSIF")
#: Line of a legend: `1/ Includes ...`, `(a) ...`, `* Less than 500`, `p Preliminary`.
_LINE = re.compile(
    r"(\(?(?:\d{1,2}|[A-Za-z]{1,2})\)?[/).:]*(?=\s)|\(?\d{1,2}[/)]|\*{1,4}|[†‡§]+)\s*(?:[=:]\s*)?(\S.*)"
)
_ALONE = re.compile(r"\(?(?:\d{1,2}[/)]|[a-z][/)]|\*{1,4}|[†‡§]+)\.?")

Places = dict[str, set[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a legend: mark and text, and the places of the cells that it fills."""

    mark: str
    text: str
    places: tuple[tuple[int, int], ...]


@dataclass
class Noted:
    """Notes of figures.

    Parameters
    ----------
    notes
        Note of each figure, missing where there is none.
    legend
        Sheet to the places of the lines that figures refer to, with their mark.
    """

    notes: pd.Series[str]
    legend: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def footnotes(figures: pd.DataFrame, workbook: Workbook, labels: Places) -> Noted:
    """Find the text of every mark at a figure, and join it to what the mapping notes of the figure.

    A mark means the first line below the figure that begins with it, or the last above where none is below.
    One without a line is told of, unless it is only a sign at the end of a label.
    """
    found = Noted(figures[NOTE].astype("str").fillna(""))
    marked = figures[figures["marks"] != ""]
    for name, own in marked.groupby("sheet", sort=False):
        sheet = workbook[str(name)]
        inside = set(zip(own["row"].tolist(), own["column_number"].tolist(), strict=True))
        entries = list(_legend(sheet, inside | labels.get(sheet.name, set())))
        _note(own, entries, sheet.name, found)
        found.findings += _without_text(workbook.name, own, entries)
    found.notes = found.notes.mask(found.notes == "")
    return found


def _note(own: pd.DataFrame, entries: list[Entry], sheet: str, found: Noted) -> None:
    """Add the texts of the marks of one sheet, found once for each row and combination of marks."""
    import pandas as pd

    kinds = own[["marks", "row"]].drop_duplicates()
    pairs = zip(kinds["marks"].tolist(), kinds["row"].tolist(), strict=True)
    texts = [_text(str(marks).split(), row, entries, sheet, found) for marks, row in pairs]
    groups = own.groupby(["marks", "row"], sort=False).ngroup().to_numpy()
    notes = pd.Series(texts, dtype="str").take(groups).set_axis(own.index)
    before = found.notes[own.index]
    found.notes[own.index] = before.where(
        notes == "", (before + "; " + notes).str.removeprefix("; ")
    )


def _text(marks: list[str], row: int, entries: list[Entry], sheet: str, found: Noted) -> str:
    """Texts of the marks of a row; their lines are kept as used."""
    lines = [line for mark in marks if (line := _line(same(mark), row, entries))]
    for line in lines:
        found.legend.setdefault(sheet, {}).update(dict.fromkeys(line.places, line.mark))
    return "; ".join(dict.fromkeys(line.text for line in lines))


def _line(mark: str, row: int, entries: list[Entry]) -> Entry | None:
    """Line of a mark: the first below a row, else the last above it."""
    own = [e for e in entries if e.mark == mark]
    below = [e for e in own if e.places[0][0] > row]
    return below[0] if below else own[-1] if own else None


def _legend(sheet: Sheet, taken: set[tuple[int, int]]) -> Iterator[Entry]:
    """Lines of the legends of a sheet, from the top: texts outside its tables that begin with a mark."""
    for place, cell in sheet.cells.items():
        if place in taken or cell.kind is not Kind.TEXT:
            continue
        text, raised = clean(cell.text), cell.superscript.split()[:1]
        if raised and plain(str(cell.value)).lstrip().startswith(raised[0]):
            beside = "" if text else _beside(sheet, cell)
            yield Entry(same(raised[0]), text or beside, (place,))
        elif _ALONE.fullmatch(text):
            yield Entry(same(text), _beside(sheet, cell), (place, (cell.row, cell.column + 1)))
        else:
            lines = (_LINE.fullmatch(clean(line)) for line in cell.text.splitlines())
            yield from (
                Entry(same(line.group(1)), line.group(2), (place,)) for line in lines if line
            )


def _beside(sheet: Sheet, cell: Cell) -> str:
    """Text of the cell to the right of a mark that stands alone."""
    beside = sheet.cells.get((cell.row, cell.column + 1))
    return clean(beside.text) if beside else ""


def _without_text(file: str, own: pd.DataFrame, entries: list[Entry]) -> list[Finding]:
    """Say once a mark that no line of the sheet begins with it."""
    known = {e.mark for e in entries}
    texts = own["footnote"].unique()
    missing = dict.fromkeys(m for t in texts for m in str(t).split() if same(m) not in known)
    findings = []
    for mark in missing:
        rows = own[[mark in str(t).split() for t in own["footnote"]]]
        first = rows.iloc[0]
        findings.append(
            Finding(
                "footnote-without-text",
                Severity.NOTE,
                f"No line of the sheet says what the footnote mark {mark!r} means.",
                place=Place(file, str(first["sheet"]), str(first["cell"])),
                read=mark,
                expected=f"a text that begins with {mark}, below the table",
                fix="say it as note of a rule with  where: {footnote: '" + mark + "'}",
                affects=f"{len(rows)} figures, written without the note",
            )
        )
    return findings


def unwritten(
    figures: pd.DataFrame, name: str, structure_map: StructureMap, file: str
) -> list[Finding]:
    """Say of which figures the notes stand in the provenance and the report alone."""
    taken = (c.source for c in structure_map.components if isinstance(c, ImplicitComponentMap))
    rows = figures[figures[NOTE].notna()] if NOTE in figures.columns else figures.iloc[:0]
    if NOTE in taken or rows.empty:
        return []
    first = rows.iloc[0]
    return [
        Finding(
            "note-not-written",
            Severity.NOTE,
            f"The data set {name!r} has no free attribute for the notes of its observations.",
            place=Place(file, str(first["sheet"]), str(first["cell"])),
            read=str(first[NOTE]),
            expected=f"one of {', '.join(ATTRIBUTES)} at the observation, not filled otherwise",
            fix="name an attribute under components of the data set:  NAME: {from: note}",
            affects=f"{len(rows)} notes, in the provenance and the report only",
        )
    ]

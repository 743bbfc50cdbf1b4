"""Suspects: labels that look like figures, and figures that stand under several headings at once."""

from __future__ import annotations

import re

from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.conversion.layout.heads import Heads
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.tables.cells import Kind
from ilms_sdmx.words.text import western_digits

_NUMBER = re.compile(r"\d{1,3}(?:[., \u00a0'\u202f]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
#: Years of both eras, months and days written with digits alone.
_TIME = re.compile(r"(?:1[89]|2[0-2]|2[4-7])\d\d|(?:19|20|25)\d\d(?:0[1-9]|1[0-2])(?:[0-3]\d)?")
#: Numbers from here on are no code of a national classification; those below are numbering, or may be codes.
_LARGE, _SMALL = 100_000, 1_000


def is_figure(text: str) -> bool:
    """Whether a text is a number and nothing else.

    >>> is_figure("1.234"), is_figure("๑๒"), is_figure("2019/20")
    (True, True, False)
    """
    return _NUMBER.fullmatch(western_digits(text).strip()) is not None


def suspects(region: Region, found: Heads, file: str) -> list[Finding]:
    """Header rows and columns of labels in which figures stand: they would be lost as labels."""
    rows = range(region.top, region.body)
    findings = []
    for row in rows:
        places = [(row, c) for c in sorted(found.columns) if (row, c) in region.grid.cells]
        if sure := _figures(region, places):
            fix = f"correct header of the table (line {region.layout.line} of the mapping)"
            findings.append(_finding(region, places, file, "header", fix, sure))
    for heading in region.layout.rows:
        if heading.header is None and not heading.column and heading.name in found.stubs:
            column = found.stubs[heading.name]
            places = [(row, column) for row in found.rows if (row, column) in region.grid.cells]
            if len(places) > 1 and (sure := _figures(region, places)):
                fix = f"say header or column of the row heading {heading.name!r}"
                findings.append(
                    _finding(region, places, file, f"labels {heading.name!r}", fix, sure)
                )
    return findings


def _figures(region: Region, places: list[At]) -> Severity | None:
    """How sure it is that all cells hold figures: numbers that are no time, and no numbering."""
    texts = [western_digits(region.grid.text(at)).strip() for at in places]
    dates = any(region.grid.cells[at].kind is Kind.DATE for at in places)
    if dates or not all(_NUMBER.fullmatch(t) and not _TIME.fullmatch(t) for t in texts):
        return None
    if any(not t.isdigit() or int(t) >= _LARGE for t in texts):
        return Severity.ERROR
    return Severity.WARNING if texts and all(int(t) >= _SMALL for t in texts) else None


def _finding(
    region: Region, places: list[At], file: str, what: str, fix: str, sure: Severity
) -> Finding:
    first = region.grid.cells[places[0]]
    shown = ", ".join(region.grid.cells[at].address for at in places[:12])
    return Finding(
        "figures-as-labels",
        sure,
        f"Numbers that look like figures stand in the {what} of the table {region.layout.name!r}.",
        place=Place(file, region.grid.name, first.address),
        read=first.text,
        expected="words, years or numbers of columns",
        fix=fix,
        affects=f"{len(places)} cells ({shown}{', ...' if len(places) > 12 else ''}), read as labels",
    )


def merged(region: Region, found: Heads, file: str) -> list[Finding]:
    """Figures in merged cells that lie under several headings: nothing says for which of them they count."""
    over: dict[At, At] = {}
    for at, origin in region.grid.origins.items():
        if origin in region.grid.cells and _differs(found, at, origin):
            over[origin] = max(at, over.get(origin, at))
    return [_over_several(region, origin, last, file) for origin, last in over.items()]


def _differs(found: Heads, at: At, origin: At) -> bool:
    (row, column), (first_row, first) = at, origin
    if first_row not in found.rows or first not in found.columns:
        return False
    across = found.columns.get(column, found.columns[first]) != found.columns[first]
    return across or found.rows.get(row, found.rows[first_row]) != found.rows[first_row]


def _over_several(region: Region, origin: At, last: At, file: str) -> Finding:
    cell = region.grid.cells[origin]
    rows, columns = last[0] - origin[0] + 1, last[1] - origin[1] + 1
    return Finding(
        "merged-figure",
        Severity.ERROR,
        f"{cell.text!r} stands in one cell over {rows} row{'s' * (rows > 1)} and {columns} "
        f"column{'s' * (columns > 1)} whose headings differ.",
        place=Place(file, region.grid.name, cell.address),
        component="OBS_VALUE",
        read=cell.text,
        expected="one row and one column for every figure",
        fix="split the cell in the source, or ignore the figure by a rule with the reason",
        affects="1 figure, not written",
    )

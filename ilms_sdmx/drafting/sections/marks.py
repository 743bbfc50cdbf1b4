"""Lines for marks in place of figures and behind them, by a legend or what may be meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ilms_sdmx.drafting.recognition.kinds import FLAGGED
from ilms_sdmx.drafting.recognition.legend import Legend, legends, looked_up
from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.drafting.sections.text import comment, question, quoted
from ilms_sdmx.tables.cells import Kind
from ilms_sdmx.tables.markers import MARKERS, as_marker, marker_candidates
from ilms_sdmx.tables.numbers import read_number
from ilms_sdmx.tables.separators import Separators

#: Flag to the status that it mostly has, where no legend says it.
_LETTERS = {
    "p": "P",
    "e": "E",
    "r": "A",
    "b": "B",
    "u": "U",
    "f": "F",
    "*": "A",
    "x": "P",
    "xx": "P",
}
#: Statuses of a mark in place of a figure, and of a flag behind one.
_IN_PLACE = frozenset({"zero", "O", "M", "N", "Q"})
_BEHIND = frozenset("ABEFPU")


def marker_lines(
    tables: Sequence[PrintedTable], separators: Separators, texts: Iterable[str]
) -> list[str]:
    """Lines of the conventions for marks in place of figures, and flags behind them."""
    explained = legends(texts)
    cells = _texts_of_figures(tables)
    markers = _lines_in_place(cells, separators, explained)
    flags = _lines_behind(cells, explained)
    lines: list[str] = []
    if markers:
        lines += ["  markers:", *markers]
    if flags:
        lines += ["  flags:", *flags]
    blanks = 0
    for table in tables:
        blanks += len(table.body) * len(table.data) - len(table.cells)
    if blanks:
        makes_missing = '`"": O` under markers makes them missing'
        lines.append(f"  # {blanks} cells between figures are blank; {makes_missing}")
    return lines


def _texts_of_figures(tables: Iterable[PrintedTable]) -> list[str]:
    """Texts of the cells of figures that are text."""
    texts: list[str] = []
    for table in tables:
        for cell in table.cells.values():
            if cell.kind is Kind.TEXT:
                texts.append(cell.text)
    return texts


def _lines_in_place(
    cells: Sequence[str], separators: Separators, explained: Mapping[str, Legend]
) -> list[str]:
    """Lines of the marks and words in place of figures."""
    lines: list[str] = []
    for mark, count in marker_candidates(cells).items():
        lines.append(_mark_line(mark, count, explained))
    words: dict[str, None] = {}
    for text in cells:
        stripped = text.strip()
        is_known = as_marker(text) or FLAGGED.fullmatch(stripped)
        if not is_known and not read_number(text, separators).numbers:
            words[stripped] = None
    for text in words:
        why = question("words in place of a figure")
        lines.append(f"    {quoted(text)}: O{why}")
    return lines


def _mark_line(mark: str, count: int, explained: Mapping[str, Legend]) -> str:
    """Line of a mark in place of figures: by its legend, or by its only meaning, else asked."""
    legend = explained.get(looked_up(mark))
    shown = quoted(mark)
    if legend is not None and legend.status in _IN_PLACE:
        why = comment(f"{count} cells; {legend.text!r}")
        return f"    {shown}: {legend.status}{why}"
    meanings = MARKERS[as_marker(mark)]
    evidence = "; ".join(f"{status}: {words}" for status, words in meanings)
    if legend is not None:
        evidence = repr(legend.text)
    elif len(meanings) == 1:
        status, _ = meanings[0]
        why = comment(f"{count} cells; {evidence}")
        return f"    {shown}: {status}{why}"
    why = question(f"{count} cells; {evidence}")
    return f'    {shown}: "?"{why}'


def _lines_behind(cells: Iterable[str], explained: Mapping[str, Legend]) -> list[str]:
    """Lines of the flags behind figures."""
    counts: Counter[str] = Counter()
    for text in cells:
        match = FLAGGED.fullmatch(text.strip())
        if match is not None:
            counts[match.group(2)] += 1
    lines: list[str] = []
    for flag, count in counts.items():
        lines.append(_flag_line(flag, count, explained))
    return lines


def _flag_line(flag: str, count: int, explained: Mapping[str, Legend]) -> str:
    """Line of a flag behind figures: by its legend, else asked."""
    legend = explained.get(looked_up(flag))
    if legend is not None and legend.status in _BEHIND:
        why = comment(f"{count} figures; {legend.text!r}")
        return f"    {quoted(flag)}: {legend.status}{why}"
    evidence = f"{_LETTERS.get(flag.casefold(), 'A')}, which no text on the sheet says?"
    if legend is not None:
        evidence = repr(legend.text)
    why = question(f"{count} figures; {evidence}")
    return f'    {quoted(flag)}: "?"{why}'

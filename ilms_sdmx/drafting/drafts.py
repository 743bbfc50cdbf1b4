"""Drafting of a mapping file: what can be recognised is written, what cannot is marked for a person."""

from __future__ import annotations

import re
from os import PathLike

from ilms_sdmx.conversion.layout.grid import Grid, grids
from ilms_sdmx.drafting.analysis import analyse
from ilms_sdmx.drafting.begin import begin_of
from ilms_sdmx.drafting.beside import side_by_side
from ilms_sdmx.drafting.components import Drafted
from ilms_sdmx.drafting.datasets import draft_datasets
from ilms_sdmx.drafting.found import Found, row_texts
from ilms_sdmx.drafting.labels import add_labels
from ilms_sdmx.drafting.layout import table_lines
from ilms_sdmx.drafting.legend import marker_lines
from ilms_sdmx.drafting.model import Analysis
from ilms_sdmx.drafting.sheets import free_headings, join_sheets
from ilms_sdmx.drafting.tables import FLAGGED, find_tables
from ilms_sdmx.drafting.text import comment, pattern, quoted
from ilms_sdmx.drafting.titles import read_titles
from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.cells import Kind, Workbook
from ilms_sdmx.tables.markers import as_marker
from ilms_sdmx.tables.separators import Inference, Separators, infer_separators
from ilms_sdmx.tables.workbooks import read_workbook
from ilms_sdmx.words import languages_of
from ilms_sdmx.words.text import clean


def draft_mapping(
    source: str | PathLike[str] | bytes | Workbook,
    *,
    area: str = "",
    office: str = "",
    encoding: str = "",
) -> str:
    r"""Draft of the mapping file of a workbook, as YAML text.

    It recognises tables, headers, periods, languages and the style of numbers, proposes dataflows and codes
    with the evidence, and marks with `decide:` everything that a person must decide. A code is never filled
    by likeness: labels that are not certain stand as comments with what may be meant.

    Parameters
    ----------
    source
        Workbook, or its path or bytes, in any format that `tables.read_workbook` reads.
    area
        ISO 3166 alpha-3 code of the country: its fiscal years are known.
    office
        Id of the office for dataflows of its own: `TH_NSO`.
    encoding
        Of a text file that does not tell it: `cp874`.

    Raises
    ------
    TableError
        The source is no workbook, or holds no table that can be recognised.

    Examples
    --------
    >>> table = b"Penempatan TKI menurut negara,\nNegara,2019\nJepang,12000\nKorea,8000\nJumlah,20000\n"
    >>> text = draft_mapping(table, area="IDN")
    >>> "Jepang: CDS_DES_JPN" in text, "1 of 1 sums agree" in text
    (True, True)
    """
    book = source if isinstance(source, Workbook) else read_workbook(source, encoding=encoding)
    sheets = grids(book)
    tables = [
        table for g in sheets for found in find_tables(g) for table in side_by_side(found)
    ]
    if not tables:
        raise TableError(
            f"{book.name} holds no table that can be recognised: rows of figures beside labels."
        )
    languages = languages_of([text for g in sheets for _, text in g.texts()], area)
    separators = _separators(tables)
    way = separators.separators or Separators(".", ",")
    joined = join_sheets(_analyses(tables, area, languages, way), area, languages, way)
    analyses = read_titles(joined, area)
    drafted = draft_datasets(
        analyses, area or "decide", office or f"{area or 'XX'}_OFFICE", languages
    )
    before = _head(book, analyses, area, office)
    before += _conventions(tables, analyses, languages, separators, encoding)
    before += _tables(analyses, drafted, sheets)
    before += _notes(sheets, tables, analyses)
    text = _text(before, drafted)
    return _text(before, drafted) if add_labels(drafted.codes.values(), text, book) else text


def _tables(analyses: list[Analysis], drafted: Drafted, sheets: list[Grid]) -> list[str]:
    """Sections `headings` and `tables`."""
    lines = [*free_headings(analyses), "tables:"]
    names = [g.name for g in sheets]
    for analysis in analyses:
        lines += [*table_lines(analysis, drafted.constants[analysis.name], names), ""]
    return lines


def _text(before: list[str], drafted: Drafted) -> str:
    """Whole draft: the code maps and data sets behind the rest."""
    lines = [*before]
    if drafted.codes:
        lines.append("codes:")
        lines += [line for codes in drafted.codes.values() for line in codes.lines()] + [""]
    return "\n".join([*lines, "datasets:", *drafted.datasets, ""])


def _analyses(
    tables: list[Found], area: str, languages: tuple[str, ...], way: Separators
) -> list[Analysis]:
    found = []
    for number, table in enumerate(tables, 1):
        titles = _titles(table, tables)
        found.append(analyse(table, f"table_{number}", titles, area, languages, way))
    return found


def _titles(table: Found, tables: list[Found]) -> tuple[list[str], list[str]]:
    """Words above a table, the nearest first, the title of the sheet last; and its own alone."""
    first = table.header[0] if table.header else table.body[0]
    above = [t for t in tables if t.grid is table.grid and t.body[-1] < first]
    start = max((t.body[-1] + 1 for t in above), default=0)
    own = [r for r in range(first - 1, start - 1, -1) if r not in table.blocks]
    top = min(((t.header or t.body)[0] for t in above), default=0)
    near = row_texts(table.grid, own)
    if table.right is not None and table.title is not None:
        beside = {*row_texts(table.grid, [table.title])} - {table.text(table.title, table.left)}
        near = [text for text in near if text not in beside]
    shared = row_texts(table.grid, range(top))
    alone = len([t for t in tables if t.grid is table.grid]) == 1
    return [*near, *shared], near if alone or above or len(near) < 2 else near[:1]


def _separators(tables: list[Found]) -> Inference:
    """Separators of all figures that are text; persons are counted whole where no share is among them."""
    texts = [
        FLAGGED.sub(r"\1", cell.text.strip())
        for t in tables
        for _, cell in t.cells()
        if cell.kind is Kind.TEXT and not as_marker(cell.text)
    ]
    if not texts:
        return Inference(Separators(".", ","), "all figures are stored as numbers")
    found = infer_separators(texts)
    if found.separators is not None:
        return found
    whole = infer_separators(texts, whole=True)
    if whole.separators is None:
        return found
    return Inference(whole.separators, f"decide: {whole.evidence}", whole.odd)


def _head(book: Workbook, analyses: list[Analysis], area: str, office: str) -> list[str]:
    title = next((t for a in analyses for t in reversed(a.titles) if t), book.name)
    lines = [
        f"# Draft of the mapping of {book.name}: {len(analyses)} tables recognised.",
        "# Lines with `decide:` are for a person: correct or confirm them, then take the word away.",
        "mapping: 1",
        f"title: {quoted(title)}",
        "source:",
        f"  title: {quoted(title)}",
    ]
    lines += (
        [f"  area: {area}"]
        if area
        else ["  # decide: area (ISO 3166 alpha-3 code of the country)"]
    )
    sender = office or f"{area or 'XX'}_OFFICE  # decide: your id"
    lines += ["header:", f"  sender: {sender}"]
    return [*lines, "  receiver: ILO", ""]


def _conventions(
    tables: list[Found],
    analyses: list[Analysis],
    languages: tuple[str, ...],
    separators: Inference,
    encoding: str,
) -> list[str]:
    texts = [text for grid in dict.fromkeys(t.grid for t in tables) for _, text in grid.texts()]
    lines = ["conventions:", f"  languages: [{', '.join(languages)}]"]
    lines += [f"  encoding: {encoding}"] if encoding else []
    way = separators.separators
    if way is None:
        lines.append(f"  # decide: decimal and group; {separators.evidence}")
    else:
        lines.append(f"  decimal: {quoted(way.decimal)}{comment(separators.evidence)}")
        lines.append(f"  group: {quoted(way.group)}")
    if any(a.numbering for a in analyses):
        lines.append("  numbering: true")
    return [*lines, *marker_lines(tables, way or Separators(".", ","), texts), ""]


def _notes(grids: list[Grid], tables: list[Found], analyses: list[Analysis]) -> list[str]:
    """Texts outside the tables, but for those where a table begins or from which its period is read."""
    texts: dict[str, None] = {}
    begins = {text for a in analyses for text in begin_of(a.founds).texts}
    axes = [re.compile(a.axis.text, re.IGNORECASE) for a in analyses if a.axis and a.axis.text]
    for g in grids:
        own = [t for t in tables if t.grid is g]
        taken = {r for t in own for r in (*t.header, *t.body, *t.blocks, *t.words)}
        for (row, _), cell in g.cells.items():
            text = clean(cell.text)
            known = text in begins or any(axis.search(text) for axis in axes)
            if row not in taken and text and not known:
                texts[text] = None
    if not texts:
        return []
    return ["notes:", *(f"  - {line}" for line in _alike(list(texts))), ""]


def _alike(texts: list[str]) -> list[str]:
    """Patterns of texts; those that differ in their numbers only are one."""
    forms: dict[str, list[str]] = {}
    for text in texts:
        forms.setdefault(re.sub(r"\d+", "0", text), []).append(text)
    return [
        pattern(own[0]) if len(own) == 1 else quoted(f"/^{_numbered(own[0])}$/")
        for own in forms.values()
    ]


def _numbered(text: str) -> str:
    """Expression of a text with any numbers."""
    return re.sub(r"\d+", r"\\d+", re.escape(text)).replace(r"\ ", " ")

"""Drafts of mapping files: what is recognised is written, the rest is marked for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike

from ilms_sdmx.conversion.layout.grid import Grid, grids
from ilms_sdmx.drafting.analysis import Analysis, Context, analyse
from ilms_sdmx.drafting.joining import join_sheets
from ilms_sdmx.drafting.lists import CodedList, coded_list, list_lines
from ilms_sdmx.drafting.recognition.headed import Words
from ilms_sdmx.drafting.recognition.kinds import FLAGGED
from ilms_sdmx.drafting.recognition.periods import Decision
from ilms_sdmx.drafting.recognition.printed import PrintedTable, row_texts
from ilms_sdmx.drafting.recognition.regions import find_tables
from ilms_sdmx.drafting.sections.codes import CodeMap, code_lines
from ilms_sdmx.drafting.sections.datasets import draft_datasets
from ilms_sdmx.drafting.sections.growing import Datasets, Sender
from ilms_sdmx.drafting.sections.marks import marker_lines
from ilms_sdmx.drafting.sections.notes import note_lines
from ilms_sdmx.drafting.sections.pins import DraftedPins, pins_of
from ilms_sdmx.drafting.sections.read_labels import with_read_labels
from ilms_sdmx.drafting.sections.tables import table_lines
from ilms_sdmx.drafting.sections.text import comment, question, quoted
from ilms_sdmx.drafting.title_periods import (
    period_of_title,
    read_title_periods,
    with_year_of_title,
)
from ilms_sdmx.errors import TableError
from ilms_sdmx.labels.areas import known_area
from ilms_sdmx.tables.cells import Kind, Workbook
from ilms_sdmx.tables.markers import as_marker
from ilms_sdmx.tables.separators import Inference, Separators, infer_separators
from ilms_sdmx.tables.workbooks import read_workbook
from ilms_sdmx.words import is_unit_line, languages_of, power_of, says

#: Most letters of a heading that says what is counted.
_LONGEST_HEADING = 40
_DEFAULT_SEPARATORS = Separators(".", ",")
_FOR_A_PERSON = (
    "# Lines with `decide:` are for a person: correct or confirm them, then delete the word."
)


@dataclass(frozen=True)
class _Source:
    """Workbook to be drafted, and what is said of it.

    Parameters
    ----------
    workbook
        Workbook.
    sheets
        Its sheets.
    tables
        Recognised tables, at least one.
    area, office, encoding
        As for `draft_mapping`.
    """

    workbook: Workbook
    sheets: Sequence[Grid]
    tables: Sequence[PrintedTable]
    area: str
    office: str
    encoding: str

    @property
    def texts(self) -> list[str]:
        """Texts of the sheets with tables."""
        texts: list[str] = []
        for sheet in dict.fromkeys(table.grid for table in self.tables):
            texts += _texts(sheet)
        return texts

    @property
    def sender(self) -> str:
        """Id of the office, one to be changed where none is said."""
        return self.office or f"{self.area or 'XX'}_OFFICE"


def _texts(sheet: Grid) -> list[str]:
    """Texts of the cells of a sheet."""
    return [text for _, text in sheet.texts()]


def draft_mapping(
    source: str | PathLike[str] | bytes | Workbook,
    *,
    area: str = "",
    office: str = "",
    encoding: str = "",
) -> str:
    r"""Draft of the mapping file of a workbook, as YAML text.

    It recognises tables, headers, periods, languages and the style of numbers, proposes
    dataflows and codes with the evidence, and marks with `decide:` everything that a person
    must decide. A code is never filled by likeness: labels that are not certain are comments
    with what may be meant.

    Parameters
    ----------
    source
        Workbook, or its path or bytes, in any format that `tables.read_workbook` reads.
    area
        The country, by a code of ISO 3166 or by its name (`THA`, `TH`, `Thailand`): its fiscal
        years are known.
    office
        Id of the office for dataflows of its own: `TH_NSO`.
    encoding
        Of a text file that does not tell it: `cp874`.

    Raises
    ------
    TableError
        The source is no workbook, or holds no table that can be recognised.
    StructureError
        There is no such area; the message names the nearest.

    Examples
    --------
    >>> rows = ["Penempatan TKI menurut negara,", "Negara,2019", "Jepang,12000", "Korea,8000"]
    >>> text = draft_mapping("\n".join([*rows, "Jumlah,20000"]).encode(), area="IDN")
    >>> "Jepang: CDS_DES_JPN" in text, "1 of 1 sums agree" in text
    (True, True)
    """
    area = known_area(area) if area else ""
    workbook = source
    if not isinstance(workbook, Workbook):
        workbook = read_workbook(workbook, encoding=encoding)
    sheets = list(grids(workbook))
    coded = coded_list(sheets, area)
    if coded is not None:
        return _draft_of_list(_Source(workbook, sheets, (), area, office, encoding), coded)
    tables: list[PrintedTable] = []
    texts: list[str] = []
    for sheet in sheets:
        tables += find_tables(sheet)
        texts += _texts(sheet)
    if not tables:
        expected = "rows of figures next to labels"
        raise TableError(f"{workbook.name} holds no table that can be recognised: {expected}.")
    languages = languages_of(texts, area)
    return _draft(_Source(workbook, sheets, tables, area, office, encoding), languages)


def _draft_of_list(source: _Source, coded: CodedList) -> str:
    """Draft of the mapping file of a list of codes."""
    context = Context(source.area, ("en",), _DEFAULT_SEPARATORS, source.workbook.name)
    inference = Inference(_DEFAULT_SEPARATORS, "as in lists of codes")
    lines = _head_lines(source, 1, [])
    lines += _convention_lines(source, [], context, inference)
    lines += list_lines(coded, source.area)
    return "\n".join([*lines, ""])


def _draft(source: _Source, languages: tuple[str, ...]) -> str:
    """Draft of the mapping file of a workbook with tables."""
    inference = _separators(source.tables)
    separators = inference.separators or _DEFAULT_SEPARATORS
    context = Context(source.area, languages, separators, source.workbook.name)
    analyses = _analyses(source.tables, context)
    analyses = join_sheets(analyses, context)
    analyses = [with_year_of_title(analysis, source.area) for analysis in analyses]
    analyses = read_title_periods(analyses, source.area)
    constants = _constants(analyses, source.area)
    pins = _pins(analyses, constants, source.area)
    for name, pinned in pins.items():
        if pinned.gives_period:
            constants[name] = {}
    area = source.area or "?"
    sender = Sender(area, source.sender, languages)
    datasets = draft_datasets(analyses, constants, sender)
    titles = [analysis.farthest_title for analysis in analyses]
    lines = _head_lines(source, len(analyses), titles)
    lines += _convention_lines(source, analyses, context, inference)
    lines += _heading_lines(analyses)
    lines += _table_lines(source, analyses, datasets, pins)
    lines += note_lines(source.sheets, source.tables, analyses, _pinned_texts(pins))
    code_maps = list(datasets.code_maps.values())
    text = _text(lines, [code_map.with_first_label for code_map in code_maps], datasets)
    code_maps = with_read_labels(code_maps, text, source.workbook)
    return _text(lines, code_maps, datasets)


def _text(lines: Iterable[str], code_maps: Iterable[CodeMap], datasets: Datasets) -> str:
    """Whole draft: the code maps and the data sets behind the rest."""
    sections = [*lines, *code_lines(code_maps), "datasets:", *datasets.lines, ""]
    return "\n".join(sections)


def _analyses(tables: Sequence[PrintedTable], context: Context) -> list[Analysis]:
    """Analyses of all tables, numbered."""
    analyses: list[Analysis] = []
    for number, table in enumerate(tables, 1):
        words = _words(table, tables)
        analyses.append(analyse(table, f"table_{number}", words, context))
    return analyses


def _constants(analyses: Sequence[Analysis], area: str) -> dict[str, Mapping[str, Decision]]:
    """Table to the period that it sets, where its title says it or nothing does."""
    constants: dict[str, Mapping[str, Decision]] = {}
    for analysis in analyses:
        period = period_of_title(analysis, analyses, area)
        constants[analysis.name] = {}
        if period is not None:
            constants[analysis.name] = {"period": period}
    return constants


def _pins(
    analyses: Sequence[Analysis], constants: Mapping[str, Mapping[str, Decision]], area: str
) -> dict[str, DraftedPins]:
    """Table to what is pinned of it."""
    pins = {}
    for analysis in analyses:
        decision = constants[analysis.name].get("period")
        is_sure = decision is None or not decision.question
        pins[analysis.name] = pins_of(analysis, area, is_sure=is_sure)
    return pins


def _pinned_texts(pins: Mapping[str, DraftedPins]) -> set[str]:
    """Texts that are pinned, as they are printed."""
    texts: set[str] = set()
    for pinned in pins.values():
        texts.update(pinned.texts)
    return texts


def _words(table: PrintedTable, tables: Iterable[PrintedTable]) -> Words:
    """Words above a table."""
    of_sheet = [other for other in tables if other.grid is table.grid]
    above = [other for other in of_sheet if other.last_row < table.first_row]
    first_row = top = 0
    for other in above:
        first_row = max(first_row, 1 + other.last_row)
    if above:
        top = min(other.first_row for other in above)
    near: Sequence[str] = _words_from(table, first_row)
    shared = row_texts(table.grid, range(top))
    if above and near:
        shared = _without_title_of_first(of_sheet, shared)
    titles = (*near, *shared)
    if len(of_sheet) > 1 and not above:
        near = _up_to_title(near)
    return Words(titles, tuple(near))


def _up_to_title(words: Sequence[str]) -> Sequence[str]:
    """Words above a table, the nearest first, up to one that says more than a unit."""
    for place, text in enumerate(words, 1):
        if not is_unit_line(text):
            return words[:place]
    return words


def _without_title_of_first(
    of_sheet: Sequence[PrintedTable], texts: Sequence[str]
) -> list[str]:
    """Words at the top of a sheet, without the title of its first table."""
    first_table = min(of_sheet, key=lambda table: table.first_row)
    if first_table.title is None:
        return list(texts)
    title = row_texts(first_table.grid, [first_table.title])
    return [text for text in texts if text not in title]


def _words_from(table: PrintedTable, first_row: int) -> list[str]:
    """Words of the rows from one to the table, the nearest first."""
    rows: list[int] = []
    for row in range(first_row, table.first_row):
        if row not in table.blocks:
            rows.append(row)
    texts: list[str] = []
    for row in reversed(rows):
        texts += _units_first(_texts_over(table, row))
    return texts


def _units_first(texts: Sequence[str]) -> list[str]:
    """Texts of one row, units before the title at whose right end they are."""
    units = [text for text in texts if is_unit_line(text)]
    others = [text for text in texts if not is_unit_line(text)]
    return [*units, *others]


def _texts_over(table: PrintedTable, row: int) -> list[str]:
    """Texts of a row above a table; those over its columns where tables next to it have others.

    A row with words over one table only is the title of all.
    """
    texts = row_texts(table.grid, [row])
    if table.right is None:
        return texts
    columns = table.grid.filled.get(row, ())
    over_columns = [column for column in columns if table.left <= column < table.right]
    if not over_columns or len(over_columns) == len(columns):
        return texts
    own_texts = table.texts([row], over_columns)
    return list(filter(None, own_texts))


def _separators(tables: Iterable[PrintedTable]) -> Inference:
    """Separators of all figures that are text.

    Persons are counted whole where no share is among them.
    """
    texts: list[str] = []
    for table in tables:
        for cell in table.cells.values():
            if cell.kind is Kind.TEXT and not as_marker(cell.text):
                texts.append(FLAGGED.sub(r"\1", cell.text.strip()))
    if not texts:
        return Inference(_DEFAULT_SEPARATORS, "all figures are stored as numbers")
    inference = infer_separators(texts)
    if inference.separators is not None:
        return inference
    of_whole = infer_separators(texts, whole=True)
    if of_whole.separators is None:
        return inference
    if _says_persons(tables):
        return of_whole
    return replace(of_whole, evidence=f"decide: {of_whole.evidence}")


def _says_persons(tables: Iterable[PrintedTable]) -> bool:
    """Whether the words above the figures say persons, and none on a sheet says thousands."""
    is_said = False
    for grid in dict.fromkeys(table.grid for table in tables):
        texts = _texts(grid)
        if any(map(power_of, texts)):
            return False
        is_said |= any(is_unit_line(text) or _says_count(text) for text in texts)
    return is_said


def _says_count(text: str) -> bool:
    """Whether a short text names persons that are counted."""
    return len(text) <= _LONGEST_HEADING and says(text, "unit")


def _head_lines(source: _Source, count: int, titles: Sequence[str]) -> list[str]:
    """Lines of what the draft is, of the source and of the header of messages."""
    name = source.workbook.name
    title = next(filter(None, titles), name)
    title = quoted(title)
    area = f"area: ?{question('ISO 3166 alpha-3 code of the country')}"
    if source.area:
        area = f"area: {source.area}"
    sender = source.office or f"{source.sender}{comment('put the id of your office here')}"
    lines = [f"# Draft of the mapping of {name}: {count} tables recognised."]
    lines += [_FOR_A_PERSON, "mapping: 2", f"title: {title}"]
    lines += ["source:", f"  title: {title}", f"  {area}"]
    lines += ["header:", f"  sender: {sender}", "  receiver: ILO", ""]
    return lines


def _convention_lines(
    source: _Source,
    analyses: Iterable[Analysis],
    context: Context,
    inference: Inference,
) -> list[str]:
    """Section `conventions`."""
    languages = ", ".join(context.languages)
    lines = ["conventions:", f"  languages: [{languages}]"]
    if source.encoding:
        lines.append(f"  encoding: {source.encoding}")
    separators = inference.separators
    if separators is None:
        lines.append(f"  # decide: decimal and group; {inference.evidence}")
    else:
        decimal = quoted(separators.decimal)
        lines.append(f"  decimal: {decimal}{comment(inference.evidence)}")
        lines.append(f"  group: {quoted(separators.group)}")
    if any(analysis.table.numbering for analysis in analyses):
        lines.append("  numbering: true")
    lines += marker_lines(source.tables, context.separators, source.texts)
    return [*lines, ""]


def _heading_lines(analyses: Iterable[Analysis]) -> list[str]:
    """Section `headings`: labels that are in names of sheets or in titles."""
    lines: dict[tuple[str, str], None] = {}
    for analysis in analyses:
        axis = analysis.axis
        if axis is None or not (axis.sheet or axis.text):
            continue
        name = f"  - name: {axis.heading.name}{comment(axis.why)}"
        place = f"    text: {quoted(axis.text)}"
        if axis.sheet:
            place = f"    sheet: {quoted(axis.sheet)}"
        lines[name, place] = None
    if not lines:
        return []
    flat_lines = ["headings:"]
    for pair in lines:
        flat_lines += pair
    return [*flat_lines, ""]


def _table_lines(
    source: _Source,
    analyses: Iterable[Analysis],
    datasets: Datasets,
    pins: Mapping[str, DraftedPins],
) -> list[str]:
    """Section `tables`."""
    sheets = [sheet.name for sheet in source.sheets]
    lines = ["tables:"]
    for analysis in analyses:
        constants = datasets.constants[analysis.name]
        pin_lines = pins[analysis.name].lines
        lines += table_lines(analysis, constants, sheets, pin_lines)
        lines.append("")
    return lines

"""What a person says of a cell, a row, a column or a block, as edits of the mapping file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.buckets import ROLES
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.layout import TableLayout, column
from ilms_sdmx.outputs.desk.editing import MappingText, inline, scalar, words_of
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.words import power_of

if TYPE_CHECKING:
    import pandas as pd

#: What may be said of figures: their bucket, or a note of them.
OF_FIGURES = (*ROLES, "note")
#: What may be said of a cell with words.
OF_WORDS = ("period", "unit", "source", "note", "ignore")
#: How far a mark goes from its cell.
CELL, ROW, COLUMN, BLOCK = "cell", "row", "column", "block"
EXTENTS = (CELL, ROW, COLUMN, BLOCK)
#: A year, in western or other digits.
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Mark:
    """What a person says of a part of a sheet.

    Parameters
    ----------
    sheet, cell
        A cell of it.
    role
        A bucket of figures, or `note`, `period`, `unit`, `source`, `ignore` for words.
    extent
        How far it goes: `cell`, `row`, `column` or `block`.
    why
        Reason, which `ignore` needs, or the words of a note.
    of
        Address of a cell in the row or column of which figures are a share, for `percent`; for
        `total` those in whose rows the parts are: none for all others.
    """

    sheet: str
    cell: str
    role: str
    extent: str = ROW
    why: str = ""
    of: tuple[str, ...] = ()


def with_mark(
    file: MappingText,
    mapping: MappingDocument,
    workbook: Workbook,
    figures: Figures,
    mark: Mark,
) -> MappingText:
    """Mapping file that says of a part of a sheet what a person says of it.

    Parameters
    ----------
    file, mapping
        Text of the file, and what it says.
    workbook, figures
        Workbook, and its figures under the mapping.

    Raises
    ------
    MappingError
        The cell cannot be that.
    """
    if mark.extent not in EXTENTS:
        raise MappingError(f"expected one of {', '.join(EXTENTS)}, found {mark.extent!r}.")
    here = figures.frame[(figures.sheet == mark.sheet) & (figures.cell == mark.cell)]
    if len(here):
        return _with_rule(file, mapping, figures, mark, here.iloc[0])
    rows = _figures_under(figures, workbook, mark)
    if rows is not None and mark.role in OF_FIGURES:
        return _with_rule(file, mapping, figures, mark, rows)
    return _with_words(file, mapping, workbook, figures, mark)


def _figures_under(figures: Figures, workbook: Workbook, mark: Mark) -> pd.Series[str] | None:
    """First figure in the row, or below the column, of a label."""
    from ilms_sdmx.tables.addresses import position

    row, number = position(mark.cell)
    frame = figures.frame[figures.sheet == mark.sheet]
    if mark.extent in (ROW, CELL):
        beside = frame[frame["row"] == row]
    elif mark.extent == COLUMN:
        merge = next(s for s in workbook if s.name == mark.sheet).merge(row, number)
        last = merge.right if merge is not None else number
        is_below = (frame["row"] > row) & frame["column_number"].between(number, last)
        beside = frame[is_below]
    else:
        beside = frame[frame["row"] > row]
    return beside.iloc[0] if len(beside) else None


def _layout(mapping: MappingDocument, name: str) -> tuple[int, TableLayout]:
    """Number and layout of a table."""
    for number, layout in enumerate(mapping.tables):
        if layout.name == name:
            return number, layout
    raise MappingError(f"{mapping.name}: expected the table {name!r}.")


def names_of_extent(layout: TableLayout, extent: str) -> list[str]:
    """Headings that tell the row, the column or the block of a figure, the innermost first."""
    of_rows = [heading.name for heading in layout.rows][::-1]
    of_columns = [name for name in layout.columns if name][::-1]
    if not of_columns:
        of_columns = ["column"]
    of_blocks = [layout.blocks.name] if layout.blocks else []
    if extent == ROW:
        return [*of_rows, *of_blocks]
    if extent == COLUMN:
        return of_columns
    if extent == BLOCK:
        return of_blocks
    return [*of_rows, *of_columns, *of_blocks]


def labels_of(
    figures: Figures, layout: TableLayout, at: Mapping[str, Any], extent: str
) -> dict[str, str]:
    """Headings and labels by which a rule means the row, column, block or cell of a figure.

    As few as tell it from the others of its table.
    """
    frame = figures.frame[figures.table == layout.name]
    key = {ROW: ["row"], COLUMN: ["column_number"]}.get(extent, ["row", "column_number"])
    wanted = _same(frame, {name: at[name] for name in (*key, "sheet")})
    where: dict[str, str] = {}
    for name in names_of_extent(layout, extent):
        label = at.get(column(name))
        if not isinstance(label, str) or not label:
            continue
        where[name] = label
        meant = _same(frame, {column(own): text for own, text in where.items()})
        if extent == BLOCK or not (meant & ~wanted).any():
            return where
    if not where:
        raise MappingError(f"expected labels of {at['cell']} by which a rule can name it.")
    return where


def _same(frame: pd.DataFrame, values: Mapping[str, Any]) -> pd.Series[bool]:
    """Rows with given values."""
    import pandas as pd

    rows = pd.Series(True, index=frame.index)
    for name, value in values.items():
        rows &= frame[name].eq(value).fillna(False).astype(bool)
    return rows


def _with_rule(
    file: MappingText,
    mapping: MappingDocument,
    figures: Figures,
    mark: Mark,
    at: pd.Series[str],
) -> MappingText:
    """File with a rule for the figures that are meant, before all others of the table."""
    if mark.role not in OF_FIGURES:
        roles = ", ".join(OF_FIGURES)
        raise MappingError(f"{mark.cell} holds a figure: expected one of {roles}.")
    number, layout = _layout(mapping, str(at["table"]))
    labels = labels_of(figures, layout, dict(at), mark.extent)
    where = {name: words_of(label) for name, label in labels.items()}
    item = [f"where: {inline(where)}"]
    if mark.role == "note":
        item.append(f"note: {scalar(_needed(mark))}")
    else:
        item.append(f"bucket: {mark.role}")
    if mark.role == "ignore":
        item.append(f"why: {scalar(_needed(mark))}")
    if mark.role == "percent" and mark.of:
        item += _share_lines(figures, layout, mark, labels)
    rules = ("tables", number, "rules")
    file = _without_same_rule(file, rules, where, mark)
    file = file.with_item(rules, item, first=True)
    if mark.role == "total":
        file = _with_check(file, figures, layout, number, mark, where)
    return file


def _needed(mark: Mark) -> str:
    """Words that a note or a reason needs."""
    words = " ".join(mark.why.split())
    if not words:
        raise MappingError(f"expected the reason or the words for {mark.cell}, found none.")
    return words


def _without_same_rule(
    file: MappingText, rules: tuple[str | int, ...], where: Mapping[str, str], mark: Mark
) -> MappingText:
    """File without the rule that says the same figures are something else."""
    node = file.node(rules)
    for number, item in enumerate(node.value if node is not None else ()):
        fields = {str(key.value): value for key, value in item.value}
        if set(fields) - {"where", "bucket", "why"} or "where" not in fields:
            continue
        own = {}
        for key, value in getattr(fields["where"], "value", ()):
            own[str(key.value)] = getattr(value, "value", "")
        if own == where and mark.role != "note":
            return file.without((*rules, number))
    return file


def _share_lines(
    figures: Figures, layout: TableLayout, mark: Mark, labels: Mapping[str, str]
) -> list[str]:
    """Lines that say of what percents are a share."""
    frame = figures.frame
    other = frame[(frame["sheet"] == mark.sheet) & (frame["cell"] == mark.of[0])]
    if not len(other):
        raise MappingError(f"expected a cell with a figure, found {mark.of[0]}.")
    whole = labels_of(figures, layout, dict(other.iloc[0]), mark.extent)
    if len(mark.of) < 2:
        return [f"share: {{of: left, in: {inline(_literal(whole))}}}"]
    part = frame[(frame["sheet"] == mark.sheet) & (frame["cell"] == mark.of[1])]
    if not len(part):
        raise MappingError(f"expected a cell with a figure, found {mark.of[1]}.")
    numerator = labels_of(figures, layout, dict(part.iloc[0]), mark.extent)
    both = {"of": _literal(numerator), "in": _literal(whole)}
    return [f"share: {inline(both)}"]


def _literal(labels: Mapping[str, str]) -> dict[str, str]:
    return {name: words_of(label) for name, label in labels.items()}


def _with_check(
    file: MappingText,
    figures: Figures,
    layout: TableLayout,
    number: int,
    mark: Mark,
    where: Mapping[str, str],
) -> MappingText:
    """File with a check of a total: of its parts, or of all that it may be the total of."""
    checks = ("tables", number, "checks")
    line = f"total: {inline(where)}"
    node = file.node(checks)
    for item in node.value if node is not None else ():
        for key, value in item.value:
            own = {
                str(k.value): getattr(v, "value", "") for k, v in getattr(value, "value", ())
            }
            if str(key.value) == "total" and own == where:
                return file
    item = [line]
    parts = _parts(figures, layout, mark, where)
    if parts:
        item.append(f"parts: {inline(parts)}")
    return file.with_item(checks, item)


def _parts(
    figures: Figures, layout: TableLayout, mark: Mark, where: Mapping[str, str]
) -> dict[str, list[str]]:
    """Headings and labels of the parts of a total."""
    parts: dict[str, list[str]] = {}
    frame = figures.frame
    for address in mark.of:
        rows = frame[(frame["sheet"] == mark.sheet) & (frame["cell"] == address)]
        if not len(rows):
            raise MappingError(f"expected a cell with a figure, found {address}.")
        for name in where:
            label = rows.iloc[0].get(column(name))
            if isinstance(label, str) and label:
                parts.setdefault(name, []).append(words_of(label))
    return parts


def _with_words(
    file: MappingText,
    mapping: MappingDocument,
    workbook: Workbook,
    figures: Figures,
    mark: Mark,
) -> MappingText:
    """File that says what the words of a cell are."""
    sheet = next((each for each in workbook if each.name == mark.sheet), None)
    text = "" if sheet is None else " ".join(sheet[mark.cell].text.split())
    if not text:
        raise MappingError(f"expected words in {mark.cell}, found none.")
    if mark.role == "note":
        return file.with_item(("notes",), [scalar(words_of(text))])
    if mark.role == "ignore":
        lines = [f"text: {scalar(words_of(text))}", f"why: {scalar(_needed(mark))}"]
        return file.with_item(("ignore",), lines)
    if mark.role == "source":
        return _with_key(file, ("source",), "title", scalar(text))
    tables = _tables_of(mapping, figures, mark.sheet)
    if mark.role == "unit":
        for number in tables:
            file = _with_key(file, ("tables", number), "multiplier", str(power_of(text)))
        return file
    if mark.role == "period":
        return _with_period(file, mapping, mark, text, tables)
    roles = ", ".join(OF_WORDS)
    raise MappingError(f"{mark.cell} holds words: expected one of {roles}.")


def _tables_of(mapping: MappingDocument, figures: Figures, sheet: str) -> list[int]:
    """Numbers of the tables on a sheet."""
    names = set(figures.table[figures.sheet == sheet])
    numbers = []
    for number, layout in enumerate(mapping.tables):
        if layout.name in names:
            numbers.append(number)
    if not numbers:
        raise MappingError(f"expected a table on the sheet {sheet!r}, found none.")
    return numbers


def _with_key(
    file: MappingText, path: tuple[str | int, ...], key: str, value: str
) -> MappingText:
    """File with a value of a key, whether it has had one or not."""
    if file.node((*path, key)) is not None:
        return file.with_value((*path, key), value)
    return file.with_entry(path, key, value)


def _with_period(
    file: MappingText,
    mapping: MappingDocument,
    mark: Mark,
    text: str,
    tables: Iterable[int],
) -> MappingText:
    """File in which the period of the tables of a sheet is read in a cell."""
    name = "period"
    lines = [f"name: {name}", f"cell: {mark.cell}"]
    expression = _period_in(text, mapping.source.get("area", ""))
    if expression:
        lines.append(f"text: {scalar(expression)}")
    for number in tables:
        set_in_table = ("tables", number, "set", name)
        if file.node(set_in_table) is not None:
            file = file.without(set_in_table)
    node = file.node(("headings",))
    for number, item in reversed(list(enumerate(node.value if node is not None else ()))):
        fields = {str(key.value): getattr(value, "value", "") for key, value in item.value}
        if fields.get("name") == name:
            file = file.without(("headings", number))
    return file.with_item(("headings",), lines)


def _period_in(text: str, area: str) -> str:
    """Expression that finds the period in a text; empty where all of it is a period."""
    from ilms_sdmx.periods import read_period

    if read_period(text, area=area).time_period:
        return ""
    runs = _YEAR.findall(text)
    if len(runs) != 1:
        raise MappingError(f"expected one period in {text!r}: name it in the mapping file.")
    before, _, _ = text.partition(runs[0])
    words = re.escape(before[-20:].lstrip()).replace(r"\ ", " ")
    return f"{words}(\\d{{4}})"

"""Workbooks of UN DESA's International Migrant Stock as they are: one row a figure."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import TableError
from ilms_sdmx.sources.undesa_numbers import numbers_of

if TYPE_CHECKING:
    import pandas as pd

#: Heading as printed to the role of its column; the first that matches counts.
_ROLES = (
    (r"(location|country) code of origin", "partner"),
    (r"((location|country) )?code( of destination)?", "area"),
    (r"region.* of origin|country or area of origin", "partner_name"),
    (r"(region|major area).*", "area_name"),
    (r"type of data.*|data type.*", "data_type"),
    (r"(coverage|(migrant |population )?notes).*", "notes"),
    (r"year", "year"),
    (r"index|sort order", "index"),
)
_SEXES = (("both sexes", "both"), ("female", "female"), ("male", "male"))
_AGE = re.compile(r"\d{1,2}-\d{1,2}|\d{2}\+|Total")
_YEAR = re.compile(r"(19|20)\d\d")
_DOCUMENT = re.compile(r"Stock/Rev\.(\d{4})")
#: Heading above the origins of a table that names them in its columns.
_ORIGINS = "Country or area of origin"
_TEXTS = ("area", "area_name", "partner", "partner_name", "data_type", "notes", "year")


@dataclass(frozen=True)
class ValueColumn:
    """Column of figures and what heads it.

    Parameters
    ----------
    place
        Number of the column, from 0.
    sex
        `both`, `male` or `female`.
    year, age, origin
        As printed, `""` where it heads no such thing; the origin is named, not coded.
    """

    place: int
    sex: str
    year: str
    age: str
    origin: str


@dataclass(frozen=True)
class Layout:
    """Where things are on a sheet; rows and columns count from 0.

    Parameters
    ----------
    header
        Row of the years or ages; figures start below it.
    roles
        Role to column: `area` (code of destination), `area_name`, `partner`, `partner_name`,
        `data_type`, `notes`, `year`, `index`.
    columns
        Columns of figures, from left to right.
    """

    header: int
    roles: dict[str, int]
    columns: tuple[ValueColumn, ...]


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet: its title lines, its rows as they are and where things are."""

    name: str
    titles: tuple[str, ...]
    rows: list[list[Any]]
    layout: Layout

    @property
    def edition(self) -> str:
        """Revision that the sheet names, `""` if it names none.

        Never guessed from its years.
        """
        for title in self.titles:
            document = _DOCUMENT.search(title)
            if document:
                return document[1]
        return ""

    @property
    def kind(self) -> str:
        """What the table is by, from its title: `bilateral`, `age`, `origin`, `destination`."""
        columns = self.layout.columns
        if "partner" in self.layout.roles or any(column.origin for column in columns):
            return "bilateral"
        if any(column.age for column in columns):
            return "age"
        title = " ".join(self.titles).lower()
        by_origin = re.search(r"area of origin|stock \d{4}: origin", title)
        return "origin" if by_origin else "destination"


def read_sheet(content: bytes, name: str = "Table 1", *, file: str = "") -> Sheet:
    """Sheet of a workbook of the International Migrant Stock, editions 2015 to 2024.

    Raises
    ------
    TableError
        No workbook, no such sheet, or no row of years or ages.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    place = f"sheet {name!r} of {file or 'the workbook'}"
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, KeyError) as error:
        raise TableError(f"expected a workbook with {place}: {error}") from error
    layout = _layout(rows)
    if layout is None:
        raise TableError(f"expected a row of years or ages on {place}, found none")
    headings = {(c.sex, c.year, c.age, c.origin) for c in layout.columns}
    if len(headings) < len(layout.columns):
        raise TableError(
            f"expected headings of both sexes, males and females above the years on {place}, "
            "found years that repeat without them"
        )
    titles = []
    for row in rows[: layout.header]:
        texts = [str(cell).strip() for cell in row]
        titles += [text for text in texts if text]
    return Sheet(name, tuple(titles), rows, layout)


def _layout(rows: Sequence[Sequence[Any]]) -> Layout | None:
    """Layout of a sheet by the first row that is its header; None where there is none."""
    for number, row in enumerate(rows[:40]):
        above = rows[number - 1] if number else ()
        if not _is_header(row, above):
            continue
        roles = _roles(_headings(row, above), row)
        if "area_name" in roles:
            return Layout(number, roles, tuple(_value_columns(rows, number, roles)))
    return None


def _is_header(row: Sequence[Any], above: Sequence[Any]) -> bool:
    """Whether a row has at least four years or ages, or is below the heading of origins."""
    labels = list(filter(None, map(_label, row)))
    texts = map(_text, above)
    return len(labels) >= 4 or _ORIGINS in texts


def _headings(row: Sequence[Any], above: Sequence[Any]) -> list[str]:
    """Text of each cell of the header, that of the cell above where it has none."""
    headings = []
    for column, cell in enumerate(row):
        text_above = _text(above[column]) if above else ""
        headings.append(_text(cell) or text_above)
    return headings


def _roles(headings: Sequence[str], row: Sequence[Any]) -> dict[str, int]:
    """Column of each role, the first that its heading fits."""
    roles: dict[str, int] = {}
    for column, heading in enumerate(headings):
        if _label(row[column]):
            continue
        for pattern, role in _ROLES:
            if role not in roles and re.fullmatch(pattern, heading, re.I):
                roles[role] = column
                break
    if _ORIGINS in headings:
        roles.pop("partner_name", None)
    return roles


def _value_columns(
    rows: Sequence[Sequence[Any]], header: int, roles: dict[str, int]
) -> list[ValueColumn]:
    """Columns of figures: those right of all roles that a year, an age or an origin heads."""
    row = rows[header]
    rows_above = rows[:header]
    texts: list[str] = []
    for above in rows_above:
        texts += map(_text, above[:8])
    sexes = _sexes(rows_above, len(row), " ".join(texts))
    has_ages = _has_ages(row)
    first = max(roles.values()) + 1
    columns = []
    for column in range(first, len(row)):
        label = _label(row[column])
        origin = "" if label else _text(row[column])
        if label == "Total" and not has_ages:
            label = ""
            origin = "Total"
        if not label and not origin:
            continue
        is_year = len(label) == 4 and label.isdigit()
        year = label if is_year else ""
        age = "" if is_year else label
        columns.append(ValueColumn(column, sexes[column], year, age, origin))
    return columns


def _has_ages(row: Sequence[Any]) -> bool:
    return any(re.fullmatch(r"\d{1,2}-\d{1,2}", _text(cell)) for cell in row)


def _sexes(above: Sequence[Sequence[Any]], width: int, title: str) -> list[str]:
    """Sex of each column: of the last group heading at or left of it, else of the title."""
    in_title = re.search(r"\b(male|female) migrant stock", title, re.I)
    sexes = [in_title[1].lower() if in_title else "both"] * width
    for row in above:
        marks = _sex_headings(row)
        if len(marks) < 2:
            continue
        for start, end in pairwise([*marks, width]):
            sexes[start:end] = [marks[start]] * (end - start)
    return sexes


def _sex_headings(row: Sequence[Any]) -> dict[int, str]:
    """Columns of a row that have a short heading of a sex, and the sex."""
    marks = {}
    for column, cell in enumerate(row):
        sex = _sex(cell)
        if sex and column > 3 and len(_text(cell)) < 90:
            marks[column] = sex
    return marks


def _sex(cell: Any) -> str:
    text = _text(cell).lower()
    for words, sex in _SEXES:
        if re.search(rf"\b{words}s?\b", text):
            return sex
    return ""


def _text(cell: Any) -> str:
    """Text of a cell with single blanks, empty for what is no text."""
    if not isinstance(cell, str):
        return ""
    return re.sub(r"\s+", " ", cell).strip()


def _label(cell: Any) -> str:
    """Year or age that a cell prints, `""` if neither."""
    if isinstance(cell, float) and 1900 < cell < 2200 and cell.is_integer():
        year = int(cell)
        return str(year)
    text = _text(cell)
    is_label = _AGE.fullmatch(text) or _YEAR.fullmatch(text)
    return text if is_label else ""


def figures(
    sheet: Sheet,
    *,
    areas: frozenset[str] = frozenset(),
    partners: frozenset[str] = frozenset(),
    years: frozenset[str] = frozenset(),
    sexes: frozenset[str] = frozenset(),
) -> pd.DataFrame:
    """Figures of a sheet of the areas, partners, years and sexes asked for (none: all).

    Returns
    -------
    DataFrame
        Columns `area`, `area_name`, `partner`, `partner_name`, `data_type`, `notes` (each where
        the sheet has it), `sex`, `year`, `age`, `origin` (by name, wide tables of 2019), `text`
        (the number as plain text, missing where there is none), `symbol` (what was there in its
        place), `sheet`, `cell`.
    """
    wanted = {"area": areas, "partner": partners, "year": years}
    numbers = []
    for number in range(sheet.layout.header + 1, len(sheet.rows)):
        if _is_asked(sheet, number, wanted):
            numbers.append(number)
    value_columns = []
    for column in sheet.layout.columns:
        in_years = not years or not column.year or column.year in years
        in_sexes = not sexes or column.sex in sexes
        if in_years and in_sexes:
            value_columns.append(column)
    return _frame(sheet, numbers, value_columns)


def _frame(sheet: Sheet, numbers: list[int], value_columns: list[ValueColumn]) -> pd.DataFrame:
    """Figures of some rows and columns of a sheet, column by column."""
    import numpy as np
    import pandas as pd

    rows = [sheet.rows[number] for number in numbers]
    roles = sheet.layout.roles
    count = len(rows)
    width = len(value_columns)
    columns: dict[str, Any] = {}
    for role in _TEXTS:
        if role in roles:
            texts = list(map(itemgetter(roles[role]), rows))
            columns[role] = _spread(texts, tile=width)
    for name in ("sex", "year", "age", "origin"):
        labels = [str(getattr(column, name)) for column in value_columns]
        if any(labels):
            columns[name] = _spread(labels, repeat=count)
    places = [column.place for column in value_columns]
    cells = [list(map(itemgetter(place), rows)) for place in places]
    columns["text"], columns["symbol"] = numbers_of(cells)
    one_name = np.zeros(width * count, "int8")
    sheet_names = pd.Index([sheet.name])
    columns["sheet"] = pd.Categorical.from_codes(one_name, sheet_names)
    columns["cell"] = _cells(places, numbers)
    return pd.DataFrame(columns)


def _is_asked(sheet: Sheet, number: int, wanted: dict[str, frozenset[str]]) -> bool:
    """Whether a row has figures, and is of the areas, partners and years asked for."""
    row = sheet.rows[number]
    roles = sheet.layout.roles
    first_figure = row[sheet.layout.columns[0].place]
    if first_figure == "" and not _code(row[roles["area_name"]]):
        return False
    for role, codes in wanted.items():
        if codes and role in roles and _code(row[roles[role]]) not in codes:
            return False
    return True


def _code(cell: Any) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).strip()


def _spread(labels: list[Any], *, tile: int = 1, repeat: int = 1) -> pd.Categorical[str]:
    """Column of labels, each `repeat` times in a row, the whole `tile` times."""
    import numpy as np
    import pandas as pd

    column = np.array(labels, dtype=object)
    codes, cells = pd.factorize(column)
    texts = np.array(list(map(_code, cells)), dtype=object)
    code_of_text, names = pd.factorize(texts)
    if len(cells):
        codes = code_of_text[codes]
    repeated = np.repeat(codes, repeat)
    spread = np.tile(repeated, tile)
    categories = pd.Index(names, dtype="str")
    return pd.Categorical.from_codes(spread, categories)


def _cells(columns: list[int], rows: list[int]) -> Any:
    """Addresses of the cells, column by column."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    column_names = np.array([_letter(column) for column in columns], dtype=object)
    letters = pa.array(np.repeat(column_names, len(rows)), pa.string())
    row_numbers = np.array(rows, dtype="int64") + 1
    numbers = pc.cast(pa.array(np.tile(row_numbers, len(columns))), pa.string())
    addresses = pc.binary_join_element_wise(letters, numbers, "")
    return pd.array(addresses, dtype="str")


def _letter(column: int) -> str:
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def note_texts(content: bytes) -> dict[str, str]:
    """Texts of the notes of a workbook by number or letter, with mistaken Latin-1 fixed."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    notes = {}
    for name in book.sheet_names:
        if "note" not in name.lower():
            continue
        for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False):
            codes = [_code(cell) for cell in row]
            texts = [text for text in codes if text]
            if len(texts) >= 2 and len(texts[0]) <= 4:
                notes[texts[0]] = repair_encoding(texts[1])
    return notes


def repair_encoding(text: str) -> str:
    """Text whose UTF-8 was read as Latin-1 or Windows-1252 on its way, fixed.

    Any other text unchanged.

    Examples
    --------
    >>> repair_encoding("RÃ©union")
    'Réunion'
    """
    if not re.search("[ÃÂâ]", text):
        return text
    for wrong in ("cp1252", "latin-1"):
        try:
            return text.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
    return text

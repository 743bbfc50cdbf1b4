"""Workbooks of UN DESA's International Migrant Stock as they stand: one row a figure, nothing decided."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
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
_DOCUMENT = re.compile(r"Stock/Rev\.(\d{4})")
_TEXTS = ("area", "area_name", "partner", "partner_name", "data_type", "notes", "year")


@dataclass(frozen=True)
class Layout:
    """Where things stand on a sheet; rows and columns count from 0.

    Parameters
    ----------
    header
        Row of the years or ages; figures start below it.
    roles
        Role to column: `area` (code of destination), `area_name`, `partner`, `partner_name`, `data_type`,
        `notes`, `year`, `index`.
    columns
        Column, sex (`both`, `male`, `female`), year or `""`, age or `""`, origin by name or `""`.
    """

    header: int
    roles: dict[str, int]
    columns: tuple[tuple[int, str, str, str, str], ...]


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet: its title lines, its rows as they stand and where things are."""

    name: str
    titles: tuple[str, ...]
    rows: list[list[Any]]
    layout: Layout

    @property
    def edition(self) -> str:
        """Revision that the sheet names, `""` if it names none; never guessed from its years."""
        return next((m[1] for t in self.titles if (m := _DOCUMENT.search(t))), "")

    @property
    def kind(self) -> str:
        """What the table is by, as its title says: `bilateral`, `age`, `origin` or `destination`."""
        title = " ".join(self.titles).lower()
        if "partner" in self.layout.roles or any(v[4] for v in self.layout.columns):
            return "bilateral"
        if any(v[3] for v in self.layout.columns):
            return "age"
        return (
            "origin"
            if re.search(r"area of origin|stock \d{4}: origin", title)
            else "destination"
        )


def read_sheet(content: bytes, name: str = "Table 1", *, file: str = "") -> Sheet:
    """Sheet of a workbook of the International Migrant Stock, editions 2015 to 2024.

    Raises
    ------
    TableError
        No workbook, no such sheet, or no row of years or ages.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    shown = file or "the workbook"
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, KeyError) as error:
        raise TableError(
            f"expected a workbook with sheet {name!r} in {shown}: {error}"
        ) from error
    layout = _layout(rows)
    if layout is None:
        raise TableError(
            f"expected a row of years or ages on sheet {name!r} of {shown}, found none"
        )
    if len({column[1:] for column in layout.columns}) < len(layout.columns):
        message = "expected headings of both sexes, males and females above the years"
        raise TableError(
            f"{message} on sheet {name!r} of {shown}, found years that repeat without them"
        )
    titles = tuple(
        str(c).strip() for row in rows[: layout.header] for c in row if str(c).strip()
    )
    return Sheet(name, titles, rows, layout)


def _layout(rows: Sequence[Sequence[Any]]) -> Layout | None:
    for number, row in enumerate(rows[:40]):
        above = rows[number - 1] if number else ()
        if sum(1 for cell in row if _label(cell)) >= 4 or any(
            _text(c) == "Country or area of origin" for c in above
        ):
            headings = [
                _text(c) or (_text(above[i]) if above else "") for i, c in enumerate(row)
            ]
            roles = _roles(headings, row)
            if "area_name" in roles:
                return Layout(number, roles, tuple(_values(rows, number, roles)))
    return None


def _roles(headings: Sequence[str], row: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column, heading in enumerate(headings):
        for pattern, role in _ROLES:
            if (
                role not in found
                and not _label(row[column])
                and re.fullmatch(pattern, heading, re.I)
            ):
                found[role] = column
                break
    wide = [c for c, h in enumerate(headings) if h == "Country or area of origin"]
    if wide:
        found.pop("partner_name", None)
    return found


def _values(
    rows: Sequence[Sequence[Any]], header: int, roles: dict[str, int]
) -> list[tuple[int, str, str, str, str]]:
    row = rows[header]
    titles = " ".join(_text(c) for r in rows[:header] for c in r[:8])
    sexes = _sexes(rows[:header], len(row), titles)
    last = max(roles.values())
    found = []
    for column in range(last + 1, len(row)):
        label = _label(row[column])
        origin = "" if label else _text(row[column])
        if label == "Total" and not _ages(row):
            label, origin = "", "Total"
        if label or origin:
            year = label if len(label) == 4 and label.isdigit() else ""
            found.append((column, sexes[column], year, "" if year else label, origin))
    return found


def _ages(row: Sequence[Any]) -> bool:
    return any(re.fullmatch(r"\d{1,2}-\d{1,2}", _text(c)) for c in row)


def _sexes(above: Sequence[Sequence[Any]], width: int, titles: str) -> list[str]:
    """Sex of each column: of the last group heading at or left of it, else of the title."""
    title = re.search(r"\b(male|female) migrant stock", titles, re.I)
    sexes = [title[1].lower() if title else "both"] * width
    for row in above:
        marks = {
            c: s
            for c, cell in enumerate(row)
            if c > 3 and len(_text(cell)) < 90 and (s := _sex(cell))
        }
        if len(marks) < 2:
            continue
        for start, end in pairwise([*marks, width]):
            sexes[start:end] = [marks[start]] * (end - start)
    return sexes


def _sex(cell: Any) -> str:
    text = _text(cell).lower()
    return next((sex for words, sex in _SEXES if re.search(rf"\b{words}s?\b", text)), "")


def _text(cell: Any) -> str:
    return re.sub(r"\s+", " ", str(cell)).strip() if isinstance(cell, str) else ""


def _label(cell: Any) -> str:
    """Year or age that a cell prints, `""` if neither."""
    if isinstance(cell, float) and 1900 < cell < 2200 and cell.is_integer():
        return str(int(cell))
    text = _text(cell)
    return text if _AGE.fullmatch(text) or re.fullmatch(r"(19|20)\d\d", text) else ""


def figures(
    sheet: Sheet,
    *,
    areas: frozenset[str] = frozenset(),
    partners: frozenset[str] = frozenset(),
    years: frozenset[str] = frozenset(),
    sexes: frozenset[str] = frozenset(),
) -> pd.DataFrame:
    """Figures of a sheet, one row each, of the areas, partners, years and sexes asked for (none: all).

    Returns
    -------
    DataFrame
        Columns `area`, `area_name`, `partner`, `partner_name`, `data_type`, `notes` (each where the sheet has
        it), `sex`, `year`, `age`, `origin` (by name, wide tables of 2019), `text` (the number as plain text,
        missing where none stands), `symbol` (what stood in its place), `sheet`, `cell`.
    """
    import numpy as np
    import pandas as pd

    layout = sheet.layout
    numbers = [
        n
        for n in range(layout.header + 1, len(sheet.rows))
        if _asked(sheet, n, areas, partners, years)
    ]
    values = [
        v
        for v in layout.columns
        if (not years or not v[2] or v[2] in years) and (not sexes or v[1] in sexes)
    ]
    rows = [sheet.rows[n] for n in numbers]
    count = len(values)
    columns: dict[str, Any] = {}
    for role in _TEXTS:
        if role in layout.roles:
            columns[role] = _spread([row[layout.roles[role]] for row in rows], tile=count)
    for place, name in enumerate(("sex", "year", "age", "origin"), start=1):
        labels = [str(v[place]) for v in values]
        if any(labels):
            columns[name] = _spread(labels, repeat=len(rows))
    columns["text"], columns["symbol"] = numbers_of(
        [[row[v[0]] for row in rows] for v in values]
    )
    columns["sheet"] = pd.Categorical.from_codes(
        np.zeros(count * len(rows), "int8"), pd.Index([sheet.name])
    )
    columns["cell"] = _cells([v[0] for v in values], numbers)
    return pd.DataFrame(columns)


def _asked(
    sheet: Sheet,
    number: int,
    areas: frozenset[str],
    partners: frozenset[str],
    years: frozenset[str],
) -> bool:
    row, roles = sheet.rows[number], sheet.layout.roles
    if row[sheet.layout.columns[0][0]] == "" and not _code(row[roles["area_name"]]):
        return False
    for role, wanted in (("area", areas), ("partner", partners), ("year", years)):
        if wanted and role in roles and _code(row[roles[role]]) not in wanted:
            return False
    return True


def _code(cell: Any) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).strip()


def _spread(labels: list[Any], *, tile: int = 1, repeat: int = 1) -> pd.Categorical[str]:
    import numpy as np
    import pandas as pd

    first, cells = pd.factorize(np.array(labels, dtype=object))
    again, names = pd.factorize(np.array([_code(cell) for cell in cells], dtype=object))
    codes = again[first] if len(cells) else first
    return pd.Categorical.from_codes(
        np.tile(np.repeat(codes, repeat), tile), pd.Index(names, dtype="str")
    )


def _cells(columns: list[int], rows: list[int]) -> Any:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    letters = pa.array(
        np.repeat(np.array([_letter(c) for c in columns], dtype=object), len(rows)), pa.string()
    )
    numbers = pc.cast(
        pa.array(np.tile(np.array(rows, dtype="int64") + 1, len(columns))), pa.string()
    )
    return pd.array(pc.binary_join_element_wise(letters, numbers, ""), dtype="str")


def _letter(column: int) -> str:
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def note_texts(content: bytes) -> dict[str, str]:
    """Texts of the notes of a workbook by their number or letter, UTF-8 once mistaken for Latin-1 fixed."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    found = {}
    for name in book.sheet_names:
        if "note" in name.lower():
            for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False):
                texts = [_code(c) for c in row if _code(c)]
                if len(texts) >= 2 and len(texts[0]) <= 4:
                    found[texts[0]] = mend_encoding(texts[1])
    return found


def mend_encoding(text: str) -> str:
    """Text whose UTF-8 was read as Latin-1 or Windows-1252 on its way, fixed; any other text unchanged.

    Examples
    --------
    >>> mend_encoding("RÃ©union")
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

"""Columns of texts that repeat: each distinct text is stored once, and copied by number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.appearance import appearance
from ilms_sdmx.conversion.layout.grid import printed
from ilms_sdmx.tables.cells import PLAIN, Cell, Kind, column_letters

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, eq=False)
class Repeated:
    """Texts of figures that repeat.

    Parameters
    ----------
    texts
        Distinct texts, more or less.
    numbers
        Number of its text for each figure.
    """

    texts: list[str]
    numbers: np.ndarray

    @classmethod
    def same(cls, text: str, size: int) -> Repeated:
        """One text for all figures."""
        import numpy as np

        return cls([text], np.zeros(size, "int64"))

    @classmethod
    def each(cls, texts: list[str]) -> Repeated:
        """One text for each figure."""
        import numpy as np

        return cls(texts, np.arange(len(texts)))


def text_column(texts: Sequence[str | None], numbers: np.ndarray) -> Any:
    """Column of texts by their numbers."""
    import pandas as pd

    return pd.array([*texts, None], dtype="str").take(numbers)


def joined_columns(pieces: list[dict[str, Repeated]]) -> dict[str, Any]:
    """Columns of several regions below one another; empty where a region does not have one."""
    columns = {}
    for name in union(pieces):
        columns[name] = _joined(name, pieces)
    return columns


def _joined(name: str, pieces: list[dict[str, Repeated]]) -> Any:
    """One column of all regions."""
    import numpy as np

    texts = [""]
    numbers = []
    for piece in pieces:
        part = piece.get(name)
        if part is None:
            size = len(piece["table"].numbers)
            numbers.append(np.zeros(size, "int64"))
        else:
            numbers.append(part.numbers + len(texts))
            texts += part.texts
    return text_column(texts, np.concatenate(numbers))


def union(several: Iterable[Mapping[str, object]]) -> list[str]:
    """All keys, in the order in which they first occur."""
    names = {}
    for one in several:
        names.update(dict.fromkeys(one))
    return list(names)


def columns_of_cells(cells: list[Cell]) -> dict[str, Any]:
    """Columns that the cells of the figures give: where they are, and what is printed there."""
    import numpy as np

    size = len(cells)
    rows = np.fromiter((cell.row for cell in cells), "int64", size)
    numbers = np.fromiter((cell.column for cell in cells), "int64", size)
    addresses = _addresses(rows, numbers)
    columns = {"row": rows, "column_number": numbers, "cell": addresses}
    columns |= _content(cells)
    return columns


def _addresses(rows: np.ndarray, columns: np.ndarray) -> Any:
    """Address of each cell: the letters of its column before the digits of its row."""
    letters = _texts_of_numbers(columns, column_letters)
    digits = _texts_of_numbers(rows, str)
    return letters + digits


def _texts_of_numbers(numbers: np.ndarray, text_of: Callable[[int], str]) -> Any:
    """Column of the texts of numbers, each distinct number written once."""
    import pandas as pd

    places, distinct = pd.factorize(numbers)
    texts = list(map(text_of, distinct.tolist()))
    return text_column(texts, places)


def _content(cells: list[Cell]) -> dict[str, Any]:
    """Columns `text`, `shown`, `number` and `kind`, made once for each distinct content."""
    import numpy as np

    numbers = _contents(cells)
    _, positions = np.unique(numbers, return_index=True)
    firsts = [cells[position] for position in positions.tolist()]
    columns = {}
    for name, text_of in _CONTENT.items():
        texts = list(map(text_of, firsts))
        columns[name] = text_column(texts, numbers)
    return columns


def _contents(cells: list[Cell]) -> np.ndarray:
    """Number of the distinct content of each cell.

    Texts that are equal are one content. A number is known by identity: equal ones need not be
    written alike (1.0 and 1.00).
    """
    import numpy as np
    import pandas as pd

    size = len(cells)
    values = np.empty(size, dtype=object)
    values[:] = list(map(_value_of, cells))
    numbers, _ = pd.factorize(values)
    for name in ("style", "extra", "kind"):
        parts = map(attrgetter(name), cells)
        identities = np.fromiter(map(id, parts), "int64", size)
        ways, distinct = pd.factorize(identities)
        several = len(distinct)
        if several > 1:
            numbers, _ = pd.factorize(numbers * several + ways)
    return numbers


def _value_of(cell: Cell) -> str | int:
    """Text of a cell, or the identity of its value."""
    value = cell.value
    return value if type(value) is str else id(value)


def _kind(cell: Cell) -> str:
    """Kind of the raw value of a cell."""
    return "uncached" if cell.extra.uncached else cell.kind.value


def _lexical(cell: Cell) -> str | None:
    """Lexical form of a number cell; percentages as they are shown, not as they are stored."""
    if cell.kind is not Kind.NUMBER:
        return None
    value = cell.value
    text = str(value)
    percent = cell.style is not PLAIN and cell.style.format.percent
    if text.isdigit() and not percent:
        return text
    assert isinstance(value, Decimal)
    shown = value.scaleb(2) if percent else value
    if shown == shown.to_integral():
        shown = shown.normalize()
    return format(shown, "f")


#: Columns that the content of a cell gives, and what makes them of the cell.
_CONTENT: dict[str, Callable[[Cell], str | None]] = {
    "text": printed,
    "shown": appearance,
    "number": _lexical,
    "kind": _kind,
}

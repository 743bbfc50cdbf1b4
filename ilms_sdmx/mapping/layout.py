"""Layout of tables by their own words.

Where they begin, what heads rows and columns, what figures are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ilms_sdmx.mapping.expressions import Expression
from ilms_sdmx.mapping.patterns import Pattern, Where
from ilms_sdmx.tables.addresses import Range

Labels = Mapping[str, str]
_NONE: Mapping[str, str] = MappingProxyType({})


#: Headings that every figure has without being named: its table, its sheet, marks of footnotes,
#: its notes.
GIVEN = ("table", "sheet", "footnote", "note")


def column(heading: str) -> str:
    """Column of the figures that holds a heading.

    Whatever a person calls it, it meets no other column.
    """
    return heading if heading in GIVEN else f":{heading}"


@dataclass(frozen=True)
class RowHeading:
    """A column of row labels; `column` is its number where it is named by address, else 0."""

    name: str
    header: Pattern | None = None
    indent: bool = False
    wrap: str = ""
    wrapped: Pattern | None = None
    fill: bool = False
    column: int = 0
    spread: int = 1


@dataclass(frozen=True)
class Beside:
    """A heading in a cell to the right of each figure."""

    name: str
    right: int


@dataclass(frozen=True)
class FreeHeading:
    """A heading outside the table.

    In a cell of the sheet, in its name or in that of the file.
    """

    name: str
    text: Expression | None = None
    sheet: Expression | None = None
    cell: str = ""
    file: Expression | None = None


@dataclass(frozen=True)
class Blocks:
    """Rows that head those below."""

    name: str
    text: Pattern


@dataclass(frozen=True)
class SeveralInOne:
    """Cells that hold several figures."""

    text: Expression
    parts: tuple[Labels, ...]


@dataclass(frozen=True)
class Share:
    """What a percent is a share of: numerator and denominator by the headings that differ."""

    of: Where
    base: Where
    left: bool = False


@dataclass(frozen=True)
class Change:
    """What a percent is the change of."""

    of: Where
    base: Where


@dataclass(frozen=True)
class TableRule:
    """What the figures of some rows or columns are."""

    where: Where
    bucket: str = ""
    why: str = ""
    set: Labels = field(default_factory=lambda: _NONE)
    multiplier: int | None = None
    status: str = ""
    rounding: str = ""
    note: str = ""
    share: Share | None = None
    change: Change | None = None
    line: int = 0


@dataclass(frozen=True)
class Check:
    """A sum that must hold."""

    total: Where
    parts: Where
    where: Where
    constant: str = ""
    tree: str = ""
    rows: str = ""
    relation: str = "equal"
    rounding: str = ""
    why: str = ""
    line: int = 0


@dataclass(frozen=True)
class Conventions:
    """How a source writes numbers, periods, marks and labels."""

    decimal: str = ""
    group: str | None = None
    brackets: str = ""
    markers: Labels = field(default_factory=lambda: _NONE)
    languages: tuple[str, ...] = ("en",)
    fiscal: bool = False
    short_years: str = ""
    numbering: bool = False
    footnotes: Expression | None = None
    flags: Labels = field(default_factory=lambda: _NONE)
    hidden: str = ""
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True)
class TableLayout:
    """One table, found by its words; only where none tell, by the addresses of its `figures`.

    `column_rows` holds the rows of `columns` as the workbook counts them, where they are named
    by address.
    """

    name: str
    begin: Pattern | None
    rows: tuple[RowHeading, ...]
    sheets: tuple[Pattern, ...] = ()
    end: Pattern | None = None
    figures: tuple[Range, ...] = ()
    optional: bool = False
    title: bool = False
    header: int = 1
    columns: tuple[str | None, ...] = ()
    column_rows: tuple[int, ...] = ()
    fill_columns: tuple[str, ...] = ()
    beside: tuple[Beside, ...] = ()
    column_labels: tuple[str, ...] = ()
    blocks: Blocks | None = None
    labels: tuple[Pattern, ...] = ()
    set: Labels = field(default_factory=lambda: _NONE)
    cells: tuple[SeveralInOne, ...] = ()
    rules: tuple[TableRule, ...] = ()
    checks: tuple[Check, ...] = ()
    multiplier: int | None = None
    status: str = ""
    rounding: str = ""
    note: str = ""
    conventions: Conventions = Conventions()
    line: int = 0

"""Layout of tables by their own words.

Where they begin, what heads rows and columns, what figures are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ilms_sdmx.mapping.expressions import Expression
from ilms_sdmx.mapping.patterns import Pattern, Where
from ilms_sdmx.mapping.pins import Pins
from ilms_sdmx.tables.addresses import Range

Labels = Mapping[str, str]


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
    """A column of row labels.

    Parameters
    ----------
    name
        Name by which rules and data sets call it.
    header
        Text of the header above the labels; None for the next free column.
    indent
        Whether indents make a hierarchy, with the headings `<name>.level` and `<name>.parent`.
    wrap
        Where a label that fills several rows has its figures: `last`, `first` or `near`; else
        empty.
    wrapped
        Only labels that begin like this fill several rows.
    fill
        Whether a blank label repeats the one above it.
    column
        Number of the column where it is named by address, else 0.
    spread
        Number of columns over which the labels are spread.
    groups
        Labels that head the rows below them, though they have figures of their own.
    in_groups
        Labels that come again in each group: they are read with that of the group before them.
    """

    name: str
    header: Pattern | None = None
    indent: bool = False
    wrap: str = ""
    wrapped: Pattern | None = None
    fill: bool = False
    column: int = 0
    spread: int = 1
    groups: tuple[Pattern, ...] = ()
    in_groups: tuple[Pattern, ...] = ()


def label_in_group(group: str, label: str) -> str:
    """Label that comes again in each group, with that of its group.

    >>> label_in_group("Asia", "Other")
    'Asia > Other'
    """
    return f"{group} > {label}"


@dataclass(frozen=True)
class NextTo:
    """A heading in a cell to the right of each figure.

    Parameters
    ----------
    name
        Name of the heading.
    right
        Number of columns from the figure to the cell.
    """

    name: str
    right: int


@dataclass(frozen=True)
class FreeHeading:
    """A heading outside the table.

    In a cell of the sheet, in its name or in that of the file.

    Parameters
    ----------
    name
        Name of the heading.
    text
        Expression that is looked for in the cells of the sheet; its group is the label.
    sheet
        Expression that is looked for in the name of the sheet.
    cell
        Address of the cell with the label, where no words tell; `text` takes a part of it.
    file
        Expression that is looked for in the name of the file.
    """

    name: str
    text: Expression | None = None
    sheet: Expression | None = None
    cell: str = ""
    file: Expression | None = None


@dataclass(frozen=True)
class Blocks:
    """Rows that head those below.

    Parameters
    ----------
    name
        Name of the heading.
    text
        Text of such a row.
    figures
        Label of a row that has figures of its own, of all those below it; empty where none has.
    """

    name: str
    text: Pattern
    figures: str = ""


@dataclass(frozen=True)
class SeveralInOne:
    """Cells that hold several figures.

    Parameters
    ----------
    text
        Expression with one group for each figure.
    parts
        Headings and labels of each figure, in the order of the groups.
    """

    text: Expression
    parts: tuple[Labels, ...]


@dataclass(frozen=True)
class Share:
    """What a percent is a share of.

    Parameters
    ----------
    of
        Headings of the numerator, as far as they differ from those of the percent.
    base
        Headings of the denominator, as far as they differ.
    left
        Whether the numerator is the figure to the left.
    """

    of: Where
    base: Where
    left: bool = False


@dataclass(frozen=True)
class Change:
    """What a percent is the change of.

    Parameters
    ----------
    of
        Headings of the later figure, as far as they differ from those of the percent.
    base
        Headings of the earlier figure, as far as they differ.
    """

    of: Where
    base: Where


@dataclass(frozen=True)
class TableRule:
    """What the figures of some rows or columns are.

    Parameters
    ----------
    where
        Headings and labels that a figure must have.
    bucket
        Bucket of the figures; empty where the rule says nothing of it.
    why
        Reason, for figures that are ignored.
    set
        Headings that the figures get, with their labels.
    multiplier
        Power of ten of the figures.
    status
        SDMX observation status of the figures.
    rounding
        Unit to which the figures are rounded.
    note
        Note of the figures.
    share
        What they are a share of.
    change
        What they are the change of.
    line
        Line of the mapping file.
    """

    where: Where
    bucket: str = ""
    why: str = ""
    set: Labels = field(default_factory=dict)
    multiplier: int | None = None
    status: str = ""
    rounding: str = ""
    note: str = ""
    share: Share | None = None
    change: Change | None = None
    line: int = 0


@dataclass(frozen=True)
class Check:
    """A sum that must hold.

    Parameters
    ----------
    total
        Headings of the total.
    parts
        Headings of the parts; none for all observations of the same heading.
    where
        Headings that all figures of the check have.
    constant
        Number that the parts add up to, in place of a total.
    tree
        Heading whose indents say what is the sum of what.
    rows
        Where the parts of a total are, `below` or `above` it.
    relation
        `equal`, or `at_most` where parts are left out on purpose.
    rounding
        Unit of rounding for this check.
    why
        Reason for `at_most`.
    line
        Line of the mapping file.
    """

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
    """How a source writes numbers, periods, marks and labels.

    Parameters
    ----------
    decimal
        Character before the fraction; empty where the columns must show it.
    group
        Character between thousands; None where the columns must show it.
    numbers
        Forms that numbers may have: `leading_zeros`, `blanks`, `lakhs`, `signs`.
    brackets
        What `(123)` alone means: `negative` or `plain`.
    markers
        Signs in place of figures: sign to `zero` or the status of a missing value.
    languages
        Languages of the labels.
    fiscal
        Whether years are fiscal years of the country.
    short_years
        What a year of two digits counts: `buddhist` or `common`.
    numbering
        Whether labels begin with numbers of no meaning.
    footnotes
        Expression of the marks of footnotes in labels and after figures.
    flags
        Marks at figures and labels that say a status: mark to SDMX observation status.
    hidden
        Whether hidden rows, columns and sheets are read: `read` or `ignore`; empty to ask.
    encoding
        Encoding of a text file that does not tell it.
    delimiter
        Character between the columns of a text file where several would do.
    """

    decimal: str = ""
    group: str | None = None
    numbers: tuple[str, ...] = ()
    brackets: str = ""
    markers: Labels = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    fiscal: bool = False
    short_years: str = ""
    numbering: bool = False
    footnotes: Expression | None = None
    flags: Labels = field(default_factory=dict)
    hidden: str = ""
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True)
class TableLayout:
    """One table, found by its words; only where none tell, by the addresses of its `figures`.

    Parameters
    ----------
    name
        Name of the table.
    begin
        Text of the cell where the table begins; None where it has addresses.
    rows
        Columns of row labels, from the left.
    read
        What the mapping was made from and the next edition must say again; None for nothing.
    sheets
        Sheets on which it is; none for all.
    end
        Text of the first cell below that no longer belongs to it.
    figures
        Addresses of the figures, where no words tell.
    optional
        Whether sheets without the table are fine.
    title
        Whether `begin` is a title above the header.
    header
        Number of header rows, blank ones not counted.
    columns
        Names of the header rows from the top, None for a row without a name.
    column_rows
        Rows of `columns` as the workbook counts them, where they are named by address.
    fill_columns
        Header rows in which a blank cell repeats the one to its left.
    next_to
        Headings in cells to the right of each figure.
    column_labels
        Labels of the columns where there is no header.
    blocks
        Rows that head the rows below them.
    labels
        Rows of words between the figures.
    set
        Headings that are the same in the whole table, with their labels.
    cells
        Cells that hold several figures.
    rules
        What rows and columns are; of two that say one thing, the first wins.
    checks
        Sums that must hold.
    multiplier
        Power of ten of the figures; None where nothing says it.
    status
        SDMX observation status of all figures.
    rounding
        Unit to which the figures are rounded; empty for exact counts.
    note
        Note of all figures.
    conventions
        How the table writes numbers, periods and marks.
    line
        Line of the mapping file.
    """

    name: str
    begin: Pattern | None
    rows: tuple[RowHeading, ...]
    read: Pins | None = None
    sheets: tuple[Pattern, ...] = ()
    end: Pattern | None = None
    figures: tuple[Range, ...] = ()
    optional: bool = False
    title: bool = False
    header: int = 1
    columns: tuple[str | None, ...] = ()
    column_rows: tuple[int, ...] = ()
    fill_columns: tuple[str, ...] = ()
    next_to: tuple[NextTo, ...] = ()
    column_labels: tuple[str, ...] = ()
    blocks: Blocks | None = None
    labels: tuple[Pattern, ...] = ()
    set: Labels = field(default_factory=dict)
    cells: tuple[SeveralInOne, ...] = ()
    rules: tuple[TableRule, ...] = ()
    checks: tuple[Check, ...] = ()
    multiplier: int | None = None
    status: str = ""
    rounding: str = ""
    note: str = ""
    conventions: Conventions = Conventions()
    line: int = 0

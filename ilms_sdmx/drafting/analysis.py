"""Analysis of one recognised table: its headings, roles, sums, percents and periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ilms_sdmx.drafting.arithmetic.levels import with_parts
from ilms_sdmx.drafting.arithmetic.numbers import NumberGrid, numbers_of
from ilms_sdmx.drafting.arithmetic.percents import with_percents
from ilms_sdmx.drafting.arithmetic.proofs import with_proven_labels
from ilms_sdmx.drafting.arithmetic.results import Arithmetic
from ilms_sdmx.drafting.arithmetic.runs import with_runs
from ilms_sdmx.drafting.arithmetic.shares import with_shares
from ilms_sdmx.drafting.arithmetic.sums import with_sums
from ilms_sdmx.drafting.recognition.axes import Axis
from ilms_sdmx.drafting.recognition.headed import HeadedTable, Words, head_table
from ilms_sdmx.drafting.recognition.headings import Heading, first_of_role
from ilms_sdmx.drafting.recognition.label_roles import roles_of
from ilms_sdmx.drafting.recognition.periods import TablePeriods, periods_of
from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.drafting.recognition.roles import NO_COUNTS, Role, Roles
from ilms_sdmx.drafting.recognition.units import Unit, unit_of
from ilms_sdmx.tables.separators import Separators
from ilms_sdmx.words import is_unit_line


@dataclass(frozen=True)
class Context:
    """What is known of all tables of a workbook.

    Parameters
    ----------
    area
        Country, empty where it is not known.
    languages
        Languages of the labels.
    separators
        Separators of the figures.
    file
        Name of the file.
    """

    area: str
    languages: tuple[str, ...]
    separators: Separators
    file: str = ""


@dataclass(frozen=True, eq=False)
class Analysis:
    """What is known and what is to be decided about one table.

    Parameters
    ----------
    name
        Name of the table in the mapping file.
    table
        Table with its headings.
    arithmetic
        Roles of its labels, and what its figures say.
    periods
        Periods of its labels, or of all its figures.
    thousand
        Text that says that figures are in thousands, empty for none.
    unit
        What the words above the table say that its figures are; None where they do not.
    fraction
        First figure with a fraction among those that count, empty for none.
    file
        Name of the file.
    others
        The same table on further sheets.
    axis
        What tells the sheets apart, or says the period of all figures; None for nothing.
    """

    name: str
    table: HeadedTable
    arithmetic: Arithmetic
    periods: TablePeriods
    thousand: str = ""
    unit: Unit | None = None
    fraction: str = ""
    file: str = ""
    others: tuple[Analysis, ...] = ()
    axis: Axis | None = None

    @property
    def sheet(self) -> str:
        """Name of the first sheet."""
        return self.table.sheet

    @property
    def printed(self) -> PrintedTable:
        """Rows and columns of the table."""
        return self.table.printed

    @property
    def rows(self) -> Mapping[int, Heading]:
        """Headings of the label columns."""
        return self.table.rows

    @property
    def columns(self) -> Mapping[int, Heading]:
        """Headings of the header rows."""
        return self.table.columns

    @property
    def roles(self) -> Roles:
        """Roles of the labels."""
        return self.arithmetic.roles

    @property
    def every_sheet(self) -> tuple[Analysis, ...]:
        """Table on each of its sheets."""
        return (self, *self.others)

    @property
    def every_printed(self) -> list[PrintedTable]:
        """Rows and columns of the table on each of its sheets."""
        return [analysis.printed for analysis in self.every_sheet]

    @property
    def headings(self) -> list[Heading]:
        """All headings, those of the rows first, that of the sheets last."""
        headings = self.table.headings
        if self.axis:
            return [*headings, self.axis.heading]
        return headings

    def heading_of(self, role: str) -> Heading | None:
        """First heading of a role, None where there is none."""
        return first_of_role(self.headings, role)

    @property
    def title(self) -> str:
        """Farthest title that no other table has, else that of all; empty for none."""
        near = filter(None, self.table.near)
        titles = [text for text in near if not is_unit_line(text)]
        if not titles:
            return self.farthest_title
        return titles[-1]

    @property
    def farthest_title(self) -> str:
        """Farthest title above the table, empty for none."""
        titles = list(filter(None, self.table.titles))
        plain = [text for text in titles if not is_unit_line(text)]
        titles = plain or titles
        if not titles:
            return ""
        return titles[-1]

    @property
    def period_headings(self) -> list[str]:
        """Names of the headings that together say the period."""
        names = list(self.periods.headings)
        heading = self.table.heading_of("period")
        if not names and heading is not None:
            names.append(heading.name)
        if self.axis is not None and self.axis.heading.role == "period":
            names.append(self.axis.heading.name)
        return names or ["period"]

    @property
    def counts_in_thousands(self) -> list[Role]:
        """Rows that alone count where all others are shares, below words for thousands."""
        if self.thousand and self.thousand in self.table.label_words:
            return self.roles.counts
        return []


def analyse(
    printed: PrintedTable,
    name: str,
    words: Words,
    context: Context,
    *,
    known: Sequence[Heading] = (),
) -> Analysis:
    """Analysis of a table.

    Parameters
    ----------
    printed, words
        Rows and columns of the table, and the words above it.
    name
        Name of the table in the mapping file.
    context
        What is known of all tables.
    known
        Its headings, where more than it decides them.
    """
    table = head_table(printed, words, context.area, context.languages, known)
    numbers = numbers_of(table, context.separators)
    arithmetic = Arithmetic(roles_of(table))
    arithmetic = with_shares(numbers, arithmetic)
    arithmetic = with_parts(numbers, arithmetic)
    arithmetic = with_percents(numbers, arithmetic)
    arithmetic = with_proven_labels(numbers, arithmetic)
    arithmetic = with_runs(numbers, arithmetic)
    arithmetic = arithmetic.in_order()
    unit = unit_of([*table.near, *table.corner], most=_largest(numbers))
    if unit is None or unit.can_be_added:
        arithmetic = with_sums(numbers, arithmetic)
    periods = periods_of(table, arithmetic.roles, context.area, context.file)
    fraction = _fraction(numbers, arithmetic.roles)
    thousand = table.thousand
    return Analysis(name, table, arithmetic, periods, thousand, unit, fraction, context.file)


def _fraction(numbers: NumberGrid, roles: Roles) -> str:
    """First figure with a fraction among those that count, empty for none."""
    if roles.of_shares:
        return ""
    no_counts = roles.labels_in(NO_COUNTS)
    columns = set(numbers.printed.columns_without(no_counts))
    for (row, column), number in numbers.numbers.items():
        is_whole = number == number.to_integral_value()
        if is_whole or column not in columns:
            continue
        labels = [label for _, label in numbers.row_keys[row]]
        if no_counts.isdisjoint(labels):
            return str(number)
    return ""


def _largest(numbers: NumberGrid) -> int:
    """Largest figure of a table, whatever its sign; 0 for a table without figures."""
    return int(max(map(abs, numbers.numbers.values()), default=0))

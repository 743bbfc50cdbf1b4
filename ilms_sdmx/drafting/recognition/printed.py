"""One recognised table: its rows and columns, and the labels that show there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from ilms_sdmx.conversion.layout.grid import At, Grid
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.mapping.layout import label_in_group
from ilms_sdmx.periods import read_period
from ilms_sdmx.tables.cells import Cell
from ilms_sdmx.words.text import clean

#: Label of a row with figures that heads those below.
TOTAL = "total"


def row_texts(grid: Grid, rows: Iterable[int]) -> list[str]:
    """Texts of the cells of rows, from the left, on one line each."""
    texts: list[str] = []
    for row in rows:
        for column in grid.filled.get(row, ()):
            text = clean(grid.cells[row, column].text)
            if text:
                texts.append(text)
    return texts


@dataclass(frozen=True, eq=False)
class PrintedTable:
    """One recognised table, in rows and columns of its grid.

    Parameters
    ----------
    grid
        Sheet of the table.
    header, body
        Rows of the header, and rows with figures.
    stubs, data
        Columns of row labels, and of figures.
    words, blocks
        Rows between them that only have a label, and rows that head those below (`2560`).
    title
        Row of the title above, None where there is none.
    left, right
        Columns of a table that has another next to it, the last not included.
    numbered
        Row below the header that only numbers the columns.
    counting
        Columns that only number the rows.
    codes
        Columns of codes next to the labels.
    flags
        Columns with the flag of the figure at their left.
    spread
        Column of labels to the further ones over which its labels are spread.
    grouped
        Rows whose label comes again in other groups, each with the label of its group.
    heads
        Labels of the rows that begin a group, and of those that end one.
    head_rows
        Rows with figures that head the rows below, of which they are the total.
    """

    grid: Grid
    header: Sequence[int]
    body: Sequence[int]
    stubs: Sequence[int]
    data: Sequence[int]
    words: Sequence[int] = ()
    blocks: Sequence[int] = ()
    title: int | None = None
    left: int = 0
    right: int | None = None
    numbered: Sequence[int] = ()
    counting: Sequence[int] = ()
    codes: Sequence[int] = ()
    flags: Sequence[int] = ()
    spread: Mapping[int, Sequence[int]] = field(default_factory=dict)
    grouped: Mapping[int, str] = field(default_factory=dict)
    heads: Sequence[str] = ()
    head_rows: Sequence[int] = ()

    @cached_property
    def last_data(self) -> int:
        """Last column of figures."""
        return max(self.data)

    @cached_property
    def first_row(self) -> int:
        """First row of the header, of the figures where there is no header."""
        if self.header:
            return self.header[0]
        return self.body[0]

    @property
    def last_row(self) -> int:
        """Last row with figures."""
        return self.body[-1]

    def text(self, row: int, column: int) -> str:
        """Text that shows at a place, merges filled, on one line; a label from its columns."""
        if column not in self.spread or row in self.header:
            return clean(self.grid.text((row, column)))
        label = ""
        for label_column in (column, *self.spread[column]):
            label = self.grid.text((row, label_column)) or label
        return clean(label)

    def texts(self, rows: Iterable[int], columns: Iterable[int]) -> list[str]:
        """Texts that show in rows and columns, row by row, blanks too."""
        every_column = list(columns)
        texts: list[str] = []
        for row in rows:
            for column in every_column:
                texts.append(self.text(row, column))
        return texts

    def head(self, row: int) -> Mapping[int, str]:
        """Texts of a header row by column; one merged over several rows shows once."""
        return self._heads[row]

    @cached_property
    def head_texts(self) -> list[str]:
        """Texts over the columns of figures, row by row, blanks too."""
        texts: list[str] = []
        for row in self.header:
            texts += self.head(row).values()
        return texts

    @cached_property
    def _heads(self) -> dict[int, dict[int, str]]:
        heads: dict[int, dict[int, str]] = {}
        for row in self.header:
            texts = self._texts_over_figures(row)
            heads[row] = repeated(texts) if self.is_spread(row) else texts
        return heads

    def _texts_over_figures(self, row: int) -> dict[int, str]:
        texts: dict[int, str] = {}
        for column in self.data:
            first_row, _ = self.grid.origin((row, column))
            shows_here = first_row == row or first_row < self.header[0]
            texts[column] = self.text(row, column) if shows_here else ""
        return texts

    def is_spread(self, row: int) -> bool:
        """Whether a header row names only the first column of each group, unmerged."""
        blank: list[int] = []
        for column in self.data:
            if (row, column) not in self.grid.cells:
                blank.append(column)
        last_row = self.header[-1]
        if not blank or self.data[0] in blank or last_row <= row:
            return False
        for column in blank:
            place = (row, column)
            is_merged = self.grid.origin(place) != place
            if is_merged or not self.text(last_row, column):
                return False
        return True

    def repeats_below(self, row: int) -> bool:
        """Whether the same labels come in the same order below each label of a spread row.

        Then a blank cell of the row can only repeat the one to its left.
        """
        lower = [other for other in self.header if other > row]
        groups: list[list[str]] = []
        for column in self.data:
            if (row, column) in self.grid.cells:
                groups.append([])
            texts = [self.text(other, column) for other in lower]
            groups[-1].append("\n".join(texts))
        first, *others = groups
        distinct = set(first)
        if not others or len(first) < 2 or len(distinct) < len(first):
            return False
        return all(group == first for group in others)

    @cached_property
    def groups(self) -> list[int]:
        """Rows of one word each that head the rows below.

        They are sexes or periods, or the labels below one come again below the next.
        """
        if self.head_rows:
            return list(self.head_rows)
        heads = self._lone_words()
        if len(heads) < 2 or self.blocks or heads[0] > self.body[0]:
            return []
        texts = [self.text(row, self.stubs[0]) for row in heads]
        if self._labels_repeat_below(heads) or all(map(_is_group_word, texts)):
            return heads
        if self._tell_labels_apart(heads):
            return heads
        return []

    def _tell_labels_apart(self, heads: Sequence[int]) -> bool:
        """Whether a label comes again, but in another group; totals are in all or none."""
        distinct_labels: set[str] = set()
        labels: list[str] = []
        with_total: set[bool] = set()
        for first, end in pairwise([*heads, self.body[-1] + 1]):
            group = self._labels_between(first, end)
            rows = [row for row in self.body if first < row < end]
            if len(group) < len(rows):
                return False
            labels += group
            distinct_labels |= group
            kinds = {row_kind(label).kind for label in group}
            with_total.add("total" in kinds)
        if len(with_total) > 1:
            return False
        return len(distinct_labels) < len(labels)

    def _lone_words(self) -> list[int]:
        """Rows of one cell of words directly above a row with figures."""
        word_rows = set(self.words)
        body = set(self.body)
        rows: list[int] = []
        for row in self.words:
            cells = self._columns_of(self.grid.filled[row])
            has_figures_below = row + 1 in body
            is_above_figures = has_figures_below and row - 1 not in word_rows
            if is_above_figures and len(cells) == 1 and self.text(row, self.stubs[0]):
                rows.append(row)
        return rows

    def _columns_of(self, columns: Iterable[int]) -> list[int]:
        """Those of some columns that are not of a table next to it."""
        if self.right is None:
            return list(columns)
        return [column for column in columns if self.left <= column < self.right]

    def _labels_repeat_below(self, heads: Sequence[int]) -> bool:
        """Whether at least half of the labels below each row come again below the next."""
        groups: list[set[str]] = []
        for first, end in pairwise([*heads, self.body[-1] + 1]):
            groups.append(self._labels_between(first, end))
        for labels, next_labels in pairwise(groups):
            common = labels & next_labels
            most = max(len(labels), len(next_labels))
            if most < 2 or len(common) * 2 < most:
                return False
        return True

    def _labels_between(self, first: int, end: int) -> set[str]:
        """Labels of the rows with figures between two rows."""
        labels: set[str] = set()
        for row in self.body:
            if first < row < end:
                labels.add(self.text(row, self.stubs[0]))
        return labels

    def group_of(self) -> dict[int, str]:
        """Label of the group of each row with figures."""
        labels: dict[int, str] = {}
        for row, head in self._heads_above(self.groups):
            labels[row] = ""
            if head is not None:
                labels[row] = self.text(head, self.stubs[0])
        return labels

    def block_of(self) -> dict[int, str]:
        """Text of the row that heads each row with figures: a period."""
        texts: dict[int, str] = {}
        for row, head in self._heads_above(self.blocks):
            texts[row] = ""
            if head is not None:
                [texts[row]] = row_texts(self.grid, [head])
        return texts

    def _heads_above(self, heads: Iterable[int]) -> Iterator[tuple[int, int | None]]:
        """Rows with figures, each with the nearest of some rows above it."""
        ordered = sorted(heads)
        for row in self.body:
            above = [head for head in ordered if head <= row]
            yield row, above[-1] if above else None

    @cached_property
    def wrapped(self) -> list[int]:
        """Rows of words directly above a row with figures: the beginning of its label.

        A country, a sex or a total whose figures are blank is a whole label, and a row that
        lacks a cell is none.
        """
        numbers = self.grid.row_numbers
        labelled = set(self.body)
        wrapped: list[int] = []
        for row in sorted(self.words, reverse=True):
            next_row = row + 1
            if row in self.groups or next_row not in labelled:
                continue
            if is_whole_label(self.text(row, self.stubs[0])) or self.is_shifted(row):
                continue
            if numbers[next_row] - numbers[row] == 1:
                labelled.add(row)
                wrapped.append(row)
        wrapped.reverse()
        return wrapped

    def is_shifted(self, row: int) -> bool:
        """Whether a row has a number where others have words: its cells are one to the left."""
        last = max(column for column in self.stubs if column < self.last_data)
        cell = self.grid.cells.get((row, last))
        return cell is not None and cell.text.strip().isdigit()

    def label(self, row: int, column: int) -> str:
        """Label of a row with figures, with the rows above that it fills."""
        return self._labels[column][row]

    @cached_property
    def _labels(self) -> dict[int, dict[int, str]]:
        """Labels of the rows with figures, by column."""
        labels: dict[int, dict[int, str]] = {}
        for column in self.stubs:
            labels[column] = {row: self._whole_label(row, column) for row in self.body}
        return labels

    def _whole_label(self, row: int, column: int) -> str:
        if row in self.head_rows and column == self.stubs[0]:
            return TOTAL
        if row in self.grouped and column == self.stubs[0]:
            return label_in_group(self.grouped[row], self.text(row, column))
        pieces = [self.text(row, column)]
        while column < self.last_data and row - 1 in self.wrapped:
            row -= 1
            pieces.insert(0, self.text(row, column))
        return " ".join(filter(None, pieces))

    def labels(self, column: int) -> list[str]:
        """Distinct labels of a column, in order."""
        labels = dict.fromkeys(self._labels[column].values())
        labels.pop("", None)
        return list(labels)

    def filled(self, column: int) -> Mapping[int, str]:
        """Label of each row; in a column of groups a blank repeats the one above."""
        return self._filled[column]

    @cached_property
    def _filled(self) -> dict[int, dict[int, str]]:
        filled: dict[int, dict[int, str]] = {}
        for column, labels in self._labels.items():
            filled[column] = repeated(labels) if self.is_grouping(column) else labels
        return filled

    def is_grouping(self, column: int) -> bool:
        """Whether a column names only the first row of each group, as a year above its rows."""
        if not self.text(self.body[0], column):
            return False
        blank_rows = [row for row in self.body if not self.text(row, column)]
        if len(blank_rows) * 2 < len(self.body):
            return False
        for row in blank_rows:
            labels = self._labels_right_of(row, column)
            if not any(labels):
                return False
        return True

    def _labels_right_of(self, row: int, column: int) -> list[str]:
        """Labels of a row between a column and the figures."""
        labels: list[str] = []
        for later in self.stubs:
            if column < later < self.last_data:
                labels.append(self.text(row, later))
        return labels

    def indents(self, column: int) -> dict[int, int]:
        """Indent of the label of each row with figures, by style or by leading blanks."""
        indents: dict[int, int] = {}
        for row in self.body:
            cell = self.grid.cells.get((row, column))
            if cell is not None:
                blanks = len(cell.text) - len(cell.text.lstrip())
                indents[row] = cell.style.indent or blanks
        return indents

    @cached_property
    def flag_texts(self) -> list[str]:
        """Distinct flags in the columns of flags, in order."""
        texts = dict.fromkeys(self.texts(self.body, self.flags))
        texts.pop("", None)
        return list(texts)

    def columns_without(self, labels: Collection[str]) -> list[int]:
        """Columns of figures with none of some labels in the header."""
        columns: list[int] = []
        for column in self.data:
            headings = {self.head(row)[column] for row in self.header}
            if headings.isdisjoint(labels):
                columns.append(column)
        return columns

    @cached_property
    def cells(self) -> dict[At, Cell]:
        """Cells that hold figures, or are where figures should be, by place."""
        cells: dict[At, Cell] = {}
        for row in self.body:
            for column in self.data:
                cell = self.grid.cells.get((row, column))
                if cell is not None:
                    cells[row, column] = cell
        return cells


def repeated(texts: Mapping[int, str]) -> dict[int, str]:
    """Texts in which a blank repeats the one before.

    >>> repeated({3: "2019", 4: "", 5: "2020"})
    {3: '2019', 4: '2019', 5: '2020'}
    """
    filled: dict[int, str] = {}
    last = ""
    for place, text in texts.items():
        last = text or last
        filled[place] = last
    return filled


def is_whole_label(text: str) -> bool:
    """Whether a text is a country, a sex, or says what a row is, and needs no second row."""
    if row_kind(text).kind or match_label(text, "SEX_").code:
        return True
    return bool(match_label(text, "CDS_DES_").code)


def _is_group_word(text: str) -> bool:
    """Whether a text says a sex or a period."""
    return bool(match_label(text, "SEX_").code or read_period(text).time_period)

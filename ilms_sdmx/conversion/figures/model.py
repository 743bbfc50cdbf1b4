"""Figures: one row a figure, with its headings, its bucket and its value, in columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ilms_sdmx.findings import Place
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.layout import GIVEN, column
from ilms_sdmx.mapping.patterns import Labels, Where, Words, which_match

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Columns that figures have as soon as they are gathered from the cells.
PRINTED = (
    "table",
    "sheet",
    "cell",
    "row",
    "column_number",
    "text",
    "footnote",
    "marks",
    "number",
    "kind",
    "shown",
)
#: Columns that rules and the reading of the texts add.
READ = (
    "bucket",
    "rule",
    "role",
    "value",
    "digits",
    "status",
    "multiplier",
    "rounding",
    "unit",
    "share",
    "note",
    "summed_as",
    "bound",
)
#: Columns that only the reading of the figures needs.
WHILE_READING = ("number", "kind", "shown", "rounding", "how")


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of one table or of all, which no step changes: a step gives new ones.

    The columns are attributes. Columns that a step does not touch are shared, not copied.

    Parameters
    ----------
    frame
        One row a figure, with the columns that are described below and one for each heading,
        called as `mapping.layout.column` says. It is for reading, as by the makers of data
        sets.
    """

    frame: pd.DataFrame

    @classmethod
    def none(cls) -> Figures:
        """Figures of a workbook that has none."""
        import pandas as pd

        return cls(pd.DataFrame(columns=[*PRINTED, *READ], dtype="str"))

    @classmethod
    def joined(cls, several: Sequence[Figures]) -> Figures:
        """Figures of several tables below one another, numbered anew."""
        import pandas as pd

        if not several:
            return cls.none()
        frames = [figures.frame for figures in several]
        return cls(pd.concat(frames, ignore_index=True))

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def index(self) -> pd.Index[Any]:
        """Numbers of the figures, which stay with them from step to step."""
        return self.frame.index

    @property
    def table(self) -> pd.Series[str]:
        """Name of the table of the mapping."""
        return self.frame["table"]

    @property
    def sheet(self) -> pd.Series[str]:
        """Name of the sheet."""
        return self.frame["sheet"]

    @property
    def cell(self) -> pd.Series[str]:
        """Address of the cell."""
        return self.frame["cell"]

    @property
    def row(self) -> pd.Series[int]:
        """Row as the workbook counts it."""
        return self.frame["row"]

    @property
    def column_number(self) -> pd.Series[int]:
        """Column as the workbook counts it."""
        return self.frame["column_number"]

    @property
    def text(self) -> pd.Series[str]:
        """What is printed in the cell."""
        return self.frame["text"]

    @property
    def footnote(self) -> pd.Series[str]:
        """Certain marks of footnotes at the figure, its labels and its title."""
        return self.frame["footnote"]

    @property
    def marks(self) -> pd.Series[str]:
        """Marks of footnotes, with those that a legend has to confirm."""
        return self.frame["marks"]

    @property
    def number(self) -> pd.Series[str]:
        """Lexical form of a cell that holds a number, missing for text."""
        return self.frame["number"]

    @property
    def kind(self) -> pd.Series[str]:
        """Kind of the raw value of the cell; `uncached` for a formula without result."""
        return self.frame["kind"]

    @property
    def shown(self) -> pd.Series[str]:
        """How the page shows a number that the cell holds otherwise; else empty."""
        return self.frame["shown"]

    @property
    def how(self) -> pd.Series[str]:
        """How the value came about, as `Value.how` says."""
        return self.frame["how"]

    @property
    def digits(self) -> pd.Series[str]:
        """Part of the text that is this figure, without the marks around it."""
        return self.frame["digits"]

    @property
    def bucket(self) -> pd.Series[str]:
        """Where the figure ends: a value of `Bucket`."""
        return self.frame["bucket"]

    @property
    def why(self) -> pd.Series[str]:
        """Reason for which the figure ends in another bucket than its rule says."""
        return self.frame["why"]

    @property
    def role(self) -> pd.Series[str]:
        """Bucket that the rules gave the figure, whatever became of it."""
        return self.frame["role"]

    @property
    def rule(self) -> pd.Series[str]:
        """Rule of the mapping that put the figure into its bucket."""
        return self.frame["rule"]

    @property
    def value(self) -> pd.Series[str]:
        """Value as plain decimal text, missing where there is none."""
        return self.frame["value"]

    @property
    def status(self) -> pd.Series[str]:
        """Status of the observation in the codes of SDMX."""
        return self.frame["status"]

    @property
    def multiplier(self) -> pd.Series[int]:
        """Power of ten of the value."""
        return self.frame["multiplier"]

    @property
    def rounding(self) -> pd.Series[str]:
        """Unit of rounding that the mapping says, in the units of the value."""
        return self.frame["rounding"]

    @property
    def unit(self) -> pd.Series[float]:
        """Unit to which the figure is rounded, in units of one; 0 for an exact count."""
        return self.frame["unit"]

    @property
    def share(self) -> pd.Series[int]:
        """Number of the rule that says of what the figure is a share or change; -1 for none."""
        return self.frame["share"]

    @property
    def summed_as(self) -> pd.Series[str]:
        """Bucket by which sums are compared, whatever the order of the rules."""
        return self.frame["summed_as"]

    @property
    def bound(self) -> pd.Series[str]:
        """Whether the value is a bound: `over` or `under` it, or `about`; else empty."""
        return self.frame["bound"]

    @property
    def note(self) -> pd.Series[str]:
        """Notes of the figure."""
        return self.frame["note"]

    @property
    def amount(self) -> pd.Series[float]:
        """Value in units of one, not a number where there is none."""
        import numpy as np
        import pandas as pd

        numbers, distinct = pd.factorize(self.value)
        texts = pd.Series(distinct)
        parsed = pd.to_numeric(texts, errors="coerce").astype("float64")
        values = np.append(parsed.to_numpy(), np.nan).take(numbers)
        powers = self.multiplier.to_numpy("float64")
        amounts = values * 10.0**powers
        return pd.Series(amounts, index=self.index)

    @property
    def has_value(self) -> pd.Series[bool]:
        """Which figures have a value."""
        return self.value.notna()

    def has_heading(self, name: str) -> bool:
        """Whether the figures have a heading of this name."""
        return column(name) in self.frame.columns

    def heading(self, name: str) -> pd.Series[str]:
        """Labels of a heading; empty ones where the figures do not have it."""
        import pandas as pd

        if self.has_heading(name):
            return self.frame[column(name)].fillna("")
        return pd.Series("", index=self.index, dtype="str")

    def labels(self, name: str) -> list[str]:
        """Labels of a heading, each once."""
        if not self.has_heading(name):
            return [""]
        return list(map(str, self.heading(name).unique()))

    def without_label(self, names: Iterable[str]) -> pd.Series[bool]:
        """Which figures have none of the labels of several headings.

        None where there is no heading.
        """
        import pandas as pd

        columns = [column(name) for name in names if self.has_heading(name)]
        if not columns:
            return pd.Series(False, index=self.index)
        return (self.frame[columns] == "").all(axis=1)

    def having(self, where: Where) -> np.ndarray:
        """Which figures have headings that match, as an array of truth values.

        A heading that no figure has matches only the empty label.
        """
        return self.chooser.rows(where)

    @cached_property
    def chooser(self) -> Chooser:
        """Labels of the figures, ready for many patterns."""
        return Chooser(self.frame)

    def in_bucket(self, *buckets: Bucket) -> pd.Series[bool]:
        """Which figures end in one of several buckets."""
        return self.bucket.isin([bucket.value for bucket in buckets])

    def in_role(self, *buckets: Bucket) -> pd.Series[bool]:
        """Which figures have one of several buckets by the rules."""
        return self.role.isin([bucket.value for bucket in buckets])

    def of_table(self, name: str) -> Figures:
        """Figures of one table of the mapping."""
        if not len(self):
            return self
        return self.only(self.table == name)

    def only(self, rows: Any) -> Figures:
        """Figures that are chosen by truth values."""
        import numpy as np

        if np.all(rows):
            return self
        return Figures(self.frame[rows])

    def place(self, position: int = 0) -> Place:
        """Place of one figure, the first if none is named."""
        sheet = str(self.sheet.iloc[position])
        cell = str(self.cell.iloc[position])
        return Place(sheet=sheet, cell=cell)

    def places(self) -> list[Place]:
        """Places of all figures."""
        places = []
        for sheet, cell in zip(self.sheet, self.cell, strict=True):
            places.append(Place(sheet=str(sheet), cell=str(cell)))
        return places

    def with_columns(self, columns: Mapping[str, Any]) -> Figures:
        """Figures with columns that are added or replaced."""
        return Figures(self.frame.assign(**columns))

    def with_values(self, name: str, rows: Any, values: Any) -> Figures:
        """Figures with other values in one column for some rows.

        A new column is empty elsewhere.
        """
        return self.with_changes([(name, rows, values)])

    def with_changes(self, changes: Iterable[tuple[str, Any, Any]]) -> Figures:
        """Figures with several changes, one after another: column, rows and values of each."""
        changed = self.frame.copy(deep=False)
        for name, rows, values in changes:
            if name not in changed.columns:
                changed[name] = ""
            changed.loc[rows, name] = values
        return Figures(changed)

    def with_choices(self, name: str, choices: Sequence[tuple[Any, Any]]) -> Figures:
        """Figures with other values in a column: rows and value of each; the last counts."""
        import numpy as np
        import pandas as pd

        is_known = name in self.frame.columns
        numbers = np.full(len(self), -1)
        for number, (rows, _) in enumerate(choices):
            numbers[rows] = number
        is_changed = numbers >= 0
        if not is_changed.any():
            return self if is_known else self.with_columns({name: ""})
        old = self.frame[name] if is_known else ""
        values = [value for _, value in choices]
        dtype: Any = "str" if isinstance(values[0], str) else "int64"
        distinct = pd.array(values, dtype=dtype)
        new = pd.Series(distinct.take(numbers), index=self.index)
        column = new.where(is_changed, old)
        return self.with_columns({name: column})

    def with_bucket(self, rows: Any, bucket: Bucket, why: str) -> Figures:
        """Figures of which some end in another bucket than their rule says, for a reason."""
        if not rows.any():
            return self
        moved = self.with_values("bucket", rows, bucket.value)
        return moved.with_values("why", rows, why)

    def with_notes(self, notes: pd.Series[str]) -> Figures:
        """Figures with their notes, missing where there are none."""
        return self.with_columns({"note": notes})

    def without(self, *names: str) -> Figures:
        """Figures without columns that have done their work."""
        return Figures(self.frame.drop(columns=list(names), errors="ignore"))

    def mapped(self, name: str, values: Mapping[str, str | None]) -> pd.Series[str]:
        """Value of each text of a column, missing for texts that are not among them."""
        return mapped(self.frame[name], values)

    def heading_columns(self) -> list[str]:
        """Columns of all headings, named ones first in their order."""
        named = [name for name in self.frame.columns if name.startswith(":")]
        return [*GIVEN, *named]


class Chooser:
    """Which rows of a frame of figures have labels that match; each column is read once."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self._columns: dict[str, tuple[np.ndarray, Labels]] = {}

    def column(self, name: str) -> tuple[np.ndarray, Labels]:
        """Number of the label of each row, and the distinct labels of a heading.

        A heading that no figure has is the empty label everywhere.
        """
        import numpy as np
        import pandas as pd

        known = self._columns.get(name)
        if known is not None:
            return known
        if column(name) in self.frame.columns:
            texts = self.frame[column(name)].fillna("")
            numbers, distinct = pd.factorize(texts)
            labels = Labels(list(map(str, distinct)))
        else:
            numbers = np.zeros(len(self.frame), "int64")
            labels = Labels([""])
        self._columns[name] = (numbers, labels)
        return numbers, labels

    def rows(self, where: Where) -> np.ndarray:
        """Which rows have labels that match in every heading, as truth values."""
        import numpy as np

        rows = np.ones(len(self.frame), dtype=bool)
        for name, patterns in where.items():
            numbers, labels = self.column(name)
            rows &= which_match(patterns, labels).take(numbers)
        return rows

    def has_label(self, name: str, pattern: Words) -> bool:
        """Whether any label of a heading matches."""
        _, labels = self.column(name)
        return any(True for _ in pattern.places(labels))


def chosen(frame: pd.DataFrame, where: Where) -> np.ndarray:
    """Which rows of a frame of figures have headings that match, as `Figures.having` says."""
    return Chooser(frame).rows(where)


def mapped(texts: pd.Series[str], values: Mapping[str, str | None]) -> pd.Series[str]:
    """Value of each text, missing for texts that are not among them."""
    import pandas as pd

    numbers, distinct = pd.factorize(texts)
    # A list of texts is much faster to go through than an array of them.
    distinct_texts = distinct.tolist()
    values_of_texts = list(map(values.get, distinct_texts))
    values_of_texts.append(None)
    array = pd.array(values_of_texts, dtype="str").take(numbers)
    return pd.Series(array, index=texts.index)

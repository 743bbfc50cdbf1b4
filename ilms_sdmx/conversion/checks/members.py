"""Figures of a table as whole numbers in groups, ready to be added up and compared."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.model import Chooser
from ilms_sdmx.mapping.buckets import Bucket

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Whole numbers, one for each figure or group.
Whole = Any


@dataclass(frozen=True, eq=False)
class CheckedTable:
    """Figures of one table, ready to be added up.

    Parameters
    ----------
    figures
        Headings and place of each figure; `amount` and `step` (the unit to which it is rounded)
        as whole numbers of one small unit, and `known`, whether there is an amount.
    places
        Power of ten of the small unit: 2 where amounts count hundredths.
    rounded_to
        Sheet to the words for the power of ten to which its figures were found to be rounded.
    """

    figures: pd.DataFrame
    places: int
    rounded_to: dict[str, str] = field(default_factory=dict)
    unvaried: dict[frozenset[str], tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def chooser(self) -> Chooser:
        """Labels of the figures, read once for all checks."""
        return Chooser(self.figures)

    @cached_property
    def is_of_which(self) -> Any:
        """Which figures are parts of others next to them."""
        return self.in_roles([Bucket.OF_WHICH.value])

    @cached_property
    def roles(self) -> tuple[Whole, list[str]]:
        """Number of the role of each figure, and the roles."""
        import pandas as pd

        numbers, roles = pd.factorize(self.figures["role"])
        return numbers, list(map(str, roles))

    def in_roles(self, wanted: Collection[str]) -> Any:
        """Which figures have one of some roles."""
        import numpy as np

        numbers, roles = self.roles
        is_wanted = np.array([role in wanted for role in roles], dtype=bool)
        return is_wanted[numbers]

    @cached_property
    def is_plain(self) -> Any:
        """Which figures are observations."""
        return self.in_roles([Bucket.OBSERVATION.value])

    @cached_property
    def amounts(self) -> Any:
        """Amounts as whole numbers, 0 where there is none."""
        return self.figures["amount"].to_numpy()

    @cached_property
    def steps(self) -> Any:
        """Units to which figures are rounded."""
        return self.figures["step"].to_numpy()

    @cached_property
    def known(self) -> Any:
        """Which figures have an amount."""
        return self.figures["known"].to_numpy(dtype=bool)

    @cached_property
    def bounds(self) -> Any:
        """What words such as *more than* make of each figure."""
        return self.figures["bound"].to_numpy(dtype=object)

    @cached_property
    def _groups(self) -> dict[tuple[str, ...], np.ndarray[Any, np.dtype[Any]]]:
        return {}

    def groups(self, columns: tuple[str, ...]) -> np.ndarray[Any, np.dtype[Any]]:
        """Number of the group of each figure: equal where all of some columns are equal."""
        import numpy as np
        import pandas as pd

        known = self._groups.get(columns)
        if known is not None:
            return known
        numbers = np.zeros(len(self.figures), dtype="int64")
        for name in columns:
            labels, distinct = pd.factorize(self.figures[name], use_na_sentinel=False)
            label_count = max(len(distinct), 1)
            joint = numbers * label_count + labels
            numbers, _ = pd.factorize(joint)
        self._groups[columns] = numbers
        return numbers

    def number(self, whole: Any) -> Decimal:
        """Decimal number of a whole one, in single units."""
        return Decimal(int(whole)).scaleb(-self.places)

    def whole(self, text: str) -> int:
        """Whole number of a text of the mapping: a constant, or a unit of rounding."""
        return int(Decimal(text).scaleb(self.places))


@dataclass(frozen=True, eq=False)
class Members:
    """Some figures of a table in groups, of which those with one number are compared.

    Parameters
    ----------
    table
        The table.
    rows
        Rows of the figures, counted from 0.
    groups
        Number of the group of each.
    """

    table: CheckedTable
    rows: Whole
    groups: Whole

    @classmethod
    def of(cls, table: CheckedTable, frame: pd.DataFrame) -> Members:
        """Figures of a frame with their column of groups."""
        rows = table.figures.index.get_indexer(frame.index)
        return cls(table, rows, frame["group"].to_numpy())

    def only(self, are_kept: Any) -> Members:
        """Figures that are chosen by truth values."""
        return Members(self.table, self.rows[are_kept], self.groups[are_kept])

    @cached_property
    def index(self) -> pd.Index[Any]:
        """Numbers of the figures."""
        return self.table.figures.index.take(self.rows)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Figures with all that is known of them."""
        return self.table.figures.take(self.rows).assign(group=self.groups)

    def are_in(self, groups: Whole) -> Any:
        """Which figures are in some groups."""
        import numpy as np

        return np.isin(self.groups, groups)

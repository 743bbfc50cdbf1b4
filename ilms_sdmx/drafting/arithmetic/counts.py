"""Figures of a table that are no percents, looked up by their headings and by their places."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.drafting.arithmetic.numbers import Key, NumberGrid, Pair
from ilms_sdmx.drafting.arithmetic.results import Basis, Labels
from ilms_sdmx.drafting.recognition.roles import NO_COUNTS, Roles

#: Headings of a side of a basis that differ, with their labels.
SideKey = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Percent:
    """Percent at a place.

    Parameters
    ----------
    place
        Row and column.
    key
        Headings and labels.
    value
        Number.
    unit
        Half of the unit to which it is rounded.
    """

    place: At
    key: Key
    value: Decimal
    unit: Decimal

    @property
    def row(self) -> int:
        """Row of the percent."""
        return self.place[0]

    @property
    def column(self) -> int:
        """Column of the percent."""
        return self.place[1]


@dataclass(frozen=True, eq=False)
class Counts:
    """Figures of a table that are no percents.

    Parameters
    ----------
    numbers
        All figures of the table.
    keys
        Place of each count to its headings and labels.
    """

    numbers: NumberGrid
    keys: Mapping[At, Key]

    @classmethod
    def of(cls, numbers: NumberGrid, roles: Roles) -> Counts:
        """Return the figures without those under labels of percents, or that are ignored."""
        no_counts = set()
        for role in roles:
            if role.bucket in NO_COUNTS:
                no_counts.add((role.heading, role.label))
        keys: dict[At, Key] = {}
        for place, key in numbers.keys.items():
            if place in numbers.numbers and no_counts.isdisjoint(key):
                keys[place] = key
        return cls(numbers, keys)

    @cached_property
    def _by_key(self) -> dict[Key, Decimal | None]:
        """Counts by their headings; those of several places cannot be told apart."""
        by_key: dict[Key, Decimal | None] = {}
        for place, key in self.keys.items():
            by_key[key] = None if key in by_key else self.numbers.numbers[place]
        return by_key

    def amount(self, key: Key, changes: Labels) -> Decimal | None:
        """Sum of the counts with other labels for some headings; None where one lacks."""
        whole: dict[str, tuple[str, ...]] = {}
        for name, labels in changes.items():
            key = self._changed(key, name, labels[0])
            if len(labels) > 1:
                whole[name] = labels
        if not whole:
            return self._by_key.get(key)
        # The sum of all labels is the same for every figure that differs in them only.
        sum_key = key, tuple(whole.items())
        if sum_key not in self._sums:
            self._sums[sum_key] = self._sum(key, whole)
        return self._sums[sum_key]

    @cached_property
    def _sums(self) -> dict[tuple[Key, SideKey], Decimal | None]:
        """Sums so far, by a key and the headings of which all labels are summed."""
        return {}

    def _sum(self, key: Key, whole: Labels) -> Decimal | None:
        """Sum of the counts with all labels of some headings; None where any is not there."""
        keys = [key]
        for name, labels in whole.items():
            changed_keys: list[Key] = []
            for label in labels:
                for other in keys:
                    changed_keys.append(self._changed(other, name, label))
            keys = changed_keys
        amount = Decimal()
        for changed_key in keys:
            count = self._by_key.get(changed_key)
            if count is None:
                return None
            amount += count
        return amount

    def _changed(self, key: Key, name: str, label: str) -> Key:
        """Key with another label for a heading."""
        for place in self._places_of_names.get(name, ()):
            end = place + 1
            key = (*key[:place], (name, label), *key[end:])
        return key

    @cached_property
    def _places_of_names(self) -> dict[str, list[int]]:
        """Name of a heading to its places in the keys, which all have the same names."""
        places: dict[str, list[int]] = {}
        first_key = next(iter(self.numbers.keys.values()), ())
        for place, (name, _) in enumerate(first_key):
            places.setdefault(name, []).append(place)
        return places

    def places_of(self, heading: str, label: str) -> list[At]:
        """Places of all cells under a label."""
        return self.numbers.places_of((heading, label))

    @cached_property
    def _in_rows(self) -> dict[int, list[At]]:
        """Row to the places of its counts."""
        in_rows: dict[int, list[At]] = {}
        for place in self.keys:
            in_rows.setdefault(place[0], []).append(place)
        return in_rows

    @cached_property
    def _in_columns(self) -> dict[int, list[At]]:
        """Column to the places of its counts."""
        in_columns: dict[int, list[At]] = {}
        for place in self.keys:
            in_columns.setdefault(place[1], []).append(place)
        return in_columns

    def near_in_row(self, place: At) -> list[At]:
        """Places of the counts of a row, the nearest first, those at the left before."""
        row, column = place

        def distance(other: At) -> tuple[int, bool]:
            _, other_column = other
            return abs(other_column - column), other_column > column

        places = self._in_rows.get(row, ())
        return sorted(places, key=distance)

    def near_in_column(self, place: At) -> list[At]:
        """Places of the counts of a column, the nearest first, those above before."""
        row, column = place

        def distance(other: At) -> tuple[int, bool]:
            other_row, _ = other
            return abs(other_row - row), other_row > row

        places = self._in_columns.get(column, ())
        return sorted(places, key=distance)

    def left_of(self, place: At) -> At | None:
        """Place of the nearest count at the left in a row, None where there is none."""
        row, column = place
        in_row = self._in_rows.get(row, ())
        at_left = [other for other in in_row if other[1] < column]
        return max(at_left, default=None)

    @cached_property
    def _columns_of_label(self) -> dict[Pair, dict[int, At]]:
        """Heading and label so far to the columns of its counts, each with the first place."""
        return {}

    def _first_places(self, pair: Pair) -> dict[int, At]:
        """Columns of the counts under a label from the left, each with its first place."""
        if pair not in self._columns_of_label:
            first_places: dict[int, At] = {}
            for place in sorted(self.numbers.places_of(pair), key=_column_of):
                if place in self.keys:
                    first_places.setdefault(place[1], place)
            self._columns_of_label[pair] = first_places
        return self._columns_of_label[pair]

    def last_before(self, heading: str, label: str, column: int) -> At | None:
        """First place of the last column at the left that has a count under a label."""
        first_places = self._first_places((heading, label))
        columns = list(first_places)
        number = bisect_left(columns, column)
        if not number:
            return None
        return first_places[columns[number - 1]]

    @cached_property
    def _distinct_keys(self) -> dict[int, int]:
        """Row to the count of distinct keys of its cells."""
        keys_of_row: dict[int, set[Key]] = {}
        for (row, _), key in self.numbers.keys.items():
            keys = keys_of_row.setdefault(row, set())
            keys.add(key)
        return {row: len(keys) for row, keys in keys_of_row.items()}

    def has_repeated_keys(self, row: int) -> bool:
        """Whether a row has cells with the same headings, or lacks some."""
        return self._distinct_keys[row] < len(self.numbers.printed.data)

    def sides(self, basis: Basis, percent: Percent) -> tuple[Decimal, Decimal] | None:
        """Numerator and denominator of a percent; None where one lacks, or is nothing."""
        key = percent.key
        if basis.is_left:
            place = self.left_of(percent.place)
            if place is None:
                return None
            key = self.keys[place]
            upper = self.numbers.at(*place)
        else:
            upper = self.amount(key, basis.of)
        if upper is None:
            return None
        lower = self.amount(key, basis.base)
        if not lower:
            return None
        return (upper, lower)

    def comes_out(self, basis: Basis, percent: Percent) -> bool:
        """Whether a percent comes out under a basis."""
        sides = self.sides(basis, percent)
        return sides is not None and is_percent_of(percent, sides, basis)


def is_percent_of(percent: Percent, sides: tuple[Decimal, Decimal], basis: Basis) -> bool:
    """Whether a percent is the share, or the change, of two amounts."""
    upper, lower = sides
    computed = 100 * upper / lower
    if basis.is_change:
        computed -= 100
    return abs(computed - percent.value) <= percent.unit


def differing(key: Key, other: Key) -> dict[str, tuple[str, ...]]:
    """Headings whose labels differ, with the label of the other key."""
    labels: dict[str, tuple[str, ...]] = {}
    for (name, label), (_, other_label) in zip(key, other, strict=True):
        if label != other_label:
            labels[name] = (other_label,)
    return labels


def _column_of(place: At) -> int:
    return place[1]

"""Numbers of the values of a variable: in SQL where conditions ask, else after counting."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import IlmsError
from ilms_sdmx.labels.classifications import section_code
from ilms_sdmx.microdata.classes import (
    COUNTRIES,
    UNKNOWN,
    Base,
    codes_of_role,
    place_of,
)
from ilms_sdmx.microdata.counting.engine import name_of, text_of
from ilms_sdmx.microdata.files.variables import Variable, value_text
from ilms_sdmx.microdata.mapping.model import RoleVariable

if TYPE_CHECKING:
    from ilms_sdmx.microdata.estimation.design import Codes

#: Number of a value that no line of the mapping knows.
UNMAPPED = -1


@dataclass(frozen=True)
class RoleCoding:
    """Which number each value of a variable has.

    Parameters
    ----------
    role
        What the mapping says of the role.
    variable
        The variable in the file.
    base
        Codes whose places are the numbers.
    places
        Number of each value that the mapping spells out, the value as text.
    """

    role: RoleVariable
    variable: Variable
    base: Base
    places: Mapping[str, int]
    _numbers: dict[float, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.variable.kind == "number":
            for value, place in self.places.items():
                number = _number(value)
                if number is not None:
                    self._numbers[number] = place

    @property
    def empty(self) -> int:
        """Number of records without a value."""
        return self.places.get("", self.base.unknown)

    @property
    def size(self) -> int:
        """About how many values there are."""
        if not self.role.classification[0]:
            return len(self.places) + 1
        return {1: 25, 2: 100}.get(self.role.digits, 500)

    def number(self, value: Any) -> int:
        """Number of a value of the file, UNMAPPED where the mapping does not know it.

        An empty text, which Parquet of other makers may have, is no value.
        """
        if value == "":
            return self.empty
        if self.variable.kind == "number" and not isinstance(value, str):
            place = self._numbers.get(float(value))
        else:
            place = self.places.get(str(value))
        if place is None:
            return self._classified(value_text(value))
        return place

    def _classified(self, text: str) -> int:
        """Number of a value of a national classification."""
        if not self.role.classification[0]:
            return UNMAPPED
        code = text.zfill(self.role.digits) if self.role.digits else text
        try:
            found = section_code(*self.role.classification, code)
        except IlmsError:
            return UNMAPPED
        return self.base.place(found.removeprefix(f"{self.base.prefix}_"))

    def numbers(self, values: Any, codes: Any = None) -> Codes:
        """Numbers of a column of values, and of the column of its missing codes."""
        import numpy as np

        found = _each(values, self.number, self.empty)
        if codes is None:
            return found
        of_codes = _each(codes, self._of_code, self.empty)
        is_missing = np.asarray(values.is_null())
        return np.where(is_missing, of_codes, found)

    def _of_code(self, code: str) -> int:
        return self.places.get(code, UNMAPPED)

    def sql(self, values: Sequence[Any] = (), target: Sequence[int] = ()) -> str:
        """Expression that gives the number of a record's value.

        Parameters
        ----------
        values
            Values that there are, where the mapping names a classification.
        target
            Number to be given in place of each number; all others are 1.
        """
        places = dict(self.places)
        for value in values:
            places.setdefault(value_text(value), self.number(value))
        column = name_of(self.variable.name)
        cases = self._cases(column, places, target)
        otherwise = 1 if target else UNMAPPED
        empty = _target(self.empty, target)
        if not self.variable.has_codes:
            is_empty = f"{column} IS NULL"
            if self.variable.kind == "text":
                is_empty += f" OR {column} = ''"
            listed = " ".join([f"WHEN {is_empty} THEN {empty}", *cases])
            return f"CASE {listed} ELSE {otherwise} END"
        codes = name_of(self.variable.codes_column)
        cases.append(f"WHEN {column} IS NOT NULL THEN {otherwise}")
        for value, place in places.items():
            if value.startswith("."):
                cases.append(f"WHEN {codes} = {text_of(value)} THEN {_target(place, target)}")
        cases.append(f"WHEN {codes} IS NOT NULL THEN {UNMAPPED}")
        return f"CASE {' '.join(cases)} ELSE {empty} END"

    def _cases(
        self, column: str, places: Mapping[str, int], target: Sequence[int]
    ) -> list[str]:
        """Number of each value that the mapping knows."""
        values_of: dict[int, list[str]] = {}
        for value, place in places.items():
            literal = self._literal(value)
            if literal and place != UNMAPPED:
                values_of.setdefault(_target(place, target), []).append(literal)
        if target:
            # Values without a line are found where all values are counted.
            values_of.pop(1, None)
        cases = []
        for place, values in values_of.items():
            cases.append(f"WHEN {column} IN ({', '.join(values)}) THEN {place}")
        return cases

    def _literal(self, value: str) -> str:
        """Value in SQL, of the type of the variable; empty where it can have no such value."""
        if self.variable.kind != "number":
            return text_of(value) if value else ""
        number = _number(value)
        return "" if number is None else value_text(number)


def coding(role: RoleVariable, variable: Variable, base: Base, area: str) -> RoleCoding:
    """Numbers of the values of a variable, as a mapping says them."""
    places: dict[str, int] = {}
    if not role.codes and not role.classification[0]:
        for code in codes_of_role(role.role, role.version):
            if code != UNKNOWN:
                places[code] = place_of(base, code, area)
        if base.dimension in COUNTRIES:
            places[area] = 0
    for value, code in role.codes.items():
        places[value] = place_of(base, code, area)
    for value in role.missing:
        places[value] = base.unknown
    return RoleCoding(role, variable, base, places)


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _target(place: int, target: Sequence[int]) -> int:
    if not target:
        return place
    return target[place] if place < len(target) else 1


def _each(values: Any, number: Callable[[Any], int], empty: int) -> Codes:
    """Numbers of a column, each distinct value looked up once."""
    import numpy as np

    coded = values.dictionary_encode()
    found = [number(value) for value in coded.dictionary.to_pylist()]
    places = np.array([*found, empty], dtype="int64")
    indices = coded.indices.fill_null(len(found)).to_numpy(zero_copy_only=False)
    numbers: Codes = places[indices]
    return numbers

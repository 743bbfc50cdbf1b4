"""Sampling units of the whole file: their numbers, strata, and how many there are in all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import MappingError, TableError
from ilms_sdmx.microdata.counting.leaves import UnitFrame
from ilms_sdmx.microdata.files.variables import value_text
from ilms_sdmx.microdata.mapping.model import MicrodataMapping

if TYPE_CHECKING:
    import pyarrow as pa

    from ilms_sdmx.microdata.estimation.design import Codes, Numbers

#: Letters of the columns of strata, of first and of second units, in the order of nesting.
_LETTERS = "hps"
#: Column of the part that a record is of, where parts of a year are drawn apart.
_PART = "h"
#: Products of numbers that a whole number of the machine holds.
_LIMIT = 2**62


@dataclass(frozen=True, eq=False)
class Units:
    """Sampling units, and how records find theirs.

    Parameters
    ----------
    frame
        Strata and sizes.
    keys
        Distinct values of each column that says a unit.
    marks
        One number for the values of each unit together, in order.
    order
        Unit of each of the marks.
    is_apart
        Whether units of different parts are different.
    """

    frame: UnitFrame
    keys: Mapping[str, Any]
    marks: Codes
    order: Codes
    is_apart: bool

    @classmethod
    def of(cls, tables: Iterable[pa.Table], mapping: MicrodataMapping) -> Units:
        """Units of the parts of a period.

        Raises
        ------
        MappingError
            The finite population of a stratum is not known or smaller than the sample.
        """
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        parts = list(tables)
        is_apart = mapping.quarters == "apart" and len(parts) > 1
        if is_apart:
            parts = [_with_part(part, number) for number, part in enumerate(parts)]
        whole = pa.concat_tables(_of_one_type(parts))
        names = [name for name in whole.column_names if not name.startswith("fpc")]
        names.sort(key=lambda name: (_LETTERS.index(name[0]), name))
        if len(parts) > 1:
            populations = [name for name in whole.column_names if name.startswith("fpc")]
            whole = whole.group_by(names).aggregate([(name, "min") for name in populations])
            plain = [name.removesuffix("_min") for name in whole.column_names]
            whole = whole.rename_columns(plain)
        whole = whole.sort_by([(name, "ascending") for name in names])
        keys = {name: pc.unique(whole[name]) for name in names}
        codes = {name: _places(whole[name], keys[name]) for name in names}
        marks = _marks(codes, keys)
        order = np.argsort(marks, kind="stable").astype("int64")
        frame = _frame(codes, whole, mapping)
        return cls(frame, keys, marks[order], order, is_apart)

    def numbers(self, table: pa.Table, part: int) -> Codes:
        """Number of the unit of each row of a leaf of a part."""
        import numpy as np

        if self.is_apart:
            table = _with_part(table, part)
        codes = {}
        for name, values in self.keys.items():
            column = table[name]
            if column.type != values.type:
                column = _texts(column)
            codes[name] = _places(column, values)
        found: Codes = self.order[np.searchsorted(self.marks, _marks(codes, self.keys))]
        return found


def _with_part(table: pa.Table, part: int) -> pa.Table:
    """Table with the number of the part as the first word of the stratum."""
    import pyarrow as pa

    return table.append_column(_PART, pa.array([part] * len(table), pa.int64()))


def _of_one_type(parts: Sequence[pa.Table]) -> list[pa.Table]:
    """Tables whose columns are texts where they are not of one type in all parts."""
    found = list(parts)
    for name in parts[0].column_names:
        types = {part.schema.field(name).type for part in parts}
        if len(types) == 1 or name.startswith("fpc"):
            continue
        for place, part in enumerate(found):
            index = part.column_names.index(name)
            found[place] = part.set_column(index, name, _texts(part[name]))
    return found


def _texts(column: Any) -> Any:
    """Values as texts, whole numbers without a point."""
    import pyarrow as pa

    coded = column.combine_chunks().dictionary_encode()
    words = [value_text(value) for value in coded.dictionary.to_pylist()]
    texts = pa.DictionaryArray.from_arrays(coded.indices, pa.array(words, pa.string()))
    return pa.chunked_array([texts.cast(pa.string())])


def _places(column: Any, values: Any) -> Codes:
    """Place of each value of a column among the distinct ones; a missing one is one of them."""
    import pyarrow.compute as pc

    found: Codes = pc.index_in(column, value_set=values).to_numpy().astype("int64")
    return found


def _marks(codes: Mapping[str, Codes], keys: Mapping[str, Any]) -> Codes:
    """One number for the places of several columns together."""
    import numpy as np

    sizes = [len(values) for values in keys.values()]
    if math.prod(sizes) > _LIMIT:
        raise TableError("the columns of the design have too many different values.")
    columns = list(codes.values())
    number: Codes = np.zeros(len(columns[0]), dtype="int64")
    for column, size in zip(columns, sizes, strict=True):
        number = number * size + column
    return number


def _frame(codes: Mapping[str, Codes], table: pa.Table, mapping: MicrodataMapping) -> UnitFrame:
    """Strata and sizes of units that are in the order of strata and first units."""
    import numpy as np

    of_stratum = [column for name, column in codes.items() if name[0] == "h"]
    of_first = [column for name, column in codes.items() if name[0] in "hp"]
    strata = _runs(of_stratum, len(table))
    first = _runs(of_first, len(table))
    count = int(first[-1]) + 1 if len(first) else 0
    groups = int(strata[-1]) + 1 if len(strata) else 0
    stratum_of: Codes = np.zeros(count, dtype="int64")
    stratum_of[first] = strata
    sizes = np.bincount(stratum_of, minlength=groups).astype("float64")
    fractions = _fractions(table, "fpc", strata, sizes, mapping)
    if not any(name[0] == "s" for name in codes):
        return UnitFrame(stratum_of, sizes, fractions)
    second = np.bincount(first, minlength=count).astype("float64")
    second_fractions = _fractions(table, "fpc2", first, second, mapping)
    return UnitFrame(stratum_of, sizes, fractions, first, second, second_fractions)


def _runs(columns: Sequence[Codes], count: int) -> Codes:
    """Number of the run of rows that are alike in some columns."""
    import numpy as np

    is_new = np.zeros(count, dtype="int64")
    for column in columns:
        is_new[1:] |= column[1:] != column[:-1]
    return np.cumsum(is_new)


def _fractions(
    table: pa.Table, name: str, groups: Codes, sizes: Numbers, mapping: MicrodataMapping
) -> Numbers:
    """Share of the units of each group that is in the sample, 0 where nobody says it."""
    import numpy as np

    fractions: Numbers = np.zeros(len(sizes))
    if name not in table.column_names:
        return fractions
    in_all = np.asarray(table[name].to_numpy(), dtype="float64")
    populations: Numbers = np.full(len(sizes), np.nan)
    populations[groups] = in_all
    if not (populations >= sizes).all():
        line = mapping.design.line
        raise MappingError(
            f"{mapping.name}, line {line}, at design: {name} is missing or smaller than the"
            " sample in a stratum: expected the number of units that the stratum has in all."
        )
    return sizes / populations

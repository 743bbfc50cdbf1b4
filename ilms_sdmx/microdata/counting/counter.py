"""Counting of the records of one period: leaves from the engine, as numbers of codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ilms_sdmx.microdata.classes import BANDS
from ilms_sdmx.microdata.coding import UNMAPPED
from ilms_sdmx.microdata.counting.engine import Engine, answers, name_of
from ilms_sdmx.microdata.counting.leaves import Leaf, LeafRequest
from ilms_sdmx.microdata.counting.units import Units
from ilms_sdmx.microdata.files.variables import value_text
from ilms_sdmx.microdata.records import (
    COLUMNS,
    ORIGINS,
    SCALE,
    VALUE_SCALE,
    PartQuery,
    PeriodRecords,
    RecordQuery,
)
from ilms_sdmx.periods import parse_period

if TYPE_CHECKING:
    import pyarrow as pa

    from ilms_sdmx.microdata.counting.leaves import UnitFrame
    from ilms_sdmx.microdata.estimation.design import Codes

#: Whole months from the first day of a permit to its last, that day included.
_MONTHS = (
    "(YEAR(finish + 1) - YEAR(start)) * 12 + MONTH(finish + 1) - MONTH(start)"
    " - CASE WHEN DAY(finish + 1) < DAY(start) THEN 1 ELSE 0 END"
)
_NAME = re.compile(r"\b[A-Za-z_]\w*\b")
#: Columns whose values are counted as they stand, and get their numbers afterwards.
_CODED = frozenset(COLUMNS.values())
#: Populations: what a record must be, in the columns of the view.
POPULATIONS = {
    "records": "",
    "persons": "st <> 0",
    "employed": "st = 1",
    "abroad": "abroad = 1",
    "stock": "stock = 1",
    "inflow": "inflow = 1",
}
#: Numbers that a column of the view has, at most, where it is no role.
_SIZES = {
    "st": 5,
    "band": BANDS + 1,
    "b3": 3,
    "c3": 3,
    "r3": 3,
    "recent": 2,
    "all_stock": 2,
    "all_inflow": 2,
    "ear": 20_000,
    "how": 100,
}


class Counter:
    """Counts the records of one period.

    Parameters
    ----------
    engine
        What counts.
    records
        Records of the period.
    """

    def __init__(self, engine: Engine, records: PeriodRecords) -> None:
        self.engine = engine
        self.records = records
        self.mapping = records.mapping
        self.query = RecordQuery(engine, records)
        self.raw = self.query.columns()
        self.view = dict(self._view())
        self.rows = sum(part.rows for part in records.parts)
        self.units: Units | None = None
        if self.mapping.design.has_units:
            self.units = Units.of(self._unit_tables(), self.mapping)

    @property
    def frame(self) -> UnitFrame | None:
        """Sampling units of the whole file, None without a design."""
        return self.units.frame if self.units is not None else None

    @property
    def replicates(self) -> list[str]:
        """Columns of the replicate weights."""
        return [f"w{name}" for name in self.raw if name.startswith("rw")]

    @property
    def sizes(self) -> dict[str, int]:
        """About how many numbers each column has."""
        sizes = dict(_SIZES)
        sizes["kept"] = 2 if self.mapping.universe.persons else 1
        for column in self.raw:
            if column in _CODED:
                sizes[column] = self.query.parts[0].coding(column).size
        sizes["unit"] = self.frame.count if self.frame is not None else 1
        return sizes

    def rows_of(self, query: str) -> list[tuple[Any, ...]]:
        """Answer of a query on `records` and `raw_records`, as plain values."""
        return answers(self.engine, self.statement(query))

    def statement(self, query: str, part: PartQuery | None = None) -> str:
        """Query on `records` and `raw_records` with the columns of them that it names.

        Only what is named is read and decoded. Of one part, codes are values as they stand.
        """
        words = set(_NAME.findall(query))
        of_view = {}
        for name, expression in self.view.items():
            if name in words:
                of_view[name] = expression
        words.update(_NAME.findall(" ".join(of_view.values())))
        listed = [f"{text} AS {name}" for name, text in of_view.items()]
        wanted = [name for name in self.raw if name in words]
        if part is None:
            inner = self.query.text(wanted)
        else:
            raw = [name for name in wanted if name in _CODED]
            inner = part.text(wanted, raw)
            listed += [name for name in words if name.endswith("_code")]
        view = ", ".join(listed) or "1 AS nothing"
        outer = f"SELECT {view} FROM raw_records"
        return f"WITH raw_records AS ({inner}), records AS ({outer}) {query}"

    def leaf(self, request: LeafRequest) -> Leaf:
        """Count the records of a population by the columns of a request."""
        if self.mapping.is_register:
            # One person may have permits in several files.
            query = self._leaf_query(request, sorted(request.columns))
            return self._leaf(self.engine.table(self.statement(query)), request, None)
        leaves = []
        for number, part in enumerate(self.query.parts):
            keys = []
            for column in sorted(request.columns):
                if column == "kept" and not self.mapping.universe.persons:
                    # Everybody is counted: the engine need not look at it.
                    continue
                keys.append(column)
                if column in _CODED and part.coding(column).variable.has_codes:
                    keys.append(f"{column}_code")
            if request.with_units and self.units is not None:
                keys += part.unit_columns()
            query = self._leaf_query(request, keys)
            table = self.engine.table(self.statement(query, part))
            leaves.append(self._leaf(table, request, part, number))
        return leaves[0] if len(leaves) == 1 else _joined(leaves)

    def _leaf_query(self, request: LeafRequest, keys: list[str]) -> str:
        """Query of a leaf: keys, exact sums of whole weights, and the number of records."""
        conditions = [POPULATIONS[request.population]]
        weight = "w"
        listed = list(keys)
        if request.value:
            listed.append(request.value)
            weight = f"{request.value}w"
            conditions.append(f"{request.value} IS NOT NULL")
        sums = [f"CAST(SUM({weight}) AS BIGINT) AS leaf_weight"]
        if request.value:
            sums.append(f"MAX({weight}) AS leaf_largest")
        if request.with_units:
            for name in self.replicates:
                sums.append(f"CAST(SUM({name}) AS BIGINT) AS leaf_{name}")
        columns = ", ".join([*listed, *sums, "COUNT(*) AS leaf_count"])
        where = " AND ".join(filter(None, conditions))
        query = f"SELECT {columns} FROM records"
        if where:
            query += f" WHERE {where}"
        return f"{query} GROUP BY {', '.join(listed)}" if listed else query

    def _leaf(
        self, table: pa.Table, request: LeafRequest, part: PartQuery | None, number: int = 0
    ) -> Leaf:
        """Leaf of the answer of the engine."""
        import numpy as np

        columns = {}
        for name in request.columns:
            if name == "kept" and name not in table.column_names:
                columns[name] = np.ones(len(table), dtype="int64")
                continue
            values = table[name].combine_chunks()
            if part is not None and name in _CODED:
                codes = None
                if f"{name}_code" in table.column_names:
                    codes = table[f"{name}_code"].combine_chunks()
                columns[name] = part.coding(name).numbers(values, codes)
            else:
                columns[name] = _whole_numbers(values)
        if request.value:
            columns[request.value] = _whole_numbers(table[request.value].combine_chunks())
        units = None
        sums = []
        if request.with_units:
            if self.units is not None:
                units = self.units.numbers(table, number)
            for name in self.replicates:
                sums.append(_whole_numbers(table[f"leaf_{name}"]))
        weights = _whole_numbers(table["leaf_weight"], 0)
        counts = _whole_numbers(table["leaf_count"])
        largest = _whole_numbers(table["leaf_largest"], 0) if request.value else None
        return Leaf(columns, weights, counts, units, tuple(sums), largest)

    def _unit_tables(self) -> Iterator[pa.Table]:
        """Sampling units of each part, before any record is left out."""
        for part in self.query.parts:
            keys = list(part.unit_columns())
            sums = [f"MIN({name}) AS {name}" for name in ("fpc", "fpc2") if name in self.raw]
            listed = ", ".join([*keys, *sums])
            query = f"SELECT {listed} FROM raw_records GROUP BY {', '.join(keys)}"
            yield self.engine.table(self.statement(query, part))

    def _view(self) -> Iterator[tuple[str, str]]:
        """Columns of the view: whole weights, working age, bands, origins."""
        yield "kept", "kept"
        yield "w", _whole("raw")
        yield "st", self._status()
        columns = [*COLUMNS.values(), *ORIGINS.values(), "years", "recent", "person"]
        for column in columns:
            if column in self.raw and column != COLUMNS["labour_status"]:
                yield column, column
        if "years" in self.raw:
            yield "band", f"CAST(LEAST(FLOOR(years / 5), {BANDS - 1}) AS INTEGER)"
        yield from self._numbers_of_persons()
        yield from self._populations()

    def _numbers_of_persons(self) -> Iterator[tuple[str, str]]:
        """Columns of the design, of earnings and hours, and of replicate weights."""
        if self.mapping.design.has_units:
            for column in self.query.parts[0].unit_columns():
                yield column, column
        for name in ("ear", "how"):
            if name in self.raw:
                yield name, f"CAST(ROUND({name} * {VALUE_SCALE}) AS BIGINT)"
                yield f"{name}w", _whole(f"COALESCE({name}w, raw)")
        for name in self.replicates:
            yield name, _whole(name[1:])

    def _status(self) -> str:
        """Number of the status, 0 for those who are not counted or not of working age."""
        universe = self.mapping.universe
        outside = []
        if universe.persons:
            outside.append("kept = 0")
        if "years" in self.raw:
            outside.append("years IS NULL")
            outside.append(f"years < {universe.first_age}")
            if universe.last_age is not None:
                outside.append(f"years >= {universe.last_age + 1}")
        if "r3" in self.raw:
            outside.append("r3 = 1")
        if not outside:
            return "status"
        return f"CASE WHEN {' OR '.join(outside)} THEN 0 ELSE status END"

    def _populations(self) -> Iterator[tuple[str, str]]:
        if "r3" in self.raw:
            first = self.mapping.universe.first_age
            old = f" AND years >= {first}" if "years" in self.raw else ""
            yield "abroad", f"CASE WHEN kept = 1 AND r3 = 1{old} THEN 1 ELSE 0 END"
        if not self.mapping.is_register:
            return
        period = parse_period(self.records.period)
        files = self.records.parts[0].files
        if period is None:
            return
        day = files.day or period.last.isoformat()
        active = f"start <= DATE '{day}' AND (finish IS NULL OR finish >= DATE '{day}')"
        inside = f"BETWEEN DATE '{period.first}' AND DATE '{period.last}'"
        flows = {"stock": active, "inflow": f"start {inside}", "outflow": f"finish {inside}"}
        for name, condition in flows.items():
            holds = f"CASE WHEN kept = 1 AND {condition} THEN 1 ELSE 0 END"
            yield f"all_{name}", holds
            yield name, self._once(holds)
        yield "months", _MONTHS
        if "person" in self.mapping.variables:
            yield from self._of_persons()

    def _of_persons(self) -> Iterator[tuple[str, str]]:
        """Whether a permit repeats another, and how many before it the same person had."""
        same = "PARTITION BY person, start, finish ORDER BY kept DESC"
        yield "copy", f"CASE WHEN ROW_NUMBER() OVER ({same}) > 1 THEN 1 ELSE 0 END"
        yield "earlier", "DENSE_RANK() OVER (PARTITION BY person ORDER BY start) - 1"

    def _once(self, holds: str) -> str:
        """1 for one record of each person who has any: the one that began last."""
        if "person" not in self.mapping.variables:
            return holds
        others = [name for name in self.raw if name not in ("start", "person", "kept")]
        ties = ", ".join(others)
        order = f"{holds} DESC, start DESC, {ties}"
        rank = f"ROW_NUMBER() OVER (PARTITION BY person ORDER BY {order})"
        return f"CASE WHEN {holds} = 1 AND {rank} = 1 THEN 1 ELSE 0 END"

    def numbers(self, **expressions: str) -> dict[str, Any]:
        """Values of expressions over all records of the view, by name."""
        listed = ", ".join(f"{text} AS {name}" for name, text in expressions.items())
        (row,) = self.rows_of(f"SELECT {listed} FROM records")
        return dict(zip(expressions, row, strict=True))

    def controlled(self, number: int) -> float:
        """Weighted persons of a control total, by its place in the mapping."""
        condition = "kept = 1"
        if self.mapping.controls[number].condition is not None:
            condition += f" AND control{number} = 1"
        query = f"SELECT CAST(SUM({_whole('raw')}) AS DOUBLE) AS found FROM raw_records"
        ((found,),) = self.rows_of(f"{query} WHERE {condition}")
        persons: float = float(found or 0)
        scale: float = SCALE * self.records.divisor
        return persons / scale

    def unknown_values(self, role: str) -> Iterator[tuple[str, str, str, int]]:
        """File, variable, value and number of records of values without a line."""
        for part in self.query.parts:
            coded = part.coding_of(self.mapping.variables[role])
            variable = coded.variable
            looked = {variable.name: coded.number}
            if variable.has_codes:
                looked[variable.codes_column] = coded.number
            for name, number in looked.items():
                column = name_of(name)
                query = f"SELECT {column} AS v, COUNT(*) AS n FROM {part.source()}"
                found = answers(
                    self.engine, f"{query} WHERE {column} IS NOT NULL GROUP BY {column}"
                )
                for value, count in sorted(found):
                    if number(value) == UNMAPPED:
                        yield part.part.name, variable.name, value_text(value), count


def _joined(leaves: list[Leaf]) -> Leaf:
    """Leaves of several parts as one."""
    import numpy as np

    first = leaves[0]
    columns: Mapping[str, Codes] = {
        name: np.concatenate([leaf.columns[name] for leaf in leaves]) for name in first.columns
    }
    units = None
    if first.units is not None:
        units = np.concatenate([leaf.units for leaf in leaves if leaf.units is not None])
    sums = [np.concatenate(each) for each in zip(*[leaf.sums for leaf in leaves], strict=True)]
    weights = np.concatenate([leaf.weights for leaf in leaves])
    counts = np.concatenate([leaf.counts for leaf in leaves])
    largest = None
    if first.largest is not None:
        largest = np.concatenate([leaf.largest for leaf in leaves if leaf.largest is not None])
    return Leaf(columns, weights, counts, units, tuple(sums), largest)


def _whole_numbers(values: Any, missing: int = UNMAPPED) -> Codes:
    """Column of whole numbers, those that are missing as another."""
    numbers: Codes = values.fill_null(missing).to_numpy().astype("int64")
    return numbers


def _whole(number: str) -> str:
    """Weight as a whole number of 1 / SCALE; nothing counts as 0."""
    return f"CAST(ROUND(COALESCE({number}, 0) * {SCALE}.0) AS BIGINT)"

"""Leaves: records counted by the numbers of some roles, the only thing that the engine does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.microdata.engine import name_of, records_of
from ilms_sdmx.microdata.files.variables import value_text
from ilms_sdmx.microdata.records import (
    COLUMNS,
    SCALE,
    UNMAPPED,
    VALUE_SCALE,
    PeriodRecords,
    RecordQuery,
)
from ilms_sdmx.periods import parse_period

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray

    from ilms_sdmx.microdata.estimation.design import Codes, Numbers

#: Roles that concern the employed alone: unknown values of others do not matter.
OF_EMPLOYED = frozenset({"industry", "occupation", "employment_status", "sector"})
_NAME = re.compile(r"\b[A-Za-z_]\w*\b")
#: Records up to which the numbers of all roles are kept in memory.
_SMALL = 500_000
#: Populations: what a record must be, in the columns of the view.
POPULATIONS = {
    "persons": "st <> 0",
    "abroad": "abroad = 1",
    "stock": "stock = 1",
    "inflow": "inflow = 1",
}


@dataclass(frozen=True, eq=False)
class Leaf:
    """Records counted by some columns.

    Parameters
    ----------
    columns
        Numbers of each column, one entry a row of the leaf.
    weights
        Sums of weights, whole numbers of 1 / SCALE.
    counts
        Records.
    units
        Sampling unit of each row, None without a design.
    sums
        Further sums: replicate weights.
    """

    columns: Mapping[str, Codes]
    weights: Codes
    counts: Codes
    units: Codes | None = None
    sums: tuple[Codes, ...] = ()

    def __len__(self) -> int:
        return len(self.weights)


@dataclass(frozen=True, eq=False)
class UnitFrame:
    """Sampling units of a design, of the whole file.

    Parameters
    ----------
    strata
        Stratum of each unit.
    sizes, fractions
        Units of each stratum, and their share of all.
    first
        Primary unit of each unit, where units are of the second stage.
    second_sizes, second_fractions
        Second units of each primary unit, and their share of all.
    """

    strata: Codes
    sizes: Numbers
    fractions: Numbers
    first: Codes | None = None
    second_sizes: Numbers | None = None
    second_fractions: Numbers | None = None

    @property
    def df(self) -> int:
        """Degrees of freedom: primary units less strata."""
        return int(self.sizes.sum()) - len(self.sizes)

    @property
    def lonely(self) -> int:
        """Strata with one unit."""
        return int((self.sizes == 1).sum())


class Counter:
    """Counts the records of one period.

    Parameters
    ----------
    connection
        Engine.
    records
        Records of the period.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, records: PeriodRecords) -> None:
        self.connection = connection
        self.records = records
        self.mapping = records.mapping
        self.query = RecordQuery(connection, records)
        self.frame: UnitFrame | None = None
        self.raw = self.query.columns()
        self.view = dict(self._view())
        rows = sum(part.rows for part in records.parts)
        # A small file is looked at once; a large one would fill the memory.
        self.is_small = rows <= _SMALL
        if self.is_small:
            text = self.query.text()
            connection.execute(f"CREATE OR REPLACE TEMP TABLE raw_records AS {text}")
        if "stratum" in self.raw:
            self._number_units()

    def asked(self, query: str, before: str = "") -> duckdb.DuckDBPyConnection:
        """Answer of a query on `records` and `raw_records`."""
        return self.connection.execute(before + self.statement(query))

    def statement(self, query: str) -> str:
        """Query on `records` and `raw_records` with the columns of them that it names.

        Of a large file only what is named is read and decoded.
        """
        words = set(_NAME.findall(query))
        of_view = {}
        for name, expression in self.view.items():
            if name in words:
                of_view[name] = expression
        words.update(_NAME.findall(" ".join(of_view.values())))
        listed = ", ".join(f"{text} AS {name}" for name, text in of_view.items())
        parts = [f"records AS (SELECT {listed or '1 AS nothing'} FROM raw_records)"]
        if not self.is_small:
            wanted = [name for name in self.raw if name in words]
            parts.insert(0, f"raw_records AS ({self.query.text(wanted)})")
        return f"WITH {', '.join(parts)} {query}"

    @property
    def replicates(self) -> list[str]:
        """Columns of the replicate weights."""
        return [f"w{name}" for name in self.raw if name.startswith("rw") and name != "raw"]

    def _view(self) -> Iterator[tuple[str, str]]:
        """Columns of the view: whole weights, working age, bands, origins."""
        yield "kept", "kept"
        yield "w", _whole("raw")
        yield "st", self._status()
        for column in ("person", *COLUMNS.values(), "years", "recent"):
            if column in self.raw and column != "said":
                yield column, column
        if "years" in self.raw:
            yield "band", "CAST(LEAST(FLOOR(years / 5), 15) AS INTEGER)"
        for column, short in (("birth", "b3"), ("cit", "c3")):
            if column in self.raw:
                yield short, _origin(column)
        yield from self._numbers_of_persons()
        yield from self._populations()

    def _numbers_of_persons(self) -> Iterator[tuple[str, str]]:
        """Columns of the design, of earnings and hours, and of replicate weights."""
        for column in ("stratum", "unit_of", "below", "fpc", "fpc2"):
            if column in self.raw:
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
        outside = ["kept = 0"]
        if "years" in self.raw:
            outside.append("years IS NULL")
            outside.append(f"years < {universe.first_age}")
            if universe.last_age is not None:
                outside.append(f"years > {universe.last_age}")
        if "crs" in self.raw:
            outside.append(_abroad())
        return f"CASE WHEN {' OR '.join(outside)} THEN 0 ELSE status END"

    def _populations(self) -> Iterator[tuple[str, str]]:
        if "crs" in self.raw:
            first = self.mapping.universe.first_age
            old = f" AND years >= {first}" if "years" in self.raw else ""
            yield "abroad", f"CASE WHEN kept = 1 AND {_abroad()}{old} THEN 1 ELSE 0 END"
        if not self.mapping.is_register:
            return
        period = parse_period(self.records.period)
        files = self.records.parts[0].files
        if period is None:
            return
        day = files.day or period.last.isoformat()
        active = f"start <= DATE '{day}' AND (finish IS NULL OR finish >= DATE '{day}')"
        begun = f"start BETWEEN DATE '{period.first}' AND DATE '{period.last}'"
        for name, condition in (("stock", active), ("inflow", begun)):
            holds = f"CASE WHEN kept = 1 AND {condition} THEN 1 ELSE 0 END"
            yield f"all_{name}", holds
            yield name, self._once(holds)

    def _once(self, holds: str) -> str:
        """1 for one record of each person who has any: the one that began last."""
        if "person" not in self.mapping.variables:
            return holds
        others = [name for name in self.raw if name not in ("start", "person", "kept")]
        ties = ", ".join(others)
        order = f"{holds} DESC, start DESC, {ties}"
        rank = f"ROW_NUMBER() OVER (PARTITION BY person ORDER BY {order})"
        return f"CASE WHEN {holds} = 1 AND {rank} = 1 THEN 1 ELSE 0 END"

    def _number_units(self) -> None:
        """Number the sampling units of the whole file, before any record is left out."""
        import numpy as np

        keys = ["stratum", "unit_of"]
        if "below" in self.raw:
            keys.append("below")
        listed = ", ".join(keys)
        wanted = "".join(
            f", MIN({name}) AS {name}" for name in ("fpc", "fpc2") if name in self.raw
        )
        self.asked(
            f"SELECT *, ROW_NUMBER() OVER (ORDER BY {listed}) - 1 AS unit "
            f"FROM (SELECT {listed}{wanted} FROM records GROUP BY {listed})",
            before="CREATE OR REPLACE TEMP TABLE units AS ",
        )
        rows = self._fetched(
            "SELECT DENSE_RANK() OVER (ORDER BY stratum) - 1 AS h, "
            "DENSE_RANK() OVER (ORDER BY stratum, unit_of) - 1 AS p, unit"
            f"{', fpc' if 'fpc' in self.raw else ''}{', fpc2' if 'fpc2' in self.raw else ''}"
            " FROM units ORDER BY unit"
        )
        strata, primary = rows["h"], rows["p"]
        count = int(primary.max()) + 1 if len(primary) else 0
        stratum_of: Codes = np.zeros(count, dtype="int64")
        stratum_of[primary] = strata
        groups = int(strata.max()) + 1 if len(strata) else 0
        sizes = np.bincount(stratum_of, minlength=groups).astype("float64")
        fractions = np.zeros(groups)
        if "fpc" in rows:
            fractions[strata] = sizes[strata] / rows["fpc"]
        if "below" not in self.raw:
            self.frame = UnitFrame(stratum_of, sizes, fractions)
            return
        second = np.bincount(primary, minlength=count).astype("float64")
        second_fractions = np.zeros(count)
        if "fpc2" in rows:
            second_fractions[primary] = second[primary] / rows["fpc2"]
        self.frame = UnitFrame(stratum_of, sizes, fractions, primary, second, second_fractions)

    def leaf(
        self,
        population: str,
        where: str,
        columns: Sequence[str],
        *,
        with_units: bool = False,
        weight: str = "w",
    ) -> Leaf:
        """Count records of a population by columns.

        Parameters
        ----------
        population
            One of `POPULATIONS`.
        where
            Further condition in SQL on the view, empty for none.
        columns
            Columns of the view to group by.
        with_units
            Whether rows of different sampling units stay apart.
        weight
            Column of the weights.
        """
        condition = POPULATIONS[population]
        if where:
            condition = f"{condition} AND ({where})"
        keys = list(columns)
        source = "records"
        replicates = self.replicates if with_units else []
        if with_units and self.frame is not None:
            keys.append("unit")
            below = ", below" if "below" in self.raw else ""
            source = f"records JOIN units USING (stratum, unit_of{below})"
        listed = ", ".join(keys) or "1"
        sums = [f"CAST(SUM({weight}) AS BIGINT) AS w", "COUNT(*) AS n"]
        sums += [f"CAST(SUM({name}) AS BIGINT) AS {name}" for name in replicates]
        found = self._fetched(
            f"SELECT {', '.join(keys + sums)} FROM {source} WHERE {condition} "
            f"GROUP BY {listed} ORDER BY {listed}"
        )
        units = found.pop("unit", None)
        extra = tuple(found[name] for name in replicates)
        kept = {name: found[name] for name in columns}
        return Leaf(kept, found["w"], found["n"], units, extra)

    def _fetched(self, query: str) -> dict[str, NDArray[np.int64]]:
        import numpy as np

        found: dict[str, Any] = self.asked(query).fetchnumpy()
        columns = {}
        for name, values in found.items():
            plain = np.ma.filled(values, UNMAPPED)
            kind = "float64" if plain.dtype.kind == "f" else "int64"
            columns[name] = plain.astype(kind)
        return columns

    def numbers(self, **expressions: str) -> dict[str, Any]:
        """Values of expressions over all records of the view, by name."""
        listed = ", ".join(f"{text} AS {name}" for name, text in expressions.items())
        row = self.asked(f"SELECT {listed} FROM records").fetchone() or ()
        return dict(zip(expressions, row, strict=True))

    def controlled(self, number: int) -> float:
        """Weighted persons of a control total, by its place in the mapping."""
        condition = "kept = 1"
        if self.mapping.controls[number].condition is not None:
            condition += f" AND control{number} = 1"
        query = f"SELECT CAST(SUM({_whole('raw')}) AS DOUBLE) FROM raw_records"
        (found,) = self.asked(f"{query} WHERE {condition}").fetchone() or (0,)
        persons: float = float(found or 0)
        scale: float = SCALE * self.records.divisor
        return persons / scale

    def unknown_values(self, role: str) -> Iterator[tuple[str, str, str, int]]:
        """File, variable, value and number of records of values without a line."""
        variable = self.mapping.variables[role]
        for part in self.records.parts:
            found = part.variable(variable.name)
            if found is None:
                continue
            known = self.query.known_values(part, role)
            paths = [each.path for each in part.microdata]
            columns = [found.name]
            if found.has_codes:
                columns.append(found.codes_column)
            for column in map(name_of, columns):
                query = f"SELECT {column}, COUNT(*) FROM {records_of(paths)} WHERE {column}"
                rows = self.connection.execute(f"{query} IS NOT NULL GROUP BY 1 ORDER BY 1")
                for value, count in rows.fetchall():
                    text = value_text(value)
                    if text not in known:
                        yield part.name, found.name, text, count


def _whole(number: str) -> str:
    """Weight as a whole number of 1 / SCALE; nothing counts as 0."""
    return f"CAST(ROUND(COALESCE({number}, 0) * {SCALE}.0) AS BIGINT)"


def _origin(column: str) -> str:
    """0 own, 1 other, 2 unknown, of a number of countries."""
    return f"CASE WHEN {column} <= 0 OR {column} = 2 THEN {column} ELSE 1 END"


def _abroad() -> str:
    """Whether a person of the household lives in another country."""
    return "(crs = 1 OR crs > 2)"

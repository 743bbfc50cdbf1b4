"""Data sets of cells: figures as text, statuses by numbers of persons, notes of the rules."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.microdata.cells import TableCells
from ilms_sdmx.microdata.classes import DIMENSIONS
from ilms_sdmx.microdata.estimation.student import student_quantile
from ilms_sdmx.microdata.mapping.model import MicrodataMapping
from ilms_sdmx.microdata.notes import notes_of
from ilms_sdmx.microdata.records import SCALE, PeriodRecords
from ilms_sdmx.microdata.specifications import TableSpecification
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.flows import dataflow

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

#: Columns of the frame of cells before and after the dimensions.
_BEFORE = ["DATAFLOW", "STATISTIC", "TIME_PERIOD", "SEX"]
_AFTER = ["n", "estimate", "se", "cv", "lower", "upper", "df", "status"]
_NUMBERS = _AFTER[:-1]
_DIMENSIONS = ["AGE", "EDU", "ECO", "OCU", "STE", "CBR", "CCT", "CRS", "CPR", "CDS", "CUR"]
#: Share of cells without a value from which it is a warning.
_THIRD = 1 / 3
#: Columns of the provenance: persons of the sample, the status of what is not published in any
#: case, and the largest contributors to an amount (followed by their place).
SAMPLE = "sample"
UNPUBLISHED = "unpublished"
LARGEST = "largest"


@dataclass(frozen=True)
class PeriodCells:
    """Cells of one period: of each table its specification, statistic and cells.

    Parameters
    ----------
    records
        Records of the period.
    tables
        Specification, statistic and cells of each table.
    df
        Degrees of freedom of the design.
    """

    records: PeriodRecords
    tables: Sequence[tuple[TableSpecification, str, TableCells]]
    df: int


@dataclass(frozen=True, eq=False)
class Written:
    """What is written of cells: `texts`, `statuses`, and which are `withheld`."""

    texts: list[str]
    statuses: NDArray[np.object_]
    withheld: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class WrittenTable:
    """A table of one period, and what is written of its cells."""

    made: PeriodCells
    specification: TableSpecification
    statistic: str
    cells: TableCells
    written: Written


def written_tables(
    mapping: MicrodataMapping, periods: Sequence[PeriodCells], allow: str
) -> list[WrittenTable]:
    """All tables of all periods, and what is written of their cells.

    Where the mapping protects its tables, all figures are written here: the protection decides
    which are published.
    """
    tables = []
    for made in periods:
        for specification, statistic, cells in made.tables:
            found = written(mapping, specification, cells, made.records.divisor, allow)
            tables.append(WrittenTable(made, specification, statistic, cells, found))
    return tables


def datasets_of_cells(
    mapping: MicrodataMapping, written_of: Sequence[WrittenTable], allow: str
) -> tuple[tuple[Dataset, ...], list[Finding]]:
    """Data sets, and findings on how many persons they rest on."""
    by_flow: dict[str, list[WrittenTable]] = {}
    for table in written_of:
        if table.statistic != "median":
            by_flow.setdefault(table.specification.dataflow, []).append(table)
    datasets = []
    findings: list[Finding] = []
    for id, tables in by_flow.items():
        if any(len(table.cells) for table in tables):
            datasets.append(_dataset(mapping, id, tables))
            findings += _find_few(mapping, id, tables)
    if mapping.protection is None or allow:
        findings += _find_withheld(mapping, by_flow, allow)
    return tuple(datasets), findings


def frame_of_cells(
    tables: Sequence[WrittenTable], hidden: Mapping[str, Sequence[bool]]
) -> pd.DataFrame:
    """Frame of all cells, those of medians too.

    Parameters
    ----------
    hidden
        Dataflow to whether each of its rows is hidden; a median is hidden with its mean.
    """
    import numpy as np

    frames = []
    places: dict[str, int] = {}
    for table in tables:
        flow = table.specification.dataflow
        end = places.get(flow, 0)
        if table.statistic != "median":
            end += len(table.cells)
            places[flow] = end
        columns = _columns_of_cells(table)
        if flow in hidden:
            is_hidden = np.array(hidden[flow][end - len(table.cells) : end], dtype=bool)
            for name in _NUMBERS:
                columns[name] = np.where(is_hidden, np.nan, columns[name])
            columns["status"] = np.where(is_hidden, "C", columns["status"])
        frames.append(columns)
    return _frame(frames)


def written(
    mapping: MicrodataMapping,
    specification: TableSpecification,
    cells: TableCells,
    divisor: int,
    allow: str,
) -> Written:
    """Texts and statuses of cells, by the number of persons that each rests on."""
    import numpy as np

    limits = mapping.thresholds
    n = cells.counts
    is_few = n < limits.minimum
    if mapping.kind != "survey":
        is_few &= n > 0
    is_protected = mapping.protection is not None and not allow
    if allow or is_protected:
        is_few[:] = False
    is_weak = n < limits.not_significant
    statuses = np.full(len(n), None, dtype=object)
    statuses[n < limits.unreliable] = "U"
    statuses[is_few] = "C"
    statuses[is_weak | (np.isnan(cells.estimates) & ~is_few)] = "S"
    is_empty = (statuses == "C") | (statuses == "S")
    if is_protected:
        # What is not significant hides others, so that the protection knows its figure.
        is_empty = np.isnan(cells.estimates)
    texts = _texts(mapping, specification, cells, divisor, is_empty)
    return Written(texts, statuses, is_few & (n > 0))


def _texts(
    mapping: MicrodataMapping,
    specification: TableSpecification,
    cells: TableCells,
    divisor: int,
    is_empty: NDArray[np.bool_],
) -> list[str]:
    """Figures as texts, rounded once to the decimals of the mapping; totals are exact."""
    if specification.statistic == "total":
        power = int(facts.by_id("dataflows.csv")[specification.dataflow]["unit_mult"])
        unit = SCALE * 10**power * divisor
        plain = [_exact(whole, unit, mapping.decimals) for whole in cells.wholes.tolist()]
    else:
        step = Decimal(1).scaleb(-mapping.decimals)
        plain = [_rounded(value, step) for value in cells.estimates.tolist()]
    return ["" if empty else text for text, empty in zip(plain, is_empty, strict=True)]


def _exact(whole: int, unit: int, decimals: int) -> str:
    """Quotient of whole numbers as text, half to even."""
    number, rest = divmod(whole * 10**decimals, unit)
    if 2 * rest > unit or (2 * rest == unit and number % 2):
        number += 1
    if not decimals:
        return str(number)
    digits = str(number).zfill(decimals + 1)
    return f"{digits[:-decimals]}.{digits[-decimals:]}"


def _rounded(value: float, step: Decimal) -> str:
    if math.isnan(value):
        return ""
    return str(Decimal(value).quantize(step, ROUND_HALF_EVEN))


def _columns_of_cells(table: WrittenTable) -> dict[str, Any]:
    """Columns of the frame of cells of one table."""
    import numpy as np

    cells = table.cells
    df = table.made.df
    count = len(cells)
    is_told = ~table.written.withheld
    reach = student_quantile(0.975, df) if df > 0 else math.nan
    sizes = np.abs(cells.estimates)
    sizes[sizes == 0] = np.nan
    numbers = {
        "n": cells.counts.astype("float64"),
        "estimate": cells.estimates,
        "se": cells.errors,
        "cv": cells.errors / sizes,
        "lower": cells.estimates - reach * cells.errors,
        "upper": cells.estimates + reach * cells.errors,
        "df": np.full(count, float(df or math.nan)),
    }
    columns: dict[str, Any] = {
        "DATAFLOW": f"DF_{table.specification.dataflow}",
        "STATISTIC": table.statistic,
        "TIME_PERIOD": table.made.records.period,
        **table.specification.fixed,
    }
    for dimension, codes in zip(table.specification.dimensions, cells.codes, strict=True):
        columns[dimension.dimension] = codes
    for name, values in numbers.items():
        columns[name] = np.where(is_told, values, np.nan)
    columns["status"] = table.written.statuses
    return columns


def _frame(tables: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Frame of all cells, one table after the other."""
    import numpy as np
    import pandas as pd

    lengths = [len(table["status"]) for table in tables]
    columns = {}
    for name in [*_BEFORE, *_DIMENSIONS, *_AFTER]:
        parts: list[Any] = []
        for table, length in zip(tables, lengths, strict=True):
            value = table.get(name)
            is_column = isinstance(value, np.ndarray)
            parts.append(value if is_column else np.full(length, value, dtype=object))
        is_number = name in _NUMBERS
        empty = np.array([], dtype="float64" if is_number else object)
        columns[name] = np.concatenate(parts) if parts else empty
    frame = pd.DataFrame(columns)
    for name in ("n", "df"):
        frame[name] = frame[name].astype("Int64")
    return frame


def _dataset(mapping: MicrodataMapping, id: str, tables: Sequence[WrittenTable]) -> Dataset:
    """Data set of one dataflow, all periods in it."""
    import numpy as np
    import pandas as pd

    flow = facts.by_id("dataflows.csv")[id]
    components = Components.of(dataflow(id).structure)
    said = {
        "REF_AREA": mapping.area,
        "UNIT_MEASURE_TYPE": flow["unit_measure_type"],
        "UNIT_MEASURE": flow["unit_measure"],
        "UNIT_MULT": flow["unit_mult"],
        "SOURCE": mapping.source.get("code") or mapping.source.get("name", ""),
        **notes_of(mapping, id),
    }
    columns: dict[str, list[Any]] = {name: [] for name in components.columns}
    origins: dict[str, list[Any]] = {}
    for table in tables:
        figures = said | _figures(table)
        count = len(table.cells)
        for name, parts in columns.items():
            value = figures.get(name)
            is_column = isinstance(value, np.ndarray)
            parts.append(value if is_column else np.full(count, value or None, dtype=object))
        for name, value in _origin(mapping, table).items():
            parts = origins.setdefault(name, [])
            is_column = isinstance(value, np.ndarray)
            parts.append(value if is_column else np.full(count, value, dtype=object))
    frame = pd.DataFrame(_joined(columns), columns=components.columns, dtype="str")
    provenance = pd.DataFrame(_joined(origins), dtype="str")
    full = f"ILO:DF_{id}(1.0)"
    return Dataset(frame, components, full, f"ILO:{id}(1.0)", provenance=provenance)


def _figures(table: WrittenTable) -> dict[str, Any]:
    """Dimensions, values and statuses of a table: a text for all cells, or a column."""
    import numpy as np

    period = parse_period(table.made.records.period)
    figures: dict[str, Any] = {
        "FREQ": (period.frequency if period else "") or "A",
        "MEASURE": table.specification.measure,
        "TIME_PERIOD": table.made.records.period,
        **table.specification.fixed,
    }
    for dimension, codes in zip(table.specification.dimensions, table.cells.codes, strict=True):
        figures[dimension.dimension] = codes
    texts = np.array([text or None for text in table.written.texts], dtype=object)
    return figures | {"OBS_VALUE": texts, "OBS_STATUS": table.written.statuses}


def _joined(columns: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    import numpy as np

    return {name: np.concatenate(parts) for name, parts in columns.items()}


def _origin(mapping: MicrodataMapping, table: WrittenTable) -> dict[str, Any]:
    """File, variables, rules and sample from which the cells of a table are."""
    import numpy as np

    specification = table.specification
    columns = {dimension.dimension for dimension in specification.dimensions}
    names = []
    for role, variable in mapping.variables.items():
        is_used = DIMENSIONS.get(role, "") in columns or role in ("weight", "age")
        if is_used or (role == "earnings" and specification.value == "ear"):
            names.append(f"{role}: {' '.join(variable.names)}")
    rules = [rule.condition.text for rule in mapping.universe.persons]
    for rule in mapping.universe.statuses:
        rules.append(f"{rule.status} where {rule.condition.text}")
    sample = np.array([str(n) for n in table.cells.counts.tolist()], dtype=object)
    sample[table.written.withheld] = ""
    origin = {
        "file": table.made.records.name,
        "variables": "; ".join(names),
        "filter": "; ".join(rules),
        SAMPLE: sample,
    }
    if mapping.protection is not None:
        is_weak = table.written.statuses == "S"
        origin[UNPUBLISHED] = np.where(is_weak, "S", "").astype(object)
    return origin


def _find_few(
    mapping: MicrodataMapping, id: str, tables: Sequence[WrittenTable]
) -> Iterator[Finding]:
    """How many cells of a table have few persons."""
    import numpy as np

    limits = mapping.thresholds
    counts = np.concatenate([table.cells.counts for table in tables])
    empty = int((counts < limits.not_significant).sum())
    weak = max(int((counts < limits.unreliable).sum()) - empty, 0)
    if not empty and not weak:
        return
    many = empty >= _THIRD * len(counts)
    yield find(
        "cells-few-persons",
        Place(dataflow=f"ILO:DF_{id}(1.0)"),
        case="many" if many else "",
        empty=empty,
        weak=weak,
        count=len(counts),
        limit=limits.not_significant,
    )


def _find_withheld(
    mapping: MicrodataMapping, flows: Mapping[str, Sequence[WrittenTable]], allow: str
) -> Iterator[Finding]:
    limit = mapping.thresholds.minimum
    count = 0
    for tables in flows.values():
        for table in tables:
            n = table.cells.counts
            count += int(((n > 0) & (n < limit)).sum())
    if count and allow:
        yield find("cells-withheld", case="allowed", count=count, limit=limit, reason=allow)
    elif count:
        yield find("cells-withheld", count=count, limit=limit)

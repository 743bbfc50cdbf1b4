"""Data sets of cells: figures as text, statuses by numbers of persons, notes of the rules."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.microdata.classes import DIMENSIONS
from ilms_sdmx.microdata.estimation.student import student_quantile
from ilms_sdmx.microdata.mapping.model import MicrodataMapping
from ilms_sdmx.microdata.notes import notes_of
from ilms_sdmx.microdata.records import SCALE, PeriodRecords
from ilms_sdmx.microdata.rolling import TableCell
from ilms_sdmx.microdata.specifications import TableSpecification
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.flows import dataflow

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the frame of cells before and after the dimensions.
_BEFORE = ["DATAFLOW", "STATISTIC", "TIME_PERIOD", "SEX"]
_AFTER = ["n", "estimate", "se", "cv", "lower", "upper", "df", "status"]
_DIMENSIONS = ["AGE", "EDU", "ECO", "OCU", "STE", "CBR", "CCT", "CRS", "CPR", "CDS", "CUR"]
#: Share of cells without a value from which it is a warning.
_THIRD = 1 / 3


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
    tables: Sequence[tuple[TableSpecification, str, Sequence[TableCell]]]
    df: int


@dataclass(frozen=True)
class Written:
    """What is written of a cell: its `text`, its `status`, and whether it is `withheld`."""

    text: str | None
    status: str | None
    withheld: bool


def datasets_of_cells(
    mapping: MicrodataMapping, periods: Sequence[PeriodCells], allow: str
) -> tuple[tuple[Dataset, ...], pd.DataFrame, list[Finding]]:
    """Data sets, the frame of all cells, and findings on how many persons they rest on."""
    by_flow: dict[str, list[tuple[PeriodCells, TableSpecification, Sequence[TableCell]]]] = {}
    rows: list[dict[str, Any]] = []
    for made in periods:
        for specification, statistic, cells in made.tables:
            rows += _rows(mapping, made, specification, statistic, cells, allow)
            if statistic != "median":
                entry = (made, specification, cells)
                by_flow.setdefault(specification.dataflow, []).append(entry)
    datasets = []
    findings: list[Finding] = []
    for id, entries in by_flow.items():
        if any(cells for _, _, cells in entries):
            datasets.append(_dataset(mapping, id, entries, allow))
            findings += _find_few(mapping, id, entries)
    findings += _find_withheld(mapping, by_flow.values(), allow)
    return tuple(datasets), _frame(rows), findings


def written(
    mapping: MicrodataMapping,
    specification: TableSpecification,
    cell: TableCell,
    divisor: int,
    allow: str,
) -> Written:
    """Text and status of a cell, by the number of persons that it rests on."""
    thresholds = mapping.thresholds
    is_sample = mapping.kind == "survey"
    if cell.n < thresholds.minimum and not allow and (cell.n or is_sample):
        is_weak = cell.n < thresholds.not_significant
        return Written(None, "S" if is_weak else "C", withheld=bool(cell.n))
    if cell.n < thresholds.not_significant or math.isnan(cell.value):
        return Written(None, "S", withheld=False)
    status = "U" if cell.n < thresholds.unreliable else None
    text = _text(mapping, specification, cell, divisor)
    return Written(text, status, withheld=False)


def _text(
    mapping: MicrodataMapping, specification: TableSpecification, cell: TableCell, divisor: int
) -> str:
    """Figure as text, rounded once to the decimals of the mapping; totals are exact before."""
    step = Decimal(1).scaleb(-mapping.decimals)
    if specification.statistic != "total":
        return str(Decimal(cell.value).quantize(step, ROUND_HALF_EVEN))
    power = int(facts.by_id("dataflows.csv")[specification.dataflow]["unit_mult"])
    exact = Decimal(cell.whole) / (SCALE * 10**power * divisor)
    return str(exact.quantize(step, ROUND_HALF_EVEN))


def _rows(
    mapping: MicrodataMapping,
    made: PeriodCells,
    specification: TableSpecification,
    statistic: str,
    cells: Sequence[TableCell],
    allow: str,
) -> Iterator[dict[str, Any]]:
    """Rows of the frame of cells."""
    names = [dimension.dimension for dimension in specification.dimensions]
    reach = student_quantile(0.975, made.df) if made.df > 0 else math.nan
    for cell in cells:
        row: dict[str, Any] = dict(zip(names, cell.codes, strict=True))
        row |= specification.fixed
        row["DATAFLOW"] = f"DF_{specification.dataflow}"
        row["STATISTIC"] = statistic
        row["TIME_PERIOD"] = made.records.period
        found = written(mapping, specification, cell, made.records.divisor, allow)
        row["status"] = found.status
        if not found.withheld:
            row["n"] = cell.n
            row["estimate"] = cell.value
            row["se"] = cell.se
            row["cv"] = cell.se / abs(cell.value) if cell.value else math.nan
            row["lower"] = cell.value - reach * cell.se
            row["upper"] = cell.value + reach * cell.se
            row["df"] = made.df or None
        yield row


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    columns = [*_BEFORE, *_DIMENSIONS, *_AFTER]
    frame = pd.DataFrame(rows, columns=columns)
    for name in ("n", "df"):
        frame[name] = frame[name].astype("Int64")
    for name in ("estimate", "se", "cv", "lower", "upper"):
        frame[name] = frame[name].astype("float64")
    return frame


def _dataset(
    mapping: MicrodataMapping,
    id: str,
    entries: Sequence[tuple[PeriodCells, TableSpecification, Sequence[TableCell]]],
    allow: str,
) -> Dataset:
    """Data set of one dataflow, all periods in it."""
    import pandas as pd

    flow = facts.by_id("dataflows.csv")[id]
    components = Components.of(dataflow(id).structure)
    said = {
        "UNIT_MEASURE_TYPE": flow["unit_measure_type"],
        "UNIT_MEASURE": flow["unit_measure"],
        "UNIT_MULT": flow["unit_mult"],
        "SOURCE": mapping.source.get("code") or mapping.source.get("name", ""),
        **notes_of(mapping, id),
    }
    columns: dict[str, list[str | None]] = {name: [] for name in components.columns}
    origins = []
    for made, specification, cells in entries:
        period = parse_period(made.records.period)
        fixed = {
            "REF_AREA": mapping.area,
            "FREQ": (period.frequency if period else "") or "A",
            "MEASURE": specification.measure,
            "TIME_PERIOD": made.records.period,
            **specification.fixed,
            **said,
        }
        names = [dimension.dimension for dimension in specification.dimensions]
        origin = _origin(mapping, made, specification)
        for cell in cells:
            found = written(mapping, specification, cell, made.records.divisor, allow)
            figure = {**fixed, **dict(zip(names, cell.codes, strict=True))}
            figure |= {"OBS_VALUE": found.text or "", "OBS_STATUS": found.status or ""}
            for name, column in columns.items():
                column.append(figure.get(name) or None)
            sample = "" if found.withheld else str(cell.n)
            origins.append({**origin, "sample": sample})
    frame = pd.DataFrame(columns, columns=components.columns, dtype="str")
    provenance = pd.DataFrame(origins, dtype="str")
    full = f"ILO:DF_{id}(1.0)"
    return Dataset(frame, components, full, f"ILO:{id}(1.0)", provenance=provenance)


def _origin(
    mapping: MicrodataMapping, made: PeriodCells, specification: TableSpecification
) -> dict[str, str]:
    """File, variables and rules from which the cells of a table are."""
    columns = {dimension.dimension for dimension in specification.dimensions}
    names = []
    for role, variable in mapping.variables.items():
        is_used = DIMENSIONS.get(role, "") in columns or role in ("weight", "age")
        if is_used or (role == "earnings" and specification.value == "ear"):
            names.append(f"{role}: {' '.join(variable.names)}")
    rules = [rule.condition.text for rule in mapping.universe.persons]
    for rule in mapping.universe.statuses:
        rules.append(f"{rule.status} where {rule.condition.text}")
    return {
        "file": made.records.name,
        "variables": "; ".join(names),
        "filter": "; ".join(rules),
    }


def _find_few(
    mapping: MicrodataMapping,
    id: str,
    entries: Sequence[tuple[PeriodCells, TableSpecification, Sequence[TableCell]]],
) -> Iterator[Finding]:
    """How many cells of a table have few persons."""
    limits = mapping.thresholds
    cells = [cell for _, _, found in entries for cell in found]
    empty = sum(cell.n < limits.not_significant for cell in cells)
    weak = sum(limits.not_significant <= cell.n < limits.unreliable for cell in cells)
    if not empty and not weak:
        return
    many = empty >= _THIRD * len(cells)
    yield find(
        "cells-few-persons",
        Place(dataflow=f"ILO:DF_{id}(1.0)"),
        case="many" if many else "",
        empty=empty,
        weak=weak,
        count=len(cells),
        limit=limits.not_significant,
    )


def _find_withheld(mapping: MicrodataMapping, flows: Any, allow: str) -> Iterator[Finding]:
    limit = mapping.thresholds.minimum
    count = 0
    for entries in flows:
        for _, _, cells in entries:
            count += sum(0 < cell.n < limit for cell in cells)
    if count and allow:
        yield find("cells-withheld", case="allowed", count=count, limit=limit, reason=allow)
    elif count:
        yield find("cells-withheld", count=count, limit=limit)

"""From records to tables: every ILMS table that a mapping's roles can fill, cell by cell."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.findings import Finding, Report
from ilms_sdmx.microdata.checking import find_controls, find_in_records
from ilms_sdmx.microdata.engine import connected
from ilms_sdmx.microdata.files.reading import read_microdata, reading_folder
from ilms_sdmx.microdata.filling import PeriodCells, datasets_of_cells
from ilms_sdmx.microdata.leaves import Counter, Leaf
from ilms_sdmx.microdata.mapping.model import MicrodataMapping
from ilms_sdmx.microdata.mapping.reading import read_microdata_mapping
from ilms_sdmx.microdata.means import mean_cells
from ilms_sdmx.microdata.populations import populations
from ilms_sdmx.microdata.records import PeriodRecords, RecordPart, period_records
from ilms_sdmx.microdata.rolling import Roller, TableCell
from ilms_sdmx.microdata.specifications import TableSpecification, specifications

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

#: Rules of `validate` that speak of last year's figures.
_CHANGES = frozenset(
    {"revision-changed", "revision-gone", "year-jump", "level-shift", "share-shift"}
)
#: Columns of the leaf from which all tables of working age come, and of that of the employed.
_OF_ALL = ("st", "sex", "band", "edu", "b3", "c3")
_OF_JOBS = ("sex", "eco", "ocu", "ste", "b3", "c3")


@dataclass(frozen=True, eq=False)
class Tabulation:
    """Tables of records.

    Parameters
    ----------
    datasets
        One data set a dataflow, all periods in it.
    cells
        One row a cell: dataflow, statistic, period, the codes, `n` (persons of the sample),
        `estimate`, `se`, `cv`, `lower`, `upper` (95 per cent), `df` and `status`. What is below
        the minimum frequency has no number in it.
    populations
        Who is in and out of each universe, in records and weighted persons, by sex and age.
    report
        Findings.
    mapping
        The mapping.
    """

    datasets: tuple[Dataset, ...]
    cells: pd.DataFrame
    populations: pd.DataFrame
    report: Report
    mapping: MicrodataMapping

    @property
    def provenance(self) -> pd.DataFrame:
        """File, variables, rules and sample of each figure, one row a figure."""
        import pandas as pd

        frames = []
        for dataset in self.datasets:
            if dataset.provenance is None:
                continue
            keys = dataset.observations[list(dataset.components.dimensions)]
            frame = pd.concat([keys, dataset.provenance], axis=1)
            frame.insert(0, "DATAFLOW", dataset.dataflow)
            frames.append(frame)
        if not frames:
            return pd.DataFrame()
        return pd.concat(frames, ignore_index=True)

    def compared(self, previous: str | os.PathLike[str]) -> Tabulation:
        """Tables whose report has also what changed since data of last year."""
        from ilms_sdmx.validation import validate

        found = validate(list(self.datasets), previous=previous)
        changes = [each for each in found if each.rule in _CHANGES]
        return replace(self, report=self.report + Report.of(changes))

    def as_dict(self) -> dict[str, Any]:
        """Report as plain values, ready for JSON: rules, populations, findings, tables."""
        universe = self.mapping.universe
        rules = [{"name": rule.name, "where": rule.condition.text} for rule in universe.persons]
        statuses = []
        for rule in universe.statuses:
            where = rule.condition.text
            statuses.append({"status": rule.status, "name": rule.name, "where": where})
        groups = self.populations.astype(object)
        groups = groups.where(groups.notna(), None)
        return {
            "mapping": self.mapping.name,
            "sha256": self.mapping.sha256,
            "title": self.mapping.title,
            "persons": rules,
            "statuses": statuses,
            "populations": groups.to_dict("records"),
            "tables": {each.dataflow: len(each) for each in self.datasets},
            "reliability": self.cells["status"].fillna("").value_counts().to_dict(),
            "findings": [
                {"rule": each.rule, "severity": str(each.severity), "message": each.message}
                for each in self.report
            ],
        }

    def __repr__(self) -> str:
        count = len(self.cells)
        return f"<Tabulation: {count:,} cells in {len(self.datasets)} tables>"


def tabulate(
    mapping: MicrodataMapping | str | os.PathLike[str],
    *,
    folder: str | os.PathLike[str] | None = None,
    threads: int = 0,
    allow: str = "",
) -> Tabulation:
    r"""Make all tables of ILMS that the roles of a mapping of records can fill.

    Parameters
    ----------
    mapping
        The mapping, or its file.
    folder
        Where the records are kept as Parquet, to be read faster the next time: keep it as safe
        as the records. By default they are removed at the end.
    threads
        Threads of the engine; the result is the same whatever their number.
    allow
        Reason why cells below the minimum frequency are written; empty to write none.

    Raises
    ------
    MappingError, TableError
        The mapping or a file cannot be read; no message holds a value that identifies a person.

    Notes
    -----
    Errors of the records (an unknown value, a person twice) are findings of the report; then
    there are no data sets.

    Examples
    --------
    >>> from pathlib import Path
    >>> rows = "sex,age,born,work\nF,30,THA,1\nM,40,THA,1\nF,50,MMR,1\nM,20,LAO,2\n"
    >>> _ = Path("persons.csv").write_text(rows)
    >>> _ = Path("mapping.yaml").write_text('''
    ... microdata: 1
    ... kind: census
    ... area: THA
    ... periods: {2020: persons.csv}
    ... variables: {sex: sex, age: age, birth: born}
    ... universe: {statuses: [{status: employed, when: work = 1}]}
    ... thresholds: {minimum: 0}
    ... ''')
    >>> found = tabulate("mapping.yaml")
    >>> [dataset.dataflow for dataset in found.datasets][-1]
    'ILO:DF_UNE_DEAP_SEX_AGE_CBR_RT(1.0)'
    """
    read = mapping if isinstance(mapping, MicrodataMapping) else read_microdata_mapping(mapping)
    with reading_folder(folder) as place, connected(threads) as connection:
        return _tabulate(read, place, connection, allow)


def _tabulate(
    mapping: MicrodataMapping,
    folder: Path,
    connection: duckdb.DuckDBPyConnection,
    allow: str,
) -> Tabulation:
    import pandas as pd

    parts = record_parts(mapping, folder)
    findings: list[Finding] = []
    made: list[PeriodCells] = []
    counted = []
    for records in all_records(mapping, parts):
        counter = Counter(connection, records)
        findings += find_in_records(counter)
        findings += find_controls(counter)
        counted.append(populations(counter))
        report = Report.of(findings)
        if report.exit_code < 2:
            made.append(_period_cells(counter))
    if Report.of(findings).exit_code >= 2:
        made = []
    datasets, cells, found = datasets_of_cells(mapping, made, allow)
    report = Report.of([*findings, *found])
    whole = pd.concat(counted, ignore_index=True)
    return Tabulation(datasets, cells, whole, report, mapping)


def record_parts(mapping: MicrodataMapping, folder: Path) -> dict[str, RecordPart]:
    """Files of each period, read."""
    parts = {}
    for files in mapping.periods:
        microdata = []
        for path in files.files:
            one = read_microdata(
                path,
                folder,
                encoding=files.encoding,
                separator=files.separator,
                columns=files.columns,
            )
            microdata.append(one)
        parts[files.period] = RecordPart(files, tuple(microdata))
    return parts


def all_records(
    mapping: MicrodataMapping, parts: Mapping[str, RecordPart]
) -> Iterator[PeriodRecords]:
    """Records of each period, then of each year that is made of several."""
    for period, part in parts.items():
        yield period_records(mapping, period, [part])
    for year, periods in mapping.years.items():
        yield period_records(mapping, year, [parts[period] for period in periods])


def _period_cells(counter: Counter) -> PeriodCells:
    """Cells of all tables of one period."""
    records = counter.records
    roller = Roller(counter.mapping.design, counter.frame, records.divisor)
    leaves = _Leaves(counter)
    tables: list[tuple[TableSpecification, str, list[TableCell]]] = []
    for specification in specifications(counter.mapping, records.bases):
        if specification.statistic == "mean":
            leaf = leaves.of_values(specification)
            means: list[TableCell] = []
            medians: list[TableCell] = []
            for mean, median in mean_cells(roller, specification, leaf):
                means.append(mean)
                medians.append(median)
            tables.append((specification, "mean", means))
            tables.append((specification, "median", medians))
            continue
        leaf = leaves.of(specification)
        cells = list(roller.cells(specification, leaf))
        tables.append((specification, specification.statistic, cells))
    df = counter.frame.df if counter.frame is not None else 0
    return PeriodCells(records, tables, df)


class _Leaves:
    """Leaves of one period, each asked of the engine once."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.with_units = counter.frame is not None or bool(counter.replicates)
        self.known: dict[Any, Leaf] = {}
        self.columns = set(counter.view)

    def of(self, specification: TableSpecification) -> Leaf:
        """Leaf with the columns of a table: shared with others where there is no design."""
        base = specification.base or specification.persons
        columns = [dimension.column for dimension in specification.dimensions]
        columns += [*specification.persons.columns, "st"]
        where = base.where
        if not self.with_units and not where and specification.population == "persons":
            if set(columns) <= set(_OF_ALL):
                columns = [name for name in _OF_ALL if name in self.columns]
            elif set(columns) <= {*_OF_JOBS, "st"}:
                columns = [name for name in _OF_JOBS if name in self.columns]
                where = "st = 1"
        return self._asked(specification.population, where, tuple(dict.fromkeys(columns)), "w")

    def of_values(self, specification: TableSpecification) -> Leaf:
        """Leaf that keeps each value of earnings or hours apart."""
        columns = [dimension.column for dimension in specification.dimensions]
        value = specification.value
        where = f"{specification.persons.where} AND st = 1 AND {value} IS NOT NULL"
        return self._asked("persons", where, (*columns, value), f"{value}w")

    def _asked(
        self, population: str, where: str, columns: tuple[str, ...], weight: str
    ) -> Leaf:
        key = (population, where, columns, weight)
        if key not in self.known:
            self.known[key] = self.counter.leaf(
                population, where, columns, with_units=self.with_units, weight=weight
            )
        return self.known[key]

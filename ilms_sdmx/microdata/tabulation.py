"""From records to tables: every ILMS table that a mapping's roles can fill, cell by cell."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.findings import Finding, Report
from ilms_sdmx.microdata.cells import TableCells
from ilms_sdmx.microdata.checking import checked_by, find_controls, find_in_records
from ilms_sdmx.microdata.counting.counter import Counter
from ilms_sdmx.microdata.counting.engine import Engine
from ilms_sdmx.microdata.counting.engines import opened
from ilms_sdmx.microdata.counting.sharing import Leaves
from ilms_sdmx.microdata.files.reading import read_microdata, reading_folder
from ilms_sdmx.microdata.files.variables import Microdata
from ilms_sdmx.microdata.filling import (
    PeriodCells,
    datasets_of_cells,
    frame_of_cells,
    written_tables,
)
from ilms_sdmx.microdata.mapping.model import MicrodataMapping
from ilms_sdmx.microdata.mapping.protection import contributors_needed
from ilms_sdmx.microdata.mapping.reading import read_microdata_mapping
from ilms_sdmx.microdata.means import mean_cells
from ilms_sdmx.microdata.populations import counted_by, populations
from ilms_sdmx.microdata.records import PeriodRecords, RecordPart, period_records
from ilms_sdmx.microdata.rolling import Roller
from ilms_sdmx.microdata.specifications import TableSpecification, specifications

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.analysis.protection import Protection

#: Rules of `validate` that speak of last year's figures.
_CHANGES = frozenset(
    {"revision-changed", "revision-gone", "year-jump", "level-shift", "share-shift"}
)


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
    protection
        What became of each figure, for the office alone; None where the mapping protects
        nothing, or a reason was given to write all.
    """

    datasets: tuple[Dataset, ...]
    cells: pd.DataFrame
    populations: pd.DataFrame
    report: Report
    mapping: MicrodataMapping
    protection: Protection | None = None

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
    engine: str = "duckdb",
    threads: int = 0,
    allow: str = "",
    secret: str = "",
    published: Any = (),
) -> Tabulation:
    r"""Make all tables of ILMS that the roles of a mapping of records can fill.

    Parameters
    ----------
    mapping
        The mapping, or its file.
    folder
        Where the records are kept as Parquet, to be read faster the next time: keep it as safe
        as the records. By default they are removed at the end.
    engine
        What counts the records: `duckdb`, or Apache Spark as `local[2]`, `spark://host:7077`,
        `yarn`, `k8s://...`, `sc://host:15002` (Spark Connect). In a program that `spark-submit`
        started, any of these takes its session. The tables are the same, byte for byte.
    threads
        Threads of DuckDB; the result is the same whatever their number.
    allow
        Reason why cells below the minimum frequency are written; empty to write none. With a
        reason nothing is protected.
    secret
        Secret of the office, where the mapping protects by perturbation.
    published
        What earlier releases published, where the mapping protects: see `protect`.

    Raises
    ------
    MappingError, TableError
        The mapping or a file cannot be read; no message holds a value that identifies a person.

    Notes
    -----
    Errors of the records (an unknown value, a person twice) are findings of the report; then
    there are no data sets. A figure that cannot be protected is an error of the report too.

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
    with reading_folder(folder) as place, opened(engine, threads) as counting:
        made, counted, findings = _counted(read, place, counting)
    return _tables(read, made, counted, findings, allow, secret, published)


def _counted(
    mapping: MicrodataMapping, folder: Path, engine: Engine
) -> tuple[list[PeriodCells], list[pd.DataFrame], list[Finding]]:
    """Cells of each period, its populations, and findings on the records."""
    parts = record_parts(mapping, folder, engine)
    findings: list[Finding] = []
    made: list[PeriodCells] = []
    counted = []
    for records in all_records(mapping, parts):
        counter = Counter(engine, records)
        tables = specifications(mapping, records.bases)
        leaves = planned_leaves(counter, tables)
        findings += find_in_records(leaves)
        findings += find_controls(counter)
        counted.append(populations(leaves))
        if Report.of(findings).exit_code < 2:
            made.append(period_cells(leaves, tables))
    if Report.of(findings).exit_code >= 2:
        made = []
    return made, counted, findings


def _tables(
    mapping: MicrodataMapping,
    made: list[PeriodCells],
    counted: list[pd.DataFrame],
    findings: list[Finding],
    allow: str,
    secret: str,
    published: Any,
) -> Tabulation:
    """Tables of what was counted, protected where the mapping says how."""
    import pandas as pd

    tables = written_tables(mapping, made, allow)
    datasets, found = datasets_of_cells(mapping, tables, allow)
    findings += found
    protection = None
    hidden: dict[str, list[bool]] = {}
    if mapping.protection is not None and not allow and datasets:
        from ilms_sdmx.microdata.protecting import hidden_rows, protected, with_provenance

        plan = mapping.protection
        protection = protected(mapping, plan, datasets, tables, secret, published)
        findings += protection.report
        hidden = hidden_rows(protection.datasets)
        datasets = tuple(with_provenance(datasets, protection))
    cells = frame_of_cells(tables, hidden)
    whole = pd.concat(counted, ignore_index=True)
    return Tabulation(datasets, cells, whole, Report.of(findings), mapping, protection)


def record_parts(
    mapping: MicrodataMapping, folder: Path, engine: Engine
) -> dict[str, RecordPart]:
    """Files of each period, read; those of a cluster stay where they are."""
    parts = {}
    for files in mapping.periods:
        microdata: list[Microdata] = []
        for address in files.addresses:
            microdata += engine.files_in(address)
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


def planned_leaves(counter: Counter, tables: Sequence[TableSpecification]) -> Leaves:
    """Leaves from which all tables and checks of one period come."""
    with_units = has_errors(counter)
    requests = [table.request(with_units=with_units) for table in tables]
    requests += checked_by(counter)
    requests.append(counted_by(counter))
    return Leaves(counter, requests)


def has_errors(counter: Counter) -> bool:
    """Whether figures have errors, by units or by replicate weights."""
    return counter.frame is not None or bool(counter.replicates)


def period_cells(leaves: Leaves, specifications: Sequence[TableSpecification]) -> PeriodCells:
    """Cells of all tables of one period."""
    counter = leaves.counter
    records = counter.records
    with_units = has_errors(counter)
    roller = Roller(counter.mapping.design, counter.frame, records.divisor)
    contributors = contributors_needed(counter.mapping)
    tables: list[tuple[TableSpecification, str, TableCells]] = []
    for specification in specifications:
        leaf = leaves.of(specification.request(with_units=with_units))
        if specification.statistic == "mean":
            count = contributors if specification.value == "ear" else 0
            means, medians = mean_cells(roller, specification, leaf, count)
            tables.append((specification, "mean", means))
            tables.append((specification, "median", medians))
            continue
        cells = roller.cells(specification, leaf)
        tables.append((specification, specification.statistic, cells))
    df = counter.frame.df if counter.frame is not None else 0
    return PeriodCells(records, tables, df)

"""Filling of the data sets: which figures each takes, and the key of every figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.model import Figures, mapped
from ilms_sdmx.conversion.filling.dates import printed_dates, read_label
from ilms_sdmx.conversion.filling.joining import joined
from ilms_sdmx.conversion.filling.labels import resolve_label
from ilms_sdmx.conversion.filling.losses import find_losses
from ilms_sdmx.conversion.filling.notes import find_unwritten_notes
from ilms_sdmx.conversion.filling.period_marks import Explained, find_undeclared_marks
from ilms_sdmx.conversion.filling.structure_maps import STATUS
from ilms_sdmx.conversion.filling.targets import Target, status_codes
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.mapping.application import Applied, apply_figures
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.document import DatasetMap, MappingDocument
from ilms_sdmx.mapping.duplicates import Loss
from ilms_sdmx.mapping.model import DatePatternMap, StructureMap
from ilms_sdmx.mapping.unmapped import Question
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.tables.table import Origin, Table

if TYPE_CHECKING:
    import pandas as pd

#: Outcomes of figures that are in a data set.
WRITTEN = ("written", "repeated")


@dataclass(frozen=True, eq=False)
class Filled:
    """Data sets, and where each figure went.

    Parameters
    ----------
    targets
        Where figures were to go.
    applied
        For each target in order: what became of the figures offered to it.
    keys
        For each target in order: components of all figures of its tables, offered or not, where
        known.
    datasets
        Data sets with any observation.
    findings
        What is wrong with labels, periods and keys, those of all data sets added up.
    waiting
        Numbers of the figures that wait for an open question of the mapping.
    """

    targets: tuple[Target, ...]
    applied: tuple[Applied, ...]
    keys: tuple[pd.DataFrame, ...]
    datasets: tuple[Dataset, ...]
    findings: tuple[Finding, ...] = ()
    waiting: pd.Index[Any] | tuple[()] = ()

    @property
    def outcomes(self) -> pd.Series[str]:
        """What became of the figures at all targets, below one another."""
        import pandas as pd

        if not self.applied:
            return pd.Series(dtype="str")
        return pd.concat([applied.outcome for applied in self.applied])

    def offered(self) -> pd.Index[Any]:
        """Numbers of the figures that at least one data set took or has no place for."""
        outcomes = self.outcomes
        return outcomes.index[outcomes != "skipped"].unique()

    def refused(self) -> pd.Index[Any]:
        """Numbers of the figures that a data set wanted and none could take.

        Findings say why.
        """
        outcomes = self.outcomes
        is_taken = outcomes.isin(WRITTEN)
        is_wanted = ~is_taken & (outcomes != "skipped")
        wanted = outcomes.index[is_wanted].unique()
        if not isinstance(self.waiting, tuple) and len(self.waiting):
            wanted = wanted.union(self.waiting)
        if not len(wanted):
            return wanted
        taken = outcomes.index[is_taken]
        return wanted.difference(taken)


def fill(
    figures: Figures, targets: Sequence[Target], mapping: MappingDocument, workbook: Workbook
) -> Filled:
    """Offer every figure to every data set that wants it.

    A label that one data set has no place for is no loss as long as another takes the figure.
    """
    filler = _Filler(mapping, workbook, printed_dates(workbook))
    several = []
    keys = []
    for target in targets:
        prepared = _prepared(figures, target)
        wanted = prepared.only(_are_wanted(prepared, target.dataset))
        applied = filler.apply(wanted, target)
        several.append(applied)
        if len(wanted) == len(prepared):
            keys.append(applied.keys)
        else:
            keys.append(filler.apply(prepared, target).keys)
    settled, datasets, repetitions = joined(several, figures, workbook.name)
    losses: list[Loss] = []
    for applied in several:
        losses += applied.losses
    losses += repetitions
    filled = Filled(tuple(targets), tuple(settled), tuple(keys), datasets)
    findings = find_losses(losses, figures, filled.refused())
    return replace(filled, findings=tuple(findings))


def find_in_notes_and_periods(
    figures: Figures,
    targets: Sequence[Target],
    mapping: MappingDocument,
    workbook: Workbook,
    explained: Explained,
) -> list[Finding]:
    """Findings of notes that no attribute holds, and of marks at periods that nothing declares.

    Parameters
    ----------
    explained
        Marks that the legend of each sheet explains: they are notes of their figures already.
    """
    findings = []
    for target in targets:
        wanted = figures.only(are_wanted(figures, target.dataset))
        findings += find_unwritten_notes(wanted, target.dataset.name, target.structure_map)
        findings += find_undeclared_marks(
            wanted, target.structure_map, mapping, workbook, explained
        )
    return findings


def distinct(findings: Sequence[Finding]) -> list[Finding]:
    """Findings without those that another data set has made already.

    Each code map asks for itself.
    """
    first: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        code_map = finding.map if isinstance(finding, Question) else ""
        first.setdefault((finding.message, code_map), finding)
    return list(first.values())


def _prepared(figures: Figures, target: Target) -> Figures:
    """Figures of the tables of a data set, with their status in the codes of its structure."""
    of_tables = figures.only(_of_tables(figures, target.dataset))
    return of_tables.with_columns({STATUS: _status(of_tables, target)})


def are_wanted(figures: Figures, dataset: DatasetMap) -> Any:
    """Which figures of all tables a data set takes."""
    return _of_tables(figures, dataset) & _are_wanted(figures, dataset)


def _of_tables(figures: Figures, dataset: DatasetMap) -> pd.Series[bool]:
    """Which figures are of the tables of a data set and not ignored."""
    rows = ~figures.in_bucket(Bucket.IGNORE)
    if dataset.tables:
        rows &= figures.table.isin(dataset.tables)
    return rows


def _status(figures: Figures, target: Target) -> pd.Series[str]:
    """Status in the codes of the target; a normal value has the code A, or none at ILO."""
    codes = status_codes(target.dataset)
    statuses = figures.status.fillna("")
    code_of_status = {}
    for status in map(str, statuses.unique()):
        sdmx_status = status or "A"
        code_of_status[status] = codes.get(sdmx_status, sdmx_status) or None
    return mapped(statuses, code_of_status)


def _are_wanted(figures: Figures, dataset: DatasetMap) -> Any:
    """Which figures have the buckets and headings of a data set, and something to say."""
    says_something = figures.has_value | (figures.status != "")
    taken = figures.role.isin(dataset.take)
    in_findings = figures.in_bucket(Bucket.FINDING)
    rows = says_something & taken & ~in_findings
    return rows & figures.having(dataset.where)


@dataclass(frozen=True, eq=False)
class _Filler:
    """What the structure maps of all data sets need.

    Parameters
    ----------
    mapping
        The mapping.
    workbook
        The workbook, for its name and hash.
    dates
        Period of each printed form of a date.
    """

    mapping: MappingDocument
    workbook: Workbook
    dates: Mapping[str, str]

    def apply(self, figures: Figures, target: Target) -> Applied:
        """Figures under the structure map of a data set."""
        structure_map = target.structure_map
        complete = _with_all_sources(figures, structure_map)
        origin = Origin(self.workbook.name, sha256=self.workbook.sha256)
        table = Table(complete.frame, origin)
        languages = self.mapping.conventions.languages
        matcher = partial(resolve_label, languages=languages, names=target.names)
        return apply_figures(
            table,
            structure_map,
            target.components,
            structure=target.structure_id,
            matcher=matcher,
            periods=self._period,
        )

    def _period(self, label: str, component: DatePatternMap) -> tuple[str | None, str]:
        """Period of a label, or the reason why it is none."""
        if label in self.dates:
            return self.dates[label], ""
        period = read_label(label, component, self.mapping)
        return period.time_period or None, period.reason


def _with_all_sources(figures: Figures, structure_map: StructureMap) -> Figures:
    """Figures with every heading of a structure map: one that the tables lack is empty."""
    missing = {}
    for component in structure_map.components:
        source = getattr(component, "source", None)
        names = getattr(component, "sources", None) or (source,)
        for name in names:
            if name and name not in figures.frame.columns:
                missing[name] = ""
    return figures.with_columns(missing)


def untaken(figures: Figures, filled: Filled) -> Any:
    """Which figures are observations that no data set takes: the mapping forgot them."""
    is_observation = figures.in_bucket(Bucket.OBSERVATION)
    is_offered = figures.index.isin(filled.offered())
    is_waiting = figures.index.isin(filled.waiting)
    return is_observation & ~is_offered & ~is_waiting


def find_untaken(figures: Figures) -> list[Finding]:
    """Findings of observations that no data set takes, one a table."""
    findings = []
    for name in figures.table.unique():
        of_table = figures.of_table(str(name))
        count = len(of_table)
        finding = find(
            "not-taken",
            of_table.place(),
            read=str(of_table.text.iloc[0]),
            affects=phrase("observations-not-written", count=count),
            count=count,
            table=str(name),
        )
        findings.append(finding)
    return findings

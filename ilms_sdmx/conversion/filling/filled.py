"""Filling of the data sets: which figures each takes, their components, and the key of every figure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.footnotes import unwritten
from ilms_sdmx.conversion.figures.rules import chosen
from ilms_sdmx.conversion.filling.dates import printed_dates, read_label
from ilms_sdmx.conversion.filling.joining import join
from ilms_sdmx.conversion.filling.labels import match
from ilms_sdmx.conversion.filling.period_marks import undeclared
from ilms_sdmx.conversion.filling.targets import STATUS, Target, status_codes
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.findings import Finding
from ilms_sdmx.mapping.application import Applied, apply_figures
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.model import DatePatternMap, StructureMap
from ilms_sdmx.mapping.unmapped import Question
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.tables.table import Origin, Table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Filled:
    """Data sets, and where each figure went.

    Parameters
    ----------
    applied
        For each target in order: what became of the figures offered to it.
    keys
        For each target in order: components of all figures of its tables, offered or not, where known.
    offered
        Index of the figures that at least one data set took or has no place for.
    """

    targets: tuple[Target, ...]
    applied: tuple[Applied, ...]
    keys: tuple[pd.DataFrame, ...]
    datasets: tuple[Dataset, ...]
    findings: tuple[Finding, ...]
    offered: pd.Index

    def refused(self) -> pd.Index:
        """Index of the figures that a data set wanted and that none could take; findings say why."""
        import pandas as pd

        outcomes = (
            pd.concat([a.outcome for a in self.applied])
            if self.applied
            else pd.Series(dtype="str")
        )
        taken = outcomes.isin(["written", "repeated"])
        wanted = outcomes.index[~taken & (outcomes != "skipped")].unique()
        return wanted.difference(outcomes.index[taken]) if len(wanted) else wanted


def fill(
    figures: pd.DataFrame,
    targets: list[Target],
    mapping: MappingDocument,
    workbook: Workbook,
    explained: Mapping[str, Collection[str]],
) -> Filled:
    """Offer every figure to every data set that wants it.

    A label that one data set has no place for is no loss as long as another takes the figure. `explained` are
    the marks that the legend of each sheet explains: they are notes of their figures already.
    """
    import pandas as pd

    applied, keys, findings = [], [], []
    dates = printed_dates(workbook)
    for goal in targets:
        own = (
            figures[figures["table"].isin(goal.dataset.tables)]
            if goal.dataset.tables
            else figures
        )
        own = own[own["bucket"] != Bucket.IGNORE.value] if len(own) else own
        prepared = (
            own.assign(**{STATUS: _status(own, goal)})
            if len(own)
            else own.assign(**{STATUS: []})
        )
        wanted = _wanted(prepared, goal)
        applied.append(_apply(prepared[wanted], goal, mapping, workbook, dates))
        findings += unwritten(
            prepared[wanted], goal.dataset.name, goal.structure_map, workbook.name
        )
        findings += undeclared(
            prepared[wanted], goal.structure_map, mapping, workbook, explained
        )
        whole = len(prepared) == len(applied[-1].outcome)
        keys.append(
            applied[-1].keys if whole else _apply(prepared, goal, mapping, workbook, dates).keys
        )
    taken = [a.outcome.index[a.outcome != "skipped"].to_series() for a in applied]
    datasets, repeated = join(applied, figures, workbook.name)
    findings = [*_distinct([*findings, *(f for a in applied for f in a.report)]), *repeated]
    offered = pd.Index(pd.concat(taken).unique() if taken else [])
    return Filled(
        tuple(targets), tuple(applied), tuple(keys), datasets, tuple(findings), offered
    )


def _distinct(findings: list[Finding]) -> tuple[Finding, ...]:
    """Leave out findings that another data set has made already; each code map asks for itself."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        found.setdefault(
            (finding.message, finding.map if isinstance(finding, Question) else ""), finding
        )
    return tuple(found.values())


def _wanted(figures: pd.DataFrame, goal: Target) -> Any:
    """Figures in the buckets and with the headings that a data set takes, and with something to say."""
    rows = figures["role"].isin(goal.dataset.take) & (figures["bucket"] != Bucket.FINDING.value)
    told = figures["value"].notna() | (figures["status"] != "")
    return rows & told & chosen(figures, goal.dataset.where)


def _status(figures: pd.DataFrame, goal: Target) -> pd.Series[Any]:
    """Status in the codes of the target; a normal value has the code A, or none at ILO."""
    import pandas as pd

    codes = status_codes(goal)
    numbers, distinct = pd.factorize(figures["status"].fillna(""))
    found = [codes.get(s or "A", s or "A") or None for s in distinct.tolist()]
    return pd.Series(pd.array([*found, None], dtype="str").take(numbers), index=figures.index)


def _apply(
    figures: pd.DataFrame,
    goal: Target,
    mapping: MappingDocument,
    workbook: Workbook,
    dates: Mapping[str, str],
) -> Applied:
    structure_map = _complete(figures, goal.structure_map)
    table = Table(figures, Origin(workbook.name, sha256=workbook.sha256))
    return apply_figures(
        table,
        structure_map,
        goal.components,
        structure=goal.structure_id,
        matcher=partial(match, languages=mapping.conventions.languages, own=goal.lists),
        periods=partial(_period, mapping=mapping, dates=dates),
    )


def _complete(figures: pd.DataFrame, structure_map: StructureMap) -> StructureMap:
    """Structure map whose headings all exist: one that the tables lack is an empty label."""
    for component in structure_map.components:
        names = getattr(component, "sources", None) or (getattr(component, "source", None),)
        for name in names:
            if name and name not in figures.columns:
                figures[name] = ""
    return structure_map


def _period(
    label: str,
    component: DatePatternMap,
    *,
    mapping: MappingDocument,
    dates: Mapping[str, str],
) -> tuple[str | None, str]:
    if label in dates:
        return dates[label], ""
    found = read_label(label, component, mapping)
    return found.time_period or None, found.reason

"""What is handed in to the database: data sets with records, origin and findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.database.tables import Part
from ilms_sdmx.datasets import datasets_of
from ilms_sdmx.findings import Report
from ilms_sdmx.records import Harmonised
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.tables.table import Origin

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Delivery:
    """What is handed in: data sets with records, where they are from, and what was found."""

    parts: tuple[Part, ...]
    origin: Origin
    report: Report | None
    rest: pd.DataFrame | None


def delivery_of(data: Any) -> Delivery:
    """What is handed in, with the records and the origin of what was fetched."""
    fetched = list(_harmonised_in(data))
    if fetched:
        return _fetched_delivery(fetched)
    from ilms_sdmx.messages import read

    report = getattr(data, "report", None)
    workbook = getattr(data, "workbook", None)
    origin = Origin("")
    if isinstance(workbook, Workbook):
        origin = Origin("", workbook.name, sha256=workbook.sha256)
    datasets = datasets_of(data, read=lambda source: read(source).datasets)
    parts = [Part(dataset) for dataset in datasets]
    return Delivery(tuple(parts), origin, report, None)


def _fetched_delivery(fetched: Sequence[Harmonised]) -> Delivery:
    """What was fetched; origin and report are those of the first."""
    import pandas as pd

    parts = []
    rests = []
    for each in fetched:
        rests.append(each.rest)
        for part in each.parts:
            parts.append(Part(part.dataset, part.records))
    rest = pd.concat(rests, ignore_index=True)
    first = fetched[0]
    return Delivery(tuple(parts), first.origin, first.report, rest)


def _harmonised_in(data: Any) -> Iterator[Harmonised]:
    """Fetched results that are handed in, alone or in a list."""
    if isinstance(data, Harmonised):
        yield data
    elif isinstance(data, list | tuple):
        for each in data:
            if isinstance(each, Harmonised):
                yield each


def severities_of(report: Report | Mapping[str, int] | None) -> dict[str, int]:
    """Number of findings of a report by severity."""
    if report is None:
        return {}
    if isinstance(report, Mapping):
        return dict(report)
    counts: dict[str, int] = {}
    for finding in report.findings:
        severity = str(finding.severity)
        counts[severity] = counts.get(severity, 0) + 1
    return counts


def about_of(parts: Iterable[Part]) -> dict[str, dict[str, str]]:
    """What the messages say of their data sets, by dataflow."""
    about: dict[str, dict[str, str]] = {}
    for part in parts:
        if part.dataset.about:
            about[part.dataset.dataflow] = dict(part.dataset.about)
    return about

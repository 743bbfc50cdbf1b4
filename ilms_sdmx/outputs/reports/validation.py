"""Validation reports: findings, what the checks covered, and the data sets they read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ilms_sdmx.findings import Report, Severity
from ilms_sdmx.messages.intake import datasets_in
from ilms_sdmx.outputs.reports import findings
from ilms_sdmx.outputs.reports.catalogues import Catalogue, catalogue
from ilms_sdmx.outputs.reports.comparison_words import area_name
from ilms_sdmx.outputs.reports.grids import Column, Grid, grid
from ilms_sdmx.outputs.reports.pages import json_text, render
from ilms_sdmx.periods.spoken import spoken
from ilms_sdmx.validation.formats import coverage_records, group_records
from ilms_sdmx.validation.result import COLUMNS, Validation

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.datasets import Dataset


def validation_page(
    report: Report,
    *data: Any,
    name: str = "",
    words: Catalogue | None = None,
    created: str = "",
) -> str:
    """One HTML file that shows the findings of a report about data sets.

    Parameters
    ----------
    report
        Findings; where it has a `coverage` frame, that is shown too.
    data
        What was validated, for the table of data sets: data sets or whatever holds them.
    name
        What to call it in the title; by default the dataflows.
    words
        Message catalogue, English by default.
    created
        Time to print in the foot; nothing by default, so that the same input gives the same
        bytes.

    Examples
    --------
    >>> from ilms_sdmx import Report
    >>> from ilms_sdmx.outputs.reports.validation import validation_page
    >>> page = validation_page(Report(), name="Table 1")
    >>> "No findings" in page
    True
    """
    if not hasattr(report, "counts"):
        found = type(report).__name__
        raise TypeError(f"expected a report, then what was validated; found {found} first")
    words = words or catalogue("en")
    report = words.report(report)
    datasets = tuple(datasets_in(data))
    name = name or _dataflows(datasets) or "data"
    content: dict[str, Any] = {"kicker": words.text("validation.kicker")}
    content["summary"] = summary(report, datasets, words)
    content["tiles"] = findings.tiles(report, words)
    content["rules"] = findings.rule_grid(report, words)
    content["meanings"] = findings.meanings(report, words)
    content["groups"] = findings.groups(report, words)
    content["findings"] = findings.rows(report, words)
    content["total"] = len(report)
    content["coverage"] = coverage_grid(report, words)
    content["bars"] = coverage_bars(report, words)
    content["datasets"] = dataset_grid(datasets, words)
    title = words.text("validation.title", name=name)
    contents = _contents(content, words)
    template = "validation.html.j2"
    return render(template, words, title=title, contents=contents, created=created, **content)


#: Sections of the page, in order.
_SECTIONS = ("summary", "groups", "findings", "rules", "meanings", "coverage", "datasets")


def _contents(content: dict[str, Any], words: Catalogue) -> list[tuple[str, str]]:
    """Id and heading of every section that the page has; tables without rows have none."""
    contents = []
    for section in _SECTIONS:
        part = content[section]
        is_there = bool(part.rows if isinstance(part, Grid) else part)
        if is_there or section == "findings":
            heading = words.text(f"{section}.heading")
            contents.append((section, heading))
    return contents


def _dataflows(datasets: tuple[Dataset, ...]) -> str:
    """Dataflows of the data sets, each once."""
    names = [dataset.dataflow for dataset in datasets if dataset.dataflow]
    return ", ".join(dict.fromkeys(names))


def validation_json(report: Report, *data: Any) -> str:
    """JSON of the same content: findings, counts by rule, coverage, data sets."""
    sizes = []
    for dataset in datasets_in(data):
        sizes.append({"dataflow": dataset.dataflow, "observations": len(dataset)})
    coverage = None
    if isinstance(report, Validation):
        coverage = coverage_records(report)
    content = {
        "findings": report.frame().to_dict("records"),
        "groups": group_records(report),
        "counts": dict(report.counts),
        "worst": report.worst,
        "coverage": coverage,
        "datasets": sizes,
    }
    return json_text(content)


def summary(report: Report, datasets: tuple[Dataset, ...], words: Catalogue) -> str:
    """Sentence or two that say what the report holds."""
    if not len(report):
        several = words.text("validation.datasets", count=len(datasets))
        observations = sum(map(len, datasets))
        return words.text("validation.clean", observations=observations, datasets=several)
    errors = len(report.of_severity(Severity.ERROR))
    warnings = len(report.of_severity(Severity.WARNING))
    notes = len(report.of_severity(Severity.NOTE))
    key = "validation.sendable"
    if errors:
        key = "validation.errors"
    sentences = [words.text(key, count=errors)]
    if warnings:
        sentences.append(words.text("validation.warnings", count=warnings))
    if notes:
        sentences.append(words.text("validation.notes", count=notes))
    return " ".join(sentences)


def coverage_grid(report: Report, words: Catalogue) -> Grid:
    """Coverage of the checks, where the report has it."""
    import pandas as pd

    frame: Any = getattr(report, "coverage", None)
    if not isinstance(frame, pd.DataFrame):
        frame = pd.DataFrame()
    columns = []
    for name in map(str, frame.columns):
        heading = words.text(f"coverage.{name}") if name in COLUMNS else name
        columns.append(Column(name, heading, number=_is_number(frame[name])))
    caption = words.text("coverage.caption")
    return grid("coverage-table", caption, frame, columns, words)


def coverage_bars(report: Report, words: Catalogue) -> list[dict[str, Any]]:
    """Coverage of each table as a bar: per cents of it, and what they say in words."""
    if not isinstance(report, Validation):
        return []
    bars = []
    for row in report.coverage.to_dict("records"):
        counts = {str(name): value for name, value in row.items()}
        size = max(int(counts["observations"]), 1)
        bar: dict[str, Any] = {"text": words.text("coverage.drawn", **counts)}
        for name in ("equation", "limit"):
            bar[name] = f"{100 * int(counts[name]) / size:.1f}"
        bars.append(bar)
    return bars


def _is_number(column: pd.Series[Any]) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return is_numeric_dtype(column) and not is_bool_dtype(column)


def dataset_grid(datasets: tuple[Dataset, ...], words: Catalogue) -> Grid:
    """Dataflow, size, areas and periods of each data set."""
    import pandas as pd

    names = ["dataflow", "observations", "areas", "periods", "action"]
    overviews = list(map(_overview, datasets))
    frame = pd.DataFrame(overviews, columns=names)
    columns = []
    for name in names:
        heading = words.text(f"datasets.{name}")
        columns.append(Column(name, heading, number=name == "observations"))
    caption = words.text("datasets.caption")
    return grid("datasets-table", caption, frame, columns, words)


def _overview(dataset: Dataset) -> Mapping[str, Any]:
    """Dataflow, size, areas and periods of a data set."""
    areas = _distinct(dataset, "REF_AREA")
    periods = _distinct(dataset, "TIME_PERIOD")
    span = "".join(map(spoken, periods[:1]))
    if len(periods) > 1:
        span = f"{spoken(periods[0])} – {spoken(periods[-1])}"
    return {
        "dataflow": dataset.dataflow,
        "observations": len(dataset),
        "areas": ", ".join(map(area_name, areas[:12])),
        "periods": span,
        "action": dataset.action,
    }


def _distinct(dataset: Dataset, column: str) -> list[str]:
    """Distinct texts of a column in order; none where there is no such column."""
    if column not in dataset.observations:
        return []
    values = dataset.observations[column].unique()
    return sorted(map(str, values))

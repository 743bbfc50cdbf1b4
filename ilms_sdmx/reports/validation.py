"""Validation reports: findings, what the checks covered, and the data sets they read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ilms_sdmx.findings import Report, Severity
from ilms_sdmx.messages.intake import datasets_in
from ilms_sdmx.reports import findings
from ilms_sdmx.reports.catalogues import Catalogue, catalogue
from ilms_sdmx.reports.grids import Column, Grid, grid
from ilms_sdmx.reports.pages import json_text, render

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
        Time to print in the foot; nothing by default, so that the same input gives the same bytes.

    Examples
    --------
    >>> from ilms_sdmx import Report
    >>> from ilms_sdmx.reports.validation import validation_page
    >>> page = validation_page(Report(), name="Table 1")
    >>> "No findings" in page
    True
    """
    words = words or catalogue("en")
    datasets = tuple(datasets_in(data))
    name = (
        name or ", ".join(dict.fromkeys(d.dataflow for d in datasets if d.dataflow)) or "data"
    )
    rules, coverage = findings.rule_grid(report, words), coverage_grid(report, words)
    overview = dataset_grid(datasets, words)
    sections = {
        "summary": True,
        "rules": rules.rows,
        "findings": True,
        "coverage": coverage.rows,
    }
    sections["datasets"] = overview.rows
    return render(
        "validation.html.j2",
        words,
        title=words.text("validation.title", name=name),
        kicker=words.text("validation.kicker"),
        contents=[
            (key, words.text(f"{key}.heading")) for key, present in sections.items() if present
        ],
        created=created,
        summary=summary(report, datasets, words),
        tiles=findings.tiles(report, words),
        rules=rules,
        findings=findings.rows(report, words),
        total=len(report),
        coverage=coverage,
        datasets=overview,
    )


def validation_json(report: Report, *data: Any) -> str:
    """JSON of the same content: findings, counts by rule, coverage, data sets."""
    datasets = tuple(datasets_in(data))
    coverage: Any = getattr(report, "coverage", None)
    return json_text(
        {
            "findings": report.frame().to_dict("records"),
            "counts": dict(report.counts),
            "worst": report.worst,
            "coverage": coverage.to_dict("records") if hasattr(coverage, "to_dict") else None,
            "datasets": [{"dataflow": d.dataflow, "observations": len(d)} for d in datasets],
        }
    )


def summary(report: Report, datasets: tuple[Dataset, ...], words: Catalogue) -> str:
    """Sentence or two that say what the report holds."""
    several = words.text("validation.datasets", count=len(datasets))
    if not len(report):
        number = sum(map(len, datasets))
        return words.text("validation.clean", observations=number, datasets=several)
    numbers = {s: len(report.of_severity(s)) for s in Severity}
    first = "errors" if numbers[Severity.ERROR] else "sendable"
    sentences = [words.text(f"validation.{first}", count=numbers[Severity.ERROR])]
    for severity, key in ((Severity.WARNING, "warnings"), (Severity.NOTE, "notes")):
        if numbers[severity]:
            sentences.append(words.text(f"validation.{key}", count=numbers[severity]))
    return " ".join(sentences)


def coverage_grid(report: Report, words: Catalogue) -> Grid:
    """Coverage of the checks, where the report has it; numbers keep their columns' own names."""
    import pandas as pd

    frame: Any = getattr(report, "coverage", None)
    if not isinstance(frame, pd.DataFrame):
        frame = pd.DataFrame()
    columns = [Column(str(c), str(c), number=_is_number(frame[c])) for c in frame.columns]
    return grid("coverage-table", words.text("coverage.caption"), frame, columns, words)


def _is_number(column: pd.Series[Any]) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return is_numeric_dtype(column) and not is_bool_dtype(column)


def dataset_grid(datasets: tuple[Dataset, ...], words: Catalogue) -> Grid:
    """Dataflow, size, areas and periods of each data set."""
    import pandas as pd

    names = ["dataflow", "observations", "areas", "periods", "action"]
    frame = pd.DataFrame([_overview(d) for d in datasets], columns=names)
    columns = [
        Column(n, words.text(f"datasets.{n}"), number=n == "observations") for n in names
    ]
    return grid("datasets-table", words.text("datasets.caption"), frame, columns, words)


def _overview(dataset: Dataset) -> Mapping[str, Any]:
    frame = dataset.observations

    def distinct(column: str) -> list[str]:
        return sorted(map(str, frame[column].unique())) if column in frame else []

    periods = distinct("TIME_PERIOD")
    return {
        "dataflow": dataset.dataflow,
        "observations": len(dataset),
        "areas": ", ".join(distinct("REF_AREA")[:12]),
        "periods": f"{periods[0]} – {periods[-1]}" if len(periods) > 1 else "".join(periods),
        "action": dataset.action,
    }

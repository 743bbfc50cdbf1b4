"""What a conversion gives: data sets, report, and the place of every cell of the workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.result.accounting import UNEXPLAINED
from ilms_sdmx.datasets import Dataset, datasets_table
from ilms_sdmx.findings import Finding, Report
from ilms_sdmx.findings.display import counted, page
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.tables.cells import Workbook

if TYPE_CHECKING:
    import pandas as pd
    from sdmx.model.v21 import DataflowDefinition

#: Order and words of the buckets in the summary.
WORDS = {
    Bucket.OBSERVATION: "observations",
    Bucket.TOTAL: "totals",
    Bucket.OF_WHICH: "of which",
    Bucket.PERCENT: "percents",
    Bucket.RATIO: "ratios",
    Bucket.RATE: "rates",
    Bucket.OTHER_MEASURE: "of other measures",
    Bucket.MISSING: "missing",
    Bucket.LABEL: "labels",
    Bucket.NOTE: "notes",
    Bucket.IGNORE: "ignored by rule",
    Bucket.FINDING: "unexplained",
}


@dataclass(frozen=True, eq=False)
class Conversion:
    """A converted workbook.

    Parameters
    ----------
    datasets
        Those with at least one observation, in the order of the mapping.
    report
        Everything that is wrong or worth knowing, each with its cell.
    provenance
        One row for every non-empty cell of the workbook, two where it gave two observations:
        `file`, `sheet`, `cell`, `bucket`, `rule`, `text` as printed, `value` as read,
        `dataflow`, every component of the key, `OBS_VALUE`, `UNIT_MULT`, `OBS_STATUS`, in
        `also` further dataflows it went to, its `note`, and in `checked` how a check looked at
        it: `fit` where a sum or percent had to fit, `bound` where a figure had to be no larger
        than another, empty where nothing can tell. All text.
    workbook
        Cells as they were read.
    structures
        Dataflow of every data set, with its structure.
    own
        Ids of the dataflows that were built from the table.
    checked
        Number of totals and percents compared, those that agree, and those that could not be
        compared, by bucket.
    covered
        Number of figures that a check looked at.
    refused
        Sheet and address of cells with a figure that a data set wants and none could take, for
        a label without a code or a key that meets another; findings say why.
    unproven
        Sheet and address of cells that hold a figure and that the mapping takes for a label, a
        note or a percent, while nothing in the sheet or the mapping proves it.
    is_strict
        Whether warnings stop the writing as errors do.
    is_stopped
        Whether open questions of the mapping stop the writing; there are no data sets then.
    """

    datasets: tuple[Dataset, ...]
    report: Report
    provenance: pd.DataFrame
    workbook: Workbook
    mapping: MappingDocument
    structures: Mapping[str, DataflowDefinition]
    own: frozenset[str]
    checked: Mapping[str, Counter[str]]
    covered: int = 0
    refused: frozenset[tuple[str, str]] = frozenset()
    unproven: frozenset[tuple[str, str]] = frozenset()
    is_strict: bool = False
    is_stopped: bool = False

    def __repr__(self) -> str:
        name = self.workbook.name
        summary = self.summary()
        datasets = list(self.datasets)
        return f"<Conversion of {name}: {summary}; {datasets}, {self.report}>"

    def _repr_html_(self) -> str:
        """Table of the data sets and one of the findings, for notebooks."""
        name = self.workbook.name
        summary = self.summary()
        table = datasets_table(self.datasets)
        datasets = page(f"Conversion of {name}: {summary}", table)
        return datasets + self.report._repr_html_()

    @cached_property
    def counts(self) -> dict[str, int]:
        """Cells by bucket; they add up to the non-empty cells of the workbook.

        A cell that gave two figures counts once, in the bucket of the first.
        """
        counts = _by_bucket(self._first["bucket"])
        counts.setdefault(Bucket.FINDING.value, 0)
        return counts

    @cached_property
    def not_written(self) -> dict[str, int]:
        """Cells by bucket whose figure a data set wants and none could take.

        `counts` counts them too.
        """
        if not self.refused:
            return {}
        first = self._first
        cells = zip(first["sheet"], first["cell"], strict=True)
        rows = [place in self.refused for place in cells]
        return _by_bucket(first["bucket"][rows])

    @property
    def _first(self) -> pd.DataFrame:
        """First row of each cell that is not empty."""
        first = self.provenance.drop_duplicates(["sheet", "cell"])
        return first[first["text"] != ""]

    @property
    def unexplained(self) -> int:
        """Number of cells that the mapping says nothing about; each is a finding too."""
        in_findings = self.provenance["bucket"] == Bucket.FINDING
        without_rule = self.provenance["rule"] == UNEXPLAINED
        return int((in_findings & without_rule).sum())

    @property
    def exit_code(self) -> int:
        """0 clean, 1 warnings, 2 errors or nothing to write, 3 open questions.

        Under `strict` warnings are errors.
        """
        if self.is_stopped:
            return 3
        if not self.datasets or self.stopping:
            return 2
        return self.report.exit_code

    @property
    def stopping(self) -> Report:
        """Findings that stop the writing: errors, and under `strict` warnings too."""
        if self.is_strict:
            return self.report.without_notes()
        return self.report.errors

    def summary(self) -> str:
        """One line that adds up: `46 cells: 14 observations, 2 totals (all agree), ...`."""
        parts = []
        for bucket, number in self.counts.items():
            if bucket != Bucket.FINDING:
                parts.append(f"{_counted(number, bucket)}{self._remarks(bucket)}")
        unexplained = self.unexplained
        only_in_findings = self.counts[Bucket.FINDING] - unexplained
        if only_in_findings:
            parts.append(f"{_grouped(only_in_findings)} only in findings")
        parts.append(f"{_grouped(unexplained)} unexplained")
        unproven = len(self.unproven)
        if unproven:
            figures = "figure" if unproven == 1 else "figures"
            parts.append(
                f"{_grouped(unproven)} {figures} taken for something else without proof"
            )
        number_of_cells = sum(self.counts.values())
        cells = _grouped(number_of_cells)
        word = "cell" if number_of_cells == 1 else "cells"
        buckets = ", ".join(parts)
        return f"{cells} {word}: {buckets}"

    @property
    def size(self) -> str:
        """Observations and data sets: `504 observations in 1 data set`.

        There are more observations than cells of that bucket where totals are written too.
        """
        number = sum(map(len, self.datasets))
        observations = counted(number, "observation")
        number_of_sets = len(self.datasets)
        datasets = counted(number_of_sets, "data set")
        return f"{observations} in {datasets}"

    def _remarks(self, bucket: str) -> str:
        """What checks say of the cells of a bucket; in brackets how many are not written."""
        remarks = []
        if self.checked.get(bucket):
            remarks += _agreement(self.checked[bucket])
        not_written = self.not_written.get(bucket)
        if not_written:
            remarks.append(f"{_grouped(not_written)} not written")
        return f" ({', '.join(remarks)})" if remarks else ""

    def frame(self) -> pd.DataFrame:
        """All observations of all data sets, with their dataflow in the first column."""
        import pandas as pd

        frames = []
        for dataset in self.datasets:
            frame = dataset.observations.astype("str")
            frame.insert(0, "DATAFLOW", dataset.dataflow)
            frames.append(frame)
        if not frames:
            return pd.DataFrame(columns=["DATAFLOW"])
        return pd.concat(frames, ignore_index=True)

    def findings_of(self, sheet: str, cell: str) -> tuple[Finding, ...]:
        """Return the findings of one cell."""
        findings = []
        for finding in self.report:
            if (finding.place.sheet, finding.place.cell) == (sheet, cell):
                findings.append(finding)
        return tuple(findings)

    def figures(self, **where: Any) -> pd.DataFrame:
        """Rows of the provenance with given values, `figures(bucket="total")`."""
        rows = self.provenance
        for name, value in where.items():
            rows = rows[rows[name] == value]
        return rows


def _by_bucket(buckets: Iterable[str]) -> dict[str, int]:
    """Number of cells of each bucket, in the order of the summary."""
    numbers = Counter(buckets)
    counts = {}
    for bucket in WORDS:
        if numbers[bucket.value]:
            counts[bucket.value] = numbers[bucket.value]
    return counts


def _agreement(numbers: Counter[str]) -> list[str]:
    """What became of the comparison of the totals or percents of a table, in words."""
    compared, agree = numbers["compared"], numbers["agree"]
    if not compared:
        return ["none compared"]
    remarks = ["all agree"]
    if agree != compared:
        remarks = [f"{_grouped(agree)} of {_grouped(compared)} agree"]
    not_compared = numbers["not compared"]
    if not_compared:
        remarks.append(f"{_grouped(not_compared)} not compared")
    return remarks


def _counted(number: int, bucket: str) -> str:
    """Number of cells of a bucket with its word: `1 observation`, `2 totals`."""
    words = WORDS[Bucket(bucket)]
    if number == 1 and " " not in words:
        words = words.removesuffix("s")
    return f"{_grouped(number)} {words}"


def _grouped(number: int) -> str:
    """Number with blanks between its thousands."""
    return f"{number:,}".replace(",", " ")

"""What a conversion gives: data sets, report, and the place of every cell of the workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.result.accounting import UNEXPLAINED
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.findings import Finding, Report
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
        One row for every non-empty cell of the workbook, two where it gave two observations: `file`, `sheet`,
        `cell`, `bucket`, `rule`, `text` as printed, `value` as read, `dataflow`, every component of the key,
        `OBS_VALUE`, `UNIT_MULT`, `OBS_STATUS`, in `also` further dataflows it went to, its `note`, and in
        `checked` how a check looked at it: `fit` where a sum or percent had to fit, `bound` where a figure
        had to be no larger than another, empty where nothing can tell. All text.
    workbook
        Cells as they were read.
    structures
        Dataflow of every data set, with its structure.
    own
        Ids of the dataflows that were built from the table.
    checked
        Number of totals and percents compared, those that agree, and those that could not be compared, by
        bucket.
    covered
        Number of figures that a check looked at.
    refused
        Sheet and address of cells with a figure that a data set wants and none could take, for a label
        without a code or a key that meets another; findings say why.
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

    def __repr__(self) -> str:
        return f"<Conversion of {self.workbook.name}: {self.summary()}; {list(self.datasets)}, {self.report}>"

    @cached_property
    def counts(self) -> dict[str, int]:
        """Cells by bucket; they add up to the non-empty cells of the workbook.

        A cell that gave two figures counts once, in the bucket of the first.
        """
        found = Counter(self._first["bucket"])
        return {b.value: found[b.value] for b in WORDS if found[b.value] or b is Bucket.FINDING}

    @cached_property
    def not_written(self) -> dict[str, int]:
        """Cells by bucket whose figure a data set wants and none could take: what `counts` counts too."""
        if not self.refused:
            return {}
        cells = self._first[["sheet", "cell"]].itertuples(index=False, name=None)
        found = Counter(self._first["bucket"][[place in self.refused for place in cells]])
        return {b.value: found[b.value] for b in WORDS if found[b.value]}

    @property
    def _first(self) -> pd.DataFrame:
        """First row of each cell that is not empty."""
        first = self.provenance.drop_duplicates(["sheet", "cell"])
        return first[first["text"] != ""]

    @property
    def unexplained(self) -> int:
        """Number of cells that the mapping says nothing about; each is a finding too."""
        rows = self.provenance
        return int(((rows["bucket"] == Bucket.FINDING) & (rows["rule"] == UNEXPLAINED)).sum())

    @property
    def exit_code(self) -> int:
        """0 clean, 1 warnings, 2 errors."""
        return self.report.exit_code

    def summary(self) -> str:
        """One line that adds up: `46 cells: 14 observations, 2 totals (all agree), ... 0 unexplained`."""
        counts = self.counts
        known = {b: n for b, n in counts.items() if b != Bucket.FINDING}
        parts = [f"{_counted(n, WORDS[Bucket(b)])}{self._remarks(b)}" for b, n in known.items()]
        told = counts[Bucket.FINDING] - self.unexplained
        parts += [f"{_grouped(told)} only in findings"] if told else []
        parts += [f"{_grouped(self.unexplained)} {WORDS[Bucket.FINDING]}"]
        cells = sum(counts.values())
        return f"{_grouped(cells)} cell{'s' if cells != 1 else ''}: {', '.join(parts)}"

    def _remarks(self, bucket: str) -> str:
        remarks = self._agree(self.checked[bucket]) if self.checked.get(bucket) else []
        if refused := self.not_written.get(bucket):
            remarks.append(f"{_grouped(refused)} not written")
        return f" ({', '.join(remarks)})" if remarks else ""

    @staticmethod
    def _agree(found: Counter[str]) -> list[str]:
        compared, agree = found["compared"], found["agree"]
        if not compared:
            return ["none compared"]
        verdict = (
            "all agree"
            if agree == compared
            else f"{_grouped(agree)} of {_grouped(compared)} agree"
        )
        rest = found["not compared"]
        return [verdict, f"{_grouped(rest)} not compared"] if rest else [verdict]

    def frame(self) -> pd.DataFrame:
        """All observations of all data sets below one another, with their dataflow in the first column."""
        import pandas as pd

        frames = [
            d.observations.astype("str").assign(DATAFLOW=d.dataflow) for d in self.datasets
        ]
        if not frames:
            return pd.DataFrame(columns=["DATAFLOW"])
        whole = pd.concat(frames, ignore_index=True)
        return whole[["DATAFLOW", *(c for c in whole.columns if c != "DATAFLOW")]]

    def findings_of(self, sheet: str, cell: str) -> tuple[Finding, ...]:
        """Return the findings of one cell."""
        return tuple(f for f in self.report if f.place.sheet == sheet and f.place.cell == cell)

    def figures(self, **where: Any) -> pd.DataFrame:
        """Rows of the provenance with given values, `figures(bucket="total")`."""
        rows = self.provenance
        for name, value in where.items():
            rows = rows[rows[name] == value]
        return rows


def _counted(number: int, word: str) -> str:
    return f"{_grouped(number)} {word.removesuffix('s') if number == 1 and ' ' not in word else word}"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")

"""The whole flow: workbook and mapping in; data sets, report and the place of every cell out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.checks.claims import run_claims
from ilms_sdmx.conversion.checks.decisions import undecided
from ilms_sdmx.conversion.checks.multipliers import unsaid
from ilms_sdmx.conversion.checks.shares import find_broken_shares, run_shares
from ilms_sdmx.conversion.checks.sums import run_checks
from ilms_sdmx.conversion.checks.totals import Verdicts, find_broken_sums, find_rounded_sums
from ilms_sdmx.conversion.checks.unused import unused
from ilms_sdmx.conversion.extraction import Extraction, extract
from ilms_sdmx.conversion.figures.footnotes import NOTE, Noted, footnotes
from ilms_sdmx.conversion.filling.filled import Filled, fill
from ilms_sdmx.conversion.filling.targets import target
from ilms_sdmx.conversion.layout.grid import grids
from ilms_sdmx.conversion.layout.regions import locate
from ilms_sdmx.conversion.result.accounting import account
from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.conversion.result.provenance import CHECKED, PRINTED, provenance
from ilms_sdmx.findings import Finding, Place, Report, Severity
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.classifications import find_unnamed
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.file.reading import read_mapping
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.tables.workbooks import read_workbook

if TYPE_CHECKING:
    import pandas as pd

#: Called with steps done and steps in all.
Progress = Callable[[int, int], None]


def convert(
    source: str | PathLike[str] | bytes | Workbook,
    mapping: str | PathLike[str] | MappingDocument,
    *,
    progress: Progress | None = None,
) -> Conversion:
    """Convert a workbook under a mapping, every cell accounted for.

    Parameters
    ----------
    source
        Workbook, or its path or bytes, in any format that `tables.read_workbook` reads.
    mapping
        Path of the mapping file, or the document of `mapping.read_mapping`.
    progress
        Called as the work goes on, with the steps done and their number.

    Returns
    -------
    Conversion
        What is wrong with the data is in its report; nothing is written.

    Raises
    ------
    TableError
        The source is no workbook.
    MappingError
        The mapping file is wrong: file, line, what was expected.
    StructureError
        A dataflow or codelist that does not exist.

    Examples
    --------
    >>> from ilms_sdmx import convert, example
    >>> done = convert(*example("phl-emigrants"))
    >>> done.summary()  # doctest: +ELLIPSIS
    '570 cells: 460 observations, ... 0 unexplained'
    """
    step = _Steps(progress)
    folder = Path() if isinstance(mapping, MappingDocument) else Path(mapping).parent
    document = mapping if isinstance(mapping, MappingDocument) else read_mapping(mapping)
    targets = [target(d, document, folder) for d in document.datasets]
    step()
    way = {
        "encoding": document.conventions.encoding,
        "delimiter": document.conventions.delimiter,
    }
    workbook = source if isinstance(source, Workbook) else read_workbook(source, **way)
    step()
    extraction, noted, missing = _extract(workbook, document)
    step()
    verdicts, differing = _checks(extraction.figures, document, workbook)
    claims = run_claims(extraction.figures, document, workbook)
    step()
    explained = {sheet: set(lines.values()) for sheet, lines in noted.legend.items()}
    filled = fill(extraction.figures, targets, document, workbook, explained)
    step()
    others, unexplained = account(workbook, extraction, document, noted.legend)
    findings = [
        *_of_file(workbook, document),
        *undecided(document),
        *missing,
        *extraction.findings,
    ]
    findings += [*filled.findings, *differing, *noted.findings]
    findings += [*_of_mapping(extraction.figures, document, workbook), *claims]
    findings += [*_not_taken(extraction.figures, filled, workbook.name), *unexplained]
    checked = _checked(extraction.figures, verdicts)
    figures = _printed(extraction.figures, verdicts)
    del extraction, verdicts
    covered, refused = (
        int((figures[CHECKED] != "").sum()),
        _cells(figures.loc[filled.refused()]),
    )
    step()
    return Conversion(
        datasets=filled.datasets,
        report=Report.of(findings),
        provenance=provenance(workbook, figures, filled, others),
        workbook=workbook,
        mapping=document,
        structures={t.dataflow_id: t.dataflow for t in targets},
        own=frozenset(t.dataflow_id for t in targets if t.own),
        checked=checked,
        covered=covered,
        refused=refused,
    )


def _checks(
    figures: pd.DataFrame, document: MappingDocument, workbook: Workbook
) -> tuple[Verdicts, list[Finding]]:
    """Verdicts on sums and shares, and the findings where they differ."""
    sums = run_checks(figures, document.tables)
    shares = run_shares(figures, document.tables)
    verdicts = Verdicts.joined([sums, shares.verdicts])
    findings = [
        *find_broken_sums(sums, workbook.name),
        *find_rounded_sums(sums, workbook.name),
        *find_broken_shares(shares, workbook.name),
    ]
    return verdicts, findings


def _of_mapping(
    figures: pd.DataFrame, document: MappingDocument, workbook: Workbook
) -> list[Finding]:
    """Say what the mapping leaves unsaid, and what of it does nothing here."""
    return [
        *find_unnamed(document.codes, document.name),
        *unused(figures, document.tables, workbook.name),
        *unsaid(figures, document.tables, workbook),
    ]


def _printed(figures: pd.DataFrame, verdicts: Verdicts) -> pd.DataFrame:
    """Leave behind the headings of all figures: they are a third of the memory, and have done their work."""
    figures[CHECKED] = _looked_at(figures, verdicts)
    return figures[[*PRINTED]]


def _cells(figures: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """Sheet and address of the cells of figures."""
    return frozenset(figures[["sheet", "cell"]].itertuples(index=False, name=None))


def _of_file(workbook: Workbook, document: MappingDocument) -> list[Finding]:
    """Leave out the question about hidden cells where the mapping answers it."""
    answered = {"hidden-sheet", "hidden-cells"} if document.conventions.hidden else set()
    return [f for f in workbook.findings if f.rule not in answered]


def _looked_at(figures: pd.DataFrame, verdicts: Verdicts) -> pd.Series[str]:
    """Say how a check looked at each figure: `fit` where sums had to fit, `bound` where it may be smaller.

    A blank that a check took for nothing is none.
    """
    import numpy as np
    import pandas as pd

    exact = pd.Index([]).append([*verdicts.exact]).unique()
    there = figures["value"].notna().to_numpy()
    kinds = 2 * (there & figures.index.isin(exact)) + (
        there & figures.index.isin(verdicts.covered)
    )
    words = pd.array(["", "bound", "fit", "fit"], dtype="str")
    return pd.Series(words.take(np.asarray(kinds)), index=figures.index)


def _extract(
    workbook: Workbook, document: MappingDocument
) -> tuple[Extraction, Noted, list[Finding]]:
    """Figures of all tables with their footnotes, and the tables that are not there."""
    found = grids(workbook, hidden=document.conventions.hidden != "ignore")
    regions, missing = locate(found, document.tables, workbook.name)
    extraction = extract(regions, document, workbook.name)
    noted = footnotes(extraction.figures, workbook, extraction.labels)
    extraction.figures[NOTE] = noted.notes
    del extraction.figures["marks"]  # their work is done
    return extraction, noted, missing


class _Steps:
    """Counter of the six steps of a conversion."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress, self.done = progress, 0

    def __call__(self) -> None:
        self.done += 1
        if self.progress:
            self.progress(self.done, 6)


def _not_taken(figures: pd.DataFrame, filled: Filled, file: str) -> list[Finding]:
    """Observations that no data set takes: the mapping forgot them."""
    if not len(figures):
        return []
    lost = figures[
        (figures["bucket"] == Bucket.OBSERVATION.value) & ~figures.index.isin(filled.offered)
    ]
    figures.loc[lost.index, "bucket"] = Bucket.FINDING.value
    return [
        Finding(
            "not-taken",
            Severity.ERROR,
            f"{len(group)} observations of the table {name!r} are taken by no data set.",
            place=Place(file, str(group["sheet"].iloc[0]), str(group["cell"].iloc[0])),
            read=str(group["text"].iloc[0]),
            expected="every observation in at least one data set",
            fix="widen tables or where of a data set, or give the figures another bucket by a rule",
            affects=f"{len(group)} observations, not written",
        )
        for name, group in lost.groupby("table", sort=False)
    ]


def _checked(figures: pd.DataFrame, verdicts: Verdicts) -> dict[str, Counter[str]]:
    """Totals and percents by what became of their comparison."""
    found: dict[str, Counter[str]] = {}
    for bucket in (Bucket.TOTAL.value, Bucket.PERCENT.value):
        rows: list[Any] = (
            list(figures.index[figures["bucket"] == bucket]) if len(figures) else []
        )
        if not rows:
            continue
        compared = [i for i in rows if i in verdicts.agree]
        found[bucket] = Counter(
            {
                "compared": len(compared),
                "agree": sum(verdicts.agree[i] for i in compared),
                "not compared": len(rows) - len(compared),
            }
        )
    return found

"""The whole flow: of a workbook and its mapping to data sets, report and provenance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from ilms_sdmx.conversion.checks.claims import find_broken_claims
from ilms_sdmx.conversion.checks.languages import find_unchecked_languages
from ilms_sdmx.conversion.checks.mapping_gaps import (
    find_checks_without_figures,
    find_missing_multipliers,
    find_parts_of_persons,
    find_undecided_lines,
)
from ilms_sdmx.conversion.checks.shares import find_broken_shares, run_shares
from ilms_sdmx.conversion.checks.sums import UNIT, run_checks
from ilms_sdmx.conversion.checks.title_periods import TitlePeriods
from ilms_sdmx.conversion.checks.totals import Verdicts, find_broken_sums, find_rounded_sums
from ilms_sdmx.conversion.checks.unpinned import find_unpinned_titles
from ilms_sdmx.conversion.checks.unproven import (
    cells_of,
    find_noted_figures,
    find_unproven_percents,
)
from ilms_sdmx.conversion.extraction import Extraction, extract
from ilms_sdmx.conversion.figures.cell_sex import without_other_sex
from ilms_sdmx.conversion.figures.footnotes import (
    Legend,
    find_unexplained_marks,
    read_legend,
    with_footnotes,
)
from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.filling.filled import (
    Filled,
    distinct,
    fill,
    find_in_notes_and_periods,
    find_untaken,
    untaken,
)
from ilms_sdmx.conversion.filling.targets import Target, target_of
from ilms_sdmx.conversion.layout.grid import grids
from ilms_sdmx.conversion.layout.regions import (
    Missing,
    find_missing_tables,
    locate,
    missing_of_sheets,
)
from ilms_sdmx.conversion.result.accounting import account, find_unexplained
from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.conversion.result.provenance import CHECKED, provenance_of, used_columns
from ilms_sdmx.conversion.undecided import (
    STOP,
    UNDECIDED,
    Waiting,
    find_questions,
    find_version,
)
from ilms_sdmx.findings import Finding, Report
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.classifications import find_unnamed
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.file.reading import STRICT, read_mapping
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.tables.workbooks import read_workbook

if TYPE_CHECKING:
    import pandas as pd

#: Called with steps done and steps in all.
Progress = Callable[[int, int], None]
#: Endings of the names of mapping files.
_MAPPINGS = (".yaml", ".yml")
#: Steps of a conversion.
STEPS = 6


def convert(
    source: str | PathLike[str] | bytes | Workbook,
    mapping: str | PathLike[str] | MappingDocument,
    *,
    undecided: str = STOP,
    strict: bool = False,
    progress: Progress | None = None,
) -> Conversion:
    """Convert a workbook under a mapping, every cell accounted for.

    Parameters
    ----------
    source
        Workbook, or its path or bytes, in any format that `tables.read_workbook` reads.
    mapping
        Path of the mapping file, or the document of `mapping.read_mapping`.
    undecided
        What becomes of the open questions of the mapping, lines with `decide:` and values that
        are `?`: with `stop` there are no data sets, with `skip` the figures that wait for an
        answer are left out.
    strict
        Whether warnings stop the writing as errors do, and so does a table whose title
        the mapping has not pinned (`title-unpinned`): for runs that nobody watches.
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
    if undecided not in UNDECIDED:
        raise TypeError(f"expected undecided to be stop or skip, found {undecided!r}")
    _refuse_swapped(source)
    step = _Steps(progress)
    if isinstance(mapping, MappingDocument):
        document, folder = mapping, Path()
    else:
        document, folder = read_mapping(mapping), Path(mapping).parent
    waiting = Waiting.of(document, undecided)
    targets = _targets(waiting, folder)
    step()
    workbook = _workbook(source, document)
    step()
    return _converted(workbook, _Plan(waiting, targets, undecided, strict), step)


def _refuse_swapped(source: object) -> None:
    """Refuse a mapping in the place of the workbook."""
    is_mapping = isinstance(source, MappingDocument)
    if isinstance(source, str | PathLike):
        path = Path(source)
        suffix = path.suffix.lower()
        is_mapping = suffix in _MAPPINGS
    if is_mapping:
        raise TypeError("expected the workbook, then its mapping; found the mapping first")


@dataclass(frozen=True, eq=False)
class _Plan:
    """What a mapping wants.

    Parameters
    ----------
    waiting
        The mapping, with what waits for answers.
    targets
        Data sets that can be filled.
    undecided
        What becomes of open questions.
    is_strict
        Whether warnings stop the writing.
    """

    waiting: Waiting
    targets: list[Target]
    undecided: str
    is_strict: bool = False

    @property
    def mapping(self) -> MappingDocument:
        """The mapping."""
        return self.waiting.mapping

    @property
    def is_stopped(self) -> bool:
        """Whether open questions stop the writing."""
        stops = self.mapping.version >= STRICT
        return stops and self.undecided == STOP and bool(self.mapping.questions)


def _targets(waiting: Waiting, folder: Path) -> list[Target]:
    """Data sets that do not wait for an answer, with their structures."""
    mapping = waiting.mapping
    held = waiting.datasets()
    targets = []
    for number, dataset in enumerate(mapping.datasets):
        if number not in held:
            targets.append(target_of(dataset, mapping, folder))
    return targets


class _Steps:
    """Counter of the steps of a conversion."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.done = 0

    def __call__(self) -> None:
        self.done += 1
        if self.progress:
            self.progress(self.done, STEPS)


def _workbook(
    source: str | PathLike[str] | bytes | Workbook, mapping: MappingDocument
) -> Workbook:
    """Workbook of a source, read as the mapping says."""
    if isinstance(source, Workbook):
        return source
    conventions = mapping.conventions
    return read_workbook(source, encoding=conventions.encoding, delimiter=conventions.delimiter)


@dataclass(frozen=True, eq=False)
class _Extracted:
    """What is read of the tables of a workbook.

    Parameters
    ----------
    extraction
        The figures, with their notes.
    legend
        The legends of the sheets.
    missing
        Findings of tables that are not there.
    missing_of_sheets
        Name of a sheet to the table that is not on it.
    unexplained_marks
        Findings of marks without a text.
    title_periods
        Findings of titles that say another period than the mapping.
    unpinned
        Findings of titles that the mapping has not pinned.
    """

    extraction: Extraction
    legend: Legend
    missing: list[Finding]
    missing_of_sheets: dict[str, Missing]
    unexplained_marks: list[Finding]
    title_periods: list[Finding]
    unpinned: list[Finding]

    @property
    def figures(self) -> Figures:
        """The figures."""
        return self.extraction.figures


def _extract(workbook: Workbook, mapping: MappingDocument, *, is_strict: bool) -> _Extracted:
    """Figures of all tables with their footnotes; unpinned titles where they stop."""
    reads_hidden = mapping.conventions.hidden != "ignore"
    sheets = grids(workbook, hidden=reads_hidden)
    regions = locate(sheets, mapping.tables)
    missing = find_missing_tables(regions, sheets, mapping.tables)
    of_sheets = missing_of_sheets(regions, sheets, mapping.tables)
    read = extract(regions, mapping, workbook.name)
    figures = read.figures
    legend = read_legend(figures, workbook, read.labels)
    unexplained_marks = find_unexplained_marks(figures, legend)
    noted = with_footnotes(figures, legend).without("marks")
    kept, of_another_sex = without_other_sex(noted, mapping.conventions.languages)
    extraction = replace(read, figures=kept, findings=(*read.findings, *of_another_sex))
    titles = TitlePeriods(mapping, regions, workbook.name, read.pinned)
    title_periods = titles.find(figures)
    unpinned = find_unpinned_titles(regions, mapping) if is_strict else []
    return _Extracted(
        extraction, legend, missing, of_sheets, unexplained_marks, title_periods, unpinned
    )


def figures_of(workbook: Workbook, mapping: MappingDocument) -> Figures:
    """Figures of all tables under a mapping, with their headings, as `convert` reads them.

    What the open questions of the mapping leave undecided is read as it is proposed.
    """
    return _extract(workbook, mapping, is_strict=False).figures


@dataclass(frozen=True, eq=False)
class _Compared:
    """What the comparison of figures says.

    Parameters
    ----------
    verdicts
        Verdicts on sums and shares.
    differing
        Findings of sums and shares that differ, and of parts of persons.
    claims
        Findings of what the source states otherwise elsewhere.
    """

    verdicts: Verdicts
    differing: list[Finding]
    claims: list[Finding]


def _compare(
    figures: Figures, waiting: Waiting, mapping: MappingDocument, workbook: Workbook
) -> _Compared:
    """Comparison of sums and shares, and of what the mapping claims of figures.

    Figures of which a rule asks what they are, are compared with nothing.
    """
    known = waiting.known(figures)
    units = waiting.units(known)
    with_units = known.with_columns({UNIT: units})
    sums = run_checks(with_units, mapping.tables)
    shares = run_shares(known, mapping.tables)
    verdicts = Verdicts.joined([sums, shares.verdicts])
    differing = list(find_broken_sums(sums))
    differing += find_rounded_sums(sums)
    differing += find_broken_shares(shares)
    differing += find_parts_of_persons(known, units, mapping.tables)
    claims = find_broken_claims(figures, mapping, workbook)
    return _Compared(verdicts, differing, claims)


def _converted(workbook: Workbook, plan: _Plan, step: _Steps) -> Conversion:
    """Conversion of a workbook whose data sets have their structures."""
    mapping = plan.mapping
    targets = plan.targets
    extracted = _extract(workbook, mapping, is_strict=plan.is_strict)
    step()
    figures = extracted.figures
    waiting = plan.waiting.with_figures(figures)
    compared = _compare(figures, waiting, mapping, workbook)
    step()
    filled = fill(waiting.ready(figures), targets, mapping, workbook)
    filled = waiting.left(figures, filled)
    step()
    accounted = account(workbook, extracted.extraction, mapping, extracted.legend.used)
    numbers = waiting.numbers(filled)
    findings = find_version(mapping, workbook.name)
    findings += find_questions(mapping, plan.undecided, numbers)
    findings += _find(workbook, mapping, extracted, compared, filled)
    area = mapping.source.get("area", "")
    above = extracted.extraction.above
    told = {(each.place.sheet, each.place.cell) for each in extracted.title_periods}
    findings += find_unexplained(
        accounted, workbook, above, area, extracted.missing_of_sheets, told
    )
    checked = _how_checked(figures, compared.verdicts)
    if plan.is_strict:
        findings += extracted.unpinned
    unproven = find_unproven_percents(figures, checked, workbook)
    unproven += find_noted_figures(accounted.rows)
    findings += [each.finding for each in unproven]
    taken = [*extracted.extraction.taken, *unproven]
    report = Report.of(findings)
    figures = _settled(figures, checked, filled)
    totals = _compared_totals(figures, compared.verdicts)
    is_checked = figures.frame[CHECKED] != ""
    covered = int(is_checked.sum())
    refused_figures = figures.frame.loc[filled.refused()]
    refused = _cells(refused_figures)
    columns = used_columns(figures)
    structures = {target.dataflow_id: target.dataflow for target in targets}
    own = [target.dataflow_id for target in targets if target.own]
    # The headings of all figures are a third of the memory, and have done their work.
    del extracted, compared, figures, is_checked, refused_figures
    step()
    provenance = provenance_of(workbook, columns, filled, accounted.rows)
    datasets = () if plan.is_stopped else filled.datasets
    return Conversion(
        datasets=datasets,
        report=report.at(file=workbook.name),
        provenance=provenance,
        workbook=workbook,
        mapping=mapping,
        structures=structures,
        own=frozenset(own),
        checked=totals,
        covered=covered,
        refused=refused,
        unproven=cells_of(taken),
        is_strict=plan.is_strict,
        is_stopped=plan.is_stopped,
    )


def _find(
    workbook: Workbook,
    mapping: MappingDocument,
    extracted: _Extracted,
    compared: _Compared,
    filled: Filled,
) -> list[Finding]:
    """Findings of a conversion in the order of the work, but for those of unexplained cells."""
    figures = extracted.figures
    explained = {}
    for sheet, lines in extracted.legend.used.items():
        explained[sheet] = set(lines.values())
    in_labels = find_in_notes_and_periods(figures, filled.targets, mapping, workbook, explained)
    untaken_figures = figures.only(untaken(figures, filled))
    findings = _questions_of_file(workbook, mapping)
    findings += find_undecided_lines(mapping)
    findings += extracted.missing
    findings += extracted.title_periods
    findings += extracted.extraction.findings
    findings += distinct(in_labels)
    findings += filled.findings
    findings += compared.differing
    findings += extracted.unexplained_marks
    findings += find_unnamed(mapping)
    findings += find_checks_without_figures(figures, mapping.tables)
    findings += find_missing_multipliers(figures, mapping.tables, workbook)
    findings += compared.claims
    findings += find_untaken(untaken_figures)
    findings += find_unchecked_languages(workbook, mapping)
    return findings


def _questions_of_file(workbook: Workbook, mapping: MappingDocument) -> list[Finding]:
    """Findings of the workbook, without the question about hidden cells that is answered."""
    answered = []
    if mapping.conventions.hidden:
        answered = ["hidden-sheet", "hidden-cells"]
    return [finding for finding in workbook.findings if finding.rule not in answered]


def _settled(figures: Figures, checked: pd.Series[str], filled: Filled) -> Figures:
    """Figures with their last buckets, and with what the checks say of them."""
    rows = untaken(figures, filled)
    settled = figures.with_bucket(rows, Bucket.FINDING, why="no data set takes it")
    return settled.with_columns({CHECKED: checked})


def _how_checked(figures: Figures, verdicts: Verdicts) -> pd.Series[str]:
    """How a check looked at each figure.

    It is `fit` where sums had to fit, and `bound` where the figure may be smaller. A blank that
    a check took for nothing is none.
    """
    import numpy as np
    import pandas as pd

    index = figures.index
    every_exact = pd.Index([]).append(list(verdicts.exact))
    exact = every_exact.unique()
    has_value = figures.has_value.to_numpy()
    fits = has_value & index.isin(exact)
    covered = has_value & index.isin(verdicts.covered)
    words = pd.array(["", "bound", "fit", "fit"], dtype="str")
    numbers = np.asarray(2 * fits + covered)
    checked = words.take(numbers)
    return pd.Series(checked, index=index)


def _cells(figures: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """Sheet and address of the cells of figures."""
    return frozenset(zip(figures["sheet"], figures["cell"], strict=True))


def _compared_totals(figures: Figures, verdicts: Verdicts) -> dict[str, Counter[str]]:
    """Totals and percents by what became of their comparison."""
    by_bucket = {}
    for bucket in (Bucket.TOTAL, Bucket.PERCENT):
        numbers = figures.index[figures.in_bucket(bucket)]
        if not len(numbers):
            continue
        results = [verdicts.agree[number] for number in numbers if number in verdicts.agree]
        counts = Counter({"compared": len(results)})
        counts["agree"] = sum(results)
        counts["not compared"] = len(numbers) - len(results)
        by_bucket[bucket.value] = counts
    return by_bucket

"""National figures next to international ones, with what may be said of each pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ilms_sdmx.analysis.comparison import mirror, series
from ilms_sdmx.analysis.comparison.ages import age_range, with_ages
from ilms_sdmx.analysis.comparison.alignment import MAX_GAP_DAYS
from ilms_sdmx.analysis.comparison.comparators import comparators_by_name
from ilms_sdmx.analysis.comparison.observed import observed_figures
from ilms_sdmx.analysis.comparison.pairs import empty_pairs, pair_figures
from ilms_sdmx.analysis.comparison.remarks import findings_of_pairs, remarks_on
from ilms_sdmx.analysis.comparison.sides import Comparable, Side, sides_of
from ilms_sdmx.analysis.comparison.snapshots import SNAPSHOTS
from ilms_sdmx.analysis.comparison.stacking import stack
from ilms_sdmx.findings import Report
from ilms_sdmx.findings.display import page
from ilms_sdmx.records import RECORD_COLUMNS

if TYPE_CHECKING:
    from ilms_sdmx.datasets import Dataset

#: Pairs that a notebook shows.
_SHOWN = 10


@dataclass(frozen=True, eq=False)
class Comparison:
    """Pairs of figures with their verdicts, and what the figures of both sides say together.

    Parameters
    ----------
    pairs
        One row a pair of figures: who said it (`ours_name`, `theirs_name`), of what (`area`,
        `partner`, `partner_kind`, `host`, `origin`, `sex`, `detail`), when (`ours_period`,
        `theirs_period`, `ours_date`, `theirs_date`, `gap_days` from ours to theirs), the
        figures `ours` and `theirs` in persons (or the unit of a rate), `difference` (ours less
        theirs), `ratio` (ours to theirs) and `log_ratio`, missing where the verdict forbids
        them, `ours_share` and `theirs_share` of the total, `ours_residual` and
        `theirs_residual` (share of the total that is in no common partner), `agree` (equal
        within rounding), `verdict` (comparable, caution, not-comparable), `reasons`, the
        statuses, and the rows of `records` and positions in the data sets that the figures come
        from (-1: a sum made here).
    records
        One row a comparability record: fields of `Record`, with `side`, `kind`, `direction` and
        `measure`.
    report
        What was found on the way. Differences inform; they are never errors.
    """

    ours: tuple[Side, ...]
    theirs: tuple[Side, ...]
    pairs: pd.DataFrame
    records: pd.DataFrame
    report: Report

    def __repr__(self) -> str:
        ours = _names_of(self.ours)
        theirs = _names_of(self.theirs)
        pair_count = len(self.pairs)
        return f"<Comparison of {ours} with {theirs}: {pair_count:,} pairs, {self.report}>"

    def _repr_html_(self) -> str:
        """Table of the first pairs, for notebooks."""
        first = self.pairs.head(_SHOWN)
        title = repr(self)
        number = len(self.pairs)
        return page(title.strip("<>"), first, number)

    @cached_property
    def observations(self) -> pd.DataFrame:
        """Every figure of all sides in one tidy frame.

        `side` says whose, `record` points into `records`.
        """
        return observed_figures([*self.ours, *self.theirs])

    @cached_property
    def mirror(self) -> pd.DataFrame:
        """What origins say of their people in a host, next to what the host says of them."""
        return mirror.mirrored(self.observations, self.records)

    @cached_property
    def series(self) -> pd.DataFrame:
        """Time series by side, with breaks.

        A further edition is a further series, never spliced.
        """
        return series.in_order_of_time(self.observations, self.records)

    @cached_property
    def revisions(self) -> pd.DataFrame:
        """Figures that two editions of one source give for the same key and date."""
        return series.revisions(self.observations, self.records)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Area, year and table of each side, with the number of partners and figures."""
        return series.coverage(self.observations, self.records)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Number of pairs of each comparator by verdict and reasons, and how many agree."""
        names = ["ours_name", "theirs_name", "verdict", "reasons"]
        grouped = self.pairs.groupby(names, observed=True)
        counted = grouped.agg(
            pairs=("ours", "size"), agree=("agree", "sum"), median_ratio=("ratio", "median")
        )
        return counted.reset_index()

    def place(self, pair: int, side: str = "ours") -> dict[str, str]:
        """Where a figure of a pair comes from: file, sheet and cell, or address and edition.

        Parameters
        ----------
        pair
            Position in `pairs`.
        side
            `ours` or `theirs`.
        """
        row = self.pairs.iloc[pair]
        record = self.records.iloc[int(row[f"{side}_record"])]
        names = ("source", "edition", "table", "address", "retrieved")
        origin = {}
        for name in names:
            origin[name] = str(record[name])
        part = record["part"]
        dataset = self.datasets[int(part)]
        position = int(row[f"{side}_row"])
        return origin | _cell_of(dataset, position)

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """Data sets of all sides: ours, then theirs."""
        return tuple(
            dataset for side in (*self.ours, *self.theirs) for dataset in side.datasets
        )

    def __len__(self) -> int:
        return len(self.pairs)


def _cell_of(dataset: Dataset, position: int) -> dict[str, str]:
    """File, sheet and cell of an observation.

    Nothing where they are not known or it is a sum made here.
    """
    provenance = dataset.provenance
    if provenance is None:
        return {}
    if position < 0:
        return {}
    label = dataset.observations.index[position]
    if label not in provenance.index:
        return {}
    cells: Any = provenance.loc[label]
    first = cells
    if isinstance(cells, pd.DataFrame):
        first = cells.iloc[0]
    places = ("file", "sheet", "cell")
    return {name: str(first[name]) for name in places if name in first.index}


def compare(
    ours: Comparable, *theirs: Comparable, max_gap_days: int = MAX_GAP_DAYS
) -> Comparison:
    """Figures next to those of others, with the verdict whether a pair may be compared.

    Both sides are brought to common partners: what a side says of partners that the other does
    not name goes, with its residual, into one row of others, wherever the totals are known.
    Totals of both sexes are added up where both parts are there. A figure is paired with the
    one of the nearest date.

    Parameters
    ----------
    ours
        A data set, whatever has `datasets` (a conversion, a message, a fetched result), a path
        of a message, or several of these.
    theirs
        Comparators, most often `Harmonised` ones, whose records say what they count; the path
        of a message; the name of a shipped snapshot: `snapshot` (all), `undesa` or `ilostat`;
        or a name as on the command line, such as `undesa-stock:2024`, which is fetched.
    max_gap_days
        Figures whose dates lie further apart are not paired.

    Returns
    -------
    Comparison
        Its `pairs` have no difference where criterion, scope, ages or kind differ or are
        unknown.

    Raises
    ------
    TypeError
        An argument is no data set.
    StructureError
        A data set has no REF_AREA or no TIME_PERIOD.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset, compare
    >>> def stock(value, source):
    ...     frame = pd.DataFrame({"REF_AREA": ["THA"], "SEX": ["SEX_T"], "CCT": ["CCT_CTZ_MMR"],
    ...         "TIME_PERIOD": ["2020"], "OBS_VALUE": [value], "UNIT_MULT": ["3"],
    ...         "SOURCE": [source]})
    ...     components = Components(("REF_AREA", "SEX", "CCT", "TIME_PERIOD"),
    ...         attributes={"UNIT_MULT": (), "SOURCE": ()})
    ...     return Dataset(frame, components, "ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)")
    >>> pairs = compare(stock("692.5", "Ministry"), stock("700.0", "ILOSTAT")).pairs
    >>> pairs[["ours", "theirs", "difference", "verdict"]].values.tolist()
    [[692500.0, 700000.0, -7500.0, 'comparable']]
    """
    our_sides = sides_of(ours)
    comparators_of_ours = [_comparator(comparator, ours) for comparator in theirs]
    their_sides = []
    for number, comparator in enumerate(comparators_of_ours, 1):
        for side in sides_of(comparator):
            numbered = replace(side, comparator=number)
            their_sides.append(numbered)
    our_aged = _aged(our_sides, their_sides)
    their_aged = _aged(their_sides, our_sides)
    left = _named([*our_sides, *our_aged], set())
    taken_names = {side.name for side in left}
    right = _named([*their_sides, *their_aged], taken_names)
    left, right, records = _numbered(left, right)
    together, records = _all_pairs(left, right, max_gap_days, records)
    # What is wrong on the other side is for its publisher to fix: it informs.
    of_theirs = findings_of_pairs(right, together)
    remarks = remarks_on(together, left, right)
    report = _report(left) + of_theirs.as_notes() + remarks
    return Comparison(left, right, together, records, report)


def _comparator(comparator: Comparable, ours: Comparable) -> Comparable:
    """Comparator itself, or what its name (`undesa-stock:2024`) means on the command line."""
    is_name = isinstance(comparator, str) and comparator not in SNAPSHOTS
    if not is_name:
        return comparator
    path = Path(str(comparator))
    if path.exists():
        return comparator
    found = comparators_by_name([str(comparator)], ours)
    several: list[Any] = list(found.data)
    return several


def _report(several: Sequence[Side]) -> Report:
    """Findings of some sides."""
    findings = tuple(finding for side in several for finding in side.findings)
    return Report(findings)


def _all_pairs(
    left: tuple[Side, ...], right: tuple[Side, ...], max_gap_days: int, records: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pairs of every side of ours with every side of theirs, and all their records."""
    frames = []
    for our_side in left:
        for their_side in right:
            next_label = len(records)
            frame, made = pair_figures(our_side, their_side, max_gap_days, next_label)
            if len(frame):
                frames.append(frame)
                records = pd.concat([records, made])
    return stack(frames) if frames else empty_pairs(), records


def _aged(several: Sequence[Side], others: Sequence[Side]) -> list[Side]:
    """Sides that bands of age add up to, for the ages that the others count."""
    wanted: set[str] = set()
    for other in others:
        if other.datasets:
            ages = other.records["ages"]
            wanted.update(str(text) for text in ages.unique())
    texts = sorted(text for text in wanted if text not in ("", "all") and age_range(text))
    aged = []
    for side in several:
        for text in texts:
            side_of_ages = with_ages(side, text)
            if side_of_ages is not None:
                aged.append(side_of_ages)
    return aged


def _named(several: Sequence[Side], taken: set[str]) -> tuple[Side, ...]:
    """Sides with names of their own: the table tells apart what source and edition do not."""
    names = Counter(side.name for side in several)
    named = []
    for side in several:
        name = side.name
        if name in taken or names[name] > 1:
            table_of_side = side.records["table"].iloc[0]
            table = table_of_side or side.datasets[0].dataflow
            name = f"{name}, {table}"
        name = _free_name(name, taken)
        taken.add(name)
        named.append(replace(side, name=name))
    return tuple(named)


def _free_name(base: str, taken: set[str]) -> str:
    """Name with a number behind it, where others have it already."""
    name, number = base, 2
    while name in taken:
        name = f"{base} ({number})"
        number += 1
    return name


def _names_of(sides: Sequence[Side]) -> str:
    names = []
    for side in sides:
        names.append(side.name)
    return ", ".join(names)


def _numbered(
    left: tuple[Side, ...], right: tuple[Side, ...]
) -> tuple[tuple[Side, ...], tuple[Side, ...], pd.DataFrame]:
    """Sides whose records are rows of one common frame."""
    numbered: list[Side] = []
    parts: list[pd.DataFrame] = []
    record_count = 0
    dataset_count = 0
    for side in (*left, *right):
        part = side.records["part"] + dataset_count
        records = side.records.assign(side=side.name, part=part)
        end = record_count + len(records)
        records.index = pd.RangeIndex(record_count, end)
        record = side.figures["record"].to_numpy()
        record_start = np.int32(record_count)
        record_rows = record + record_start
        figures = side.figures.assign(record=record_rows)
        numbered.append(replace(side, figures=figures, records=records))
        parts.append(records)
        record_count += len(records)
        dataset_count += len(side.datasets)
    together = _no_records()
    if parts:
        together = pd.concat(parts)
    count = len(left)
    our_sides = tuple(numbered[:count])
    their_sides = tuple(numbered[count:])
    return our_sides, their_sides, together


def _no_records() -> pd.DataFrame:
    columns = [*RECORD_COLUMNS, "kind", "direction", "measure", "part", "side"]
    return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})

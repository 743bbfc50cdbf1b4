"""Applying of a structure map.

A table's figures to the observations of a dataflow, each accounted for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.findings import Report
from ilms_sdmx.mapping.duplicates import Loss, settle
from ilms_sdmx.mapping.filling import PLACE, Filling, PeriodReader
from ilms_sdmx.mapping.model import ComponentMaps, StructureMap
from ilms_sdmx.mapping.resolving import Matcher
from ilms_sdmx.mapping.scaling import are_numbers, scale

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.tables.table import Table


@dataclass(frozen=True, eq=False)
class Applied:
    """What became of every figure.

    Parameters
    ----------
    dataset
        Observations written, indexed as the figures are; `provenance` holds file, sheet, cell
        and text.
    outcome
        One word a figure, by the index of the table: `written`, `repeated` (an equal
        duplicate), `conflict`, `unmapped`, `skipped` (the map says the dataflow has no place
        for it), `malformed`.
    keys
        Components of every figure, written or not; missing where not known.
    read_periods
        Period of each figure that is reported as a year, empty where it is that year; None
        where all are.
    open_lines
        Lines of the mapping that nobody has decided, each with which figures wait for it.
    losses
        Findings of the report, each with the numbers of the figures that it is about.
    """

    dataset: Dataset
    report: Report
    outcome: pd.Series[str]
    keys: pd.DataFrame
    read_periods: pd.Series[str] | None = None
    open_lines: Mapping[int, Any] = field(default_factory=dict)
    losses: tuple[Loss, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of figures by outcome; they add up to the figures of the table."""
        by_outcome = self.outcome.value_counts().sort_index()
        return {str(outcome): int(count) for outcome, count in by_outcome.items()}


def apply(
    table: Table,
    structure_map: StructureMap,
    components: Components,
    *,
    structure: str = "",
    matcher: Matcher | None = None,
    periods: PeriodReader | None = None,
) -> tuple[Dataset, Report]:
    """Observations of a table under a structure map, and what is wrong with the others.

    Parameters
    ----------
    table
        Figures: one column a heading, and the column `structure_map.value` with a plain decimal
        number as text, or missing. A column that a `FixedValueMap` needs is not required.
    components
        Of the target; the observations have exactly these columns, absent where no map fills
        them.
    matcher, periods
        Readers of labels and of periods, for maps that ask for them.

    Returns
    -------
    Dataset, Report
        No figure is lost: those that are not in the data set are in the report.
    """
    applied = apply_figures(
        table, structure_map, components, structure=structure, matcher=matcher, periods=periods
    )
    return applied.dataset, applied.report


def apply_figures(
    table: Table,
    structure_map: StructureMap,
    components: Components,
    *,
    structure: str = "",
    matcher: Matcher | None = None,
    periods: PeriodReader | None = None,
) -> Applied:
    """`apply` with the outcome and the key of every figure."""
    import pandas as pd

    figures = table.figures
    index = figures.index
    target = structure_map.target
    work = Filling(figures, target, table.origin.source, matcher, periods)
    _fill_components(work, structure_map, components)
    value, malformed = _values(figures, structure_map, work.columns.get("UNIT_MULT"))
    work.malformed(malformed, structure_map.value)
    measure = components.measures[0]
    work.columns[measure] = value
    known = pd.DataFrame(work.columns, index=index)
    keys = known.reindex(columns=components.columns)
    outcome = pd.Series("written", index=index, dtype="str")
    outcome[malformed] = "malformed"
    outcome[work.skipped] = "skipped"
    outcome[work.unmapped] = "unmapped"
    work.incomplete(keys, components, outcome)
    repeated = settle(keys, outcome, components, figures, work.place)
    is_written = outcome == "written"
    written = keys if is_written.all() else keys[is_written]
    provenance = _provenance(figures, written.index)
    dataset = Dataset(written, components, target, structure, provenance=provenance)
    losses = [(finding, index[positions]) for finding, positions in work.losses]
    losses += repeated
    report = Report.of([finding for finding, _ in losses])
    periods_read = work.read_periods
    return Applied(dataset, report, outcome, keys, periods_read, work.open_lines, tuple(losses))


def _fill_components(
    work: Filling, structure_map: StructureMap, components: Components
) -> None:
    """Fill what the maps say: the period first, for other maps may hold only for a time."""
    of_time: list[ComponentMaps] = []
    others: list[ComponentMaps] = []
    for component in structure_map.components:
        is_period = component.target == "TIME_PERIOD"
        same_kind = of_time if is_period else others
        same_kind.append(component)
    for component in of_time + others:
        work.fill(component)
    is_timed = "TIME_PERIOD" in work.columns
    asks_frequency = "FREQ" in components.dimensions
    if is_timed and asks_frequency and "FREQ" not in work.columns:
        work.fill_frequency()
    work.refuse_contradictions()
    work.add_notes()


def _values(
    figures: pd.DataFrame, structure_map: StructureMap, powers: pd.Series[Any] | None
) -> tuple[Any, Any]:
    """Scaled values, and which figures hold something that is no number."""
    import numpy as np
    import pandas as pd

    text = figures[structure_map.value].astype("str").str.strip()
    codes, distinct = pd.factorize(text, use_na_sentinel=False)
    has_text = distinct.notna() & (distinct != "")
    is_text = np.asarray(has_text, dtype=bool)
    distinct_texts = distinct.to_numpy(dtype=object)
    is_wrong = is_text & ~are_numbers(distinct_texts)
    wrong_figures = is_wrong.take(codes)
    malformed: Any = pd.Series(wrong_figures, index=figures.index)
    numbers = text.mask(malformed | (text == ""))
    source = _source_powers(figures, structure_map)
    target = _target_powers(structure_map, powers)
    return scale(numbers, source - target), malformed


def _source_powers(figures: pd.DataFrame, structure_map: StructureMap) -> Any:
    """Powers of ten of the figures as they are printed."""
    power = structure_map.source_multiplier
    if "multiplier" not in figures.columns:
        return power
    multipliers = figures["multiplier"].fillna(power)
    return multipliers.astype("int64")


def _target_powers(structure_map: StructureMap, powers: pd.Series[Any] | None) -> Any:
    """Powers of ten of the figures as they are written: of all alike, or UNIT_MULT of each."""
    import pandas as pd

    power = structure_map.target_multiplier
    if power is not None:
        return power
    if powers is None:
        return 0
    # A figure whose power no map knows is not written: it is told of by its label.
    texts = powers.astype("str")
    numbers = pd.to_numeric(texts, errors="coerce")
    return numbers.fillna(0).astype("int64")


def _provenance(figures: pd.DataFrame, index: pd.Index) -> pd.DataFrame | None:
    """File, sheet, cell and text of the figures written; None where no cell is known."""
    if "cell" not in figures.columns:
        return None
    columns = [name for name in (*PLACE, "text") if name in figures.columns]
    return figures.loc[index, columns]

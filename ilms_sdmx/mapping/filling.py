"""Filling of the components of figures, one map at a time.

The work done once for each distinct label.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components
from ilms_sdmx.findings import Finding, Place
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    ImplicitComponentMap,
    MultiComponentMap,
    sources_of,
)
from ilms_sdmx.mapping.resolving import Matcher, Resolved, has_validity, resolve_all
from ilms_sdmx.mapping.times import (
    find_contradiction,
    find_foreign_frequency,
    frequency_codes,
    period_note,
    reported_year,
    with_period_notes,
)
from ilms_sdmx.mapping.unmapped import (
    Spread,
    find_incomplete_key,
    find_malformed_value,
    find_unknown_label,
    find_unknown_period,
)
from ilms_sdmx.structures.frequencies import allowed_frequencies, contradicts

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Reading of one period label: the SDMX period, or None and the reason.
PeriodReader = Callable[[str, DatePatternMap], tuple[str | None, str]]
#: Columns of the figures that say where each is.
PLACE = ("file", "sheet", "cell")
_SHOWN = 12


def as_text(column: pd.Series[Any]) -> pd.Series[str]:
    """Column as text; that of categories is made once for each of them."""
    import pandas as pd

    if column.dtype != "category":
        return column.astype("str")
    texts = pd.array([*column.cat.categories.astype("str"), None], dtype="str")
    return pd.Series(
        texts.take(column.cat.codes.to_numpy()), index=column.index, name=column.name
    )


def _numbered(column: pd.Series[Any]) -> tuple[np.ndarray, list[str]]:
    """Number of the text of each row, and the texts.

    A missing one is the empty text, the last.
    """
    import pandas as pd

    if column.dtype == "category":
        codes, distinct = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, distinct = pd.factorize(column.astype("str"))
    texts = [*map(str, distinct), ""]
    return codes.astype("int64") % len(texts), texts


class Filling:
    """Columns that grow while the maps of one structure map are applied."""

    def __init__(
        self,
        figures: pd.DataFrame,
        target: str,
        source: str,
        matcher: Matcher | None,
        periods: PeriodReader | None,
    ) -> None:
        import numpy as np

        self.figures, self.target, self.source = figures, target, source
        self.matcher, self.periods = matcher, periods
        self.columns: dict[str, pd.Series[Any]] = {}
        self.findings: list[Finding] = []
        self.unmapped = np.zeros(len(figures), dtype=bool)
        self.skipped = np.zeros(len(figures), dtype=bool)
        #: Period of each figure that is reported as a year, empty where it is the year itself.
        self.read_periods: pd.Series[str] | None = None

    def place(self, position: int) -> Place:
        """Where the figure at a position is."""
        row = self.figures.iloc[position]
        where: dict[str, Any] = {"file": self.source}
        for column in PLACE:
            is_known = column in self.figures.columns and row[column] == row[column]
            if is_known:
                where[column] = str(row[column])
        return Place(dataflow=self.target, **where)

    def spread(self, rows: np.ndarray) -> Spread:
        """Where a problem is: its first place, and the cells of all."""
        positions = rows.nonzero()[0]
        shown = self.figures.iloc[positions[:_SHOWN]]
        cells: list[str] = []
        if "cell" in shown.columns:
            cells = shown["cell"].astype("str").tolist()
        if "sheet" in shown.columns and len(set(shown["sheet"])) > 1:
            pairs = zip(shown["sheet"], cells, strict=False)
            cells = [f"{sheet}!{cell}" for sheet, cell in pairs]
        return Spread(self.place(int(positions[0])), len(positions), tuple(cells))

    def fill(self, component: ComponentMaps) -> None:
        """Apply one map."""
        if isinstance(component, FixedValueMap):
            self.columns[component.target] = self._constant(component.value)
        elif isinstance(component, ImplicitComponentMap):
            self.columns[component.target] = self._copied(component.source)
        elif isinstance(component, DatePatternMap):
            self._fill_period(component)
        else:
            self._fill_codes(component)

    def _copied(self, source: str) -> pd.Series[Any]:
        """Column of a heading as it is; a blank label says nothing of the component.

        It is absent.
        """
        column = self.figures[source]
        # Categories are as good as text, and much smaller.
        text = column if column.dtype == "category" else column.astype("str")
        return text.where(text != "")

    def _constant(self, value: str) -> pd.Series[Any]:
        """Column of one value."""
        import pandas as pd

        numbers = [0] * len(self.figures)
        codes: Any = pd.Categorical.from_codes(numbers, categories=pd.Index([value]))
        return pd.Series(codes, index=self.figures.index)

    def _distinct(self, names: tuple[str, ...]) -> tuple[np.ndarray, list[tuple[str, ...]]]:
        """Group of each figure, and the distinct labels; missing ones are empty texts."""
        import pandas as pd

        texts: list[Any] = []
        for name in names:
            column = self.columns.get(name, self.figures.get(name))
            if column is not None:
                texts.append(column.astype("str").fillna(""))
        if len(texts) == 1:
            codes, distinct = pd.factorize(texts[0])
            return codes, [(label,) for label in distinct.tolist()]
        frame = pd.concat(texts, axis=1, keys=range(len(texts)))
        grouped = frame.groupby(list(frame.columns), sort=False)
        keys: list[Any] = list(grouped.groups)
        return grouped.ngroup().to_numpy(), [tuple(map(str, key)) for key in keys]

    def _fill_codes(self, component: ComponentMap | MultiComponentMap) -> None:
        """Fill a component by a code map, whose lines may hold only for a time."""
        sources = sources_of(component)
        width = len(sources)
        if has_validity(component.representation) and "TIME_PERIOD" in self.columns:
            groups, distinct = self._distinct((*sources, "TIME_PERIOD"))
            times = [labels[-1] for labels in distinct]
        else:
            groups, distinct = self._distinct(sources)
            times = [""] * len(distinct)
        rows = [labels[:width] for labels in distinct]
        resolved = resolve_all(component.representation, rows, times, self.matcher)
        self._take(component.target, groups, [one.code for one in resolved])
        for number, one in enumerate(resolved):
            if one.how == "skipped":
                self.skipped |= groups == number
            elif one.code is None:
                self._unknown(component, rows[number], one, groups == number)

    def _take(self, target: str, groups: np.ndarray, values: list[str | None]) -> None:
        """Fill a component with a value for each group of figures, missing for None."""
        import numpy as np
        import pandas as pd

        positions: dict[str, int] = {}
        numbers = np.empty(len(values), dtype="int64")
        for place, value in enumerate(values):
            numbers[place] = positions.setdefault(value, len(positions)) if value else -1
        taken = numbers.take(groups) if len(values) else groups.astype("int64")
        categories = pd.Index([*positions], dtype="str")
        codes = pd.Categorical.from_codes(taken, categories=categories)
        self.columns[target] = pd.Series(codes, index=self.figures.index)

    def _unknown(
        self,
        component: ComponentMap | MultiComponentMap,
        labels: tuple[str, ...],
        found: Resolved,
        rows: np.ndarray,
    ) -> None:
        """Write none of the figures of a label without a code, and say so."""
        self.unmapped |= rows
        finding = find_unknown_label(
            component.target, labels, found, component.representation, self.spread(rows)
        )
        self.findings.append(finding)

    def _fill_period(self, component: DatePatternMap) -> None:
        """Fill the time dimension, each distinct label read once."""
        groups, distinct = self._distinct_none()
        if component.sources:
            groups, distinct = self._distinct(component.sources)
        as_year = component.options.get("report_as") == "year"
        values: list[str | None] = []
        read: list[str | None] = []
        for number, labels in enumerate(distinct):
            label = " ".join(filter(None, labels))
            period, reason = self._period(labels, label, component)
            read.append(period)
            if period is not None and as_year:
                period, reason = reported_year(period)
            values.append(period)
            if period is None:
                rows = groups == number
                self.unmapped |= rows
                spread = self.spread(rows)
                finding = find_unknown_period(component.target, label, reason, spread)
                self.findings.append(finding)
        self._take(component.target, groups, values)
        if read != values:
            self._keep_periods(groups, read, values)

    def _keep_periods(
        self, groups: np.ndarray, read: list[str | None], reported: list[str | None]
    ) -> None:
        """Keep what each period was before it was reported as a year."""
        import pandas as pd

        kept = []
        for old, new in zip(read, reported, strict=True):
            kept.append(old if old and old != new else "")
        texts = pd.array(kept, dtype="str").take(groups)
        self.read_periods = pd.Series(texts, index=self.figures.index)

    def fill_frequency(self) -> None:
        """Fill FREQ by the periods."""
        groups, distinct = self._distinct(("TIME_PERIOD",))
        texts = [labels[0] for labels in distinct]
        codes = frequency_codes([text for text in texts if text], self.target)
        self._take("FREQ", groups, [codes.get(text) for text in texts])

    def add_notes(self) -> None:
        """Add to the notes of each figure which period is reported as its year."""
        import pandas as pd

        if self.read_periods is None:
            return
        attribute, _ = period_note("")
        no_notes = pd.Series("", index=self.figures.index, dtype="str")
        known_notes = self.columns.get(attribute, no_notes)
        notes = as_text(known_notes).fillna("").tolist()
        texts = list(with_period_notes(notes, self.read_periods.tolist()))
        column = pd.Series(texts, index=self.figures.index, dtype="str")
        self.columns[attribute] = column.where(column != "")

    def refuse_contradictions(self) -> None:
        """Report periods that no series of their frequency can hold.

        One finding for each pair.
        """
        import numpy as np

        if not {"FREQ", "TIME_PERIOD"} <= set(self.columns) or not len(self.figures):
            return
        of_frequency, frequencies = _numbered(self.columns["FREQ"])
        of_period, periods = _numbered(self.columns["TIME_PERIOD"])
        allowed = allowed_frequencies(self.target)
        for number, frequency in enumerate(frequencies):
            rows = of_frequency == number
            if allowed and frequency and frequency not in allowed and rows.any():
                self.unmapped |= rows
                spread = self.spread(rows)
                self.findings.append(find_foreign_frequency(frequency, self.target, spread))
        pair = of_frequency * len(periods) + of_period
        for number in np.flatnonzero(np.bincount(pair)).tolist():
            frequency_number, period_number = divmod(number, len(periods))
            frequency, text = frequencies[frequency_number], periods[period_number]
            if contradicts(frequency, text, self.target):
                rows = pair == number
                self.unmapped |= rows
                self.findings.append(find_contradiction(frequency, text, self.spread(rows)))

    def _distinct_none(self) -> tuple[np.ndarray, list[tuple[str, ...]]]:
        import numpy as np

        return np.zeros(len(self.figures), dtype="int64"), [("",)]

    def _period(
        self, labels: tuple[str, ...], label: str, component: DatePatternMap
    ) -> tuple[str | None, str]:
        decided = component.periods.get(" ".join(labels).strip()) or component.periods.get(
            label
        )
        if decided:
            return decided, ""
        if self.periods is None:
            return (label, "") if label else (None, "nothing is written there")
        return self.periods(label, component)

    def malformed(self, rows: pd.Series[bool], column: str) -> None:
        """Report texts that are no numbers, one finding a text."""
        texts = self.figures[column].astype("str")
        for text in texts[rows].unique():
            spread = self.spread((rows & (texts == text)).to_numpy())
            self.findings.append(find_malformed_value(str(text), spread))

    def incomplete(
        self, keys: pd.DataFrame, components: Components, outcome: pd.Series[str]
    ) -> None:
        """Report figures whose key lacks a dimension, one finding a dimension."""
        for dimension in components.dimensions:
            rows = (outcome == "written") & (keys[dimension].isna() | (keys[dimension] == ""))
            if rows.any():
                outcome[rows] = "unmapped"
                self.findings.append(
                    find_incomplete_key(dimension, self.spread(rows.to_numpy()))
                )

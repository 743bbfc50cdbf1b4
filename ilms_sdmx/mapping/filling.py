"""Filling of the components of figures, one map at a time.

The work done once for each distinct label.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components
from ilms_sdmx.findings import Finding, Place, phrase
from ilms_sdmx.labels.times import area_of
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    DatePatternMap,
    FixedValueMap,
    ImplicitComponentMap,
    MultiComponentMap,
    RepresentationMap,
    sources_of,
)
from ilms_sdmx.mapping.resolving import Matcher, Resolved, has_validity, resolve_all
from ilms_sdmx.mapping.times import (
    find_contradiction,
    find_foreign_frequency,
    find_replaced_frequency,
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
from ilms_sdmx.periods import OTHER
from ilms_sdmx.structures.frequencies import allowed_frequencies, contradicts
from ilms_sdmx.structures.lifetimes import lifetime_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Reading of one period label: the SDMX period, or None and the reason.
PeriodReader = Callable[[str, DatePatternMap], tuple[str | None, str]]
#: Columns of the figures that say where each is.
PLACE = ("file", "sheet", "cell")
_SHOWN = 12
#: Beginning of what is in place of a period that nobody has decided.
UNDECIDED = "?"


def as_text(column: pd.Series[Any]) -> pd.Series[str]:
    """Column as text; that of categories is made once for each of them."""
    import pandas as pd

    if column.dtype != "category":
        return column.astype("str")
    categories = column.cat.categories.astype("str")
    codes = column.cat.codes.to_numpy()
    # The last text answers the code of a missing one, -1.
    texts = pd.array([*categories, None], dtype="str")
    taken = texts.take(codes)
    return pd.Series(taken, index=column.index, name=column.name)


def _numbered(column: pd.Series[Any]) -> tuple[np.ndarray, list[str]]:
    """Number of the text of each row, and the texts.

    A missing one is the empty text, the last.
    """
    import pandas as pd

    codes: Any
    if column.dtype == "category":
        codes = column.cat.codes.to_numpy()
        distinct = column.cat.categories
    else:
        codes, distinct = pd.factorize(column.astype("str"))
    texts = list(map(str, distinct))
    texts.append("")
    numbers = codes.astype("int64") % len(texts)
    return numbers, texts


def _open_line(reason: str) -> int:
    """Line of the mapping that nobody has decided, 0 where another reason is given."""
    number = reason.removeprefix(UNDECIDED)
    return int(number) if number != reason and number.isdigit() else 0


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

        count = len(figures)
        self.figures = figures
        self.target = target
        self.source = source
        self.matcher = matcher
        self.periods = periods
        self.columns: dict[str, pd.Series[Any]] = {}
        #: Findings of figures that are not written, with the positions of these.
        self.losses: list[tuple[Finding, np.ndarray]] = []
        self.unmapped = np.zeros(count, dtype=bool)
        self.skipped = np.zeros(count, dtype=bool)
        #: Figures of each line of the mapping that nobody has decided, by its number.
        self.open_lines: dict[int, np.ndarray] = {}
        #: Period of each figure that is reported as a year, empty where it is the year itself.
        self.read_periods: pd.Series[str] | None = None

    def place(self, position: int) -> Place:
        """Where the figure at a position is."""
        row = self.figures.iloc[position]
        where: dict[str, Any] = {"file": self.source}
        for column in PLACE:
            if column not in self.figures.columns:
                continue
            text = row[column]
            # A missing text is not equal to itself.
            if text == text:
                where[column] = str(text)
        return Place(dataflow=self.target, **where)

    def spread(self, rows: np.ndarray) -> Spread:
        """Where a problem is: its first place, and the cells of all."""
        positions = rows.nonzero()[0]
        first = self.place(int(positions[0]))
        shown = self.figures.iloc[positions[:_SHOWN]]
        cells = _shown_cells(shown)
        return Spread(first, len(positions), tuple(cells))

    def _report(self, rows: np.ndarray, finding: Finding) -> None:
        """Write none of some figures, for the reason that the finding gives."""
        self.unmapped |= rows
        self.losses.append((finding, rows.nonzero()[0]))

    def fill(self, component: ComponentMaps) -> None:
        """Apply one map."""
        target = component.target
        if isinstance(component, FixedValueMap):
            self.columns[target] = self._constant(component.value)
        elif isinstance(component, ImplicitComponentMap):
            self.columns[target] = self._copied(component.source)
        elif isinstance(component, DatePatternMap):
            self._fill_period(component)
        else:
            self._fill_codes(component)

    def _copied(self, source: str) -> pd.Series[Any]:
        """Column of a heading as it is; a blank label says nothing of the component.

        It is absent.
        """
        text: pd.Series[Any] = self.figures[source]
        # Categories are as good as text, and much smaller.
        if text.dtype != "category":
            text = text.astype("str")
        return text.where(text != "")

    def _constant(self, value: str) -> pd.Series[Any]:
        """Column of one value."""
        import pandas as pd

        numbers = [0] * len(self.figures)
        categories = pd.Index([value])
        codes: Any = pd.Categorical.from_codes(numbers, categories=categories)
        return pd.Series(codes, index=self.figures.index)

    def _distinct(self, names: tuple[str, ...]) -> tuple[np.ndarray, list[tuple[str, ...]]]:
        """Group of each figure, and the distinct labels; missing ones are empty texts."""
        import pandas as pd

        texts: list[Any] = []
        for name in names:
            column = self.columns.get(name, self.figures.get(name))
            if column is None:
                continue
            text = column.astype("str").fillna("")
            texts.append(text)
        if len(texts) == 1:
            codes, distinct = pd.factorize(texts[0])
            labels = distinct.tolist()
            return codes, [(label,) for label in labels]
        frame = pd.concat(texts, axis=1, keys=range(len(texts)))
        columns = list(frame.columns)
        grouped = frame.groupby(columns, sort=False)
        groups = grouped.ngroup().to_numpy()
        keys: list[Any] = list(grouped.groups)
        return groups, [tuple(map(str, key)) for key in keys]

    def _fill_codes(self, component: ComponentMap | MultiComponentMap) -> None:
        """Fill a component by a code map, whose lines may hold only for a time."""
        representation = component.representation
        sources = sources_of(component)
        width = len(sources)
        is_dated = has_validity(representation) and "TIME_PERIOD" in self.columns
        if is_dated:
            sources = (*sources, "TIME_PERIOD")
        groups, distinct = self._distinct(sources)
        times = [""] * len(distinct)
        if is_dated:
            times = [labels[-1] for labels in distinct]
        rows = [labels[:width] for labels in distinct]
        resolved = resolve_all(representation, rows, times, self.matcher)
        groups = self._in_their_time(representation, groups, rows, resolved)
        codes = [one.code for one in resolved]
        self._take(component.target, groups, codes)
        says_frequency = component.target == "FREQ" and "TIME_PERIOD" in self.columns
        by_period = groups < 0
        for number, one in enumerate(resolved):
            labels = rows[number]
            if one.how == "open" and one.line is not None:
                self._leave_open(one.line.line, groups == number)
            elif one.how == "skipped":
                self.skipped |= groups == number
            elif one.code is None and says_frequency:
                by_period |= groups == number
            elif one.code is None:
                self._unknown(component, labels, one, groups == number)
        if by_period.any():
            self._complete_frequency(by_period)

    def _in_their_time(
        self,
        representation: RepresentationMap,
        groups: np.ndarray,
        rows: list[tuple[str, ...]],
        resolved: list[Resolved],
    ) -> np.ndarray:
        """Group of each figure, where areas that were not always there are told by the period.

        Few areas have a beginning or an end; only their labels are matched for each period, and
        `rows` and `resolved` get a group more for those of another time.
        """
        import numpy as np

        if self.matcher is None or "TIME_PERIOD" not in self.columns:
            return groups
        dated = []
        for number, one in enumerate(resolved):
            if one.is_matched and lifetime_of(area_of(str(one.code))) is not None:
                dated.append(number)
        if not dated:
            return groups
        groups = groups.copy()
        of_period, periods = _numbered(self.columns["TIME_PERIOD"])
        for number in dated:
            (label,) = rows[number]
            positions = np.flatnonzero(groups == number)
            others: dict[tuple[str | None, str], int] = {}
            for period_number in np.unique(of_period[positions]).tolist():
                then = self.matcher(representation, label, periods[period_number])
                if then.code == resolved[number].code:
                    continue
                answer = (then.code, then.reason)
                if answer not in others:
                    others[answer] = len(resolved)
                    rows.append((label,))
                    resolved.append(then)
                is_then = of_period[positions] == period_number
                groups[positions[is_then]] = others[answer]
        return groups

    def _complete_frequency(self, rows: np.ndarray) -> None:
        """Fill FREQ of some figures by their periods, as no line knows their labels."""
        known = self.columns["FREQ"].astype("str")
        self.fill_frequency()
        by_period = self.columns["FREQ"].astype("str")
        codes = known.mask(rows, by_period)
        self.columns["FREQ"] = codes.astype("category")

    def _leave_open(self, line: int, rows: np.ndarray) -> None:
        """Write none of the figures of a line that nobody has decided."""
        self.unmapped |= rows
        self.open_lines[line] = rows | self.open_lines.get(line, False)

    def _take(self, target: str, groups: np.ndarray, values: list[str | None]) -> None:
        """Fill a component with a value for each group of figures, missing for None."""
        import numpy as np
        import pandas as pd

        positions: dict[str, int] = {}
        count = len(values)
        numbers = np.full(count, -1, dtype="int64")
        for place, value in enumerate(values):
            if value:
                position = len(positions)
                numbers[place] = positions.setdefault(value, position)
        taken = groups.astype("int64")
        if count:
            taken = numbers.take(groups)
        categories = pd.Index([*positions], dtype="str")
        codes = pd.Categorical.from_codes(taken, categories=categories)
        self.columns[target] = pd.Series(codes, index=self.figures.index)

    def _unknown(
        self,
        component: ComponentMap | MultiComponentMap,
        labels: tuple[str, ...],
        resolved: Resolved,
        rows: np.ndarray,
    ) -> None:
        """Write none of the figures of a label without a code, and say so."""
        target = component.target
        representation = component.representation
        spread = self.spread(rows)
        finding = find_unknown_label(target, labels, resolved, representation, spread)
        self._report(rows, finding)

    def _fill_period(self, component: DatePatternMap) -> None:
        """Fill the time dimension, each distinct label read once."""
        target = component.target
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
            line = _open_line(reason)
            if line:
                self._leave_open(line, groups == number)
            elif period is None:
                rows = groups == number
                spread = self.spread(rows)
                finding = find_unknown_period(target, label, reason, spread)
                self._report(rows, finding)
        self._take(target, groups, values)
        if read != values:
            self._keep_periods(groups, read, values)

    def _keep_periods(
        self, groups: np.ndarray, read: list[str | None], reported: list[str | None]
    ) -> None:
        """Keep what each period was before it was reported as a year."""
        import pandas as pd

        kept = []
        for old, new in zip(read, reported, strict=True):
            is_changed = old != new
            kept.append(old if old and is_changed else "")
        texts = pd.array(kept, dtype="str")
        periods = texts.take(groups)
        self.read_periods = pd.Series(periods, index=self.figures.index)

    def fill_frequency(self) -> None:
        """Fill FREQ by the periods."""
        groups, distinct = self._distinct(("TIME_PERIOD",))
        texts = [labels[0] for labels in distinct]
        periods = filter(None, texts)
        codes = frequency_codes(periods, self.target)
        values = [codes.get(text) for text in texts]
        self._take("FREQ", groups, values)

    def add_notes(self) -> None:
        """Add to the notes of each figure which period is reported as its year."""
        import pandas as pd

        if self.read_periods is None:
            return
        index = self.figures.index
        attribute, _ = period_note("")
        no_notes = pd.Series("", index=index, dtype="str")
        known_notes = self.columns.get(attribute, no_notes)
        notes = as_text(known_notes).fillna("").tolist()
        periods = self.read_periods.tolist()
        texts = list(with_period_notes(notes, periods))
        column = pd.Series(texts, index=index, dtype="str")
        self.columns[attribute] = column.where(column != "")

    def refuse_contradictions(self) -> None:
        """Report periods that no series of their frequency can hold.

        One finding for each pair.
        """
        import numpy as np

        has_both = {"FREQ", "TIME_PERIOD"} <= self.columns.keys()
        if not has_both or not len(self.figures):
            return
        self._refuse_frequencies()
        of_frequency, frequencies = _numbered(self.columns["FREQ"])
        of_period, periods = _numbered(self.columns["TIME_PERIOD"])
        count = len(periods)
        pair = of_frequency * count + of_period
        numbers = np.flatnonzero(np.bincount(pair))
        for number in numbers.tolist():
            frequency_number, period_number = divmod(number, count)
            frequency = frequencies[frequency_number]
            text = periods[period_number]
            if contradicts(frequency, text, self.target):
                rows = pair == number
                spread = self.spread(rows)
                finding = find_contradiction(frequency, text, spread)
                self._report(rows, finding)

    def _refuse_frequencies(self) -> None:
        """Read frequencies that the dataflow does not carry from the periods, else refuse them.

        One finding for each frequency.
        """
        import numpy as np

        allowed = allowed_frequencies(self.target)
        if not allowed:
            return
        of_frequency, frequencies = _numbered(self.columns["FREQ"])
        for number, frequency in enumerate(frequencies):
            rows = of_frequency == number
            if not frequency or frequency in allowed or not rows.any():
                continue
            spread = self.spread(rows)
            by_period = self._frequency_of_periods(rows)
            if by_period:
                replaced = as_text(self.columns["FREQ"]).where(~rows, by_period)
                self.columns["FREQ"] = replaced.astype("category")
                note = find_replaced_frequency(frequency, by_period, self.target, spread)
                self.losses.append((note, np.empty(0, dtype="int64")))
            else:
                self._report(rows, find_foreign_frequency(frequency, self.target, spread))

    def _frequency_of_periods(self, rows: np.ndarray) -> str:
        """Frequency that the periods of some figures say, empty where they say none or two."""
        periods = as_text(self.columns["TIME_PERIOD"])[rows]
        codes = frequency_codes(periods.dropna().unique(), self.target)
        frequencies = set(codes.values())
        if len(frequencies) != 1 or OTHER in frequencies:
            return ""
        return frequencies.pop()

    def _distinct_none(self) -> tuple[np.ndarray, list[tuple[str, ...]]]:
        """One group of all figures, whose label is empty."""
        import numpy as np

        count = len(self.figures)
        return np.zeros(count, dtype="int64"), [("",)]

    def _period(
        self, labels: tuple[str, ...], label: str, component: DatePatternMap
    ) -> tuple[str | None, str]:
        """Period of a label: as a person decided, else as the reader answers."""
        printed = " ".join(labels).strip()
        decided = component.periods.get(printed)
        if not decided:
            decided = component.periods.get(label)
        if decided and decided.startswith(UNDECIDED):
            return None, decided
        if decided:
            return decided, ""
        if self.periods is not None:
            return self.periods(label, component)
        if not label:
            return None, phrase("nothing-written")
        return label, ""

    def malformed(self, rows: pd.Series[bool], column: str) -> None:
        """Report texts that are no numbers, one finding a text."""
        texts = self.figures[column].astype("str")
        for text in texts[rows].unique():
            alike = rows & (texts == text)
            positions = alike.to_numpy()
            finding = find_malformed_value(str(text), self.spread(positions))
            self.losses.append((finding, positions.nonzero()[0]))

    def incomplete(
        self, keys: pd.DataFrame, components: Components, outcome: pd.Series[str]
    ) -> None:
        """Report figures whose key lacks a dimension, one finding a dimension."""
        for dimension in components.dimensions:
            values = keys[dimension]
            is_empty = values.isna() | (values == "")
            rows = (outcome == "written") & is_empty
            if not rows.any():
                continue
            outcome[rows] = "unmapped"
            positions = rows.to_numpy()
            finding = find_incomplete_key(dimension, self.spread(positions))
            self.losses.append((finding, positions.nonzero()[0]))


def _shown_cells(figures: pd.DataFrame) -> list[str]:
    """Cells of some figures, with the sheet where they are on several."""
    if "cell" not in figures.columns:
        return []
    cells = figures["cell"].astype("str").tolist()
    if "sheet" not in figures.columns:
        return cells
    sheets = figures["sheet"]
    if len(set(sheets)) == 1:
        return cells
    return [f"{sheet}!{cell}" for sheet, cell in zip(sheets, cells, strict=True)]

"""Coercion: a frame of anybody's as a data set; what is not certain is listed, all at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets.arrow import VALUE_TEXT, with_texts
from ilms_sdmx.datasets.given import Given, Structure
from ilms_sdmx.datasets.texts import (
    attribute_text,
    code_text,
    is_missing,
    is_number,
    measure_text,
)
from ilms_sdmx.errors import ValidationError
from ilms_sdmx.findings import Finding, Place, Report, find
from ilms_sdmx.periods.typed import period_of_value
from ilms_sdmx.structures.components import Components

if TYPE_CHECKING:
    import pandas as pd

_TIME = "TIME_PERIOD"
_FREQUENCY = "FREQ"
#: Types of columns of floats of 32 bits, by the names that pandas gives them.
_SINGLE = frozenset({"float32", "float[pyarrow]"})
#: Findings that the message of an error quotes; all are in its report.
_QUOTED = 12
#: Rows with a key that comes again of which findings are made.
_REPEATED = 1_000


@dataclass(frozen=True)
class Coerced:
    """Frame of texts, what its columns are, and what it conforms to."""

    observations: pd.DataFrame
    components: Components
    dataflow: str = ""
    structure: str = ""


def coerced(frame: Any, dataflow: Structure) -> Coerced:
    """Frame as pandas, Excel or a CSV file give it, as a data set holds it.

    Raises
    ------
    ValidationError
        Something in it is not certain; the report lists all that is not.
    TypeError
        It is no frame of pandas, or no dataflow.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise TypeError(_no_frame(frame))
    given = Given(dataflow)
    components = given.components()
    if components is None:
        raise TypeError(
            "expected the dataflow of the frame: the id of an ILMS dataflow, a structure, or"
            " Components(dimensions=(...)); found None"
        )
    flow, structure = given.reference()
    work = _Coercion(frame, components, flow, structure)
    kept, observations = work.result()
    return Coerced(observations, kept, flow, structure)


def _no_frame(value: object) -> str:
    """What to do with something that is no frame of pandas."""
    kind = type(value).__name__
    if hasattr(value, "to_pandas"):
        return f"expected a frame of pandas, found {kind}: give its .to_pandas()"
    return f"expected a frame of pandas, then its dataflow; found {kind} first"


@dataclass
class _Coercion:
    """Work on one frame: its columns become texts, and what cannot is collected."""

    frame: pd.DataFrame
    components: Components
    dataflow: str = ""
    structure: str = ""
    findings: list[Finding] = field(default_factory=list)

    def result(self) -> tuple[Components, pd.DataFrame]:
        """Components that the frame has, and the texts of its columns."""
        import pandas as pd

        frame = _with_columns(self.frame, self.components)
        self._check_columns(frame)
        kept = components_in(frame, self.components)
        columns: dict[str, Any] = {}
        for name in kept.columns:
            if name in frame.columns:
                columns[name] = self._column(name, frame)
        coerced = pd.DataFrame(columns, index=frame.index)
        if not self.findings:
            self._check_keys(coerced, kept)
        self._refuse()
        return kept, coerced

    def _check_columns(self, frame: pd.DataFrame) -> None:
        """Collect columns that are missing, unknown or there twice."""
        name = self.structure or self.dataflow or "the structure"
        needed = dict.fromkeys(self.components.dimensions, "dimension")
        for measure in self.components.measures[:1]:
            needed[measure] = "measure"
        for component, role in needed.items():
            if component not in frame.columns:
                self._tell("missing-component", component, role=role, structure=name)
        known = self.components.columns
        for label in frame.columns[frame.columns.duplicated()].unique():
            self._tell("frame-value", str(label), case="twice")
        for label in frame.columns.unique():
            if label not in known:
                self._tell("unknown-component", str(label), structure=name)
        if any(finding.case == "twice" for finding in self.findings):
            self._refuse()

    def _tell(self, rule: str, component: str, case: str = "", **fields: Any) -> None:
        place = Place(dataflow=self.dataflow)
        self.findings.append(find(rule, place, case=case, component=component, **fields))

    def _column(self, name: str, frame: pd.DataFrame) -> pd.Series[Any]:
        """Column as texts; what has none is collected."""
        column = frame[name]
        frequencies = None
        if name == _TIME and _FREQUENCY in frame.columns:
            frequencies = frame[_FREQUENCY]
        needed = name in self.components.dimensions
        reading = _Reading(self._reader(name), needed)
        read = reading.column(column, frequencies)
        for reason, places in reading.problems.items():
            first = frame.index[places[0]]
            value = column.iloc[places[0]]
            texts_read = {"read": str(value), "reason": reason, "row": str(first)}
            self._tell("frame-value", name, **texts_read, count=len(places))
        return read

    def _reader(self, name: str) -> Callable[..., str]:
        if name == _TIME:
            return period_of_value
        if name in self.components.dimensions:
            return code_text
        if name in self.components.measures:
            return _measure if name == "OBS_VALUE" else measure_text
        return attribute_text

    def _check_keys(self, coerced: pd.DataFrame, kept: Components) -> None:
        """Collect the keys that come twice."""
        dimensions = list(kept.dimensions)
        if not dimensions:
            return
        first_rows: dict[tuple[Any, ...], Hashable] = {}
        repeated = coerced[coerced.duplicated(dimensions, keep=False)]
        keys = repeated[dimensions].itertuples(index=False, name=None)
        for row, key in islice(zip(repeated.index, keys, strict=True), _REPEATED):
            if key not in first_rows:
                first_rows[key] = row
                continue
            named = ", ".join(map(" ".join, zip(dimensions, key, strict=True)))
            rows = {"first": str(first_rows[key]), "second": str(row)}
            self._tell("repeated-key", "", **rows, key=named)

    def _refuse(self) -> None:
        """Raise what was collected."""
        if not self.findings:
            return
        lines = []
        for finding in self.findings[:_QUOTED]:
            lines.append(f"  {finding.message} {finding.fix}")
        more = len(self.findings) - _QUOTED
        if more > 0:
            lines.append(f"  and {more} more, all in the report of this error.")
        head = "the frame is no data set yet:"
        raise ValidationError("\n".join([head, *lines]), Report.of(self.findings))


@dataclass
class _Reading:
    """Reading of one column, each different value once."""

    read: Callable[..., str]
    needed: bool
    problems: dict[str, list[int]] = field(default_factory=dict)

    def column(
        self, column: pd.Series[Any], frequencies: pd.Series[Any] | None
    ) -> pd.Series[Any]:
        """Texts of a column; the places of values that have none are kept by their reason."""
        import numpy as np
        import pandas as pd

        codes, distinct = _distinct(column, frequencies)
        read: list[str | None] = []
        for number, arguments in enumerate(distinct):
            text, reason = self._text(arguments)
            read.append(text)
            if reason:
                places = np.flatnonzero(codes == number).tolist()
                self.problems.setdefault(reason, []).extend(places)
        for places in self.problems.values():
            places.sort()
        levels = np.array([*read, None], object)
        return pd.Series(levels[codes], index=column.index, dtype="string", name=column.name)

    def _text(self, arguments: tuple[Any, ...]) -> tuple[str | None, str]:
        """Text of a value, None for a missing one, and why there is none that should be."""
        lacking = "it has no value" if self.needed else ""
        if is_missing(arguments[0]):
            return None, lacking
        try:
            text = self.read(*arguments)
        except ValueError as error:
            return None, str(error)
        return text, "" if text else lacking


def _distinct(
    column: pd.Series[Any], frequencies: pd.Series[Any] | None
) -> tuple[Any, list[tuple[Any, ...]]]:
    """Number of the value of each row, and the values; each with the frequency of its rows."""
    import pandas as pd

    is_text = isinstance(column.dtype, pd.StringDtype)
    is_mixed = column.dtype == object or frequencies is not None
    if is_mixed and not is_text:
        return _distinct_of_mixed(column, frequencies)
    codes, levels = pd.factorize(column, use_na_sentinel=False)
    name = str(column.dtype).lower()
    if name in _SINGLE:
        index = pd.Index(levels)
        levels = index.to_numpy("float32", na_value=float("nan"))
    return codes, list(zip(levels, strict=True))


def _distinct_of_mixed(
    column: pd.Series[Any], frequencies: pd.Series[Any] | None
) -> tuple[Any, list[tuple[Any, ...]]]:
    """As `_distinct`, of a column whose values may be of several types: 1 is not True."""
    import numpy as np

    known: dict[Any, int] = {}
    distinct: list[tuple[Any, ...]] = []
    codes = np.empty(len(column), "int64")
    for place, arguments in enumerate(_arguments(column, frequencies)):
        key = (type(arguments[0]), *map(_hashable, arguments))
        number = known.setdefault(key, len(distinct))
        if number == len(distinct):
            distinct.append(arguments)
        codes[place] = number
    return codes, distinct


def _hashable(value: Any) -> Any:
    return value if isinstance(value, Hashable) else id(value)


def _arguments(
    column: pd.Series[Any], frequencies: pd.Series[Any] | None
) -> Iterator[tuple[Any, ...]]:
    """Value of each row, with the frequency of the row where there is one."""
    if frequencies is None:
        for value in column:
            yield (value,)
        return
    for value, frequency in zip(column, frequencies, strict=True):
        yield value, frequency if isinstance(frequency, str) else ""


def _measure(value: Any) -> str:
    """OBS_VALUE as text, which is a number."""
    text = measure_text(value)
    if not is_number(text):
        raise ValueError("it is no number with a point before its decimals, such as 1234.5")
    return text


def _with_columns(frame: pd.DataFrame, components: Components) -> pd.DataFrame:
    """Frame whose index holds no component, and whose columns have the ids of components."""
    known = set(components.columns)
    if known & set(frame.index.names):
        frame = frame.reset_index()
    if VALUE_TEXT not in known:
        frame = with_texts(frame)
    names: dict[Any, str] = {}
    for label in frame.columns:
        id = str(label).strip().upper()
        if label not in known and id in known and id not in frame.columns:
            names[label] = id
    return frame.rename(columns=names)


def components_in(frame: pd.DataFrame, components: Components) -> Components:
    """Components without the attributes that the frame has no column for."""
    attributes = {}
    for name, attachment in components.attributes.items():
        if name in frame.columns:
            attributes[name] = attachment
    present = [name for name in components.measures if name in frame.columns]
    measures = tuple(present) or components.measures
    return replace(components, attributes=attributes, measures=measures)

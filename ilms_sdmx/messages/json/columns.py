"""Columns: entries of a JSON message as columns of codes and texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.json import observations
from ilms_sdmx.messages.json.levels import Items, Spans
from ilms_sdmx.messages.json.observations import Entries
from ilms_sdmx.messages.json.skeleton import parsed
from ilms_sdmx.messages.json.structure import Component, Level, Structure

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

#: Told the id of a component and what is odd about a value of it.
Odd: TypeAlias = Callable[[str, str], None]
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_NOT_NUMBERS = frozenset({'"NaN"', '"#N/A"', '"INF"', '"-INF"', "null"})


@dataclass(frozen=True)
class Texts:
    """Column of few distinct texts: codes of rows, -1 for absent, and what they stand for."""

    codes: np.ndarray
    texts: list[str | None]

    def taken(self, rows: np.ndarray) -> Texts:
        """Column of other rows, each with the value of one of these."""
        return Texts(self.codes[rows], self.texts)

    def array(self) -> pa.Array:
        """Return the same as an Arrow dictionary."""
        import numpy as np
        import pyarrow as pa

        there = np.array([t is not None for t in self.texts] + [False])
        lookup = np.where(there, np.cumsum(there) - 1, -1).astype(np.int32)
        codes = lookup[self.codes]  # -1 is the last
        missing = codes < 0
        mask = missing if missing.any() else None
        texts = pa.array([t for t in self.texts if t is not None], pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=mask), texts)


def dimensions(entries: Entries, structure: Structure) -> dict[str, np.ndarray]:
    """Index of the value of each dimension, for each observation."""
    import numpy as np

    count = len(entries.keys)
    found = {d.id: np.zeros(count, np.int32) for d in structure.dataset.dimensions}
    if entries.series is not None and entries.series_keys is not None:
        above = observations.indices(entries.series_keys, len(structure.series.dimensions))[
            entries.series
        ]
        found |= {d.id: above[:, i] for i, d in enumerate(structure.series.dimensions)}
        inside: Sequence[Component] = structure.observation.dimensions
    else:
        inside = [*structure.series.dimensions, *structure.observation.dimensions]
    keys = observations.indices(entries.keys, len(inside))
    return found | {d.id: keys[:, i] for i, d in enumerate(inside)}


def series_dimensions(
    entries: Entries, structure: Structure, rows: np.ndarray
) -> dict[str, np.ndarray]:
    """Find the indices of the dimensions above the observations, for some series."""
    import numpy as np

    assert entries.series_keys is not None
    above = observations.indices(entries.series_keys, len(structure.series.dimensions))[rows]
    found = {d.id: np.zeros(len(rows), np.int32) for d in structure.dataset.dimensions}
    return found | {d.id: above[:, i] for i, d in enumerate(structure.series.dimensions)}


def checked(component: Component, codes: np.ndarray) -> Texts:
    """Column of a dimension: every code has a value.

    Raises
    ------
    MessageError
        A code is outside the list of values.
    """
    texts = [None if t is None else str(t) for t in component.values or ()]
    if len(codes) and int(codes.max()) >= len(texts):
        component.listed(int(codes.max()))
    return Texts(codes, texts)


def values(
    items: Items, level: Level, odd: Odd, *, measures: bool = True
) -> dict[str, Texts | pa.Array]:
    """Columns of the measures and attributes that stand in arrays, by id; absent ones are left out.

    `odd` is told of attributes whose index stands for nothing; their value is absent.
    """
    components = [*level.measures, *level.attributes] if measures else list(level.attributes)
    found: dict[str, Texts | pa.Array] = {}
    for place, component in enumerate(components):
        rows, spans = _at(items, place)
        if len(rows):
            literal = (
                component in level.measures
                and component.values is None
                and not component.composite
            )
            found[component.id] = (
                _numbers(component, items.count, rows, spans)
                if literal
                else _texts(component, items.count, rows, spans, odd)
            )
    return found


def text(component: Component, value: Any, odd: Odd) -> str | None:
    """Text of a value; an index that stands for nothing is odd and absent."""
    try:
        return component.text(value)
    except MessageError as error:
        odd(component.id, str(error))
        return None


def _at(items: Items, place: int) -> tuple[np.ndarray, Spans]:
    import numpy as np

    chosen = np.flatnonzero(items.place == place)
    return items.owner[chosen], items.values.chosen(chosen)


def _texts(component: Component, count: int, rows: np.ndarray, spans: Spans, odd: Odd) -> Texts:
    """Column of an attribute: each distinct piece of text is parsed once."""
    import numpy as np

    encoded = spans.strings().dictionary_encode()
    texts = [text(component, parsed(raw), odd) for raw in encoded.dictionary.to_pylist()]
    codes = np.full(count, -1, np.int32)
    codes[rows] = encoded.indices.to_numpy()
    return Texts(codes, texts)


def _numbers(component: Component, count: int, rows: np.ndarray, spans: Spans) -> pa.Array:
    """Column of a measure: numbers as they stand, anything else parsed."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    raw = spans.strings()
    other = np.flatnonzero(
        ~pc.match_substring_regex(raw, _NUMBER).to_numpy(zero_copy_only=False)
    )
    if len(other):
        encoded = raw.take(pa.array(other)).dictionary_encode()
        texts = pa.array(
            [component.text(parsed(r)) for r in encoded.dictionary.to_pylist()], pa.string()
        )
        raw = pc.replace_with_mask(raw, _mask(len(raw), other), texts.take(encoded.indices))
    if len(rows) == count:
        return raw
    places = np.full(count, -1, np.int64)
    places[rows] = np.arange(len(rows))
    return raw.take(pa.array(places, mask=places < 0))


def _mask(count: int, chosen: np.ndarray) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    mask = np.zeros(count, bool)
    mask[chosen] = True
    return pa.array(mask)


def composites(entries: Entries, structure: Structure) -> set[str]:
    """Ids of components that have a list or a map somewhere, whatever the structure says."""
    found: set[str] = set()
    pairs: list[tuple[Items | None, list[Component]]] = [
        (entries.values, [*structure.observation.measures, *structure.observation.attributes]),
        (entries.series_values, list(structure.series.attributes)),
    ]
    for items, components in pairs:
        if items is None:
            continue
        for place, component in enumerate(components):
            _, spans = _at(items, place)
            first = set(spans.first().tolist())
            if first & {ord("["), ord("{")}:
                found.add(component.id)
    return found


def without_measure(items: Items, level: Level) -> bool:
    """Whether the arrays lack the measure: its place holds texts though it is a number.

    A service that was asked for `detail=nodata` may leave the measure out without saying so.
    """
    if len(level.measures) != 1 or not level.measures[0].numeric or not level.attributes:
        return False
    _, spans = _at(items, 0)
    first = set(spans.first().tolist())
    return first == {ord('"')} and not set(spans.strings().unique().to_pylist()) & _NOT_NUMBERS


def constant(text: str | None, count: int) -> Texts:
    """Column of one text."""
    import numpy as np

    return Texts(np.zeros(count, np.int32), [text])


def table(columns: dict[str, Any]) -> pa.Table:
    """Arrow table of columns."""
    import pyarrow as pa

    return pa.table({n: c.array() if isinstance(c, Texts) else c for n, c in columns.items()})

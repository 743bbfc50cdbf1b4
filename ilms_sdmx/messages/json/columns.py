"""Columns: entries of a JSON message as columns of codes and texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
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
class TextColumn:
    """Column of few distinct texts.

    Parameters
    ----------
    codes
        Code of each row, -1 for absent.
    texts
        Text of each code, None for absent.
    """

    codes: np.ndarray
    texts: list[str | None]

    def taken(self, rows: np.ndarray) -> TextColumn:
        """Column of other rows, each with the value of one of these."""
        return TextColumn(self.codes[rows], self.texts)

    def filled(self, other: TextColumn) -> TextColumn:
        """Column with the values of another one where this has none."""
        import numpy as np

        present = np.array([text is not None for text in self.texts] + [False])
        shifted = np.where(other.codes < 0, -1, other.codes + len(self.texts))
        codes = np.where(present[self.codes], self.codes, shifted)
        return TextColumn(codes, [*self.texts, *other.texts])

    def array(self) -> pa.Array:
        """Return the same as an Arrow dictionary."""
        import numpy as np
        import pyarrow as pa

        # One place more than texts: -1, for absent, is the last.
        lookup = np.full(len(self.texts) + 1, -1, np.int32)
        present: list[str] = []
        for code, text_of_code in enumerate(self.texts):
            if text_of_code is not None:
                lookup[code] = len(present)
                present.append(text_of_code)
        codes = lookup[self.codes]
        missing = codes < 0
        mask = missing if missing.any() else None
        indices = pa.array(codes, mask=mask)
        return pa.DictionaryArray.from_arrays(indices, pa.array(present, pa.string()))


def dimensions(entries: Entries, structure: Structure) -> dict[str, np.ndarray]:
    """Index of the value of each dimension, for each observation."""
    inside = list(structure.observation.dimensions)
    if entries.series is None:
        columns = _zeros(structure, len(entries.keys))
        inside = [*structure.series.dimensions, *inside]
    else:
        columns = series_dimensions(entries, structure, entries.series)
    keys = observations.indices(entries.keys, len(inside))
    return columns | _by_id(inside, keys)


def _zeros(structure: Structure, count: int) -> dict[str, np.ndarray]:
    """Indices of the dimensions of the data set: each has one value, the first."""
    import numpy as np

    columns = {}
    for dimension in structure.dataset.dimensions:
        columns[dimension.id] = np.zeros(count, np.int32)
    return columns


def _by_id(components: Sequence[Component], indices: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of indices by the ids of their dimensions."""
    columns = {}
    for place, component in enumerate(components):
        columns[component.id] = indices[:, place]
    return columns


def series_dimensions(
    entries: Entries, structure: Structure, rows: np.ndarray
) -> dict[str, np.ndarray]:
    """Indices of the dimensions above the observations, for some series."""
    assert entries.series_keys is not None
    above = structure.series.dimensions
    keys = observations.indices(entries.series_keys, len(above))
    return _zeros(structure, len(rows)) | _by_id(above, keys[rows])


def checked(component: Component, codes: np.ndarray) -> TextColumn:
    """Column of a dimension: every code has a value.

    Raises
    ------
    MessageError
        A code is outside the list of values.
    """
    texts: list[str | None] = []
    for value in component.values or ():
        texts.append(None if value is None else str(value))
    highest = int(codes.max(initial=-1))
    if highest >= len(texts):
        component.listed(highest)
    return TextColumn(codes, texts)


def values(
    items: Items, level: Level, odd: Odd, *, measures: bool = True
) -> dict[str, TextColumn | pa.Array]:
    """Columns of the measures and attributes in arrays, by id; absent ones are left out.

    `odd` is told of attributes whose index has no value; they are absent then.
    """
    components = [*level.measures, *level.attributes] if measures else list(level.attributes)
    columns: dict[str, TextColumn | pa.Array] = {}
    for place, component in enumerate(components):
        rows, spans = _at(items, place)
        if not len(rows):
            continue
        coded = component.values is not None or component.composite
        if component in level.measures and not coded:
            columns[component.id] = _numbers(component, items.count, rows, spans)
        else:
            columns[component.id] = _texts(component, items.count, rows, spans, odd)
    return columns


def text(component: Component, value: Any, odd: Odd) -> str | None:
    """Text of a value; an index without a value is odd and absent."""
    try:
        return component.text(value)
    except MessageError as error:
        # The reason is a phrase, which a text of the error would no longer be.
        odd(component.id, error.args[0])
        return None


def texts_by_id(
    components: Sequence[Component], listed: list[Any], odd: Odd
) -> dict[str, str | None]:
    """Texts of a list of values by component; what the list lacks is None."""
    texts = {}
    for component, value in zip_longest(components, listed[: len(components)]):
        texts[component.id] = text(component, value, odd)
    return texts


def _at(items: Items, place: int) -> tuple[np.ndarray, Spans]:
    """Rows that have an item at a place of their array, and these items."""
    import numpy as np

    chosen = np.flatnonzero(items.place == place)
    return items.owner[chosen], items.values.chosen(chosen)


def _texts(
    component: Component, count: int, rows: np.ndarray, spans: Spans, odd: Odd
) -> TextColumn:
    """Column of an attribute: each distinct piece of text is parsed once."""
    import numpy as np

    encoded = spans.strings().dictionary_encode()
    texts = []
    for piece in encoded.dictionary.to_pylist():
        texts.append(text(component, parsed(piece), odd))
    codes = np.full(count, -1, np.int32)
    codes[rows] = encoded.indices.to_numpy()
    return TextColumn(codes, texts)


def _numbers(component: Component, count: int, rows: np.ndarray, spans: Spans) -> pa.Array:
    """Column of a measure: numbers as written, anything else parsed."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = spans.strings()
    numeric = pc.match_substring_regex(texts, _NUMBER)
    if not pc.all(numeric).as_py():
        other = pc.invert(numeric)
        parsed_texts = _parsed_texts(component, texts.filter(other))
        texts = pc.replace_with_mask(texts, other, parsed_texts)
    if len(rows) == count:
        return texts
    places = np.full(count, -1, np.int64)
    places[rows] = np.arange(len(rows))
    return texts.take(pa.array(places, mask=places < 0))


def _parsed_texts(component: Component, pieces: pa.Array) -> pa.Array:
    """Texts of pieces of JSON; each distinct one is parsed once."""
    import pyarrow as pa

    encoded = pieces.dictionary_encode()
    texts = []
    for piece in encoded.dictionary.to_pylist():
        texts.append(component.text(parsed(piece)))
    return pa.array(texts, pa.string()).take(encoded.indices)


def composites(entries: Entries, structure: Structure) -> set[str]:
    """Ids of components that have a list or a map somewhere, whatever the structure says."""
    observed = [*structure.observation.measures, *structure.observation.attributes]
    ids = _composites(entries.values, observed)
    if entries.series_values is not None:
        ids |= _composites(entries.series_values, structure.series.attributes)
    return ids


def _composites(items: Items, components: Sequence[Component]) -> set[str]:
    """Ids of components that have a list or a map among some items."""
    ids = set()
    for place, component in enumerate(components):
        _, spans = _at(items, place)
        if spans.first_bytes() & {ord("["), ord("{")}:
            ids.add(component.id)
    return ids


def without_measure(items: Items, level: Level) -> bool:
    """Whether the arrays lack the measure: its place holds texts though it is a number.

    A service that was asked for `detail=nodata` may leave the measure out without saying so.
    """
    if len(level.measures) != 1 or not level.measures[0].numeric or not level.attributes:
        return False
    _, spans = _at(items, 0)
    if spans.first_bytes() != {ord('"')}:
        return False
    texts = spans.strings().unique().to_pylist()
    return _NOT_NUMBERS.isdisjoint(texts)


def constant(text: str | None, count: int) -> TextColumn:
    """Column of one text."""
    import numpy as np

    return TextColumn(np.zeros(count, np.int32), [text])


def over(rows: dict[str, Any], nearer: Mapping[str, Any]) -> dict[str, Any]:
    """Columns where those that are nearer to the observation go before.

    An attribute may have a value for the data set and others for some series: rows without one
    of their own keep that of the data set.
    """
    merged = dict(rows)
    for name, column in nearer.items():
        farther = merged.get(name)
        if isinstance(farther, TextColumn) and isinstance(column, TextColumn):
            column = column.filled(farther)
        merged[name] = column
    return merged


def table(columns: dict[str, Any]) -> pa.Table:
    """Arrow table of columns."""
    import pyarrow as pa

    arrays = {}
    for name, column in columns.items():
        arrays[name] = column.array() if isinstance(column, TextColumn) else column
    return pa.table(arrays)

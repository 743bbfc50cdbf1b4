"""Events of figures: what an addition changes, and what holds after all events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ilms_sdmx.database.tables import (
    CHANGE,
    NAME,
    NUMBER,
    OF_DELIVERY,
    ORIGIN,
    RECORD,
    VINTAGE,
    ArrowTable,
)
from ilms_sdmx.datasets.changes import match_keys
from ilms_sdmx.errors import StructureError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Number of codes of a key from which parts of it are counted anew.
_MOST_CODES = 2**62
ADDED, CHANGED, REMOVED = "added", "changed", "removed"


def what_holds(events: ArrowTable, keys: Sequence[str]) -> ArrowTable:
    """Last event of each key, without those that were removed; the events are in time order."""
    if not events.num_rows:
        return events
    codes = key_codes(events, keys)
    last = _last_places(codes)
    table = events.take(last)
    is_left = _texts_are_not(table[CHANGE], REMOVED)
    return table.filter(is_left)


def events_of(
    before: ArrowTable, after: ArrowTable, keys: Sequence[str], *, is_whole: bool
) -> ArrowTable:
    """Events that lead from what held to new figures; sorted by key.

    Parameters
    ----------
    before, after
        Tables with the same columns.
    is_whole
        Whether figures of `before` that `after` does not have are removed.

    Raises
    ------
    StructureError
        A key is there twice in `after`.
    """
    import pyarrow as pa

    keys_before = before.select(keys)
    keys_after = after.select(keys)
    both = pa.concat_tables([keys_before, keys_after])
    codes = key_codes(both.unify_dictionaries(), keys)
    count = before.num_rows
    codes_before = codes[:count]
    codes_after = codes[count:]
    _refuse_repeated(codes_after, after, keys)
    matches = match_keys(codes_before, codes_after)
    differs = _differing(before, after, keys, matches.earlier, matches.later)
    added = after.take(matches.added)
    changed_rows = matches.later[differs]
    changed = after.take(changed_rows)
    tables = [_with_change(added, ADDED), _with_change(changed, CHANGED)]
    if is_whole:
        gone = keys_before.take(matches.removed)
        removed = _filled(gone, after)
        tables.append(_with_change(removed, REMOVED))
    events = pa.concat_tables(tables).unify_dictionaries()
    return sorted_by(events, keys)


def counts_of(events: ArrowTable) -> dict[str, int]:
    """Number of figures that were added, changed and removed."""
    import pyarrow.compute as pc

    counts = dict.fromkeys((ADDED, CHANGED, REMOVED), 0)
    for each in pc.value_counts(_plain(events[CHANGE])).to_pylist():
        counts[each["values"]] = each["counts"]
    return counts


def sorted_by(table: ArrowTable, keys: Sequence[str]) -> ArrowTable:
    """Table in the order of the texts of its keys, the first key first."""
    if table.num_rows < 2:
        return table
    columns = []
    for key in reversed(list(keys)):
        columns.append(_ranks(table[key]))
    order = np.lexsort(columns)
    return table.take(order)


def key_codes(table: ArrowTable, keys: Sequence[str]) -> NDArray[np.int64]:
    """One number for each different key of a table."""
    import pandas as pd

    codes = np.zeros(table.num_rows, dtype=np.int64)
    count = 1
    for key in keys:
        column, size = _codes(table[key])
        if count * size >= _MOST_CODES:
            codes, known = pd.factorize(codes)
            count = len(known) + 1
        codes = codes * size + column
        count *= size
    return codes


def with_event(table: ArrowTable, name: str, number: int) -> ArrowTable:
    """Table with the name and the vintage of its events."""
    import pyarrow as pa

    rows = table.num_rows
    named = _constant(name, rows)
    vintages = pa.array(np.full(rows, number, dtype=np.int32))
    place = table.column_names.index(CHANGE)
    return table.add_column(place, NAME, named).append_column(VINTAGE, vintages)


def _last_places(codes: NDArray[np.int64]) -> NDArray[np.intp]:
    """Place of the last row of each code, ascending."""
    import pandas as pd

    is_earlier = pd.Series(codes).duplicated(keep="last").to_numpy()
    return np.flatnonzero(~is_earlier)


def _codes(column: Any) -> tuple[NDArray[np.int64], int]:
    """Number of each text of a column, 0 for none, and how many numbers there are."""
    array = _dictionary(column)
    filled = array.indices.fill_null(-1)
    indices = filled.to_numpy(zero_copy_only=False)
    numbers = indices.astype(np.int64) + 1
    count = len(array.dictionary) + 1
    return numbers, count


def _ranks(column: Any) -> NDArray[np.int64]:
    """Rank of each text of a column among its texts, 0 for none."""
    import pyarrow.compute as pc

    array = _dictionary(column)
    count = len(array.dictionary)
    ranks = np.zeros(count + 1, dtype=np.int64)
    in_order = pc.array_sort_indices(array.dictionary)
    places = in_order.to_numpy() + 1
    ranks[places] = np.arange(1, count + 1)
    codes, _ = _codes(column)
    return ranks[codes]


def _dictionary(column: Any) -> Any:
    """Column as one array with one dictionary, in which each text is once."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        # No rows, no chunk.
        return pa.array([], pa.string()).dictionary_encode()
    return column


def _differing(
    before: ArrowTable,
    after: ArrowTable,
    keys: Sequence[str],
    earlier: NDArray[np.intp],
    later: NDArray[np.intp],
) -> NDArray[np.bool_]:
    """Whether figures of the same key differ in what a figure is."""
    import pyarrow as pa

    differs = np.zeros(len(earlier), dtype=bool)
    if not len(earlier):
        return differs
    for name in after.column_names:
        if name in keys or not _is_compared(name):
            continue
        both = pa.chunked_array([*before[name].chunks, *after[name].chunks])
        codes, _ = _codes(both)
        count = before.num_rows
        differs |= codes[:count][earlier] != codes[count:][later]
    return differs


def _is_compared(name: str) -> bool:
    """Whether another text in a column is another figure: not where it was read, or when."""
    if name == NUMBER or name.startswith(ORIGIN):
        return False
    if not name.startswith(RECORD):
        return True
    return name.removeprefix(RECORD) not in OF_DELIVERY


def _filled(table: ArrowTable, like: ArrowTable) -> ArrowTable:
    """Table with the columns of another one, empty where it has none."""
    import pyarrow as pa

    arrays = {}
    for field in like.schema:
        if field.name in table.column_names:
            arrays[field.name] = table[field.name]
        else:
            arrays[field.name] = pa.nulls(table.num_rows, field.type)
    return pa.table(arrays)


def _with_change(table: ArrowTable, change: str) -> ArrowTable:
    return table.append_column(CHANGE, _constant(change, table.num_rows))


def _constant(text: str, rows: int) -> Any:
    """Column of one text."""
    import pyarrow as pa

    indices = pa.array(np.zeros(rows, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.array([text], pa.string()))


def _plain(column: Any) -> Any:
    import pyarrow as pa

    return column.cast(pa.string())


def _texts_are_not(column: Any, text: str) -> Any:
    import pyarrow.compute as pc

    return pc.not_equal(_plain(column), text)


def _refuse_repeated(codes: NDArray[np.int64], table: ArrowTable, keys: Sequence[str]) -> None:
    """Refuse a table that has a key twice."""
    import pandas as pd

    is_repeated = pd.Series(codes).duplicated().to_numpy()
    repeated = np.flatnonzero(is_repeated)
    if not len(repeated):
        return
    place = int(repeated[0])
    only_keys = table.select(list(keys))
    [row] = only_keys.slice(place, 1).to_pylist()
    texts = []
    for name in keys:
        texts.append(str(row[name] or ""))
    key = ".".join(texts)
    raise StructureError(
        f"expected each key once, found {key} twice: validate the data first, or add the "
        "figures under two names"
    )

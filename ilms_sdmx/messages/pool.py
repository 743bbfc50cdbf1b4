"""Pool: rows of text made by looking up ready pieces, not by formatting value by value.

Each column of a frame is a pool of distinct pieces (escaped, quoted and separated once) and a
code for each row. A chunk of rows is then one `take` over all pools: the buffer of its result
is the text of the message.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

#: Rows that are put together at once: a few megabytes of text.
CHUNK = 50_000

#: Makes the pieces of distinct texts: the result is as long as the argument.
Spelling: TypeAlias = "Callable[[pa.Array], pa.Array]"


@dataclass(frozen=True)
class PooledColumn:
    """Pieces of one column.

    Parameters
    ----------
    codes
        Code of each row.
    pieces
        Texts as written, each distinct one once.
    shift
        What to add to a code to get the place of its piece.
    """

    codes: np.ndarray
    pieces: pa.Array
    shift: int = 0

    def __getitem__(self, rows: slice) -> PooledColumn:
        return PooledColumn(self.codes[rows], self.pieces, self.shift)


def column(values: pd.Series, spelling: Spelling, absent: str) -> PooledColumn:
    """Column of a categorical or string series; `absent` is the piece of a missing value.

    `spelling` sees each distinct text once; values without repetition pass through it as they
    are.
    """
    import pyarrow as pa

    codes, texts = distinct(values)
    first = pa.array([absent], pa.string())
    others = spelling(texts).cast(pa.string())
    return PooledColumn(codes, pa.concat_arrays([first, others]), shift=1)


def distinct(values: pd.Series) -> tuple[np.ndarray, pa.Array]:
    """Codes of a series, -1 where missing, and the text of each code."""
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        # The array has both at once; `cat` makes a series of the codes first.
        held: Any = values.array
        return held.codes, _CATEGORIES.texts(held.categories)
    encoded = _strings(values).dictionary_encode()
    codes = encoded.indices.fill_null(-1)
    return codes.to_numpy(zero_copy_only=False), encoded.dictionary


class _Categories:
    """Texts of categories, made once for as long as the categories live.

    A message asks for the same ones many times: for its checks, its keys and its values.
    """

    def __init__(self) -> None:
        self._held: dict[int, tuple[Any, pa.Array]] = {}

    def texts(self, categories: pd.Index) -> pa.Array:
        """Texts of some categories."""
        number = id(categories)
        held = self._held.get(number)
        if held is not None and held[0]() is categories:
            return held[1]
        texts = _strings(categories)

        def forget(_: object) -> None:
            self._held.pop(number, None)

        self._held[number] = (weakref.ref(categories, forget), texts)
        return texts


_CATEGORIES = _Categories()


def with_codes(frame: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Frame in which the text of these columns has its codes, to be looked up again for free.

    What is written is looked at more than once (repeated keys, periods, the rows themselves);
    each of these asks for the codes, and finding them is most of its work.
    """
    import pandas as pd

    columns = {}
    for name in names:
        if name not in frame.columns or not isinstance(frame[name].dtype, pd.StringDtype):
            continue
        codes, texts = distinct(frame[name])
        categories = pd.Index(texts, dtype=frame[name].dtype)
        columns[name] = pd.Categorical.from_codes(codes, categories, validate=False)
    return frame.assign(**columns) if columns else frame


def _strings(values: pd.Series | pd.Index) -> pa.Array:
    """Values as one array of strings, whatever pandas keeps them in."""
    import pandas as pd
    import pyarrow as pa

    is_text = isinstance(values.dtype, pd.StringDtype)
    array = pa.array(values if is_text else values.astype("str"), from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    texts: pa.Array = array.cast(pa.string())
    return texts


def constant(piece: str, rows: int) -> PooledColumn:
    """Column that has the same piece in every row."""
    import numpy as np
    import pyarrow as pa

    return PooledColumn(np.zeros(rows, np.int32), pa.array([piece], pa.string()))


def text(columns: Sequence[PooledColumn]) -> memoryview:
    """Pieces of all columns, row after row, as UTF-8."""
    import numpy as np
    import pyarrow as pa

    if not columns or not len(columns[0].codes):
        return memoryview(b"")
    matrix = np.empty((len(columns[0].codes), len(columns)), np.int32)
    pools = []
    size = 0
    for place, each in enumerate(columns):
        # Codes of few texts are narrow numbers: added as the wide ones of the matrix.
        start = size + each.shift
        np.add(each.codes, start, out=matrix[:, place], dtype=np.int32, casting="unsafe")
        pools.append(each.pieces)
        size += len(each.pieces)
    places = pa.array(matrix.ravel())
    taken = pa.concat_arrays(pools).take(places)
    _, offsets, data = taken.buffers()
    end = np.frombuffer(offsets, np.int32)[len(taken)]
    return memoryview(data)[:end]


def chunks(rows: int) -> Iterator[slice]:
    """Rows in chunks of a size that bounds memory."""
    for start in range(0, rows, CHUNK):
        yield slice(start, min(start + CHUNK, rows))

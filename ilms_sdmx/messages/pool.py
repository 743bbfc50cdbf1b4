"""Pool: rows of text made by looking up ready-made pieces, instead of formatting value by value.

Each column of a frame is a pool of distinct pieces (escaped, quoted and separated once) and a code for each
row. A chunk of rows is then one `take` over all pools: the buffer of its result is the text of the message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

#: Rows that are put together at once: a few megabytes of text.
CHUNK = 50_000

#: Makes the pieces of distinct texts: the result is as long as the argument.
Spelling: TypeAlias = "Callable[[pa.Array], pa.Array]"


@dataclass(frozen=True)
class Column:
    """Pieces of one column: `codes` and `shift` say for each row which of `pieces` it gets."""

    codes: np.ndarray
    pieces: pa.Array
    shift: int = 0

    def __getitem__(self, rows: slice) -> Column:
        return Column(self.codes[rows], self.pieces, self.shift)


def column(values: pd.Series, spelling: Spelling, absent: str) -> Column:
    """Column of a categorical or string series; `absent` is the piece of a missing value.

    `spelling` sees each distinct text once; values without repetition pass through it as they are.
    """
    import pyarrow as pa

    codes, texts = distinct(values)
    pieces = pa.concat_arrays(
        [pa.array([absent], pa.string()), spelling(texts).cast(pa.string())]
    )
    return Column(codes, pieces, shift=1)


def distinct(values: pd.Series) -> tuple[np.ndarray, pa.Array]:
    """Codes of a series, -1 where missing, and the texts they stand for; of a categorical its own codes."""
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy(), _strings(values.cat.categories)
    encoded = _strings(values).dictionary_encode()
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), encoded.dictionary


def _strings(values: pd.Series | pd.Index) -> pa.Array:
    """Values as one array of strings, whatever pandas keeps them in."""
    import pyarrow as pa

    array = pa.array(values.astype("str"), from_pandas=True)
    whole: pa.Array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return whole.cast(pa.string())


def constant(piece: str, rows: int) -> Column:
    """Column that has the same piece in every row."""
    import numpy as np
    import pyarrow as pa

    return Column(np.zeros(rows, np.int32), pa.array([piece], pa.string()))


def text(columns: Sequence[Column]) -> memoryview:
    """Pieces of all columns, row after row, as UTF-8."""
    import numpy as np
    import pyarrow as pa

    if not columns or not len(columns[0].codes):
        return memoryview(b"")
    sizes = np.cumsum([0, *(len(c.pieces) for c in columns)])
    matrix = np.empty((len(columns[0].codes), len(columns)), np.int32)
    for i, each in enumerate(columns):
        np.add(
            each.codes,
            sizes[i] + each.shift,
            out=matrix[:, i],
            dtype=np.int32,
            casting="unsafe",
        )
    taken = pa.concat_arrays([c.pieces for c in columns]).take(pa.array(matrix.ravel()))
    end = np.frombuffer(taken.buffers()[1], np.int32)[len(taken)]
    return memoryview(taken.buffers()[2])[:end]


def chunks(rows: int) -> Iterator[slice]:
    """Rows in chunks of a size that bounds memory."""
    return (slice(start, min(start + CHUNK, rows)) for start in range(0, rows, CHUNK))

"""Batches: the rows of a data set as a reader delivers them, and how they become data sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.findings import Finding
from ilms_sdmx.messages.header import Header
from ilms_sdmx.messages.message import Note

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: More components than any structure has; beyond, every observation could cost a column.
MOST_COMPONENTS = 2_000

#: Key dimensions to rows of that key with the attributes reported there: what `Dataset.attached` is made of.
Attached = Mapping[tuple[str, ...], "pd.DataFrame"]


def refuse_many(components: int) -> None:
    """Refuse more components than any structure has.

    Raises
    ------
    MessageError
        There are more than `MOST_COMPONENTS`.
    """
    if components > MOST_COMPONENTS:
        raise MessageError(f"over {MOST_COMPONENTS:,} different components: no structure has so many")


@dataclass(frozen=True)
class Batch:
    """Some rows of one data set, in message order.

    Parameters
    ----------
    number
        Position of the data set in the message, from 0.
    rows
        One column a component that occurs, each a string array or a dictionary of strings; null is absent.
        Columns may be missing and in any order: `components` says what there is.
    components
        Roles as far as they are known up to these rows; those of the last batch of a data set hold for all.
    attached
        Attributes of series and groups without observations, see `Dataset.attached`.
    """

    number: int
    rows: pa.Table
    components: Components
    dataflow: str = ""
    structure: str = ""
    provision: str = ""
    action: str = "Replace"
    attached: Attached = field(default_factory=lambda: MappingProxyType({}))


class Reading(Protocol):
    """One message being read, whatever its format: iterate over it once.

    `header` and `format` are known from the start, `footer` and `findings` when the iteration has ended.
    A data set without observations gives one batch without rows.
    """

    header: Header
    format: str
    footer: tuple[Note, ...]
    findings: list[Finding]

    def __iter__(self) -> Iterator[Batch]: ...


def assemble(batches: Iterable[Batch]) -> Dataset:
    """One data set of all its batches: columns in the order of its components, absent as missing."""
    parts = list(batches)
    last = parts[-1]
    tables = [p.rows for p in parts]
    frame = _frame(tables, last.components)
    attached = _merged([p.attached for p in parts])
    return Dataset(
        frame,
        last.components,
        last.dataflow,
        last.structure,
        last.action,
        provision=last.provision,
        attached=attached,
        number=last.number,
    )


def _frame(tables: list[pa.Table], components: Components) -> pd.DataFrame:
    import pandas as pd

    length = sum(t.num_rows for t in tables)
    columns = {}
    for name in components.columns:
        columns[name] = _series(tables, name, text=name in components.measures)
        for i, table in enumerate(tables):  # release what has been used: half of the peak otherwise
            if name in table.column_names:
                tables[i] = table.drop_columns([name])
    return pd.DataFrame(columns, index=pd.RangeIndex(length), columns=components.columns)


def _series(tables: list[pa.Table], name: str, *, text: bool) -> Any:
    """One column of all tables: text for a measure, categorical for anything else."""
    import pandas as pd
    import pyarrow as pa

    kind = pa.string() if text else pa.dictionary(pa.int32(), pa.string())
    chunks = []
    for table in tables:
        if name not in table.column_names:
            chunks.append(pa.nulls(table.num_rows, pa.string()))
        else:
            chunks.extend(table.column(name).chunks)
    if text:
        whole = pa.chunked_array([c.cast(kind) for c in chunks], kind)
        return pd.array(whole, dtype=pd.StringDtype("pyarrow", na_value=pd.NA))
    return categorical(chunks)


def categorical(chunks: list[pa.Array]) -> pd.Categorical:
    """Chunks of strings or dictionaries as one categorical, categories in the order they first occur."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    encoded = [c if pa.types.is_dictionary(c.type) else c.dictionary_encode() for c in chunks]
    seen: dict[str, int] = {}
    codes: list[np.ndarray] = []
    for chunk in encoded:
        lookup = [seen.setdefault(value, len(seen)) for value in chunk.dictionary.to_pylist()]
        dtype = np.min_scalar_type(-len(seen) - 1)
        local = chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        codes.append(np.array([*lookup, -1], dtype)[local])
    whole = np.concatenate(codes) if codes else np.empty(0, np.int8)
    return pd.Categorical.from_codes(whole, pd.Index(list(seen), dtype="str"))


def _merged(parts: list[Attached]) -> Attached:
    import pandas as pd

    frames: dict[tuple[str, ...], list[pd.DataFrame]] = {}
    for part in parts:
        for key, frame in part.items():
            frames.setdefault(key, []).append(frame)
    return MappingProxyType({k: pd.concat(v, ignore_index=True) for k, v in frames.items()})

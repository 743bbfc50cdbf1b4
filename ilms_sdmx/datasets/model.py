"""Data sets: a structure's components and the observation frame whose columns they are."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, TypeAlias, TypeGuard

from ilms_sdmx.structures.components import OBSERVATION as OBSERVATION
from ilms_sdmx.structures.components import Components as Components

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Dataset:
    """Observations of one dataflow.

    Parameters
    ----------
    observations
        One row an observation, unique by its dimensions; the columns are `components.columns`
        in that order. Dimensions hold codes and are never missing; TIME_PERIOD is in SDMX
        lexical form; measures are text, the lexical form as it was read or will be written
        (`1.10` stays `1.10`); attributes are codes or text. A missing value (`pd.NA`) is a
        component that was absent, `""` one that was reported empty. Columns are categorical or
        string; use `values` for numbers.
    components
        What the columns are, and where each attribute is attached.
    dataflow, structure
        Identifiers as `ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)` and `ILO:POP_MNAO_SEX_CDS_NB(1.0)`,
        empty if unknown.
    action
        What the receiver does with it: Replace, Append, Merge, Delete or Information. In a data
        set to be deleted a missing dimension is a wildcard.
    provenance
        Where each observation came from, aligned by index: file, sheet, cell, text. None for
        data that did not come from cells.
    provision
        Identifier of the provision agreement, where the message names one instead of a
        dataflow.
    attached
        Attributes of series, groups and other partial keys that no observation carries:
        dimension ids of the key to a frame whose columns are these dimensions and attributes. A
        message may send a series' or a group's attributes without any observation (in CSV: a
        row that fills only part of the key); they must not be lost, and are no observations.
    number
        Position of the data set in its message, from 0; batches of one data set share it.
    about
        What the message says of the data set itself, by `setID`, `reportingBegin`,
        `reportingEnd`, `validFrom`, `validTo`, `publicationYear` and `publicationPeriod`.

    Notes
    -----
    Attributes of the data set (attachment `()`) are in `observations` like all others, with one
    value, so that a frame is complete in itself.
    """

    observations: pd.DataFrame
    components: Components
    dataflow: str = ""
    structure: str = ""
    action: str = "Replace"
    provenance: pd.DataFrame | None = None
    provision: str = ""
    attached: Mapping[tuple[str, ...], pd.DataFrame] = field(
        default_factory=lambda: MappingProxyType({})
    )
    number: int = 0
    about: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def values(self) -> pd.Series[float]:
        """OBS_VALUE as float64: NaN where absent, empty or `NaN`."""
        import pandas as pd

        measure = self.components.measures[0]
        text = self.observations[measure].astype("str").str.strip()
        stated = text.mask(text.isin(["", "NaN"]))
        numbers = _numbers_of(stated)
        return pd.Series(numbers, index=text.index, name=text.name)

    def __len__(self) -> int:
        return len(self.observations)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Stream of Arrow, which Polars, DuckDB and pyarrow take as a table."""
        return arrow_table(self).__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        name = self.dataflow or self.structure or "without structure"
        count = len(self)
        return f"<Dataset {name}: {count:,} observations>"


def _numbers_of(texts: pd.Series[str]) -> Any:
    """Numbers that texts say, NaN for all else; a column of nothing but numbers is quick."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        numbers = pc.cast(pa.array(texts, from_pandas=True), pa.float64())
    except pa.ArrowInvalid:
        parsed = pd.to_numeric(texts, errors="coerce")
        return parsed.to_numpy("float64")
    return numbers.to_numpy(zero_copy_only=False)


def arrow_table(dataset: Dataset) -> pa.Table:
    """Observations as an Arrow table; its metadata say what the columns are."""
    import pyarrow as pa

    columns = {}
    for name in dataset.components.columns:
        columns[name] = _array(dataset.observations[name])
    description = json.dumps(_described(dataset))
    return pa.table(columns).replace_schema_metadata({"sdmx": description})


def _array(column: pd.Series[Any]) -> pa.Array:
    """Column as texts, or as a dictionary of texts where it is categorical."""
    import pandas as pd
    import pyarrow as pa

    if not isinstance(column.dtype, pd.CategoricalDtype):
        plain = column.astype("string")
        return pa.array(plain, pa.string(), from_pandas=True)
    codes = column.cat.codes.to_numpy().astype("int32")
    indices = pa.array(codes, mask=codes < 0)
    categories = column.cat.categories.astype("object")
    texts = pa.array(categories, pa.string())
    return pa.DictionaryArray.from_arrays(indices, texts)


def _described(dataset: Dataset) -> dict[str, Any]:
    """Metadata of a data set as plain values."""
    components = dataset.components
    attributes = {}
    for name, attachment in components.attributes.items():
        attributes[name] = list(attachment)
    return {
        "dataflow": dataset.dataflow,
        "structure": dataset.structure,
        "action": dataset.action,
        "dimensions": components.dimensions,
        "measures": components.measures,
        "attributes": attributes,
        "composite": sorted(components.composite),
    }


#: A path, bytes, or a file that is open for reading bytes.
Source: TypeAlias = "str | os.PathLike[str] | bytes | IO[bytes]"
#: What every verb of the root takes, in words.
NOUNS = "a Dataset, a Conversion, a Message, a Harmonised, or several of them"


def datasets_of(
    data: Any, *, read: Callable[[Any], Iterable[Dataset]] | None = None
) -> Iterator[Dataset]:
    """Data sets of whatever holds them, one after the other, in order.

    Taken are a `Dataset`, every object with `datasets` (a conversion, a message, a fetched
    result, a comparison), and any iterable of these. An iterator is not read ahead: a stream
    stays a stream.

    Parameters
    ----------
    data
        What was handed in.
    read
        Reads a path, bytes or an open file, for the verbs that take one; without it they are
        refused.

    Raises
    ------
    TypeError
        There is something else in it; the message says what is taken.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"REF_AREA": ["PHL"], "OBS_VALUE": ["1.10"]}, dtype="string")
    >>> dataset = Dataset(frame, Components(("REF_AREA",)))
    >>> list(datasets_of([dataset, (dataset,)]))
    [<Dataset without structure: 1 observations>, <Dataset without structure: 1 observations>]
    """
    if isinstance(data, Dataset):
        yield data
    elif is_source(data):
        yield from _read_datasets(data, read)
    elif hasattr(data, "datasets"):
        for held in _held(data):
            yield from datasets_of(held, read=read)
    elif isinstance(data, Iterable) and not hasattr(data, "columns"):
        for part in data:
            yield from datasets_of(part, read=read)
    else:
        raise TypeError(_refusal(data))


def is_source(data: object) -> TypeGuard[Source]:
    """Whether something is to be read before it holds data: a path, bytes, or an open file."""
    if isinstance(data, str | os.PathLike | bytes):
        return True
    return hasattr(data, "read")


def _read_datasets(
    source: Any, read: Callable[[Any], Iterable[Dataset]] | None
) -> Iterator[Dataset]:
    if read is None:
        raise TypeError(
            f"expected {NOUNS}, found {type(source).__name__}: "
            "read it first with ilms_sdmx.read"
        )
    yield from read(source)


def _held(holder: Any) -> Iterable[Any]:
    """Data sets of a holder, which keeps them in order or by name."""
    datasets = holder.datasets
    return datasets.values() if isinstance(datasets, Mapping) else datasets


def _refusal(data: object) -> str:
    if hasattr(data, "columns"):
        return (
            f"expected {NOUNS}, found a frame: make a data set of it with"
            " Dataset(frame, Components(dimensions=(...)))"
        )
    return f"expected {NOUNS}, found {type(data).__name__}"

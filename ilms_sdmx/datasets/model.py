"""Data sets: a structure's components and the observation frame whose columns they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, Any, TypeAlias, TypeGuard

from ilms_sdmx.datasets.arrow import numbers_of, table_with_roles
from ilms_sdmx.datasets.checking import checked_frame
from ilms_sdmx.datasets.coercion import coerced
from ilms_sdmx.datasets.frames import Form, frame_of
from ilms_sdmx.errors import IlmsError
from ilms_sdmx.findings.display import counted, page
from ilms_sdmx.structures.components import OBSERVATION as OBSERVATION
from ilms_sdmx.structures.components import Components as Components

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from ilms_sdmx.datasets.given import Structure

#: Observations that a notebook shows.
_SHOWN = 10


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
    attached: Mapping[tuple[str, ...], pd.DataFrame] = field(default_factory=dict)
    number: int = 0
    about: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        frame = checked_frame(self.observations, self.components)
        object.__setattr__(self, "observations", frame)

    @classmethod
    def of(cls, frame: pd.DataFrame, dataflow: Structure) -> Dataset:
        """Data set of a frame as Excel, `read_csv` or another program gives it.

        What is certain is taken: the columns in any order and from the index, `2022.0` as
        `2022`, numbers in plain digits, dates as the period of their frequency that begins on
        them, `None` and `NaN` as absent. A float is written with the 15 digits that it keeps:
        0.1 + 0.2 is `0.3`.

        Parameters
        ----------
        frame
            A row an observation; columns have the ids of the components.
        dataflow
            Id of an ILMS dataflow, `Components`, or whatever `read` takes as `structure`.

        Raises
        ------
        ValidationError
            Something is not certain: a dimension without column or value, a column that the
            structure does not have, a year with decimals, a key that comes twice. All of it is
            in the report of the error.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"TIME_PERIOD": [2022.0], "REF_AREA": "PHL", "OBS_VALUE": 1.5})
        >>> data = Dataset.of(frame, Components(("REF_AREA", "TIME_PERIOD")))
        >>> data.observations.iloc[0].to_list()
        ['PHL', '2022', '1.5']
        """
        made = coerced(frame, dataflow)
        return cls(made.observations, made.components, made.dataflow, made.structure)

    @property
    def values(self) -> pd.Series[float]:
        """OBS_VALUE as float64: NaN where absent, empty or `NaN`."""
        import pandas as pd

        measure = self.components.measures[0]
        texts = self.observations[measure]
        plain = texts.astype("string")
        numbers = numbers_of(plain)
        floats = numbers.to_numpy(zero_copy_only=False)
        return pd.Series(floats, index=texts.index, name=texts.name)

    def to_frame(
        self, *, labels: str | None = None, numeric: bool = True, units: str | None = None
    ) -> pd.DataFrame:
        """Frame to calculate with: OBS_VALUE is a number, periods are texts in order.

        Parameters
        ----------
        labels
            `en`, `fr` or `es`: a column `SEX_LABEL` with the names comes behind each column of
            codes of an ILMS dataflow.
        numeric
            Whether OBS_VALUE is float64 (NaN where there is none), else the text as it is.
        units
            `persons`: figures in thousands are multiplied, and UNIT_MULT is `0`.

        Raises
        ------
        StructureError
            There are no names, no UNIT_MULT, or the figures do not count persons.

        Examples
        --------
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"TIME_PERIOD": ["2018", "2019"], "OBS_VALUE": ["1.10", "2"]})
        >>> data = Dataset.of(frame, Components(("TIME_PERIOD",)))
        >>> data.to_frame().query("TIME_PERIOD >= '2019'")
          TIME_PERIOD  OBS_VALUE
        1        2019        2.0
        """
        form = Form(labels, numeric, units)
        return frame_of(self.observations, self.dataflow, form)

    def head(self, count: int = 5) -> pd.DataFrame:
        """First observations, as `to_frame` gives them."""
        first = replace(self, observations=self.observations.head(count))
        return first.to_frame()

    def to_polars(self) -> pl.DataFrame:
        """Frame of Polars: OBS_VALUE is a number, OBS_VALUE_TEXT its text.

        Raises
        ------
        IlmsError
            Polars is not installed.
        """
        try:
            import polars
        except ImportError:
            raise IlmsError("this needs Polars: pip install 'ilms-sdmx[polars]'") from None
        frame: pl.DataFrame = polars.DataFrame(arrow_table(self))
        return frame

    def referring(self, dataflow: str, structure: str) -> Dataset:
        """Data set that refers to a dataflow and a structure, where it refers to nothing."""
        if self.dataflow or self.structure or self.provision:
            return self
        return replace(self, dataflow=dataflow, structure=structure)

    def __len__(self) -> int:
        return len(self.observations)

    def __iter__(self) -> Iterator[dict[str, str]]:
        """Observation after observation: component to its text, what is absent left out."""
        frame = self.observations.astype("object")
        names = list(frame.columns)
        for row in frame.itertuples(index=False, name=None):
            cells = {}
            for name, text in zip(names, row, strict=True):
                if isinstance(text, str):
                    cells[name] = text
            yield cells

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Stream of Arrow, which Polars, DuckDB and pyarrow take as a table."""
        return arrow_table(self).__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        name = self.dataflow or self.structure or "without structure"
        number = counted(len(self), "observation")
        return f"<Dataset {name}: {number}>"

    def _repr_html_(self) -> str:
        """Table of the first observations, for notebooks."""
        title = repr(self).strip("<>")
        first = self.head(_SHOWN)
        return page(title, first, len(self))


def arrow_table(dataset: Dataset) -> pa.Table:
    """Observations as an Arrow table; its metadata say what the columns are."""
    about = {}
    for name in ("dataflow", "structure", "action"):
        about[name] = getattr(dataset, name)
    return table_with_roles(dataset.observations, dataset.components, about)


def datasets_table(datasets: Iterable[Dataset]) -> pd.DataFrame:
    """Row of each data set, for what a notebook shows of a result that holds some."""
    import pandas as pd

    rows = []
    for dataset in datasets:
        name = dataset.dataflow or dataset.structure
        row = {"dataflow": name, "observations": len(dataset), "action": dataset.action}
        rows.append(row)
    return pd.DataFrame(rows, columns=["dataflow", "observations", "action"])


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
    [<Dataset without structure: 1 observation>, <Dataset without structure: 1 observation>]
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


def is_structure(data: object) -> bool:
    """Whether something is a structure: `Components`, or an object of sdmx1."""
    if isinstance(data, Components):
        return True
    package, _, _ = type(data).__module__.partition(".")
    return package == "sdmx"


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
            " Dataset.of(frame, dataflow)"
        )
    found = type(data).__name__
    if is_structure(data):
        return f"expected {NOUNS}, then the structure; found the structure first ({found})"
    return f"expected {NOUNS}, found {found}"

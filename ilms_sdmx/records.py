"""Comparability records: what must be known of a figure before it is compared."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.findings import Report

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.datasets import Dataset
    from ilms_sdmx.tables.table import Origin


class Criterion(StrEnum):
    """By what a person counts as a migrant.

    Figures of different criteria are never subtracted.
    """

    BIRTH = "birth"
    CITIZENSHIP = "citizenship"
    MIXED = "mixed"
    IMPUTED = "imputed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Record:
    """What one fetched figure counts, and how it was made.

    Every field is text, so that a frame of records is plain text too; `""` says that the source
    does not say.

    Parameters
    ----------
    source
        Who publishes the figure: `UN DESA IMS`, `ILOSTAT`, `World Bank WDI`, ...
    edition
        Revision, release or vintage as the source names it: `2024`, `WPP 2024`, a time of last
        update.
    criterion
        A `Criterion`: birth, citizenship, mixed, imputed or unknown.
    scope
        Population counted: `all`, `working-age`, `labour-force`, `employed`, ...
    ages
        `all`, `15+`, `0-4`, ... as a closed or open range in completed years.
    refugees
        `included`, `excluded`, `not-added` (counted only as far as the census or register did),
        or `unknown`.
    reference_date
        ISO 8601 date to which a stock refers, the period of a flow, or `""` where only a year
        is known.
    method
        `observed`, `interpolated or extrapolated`, `imputed`, `modelled`, `projected`, or `""`;
        as finely as the source says.
    data_type, notes
        Letters of the type of data and ids or text of notes, both as published.
    unit
        Unit and multiplier of the figure as published: `persons`, `thousands of persons`, ...
    symbol
        What stood where there was no plain number: `..`, `~`, or a flag such as `p`, `be`.
    licence
        Under which the figure may be used again.
    published_area, published_partner
        Codes of the area and of the partner (origin, citizenship) in the namespace of the
        source.
    table
        Table, sheet, dataset or indicator inside the source.
    address
        URL or file name.
    retrieved
        ISO 8601 time at which the bytes came.
    same_as
        The source that first published the figure where this one serves it again; never a
        corroboration.
    """

    source: str = ""
    edition: str = ""
    criterion: str = Criterion.UNKNOWN.value
    scope: str = ""
    ages: str = ""
    refugees: str = "unknown"
    reference_date: str = ""
    method: str = ""
    data_type: str = ""
    notes: str = ""
    unit: str = ""
    symbol: str = ""
    licence: str = ""
    published_area: str = ""
    published_partner: str = ""
    table: str = ""
    address: str = ""
    retrieved: str = ""
    same_as: str = ""


#: What a field of a group says whose parts say different things.
MIXED = "mixed"
#: Fields that say what a figure counts. A group counts what all its parts count.
COUNTED = ("criterion", "scope", "ages", "refugees")
_UNKNOWN = frozenset({"", "unknown"})
_UNKNOWN_WORDS = {"criterion": "unknown", "refugees": "unknown"}
_JOINED = {"method": " or ", "notes": " | "}


def meet(records: Iterable[Record]) -> Record:
    """Record of a group of figures: what the records of all its parts agree in.

    Where parts count different things the group is `mixed`; where a part does not say what it
    counts, nobody knows it of the group. Methods and notes of all parts are those of the group.
    Of what only says where a figure comes from, the group has what is the same in all parts.
    The order of the parts does not matter.

    Raises
    ------
    ValueError
        There is no record.

    Examples
    --------
    >>> from ilms_sdmx import Record
    >>> from ilms_sdmx.records import meet
    >>> thailand = Record(criterion="citizenship", scope="all")
    >>> korea = Record(criterion="birth", scope="all")
    >>> group = meet([thailand, korea])
    >>> group.criterion, group.scope
    ('mixed', 'all')
    >>> meet([thailand, Record(scope="all")]).criterion
    'unknown'
    """
    parts = list(dict.fromkeys(records))
    if not parts:
        raise ValueError("expected at least one record, found none")
    if len(parts) == 1:
        return parts[0]
    values = {}
    for name in RECORD_COLUMNS:
        texts = {getattr(part, name) for part in parts}
        values[name] = _common(name, texts)
    return Record(**values)


def is_known(text: str) -> bool:
    """Whether a field of a record says something: neither empty nor `unknown`."""
    return text not in _UNKNOWN


def _common(name: str, texts: set[str]) -> str:
    """What a group says in a field whose parts say `texts`."""
    if len(texts) == 1:
        return next(iter(texts))
    if name in _JOINED:
        return _all_texts(texts, _JOINED[name])
    if name not in COUNTED:
        return ""
    known_texts = texts - _UNKNOWN
    # Two that differ are mixed, whatever a third one counts that does not say it.
    if len(known_texts) > 1 or MIXED in known_texts:
        return MIXED
    return _UNKNOWN_WORDS.get(name, "")


def _all_texts(texts: set[str], separator: str) -> str:
    """Parts of all texts, each once, in the order of the alphabet."""
    parts: set[str] = set()
    for text in texts:
        parts.update(text.split(separator))
    return separator.join(sorted(parts - {""}))


#: Columns of a frame of records, in order.
RECORD_COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(Record))


def records_frame(
    index: pd.Index, record: Record | None = None, **columns: pd.Series[str] | str
) -> pd.DataFrame:
    """Frame of records for the figures of `index`: `record` for all, `columns` by figure.

    Columns are categorical; nothing is missing.

    Raises
    ------
    TypeError
        A column is not a field of `Record`.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Record
    >>> from ilms_sdmx.records import records_frame
    >>> letters = pd.Series(["B", "C R"])
    >>> frame = records_frame(letters.index, Record(source="UN DESA IMS"), data_type=letters)
    >>> frame["data_type"].tolist()
    ['B', 'C R']
    """
    import pandas as pd

    unknown = sorted(set(columns) - set(RECORD_COLUMNS))
    if unknown:
        raise TypeError(f"not fields of Record: {', '.join(unknown)}")
    common = record or Record()
    parts = {}
    for name in RECORD_COLUMNS:
        value = columns.get(name, getattr(common, name))
        parts[name] = _column(index, value)
    return pd.DataFrame(parts, index=index, columns=list(RECORD_COLUMNS))


def _column(index: pd.Index, value: Any) -> pd.Series[Any]:
    """Categorical column of one value for all figures, or of a value for each."""
    import pandas as pd

    if not isinstance(value, pd.Series):
        return _constant_column(index, str(value))
    column = value if value.index is index else value.reindex(index)
    if not isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("str").astype("category")
    if not column.hasnans:
        return column
    if "" not in column.cat.categories:
        column = column.cat.add_categories([""])
    return column.fillna("")


def _constant_column(index: pd.Index, value: str) -> pd.Series[Any]:
    import numpy as np
    import pandas as pd

    codes = np.zeros(len(index), dtype="int8")
    categories = pd.Index([value])
    values = pd.Categorical.from_codes(codes, categories=categories)
    return pd.Series(values, index=index)


def records_beside(path: str | os.PathLike[str]) -> Path:
    """Name of the file with the records of a message that `fetch` wrote: `NAME.records.csv`."""
    whole = Path(path)
    return whole.with_name(f"{whole.name}.records.csv")


def _no_rest() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"text": pd.Series(dtype="str"), "reason": pd.Series(dtype="str")})


@dataclass(frozen=True, eq=False)
class Harmonised:
    """Fetched figures as a data set of one of our dataflows, with comparability records.

    Parameters
    ----------
    dataset
        Observations in our structures and codes.
    records
        One row an observation, aligned with `dataset.observations` by index; the columns are
        the fields of `Record`.
    origin
        Which bytes it came from.
    report
        What was found on the way: duplicate keys, codes without counterpart, changed services.
    rest
        Figures with no counterpart in our structures, never dropped: the headings and `text` as
        they stood and the `reason`. Figures of the answer = observations + rest, over all
        `parts`.
    also
        Further data sets of the same answer, for instance figures by citizenship next to those
        by birth.
    """

    dataset: Dataset
    records: pd.DataFrame
    origin: Origin
    report: Report = field(default_factory=Report)
    rest: pd.DataFrame = field(default_factory=_no_rest)
    also: tuple[Harmonised, ...] = ()

    @property
    def parts(self) -> tuple[Harmonised, ...]:
        """The harmonised figures themselves, then those of `also`."""
        return (self, *self.also)

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """Data sets of all `parts`, in order."""
        return tuple(part.dataset for part in self.parts)

    def __iter__(self) -> Iterator[Harmonised]:
        return iter(self.parts)

    def __len__(self) -> int:
        """Observations of the data set, not of `also`."""
        return len(self.dataset)

    def __repr__(self) -> str:
        parts = [f"{self.dataset}", f"{len(self.rest):,} figures without a place"]
        if self.also:
            parts.append(f"{len(self.also)} further data sets")
        parts.append(f"{self.report}")
        return f"<Harmonised from {self.origin.source}: {', '.join(parts)}>"

    def frame(self) -> pd.DataFrame:
        """Observations of all `parts` with DATAFLOW and their records (lower-case columns)."""
        import pandas as pd

        frames = []
        for part in self.parts:
            frame = part.dataset.observations.join(part.records)
            place = len(part.dataset.observations.columns)
            frame.insert(place, "DATAFLOW", part.dataset.dataflow)
            frames.append(frame)
        if len(frames) == 1:
            return frames[0]
        return pd.concat(frames, ignore_index=True)

"""One data set as JSON: its observations as text, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.json import keys
from ilms_sdmx.messages.json.listing import Listing
from ilms_sdmx.messages.json.plan import Plan, gathered, group_attributes, one_value

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"


class Body:
    """Text of a data set's observations, batch by batch, and the values of its indices."""

    def __init__(
        self, plan: Plan, version: str, names: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.plan = plan
        self.numeric = True
        self.keys_left_out = 0
        self.listings: dict[str, Listing] = {}
        components = plan.components
        for name in (*components.dimensions, *components.attributes):
            composite = name in components.composite
            labels = names.get(name, {})
            self.listings[name] = Listing(name, version, composite=composite, names=labels)
        self.start()

    @property
    def any(self) -> bool:
        """Whether an observation has been written."""
        return self._started

    def start(self) -> None:
        """Begin another data set of the same structure."""
        self._met = keys.Met()
        self._last: tuple[int, ...] = ()
        self._whole: dict[str, str | None] | None = None
        self._groups: dict[str, dict[tuple[int, ...], int]] = {}
        for attribute in self.plan.group:
            self._groups[attribute] = {}
        self._started = False

    def text(self, dataset: Dataset) -> Iterator[bytes | memoryview]:
        """Entries of the next batch, with a comma behind what was written before."""
        frame = dataset.observations
        self._refuse(dataset)
        self._note_whole(frame if len(frame) else dataset.attached.get((), frame))
        if self.plan.varying:
            frame = gathered(frame, self.plan.above)
        for rows in pool.chunks(len(frame)):
            part = frame.iloc[rows]
            codes = {}
            for name, listing in self.listings.items():
                codes[name] = listing.codes(part[name])
            self._note_groups(codes)
            yield self._series(part, codes) if self.plan.varying else self._flat(part, codes)
        for key, attached in dataset.attached.items():
            self._note_attached(key, attached)

    def _refuse(self, dataset: Dataset) -> None:
        """Refuse rows with wildcards, and attributes that the first batch did not show."""
        gaps = []
        for dimension in self.plan.components.dimensions:
            if dataset.observations[dimension].array.isna().any():
                gaps.append(dimension)
        if gaps:
            raise MessageError(
                f"SDMX-JSON cannot carry rows without {', '.join(gaps)} (wildcards); "
                "write sdmx-csv-2.0"
            )
        attributes = set(group_attributes(dataset))
        if not attributes <= set(self.plan.group):
            names = ", ".join(sorted(attributes))
            raise MessageError(
                f"{names}: attributes without observations in a later batch; write one set"
            )

    def _note_whole(self, frame: pd.DataFrame) -> None:
        """Remember the attributes of the data set; they must stay the same in all batches."""
        if not len(frame):
            return
        values: dict[str, str | None] = {}
        varied = []
        for attribute in self.plan.whole:
            if attribute not in frame:
                values[attribute] = None
                continue
            first = frame[attribute].iloc[:1]
            values[attribute] = None if first.isna().iloc[0] else str(first.iloc[0])
            if not one_value(frame[attribute]):
                varied.append(attribute)
        if varied or self._whole not in (None, values):
            names = ", ".join(varied or self.plan.whole)
            raise MessageError(
                f"{names}: an attribute of the data set has another value in a later batch"
            )
        self._whole = values

    def _note_groups(self, codes: Mapping[str, np.ndarray]) -> None:
        """Remember the attributes of groups in some rows."""
        import numpy as np

        for attribute, key in self.plan.group.items():
            columns = [codes[name] for name in (*key, attribute)]
            distinct_rows = np.unique(np.stack(columns, axis=1), axis=0)
            for row in distinct_rows.tolist():
                self._note_group(attribute, tuple(row[:-1]), row[-1])

    def _note_attached(self, key: tuple[str, ...], frame: pd.DataFrame) -> None:
        """Remember attributes without observations, or how many keys have none."""
        if not key:
            return
        if len(frame.columns) == len(key):
            self.keys_left_out += len(frame)
            return
        for dimension in key:
            if frame[dimension].isna().any():
                raise MessageError(
                    "SDMX-JSON cannot carry attributes of a key without "
                    f"{dimension} (wildcard);"
                    " write sdmx-csv-2.0"
                )
        codes_of_key = []
        for dimension in key:
            codes_of_key.append(self.listings[dimension].codes(frame[dimension]).tolist())
        for attribute in frame.columns:
            if attribute in key:
                continue
            values = self.listings[attribute].codes(frame[attribute])
            for row in zip(*codes_of_key, values.tolist(), strict=True):
                self._note_group(attribute, row[:-1], row[-1])

    def _note_group(self, attribute: str, key: tuple[int, ...], value: int) -> None:
        """Remember the value of a group; refuse another one than it has."""
        known = self._groups[attribute].setdefault(key, value)
        if known != value:
            names = ", ".join(self.plan.group[attribute])
            raise MessageError(
                f"{attribute}: SDMX-JSON can carry one value for each {names}, found two"
            )

    def _flat(self, part: pd.DataFrame, codes: Mapping[str, np.ndarray]) -> bytes | memoryview:
        """Text of some rows without series."""
        comma = pool.constant(",\n", len(part))
        text = pool.text([comma, *self._observation(part, codes)])
        if self._started:
            return text
        self._started = True
        return text[2:]

    def _observation(
        self, part: pd.DataFrame, codes: Mapping[str, np.ndarray]
    ) -> list[pool.PooledColumn]:
        """Pieces of `"0:1":[1.5,0]`."""
        plan = self.plan
        columns = self._key(codes)
        last = [*plan.components.measures, *plan.observation][-1]
        for name in plan.components.measures:
            end = "]" if name == last else ","
            columns.append(self._measure(part[name], end))
        for name in plan.observation:
            end = "]" if name == last else ","
            columns.append(_indices(codes[name], len(self.listings[name]), end))
        return columns

    def _key(self, codes: Mapping[str, np.ndarray]) -> list[pool.PooledColumn]:
        """Pieces of `"0:1":[`."""
        names = self.plan.inside
        columns = []
        for name in names:
            start = '"' if name == names[0] else ""
            end = '":[' if name == names[-1] else ":"
            columns.append(_indices(codes[name], len(self.listings[name]), end, start))
        return columns

    def _measure(self, values: pd.Series, end: str) -> pool.PooledColumn:
        """Pieces of a measure: a number as it is, any other text in quotes."""
        import pyarrow as pa
        import pyarrow.compute as pc

        def spelling(texts: pa.Array) -> pa.Array:
            numeric = pc.match_substring_regex(texts, _NUMBER)
            if not pc.all(numeric).as_py():
                other = pc.invert(numeric)
                quoted = self._quoted(texts.filter(other).to_pylist())
                texts = pc.replace_with_mask(texts, other, pa.array(quoted, pa.string()))
            return pc.binary_join_element_wise(texts, end, "")

        return pool.column(values, spelling, f"null{end}")

    def _quoted(self, texts: list[str]) -> list[str]:
        """Texts in quotes; with any but `NaN` the measure is no number."""
        self.numeric = self.numeric and set(texts) <= {"NaN"}
        return [orjson.dumps(text).decode() for text in texts]

    def _series(self, part: pd.DataFrame, codes: Mapping[str, np.ndarray]) -> memoryview:
        """Text of some rows, those of a series next to each other.

        Before each is a comma, or the head of its series.
        """
        import numpy as np
        import pyarrow as pa

        above = [codes[dimension] for dimension in self.plan.above]
        begins = self._begins([*above, *(codes[name] for name in self.plan.series)])
        if not self._met.add([column[begins] for column in above]):
            raise MessageError(
                "a series goes on in a later batch, or its attributes change: SDMX-JSON names "
                "it once; write layout='flat', or the data as one set"
            )
        heads = self._heads(codes, np.flatnonzero(begins))
        places = np.where(begins, np.cumsum(begins), 0)
        pieces = pa.concat_arrays([pa.array([","], pa.string()), heads])
        first = pool.PooledColumn(places, pieces)
        return pool.text([first, *self._observation(part, codes)])

    def _begins(self, columns: list[np.ndarray]) -> np.ndarray:
        """Whether a series begins at each row, by the codes of its key and attributes."""
        begins = keys.changes(columns)
        first_row = tuple(int(column[0]) for column in columns)
        begins[0] = first_row != self._last
        self._last = tuple(int(column[-1]) for column in columns)
        return begins

    def _heads(self, codes: Mapping[str, np.ndarray], rows: np.ndarray) -> pa.Array:
        """Write what is before the first observation of each series that begins."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not len(rows):
            return pa.array([], pa.string())
        ends = ['}},\n"'] * len(rows)
        if not self._started:
            ends[0] = '"'
        self._started = True
        return pc.binary_join_element_wise(
            pa.array(ends, pa.string()),
            self._joined(self.plan.above, codes, rows, ":"),
            '":{"attributes":[',
            self._joined(self.plan.series, codes, rows, ","),
            '],"observations":{',
            "",
        )

    def _joined(
        self,
        names: Sequence[str],
        codes: Mapping[str, np.ndarray],
        rows: np.ndarray,
        separator: str,
    ) -> pa.Array:
        """Indices of some components in some rows, row by row as one text."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not names:
            return pa.array([""] * len(rows), pa.string())
        columns = []
        for name in names:
            texts = [str(index) for index in range(len(self.listings[name]))]
            # An absent value has the index -1, which is the last text.
            pieces = pa.array([*texts, "null"], pa.string())
            indices = codes[name][rows] % len(pieces)
            columns.append(pieces.take(pa.array(indices)))
        return pc.binary_join_element_wise(*columns, separator)

    def end(self) -> str:
        """Text that closes the series still open."""
        return "}}" if self.plan.varying and self._started else ""

    def members(self) -> dict[str, Any]:
        """Members of the data set next to its observations."""
        members: dict[str, Any] = {}
        if self.plan.whole and self._whole:
            indices = []
            for attribute, text in self._whole.items():
                indices.append(self._index(attribute, text))
            members["attributes"] = indices
        if self.plan.group:
            members["dimensionGroupAttributes"] = self._group_members()
        return members

    def _index(self, attribute: str, text: str | None) -> int | None:
        """Index of the one value of an attribute."""
        import pandas as pd

        if text is None:
            return None
        codes = self.listings[attribute].codes(pd.Series([text], dtype="str"))
        return int(codes[0])

    def _group_members(self) -> dict[str, list[int | None]]:
        """Indices of the attributes of groups by key, such as `{"0::1:": [0, null]}`."""
        order = [*self.plan.above, *self.plan.inside]
        members: dict[str, list[int | None]] = {}
        for place, (attribute, values) in enumerate(self._groups.items()):
            dimensions = self.plan.group[attribute]
            for key, value in values.items():
                parts = dict(zip(dimensions, map(str, key), strict=True))
                name = ":".join(parts.get(dimension, "") for dimension in order)
                entry = members.setdefault(name, [None] * len(self._groups))
                entry[place] = value if value >= 0 else None
        return members


def _indices(codes: np.ndarray, count: int, end: str, start: str = "") -> pool.PooledColumn:
    """Pieces of indices; `null` where absent."""
    import pyarrow as pa

    pieces = [f"{start}null{end}"]
    for index in range(count):
        pieces.append(f"{start}{index}{end}")
    return pool.PooledColumn(codes, pa.array(pieces), shift=1)

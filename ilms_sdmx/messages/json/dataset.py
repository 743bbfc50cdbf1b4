"""One data set as JSON: its observations as text, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.json import keys
from ilms_sdmx.messages.json.listing import Listing
from ilms_sdmx.messages.json.plan import Plan, gathered, one_value

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"


class Body:
    """Text of a data set's observations, batch by batch, and the values that its indices stand for."""

    def __init__(
        self, plan: Plan, version: str, names: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.plan, self._version, self._names = plan, version, names
        components = plan.components
        self.listings = {
            name: Listing(
                name, version, composite=name in components.composite, names=names.get(name, {})
            )
            for name in (*components.dimensions, *components.attributes)
        }
        self.numeric = True
        self._met = keys.Met()
        self._last: tuple[int, ...] = ()
        self._whole: dict[str, str | None] | None = None
        self._groups: dict[str, dict[tuple[int, ...], int]] = {a: {} for a in plan.group}
        self._started = False

    @property
    def any(self) -> bool:
        """Whether an observation has been written."""
        return self._started

    def start(self) -> None:
        """Begin another data set of the same structure."""
        self._met, self._last, self._whole, self._started = keys.Met(), (), None, False
        self._groups = {a: {} for a in self.plan.group}

    def text(self, dataset: Dataset) -> Iterator[bytes | memoryview]:
        """Entries of the next batch, with the comma that parts them from what was written before."""
        frame = dataset.observations
        self._refuse(dataset)
        self._note_whole(frame)
        if self.plan.varying:
            frame = gathered(frame, self.plan.above)
        for rows in pool.chunks(len(frame)):
            part = frame.iloc[rows]
            codes = {name: listing.codes(part[name]) for name, listing in self.listings.items()}
            self._note_groups(codes)
            yield self._series(part, codes) if self.plan.varying else self._flat(part, codes)
        for key, attached in dataset.attached.items():
            self._note_attached(key, attached)

    def _refuse(self, dataset: Dataset) -> None:
        gaps = [
            d for d in self.plan.components.dimensions if dataset.observations[d].isna().any()
        ]
        if gaps:
            raise MessageError(
                f"SDMX-JSON cannot carry rows without {', '.join(gaps)} (wildcards); write sdmx-csv-2.0"
            )
        new = {
            a for key, frame in dataset.attached.items() for a in frame.columns if a not in key
        }
        if new - set(self.plan.group):
            names = ", ".join(sorted(new))
            raise MessageError(
                f"{names}: attributes without observations in a later batch; write one set"
            )

    def _note_whole(self, frame: pd.DataFrame) -> None:
        """Remember the attributes of the data set; they must stay the same in all batches."""
        if not len(frame):
            return
        found = {
            a: None if frame[a].isna().iloc[0] else str(frame[a].iloc[0])
            for a in self.plan.whole
        }
        varied = [a for a in self.plan.whole if not one_value(frame[a])]
        if varied or (self._whole is not None and self._whole != found):
            names = ", ".join(varied or self.plan.whole)
            raise MessageError(
                f"{names}: an attribute of the data set has another value in a later batch"
            )
        self._whole = found

    def _note_groups(self, codes: Mapping[str, np.ndarray]) -> None:
        import numpy as np

        for attribute, key in self.plan.group.items():
            rows = np.stack([*(codes[d] for d in key), codes[attribute]], axis=1)
            for row in np.unique(rows, axis=0).tolist():
                self._note_group(attribute, tuple(row[:-1]), row[-1])

    def _note_attached(self, key: tuple[str, ...], frame: pd.DataFrame) -> None:
        keys = [self.listings[d].codes(frame[d]) for d in key]
        for attribute in (c for c in frame.columns if c not in key):
            values = self.listings[attribute].codes(frame[attribute])
            for row in zip(*(k.tolist() for k in keys), values.tolist(), strict=True):
                self._note_group(attribute, row[:-1], row[-1])

    def _note_group(self, attribute: str, key: tuple[int, ...], value: int) -> None:
        if self._groups[attribute].setdefault(key, value) != value:
            names = ", ".join(self.plan.group[attribute])
            raise MessageError(
                f"{attribute}: SDMX-JSON can carry one value for each {names}, found two"
            )

    def _flat(self, part: pd.DataFrame, codes: Mapping[str, np.ndarray]) -> bytes | memoryview:
        text = pool.text([pool.constant(",\n", len(part)), *self._observation(part, codes)])
        started, self._started = self._started, True
        return text if started else text[2:]

    def _observation(
        self, part: pd.DataFrame, codes: Mapping[str, np.ndarray]
    ) -> list[pool.PooledColumn]:
        """Pieces of `"0:1":[1.5,0]`."""
        plan = self.plan
        columns = self._key({d: codes[d] for d in plan.inside}, '":[')
        last = [*plan.components.measures, *plan.observation][-1]
        for name in plan.components.measures:
            columns.append(self._measure(part[name], "]" if name == last else ","))
        for name in plan.observation:
            columns.append(
                _indices(codes[name], len(self.listings[name]), "]" if name == last else ",")
            )
        return columns

    def _key(self, codes: Mapping[str, np.ndarray], end: str) -> list[pool.PooledColumn]:
        names = list(codes)
        return [
            _indices(
                codes[n],
                len(self.listings[n]),
                end if n == names[-1] else ":",
                '"' if n == names[0] else "",
            )
            for n in names
        ]

    def _measure(self, values: pd.Series, end: str) -> pool.PooledColumn:
        """Pieces of a measure: a number stands as it is, any other text in quotes."""
        import pyarrow as pa
        import pyarrow.compute as pc

        def spelling(texts: pa.Array) -> pa.Array:
            number = pc.match_substring_regex(texts, _NUMBER)
            if not pc.all(number).as_py():
                others = texts.filter(pc.invert(number)).to_pylist()
                self.numeric = self.numeric and set(others) <= {"NaN"}
                quoted = pa.array([orjson.dumps(t).decode() for t in others], pa.string())
                texts = pc.replace_with_mask(texts, pc.invert(number), quoted)
            return pc.binary_join_element_wise(texts, end, "")

        return pool.column(values, spelling, f"null{end}")

    def _series(self, part: pd.DataFrame, codes: Mapping[str, np.ndarray]) -> memoryview:
        """Text of some rows, those of a series together: before each a comma, or the head of its series."""
        import numpy as np
        import pyarrow as pa

        above = [codes[d] for d in self.plan.above]
        levels = [*above, *(codes[a] for a in self.plan.series)]
        begins = keys.changes(levels)
        begins[0] = tuple(int(c[0]) for c in levels) != self._last
        self._last = tuple(int(c[-1]) for c in levels)
        if not self._met.add([c[begins] for c in above]):
            raise MessageError(
                "a series goes on in a later batch, or its attributes change: SDMX-JSON names it once; "
                "write layout='flat', or the data as one set"
            )
        heads = self._heads(codes, np.flatnonzero(begins))
        before = np.where(begins, np.cumsum(begins), 0)
        first = pool.PooledColumn(before, pa.array([",", *heads], pa.string()))
        return pool.text([first, *self._observation(part, codes)])

    def _heads(self, codes: Mapping[str, np.ndarray], here: np.ndarray) -> list[str]:
        """Write what stands before the first observation of each series."""
        named = zip(*(codes[d][here].tolist() for d in self.plan.above), strict=True)
        attributes = [codes[a][here].tolist() for a in self.plan.series]
        heads = []
        for number, key in enumerate(named):
            values = ",".join("null" if a[number] < 0 else str(a[number]) for a in attributes)
            end, self._started = "}},\n" if self._started else "", True
            heads.append(
                f'{end}"{":".join(map(str, key))}":{{"attributes":[{values}],"observations":{{'
            )
        return heads

    def end(self) -> str:
        """Text that closes the series still open."""
        return "}}" if self.plan.varying and self._started else ""

    def members(self) -> dict[str, Any]:
        """Members of the data set beside its observations."""
        found: dict[str, Any] = {}
        if self.plan.whole and self._whole:
            found["attributes"] = [self._index(a, t) for a, t in self._whole.items()]
        if self.plan.group:
            found["dimensionGroupAttributes"] = self._group_members()
        return found

    def _index(self, attribute: str, text: str | None) -> int | None:
        import pandas as pd

        return (
            None
            if text is None
            else int(self.listings[attribute].codes(pd.Series([text], dtype="str"))[0])
        )

    def _group_members(self) -> dict[str, list[int | None]]:
        order = [*self.plan.above, *self.plan.inside]
        found: dict[str, list[int | None]] = {}
        for place, (attribute, values) in enumerate(self._groups.items()):
            dimensions = self.plan.group[attribute]
            for key, value in values.items():
                known = dict(zip(dimensions, key, strict=True))
                name = ":".join(str(known[d]) if d in known else "" for d in order)
                entry = found.setdefault(name, [None] * len(self._groups))
                entry[place] = value if value >= 0 else None
        return found


def _indices(codes: np.ndarray, count: int, end: str, start: str = "") -> pool.PooledColumn:
    """Pieces of indices; `null` where absent."""
    import pyarrow as pa

    pieces = pa.array([f"{start}null{end}", *(f"{start}{i}{end}" for i in range(count))])
    return pool.PooledColumn(codes, pieces, shift=1)

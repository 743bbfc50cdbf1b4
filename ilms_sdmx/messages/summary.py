"""Summary: what a message holds, gathered batch by batch so that its size does not matter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import OBSERVATION, Components, Dataset
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.given import Structure
from ilms_sdmx.messages.intake import numbered_datasets
from ilms_sdmx.periods import parse_period

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_NUMBER = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"


@dataclass
class Summary:
    """What one data set holds, as far as its batches were added.

    Parameters
    ----------
    number, dataflow, structure, provision, action
        As in `Dataset`.
    components
        Roles of the columns.
    observations, series
        Number of rows, and of distinct keys without the time period.
    codes
        Dimension to its distinct codes with the number of rows of each.
    values
        Measure or attribute to the number of rows that have a value.
    texts
        Measure to the number of rows whose value is no number, such as `NaN`.
    attached
        Number of attribute rows that concern no observation.
    """

    number: int
    dataflow: str
    structure: str
    provision: str
    action: str
    components: Components
    observations: int = 0
    codes: dict[str, dict[str, int]] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    attached: int = 0
    _keys: list[np.ndarray] = field(default_factory=list)

    @classmethod
    def of(cls, first: Dataset) -> Summary:
        """Summary of the data set that a batch belongs to, nothing added yet."""
        return cls(
            first.number,
            first.dataflow,
            first.structure,
            first.provision,
            first.action,
            first.components,
        )

    @property
    def series(self) -> int:
        """Number of distinct keys without the time period."""
        import numpy as np

        return len(np.unique(np.concatenate(self._keys))) if self._keys else 0

    @property
    def periods(self) -> tuple[str, str] | None:
        """First and last time period, by the first day and then by the text; None without a time dimension."""
        found = sorted(self.codes.get("TIME_PERIOD", ()), key=_chronology)
        return (found[0], found[-1]) if found else None

    def add(self, batch: Dataset) -> None:
        """Count a batch."""
        frame = batch.observations
        self.components = batch.components
        self.observations += len(frame)
        self.attached += sum(len(rows) for rows in batch.attached.values())
        for name in batch.components.dimensions:
            _count(self.codes.setdefault(name, {}), frame[name])
        for name in (*batch.components.measures, *batch.components.attributes):
            self.values[name] = self.values.get(name, 0) + int(frame[name].notna().sum())
        for name in batch.components.measures:
            self.texts[name] = self.texts.get(name, 0) + _texts(frame[name])
        self._add_keys(frame)

    def _add_keys(self, frame: pd.DataFrame) -> None:
        import numpy as np

        above = [d for d in self.components.dimensions if d != "TIME_PERIOD"]
        if above and len(frame):
            keys = np.unique(_hashes(frame, above))
            while self._keys and len(self._keys[-1]) <= len(
                keys
            ):  # so that there are but a few arrays
                keys = np.union1d(self._keys.pop(), keys)
            self._keys.append(keys)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        attributes = self.components.attributes
        return {
            "number": self.number,
            "dataflow": self.dataflow,
            "structure": self.structure,
            "provision": self.provision,
            "action": self.action,
            "observations": self.observations,
            "series": self.series,
            "periods": list(self.periods) if self.periods else None,
            "dimensions": {n: len(self.codes.get(n, ())) for n in self.components.dimensions},
            "measures": {
                n: {"values": self.values.get(n, 0), "not numbers": self.texts.get(n, 0)}
                for n in self.components.measures
            },
            "attributes": {
                n: {"level": level(at), "values": self.values.get(n, 0)}
                for n, at in attributes.items()
            },
            "composite": sorted(self.components.composite),
            "attributes without observations": self.attached,
        }


def summarise(data: Any, structure: Structure = None) -> list[Summary]:
    """Summaries of the data sets in what is given, in order.

    Parameters
    ----------
    data
        A `Dataset`, whatever has `datasets`, a path of a message, a list of these, or a stream of batches
        (`read_batches`), of which those with one `number` are one data set.
    structure
        As for `read`, where a path is given.

    Raises
    ------
    TypeError
        There are no data sets in it.
    """
    summaries: list[Summary] = []
    for dataset in numbered_datasets(data, structure):
        if not summaries or summaries[-1].number != dataset.number:
            summaries.append(Summary.of(dataset))
        summaries[-1].add(dataset)
    return summaries


def level(attachment: tuple[str, ...]) -> str:
    """Level of an attribute in words: `data set`, `observation`, or the dimensions of its group."""
    if tuple(attachment) == OBSERVATION:
        return "observation"
    return ", ".join(attachment) or "data set"


def _count(counts: dict[str, int], values: pd.Series) -> None:
    """Add the number of rows of each text to what has been counted."""
    import numpy as np

    codes, texts = pool.distinct(values)
    rows = np.bincount(codes[codes >= 0], minlength=len(texts)).tolist()
    for text, count in zip(texts.to_pylist(), rows, strict=True):
        if count:
            counts[text] = counts.get(text, 0) + count


def _texts(values: pd.Series) -> int:
    """Count the rows whose value is there but no number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pa.array(values.astype("str"), pa.string(), from_pandas=True)
    matches = pc.match_substring_regex(text, _NUMBER)
    return int(pc.sum(pc.invert(matches)).as_py() or 0)


def _hashes(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Hash of each row's key: equal keys have equal hashes in every batch."""
    import numpy as np
    import pandas as pd

    found = np.zeros(len(frame), np.uint64)
    for name in names:
        codes, texts = pool.distinct(frame[name])
        hashes = pd.util.hash_array(
            np.array([*texts.to_pylist(), ""], object), categorize=False
        )
        found = found * np.uint64(1_000_003) + hashes[codes]
    return found


def _chronology(text: str) -> tuple[int, str]:
    """First day of a period, then its text; what is no period comes first."""
    period = parse_period(text)
    return (period.start if period else 0, text)

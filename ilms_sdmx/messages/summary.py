"""Summary: what a message holds, gathered batch by batch so that its size does not matter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import OBSERVATION, Components, Dataset
from ilms_sdmx.datasets.given import Structure
from ilms_sdmx.messages import pool
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

        if not self._keys:
            return 0
        hashes = np.concatenate(self._keys)
        return len(np.unique(hashes))

    @property
    def periods(self) -> tuple[str, str] | None:
        """First and last period, by first day and text; None without a time dimension."""
        periods = sorted(self.codes.get("TIME_PERIOD", ()), key=_chronology)
        return (periods[0], periods[-1]) if periods else None

    def add(self, batch: Dataset) -> None:
        """Count a batch."""
        frame = batch.observations
        self.components = batch.components
        self.observations += len(frame)
        for rows in batch.attached.values():
            self.attached += len(rows)
        for name in batch.components.dimensions:
            counts = self.codes.setdefault(name, {})
            _count(counts, frame[name])
        for name in (*batch.components.measures, *batch.components.attributes):
            present = int(frame[name].notna().sum())
            self.values[name] = self.values.get(name, 0) + present
        for name in batch.components.measures:
            self.texts[name] = self.texts.get(name, 0) + _texts(frame[name])
        self._add_keys(frame)

    def _add_keys(self, frame: pd.DataFrame) -> None:
        """Remember the keys of series, as sorted hashes."""
        import numpy as np

        above = list(self.components.dimensions)
        if "TIME_PERIOD" in above:
            above.remove("TIME_PERIOD")
        if not above or not len(frame):
            return
        keys = np.unique(_hashes(frame, above))
        # Arrays are joined as they come, so that there are but a few of them.
        while self._keys and len(self._keys[-1]) <= len(keys):
            keys = np.union1d(self._keys.pop(), keys)
        self._keys.append(keys)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values, ready for JSON."""
        dimensions = {}
        for name in self.components.dimensions:
            dimensions[name] = len(self.codes.get(name, ()))
        measures = {}
        for name in self.components.measures:
            values = self.values.get(name, 0)
            measures[name] = {"values": values, "not numbers": self.texts.get(name, 0)}
        attributes = {}
        for name, attachment in self.components.attributes.items():
            values = self.values.get(name, 0)
            attributes[name] = {"level": level(attachment), "values": values}
        return {
            "number": self.number,
            "dataflow": self.dataflow,
            "structure": self.structure,
            "provision": self.provision,
            "action": self.action,
            "observations": self.observations,
            "series": self.series,
            "periods": list(self.periods) if self.periods else None,
            "dimensions": dimensions,
            "measures": measures,
            "attributes": attributes,
            "composite": sorted(self.components.composite),
            "attributes without observations": self.attached,
        }


def summarise(data: Any, structure: Structure = None) -> list[Summary]:
    """Summaries of the data sets in what is given, in order.

    Parameters
    ----------
    data
        A `Dataset`, whatever has `datasets`, a path of a message, a list of these, or a stream
        of batches (`read_batches`), of which those with one `number` are one data set.
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
    """Level of an attribute: `data set`, `observation`, or the dimensions of its group."""
    if tuple(attachment) == OBSERVATION:
        return "observation"
    return ", ".join(attachment) or "data set"


def _count(counts: dict[str, int], values: pd.Series) -> None:
    """Add the number of rows of each text to what has been counted."""
    import numpy as np

    codes, texts = pool.distinct(values)
    present = codes[codes >= 0]
    rows = np.bincount(present, minlength=len(texts)).tolist()
    for text, count in zip(texts.to_pylist(), rows, strict=True):
        if count:
            counts[text] = counts.get(text, 0) + count


def _texts(values: pd.Series) -> int:
    """Number of rows whose value is there but no number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.array(values.astype("str"), pa.string(), from_pandas=True)
    numeric = pc.match_substring_regex(texts, _NUMBER)
    count = pc.sum(pc.invert(numeric)).as_py()
    return int(count or 0)


def _hashes(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Hash of each row's key: equal keys have equal hashes in every batch."""
    import numpy as np
    import pandas as pd

    hashes_of_keys = np.zeros(len(frame), np.uint64)
    for name in names:
        codes, texts = pool.distinct(frame[name])
        # A missing value has the code -1, the last place of the table.
        distinct = np.array([*texts.to_pylist(), ""], object)
        hashes = pd.util.hash_array(distinct, categorize=False)
        hashes_of_keys = hashes_of_keys * np.uint64(1_000_003) + hashes[codes]
    return hashes_of_keys


def _chronology(text: str) -> tuple[int, str]:
    """First day of a period, then its text; what is no period comes first."""
    period = parse_period(text)
    return (period.start if period else 0, text)

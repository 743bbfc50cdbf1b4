"""Fitting: data sets as a format can hold them, and what it has no place for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.messages import about

if TYPE_CHECKING:
    import pandas as pd

#: Formats of SDMX 2.1, whose one measure is called OBS_VALUE, to those that can carry several.
_ONE_MEASURE = {
    "sdmx-ml-2.1": "sdmx-ml-3.0",
    "sdmx-ml-2.1-generic": "sdmx-ml-3.0",
    "sdmx-csv-1.0": "sdmx-csv-2.0",
    "sdmx-json-1.0": "sdmx-json-2.0",
}
_MEASURE = "OBS_VALUE"
#: Not applicable, and missing: signs of SDMX 3.1, which means these formats.
_SIGNS = ("~", "#N/A")
_BLOCK = 1 << 18
_OF_3_1 = ("sdmx-ml-3.1", "sdmx-json-2.1", "sdmx-csv-2.1")


@dataclass
class Fitting:
    """Makes data sets fit a format, and keeps what that leaves out.

    Parameters
    ----------
    format
        Name of the format.
    told
        Findings of what has no place in it, each once.
    """

    format: str
    told: list[Finding] = field(default_factory=list)

    def fitted(self, datasets: Iterable[Dataset]) -> Iterator[Dataset]:
        """Data sets as the format can hold them.

        Raises
        ------
        MessageError
            There are several measures, and the format knows one.
        """
        for dataset in datasets:
            self._tell(about.find_left_out(dataset.about, self.format))
            self._tell(self._find_reference(dataset))
            self._tell(self._find_languages(dataset))
            yield self._without_signs(self._with_measure(dataset))

    def _tell(self, findings: Iterable[Finding]) -> None:
        """Keep findings, each once."""
        for finding in findings:
            if finding not in self.told:
                self.told.append(finding)

    def _with_measure(self, dataset: Dataset) -> Dataset:
        """Data set whose measure has the name that SDMX 2.1 gives it."""
        components = dataset.components
        measures = components.measures
        if self.format not in _ONE_MEASURE or measures == (_MEASURE,) or not measures:
            return dataset
        if len(measures) > 1 or _MEASURE in components.columns:
            raise MessageError(
                f"{self.format} can carry one measure, found {', '.join(measures)}; write"
                f" {_ONE_MEASURE[self.format]}"
            )
        place = Place(dataflow=dataset.dataflow)
        self._tell([find("measure-renamed", place, component=measures[0], format=self.format)])
        names = {measures[0]: _MEASURE}
        return replace(
            dataset,
            observations=dataset.observations.rename(columns=names),
            components=replace(components, measures=(_MEASURE,)),
        )

    def _find_reference(self, dataset: Dataset) -> Iterator[Finding]:
        """Finding of a dataflow or an agreement next to which the format names the other."""
        flow = dataset.dataflow
        agreement = dataset.provision
        if not flow or not agreement or self.format.startswith("sdmx-json"):
            return
        is_csv = self.format.startswith("sdmx-csv")
        left, kept = (agreement, flow) if is_csv else (flow, agreement)
        yield find("reference-left-out", format=self.format, kept=kept, artefact=left)

    def _find_languages(self, dataset: Dataset) -> Iterator[Finding]:
        """Finding of texts whose language the format needs, and the data do not say."""
        if self.format not in ("sdmx-ml-3.0", "sdmx-ml-3.1"):
            return
        components = dataset.components
        names = []
        with_language = components.multilingual | components.structured
        for name in sorted(with_language - components.composite):
            if name in dataset.observations and dataset.observations[name].notna().any():
                names.append(name)
        if names:
            place = Place(dataflow=dataset.dataflow)
            yield find("language-assumed", place, components=", ".join(names))

    def _without_signs(self, dataset: Dataset) -> Dataset:
        """Data set without signs of 3.1 in its measures, where the schema has none."""
        if self.format in _OF_3_1:
            return dataset
        columns: dict[str, Any] = {}
        for name in dataset.components.measures:
            if name in dataset.observations.columns:
                signs = _signs(dataset.observations[name])
                if signs is not None:
                    columns[name] = dataset.observations[name].mask(signs)
        if not columns:
            return dataset
        is_checked = self.format.startswith("sdmx-ml")
        case = "" if is_checked else "kept"
        place = Place(dataflow=dataset.dataflow)
        names = ", ".join(columns)
        self._tell(
            [find("sign-left-out", place, case=case, format=self.format, measures=names)]
        )
        if not is_checked:
            return dataset
        return replace(dataset, observations=dataset.observations.assign(**columns))


def _signs(values: pd.Series[Any]) -> pd.Series[Any] | None:
    """Whether each value is a sign of 3.1, None where none is."""
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        if not values.cat.categories.isin(_SIGNS).any():
            return None
        return values.isin(_SIGNS)
    if not _may_hold_signs(values):
        return None
    found = values.isin(_SIGNS)
    return found if found.any() else None


def _may_hold_signs(values: pd.Series[Any]) -> bool:
    """Whether the texts of a column hold a tilde or a number sign at all: seen at once."""
    import pyarrow as pa

    array = pa.array(values, from_pandas=True)
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    for chunk in chunks:
        buffer = chunk.buffers()[-1]
        if not pa.types.is_string(chunk.type) and not pa.types.is_large_string(chunk.type):
            return True
        if buffer is not None and _has_sign(memoryview(buffer)):
            return True
    return False


def _has_sign(text: memoryview) -> bool:
    """Whether some bytes hold the first byte of a sign."""
    for start in range(0, len(text), _BLOCK):
        block = bytes(text[start : start + _BLOCK])
        if b"~" in block or b"#" in block:
            return True
    return False

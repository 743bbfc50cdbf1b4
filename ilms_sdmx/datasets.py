"""Data sets: a structure's components and the observation frame whose columns they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from ilms_sdmx.structures.components import OBSERVATION as OBSERVATION
from ilms_sdmx.structures.components import Components as Components

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Dataset:
    """Observations of one dataflow.

    Parameters
    ----------
    observations
        One row an observation, unique by its dimensions; the columns are `components.columns` in that order.
        Dimensions hold codes and are never missing; TIME_PERIOD is in SDMX lexical form; measures are text,
        the lexical form as it was read or will be written (`1.10` stays `1.10`); attributes are codes or
        text. A missing value (`pd.NA`) is a component that was absent, `""` one that was reported empty.
        Columns are categorical or string; use `values` for numbers.
    components
        What the columns are, and where each attribute is attached.
    dataflow, structure
        Identifiers as `ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)` and `ILO:POP_MNAO_SEX_CDS_NB(1.0)`, empty if unknown.
    action
        What the receiver does with it: Replace, Append, Merge, Delete or Information. In a data set to be
        deleted a missing dimension is a wildcard.
    provenance
        Where each observation came from, aligned by index: file, sheet, cell, text. None for data that did
        not come from cells.
    provision
        Identifier of the provision agreement, where the message names one instead of a dataflow.
    attached
        Attributes of series, groups and other partial keys that no observation carries: dimension ids of the
        key to a frame whose columns are these dimensions and attributes. A message may send a series' or a
        group's attributes without any observation (in CSV: a row that fills only part of the key); they must
        not be lost, and are no observations.
    number
        Position of the data set in its message, from 0; batches of one data set share it.

    Notes
    -----
    Attributes of the data set (attachment `()`) stand in `observations` like all others, with one value, so
    that a frame is complete in itself.
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

    @property
    def values(self) -> pd.Series[float]:
        """OBS_VALUE as float64: NaN where absent, empty or `NaN`."""
        import pandas as pd

        text = self.observations[self.components.measures[0]].astype("str").str.strip()
        return pd.to_numeric(text.mask(text.isin(["", "NaN"])), errors="coerce").astype(
            "float64"
        )

    def __len__(self) -> int:
        return len(self.observations)

    def __repr__(self) -> str:
        name = self.dataflow or self.structure or "without structure"
        return f"<Dataset {name}: {len(self):,} observations>"


def expect_dataset(value: object) -> None:
    """Refuse what is no data set.

    Raises
    ------
    TypeError
        It is something else; the message says what.
    """
    if not isinstance(value, Dataset):
        raise TypeError(f"expected a Dataset, found {type(value).__name__}")

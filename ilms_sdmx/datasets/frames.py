"""Frames for people: numbers as numbers, names next to codes, persons in place of thousands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ilms_sdmx.datasets.arrow import numbers_of
from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    import pandas as pd

#: End of the name of a column that has the names of the codes of another.
LABEL = "_LABEL"
#: Units that figures can be given in, to their code in CL_UNIT_MEASURE.
_UNITS = {"persons": "PS"}
_TIME = "TIME_PERIOD"
_VALUE = "OBS_VALUE"


@dataclass(frozen=True)
class Form:
    """How a frame is wanted: language of the names, numbers or texts, unit of the figures."""

    labels: str | None = None
    numeric: bool = True
    units: str | None = None

    def check(self) -> None:
        """Refuse what there is not.

        Raises
        ------
        TypeError
            No such language or unit, or a unit without numbers.
        """
        if self.labels not in (None, *facts.LANGUAGES):
            known = ", ".join(facts.LANGUAGES)
            raise TypeError(f"expected labels in {known} or None, found {self.labels!r}")
        if self.units not in (None, *_UNITS):
            raise TypeError(f"expected units persons or None, found {self.units!r}")
        if self.units and not self.numeric:
            raise TypeError("expected numeric=True with units: figures are calculated")


def frame_of(observations: pd.DataFrame, dataflow: str, form: Form) -> pd.DataFrame:
    """Frame of the observations of a dataflow; see `Dataset.to_frame`."""
    form.check()
    frame = observations.copy()
    if _TIME in frame.columns:
        # Texts of periods are in order, and any period can be compared with them.
        frame[_TIME] = frame[_TIME].astype("str")
    if form.units:
        _check_unit(frame, dataflow, form.units)
        frame = _in_single_units(frame)
    elif form.numeric and _VALUE in frame.columns:
        texts = frame[_VALUE].astype("string")
        frame[_VALUE] = _floats(texts)
    if form.labels:
        return _with_labels(frame, _names(dataflow, form.labels))
    return frame


def _floats(texts: Any) -> Any:
    return numbers_of(texts).to_numpy(zero_copy_only=False)


def _with_labels(frame: pd.DataFrame, names: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """Frame with a column of names behind each column of codes that has any."""
    columns: dict[str, Any] = {}
    for column in frame.columns:
        columns[column] = frame[column]
        if column in names:
            codes = frame[column].astype("str")
            columns[f"{column}{LABEL}"] = codes.map(names[column])
    return type(frame)(columns)


@cache
def _names(dataflow: str, language: str) -> dict[str, dict[str, str]]:
    """Component to its codes with their names in a language.

    Raises
    ------
    StructureError
        The structures of the package do not have the dataflow.
    """
    from ilms_sdmx import structures

    if not dataflow:
        raise StructureError("expected a dataflow, which gives the names; the data have none")
    definition = structures.dataflow(dataflow).structure
    dimensions = definition.dimensions.components
    attributes = definition.attributes.components
    names: dict[str, dict[str, str]] = {}
    for component in (*dimensions, *attributes):
        listed = getattr(component.local_representation, "enumerated", None)
        if listed is not None:
            names[component.id] = _names_of_list(listed, language)
    return names


def _names_of_list(codelist: Any, language: str) -> dict[str, str]:
    names = {}
    for code in codelist.items.values():
        known = code.name.localizations
        names[code.id] = known.get(language) or known.get("en") or code.id
    return names


def _check_unit(frame: pd.DataFrame, dataflow: str, units: str) -> None:
    """Refuse figures that do not count in the unit, or do not say their power of ten."""
    for needed in (_VALUE, "UNIT_MULT"):
        if needed not in frame.columns:
            raise StructureError(f"expected a column {needed} to give {units}, found none")
    found = _stated_units(frame) or _unit_of_dataflow(dataflow)
    if found != _UNITS[units]:
        raise StructureError(f"expected figures that count {units}, found {found or 'none'}")
    has_figure = frame[_VALUE].notna() & (frame[_VALUE] != "")
    lacking = int((has_figure & frame["UNIT_MULT"].isna()).sum())
    if lacking:
        raise StructureError(
            f"expected UNIT_MULT at each figure, found none at {lacking}: add it"
        )


def _stated_units(frame: pd.DataFrame) -> str:
    """Units that the observations say, empty where they say none."""
    if "UNIT_MEASURE" not in frame.columns:
        return ""
    stated = frame["UNIT_MEASURE"].dropna().astype("str")
    units = set(stated) - {""}
    return ", ".join(sorted(units))


def _in_single_units(frame: pd.DataFrame) -> pd.DataFrame:
    """Frame whose figures are multiplied by the power of ten that UNIT_MULT says."""
    texts = frame[_VALUE].astype("string").str.strip()
    powers = frame["UNIT_MULT"].astype("string")
    stated = texts.mask(texts.isin(["", "NaN"]))
    # Digits are moved in the text, so that no figure is a little less than it was.
    moved = _floats(stated + "e" + powers)
    has_exponent = texts.str.contains("e", case=False, regex=False)
    is_odd = has_exponent.fillna(False).to_numpy(bool)
    multiplied = _floats(stated) * 10 ** _floats(powers)
    frame[_VALUE] = np.where(is_odd, multiplied, moved)
    as_texts = frame["UNIT_MULT"].astype("str")
    frame["UNIT_MULT"] = as_texts.where(powers.isna(), "0")
    return frame


def _unit_of_dataflow(dataflow: str) -> str:
    """Unit that a dataflow of ILO counts in, empty for another."""
    from ilms_sdmx import structures

    try:
        known = structures.resolve(dataflow).id
    except StructureError:
        return ""
    return facts.by_id("dataflows.csv")[known]["unit_measure"]

"""Units of figures: what a data set says of its multiplier and decimals."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ilms_sdmx.mapping.counted.indicators import indicator_unit
from ilms_sdmx.words import power_of, says

if TYPE_CHECKING:
    from ilms_sdmx.datasets import Dataset

_TEXTS = {0: "persons", 3: "thousands of persons", 6: "millions of persons"}


def multipliers(dataset: Dataset, units: pd.Series[str]) -> np.ndarray:
    """Power of ten of each observation.

    NaN where neither UNIT_MULT nor the record's unit says it.
    """
    stated = np.full(len(dataset), np.nan)
    if "UNIT_MULT" in dataset.observations:
        unit_mult = dataset.observations["UNIT_MULT"]
        stated = _by_category(unit_mult, _power)
    worded = _by_category(units, _worded)
    return np.where(np.isnan(stated), worded, stated)


def multiplier_text(dataset: Dataset) -> str:
    """Unit of a data set in words, empty where it does not say or says several."""
    frame = dataset.observations
    if indicator_unit(dataset) != "PS":
        return ""
    if "UNIT_MULT" not in frame:
        return ""
    unit_mult = frame["UNIT_MULT"]
    texts = unit_mult.dropna().unique()
    powers = {_power(str(text)) for text in texts}
    if len(powers) != 1:
        return ""
    power = powers.pop()
    if np.isnan(power):
        return ""
    return _TEXTS.get(int(power), "")


def roundings(dataset: Dataset, powers: np.ndarray) -> np.ndarray:
    """Unit to which each figure is rounded, in the measure's unit: 100 for `1.2` thousand.

    The decimals are the most that any figure of the data set has: `12.0` and `12.5` are rounded
    alike.
    """
    measures = dataset.components.measures
    text = dataset.observations[measures[0]]
    if isinstance(text.dtype, pd.CategoricalDtype):
        texts = text.cat.categories
        text = pd.Series(texts)
    text = text.astype("str").str.strip()
    point = text.str.find(".").fillna(-1).to_numpy()
    length = text.str.len().fillna(0).to_numpy()
    has_point = point >= 0
    decimals = (length - point - 1)[has_point].max(initial=0)
    return 10.0 ** (powers - float(decimals))


def _by_category(column: pd.Series[str], read: Callable[[str], float]) -> np.ndarray:
    """Read each distinct text once into a number."""
    categorical = column.astype("category").cat
    numbers = [read(str(text)) for text in categorical.categories]
    with_missing = np.array([*numbers, np.nan], dtype="float64")
    return with_missing[categorical.codes.to_numpy()]


def _power(text: str) -> float:
    """Power of ten that a code of UNIT_MULT ends with, NaN where there is none."""
    digits = re.search(r"(\d+)$", text)
    if digits:
        return float(digits.group(1))
    return float("nan")


def _worded(text: str) -> float:
    """Power of ten that the unit of a record says in words; NaN where it says none."""
    power = power_of(text)
    if power or says(text, "unit"):
        return float(power)
    return float("nan")

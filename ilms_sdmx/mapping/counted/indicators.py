"""Indicator of a dataflow, and the unit in which it is measured, read from the id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ilms_sdmx.datasets import Dataset


def indicator_id(dataflow: str) -> str:
    """Name of the indicator inside a dataflow id.

    Examples
    --------
    >>> from ilms_sdmx.mapping.counted.indicators import indicator_id
    >>> indicator_id("ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)")
    'EMP_MFRC_SEX_CCT_NB'
    """
    return re.sub(r"^.*:|\(.*\)$", "", dataflow).removeprefix("DF_")


def indicator_unit(dataset: Dataset) -> str:
    """`PS` for persons, `PT` for rates and distributions, else what the indicator measures.

    Only persons are brought to a common multiplier: a rate has none.
    """
    indicator = indicator_id(dataset.dataflow)
    if indicator.endswith(("_RT", "_DT")):
        return "PT"
    if indicator.startswith(("EAR_", "HOW_")):
        return indicator[:3]
    return "PS"

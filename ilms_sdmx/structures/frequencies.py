"""Frequencies of ILO's list, which are not SDMX's, and the periods of each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from ilms_sdmx.errors import StructureError
from ilms_sdmx.periods import holds, parse_period
from ilms_sdmx.structures.constraints import allowed
from ilms_sdmx.structures.maps import code_map


@lru_cache(maxsize=10_000)
def contradicts(frequency: str, text: str, dataflow: str) -> bool:
    """Whether no series of a frequency can hold a period.

    A text that is no period, or no frequency, contradicts nothing.

    Examples
    --------
    >>> flow = "ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)"
    >>> contradicts("A", "2021-01-01/P5M", flow), contradicts("A", "2020-12-31", flow)
    (True, False)
    """
    period = parse_period(text)
    if period is None or not frequency:
        return False
    meanings = _meanings() if is_of_ilo(dataflow) else {}
    return not holds(meanings.get(frequency, frequency), period)


def is_of_ilo(dataflow: str) -> bool:
    """Whether a dataflow is ILO's, whose frequencies are not SDMX's."""
    return dataflow.startswith("ILO:")


@cache
def allowed_frequencies(dataflow: str) -> frozenset[str]:
    """Codes of FREQ that a dataflow of ILO may carry; empty where nothing restricts them.

    >>> sorted(allowed_frequencies("ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)"))
    ['A', 'M', 'O', 'Q', 'S']
    """
    if not is_of_ilo(dataflow):
        return frozenset()
    try:
        return allowed(dataflow).get("FREQ", frozenset())
    except StructureError:
        return frozenset()


@cache
def _meanings() -> Mapping[str, str]:
    """ILO's codes of FREQ and what they are in SDMX's list."""
    lines = code_map("FREQ")
    return dict(zip(lines["source"], lines["target"], strict=True))

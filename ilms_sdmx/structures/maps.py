"""Maps from ILO's codelists to the cross-domain codelists of SDMX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.structures import facts
from ilms_sdmx.structures.identifiers import unknown

if TYPE_CHECKING:
    import pandas as pd

#: Component to the SDMX codelist that is the target of its map.
TARGETS = {
    "OBS_STATUS": "SDMX:CL_OBS_STATUS(2.2)",
    "FREQ": "SDMX:CL_FREQ(2.1)",
    "SEX": "SDMX:CL_SEX(2.1)",
    "UNIT_MULT": "SDMX:CL_UNIT_MULT(1.1)",
}


def code_map(name: str) -> pd.DataFrame:
    """Map of one component's codes from ILO to SDMX.

    Parameters
    ----------
    name
        `OBS_STATUS`, `FREQ`, `SEX` or `UNIT_MULT`.

    Returns
    -------
    DataFrame
        All text; columns `source` (every code of ILO's list), `target` (SDMX), `note` (what is
        lost, or what the same letter means on the other side). The OBS_STATUS targets are our
        choice: ILO publishes none.

    Raises
    ------
    StructureError
        No such map.

    Examples
    --------
    >>> code_map("OBS_STATUS").set_index("source").loc[["A", "M", "R"], "target"].tolist()
    ['D', 'E', 'A']
    """
    if name not in TARGETS:
        raise unknown("code map", name, TARGETS)
    return facts.frame(f"maps/{name}.csv")


def obs_status_map() -> pd.DataFrame:
    """Map of OBS_STATUS from ILO to SDMX, as `code_map("OBS_STATUS")`."""
    return code_map("OBS_STATUS")

"""Who is in and out of each universe, in records and in weighted persons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ilms_sdmx.microdata.counting.counter import Counter
from ilms_sdmx.microdata.counting.leaves import LeafRequest
from ilms_sdmx.microdata.counting.sharing import Leaves
from ilms_sdmx.microdata.records import SCALE

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from ilms_sdmx.microdata.estimation.design import Codes

#: Groups smaller than this are told without their number.
SMALL = 5
#: Columns by which records are counted for it.
_COLUMNS = frozenset({"kept", "st", "sex", "band"})


def counted_by(counter: Counter) -> LeafRequest:
    """What records are counted by for the populations."""
    return LeafRequest("records", _COLUMNS & set(counter.view))


def populations(leaves: Leaves) -> pd.DataFrame:
    """Records and weighted persons of each universe, and of each sex and band of age.

    Numbers of groups of fewer than `SMALL` records are left out.
    """
    import pandas as pd

    counter = leaves.counter
    leaf = leaves.of(counted_by(counter))
    unit = SCALE * counter.records.divisor
    rows = []
    for group, is_in in _groups(leaf.columns, len(leaf)).items():
        count = int(leaf.counts[is_in].sum())
        rows.append((group, count, int(leaf.weights[is_in].sum()) / unit))
    if {"sex", "band"} <= set(leaf.columns):
        names = counter.records.bases["sex"].codes
        of_sex = leaf.where(leaf.columns["kept"] == 1).of(("sex", "band"))
        ages = zip(of_sex.columns["sex"].tolist(), of_sex.columns["band"].tolist(), strict=True)
        for place, (sex, band) in enumerate(ages):
            if band >= 0:
                count = int(of_sex.counts[place])
                name = f"{names[sex] if sex >= 0 else '?'} {_ages(band)}"
                rows.append((name, count, int(of_sex.weights[place]) / unit))
    frame = pd.DataFrame(rows, columns=["group", "records", "persons"])
    frame.insert(0, "period", counter.records.period)
    is_small = (frame["records"] > 0) & (frame["records"] < SMALL)
    frame.loc[is_small, "persons"] = float("nan")
    frame["records"] = frame["records"].astype("Int64").mask(is_small)
    return frame


def _groups(columns: Mapping[str, Codes], count: int) -> dict[str, NDArray[np.bool_]]:
    """Rows of each group."""
    import numpy as np

    is_kept = columns["kept"] == 1
    status = columns["st"]
    return {
        "records": np.ones(count, dtype=bool),
        "not counted": ~is_kept,
        "counted": is_kept,
        "outside working age": is_kept & (status == 0),
        "working age": status != 0,
        "employed": status == 1,
        "unemployed": status == 2,
        "outside the labour force": status == 3,
        "status unknown": status == 4,
    }


def _ages(band: int) -> str:
    first = band * 5
    return f"{first}+" if band >= 15 else f"{first}-{first + 4}"

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
#: Groups that a register has too.
_OF_REGISTERS = ("records", "not counted", "counted")
#: How long permits last: name of a class, and its condition.
_DURATIONS = {
    "less than 6 months": "months < 6",
    "6 to 11 months": "months BETWEEN 6 AND 11",
    "12 months and more": "months >= 12",
    "without a last day": "months IS NULL",
}
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
    groups = _groups(leaf.columns, len(leaf))
    for group in _OF_REGISTERS if counter.mapping.is_register else groups:
        is_in = groups[group]
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
    if counter.mapping.is_register:
        rows += _of_register(counter)
    frame = pd.DataFrame(rows, columns=["group", "records", "persons"])
    frame.insert(0, "period", counter.records.period)
    is_small = (frame["records"] > 0) & (frame["records"] < SMALL)
    is_small |= (frame["persons"] > 0) & (frame["persons"] < SMALL) & (frame["records"] > 0)
    frame.loc[is_small, "persons"] = float("nan")
    frame["records"] = frame["records"].astype("Int64").mask(is_small)
    return frame


def _of_register(counter: Counter) -> list[tuple[str, int, float]]:
    """Permits and persons of each flow, how long permits last, who comes again."""
    conditions = {}
    for flow in ("stock", "inflow", "outflow"):
        conditions[flow] = (f"all_{flow} = 1", f"{flow} = 1")
    for name, months in _DURATIONS.items():
        conditions[f"stock, {name}"] = (
            f"all_stock = 1 AND {months}",
            f"stock = 1 AND {months}",
        )
    if "person" in counter.mapping.variables:
        again = "inflow = 1 AND earlier > 0"
        conditions["inflow of persons who had a permit before"] = (f"all_{again}", again)
        repeated = "kept = 1 AND copy = 1"
        conditions["permits that are there twice"] = (repeated, "1 = 0")
    expressions = {}
    for place, (records, persons) in enumerate(conditions.values()):
        expressions[f"records{place}"] = _number(records)
        expressions[f"persons{place}"] = _number(persons)
    found = counter.numbers(**expressions)
    rows = []
    for place, group in enumerate(conditions):
        rows.append((group, int(found[f"records{place}"]), float(found[f"persons{place}"])))
    return rows


def _number(condition: str) -> str:
    return f"CAST(COALESCE(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END), 0) AS BIGINT)"


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

"""Who is in and out of each universe, in records and in weighted persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.microdata.leaves import Counter
from ilms_sdmx.microdata.records import SCALE

if TYPE_CHECKING:
    import pandas as pd

#: Name of each group to the records that are in it.
_GROUPS = {
    "records": "1 = 1",
    "not counted": "kept = 0",
    "counted": "kept = 1",
    "outside working age": "kept = 1 AND st = 0",
    "working age": "st <> 0",
    "employed": "st = 1",
    "unemployed": "st = 2",
    "outside the labour force": "st = 3",
    "status unknown": "st = 4",
}
#: Groups smaller than this are told without their number.
SMALL = 5


def populations(counter: Counter) -> pd.DataFrame:
    """Records and weighted persons of each universe, and of each sex and band of age.

    Numbers of groups of fewer than `SMALL` records are left out.
    """
    import pandas as pd

    period = counter.records.period
    divisor = counter.records.divisor
    expressions = {}
    for place, condition in enumerate(_GROUPS.values()):
        expressions[f"records{place}"] = f"COUNT(*) FILTER (WHERE {condition})"
        persons = f"SUM(CASE WHEN {condition} THEN w ELSE 0 END)"
        expressions[f"persons{place}"] = f"CAST({persons} AS DOUBLE)"
    found = counter.numbers(**expressions)
    rows = []
    for place, group in enumerate(_GROUPS):
        weighted = float(found[f"persons{place}"] or 0) / SCALE / divisor
        rows.append((period, group, found[f"records{place}"], weighted))
    if "sex" in counter.raw and "years" in counter.raw:
        rows += _pyramid(counter, period, divisor)
    frame = pd.DataFrame(rows, columns=["period", "group", "records", "persons"])
    is_small = (frame["records"] > 0) & (frame["records"] < SMALL)
    frame.loc[is_small, "persons"] = float("nan")
    frame["records"] = frame["records"].astype("Int64").mask(is_small)
    return frame


def _pyramid(counter: Counter, period: str, divisor: int) -> list[tuple[str, str, int, float]]:
    """Persons by sex and band of five years."""
    query = (
        "SELECT sex, band, COUNT(*), CAST(SUM(w) AS DOUBLE) FROM records"
        " WHERE kept = 1 AND years IS NOT NULL GROUP BY sex, band ORDER BY sex, band"
    )
    names = counter.records.bases["sex"].codes
    rows = []
    for sex, band, count, weight in counter.asked(query).fetchall():
        first = band * 5
        ages = f"{first}+" if band >= 15 else f"{first}-{first + 4}"
        name = f"{names[sex]} {ages}" if sex >= 0 else f"? {ages}"
        rows.append((period, name, count, float(weight) / SCALE / divisor))
    return rows

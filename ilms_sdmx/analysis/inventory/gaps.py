"""Gaps of the tables, ranked by what filling them is worth and who could do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.analysis.inventory.catalogue import SourceEntry, source_entries

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "ref_area",
    "table",
    "newest",
    "score",
    "has_source",
    "others_have_it",
    "age",
    "could_fill",
)
#: Age in years from which on a table is as good as missing.
_OLD = 10


def ranked_gaps(summary: pd.DataFrame, year: int) -> pd.DataFrame:
    """Tables without a figure of the year or the year before, the highest score first.

    Offices need a year to publish: what is one year old is no gap.
    """
    import pandas as pd

    have = summary[summary["newest"].notna()].groupby("table")["ref_area"].agg(set).to_dict()
    states = summary["ref_area"].nunique()
    entries: dict[str, list[SourceEntry]] = {}
    for entry in source_entries():
        entries.setdefault(entry.ref_area, []).append(entry)
    rows: list[dict[str, Any]] = []
    for row in summary.to_dict("records"):
        area, table = str(row["ref_area"]), str(row["table"])
        newest = None if pd.isna(row["newest"]) else int(row["newest"])
        if newest is not None and year - newest <= 1:
            continue
        sources = [each for each in entries.get(area, []) if table in each.tables]
        others = len(have.get(table, set()) - {area}) / max(states - 1, 1)
        age = 1.0 if newest is None else min((year - newest) / _OLD, 1.0)
        score = float(bool(sources)) + others + age
        rows.append(
            {
                "ref_area": area,
                "table": table,
                "newest": newest,
                "score": round(score, 3),
                "has_source": float(bool(sources)),
                "others_have_it": round(others, 3),
                "age": age,
                "could_fill": "; ".join(f"{each.code} {each.title}" for each in sources),
            }
        )
    gaps = pd.DataFrame(rows, columns=list(COLUMNS))
    gaps["newest"] = gaps["newest"].astype("Int64")
    in_order = gaps.sort_values(
        ["score", "ref_area", "table"], ascending=[False, True, True], kind="stable"
    )
    return in_order.reset_index(drop=True)

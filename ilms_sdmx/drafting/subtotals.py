"""Rows that are the sum of the rows directly below or above them, whatever their labels say."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from ilms_sdmx import structures
from ilms_sdmx.drafting.headings import Heading
from ilms_sdmx.drafting.model import Analysis, Sum
from ilms_sdmx.drafting.sums import ADD_UP, number_at, row_label
from ilms_sdmx.tables.separators import Separators

Values = list[Decimal | None]


def find_runs(analysis: Analysis, way: Separators) -> None:
    """Name rows without a role that are the sum of those next to them, in every column, and check them."""
    found = analysis.found
    stubs = [c for c, head in analysis.rows.items() if head.role not in {"number", "period"}]
    if len(stubs) != 1 or len(found.body) > 2000:
        return
    (column,) = stubs
    head = analysis.rows[column]
    known = {lb: bucket for name, lb, bucket, _ in analysis.roles if name == head.name}
    rows = [
        r
        for r in found.body
        if known.get(row_label(analysis, r, column)) not in {"percent", "ignore"}
    ]
    labels = [row_label(analysis, r, column) for r in rows]
    if "/./" in known or len(set(labels)) < len(labels):
        return
    percents = {lb for _, lb, bucket, _ in analysis.roles if bucket == "percent"}
    columns = [
        c for c in found.data if not any(found.head(r)[c] in percents for r in found.header)
    ]
    values = [[number_at(analysis, (r, c), way) for c in columns] for r in rows]
    skipped: set[int] = set()
    for place, label in enumerate(labels):
        if label in known or place in skipped or _is_one(head, label):
            continue
        run = _run(values, known, labels, place, 1) or _run(values, known, labels, place, -1)
        if run:
            skipped |= {*run}
            parts = tuple(labels[n] for n in run)
            where = "below" if run[0] > place else "above"
            analysis.roles.append(
                (head.name, label, "total", f"decide: the {len(parts)} rows {where} {ADD_UP}")
            )
            analysis.sums.append(Sum(head.name, label, len(columns), len(columns), parts=parts))


def _is_one(head: Heading, label: str) -> bool:
    """Whether a label is one country, industry or the like: that it is a sum would be chance."""
    code = head.matches[label].code if label in head.matches else ""
    return bool(code) and (
        head.role not in {"country", "citizenship"} or code.rpartition("_")[2] in _countries()
    )


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    """Codes of single countries and areas."""
    listed = structures.crosswalk()
    return frozenset(listed.loc[listed["iso2"].fillna("") != "", "code"].astype(str))


def _run(
    values: list[Values], known: dict[str, str], labels: list[str], place: int, step: int
) -> list[int]:
    """Rows next to a row that add up to it in every column, at least two; none where they do not."""
    target = values[place]
    enough = [v for v in target if v]
    if not enough or (len(enough) < 2 and max(enough) < 100):
        return []
    sums = [Decimal(0)] * len(target)
    run: list[int] = []
    at = place + step
    while 0 <= at < len(values) and known.get(labels[at]) is None:
        sums = [a + (b or 0) for a, b in zip(sums, values[at], strict=True)]
        run.append(at)
        if any(a > (b or 0) for a, b in zip(sums, target, strict=True)):
            return []
        if len(run) > 1 and all(a == (b or 0) for a, b in zip(sums, target, strict=True)):
            return sorted(run)
        at += step
    return []

"""Breaks of the totals of a table: marked, documented, or seen in the figures."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ilms_sdmx.analysis.inventory.catalogue import source_entries
from ilms_sdmx.findings import phrase

if TYPE_CHECKING:
    import pandas as pd

#: How many times as large a total may be as that of the year before.
MOST = 2.0
_DOCUMENTED = re.compile(r"(?P<table>M[A-Z]{2}_\d+) (?P<year>\d{4}): (?P<text>.+)")


@dataclass(frozen=True, slots=True)
class Break:
    """A break of a series of totals.

    Parameters
    ----------
    ref_area, table
        Of which state and table.
    year
        First year after the break.
    kind
        `marked`, `documented`, `source` or `level`.
    text
        What happened, in words.
    """

    ref_area: str
    table: str
    year: int
    kind: str
    text: str


def breaks_of(totals: pd.DataFrame) -> list[Break]:
    """Breaks of the totals of all states and tables, documented ones first."""
    found = list(documented_breaks())
    for (area, table), rows in totals.groupby(["ref_area", "table"], sort=False):
        found += _seen(rows, str(area), str(table))
    return found


def documented_breaks() -> Iterable[Break]:
    """Breaks that the catalogue of sources documents, each once."""
    seen = set()
    for entry in source_entries():
        for text in entry.texts("break"):
            match = _DOCUMENTED.match(text)
            if match is None or (entry.ref_area, text) in seen:
                continue
            seen.add((entry.ref_area, text))
            year = int(match["year"])
            said = f"{year}: {match['text']}"
            yield Break(entry.ref_area, match["table"], year, "documented", said)


def _seen(rows: pd.DataFrame, area: str, table: str) -> Iterable[Break]:
    """Breaks that the totals of a table show."""
    by_year = {int(str(year)): of_year for year, of_year in rows.groupby("year")}
    for year, of_year in by_year.items():
        if (of_year["status"] == "B").any():
            text = phrase("break-marked", year=year)
            yield Break(area, table, year, "marked", text)
    for before, after in pairwise(sorted(by_year)):
        earlier, later = by_year[before], by_year[after]
        shared = set(earlier["source"]) & set(later["source"])
        if not shared:
            text = phrase("break-of-source", year=after, before=before)
            yield Break(area, table, after, "source", text)
            continue
        yield from _levels(earlier, later, shared, (area, table, before, after))


def _levels(
    earlier: pd.DataFrame, later: pd.DataFrame, shared: set[str], place: tuple[Any, ...]
) -> Iterable[Break]:
    """Totals of one source and dataflow that are far from those of the year before."""
    area, table, before, after = place
    for source in sorted(shared):
        values = earlier[earlier["source"] == source].set_index("dataflow")["value"]
        next_values = later[later["source"] == source].set_index("dataflow")["value"]
        for dataflow in values.index.intersection(next_values.index):
            was, now = float(values[dataflow]), float(next_values[dataflow])
            if was <= 0 or now <= 0 or 1 / MOST <= now / was <= MOST:
                continue
            factor = now / was if now > was else was / now
            id = "break-upwards" if now > was else "break-downwards"
            times = f"{factor:.1f}"
            text = phrase(id, year=after, times=times, before=before)
            yield Break(area, table, after, "level", text)

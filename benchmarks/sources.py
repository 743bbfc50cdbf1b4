"""Speed of the comparators: the bilateral workbook of 2024, a cached repeat, a search of the catalogue.

Run `python -m benchmarks.sources`; the workbook has the shape of UN DESA's: 28,030 rows of 24.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from ilms_sdmx import structures

YEARS = (1990, 1995, 2000, 2005, 2010, 2015, 2020, 2024)
ROWS = 28_030


def bilateral_workbook(rows: int = ROWS) -> bytes:
    """Workbook of the layout of 2024 with invented figures: male + female = both."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Table 1")
    for line in range(1, 11):
        sheet.append(_title(line))
    heads = [
        "Index",
        "Region, development group, country or area of destination",
        "Coverage",
        "Data type",
    ]
    heads += [
        "Location code of destination",
        "Region, development group, country or area of origin",
    ]
    sheet.append([*heads, "Location code of origin", *YEARS * 3])
    table = structures.crosswalk()
    codes = [int(c) for c in table.loc[table["kind"] == "country", "locid"] if c]
    pairs = [(a, b) for a in codes for b in (900, *codes, 2003)][:rows]
    for number, (area, partner) in enumerate(pairs):
        male = [number * 7 + year for year in range(8)]
        female = [number * 5 + year for year in range(8)]
        both = [m + f for m, f in zip(male, female, strict=True)]
        letters = "C R" if area % 3 == 0 else "B R"
        sheet.append(
            [
                number + 1,
                f"Area {area}",
                None,
                letters,
                area,
                f"Area {partner}",
                partner,
                *both,
                *male,
                *female,
            ]
        )
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _title(line: int) -> list[str | None]:
    if line == 4:
        return [*[None] * 4, "POP/DB/MIG/Stock/Rev.2024"]
    if line == 8:
        groups = [
            "International migrant stock at mid-year, " + s
            for s in ("both sexes combined", "males", "females")
        ]
        return [*[None] * 7, groups[0], *[None] * 7, groups[1], *[None] * 7, groups[2]]
    return [None]


def timed(what: str, run: Callable[[], object], limit: float) -> bool:
    """Print the best of three runs, in CPU seconds, beside the limit."""
    best = min(_once(run) for _ in range(3))
    print(
        f"{what:52} {best:7.3f} s   limit {limit:.3f} s   {'ok' if best < limit else 'TOO SLOW'}"
    )
    return best < limit


def _once(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def main() -> int:
    from ilms_sdmx import Client, fetch
    from ilms_sdmx.sources import search
    from ilms_sdmx.sources.undesa_stock import fetch_undesa_stock
    from tests.services.server import LocalService, Reply

    name = "undesa_pd_2024_ims_stock_by_sex_destination_and_origin.xlsx"
    content = bilateral_workbook()
    ids = [
        f"DF_{topic}_{n:03}_SEX_AGE_NB"
        for topic in ("EMP", "POP", "UNE", "EAP")
        for n in range(303)
    ]
    catalogue = pd.DataFrame(
        {"id": ids, "name": [f"Employment by sex, age and status {id}" for id in ids]}
    )
    with tempfile.TemporaryDirectory() as folder, LocalService() as server:
        server.on(f"/files/{name}", Reply(content))
        path = Path(folder, name)
        path.write_bytes(content)
        client = Client(Path(folder, "cache"))
        ask = {"client": client, "edition": "2024", "base_url": f"{server.url}/files"}
        fetch("undesa-stock", "bilateral", **ask)
        fine = [
            timed(
                "bilateral workbook to harmonised frame",
                lambda: fetch_undesa_stock(client, file=path),
                4.0,
            ),
            timed(
                "cached repeat of the same",
                lambda: fetch("undesa-stock", "bilateral", **ask),
                0.3,
            ),
            timed(
                "search of 1,212 catalogue entries",
                lambda: search(catalogue, "pop sex age"),
                0.05,
            ),
        ]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())

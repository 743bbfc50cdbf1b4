"""UN DESA as it behaves: workbooks behind a fussy server, the Data Portal API with its shapes, WPP in bulk.

The figures are UN DESA's (International Migrant Stock 2019, 2020 and 2024, World Population Prospects 2024;
CC BY 3.0 IGO), laid out anew in small workbooks of the published layouts.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from tests.services.server import LocalService, Reply, Request

YEARS = (2020, 2024)
#: Edition 2024, destination, origin: data type, then both, male and female of 2020 and 2024.
BILATERAL_2024 = {
    (900, 900): ("", (275284032, 304021813), (143223497, 158009795), (132060535, 146012018)),
    (900, 2003): ("", (22553863, 22065614), (10696337, 11111121), (11857526, 10954493)),
    (458, 900): ("B R", (3718696, 3806514), (2581227, 2935226), (1137469, 871288)),
    (458, 920): ("B R", (2403888, 2492653), (1647146, 2000729), (756742, 491924)),
    (458, 360): ("B R", (1693459, 1761502), (1254152, 1594995), (439307, 166507)),
    (458, 2003): ("B R", (238100, 240005), (98793, 101459), (139307, 138546)),
    (764, 900): ("C R", (3015007, 3179399), (1688347, 1787785), (1326660, 1391614)),
    (764, 104): ("C R", (1576317, 1708695), (853579, 925560), (722738, 783135)),
    (764, 2003): ("C R", (309344, 273244), (198607, 185851), (110737, 87393)),
    (652, 900): ("I", (None, None), (None, None), (None, None)),
    (680, 900): ("X Y", (10, 10), (5, 5), (5, 5)),
}
BILATERAL_2020 = {
    (764, 900): ("B R", (3470220, 3632496), (1659160, 1821857), (1811060, 1810639)),
    (764, 927): ("B R", (3191, 3339), (1726, 1806), (1465, 1533)),
    (764, 104): ("B R", (1760543, 1848270), (947476, 994684), (813067, 853586)),
    (158, 900): ("", ("..", ".."), ("..", ".."), ("..", "..")),
}
AGES = ["0-4", "15-19", "60-64", "65-69", "75+", "Total"]
THAILAND_2020 = {
    "both": (153197, 187995, 79521, 65375, 64538, 3632496),
    "male": (76473, 82158, 52105, 43810, 33942, 1821857),
    "female": (76724, 105837, 27416, 21565, 30596, 1810639),
}
_GROUPS = ("both sexes combined", "males", "females")


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    book = Workbook()
    book.active.title = "Table of contents"
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def head(edition: str, title: str, first: int, width: int) -> list[list[Any]]:
    """Ten rows above the headings, with the groups over the blocks of years."""
    groups: list[Any] = [None] * first
    for name in _GROUPS:
        groups += [f"International migrant stock at mid-year, {name}", *[None] * (width - 1)]
    titles = [
        f"International Migrant Stock {edition}",
        f"Table 1: {title}",
        f"POP/DB/MIG/Stock/Rev.{edition}",
    ]
    return [
        [None],
        *([None] * 4 + [t] for t in titles),
        [None],
        [None],
        [None],
        groups,
        [None],
        [None],
    ]


def bilateral(
    edition: str, pairs: Sequence[tuple[tuple[int, int], tuple[Any, ...]]], years: Sequence[int]
) -> bytes:
    title = "International migrant stock at mid-year by sex and by country or area of destination and origin"
    rows = head(edition, title, 7, len(years))
    coded = ["Coverage", "Data type", "Location code of destination"]
    if edition == "2020":
        coded = [
            "Notes of destination",
            "Location code of destination",
            "Type of data of destination",
        ]
    region = "Region, development group, country or area of"
    rows.append(
        [
            "Index",
            f"{region} destination",
            *coded,
            f"{region} origin",
            "Location code of origin",
            *years * 3,
        ]
    )
    for number, ((area, partner), (letters, *blocks)) in enumerate(pairs, 1):
        middle = [None, area, letters] if edition == "2020" else [3, letters, area]
        figures = [value for block in blocks for value in block]
        rows.append([number, f"  Area {area}*", *middle, f"Area {partner}", partner, *figures])
    return workbook({"Table 1": rows})


def bilateral_2024() -> bytes:
    return bilateral("2024", list(BILATERAL_2024.items()), YEARS)


def bilateral_2020() -> bytes:
    """The pair with 927 stands twice, as region and as subregion."""
    pairs = list(BILATERAL_2020.items())
    return bilateral("2020", [*pairs, pairs[1]], (2015, 2020))


def destination_2024() -> bytes:
    totals = {k: v for k, v in BILATERAL_2024.items() if k[1] == 900}
    title = "International migrant stock at mid-year by sex and by region, country or area of destination"
    rows = head("2024", title, 5, 2)
    rows.append(
        [
            None,
            "Region, development group, country or area",
            "Coverage",
            "Data type",
            "Location code",
            *YEARS * 3,
        ]
    )
    for number, ((area, _), (letters, *blocks)) in enumerate(totals.items(), 1):
        rows.append(
            [number, f"Area {area}", None, letters, area, *(v for b in blocks for v in b)]
        )
    notes = [["", "3", "RÃ©union and CuraÃ§ao are counted."]]
    return workbook({"Table 1": rows, "Migrant notes": notes})


def origin_2024() -> bytes:
    rows = head(
        "2024",
        "International migrant stock at mid-year by sex and by region, country or area of origin",
        5,
        2,
    )
    rows.append(
        [
            "Index",
            "Region, development group, country or area",
            "Coverage",
            None,
            "Location code",
            *YEARS * 3,
        ]
    )
    rows.append(
        [1, "World", None, None, 900, *(v for b in BILATERAL_2024[900, 900][1:] for v in b)]
    )
    rows.append(
        [2, "OTHER", None, None, 2003, *(v for b in BILATERAL_2024[900, 2003][1:] for v in b)]
    )
    return workbook({"Table 1": rows})


def age_2020() -> bytes:
    title = "International migrant stock at mid-year by age and sex and by region, country or area of destination"
    rows = head("2020", title, 6, len(AGES))
    region = "Region, development group, country or area"
    rows.append(["Index", "Year", region, "Notes", "Location code", "Type of data", *AGES * 3])
    rows.append(
        [
            1,
            2020,
            "Thailand",
            None,
            764,
            "B R",
            *(v for block in THAILAND_2020.values() for v in block),
        ]
    )
    return workbook({"Table 1": rows})


def wide_2019() -> bytes:
    """2019: origins are columns named without codes, one sheet a sex."""
    sheets = {}
    figures = {"Total": (100, 60, 40), "Other South": (30, 20, 10), "Myanmar": (70, 40, 30)}
    for number, sex in enumerate(("Total", "Male", "Female")):
        title = f"Table {number + 1}. {sex} migrant stock at mid-year by origin and by major area, 1990-2019"
        rows: list[list[Any]] = [[None]] * 8
        rows = [
            *rows,
            [None] * 4 + [title],
            [None],
            [None] * 4 + ["(POP/DB/MIG/Stock/Rev.2019)"],
            [None],
            [None],
        ]
        heads = [
            "Year",
            "Sort\norder",
            "Major area, region, country or area of destination",
            "Notes",
            "Code",
        ]
        rows.append([*heads, "Type of data (a)", "Country or area of origin"])
        rows.append([None] * 6 + list(figures))
        rows.append(
            [
                2019,
                2019001,
                "Thailand",
                None,
                764,
                "B R",
                *(v[number] for v in figures.values()),
            ]
        )
        rows.append([2019, 2019002, "Myanmar", None, 104, "C", *[0 for _ in figures]])
        rows.append(
            [2019, 2019003, "UN development groups", None, None, None, *[".." for _ in figures]]
        )
        sheets[f"Table {number + 1}"] = rows
    return workbook(sheets)


FILES = {
    "undesa_pd_2024_ims_stock_by_sex_destination_and_origin.xlsx": bilateral_2024,
    "undesa_pd_2024_ims_stock_by_sex_and_destination.xlsx": destination_2024,
    "undesa_pd_2024_ims_stock_by_sex_and_origin.xlsx": origin_2024,
    "undesa_pd_2020_ims_stock_by_sex_destination_and_origin.xlsx": bilateral_2020,
    "undesa_pd_2020_ims_stock_by_age_sex_and_destination.xlsx": age_2020,
    "undesa_pd_2019_migrant_stock_origin_destination_dataset.xlsx": wide_2019,
}

TOKEN = "eyJhbGciOi.test-token.0123456789"
#: Net migration of Switzerland and Thailand, thousands (WPP 2024).
NET = {(756, 2022): 96.424, (756, 2023): 45.098, (764, 2022): 21.152, (764, 2023): 22.713}


class Undesa:
    """Workbooks at `<url>/files`, Data Portal at `<url>/api/v1`, WPP at `<url>/wpp`."""

    def __init__(self, server: LocalService, page: int = 2, clamp: bool = True) -> None:
        self.server, self.page, self.clamp = server, page, clamp
        server.on("/files/(.*)", self.file)
        server.on("/api/v1/locationsWithAggregates", self.locations)
        server.on("/api/v1/indicators/.*", self.indicators)
        server.on("/api/v1/data/.*", self.data)
        server.on("/wpp/.*", self.wpp)

    def file(self, request: Request) -> Reply:
        if not request.headers.get("user-agent", "").startswith("Mozilla/"):
            return Reply("Forbidden", 403)
        name = request.path.rsplit("/", 1)[-1]
        return (
            Reply(FILES[name](), headers={"Accept-Ranges": "bytes"})
            if name in FILES
            else Reply("", 404)
        )

    def locations(self, request: Request) -> Reply:
        return Reply(json.dumps([{"Id": 764, "Name": "Thailand", "Iso3": "THA"}]))

    def indicators(self, request: Request) -> Reply:
        indicator = {
            "id": 65,
            "shortName": "TNetMigration",
            "unitShortLabel": "persons",
            "unitScaling": 1,
        }
        return Reply(json.dumps([indicator]))

    def data(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply("", 401, {"WWW-Authenticate": "Bearer"})
        parts = request.path.split("/")
        areas, first, last = parts[7].split(","), int(parts[9]), int(parts[11])
        rows = [
            self.row(a, y, v)
            for (a, y), v in NET.items()
            if str(a) in areas and first <= y <= last
        ]
        if not rows:
            return Reply("", 404)
        if request.query.get("format") == "csv":
            names = [n[0].upper() + n[1:] for n in rows[0]]
            lines = ["sep =|", "|".join(names), *("|".join(map(str, r.values())) for r in rows)]
            return Reply("\n".join(lines) + "\n")
        number = int(request.query.get("pageNumber", "1"))
        pages = -(-len(rows) // self.page)
        chosen = rows[(number - 1) * self.page : number * self.page]
        following = (
            f"{self.server.url}{request.path}?pageNumber={number + 1}"
            if number < pages
            else None
        )
        if request.query.get("pagingInHeader") == "true":
            paging = {"PageNumber": number, "Pages": pages, "NextPage": following}
            return Reply(json.dumps(chosen), headers={"X-Pagination": json.dumps(paging)})
        envelope = {
            "pageNumber": number,
            "pageSize": self.page,
            "pages": pages,
            "total": len(rows),
        }
        return Reply(json.dumps({**envelope, "nextPage": following, "data": chosen}))

    def row(self, area: int, year: int, value: float) -> dict[str, Any]:
        return {
            "locationId": area,
            "location": f"Area {area}",
            "iso3": {756: "CHE", 764: "THA"}[area],
            "locationTypeId": 4,
            "indicatorId": 65,
            "indicator": "Total net-migration",
            "sourceId": 27,
            "source": "World Population Prospects",
            "revision": 0,
            "variantId": 4,
            "variant": "Median",
            "timeId": year - 1949,
            "timeLabel": str(year),
            "timeMid": year + 0.5,
            "estimateTypeId": 1,
            "estimateType": "Model-based Estimates",
            "estimateMethod": "Interpolation",
            "sexId": 3,
            "sex": "Both sexes",
            "ageId": 188,
            "ageLabel": "Total",
            "ageStart": 0,
            "ageEnd": -1,
            "value": round(value * 1000, 3) if isinstance(value, float) else value,
        }

    def wpp(self, request: Request) -> Reply:
        lines = [
            "SortOrder,LocID,Notes,ISO3_code,LocTypeName,Location,VarID,Variant,Time,TPopulation1July,NetMigrations,CNMR"
        ]
        iso = {756: "CHE", 764: "THA"}
        lines += [
            f"1,{a},,{iso[a]},Country/Area,Area {a},2,Medium,{y},1.5,{v},0.3"
            for (a, y), v in NET.items()
        ]
        lines += [
            "2,903,,,Region,Africa,2,Medium,2023,1460,-585.4,-0.4",
            "3,764,,THA,Country/Area,Thailand,2,Medium,2101,,,",
        ]
        return Reply(gzip.compress(("\ufeff" + "\n".join(lines) + "\n").encode()))

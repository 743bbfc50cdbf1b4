"""World Bank, Eurostat, OECD, UNSD and a plain SDMX service as they behave.

The figures are theirs (World Bank CC BY 4.0, Eurostat CC BY 4.0, OECD CC BY 4.0, UNSD), laid out anew.
"""

from __future__ import annotations

import json
from typing import Any

from tests.services.server import LocalService, Reply, Request

#: World Bank SM.POP.TOTL: country, id, year, value.
STOCK = [
    ("THA", "TH", "2020", 3015007),
    ("THA", "TH", "2019", None),
    ("XKX", "XK", "2020", None),
    ("WLD", "1W", "2020", 274711307),
    ("", "XD", "2020", 177000000),
    ("ZZZ", "ZZ", "2020", 1),
]
OECD_FIELDS = [
    "REF_AREA",
    "CITIZENSHIP",
    "FREQ",
    "MEASURE",
    "SEX",
    "BIRTH_PLACE",
    "EDUCATION_LEV",
    "UNIT_MEASURE",
]
#: OECD B15: area, citizenship, sex, year, value; years out of order.
FOREIGNERS = [
    ("USA", "W", "_T", "2013", "22518809.52"),
    ("USA", "W", "_T", "2022", "23825209.06"),
    ("USA", "W", "_T", "2021", "22758740"),
    ("USA", "MEX", "F", "2022", "3600000"),
    ("USA", "SUN_F", "_T", "2022", "12"),
    ("USA", "XKV", "_T", "2022", "900"),
    ("CHL", "W", "_T", "2022", "1625074"),
]
THROTTLED = (
    "You have exceeded the number of requests for data downloads permitted in the OECD Data API"
)


class Others:
    """`<url>/wb`, `<url>/eurostat`, `<url>/oecd`, `<url>/sdg`."""

    def __init__(self, server: LocalService) -> None:
        self.server = server
        self.keys_work = True
        server.on("/wb/country/.*", self.worldbank)
        server.on("/wb/indicator/.*", self.worldbank_indicator)
        server.on("/eurostat/data/.*", self.eurostat)
        server.on("/oecd/data/.*", self.oecd)
        server.on("/sdg/Series/Data", self.sdg)

    def worldbank(self, request: Request) -> Reply:
        _, _, _, places, _, indicator = request.path.split("/")
        if request.query.get("format") != "json":
            return Reply(
                '<?xml version="1.0"?><wb:error xmlns:wb="http://www.worldbank.org">Invalid format</wb:error>'
            )
        if indicator != "SM.POP.TOTL" or places == "AND":
            message = {
                "id": "120",
                "key": "Invalid value",
                "value": "The provided parameter value is not valid",
            }
            return Reply(json.dumps([{"message": [message]}]))
        rows = [r for r in STOCK if places == "all" or r[0] in places.split(";")]
        if not rows:
            return Reply(json.dumps([{"page": 0, "pages": 0, "per_page": 0, "total": 0}, None]))
        pages = 2 if places == "all" else 1
        half = -(-len(rows) // pages)
        number = int(request.query.get("page", "1"))
        meta = {
            "page": number,
            "pages": str(pages),
            "sourceid": "2",
            "lastupdated": "2026-07-13",
        }
        return Reply(
            json.dumps(
                [meta, [self.row(*r) for r in rows[half * (number - 1) : half * number]]]
            )
        )

    def row(self, iso: str, id: str, year: str, value: float | None) -> dict[str, Any]:
        indicator = {"id": "SM.POP.TOTL", "value": "International migrant stock, total"}
        country = {"id": id, "value": iso}
        row = {
            "indicator": indicator,
            "country": country,
            "countryiso3code": iso,
            "date": year,
            "value": value,
        }
        return {**row, "unit": "", "obs_status": "", "decimal": 0}

    def worldbank_indicator(self, request: Request) -> Reply:
        return Reply(
            json.dumps(
                [
                    {"page": 1},
                    [{"sourceNote": "Mid-year estimates; it also includes refugees."}],
                ]
            )
        )

    def eurostat(self, request: Request) -> Reply:
        if request.path.endswith("migr_imm1ctz"):
            return Reply(
                '{"warning":{"status":413,"label":"EXTRACTION_TOO_BIG: asynchronous"}}', 413
            )
        if request.query.get("geo") == "AD":
            empty = {
                "id": ["geo"],
                "size": [0],
                "dimension": {"geo": {"category": {"index": {}}}},
                "value": {},
            }
            return Reply(json.dumps(empty))
        part = "c_birth" if request.path.endswith("migr_pop3ctb") else "citizen"
        lists = {
            "freq": ["A"],
            part: ["FOR", "NAT", "EL"],
            "age": ["TOTAL"],
            "unit": ["NR"],
            "sex": ["T"],
            "geo": ["AT", "XK"],
            "time": ["2021", "2022"],
        }
        dimension = {
            n: {"category": {"index": {c: i for i, c in enumerate(v)}}}
            for n, v in lists.items()
        }
        # Order: partner, geo, time. FOR/AT 2021 2022, FOR/XK none, NAT/AT 2022, EL/AT 2022.
        value = {"0": 1764925, "1": 1842250, "5": 7136678, "9": 8128}
        body = {
            "version": "2.0",
            "class": "dataset",
            "updated": "2026-08-10T11:00:00+0200",
            "id": list(lists),
        }
        body |= {
            "size": [len(v) for v in lists.values()],
            "dimension": dimension,
            "value": value,
        }
        return Reply(json.dumps({**body, "status": {"1": "be", "3": ":"}}))

    def oecd(self, request: Request) -> Reply:
        flow, key = request.path.split("/")[3:5]
        if "DF_MIG_POPF" in flow or not self.keys_work:
            if key != "all":
                return Reply("NoRecordsFound", 404)
        elif key == "all":
            return Reply("NoRecordsFound", 404)
        places = set(filter(None, key.split(".")[0].split("+"))) if key != "all" else set()
        rows = [r for r in FOREIGNERS if not places or r[0] in places]
        if not rows:
            return Reply("NoRecordsFound", 404)
        second = "BIRTH_COUNTRY" if "POPF" in flow else "CITIZENSHIP"
        measure = "B14" if "POPF" in flow else "B15"
        if "json" in request.headers["accept"]:
            return Reply(oecd_json(rows))
        names = [second if n == "CITIZENSHIP" else n for n in OECD_FIELDS]
        lines = [
            ",".join(
                [
                    "DATAFLOW",
                    *names,
                    "TIME_PERIOD",
                    "OBS_VALUE",
                    "OBS_STATUS",
                    "UNIT_MULT",
                    "DECIMALS",
                ]
            )
        ]
        for area, partner, sex, year, value in rows:
            cells = [
                "OECD.ELS.IMD:DSD_MIG@DF_MIG(1.0)",
                area,
                partner,
                "A",
                measure,
                sex,
                "_Z",
                "_Z",
                "PS",
                year,
            ]
            lines.append(",".join([*cells, value, "A", "0", "0"]))
        return Reply("\n".join(lines) + "\n")

    def sdg(self, request: Request) -> Reply:
        if request.query["seriesCode"] != "SL_EMP_FTLINJUR":
            return Reply(json.dumps({"data": [], "totalPages": 0}))
        rows = [
            self.sdg_row(
                "764", 2019.0, "3.5", {"Sex": "BOTHSEX", "Migratory status": "MIGRANT"}
            ),
            self.sdg_row(
                "764", 2019.0, "NaN", {"Sex": "FEMALE", "Migratory status": "MIGRANT"}
            ),
            self.sdg_row("764", 2019.0, "4.1", {"Sex": "BOTHSEX", "Migratory status": "_T"}),
            self.sdg_row("1", 2019.0, "5", {"Sex": "BOTHSEX", "Migratory status": "_T"}),
            self.sdg_row("35", 2019.0, "6", {"Sex": "BOTHSEX", "Migratory status": "_T"}),
        ]
        number = int(request.query["page"])
        body = {
            "data": rows[:3] if number == 1 else rows[3:],
            "totalPages": 2,
            "pageNumber": number,
        }
        return Reply(json.dumps(body).encode() + b"\0" * 64)

    def sdg_row(
        self, area: str, year: float, value: str, dimensions: dict[str, str]
    ) -> dict[str, Any]:
        row = {
            "series": "SL_EMP_FTLINJUR",
            "geoAreaCode": area,
            "timePeriodStart": year,
            "value": value,
        }
        return {
            **row,
            "dimensions": dimensions,
            "attributes": {"Nature": "E", "Units": "PER_100000_EMP"},
            "footnotes": ["A note"],
        }


def oecd_json(rows: list[tuple[str, ...]]) -> str:
    """SDMX-JSON 2.0 with all dimensions at the observation, years in no order."""
    records = [(a, p, "A", "B15", s, "_Z", "_Z", "PS", y) for a, p, s, y, _ in rows]
    names = [*OECD_FIELDS, "TIME_PERIOD"]
    lists = [list(dict.fromkeys(r[n] for r in records)) for n in range(len(names))]
    observations = {}
    for record, row in zip(records, rows, strict=True):
        key = ":".join(str(lists[n].index(code)) for n, code in enumerate(record))
        observations[key] = [float(row[4]), 0, 0, 0]
    dimensions = [
        {"id": n, "keyPosition": k, "values": [{"id": c} for c in codes]}
        for k, (n, codes) in enumerate(zip(names, lists, strict=True))
    ]
    attributes = [
        {"id": n, "values": [{"id": c}]}
        for n, c in (("OBS_STATUS", "A"), ("UNIT_MULT", "0"), ("DECIMALS", "0"))
    ]
    structure = {
        "dimensions": {"dataSet": [], "series": [], "observation": dimensions},
        "measures": {"observation": [{"id": "OBS_VALUE"}]},
        "attributes": {
            "dataSet": [],
            "dimensionGroup": [],
            "series": [],
            "observation": attributes,
        },
        "dataSets": [0],
    }
    link = "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=OECD.ELS.IMD:DSD_MIG(1.0)"
    # The OECD writes tildes for gaps, and numbers of annotations where attributes should stand.
    groups = {"0:~:~:0:~:~:~:~:~": [7], "~:~:~:~:~:~:~:~:~": [7]}
    data = {"dimensionGroupAttributes": groups, "observations": observations}
    sets = [{"structure": 0, "action": "Information", "links": [{"urn": link}], **data}]
    schema = "https://json.example/2.0.0/sdmx-json-data-schema.json"
    meta = {
        "schema": schema,
        "id": "x",
        "prepared": "2026-08-17T01:46:24Z",
        "test": False,
        "sender": {"id": "O"},
    }
    return json.dumps({"meta": meta, "data": {"dataSets": sets, "structures": [structure]}})

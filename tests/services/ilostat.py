"""ILOSTAT as it behaves: SDMX and bulk over the same rows, with its refusals and oddities.

The figures are of ILOSTAT (ILO, CC BY 4.0): outflow of employed nationals of Indonesia and the Philippines in
thousands, and of Cambodia to Thailand; the rows are laid out anew.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass

import pandas as pd

from tests.services.server import LocalService, Reply, Request

FLOW = "EMP_MNAO_SEX_CDS_NB"
DIMENSIONS = ["REF_AREA", "FREQ", "MEASURE", "SEX", "CDS"]
ATTRIBUTES = [
    "OBS_STATUS",
    "UNIT_MEASURE_TYPE",
    "UNIT_MEASURE",
    "UNIT_MULT",
    "SOURCE",
    "NOTE_SOURCE",
]
ATTRIBUTES += ["NOTE_INDICATOR", "NOTE_CLASSIF", "DECIMALS", "UPPER_BOUND", "LOWER_BOUND"]
SOURCE = ("FX:1", "OE - Administrative Records")
NOTE = ("R1:3513", "Repository: ILO-STATISTICS - Micro data processing")
NOTE2 = ("T2:85", "Time of reference: Calendar year")


@dataclass(frozen=True)
class Row:
    area: str
    sex: str
    partner: str
    year: str
    value: str
    status: str = ""
    best: bool = True


ROWS = [
    Row(area, sex, partner, year, value, status)
    for area, year, figures in (
        ("IDN", "2024", {"TOTAL": "297.433", "MYS": "51.723", "TWN": "84.581"}),
        ("IDN", "2023", {"TOTAL": "274.964", "MYS": "72.26", "TWN": ""}),
        ("KHM", "2023", {"TOTAL": "50.01", "THA": "43.291"}),
        ("KOS", "2023", {"TOTAL": "1.10"}),
        ("PHL", "2024", {"TOTAL": "1827.799"}),
    )
    for sex, status in (("SEX_T", ""), ("SEX_M", "U"))
    for partner, value in figures.items()
]
SECOND = Row("IDN", "SEX_T", "TOTAL", "2024", "300.1", best=False)


class Ilostat:
    """Both services on one server: `<url>/rest` and `<url>` itself for bulk."""

    def __init__(
        self, server: LocalService, rows: list[Row] = ROWS, limit: int = 300_000
    ) -> None:
        self.server, self.rows, self.limit = server, rows, limit
        self.catalogue = [f"DF_{FLOW}"]
        server.on("/rest/dataflow/ILO", self.stubs)
        server.on("/rest/dataflow/ILO/(.*)/latest", self.structure)
        server.on("/rest/availableconstraint/.*", Reply("", 500))
        server.on("/rest/data/.*", self.data)
        server.on("/data/indicator", self.bulk)
        server.on("/metadata/dic", self.dictionary)
        server.on(
            "/metadata/toc/indicator", Reply(f'\ufeff"id","indicator"\n"{FLOW}_A","{FLOW}"\n')
        )

    @property
    def base(self) -> str:
        return f"{self.server.url}/rest"

    def stubs(self, request: Request) -> Reply:
        flows = [
            {"id": id, "agencyID": "ILO", "version": "1.0", "name": f"Flow {id}"}
            for id in self.catalogue
        ]
        return self.json({"data": {"dataflows": flows}})

    def json(self, body: object) -> Reply:
        kind = "application/vnd.sdmx.structure+json; version=1.0; charset=utf-8"
        return Reply(json.dumps(body), headers={"Content-Type": kind})

    def structure(self, request: Request) -> Reply:
        if f"/DF_{FLOW}/" not in request.path:
            return Reply("Could not find requested structures", 404)
        flow = {
            "id": f"DF_{FLOW}",
            "name": "Outflow of employed nationals by sex and country of destination",
            "structure": f"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=ILO:{FLOW}(1.0)",
            "annotations": [{"type": "LAST_UPDATE", "title": "20/09/2026 07:33:33"}],
        }
        dimensions = [{"id": d, "position": n} for n, d in enumerate(DIMENSIONS)]
        parts = {
            "dimensionList": {
                "dimensions": dimensions,
                "timeDimensions": [{"id": "TIME_PERIOD", "position": 5}],
            },
            "attributeList": {"attributes": [{"id": a} for a in ATTRIBUTES]},
        }
        areas = sorted({row.area for row in self.rows})
        region = {"isIncluded": True, "keyValues": [{"id": "REF_AREA", "values": areas}]}
        return self.json(
            {
                "data": {
                    "dataflows": [flow],
                    "dataStructures": [{"id": FLOW, "dataStructureComponents": parts}],
                    "contentConstraints": [{"id": f"CCA_DF_{FLOW}", "cubeRegions": [region]}],
                },
                "meta": {"contentLanguages": ["en"], "id": "IDREF46", "test": False},
            }
        )

    def data(self, request: Request) -> Reply:
        if request.headers.get("accept-language") == "*":
            return Reply("languageTag1", 500)
        flow, key = re.fullmatch(
            r"/rest/data/ILO,([^,/]+)(?:,1\.0)?/(.*)", request.path
        ).groups()  # type: ignore[union-attr]
        if flow != f"DF_{FLOW}":
            return Reply("Could not find requested structures", 404)
        slots = key.split(".")
        if len(slots) != len(DIMENSIONS):
            return Reply(
                f"Not enough key values in query, expecting {len(DIMENSIONS)} got {len(slots)}",
                422,
            )
        areas = set(filter(None, slots[0].split("+")))
        if areas - {row.area for row in self.rows} - {"SGP", "PRK"}:
            text = "ORA-00936: missing expression\nhttps://docs.oracle.com/error-help/db/ora-00936/"
            return Reply(text, 500, {"Content-Type": "text/plain"})
        rows = self.select(areas, slots, request.query)
        if len(rows) > self.limit:
            return Reply(f"{len(rows)} exceeding threshold {self.limit}", 413)
        if not rows:
            return Reply(
                "No data is found. Please adjust your query parameters and try again.", 404
            )
        if "xml" in request.headers["accept"]:
            kind = "application/vnd.sdmx.structurespecificdata+xml; charset=utf-8; version=2.1"
            return Reply(sdmx_xml(rows), headers={"Content-Type": kind})
        if "json" in request.headers["accept"]:
            return Reply(
                sdmx_json(rows),
                headers={"Content-Type": "application/vnd.sdmx.data+json; version=2.0.0"},
            )
        return Reply(
            sdmx_csv(rows),
            headers={"Content-Type": "application/vnd.sdmx.data+csv; charset=utf-8"},
        )

    def select(self, areas: set[str], slots: list[str], query: dict[str, str]) -> list[Row]:
        sexes = set(filter(None, slots[3].split("+")))
        start, end = query.get("startPeriod", "0"), query.get("endPeriod", "9")
        return sorted(
            (
                r
                for r in self.rows
                if (not areas or r.area in areas)
                and (not sexes or r.sex in sexes)
                and start <= r.year <= end
            ),
            key=lambda r: (r.area, r.year),
        )

    def bulk(self, request: Request) -> Reply:
        query = request.query
        if query["id"] != f"{FLOW}_A":
            error = {
                "error": f"deprecated or invalid dataset id={query['id']}",
                "documentation": "check",
            }
            return Reply(json.dumps(error), 400)
        areas = set(filter(None, query.get("ref_area", "").split("+")))
        rows = self.select(
            areas, ["", "", "", "", ""], {"startPeriod": query.get("timefrom", "0")}
        )
        best = query.get("best_source", "yes")
        if best != "yes" and not areas - {SECOND.area}:
            rows = [*(rows if best == "all" else []), SECOND]
        text = bulk_csv(rows, best != "yes")
        if query.get("format") == ".parquet":
            file = io.BytesIO()
            table = pd.read_csv(
                io.StringIO(text.removeprefix("\ufeff")), keep_default_na=False, na_values=[""]
            )
            table.astype({"time": "str"}).to_parquet(file, index=False)
            return Reply(file.getvalue())
        return Reply(
            text,
            headers={
                "Content-Type": "application/octet-stream",
                "Content-Disposition": "attachment; filename=x",
            },
        )

    def dictionary(self, request: Request) -> Reply:
        name = request.query["var"]
        table = {"source": [SOURCE], "note_source": [NOTE, NOTE2]}.get(name, [])
        lines = [f'"{name}","{name}.label"', *(f'"{code}","{label}"' for code, label in table)]
        return Reply("\ufeff" + "\n".join(lines) + "\n")


def sdmx_csv(rows: list[Row]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["DATAFLOW", *DIMENSIONS, "TIME_PERIOD", "OBS_VALUE", *ATTRIBUTES])
    for r in rows:
        key = [r.area, "A", "EMP_MNAO_NB", r.sex, f"CDS_DES_{r.partner}", r.year]
        notes = [SOURCE[1], f"{NOTE[1]} | {NOTE2[1]}", "", ""]
        writer.writerow(
            [
                f"ILO:DF_{FLOW}(1.0)",
                *key,
                r.value,
                r.status,
                "NB",
                "PS",
                "3",
                *notes,
                "",
                "",
                "",
            ]
        )
    return file.getvalue()


def sdmx_json(rows: list[Row]) -> str:
    """SDMX-JSON 2.0 as ILOSTAT writes it: a series opens anew whenever the key changes from row to row."""
    values: dict[str, list[str]] = {d: [] for d in [*DIMENSIONS, "TIME_PERIOD", "OBS_STATUS"]}

    def place(dimension: str, value: str) -> int:
        if value not in values[dimension]:
            values[dimension].append(value)
        return values[dimension].index(value)

    series = []
    for r in rows:
        codes = [r.area, "A", "EMP_MNAO_NB", r.sex, f"CDS_DES_{r.partner}"]
        key = ":".join(str(place(d, c)) for d, c in zip(DIMENSIONS, codes, strict=True))
        status = place("OBS_STATUS", r.status) if r.status else "null"
        observation = f"[{r.value or 'null'},{status},0,0,null,null,null,null,null]"
        year = place("TIME_PERIOD", r.year)
        body = f'{{"attributes":[null,null,null],"annotations":[],"observations":{{"{year}":'
        series.append(f'"{key}":{body}{observation}}}}}')
    listed = {name: [{"id": v} for v in found] for name, found in values.items()}
    texts = {"SOURCE": [SOURCE[1]], "NOTE_SOURCE": [f"{NOTE[1]} | {NOTE2[1]}"]}
    names = [
        "OBS_STATUS",
        "SOURCE",
        "NOTE_SOURCE",
        "NOTE_INDICATOR",
        "NOTE_CLASSIF",
        "DECIMALS",
    ]
    attributes = [
        {"id": n, "values": listed.get(n) or [{"value": t} for t in texts.get(n, [])]}
        for n in [*names, "UPPER_BOUND", "LOWER_BOUND"]
    ]
    units = [
        {"id": n, "values": [{"id": v}]}
        for n, v in zip(ATTRIBUTES[1:4], ("NB", "PS", "3"), strict=True)
    ]
    structure = {
        "name": "Outflow",
        "dimensions": {
            "dataSet": [],
            "series": [
                {"id": d, "keyPosition": n, "values": listed[d]}
                for n, d in enumerate(DIMENSIONS)
            ],
            "observation": [
                {"id": "TIME_PERIOD", "keyPosition": 5, "values": listed["TIME_PERIOD"]}
            ],
        },
        "measures": {"observation": [{"id": "OBS_VALUE"}]},
        "attributes": {
            "dataSet": [],
            "dimensionGroup": [],
            "series": units,
            "observation": attributes,
        },
        "dataSets": [0],
    }
    meta = {
        "schema": "https://json.example/2.0.0/sdmx-json-data-schema.json",
        "id": "x",
        "test": False,
    }
    meta |= {
        "prepared": "2026-09-27T20:24:54Z",
        "sender": {"id": "ILO"},
        "contentLanguages": ["en", "en-GB"],
    }
    link = f"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=ILO:{FLOW}(1.0)"
    head = f'"structure":0,"action":"Information","links":[{{"urn":"{link}","rel":"DataStructure"}}]'
    sets = f'[{{{head},"annotations":[],"series":{{{",".join(series)}}}}}]'
    return f'{{"meta":{json.dumps(meta)},"data":{{"dataSets":{sets},"structures":[{json.dumps(structure)}]}}}}'


def sdmx_xml(rows: list[Row]) -> str:
    """Structure-specific SDMX-ML 2.1 with a series for every row, as the JSON has them, and CRLF."""
    schemas = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
    name = f"urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=ILO:{FLOW}(1.0):ObsLevelDim:TIME_PERIOD"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<!--NSI Web Service v8.19.6.0-->",
        f'<message:StructureSpecificData xmlns:message="{schemas}/message" xmlns:common="{schemas}/common"',
        f' xmlns:ss="{schemas}/data/structurespecific" xmlns:ns1="{name}"',
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">',
        "<message:Header><message:ID>IDREF1</message:ID><message:Test>false</message:Test>",
        "<message:Prepared>2026-05-18T12:00:00.1234567+02:00</message:Prepared>",
        '<message:Sender id="Unknown" /><message:Receiver id="Unknown" />',
        f'<message:Structure structureID="S1" namespace="{name}" dimensionAtObservation="TIME_PERIOD">',
        f'<common:Structure><Ref agencyID="ILO" id="{FLOW}" version="1.0" /></common:Structure>',
        "</message:Structure></message:Header>",
        '<message:DataSet ss:dataScope="DataStructure" xsi:type="ns1:DataSetType" ss:structureRef="S1">',
    ]
    for r in rows:
        codes = zip(
            DIMENSIONS, [r.area, "A", "EMP_MNAO_NB", r.sex, f"CDS_DES_{r.partner}"], strict=True
        )
        key = " ".join(f'{name}="{code}"' for name, code in codes)
        cells = {
            "TIME_PERIOD": r.year,
            "OBS_VALUE": r.value,
            "OBS_STATUS": r.status,
            "SOURCE": SOURCE[1],
        }
        cells["NOTE_SOURCE"] = f"{NOTE[1]} | {NOTE2[1]}"
        written = " ".join(f'{name}="{value}"' for name, value in cells.items() if value)
        units = 'UNIT_MEASURE_TYPE="NB" UNIT_MEASURE="PS" UNIT_MULT="3"'
        lines.append(f"<Series {key} {units}><Obs {written} /></Series>")
    return "\r\n".join([*lines, "</message:DataSet></message:StructureSpecificData>"])


def bulk_csv(rows: list[Row], with_best: bool) -> str:
    names = [
        "ref_area",
        "source",
        "indicator",
        "sex",
        "classif1",
        "time",
        "obs_value",
        "obs_status",
        "note_source",
    ]
    lines = [",".join(f'"{n}"' for n in [*names, *(["best_source"] if with_best else [])])]
    for r in sorted(rows, key=lambda r: (r.area, r.year), reverse=True):
        notes = f"{NOTE[0]}_{NOTE2[0]}"
        texts = [
            r.area,
            SOURCE[0],
            FLOW,
            r.sex,
            f"CDS_DES_{r.partner}",
            r.year,
            None,
            r.status,
            notes,
        ]
        cells = [r.value if t is None else f'"{t}"' if t else "" for t in texts]
        lines.append(",".join([*cells, *(["1" if r.best else "0"] if with_best else [])]))
    return "\ufeff" + "\n".join(lines) + "\n"

"""The SDMX service over real HTTP: what programs ask, what they get, and what is refused."""

from __future__ import annotations

import gc
import gzip
import html
import http.client
import io
import json
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import brotli
import pandas as pd
import pytest
import sdmx
import uvicorn
import zstandard
from pysdmx.api.qb import (
    ApiVersion,
    DataContext,
    DataQuery,
    RestService,
    StructureQuery,
    StructureType,
)
from pysdmx.io import read_sdmx
from pysdmx.io.format import DataFormat
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from ilms_sdmx import read
from ilms_sdmx.database import Database
from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.outputs.service import Access, Limits, application
from ilms_sdmx.outputs.service.answers import Answerer
from ilms_sdmx.outputs.service.connections import timed_protocol
from ilms_sdmx.outputs.service.replies import Asked
from ilms_sdmx.sources.sdmx_rest import fetch_sdmx
from tests.schemas import errors, json_errors

FLOW = "ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)"
COMPONENTS = Components(
    ("REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD"),
    attributes={"OBS_STATUS": ("OBS_VALUE",), "UNIT_MULT": ("OBS_VALUE",)},
)
SEXES = ("SEX_T", "SEX_M", "SEX_F")
YEARS = range(2010, 2016)
DATA = "/v2/data/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB/~"


def figures(areas: tuple[str, ...] = ("PHL", "THA", "VNM"), add: int = 0) -> Dataset:
    rows = []
    for place, area in enumerate(areas):
        for number, sex in enumerate(SEXES):
            for year in YEARS:
                value = 100 * place + 10 * number + year - 2000 + add
                key = (area, "A", "POP_MNAO_NB", sex, "CDS_DES_TOTAL", str(year))
                rows.append((*key, f"{value}.5", "B" if year == 2013 else None, "3"))
    frame = pd.DataFrame(rows, columns=COMPONENTS.columns, dtype="string")
    return Dataset(frame, COMPONENTS, FLOW)


class Server:
    """A server on a port of its own, and what it answers."""

    def __init__(
        self, folder: Path, outer: Any = None, head_seconds: float = 15, **options: object
    ) -> None:
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        served = application(folder, **options)  # type: ignore[arg-type]
        config = uvicorn.Config(
            outer or served,
            http=timed_protocol(head_seconds),
            log_level="error",
            lifespan="off",
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True
        )
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def ask(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, body

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join(5)
        self.socket.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("service") / "db"
    database = Database(place)
    database.add(figures(), "office", at="2024-01-01", source="BA:1")
    database.add(figures(("PHL", "THA"), add=1), "office", at="2025-01-01", source="BA:1")
    return place


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    yield server
    server.close()


def rows_of(body: bytes) -> pd.DataFrame:
    (dataset,) = read(body).datasets
    return dataset.observations.astype("str")


MEDIA = {
    "application/vnd.sdmx.data+json;version=2.1.0": "sdmx-json",
    "application/vnd.sdmx.data+json;version=2.0.0": "sdmx-json",
    "application/vnd.sdmx.data+json;version=1.0.0": "sdmx-json",
    "application/vnd.sdmx.data+csv;version=2.1.0": "sdmx-csv",
    "application/vnd.sdmx.data+csv;version=2.0.0": "sdmx-csv",
    "application/vnd.sdmx.data+csv;version=1.0.0": "sdmx-csv",
    "application/vnd.sdmx.data+xml;version=3.1.0": "sdmx-ml",
    "application/vnd.sdmx.data+xml;version=3.0.0": "sdmx-ml",
    "application/vnd.sdmx.structurespecificdata+xml;version=2.1": "sdmx-ml",
    "application/vnd.sdmx.genericdata+xml;version=2.1": "sdmx-ml",
    "application/vnd.sdmx.structurespecifictimeseriesdata+xml;version=2.1": "sdmx-ml",
    "application/vnd.sdmx.generictimeseriesdata+xml;version=2.1": "sdmx-ml",
}


@pytest.mark.parametrize("accept", MEDIA)
def test_every_media_type_has_the_figures_of_the_database(
    server: Server, folder: Path, accept: str
) -> None:
    status, headers, body = server.ask(DATA, Accept=accept)
    name, _, version = accept.partition(";version=")
    assert (status, headers["content-type"].split(";")[0]) == (200, name)
    assert f"version={version}" in headers["content-type"]
    got = rows_of(body)
    kept = Database(folder).get(FLOW).observations.astype("str")
    columns = [*COMPONENTS.dimensions, "OBS_VALUE", "OBS_STATUS"]
    order = list(COMPONENTS.dimensions)
    left = got[columns].sort_values(order).reset_index(drop=True).fillna("")
    right = kept[columns].sort_values(order).reset_index(drop=True).fillna("")
    pd.testing.assert_frame_equal(left, right, check_dtype=False)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "data+json; version=2.1.0"),
        ("*/*", "data+json; version=2.1.0"),
        ("text/csv", "data+csv; version=2.1.0"),
        ("application/xml", "data+xml; version=3.1.0"),
        ("text/csv;q=0.2, application/xml;q=0.9", "data+xml; version=3.1.0"),
        ("application/json;q=0, */*;q=0.1", "data+csv; version=2.1.0"),
        ("application/vnd.sdmx.data+csv;version=2.0.0;labels=both", "labels=both"),
        ("application/vnd.sdmx.data+csv;version=1+.0.0", "data+csv; version=2.1.0"),
        ("application/vnd.sdmx.data+json;version=2.0", "data+json; version=2.0.0"),
    ],
)
def test_the_type_with_the_greatest_weight_is_given(
    server: Server, accept: str, kind: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    status, answered, _ = server.ask(DATA, **headers)
    assert (status, kind in answered["content-type"]) == (200, True)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("/*", 36),
        ("/PHL", 18),
        ("/PHL+THA....", 36),
        ("/PHL...SEX_F", 6),
        ("/PHL.A.*.SEX_F.*", 6),
        ("/PHL...SEX_F,VNM...SEX_M", 6),
        ("?c[REF_AREA]=PHL,VNM", 18),
        ("?c%5BREF_AREA%5D=PHL", 18),
        ("?c[TIME_PERIOD]=ge:2012%2Ble:2013", 12),
        ("?c[TIME_PERIOD]=ge:2012+le:2013", 12),
        ("?c[TIME_PERIOD]=2010,2015", 12),
        ("?c[TIME_PERIOD]=lt:2011", 6),
        ("?c[SEX]=ne:SEX_T&c[TIME_PERIOD]=2012", 4),
        ("?c[SEX]=sw:SEX_", 36),
        ("?c[SEX]=ew:_F", 12),
        ("?c[REF_AREA]=co:H", 36),
        ("?c[REF_AREA]=nc:P", 18),
        ("?c[OBS_VALUE]=gt:130", 6),
        ("?c[OBS_STATUS]=B", 6),
        ("?firstNObservations=2", 12),
        ("?lastNObservations=1", 6),
        ("?firstNObservations=1&lastNObservations=1", 12),
        ("?limit=7", 7),
        ("?offset=30", 6),
        ("?offset=10&limit=20", 20),
        ("?attributes=none", 36),
        ("?attributes=OBS_STATUS", 36),
        ("?dimensionAtObservation=AllDimensions", 36),
        ("?asOf=2024-06-01", 54),
    ],
)
def test_keys_and_parameters_choose_figures(server: Server, query: str, count: int) -> None:
    status, _, body = server.ask(f"{DATA}{query}", Accept="text/csv")
    assert (status, len(rows_of(body))) == (200, count)


@pytest.mark.parametrize(
    "path",
    [
        "/v2/data",
        "/v2/data/*/ILO/DF_POP_MNAO_SEX_CDS_NB/+",
        "/v2/data/*/ILO/DF_POP_MNAO_SEX_CDS_NB",
        "/v2/data/dataflow/*/*/*/*",
        "/v2/data/datastructure/ILO/POP_MNAO_SEX_CDS_NB/1.0",
        "/v2/data/dataflow/ILO,OTHER/DF_POP_MNAO_SEX_CDS_NB,DF_Y/1.0,2.0",
        "/v1/data/DF_POP_MNAO_SEX_CDS_NB",
        "/v1/data/ILO,DF_POP_MNAO_SEX_CDS_NB/all/all",
        "/v1/data/ILO,DF_POP_MNAO_SEX_CDS_NB,1.0/all?detail=full",
        "/v1/data/ILO,DF_POP_MNAO_SEX_CDS_NB,latest/PHL+THA+VNM.A...",
    ],
)
def test_a_dataflow_is_named_in_every_way_of_both_interfaces(server: Server, path: str) -> None:
    status, _, body = server.ask(path, Accept="*/*")
    assert (status, len(rows_of(body))) == (200, 36)


def test_bounds_of_time_of_version_1(server: Server) -> None:
    path = "/v1/data/DF_POP_MNAO_SEX_CDS_NB/PHL?startPeriod=2012&endPeriod=2013"
    _, headers, body = server.ask(path)
    assert headers["content-type"].startswith("application/vnd.sdmx.genericdata+xml")
    assert set(rows_of(body)["TIME_PERIOD"]) == {"2012", "2013"}


@pytest.mark.parametrize(
    ("path", "series"),
    [
        ("/v1/data/DF_POP_MNAO_SEX_CDS_NB?detail=serieskeysonly", 6),
        ("/v1/data/DF_POP_MNAO_SEX_CDS_NB/PHL?detail=nodata&format=structurespecificdata", 3),
        (f"{DATA}?measures=none&attributes=none&format=xml", 6),
        (f"{DATA}?measures=none&limit=4&format=xml", 4),
        (f"{DATA}?measures=none&offset=5&format=csv", 1),
        (f"{DATA}/*...SEX_F?measures=none&format=csv", 2),
    ],
)
def test_series_without_their_observations(server: Server, path: str, series: int) -> None:
    status, _, body = server.ask(path)
    assert status == 200
    (dataset,) = read(body).datasets
    assert len(dataset) == 0
    (keys,) = dataset.attached.values()
    assert len(keys.drop_duplicates()) == series
    if body.startswith(b"<?xml") and b"GenericData" in body:
        assert not errors(body)


def test_sorting(server: Server) -> None:
    query = "?sort=TIME_PERIOD:desc+REF_AREA&c[SEX]=SEX_T"
    frame = rows_of(server.ask(f"{DATA}{query}", Accept="text/csv")[2])
    assert list(frame["TIME_PERIOD"][:3]) == ["2015", "2015", "2014"]
    assert list(frame["REF_AREA"][:2]) == ["PHL", "THA"]


def test_an_earlier_state_and_what_changed_since(server: Server) -> None:
    then = rows_of(server.ask(f"{DATA}/PHL?asOf=2024-06-01", Accept="text/csv")[2])
    now = rows_of(server.ask(f"{DATA}/PHL", Accept="text/csv")[2])
    gap = now["OBS_VALUE"].astype(float).sub(then["OBS_VALUE"].astype(float))
    assert set(gap) == {1.0}
    body = server.ask(f"{DATA}?updatedAfter=2024-06-01", Accept="text/csv")[2]
    actions = {dataset.action: len(dataset) for dataset in read(body).datasets}
    assert actions == {"Replace": 36, "Delete": 18}
    assert server.ask(f"{DATA}?updatedAfter=2025-06-01")[0] == 204


def test_all_additions_with_their_times(server: Server) -> None:
    accept = "application/vnd.sdmx.data+xml;version=3.0.0"
    body = server.ask(f"{DATA}?includeHistory=true", Accept=accept)[2]
    sets = read(body).datasets
    assert [(each.action, len(each)) for each in sets] == [
        ("Replace", 54),
        ("Replace", 36),
        ("Delete", 18),
    ]
    assert sets[0].about["validFrom"].startswith("2024-01-01")
    assert sets[2].about["validTo"].startswith("2025-01-01")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v2/data/dataflow/ILO/DF_NONE", 204),
        (f"{DATA}/XXX", 204),
        (f"{DATA}?c[REF_AREA]=ZZZ", 204),
        (f"{DATA}?offset=36", 204),
        ("/v1/data/DF_NONE", 404),
        ("/v2/data/provisionagreement/ILO/X", 204),
        (f"{DATA}/PHL.A.B.C.D.E.F", 422),
        (f"{DATA}?c[NONE]=1", 422),
        (f"{DATA}?c[SEX]=xx:1", 400),
        (f"{DATA}?c[TIME_PERIOD]=ge:soon", 400),
        (f"{DATA}?firstNObservations=0", 400),
        (f"{DATA}?limit=-1", 400),
        (f"{DATA}?limit=1e3", 400),
        (f"{DATA}?colour=red", 400),
        (f"{DATA}?limit=1&limit=2", 400),
        (f"{DATA}?updatedAfter=yesterday", 400),
        (f"{DATA}?updatedAfter=2025-01-01&asOf=2024-01-01", 422),
        (f"{DATA}?sort=NONE", 422),
        (f"{DATA}?dimensionAtObservation=NONE", 422),
        ("/v1/data/DF_POP_MNAO_SEX_CDS_NB/PHL.A.B.C.D.E.F", 400),
        ("/v1/data/DF_POP_MNAO_SEX_CDS_NB?dimensionAtObservation=NONE", 400),
        (f"{DATA}?includeHistory=maybe", 400),
        (f"{DATA}?reportingYearStartDay=--07-01", 501),
        (f"{DATA}?reportingYearStartDay=July", 400),
        (f"{DATA}?measures=none", 501),
        (f"{DATA}?measures=none&format=csv&updatedAfter=2020-01-01", 501),
        (f"{DATA}/*/too/many", 404),
        ("/v2/data/flow/ILO/DF_X", 400),
        ("/v2/data/dataflow/ILO/DF_X/1.0+.2.3+", 400),
        ("/v2/data/dataflow/ILO/DF_X/+.2.3", 400),
        ("/v2/data/dataflow/I%00LO/DF_X", 400),
        ("/v2/data/dataflow/%ff/DF_X", 400),
        ("/v2/data/dataflow/..%2f..%2fetc/passwd", 400),
        ("/v2/data/dataflow/..\\..\\x/y", 400),
        ("/v2/data/dataflow/ILO/DF_X';drop--", 400),
        ("/v2/data/dataflow/{{7*7}}/x", 400),
        ("/v2/nothing", 404),
        ("/v3/data", 404),
        ("/etc/passwd", 404),
        ("/v2/metadata/metadataset/x", 204),
        ("/v2/metadata/metadataset/x/y/1.0/z", 404),
        ("/v2/metadata/metadataflow/ILO/*/~/all", 204),
        ("/v2/metadata/structure/codelist/ILO/CL_SEX/+", 204),
        ("/v2/metadata/structure/codelist/ILO/CL_SEX/+.2", 400),
        ("/v2/metadata/nothing/ILO", 404),
        ("/v2/metadata/metadataset/x?detail=some", 400),
        ("/v2/metadata/metadataset/x?asOf=then", 400),
        ("/v2/metadata/metadataset/x?format=docx", 406),
        ("/v1/metadata/ILO,MDF_X/all/all", 404),
        ("/v1/metadata/ILO,MDF_X?updatedAfter=then", 400),
        ("/v2/registration/id/x", 204),
        ("/v2/registration/id/x/y", 404),
        ("/v2/registration/id/x?updatedAfter=then", 400),
        ("/v2/registration/flow/ILO", 400),
        ("/v2/registration/provider/PHL/PSA/1.0", 404),
        ("/v2/registration/dataflow/ILO?format=json", 406),
        ("/v2/schema/dataflow/ILO/DF_NONE", 404),
        ("/v2/schema/dataflow/ILO", 422),
        ("/v2/schema/metadataflow/ILO/DF_X", 501),
        ("/v2/schema/*/ILO/DF_X", 400),
        ("/v2/schema/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB?asOf=2020-01-01", 501),
        ("/v2/schema/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB?deletion=maybe", 400),
        ("/v2/schema/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB?dimensionAtObservation=NONE", 422),
        ("/v1/schema/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB?explicitMeasure=maybe", 400),
        ("/v2/structure/codelist/ILO/CL_SEX/1.0/SEX_NONE", 204),
        ("/v2/structure/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB/1.0/X", 400),
        ("/v2/structure/codelist/ILO/CL_SEX?asOf=2020-01-01", 501),
        ("/v2/structure/codelist/ILO/CL_SEX?detail=nonsense", 400),
        ("/v2/structure/codelist/ILO/CL_SEX?references=nonsense", 400),
        ("/v1/data/DF_POP_MNAO_SEX_CDS_NB/all/NOBODY", 404),
        ("/v2/structure/nonsense/ILO", 404),
        ("/v2/structure/metadataflow/ILO", 204),
        ("/v1/metadataflow/ILO", 404),
        (f"{DATA}/{'A+' * 3000}", 414),
        (f"{DATA}?c[SEX]={'x,' * 5000}", 414),
    ],
)
def test_what_is_not_there_or_not_understood_has_its_status(
    server: Server, path: str, status: int
) -> None:
    got, headers, body = server.ask(path)
    assert got == status
    assert headers["access-control-allow-origin"] == "*"
    if status == 204:
        assert body == b""
    else:
        assert body.startswith((b"{", b"<?xml"))


@pytest.mark.parametrize("accept", ["image/png", "application/vnd.sdmx.data+csv;version=9.0.0"])
def test_a_type_that_is_not_had_is_406(server: Server, accept: str) -> None:
    status, _, body = server.ask(DATA, Accept=accept)
    assert (status, json.loads(body)["errors"][0]["code"]) == (406, 406)


def test_a_message_of_time_series_has_nothing_else(server: Server) -> None:
    accept = "application/vnd.sdmx.structurespecifictimeseriesdata+xml;version=2.1"
    body = server.ask(DATA, Accept=accept)[2]
    assert b"<message:StructureSpecificTimeSeriesData" in body
    for dimension in ("AllDimensions", "SEX"):
        path = f"{DATA}?dimensionAtObservation={dimension}"
        assert server.ask(path, Accept=accept)[0] == 406
    for word in ("generictimeseriesdata", "structurespecifictimeseriesdata"):
        status, headers, _ = server.ask(f"/v1/data/DF_POP_MNAO_SEX_CDS_NB?format={word}")
        assert (status, word in headers["content-type"]) == (200, True)


@pytest.mark.parametrize(
    ("accepted", "language", "name"),
    [
        ("", "en", "Female"),
        ("km, en-GB;q=0.3", "en", "Female"),
        ("fr-FR, en;q=0.5", "fr", "Femmes"),
        ("en;q=0.2, es;q=0.9, fr;q=0", "es", "Mujeres"),
        ("fr;q=none, *", "en", "Female"),
    ],
)
def test_names_are_in_the_language_asked_for(
    server: Server, accepted: str, language: str, name: str
) -> None:
    headers = {"Accept_Language": accepted} if accepted else {}
    _, answered, body = server.ask("/v2/structure/codelist/ILO/CL_SEX", **headers)
    assert answered["content-language"] == language
    assert "Accept-Language" in answered["vary"]
    (codelist,) = json.loads(body)["data"]["codelists"]
    names = {code["id"]: code["name"] for code in codelist["codes"]}
    assert names["SEX_F"] == name
    data = json.loads(server.ask(DATA, **headers)[2])["data"]
    listed = data["structures"][0]["dimensions"]["series"]
    (sex,) = (each for each in listed if each["id"] == "SEX")
    assert name in {value["name"] for value in sex["values"]}
    labelled = server.ask(f"{DATA}?format=csv&labels=both", **headers)[2].decode()
    assert f"SEX_F: {name}" in labelled


@pytest.mark.parametrize(
    ("word", "start"), [("csv", b"STRUCTURE"), ("json", b"{"), ("xml", b"<")]
)
def test_a_format_in_the_address_comes_before_the_header(
    server: Server, word: str, start: bytes
) -> None:
    status, _, body = server.ask(f"{DATA}?format={word}", Accept="image/png")
    assert (status, body.lstrip()[: len(start)]) == (200, start)
    assert server.ask(f"{DATA}?format=docx")[0] == 406


def test_an_answer_that_is_known_is_304(server: Server) -> None:
    _, headers, _ = server.ask(DATA, Accept="text/csv")
    tag = headers["etag"]
    assert tag.startswith('W/"')
    status, again, body = server.ask(DATA, Accept="text/csv", If_None_Match=tag)
    assert (status, again["etag"], body) == (304, tag, b"")
    assert server.ask(DATA, Accept="application/xml", If_None_Match=tag)[0] == 200
    assert server.ask(f"{DATA}/PHL", Accept="text/csv", If_None_Match=tag)[0] == 200
    for since in (headers["last-modified"], "Mon Nov 30 2026 16:41:25 GMT+0000 (UTC)"):
        assert server.ask(DATA, If_Modified_Since=since)[0] == 304
    for since in ("Wed, 01 Jan 2020 00:00:00 GMT", "nonsense"):
        assert server.ask(DATA, If_Modified_Since=since)[0] == 200


def test_an_addition_gives_another_tag(tmp_path: Path) -> None:
    database = Database(tmp_path / "db")
    database.add(figures(("PHL",)), "office", at="2024-01-01")
    server = Server(tmp_path / "db")
    _, headers, _ = server.ask(DATA)
    database.add(figures(("PHL",), add=5), "office", at="2024-02-01")
    status, later, _ = server.ask(DATA, If_None_Match=headers["etag"])
    server.close()
    assert (status, later["etag"] != headers["etag"]) == (200, True)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "identity"])
def test_every_encoding_has_the_same_bytes(server: Server, encoding: str) -> None:
    plain = server.ask(DATA, Accept="text/csv")[2]
    _, headers, body = server.ask(DATA, Accept="text/csv", Accept_Encoding=encoding)
    decoders = {
        "gzip": gzip.decompress,
        "br": brotli.decompress,
        "zstd": lambda packed: zstandard.ZstdDecompressor().stream_reader(packed).read(),
        "identity": bytes,
    }
    assert headers.get("content-encoding", "identity") == encoding
    assert decoders[encoding](body) == plain


def test_other_methods(server: Server) -> None:
    status, headers, body = server.ask(DATA, "HEAD", Accept="text/csv")
    assert (status, body, "etag" in headers) == (200, b"", True)
    status, headers, _ = server.ask(DATA, "OPTIONS", Origin="https://example.org")
    assert (status, headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert server.ask(DATA, method)[0] == 405


AVAILABILITY = "/v2/availability/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB/~"


def test_availability(server: Server) -> None:
    status, _, body = server.ask(f"{AVAILABILITY}/PHL...SEX_F/SEX+TIME_PERIOD")
    (constraint,) = json.loads(body)["data"]["availabilityConstraints"]
    values = {
        each["id"]: [value["value"] for value in each["values"]]
        for each in constraint["cubeRegion"]["keyValues"]
    }
    assert (status, values["SEX"]) == (200, ["SEX_F"])
    assert values["TIME_PERIOD"] == [str(year) for year in YEARS]
    assert (constraint["obsCount"], constraint["seriesCount"]) == (6, 1)
    older = "application/vnd.sdmx.structure+json;version=2.0.0"
    _, _, body = server.ask(f"{AVAILABILITY}/PHL...SEX_F/SEX", Accept=older)
    (constraint,) = json.loads(body)["data"]["dataConstraints"]
    metrics = {each["id"]: each["title"] for each in constraint["annotations"]}
    assert metrics == {"obs_count": "6", "series_count": "1"}
    wide = server.ask(f"{AVAILABILITY}/PHL...SEX_F/SEX?mode=available")[2]
    assert all(sex.encode() in wide for sex in SEXES)
    assert server.ask(f"{AVAILABILITY}/ZZZ")[0] == 204
    assert server.ask(f"{AVAILABILITY}/*/NONE")[0] == 422
    path = "/v1/availableconstraint/DF_POP_MNAO_SEX_CDS_NB/PHL"
    status, headers, body = server.ask(path)
    assert (status, b'type="Actual"' in body) == (200, True)
    assert headers["content-type"].startswith("application/vnd.sdmx.structure+xml")


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/v2/structure/codelist/ILO/CL_SEX/~", [b"CL_SEX"]),
        ("/v2/structure/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB", [b"DF_POP_MNAO_SEX_CDS_NB"]),
        (
            "/v2/structure/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB/~?references=all",
            [b"CL_SEX", b"CL_CDS", b"CS_CLASSIF_TYPE", b"CC_DF_POP_MNAO_SEX_CDS_NB"],
        ),
        (
            "/v1/datastructure/ILO/POP_MNAO_SEX_CDS_NB/latest?references=children",
            [b"CL_CDS", b"POP_MNAO_SEX_CDS_NB"],
        ),
        ("/v1/dataflow/all/all/all", [b"DF_POP_MNAO_SEX_CDS_NB", b"DF_POP_MFRB_SEX_CBR_NB"]),
        ("/v1/codelist/ILO/CL_SEX+CL_AREA", [b"CL_SEX", b"CL_AREA"]),
    ],
)
@pytest.mark.parametrize("word", ["json", "xml"])
def test_structures(server: Server, path: str, parts: list[bytes], word: str) -> None:
    sign = "&" if "?" in path else "?"
    status, _, body = server.ask(f"{path}{sign}format={word}")
    assert status == 200
    assert all(part in body for part in parts)


def test_a_large_answer_is_refused_before_it_is_made(folder: Path) -> None:
    server = Server(folder, limits=Limits(observations=20))
    assert server.ask(DATA)[0] == 413
    assert server.ask(f"{DATA}?limit=5")[0] == 200
    server.close()
    server = Server(folder, limits=Limits(held=20))
    for query in ("sort=*", "sort=*&limit=1", "updatedAfter=2020-01-01", "includeHistory=true"):
        assert server.ask(f"{DATA}?{query}")[0] == 413
    assert server.ask(f"{DATA}?includeHistory=false")[0] == 200
    server.close()


def test_answers_leave_nothing_behind(folder: Path) -> None:
    answerer = Answerer(folder)

    def held_after(count: int) -> int:
        for _ in range(count):
            for word in ("csv", "json", "xml"):
                assert answerer.answer(Asked(f"{DATA}/PHL", f"format={word}")).status == 200
        gc.collect()
        return len(gc.get_objects())

    before = held_after(3)
    assert held_after(30) - before < 60


def test_a_damaged_database_is_no_matter_of_the_client(tmp_path: Path) -> None:
    database = Database(tmp_path / "db")
    database.add(figures(("PHL",)), "office", at="2024-01-01")
    for segment in (tmp_path / "db" / "data").rglob("*.parquet"):
        segment.write_bytes(b"PAR1 nothing PAR1")
    server = Server(tmp_path / "db")
    status, headers, body = server.ask(DATA)
    server.close()
    assert (status, headers["access-control-allow-origin"]) == (500, "*")
    assert b"parquet" not in body


def test_only_who_may_is_served(folder: Path) -> None:
    access = Access(("data.office.gov",), "s3cret")
    server = Server(folder, access=access)
    good = {"Host": "data.office.gov", "Authorization": "Bearer s3cret"}
    assert server.ask(DATA, **good)[0] == 200
    assert server.ask(DATA, Host="evil.example", Authorization="Bearer s3cret")[0] == 421
    assert server.ask(DATA, Host="data.office.gov")[0] == 401
    assert server.ask(DATA, Host="data.office.gov", Authorization="Bearer x")[0] == 401
    server.close()


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Database whose whole answer takes more than what waits in buffers."""
    rows = []
    for area in range(60):
        for number in range(1_000):
            destination = f"CDS_DES_{number:05d}"
            key = (f"A{area:02d}", "A", "POP_MNAO_NB", "SEX_T", destination, "2015")
            rows.append((*key, str(number), None, "3"))
    frame = pd.DataFrame(rows, columns=COMPONENTS.columns, dtype="string")
    place = tmp_path_factory.mktemp("many") / "db"
    Database(place).add(Dataset(frame, COMPONENTS, FLOW), "office", at="2024-01-01")
    return place


def test_a_client_that_leaves_frees_its_place(many: Path) -> None:
    before = threading.active_count()
    server = Server(many, limits=Limits(streams=2))
    for _ in range(6):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(f"GET {DATA}?format=xml HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            client.recv(100)
        time.sleep(0.3)
    deadline = time.monotonic() + 10
    while server.ask(DATA)[0] == 503 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert server.ask(DATA)[0] == 200
    server.close()
    # No writer goes on: what is left are the threads of the server.
    assert threading.active_count() <= before + 12


def test_the_pages(server: Server) -> None:
    status, headers, body = server.ask("/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"DF_POP_MNAO_SEX_CDS_NB" in body
    links = re.findall('href="([^"]+)"', body.decode())
    assert len(links) == 5
    for link in links:
        assert server.ask(html.unescape(link))[0] == 200
    document = json.loads(server.ask("/openapi.json")[2])
    assert document["openapi"].startswith("3.1")
    assert "/v1/data/{flowRef}/{key}/{providerRef}" in document["paths"]


def test_a_head_that_is_too_long_is_refused(server: Server) -> None:
    many = {f"X_{number}": "1" for number in range(120)}
    assert server.ask(DATA, **many)[0] in (400, 431)


def numbers(frame: pd.DataFrame) -> list[float]:
    return sorted(frame["OBS_VALUE"].astype(float))


def kept(folder: Path) -> list[float]:
    return numbers(Database(folder).get(FLOW).observations)


def sdmx1_client(server: Server, interface: str) -> sdmx.Client:
    source = {
        "id": f"HERE_{interface.upper()}",
        "name": "here",
        "url": f"http://127.0.0.1:{server.port}/{interface}",
    }
    if interface == "v2":
        source["versions"] = ["3.0.0"]  # type: ignore[assignment]
    sdmx.add_source(source, override=True)
    return sdmx.Client(source["id"])


def test_sdmx1_reads_version_1(server: Server, folder: Path) -> None:
    client = sdmx1_client(server, "v1")
    structures = client.dataflow("DF_POP_MNAO_SEX_CDS_NB", agency_id="ILO")
    assert "CL_SEX" in structures.codelist
    message = client.data("DF_POP_MNAO_SEX_CDS_NB")
    assert sorted(sdmx.to_pandas(message)) == kept(folder)


def test_sdmx1_reads_version_2(server: Server, folder: Path) -> None:
    client = sdmx1_client(server, "v2")
    accept = {"Accept": "application/vnd.sdmx.structurespecificdata+xml;version=2.1"}
    structure = sdmx1_client(server, "v1").dataflow("DF_POP_MNAO_SEX_CDS_NB", agency_id="ILO")
    dsd = structure.structure["POP_MNAO_SEX_CDS_NB"]
    message = client.get(
        "data", "DF_POP_MNAO_SEX_CDS_NB", agency_id="ILO", headers=accept, dsd=dsd
    )
    assert sorted(sdmx.to_pandas(message)) == kept(folder)


def test_pysdmx_reads_version_2(server: Server, folder: Path) -> None:
    address = f"http://127.0.0.1:{server.port}/v2"
    service = RestService(address, ApiVersion.V2_2_0, DataFormat.SDMX_CSV_2_0_0)
    query = DataQuery(DataContext.DATAFLOW, "ILO", "DF_POP_MNAO_SEX_CDS_NB")
    (dataset,) = read_sdmx(io.BytesIO(service.data(query)), validate=False).data
    assert numbers(dataset.data) == kept(folder)
    structures = StructureQuery(StructureType.CODELIST, "ILO", "CL_SEX")
    assert b"SEX_F" in service.structure(structures)


@pytest.mark.parametrize(("version", "interface"), [("2.1", "v1"), ("3.0", "v2")])
@pytest.mark.parametrize("form", ["csv", "json", "xml"])
def test_our_own_fetch_reads_it(
    server: Server, folder: Path, tmp_path: Path, version: str, interface: str, form: str
) -> None:
    client = Client(tmp_path / "cache")
    fetched = fetch_sdmx(
        client,
        f"http://127.0.0.1:{server.port}/{interface}",
        FLOW,
        version=version,
        format=form,
        described=False,
    )
    assert numbers(fetched.dataset.observations) == kept(folder)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_reads_what_the_guide_says(server: Server, folder: Path) -> None:
    address = f"http://127.0.0.1:{server.port}{DATA}?format=csv"
    code = f'cat(sprintf("%.1f", read.csv("{address}")$OBS_VALUE))'
    run = subprocess.run(["Rscript", "-e", code], capture_output=True, check=True, text=True)
    assert sorted(map(float, run.stdout.split())) == kept(folder)


FLOWS = "/v2/structure/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB?references=all"


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        (DATA, "application/vnd.sdmx.data+xml;version=3.1.0"),
        (DATA, "application/vnd.sdmx.data+xml;version=3.0.0"),
        (DATA, "application/vnd.sdmx.structurespecificdata+xml;version=2.1"),
        (DATA, "application/vnd.sdmx.genericdata+xml;version=2.1"),
        (DATA, "application/vnd.sdmx.structurespecifictimeseriesdata+xml;version=2.1"),
        (DATA, "application/vnd.sdmx.generictimeseriesdata+xml;version=2.1"),
        (f"{DATA}?includeHistory=true", "application/vnd.sdmx.data+xml;version=3.0.0"),
        (f"{DATA}?updatedAfter=2024-06-01", "application/vnd.sdmx.data+xml;version=3.1.0"),
        (FLOWS, "application/vnd.sdmx.structure+xml;version=3.0.0"),
        (FLOWS, "application/vnd.sdmx.structure+xml;version=2.1"),
        ("/v1/codelist/ILO/CL_SEX", "*/*"),
        ("/v1/availableconstraint/DF_POP_MNAO_SEX_CDS_NB", "*/*"),
        ("/v1/data/DF_NONE", "*/*"),
        ("/v1/data/DF_X?startPeriod=soon", "application/xml"),
    ],
)
def test_xml_is_valid_by_the_official_schemas(server: Server, path: str, accept: str) -> None:
    _, _, body = server.ask(path, Accept=accept)
    is_specific = "structurespecific" in accept or "data+xml" in accept
    components = COMPONENTS if is_specific and "generic" not in accept else None
    assert not errors(body, components)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (DATA, "data"),
        (f"{DATA}?updatedAfter=2024-06-01", "data"),
        (f"{DATA}?attributes=none&limit=3", "data"),
        (FLOWS, "structure"),
        ("/v2/structure/codelist/ILO/CL_SEX", "structure"),
        (AVAILABILITY, "structure"),
    ],
)
def test_json_is_valid_by_the_official_schema(
    server: Server, shared: Path, path: str, kind: str
) -> None:
    _, _, body = server.ask(path)
    assert not json_errors(body, shared / f"data/rest/sdmx-json-{kind}-schema.json")


def test_others_are_served_while_clients_are_slow(many: Path) -> None:
    server = Server(many, limits=Limits(streams=8))
    slow = []
    for _ in range(8):
        client = socket.create_connection(("127.0.0.1", server.port))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(f"GET {DATA}?format=xml HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        slow.append(client)
    with ThreadPoolExecutor(100) as pool:
        asked = [pool.submit(server.ask, f"{DATA}/A01?format=csv") for _ in range(100)]
        statuses = {each.result()[0] for each in asked}
    for client in slow:
        client.close()
    server.close()
    assert statuses == {200}


def test_a_client_that_takes_nothing_is_left(many: Path) -> None:
    before = threading.active_count()
    server = Server(many, limits=Limits(streams=1, idle=0.5))
    client = socket.create_connection(("127.0.0.1", server.port))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.sendall(f"GET {DATA}?format=xml HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    deadline = time.monotonic() + 20
    while server.ask(f"{DATA}?format=csv")[0] != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert server.ask(f"{DATA}?format=csv")[0] == 200
    client.close()
    server.close()
    assert threading.active_count() <= before + 12


def test_mounted_in_another_application_it_is_under_its_path_only(folder: Path) -> None:
    page = Route("/", lambda _: PlainTextResponse("the other"))
    outer = Starlette(routes=[Mount("/an office/sdmx", application(folder)), page])
    server = Server(folder, outer)
    base = "/an%20office/sdmx"
    status, headers, body = server.ask(f"{base}{DATA}", Accept="text/csv")
    assert (status, len(rows_of(body))) == (200, 36)
    assert headers["access-control-allow-origin"] == "*"
    assert f'href="{base}/v2/data/dataflow/ILO/'.encode() in server.ask(f"{base}/")[2]
    document = json.loads(server.ask(f"{base}/openapi.json")[2])
    assert document["servers"] == [{"url": base}]
    _, headers, body = server.ask("/")
    assert (body, "access-control-allow-origin" in headers) == (b"the other", False)
    assert server.ask(DATA)[0] == 404
    server.close()


def raw(server: Server, request: bytes, wait: float = 10) -> bytes:
    """First line of what a request gets that no client would send."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait) as client:
        client.sendall(request)
        return client.recv(4096).partition(b"\r\n")[0]


@pytest.mark.parametrize(
    ("head", "statuses"),
    [
        ("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000", {405}),
        ("PUT {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked", {405}),
        ("GET {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000", {200}),
        ("GET {path} HTTP/1.1\r\nHost: x\r\nRange: bytes=" + "0-1," * 2_000 + "5-", {200}),
        ("GET {path} HTTP/1.1\r\nHost: x\r\nX-Long: " + "a" * 100_000, {400, 431}),
        ("GET {path} HTTP/1.1\r\nHost: x" + "\r\nX-A: 1" * 5_000, {400, 431}),
        ("GET /v2/data/dataflow/../../etc/passwd HTTP/1.1\r\nHost: x", {400, 404}),
        ("GET //evil.example/v2/data HTTP/1.1\r\nHost: x", {404}),
        ("GET /v2/structure/codelist/%5C%5Cevil%5Cshare HTTP/1.1\r\nHost: x", {400}),
        ("GET /v2/structure/codelist/ILO/CON HTTP/1.1\r\nHost: x", {204}),
        ("GET {path}?c[SEX]=%00 HTTP/1.1\r\nHost: x", {400}),
        ("GET {path}?lang=%3Cscript%3E HTTP/1.1\r\nHost: x", {200}),
        ("GET {path}?labels=%7B%7B7*7%7D%7D&format=csv HTTP/1.1\r\nHost: x", {400}),
        ("TRACE {path} HTTP/1.1\r\nHost: x", {405}),
        ("GET {path} HTTP/1.1", {400}),
        ("GET {path} HTTP/1.1\r\nHost: x\r\nHost: y", {400}),
        ("GET {path} HTTP/1.1\r\nHost: x\r\nOrigin: null", {200}),
        ("GET {path} HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example", {200}),
        (
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket"
            "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            {200, 400, 403, 426},
        ),
        ("GET http://evil.example/v2/data HTTP/1.1\r\nHost: x", {400, 404}),
        ("GET {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6", {400}),
        ("GET {path} HTTP/1.1\r\nHost: x\r\nAccept: " + "a/b," * 1_500, {400, 406}),
        ("GET {path} HTTP/1.1\r\nHost: x\r\nIf-None-Match: " + "*," * 5_000, {200, 304}),
        ("GET {path} HTTP/1.1\r\nHost: x\r\nAccept-Language: " + "fr;q=" * 900, {200}),
        ("GET {path}?c[SEX]=" + "A," * 2_500 + "A HTTP/1.1\r\nHost: x", {413}),
        ("GET {path}?c[SEX]=co:(a+)+$ HTTP/1.1\r\nHost: x", {200, 204, 400}),
        ("GET {path}?sort=" + "SEX+" * 1_000 + "SEX HTTP/1.1\r\nHost: x", {200}),
        ("nonsense", {400}),
    ],
)
def test_hostile_requests_have_their_status(
    server: Server, head: str, statuses: set[int]
) -> None:
    request = head.replace("{path}", f"{DATA}/PHL...SEX_F").encode() + b"\r\n\r\n"
    line = raw(server, request)
    assert int(line.split()[1]) in statuses
    assert server.ask(f"{DATA}/PHL")[0] == 200


def closes(client: socket.socket) -> bool:
    """Whether the other side ends a connection, within some seconds."""
    client.settimeout(5)
    try:
        return client.recv(4096) == b""
    except TimeoutError:
        return False


def test_heads_that_are_never_whole_are_let_go(folder: Path) -> None:
    server = Server(folder, head_seconds=0.3)
    address = ("127.0.0.1", server.port)
    halves = [socket.create_connection(address) for _ in range(3)]
    halves[1].sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Sl")
    kept = halves[2]
    whole = f"GET {DATA}/PHL...SEX_F?format=csv HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    for _ in range(2):
        # A second whole request on the same connection is answered, half of a third is not.
        kept.sendall(whole)
        answer = b""
        while answer.count(b"DF_POP") < len(YEARS):
            answer += kept.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200")
    kept.sendall(whole[:40])
    assert [closes(each) for each in halves] == [True, True, True]
    assert server.ask(f"{DATA}/PHL?format=csv")[0] == 200
    for each in halves:
        each.close()
    server.close()


@pytest.mark.parametrize(
    "accept",
    [
        "application/json, text/xml, application/xml, */*",
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
        "*/*",
    ],
)
@pytest.mark.parametrize("query", ["", "?format=csv"])
def test_what_r_java_excel_and_a_browser_say_of_themselves_is_answered(
    server: Server, folder: Path, accept: str, query: str
) -> None:
    """`rsdmx` by `httr`, `RJSDMX` by Java, a browser, and Power Query."""
    path = "/v1/data/DF_POP_MNAO_SEX_CDS_NB/all"
    status, headers, body = server.ask(f"{path}{query}", Accept=accept)
    assert (status, numbers(rows_of(body))) == (200, kept(folder))
    kind = "data+csv" if query else "genericdata+xml"
    assert kind in headers["content-type"]


@pytest.mark.parametrize(
    ("once", "often"),
    [
        (f"{DATA}?sort=SEX", f"{DATA}?sort=SEX+SEX:desc" + "+SEX" * 900),
        (f"{AVAILABILITY}/PHL/SEX?mode=available", f"{AVAILABILITY}/PHL/SEX{'+SEX' * 500}"),
        (
            "/v2/structure/codelist/ILO/CL_SEX?references=all,none",
            "/v2/structure/codelist/ILO/CL_SEX?references=none,all,all",
        ),
    ],
)
def test_what_is_said_often_is_done_once(server: Server, once: str, often: str) -> None:
    if "mode" in once:
        often += "?mode=available"
    bodies = [json.loads(server.ask(path)[2])["data"] for path in (once, often)]
    assert bodies[0] == bodies[1]

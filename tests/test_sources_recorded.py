"""Real answers of the services, served over HTTP, lose no figure and change none."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Client, Harmonised, messages
from ilms_sdmx.downloads.secret import Secret
from ilms_sdmx.sources.eurostat import fetch_eurostat
from ilms_sdmx.sources.ilostat_bulk import read_bulk
from ilms_sdmx.sources.oecd import fetch_oecd
from ilms_sdmx.sources.undesa_portal import fetch_undesa_portal
from ilms_sdmx.sources.worldbank import fetch_worldbank
from tests.services.server import LocalService, Reply

pytestmark = pytest.mark.shared


@pytest.fixture
def server() -> Iterator[LocalService]:
    with LocalService() as service:
        yield service


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path, sleep=lambda _: None)


def figures(got: Harmonised) -> int:
    return sum(len(part) for part in got) + len(got.rest)


def test_world_bank(shared: Path, server: LocalService, client: Client) -> None:
    body = gzip.decompress(
        (shared / "data/undesa/worldbank/wb_SM_POP_TOTL.json.gz").read_bytes()
    )
    server.on("/country/.*", Reply(body))
    got = fetch_worldbank(client, base_url=server.url)
    rows = [row for row in json.loads(body)[1] if row["value"] is not None]
    assert figures(got) == len(rows)
    expected = {
        (r["countryiso3code"] or f"id:{r['country']['id']}", r["date"]): r["value"]
        for r in rows
    }
    frame = got.frame()
    for area, year, value in zip(
        frame["published_area"], frame["TIME_PERIOD"], frame["OBS_VALUE"], strict=True
    ):
        assert expected[area, year] == int(value)
    assert not got.report.of_rule("unknown-label")


@pytest.mark.parametrize("dataset", ["migr_pop3ctb", "migr_pop1ctz"])
def test_eurostat(shared: Path, server: LocalService, client: Client, dataset: str) -> None:
    body = (shared / f"data/undesa/eurostat/eurostat_{dataset}.json").read_bytes()
    server.on("/data/.*", Reply(body))
    got = fetch_eurostat(client, dataset, base_url=server.url)
    source = json.loads(body)
    frame = pd.concat([got.frame()["OBS_VALUE"], got.rest["text"]])
    assert sorted(frame.dropna().astype("int64")) == sorted(source["value"].values())
    areas = list(source["dimension"]["geo"]["category"]["index"])
    years = list(source["dimension"]["time"]["category"]["index"])
    flat = {
        (a, y): str(source["value"].get(str(i * len(years) + j)))
        for i, a in enumerate(areas)
        for j, y in enumerate(years)
    }
    kept = got.frame()
    for area, year, value in zip(
        kept["published_area"], kept["TIME_PERIOD"], kept["OBS_VALUE"], strict=True
    ):
        assert flat[area, year] == value or pd.isna(value)


@pytest.mark.parametrize(
    ("measure", "area"), [("B14", "USA"), ("B14", "MEX"), ("B15", "USA"), ("B15", "CHL")]
)
def test_oecd(
    shared: Path, server: LocalService, client: Client, measure: str, area: str
) -> None:
    body = (shared / f"data/undesa/oecd/{area}_{measure}.json").read_bytes()
    server.on("/data/.*", Reply(body))
    got = fetch_oecd(client, measure, area=[area], format="json", base_url=server.url)
    source = json.loads(body)["data"]
    times = source["structures"][0]["dimensions"]["observation"][-1]["values"]
    expected = {
        times[int(key.rsplit(":", 1)[1])]["id"]: values[0]
        for key, values in source["dataSets"][0]["observations"].items()
    }
    frame = got.dataset.observations
    found = {
        t: None if pd.isna(v) else float(v)
        for t, v in zip(frame["TIME_PERIOD"], frame["OBS_VALUE"], strict=True)
    }
    assert found == expected
    assert set(got.records["criterion"]) == {"birth" if measure == "B14" else "citizenship"}


def test_data_portal(shared: Path, server: LocalService, client: Client) -> None:
    body = (shared / "data/undesa/dataportal/CONSTRUCTED_data_65_756_page1.json").read_bytes()
    server.on("/data/.*", Reply(body))
    got = fetch_undesa_portal(client, area=["CHE"], token=Secret("abc"), base_url=server.url)
    assert got.dataset.observations["OBS_VALUE"].tolist() == [
        str(r["value"]) for r in json.loads(body)["data"]
    ]


def test_bulk_file_with_two_sources(shared: Path, server: LocalService, client: Client) -> None:
    body = (
        shared / "data/ilostat/responses/rplumber/une-deap-best-source-all.csv"
    ).read_bytes()
    server.on("/x.csv", Reply(b"\xef\xbb\xbf" + body))
    from ilms_sdmx.downloads.service import Service

    table = read_bulk(client.get(Service("x", server.url), "x.csv"))
    assert table["obs_value"].tolist() == [
        "5.585",
        "5.014",
        "3.171",
        "2.757",
        "9.6",
        "9.957",
        "10.004",
        "9.757",
    ]
    assert table["best_source"].tolist().count("0") == 2


def test_repeated_keys_of_a_real_answer_lose_no_observation(shared: Path) -> None:
    folder = shared / "data/ilostat/toddlab"
    text = (folder / "ilostat_cct_sample.head.fragment.json.txt").read_text(encoding="utf-8")
    cut = text.rindex('"observations"')
    whole = text[: text[:cut].rindex(',\n"')]
    printed = re.findall(r'"observations":\{"(\d+)":\[([^,\]]*)', whole)
    keys = re.findall(r'"(\d+(?::\d+){5})":\{"attributes"', whole)
    assert len(printed) == len(keys) > len(set(keys))
    sizes = [max(int(key.split(":")[n]) for key in keys) + 1 for n in range(6)]
    times = max(int(place) for place, _ in printed) + 1
    names = ["REF_AREA", "FREQ", "MEASURE", "SEX", "AGE", "CCT"]
    series = [
        {
            "id": name,
            "keyPosition": n,
            "values": [{"id": f"{name}{v}"} for v in range(sizes[n])],
        }
        for n, name in enumerate(names)
    ]
    observation = [
        {
            "id": "TIME_PERIOD",
            "keyPosition": 6,
            "values": [{"id": str(2000 + t)} for t in range(times)],
        }
    ]
    attributes = {"dataSet": [], "dimensionGroup": [], "series": [], "observation": []}
    structure = {"dimensions": {"dataSet": [], "series": series, "observation": observation}}
    structure |= {
        "measures": {"observation": [{"id": "OBS_VALUE"}]},
        "attributes": attributes,
        "dataSets": [0],
    }
    body = re.sub(r'"attributes":\[[^\]]*\]', '"attributes":[]', whole)
    body = re.sub(r'("observations":\{"\d+":\[[^,\]]*)[^\]]*\]', r"\1]", body)
    body = re.sub(r'"annotations":\[[^\]]*\]', '"annotations":[]', body)
    message = messages.read(f'{body}}}}}],"structures":[{json.dumps(structure)}]}}}}'.encode())
    values = sorted(
        v for dataset in message for v in dataset.observations["OBS_VALUE"].dropna()
    )
    assert values == sorted(value for _, value in printed if value != "null")

"""ILOSTAT over HTTP: the same observations by every way, split without loss, refusals understood."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Client, Patience, messages
from ilms_sdmx.errors import NotFoundError, UnavailableError
from ilms_sdmx.sources.ilostat import fetch_ilostat
from ilms_sdmx.sources.ilostat_bulk import fetch_bulk_contents, fetch_ilostat_bulk
from ilms_sdmx.sources.ilostat_service import describe, fetch_catalogue, search
from tests.services.ilostat import FLOW, ROWS, Ilostat, sdmx_csv, sdmx_json
from tests.services.server import LocalService, Reply, Request


@pytest.fixture
def server() -> Iterator[LocalService]:
    with LocalService() as service:
        yield service


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path, sleep=lambda _: None, patience=Patience(attempts=3))


def test_observations_come_with_their_records(server: LocalService, client: Client) -> None:
    got = fetch_ilostat(client, FLOW, area=["IDN"], start="2024", base_url=Ilostat(server).base)
    frame = got.dataset.observations
    assert got.dataset.dataflow == f"ILO:DF_{FLOW}(1.0)"
    assert set(frame["REF_AREA"]) == {"IDN"}
    assert (
        dict(zip(frame["CDS"], frame["OBS_VALUE"], strict=True))["CDS_DES_TOTAL"] == "297.433"
    )
    record = got.records.iloc[0]
    assert (record["source"], record["edition"]) == ("ILOSTAT", "20/09/2026 07:33:33")
    assert (record["criterion"], record["scope"], record["method"]) == (
        "citizenship",
        "employed",
        "observed",
    )
    assert "Calendar year" in record["notes"]
    assert record["unit"] == "PS x 10^3"
    assert got.origin.licence == "CC BY 4.0"
    assert server.log[-1].path == f"/rest/data/ILO,DF_{FLOW}/IDN...."
    assert {r.headers["accept-language"] for r in server.log} == {"en"}


@pytest.mark.parametrize("limit", [3, 5, 8])
def test_a_query_that_is_too_large_is_split_and_joined_without_loss(
    server: LocalService, client: Client, limit: int, tmp_path: Path
) -> None:
    many = [row for row in ROWS if row.sex == "SEX_T"]
    small = Ilostat(server, many, limit=limit)
    got = fetch_ilostat(client, FLOW, base_url=small.base)
    with LocalService() as other:
        whole = fetch_ilostat(Client(tmp_path / "b"), FLOW, base_url=Ilostat(other, many).base)
    pd.testing.assert_frame_equal(got.dataset.observations, whole.dataset.observations)
    assert ("query-split" in got.report.counts) == (limit < len(many))


def test_a_part_that_is_not_understood_is_not_taken_for_empty(
    server: LocalService, client: Client
) -> None:
    base = Ilostat(server).base
    server.next(
        "/rest/data/.*", Reply("exceeding threshold 300000", 413), Reply("ORA-00936", 500)
    )
    with pytest.raises(NotFoundError, match="does not know"):
        fetch_ilostat(client, FLOW, base_url=base)


def test_what_no_split_makes_small_enough_is_an_error(
    server: LocalService, client: Client
) -> None:
    with pytest.raises(Exception, match="fewer areas or years"):
        fetch_ilostat(client, FLOW, base_url=Ilostat(server, limit=0).base)


def test_a_gateway_time_out_splits_the_query_too(server: LocalService, client: Client) -> None:
    base = Ilostat(server).base
    server.next(f"/rest/data/ILO,DF_{FLOW}/.*", Reply("", 504))
    assert len(fetch_ilostat(client, FLOW, base_url=base)) == len(ROWS)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"area": ["XYZ"]}, "code that the service does not know"),
        ({"area": ["PRK"]}, "no data for this key"),
        ({"start": "2050"}, "no data for this key"),
        ({"codes": {"AGE": ["X"]}}, "has no dimension AGE"),
        ({"format": "pdf"}, "expected a format"),
    ],
)
def test_a_query_without_answer_says_why(
    server: LocalService, client: Client, how: dict[str, object], message: str
) -> None:
    with pytest.raises(NotFoundError, match=message):
        fetch_ilostat(client, FLOW, base_url=Ilostat(server).base, **how)  # type: ignore[arg-type]


def test_an_unknown_dataflow_is_not_found(server: LocalService, client: Client) -> None:
    with pytest.raises(NotFoundError, match="no such dataflow"):
        fetch_ilostat(client, "DF_NO_SUCH_NB", base_url=Ilostat(server).base)


def test_without_a_description_our_own_structure_serves(
    server: LocalService, client: Client
) -> None:
    base = Ilostat(server).base
    broken = Reply(
        "Value cannot be null. (Parameter 'X' is not found in the indicator codelist dictionary.')",
        500,
    )
    server.next("/rest/dataflow/.*", *[broken] * 3)
    got = fetch_ilostat(client, FLOW, base_url=base)
    assert len(got) == len(ROWS)
    assert got.report.of_rule("service-structure-missing")


def test_old_ids_are_understood(server: LocalService, client: Client) -> None:
    got = fetch_ilostat(
        client, "MNA_OEMP_SEX_CDS_NB", area=["KOS"], base_url=Ilostat(server).base
    )
    assert got.dataset.observations["OBS_VALUE"].tolist() == ["1.10", "1.10"]


def test_a_shield_that_turns_us_away_for_a_while_is_waited_for(
    server: LocalService, tmp_path: Path
) -> None:
    waits: list[float] = []
    base = Ilostat(server).base
    html = Reply(
        "<html><title>Just a moment...</title></html>", 403, {"cf-mitigated": "challenge"}
    )
    server.next("/rest/data/.*", html, html)
    got = fetch_ilostat(Client(tmp_path, sleep=waits.append), FLOW, base_url=base)
    assert len(got) == len(ROWS)
    assert waits == [30, 30]


def test_an_empty_bulk_answer_is_a_failure_and_a_header_alone_is_no_data(
    server: LocalService, client: Client
) -> None:
    Ilostat(server)
    server.next("/data/indicator", Reply(""), Reply("Server Error in '/' Application."))
    assert len(fetch_ilostat_bulk(client, FLOW, base_url=server.url)) == len(ROWS)
    with pytest.raises(NotFoundError, match="no data"):
        fetch_ilostat_bulk(client, FLOW, area=["ZZZ"], base_url=server.url)
    with pytest.raises(NotFoundError, match="no such indicator in bulk"):
        fetch_ilostat_bulk(client, FLOW, freq="Q", base_url=server.url)


def test_only_the_best_source_fills_a_key_and_the_others_are_kept(
    server: LocalService, client: Client
) -> None:
    Ilostat(server)
    best = fetch_ilostat_bulk(client, FLOW, area=["IDN"], base_url=server.url)
    every = fetch_ilostat_bulk(
        client, FLOW, area=["IDN"], best_source="all", base_url=server.url
    )
    pd.testing.assert_frame_equal(every.dataset.observations, best.dataset.observations)
    assert every.rest["text"].tolist() == ["300.1"]
    assert every.report.of_rule("secondary-source")
    second = fetch_ilostat_bulk(
        client, FLOW, area=["IDN"], best_source="no", base_url=server.url
    )
    assert second.dataset.observations["OBS_VALUE"].tolist() == ["300.1"]
    with pytest.raises(NotFoundError, match="best_source"):
        fetch_ilostat_bulk(client, FLOW, best_source="maybe", base_url=server.url)


def test_the_catalogue_is_found_and_searched(server: LocalService, client: Client) -> None:
    service = Ilostat(server)
    service.catalogue += ["DF_POP_MFRC_SEX_CCT_NB"]
    catalogue = fetch_catalogue(client, service.base)
    assert search(catalogue, "mfrc flow")["id"].tolist() == ["DF_POP_MFRC_SEX_CCT_NB"]
    assert search(catalogue, "nothing").empty
    assert fetch_bulk_contents(client, server.url)["id"].tolist() == [f"{FLOW}_A"]


def test_a_dataflow_is_described(server: LocalService, client: Client) -> None:
    about = describe(client, FLOW, Ilostat(server).base)
    assert about.dimensions == ("REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD")
    assert about.areas == ("IDN", "KHM", "KOS", "PHL")


def test_offline_repeats_what_was_fetched(server: LocalService, client: Client) -> None:
    base = Ilostat(server).base
    first = fetch_ilostat(client, FLOW, base_url=base)
    asked = len(server.log)
    again = fetch_ilostat(Client(client.cache.folder, offline=True), FLOW, base_url=base)
    pd.testing.assert_frame_equal(again.frame(), first.frame())
    assert len(server.log) == asked
    with pytest.raises(UnavailableError, match="offline"):
        fetch_ilostat(
            Client(client.cache.folder, offline=True), FLOW, area=["KHM"], base_url=base
        )


def test_csv_json_xml_and_bulk_give_the_same_frame(
    server: LocalService, client: Client
) -> None:
    base = Ilostat(server).base
    csv = fetch_ilostat(client, FLOW, base_url=base)
    json = fetch_ilostat(client, FLOW, format="json", base_url=base)
    xml = fetch_ilostat(client, FLOW, format="xml", base_url=base)
    bulk = fetch_ilostat_bulk(client, FLOW, base_url=server.url)
    assert len(csv) == len(ROWS)
    pd.testing.assert_frame_equal(xml.dataset.observations, csv.dataset.observations)
    pd.testing.assert_frame_equal(json.dataset.observations, csv.dataset.observations)
    pd.testing.assert_frame_equal(bulk.dataset.observations, csv.dataset.observations)
    own = ["address", "retrieved"]
    pd.testing.assert_frame_equal(
        json.records.drop(columns=own), csv.records.drop(columns=own), check_categorical=False
    )


def test_repeated_series_keys_lose_no_observation() -> None:
    text = sdmx_json(ROWS)
    assert text.count('"0:0:0:0:0":') > 1
    read = messages.read(text.encode()).datasets
    assert sum(len(d) for d in read) == len(ROWS)


def test_the_bulk_file_as_parquet_is_the_same(server: LocalService, client: Client) -> None:
    Ilostat(server)
    csv, parquet = (
        fetch_ilostat_bulk(client, FLOW, format=f, base_url=server.url)
        for f in ("csv", "parquet")
    )
    pd.testing.assert_series_equal(parquet.dataset.values, csv.dataset.values)
    rest = [g.dataset.observations.drop(columns="OBS_VALUE") for g in (csv, parquet)]
    pd.testing.assert_frame_equal(rest[1], rest[0])


def test_an_indicator_that_is_none_of_ours_shows_its_own_dimensions(
    server: LocalService, client: Client
) -> None:
    text = "ref_area,source,indicator,sex,classif1,time,obs_value,obs_status\n"
    text += "KEN,BX:1,UNE_DEAP_SEX_AGE_RT,SEX_T,AGE_YTHADULT_YGE15,2021Q2,5.585,\n"
    server.on("/data/indicator", Reply(text))
    server.on("/metadata/dic", Reply("source,source.label\nBX:1,LFS\n"))
    got = fetch_ilostat_bulk(client, "UNE_DEAP_SEX_AGE_RT", freq="Q", base_url=server.url)
    row = got.dataset.observations.iloc[0]
    assert (row["AGE"], row["TIME_PERIOD"], row["SOURCE"]) == (
        "AGE_YTHADULT_YGE15",
        "2021-Q2",
        "LFS",
    )
    assert got.report.of_rule("structure-inferred")
    assert got.records["ages"].tolist() == ["15+"]


def test_a_dataflow_that_is_none_of_ours_is_fetched_as_the_service_describes_it(
    server: LocalService, client: Client
) -> None:
    service = Ilostat(server)
    text = (
        service.structure(Request(f"/DF_{FLOW}/", {}, {}))
        .bytes.decode()
        .replace(FLOW, "XXX_YYYY_SEX_CDS_NB")
    )
    server.on("/rest/dataflow/ILO/DF_XXX.*", Reply(text))
    server.routes.insert(0, ("/rest/dataflow/ILO/DF_XXX.*", lambda _: Reply(text)))
    server.routes.insert(0, ("/rest/data/ILO,DF_XXX.*", lambda _: Reply(sdmx_csv(ROWS))))
    got = fetch_ilostat(client, "XXX_YYYY_SEX_CDS_NB", base_url=service.base)
    assert len(got) == len(ROWS)
    assert got.dataset.dataflow == "ILO:DF_XXX_YYYY_SEX_CDS_NB(1.0)"

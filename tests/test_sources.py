"""The other services over HTTP: their shapes and refusals understood, their figures in our codes."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Client, Harmonised, Patience
from ilms_sdmx.downloads.secret import Secret
from ilms_sdmx.errors import NotFoundError, ResponseError, UnavailableError
from ilms_sdmx.sources import jsonstat
from ilms_sdmx.sources.eurostat import fetch_eurostat
from ilms_sdmx.sources.oecd import fetch_oecd
from ilms_sdmx.sources.sdmx_rest import fetch_sdmx
from ilms_sdmx.sources.undesa_portal import fetch_undesa_portal
from ilms_sdmx.sources.undesa_wpp import fetch_undesa_wpp
from ilms_sdmx.sources.unsdg import fetch_unsdg
from ilms_sdmx.sources.worldbank import fetch_worldbank
from tests.services import undesa
from tests.services.others import THROTTLED, Others
from tests.services.server import LocalService, Reply


@pytest.fixture
def server() -> Iterator[LocalService]:
    with LocalService() as service:
        undesa.Undesa(service)
        yield service


@pytest.fixture
def others(server: LocalService) -> Others:
    return Others(server)


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(tmp_path, sleep=lambda _: None, patience=Patience(attempts=3))


def values(got: Harmonised, *columns: str) -> dict[object, str]:
    frame = got.frame()
    keys = frame[list(columns)].astype("str").itertuples(index=False, name=None)
    return {
        k[0] if len(columns) == 1 else k: v
        for k, v in zip(keys, frame["OBS_VALUE"], strict=True)
    }


# --- UN DESA Data Portal ---


def portal(server: LocalService, client: Client, **how: object) -> Harmonised:
    how.setdefault("token", Secret(undesa.TOKEN))
    return fetch_undesa_portal(
        client, "65", area=["THA", "756"], base_url=f"{server.url}/api/v1", **how
    )  # type: ignore[arg-type]


def test_net_migration_by_json_and_csv_is_the_same(
    server: LocalService, client: Client
) -> None:
    json, csv = portal(server, client), portal(server, client, format="csv")
    assert values(json, "REF_AREA", "TIME_PERIOD") == {
        ("CHE", "2022"): "96424",
        ("CHE", "2023"): "45098",
        ("THA", "2022"): "21152",
        ("THA", "2023"): "22713",
    }
    assert [float(v) for v in csv.dataset.observations["OBS_VALUE"]] == [
        96424,
        45098,
        21152,
        22713,
    ]
    record = json.records.iloc[0]
    assert (record["edition"], record["unit"], record["method"]) == (
        "WPP 2024",
        "persons",
        "modelled",
    )
    assert record["reference_date"] == "2022-01-01/2022-12-31"
    assert json.report.of_rule("no-dataflow")
    assert json.dataset.dataflow == "ILMS_SDMX:DF_INDICATORS(1.0)"


def test_pages_in_the_header_are_followed_too(server: LocalService, client: Client) -> None:
    with LocalService() as bare:
        service = undesa.Undesa(bare)
        original = service.data

        def in_header(request: object) -> Reply:
            request.query["pagingInHeader"] = "true"  # type: ignore[attr-defined]
            return original(request)  # type: ignore[arg-type]

        bare.routes.insert(0, ("/api/v1/data/.*", in_header))
        assert len(portal(bare, client)) == 4


def test_a_next_page_on_another_host_is_not_followed(
    server: LocalService, client: Client
) -> None:
    body = '{"pages":2,"nextPage":"http://localhost:1/steal","data":[]}'
    server.next("/api/v1/data/.*", Reply(body))
    with pytest.raises(ResponseError, match="another host"):
        portal(server, client)


def test_a_refused_token_is_said_and_not_shown(
    server: LocalService, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotFoundError, match="wants a token") as caught:
        portal(server, client, token=Secret("wrong-token-value"))
    assert "wrong-token-value" not in str(caught.value)
    monkeypatch.setenv("ILMS_SDMX_UNDESA_TOKEN", f"bearer {undesa.TOKEN}")
    assert len(portal(server, client, token=None)) == 4
    files = [p for p in client.cache.folder.rglob("*") if p.is_file()]
    assert not any(undesa.TOKEN.encode() in p.read_bytes() for p in files)


def test_the_portal_wakes_up_slowly(server: LocalService, client: Client) -> None:
    server.next("/api/v1/data/.*", Reply("", 502), Reply("", 503))
    assert len(portal(server, client)) == 4


# --- WPP ---


def test_net_migration_without_a_token(server: LocalService, client: Client) -> None:
    got = fetch_undesa_wpp(client, base_url=f"{server.url}/wpp")
    assert values(got, "REF_AREA", "TIME_PERIOD")["CHE", "2022"] == "96.424"
    assert set(got.dataset.observations["UNIT_MULT"]) == {"3"}
    assert got.rest["area"].tolist() == ["903"]
    assert (
        len(fetch_undesa_wpp(client, area=["THA"], start="2023", base_url=f"{server.url}/wpp"))
        == 1
    )
    with pytest.raises(NotFoundError, match="there are NetMigrations"):
        fetch_undesa_wpp(client, "Births")


# --- World Bank ---


def test_migrant_stock_of_the_world_bank_says_whose_it_is(
    others: Others, client: Client
) -> None:
    got = fetch_worldbank(client, base_url=f"{others.server.url}/wb")
    assert got.dataset.dataflow == "ILO:DF_POP_MFRB_SEX_CBR_NB(1.0)"
    assert values(got, "REF_AREA") == {"THA": "3015007", "X01": "274711307"}
    assert set(got.records["same_as"]) == {"UN DESA IMS"}
    assert set(got.records["notes"]) == {"Mid-year estimates; it also includes refugees."}
    assert got.origin.edition == "2026-07-13"
    assert sorted(got.rest["area"]) == ["ZZZ", "id:XD"]
    assert got.report.of_rule("empty-years").findings[0].message.startswith("2 years")
    assert got.report.of_rule("unknown-label").findings[0].read == "ZZZ"


def test_errors_dressed_as_200_are_errors(others: Others, client: Client) -> None:
    base = f"{others.server.url}/wb"
    with pytest.raises(NotFoundError, match="knows no such country"):
        fetch_worldbank(client, area=["AND"], base_url=base)
    with pytest.raises(NotFoundError, match="no data"):
        fetch_worldbank(client, area=["BRN"], base_url=base)
    with pytest.raises(NotFoundError, match="only empty years"):
        fetch_worldbank(client, area=["KOS"], base_url=base)
    error = Reply(
        '<wb:error xmlns:wb="x"><wb:message id="111" key="Invalid format"/></wb:error>'
    )
    others.server.next("/wb/country/.*", error)
    with pytest.raises(ResponseError, match="answers with an error"):
        fetch_worldbank(client, area=["THA"], base_url=base)


# --- Eurostat ---


def test_sparse_json_stat_of_eurostat(others: Others, client: Client) -> None:
    got = fetch_eurostat(client, "migr_pop3ctb", base_url=f"{others.server.url}/eurostat")
    found = values(got, "REF_AREA", "CBR", "TIME_PERIOD")
    assert pd.isna(found.pop(("KOS", "CBR_BRT_TOTAL", "2022")))
    assert found == {
        ("AUT", "CBR_BRT_TOTAL", "2021"): "1764925",
        ("AUT", "CBR_BRT_TOTAL", "2022"): "1842250",
        ("AUT", "CBR_BRT_GRC", "2022"): "8128",
    }
    frame = got.frame().set_index("OBS_VALUE")
    assert frame.loc["1842250", "OBS_STATUS"] == "B"
    assert frame.loc["1842250", "symbol"] == "be"
    assert frame.loc["1842250", "reference_date"] == "2022-01-01"
    assert got.rest["text"].tolist() == ["7136678"]
    assert others.server.log[-1].query["age"] == "TOTAL"


def test_citizenship_goes_to_its_own_dataflow(others: Others, client: Client) -> None:
    base = f"{others.server.url}/eurostat"
    got = fetch_eurostat(client, "migr_pop1ctz", area=["AUT", "EL"], base_url=base)
    assert got.dataset.dataflow == "ILO:DF_POP_MFRC_SEX_CCT_NB(1.0)"
    assert set(got.records["criterion"]) == {"citizenship"}
    with pytest.raises(ResponseError, match="fewer areas or years"):
        fetch_eurostat(client, "migr_imm1ctz", base_url=base)
    with pytest.raises(NotFoundError, match="no data for"):
        fetch_eurostat(client, "migr_pop1ctz", area=["AND"], base_url=base)
    with pytest.raises(NotFoundError, match="there are migr_pop3ctb"):
        fetch_eurostat(client, "nama_10_gdp", base_url=base)


def test_json_stat_may_be_dense_and_list_its_codes() -> None:
    geo = {"category": {"index": ["AT", "BE"]}}
    year = {"category": {"label": {"2020": "2020"}}}
    body = {
        "id": ["geo", "time"],
        "size": [2, 1],
        "dimension": {"geo": geo, "time": year},
        "value": [1.5, None],
    }
    assert jsonstat.parse(body)[["geo", "time", "text"]].to_numpy().tolist() == [
        ["AT", "2020", "1.5"]
    ]


# --- OECD ---


def test_oecd_by_key_and_where_keys_fail_by_all(
    others: Others, client: Client, tmp_path: Path
) -> None:
    base = f"{others.server.url}/oecd"
    by_key = fetch_oecd(client, "B15", area=["USA"], base_url=base)
    assert values(by_key, "CCT", "SEX", "TIME_PERIOD") == {
        ("CCT_CTZ_TOTAL", "SEX_T", "2013"): "22518809.52",
        ("CCT_CTZ_TOTAL", "SEX_T", "2022"): "23825209.06",
        ("CCT_CTZ_TOTAL", "SEX_T", "2021"): "22758740",
        ("CCT_CTZ_MEX", "SEX_F", "2022"): "3600000",
        ("CCT_CTZ_KOS", "SEX_T", "2022"): "900",
    }
    assert "SUN_F" in set(by_key.rest["partner"])
    others.keys_work = False
    again = Client(tmp_path / "other")
    by_all = fetch_oecd(again, "B15", area=["USA"], base_url=base)
    pd.testing.assert_frame_equal(by_all.dataset.observations, by_key.dataset.observations)
    assert by_all.report.of_rule("fetched-all")


def test_oecd_json_with_years_in_no_order_is_the_same(others: Others, client: Client) -> None:
    base = f"{others.server.url}/oecd"
    csv, json = (
        fetch_oecd(client, "B15", area=["USA"], format=f, base_url=base)
        for f in ("csv", "json")
    )
    assert (
        values(json, "CCT", "SEX", "TIME_PERIOD").keys()
        == values(csv, "CCT", "SEX", "TIME_PERIOD").keys()
    )
    frames = [got.dataset.observations.assign(value=got.dataset.values) for got in (csv, json)]
    numbers = [frame.sort_values(["CCT", "TIME_PERIOD"])["value"].tolist() for frame in frames]
    assert numbers[0] == numbers[1]


def test_measures_without_a_dataflow_are_kept_apart(others: Others, client: Client) -> None:
    with pytest.raises(NotFoundError, match="no data for"):
        fetch_oecd(client, "B16", area=["USA"], base_url=f"{others.server.url}/oecd")
    with pytest.raises(NotFoundError, match="there are B11"):
        fetch_oecd(client, "B99")
    got = fetch_oecd(client, "B14", area=["CHL"], base_url=f"{others.server.url}/oecd")
    assert values(got, "REF_AREA", "CBR") == {("CHL", "CBR_BRT_TOTAL"): "1625074"}


def test_a_throttled_request_waits(others: Others, client: Client) -> None:
    others.server.next("/oecd/data/.*", Reply(THROTTLED, 429), Reply(THROTTLED))
    assert (
        len(fetch_oecd(client, "B15", area=["CHL"], base_url=f"{others.server.url}/oecd")) == 1
    )


# --- UNSD ---


def test_series_of_the_sdg_database(others: Others, client: Client) -> None:
    got = fetch_unsdg(
        client, "SL_EMP_FTLINJUR", area=["THA", "001"], base_url=f"{others.server.url}/sdg"
    )
    found = values(got, "REF_AREA", "SEX", "BREAKDOWN")
    assert found["THA", "SEX_T", "Migratory status=MIGRANT"] == "3.5"
    assert pd.isna(found["THA", "SEX_F", "Migratory status=MIGRANT"])
    assert found["X01", "SEX_T", "Migratory status=_T"] == "5"
    assert got.rest["area"].tolist() == ["35"]
    assert got.records["symbol"].astype("str").tolist().count("NaN") == 1
    with pytest.raises(NotFoundError, match="no data for this series"):
        fetch_unsdg(client, "SM_DTH_MIGR", base_url=f"{others.server.url}/sdg")


# --- any SDMX service ---


def test_any_service_by_address_and_dataflow(others: Others, client: Client) -> None:
    got = fetch_sdmx(
        client, f"{others.server.url}/oecd", "OECD.ELS.IMD,DSD_MIG@DF_MIG,1.0", "CHL.W......"
    )
    assert got.dataset.observations["OBS_VALUE"].tolist() == ["1625074"]
    assert got.origin.source == "127.0.0.1"
    with pytest.raises(NotFoundError, match="expected a dataflow as"):
        fetch_sdmx(client, others.server.url, "just a name")
    with pytest.raises(NotFoundError, match=r"there are 2\.1 csv"):
        fetch_sdmx(client, others.server.url, "A:B(1.0)", version="4.0")


def test_the_grammar_of_version_3(server: LocalService, client: Client) -> None:
    csv = "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,TIME_PERIOD,OBS_VALUE\ndataflow,A:B(1.0),I,THA,2020,7\n"
    server.on("/rest/data/dataflow/A/B/1.0/THA", Reply(csv))
    got = fetch_sdmx(
        client, f"{server.url}/rest", "A:B(1.0)", "THA", start="2019", end="2021", version="3.0"
    )
    assert got.dataset.observations["OBS_VALUE"].tolist() == ["7"]
    assert server.log[-1].query == {"c[TIME_PERIOD]": "ge:2019+le:2021"}


def test_what_is_no_message_is_said(server: LocalService, client: Client) -> None:
    server.on("/rest/data/.*", Reply("<a/>"))
    with pytest.raises(ResponseError, match="expected an SDMX data message"):
        fetch_sdmx(client, f"{server.url}/rest", "A:B(1.0)", format="xml")
    with pytest.raises(UnavailableError):
        fetch_sdmx(client, "http://127.0.0.1:9", "A:B(1.0)")

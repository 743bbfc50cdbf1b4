"""The live services still answer as the local ones do; never in the gate: `pytest -m network`."""

from pathlib import Path

import pytest

from ilms_sdmx import Client, Patience
from ilms_sdmx.errors import NotFoundError
from ilms_sdmx.sources.eurostat import fetch_eurostat
from ilms_sdmx.sources.ilostat import fetch_ilostat
from ilms_sdmx.sources.ilostat_bulk import fetch_ilostat_bulk
from ilms_sdmx.sources.ilostat_service import describe, fetch_catalogue, fetch_structures
from ilms_sdmx.sources.oecd import fetch_oecd
from ilms_sdmx.sources.undesa_portal import fetch_undesa_portal
from ilms_sdmx.sources.undesa_stock import fetch_undesa_stock
from ilms_sdmx.sources.undesa_wpp import fetch_undesa_wpp
from ilms_sdmx.sources.unsdg import fetch_unsdg
from ilms_sdmx.sources.worldbank import fetch_worldbank

pytestmark = pytest.mark.network
FLOW = "EMP_MNAO_SEX_CDS_NB"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(Path(tmp_path_factory.mktemp("cache")), patience=Patience(attempts=2))


def test_ilostat_serves_our_dataflows(client: Client) -> None:
    ids = set(fetch_catalogue(client)["id"])
    assert len(ids) > 1000
    assert f"DF_{FLOW}" in ids
    assert describe(client, FLOW).dimensions[:3] == ("REF_AREA", "FREQ", "MEASURE")
    assert fetch_structures(client, FLOW).sha256


@pytest.mark.parametrize("format", ["csv", "json", "xml"])
def test_ilostat_answers_in_every_format(client: Client, format: str) -> None:
    got = fetch_ilostat(client, FLOW, area=["PHL", "IDN"], last=2, format=format)
    assert {"PHL", "IDN"} == set(got.dataset.observations["REF_AREA"])


def test_ilostat_in_bulk(client: Client) -> None:
    assert len(fetch_ilostat_bulk(client, FLOW, area=["PHL"], start="2020"))


def test_ilostat_says_no_as_it_did(client: Client) -> None:
    with pytest.raises(NotFoundError):
        fetch_ilostat(client, FLOW, area=["XYZ"])


def test_undesa(client: Client) -> None:
    got = fetch_undesa_stock(client, by="origin", start="2024", sex=["both"])
    frame = got.frame()
    assert frame.loc[frame["CBR"] == "CBR_BRT_TOTAL", "OBS_VALUE"].tolist() == ["304021813"]
    assert len(fetch_undesa_wpp(client, area=["THA"], start="2020", end="2023")) == 4


def test_the_data_portal_wants_a_token(client: Client) -> None:
    from ilms_sdmx.downloads.secret import Secret

    with pytest.raises(NotFoundError, match="token"):
        fetch_undesa_portal(
            client, area=["THA"], start="2020", end="2021", token=Secret("not-a-token")
        )


def test_the_others(client: Client) -> None:
    assert len(fetch_worldbank(client, area=["THA"], start="2010", end="2020"))
    assert len(
        fetch_eurostat(
            client, "migr_pop3ctb", area=["AUT"], start="2020", codes={"c_birth": ["FOR"]}
        )
    )
    assert len(fetch_oecd(client, "B15", area=["USA"], start="2020"))
    assert len(fetch_unsdg(client, "SL_EMP_FTLINJUR", area=["THA"]))

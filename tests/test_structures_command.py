"""The command `ilms-sdmx structures` as a person at a terminal uses it."""

import json
from pathlib import Path

import pytest

from ilms_sdmx import structures
from ilms_sdmx.cli import run
from tests.services.server import LocalService, Reply


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of `ilms-sdmx structures`."""
    status = run(["structures", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_list_prints_84_rows_by_module_and_the_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, out, _ = answer(capsys, "list")
    assert status == 0
    assert sum(line.startswith("DF_") for line in out.splitlines()) == 84
    assert "MST International migrant stock: 69 dataflows" in out
    assert "MFL International migrant flow: 8 dataflows" in out
    assert "MNA Nationals abroad: 7 dataflows" in out
    assert "84 dataflows, 84 data structure definitions, 23 codelists" in out


def test_list_of_one_module_in_spanish(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = answer(capsys, "list", "--module", "MNA", "--language", "es")
    assert sum(line.startswith("DF_") for line in out.splitlines()) == 7
    assert "Stock de nacionales en el extranjero según sexo y país de residencia" in out


def test_show_is_a_page_a_statistician_understands(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(capsys, "show", "DF_EMP_MFRC_SEX_CCT_NB")
    assert status == 0
    for words in (
        "Employed non-citizens by sex and country of citizenship",
        "ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)",
        "MST International migrant stock",
        "table MST_8",
        "MST_NCTE_SEX_CCT_NB",
        "thousands of persons (UNIT_MEASURE PS, UNIT_MULT 3)",
        "ILMS_SDMX:CC_DF_EMP_MFRC_SEX_CCT_NB(1.0)",
        "REF_AREA.FREQ.MEASURE.SEX.CCT",
        "CCT  Citizenship, codelist CL_CCT",
        "CCT_CTZ_MMR",
        "Observation status (for each observation)",
        "id verified",
        "key inferred",
    ):
        assert words in out, words
    assert "CCT_CIT_NONCIT" not in out, "the constraint cuts it"


def test_show_has_our_own_dataflow_too(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(capsys, "show", "ILMS_SDMX:DF_INDICATORS(1.0)")
    assert status == 0
    assert "MEASURE        Indicator of another producer, codelist CL_INDICATOR" in out
    assert "NETM_NB          Net migration" in out


def test_show_says_that_an_old_id_answered(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = answer(capsys, "show", "MST_NCTE_SEX_CCT_NB")
    assert "MST_NCTE_SEX_CCT_NB is the old id of DF_EMP_MFRC_SEX_CCT_NB." in out


def test_show_says_what_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = answer(capsys, "show", "EMP_TEMP_SEX_SKN_CBR_NB")
    assert "Incomplete: Codes and labels of the 2026 classification SKN" in out
    _, out, _ = answer(capsys, "show", "EAR_EMTA_SEX_CBR_CUR_NB")
    assert "depends on the currency (CUR)" in out


@pytest.mark.parametrize("flow", [flow.id for flow in structures.dataflows()])
def test_every_dataflow_has_a_page(flow: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(capsys, "show", flow, "--all-codes", "--language", "fr")
    assert status == 0
    assert str(structures.dataflow(flow).name.localizations["fr"]) in out
    assert all(code in out for code in structures.allowed(flow)["SEX"])


def test_an_unknown_id_is_one_line_and_status_3(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = answer(capsys, "show", "EMP_MFRC_SEX_CCT_NX")
    assert (status, out) == (3, "")
    assert err.count("\n") == 1
    assert "EMP_MFRC_SEX_CCT_NB" in err


def test_codes_are_tab_separated_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = answer(capsys, "codes", "SEX", "--language", "fr")
    assert status == 0
    assert out.splitlines()[:3] == [
        "Code\tName\tParent\tTotal",
        "SEX_T\tTotal\t\tY",
        "SEX_M\tHommes\t\tN",
    ]
    assert "5 codes." in err


def test_export_writes_what_the_library_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "stock.json"
    status, _, _ = answer(
        capsys,
        "export",
        str(path),
        "--format",
        "sdmx-json-2.0",
        "--dataflow",
        "POP_MNAS_SEX_CRS_NB",
    )
    assert status == 0
    assert (
        json.loads(path.read_bytes())["data"]["dataflows"][0]["id"] == "DF_POP_MNAS_SEX_CRS_NB"
    )
    assert path.read_bytes() == structures.to_bytes("sdmx-json-2.0", "POP_MNAS_SEX_CRS_NB")


def test_check_of_the_shipped_structures_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "check")[:2] == (0, "No findings.\n")


def test_check_against_a_service_names_what_it_has_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ILMS_SDMX_CACHE", str(tmp_path))
    id = "POP_MNAS_SEX_CRS_NB"
    body = structures.to_bytes(dataflow=id).replace(
        b'<str:Code id="CRS_RES_TLS"', b'<str:Code id="CRS_RES_XYZ"'
    )
    with LocalService() as service:
        service.on(
            f"/dataflow/ILO/DF_{id}/latest",
            Reply(body, headers={"Content-Type": "application/xml"}),
        )
        status, out, _ = answer(
            capsys,
            "check",
            "--live",
            "--dataflow",
            "MNA_TPOP_SEX_CRS_NB",
            "--base-url",
            service.url,
        )
    assert service.log[0].query == {"references": "all"}
    assert status == 1
    assert "live-code" in out
    assert "ILOSTAT: CRS_RES_XYZ" in out
    assert "1 finding." in out


@pytest.mark.network
def test_the_live_service_still_has_our_key(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(
        capsys, "check", "--live", "--dataflow", "DF_UNE_DEAP_SEX_AGE_CCT_RT"
    )
    assert status in (0, 1), out
    assert "live-key" not in out

"""A country may be named as people name it, wherever an area is taken."""

from pathlib import Path

import pytest

from ilms_sdmx import draft_mapping
from ilms_sdmx.cli import run
from ilms_sdmx.labels import area_code
from ilms_sdmx.mapping.file.reading import parse_mapping

TABLE = "Perawat menurut provinsi, 2021\nProvinsi,Jumlah\nAlor,12\nBima,7\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("IDN", "IDN"),
        ("id", "IDN"),
        ("Indonesia", "IDN"),
        (" viet nam ", "VNM"),
        ("Lao PDR", "LAO"),
        ("เมียนมา", "MMR"),
        ("KR", "KOR"),
        ("Timor-Leste", "TLS"),
        ("Atlantis", "Atlantis"),
        ("EU28", "EU28"),
        ("X", "X"),
        ("", ""),
    ],
)
def test_an_area_is_known_by_its_codes_and_names(text: str, code: str) -> None:
    assert area_code(text) == code


@pytest.mark.parametrize("area", ["IDN", "id", "Indonesia", "indonesia"])
def test_a_draft_and_a_mapping_take_any_of_them(area: str, tmp_path: Path) -> None:
    draft = draft_mapping(TABLE.encode(), area=area)
    assert draft == draft_mapping(TABLE.encode(), area="IDN")
    written = draft.replace("area: IDN", f"area: {area}")
    assert parse_mapping(written).source["area"] == "IDN"
    table = tmp_path / "perawat.csv"
    table.write_text(TABLE, encoding="utf-8")
    target = tmp_path / f"{area}.yaml"
    run(["map", str(table), "--area", area, "-o", str(target)])
    assert "area: IDN" in target.read_text(encoding="utf-8")

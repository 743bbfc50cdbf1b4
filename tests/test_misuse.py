"""Misuse and impossible places end in an error of ours or a TypeError, never in one from inside."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ilms_sdmx
from ilms_sdmx import structures
from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import IlmsError, MessageError, OutputError, StructureError

BY_ID: list[Callable[[Any], object]] = [
    ilms_sdmx.dataflow, ilms_sdmx.resolve, ilms_sdmx.codelist, ilms_sdmx.constraint, ilms_sdmx.allowed,
    ilms_sdmx.code_map, ilms_sdmx.additive, ilms_sdmx.hierarchies, structures.codes,
    structures.categorisation,
]  # fmt: skip
READERS: list[Callable[[Any], object]] = [
    ilms_sdmx.read, ilms_sdmx.read_workbook, ilms_sdmx.read_mapping, ilms_sdmx.read_exceptions,
    ilms_sdmx.validate, ilms_sdmx.draft_mapping,
]  # fmt: skip


@pytest.fixture
def data() -> Dataset:
    frame = pd.DataFrame(
        {"REF_AREA": ["PHL"], "TIME_PERIOD": ["2019"], "OBS_VALUE": ["1"]}, dtype="string"
    )
    return Dataset(frame, Components(("REF_AREA", "TIME_PERIOD")), "ILO:DF_X(1.0)")


@pytest.mark.parametrize("function", BY_ID, ids=lambda f: f.__name__)
@pytest.mark.parametrize("value", [None, 42, b"CL_SEX", ["CL_SEX"]], ids=repr)
def test_an_id_is_text(function: Callable[[Any], object], value: object) -> None:
    with pytest.raises(TypeError, match=r"as text|unhashable"):
        function(value)


@pytest.mark.parametrize("function", BY_ID, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "value", ["", "\x00", "CL_NOTHING", "DF NOTHING", "é" * 300], ids=ascii
)
def test_an_unknown_id_is_an_error_of_ours(
    function: Callable[[Any], object], value: str
) -> None:
    with pytest.raises(StructureError):
        function(value)


@pytest.mark.parametrize("function", READERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("place", ["absent/file", "\x00", "."], ids=ascii)
def test_a_place_without_a_file_is_an_error_of_ours(
    function: Callable[[Any], object], place: str
) -> None:
    with pytest.raises(IlmsError):
        function(place)


@pytest.mark.parametrize("name", ["absent/data.xml", "folder"])
def test_a_message_that_cannot_be_written_leaves_nothing(
    data: Dataset, tmp_path: Path, name: str
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises((MessageError, OutputError)):
        ilms_sdmx.write(data, tmp_path / name)
    with pytest.raises(OutputError):
        structures.export(tmp_path / name, dataflow="POP_MNAS_SEX_CRS_NB")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert not list((tmp_path / "folder").iterdir())


def test_what_is_no_data_set_or_place_is_misuse(data: Dataset, tmp_path: Path) -> None:
    for attempt in (
        lambda: ilms_sdmx.write(data, None),  # type: ignore[arg-type]
        lambda: ilms_sdmx.to_arrow(42),
        lambda: ilms_sdmx.summarise(42),
        lambda: ilms_sdmx.match_label(None, "CDS_DES_"),  # type: ignore[arg-type]
        lambda: ilms_sdmx.validate(data, structure=42),  # type: ignore[arg-type]
        lambda: ilms_sdmx.read(io.StringIO("<a/>")),  # type: ignore[arg-type]
        lambda: structures.export(42),  # type: ignore[arg-type]
        lambda: structures.sources(["PHL"]),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError, match="expected"):
            attempt()


def test_a_list_without_rules_has_no_hierarchies() -> None:
    with pytest.raises(StructureError, match="CL_UNIT_MULT has no aggregation rules"):
        ilms_sdmx.hierarchies("UNIT_MULT")

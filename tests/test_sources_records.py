"""Comparability records are filled from what the answer of a source states, or a table says why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, Record
from ilms_sdmx.errors import StructureError
from ilms_sdmx.records import RECORD_COLUMNS, is_known
from ilms_sdmx.sources import SOURCES
from ilms_sdmx.sources.ilostat import ilostat_records
from ilms_sdmx.sources.stated import stated_fields, unstated_fields
from ilms_sdmx.structures import facts
from tests.services import undesa
from tests.services.server import LocalService
from tests.test_believing import CASES, Misbehaving, _client


@pytest.fixture(scope="module")
def services() -> Iterator[Misbehaving]:
    with pytest.MonkeyPatch.context() as patch, LocalService() as server:
        patch.setenv("ILMS_SDMX_UNDESA_TOKEN", undesa.TOKEN)
        yield Misbehaving(server)


@pytest.mark.parametrize("source", CASES)
def test_a_field_that_is_empty_for_every_figure_has_a_reason(
    services: Misbehaving, tmp_path: Path, source: str
) -> None:
    got = CASES[source].fetch(source, _client(tmp_path), services.server)
    reasons = unstated_fields(source)
    for part in got.parts:
        for field in RECORD_COLUMNS:
            is_stated = part.records[field].astype("str").map(is_known).any()
            assert is_stated or field in reasons, field


def test_reasons_are_of_sources_and_fields_that_there_are() -> None:
    for row in facts.rows("maps/unstated.csv"):
        assert set(row["sources"].split()) <= set(SOURCES)
        assert row["field"] in RECORD_COLUMNS
        assert row["reason"]
    with pytest.raises(StructureError, match="found 'imf'"):
        unstated_fields("imf")


def fields_of(**columns: str) -> dict[str, str]:
    """What one observation with these columns states."""
    frame = pd.DataFrame({name: [value] for name, value in columns.items()})
    frame["OBS_VALUE"] = "1"
    dataset = Dataset(frame, Components(tuple(columns)))
    return {name: str(column.iloc[0]) for name, column in stated_fields(dataset).items()}


@pytest.mark.parametrize(
    ("columns", "partner", "criterion"),
    [
        ({"CITIZENSHIP": "MMR", "BIRTH_PLACE": "_Z"}, "MMR", "citizenship"),
        ({"CITIZENSHIP": "_Z", "BIRTH_PLACE": "MMR"}, "MMR", "birth"),
        ({"CITIZEN": "TOTAL", "C_BIRTH": "LAO"}, "LAO", "birth"),
        ({"CITIZEN": "KHM", "C_BIRTH": "LAO"}, "", "unknown"),
        ({"CITIZEN": "TOTAL", "C_BIRTH": "_T"}, "", "unknown"),
        ({"COUNTERPART_AREA": "PHL"}, "PHL", "unknown"),
        ({"COUNTRY_BIRTH": "W"}, "W", "birth"),
    ],
)
def test_partner_and_criterion_are_those_of_the_one_dimension_that_names_one(
    columns: dict[str, str], partner: str, criterion: str
) -> None:
    fields = fields_of(REF_AREA="THA", **columns)
    assert (fields["published_partner"], fields["criterion"]) == (partner, criterion)
    assert fields["published_area"] == "THA"


@pytest.mark.parametrize(
    ("columns", "field", "expected"),
    [
        ({"AGE": "Y25T54"}, "ages", "25-54"),
        ({"AGE": "Y_LT15"}, "ages", "0-14"),
        ({"AGE": "_T"}, "ages", ""),
        ({"UNIT_MEASURE": "PS", "UNIT_MULT": "3"}, "unit", "PS x 10^3"),
        ({"UNIT_MEASURE": "PS", "UNIT_MULT": "0"}, "unit", "PS"),
        ({"UNIT": "NR"}, "unit", "NR"),
        ({"OBS_STATUS": "E"}, "method", "estimated"),
        ({"OBS_STATUS": "A"}, "method", ""),
        ({"OBS_STATUS": "B"}, "symbol", "B"),
        ({"OBS_COMMENT": "old base", "COMMENT_TS": "census"}, "notes", "old base | census"),
        ({"TIME_PERIOD": "2019"}, "reference_date", ""),
        ({"TIME_PERIOD": "2019-12-31"}, "reference_date", "2019-12-31"),
        ({"TIME_PERIOD": "2019-04-01/P1Y"}, "reference_date", "2019-04-01/2020-03-31"),
    ],
)
def test_a_component_states_its_field(
    columns: dict[str, str], field: str, expected: str
) -> None:
    assert fields_of(**columns)[field] == expected


def test_order_and_repetition_of_figures_change_nothing() -> None:
    frame = pd.DataFrame(
        {
            "CITIZENSHIP": ["MMR", "_Z", "MMR", "KHM"],
            "BIRTH_PLACE": ["_Z", "MMR", "_Z", "_Z"],
            "OBS_VALUE": ["1", "2", "3", "4"],
        },
        index=[7, 3, 9, 1],
    )
    components = Components(("CITIZENSHIP", "BIRTH_PLACE"))
    fields = stated_fields(Dataset(frame, components))
    assert fields["criterion"].to_dict() == {
        7: "citizenship",
        3: "birth",
        9: "citizenship",
        1: "citizenship",
    }
    backwards = stated_fields(Dataset(frame[::-1], components))
    assert backwards["published_partner"][::-1].equals(fields["published_partner"])


def ilostat(flow: str, **columns: str) -> dict[str, str]:
    """Record of one figure of ILOSTAT."""
    frame = pd.DataFrame(
        {"REF_AREA": ["LAO"], **{name: [text] for name, text in columns.items()}}
    )
    attributes: dict[str, tuple[str, ...]] = dict.fromkeys(columns, ())
    dataset = Dataset(frame, Components(("REF_AREA",), attributes=attributes))
    records = ilostat_records(dataset, Record(table=f"DF_{flow}"))
    return {name: str(records[name].iloc[0]) for name in RECORD_COLUMNS}


def test_ilostat_says_type_of_source_and_days_of_a_flow() -> None:
    record = ilostat("POP_MFLC_SEX_CCT_NB", TIME_PERIOD="2019", SOURCE="PC - Population Census")
    assert record["data_type"] == "PC"
    assert record["reference_date"] == "2019-01-01/2019-12-31"
    assert ilostat("EMP_MFRC_SEX_CCT_NB", TIME_PERIOD="2019")["reference_date"] == ""


def test_notes_of_ilostat_say_whom_a_figure_counts() -> None:
    note = "Population coverage: all | Age coverage - minimum age: 0"
    definition = "Definition of migrants: birth, refugees excluded"
    record = ilostat("POP_MFRB_SEX_CBR_NB", NOTE_SOURCE=note, NOTE_INDICATOR=definition)
    assert (record["scope"], record["ages"]) == ("all", "all")
    assert (record["criterion"], record["refugees"]) == ("birth", "excluded")
    assert record["notes"] == f"{note} | {definition}"

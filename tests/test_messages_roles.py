"""Without a structure, roles come from what the message shows of keys; a guess that joins rows is told."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilms_sdmx.messages import Message, read, read_batches
from ilms_sdmx.messages.xml.watching import Watch
from tests.generated import cells

M = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/"


def message(body: str, at: str = "TIME_PERIOD") -> bytes:
    return (
        f'<m:StructureSpecificData xmlns:m="{M}message" xmlns:s="{M}data/structurespecific"'
        f' xmlns:c="{M}common" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:n="urn:n">'
        f'<m:Header><m:ID>I</m:ID><m:Structure structureID="A" namespace="urn:n"'
        f' dimensionAtObservation="{at}"><c:StructureUsage><Ref agencyID="Q" id="DF_Q" version="1.0"/>'
        "</c:StructureUsage></m:Structure></m:Header>"
        f'<m:DataSet s:structureRef="A">{body}</m:DataSet></m:StructureSpecificData>'
    ).encode()


def series(key: str, *values: str) -> str:
    observations = "".join(
        f'<Obs TIME_PERIOD="{2000 + n}" OBS_VALUE="{v}"/>' for n, v in enumerate(values)
    )
    return f"<Series {key}>{observations}</Series>"


def rules(found: Message) -> dict[str, str]:
    return {finding.rule: finding.message for finding in found.report}


WITH = [series('PLACE="a" KIND="x"', "1", "2"), series('PLACE="b" KIND="x"', "3")]
EMPTY = '<Series PLACE="c" KIND="y" NOTE="nobody asked" COLLECTION="B"/>'


@pytest.mark.parametrize("place", range(3))
def test_a_series_without_observations_is_a_key_wherever_it_stands(place: int) -> None:
    body = [*WITH]
    body.insert(place, EMPTY)
    (found,) = read(message("".join(body)))
    assert found.components.dimensions == ("PLACE", "KIND", "TIME_PERIOD")
    assert found.observations["PLACE"].tolist() == ["a", "a", "b"]
    for name in ("NOTE", "COLLECTION"):
        assert found.observations[name].isna().all()
    (attached,) = found.attached.values()
    assert attached.to_dict("records") == [
        {"PLACE": "c", "KIND": "y", "NOTE": "nobody asked", "COLLECTION": "B"}
    ]


def test_many_series_then_one_without_observations() -> None:
    many = "".join(series(f'PLACE="p{n}" KIND="x"', *"12345") for n in range(4000))
    (found,) = read(message(many + EMPTY))
    assert found.components.dimensions == ("PLACE", "KIND", "TIME_PERIOD")
    assert len(found) == 20_000
    assert found.observations["NOTE"].isna().all()


@pytest.mark.parametrize("name", ["UNIT_MEASURE", "MARITAL_STATUS", "TITLE_CODE", "BASE_PER"])
def test_a_name_that_tells_series_apart_is_a_dimension(name: str) -> None:
    body = series(f'PLACE="a" {name}="EUR"', "1") + series(f'PLACE="a" {name}="USD"', "2")
    found = read(message(body))
    assert found.datasets[0].components.dimensions == ("PLACE", name, "TIME_PERIOD")
    assert f"{name} is taken as a dimension" in rules(found)["inferred-key"]


def test_a_name_that_tells_observations_of_a_flat_message_apart_is_a_dimension() -> None:
    row = '<Obs PLACE="a" UNIT="{}" TIME_PERIOD="2001" OBS_VALUE="{}" OBS_STATUS="{}"/>'
    body = row.format("h", 1, "A") + row.format("d", 2, "A")
    found = read(message(body, "AllDimensions"))
    assert found.datasets[0].components.dimensions == ("PLACE", "UNIT", "TIME_PERIOD")
    assert "inferred-key" in rules(found)


def test_what_tells_nothing_apart_stays_an_attribute() -> None:
    body = series('PLACE="a" UNIT="EUR" TITLE="In a"', "1", "2") + series(
        'PLACE="b" UNIT="USD" TITLE="In b"', "2"
    )
    found = read(message(body))
    assert found.datasets[0].components.dimensions == ("PLACE", "TIME_PERIOD")
    assert "inferred-key" not in rules(found)


def test_texts_that_differ_are_told_and_no_dimension() -> None:
    body = series('PLACE="a" TITLE="As first sent"', "1") + series(
        'PLACE="a" TITLE="As corrected, later"', "2"
    )
    found = read(message(body))
    assert found.datasets[0].components.dimensions == ("PLACE", "TIME_PERIOD")
    assert "1 keys come again with other values of TITLE" in rules(found)["inferred-key"]


@pytest.mark.parametrize("size", [1, 100])
def test_a_group_concerns_the_rows_of_its_whole_key(size: int) -> None:
    group = '<Group xsi:type="n:Part" PLACE="a" UNIT="PC" TITLE="per cent"/>'
    body = (
        group
        + series('KIND="x" PLACE="a" UNIT="EUR"', "1")
        + series('KIND="x" PLACE="a" UNIT="PC"', "2")
    )
    found = read(message(body))
    assert found.datasets[0].components.dimensions == ("KIND", "PLACE", "UNIT", "TIME_PERIOD")
    assert cells(found.datasets[0])["TITLE"] == [None, "per cent"]
    assert "groups and series both name it" in rules(found)["inferred-key"]
    with read_batches(message(body), size=size) as batches:
        titles = [title for batch in batches for title in cells(batch)["TITLE"]]
    assert titles == [None, "per cent"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from("ABC")] * 4), min_size=1, max_size=40))
def test_a_watch_counts_keys_as_a_set_of_them_does(rows: list[tuple[str, ...]]) -> None:
    names = ["AREA", "SEX", "UNIT", "NOTE"]
    watch = Watch()
    middle = len(rows) // 2
    for part in (rows[:middle], rows[middle:]):
        if part:
            columns = dict(zip(names, map(pa.array, zip(*part, strict=True)), strict=True))
            watch.add(columns)
    shorter = {row[:2] for row in rows}
    with_unit = {row[:3] for row in rows}
    telling = watch.telling(names[:2], ["UNIT"])
    assert telling == (["UNIT"] if len(with_unit) > len(shorter) else [])
    assert watch.repeated(names[:2], ["UNIT", "NOTE"]) == len(set(rows)) - len(shorter)

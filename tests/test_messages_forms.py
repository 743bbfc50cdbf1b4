"""Forms in which messages arrive, and what must not depend on them: archives, Excel's line, keys alone."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ilms_sdmx import Components, IncompleteError, MessageError
from ilms_sdmx.cli import run
from ilms_sdmx.messages import read, read_batches
from tests.generated import cells

PLACES = Components(("PLACE", "TIME_PERIOD"), attributes={"TITLE": ("PLACE",)})
TABLE = b"DATAFLOW;PLACE;TIME_PERIOD;OBS_VALUE\r\nA:B(1.0);n;2020;1,5\r\nA:B(1.0);s;2021;2\r\n"


@pytest.mark.parametrize("beside", [".DS_Store", "in/.hidden", "__MACOSX/._m.csv", "Thumbs.db"])
def test_what_a_desktop_adds_to_an_archive_is_no_message(beside: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(beside, "bytes of a desktop")
        archive.writestr("in/m.csv", TABLE)
    assert cells(read(buffer.getvalue()).datasets[0])["OBS_VALUE"] == ["1.5", "2"]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line", ["sep=;\r\n", "SEP=;\n", '"sep=;"\n'])
def test_the_line_with_which_excel_begins_is_no_row(line: str, mark: str) -> None:
    (found,) = read((mark + line).encode() + TABLE)
    assert cells(found)["PLACE"] == ["n", "s"]
    ragged = TABLE + b"A:B(1.0);w;2021\r\n"
    with pytest.raises(MessageError, match=r"line 5: expected 4 fields"):
        read(line.encode() + ragged)


@pytest.mark.parametrize("columns", ["PLACE", "PLACE,TITLE", "TITLE,PLACE"])
def test_keys_without_observations_are_kept(columns: str) -> None:
    fields = columns.lower()
    text = f"STRUCTURE,STRUCTURE_ID,ACTION,{columns}\ndataflow,A:B(1.0),R,{fields}\n"
    (found,) = read(text.encode(), PLACES)
    assert len(found) == 0
    expected = {"PLACE": "place"}
    if "TITLE" in columns:
        expected["TITLE"] = "title"
    assert found.attached[("PLACE",)].to_dict("records") == [expected]


M = "http://www.sdmx.org/resources/sdmxml/schemas/"


def series_message(series: str) -> bytes:
    return (
        f'<m:StructureSpecificData xmlns:m="{M}v2_1/message" xmlns:s="{M}v2_1/data/structurespecific">'
        '<m:Header><m:ID>K</m:ID><m:Structure structureID="A" dimensionAtObservation="TIME_PERIOD"/>'
        f'</m:Header><m:DataSet s:structureRef="A">{series}</m:DataSet></m:StructureSpecificData>'
    ).encode()


KEYS = '<Series PLACE="n"/><Series PLACE="s"><Obs TIME_PERIOD="2020" OBS_VALUE="1"/></Series>'


def test_a_series_of_nothing_but_its_key_is_kept() -> None:
    (found,) = read(series_message(KEYS))
    assert cells(found)["PLACE"] == ["s"]
    assert found.attached[("PLACE",)].to_dict("records") == [{"PLACE": "n"}]


@pytest.mark.parametrize(
    ("title", "shown"), [("", "  PLACE n\n"), (' TITLE="North"', "  PLACE n: TITLE North\n")]
)
def test_cat_tells_keys_without_observations(
    title: str, shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "keys.xml"
    path.write_bytes(series_message(KEYS.replace('"n"', f'"n"{title}')))
    assert run(["cat", "--csv", str(path)]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[1].startswith("s,2020,1")
    assert f"1 key has no observation:\n{shown}" in captured.err


def test_cat_lists_no_more_keys_than_a_person_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "keys.xml"
    path.write_bytes(series_message("".join(f'<Series PLACE="p{n}"/>' for n in range(50))))
    run(["cat", str(path)])
    captured = capsys.readouterr()
    assert "50 keys have no observation" in captured.err
    assert captured.err.rstrip().endswith("and 30 more")


# --- answers of JSON ---


def json_message(structure: dict[str, Any], data_set: dict[str, Any], **more: Any) -> bytes:
    data = {"structures": [structure], "dataSets": [{"structure": 0, **data_set}]}
    schema = "https://example.org/2.0.0/sdmx-json-data-schema.json"
    return json.dumps({"meta": {"schema": schema, "id": "J"}, "data": data, **more}).encode()


def dimension(id: str, place: int, *codes: str) -> dict[str, Any]:
    return {"id": id, "keyPosition": place, "values": [{"id": code} for code in codes]}


@pytest.mark.parametrize("command", ["cat", "inspect", "validate", "transform"])
@pytest.mark.parametrize("data", ["absent", "empty"])
def test_errors_of_json_end_every_command_with_2_and_the_text(
    command: str, data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer: dict[str, Any] = {"errors": [{"code": 510, "title": "the answer is too long"}]}
    if data == "empty":
        answer["data"] = {"dataSets": []}
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(answer), encoding="utf-8")
    targets = [str(tmp_path / "t.csv")] if command == "transform" else []
    assert run([command, str(path), *targets]) == 2
    captured = capsys.readouterr()
    assert "the answer is too long" in captured.out + captured.err


def test_an_error_message_of_xml_is_no_broken_file() -> None:
    answer = (
        f'<m:Error xmlns:m="{M}v2_1/message" xmlns:c="{M}v2_1/common"><m:ErrorMessage code="130">'
        "<c:Text>ask for less</c:Text></m:ErrorMessage></m:Error>"
    )
    with pytest.raises(IncompleteError, match="error 130: ask for less"):
        read(answer.encode())


def test_a_dimension_without_a_place_in_the_key_is_refused() -> None:
    structure = {
        "dimensions": {
            "dimensionGroup": [dimension("KIND", 0, "x", "y")],
            "observation": [dimension("TIME_PERIOD", 1, "2020")],
        }
    }
    with pytest.raises(MessageError, match="KIND: a key has no place"):
        read(json_message(structure, {"observations": {"0": [1]}}))


def test_an_attribute_may_be_on_the_data_set_and_on_some_series() -> None:
    structure = {
        "dimensions": {
            "series": [dimension("PLACE", 0, "n", "s", "w")],
            "observation": [dimension("TIME_PERIOD", 1, "2020", "2021")],
        },
        "attributes": {
            "dataSet": [{"id": "TITLE"}],
            "series": [{"id": "TITLE"}],
            "observation": [{"id": "TITLE", "values": [{"id": "obs"}]}],
        },
    }
    series = {
        "0": {"attributes": ["own"], "observations": {"0": [1, None], "1": [2, 0]}},
        "1": {"attributes": [None], "observations": {"0": [3]}},
        "2": {"observations": {"1": [4, 0]}},
    }
    message = json_message(structure, {"attributes": ["of all"], "series": series})
    assert cells(read(message).datasets[0])["TITLE"] == ["own", "obs", "of all", "obs"]
    twice = message.replace(b'"id": "PLACE"', b'"id": "TITLE"')
    with pytest.raises(MessageError, match="TITLE twice"):
        read(twice)


# --- groups of SDMX-ML 2.0 ---


def old_message(count: int, *, around: bool, behind: bool = False) -> bytes:
    """SDMX-ML 2.0 with series inside their groups, or the groups behind all series."""
    body = ""
    groups = ""
    for place in range(3):
        series = "".join(
            f'<n:Series PLACE="p{place}" KIND="k{n}"><n:Obs TIME_PERIOD="2001" OBS_VALUE="{n}"/></n:Series>'
            for n in range(count)
        )
        start = f'<n:Area PLACE="p{place}" TITLE="Place {place}"'
        if around:
            body += f"{start}>{series}</n:Area>"
        else:
            body += series
            groups += f"{start}/>"
    body = body + groups if behind else groups + body
    return (
        f'<CompactData xmlns="{M}v2_0/message" xmlns:n="urn:n"><Header><ID>O</ID></Header>'
        f"<n:DataSet>{body}</n:DataSet></CompactData>"
    ).encode()


@pytest.mark.parametrize("count", [1, 30, 9_000])
def test_groups_of_2_0_may_hold_many_series(count: int) -> None:
    (found,) = read(old_message(count, around=True))
    titles = cells(found)["TITLE"]
    assert titles == [f"Place {place}" for place in range(3) for _ in range(count)]


@pytest.mark.parametrize(
    "inside",
    ["<Group>{}", "<Group A='x'><Group A='y'/>{}", "<Comp id='N'>{}", "<Series>{}<Atts>"],
)
def test_an_element_around_records_that_never_ends_is_refused(inside: str) -> None:
    record = '<Series PLACE="p{0}"><Obs TIME_PERIOD="2001" OBS_VALUE="{0}"/></Series>'
    records = "".join(record.format(n) for n in range(60))
    with pytest.raises(MessageError):
        read(series_message(inside.format(records)))
    broken = series_message(records).replace(b"<m:DataSet", b"<m:Other><m:DataSet")
    with pytest.raises(MessageError, match="mismatched tag"):
        read(broken)


@pytest.mark.parametrize("arguments", [["cat", "--csv", "-n", "2"], ["inspect"]])
def test_commands_read_late_groups_of_2_0_whole(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "old.xml"
    path.write_bytes(old_message(34_000, around=False, behind=True))
    with read_batches(path) as batches:
        assert batches.groups_may_be_late
    assert run([*arguments, str(path)]) == 0
    shown = capsys.readouterr().out
    assert "Place 0" in shown or "102,000 values" in shown

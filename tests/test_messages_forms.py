"""Forms in which messages arrive, and what must not depend on them: archives, Excel's line, keys alone."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from ilms_sdmx import Components, Dataset, Header, IncompleteError, MessageError
from ilms_sdmx.cli import run
from ilms_sdmx.messages import StructureReference, read, read_batches, to_arrow, write
from tests.generated import cells

XSI = "http://www.w3.org/2001/XMLSchema-instance"
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


def late_group_of_2_1(count: int) -> bytes:
    """Message of 2.1 whose groups come behind their rows, which its schema does not allow."""
    series = "".join(
        f'<Series PLACE="p{place}" KIND="k">'
        + "".join(f'<Obs TIME_PERIOD="{1000 + n}" OBS_VALUE="{n}"/>' for n in range(count))
        + "</Series>"
        for place in range(3)
    )
    groups = "".join(
        f'<Group xsi:type="g:Kin" PLACE="p{place}" TITLE="Title {place}"/>'
        for place in range(3)
    )
    namespaces = f'xmlns:xsi="{XSI}" xmlns:g="urn:g" xmlns:c="{M}v2_1/common" xmlns:s='
    flow = (
        'D"><c:StructureUsage><Ref agencyID="X" id="DF" version="1.0"/></c:StructureUsage>'
        "</m:Structure>"
    )
    text = series_message(series + groups).decode()
    text = text.replace("xmlns:s=", namespaces, 1)
    return text.replace('D"/>', flow, 1).encode()


@pytest.mark.parametrize("arguments", [[], ["--csv"], ["--csv", "-n", "40000"]])
def test_cat_reads_late_groups_of_2_1_whole_before_it_prints(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "late.xml"
    path.write_bytes(late_group_of_2_1(40_000))
    run(["cat", *arguments, str(path)])
    out, err = capsys.readouterr()
    assert "LateGroup" not in err
    assert "comes after rows" not in err
    assert "Title 0" in out
    if arguments == ["--csv"]:
        rows = out.splitlines()[1:]
        assert len(rows) == 120_000
        assert all("Title" in row for row in rows)


@pytest.mark.parametrize("command", ["cat", "inspect"])
def test_a_packed_message_with_late_groups_is_refused_with_a_way_out(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "late.xml.gz"
    path.write_bytes(gzip.compress(late_group_of_2_1(40_000)))
    code = run([command, str(path)])
    err = capsys.readouterr().err
    assert code in (0, 1) if command == "inspect" else "ilms-sdmx transform" in err
    target = tmp_path / "whole.xml"
    run(["transform", str(path), str(target)])
    assert cells(read(target).datasets[0])["TITLE"].count("Title 2") == 40_000


# --- data that refer to nothing, with a structure ---


def structure_file(folder: Path, *, flow: bool) -> Path:
    """Structure message of places and kinds, with a dataflow or without."""
    space = f"{M}v2_1/"
    reference = '<Ref agencyID="NSO" id="PLACES" version="2.0"/>'
    flows = (
        '<s:Dataflows><s:Dataflow id="DF_PLACES" agencyID="NSO" version="1.0"><c:Name>Places</c:Name>'
        f"<s:Structure>{reference}</s:Structure></s:Dataflow></s:Dataflows>"
    )
    codes = (
        '<s:Codelists><s:Codelist id="CL_KIND" agencyID="NSO" version="1.0"><c:Name>Kinds</c:Name>'
        '<s:Code id="k0"><c:Name xml:lang="en">Work: paid</c:Name></s:Code></s:Codelist></s:Codelists>'
    )
    concepts = (
        '<s:Concepts><s:ConceptScheme id="CS" agencyID="NSO" version="1.0"><c:Name>C</c:Name>'
        '<s:Concept id="KIND"><c:Name xml:lang="en">Kind of stay</c:Name></s:Concept>'
        "</s:ConceptScheme></s:Concepts>"
    )
    kind = (
        '<s:Dimension id="KIND" position="2"><s:ConceptIdentity><Ref id="KIND" maintainableParentID="CS"'
        ' maintainableParentVersion="1.0" agencyID="NSO"/></s:ConceptIdentity><s:LocalRepresentation>'
        '<s:Enumeration><Ref id="CL_KIND" agencyID="NSO" version="1.0"/></s:Enumeration>'
        "</s:LocalRepresentation></s:Dimension>"
    )
    text = (
        f'<m:Structure xmlns:m="{space}message" xmlns:s="{space}structure" xmlns:c="{space}common">'
        "<m:Header><m:ID>S</m:ID><m:Test>false</m:Test><m:Prepared>2026-02-03T00:00:00</m:Prepared>"
        f'<m:Sender id="NSO"/></m:Header><m:Structures>{flows if flow else ""}{codes}{concepts}'
        '<s:DataStructures><s:DataStructure id="PLACES" agencyID="NSO" version="2.0">'
        '<c:Name>Places</c:Name><s:DataStructureComponents><s:DimensionList id="D">'
        f'<s:Dimension id="PLACE" position="1"/>{kind}<s:TimeDimension id="TIME_PERIOD" position="3"/>'
        '</s:DimensionList><s:MeasureList id="M"><s:PrimaryMeasure id="OBS_VALUE"/></s:MeasureList>'
        "</s:DataStructureComponents></s:DataStructure></s:DataStructures></m:Structures></m:Structure>"
    )
    path = folder / "structure.xml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("flow", [True, False])
@pytest.mark.parametrize("suffix", ["xml", "csv", "json"])
def test_data_of_2_0_that_refer_to_nothing_are_rewritten_under_the_structure_given(
    suffix: str, flow: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "old.xml", tmp_path / f"new.{suffix}"
    source.write_bytes(old_message(2, around=False))
    structure = structure_file(tmp_path, flow=flow)
    options = ["-f", "sdmx-csv-2.0"] if suffix == "csv" else []
    run(["transform", str(source), str(target), "-s", str(structure), *options])
    (found,) = read(target)
    assert found.dataflow == ("NSO:DF_PLACES(1.0)" if flow else "")
    assert len(found) == 6
    if not flow:
        assert found.structure == "NSO:PLACES(2.0)"


def test_a_dataflow_of_the_package_is_what_data_refer_to_that_refer_to_nothing() -> None:
    codes = "KHM,A,POP_MNAO_NB,SEX_F,CDS_DES_TOTAL,2021,1"
    text = f"STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,FREQ,MEASURE,SEX,CDS,TIME_PERIOD,OBS_VALUE\ndataflow,,R,{codes}\n"
    (found,) = read(text.encode(), "DF_POP_MNAO_SEX_CDS_NB")
    assert found.dataflow == "ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)"


@pytest.mark.parametrize("form", ["path", "text", "bytes", "sdmx1"])
@pytest.mark.parametrize("labels", ["both", "name"])
def test_labels_have_the_names_of_the_structure_that_is_given(
    labels: str, form: str, tmp_path: Path
) -> None:
    path = structure_file(tmp_path, flow=True)
    given: Any = {"path": path, "text": str(path), "bytes": path.read_bytes()}.get(form)
    if given is None:
        import sdmx

        given = sdmx.read_sdmx(io.BytesIO(path.read_bytes()))
    columns = {"PLACE": ["n"], "KIND": ["k0"], "TIME_PERIOD": ["2020"], "OBS_VALUE": ["1"]}
    dataset = Dataset(
        pd.DataFrame(columns, dtype="string"),
        Components(("PLACE", "KIND", "TIME_PERIOD")),
        "NSO:DF_PLACES(1.0)",
    )
    buffer = io.BytesIO()
    report = write(dataset, buffer, "sdmx-csv-2.0", structure=given, labels=labels)
    assert not report.of_rule("names-left-out")
    expected = "KIND: Kind of stay" if labels == "both" else "KIND,Kind of stay"
    assert expected in buffer.getvalue().decode()
    assert "Work: paid" in buffer.getvalue().decode()
    assert cells(read(buffer.getvalue()).datasets[0])["KIND"] == ["k0"]


# --- SDMX 1.0, groups of messages ---


@pytest.mark.parametrize("version", ["v1_0", "v2_0"])
def test_compact_data_of_old_versions_are_read(version: str) -> None:
    text = old_message(4, around=False).replace(b"v2_0", version.encode())
    message = read(text)
    assert message.format == f"sdmx-ml-{version[1]}.0-compact"
    assert cells(message.datasets[0])["TITLE"][0] == "Place 0"


def group_of_messages(space: str, inside: str) -> bytes:
    return (
        f'<MessageGroup xmlns="{M}v2_0/message" xmlns:n="{space}"><Header><ID>G</ID></Header>'
        f"<n:DataSet>{inside}</n:DataSet><n:DataSet>{inside}</n:DataSet></MessageGroup>"
    ).encode()


def test_a_group_of_messages_holds_data_sets_of_the_kind_of_their_namespace() -> None:
    compact = '<n:Series PLACE="n"><n:Obs TIME_PERIOD="2001" OBS_VALUE="1"/></n:Series>'
    message = read(group_of_messages("urn:sdmx:places:compact", compact))
    assert message.format == "sdmx-ml-2.0-compact"
    assert [len(dataset) for dataset in message] == [1, 1]
    generic = (
        '<n:Series><n:SeriesKey><n:Value concept="PLACE" value="n"/></n:SeriesKey><n:Obs>'
        '<n:Time>2001</n:Time><n:ObsValue value="1"/></n:Obs></n:Series>'
    )
    message = read(group_of_messages(f"{M}v2_0/generic", generic))
    assert message.format == "sdmx-ml-2.0-generic"
    assert cells(message.datasets[1])["PLACE"] == ["n"]
    with pytest.raises(MessageError, match="data set in namespace"):
        read(group_of_messages(f"{M}v2_0/utility", ""))


# --- Arrow ---


def arrow_table() -> pa.Table:
    return pa.table(
        {
            "PLACE": pa.array(["n", "s", "n"]).dictionary_encode(),
            "TIME_PERIOD": pa.array([2020, 2020, 2021]),
            "OBS_VALUE": pa.array([1.5, None, 2.0]),
            "TITLE": pa.array(["North", None, "North"], pa.large_string()),
        }
    )


class Streamed:
    """What gives a stream of Arrow and nothing else, as a frame of Polars or a result of DuckDB."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def arrow_forms() -> dict[str, Any]:
    table = arrow_table()
    views = table.set_column(3, "TITLE", table.column("TITLE").cast(pa.string_view()))
    return {
        "table": table,
        "batch": table.to_batches()[0],
        "batches": table.to_batches(max_chunksize=2),
        "reader": table.to_reader(max_chunksize=2),
        "stream": Streamed(views),
        "pandas": table.to_pandas(),
    }


@pytest.mark.parametrize("form", arrow_forms())
@pytest.mark.parametrize("format", ["sdmx-ml-2.1", "sdmx-csv-2.0", "sdmx-json-2.0"])
def test_arrow_is_written_as_a_frame_is(form: str, format: str) -> None:
    buffer = io.BytesIO()
    data = Dataset(pd.DataFrame(), PLACES, "A:B(1.0)")
    header = Header(structures=(StructureReference("S1", "dataflow", data.dataflow),))
    dsd = structure_of_places()
    write(arrow_forms()[form], buffer, format, structure=dsd, header=header, layout="flat")
    found = cells(read(buffer.getvalue(), PLACES).datasets[0])
    assert found["TIME_PERIOD"] == ["2020", "2020", "2021"]
    assert found["TITLE"] == ["North", None, "North"]
    assert found["OBS_VALUE"][0] in ("1.5", "1.50")
    assert found["OBS_VALUE"][1] is None


def structure_of_places() -> bytes:
    space = f"{M}v2_1/"
    return (
        f'<m:Structure xmlns:m="{space}message" xmlns:s="{space}structure" xmlns:c="{space}common">'
        '<m:Structures><s:DataStructures><s:DataStructure id="P" agencyID="A" version="1.0">'
        '<s:DataStructureComponents><s:DimensionList><s:Dimension id="PLACE"/>'
        '<s:TimeDimension id="TIME_PERIOD"/></s:DimensionList><s:AttributeList><s:Attribute id="TITLE">'
        '<s:AttributeRelationship><s:Dimension><Ref id="PLACE"/></s:Dimension></s:AttributeRelationship>'
        '</s:Attribute></s:AttributeList><s:MeasureList><s:PrimaryMeasure id="OBS_VALUE"/></s:MeasureList>'
        "</s:DataStructureComponents></s:DataStructure></s:DataStructures></m:Structures></m:Structure>"
    ).encode()


def test_what_was_made_arrow_is_written_without_a_structure() -> None:
    frame = pd.DataFrame(
        {"PLACE": ["n"], "TIME_PERIOD": ["2020"], "OBS_VALUE": ["1.10"], "TITLE": [None]},
        dtype="string",
    )
    dataset = Dataset(frame, PLACES, "A:B(1.0)", action="Append")
    for made in (to_arrow(dataset), pa.table(dataset)):
        buffer = io.BytesIO()
        write(made, buffer, "sdmx-csv-2.0")
        (found,) = read(buffer.getvalue(), PLACES)
        assert cells(found) == cells(dataset)
        assert (found.dataflow, found.action) == (dataset.dataflow, dataset.action)
    with pytest.raises(MessageError, match="needs `structure`"):
        write(arrow_table(), io.BytesIO(), "sdmx-csv-2.0")


@pytest.mark.parametrize("count", [1, 40, 700])
def test_data_sets_of_2_0_are_kept_apart(count: int) -> None:
    series = '<n:Series PLACE="p{}"><n:Obs TIME_PERIOD="2001" OBS_VALUE="1"/></n:Series>'
    inside = "".join(series.format(n) for n in range(count))
    text = (
        f'<CompactData xmlns="{M}v2_0/message" xmlns:n="urn:n"><Header><ID>O</ID></Header>'
        f"<n:DataSet>{inside}</n:DataSet><n:DataSet>{inside}</n:DataSet></CompactData>"
    )
    assert [len(dataset) for dataset in read(text.encode())] == [count, count]


@pytest.mark.parametrize("suffix", ["json", "xml", "csv"])
def test_transform_of_an_error_without_data_ends_with_its_text(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    space = f"{M}v2_1/message"
    footer = (
        f'<f:Footer xmlns:f="{space}/footer"><f:Message code="413" severity="Error">'
        f'<c:Text xmlns:c="{M}v2_1/common">ask for less</c:Text></f:Message></f:Footer>'
    )
    end = "</m:StructureSpecificData>"
    text = series_message("").decode().replace(end, footer + end)
    path = tmp_path / "error.xml"
    path.write_text(text, encoding="utf-8")
    target = tmp_path / f"t.{suffix}"
    assert run(["transform", str(path), str(target)]) == 2
    assert "ask for less" in capsys.readouterr().err
    assert not target.exists()

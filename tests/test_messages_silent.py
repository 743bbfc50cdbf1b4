"""What was once read or written wrongly without a word: labels, records without end, measures, names."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, LateGroupError, MessageError
from ilms_sdmx.cli import run
from ilms_sdmx.messages import read, read_batches, write
from tests.generated import cells

M = "http://www.sdmx.org/resources/sdmxml/schemas/"


def rows(text: str) -> list[dict[str, str]]:
    (found,) = read(text.encode())
    return found.observations.to_dict("records")


@pytest.mark.parametrize(
    "note",
    ["Census: first round", "Estimated: based on 2019: see annex", "Quelle: Amt für Statistik"],
)
def test_a_text_with_a_colon_stays_whole_next_to_codes_with_labels(note: str) -> None:
    text = (
        "DATAFLOW: Flow,GEO: Place,TIME_PERIOD: Time,OBS_VALUE: Value,REMARK: Remark,OBS_STATUS: Status\n"
        f"A:B(1.0): Flow,X1: North,2020,1,{note},E: Estimated\n"
        f"A:B(1.0): Flow,X2: South: rural,2020,2,{note} (2),b: Break\n"
    )
    first, second = rows(text)
    assert (first["REMARK"], second["REMARK"]) == (note, f"{note} (2)")
    assert (first["OBS_STATUS"], second["OBS_STATUS"]) == ("E", "b")
    assert second["GEO"] == "X2"


HEAD = "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION"
START = "dataflow,A:B(1.0),Flow,R"


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("GEO,SEX,OBS_VALUE,UNIT", "X,F,3,h"),
        (
            "GEO,Place,SEX,Sex,OBS_VALUE,Observation value,UNIT,Unit of measure",
            "X,North,F,Female,3,,h,Hours",
        ),
        ("GEO,Place,SEX,OBS_VALUE,UNIT,Unit of measure", "X,North,F,3,h,Hours"),
        ("GEO,GEO,SEX,Sex,OBS_VALUE,OBS_VALUE,UNIT,UNIT", "X,North,F,Female,3,,h,Hours"),
        (
            "geo,Place,sex,Sex,OBS_VALUE,Value,unit,Einheit für Werte",
            "X,North,F,Female,3,,h,Hours",
        ),
    ],
)
def test_columns_of_names_are_told_by_their_headings(heading: str, fields: str) -> None:
    (found,) = rows(f"{HEAD},{heading}\n{START},{fields}\n")
    assert {name.upper(): value for name, value in found.items()} == {
        "GEO": "X",
        "SEX": "F",
        "OBS_VALUE": "3",
        "UNIT": "h",
    }


@pytest.mark.parametrize("sign", ["\0", "\x01", "\x1f", "\x0b"])
def test_a_control_character_is_no_separator(sign: str) -> None:
    with pytest.raises(MessageError, match=r"line 1: expected a separator"):
        read(f"DATAFLOW{sign},GEO,OBS_VALUE\nA:B(1.0),X,1\n".encode())


def flat(records: list[str], version: str = "v2_1") -> bytes:
    return (
        f'<m:StructureSpecificData xmlns:m="{M}{version}/message" xmlns:s="{M}{version}/data/structurespecific">'
        '<m:Header><m:ID>L</m:ID><m:Structure structureID="A" dimensionAtObservation="AllDimensions"/></m:Header>'
        f'<m:DataSet s:structureRef="A">{chr(10).join(records)}</m:DataSet></m:StructureSpecificData>'
    ).encode()


@pytest.mark.parametrize("length", [100, 66_000, 300_000])
@pytest.mark.parametrize("place", [0, 17, 59])
def test_a_record_without_its_end_is_refused(length: int, place: int) -> None:
    records = [f'<Obs GEO="g{n}" TIME_PERIOD="2001" OBS_VALUE="{n}"/>' for n in range(60)]
    records[place] = f'<Obs GEO="{"z" * length}" TIME_PERIOD="2001" OBS_VALUE="1">'
    with pytest.raises(MessageError, match="line"):
        read(flat(records))


@pytest.mark.parametrize("count", [1, 9, 400])
def test_bytes_that_are_no_utf8_in_an_id_are_refused(count: int) -> None:
    value = '<g:Value id="A\xd1O" value="x{}"/>'
    series = "".join(
        f"<g:Series><g:SeriesKey>{value.format(n)}</g:SeriesKey><g:Obs><g:ObsDimension value='2001'/>"
        "<g:ObsValue value='1'/></g:Obs></g:Series>\n"
        for n in range(count)
    )
    text = (
        f'<m:GenericData xmlns:m="{M}v2_1/message" xmlns:g="{M}v2_1/data/generic">'
        f"<m:DataSet>{series}</m:DataSet></m:GenericData>"
    )
    with pytest.raises(MessageError, match="line 1"):
        read(text.encode("latin-1"))


def test_measures_of_3_0_are_found_without_a_structure() -> None:
    records = [
        f'<Obs GEO="g{n}" TIME_PERIOD="2001" MEN="{n}" WOMEN="2" OBS_STATUS="A"/>'
        for n in range(3)
    ]
    (found,) = read(flat(records, "v3_0"))
    assert found.components.dimensions == ("GEO", "TIME_PERIOD")
    assert found.components.measures == ("MEN", "WOMEN")
    assert list(found.components.attributes) == ["OBS_STATUS"]


TWO = Components(("GEO", "TIME_PERIOD"), ("MEN", "WOMEN"))
PAIR = Dataset(
    pd.DataFrame(
        {"GEO": ["a"], "TIME_PERIOD": ["2020"], "MEN": ["1.0"], "WOMEN": ["2"]}, dtype="string"
    ),
    TWO,
    "A:B(1.0)",
)


@pytest.mark.parametrize(
    "format", ["sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-csv-1.0", "sdmx-json-1.0"]
)
def test_formats_of_2_1_refuse_several_measures(format: str) -> None:
    with pytest.raises(MessageError, match="measure"):
        write(PAIR, io.BytesIO(), format)
    buffer = io.BytesIO()
    write(PAIR, buffer, "sdmx-ml-3.0")
    assert cells(read(buffer.getvalue(), TWO).datasets[0]) == cells(PAIR)


ONE = Dataset(
    pd.DataFrame({"GEO": ["a"], "TIME_PERIOD": ["2020"], "OBS_VALUE": ["1.0"]}, dtype="string"),
    Components(("GEO", "TIME_PERIOD")),
    "A:B(1.0)",
)


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("x.csv", "sdmx-csv-1.0"),
        ("x.JSON", "sdmx-json-2.0"),
        ("x.xml.gz", "sdmx-ml-2.1"),
        ("a.b.csv.gz", "sdmx-csv-1.0"),
    ],
)
def test_the_name_of_a_file_says_its_format(name: str, format: str, tmp_path: Path) -> None:
    write(ONE, tmp_path / name)
    assert read(tmp_path / name).format == format
    write(ONE, str(tmp_path / name), "sdmx-ml-3.0")
    assert read(tmp_path / name).format == "sdmx-ml-3.0"


def test_a_name_that_says_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MessageError, match="which format to write"):
        write(ONE, tmp_path / "x.dat")
    assert not list(tmp_path.iterdir())
    write(ONE, io.BytesIO())


@pytest.mark.parametrize("labels", ["name", "both"])
def test_labels_have_the_names_of_the_shipped_structure(labels: str) -> None:
    frame = pd.DataFrame(
        {
            "REF_AREA": ["KHM"],
            "FREQ": ["A"],
            "MEASURE": ["POP_MNAO_NB"],
            "SEX": ["SEX_F"],
            "CDS": ["CDS_DES_TOTAL"],
            "TIME_PERIOD": ["2021"],
            "OBS_VALUE": ["3.50"],
        },
        dtype="string",
    )
    names = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD")
    dataset = Dataset(frame, Components(names), "ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)")
    buffer = io.BytesIO()
    report = write(dataset, buffer, "sdmx-csv-2.0", labels=labels)
    text = buffer.getvalue().decode()
    assert "Cambodia" in text
    assert "Female" in text
    assert not report.of_rule("names-left-out")
    assert cells(read(buffer.getvalue()).datasets[0]) == cells(dataset)


def test_labels_without_names_are_told() -> None:
    report = write(ONE, io.BytesIO(), "sdmx-csv-2.0", labels="both")
    assert (
        "There are no names for A:B(1.0)"
        in report.of_rule("names-left-out").findings[0].message
    )


def old_message(groups_first: bool, count: int = 40) -> bytes:
    """SDMX-ML 2.0 with the titles of places before or behind the series."""
    series = "".join(
        f'<Series GEO="g{n % 4}" KIND="k{n}"><Obs TIME_PERIOD="2001" OBS_VALUE="{n}"/></Series>'
        for n in range(count)
    )
    groups = "".join(f'<Places GEO="g{n}" TITLE="Place {n}"/>' for n in range(4))
    body = groups + series if groups_first else series + groups
    data_set = body.replace("<", "<n:").replace("<n:/", "</n:")
    header = (
        "<ID>O</ID><KeyFamilyRef>PLACES</KeyFamilyRef><KeyFamilyAgency>NSO</KeyFamilyAgency>"
    )
    return (
        f'<CompactData xmlns="{M}v2_0/message" xmlns:n="urn:n"><Header>{header}</Header>'
        f"<n:DataSet>{data_set}</n:DataSet></CompactData>"
    ).encode()


def test_groups_behind_their_rows_are_never_lost(tmp_path: Path) -> None:
    expected = [f"Place {n % 4}" for n in range(40)]
    for first in (True, False):
        assert cells(read(old_message(first)).datasets[0])["TITLE"] == expected
    with read_batches(old_message(True), size=7) as batches:
        assert [title for batch in batches for title in cells(batch)["TITLE"]] == expected
    with (
        pytest.raises(LateGroupError, match="TITLE of a group"),
        read_batches(old_message(False), size=7) as batches,
    ):
        list(batches)


def test_transform_reads_a_message_with_late_groups_whole(tmp_path: Path) -> None:
    source, target = tmp_path / "old.xml", tmp_path / "new.csv"
    source.write_bytes(old_message(False, 240_000))
    assert run(["transform", str(source), str(target), "-f", "sdmx-csv-2.0"]) == 0
    titles = read(target).datasets[0].observations["TITLE"]
    assert len(titles) == 240_000
    assert titles.notna().all()


def test_an_attribute_of_the_data_set_stays_where_a_series_has_none_of_its_name() -> None:
    series = [
        f'<Series GEO="g{n}"{own}><Obs TIME_PERIOD="2001" OBS_VALUE="1"/></Series>'
        for n, own in enumerate(["", ' TITLE="Its own"', ""])
    ]
    data = flat(series).replace(b"AllDimensions", b"TIME_PERIOD")
    data = data.replace(b'structureRef="A">', b'structureRef="A" TITLE="Of all">')
    assert cells(read(data).datasets[0])["TITLE"] == ["Of all", "Its own", "Of all"]


@pytest.mark.parametrize("command", ["inspect", "validate", "transform", "cat"])
def test_every_command_says_the_same_of_what_is_not_well_formed(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = [f'<Obs GEO="g{n}" TIME_PERIOD="2001" OBS_VALUE="{n}"/>' for n in range(30)]
    records[17] = records[17].replace("/>", ">")
    source = tmp_path / "open.xml"
    source.write_bytes(flat(records))
    with pytest.raises(MessageError) as error:
        read(source)
    targets = [str(tmp_path / "new.xml")] if command == "transform" else []
    assert run([command, str(source), *targets]) == 4
    assert str(error.value) in capsys.readouterr().err


@pytest.mark.parametrize("packed", [False, True])
def test_cat_prints_late_groups_on_all_their_rows(
    packed: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / ("old.xml.gz" if packed else "old.xml")
    data = old_message(False, 130_000)
    source.write_bytes(gzip.compress(data) if packed else data)
    assert run(["cat", "--csv", str(source)]) == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert len(rows) == 130_000
    assert {row.rpartition(",")[2] for row in rows} == {f"Place {n}" for n in range(4)}


@pytest.mark.parametrize(
    ("inside", "attachment"),
    [
        ('<Obs TIME_PERIOD="2001" OBS_VALUE="1" TITLE="Its own"/>', ("OBS_VALUE",)),
        ('<Obs TIME_PERIOD="2001" OBS_VALUE="1"/>', ("GEO",)),
    ],
)
def test_an_attribute_of_the_data_set_and_of_something_nearer_is_attached_there(
    inside: str, attachment: tuple[str, ...]
) -> None:
    own = "" if "TITLE" in inside else ' TITLE="Its own"'
    series = [f'<Series GEO="g1"{own}>{inside}</Series>']
    series.append('<Series GEO="g2"><Obs TIME_PERIOD="2001" OBS_VALUE="2"/></Series>')
    data = flat(series).replace(b"AllDimensions", b"TIME_PERIOD")
    data = data.replace(b'structureRef="A">', b'structureRef="A" TITLE="Of all">')
    (dataset,) = read(data).datasets
    assert dataset.components.attributes["TITLE"] == attachment
    assert cells(dataset)["TITLE"] == ["Its own", "Of all"]
    target = io.BytesIO()
    write(replace(dataset, dataflow="NSO:DF(1.0)"), target, "sdmx-ml-2.1")
    assert cells(read(target.getvalue()).datasets[0])["TITLE"] == ["Its own", "Of all"]

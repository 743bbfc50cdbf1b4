"""What the SDMX-ML writer writes is what the standard says, to the letter."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, MessageError, OutputError
from ilms_sdmx.messages import Header, write

COMPONENTS = Components(
    ("FREQ", "REF_AREA", "SEX", "TIME_PERIOD"),
    ("OBS_VALUE",),
    {
        "UNIT_MEASURE": (),
        "UNIT_MULT": ("REF_AREA",),
        "TITLE": ("REF_AREA", "SEX"),
        "OBS_STATUS": ("OBS_VALUE",),
        "SOURCE": ("REF_AREA", "TIME_PERIOD"),
    },
    groups={"Sibling": ("REF_AREA", "SEX")},
)
HEADER = Header(id="T", prepared="2025-01-01T00:00:00Z")


def dataset(**columns: list[str | None]) -> Dataset:
    frame = pd.DataFrame(
        {
            "FREQ": ["A"] * 4,
            "REF_AREA": ["PHL", "PHL", "LAO", "LAO"],
            "SEX": ["F", "F", "M", "M"],
            "TIME_PERIOD": ["2020", "2021"] * 2,
            "OBS_VALUE": ["1.10", "", None, "1e-3"],
            "UNIT_MEASURE": ["PS"] * 4,
            "UNIT_MULT": ["0", "0", "3", "3"],
            "TITLE": ["a<b", "a<b", 'q"t', 'q"t'],
            "OBS_STATUS": [None, "A", None, ""],
            "SOURCE": ["x\ty", "z\n", " é ", None],
        }
        | columns,
        dtype="string",
    )
    return Dataset(frame, COMPONENTS, dataflow="ILO:DF_X(1.0)")


def text(data: object, format: str = "sdmx-ml-2.1", **options: object) -> str:
    buffer = io.BytesIO()
    write(data, buffer, format, header=HEADER, **options)  # type: ignore[arg-type]
    return buffer.getvalue().decode()


def body(*args: object, **options: object) -> list[str]:
    """Lines below the header."""
    return text(*args, **options).split("</message:Header>\n")[1].splitlines()  # type: ignore[arg-type]


def test_structure_specific_series() -> None:
    assert body(dataset()) == [
        '<message:DataSet xsi:type="ns1:DataSetType" ss:structureRef="S1" ss:dataScope="Dataflow"'
        ' ss:action="Replace" UNIT_MEASURE="PS">',
        '<Group xsi:type="ns1:Sibling" REF_AREA="PHL" SEX="F" TITLE="a&lt;b"/>',
        '<Group xsi:type="ns1:Sibling" REF_AREA="LAO" SEX="M" TITLE="q&quot;t"/>',
        '<Series FREQ="A" REF_AREA="PHL" SEX="F" UNIT_MULT="0">',
        '<Obs TIME_PERIOD="2020" OBS_VALUE="1.10" SOURCE="x&#9;y"/>',
        '<Obs TIME_PERIOD="2021" OBS_VALUE="" OBS_STATUS="A" SOURCE="z&#10;"/>',
        "</Series>",
        '<Series FREQ="A" REF_AREA="LAO" SEX="M" UNIT_MULT="3">',
        '<Obs TIME_PERIOD="2020" SOURCE=" é "/>',
        '<Obs TIME_PERIOD="2021" OBS_VALUE="1e-3" OBS_STATUS=""/>',
        "</Series>",
        "</message:DataSet>",
        "</message:StructureSpecificData>",
    ]


def test_flat_repeats_series_attributes_but_not_group_attributes() -> None:
    assert body(dataset(), layout="flat")[3] == (
        '<Obs FREQ="A" REF_AREA="PHL" SEX="F" TIME_PERIOD="2020" OBS_VALUE="1.10" UNIT_MULT="0"'
        ' SOURCE="x&#9;y"/>'
    )


def test_attributes_of_the_data_set_are_an_element_from_3_0_on() -> None:
    assert body(dataset(), "sdmx-ml-3.0")[1] == '<Atts UNIT_MEASURE="PS"/>'


def test_batches_of_one_data_set_continue_its_series() -> None:
    whole = dataset()
    parts = [
        Dataset(whole.observations[i : i + 1], COMPONENTS, "ILO:DF_X(1.0)") for i in range(4)
    ]
    assert text(iter(parts)) == text(whole)


def test_data_sets_of_a_sequence_stay_apart() -> None:
    assert (
        sum(line.startswith("<message:DataSet") for line in body([dataset(), dataset()])) == 2
    )


def test_series_with_two_values_of_its_attribute_is_refused() -> None:
    with pytest.raises(
        MessageError,
        match=r"UNIT_MULT .* differs inside series A.PHL.F; write with layout='flat'",
    ):
        text(dataset(UNIT_MULT=["0", "3", "3", "3"]))


def test_group_with_two_values_is_refused() -> None:
    with pytest.raises(MessageError, match=r"group Sibling PHL.F has two values"):
        text(dataset(TITLE=["a", "b", "c", "c"]))


def test_data_set_attribute_with_two_values_is_refused() -> None:
    with pytest.raises(
        MessageError, match="UNIT_MEASURE is an attribute of the whole data set"
    ):
        text(dataset(UNIT_MEASURE=["PS", "PT", "PS", "PS"]))


def test_character_that_xml_cannot_hold_is_refused() -> None:
    with pytest.raises(MessageError, match=r"cannot carry the character '\\x07'"):
        text(dataset(SOURCE=["a\x07", None, None, None]))


def test_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> Iterator[Dataset]:
        yield dataset()
        raise MessageError("the source ended")

    (tmp_path / "out.xml").write_text("before")
    with pytest.raises(MessageError, match="the source ended"):
        write(broken(), tmp_path / "out.xml")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("out.xml", "before")]


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"out.xml cannot be written: No such file"):
        write(dataset(), tmp_path / "absent" / "out.xml")


def test_gzip_by_name_is_the_same_text_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a.xml.gz", "b.xml.gz"):
        write(dataset(), tmp_path / name, header=HEADER)
    assert gzip.decompress((tmp_path / "a.xml.gz").read_bytes()).decode() == text(dataset())
    assert (tmp_path / "a.xml.gz").read_bytes() == (tmp_path / "b.xml.gz").read_bytes()


def test_plain_frame_with_numbers_needs_only_a_structure() -> None:
    frame = pd.DataFrame(
        {"REF_AREA": ["PHL"], "TIME_PERIOD": ["2020"], "OBS_VALUE": [0.1 + 0.2]}
    )
    components = Components(("REF_AREA", "TIME_PERIOD"))
    header = Header(prepared="2025-01-01", id="T")
    made = Dataset(frame.astype("string"), components, structure="ILO:X(1.0)")
    buffer = io.BytesIO()
    write(made, buffer, header=header)
    assert b'OBS_VALUE="0.30000000000000004"' in buffer.getvalue()


def test_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(
        MessageError, match=r"no writer for format 'edifact'; there are .*sdmx-ml-2.1"
    ):
        text(dataset(), "edifact")

"""Parameter sheets of Eurostat's SDMX Converter become mapping files that read the same figures."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sdmx
from sdmx.message import StructureMessage
from sdmx.model import common, v21

from ilms_sdmx import Conversion, convert
from ilms_sdmx.cli import run
from ilms_sdmx.mapping import read_mapping
from tests.national.judging import accepted

Rows = list[list[Any]]

DATA: Rows = [
    ["Registered workers by country", None, None, None, None, None, None, "A"],
    ["Reference area", "TH;A"],
    [],
    [None, None, "Men", None, "Women", None],
    ["Country", "Code", 2023, None, 2023, None],
    ["Japan", "JP", 10, "p", 12, None],
    ["Korea", "KR", 20, None, ":", "E"],
    ["Total", "_T", 30, None, 12, None],
    [],
    [],
    ["Source: office", None, 7],
]
PARAMETERS: Rows = [
    ["Element", "Type", "PosType", "Position", "DataStart", "C6"],
    ["FREQ", "DIM", "CELL", "B2/2", "NumColumns", 4],
    ["REF_AREA", "DIM", "CELL", "B2/1", "MaxEmptyRows", 1],
    ["COUNTERPART", "DIM", "COLUMN", "B", "SkipRows", 8],
    ["GENDER", "DIM", "ROW", 4, "TranscodingSheet", "Trans"],
    ["TIME_PERIOD", "DIM", "ROW", 5, "MissingObservationCharacter", ":"],
    ["OBS_STATUS", "ATT", "MIXED", "OBS_LEVEL", 1, "CELL", "H1", "RoundingPrecision", 2],
    ["COMMENT", "ATT", "CELL_EXT", "A1"],
    ["UNIT_MULT", "ATT", "FIX", 0, "ConceptSeparator", ";"],
    ["TITLE", "ATT", "SKIP"],
]
TRANSCODING: Rows = [
    ["Text", "Dimension", "Value"],
    ["Men", "GENDER", "M"],
    ["Women", "GENDER", "F"],
    ["p", "OBS_STATUS", "P"],
    ["TH", "REF_AREA", "THA"],
]
FOUND = [
    ("A", "THA", "JP", "F", "2023", "12", "A"),
    ("A", "THA", "JP", "M", "2023", "10", "P"),
    ("A", "THA", "KR", "F", "2023", "", "E"),
    ("A", "THA", "KR", "M", "2023", "20", "A"),
]
COLUMNS = [
    "FREQ",
    "REF_AREA",
    "COUNTERPART",
    "GENDER",
    "TIME_PERIOD",
    "OBS_VALUE",
    "OBS_STATUS",
]


def workbook(path: Path, **sheets: Rows) -> Path:
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("__", " "))
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def confirmed(path: Path) -> Path:
    """Mapping file in which a person has accepted every proposal."""
    text = path.read_text(encoding="utf-8")
    path.write_text(accepted(text), encoding="utf-8")
    return path


def mapped(folder: Path, **sheets: Rows) -> tuple[str, Conversion]:
    """Text of the mapping file, and the conversion under it with every proposal accepted."""
    path = workbook(folder / "stock.xlsx", **sheets)
    out = folder / "mapping.yaml"
    assert run(["map", str(path), "-o", str(out), "--office", "TH_NSO", "--force"]) == 1
    text = out.read_text(encoding="utf-8")
    return text, convert(path, confirmed(out))


def rows(done: Conversion, columns: list[str]) -> list[tuple[str, ...]]:
    frame = done.datasets[0].observations[columns].astype("str").fillna("")
    return sorted(frame.itertuples(index=False, name=None))


def test_a_workbook_with_its_parameter_sheet_converts_end_to_end(tmp_path: Path) -> None:
    _, done = mapped(tmp_path, Stock__2024=DATA, Parameters=PARAMETERS, Trans=TRANSCODING)
    assert list(done.report) == []
    assert done.datasets[0].dataflow == "TH_NSO:DF_STOCK(1.0)"
    assert rows(done, COLUMNS) == FOUND
    assert done.counts["finding"] == 0


def test_every_element_and_setting_that_was_not_carried_is_named(tmp_path: Path) -> None:
    text, _ = mapped(
        tmp_path,
        Stock__2024=DATA,
        Parameters=PARAMETERS,
        Trans=[*TRANSCODING, ["x", "AGE", "Y"]],
    )
    left = [
        line
        for line in text.splitlines()
        if line.startswith("# decide: left out of Parameters")
    ]
    assert [line.partition("Parameters, ")[2].partition(":")[0] for line in left] == [
        "COMMENT",
        "the transcoding of AGE, which is no element",
        "RoundingPrecision 2",
    ]


TABLE: Rows = [
    ["Stock of foreign workers"],
    ["Country", "Code", "Men", "Women"],
    [None, None, 2023, 2023],
    ["Japan", "JP", 10, 12],
    ["Korea", "KR", 20, 22],
    ["Source: office"],
]
SIMPLE: Rows = [
    ["Element", "Type", "PosType", "Position", "DataStart", "C4"],
    ["COUNTERPART", "DIM", "COLUMN", 2, "DataEnd", "D5"],
    ["GENDER", "DIM", "ROW", 2],
    ["TIME_PERIOD", "DIM", "ROW", 3],
]


def test_a_table_whose_words_tell_is_found_by_them_so_that_inserted_rows_change_nothing(
    tmp_path: Path,
) -> None:
    text, done = mapped(tmp_path, Stock=TABLE, Parameters=SIMPLE)
    assert "tables by their words" in text
    assert "begin: Country" in text
    columns = ["COUNTERPART", "GENDER", "TIME_PERIOD", "OBS_VALUE"]
    expected = [("JP", "Men", "2023", "10"), ("JP", "Women", "2023", "12")]
    expected += [("KR", "Men", "2023", "20"), ("KR", "Women", "2023", "22")]
    assert rows(done, columns) == expected
    moved = [[], ["Stock of foreign workers"], [], *TABLE[1:4], [], *TABLE[4:]]
    path = workbook(tmp_path / "moved.xlsx", Stock=moved, Parameters=SIMPLE)
    again = convert(path, tmp_path / "mapping.yaml")
    assert again.exit_code == 0, [str(f) for f in again.report]
    assert rows(again, columns) == expected


def test_a_map_of_sheets_gives_each_data_sheet_its_parameters(tmp_path: Path) -> None:
    other = [row[:] for row in SIMPLE]
    other[2] = ["GENDER", "DIM", "FIX", "T"]
    other[1] = ["COUNTERPART", "DIM", "COLUMN", "B", "DataEnd", "C5"]
    chosen = [["Data sheet", "Parameter sheet"], ["One", "Parameters"], ["Two", "Parameters2"]]
    _, done = mapped(
        tmp_path,
        One=TABLE,
        Two=TABLE,
        Other=TABLE,
        Parameters=SIMPLE,
        Parameters2=other,
        Parameter_mapping=chosen,
    )
    document = read_mapping(tmp_path / "mapping.yaml")
    assert [[str(p) for p in t.sheets] for t in document.tables] == [["One"], ["Two"]]
    men = [("JP", "Men", "10"), ("JP", "T", "10"), ("KR", "Men", "20"), ("KR", "T", "20")]
    women = [("JP", "Women", "12"), ("KR", "Women", "22")]
    assert rows(done, ["COUNTERPART", "GENDER", "OBS_VALUE"]) == sorted([*men, *women])


def test_parameters_alone_serve_other_workbooks(tmp_path: Path) -> None:
    path = workbook(tmp_path / "parameters.xlsx", Parameters=SIMPLE)
    out = tmp_path / "mapping.yaml"
    assert run(["map", str(path), "-o", str(out)]) == 1
    assert "figures:\n  - C4:D5\n" in out.read_text(encoding="utf-8")
    done = convert(workbook(tmp_path / "stock.xlsx", Anything=TABLE), confirmed(out))
    assert len(done.datasets[0]) == 4


SETTINGS = {
    "blank cells are zero": ([["x", None, None, None, "DefaultValue", 0]], "'': zero"),
    "blank cells are missing": ([["x", None, None, None, "DefaultValue", "NaN"]], "'': O"),
    "blank cells are something": (
        [["x", None, None, None, "DefaultValue", 5]],
        "Parameters, DefaultValue 5",
    ),
    "columns skipped": ([["x", None, None, None, "SkipColumns", "4"]], "D4:D5"),
    "external codes": (
        [["AGE", "DIM", "ROW_EXT", 3]],
        "Parameters, AGE: its position ROW_EXT 3",
    ),
    "two places of which one is none": (
        [["AGE", "ATT", "MIXED", "ROW", 2, "FIX", "x"]],
        "Parameters, AGE: its position MIXED ROW 2 FIX x",
    ),
    "a measure": (
        [["OBS_VALUE", "MES", "ROW", 2]],
        "Parameters, OBS_VALUE: measures are the figures",
    ),
}


@pytest.mark.parametrize(("more", "words"), SETTINGS.values(), ids=SETTINGS)
def test_settings_are_carried_or_named(more: Rows, words: str, tmp_path: Path) -> None:
    text, _ = mapped(tmp_path, Stock=TABLE, Parameters=[*SIMPLE, *more])
    assert words in text


WRONG = {
    "type": (
        ["GEO", "DMI", "ROW", 2],
        "Parameters' > B5: expected one of the types DIM, ATT, MES, found 'DMI'",
    ),
    "position": (
        ["GEO", "DIM", "LINE", 2],
        "Parameters' > C5: expected one of the positions CELL, ROW",
    ),
    "part": (
        ["GEO", "DIM", "CELL", "B2/x"],
        "Parameters' > D5: expected a number after the slash",
    ),
    "number": (
        ["x", None, None, None, "NumColumns", "many"],
        "expected a number for NumColumns, found 'many'",
    ),
    "address": (
        ["x", None, None, None, "DataEnd", "last"],
        "expected the address of a cell for DataEnd",
    ),
    "list": (
        ["x", None, None, None, "SkipRows", "2;3"],
        "expected numbers apart by commas for SkipRows",
    ),
}


@pytest.mark.parametrize(("row", "message"), WRONG.values(), ids=WRONG)
def test_what_the_converter_would_not_take_is_named_with_its_cell(
    row: list[Any], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start: Rows = [SIMPLE[0], ["COUNTERPART", "DIM", "COLUMN", 2], *SIMPLE[2:], row]
    assert run(["map", str(workbook(tmp_path / "s.xlsx", Stock=TABLE, Parameters=start))]) == 3
    assert message in capsys.readouterr().err


def test_a_parameter_sheet_without_a_start_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [SIMPLE[0][:4], *SIMPLE[1:]]
    assert run(["map", str(workbook(tmp_path / "s.xlsx", Stock=TABLE, Parameters=rows))]) == 3
    assert (
        "expected DataStart with the address of the first value, found none"
        in capsys.readouterr().err
    )


def test_a_sheet_that_is_only_called_so_is_no_parameter_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "s.xlsx", Parameters=TABLE)
    out = tmp_path / "mapping.yaml"
    run(["map", str(path), "-o", str(out)])
    assert "SDMX Converter" not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize("with_flow", [True, False])
def test_the_structure_may_be_any_of_the_users_own(with_flow: bool, tmp_path: Path) -> None:
    """A message with a dataflow, or with the structure alone as the Converter takes it."""
    agency = common.Agency(id="TH_NSO")
    codes: v21.Codelist = v21.Codelist(id="CL_GENDER", maintainer=agency, version="1.0")
    codes.extend(v21.Code(id=c) for c in ("M", "F"))
    dsd = v21.DataStructureDefinition(id="DSD_STOCK", maintainer=agency, version="1.0")
    scheme = common.ConceptScheme(id="CS", maintainer=agency, version="1.0")
    for name in ("COUNTERPART", "GENDER", "TIME_PERIOD", "OBS_VALUE"):
        scheme.append(common.Concept(id=name))
    dsd.dimensions.append(
        v21.Dimension(id="COUNTERPART", concept_identity=scheme["COUNTERPART"], order=1)
    )
    gender = v21.Dimension(id="GENDER", concept_identity=scheme["GENDER"], order=2)
    gender.local_representation = common.Representation(enumerated=codes)
    dsd.dimensions.append(gender)
    dsd.dimensions.append(
        v21.TimeDimension(id="TIME_PERIOD", concept_identity=scheme["TIME_PERIOD"], order=3)
    )
    dsd.measures.append(
        v21.PrimaryMeasure(id="OBS_VALUE", concept_identity=scheme["OBS_VALUE"])
    )
    flow = v21.DataflowDefinition(
        id="DF_STOCK", maintainer=agency, version="1.0", structure=dsd
    )
    message = StructureMessage()
    for artefact in (codes, scheme, dsd, *([flow] if with_flow else [])):
        message.add(artefact)
    (tmp_path / "dsd.xml").write_bytes(sdmx.to_xml(message))
    path = workbook(
        tmp_path / "stock.xlsx",
        Stock=TABLE,
        Parameters=[*SIMPLE, ["x", None, None, None, "TranscodingSheet", "Trans"]],
        Trans=TRANSCODING[:3],
    )
    out = tmp_path / "mapping.yaml"
    run(["map", str(path), "-o", str(out), "--office", "TH_NSO"])
    wanted = "DF_STOCK" if with_flow else "DSD_STOCK"
    text = out.read_text(encoding="utf-8")
    changed = text.replace(
        "dataflow: TH_NSO:DF_STOCK(1.0)",
        f"dataflow: TH_NSO:{wanted}(1.0)\n  structure: dsd.xml",
    )
    out.write_text(changed, encoding="utf-8")
    done = convert(path, confirmed(out))
    assert done.exit_code == 0, [str(f) for f in done.report]
    assert set(done.datasets[0].observations["GENDER"].astype("str")) == {"M", "F"}
    assert list(done.datasets[0].components.dimensions) == [
        "COUNTERPART",
        "GENDER",
        "TIME_PERIOD",
    ]


def test_the_longest_data_sheet_tells_where_open_ends_are(tmp_path: Path) -> None:
    wide = [
        [*row, *("More" if n == 1 else 2023 if n == 2 else 30 + n for _ in row[:1])]
        for n, row in enumerate(TABLE)
    ]
    wide[0], wide[5] = TABLE[0], TABLE[5]
    free = [SIMPLE[0], ["COUNTERPART", "DIM", "COLUMN", 2], *SIMPLE[2:]]
    _, done = mapped(tmp_path, One=TABLE, Two=wide[:4], Parameters=free)
    assert ("JP", "More", "2023", "33") in rows(
        done, ["COUNTERPART", "GENDER", "TIME_PERIOD", "OBS_VALUE"]
    )


def test_parameters_alone_without_an_end_read_to_the_end_of_any_sheet(tmp_path: Path) -> None:
    free = [SIMPLE[0], ["COUNTERPART", "DIM", "COLUMN", 2], *SIMPLE[2:]]
    out = tmp_path / "mapping.yaml"
    assert (
        run(
            [
                "map",
                str(workbook(tmp_path / "parameters.xlsx", Parameters=free)),
                "-o",
                str(out),
            ]
        )
        == 1
    )
    done = convert(workbook(tmp_path / "stock.xlsx", Anything=TABLE), confirmed(out))
    assert len(done.datasets[0]) == 4

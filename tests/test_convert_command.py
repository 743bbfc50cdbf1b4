"""`ilms-sdmx convert` on shipped and on spoiled tables: files, exit status, messages with their place."""

import csv
import hashlib
import importlib.util
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import openpyxl
import pandas as pd
import pytest

from ilms_sdmx import Conversion, convert, example, examples, messages, write_conversion
from ilms_sdmx.cli import run
from ilms_sdmx.errors import MappingError, TableError, ValidationError
from ilms_sdmx.tables.safe_cells import guarded as inert

TIME = "2026-11-21T08:00:00Z"
Spoil = Callable[[list[list[str]]], None]


def spoiled(tmp_path: Path, spoil: Spoil) -> list[str]:
    """Arguments that convert the Philippine table after a change to its cells."""
    table, mapping = example("phl-emigrants")
    rows = list(csv.reader(table.read_text(encoding="utf-8").splitlines()))
    spoil(rows)
    copy = tmp_path / "table.csv"
    with copy.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return ["convert", str(copy), str(mapping), "-o", str(tmp_path / "out"), "--time", TIME]


def written(tmp_path: Path) -> list[str]:
    out = tmp_path / "out"
    return sorted(p.name for p in out.iterdir()) if out.is_dir() else []


def test_a_clean_table_gives_data_structure_provenance_report_and_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run(
        ["convert", "--example", "phl-emigrants", "-o", str(tmp_path / "out"), "--time", TIME]
    )
    assert status == 0
    stem = "emigrants_1981_2022"
    flow = "DF_POP_MNAO_SEX_CDS_NB"
    assert {
        f"{stem}.{flow}.xml",
        f"{stem}.{flow}.csv",
        f"{stem}.{flow}.structure.xml",
        f"{stem}.provenance.csv",
        f"{stem}.report.json",
        f"{stem}.manifest.json",
    } <= set(written(tmp_path))
    shown = capsys.readouterr().out
    assert (
        "570 cells: 460 observations, 54 totals (all agree), 56 labels, 0 unexplained" in shown
    )


def test_the_manifest_tells_hashes_counts_and_versions_and_the_same_time_gives_the_same_bytes(
    tmp_path: Path,
) -> None:
    done = converted("phl-emigrants")
    first = write_conversion(done, tmp_path / "a", prepared=TIME)
    again = write_conversion(convert(*example("phl-emigrants")), tmp_path / "b", prepared=TIME)
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in again]
    manifest = json.loads((tmp_path / "a" / "emigrants_1981_2022.manifest.json").read_bytes())
    table, _ = example("phl-emigrants")
    assert manifest["source"]["sha256"] == hashlib.sha256(table.read_bytes()).hexdigest()
    for output in manifest["outputs"]:
        content = (tmp_path / "a" / output["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == output["sha256"]
    assert sum(manifest["cells"].values()) == 570
    assert manifest["cells"]["finding"] == 0
    assert manifest["prepared"] == TIME


def test_the_header_is_complete(tmp_path: Path) -> None:
    write_conversion(
        converted("phl-emigrants"), tmp_path, prepared=TIME, formats=["sdmx-ml-2.1"]
    )
    header = messages.read(next(tmp_path.glob("*NB.xml"))).header
    assert header.id == "PH_CFO_DF_POP_MNAO_SEX_CDS_NB_20261121080000"
    assert header.prepared == TIME
    assert header.sender.id == "PH_CFO"
    assert [r.id for r in header.receivers] == ["ILO"]
    assert (header.reporting_begin, header.reporting_end) == ("1981", "2022")
    assert "Commission on Filipinos Overseas" in header.sources["en"]


@pytest.mark.parametrize("name", examples())
def test_every_format_gives_back_the_same_observations(name: str, tmp_path: Path) -> None:
    done = converted(name)
    write_conversion(done, tmp_path, prepared=TIME, formats=["sdmx-ml-2.1", "sdmx-csv-1.0"])
    for dataset in done.datasets:
        flow = dataset.dataflow.partition(":")[2].partition("(")[0]
        for path in [*tmp_path.glob(f"*.{flow}.xml"), *tmp_path.glob(f"*.{flow}.csv")]:
            (read,) = messages.read(path, done.structures[dataset.dataflow].structure).datasets
            keys = list(dataset.components.dimensions)
            columns = [*keys, "OBS_VALUE", "OBS_STATUS"]
            left = dataset.observations[columns].astype("str").fillna("").sort_values(keys)
            right = read.observations[columns].astype("str").fillna("").sort_values(keys)
            pd.testing.assert_frame_equal(
                left.reset_index(drop=True), right.reset_index(drop=True), check_dtype=False
            )


@cache
def converted(name: str) -> Conversion:
    return convert(*example(name))


def put(row: int, column: int, text: str) -> Spoil:
    return lambda rows: rows[row].__setitem__(column, text)


SPOILS = {
    "unknown country": (put(0, 5, "NIPPON"), "unknown-label", "'(csv)' > F2"),
    "unparsable number": (put(3, 2, "3,94,6"), "malformed-number", "'(csv)' > C4"),
    "words for a number": (put(3, 2, "see note"), "malformed-number", "'(csv)' > C4"),
    "duplicate key": (put(0, 5, "KOREA"), "conflicting-observations", "F2"),
    "no such table": (put(0, 0, "JAHR"), "table-not-found", "table.csv"),
    "a figure without a label": (put(4, 0, ""), "figure-without-heading", "B5"),
    "an unknown period": (put(4, 0, "198x"), "unknown-period", "B5"),
}


@pytest.mark.parametrize(("spoil", "rule", "place"), SPOILS.values(), ids=SPOILS)
def test_data_that_are_wrong_end_with_2_a_finding_with_its_place_and_no_file(
    spoil: Spoil, rule: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(spoiled(tmp_path, spoil)) == 2
    shown = capsys.readouterr()
    assert f"error {rule}" in shown.out
    assert place in shown.out
    assert "nothing is written" in shown.err
    assert written(tmp_path) == []


def test_a_missing_sheet_names_the_sheets_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, mapping = example("khm-abroad")
    book = openpyxl.load_workbook(table)
    book["Sent in 2019"].title = "Sheet1"
    book.save(tmp_path / "table.xlsx")
    status = run(
        ["convert", str(tmp_path / "table.xlsx"), str(mapping), "-o", str(tmp_path / "out")]
    )
    assert status == 2
    assert "sheet-not-found" in (shown := capsys.readouterr().out)
    assert "'Sheet1'" in shown
    assert written(tmp_path) == []


@pytest.mark.parametrize("content", [b"%PDF-1.7 hello", b"PK\x03\x04broken", b""])
def test_a_file_that_is_no_workbook_ends_with_4(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "table.xlsx").write_bytes(content)
    _, mapping = example("khm-abroad")
    status = run(
        ["convert", str(tmp_path / "table.xlsx"), str(mapping), "-o", str(tmp_path / "out")]
    )
    assert status == 4
    assert "table.xlsx" in capsys.readouterr().err
    assert written(tmp_path) == []


def test_a_wrong_mapping_ends_with_3_and_names_line_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, mapping = example("khm-abroad")
    wrong = tmp_path / "mapping.yaml"
    wrong.write_text(
        mapping.read_text(encoding="utf-8").replace(
            "    begin: Country", "    begins: Country", 1
        ),
        encoding="utf-8",
    )
    assert run(["convert", str(table), str(wrong), "-o", str(tmp_path / "out")]) == 3
    message = capsys.readouterr().err
    assert "line 19" in message
    assert "did you mean 'begin'?" in message


def test_usage_errors_end_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["convert"]) == 3
    assert run(["convert", "--example", "phl-emigrant"]) == 3
    assert "did you mean 'phl-emigrants'?" in capsys.readouterr().err


def test_partial_writes_the_rest_and_the_list_to_fill(tmp_path: Path) -> None:
    assert run([*spoiled(tmp_path, put(0, 5, "NIPPON")), "--partial"]) == 2
    assert "table.unmapped.csv" in written(tmp_path)
    listed = (tmp_path / "out" / "table.unmapped.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(listed.splitlines()))
    assert [(r["source"], r["code"], r["component"]) for r in rows] == [("NIPPON", "?", "CDS")]
    provenance = pd.read_csv(
        tmp_path / "out" / "table.provenance.csv", dtype="str", keep_default_na=False
    )
    assert (provenance.query("cell == 'F2'")["dataflow"] == "").all()
    assert len(provenance.query("dataflow != ''")) == 504 - 42


def test_the_list_filled_in_is_a_code_map(tmp_path: Path) -> None:
    """What `--partial` asks, answered by a person and named as `file`, is all that was missing."""
    arguments = spoiled(tmp_path, put(0, 5, "NIPPON"))
    run([*arguments, "--partial"])
    answered = (tmp_path / "out" / "table.unmapped.csv").read_text(encoding="utf-8-sig")
    filled = answered.replace("NIPPON,?", "NIPPON,CDS_DES_JPN", 1)
    (tmp_path / "answers.csv").write_text(filled, encoding="utf-8")
    mapping = Path(arguments[2]).read_text(encoding="utf-8")
    own = tmp_path / "mapping.yaml"
    own.write_text(
        mapping.replace("    codelist: CL_CDS", "    codelist: CL_CDS\n    file: answers.csv"),
        encoding="utf-8",
    )
    done = convert(tmp_path / "table.csv", own)
    assert done.exit_code == 0
    assert len(done.datasets[0]) == 504


@pytest.mark.parametrize("saved", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_list_comes_back_as_spreadsheets_save_it(
    tmp_path: Path, saved: str, delimiter: str
) -> None:
    """Labels that look like formulas too: they leave with an apostrophe and are matched without it."""
    arguments = spoiled(tmp_path, put(0, 5, "- Japan"))
    run([*arguments, "--partial"])
    listed = (tmp_path / "out" / "table.unmapped.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(listed.splitlines()))
    assert rows[1][0] == "'- Japan"
    rows[1][1] = "CDS_DES_JPN"
    with (tmp_path / "answers.csv").open("w", encoding=saved, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)
    mapping = Path(arguments[2]).read_text(encoding="utf-8")
    own = tmp_path / "mapping.yaml"
    own.write_text(
        mapping.replace("    codelist: CL_CDS", "    codelist: CL_CDS\n    file: answers.csv"),
        encoding="utf-8",
    )
    assert convert(tmp_path / "table.csv", own).exit_code == 0


def test_a_code_map_in_another_encoding_is_refused(tmp_path: Path) -> None:
    arguments = spoiled(tmp_path, put(0, 5, "NIPPON"))
    (tmp_path / "answers.csv").write_bytes("source,code\nญี่ปุ่น,CDS_DES_JPN\n".encode("cp874"))
    mapping = Path(arguments[2]).read_text(encoding="utf-8")
    own = tmp_path / "mapping.yaml"
    own.write_text(
        mapping.replace("    codelist: CL_CDS", "    codelist: CL_CDS\n    file: answers.csv"),
        encoding="utf-8",
    )
    with pytest.raises(MappingError, match=r"line 2 of answers\.csv"):
        convert(tmp_path / "table.csv", own)


def test_check_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(["convert", "--example", "vnm-outflow", "-o", str(tmp_path / "out"), "--check"])
        == 0
    )
    assert "20 cells" in capsys.readouterr().out
    assert written(tmp_path) == []


def test_errors_reach_a_caller_as_the_documented_classes(tmp_path: Path) -> None:
    table, mapping = example("phl-emigrants")
    with pytest.raises(TableError):
        convert(tmp_path / "nowhere.xlsx", mapping)
    with pytest.raises(MappingError):
        convert(table, tmp_path / "nowhere.yaml")
    arguments = spoiled(tmp_path, put(0, 5, "NIPPON"))
    with pytest.raises(ValidationError) as caught:
        write_conversion(convert(arguments[1], arguments[2]), tmp_path / "out", prepared=TIME)
    assert caught.value.report.counts["unknown-label"] == 1


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "@SUM(A1)", "-2+3", "\t=1", "'=1", "=HYPERLINK(0)"]
)
def test_no_label_becomes_a_formula_and_every_label_comes_back(text: str) -> None:
    assert inert(text) == f"'{text}"
    assert not inert(inert(text)).startswith(("=", "+", "@", "-", "\t"))


@pytest.mark.parametrize("text", ["-", "-5", "1,234", "Japan", "", "--", "+3.5"])
def test_numbers_signs_and_words_stay_as_they_are(text: str) -> None:
    assert inert(text) == text


def test_a_formula_in_a_label_is_inert_in_the_files(tmp_path: Path) -> None:
    run([*spoiled(tmp_path, put(0, 5, '=HYPERLINK("http://x","y")')), "--partial"])
    for name in ("table.provenance.csv", "table.unmapped.csv"):
        text = (tmp_path / "out" / name).read_text(encoding="utf-8")
        cells = [c for row in csv.reader(text.splitlines()) for c in row]
        assert not [c for c in cells if c.startswith("=")]
        assert [c for c in cells if c.startswith("'=HYPERLINK")]


@pytest.fixture
def validator(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Validator whose schema, of a fixed name, stands where no other test writes its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spec = importlib.util.spec_from_file_location(
        "ss_validate", shared / "tools" / "ss_validate.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.shared
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", examples())
def test_messages_are_valid_against_the_official_schemas(
    name: str, tmp_path: Path, validator: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    write_conversion(converted(name), tmp_path, prepared=TIME, formats=["sdmx-ml-2.1"])
    structures = list(tmp_path.glob("*.structure.xml"))
    for structure in structures:
        validator.main(str(structure).replace(".structure.xml", ".xml"), str(structure))
    shown = capsys.readouterr().out
    assert shown.count("VALID") == len(structures)
    assert "INVALID" not in shown


def values(frame: pd.DataFrame) -> dict[tuple[str, ...], float]:
    """Observations by key, whatever the reader calls its columns and types."""
    keys = ["REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD"]
    told = frame[frame["OBS_VALUE"].notna() & (frame["OBS_VALUE"].astype(str) != "")]
    return {
        tuple(map(str, k)): float(v)
        for *k, v in told[[*keys, "OBS_VALUE"]].itertuples(index=False)
    }


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["phl-emigrants", "vnm-outflow"])
def test_other_implementations_read_the_same_observations(name: str, tmp_path: Path) -> None:
    import pysdmx.io
    import sdmx
    import sdmxthon

    done = converted(name)
    write_conversion(done, tmp_path, prepared=TIME, formats=["sdmx-ml-2.1"])
    structure = next(tmp_path.glob("*.structure.xml"))
    path = Path(str(structure).replace(".structure.xml", ".xml"))
    own = values(done.datasets[0].observations)
    dsd = next(iter(sdmx.read_sdmx(structure).structure.values()))
    series = sdmx.to_pandas(sdmx.read_sdmx(path, structure=dsd))
    assert values(series.rename("OBS_VALUE").reset_index()) == own
    (dataset,) = pysdmx.io.get_datasets(path, structure)
    assert values(dataset.data) == own
    read = sdmxthon.read_sdmx(io.BytesIO(path.read_bytes()).getvalue().decode())
    (content,) = read.content.values() if hasattr(read, "content") else read.values()
    assert values(content.data) == own


def test_report_and_annotated_copy_may_go_to_the_folder_of_the_output_before_it_exists(
    tmp_path: Path,
) -> None:
    out = tmp_path / "new" / "out"
    workbook, mapping = map(str, example("vnm-outflow"))
    pages = ["--report", str(out / "page.html"), "--annotate", str(out / "copy.xlsx")]
    assert run(["convert", workbook, mapping, "-o", str(out), *pages, "--time", TIME]) < 2
    assert {"page.html", "copy.xlsx"} <= {p.name for p in out.iterdir()}


AFTER_SDMX1 = """
import io, sys
import sdmx
from ilms_sdmx import convert, dataflow, example, write

workbook, mapping = example("phl-emigrants")
data = convert(workbook, mapping).datasets[0]
message = io.BytesIO()
write(data, message, "sdmx-ml-2.1")
flow = dataflow("POP_MNAO_SEX_CDS_NB")
sdmx.read_sdmx(io.BytesIO(message.getvalue()), structure=flow.structure)
assert "sdmx.reader.xml.v30" not in sys.modules
"""


def test_a_structure_of_ones_own_is_read_after_sdmx1_has_read_a_message_of_data(
    tmp_path: Path,
) -> None:
    workbook, mapping = example("phl-emigrants")
    text = mapping.read_text(encoding="utf-8")
    flow = "  - dataflow: ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)\n"
    assert flow in text
    own = tmp_path / "mapping.yaml"
    own.write_text(text.replace(flow, f"{flow}    structure: dsd.xml\n"), encoding="utf-8")
    assert (
        run(
            [
                "structures",
                "export",
                str(tmp_path / "dsd.xml"),
                "--dataflow",
                "POP_MNAO_SEX_CDS_NB",
            ]
        )
        == 0
    )
    program = f"{AFTER_SDMX1}\nprint(convert(workbook, {str(own)!r}).summary())"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False
    )
    assert done.stderr == ""
    assert done.stdout.strip() == convert(workbook, mapping).summary()

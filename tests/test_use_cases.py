"""Use as a person at a terminal and in a notebook meets it: streams, names, areas, other tools."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import ilms_sdmx
from ilms_sdmx import StructureError, convert, draft_mapping, example, form_table, read
from ilms_sdmx._files import named_file
from ilms_sdmx.cli import COMMANDS, run
from ilms_sdmx.errors import MappingError, MessageError
from ilms_sdmx.labels.areas import area_code, known_area
from ilms_sdmx.words.languages import language_of

#: Locales and encodings that a terminal or a scheduler may give the program.
PLACES = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "cp874": {"PYTHONIOENCODING": "cp874"},
    "ascii": {"PYTHONIOENCODING": "ascii:strict"},
    "C": {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "Bangkok": {"TZ": "Asia/Bangkok"},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a Thai workbook, its mapping and messages of it."""
    folder = tmp_path_factory.mktemp("made")
    workbook, mapping = example("tha-abroad")
    shutil.copy(workbook, folder / "w.xlsx")
    shutil.copy(mapping, folder / "w.yaml")
    done = convert(folder / "w.xlsx", folder / "w.yaml")
    stock = done.datasets[-2]
    columns = stock.observations.assign(SOURCE="กระทรวงแรงงาน")
    stock = replace(stock, observations=columns)
    ilms_sdmx.write(stock, folder / "m.xml")
    ilms_sdmx.write(stock, folder / "m.csv")
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy of that folder, in which commands run."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Process of the command as a shell starts it, with other environment variables."""
    environment = {**os.environ, **variables}
    program = [sys.executable, "-m", "ilms_sdmx", *arguments]
    return subprocess.run(
        program, check=False, timeout=180, capture_output=True, env=environment
    )


# --- streams ---


#: Commands, each with a word that it must show.
SHOWN: list[tuple[list[str], str]] = [
    (["map", "w.xlsx"], "ประเทศ"),
    (["validate", "m.csv", "--format", "html"], "<html"),
    (["structures", "codes", "CL_CCT", "--language", "fr"], "Algérie"),
    (["convert", "w.xlsx", "w.yaml", "-o", "out"], "observations"),
    (["cat", "m.xml"], "กระทรวงแรงงาน"),
]


@pytest.mark.parametrize("number", range(len(PLACES)), ids=list(PLACES))
def test_a_pipe_gets_utf8_whatever_the_locale(place: Path, number: int) -> None:
    # Every place and every command once; each with each is in the long run.
    gets_utf8(list(PLACES)[number], *SHOWN[number])


@pytest.mark.slow
@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize(
    ("arguments", "expected"),
    SHOWN,
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_every_pipe_gets_utf8_whatever_the_locale(
    place: Path, name: str, arguments: list[str], expected: str
) -> None:
    gets_utf8(name, arguments, expected)


def gets_utf8(name: str, arguments: list[str], expected: str) -> None:
    done = command(*arguments, **PLACES[name])
    assert b"Traceback" not in done.stderr
    assert done.returncode in (0, 1), done.stderr.decode()
    assert expected in done.stdout.decode("utf-8")


def test_the_home_of_another_user_is_no_matter(place: Path) -> None:
    home = named_file(place, "home of ໃຜ")
    home.mkdir()
    done = command("doctor", HOME=str(home), XDG_CACHE_HOME="", LANG="C.UTF-8")
    assert done.returncode in (0, 1)
    assert "home of ໃຜ" in done.stdout.decode("utf-8")
    assert list(home.iterdir()) == []


def test_who_reads_enough_of_the_output_is_no_error(place: Path) -> None:
    writer = [sys.executable, "-m", "ilms_sdmx", "structures", "codes", "CL_ECO"]
    for lines in (0, 1):
        with subprocess.Popen(
            writer, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            for _ in range(lines):
                process.stdout.readline()
            process.stdout.close()
            said = process.stderr.read().decode()
            assert process.wait(60) == 0, said
        assert "Traceback" not in said
        assert "Exception" not in said


#: All that a scheduler of another user may set, at once.
ELSEWHERE = {**PLACES["C"], **PLACES["cp1252"], **PLACES["Bangkok"]}
SAMPLE = ["structures_command", "messages_csv"]


def test_a_sample_of_the_tests_passes_in_another_place(tmp_path: Path) -> None:
    # The whole suite under these settings takes an hour: the workflow file runs it.
    root = Path(__file__).parents[1]
    home = tmp_path / "home"
    home.mkdir()
    program = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"]
    program += [f"--basetemp={tmp_path / 'tests'}", "--rootdir", str(root)]
    program += [str(root / "tests" / f"test_{name}.py") for name in SAMPLE]
    environment = {**os.environ, **ELSEWHERE, "HOME": str(home), "XDG_CACHE_HOME": ""}
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "COV_CORE_SOURCE"):
        environment.pop(name, None)
    done = subprocess.run(
        program, cwd=root, check=False, timeout=600, capture_output=True, env=environment
    )
    said = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, said[-5000:]
    assert list(home.iterdir()) == []


def test_answers_from_a_pipe_are_utf8(place: Path) -> None:
    message = Path("m.csv").read_bytes()
    program = [sys.executable, "-m", "ilms_sdmx", "cat", "-", "--csv"]
    done = subprocess.run(
        program,
        input=message,
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
    )
    assert done.returncode == 0
    assert "กระทรวงแรงงาน" in done.stdout.decode("utf-8")


@pytest.mark.parametrize("width", ["60", "80"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["structures", "list"],
        ["structures", "codes", "CL_CCT"],
        ["cat", "m.xml"],
        ["validate", "m.xml"],
    ],
    ids=" ".join,
)
def test_ids_are_whole_on_a_narrow_terminal(
    place: Path, width: str, arguments: list[str]
) -> None:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    program = [sys.executable, "-m", "ilms_sdmx", *arguments]
    environment = {**os.environ, "COLUMNS": width, "TERM": "dumb"}
    with subprocess.Popen(program, stdout=slave, stderr=slave, env=environment) as process:
        os.close(slave)
        shown = b""
        try:
            while part := os.read(master, 65536):
                shown += part
        except OSError:
            pass
        process.wait(60)
    os.close(master)
    text = shown.decode("utf-8", "replace")
    ids = {
        "list": ilms_sdmx.catalogue()["id"].tolist(),
        "codes": ilms_sdmx.codes("CL_CCT")["code"].tolist(),
        "cat": ["CRS_RES_TOTAL", "CRS_RES_TWN", "CRS_RES_HKG"],
        "validate": ["\nILO:DF_POP_MNAS_SEX_CRS_NB(1.0): 3 of 13"],
    }[arguments[1] if arguments[0] == "structures" else arguments[0]]
    text = text.replace("\r\n", "\n")
    for id in ids:
        assert id in text
    assert "…" not in text


# --- workbooks and other files in the place of messages ---


@pytest.mark.parametrize("name", ["w.xlsx", "w.xls", "w.ods"])
@pytest.mark.parametrize("verb", ["validate", "cat", "inspect", "compare", "transform"])
def test_a_workbook_in_the_place_of_a_message_is_said(
    place: Path, name: str, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if name == "w.xls":
        Path(name).write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(4096))
    if name == "w.ods":
        with zipfile.ZipFile(name, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", "<office:document-content/>")
    further = {"compare": ["--with", "snapshot"], "transform": ["t.csv"]}.get(verb, [])
    assert run([verb, name, *further]) == 4
    said = capsys.readouterr().err
    assert "this is a workbook: convert it first" in said
    assert f"ilms-sdmx convert {name}" in said
    with pytest.raises(MessageError, match="this is a workbook"):
        read(name)


def test_compare_takes_a_workbook_with_its_mapping(place: Path) -> None:
    assert run(["compare", "w.xlsx", "--mapping", "w.yaml", "--with", "snapshot"]) in (0, 1)


# --- other tools ---


def test_transform_writes_a_workbook_and_parquet(place: Path) -> None:
    assert run(["transform", "m.xml", "t.xlsx"]) == 0
    assert run(["transform", "m.xml", "t.parquet"]) == 0
    data = read("m.xml").datasets[0]
    sheet = openpyxl.load_workbook("t.xlsx").worksheets[0]
    rows = list(sheet.values)
    assert list(rows[0]) == list(data.observations)
    column = rows[0].index("OBS_VALUE")
    assert [row[column] for row in rows[1:]] == data.values.tolist()
    frame = pd.read_parquet("t.parquet")
    assert frame["OBS_VALUE"].tolist() == data.values.tolist()
    assert frame["OBS_VALUE_TEXT"].tolist() == data.observations["OBS_VALUE"].tolist()


@pytest.mark.parametrize("target", ["t", "t.ods", "t.txt"])
def test_transform_says_which_names_and_formats_there_are(
    place: Path, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["transform", "m.xml", target]) == 3
    said = capsys.readouterr().err
    for word in (".xlsx", ".parquet", ".csv", "sdmx-json-2.0"):
        assert word in said
    assert not Path(target).exists()


def test_transform_writes_parquet_to_no_standard_output(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["transform", "m.xml", "-", "-f", "parquet"]) == 3
    assert "expected a file" in capsys.readouterr().err


@pytest.mark.parametrize(("language", "name"), [("en", "Thailand"), ("fr", "Thaïlande"), ("es", "Tailandia")])  # fmt: skip
def test_cat_shows_names_in_the_place_of_codes(
    place: Path, language: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["cat", "m.xml", "--labels", language]) == 0
    assert name in capsys.readouterr().out
    assert run(["cat", "m.xml", "--labels", language, "--csv"]) == 0
    head, first, *_ = capsys.readouterr().out.splitlines()
    assert head.startswith("REF_AREA,REF_AREA_LABEL,FREQ,")
    assert first.startswith(f"THA,{name},M,")


def test_cat_has_no_names_of_a_foreign_dataflow(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("f.csv").write_text("DATAFLOW,D,OBS_VALUE\nX:F(1.0),a,1\n", encoding="utf-8")
    assert run(["cat", "f.csv", "--labels", "en"]) == 3
    assert "Expected a dataflow" in capsys.readouterr().err


# --- areas ---


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("Thailand", "THA"), ("TH", "THA"), ("tha", "THA"), ("764", "THA"), (764, "THA"),
        ("ประเทศไทย", "THA"), ("Thaïlande", "THA"), ("Tailandia", "THA"), ("ລາວ", "LAO"),
        ("Lao PDR", "LAO"), ("Việt Nam", "VNM"), ("36", "AUS"), ("036", "AUS"), ("Burma", "MMR"),
        ("Timor-Leste", "TLS"), ("កម្ពុជា", "KHM"), ("မြန်မာ", "MMR"), ("Filipina", "PHL"),
    ],
)  # fmt: skip
def test_an_area_is_taken_by_every_name_and_code_of_it(named: str | int, code: str) -> None:
    assert area_code(named) == known_area(named) == code


@pytest.mark.parametrize("named", ["Atlantis", "THAIX", "999", "", "  "])
def test_an_area_that_is_none_names_the_nearest(named: str) -> None:
    with pytest.raises(StructureError, match=r"such as Thailand, THA, TH or 764.*nearest"):
        known_area(named)


@pytest.mark.parametrize("named", [None, True, 7.64, ["THA"], b"THA"], ids=repr)
def test_an_area_is_text_or_a_number(named: object) -> None:
    with pytest.raises(TypeError, match="expected an area as text"):
        area_code(named)  # type: ignore[arg-type]


@pytest.mark.parametrize("named", ["Thailand", "TH", "764", "ไทย"])
def test_drafts_and_forms_have_the_code_of_the_area(
    place: Path, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["map", "w.xlsx", "--area", named]) in (0, 1)
    draft = capsys.readouterr().out
    assert "REF_AREA: THA" in draft
    assert "area: THA" in draft
    assert form_table("MNA_OEMP_SEX_EDU_NB", named, "2024").fixed["REF_AREA"] == "THA"


def test_a_draft_for_no_area_is_refused(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["map", "w.xlsx", "--area", "Tailand"]) == 3
    assert "Thailand (THA)" in capsys.readouterr().err
    with pytest.raises(StructureError, match="Expected an area"):
        draft_mapping("w.xlsx", area="Siam and its islands")


# --- arguments the other way round ---


def test_arguments_that_are_swapped_are_named(place: Path) -> None:
    done = convert("w.xlsx", "w.yaml")
    data = done.datasets[0]
    flow = ilms_sdmx.dataflow("MNA_OPOP_SEX_CDS_NB")
    report = ilms_sdmx.validate(data)
    calls = [
        lambda: convert("w.yaml", "w.xlsx"),
        lambda: convert(ilms_sdmx.read_mapping("w.yaml"), "w.xlsx"),
        lambda: ilms_sdmx.write("o.xml", data),
        lambda: ilms_sdmx.write("o.xml", done),
        lambda: ilms_sdmx.to_parquet("t.parquet", data),
        lambda: ilms_sdmx.write_conversion("out", done, prepared="2026-01-01T00:00:00Z"),
        lambda: ilms_sdmx.annotate("copy.xlsx", done, "w.xlsx"),
        lambda: ilms_sdmx.diff(data, flow),
        lambda: ilms_sdmx.validate(flow, "m.csv"),
        lambda: ilms_sdmx.validate(data.components, data),
        lambda: ilms_sdmx.read(flow, "m.csv"),
        lambda: ilms_sdmx.read(data),
        lambda: ilms_sdmx.compare(flow, data),
        lambda: ilms_sdmx.fetch("EMP_TEMP", "ilostat"),
        lambda: ilms_sdmx.validation_page(data, report),
        lambda: ilms_sdmx.conversion_page(data),
        lambda: ilms_sdmx.comparison_page(done),
    ]
    before = sorted(place.iterdir())
    for call in calls:
        with pytest.raises(TypeError, match=r"expected .*found"):
            call()
    assert sorted(place.iterdir()) == before


@pytest.mark.parametrize("id", ["DF_POP_MNAS_SEX_CRS_NB", "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"])
@pytest.mark.parametrize("verb", [read, ilms_sdmx.validate])
def test_a_dataflow_in_the_place_of_a_file_is_named(verb: Any, id: str, place: Path) -> None:
    with pytest.raises(MessageError, match="the id of a dataflow: give the data first"):
        verb(id, "m.csv")


# --- without the extras ---

WITHOUT_EXTRAS = """
import sys

class Absent:
    names = {"altair", "vl_convert", "duckdb", "pyreadstat", "keyring", "polars", "docx", "cryptography", "highspy", "sphinx"}

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
import ilms_sdmx
done = ilms_sdmx.convert(*ilms_sdmx.example("phl-emigrants"))
ilms_sdmx.write(done, "x.csv")
ilms_sdmx.write(done, "x.xml")
data = ilms_sdmx.read("x.csv").datasets[0]
print(len(data), len(ilms_sdmx.validate(data).errors), len(ilms_sdmx.compare(done, "snapshot").pairs) > 0)
ilms_sdmx.to_parquet(data, "x.parquet")
open("page.html", "w", encoding="utf-8").write(ilms_sdmx.conversion_page(done))
for call in (data.to_polars, lambda: ilms_sdmx.comparison_page(ilms_sdmx.compare(done, "snapshot"))):
    try:
        call()
    except ilms_sdmx.IlmsError as error:
        print(error)
"""


def test_the_core_needs_no_extra(place: Path) -> None:
    program = [sys.executable, "-c", WITHOUT_EXTRAS]
    done = subprocess.run(program, check=False, capture_output=True, timeout=180)
    assert done.returncode == 0, done.stderr.decode()
    counts, polars, charts = done.stdout.decode().splitlines()
    assert counts == "504 0 True"
    assert "pip install 'ilms-sdmx[polars]'" in polars
    assert "pip install 'ilms-sdmx[charts]'" in charts


# --- languages ---


@pytest.mark.parametrize(
    ("text", "area", "language"),
    [
        ("ผลการดำเนินงานส่งออกแรงงานไทย", "THA", "th"),
        ("กระทรวงแรงงาน (Ministry of Labour)", "THA", "th"),
        ("Ministry of Labour, กระทรวง", "THA", "en"),
        ("ສະຖິຕິແຮງງານ", "LAO", "lo"),
        ("ក្រសួងការងារ", "KHM", "km"),
        ("အလုပ်သမားဝန်ကြီးဌာန", "MMR", "my"),
        ("9 tháng đầu năm 2019", "VNM", "vi"),
        ("Data penempatan TKI tahun 2016", "IDN", "id"),
        ("Pekerja asing mengikut sektor, Tahun 2018", "MYS", "ms"),
        ("Labour Force Survey 2019", "THA", "en"),
        ("2019", "", "en"),
    ],
)
def test_a_source_is_in_its_own_language(text: str, area: str, language: str) -> None:
    assert language_of(text, area) == language


@pytest.mark.parametrize(("name", "language"), [("tha-abroad", "th"), ("khm-abroad", "en")])
def test_the_header_says_the_language_of_the_source(
    tmp_path: Path, name: str, language: str
) -> None:
    assert run(["convert", "--example", name, "-o", str(tmp_path)]) in (0, 1)
    messages = [p for p in tmp_path.glob("*.xml") if ".structure." not in p.name]
    assert messages
    for path in messages:
        assert list(read(path).header.sources) == [language]


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_names_are_in_the_languages_of_the_ilo(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["structures", "codes", "CL_SEX", "--language", language]) == 0
    name = {"en": "Male", "fr": "Hommes", "es": "Hombres"}[language]
    assert name in capsys.readouterr().out


# --- mappings ---


@pytest.mark.parametrize("encoding", ["cp874", "cp1252", "tis-620"])
def test_a_mapping_in_another_encoding_is_refused_with_the_line(
    place: Path, encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    word = "แรงงาน" if encoding != "cp1252" else "Café"
    content = f"mapping: 2\ntitle: plain\n# {word}\n".encode(encoding)
    Path("other.yaml").write_bytes(content)
    assert run(["convert", "w.xlsx", "other.yaml"]) == 3
    said = capsys.readouterr().err
    assert "line 3 is in another encoding than UTF-8" in said
    assert "save as UTF-8" in said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_mapping_as_editors_save_utf8_is_read(place: Path, encoding: str) -> None:
    text = Path("w.yaml").read_text(encoding="utf-8")
    Path("again.yaml").write_text(text, encoding=encoding, newline="\r\n")
    assert convert("w.xlsx", "again.yaml").summary() == convert("w.xlsx", "w.yaml").summary()


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_a_mapping_that_is_nested_very_deeply_is_an_error_with_its_line(
    place: Path, opening: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("deep.yaml").write_text(f"mapping: 2\nnotes: {opening * 5000}\n", encoding="utf-8")
    assert run(["convert", "w.xlsx", "deep.yaml"]) == 3
    assert "deep.yaml, line " in capsys.readouterr().err
    with pytest.raises(MappingError):
        ilms_sdmx.read_mapping("deep.yaml")


# --- numbers ---


@pytest.mark.parametrize("name", ["phl-emigrants", "sgp-work-passes", "vnm-outflow"])
def test_the_command_counts_what_the_data_sets_hold(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["convert", "--example", name, "--check"]) in (0, 1)
    done = convert(*example(name))
    count = sum(map(len, done.datasets))
    said = capsys.readouterr().out
    match = re.search(r"^([\d,]+) observations? in (\d+) data sets?$", said, re.MULTILINE)
    assert match is not None
    assert int(match[1].replace(",", "")) == count
    assert int(match[2]) == len(done.datasets)


def test_a_conversion_that_writes_nothing_does_not_end_in_zero(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path("w.yaml").read_text(encoding="utf-8")
    head, datasets, _ = text.partition("\ndatasets:")
    assert datasets
    Path("none.yaml").write_text(head, encoding="utf-8")
    assert run(["convert", "w.xlsx", "none.yaml", "-o", "out"]) != 0


WORDS_AND_SHARES = """Foreign employees 2021,
,
Trade,Workers
Fishing,"8,200 persons (41.00%)"
Weaving,"6,800 persons (34.00%)"
Masonry,"5,000 persons (25.00%)"
Total,"20,000 persons"
"""


def test_counts_within_words_are_figures_or_no_success(tmp_path: Path) -> None:
    table = tmp_path / "trades.csv"
    table.write_text(WORDS_AND_SHARES, encoding="utf-8")
    draft = tmp_path / "draft.yaml"
    assert run(["map", str(table), "--area", "KHM", "-o", str(draft)]) in (0, 1)
    text = draft.read_text(encoding="utf-8")
    draft.write_text(text.replace("# decide:", "#"), encoding="utf-8")
    code = run(["convert", str(table), str(draft), "-o", str(tmp_path / "out")])
    done = convert(table, draft, undecided="skip")
    observations = [value for data in done.datasets for value in data.values.tolist()]
    written = {8200, 6800, 5000, 20000, 8.2, 6.8, 5.0, 20.0} & set(observations)
    assert code != 0 or len(written) >= 4


# --- the program itself ---


def test_doctor_says_versions_places_and_what_to_do(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ILMS_SDMX_CACHE", str(place / "cache"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(place / "none.pem"))
    assert run(["doctor", "--db", str(place / "no database")]) == 1
    said = capsys.readouterr().out
    for name in ("ilms-sdmx", "Python", "packages", "pandas", "encoding", "time zone", "cache", "certificates", "fonts", "database"):  # fmt: skip
        assert name in said
    assert "none.pem is not there" in said
    assert "-> set REQUESTS_CA_BUNDLE" in said
    assert not (place / "cache").exists()


def test_doctor_asks_no_service_and_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ILMS_SDMX_UNDESA_TOKEN", "very-secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:very-secret@127.0.0.1:9")
    run(["doctor"])
    said = capsys.readouterr().out
    assert "through the proxy of HTTPS_PROXY" in said
    assert "very-secret" not in said


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion_script(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "_ILMS_SDMX_COMPLETE" in script
    assert "ilms-sdmx" in script


def test_the_completion_knows_commands_and_choices() -> None:
    words = {"_ILMS_SDMX_COMPLETE": "bash_complete", "COMP_CWORD": "1"}
    shown = command(COMP_WORDS="ilms-sdmx con", **words).stdout.decode()
    assert "plain,convert" in shown
    words["COMP_CWORD"] = "3"
    shown = command(COMP_WORDS="ilms-sdmx cat --labels f", **words).stdout.decode()
    assert "plain,fr" in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_fits_60_columns(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert run([name, "--help"]) == 0
    said = capsys.readouterr().out
    assert f"ilms-sdmx {name}" in said
    # Examples of commands and lists of choices are never broken: they are copied.
    plain = [line for line in said.splitlines() if "ilms-sdmx " not in line and "|" not in line]
    assert [line for line in plain if len(line) > 60] == []

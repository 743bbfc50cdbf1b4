"""Files as other systems have them, as far as this one can show it: names, ends of lines, open files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest

import ilms_sdmx
from ilms_sdmx import OutputError, convert, copy_example, example, read
from ilms_sdmx._files import replacing, text_of
from ilms_sdmx.cli import run

#: Names that some file system or shell has trouble with.
NAMES = [
    "with blanks.csv",
    "ประเทศ.csv",
    "Gia đình.csv",
    "ລາຍງານ.csv",
    "a'b.csv",
    "semi;colon.csv",
    "percent%20.csv",
    "e\u0301.csv",
    "x" * 120 + ".csv",
]


def can_be_named(name: str) -> bool:
    """Whether the locale has letters for a name of a file."""
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return True


NAMES = list(filter(can_be_named, NAMES))
FOLDER = "thư mục" if can_be_named("thư mục") else "my folder"
RESULTS = "ผล" if can_be_named("ผล") else "results"


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_a_file_is_written_and_read(tmp_path: Path, name: str) -> None:
    data = convert(*example("vnm-outflow")).datasets[0]
    folder = tmp_path / FOLDER
    folder.mkdir()
    ilms_sdmx.write(data, folder / name)
    assert len(read(folder / name).datasets[0]) == len(data)
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.parametrize("name", NAMES[:5])
def test_a_workbook_of_any_name_is_converted_into_files_named_after_it(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table, mapping = example("phl-emigrants")
    Path(name).write_bytes(table.read_bytes())
    assert run(["convert", name, str(mapping), "-o", RESULTS]) in (0, 1)
    written = [path.name for path in Path(RESULTS).iterdir()]
    assert all(path.startswith(Path(name).stem) for path in written)
    assert not any(set(PureWindowsPath(path).name) & set('<>:"|?*') for path in written)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ends_of_lines_make_no_difference(tmp_path: Path, end: str) -> None:
    table, mapping = example("phl-emigrants")
    for path in copy_example("phl-emigrants", tmp_path):
        text = path.read_text(encoding="utf-8")
        path.write_bytes(text.replace("\n", end).encode("utf-8"))
    done = convert(tmp_path / table.name, tmp_path / mapping.name)
    assert done.summary() == convert(table, mapping).summary()
    assert "\r" not in text_of(tmp_path / mapping.name)


def test_what_is_written_has_the_same_ends_of_lines_everywhere(tmp_path: Path) -> None:
    data = convert(*example("vnm-outflow")).datasets[0]
    for name in ("x.csv", "x.xml", "x.json"):
        ilms_sdmx.write(data, tmp_path / name)
        assert b"\r" not in (tmp_path / name).read_bytes()


def test_a_file_that_another_program_has_open_is_told_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "open.csv"
    target.write_text("old", encoding="utf-8")

    def refused(source: object, place: object) -> None:
        # What Windows says where Excel has the file open.
        raise PermissionError(13, "The process cannot access the file", str(place))

    def write_it() -> None:
        with replacing(target) as stream:
            stream.write(b"new")

    monkeypatch.setattr("ilms_sdmx._files.writing.os.replace", refused)
    with pytest.raises(OutputError, match=r"open\.csv cannot be written: The process cannot"):
        write_it()
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["open.csv"]


def test_a_reader_keeps_the_old_file_while_a_new_one_takes_its_name(tmp_path: Path) -> None:
    data = convert(*example("vnm-outflow")).datasets[0]
    target = tmp_path / "x.csv"
    target.write_text("old", encoding="utf-8")
    with target.open(encoding="utf-8") as reader:
        ilms_sdmx.write(data, target)
        if os.name != "nt":
            assert reader.read() == "old"
    assert len(read(target).datasets[0]) == len(data)


#: Python takes ASCII for names of files, which are UTF-8.
ASCII = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux alone")
@pytest.mark.parametrize(
    ("name", "shown", "variables"),
    [
        ("ตาราง".encode(), "ตาราง", ASCII),
        ("ตาราง".encode("cp874"), r"\xb5\xd2\xc3", {}),
    ],
    ids=["UTF-8 under ASCII", "cp874"],
)
def test_a_name_that_the_locale_cannot_read_is_no_error(
    tmp_path: Path, name: bytes, shown: str, variables: dict[str, str]
) -> None:
    table, mapping = example("vnm-outflow")
    place = os.fsencode(tmp_path)
    for path, end in ((table, b".xlsx"), (mapping, b".yaml")):
        (tmp_path / os.fsdecode(name + end)).write_bytes(path.read_bytes())

    def run_in_place(*arguments: bytes) -> None:
        command = [os.fsencode(sys.executable), b"-m", b"ilms_sdmx", *arguments]
        done = subprocess.run(
            command,
            cwd=place,
            check=False,
            capture_output=True,
            env={**os.environ, **variables},
        )
        assert done.returncode in (0, 1), done.stderr.decode()

    files = (name + b".xlsx", name + b".yaml")
    run_in_place(b"convert", *files, b"-o", b"out", b"--report", name + b".html")
    assert shown in (tmp_path / os.fsdecode(name + b".html")).read_text(encoding="utf-8")
    run_in_place(b"map", name + b".xlsx", b"-o", name + b"2.yaml")
    draft = (tmp_path / os.fsdecode(name + b"2.yaml")).read_text(encoding="utf-8")
    assert shown in draft


def test_a_name_without_letters_in_the_locale_is_refused(tmp_path: Path) -> None:
    program = r"""
import ilms_sdmx
data = ilms_sdmx.convert(*ilms_sdmx.example("vnm-outflow")).datasets[0]
for call in (lambda: ilms_sdmx.write(data, "\u0e15.csv"), lambda: ilms_sdmx.read("\u0e15.csv")):
    try:
        call()
    except ilms_sdmx.IlmsError as error:
        print(type(error).__name__, ascii(str(error)))
"""
    environment = {**os.environ, **ASCII}
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, cwd=tmp_path, check=False, capture_output=True, env=environment
    )
    lines = done.stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == ["OutputError", "MessageError"]
    assert "set LANG=C.UTF-8" in lines[0]
    assert list(tmp_path.iterdir()) == []

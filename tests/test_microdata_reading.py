"""Files of records are read with every value, label, missing code and letter that they have."""

from __future__ import annotations

import base64
import datetime
import gzip
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from ilms_sdmx.errors import TableError
from ilms_sdmx.microdata import Microdata, read_microdata
from ilms_sdmx.microdata.files.reading import files_of

pyreadstat = pytest.importorskip("pyreadstat")

SECRET = "Q7734421"


def rows(microdata: Microdata) -> list[dict[str, object]]:
    return pq.read_table(microdata.path).to_pylist()


def test_a_csv_is_all_text_and_blanks_are_missing(tmp_path: Path) -> None:
    file = tmp_path / "persons.csv"
    file.write_text('id;sex;age\n007;F;"34"\n8; M ;\n', encoding="utf-8-sig")
    microdata = read_microdata(file, tmp_path / "work")
    assert rows(microdata) == [
        {"id": "007", "sex": "F", "age": "34"},
        {"id": "8", "sex": "M", "age": None},
    ]
    assert microdata.rows == 2


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("cp874", "แรงงาน"), ("cp1258", "Việt Nam"), ("utf-16", "ແຮງງານ"), ("latin1", "São Tomé")],
)
def test_a_csv_in_an_old_encoding_keeps_its_letters(
    tmp_path: Path, encoding: str, text: str
) -> None:
    # cp1258 has the tone as a letter of its own.
    written = text.replace("ệ", "\u00ea\u0323") if encoding == "cp1258" else text
    file = tmp_path / "persons.csv"
    file.write_bytes(f"id,name\n1,{written}\n2,{written}\n".encode(encoding))
    microdata = read_microdata(file, tmp_path / "work", encoding=encoding)
    assert [row["name"] for row in rows(microdata)] == [text, text]


def test_tcvn_letters_of_a_csv(tmp_path: Path) -> None:
    file = tmp_path / "persons.csv"
    file.write_bytes("id,name\n1,NhËt B¶n\n".encode("latin-1"))
    microdata = read_microdata(file, tmp_path / "work", encoding="tcvn3")
    assert rows(microdata)[0]["name"] == "Nhật Bản"


def test_text_in_an_unsaid_encoding_is_refused_without_a_value(tmp_path: Path) -> None:
    file = tmp_path / "persons.csv"
    file.write_bytes(f"id,name\n{SECRET},แรงงาน\n".encode("cp874"))
    with pytest.raises(TableError, match="--encoding cp874") as caught:
        read_microdata(file, tmp_path / "work")
    assert SECRET not in str(caught.value)


def test_lines_of_wrong_length_are_told_by_number_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "persons.csv"
    file.write_text(f"id,sex\n1,F\n{SECRET},M,9,9\n3,F\n")
    with pytest.raises(TableError, match=r"2 fields, found 4 in 1 line") as caught:
        read_microdata(file, tmp_path / "work")
    assert SECRET not in str(caught.value)
    assert not list((tmp_path / "work").glob("*")), "nothing is half-written"


def test_fixed_width_fields_are_cut_by_a_layout(tmp_path: Path) -> None:
    layout = tmp_path / "layout.csv"
    layout.write_text("name,start,width,label\nid,1,3,Person\nsex,4,1,Sex\nage,5,3,Age\n")
    file = tmp_path / "persons.dat"
    file.write_text("001F 34\n002M  9\n003F\n")
    microdata = read_microdata(file, tmp_path / "work", columns=layout)
    assert [tuple(row.values()) for row in rows(microdata)] == [
        ("001", "F", "34"),
        ("002", "M", "9"),
        ("003", "F", None),
    ]
    assert microdata.variables["sex"].label == "Sex"


def test_stata_keeps_each_missing_code_apart(tmp_path: Path) -> None:
    frame = pd.DataFrame({"job": [1, "a", "z", 2], "w": [1.5, 2.0, None, 3.0]})
    labels = {1: "yes", 2: "no", "a": "refused", "z": "does not know"}
    pyreadstat.write_dta(
        frame,
        str(tmp_path / "lfs.dta"),
        column_labels=["Has a job", "Weight"],
        variable_value_labels={"job": labels},
        missing_user_values={"job": ["a", "z"]},
    )
    microdata = read_microdata(tmp_path / "lfs.dta", tmp_path / "work")
    found = rows(microdata)
    assert [row["job"] for row in found] == [1.0, None, None, 2.0]
    assert [row["job@missing"] for row in found] == [None, ".a", ".z", None]
    job = microdata.variables["job"]
    assert job.labels == {"1": "yes", "2": "no", ".a": "refused", ".z": "does not know"}
    assert job.is_missing(".a")
    assert not job.is_missing("1")


@pytest.mark.parametrize("suffix", ["sav", "zsav"])
def test_spss_keeps_its_missing_values_and_says_which_they_are(
    tmp_path: Path, suffix: str
) -> None:
    frame = pd.DataFrame(
        {
            "job": [1.0, 98.0, 99.0, -9.0, None],
            "born": [datetime.date(1990, 2, 28)] + [None] * 4,
            "name": ["a", "b ", "", "d", "e"],
        }
    )
    pyreadstat.write_sav(
        frame,
        str(tmp_path / f"lfs.{suffix}"),
        compress=suffix == "zsav",
        missing_ranges={"job": [{"lo": 98, "hi": 99}, -9]},
        variable_value_labels={"job": {98: "refused", 99: "not asked"}},
    )
    microdata = read_microdata(tmp_path / f"lfs.{suffix}", tmp_path / "work")
    found = rows(microdata)
    assert [row["job"] for row in found] == [1.0, 98.0, 99.0, -9.0, None]
    assert [row["name"] for row in found] == ["a", "b", None, "d", "e"]
    assert found[0]["born"] == datetime.date(1990, 2, 28)
    job = microdata.variables["job"]
    assert [job.is_missing(code) for code in ("1", "98", "99", "-9")] == [False] + [True] * 3
    assert job.labels["98"] == "refused"


#: Four persons in SAS's own format, which no open Python library writes; made by R's haven:
#: SEX with a label, AGE (the second missing), NAME, JOB (1, .A, 2, .Z), BORN as a date.
SAS = (
    "H4sIAAAAAAACA+3av0sCYRgH8EczMGtQcHAQOsKhIeLECIKgO7srjLToHBxzMAxCpR/YlkFjU/9DY5NzIUU0"
    "VltbQ1tTUwn9sNN7z+5etAwJir4fOR7f773Pe3DHwR0c0YfT+93lst93eXzgpr6L8H5g0OuLEA2Rg8L0Kb9t"
    "pMmaMBObVxU5KWtqUmiHvlDvZ/PuisVb2VLt6jO8RE4unhgVw2I4Lup1TK/j86u5rW0CAAAAAAAAAAAAAAAA"
    "AAD4jzz6j+hmwBgN99j3Vlge4LoKLF80A4dRRliucHml36hrXF5iucStL7XJqU1e8bTOS21yAAAAAPgZb8+1"
    "hk7nK+Tqqr/b4/+OfpF87N+L0V5LcTPc+ubSH6Ld3NjLxq7G5mx+uWvuD3JjK3aomthMgmS8DgishtjVGWbj"
    "Ee5qEb2yNSYtGf89sKamSJ5VKSHH1bmFKEUXlhJaZlvIrwib2YxQyKxv5HPU+D5YfdTVe3q54zzpOjmTIcv5"
    "aKX3qwW8reMaB3c6/EkO653xMGVUWZJzaXu2d26+Qhv1uroTzbPkpLpjZraeUkyazp4d2fqiZfs6FJGUNFvo"
    "0OiXsld4XQcAAAAAAAD4hnfkk7aHAEAAAA=="
)


def test_sas_files_keep_each_missing_code_apart(tmp_path: Path) -> None:
    (tmp_path / "lfs.sas7bdat").write_bytes(gzip.decompress(base64.b64decode(SAS)))
    microdata = read_microdata(tmp_path / "lfs.sas7bdat", tmp_path / "work")
    found = rows(microdata)
    assert [row["SEX"] for row in found] == [1.0, 2.0, 1.0, 2.0]
    assert [row["AGE"] for row in found] == [34.0, None, 51.0, 19.0]
    assert [row["NAME"] for row in found] == ["Ana", "Bo", "Chí", "Dao"]
    assert [row["JOB"] for row in found] == [1.0, None, 2.0, None]
    assert [row["JOB@missing"] for row in found] == [None, ".a", None, ".z"]
    assert [row["AGE@missing"] for row in found] == [None] * 4
    assert found[3]["BORN"] == datetime.date(2005, 12, 31)
    assert microdata.variables["SEX"].label == "Sex of the person"


def test_sas_transport_files_are_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"SEX": ["1", "2"], "AGE": [3.0, None]})
    pyreadstat.write_xport(frame, str(tmp_path / "lfs.xpt"), column_labels=["Sex", "Age"])
    microdata = read_microdata(tmp_path / "lfs.xpt", tmp_path / "work")
    assert [row["SEX"] for row in rows(microdata)] == ["1", "2"]
    assert [row["AGE"] for row in rows(microdata)] == [3.0, None]


def old_stata(path: Path, label: bytes, value: bytes) -> None:
    """File of Stata 114, whose texts are in an encoding that it does not name."""
    frame = pd.DataFrame({"abc": ["x" * len(value), "Nam"], "n": [1, 2]})
    frame.to_stata(path, version=114, write_index=False, variable_labels={"n": "N" * 8})
    content = path.read_bytes()
    content = content.replace(b"N" * 8, label[:8].ljust(8))
    content = content.replace(b"x" * len(value), value)
    path.write_bytes(content)


def test_thai_letters_of_an_old_stata_file_are_found_by_their_labels(tmp_path: Path) -> None:
    old_stata(tmp_path / "lfs.dta", "สถานที่".encode("cp874"), "ไทย".encode("cp874"))
    microdata = read_microdata(tmp_path / "lfs.dta", tmp_path / "work")
    assert microdata.encoding == "cp874"
    assert microdata.variables["n"].label.strip() == "สถานที่"
    assert [row["abc"] for row in rows(microdata)] == ["ไทย", "Nam"]


@pytest.mark.parametrize(
    ("encoding", "written", "text"),
    [("cp1258", "Vi\u00ea\u0323t".encode("cp1258"), "Việt"), ("tcvn3", b"Nh\xcbt", "Nhật")],
)
def test_vietnamese_letters_of_an_old_stata_file_stay_in_their_place(
    tmp_path: Path, encoding: str, written: bytes, text: str
) -> None:
    old_stata(tmp_path / "lfs.dta", written, written)
    microdata = read_microdata(tmp_path / "lfs.dta", tmp_path / "work", encoding=encoding)
    assert list(microdata.variables) == ["abc", "n"]
    assert microdata.variables["n"].label.strip() == text
    assert [row["abc"] for row in rows(microdata)] == [text, "Nam"]


def test_a_column_that_is_all_missing_at_first_keeps_its_type(tmp_path: Path) -> None:
    count = 60_000
    frame = pd.DataFrame({"late": [None] * (count - 1) + [7.0], "w": [1.0] * count})
    pyreadstat.write_sav(frame, str(tmp_path / "lfs.sav"))
    microdata = read_microdata(tmp_path / "lfs.sav", tmp_path / "work")
    assert microdata.rows == count
    assert rows(microdata)[-1]["late"] == 7.0


def test_a_file_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "persons.csv"
    file.write_text("id\n1\n")
    first = read_microdata(file, tmp_path / "work")
    written = first.path.stat().st_mtime_ns
    again = read_microdata(file, tmp_path / "work")
    assert (again.path, again.path.stat().st_mtime_ns) == (first.path, written)
    assert again.variables == first.variables
    file.write_text("id\n1\n2\n")
    assert read_microdata(file, tmp_path / "work").rows == 2


def test_parquet_of_others_is_used_as_it_is(tmp_path: Path) -> None:
    frame = pd.DataFrame({"sex": pd.Categorical(["F", "M"]), "age": [1, 2]})
    frame.to_parquet(tmp_path / "persons.parquet")
    microdata = read_microdata(tmp_path / "persons.parquet", tmp_path / "work")
    assert microdata.path == tmp_path / "persons.parquet"
    assert {name: each.kind for name, each in microdata.variables.items()} == {
        "sex": "text",
        "age": "number",
    }


@pytest.mark.parametrize("name", ["x.sav", "x.dta", "x.xpt", "x.sas7bdat", "x.parquet"])
def test_a_file_that_is_another_is_refused_in_words(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(f"no such file {SECRET}".encode() * 50)
    with pytest.raises(TableError) as caught:
        read_microdata(tmp_path / name, tmp_path / "work")
    assert name in str(caught.value)
    assert SECRET not in str(caught.value)


def test_names_are_known_and_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,id\n1,2\n")
    with pytest.raises(TableError, match="twice"):
        read_microdata(tmp_path / "a.csv", tmp_path)
    (tmp_path / "b.csv").write_text("")
    with pytest.raises(TableError, match="names in line 1"):
        read_microdata(tmp_path / "b.csv", tmp_path)
    (tmp_path / "c.docx").write_text("")
    with pytest.raises(TableError, match=r"expected a file of records .* found \.docx"):
        read_microdata(tmp_path / "c.docx", tmp_path)
    (tmp_path / "d.csv").write_text("WEIGHT,SEX\n1,2\n")
    with pytest.raises(TableError, match="did you mean 'WEIGHT'"):
        read_microdata(tmp_path / "d.csv", tmp_path).variable("weigth")


def test_a_folder_is_its_files_by_name(tmp_path: Path) -> None:
    for name in ("2024.csv", "2023.sav", "notes.pdf"):
        (tmp_path / name).write_text("")
    assert [path.name for path in files_of(tmp_path)] == ["2023.sav", "2024.csv"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(TableError, match="expected files of records"):
        files_of(tmp_path / "empty")

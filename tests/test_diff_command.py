"""`diff`: messages, workbooks under one mapping, and days of the database."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from ilms_sdmx import convert, example, read, revise, version_of, write
from ilms_sdmx.cli import main
from ilms_sdmx.database import Database
from ilms_sdmx.errors import DatabaseError, MappingError, MessageError
from ilms_sdmx.outputs.exchange.revisions import apply_revision
from tests.test_changes_applied import FLOW, KEYS, dataset, texts

OLD = {KEYS[0]: ("1.5", None, None), KEYS[1]: ("2", "P", None), KEYS[2]: ("7", None, "n")}
NEW = {KEYS[0]: ("1.75", None, None), KEYS[1]: ("2", None, None), KEYS[3]: ("9", "E", None)}


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(each) for each in arguments])
    return int(stop.value.code or 0)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write(dataset(OLD), tmp_path / "old.csv", "sdmx-csv-2.0")
    write(dataset(NEW), tmp_path / "new.xml", "sdmx-ml-3.0")
    return tmp_path


def test_a_message_of_changes_leads_from_one_message_to_the_other(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = place / "old.csv", place / "new.xml"
    for name, format in (("c.csv", ""), ("c21.csv", "sdmx-csv-2.1"), ("c.xml", "sdmx-ml-2.1")):
        arguments = ["diff", old, new, "-o", place / name, "-s", place / "s.xml"]
        arguments = arguments[:-2] + (["-f", format] if format else [])
        assert run(*arguments) == 0
        changes = read(place / name, structure=FLOW).datasets
        [after] = apply_revision(read(old, structure=FLOW), changes)
        assert texts(after) == texts(dataset(NEW))
    assert "1 added, 2 changed, 1 removed" in capsys.readouterr().err


def test_the_page_and_the_table_say_what_changed_and_by_how_much(place: Path) -> None:
    old, new = place / "old.csv", place / "new.xml"
    table, page = place / "changes.csv", place / "changes.html"
    assert run("diff", old, new, "--csv", table, "--html", page, "--time", "2026-01-31") == 0
    frame = pd.read_csv(table, dtype="str", keep_default_na=False)
    said = {(row.SEX, row.CDS, row.TIME_PERIOD): row for row in frame.itertuples()}
    assert said[KEYS[0]].difference == "0.25"
    assert (said[KEYS[1]].change, said[KEYS[1]].what) == ("changed", "OBS_STATUS")
    assert (said[KEYS[2]].change, said[KEYS[3]].change) == ("removed", "added")
    assert "What changed in ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)" in page.read_text("utf-8")


def test_nothing_is_written_where_nothing_changed(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("diff", place / "old.csv", place / "old.csv", "-o", place / "c.csv") == 0
    assert not (place / "c.csv").exists()
    assert "nothing changed" in capsys.readouterr().err


def test_days_of_the_database_are_versions(place: Path) -> None:
    folder = place / "db"
    Database(folder).add(dataset(OLD), "emigrants", at="2026-01-01", source="S")
    Database(folder).add(dataset(NEW), "emigrants", at="2026-02-01", source="S")
    old = version_of("db:emigrants@2026-01-15", database=folder)
    new = version_of("db:emigrants", database=folder)
    revision = revise(old, new)
    assert revision.counts == {"added": 1, "changed": 2, "removed": 1}
    assert run("diff", "db:emigrants@2026-01-15", place / "new.xml", "--db", folder) == 0
    with pytest.raises(DatabaseError, match="--db"):
        version_of("db:emigrants")
    with pytest.raises(DatabaseError, match="it has emigrants"):
        version_of("db:others", database=folder)


def with_figure(workbook: Path, mapping: Path, value: object, target: Path) -> Path:
    """Workbook in which one figure has another value."""
    [first, *_] = convert(workbook, mapping).datasets
    assert first.provenance is not None
    place = first.provenance.iloc[0]
    book = openpyxl.load_workbook(workbook)
    book[place["sheet"]][place["cell"]] = value
    book.save(target)
    return target


def test_workbooks_under_one_mapping_are_versions(tmp_path: Path) -> None:
    workbook, mapping = example("khm-abroad")
    later = with_figure(workbook, mapping, 123_456, tmp_path / "later.xlsx")
    before = version_of(workbook, mapping=mapping)
    frame = revise(before, version_of(later, mapping=mapping)).frame()
    assert len(frame)
    assert set(frame["change"]) == {"changed"}
    assert any("123456" in str(value).replace(".", "") for value in frame["after"])
    shutil.copy(workbook, tmp_path / "same.xlsx")
    assert len(revise(before, version_of(tmp_path / "same.xlsx", mapping=mapping))) == 0


def test_a_table_as_csv_is_a_version(tmp_path: Path) -> None:
    table, mapping = example("phl-emigrants")
    later = tmp_path / "later.csv"
    text = table.read_text("utf-8")
    later.write_text(text.replace("2019", "2019", 1), "utf-8")
    before = version_of(table, mapping=mapping)
    assert len(revise(before, version_of(later, mapping=mapping))) == 0
    with pytest.raises(MessageError):
        version_of(table)


def test_a_workbook_with_errors_is_no_version(tmp_path: Path) -> None:
    workbook, mapping = example("sgp-work-passes")
    later = with_figure(workbook, mapping, "about forty", tmp_path / "later.xlsx")
    with pytest.raises(MappingError, match="has errors"):
        version_of(later, mapping=mapping)


def test_a_format_without_actions_is_refused() -> None:
    revision = revise(dataset(OLD), dataset(NEW))
    with pytest.raises(MessageError, match="no actions"):
        revision.datasets("sdmx-csv-1.0")
    with pytest.raises(MessageError, match="expected a format among"):
        revision.datasets("sdmx-edi")


def test_a_dataflow_that_is_gone_is_deleted_key_by_key() -> None:
    revision = revise(dataset(OLD), [])
    [deleted] = revision.datasets("sdmx-csv-2.1")
    assert (deleted.action, len(deleted)) == ("Delete", len(OLD))
    assert apply_revision(dataset(OLD), [deleted]) == []

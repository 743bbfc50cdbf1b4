"""The commands `compare` and `demo`: files, exit status, messages; nothing is asked of the network."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ilms_sdmx import Harmonised, MappingError, Origin, TableError
from ilms_sdmx.analysis.comparison.comparators import comparators_by_name
from ilms_sdmx.analysis.comparison.snapshots import ilostat, undesa
from ilms_sdmx.cli import run
from ilms_sdmx.conversion import convert, example, examples, write_conversion
from ilms_sdmx.conversion.result.sidecars import with_cells
from ilms_sdmx.database import Database
from ilms_sdmx.messages import read, write


@pytest.fixture
def message(tmp_path: Path) -> Path:
    """Published figures of employed non-citizens of Thailand as a data message."""
    thailand = next(p for p in ilostat() if "EMP_MFRC" in p.dataset.dataflow).dataset
    frame = thailand.observations
    latest = frame[
        (frame["TIME_PERIOD"] >= "2019")
        & (frame["SEX"] == "SEX_T")
        & (frame["REF_AREA"] == "THA")
    ]
    path = tmp_path / "thailand.csv"
    write(replace(thailand, observations=latest), path, "sdmx-csv-1.0")
    return path


def test_compare_writes_report_workbook_json_and_charts(
    message: Path, tmp_path: Path, capsys: Any
) -> None:
    report, book, file = tmp_path / "out.html", tmp_path / "out.xlsx", tmp_path / "out.json"
    arguments = [
        "compare",
        str(message),
        "--with",
        "snapshot",
        "--report",
        str(report),
        "--xlsx",
        str(book),
    ]
    assert run([*arguments, "--json", str(file), "--charts", str(tmp_path / "charts")]) == 0
    out = capsys.readouterr().out
    assert "pairs of figures" in out
    assert "UN DESA IMS 2024" in out
    assert "<h2>Thailand</h2>" in report.read_text("utf-8")
    pairs = json.loads(file.read_text("utf-8"))["pairs"]
    assert openpyxl.load_workbook(book)["pairs"].max_row == len(pairs) + 1
    assert {p.suffix for p in (tmp_path / "charts").iterdir()} == {".svg", ".png"}


def compared(*arguments: str | Path) -> int:
    return run(["compare", *map(str, arguments), "--with", "snapshot"])


def test_figures_of_a_workbook_lead_to_their_cells(tmp_path: Path) -> None:
    source, mapping = example("tha-abroad")
    report, cells = tmp_path / "out.html", tmp_path / "pages" / "cells.html"
    cells.parent.mkdir()
    assert compared(source, "--mapping", mapping, "--report", report, "--cells", cells) == 0
    html = report.read_text("utf-8")
    assert "thai_workers_abroad_2567_Q1.xlsx &gt; สรุป &gt; B16" in html
    address = re.search(r'href="pages/cells.html#(cell-1-B16)"[^>]*>51,960<', html)
    assert address
    assert f'id="{address[1]}"' in cells.read_text("utf-8")


def test_figures_of_a_message_have_the_cells_of_the_provenance_beside_it(
    tmp_path: Path,
) -> None:
    conversion = convert(*example("tha-abroad"))
    written = write_conversion(conversion, tmp_path, prepared="2026-01-01T00:00:00Z")
    message = next(p for p in written if p.name.endswith("DF_POP_MNAS_SEX_CRS_NB.csv"))
    for path in (message, message.with_suffix(".xml")):
        report = tmp_path / "out.html"
        assert compared(path, "--report", report) == 0
        assert "thai_workers_abroad_2567_Q1.xlsx &gt; สรุป &gt; B16" in report.read_text("utf-8")
    next(tmp_path.glob("*.provenance.csv")).write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(TableError, match="no column file"):
        with_cells(next(iter(read(message).datasets)), message)


def test_cells_are_those_of_a_workbook(message: Path, tmp_path: Path) -> None:
    assert compared(message, "--cells", tmp_path / "cells.html") == 3


def test_unknown_comparator_is_a_usage_error_that_names_the_forms(
    message: Path, capsys: Any
) -> None:
    assert run(["compare", str(message), "--with", "unpd"]) == 3
    assert "undesa-stock:EDITION" in capsys.readouterr().err


def test_nothing_to_compare_with_is_a_usage_error(message: Path) -> None:
    assert run(["compare", str(message)]) == 3


def test_offline_without_cache_says_what_is_missing(
    message: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert run(["compare", str(message), "--with", "undesa-stock:2024", "--offline"]) == 4
    assert "undesa_pd_2024" in capsys.readouterr().err


def test_message_can_be_a_comparator(message: Path, capsys: Any) -> None:
    assert run(["compare", str(message), "--with", str(message)]) == 0
    assert "agree within rounding" in capsys.readouterr().out


def test_store_of_sync_is_read_with_its_records(message: Path, tmp_path: Path) -> None:
    Database(tmp_path / "store").add(undesa("2024"), "stock", at="2026-01-01")
    ours = next(p for p in ilostat() if "EMP_MFRC" in p.dataset.dataflow)
    found = comparators_by_name(["store:stock"], ours, store=tmp_path / "store").data
    assert all(isinstance(part, Harmonised) for part in found)
    assert sum(len(part) for part in found) == sum(len(part) for part in undesa("2024"))
    records = found[0].records
    assert set(records["source"].astype("str")) == {"UN DESA IMS"}
    assert set(records["criterion"].astype("str")) <= {
        "birth",
        "mixed",
        "imputed",
        "unknown",
        "citizenship",
    }


def test_a_database_is_compared_as_it_was_on_a_day(message: Path, tmp_path: Path) -> None:
    database = Database(tmp_path / "db")
    database.add(undesa("2020"), "stock", at="2026-01-01")
    database.add(undesa("2024"), "stock", at="2026-02-01")
    ours = next(p for p in ilostat() if "EMP_MFRC" in p.dataset.dataflow)
    for address, edition in (("db:stock@2026-01-31", "2020"), ("db:stock", "2024")):
        (part, *_) = comparators_by_name([address], ours, store=database.folder).data
        assert isinstance(part, Harmonised)
        expected = sum(len(each) for each in undesa(edition))
        found = comparators_by_name([address], ours, store=database.folder).data
        assert sum(len(each) for each in found if isinstance(each, Harmonised)) == expected
        assert set(part.records["edition"].astype("str")) == {edition}
    arguments = ["compare", str(message), "--with", "db:stock", "--db", str(database.folder)]
    assert run(arguments) == 0


@pytest.mark.parametrize("name", ["store:none", "store:", "db:none", "db:"])
def test_unknown_item_of_a_store_names_those_there_are(name: str, tmp_path: Path) -> None:
    Database(tmp_path).add(undesa("2024"), "stock", at="2026-01-01")
    with pytest.raises(MappingError, match="it has stock"):
        comparators_by_name([name], undesa("2020"), store=tmp_path)


def test_store_must_be_named() -> None:
    with pytest.raises(MappingError, match="--db"):
        comparators_by_name(["store:stock"], undesa("2020"))


def test_demo_shows_it_all_and_says_where(tmp_path: Path, capsys: Any) -> None:
    folder = tmp_path / "demo"
    start = time.process_time()
    assert run(["demo", str(folder)]) == 0
    assert time.process_time() - start < 25
    out = capsys.readouterr().out
    named = re.findall(r"^   (\S+\.(?:html|xlsx|xml|csv|json))", out, re.M)
    assert {p.name for p in folder.iterdir()} == {*named, "database"}
    kept = Database(folder / "database")
    assert kept.list()["figures"].min() > 0
    assert set(kept.get("DF_POP_MNAS_SEX_CRS_NB", key="THA").observations["FREQ"]) == {"M"}
    assert {"conversion.html", "validation.html", "comparison.html", "comparison.xlsx"} <= set(
        named
    )
    assert {"inventory.html", "inventory.xlsx", "report.html"} <= set(named)
    assert len(kept.manifest.names) > len(examples())
    assert "Thailand, 4 of 21 tables" in out
    assert "1.04 million nationals of Thailand lived abroad in 2024" in out
    assert "Not known" in (folder / "report.html").read_text("utf-8")
    assert "0 unexplained" in out
    assert "UN DESA" in (folder / "comparison.html").read_text("utf-8")


def test_conversion_compares_without_its_own_dataflows() -> None:
    from ilms_sdmx.analysis.comparison.sides import sides_of

    conversion = convert(*example("tha-abroad"))
    assert {s.datasets[0].dataflow for s in sides_of(conversion)} == {
        d.dataflow for d in conversion.datasets if d.dataflow not in conversion.own
    }


def test_other_things_are_no_comparators() -> None:
    part = undesa("2024")
    assert part.origin == Origin(
        part.origin.source, part.origin.address, "2024", licence="CC BY 3.0 IGO"
    )

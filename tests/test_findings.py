"""Findings: what is said of them on paper, in a frame and for machines."""

from __future__ import annotations

import json

from ilms_sdmx.findings import Finding, Place, Report, Severity
from ilms_sdmx.validation.formats import to_csv, to_json

STEP = "Write 0 for none."
EMPTY_CELL = Finding("facet", Severity.ERROR, "A cell is empty.", Place(cell="B7"), fix=STEP)


def test_how_to_fix_a_finding_is_said_under_its_old_name_for_one_release() -> None:
    report = Report((EMPTY_CELL,))
    assert EMPTY_CELL.mend == EMPTY_CELL.fix == STEP
    assert f"  fix       {STEP}" in str(EMPTY_CELL).splitlines()
    assert list(report.frame()[["fix", "mend"]].iloc[0]) == [STEP, STEP]
    entry = json.loads(to_json(report))["findings"][0]
    assert (entry["fix"], entry["mend"]) == (STEP, STEP)
    header = to_csv(report).splitlines()[0].split(",")
    assert {"fix", "mend"} <= set(header)

"""What became of the figures of a table whose draft was accepted as it is."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ilms_sdmx import Conversion, IlmsError, convert, draft_mapping
from tests.national.tables import Known, Table

#: Question behind a line of a draft.
_DECIDE = re.compile(r"[ \t]*# decide:.*$", re.M)


@dataclass
class Outcome:
    """What became of the figures of a table.

    Parameters
    ----------
    stopped
        Why nothing was written; empty where something was.
    right, named
        Number of figures that are written, or that a finding names.
    wrong, lost
        Cells whose figure is written under another key or value, or of which nobody is told.
    findings
        Rules of the errors and warnings.
    """

    stopped: str = ""
    right: int = 0
    named: int = 0
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def accepted(draft: str) -> str:
    """Draft with every proposal accepted: the word removed, the value kept."""
    return _DECIDE.sub("", draft)


def questions(draft: str) -> list[str]:
    """Lines of a draft that ask a person; equal ones count once."""
    lines = [line.strip() for line in draft.splitlines()]
    asked = []
    for line in lines:
        is_question = "# decide:" in line or re.search(r":\s*\"?\?\"?\s*(#|$)", line)
        if is_question and line not in asked:
            asked.append(line)
    return asked


def drafted(table: Table, folder: Path) -> str:
    """Draft of the mapping of a table, which is written to the folder."""
    path = written(table, folder)
    return draft_mapping(path, area=table.area, office=f"{table.area}_OFFICE")


def written(table: Table, folder: Path) -> Path:
    """Path of the file of a table in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / table.name
    path.write_bytes(table.content)
    return path


def converted(table: Table, mapping: str, folder: Path) -> tuple[Outcome, Conversion | None]:
    """What became of the figures of a table under a mapping."""
    path = written(table, folder)
    map_path = folder / "mapping.yaml"
    map_path.write_text(mapping, encoding="utf-8")
    try:
        done = convert(path, map_path)
    except IlmsError as error:
        return Outcome(stopped=f"{type(error).__name__}: {error}"), None
    return judged(table, done), done


def judged(table: Table, done: Conversion) -> Outcome:
    """Outcome of a conversion."""
    outcome = Outcome()
    rows = defaultdict(list)
    for row in done.provenance.to_dict("records"):
        rows[row["sheet"], row["cell"]].append(row)
    named = {(finding.place.sheet, finding.place.cell) for finding in done.report}
    for finding in done.report:
        if finding.severity != "note":
            outcome.findings.append(f"{finding.rule}: {finding.message}")
    for place, known in table.known.items():
        place = place if place in rows else (next(iter(rows))[0], place[1])
        judge(outcome, place, known, rows[place], place in named)
    if done.exit_code >= 2:
        outcome.stopped = "; ".join(str(finding) for finding in list(done.report.errors)[:3])
    return outcome


def judge(
    outcome: Outcome, place: tuple[str, str], known: Known, rows: list[Any], is_named: bool
) -> None:
    """Add one cell to an outcome."""
    figures = [row for row in rows if row["OBS_VALUE"] not in ("", None) and row["dataflow"]]
    faults = [fault for row in figures for fault in faults_of(row, known)]
    where = f"{place[0]}!{place[1]}"
    if faults:
        outcome.wrong.append(f"{where}: {'; '.join(faults)}")
        return
    if known.kind != "figure":
        return
    if figures:
        outcome.right += 1
    elif is_named:
        outcome.named += 1
    else:
        buckets = {str(row["bucket"]) for row in rows}
        outcome.lost.append(f"{where}: {known.country} {known.sex} {known.value} {buckets}")


def faults_of(row: dict[str, str], known: Known) -> list[str]:
    """What is wrong with an observation of a cell."""
    text = "%" if row.get("UNIT_MEASURE") in {"PT", "PC"} else ""
    if known.kind == "mark":
        return [] if _value(row) in (None, 0) else [f"mark written as {row['OBS_VALUE']}"]
    if known.kind == "percent":
        return [] if text else [f"percent written as {row['OBS_VALUE']}"]
    if known.kind == "code":
        return [f"code written as {row['OBS_VALUE']}"]
    faults = []
    if _value(row) != known.value:
        faults.append(f"value {_value(row)}, not {known.value}")
    if row["TIME_PERIOD"] not in known.periods:
        faults.append(f"period {row['TIME_PERIOD']}, not {sorted(known.periods)[0]}")
    sex = row.get("SEX") or ""
    if sex.rpartition("_")[2] not in {known.sex, ""} or (not sex and known.sex != "T"):
        faults.append(f"sex {sex}, not {known.sex}")
    partners = [row[name] for name in row if _is_partner(name) and row[name]]
    if known.country not in {partner.rpartition("_")[2] for partner in partners}:
        faults.append(f"partner {partners}, not {known.country}")
    return faults


def _is_partner(name: str) -> bool:
    return name in {"CCT", "CDS", "CRS", "CPR", "CBR", "COUNTRY", "CITIZENSHIP"}


def _value(row: dict[str, str]) -> Decimal | None:
    try:
        return Decimal(row["OBS_VALUE"]).scaleb(int(row["UNIT_MULT"] or 0)).normalize()
    except (InvalidOperation, ValueError, TypeError):
        return None

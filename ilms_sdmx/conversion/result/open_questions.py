"""Open questions: labels without a code and unread periods, for a person to fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.conversion.result.conversions import Conversion
from ilms_sdmx.findings import Finding
from ilms_sdmx.mapping.file.code_tables import COLUMNS as CODE_MAP
from ilms_sdmx.mapping.file.code_tables import LISTED, PERIOD, UNDECIDED
from ilms_sdmx.mapping.unmapped import Question
from ilms_sdmx.tables.forms import form

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the list; filled in, it is named under `answers` of the mapping.
COLUMNS = (*CODE_MAP[:2], *LISTED, CODE_MAP[-1])
_WIDTHS = (36, 18, 16, 16, 60, 16, 16, 8, 32, 50, 30)


def open_questions(conversion: Conversion) -> pd.DataFrame:
    """One row an error; `?` in `code` asks for the answer to the label in `source`.

    The answer is one under the code map in `map`.
    """
    import pandas as pd

    rows = list(map(_row, conversion.report.errors))
    columns = list(COLUMNS)
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    asks_code = frame["map"] != ""
    is_repeated = frame.duplicated(["source", "map"]) & asks_code
    once = frame[~is_repeated]
    return once.drop_duplicates(["source", "map", "component", "rule", "cell"])


def _row(finding: Finding) -> tuple[str, ...]:
    """Row of one finding."""
    source, code, code_map = finding.read, "", ""
    if isinstance(finding, Question):
        source = " | ".join(finding.labels)
        code_map = finding.map
        # A label taken as it is has no code map to answer: what fixes it says so.
        if code_map or finding.rule == PERIOD:
            code = UNDECIDED
    candidates = []
    for candidate in finding.candidates:
        candidates.append(f"{candidate.code} {candidate.label} {candidate.score:.0f}")
    near = "; ".join(candidates)
    place = finding.place
    question = (source, code, code_map, finding.component, near)
    where = (finding.rule, place.sheet, place.cell)
    return (*question, *where, finding.affects, finding.fix, "")


def questions_form(conversion: Conversion) -> bytes:
    """Open questions as a workbook (.xlsx) in which they are coloured."""
    rows = open_questions(conversion).to_numpy().tolist()
    widths = list(_WIDTHS)
    return form("unmapped", COLUMNS, rows, asks="code", question=UNDECIDED, widths=widths)

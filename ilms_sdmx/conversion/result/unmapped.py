"""List of what a person has to decide: labels without a code and unread periods, to fill and feed back."""

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
_WIDTHS = dict(zip(COLUMNS, (36, 18, 16, 16, 60, 16, 16, 8, 32, 50, 30), strict=True))


def unmapped(conversion: Conversion) -> pd.DataFrame:
    """One row an error; `?` in `code` asks for the answer to the label in `source`, under its code map."""
    import pandas as pd

    rows = [_row(finding) for finding in conversion.report.errors]
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")
    asked = frame["map"] != ""
    once = ~frame.duplicated(["source", "map"]) | ~asked
    return frame[once].drop_duplicates(["source", "map", "component", "rule", "cell"])


def _row(finding: Finding) -> tuple[str, ...]:
    # A label taken as it stands has no code map to answer: what fixes it says so.
    question = isinstance(finding, Question) and (finding.map != "" or finding.rule == PERIOD)
    return (
        " | ".join(finding.labels) if isinstance(finding, Question) else finding.read,
        UNDECIDED if question else "",
        finding.map if isinstance(finding, Question) else "",
        finding.component,
        "; ".join(f"{c.code} {c.label} {c.score:.0f}" for c in finding.candidates),
        finding.rule,
        finding.place.sheet,
        finding.place.cell,
        finding.affects,
        finding.fix,
        "",
    )


def unmapped_form(conversion: Conversion) -> bytes:
    """Return `unmapped` as a workbook (.xlsx) in which the open questions are coloured."""
    frame = unmapped(conversion)
    rows = frame.to_numpy().tolist()
    widths = [_WIDTHS[c] for c in COLUMNS]
    return form("unmapped", COLUMNS, rows, asks="code", question=UNDECIDED, widths=widths)

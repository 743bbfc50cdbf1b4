"""List of what a person has to decide: labels without a code, to fill and feed back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.conversion.result import Conversion
from ilms_sdmx.findings import Severity
from ilms_sdmx.mapping.reading_codes import COLUMNS as CODE_MAP
from ilms_sdmx.mapping.reading_codes import LISTED, UNDECIDED

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the list; filled in, its lines with `source` and `code` are lines of a code map.
COLUMNS = (*CODE_MAP[:2], *LISTED)


def unmapped(conversion: Conversion) -> pd.DataFrame:
    """One row an error; for an unknown label it stands in `source`, and `?` in `code` asks for the answer."""
    import pandas as pd

    rows = []
    for finding in conversion.report.of_severity(Severity.ERROR):
        near = "; ".join(f"{c.code} {c.label} {c.score:.0f}" for c in finding.candidates)
        place = finding.place
        rows.append(
            (
                finding.read,
                UNDECIDED,
                finding.component,
                near,
                finding.rule,
                place.sheet,
                place.cell,
                finding.affects,
            )
        )
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str").drop_duplicates(
        ["source", "component", "rule", "cell"]
    )

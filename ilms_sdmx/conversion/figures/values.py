"""Values of figures: numbers read strictly, marks told apart, several figures in a cell taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.document import Correction
from ilms_sdmx.mapping.file.tables import ZERO
from ilms_sdmx.mapping.layout import Conventions, TableLayout, column
from ilms_sdmx.tables.numbers import read_number
from ilms_sdmx.tables.separators import Inference, Separators, infer_separators

if TYPE_CHECKING:
    import pandas as pd

#: OBS_STATUS of SDMX for a figure printed with words such as *more than*.
ESTIMATED = "E"
#: Evidence of separators that the mapping declares.
DECLARED = "declared"
#: What is expected where the separators of a column may be read in two ways.
UNSURE = "declared separators"


@dataclass(frozen=True, slots=True)
class Value:
    """What one printed text says.

    `reason` says why it is no number; `how` is `number`, `percent`, `marker`, `correction` or `words`.
    """

    value: str = ""
    status: str = ""
    how: str = "number"
    reason: str = ""
    expected: str = ""
    candidates: tuple[str, ...] = ()
    why: str = ""


def take_apart(figures: pd.DataFrame, layout: TableLayout) -> pd.DataFrame:
    """Figures of which each holds one number: a cell with several becomes several rows.

    `part` counts the figures of a cell from 0; `digits` becomes the text of this figure alone.
    """
    import pandas as pd

    result = figures.assign(part=0)
    for several in layout.cells:
        texts = result["digits"].unique()
        found = {str(t): m for t in texts if (m := several.text.fullmatch(str(t).strip()))}
        rows = result["digits"].isin(found) & (result["kind"] == "text")
        if not rows.any():
            continue
        pieces = [result[~rows]]
        for number, labels in enumerate(several.parts):
            group = {t: m.group(number + 1) for t, m in found.items()}
            piece = result[rows].assign(
                part=number, **{column(k): v for k, v in labels.items() if k != "bucket"}
            )
            piece["digits"] = piece["digits"].map(group)
            if "bucket" in labels:
                piece.loc[piece["bucket"] == Bucket.OBSERVATION.value, "bucket"] = labels[
                    "bucket"
                ]
            pieces.append(piece)
        result = pd.concat(pieces).sort_values(["row", "column_number", "part"], kind="stable")
    return result.reset_index(drop=True)


def separators(texts: list[str], conventions: Conventions) -> Inference:
    """Separators that are declared, or the only ones that the texts allow, with the evidence."""
    if conventions.decimal or conventions.group is not None:
        decimal = conventions.decimal or ("," if conventions.group == "." else ".")
        group = (
            conventions.group
            if conventions.group is not None
            else ("," if decimal == "." else ".")
        )
        return Inference(Separators(decimal, group), DECLARED)
    return infer_separators(texts)


def read_text(
    text: str,
    way: Inference,
    conventions: Conventions,
    corrections: dict[str, Correction],
) -> Value:
    """Value of a text in a place where a figure should stand."""
    shown = text.strip()
    if found := corrections.get(shown):
        return Value(found.value, found.status, "correction", why=found.why)
    if (mark := conventions.markers.get(shown)) is not None:
        return Value("0", "", "marker") if mark == ZERO else Value("", mark, "marker")
    if way.separators is None:
        return Value(reason=f"its separators are not certain: {way.evidence}", expected=UNSURE)
    reading = read_number(shown, way.separators, brackets=conventions.brackets)
    if not reading.value:
        expected = f"a number with {way.separators}"
        return Value(reason=reading.reason, expected=expected, candidates=reading.candidates)
    number = reading.numbers[0]
    if number.percent:
        return Value(reading.value, how="percent")
    about = bool(number.approximate or number.multiplier)
    return Value(reading.value, ESTIMATED if about else "", "words" if about else "number")

"""Values of texts: numbers read strictly, markers and corrections told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ilms_sdmx.findings import phrase
from ilms_sdmx.mapping.document import Correction
from ilms_sdmx.mapping.file.tables import ZERO
from ilms_sdmx.mapping.layout import Conventions
from ilms_sdmx.tables.numbers import read_number
from ilms_sdmx.tables.separators import (
    Inference,
    Separators,
    form_of,
    infer_separators,
    prepared,
)

#: OBS_STATUS of SDMX for a figure printed with words such as *more than*.
ESTIMATED = "E"
#: Evidence of separators that the mapping declares.
DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Value:
    """What one printed text says.

    Parameters
    ----------
    value
        Plain decimal number, empty where the text has none.
    status
        Status in the codes of SDMX, empty where the text says none.
    how
        How the value came about: `number`, `percent`, `marker`, `correction` or `words`.
    reason
        Why the text is no number.
    expected
        What was expected instead.
    candidates
        What may have been meant.
    bound
        `over`, `under` or `about` from words such as *more than*, empty for a figure.
    form
        What the mapping would have to allow under `numbers` so that it is one, else empty.
    is_sure
        Whether it is certain which sign is before the fraction.
    """

    value: str = ""
    status: str = ""
    how: str = "number"
    reason: str = ""
    expected: str = ""
    candidates: tuple[str, ...] = ()
    bound: str = ""
    form: str = ""
    is_sure: bool = True


#: Value of each text.
Values = Mapping[str, Value]


def separators_of(texts: list[str], conventions: Conventions) -> Inference:
    """Separators that are declared, or the only ones possible, with the evidence."""
    decimal, group = conventions.decimal, conventions.group
    forms = frozenset(conventions.numbers)
    if not decimal and group is None:
        return _with_forms(infer_separators(texts), forms)
    if not decimal:
        decimal = "," if group == "." else "."
    if group is None:
        group = "," if decimal == "." else "."
    return Inference(Separators(decimal, group, forms), DECLARED)


def _with_forms(inference: Inference, forms: frozenset[str]) -> Inference:
    """Separators that are inferred, with the forms that the mapping allows."""
    separators = inference.separators
    if separators is None or not forms:
        return inference
    allowing = replace(separators, forms=forms)
    return replace(inference, separators=allowing)


def read_texts(
    texts: Iterable[str],
    separators: Inference,
    conventions: Conventions,
    corrections: Mapping[str, Correction],
) -> Values:
    """Value of each of several texts."""
    values = {}
    for text in texts:
        values[text] = read_text(text, separators, conventions, corrections)
    return values


def read_text(
    text: str,
    separators: Inference,
    conventions: Conventions,
    corrections: Mapping[str, Correction],
) -> Value:
    """Value of a text in a place for figures."""
    shown = text.strip()
    correction = corrections.get(shown)
    if correction is not None:
        return Value(correction.value, correction.status, "correction")
    marker = conventions.markers.get(shown)
    if marker is not None:
        return Value("0", "", "marker") if marker == ZERO else Value("", marker, "marker")
    if separators.separators is None:
        reason = phrase("separators-unsure", evidence=separators.evidence)
        return Value(reason=reason, expected=phrase("declared-separators"), is_sure=False)
    return _read_number(shown, separators.separators, conventions)


def _read_number(shown: str, separators: Separators, conventions: Conventions) -> Value:
    """Value of a text that is no marker."""
    reading = read_number(shown, separators, brackets=conventions.brackets)
    if not reading.value:
        expected = phrase("number-with", separators=str(separators))
        form = form_of(prepared(shown), separators)
        return Value(
            reason=reading.reason, expected=expected, candidates=reading.candidates, form=form
        )
    number = reading.numbers[0]
    if number.percent:
        return Value(reading.value, how="percent")
    if number.approximate or number.multiplier:
        return Value(reading.value, ESTIMATED, "words", bound=number.approximate)
    return Value(reading.value)

"""Time of the observations: the year that periods are reported as, their notes, and FREQ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.mapping.note_types import note_types
from ilms_sdmx.mapping.unmapped import Spread
from ilms_sdmx.periods import OTHER, frequencies_of, parse_period, year_of
from ilms_sdmx.structures.frequencies import allowed_frequencies, is_of_ilo

#: ILO's note type of what a period is, and the attribute that holds it.
_PERIOD_NOTE = "S3"
#: What a mapping may say that a period is reported as.
REPORTED_AS = ("period", "year")


def reported_year(text: str) -> tuple[str | None, str]:
    """Year that a period is reported as, or None and the reason.

    A fiscal year is reported as the calendar year that holds its middle day.

    Examples
    --------
    >>> periods = ["2018-12-31", "2023-10-01/P1Y", "2016-04-01/P1Y", "2019"]
    >>> [reported_year(period)[0] for period in periods]
    ['2018', '2024', '2016', '2019']
    >>> reported_year("2021-01-01/P5M")[1]
    '2021-01-01/P5M is no year, and cannot be reported as one'
    """
    period = parse_period(text)
    if period is None:
        return None, phrase("no-period", read=repr(text))
    is_reportable = period.is_year or period.is_point
    if not is_reportable:
        return None, phrase("not-a-year", read=text)
    year = year_of(period.middle)
    return f"{year:04d}", ""


def frequency_codes(periods: Iterable[str], dataflow: str) -> dict[str, str]:
    """Code of FREQ of each period of a data set, in the list of its dataflow."""
    codes = {}
    allowed = allowed_frequencies(dataflow)
    other = OTHER if is_of_ilo(dataflow) else f"_{OTHER}"
    frequencies = frequencies_of(periods)
    for text, frequency in frequencies.items():
        is_foreign = bool(allowed) and frequency not in allowed
        is_other = is_foreign or frequency == OTHER
        codes[text] = other if is_other else frequency
    return codes


def find_contradiction(frequency: str, text: str, spread: Spread) -> Finding:
    """Finding of a period that no series of the frequency can hold."""
    expected = phrase("of-frequency", frequency=frequency)
    affects = spread.affects
    return find(
        "time-format",
        spread.place,
        component="TIME_PERIOD",
        read=text,
        expected=expected,
        fix=phrase("or-correct-period"),
        affects=affects,
    )


def find_foreign_frequency(frequency: str, dataflow: str, spread: Spread) -> Finding:
    """Finding of a frequency that a dataflow does not carry."""
    allowed = sorted(allowed_frequencies(dataflow))
    expected = ", ".join(allowed)
    affects = spread.affects
    constraint = f"of {dataflow}"
    return find(
        "outside-constraint",
        spread.place,
        component="FREQ",
        read=frequency,
        expected=expected,
        fix=phrase("leave-out-frequency"),
        affects=affects,
        constraint=constraint,
    )


def find_replaced_frequency(
    frequency: str, by_period: str, dataflow: str, spread: Spread
) -> Finding:
    """Finding of a frequency that a dataflow does not carry, where the periods say another."""
    allowed = ", ".join(sorted(allowed_frequencies(dataflow)))
    return find(
        "frequency-replaced",
        spread.place,
        component="FREQ",
        read=frequency,
        expected=allowed,
        written=by_period,
        fix=phrase("leave-out-frequency"),
        affects=spread.affects,
    )


def period_note(text: str) -> tuple[str, str]:
    """Attribute of the note that says what a period was, and the note.

    >>> period_note("2018-12-31")
    ('NOTE_SOURCE', 'Data reference period: 2018-12-31')
    """
    note_type = note_types()[_PERIOD_NOTE]
    return note_type.attribute, f"{note_type.name}: {text}"


def with_period_notes(notes: Iterable[str], periods: Iterable[str]) -> Iterator[str]:
    """Notes to which the period of each figure is added, but where they say it already."""
    for note, period in zip(notes, periods, strict=True):
        _, addition = period_note(period)
        about_period, _, _ = addition.partition(":")
        if not period or about_period in note:
            yield note
        elif note:
            yield f"{note}; {addition}"
        else:
            yield addition

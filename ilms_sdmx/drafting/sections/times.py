"""Lines of FREQ and TIME_PERIOD of a drafted data set: the periods say the frequency."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ilms_sdmx.drafting.analysis import Analysis
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.recognition.periods import Decision
from ilms_sdmx.drafting.sections.codes import Code, CodeMap
from ilms_sdmx.drafting.sections.components import Component
from ilms_sdmx.drafting.sections.text import comment, listed, quoted
from ilms_sdmx.periods import frequencies_of, parse_period, read_period
from ilms_sdmx.structures.frequencies import allowed_frequencies

_LEFT_OUT = "# FREQ is left out: the periods say it"
_REPORT_AS = (
    "as printed; `year` is the calendar year of each, as most of ILO's dataflows have it"
)


def frequency_of_dataflow(group: Sequence[Analysis], dataflow: str, area: str) -> Component:
    """Component of the frequency for a dataflow of ILO.

    It is left out where the periods differ in it.
    """
    frequencies = _frequencies(group, area)
    distinct_codes = set(frequencies.values())
    if len(distinct_codes) > 1:
        return Component([_LEFT_OUT])
    if not distinct_codes <= allowed_frequencies(dataflow):
        return Component([_LEFT_OUT])
    return _one_frequency(distinct_codes)


def _one_frequency(codes: Collection[str]) -> Component:
    """Component of the only frequency, annual where no period says one."""
    code = next(iter(codes), "A")
    return Component([f"FREQ: {code}"])


def frequency_of_table(analysis: Analysis, area: str) -> Component:
    """Component of the frequency for a dataflow of the office, by periods where they differ."""
    frequencies = _frequencies([analysis], area)
    distinct_codes = set(frequencies.values())
    if len(distinct_codes) < 2:
        return _one_frequency(distinct_codes)
    codes: dict[str, Code] = {}
    for label, period in _periods(analysis, area).items():
        if period in frequencies:
            codes[label] = Code(frequencies[period])
    name = analysis.period_headings[0]
    code_map = CodeMap("frequencies", codes=codes)
    return Component([f"FREQ: {{from: {name}, codes: frequencies}}"], code_map)


def _frequencies(group: Iterable[Analysis], area: str) -> dict[str, str]:
    """Frequency of each period of some tables, in ILO's codes."""
    periods: list[str] = []
    points: set[str] = set()
    for analysis in group:
        periods += _periods(analysis, area).values()
        points |= _points(analysis, area)
    return frequencies_of(periods, points)


def _points(analysis: Analysis, area: str) -> set[str]:
    """Periods of a table that are dates of a stock."""
    points: set[str] = set()
    constant = analysis.periods.constant
    if constant is not None and constant.as_at:
        points.add(constant.time_period)
    heading = _heading_named(analysis, analysis.period_headings[0])
    for label in heading.labels if heading else ():
        period = read_period(label, area=area, year=2000)
        if period.as_at:
            points.add(period.time_period)
    return points


def _periods(analysis: Analysis, area: str) -> dict[str, str]:
    """SDMX periods of a table by their labels, empty where that is open."""
    heading = _heading_named(analysis, analysis.period_headings[0])
    if heading is None:
        is_in_table = analysis.printed.blocks or analysis.heading_of("period")
        period = "2000"
        if not is_in_table:
            period = analysis.periods.constant_period
        return {period: period}
    periods: dict[str, str] = {}
    for label in heading.labels:
        decided = analysis.periods.decided.get(label)
        if decided is not None:
            periods[label] = decided.value
        else:
            periods[label] = read_period(label, area=area, year=2000).time_period
    return periods


def _heading_named(analysis: Analysis, name: str) -> Heading | None:
    """Heading of a name, None where the table has none."""
    for heading in analysis.headings:
        if heading.name == name:
            return heading
    return None


def periods_of_dataflow(group: Sequence[Analysis], area: str) -> Component:
    """Component of the period for a dataflow of ILO.

    It asks once how annual periods are reported.
    """
    annual = False
    for text, frequency in _frequencies(group, area).items():
        period = parse_period(text)
        is_year = period is None or period.kind == "GregorianYear"
        annual |= frequency == "A" and not is_year
    return _component(group, asks_year=annual)


def periods_of_table(analysis: Analysis) -> Component:
    """Component of the period for a dataflow of the office."""
    return _component([analysis], asks_year=False)


def _component(group: Sequence[Analysis], *, asks_year: bool) -> Component:
    """Component of the period, with what is decided of its labels."""
    decided: dict[str, Decision] = {}
    names: dict[str, None] = {}
    for analysis in group:
        decided.update(analysis.periods.decided)
        names.update(dict.fromkeys(analysis.period_headings))
    heading = listed(names)
    if len(names) == 1:
        heading = next(iter(names))
    if not decided and not asks_year:
        return Component([f"TIME_PERIOD: {{period: {heading}}}"])
    lines = ["TIME_PERIOD:", f"  period: {heading}"]
    if asks_year:
        lines.append(f"  report_as: period{comment(_REPORT_AS)}")
    return Component([*lines, *_decided_lines(decided)])


def _decided_lines(decided: Mapping[str, Decision]) -> list[str]:
    """Lines of the labels that are decided, or asked for."""
    if not decided:
        return []
    lines: list[str] = ["  periods:"]
    for label, period in decided.items():
        value = period.value or "?"
        why = comment(period.why)
        lines.append(f"    {quoted(label)}: {value}{why}")
    return lines

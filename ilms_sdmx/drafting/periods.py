"""Periods of a drafted table: what its labels say alone, with their title, or with the rows above them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ilms_sdmx.drafting.headings import Heading
from ilms_sdmx.drafting.model import Analysis
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.periods import NO_YEAR, PrintedPeriod, find_period, read_period
from ilms_sdmx.periods.tokens import read_tokens
from ilms_sdmx.words import alternation, says
from ilms_sdmx.words.text import clean, western_digits

#: Several years in a title, `2021, 2022 and 2023`, and the part of a year that is said of them.
_YEARS = re.compile(
    rf"(\d{{4}})(?:(?:\s*[,;&-]\s*|\s+{alternation('and', 'years_to')}\s+)+\d{{4}})+",
    re.IGNORECASE,
)
_PART = re.compile(r"\d{4}(-\d{2}-01/P(?:[1-9]|1[01])M|-[QS]\d)")
_YEAR = re.compile(r"\d{4}")


def find_periods(analysis: Analysis, area: str) -> None:
    """Find the periods of labels that do not say them alone, and that of a table that no heading says."""
    head = analysis.heading_of("period")
    texts = [*analysis.titles, analysis.sheet]
    found = [p for t in texts if (p := find_period(clean(t), area=area)).time_period]
    if head is None:
        analysis.constant = found[0] if found else None
        return
    heads = [h for h in analysis.headings if h.role == "period"]
    bare = next((h for h in heads if says_no_year(h.labels, area)), None)
    if bare is not None and len(heads) > 1:
        head = next(h for h in heads if h is not bare)
        analysis.times = [bare.name, head.name]
    context = _Context.of(analysis, texts, found, area)
    above = 0
    for label in _labels(analysis, head):
        period = read_period(label, area=area, fiscal=context.fiscal)
        above = int(period.time_period[:4]) if period.time_period else above
        if decided := context.decide(label, period, above):
            analysis.periods[label] = decided
    _all_years(analysis, head, area)


def _labels(analysis: Analysis, head: Heading) -> list[str]:
    """Labels of a heading but those that no figure to be written stands under."""
    left_out = {
        label
        for name, label, bucket, why in analysis.roles
        if name == head.name and (bucket in {"ignore", "percent"} or why.startswith("SEX_"))
    }
    return [label for label in head.labels if label not in left_out]


@dataclass(frozen=True)
class _Context:
    """What the titles of a table say of all its periods.

    Parameters
    ----------
    year
        Of the first title that says a period, 0 for none.
    fiscal
        Whether years are fiscal ones.
    year_end
        Title that says that figures are of the end of the year.
    part, said
        Part of a year that a title says of several years, and the title.
    """

    area: str
    year: int
    fiscal: bool
    year_end: str
    part: str
    said: str

    @classmethod
    def of(
        cls, analysis: Analysis, texts: Sequence[str], found: Sequence[PrintedPeriod], area: str
    ) -> _Context:
        over = [
            analysis.found.text(r, c)
            for r in analysis.found.header
            for c in analysis.found.stubs
        ]
        return cls(
            area,
            int(found[0].time_period[:4]) if found else 0,
            any("F" in read_tokens(t).shape for t in (*texts, *over)),
            next((t for t in texts if says(t, "year_end")), ""),
            *_part_of_years(texts, area),
        )

    def decide(self, label: str, period: PrintedPeriod, above: int) -> tuple[str, str] | None:
        """PrintedPeriod of a label with the evidence or the question; None where the label says it alone."""
        if self.part and _is_named(label, period, self.said):
            return (
                period.time_period + self.part,
                f"decide: {self.said!r} says a part of the year",
            )
        if period.reason == NO_YEAR:
            return self._without_year(label, above)
        if self.fiscal and period.time_period and "declare" in read_period(label).reason:
            return period.time_period, period.evidence[-1]
        if self.year_end and _YEAR.fullmatch(period.time_period):
            return f"{period.time_period}-12", f"{self.year_end!r}"
        if "short years" in period.reason:
            era = "buddhist" if self.area == "THA" else "common"
            read = read_period(label, area=self.area, short_years=era)
            return read.time_period, f"decide: two digits read as {era} years"
        if not period.time_period and row_kind(label).kind != "total":
            return "", f"decide: {period.reason}"
        return None

    def _without_year(self, label: str, above: int) -> tuple[str, str]:
        year, why = (
            (above, "decide: the year of the row above")
            if above
            else (self.year, "the year of the title")
        )
        period = read_period(label, area=self.area, year=year)
        return period.time_period, why if period.time_period else f"decide: {period.reason}"


def says_no_year(labels: Sequence[str], area: str = "") -> bool:
    """Whether most labels are months or quarters without a year."""
    bare = [label for label in labels if read_period(label, area=area).reason == NO_YEAR]
    return len(bare) * 2 > len(labels)


def _all_years(analysis: Analysis, head: Heading, area: str) -> None:
    """Propose the span of all years for the total below years that follow one another."""
    read = {t: read_period(t, area=area).time_period for t in head.labels}
    years = sorted(
        int(p)
        for t, p in read.items()
        if t not in analysis.periods and re.fullmatch(r"\d{4}", p)
    )
    totals = [t for t, p in read.items() if not p and row_kind(t).kind == "total"]
    if (
        len(totals) == 1
        and len(years) == len(head.labels) - 1 > 1
        and years[-1] - years[0] == len(years) - 1
    ):
        span = f"{years[0]}-01-01/P{len(years)}Y"
        analysis.periods[totals[0]] = (span, "decide: all the years together")


def _is_named(label: str, period: PrintedPeriod, title: str) -> bool:
    """Whether a title names the year that a label is."""
    years = re.findall(r"\d{4}", western_digits(title))
    return bool(re.fullmatch(r"\d{4}", period.time_period)) and bool(
        {*re.findall(r"\d{4}", western_digits(label)), period.time_period} & {*years}
    )


def _part_of_years(texts: Sequence[str], area: str) -> tuple[str, str]:
    """Part of a year that a title says of all its years (`-01-01/P6M`), and the title; empty for none."""
    for text in texts:
        period = find_period(_YEARS.sub(r"\1", clean(text)), area=area).time_period
        if match := _PART.fullmatch(period):
            return match.group(1), clean(text)
    return "", ""


def frequency(period: str) -> str:
    """Code of ILO's list for the frequency of an SDMX period."""
    if re.fullmatch(r"\d{4}|.*/P1Y", period):
        return "A"
    if "-Q" in period or "-S" in period:
        return "Q" if "-Q" in period else "S"
    if re.fullmatch(r"\d{4}-\d{2}", period):
        return "M"
    return "D" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", period) else "O"

"""What tells the sheets of one table apart: a period in their names or titles, or a label of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ilms_sdmx.drafting.headings import heading
from ilms_sdmx.drafting.model import Analysis, Axis
from ilms_sdmx.drafting.text import same_start, shortest_run
from ilms_sdmx.periods import NO_YEAR, PrintedPeriod, find_period, read_period
from ilms_sdmx.words import alternation
from ilms_sdmx.words.text import clean, folded

#: Names that programs give to sheets, and bare numbers: they say nothing of the figures.
_UNNAMED = re.compile(rf"(?:{alternation('sheet')})?[\s_.-]*\d{{0,3}}[a-z]?")
#: Forms of a label in a text, the narrowest first.
_FORMS = (r"\d{4}", r"\D+\s\d{4}", r"\d{4}\D+", r".+?", r".+")


def axis_of(
    group: Sequence[Analysis], area: str, languages: tuple[str, ...]
) -> tuple[Axis | None, bool]:
    """Find what tells the sheets of a group apart, and whether the group is one table at all."""
    own = group[0].heading_of("period")
    if own is None:
        return _of_period(group, area) or _of_labels(group, area, languages)
    read = [read_period(label, area=area) for a in group for label in _period_labels(a)]
    bare = sum(p.reason == NO_YEAR for p in read)
    if bare * 2 > len(read):
        found = _of_period(group, area, name="year")
        return found or (None, False)
    if len({_period_labels(a) for a in group}) == len(group):
        return None, True
    return _of_labels(group, area, languages)


def _period_labels(analysis: Analysis) -> tuple[str, ...]:
    head = analysis.heading_of("period")
    return head.labels if head else ()


def _of_period(
    group: Sequence[Analysis], area: str, name: str = "period"
) -> tuple[Axis, bool] | None:
    """Axis of time: by the names of the sheets, or by titles where they say more."""
    sheets = [find_period(a.sheet, area=area) for a in group]
    titles = [_title(a, area) for a in group]
    by_title = [p for _, p in titles if p is not None]
    in_names, in_titles = _distinct(sheets), _distinct(by_title) and len(by_title) == len(group)
    more = in_titles and [p.time_period for p in sheets] != [p.time_period for p in by_title]
    if in_names and not more:
        return _axis(group, [a.sheet for a in group], sheets, name, area, sheet=True), True
    if in_titles:
        return _axis(
            group, [text for text, _ in titles], by_title, name, area, sheet=False
        ), True
    if all(p.reason == NO_YEAR for p in sheets) and len(
        {folded(a.sheet) for a in group}
    ) == len(group):
        return _axis(group, [a.sheet for a in group], sheets, name, area, sheet=True), True
    return None


def _distinct(periods: Sequence[PrintedPeriod]) -> bool:
    found = [p.time_period for p in periods]
    return bool(found) and all(found) and len(set(found)) == len(found)


def _title(analysis: Analysis, area: str) -> tuple[str, PrintedPeriod | None]:
    """Nearest text above a table that says a period, and the period."""
    for text in analysis.titles:
        period = find_period(clean(text), area=area)
        if period.time_period:
            return clean(text), period
    return "", None


def _axis(
    group: Sequence[Analysis],
    texts: list[str],
    periods: Sequence[PrintedPeriod],
    name: str,
    area: str,
    *,
    sheet: bool,
) -> Axis:
    """Axis whose labels stand in texts; each label decided where it does not read by itself."""
    labels = [_window(text, period, area) for text, period in zip(texts, periods, strict=True)]
    holds = (
        (lambda regex: _holds_in_names(regex, texts, labels))
        if sheet
        else (lambda regex: _holds_in_cells(regex, group, labels))
    )
    regex = _regex(texts, labels, holds)
    if not regex:
        labels, regex = texts, _regex(texts, texts, holds)
    head = heading(labels, area, (), above=False)
    named = type(head)(name, "period", tuple(dict.fromkeys(labels)), 1.0)
    where = "the name of the sheet" if sheet else "the title"
    return Axis(
        named, regex if sheet else "", "" if sheet else regex, f"the period stands in {where}"
    )


def _window(text: str, period: PrintedPeriod, area: str) -> str:
    """Shortest run of words that says the period of a text; the whole text where there is none."""
    wanted = period.time_period
    said = (
        shortest_run(text, lambda run: read_period(run, area=area).time_period == wanted)
        if wanted
        else ""
    )
    return said or clean(text)


def _regex(texts: list[str], labels: list[str], holds: Callable[[str], bool]) -> str:
    """Expression whose group is the label in each text, empty where none was found."""
    before = [t[: t.index(x)] for t, x in zip(map(clean, texts), labels, strict=True)]
    after = [t[t.index(x) + len(x) :] for t, x in zip(map(clean, texts), labels, strict=True)]
    left = same_start([b[::-1] for b in before])[::-1][-40:]
    right = same_start(after)[:20]
    start = "^" if not any(before) else ""
    end = "$" if not any(after) else ""
    for form in _FORMS:
        regex = f"{start}{re.escape(left)}({form}){re.escape(right)}{end}".replace(r"\ ", " ")
        if holds(regex):
            return regex
    return ""


def _holds_in_names(regex: str, names: list[str], labels: list[str]) -> bool:
    found = [re.search(regex, name, re.IGNORECASE) for name in names]
    return all(m and m.group(1) == label for m, label in zip(found, labels, strict=True))


def _holds_in_cells(regex: str, group: Sequence[Analysis], labels: list[str]) -> bool:
    """Whether the first cell above each table that matches gives its label."""
    for analysis, label in zip(group, labels, strict=True):
        texts = (
            clean(t)
            for (row, _), t in analysis.found.grid.texts()
            if row < analysis.found.body[0]
        )
        match = next((m for t in texts if (m := re.search(regex, t, re.IGNORECASE))), None)
        if match is None or match.group(1) != label:
            return False
    return True


def _of_labels(
    group: Sequence[Analysis], area: str, languages: tuple[str, ...]
) -> tuple[Axis | None, bool]:
    """Axis of the names of the sheets where they are labels: states, sexes, countries."""
    names = [a.sheet for a in group]
    telling = [n for n in names if not _UNNAMED.fullmatch(folded(n))]
    if len(telling) < len(names) or len(set(names)) < len(names) or not _one_topic(group):
        return None, False
    found = heading(names, area, languages, above=False)
    role = found.role if found.role not in {"period", "measure"} else "category"
    head = type(found)("sheet", role, tuple(names), found.share, found.prefix, found.matches)
    return Axis(
        head, why="decide: what do the names of the sheets say?" if role == "category" else ""
    ), True


def _one_topic(group: Sequence[Analysis]) -> bool:
    """Whether the titles say the same but for the names of the sheets and for numbers."""

    def said(analysis: Analysis) -> str:
        text = folded(" ".join(analysis.near)).replace(folded(analysis.sheet), "")
        return re.sub(r"[\d\W]+", " ", text).strip()

    return len({said(a) for a in group}) == 1

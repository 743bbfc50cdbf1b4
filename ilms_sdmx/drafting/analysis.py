"""Analysis of one recognised table: roles of its headings, rules, periods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ilms_sdmx.drafting.columns import numbers_rows
from ilms_sdmx.drafting.found import Found
from ilms_sdmx.drafting.headings import PERCENT, THOUSAND, Heading, heading, is_row_numbers
from ilms_sdmx.drafting.levels import find_parts
from ilms_sdmx.drafting.model import NUMBERING, Analysis, plain
from ilms_sdmx.drafting.percents import find_percents
from ilms_sdmx.drafting.subtotals import find_runs
from ilms_sdmx.drafting.sums import find_shares, find_sums
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.tables.period_tokens import tokens
from ilms_sdmx.tables.periods import NO_YEAR, Period, find_period, read_period
from ilms_sdmx.tables.separators import Separators
from ilms_sdmx.tables.text import clean, folded, western_digits

#: Rules of which the first wins: columns to leave out, parts, then totals.
ORDER = {"ignore": 0, "percent": 1, "of_which": 2, "total": 3}
#: Heading, label, bucket, words for a comment.
Role = tuple[str, str, str, str]
#: What is said of a total whose label stands in a column of row numbers.
BESIDE = "in the column of row numbers"
#: Several years in a title, `2021, 2022 and 2023`, and the part of a year that is said of them.
_YEARS = re.compile(
    r"(\d{4})(?:(?:\s*[,;&-]\s*|\s+(?:and|dan|và|และ|to|hingga|sampai|e)\s+)+\d{4})+", re.IGNORECASE
)
_PART = re.compile(r"\d{4}(-\d{2}-01/P(?:[1-9]|1[01])M|-[QS]\d)")
_EXCEPT = re.compile(r"exclud|excl\.|except|ไม่รวม|tidak termasuk|không bao gồm|kecuali", re.IGNORECASE)


def analyse(
    found: Found,
    name: str,
    titles: tuple[list[str], list[str]],
    area: str,
    languages: tuple[str, ...],
    way: Separators,
    *,
    known: Sequence[Heading] = (),
) -> Analysis:
    """Roles, rules, sums and periods of a table; `known` are its headings where more than it decides them."""
    analysis = Analysis(name, found.grid.name, found, *titles)
    labels = {c: found.labels(c) for c in found.stubs}
    analysis.numbering = any(
        sum(bool(NUMBERING.match(t)) for t in ts) > len(ts) / 2 for ts in labels.values()
    )
    if analysis.numbering:
        labels = {c: list(dict.fromkeys(map(plain, ts))) for c, ts in labels.items()}
    heads = _headings(analysis, labels, area, languages)
    if known:
        heads = [replace(new, labels=old.labels) for old, new in zip(heads, known, strict=True)]
    analysis.rows = dict(zip(labels, heads, strict=False))
    analysis.columns = dict(zip(found.header, heads[len(labels) :], strict=True))
    if found.groups:
        texts = list(dict.fromkeys(found.group_of().values()))
        analysis.block = named(
            heading([t for t in texts if t], area, languages, above=False), {h.name for h in heads}
        )
    _find_roles(analysis)
    find_shares(analysis, way)
    find_parts(analysis, way)
    find_percents(analysis, way)
    find_runs(analysis, way)
    analysis.roles = in_order(analysis.roles)
    find_sums(analysis, way)
    _find_periods(analysis, area)
    labels_ = {label for head in analysis.headings for label in head.labels}
    analysis.thousand = next((t for t in _all_texts(analysis) if THOUSAND.search(t) and t not in labels_), "")
    return analysis


def _headings(
    analysis: Analysis, labels: dict[int, list[str]], area: str, languages: tuple[str, ...]
) -> list[Heading]:
    """Headings of the label columns, then of the header rows, each with a name of its own."""
    heads = [
        Heading("number", "number", tuple(texts))
        if is_row_numbers(texts) or numbers_rows(texts)
        else heading(texts, area, languages, above=False)
        for texts in labels.values()
    ]
    for row in analysis.found.header:
        texts = list(dict.fromkeys(t for t in analysis.found.head(row).values() if t))
        heads.append(heading(texts, area, languages, above=True))
    used: set[str] = set()
    return [named(head, used) for head in heads]


def named(known: Heading, used: set[str]) -> Heading:
    """Heading under a name that no other of the table has."""
    name = known.role
    number = 2
    while name in used:
        name = f"{known.role}_{number}"
        number += 1
    used.add(name)
    return Heading(name, known.role, known.labels, known.share, known.prefix, known.matches)


def _all_texts(analysis: Analysis) -> list[str]:
    found = analysis.found
    words = [found.text(r, c) for r in found.words for c in found.stubs]
    return [*analysis.titles, *words, *(t for r in found.header for t in found.head(r).values())]


def _find_roles(analysis: Analysis) -> None:
    """Buckets of labels: row numbers, percents, totals, parts that must not be added."""
    found = analysis.found
    for column in found.counting:
        analysis.roles += _counting_role(analysis, column)
    for head in analysis.columns.values():
        for label in head.labels:
            if PERCENT.search(label):
                analysis.roles.append((head.name, label, "percent", ""))
    for head in analysis.rows.values():
        if head.role != "measure":
            labels = [label for label in head.labels if PERCENT.search(label)]
            analysis.roles += [
                (head.name, label, "percent", "decide: a share or a change?") for label in labels
            ]
    for head in analysis.headings:
        _label_roles(analysis, head)
        if head.role == "period":
            _cumulative_roles(analysis, head)


def _cumulative_roles(analysis: Analysis, head: Heading) -> None:
    """Find sums of months among months: `January to November` below the eleven."""
    read = {label: read_period(label, year=2000) for label in head.labels}
    months = sum(bool(re.fullmatch(r"\d{4}-\d{2}", p.time_period)) for p in read.values())
    if months > len(read) / 2:
        found = [label for label, p in read.items() if p.cumulative]
        analysis.roles += [(head.name, label, "total", "") for label in found]


def in_order(roles: Iterable[Role]) -> list[Role]:
    """Roles of which the first wins; where all other rows are shares, they are so under every total."""
    found = list(roles)
    shares = {name for name, label, *_ in found if label == "/./"}
    return sorted(found, key=lambda r: (r[0] not in shares, r[1] == "/./", ORDER[r[2]]))


def _counting_role(analysis: Analysis, column: int) -> list[Role]:
    """Leave out a column that numbers the rows, by its header."""
    found = analysis.found
    texts = [(head.name, found.text(row, column)) for row, head in analysis.columns.items()]
    return [(name, text, "ignore", "row number") for name, text in texts if text][:1]


def _label_roles(analysis: Analysis, head: Heading) -> None:
    totals = [t for t in head.labels if row_kind(t).kind in {"total", "subtotal"}]
    for label in head.labels:
        kind = row_kind(label)
        alone = len(head.labels) == 1 and kind.kind == "total" and kind.rest
        if (head.role == "measure" and not alone) or PERCENT.search(label):
            continue
        if head.role == "number":
            if kind.kind in {"total", "subtotal"}:
                analysis.roles.append((head.name, label, "total", BESIDE))
        elif kind.kind == "of_which":
            said = "" if head.role == "sex" else kind.code
            analysis.roles.append((head.name, label, "of_which", said))
        elif head.matches and head.matches[label].code in {"SEX_T", f"{head.prefix}TOTAL"} and not totals:
            analysis.roles.append((head.name, label, "total", ""))
        elif kind.kind in {"total", "subtotal"}:
            part = _EXCEPT.search(label) and len(totals) > 1
            doubt = "" if kind.code or not kind.rest else "decide: the total of all, or of a part?"
            analysis.roles.append((head.name, label, "of_which" if part else "total", doubt))
        elif head.role not in {"sex", "period"} and (sex := match_label(label, "SEX_").code) in {
            "SEX_F",
            "SEX_M",
        }:
            analysis.roles.append((head.name, label, "of_which", sex))


def _find_periods(analysis: Analysis, area: str) -> None:
    """Periods of labels that do not say them alone, and the period of a table that no heading says."""
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
    title_year = int(found[0].time_period[:4]) if found else 0
    year_end = next(
        (t for t in texts if re.search(r"year-end|end of (the )?year|สิ้นปี|cuối năm|akhir tahun", folded(t))),
        "",
    )
    over = [analysis.found.text(r, c) for r in analysis.found.header for c in analysis.found.stubs]
    fiscal = any("F" in tokens(t).shape for t in (*texts, *over))
    above = 0
    part, said = _part_of_years(texts, area)
    left_out = {
        label
        for name, label, bucket, why in analysis.roles
        if name == head.name and (bucket in {"ignore", "percent"} or why.startswith("SEX_"))
    }
    for label in (label for label in head.labels if label not in left_out):
        period = read_period(label, area=area, fiscal=fiscal)
        above = int(period.time_period[:4]) if period.time_period else above
        if part and _is_named(label, period, said):
            analysis.periods[label] = (period.time_period + part, f"decide: {said!r} says a part of the year")
        elif period.reason == NO_YEAR:
            _without_year(analysis, label, title_year, above, area)
        elif fiscal and period.time_period and "declare" in read_period(label).reason:
            analysis.periods[label] = (period.time_period, period.evidence[-1])
        elif year_end and re.fullmatch(r"\d{4}", period.time_period):
            analysis.periods[label] = (f"{period.time_period}-12", f"{year_end!r}")
        elif "short years" in period.reason:
            era = "buddhist" if area == "THA" else "common"
            period = read_period(label, area=area, short_years=era)
            analysis.periods[label] = (period.time_period, f"decide: two digits read as {era} years")
        elif not period.time_period and row_kind(label).kind != "total":
            analysis.periods[label] = ("", f"decide: {period.reason}")
    _all_years(analysis, head, area)


def says_no_year(labels: Sequence[str], area: str = "") -> bool:
    """Whether most labels are months or quarters without a year."""
    bare = [label for label in labels if read_period(label, area=area).reason == NO_YEAR]
    return len(bare) * 2 > len(labels)


def _all_years(analysis: Analysis, head: Heading, area: str) -> None:
    """Propose the span of all years for the total below years that follow one another."""
    read = {t: read_period(t, area=area).time_period for t in head.labels}
    years = sorted(int(p) for t, p in read.items() if t not in analysis.periods and re.fullmatch(r"\d{4}", p))
    totals = [t for t, p in read.items() if not p and row_kind(t).kind == "total"]
    if len(totals) == 1 and len(years) == len(head.labels) - 1 > 1 and years[-1] - years[0] == len(years) - 1:
        span = f"{years[0]}-01-01/P{len(years)}Y"
        analysis.periods[totals[0]] = (span, "decide: all the years together")


def _is_named(label: str, period: Period, title: str) -> bool:
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


def _without_year(analysis: Analysis, label: str, title_year: int, above: int, area: str) -> None:
    year, why = (
        (above, "decide: the year of the row above") if above else (title_year, "the year of the title")
    )
    period = read_period(label, area=area, year=year)
    analysis.periods[label] = (period.time_period, why if period.time_period else f"decide: {period.reason}")


def frequency(period: str) -> str:
    """Code of ILO's list for the frequency of an SDMX period."""
    if re.fullmatch(r"\d{4}|.*/P1Y", period):
        return "A"
    if "-Q" in period or "-S" in period:
        return "Q" if "-Q" in period else "S"
    if re.fullmatch(r"\d{4}-\d{2}", period):
        return "M"
    return "D" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", period) else "O"


def languages_of(texts: Sequence[str], area: str) -> tuple[str, ...]:
    """Languages of texts by their scripts, by Vietnamese letters, and by the country for Malay and others."""
    whole = " ".join(texts)
    scripts = {
        "th": "[\u0e01-\u0e5b]",
        "lo": "[\u0e81-\u0edf]",
        "km": "[\u1780-\u17ff]",
        "my": "[\u1000-\u109f]",
    }
    found = [language for language, letters in scripts.items() if re.search(letters, whole)]
    if re.search("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", whole, re.IGNORECASE):
        found.append("vi")
    malay = re.search(
        r"\b(jumlah|tahun|pekerja|dan|laki-laki|perempuan|orang|negara)\b", whole, re.IGNORECASE
    )
    if malay:
        found.append("id" if area == "IDN" else "ms")
    local = {"PHL": "fil", "TLS": "pt"}.get(area)
    return tuple(dict.fromkeys([*found, *([local] if local else []), "en"]))

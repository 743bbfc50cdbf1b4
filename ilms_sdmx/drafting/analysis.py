"""Analysis of one recognised table: roles of its headings, rules, periods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ilms_sdmx.drafting.columns import numbers_rows
from ilms_sdmx.drafting.found import Found
from ilms_sdmx.drafting.headings import PERCENTS, Heading, heading, is_row_numbers
from ilms_sdmx.drafting.levels import find_parts
from ilms_sdmx.drafting.model import NUMBERING, Analysis, plain
from ilms_sdmx.drafting.percents import find_percents
from ilms_sdmx.drafting.periods import find_periods
from ilms_sdmx.drafting.subtotals import find_runs
from ilms_sdmx.drafting.sums import find_shares, find_sums
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.periods import read_period
from ilms_sdmx.tables.separators import Separators
from ilms_sdmx.words import power_of, says

#: Rules of which the first wins: columns to leave out, parts, then totals.
ORDER = {"ignore": 0, "percent": 1, "of_which": 2, "total": 3}
#: Heading, label, bucket, words for a comment.
Role = tuple[str, str, str, str]
#: What is said of a total whose label stands in a column of row numbers.
BESIDE = "in the column of row numbers"


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
            heading([t for t in texts if t], area, languages, above=False),
            {h.name for h in heads},
        )
    _find_roles(analysis)
    find_shares(analysis, way)
    find_parts(analysis, way)
    find_percents(analysis, way)
    find_runs(analysis, way)
    analysis.roles = in_order(analysis.roles)
    find_sums(analysis, way)
    find_periods(analysis, area)
    labels_ = {label for head in analysis.headings for label in head.labels}
    analysis.thousand = next(
        (t for t in _all_texts(analysis) if power_of(t) and t not in labels_), ""
    )
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
    return [
        *analysis.titles,
        *words,
        *(t for r in found.header for t in found.head(r).values()),
    ]


def _find_roles(analysis: Analysis) -> None:
    """Buckets of labels: row numbers, percents, totals, parts that must not be added."""
    found = analysis.found
    for column in found.counting:
        analysis.roles += _counting_role(analysis, column)
    for head in analysis.columns.values():
        for label in head.labels:
            if says(label, *PERCENTS):
                analysis.roles.append((head.name, label, "percent", ""))
    for head in analysis.rows.values():
        if head.role != "measure":
            labels = [label for label in head.labels if says(label, *PERCENTS)]
            analysis.roles += [
                (head.name, label, "percent", "decide: a share or a change?")
                for label in labels
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
        if (head.role == "measure" and not alone) or says(label, *PERCENTS):
            continue
        if head.role == "number":
            if kind.kind in {"total", "subtotal"}:
                analysis.roles.append((head.name, label, "total", BESIDE))
        elif kind.kind == "of_which":
            said = "" if head.role == "sex" else kind.code
            analysis.roles.append((head.name, label, "of_which", said))
        elif (
            head.matches
            and head.matches[label].code in {"SEX_T", f"{head.prefix}TOTAL"}
            and not totals
        ):
            analysis.roles.append((head.name, label, "total", ""))
        elif kind.kind in {"total", "subtotal"}:
            part = says(label, "except") and len(totals) > 1
            doubt = (
                "" if kind.code or not kind.rest else "decide: the total of all, or of a part?"
            )
            analysis.roles.append((head.name, label, "of_which" if part else "total", doubt))
        elif head.role not in {"sex", "period"} and (
            sex := match_label(label, "SEX_").code
        ) in {
            "SEX_F",
            "SEX_M",
        }:
            analysis.roles.append((head.name, label, "of_which", sex))

"""Roles that labels say alone: row numbers, percents, totals, parts that must not be added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ilms_sdmx.drafting.recognition.headed import HeadedTable
from ilms_sdmx.drafting.recognition.headings import Heading, says_percent
from ilms_sdmx.drafting.recognition.roles import Role, Roles
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.labels.rows import RowKind, row_kind
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.periods import parse_period, read_period
from ilms_sdmx.words import says

_TOTALS = frozenset({"total", "subtotal"})
_ONE_SEX = frozenset({"SEX_F", "SEX_M"})


def roles_of(table: HeadedTable) -> Roles:
    """Roles that the labels of a table say alone."""
    roles: list[Role] = [*_roles_of_row_numbers(table), *_roles_of_percents(table)]
    for heading in table.headings:
        totals = _totals(heading)
        for label in heading.labels:
            role = _role(heading, label, totals)
            if role is not None:
                roles.append(role)
        if heading.role == "period":
            roles += _roles_of_sums_of_months(heading)
    return Roles(tuple(roles))


def _roles_of_row_numbers(table: HeadedTable) -> Iterator[Role]:
    """Roles of the columns that number the rows or hold codes, by the text of their header."""
    reasons = dict.fromkeys(table.printed.counting, "row number")
    reasons.update(dict.fromkeys(table.printed.codes, "code, no figure"))
    for column, reason in reasons.items():
        for row, heading in table.columns.items():
            text = table.printed.text(row, column)
            if text:
                yield Role(heading.name, text, Bucket.IGNORE, reason=reason)
                break


def _roles_of_percents(table: HeadedTable) -> Iterator[Role]:
    """Roles of labels with words for percents; a person decides what rows are."""
    for heading in table.columns.values():
        for label in filter(says_percent, heading.labels):
            yield Role(heading.name, label, Bucket.PERCENT)
    for heading in table.rows.values():
        if heading.role != "measure":
            for label in filter(says_percent, heading.labels):
                yield Role(heading.name, label, Bucket.PERCENT, "a share or a change?")


def _roles_of_sums_of_months(heading: Heading) -> list[Role]:
    """Roles of sums of months among months: `January to November` below the eleven."""
    months = 0
    roles: list[Role] = []
    for label in heading.labels:
        period = read_period(label, year=2000)
        months += _is_month(period.time_period)
        if period.cumulative:
            roles.append(Role(heading.name, label, Bucket.TOTAL))
    if months * 2 > len(heading.labels):
        return roles
    return []


def _is_month(text: str) -> bool:
    period = parse_period(text)
    return period is not None and period.kind == "GregorianYearMonth"


def _role(heading: Heading, label: str, totals: Sequence[str]) -> Role | None:
    """Role of a label among the totals of its heading, None where it says none."""
    kind = row_kind(label)
    if says_percent(label) or _says_what_is_counted(heading, kind):
        return None
    if heading.role == "number":
        is_total = kind.kind in _TOTALS
        if not is_total:
            return None
        return Role(heading.name, label, Bucket.TOTAL)
    if kind.kind == "of_which":
        says_sex = heading.role != "sex" and kind.code.startswith("SEX_")
        sex = ""
        if says_sex:
            sex = kind.code
        return Role(heading.name, label, Bucket.OF_WHICH, sex=sex)
    total_codes = {"SEX_T", f"{heading.prefix}TOTAL"}
    if not totals and heading.code_of(label) in total_codes:
        return Role(heading.name, label, Bucket.TOTAL)
    if kind.kind in _TOTALS:
        is_part = len(totals) > 1 and says(label, "except")
        bucket = Bucket.OF_WHICH if is_part else Bucket.TOTAL
        is_certain = kind.code or not kind.rest
        question = ""
        if not is_certain:
            question = "the total of all, or of a part?"
        return Role(heading.name, label, bucket, question)
    return _role_of_one_sex(heading, label)


def _says_what_is_counted(heading: Heading, kind: RowKind) -> bool:
    """Whether a label says what is counted; a single one may be a total of something."""
    if heading.role != "measure":
        return False
    is_total_of = kind.kind == "total" and bool(kind.rest)
    if len(heading.labels) > 1:
        return True
    return not is_total_of


def _totals(heading: Heading) -> list[str]:
    """Labels of a heading that are totals by their words."""
    totals: list[str] = []
    for label in heading.labels:
        if row_kind(label).kind in _TOTALS:
            totals.append(label)
    return totals


def _role_of_one_sex(heading: Heading, label: str) -> Role | None:
    """Role of women or men among labels that are no sexes."""
    if heading.role in {"sex", "period"}:
        return None
    sex = match_label(label, "SEX_").code
    if sex not in _ONE_SEX:
        return None
    return Role(heading.name, label, Bucket.OF_WHICH, sex=sex)

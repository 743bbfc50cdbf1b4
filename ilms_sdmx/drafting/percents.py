"""Percents of a recognised table: what each is a share or a change of, by recomputing it from the counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.drafting.model import Analysis, Basis
from ilms_sdmx.drafting.sums import Key, keys_of, number_at
from ilms_sdmx.tables.separators import Separators

_FRACTION = re.compile(r"[.,](\d{1,3})\D*$")
#: Cells that are tried for each basis, and figures beside a percent that may be its numerator.
_CELLS, _NEAR = 200, 24


@dataclass(frozen=True)
class _Percent:
    """Percent at a place: its key, value, unit of rounding."""

    at: At
    key: Key
    value: Decimal
    unit: Decimal


class _Figures:
    """Figures of a table by their headings; those with the same headings as another cannot be told apart."""

    def __init__(self, analysis: Analysis, way: Separators) -> None:
        self.analysis, self.way = analysis, way
        self.keys = keys_of(analysis)
        percents = {
            (n, lb) for n, lb, bucket, _ in analysis.roles if bucket in {"percent", "ignore"}
        }
        self.values: dict[Key, Decimal | None] = {}
        self.counts: dict[At, Key] = {}
        for at, key in self.keys.items():
            value = number_at(analysis, at, way)
            if value is not None and not percents & {*key}:
                self.values[key] = None if key in self.values else value
                self.counts[at] = key

    def percents(self, name: str, label: str) -> list[_Percent]:
        """Percents under a label, all rounded as the finest is: a workbook stores 25.0 as 25."""
        places = [at for at, key in self.keys.items() if (name, label) in key][:_CELLS]
        unit = min(
            (_unit(self.analysis.found.grid.cells[at].text) for at in places), default=Decimal()
        )
        values = ((at, number_at(self.analysis, at, self.way)) for at in places)
        return [
            _Percent(at, self.keys[at], value, unit)
            for at, value in values
            if value is not None
        ]

    def amount(self, key: Key, changes: dict[str, tuple[str, ...]]) -> Decimal | None:
        """Sum of the figures whose headings are those of a key but for some; None where any is not there."""
        keys = [key]
        for name, labels in changes.items():
            keys = [
                tuple((n, lb if n == name else t) for n, t in k) for k in keys for lb in labels
            ]
        amounts = [self.values.get(k) for k in keys]
        return (
            None if None in amounts else sum((a for a in amounts if a is not None), Decimal())
        )


def _unit(text: str) -> Decimal:
    """Half of the unit to which a printed percent is rounded."""
    match = _FRACTION.search(text)
    return Decimal(5).scaleb(-1 - len(match.group(1)) if match else -1) + Decimal("1e-9")


def find_percents(analysis: Analysis, way: Separators) -> None:
    """Name what each percent is a share or a change of, where most of them come out when recomputed.

    Figures that are no count by their form (`45.3` among whole numbers) are percents where that comes out;
    those that a label calls a change and that are a plain difference are left out, for they say nothing new.
    """
    roles = [
        (n, lb) for n, lb, bucket, _ in analysis.roles if bucket == "percent" and lb != "/./"
    ]
    figures = _Figures(analysis, way)
    for name, label in roles:
        percents = figures.percents(name, label)
        bases = _bases(figures, name, label, percents)
        analysis.bases += bases
        if not bases and (said := _difference(figures, {name: label}, percents)):
            analysis.roles = [r for r in analysis.roles if r[:2] != (name, label)]
            analysis.roles.append((name, label, "ignore", said))
    known = {(n, lb) for n, lb, *_ in analysis.roles}
    for name, label in (pair for pair in _fractions(figures) if pair not in known):
        best = _best(figures, {name: label}, figures.percents(name, label))
        if best is not None:
            analysis.bases.append(best)
            analysis.roles.append((name, label, "percent", "decide: by its figures a percent"))


def _fractions(figures: _Figures) -> list[tuple[str, str]]:
    """Labels above figures of at most 100, most with a fraction, where other labels have larger ones."""
    forms: dict[tuple[str, str], list[tuple[bool, bool]]] = {}
    names = {head.name for head in figures.analysis.columns.values()}
    for at, key in figures.keys.items():
        text, value = (
            figures.analysis.found.grid.cells[at].text,
            number_at(figures.analysis, at, figures.way),
        )
        if value is not None:
            form = abs(value) <= 100, bool(_FRACTION.search(text)) or text.strip().endswith("%")
            for pair in key:
                forms.setdefault(pair, []).append(form)
    told = {
        pair
        for pair, found in forms.items()
        if len(found) > 2
        and all(small for small, _ in found)
        and sum(f for _, f in found) * 2 >= len(found)
    }
    large = {name for name, label in forms if (name, label) not in told}
    return [pair for pair in forms if pair in told and pair[0] in names & large and pair[1]]


def _difference(figures: _Figures, where: dict[str, str], percents: list[_Percent]) -> str:
    """Words for figures that are all the difference of two others, empty where they are not."""
    for basis in _candidates(figures, where, percents[0]) if len(percents) > 1 else ():
        pairs = [
            (figures.amount(p.key, basis.of), figures.amount(p.key, basis.base))
            for p in percents
        ]
        if basis.change and all(
            a is not None and b is not None and a - b == p.value
            for (a, b), p in zip(pairs, percents, strict=True)
        ):
            labels = [" ".join(t[0] for t in side.values()) for side in (basis.of, basis.base)]
            return f"difference of {labels[0]!r} and {labels[1]!r}"
    return ""


def _bases(figures: _Figures, name: str, label: str, percents: list[_Percent]) -> list[Basis]:
    """Bases of the percents under a label: one for all, else one for each column, since the one before."""
    best = _best(figures, {name: label}, percents)
    if best is not None:
        return [best]
    rows = [head for head in figures.analysis.rows.values() if head.name == name]
    chains = [
        _chain(figures, name, label, one, percents) for head in rows for one in head.labels
    ]
    return max(chains, key=len, default=[])


def _chain(
    figures: _Figures, name: str, label: str, one: str, percents: list[_Percent]
) -> list[Basis]:
    """Find the changes of a row since the column before, one for each percent, where all come out."""
    columns = [head.name for head in figures.analysis.columns.values()]
    found: list[Basis] = []
    for percent in percents:
        key = tuple((n, one if n == name else t) for n, t in percent.key)
        before = [
            at
            for at in figures.counts
            if at[1] < percent.at[1] and (name, one) in figures.counts[at]
        ]
        if not before:
            continue
        earlier = figures.counts[max(before, key=lambda at: at[1])]
        where = {name: label} | {n: t for n, t in percent.key if n in columns and t}
        basis = Basis(
            where, {name: (one,)}, {name: (one,), **_differing(key, earlier)}, change=True
        )
        if not _agrees(figures, basis, percent):
            return []
        found.append(basis.counted(1, 1))
    return found if len(found) > 1 else []


def _best(
    figures: _Figures, where: dict[str, str], percents: list[_Percent], least: int = 2
) -> Basis | None:
    """Basis under which most percents come out, None where there is none."""
    if len({p.value for p in percents}) < least or not percents:
        return None
    found: list[Basis] = []
    for basis in _candidates(figures, where, percents[0]):
        results = [_agrees(figures, basis, percent) for percent in percents]
        compared = [r for r in results if r is not None]
        if len(compared) >= max(least, len(percents) / 2):
            found.append(basis.counted(sum(compared), len(compared)))
    # A fraction that comes out by chance is rare: a table with errors in it may have a few right ones only.
    fine = percents[0].unit < Decimal("0.1")
    good = [b for b in found if b.agree >= max(least, 0.8 * b.compared)]
    good += [b for b in found if fine and b.agree >= max(least + 1, 0.4 * b.compared)]
    return max(good, key=lambda b: (b.agree / b.compared, b.agree), default=None)


def _candidates(figures: _Figures, where: dict[str, str], percent: _Percent) -> Iterator[Basis]:
    """Bases to be tried: the figures near the percent in a total, in another figure, or since another."""
    row, column = percent.at
    counts = sorted(figures.counts, key=lambda at: (abs(at[1] - column), at[1] > column))
    beside = [figures.counts[at] for at in counts if at[0] == row][:_NEAR]
    above = sorted(figures.counts, key=lambda at: (abs(at[0] - row), at[0] > row))
    beside += [figures.counts[at] for at in above if at[1] == column][:_NEAR]
    beside = [key for key in beside if not {*where.items()} <= {*key}]
    totals = _totals(figures.analysis)
    for one in beside:
        of = _differing(percent.key, one)
        for name, labels in totals:
            yield Basis(where, of, {**of, name: labels})
        for other in beside:
            if other != one:
                yield Basis(where, of, _differing(percent.key, other))
                yield Basis(where, of, _differing(percent.key, other), change=True)
    if len({figures.keys[at] for at in figures.keys if at[0] == row}) < len(
        figures.analysis.found.data
    ):
        for name, labels in totals:
            yield Basis(where, {}, {name: labels}, left=True)


def _totals(analysis: Analysis) -> list[tuple[str, tuple[str, ...]]]:
    """Totals of each heading, and all labels of one of few that has none: their sum is the whole."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for head in analysis.headings:
        own = {lb: bucket for n, lb, bucket, _ in analysis.roles if n == head.name}
        totals = [lb for lb, bucket in own.items() if bucket == "total"]
        found += [(head.name, (total,)) for total in totals]
        plain = tuple(lb for lb in head.labels if lb not in own)
        if not totals and len(plain) > 1 and head.role not in {"measure", "number", "period"}:
            found.append((head.name, plain))
    return found


def _differing(key: Key, other: Key) -> dict[str, tuple[str, ...]]:
    return {
        name: (label,)
        for (name, old), (_, label) in zip(key, other, strict=True)
        if old != label
    }


def _agrees(figures: _Figures, basis: Basis, percent: _Percent) -> bool | None:
    """Whether a percent comes out; None where a figure of its basis is not there, or is nothing."""
    key = percent.key
    if basis.left:
        places = [
            at for at in figures.counts if at[0] == percent.at[0] and at[1] < percent.at[1]
        ]
        if not places:
            return None
        key = figures.counts[max(places)]
        upper = number_at(figures.analysis, max(places), figures.way)
    else:
        upper = figures.amount(key, basis.of)
    lower = figures.amount(key, basis.base)
    if upper is None or not lower:
        return None
    computed = 100 * upper / lower - (100 if basis.change else 0)
    return abs(computed - percent.value) <= percent.unit


def merged(bases: Iterable[Basis]) -> list[Basis]:
    """Bases of several sheets, those that are alike counted together."""
    found: dict[str, Basis] = {}
    for basis in bases:
        known = found.get(basis.id)
        found[basis.id] = basis if known is None else known.counted(
            known.agree + basis.agree, known.compared + basis.compared
        )  # fmt: skip
    return list(found.values())

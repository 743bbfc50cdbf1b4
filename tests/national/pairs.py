"""Rows in which every pair of values of named factors comes together at least once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from random import Random

#: Factor to its values.
Factors = Mapping[str, Sequence[str]]
#: A value of each factor.
Row = dict[str, str]
#: A factor with a value.
Setting = tuple[str, str]
#: Whether the values of a row, of which some factors may be missing, go together.
Rule = Callable[[Mapping[str, str]], bool]
#: How often a row is tried with other choices before its pair is given up.
ATTEMPTS = 40


def all_pairs(factors: Factors) -> Iterator[frozenset[Setting]]:
    """Pairs of values of two factors, whether they go together or not."""
    for first, second in combinations(factors, 2):
        for value in factors[first]:
            for other in factors[second]:
                yield frozenset({(first, value), (second, other)})


def pairs_of(row: Mapping[str, str]) -> set[frozenset[Setting]]:
    """Pairs of values that a row has."""
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def covering(
    factors: Factors, rule: Rule, seed: int
) -> tuple[list[Row], set[frozenset[Setting]]]:
    """Rows that have every pair which goes together, and the pairs which do not.

    Greedy: each row begins with a pair that is still missing, and takes of each other factor
    the value that brings most missing pairs.
    """
    random = Random(seed)
    missing = set(all_pairs(factors))
    rows: list[Row] = []
    impossible: set[frozenset[Setting]] = set()
    for pair in list(all_pairs(factors)):
        if pair not in missing:
            continue
        row = _row(factors, rule, dict(pair), missing, random)
        if row is None:
            impossible.add(pair)
            continue
        rows.append(row)
        missing -= pairs_of(row)
    return rows, impossible


def _row(
    factors: Factors, rule: Rule, start: Row, missing: set[frozenset[Setting]], random: Random
) -> Row | None:
    """Whole row that begins with a pair; None where no choice of the others goes together."""
    if not rule(start):
        return None
    for _ in range(ATTEMPTS):
        row = dict(start)
        others = [name for name in factors if name not in row]
        random.shuffle(others)
        if all(_extended(row, name, factors[name], rule, missing, random) for name in others):
            return {name: row[name] for name in factors}
    return None


def _extended(
    row: Row,
    name: str,
    values: Sequence[str],
    rule: Rule,
    missing: set[frozenset[Setting]],
    random: Random,
) -> bool:
    """Whether a value of a factor could be added to a row; the best is."""
    best, most = "", -1.0
    for value in values:
        if not rule({**row, name: value}):
            continue
        new = sum(frozenset({(name, value), setting}) in missing for setting in row.items())
        if new + random.random() > most:
            best, most = value, new + random.random()
    if best:
        row[name] = best
    return bool(best)

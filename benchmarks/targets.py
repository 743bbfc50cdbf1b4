"""Targets: what the messages of the library are meant to cost, beside what was measured."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.processes import Figures

#: (task, who, file, observations).
Key = tuple[str, str, str, int]
XML = ("flat", "series", "generic")
ALL = (*XML, "csv", "json")


@dataclass(frozen=True)
class Taken:
    """What was measured: the figures of each task, and those of each of its turns."""

    figures: Mapping[Key, Figures]
    turns: Mapping[Key, Sequence[Figures]]

    def ratios(self, key: Key, other: Key, field: str = "seconds") -> tuple[float, ...]:
        """Time of one task as a multiple of another's, turn by turn: what else the machine did is in both."""
        pairs = zip(self.turns[key], self.turns[other], strict=False)
        return tuple(one[field] / two[field] for one, two in pairs)


@dataclass(frozen=True)
class Target:
    """One promise: the median of what was measured is to be at most (or at least) `limit`."""

    what: str
    values: tuple[float, ...]
    limit: float
    at_least: bool = False

    @property
    def measured(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    @property
    def row(self) -> dict[str, str]:
        bound = f"{'>=' if self.at_least else '<='} {self.limit:,g}"
        spread = ""
        if len(self.values) > 1:
            spread = f"{_shown(min(self.values))} to {_shown(max(self.values))}"
        return {
            "what": self.what,
            "median": _shown(self.measured),
            "range": spread,
            "target": bound,
            "": "met" if self.met else "NOT MET",
        }


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"


def targets(taken: Taken, count: int, more: int, large: int) -> list[Target]:
    """All promises about `count` observations, about writing `more`, and reading `large` in batches."""
    return [
        *_reading(taken, count),
        *_writing(taken, count, more),
        *(_growing(taken, count, large) if large else ()),
    ]


def _reading(taken: Taken, count: int) -> Iterator[Target]:
    limits = {"csv": 1.2, "json": 1.3}
    for file in ALL:
        own, bare = ("read", "ours", file, count), ("read", "bare parser", file, count)
        yield Target(
            f"read {file}: time of the bare parser's",
            taken.ratios(own, bare),
            limits.get(file, 0.6),
        )
    for file in XML:
        own, bare = ("read", "ours", file, count), ("read", "bare parser", file, count)
        yield Target(
            f"stretch, read {file} with a second core (not built: this is one): wall of the bare parser's",
            taken.ratios(own, bare, "wall"),
            0.45,
        )
    yield from _without_cliffs(taken, count)
    for file in ALL:
        yield Target(
            f"read {file}: MB of working memory",
            (taken.figures["read", "ours", file, count]["peak"],),
            150,
        )
    yield Target(
        "read flat: bytes an observation in the result",
        (taken.figures["result", "ours", "flat", count]["size"],),
        25,
    )


#: Kinds of files made of the flat one to what they may cost, as a multiple of it.
CLIFFS = {
    "odd": ("one odd record", 1.05),
    "odd-10000": ("one odd record in ten thousand", 1.15),
    "odd-1000": ("one odd record in a thousand", 1.3),
    "unique": ("a text of its own on each, by byte", 1.3),
    "unique-amp": ("the same with &amp;, by byte", 1.6),
}
#: Bytes of a file made of the flat one, as a multiple of it.
GROWTH = {"unique": 1.15, "unique-amp": 1.17}


def _without_cliffs(taken: Taken, count: int) -> Iterator[Target]:
    """Promises about what is unusual, and about numbers."""
    plain = ("read", "ours", "flat", count)
    bare = ("read", "bare parser", "flat", count)
    slow = ("read", "ours, ordinary", "flat", count)
    for file, (words, limit) in CLIFFS.items():
        longer = GROWTH.get(file, 1.0)
        ratios = taken.ratios(("read", "ours", file, count), plain)
        by_byte = tuple(ratio / longer for ratio in ratios)
        yield Target(f"read flat with {words}: time of plain", by_byte, limit)
    tenth = ("read", "ours", "odd-10", count)
    ordinary = taken.ratios(tenth, ("read", "ours, ordinary", "odd-10", count))
    yield Target("one odd record in ten: time of the ordinary reader", ordinary, 1.05)
    yield Target(
        "ordinary reader, flat: time of the bare parser's", taken.ratios(slow, bare), 3
    )
    numbers = taken.ratios(("read", "ours, numbers", "flat", count), plain)
    yield Target("read flat and its numbers: time of reading alone", numbers, 1.15)


def _writing(taken: Taken, count: int, more: int) -> Iterator[Target]:
    for file in ALL:
        turns = taken.turns["write", "ours", file, count]
        rates = tuple(count / turn["seconds"] for turn in turns)
        yield Target(f"write {file}: observations a second", rates, 1e6, at_least=True)
    own, bare = ("write", "ours", "csv", count), ("write", "bare writer", "csv", count)
    yield Target("write csv: time of pyarrow.csv's", taken.ratios(own, bare), 1.5)
    for n in dict.fromkeys((count, more)):
        for who in ("ours", "ours, gzip"):
            peak = max(taken.figures["write", who, file, n]["peak"] for file in ALL)
            packed = " packed" if "gzip" in who else ""
            yield Target(f"write {n:,}{packed}, any format: MB of working memory", (peak,), 50)


def _growing(taken: Taken, count: int, large: int) -> Iterator[Target]:
    found = taken.figures
    for file in ("series", "csv", "json"):
        one, many = (found["read", "ours, in batches", file, n] for n in (count, large))
        yield Target(
            f"read {large:,} in batches, {file}: MB of working memory", (many["peak"],), 300
        )
        growth = many["seconds"] / large / (one["seconds"] / count)
        yield Target(f"the same: time an observation of that of {count:,}", (growth,), 1.25)
    for (task, who, file, n), figures in found.items():
        if task == "command" and n == large:
            yield Target(
                f"ilms-sdmx {who} of {large:,}, {file}: MB of all memory",
                (figures["peak"],),
                300,
            )

"""Targets: what the messages of the library are meant to cost, beside what was measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.processes import Figures

#: (task, who, file, observations) to what was measured.
Found = Mapping[tuple[str, str, str, int], Figures]
XML = ("flat", "series", "generic")
ALL = (*XML, "csv", "json")


@dataclass(frozen=True)
class Target:
    """One promise: `measured` is to be at most (or at least) `limit`."""

    what: str
    measured: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    @property
    def row(self) -> dict[str, str]:
        bound = f"{'>=' if self.at_least else '<='} {self.limit:,g}"
        shown = f"{self.measured:,.0f}" if self.measured >= 10 else f"{self.measured:.2f}"
        return {
            "what": self.what,
            "measured": shown,
            "target": bound,
            "": "met" if self.met else "NOT MET",
        }


def targets(found: Found, count: int, more: int, large: int) -> list[Target]:
    """All promises about `count` observations, about writing `more`, and reading `large` in batches."""
    return [
        *_reading(found, count),
        *_writing(found, count, more),
        *(_growing(found, count, large) if large else ()),
    ]


def _reading(found: Found, count: int) -> Iterator[Target]:
    limits = {"csv": 1.2, "json": 1.3}
    for file in ALL:
        own, bare = (
            found["read", "ours", file, count],
            found["read", "bare parser", file, count],
        )
        yield Target(
            f"read {file}: time of the bare parser's",
            own["seconds"] / bare["seconds"],
            limits.get(file, 0.6),
        )
    yield from _without_cliffs(found, count)
    for file in ALL:
        yield Target(
            f"read {file}: MB of working memory",
            found["read", "ours", file, count]["peak"],
            150,
        )
    yield Target(
        "read flat: bytes an observation in the result",
        found["result", "ours", "flat", count]["size"],
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


def _without_cliffs(found: Found, count: int) -> Iterator[Target]:
    """Promises about what is unusual, and about numbers."""
    plain = found["read", "ours", "flat", count]["seconds"]
    bare = found["read", "bare parser", "flat", count]["seconds"]
    for file, (words, limit) in CLIFFS.items():
        seconds = found["read", "ours", file, count]["seconds"]
        longer = GROWTH.get(file, 1.0)
        yield Target(f"read flat with {words}: time of plain", seconds / plain / longer, limit)
    ordinary = found["read", "ours, ordinary", "odd-10", count]["seconds"]
    tenth = found["read", "ours", "odd-10", count]["seconds"]
    yield Target("one odd record in ten: time of the ordinary reader", tenth / ordinary, 1.05)
    slow = found["read", "ours, ordinary", "flat", count]["seconds"]
    yield Target("ordinary reader, flat: time of the bare parser's", slow / bare, 3)
    numbers = found["read", "ours, numbers", "flat", count]["seconds"]
    yield Target("read flat and its numbers: time of reading alone", numbers / plain, 1.15)


#: Bytes of a file made of the flat one, as a multiple of it.
GROWTH = {"unique": 1.15, "unique-amp": 1.17}


def _writing(found: Found, count: int, more: int) -> Iterator[Target]:
    flat, csv = (found["write", "ours", file, count]["seconds"] for file in ("flat", "csv"))
    yield Target("write flat: observations a second", count / flat, 1e6, at_least=True)
    bare = found["write", "bare writer", "csv", count]["seconds"]
    yield Target("write csv: time of pyarrow.csv's", csv / bare, 1.5)
    for n in dict.fromkeys((count, more)):
        for who in ("ours", "ours, gzip"):
            peak = max(found["write", who, file, n]["peak"] for file in ALL)
            packed = " packed" if "gzip" in who else ""
            yield Target(f"write {n:,}{packed}, any format: MB of working memory", peak, 50)


def _growing(found: Found, count: int, large: int) -> Iterator[Target]:
    for file in ("series", "csv", "json"):
        one, many = (found["read", "ours, in batches", file, n] for n in (count, large))
        yield Target(
            f"read {large:,} in batches, {file}: MB of working memory", many["peak"], 300
        )
        growth = many["seconds"] / large / (one["seconds"] / count)
        yield Target(f"the same: time an observation of that of {count:,}", growth, 1.25)
    for (task, who, file, n), figures in found.items():
        if task == "command" and n == large:
            yield Target(
                f"ilms-sdmx {who} of {large:,}, {file}: MB of all memory", figures["peak"], 300
            )

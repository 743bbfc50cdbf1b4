"""Reading and writing messages, beside other implementations and bare parsers, on the same generated files.

    python -m benchmarks.messages [--observations N] [--more W] [--large L] [--peers M] [--repeat R]

Each measurement is a fresh process after one warm-up on a small file, in turns with what it is compared
with; times are CPU seconds, the median of R with the range; peaks are of resident memory beyond what it was
after imports and warm-up, the worst of R. Peers run on M observations and are scaled to N; pysdmx with the
validation that its documentation shows first, and without it. W observations are written once more, L read in
batches and by the command line (0 leaves that out). What was measured and a table of targets, each met or not
by the median of the ratios of the turns, are printed with the processor and its load, and written beside a
chart (PNG, SVG) into the folder.
"""

import argparse
import gc
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from benchmarks.processes import (
    Figures,
    alternating,
    command_line,
    measured,
    processor,
    summary,
)
from benchmarks.readers import PEERS, READERS, WRITERS
from benchmarks.targets import ALL, XML, Taken, targets

FILES = {
    "flat": ("sdmx-ml-2.1", "flat", "xml"),
    "series": ("sdmx-ml-2.1", "series", "xml"),
    "generic": ("sdmx-ml-2.1-generic", "series", "xml"),
    "csv": ("sdmx-csv-1.0", "flat", "csv"),
    "json": ("sdmx-json-2.0", "series", "json"),
    "odd": ("sdmx-ml-2.1", "flat", "xml"),
    "odd-10000": ("sdmx-ml-2.1", "flat", "xml"),
    "odd-1000": ("sdmx-ml-2.1", "flat", "xml"),
    "odd-10": ("sdmx-ml-2.1", "flat", "xml"),
    "unique": ("sdmx-ml-2.1", "flat", "xml"),
    "unique-amp": ("sdmx-ml-2.1", "flat", "xml"),
}
#: Files made of the flat one: an odd record in so many, or a text of its own on every observation.
ODD = {"odd-10000": 10_000, "odd-1000": 1_000, "odd-10": 10}
UNIQUE = {"unique": b"a and b", "unique-amp": b"a &amp; b"}
LARGE = ("series", "csv", "json")
WARM = 1_000
SMALL = (10_000, 100_000)
Key = tuple[str, str, str, int]


def file(folder: Path, name: str, count: int) -> Path:
    return folder / f"{name}-{count}.{FILES[name][2]}"


def prepare(folder: Path, count: int, names: tuple[str, ...] = ALL) -> None:
    """Write the files of so many observations."""
    from benchmarks.observations import generate
    from ilms_sdmx.messages import write

    data = generate(count)
    for name in names:
        format, layout, _ = FILES[name]
        write(data, file(folder, name, count), format, layout=layout)
    if "flat" in names:
        text = file(folder, "flat", count).read_bytes()
        middle = text.find(b"<Obs", len(text) // 2)
        odd = text[:middle] + b'<!-- "odd" -->' + text[middle:]
        file(folder, "odd", count).write_bytes(odd)
        for name, every in ODD.items():
            file(folder, name, count).write_bytes(with_odd(text, every))
        for name, words in UNIQUE.items():
            file(folder, name, count).write_bytes(with_texts(text, words))


def with_odd(text: bytes, every: int) -> bytes:
    """Message with a comment before one record in so many."""
    first, *records = text.split(b"<Obs ")
    parts = [first]
    for number, record in enumerate(records):
        odd = b'<!-- "odd" -->' if number % every == every // 2 else b""
        parts += [odd, b"<Obs ", record]
    return b"".join(parts)


def with_texts(text: bytes, words: bytes) -> bytes:
    """Message with a text of its own on every observation."""
    *records, last = text.split(b"/>\n")
    parts = []
    for number, record in enumerate(records):
        note = b' NOTE="%s %d"' % (words, number) if b"<Obs" in record else b""
        parts += [record, note, b"/>\n"]
    return b"".join([*parts, last])


def work(task: str, who: str, name: str, folder: Path, count: int) -> Callable[[], object]:
    """What is to be measured, ready to be called."""
    if task == "read":
        path = str(file(folder, name, count))
        return lambda: READERS[who](path)
    if who in WRITERS:
        path = str(file(folder, name, count))
        return WRITERS[who](path, str(folder / "written-by-others.xml"))
    from benchmarks.observations import generate
    from ilms_sdmx.messages import write

    data = generate(count)
    format, layout, suffix = FILES[name]
    target = folder / f"written.{suffix}{'.gz' if who == 'ours, gzip' else ''}"
    if who == "bare writer":
        import pyarrow as pa
        from pyarrow import csv

        return lambda: csv.write_csv(pa.Table.from_pandas(data.observations), target)
    return lambda: write(data, target, format, layout=layout)


def measure(task: str, who: str, name: str, folder: Path, count: int) -> Figures:
    """Figures of one task, in this process."""
    if task == "prepare":
        prepare(folder, count, ALL if name == "all" else LARGE)
        return {}
    if task == "result":
        from ilms_sdmx.messages import read

        frame = read(file(folder, name, count)).datasets[0].observations
        return {"size": float(frame.memory_usage(index=False, deep=True).sum()) / count}
    work(task, who, name, folder, WARM)()
    return measured(work(task, who, name, folder, count))


class Run:
    """All measurements of one run, printed as they come."""

    def __init__(self, folder: Path, repeat: int, *, here: bool = False) -> None:
        self._folder, self._repeat, self._here = folder, repeat, here
        self.found: dict[Key, Figures] = {}
        self.turns: dict[Key, list[Figures]] = {}

    def take(self, keys: list[Key], repeat: int = 0) -> None:
        """Measure in turns."""
        measure_turns = self._taken_here if self._here else self._taken
        turns_of_keys = measure_turns(keys, repeat or self._repeat)
        for key, turns in zip(keys, turns_of_keys, strict=True):
            if turns and turns[0]:
                self.turns[key] = turns
                self.note(key, summary(turns))

    def _taken_here(self, keys: list[Key], repeat: int) -> list[list[Figures]]:
        """Figures of each turn in this process, after one warm-up of each."""
        turns: list[list[Figures]] = [[] for _ in keys]
        for task, who, name, _ in keys:
            if task in ("read", "write"):
                work(task, who, name, self._folder, WARM)()
        for _ in range(repeat):
            for of_key, (task, who, name, count) in zip(turns, keys, strict=True):
                if task in ("read", "write"):
                    of_key.append(measured(work(task, who, name, self._folder, count)))
                else:
                    of_key.append(measure(task, who, name, self._folder, count))
                gc.collect()
        return turns

    def _taken(self, keys: list[Key], repeat: int) -> list[list[Figures]]:
        """Figures of each turn, each in a process of its own."""
        here = [sys.executable, "-W", "ignore", "-m", "benchmarks.messages"]
        here += ["--folder", str(self._folder)]
        commands = [[*here, "--observations", str(key[3]), "--run", *key[:3]] for key in keys]
        return alternating(commands, repeat)

    def note(self, key: Key, figures: Figures) -> None:
        self.found[key] = figures
        shown = "  ".join(f"{name} {value:,.2f}" for name, value in figures.items())
        print(f"{key[0]:8} {key[1]:18} {key[2]:8} {key[3]:>10,}  {shown}", flush=True)

    def commands(self, count: int) -> None:
        """The command line on large files."""
        for name in LARGE:
            path, packed = (
                str(file(self._folder, name, count)),
                str(self._folder / "out.csv.gz"),
            )
            calls = [["inspect", path], ["transform", path, packed], ["cat", "--csv", path]]
            for arguments in calls if name == LARGE[0] else calls[:2]:
                self.note(("command", arguments[0], name, count), command_line(arguments))


def everything(run: Run, folder: Path, given: argparse.Namespace) -> None:
    """Files, and all measurements on them."""
    run.take(
        [("prepare", "", "all", n) for n in {WARM, *SMALL, given.peers, given.observations}], 1
    )
    for name in ALL:
        more = []
        if name == "flat":
            others = ("odd", *ODD, *UNIQUE)
            more = [("read", "ours", other, given.observations) for other in others]
            for who in ("ours, numbers", "ours, ordinary"):
                more.append(("read", who, "flat", given.observations))
            more.append(("read", "ours, ordinary", "odd-10", given.observations))
        whos = ("bare parser", "ours", "ours, in batches")
        run.take([*(("read", who, name, given.observations) for who in whos), *more])
    run.take([("result", "ours", "flat", given.observations)], 1)
    run.take([("read", "ours, in batches", name, n) for name in LARGE for n in SMALL], 1)
    whos = ("ours", "ours, gzip")
    for name in ALL:
        bare = [("write", "bare writer", name, given.observations)] if name == "csv" else []
        run.take([*(("write", who, name, given.observations) for who in whos), *bare])
        if given.more != given.observations:
            run.take([("write", who, name, given.more) for who in whos], 1)
    run.take([("read", who, name, given.peers) for name in XML for who in PEERS], 1)
    run.take([("write", who, "series", given.peers) for who in WRITERS], 1)
    if given.large:
        run.take([("prepare", "", "large", given.large)], 1)
        run.take([("read", "ours, in batches", name, given.large) for name in LARGE], 1)
        run.commands(given.large)


def table(found: dict[Key, Figures], count: int) -> pd.DataFrame:
    """All measurements, those on fewer observations scaled to `count`, with their ratios."""
    rows = []
    for (task, who, name, own), figures in found.items():
        if "seconds" not in figures:
            continue
        row = {"task": task, "who": who, "file": name, "observations": own, **figures}
        for title, other in (("of bare parser", "bare parser"), ("of ours", "ours")):
            against = found.get((task, other, name, count))
            row[title] = (
                figures["seconds"] * count / own / against["seconds"] if against else None
            )
        rows.append(row)
    return pd.DataFrame(rows)


def draw(frame: pd.DataFrame, folder: Path, count: int) -> None:
    """Chart of seconds by file and implementation, on a logarithmic scale."""
    import altair as alt

    read = frame[(frame["task"] == "read") & frame["file"].isin(ALL)]
    read = read[(read["observations"] == count) | read["who"].isin(PEERS)]
    read = read.assign(seconds=read["seconds"] * count / read["observations"])
    chart = (
        alt.Chart(read, title="Reading SDMX messages into a data frame")
        .mark_bar()
        .encode(
            x=alt.X("seconds:Q", scale=alt.Scale(type="log"), title="CPU seconds"),
            y=alt.Y("who:N", sort="x", title=None),
            color=alt.Color("who:N", legend=None),
            row=alt.Row("file:N", title=None),
        )
    )
    for suffix in ("png", "svg"):
        chart.save(str(folder / f"messages.{suffix}"))


def sizes() -> Iterator[tuple[str, int]]:
    yield "--observations", 1_000_000
    yield "--more", 4_000_000
    yield "--large", 10_000_000
    yield "--peers", 50_000
    yield "--repeat", 5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in sizes():
        parser.add_argument(name, type=int, default=default)
    parser.add_argument(
        "--here", action="store_true", help="measure in one process: quicker, peaks mean less"
    )
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/out"))
    parser.add_argument(
        "--run", nargs=3, metavar=("TASK", "WHO", "FILE"), help=argparse.SUPPRESS
    )
    given = parser.parse_args()
    if given.run:
        print(json.dumps(measure(*given.run, given.folder, given.observations)))
        return
    started = processor()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder), given.repeat, here=given.here)
        everything(run, Path(folder), given)
    frame = table(run.found, given.observations)
    frame.to_csv(given.folder / "messages.csv", index=False)
    draw(frame, given.folder, given.observations)
    print("\n" + frame.round(2).to_string(index=False))
    taken = Taken(run.found, run.turns)
    promised = targets(taken, given.observations, given.more, given.large)
    met = pd.DataFrame([each.row for each in promised])
    met.to_csv(given.folder / "messages-targets.csv", index=False)
    print("\n" + met.to_string(index=False))
    print(f"\n{processor()}\n{given.repeat} turns; at the start: {started}")


if __name__ == "__main__":
    main()

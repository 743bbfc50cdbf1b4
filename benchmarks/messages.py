"""Reading and writing messages, beside other implementations and bare parsers, on the same generated files.

    python -m benchmarks.messages [--observations N] [--peers M] [--repeat R] [--folder DIR]

Each measurement is a fresh process after one warm-up on a small file; times are CPU seconds, the best of R;
peaks are of resident memory beyond what it was after imports and warm-up. Peers run on M observations and are
scaled to N, which the table says. The table is printed and written beside a chart (PNG, SVG) into DIR.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

FILES = {
    "flat": ("sdmx-ml-2.1", "flat", "xml"),
    "series": ("sdmx-ml-2.1", "series", "xml"),
    "generic": ("sdmx-ml-2.1-generic", "series", "xml"),
    "csv": ("sdmx-csv-1.0", "flat", "csv"),
    "json": ("sdmx-json-2.0", "series", "json"),
}
XML = ["flat", "series", "generic"]
PEERS = ["sdmx1", "pysdmx", "sdmxthon"]
WARM = 1_000


def read_ours(path: str) -> None:
    from ilms_sdmx.messages import read

    read(path)


def read_in_batches(path: str) -> None:
    from ilms_sdmx.messages import read_batches

    with read_batches(path) as batches:
        for _ in batches:
            pass


def read_bare(path: str) -> None:
    """Run the parser that is the yardstick over the bytes, keeping nothing."""
    if path.endswith("xml"):
        from xml.parsers import expat

        parser = expat.ParserCreate()
        with open(path, "rb") as stream:
            parser.ParseFile(stream)
    elif path.endswith("csv"):
        import pyarrow as pa
        from pyarrow import csv

        with Path(path).open(encoding="utf-8") as lines:
            names = lines.readline().strip().split(",")
        coded = pa.dictionary(pa.int32(), pa.string())
        kinds = {name: pa.string() if name == "OBS_VALUE" else coded for name in names}
        csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=kinds))
    else:
        import orjson

        orjson.loads(Path(path).read_bytes())


def read_sdmx1(path: str) -> None:
    import sdmx

    sdmx.to_pandas(sdmx.read_sdmx(path).data[0], attributes="o")


def read_pysdmx(path: str) -> None:
    from pysdmx.io import read_sdmx

    _ = read_sdmx(path, validate=False).get_datasets()[0].data


def read_sdmxthon(path: str) -> None:
    import sdmxthon

    _ = next(iter(sdmxthon.read_sdmx(path).content.values())).data


READERS: dict[str, Callable[[str], None]] = {
    "ours": read_ours,
    "ours, in batches": read_in_batches,
    "bare parser": read_bare,
    "sdmx1": read_sdmx1,
    "pysdmx": read_pysdmx,
    "sdmxthon": read_sdmxthon,
}


def memory(field: str) -> int:
    """Resident memory in kB now (`VmRSS`) or at most since the last `forget` (`VmHWM`)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


def forget() -> None:
    """Let the peak of resident memory start anew (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def measure(task: str, who: str, name: str, folder: Path, count: int) -> dict[str, float]:
    """Seconds and megabytes of one task, in this process."""
    work = (reader if task == "read" else writer)(who, name, folder, WARM)
    work()
    work = (reader if task == "read" else writer)(who, name, folder, count)
    forget()
    before, started, wall = memory("VmRSS"), time.process_time(), time.perf_counter()
    work()
    return {
        "seconds": time.process_time() - started,
        "wall": time.perf_counter() - wall,
        "peak": (memory("VmHWM") - before) / 1024,
    }


def reader(who: str, name: str, folder: Path, count: int) -> Callable[[], None]:
    path = str(folder / f"{name}-{count}.{FILES[name][2]}")
    return lambda: READERS[who](path)


def writer(who: str, name: str, folder: Path, count: int) -> Callable[[], None]:
    from benchmarks.observations import generate
    from ilms_sdmx.messages import write

    data = generate(count)
    format, layout, suffix = FILES[name]
    target = folder / f"written.{suffix}{'.gz' if who == 'ours, gzip' else ''}"
    return lambda: write(data, target, format, layout=layout)


def fresh(task: str, who: str, name: str, folder: Path, count: int, repeat: int) -> dict[str, Any] | None:
    """Best of some runs, each in a process of its own; None if it fails."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.messages", "--run", task, who, name]
    command += ["--folder", str(folder), "--observations", str(count)]
    runs = []
    for _ in range(repeat):
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            print(f"  {who} cannot {task} {name}: {result.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            return None
        runs.append(json.loads(result.stdout.splitlines()[-1]))
    return min(runs, key=lambda run: run["seconds"])


def prepare(folder: Path, counts: set[int]) -> list[str]:
    """Write the files; gives the names of those that could be written."""
    from benchmarks.observations import generate
    from ilms_sdmx import MessageError
    from ilms_sdmx.messages import write

    made = []
    for count in sorted(counts):
        data = generate(count)
        for name, (format, layout, suffix) in FILES.items():
            try:
                write(data, folder / f"{name}-{count}.{suffix}", format, layout=layout)
            except MessageError as error:
                print(error, file=sys.stderr)
                continue
            made.append(name)
    return list(dict.fromkeys(made))


def table(folder: Path, count: int, peers: int, repeat: int) -> pd.DataFrame:
    """All measurements, with what they were scaled by."""
    names = prepare(folder, {WARM, count, peers})
    tasks = [("read", who, name) for name in names for who in ("bare parser", "ours", "ours, in batches")]
    tasks += [("read", who, name) for name in XML for who in PEERS]
    tasks += [("write", who, name) for name in names for who in ("ours", "ours, gzip")]
    rows = []
    for task, who, name in tasks:
        own = peers if who in PEERS else count
        found = fresh(task, who, name, folder, own, 1 if who in PEERS else repeat)
        if found:
            scale = count / own
            row = {"task": task, "who": who, "file": name, "observations": own}
            rows.append(row | {k: v * scale for k, v in found.items()})
            print(
                f"{task:5} {name:8} {who:18} {rows[-1]['seconds']:8.2f} s {rows[-1]['peak']:8.0f} MB",
                flush=True,
            )
    frame = pd.DataFrame(rows)
    bare = frame[frame["who"] == "bare parser"].set_index("file")["seconds"]
    ours = frame[(frame["who"] == "ours")].set_index(["task", "file"])["seconds"]
    frame["of bare parser"] = frame["seconds"] / frame["file"].map(bare)
    frame["of ours"] = [
        s / ours[(t, f)] for s, t, f in frame[["seconds", "task", "file"]].itertuples(index=False)
    ]
    return frame


def draw(frame: pd.DataFrame, folder: Path) -> None:
    """Chart of seconds by file and implementation, on a logarithmic scale."""
    import altair as alt

    read = frame[frame["task"] == "read"]
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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--peers", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/out"))
    parser.add_argument("--run", nargs=3, metavar=("TASK", "WHO", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps(measure(*given.run, given.folder, given.observations)))
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        frame = table(Path(folder), given.observations, given.peers, given.repeat)
    frame.to_csv(given.folder / "messages.csv", index=False)
    draw(frame, given.folder)
    print(frame.round(2).to_string(index=False))


if __name__ == "__main__":
    main()

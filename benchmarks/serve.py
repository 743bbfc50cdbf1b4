"""What the SDMX service costs: `python -m benchmarks.serve [--figures N]`, on this machine alone.

A database of made-up figures is served on a port of its own by a process of its own. Printed
are the processor time of a small answer and of one that the client has already, the time to the
first byte of a large answer of each format, its rate, what small answers wait next to it, and
the memory of the server before, after and after many requests more.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import resource
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import uvicorn

from ilms_sdmx.database import Database
from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.outputs.service import application
from ilms_sdmx.outputs.service.answers import Answerer
from ilms_sdmx.outputs.service.replies import Asked, joined

FLOW = "ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)"
PATH = "/v2/data/dataflow/ILO/DF_POP_MNAO_SEX_CDS_NB/~"
COMPONENTS = Components(("REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD"))
AREAS = 100


def figures(count: int) -> Dataset:
    """So many figures of a hundred areas."""
    each = count // AREAS
    rows = np.arange(each * AREAS)
    area = pd.Series(rows // each).map(lambda number: f"A{number:02d}")
    within = rows % each
    columns = {
        "REF_AREA": area,
        "FREQ": "A",
        "MEASURE": "POP_MNAO_NB",
        "SEX": "SEX_T",
        "CDS": pd.Series(within // 50).map(lambda number: f"CDS_DES_{number:04d}"),
        "TIME_PERIOD": pd.Series(1970 + within % 50).astype(str),
        "OBS_VALUE": pd.Series(rows).astype(str),
    }
    return Dataset(pd.DataFrame(columns).astype("string"), COMPONENTS, FLOW)


def cpu(answerer: Answerer, asked: Asked, turns: int) -> float:
    """Milliseconds of processor time of one answer, the median of seven runs."""
    runs = []
    for _ in range(7):
        started = time.process_time()
        for _ in range(turns):
            joined(answerer.answer(asked).body)
        runs.append(1000 * (time.process_time() - started) / turns)
    return statistics.median(runs)


def first_cpu(answerer: Answerer) -> float:
    """Milliseconds of processor time of the first answer of an area, the median of twenty."""
    runs = []
    for number in range(1, 21):
        path = f"{PATH}/A{number:02d}.A...CDS_DES_0000"
        started = time.process_time()
        joined(answerer.answer(Asked(path, "format=csv")).body)
        runs.append(1000 * (time.process_time() - started))
    return statistics.median(runs)


def serve_here(folder: str, listening: socket.socket) -> None:
    """Serve until the process is ended."""
    config = uvicorn.Config(application(folder), log_level="error", lifespan="off")
    uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, int]]:
    """Port of a server in a process of its own, and the number of the process."""
    context = multiprocessing.get_context("spawn")
    listening = socket.create_server(("127.0.0.1", 0))
    process = context.Process(target=serve_here, args=(str(folder), listening), daemon=True)
    process.start()
    assert process.pid is not None
    port = int(listening.getsockname()[1])
    asked(port, "/")
    yield port, process.pid
    process.kill()
    process.join()
    listening.close()


def memory_of(process: int) -> float:
    """Megabytes that a process has in memory now."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def asked(port: int, path: str) -> tuple[float, float, int]:
    """Seconds to the first byte and to the last one, and the number of bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    started = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    size = len(response.read(1))
    first = time.perf_counter() - started
    while piece := response.read(1 << 20):
        size += len(piece)
    connection.close()
    return first, time.perf_counter() - started, size


SMALL = f"{PATH}/A00.A...CDS_DES_0000?format=csv"


def times_of(port: int, goes_on: Callable[[int], bool]) -> list[float]:
    """Seconds of small answers, one after another, in order of size."""
    times: list[float] = []
    while goes_on(len(times)):
        times.append(asked(port, SMALL)[1])
    return sorted(times)


def p99(times: list[float]) -> float:
    """Milliseconds within which 99 of 100 answers come."""
    return 1000 * times[int(0.99 * (len(times) - 1))]


def print_large(port: int, process: int, count: int, turns: int) -> None:
    """Print what a large answer costs, and what small ones wait next to it."""
    alone = times_of(port, lambda done: done < turns)
    before = memory_of(process)
    large: list[tuple[float, float, int]] = []
    reader = threading.Thread(target=lambda: large.append(asked(port, f"{PATH}?format=csv")))
    reader.start()
    next_to_it = times_of(port, lambda done: reader.is_alive() or done < 1)
    reader.join()
    first, last, size = large[0]
    more = memory_of(process) - before
    print(f"{count:,} figures, {size / 1e6:.1f} MB: first byte {first:.2f} s, ", end="")
    print(f"all {last:.1f} s, {more:.0f} MB more memory")
    print(f"p99 of small answers: alone {p99(alone):.0f} ms, next to it ", end="")
    print(f"{p99(next_to_it):.0f} ms ({len(next_to_it)} answers)")


def print_first_bytes(port: int) -> None:
    """Print the time to the first byte of a large answer in each format, the median of five."""
    for word in ("csv", "json", "xml", "genericdata", "structurespecifictimeseriesdata"):
        firsts = []
        for _ in range(5):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            started = time.perf_counter()
            connection.request("GET", f"{PATH}?format={word}")
            connection.getresponse().read(1)
            firsts.append(time.perf_counter() - started)
            connection.close()
        print(f"first byte of {word}: {statistics.median(firsts):.3f} s")


def print_many(port: int, process: int, requests: int) -> None:
    """Print the memory of the server while many requests are answered."""
    paths = []
    for number in range(AREAS):
        paths.append(f"{PATH}/A{number:02d}.A...CDS_DES_0000?format=csv")
        paths.append(f"{PATH}/A{number:02d}?format=json&limit=100")
    for path in paths:
        # What the server holds of the areas is there before anything is measured.
        asked(port, path)
    print(f"memory over {requests:,} requests:", end="", flush=True)
    for number in range(requests):
        if number % (requests // 4) == 0:
            print(f" {memory_of(process):.0f},", end="", flush=True)
        asked(port, paths[number % len(paths)])
    print(f" {memory_of(process):.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=int, default=200_000)
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--requests", type=int, default=2_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "db"
        Database(folder).add(figures(given.figures), "made-up", at="2026-01-01")
        answerer = Answerer(folder)
        path = f"{PATH}/A00.A...CDS_DES_0000"
        small = Asked(path, "format=csv")
        for word in ("csv", "json", "xml"):
            cost = cpu(answerer, Asked(path, f"format={word}"), 20)
            print(f"small answer, {word}: {cost:.2f} ms of processor time")
        print(f"first answer of an area: {first_cpu(answerer):.2f} ms of processor time")
        tag = answerer.answer(small).headers["ETag"]
        known = Asked(small.path, small.query, if_none_match=tag)
        print(f"answer that is known: {cpu(answerer, known, 200):.3f} ms of processor time")
        with served(folder) as (port, process):
            print_large(port, process, given.figures, given.turns)
            print_first_bytes(port)
            print_many(port, process, given.requests)


if __name__ == "__main__":
    main()

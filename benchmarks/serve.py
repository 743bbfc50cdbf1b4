"""What the SDMX service costs: `python -m benchmarks.serve [--figures N]`, on this machine alone.

A database of made-up figures is served on a port of its own. Printed are the processor time of
a small answer and of one that the client has already, the time to the first byte of a large
answer, its rate, and how much memory the server takes more for it.
"""

from __future__ import annotations

import argparse
import http.client
import resource
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import uvicorn

from ilms_sdmx.database import Database
from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.outputs.service import application
from ilms_sdmx.outputs.service.answers import Answerer, Asked, joined

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


def served(folder: Path) -> int:
    """Port of a server."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(application(folder), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return int(listening.getsockname()[1])


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
    return first, time.perf_counter() - started, size


def p99(port: int, turns: int) -> float:
    """Seconds within which 99 of 100 small answers come."""
    times = [asked(port, f"{PATH}/A00.A...CDS_DES_0000?format=csv")[1] for _ in range(turns)]
    return sorted(times)[int(0.99 * (len(times) - 1))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=int, default=200_000)
    parser.add_argument("--turns", type=int, default=100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "db"
        Database(folder).add(figures(given.figures), "made-up", at="2026-01-01")
        answerer = Answerer(folder)
        small = Asked(f"{PATH}/A00.A...CDS_DES_0000", "format=csv")
        tag = answerer.answer(small).headers["ETag"]
        known = Asked(small.path, small.query, if_none_match=tag)
        print(f"small answer: {cpu(answerer, small, 20):.2f} ms of processor time")
        print(f"answer that is known: {cpu(answerer, known, 200):.3f} ms of processor time")
        port = served(folder)
        alone = p99(port, given.turns)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        large: list[tuple[float, float, int]] = []
        reader = threading.Thread(
            target=lambda: large.append(asked(port, f"{PATH}?format=csv"))
        )
        reader.start()
        next_to_it = p99(port, given.turns)
        reader.join()
        more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
        first, last, size = large[0]
        print(
            f"{given.figures:,} figures, {size / 1e6:.1f} MB: first byte {first:.2f} s,",
            end=" ",
        )
        print(f"all {last:.1f} s, {more / 1024:.0f} MB more memory")
        print(f"p99 of small answers: alone {1000 * alone:.0f} ms, next to it", end=" ")
        print(f"{1000 * next_to_it:.0f} ms")


if __name__ == "__main__":
    main()

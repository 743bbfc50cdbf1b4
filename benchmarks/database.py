"""Speed of the database: a million figures added, ten million asked by key, nights without news.

Run `python -m benchmarks.database`, or with a number of millions to ask. Times are of the
processor.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from ilms_sdmx import Components, Dataset
from ilms_sdmx.database import Database

AREAS = 11
SEXES = ("SEX_T", "SEX_M", "SEX_F")
COMPONENTS = Components(
    ("REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "ECO", "TIME_PERIOD"),
    attributes={"OBS_STATUS": ("OBS_VALUE",), "SOURCE": ("REF_AREA", "MEASURE")},
)
ID = "ILO:DF_BENCHMARK(1.0)"
KEY = {"REF_AREA": "A05", "SEX": "SEX_M", "CDS": "CDS_DES_077", "ECO": "ECO_03"}


def generate(count: int, seed: int = 1) -> Dataset:
    """Data set of about `count` figures of eleven areas, in the order of no key."""
    chance = np.random.default_rng(seed)
    of_area = count // AREAS
    number = np.tile(np.arange(of_area), AREAS)
    codes = {
        "REF_AREA": (np.repeat(np.arange(AREAS), of_area), names("A", AREAS)),
        "FREQ": (np.zeros(len(number), dtype=int), ["A"]),
        "MEASURE": (np.zeros(len(number), dtype=int), ["EMP_NB"]),
        "SEX": (number % 3, list(SEXES)),
        "CDS": (number // 3 % 200, [f"CDS_DES_{each:03d}" for each in range(200)]),
        "ECO": (number // 600 % 22, names("ECO_", 22)),
        "TIME_PERIOD": (number // 13_200, [str(1950 + each) for each in range(100)]),
        "OBS_STATUS": (chance.integers(0, 2, len(number)), ["A", "B"]),
        "SOURCE": (np.zeros(len(number), dtype=int), ["BA:1"]),
    }
    frame = pd.DataFrame(
        {name: pd.Categorical.from_codes(code, texts) for name, (code, texts) in codes.items()}
    )
    values = pd.Series(chance.integers(0, 10**7, len(number)))
    frame["OBS_VALUE"] = values.astype("string")
    return Dataset(frame[COMPONENTS.columns], COMPONENTS, ID)


def names(beginning: str, count: int) -> list[str]:
    """Codes with two digits."""
    return [f"{beginning}{each:02d}" for each in range(count)]


def measured(step: Callable[[], object]) -> float:
    """Seconds of the processor that a step takes."""
    begin = time.process_time()
    step()
    return time.process_time() - begin


def adding(folder: Path) -> None:
    """Add a million figures, then again without news, then with one in a hundred changed."""
    database = Database(folder)
    data = generate(1_000_000)
    # What is loaded once is no part of it.
    Database(folder / "first").add(generate(1_100), "first", at="2026-01-01")
    told("add 1 million", measured(lambda: database.add(data, "a", at="2026-01-01")), 3)
    size = size_of(folder)
    told("the same again", measured(lambda: database.add(data, "a", at="2026-01-02")), 3)
    frame = data.observations.copy()
    frame.loc[::100, "OBS_VALUE"] = "0.5"
    changed = Dataset(frame, COMPONENTS, ID)
    told("1 % changed", measured(lambda: database.add(changed, "a", at="2026-01-03")), 3)
    grown = size_of(folder) - size
    print(f"{'its history':<28}{grown / size:8.2%} of {size / 1e6:.1f} MB")


def asking(folder: Path, millions: int) -> None:
    """Ask millions of figures by key, in Python and by DuckDB."""
    database = Database(folder)
    database.add(generate(millions * 1_000_000), "a", at="2026-01-01")
    database.get(ID, key=KEY)
    told(f"get of {millions} million", measured(lambda: database.get(ID, key=KEY)), 0.2)
    day = "2026-01-01"
    told("get as of a day", measured(lambda: database.get(ID, key=KEY, as_of=day)), 0.2)
    where = " and ".join(f"{name} = '{code}'" for name, code in KEY.items())
    query = f"select * from DF_BENCHMARK where {where}"
    database.sql(query)
    told("the same in SQL", measured(lambda: database.sql(query)), 0.2)


def nights(folder: Path) -> None:
    """Run a hundred nights without news."""
    database = Database(folder)
    data = generate(20_000)
    database.add(data, "a", at="2026-01-01")
    size = size_of(folder)
    seconds = measured(lambda: [database.add(data, "a", at="2026-02-01") for _ in range(100)])
    told("100 nights without news", seconds, 30)
    print(f"{'they add':<28}{size_of(folder) - size:8d} bytes")


def size_of(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def told(what: str, seconds: float, target: float) -> None:
    """Print a time next to its target."""
    print(f"{what:<28}{seconds:8.2f} s of {target} s")


def main() -> None:
    """Run all of it in a folder that is removed at the end."""
    millions = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    for part in (adding, nights, lambda folder: asking(folder, millions)):
        with tempfile.TemporaryDirectory() as folder:
            part(Path(folder))


if __name__ == "__main__":
    main()

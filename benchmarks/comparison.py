"""Compare 250 x 250 partners x 8 years x 3 sexes: under 10 s and 1 GB; write 20,000 pairs to .xlsx: under 5 s.

Run: python -m benchmarks.comparison [written]

`written` compares fewer, writes 20,000 pairs as a workbook and 98,000 as JSON, and says what memory a pair takes.
"""

import itertools
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from ilms_sdmx import Components, Dataset, Harmonised, Origin, Record
from ilms_sdmx.analysis.comparison.comparisons import compare
from ilms_sdmx.outputs.reports.comparison import (
    write_comparison_json,
    write_comparison_workbook,
)
from ilms_sdmx.records import records_frame

AREAS = ["".join(letters) for letters in itertools.product("ABCDEFGHJ", repeat=3)][:250]
YEARS = ["1990", "1995", "2000", "2005", "2010", "2015", "2020", "2024"]
SEXES = ["SEX_T", "SEX_M", "SEX_F"]
FLOW = "ILO:DF_POP_MFRC_SEX_CCT_NB(1.0)"


def dataset(seed: int, decimals: int, hosts: int = len(AREAS)) -> Dataset:
    """Made-up stocks of all pairs, with totals; `decimals` as a published table rounds them."""
    partners = [f"CCT_CTZ_{a}" for a in AREAS] + ["CCT_CTZ_TOTAL"]
    host, partner, sex, year = np.indices(
        (hosts, len(partners), len(SEXES), len(YEARS))
    ).reshape(4, -1)
    values = np.random.default_rng(seed).integers(10**decimals, 10 ** (decimals + 3), len(host))
    values[partner == len(AREAS)] *= 300
    constant = np.zeros(len(host), "int8")
    frame = pd.DataFrame(
        {
            "REF_AREA": pd.Categorical.from_codes(host, AREAS),
            "FREQ": pd.Categorical.from_codes(constant, ["A"]),
            "MEASURE": pd.Categorical.from_codes(constant, ["POP_MFRC_SEX_CCT_NB"]),
            "SEX": pd.Categorical.from_codes(sex, SEXES),
            "CCT": pd.Categorical.from_codes(partner, partners),
            "TIME_PERIOD": pd.Categorical.from_codes(year, YEARS),
            "OBS_VALUE": pd.Series(values).astype("str"),
            "UNIT_MULT": pd.Categorical.from_codes(constant, ["0"]),
        }
    )
    components = Components(tuple(frame.columns[:6]), attributes={"UNIT_MULT": ("MEASURE",)})
    return Dataset(frame, components, FLOW)


def harmonised(data: Dataset) -> Harmonised:
    """Data set as if fetched, with one record for all of it."""
    record = Record(
        source="UN DESA",
        criterion="citizenship",
        scope="working-age",
        ages="15+",
        unit="persons",
    )
    return Harmonised(data, records_frame(data.observations.index, record), Origin("UN DESA"))


def measure_written() -> int:
    """Time of a workbook of 20,000 pairs, and memory of the JSON of 98,000; 1 where over the limit."""
    failed = 0
    with TemporaryDirectory() as folder:
        for hosts, limit, write, name in (
            (4, 5.0, write_comparison_workbook, "pairs.xlsx"),
            (17, 60.0, write_comparison_json, "pairs.json"),
        ):
            comparison = compare(dataset(1, 3, hosts), harmonised(dataset(2, 3, hosts)))
            path = Path(folder) / name
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            used = time.process_time()
            write(comparison, path)
            used = time.process_time() - used
            more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            pairs = len(comparison.pairs)
            print(
                f"{pairs:,} pairs to {name}: {used:.1f} s of CPU, {path.stat().st_size / 1e6:.1f} MB,"
                f" {more / 1024:.0f} MB more memory ({more * 1024 / pairs:,.0f} bytes a pair)"
            )
            failed |= used > limit
    return int(failed)


def main() -> int:
    """Time and peak memory of one comparison, its inputs included; 1 where it is over the limit."""
    if sys.argv[1:] == ["written"]:
        return measure_written()
    ours, fetched = dataset(1, 3), dataset(2, 3)
    theirs = harmonised(fetched)
    start, used = time.perf_counter(), time.process_time()
    comparison = compare(ours, theirs)
    seconds, used = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{len(comparison.pairs):,} pairs of {len(ours):,} x {len(fetched):,}: {seconds:.1f} s "
        f"({used:.1f} s of CPU), {peak:.2f} GB"
    )
    return int(used > 10 or peak > 1)


if __name__ == "__main__":
    sys.exit(main())

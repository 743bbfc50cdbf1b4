"""Compare 250 x 250 partners x 8 years x 3 sexes: under 10 s and 1 GB.

Run: python -m benchmarks.comparison
"""

import itertools
import resource
import sys
import time

import numpy as np
import pandas as pd

from ilms_sdmx import Components, Dataset, Harmonised, Origin, Record
from ilms_sdmx.comparison.comparisons import compare
from ilms_sdmx.records import records_frame

AREAS = ["".join(letters) for letters in itertools.product("ABCDEFGHJ", repeat=3)][:250]
YEARS = ["1990", "1995", "2000", "2005", "2010", "2015", "2020", "2024"]
SEXES = ["SEX_T", "SEX_M", "SEX_F"]
FLOW = "ILO:DF_POP_MFRC_SEX_CCT_NB(1.0)"


def dataset(seed: int, decimals: int) -> Dataset:
    """Made-up stocks of all pairs, with totals; `decimals` as a published table rounds them."""
    partners = [f"CCT_CTZ_{a}" for a in AREAS] + ["CCT_CTZ_TOTAL"]
    host, partner, sex, year = np.indices(
        (len(AREAS), len(partners), len(SEXES), len(YEARS))
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


def main() -> int:
    """Time and peak memory of one comparison, its inputs included; 1 where it is over the limit."""
    ours, fetched = dataset(1, 3), dataset(2, 3)
    record = Record(
        source="UN DESA",
        criterion="citizenship",
        scope="working-age",
        ages="15+",
        unit="persons",
    )
    theirs = Harmonised(
        fetched, records_frame(fetched.observations.index, record), Origin("UN DESA")
    )
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

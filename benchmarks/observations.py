"""Generated observations for benchmarks: ten components, some missing, some text that must be escaped."""

import numpy as np
import pandas as pd

from ilms_sdmx import Components, Dataset

COMPONENTS = Components(
    ("FREQ", "REF_AREA", "MEASURE", "SEX", "AGE", "CBR", "TIME_PERIOD"),
    ("OBS_VALUE",),
    {"OBS_STATUS": ("OBS_VALUE",), "SOURCE": ("OBS_VALUE",)},
)
_TEXTS = ["Labour force survey", "Census & register", "Enquête «ménages» <2020>", 'Survey "A"']


def generate(count: int, seed: int = 1) -> Dataset:
    """Data set of `count` observations, some 19 to a series, 28 periods."""
    random = np.random.default_rng(seed)
    periods = 28
    series = -(-count // 19)
    space = 40 * 6 * 3 * 21 * 230
    keys = np.sort(random.choice(space, series, replace=False))
    present = np.argsort(random.random((series, periods)), axis=1)[:, :19]
    rows = np.repeat(keys, 19)[:count]
    time = np.sort(present, axis=1).ravel()[:count]
    codes = np.unravel_index(rows, (40, 6, 3, 21, 230))
    names = [
        [f"A{i:02}" for i in range(40)],
        [f"MST_M{i}" for i in range(6)],
        ["SEX_T", "SEX_M", "SEX_F"],
        [f"AGE_Y{i:02}" for i in range(21)],
        [f"CBR_{i:03}" for i in range(230)],
    ]
    columns = {"FREQ": pd.Categorical.from_codes(np.zeros(count, np.int8), ["A"])}
    for name, code, texts in zip(COMPONENTS.dimensions[1:6], codes, names, strict=True):
        columns[name] = pd.Categorical.from_codes(code.astype(np.int16), texts)
    columns["TIME_PERIOD"] = pd.Categorical.from_codes(
        time, [str(1996 + i) for i in range(periods)]
    )
    value = pd.Series(random.integers(0, 1_000_000, count).astype("str"), dtype="string")
    value[random.random(count) < 0.1] += ".5"
    value[random.random(count) < 0.03] = pd.NA
    columns["OBS_VALUE"] = value
    status = random.integers(0, 4, count)
    status[random.random(count) < 0.02] = -1
    columns["OBS_STATUS"] = pd.Categorical.from_codes(status, ["A", "B", "E", "P"])
    sources = [f"{_TEXTS[i % 4]} {i}" for i in range(48)]
    columns["SOURCE"] = pd.Categorical.from_codes(rows % 48, sources)
    return Dataset(pd.DataFrame(columns), COMPONENTS, dataflow="ILO:DF_BENCH(1.0)")

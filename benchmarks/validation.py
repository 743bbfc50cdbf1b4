"""Time and memory of validating a million observations, beside sdmxthon's validation of the same frame.

    PYTHONPATH=. python benchmarks/validation.py [OBSERVATIONS | exceptions]

The data set is made, not read: employment by sex, occupation and citizenship for 200 areas and some decades,
whose sums agree but for one figure in ten thousand. sdmxthon is skipped where it is not installed.
`exceptions` divides a thousand findings and more by as many exceptions, and prints the exponent of the growth.
"""

from __future__ import annotations

import resource
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from ilms_sdmx import Components, Dataset, Finding, Place, Severity, structures, validate
from ilms_sdmx.validation.exceptions import Accepted, divided

FLOW = "DF_EMP_TEMP_SEX_OCU_CCT_NB"
DIMENSIONS = ("REF_AREA", "FREQ", "MEASURE", "SEX", "OCU", "CCT", "TIME_PERIOD")
OCU = [f"OCU_SKILL_{c}" for c in ("L1", "L2", "L3-4", "X")]
CCT = [f"CCT_CIT_{c}" for c in ("CITIZEN", "NONCIT", "X")]
SEX = ["SEX_F", "SEX_M"]


def dataset(observations: int) -> Dataset:
    """Blocks of 3 sexes x 5 skills x 4 classes for each area and year, adding up in every direction."""
    random = np.random.default_rng(2026)
    blocks = max(1, observations // 60)
    areas = sorted(structures.allowed(FLOW)["REF_AREA"])[: min(200, blocks)]
    years = -(-blocks // len(areas))
    inner = random.integers(10_000, 900_000, (len(areas), 1, 2, 4, 3)) / 1000
    inner = np.round(inner * random.lognormal(0, 0.2, (len(areas), years, 2, 4, 3)), 3)
    for axis in (2, 3, 4):
        inner = np.concatenate([inner, inner.sum(axis=axis, keepdims=True)], axis=axis)
    values = np.round(inner, 3).reshape(-1)
    wrong = random.choice(len(values), max(1, len(values) // 10_000), replace=False)
    values[wrong] = np.round(values[wrong] * 1.3, 3)
    names = [
        areas,
        range(2024 - years, 2024),
        [*SEX, "SEX_T"],
        [*OCU, "OCU_SKILL_TOTAL"],
        [*CCT, "CCT_CIT_TOTAL"],
    ]
    index = np.array(np.meshgrid(*(np.arange(len(n)) for n in names), indexing="ij")).reshape(
        5, -1
    )
    coded = [
        pd.Categorical.from_codes(i, [str(c) for c in n])
        for i, n in zip(index, names, strict=True)
    ]
    frame = pd.DataFrame(
        dict(zip(("REF_AREA", "TIME_PERIOD", "SEX", "OCU", "CCT"), coded, strict=True))
    )
    frame["FREQ"] = pd.Categorical(["A"] * len(frame))
    frame["MEASURE"] = pd.Categorical(["EMP_TEMP_NB"] * len(frame))
    frame["OBS_VALUE"] = pd.Series(np.char.mod("%.3f", values), dtype="str")
    return Dataset(
        frame[[*DIMENSIONS, "OBS_VALUE"]], Components(DIMENSIONS), f"ILO:{FLOW}(1.0)"
    )


def peak() -> float:
    """Most memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def sdmxthon_seconds(data: Dataset) -> float | None:
    """Seconds of sdmxthon's structural validation with the same structure; None where it is not installed."""
    try:
        import sdmxthon
        from sdmxthon.model.dataset import Dataset as Theirs
    except ImportError:
        return None
    with TemporaryDirectory() as folder:
        path = Path(folder) / "structure.xml"
        structures.export(path, "sdmx-ml-2.1", FLOW)
        message = sdmxthon.read_sdmx(str(path))
    definition = next(iter(message.content["DataStructures"].values()))
    theirs = Theirs(structure=definition, data=data.observations.astype("object"))
    start = time.perf_counter()
    theirs.structural_validation()
    return time.perf_counter() - start


#: Patterns of the place of a finding, from its area, code and year.
PATTERNS = {
    "whole keys": "{area}.A.EMP_TEMP_NB.SEX_T.{code}.{year}",
    "a star for the sex": "{area}.A.EMP_TEMP_NB.*.{code}.{year}",
    "dataflow and key": "*EMP_TEMP* {area}.*.{code}.{year}",
    "one code and stars": "*{code}*{year}",
    "a range of letters": "{area}.A.EMP_TEMP_NB.SEX_[TMF].{code}.{year}",
}


def exceptions_seconds(count: int, pattern: str) -> float:
    """CPU seconds to divide so many findings by as many exceptions, each of which accepts one."""
    names = ("REF_AREA", "FREQ", "MEASURE", "SEX", "OCU", "TIME_PERIOD")
    findings = []
    exceptions = []
    for number in range(count):
        area, code, year = f"A{number % 97}", f"C{number // 97}", str(1990 + number % 31)
        codes = (area, "A", "EMP_TEMP_NB", "SEX_T", code, year)
        place = Place(dataflow=f"ILO:{FLOW}(1.0)", key=dict(zip(names, codes, strict=True)))
        findings.append(Finding("sex-sum", Severity.ERROR, "Broken.", place))
        where = pattern.format(area=area, code=code, year=year)
        exceptions.append(Accepted("sex-sum", where, "As printed.", "A. B.", date(2099, 1, 1)))
    start = time.process_time()
    kept, accepted = divided(findings, exceptions, date(2026, 1, 1))
    seconds = time.process_time() - start
    if kept or len(accepted) != count:
        raise AssertionError(f"{len(kept)} findings were kept")
    return seconds


def measure_exceptions() -> None:
    """Print seconds of more and more exceptions on as many findings, and the exponent of their growth."""
    sizes = (1_000, 2_000, 4_000, 8_000, 16_000)
    for name, pattern in PATTERNS.items():
        seconds = [min(exceptions_seconds(n, pattern) for _ in range(3)) for n in sizes]
        growth = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
        shown = "  ".join(f"{n:,}: {s:.3f} s" for n, s in zip(sizes, seconds, strict=True))
        print(f"{name:20} {shown}  exponent {growth:.2f}")


def main() -> None:
    if sys.argv[1:] == ["exceptions"]:
        measure_exceptions()
        return
    observations = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    data = dataset(observations)
    before = peak()
    start, cpu = time.perf_counter(), time.process_time()
    report = validate(data)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    spent = f"{seconds:.1f} s (CPU {cpu:.1f} s)"
    print(f"{len(data):,} observations: {spent}, peak {peak():.0f} MB ({before:.0f} MB before)")
    print(f"{len(report):,} findings: {dict(report.counts)}")
    print(report.coverage.to_string(index=False))
    theirs = sdmxthon_seconds(data)
    print(
        "sdmxthon is not installed"
        if theirs is None
        else f"sdmxthon, structural rules only: {theirs:.1f} s"
    )


if __name__ == "__main__":
    main()

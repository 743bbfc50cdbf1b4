"""How much processor time tables of records take, next to one scan of the columns they use.

Run `python benchmarks/microdata.py --rows 1000000 10000000`. Ratios are to F13: one scan of the 13 columns used,
summed by year and sex, in the same run. Wall time is not shown: only processor time compares on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

COUNTRIES = 200
GROUP = 125_000
COLUMNS = [
    "year",
    "quarter",
    "sex",
    "age",
    "birth",
    "citizenship",
    "education",
    "status",
    "industry",
    "occupation",
    "ste",
    "hours",
    "pay",
]
MAPPING = """
microdata: 1
kind: {kind}
area: THA
periods: {{2024: persons.parquet}}
variables:
{weight}  sex: {{variable: sex, codes: {{1: M, 2: F}}}}
  age: age
  birth: {{variable: birth, codes: countries.csv}}
  citizenship: {{variable: citizenship, codes: countries.csv}}
  education: {{variable: education, codes: {{0: X, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9}}}}
  industry: {{variable: industry, classification: ISIC Rev.4, digits: 2}}
  occupation: {{variable: occupation, codes: {{0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9}}}}
  employment_status: {{variable: ste, codes: {{1: 1, 2: 2, 3: 3, 4: 4, 5: 5}}}}
{values}universe:
  statuses:
    - {{status: employed, when: status = 1}}
    - {{status: unemployed, when: status = 2}}
{design}thresholds: {{minimum: 0}}
"""
VALUES = "  earnings: pay\n  hours: hours\n"
DESIGN = "design: {strata: stratum, psu: psu}\n"
DIVISIONS = [
    *range(1, 4),
    *range(5, 10),
    *range(10, 34),
    35,
    *range(36, 40),
    *range(41, 44),
    *range(45, 48),
]


def persons(path: Path, rows: int) -> None:
    """Write made-up persons."""
    random = np.random.default_rng(7)
    weights = np.arange(1, COUNTRIES + 1) ** -1.6
    shares = weights / weights.sum()
    writer = None
    for start in range(0, rows, GROUP):
        count = min(GROUP, rows - start)
        status = random.choice([1, 2, 3], count, p=[0.6, 0.05, 0.35])
        columns = {
            "year": np.full(count, 2024, "int16"),
            "quarter": random.integers(1, 5, count, dtype="int8"),
            "sex": random.integers(1, 3, count, dtype="int8"),
            "age": random.integers(0, 100, count, dtype="int8"),
            "birth": random.choice(COUNTRIES, count, p=shares).astype("int16"),
            "citizenship": random.choice(COUNTRIES, count, p=shares).astype("int16"),
            "education": random.integers(0, 10, count, dtype="int8"),
            "status": status.astype("int8"),
            "industry": random.choice(DIVISIONS, count).astype("int8"),
            "occupation": random.integers(0, 10, count, dtype="int8"),
            "ste": random.integers(1, 6, count, dtype="int8"),
            "hours": random.integers(1, 80, count, dtype="int16"),
            "pay": random.integers(10, 400, count).astype("int32") * 50,
            "weight": np.round(random.uniform(5, 200, count), 4),
            "stratum": random.integers(0, 200, count, dtype="int16"),
            "psu": random.integers(0, 25, count, dtype="int16"),
        }
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=GROUP)
    assert writer is not None
    writer.close()


def countries(path: Path) -> None:
    """Write the code map of the made-up countries."""
    from ilms_sdmx.microdata.classes import base_of

    codes = [code for code in base_of("birth", "", "THA").codes[3:] if len(code) == 3]
    lines = ["value,code", "0,THA"] + [
        f"{n},{codes[n % len(codes)]}" for n in range(1, COUNTRIES)
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def cpu(work: Callable[[], object]) -> float:
    """Processor seconds of some work in this process, the best of three runs."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def floor(path: Path) -> None:
    """F13: one scan of the columns used."""
    sums = ", ".join(f"sum({name})" for name in COLUMNS if name not in ("year", "sex"))
    duckdb.sql(f"select year, sex, {sums}, sum(weight) from '{path}' group by 1, 2").fetchall()


def mapping(folder: Path, name: str, *, sample: bool, values: bool, design: bool) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(
        MAPPING.format(
            kind="survey",
            weight="  weight: weight\n" if sample else "",
            values=VALUES if values else "",
            design=DESIGN if design else "",
        )
    )
    return path


def peak(path: Path) -> float:
    """Peak of memory of tables in a process of its own, in MB."""
    return peak_of(f"from ilms_sdmx.microdata import tabulate; tabulate({str(path)!r})")


def peak_of(code: str) -> float:
    """Peak of memory of some Python in a process of its own, in MB; of its parent nothing counts."""
    told = (
        "print([line for line in open('/proc/self/status') if 'VmHWM' in line][0].split()[1])"
    )
    command = [sys.executable, "-c", f"{code}\n{told}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout) / 1024


def further(path: Path, mapping: Path) -> tuple[float, int]:
    """Seconds of one more table from leaves that are there, and of how many this is the mean.

    From the first row of the leaf to the data set; the leaves themselves are not counted.
    """
    from ilms_sdmx.microdata import read_microdata_mapping
    from ilms_sdmx.microdata import tabulation as tables

    read = read_microdata_mapping(mapping)
    with tables.connected() as engine:
        parts = tables.record_parts(read, path.parent)
        (records,) = tables.all_records(read, parts)
        counter = tables.Counter(engine, records)
        found = tables.specifications(read, records.bases)
        leaves = tables.planned_leaves(counter, found)
        for table in found:
            leaves.of(table.request(with_units=False))

        def made() -> None:
            cells = tables.period_cells(leaves, found)
            tables.datasets_of_cells(read, [cells], "")

        made()
        return cpu(made) / len(found), len(found)


def others(path: Path) -> dict[str, Callable[[], object]]:
    """One table of working age by sex, age and birth in other programs."""
    import pandas as pd

    keys = ["year", "sex", "age", "birth"]
    found: dict[str, Callable[[], object]] = {
        "pandas, one table": lambda: (
            pd.read_parquet(path, columns=[*keys, "weight"]).groupby(keys)["weight"].sum()
        )
    }
    try:
        import polars as pl
    except ImportError:
        return found
    found["Polars, one table"] = lambda: (
        pl.scan_parquet(path)
        .group_by(keys)
        .agg(pl.col("weight").sum())
        .collect(engine="streaming")
    )
    return found


def survey_in_r(path: Path) -> float | None:
    """Processor seconds of R survey for one cell with its error; None where it is not installed."""
    if shutil.which("Rscript") is None:
        return None
    duckdb.sql(
        f"copy (select sex, status, weight, stratum, stratum * 100 + psu as psu from '{path}') to '{path}.csv'"
    )
    script = f"""
    suppressMessages(library(survey)); d <- read.csv('{path}.csv')
    s <- svydesign(~psu, strata=~stratum, weights=~weight, data=d)
    t <- system.time(svytotal(~I(status == 1), subset(s, sex == 1))); cat(t[1] + t[2])
    """
    done = subprocess.run(
        ["Rscript", "-e", script], capture_output=True, encoding="utf-8", check=False
    )
    return float(done.stdout) if done.returncode == 0 and done.stdout else None


def measure(rows: int, *, with_others: bool) -> dict[str, float]:
    from ilms_sdmx.microdata import tabulate

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        persons(folder / "persons.parquet", rows)
        countries(folder / "countries.csv")
        f13 = cpu(lambda: floor(folder / "persons.parquet"))
        print(f"\n{rows:,} rows; F13 {f13:.3f} CPU s")
        plain = mapping(folder, "plain", sample=True, values=False, design=False)
        whole = cpu(lambda: tabulate(plain))
        show("all tables, margins and versions, no errors", whole, f13)
        values = mapping(folder, "values", sample=True, values=True, design=False)
        show(
            "  earnings and hours, medians too: more",
            cpu(lambda: tabulate(values)) - whole,
            f13,
        )
        first = folder / "first.yaml"
        first.write_text(plain.read_text() + "tables: [POP_XWAP_SEX_AGE_CBR_NB]\n")
        seconds, count = further(folder / "persons.parquet", plain)
        show(f"  one more table (mean of {count})", seconds, f13)
        designed = folder / "designed.yaml"
        designed.write_text(first.read_text() + DESIGN)
        show(
            "  errors of one table family: more",
            cpu(lambda: tabulate(designed)) - cpu(lambda: tabulate(first)),
            f13,
        )
        print(f"  peak memory without errors    {peak(plain):8.0f} MB")
        if with_others:
            for label, work in others(folder / "persons.parquet").items():
                show(f"  {label}", cpu(work), f13)
            seconds = survey_in_r(folder / "persons.parquet")
            if seconds is not None:
                show("  R survey, one cell with its error", seconds, f13)
        return {"rows": rows, "f13": f13, "all": whole}


def show(label: str, seconds: float, f13: float) -> None:
    print(f"{label:<50} {seconds:8.3f} CPU s  {seconds / f13:6.1f} x F13")


def reading(rows: int) -> None:
    """Files of SPSS and Stata to Parquet next to the bare reader in chunks."""
    import pyreadstat

    from ilms_sdmx.microdata import read_microdata

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        persons(folder / "persons.parquet", rows)
        frame = pq.read_table(folder / "persons.parquet").to_pandas()
        pyreadstat.write_sav(frame, str(folder / "persons.sav"))
        pyreadstat.write_dta(frame, str(folder / "persons.dta"))
        for suffix, reader in (("sav", pyreadstat.read_sav), ("dta", pyreadstat.read_dta)):
            path = folder / f"persons.{suffix}"
            bare = cpu(lambda path=path, reader=reader: chunks(reader, path))
            number = iter(range(10))
            whole = cpu(
                lambda path=path, number=number: read_microdata(
                    path, folder / f"w{next(number)}"
                )
            )
            memory = peak_of(
                f"from ilms_sdmx.microdata import read_microdata; read_microdata({str(path)!r}, {name!r})"
            )
            print(
                f".{suffix} to Parquet, {rows:,} rows: {whole:.2f} CPU s, {whole / bare:.2f} x the bare reader,"
                f" {memory:.0f} MB"
            )


def chunks(reader: object, path: Path) -> None:
    import pyreadstat

    for _ in pyreadstat.read_file_in_chunks(
        reader, str(path), chunksize=100_000, user_missing=True
    ):
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument(
        "--read", type=int, default=200_000, help="rows of the files that are read"
    )
    arguments = parser.parse_args()
    found = [measure(rows, with_others=rows == arguments.rows[0]) for rows in arguments.rows]
    if len(found) > 1:
        first, last = found[0], found[-1]
        exponent = np.log(last["all"] / first["all"]) / np.log(last["rows"] / first["rows"])
        print(
            f"\ngrowth from {first['rows']:,} to {last['rows']:,} rows: exponent {exponent:.2f}"
        )
    if arguments.read:
        reading(arguments.read)
    print(json.dumps(found))


if __name__ == "__main__":
    main()

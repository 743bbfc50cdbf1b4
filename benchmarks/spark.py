"""How much processor time the leaves take in Spark on this machine, next to DuckDB, start apart.

Run `python -m benchmarks.spark --rows 10000000 [--engine local[2]]`. A made-up census is counted by both; the
tables are compared cell by cell. Processor time of Spark is that of its Java process while it answers, after a first
question that starts it. `--simulate` prints what the same leaves take at other sizes, in proportion to the rows.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.microdata import countries, mapping, persons
from ilms_sdmx import tabulate
from ilms_sdmx.microdata.counting import spark
from ilms_sdmx.microdata.counting.engine import DuckEngine

SIZES = (10_000_000, 50_000_000, 280_000_000, 1_000_000_000)
#: Bytes of one record of the made-up census on disk, and dollars of an hour of one core in a public cloud.
BYTES = 25
DOLLARS = 0.05


class Meter:
    """Processor seconds of the answers of an engine."""

    def __init__(self, kind: type, clock: Any) -> None:
        self.spent = 0.0
        self.queries = 0
        answer = kind.table

        def table(engine: Any, query: str) -> Any:
            now = clock(engine)
            start = now()
            found = answer(engine, query)
            self.spent += now() - start
            self.queries += 1
            return found

        kind.table = table  # type: ignore[attr-defined]


def of_java(engine: spark.SparkEngine) -> Any:
    """Clock of the Java process of a session."""
    process = Path(f"/proc/{engine.session.sparkContext._gateway.proc.pid}/stat")
    ticks = os.sysconf("SC_CLK_TCK")

    def now() -> float:
        fields = process.read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / ticks + time.process_time()

    return now


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engine", default="local[2]")
    arguments = parser.parse_args()
    duck = Meter(DuckEngine, lambda _: time.process_time)
    java = Meter(spark.SparkEngine, of_java)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        persons(folder / "persons.parquet", arguments.rows)
        countries(folder / "countries.csv")
        census = mapping(folder, "census", sample=False, values=False, design=False)
        census.write_text(census.read_text().replace("kind: survey", "kind: census"))
        ours = tabulate(census)
        with spark.spark(arguments.engine) as engine:
            engine.session.sql("SELECT 1").toArrow()
            theirs = tabulate(census, engine=arguments.engine)
    assert theirs.cells.equals(ours.cells)
    print("engine      rows        queries  CPU s  ratio")
    for name, meter in (("duckdb", duck), (arguments.engine, java)):
        ratio = meter.spent / duck.spent
        print(
            f"{name:10}  {arguments.rows:10,}  {meter.queries:7}  {meter.spent:5.1f}  {ratio:5.1f}"
        )
    print("\nrows           on disk  core hours  dollars  minutes on 32 cores")
    for rows in SIZES:
        seconds = java.spent * rows / arguments.rows
        hours = seconds / 3600
        print(
            f"{rows:13,}  {rows * BYTES / 1e9:4.1f} GB  {hours:10.2f}  {hours * DOLLARS:7.2f}"
            f"  {seconds / 32 / 60:19.1f}"
        )


if __name__ == "__main__":
    main()

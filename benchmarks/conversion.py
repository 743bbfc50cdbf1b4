"""Conversion of a workbook of 76 sheets and 240,000 cells, beside openpyxl's bare read of the same file.

Run as `python -m benchmarks.conversion`.
"""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

from ilms_sdmx import convert

SHEETS, ROWS, COLUMNS = 76, 99, 31
MAPPING = """
mapping: 1
conventions: {decimal: ".", group: ","}
headings:
  - {name: year, sheet: '(\\d{4})'}
tables:
  - name: permits
    begin: Occupation
    rows: [{name: occupation, header: Occupation}]
    columns: [district]
    rules:
      - {where: {occupation: Total}, bucket: total}
      - {where: {district: Total}, bucket: total}
    checks:
      - total: {occupation: Total}
      - total: {district: Total}
codes:
  occupations: {values: {Total: TOTAL, '/^occupation .*/': ~}, file: occupations.csv}
  districts: {file: districts.csv}
datasets:
  - dataflow: XX_OFFICE:DF_PERMITS(1.0)
    components:
      REF_AREA: THA
      FREQ: A
      OCCUPATION: {from: occupation, codes: occupations}
      DISTRICT: {from: district, codes: districts}
      SEX: SEX_T
      TIME_PERIOD: {period: year}
      UNIT_MEASURE: PS
      UNIT_MULT: 0
"""


def build(folder: Path) -> tuple[Path, Path]:
    """Workbook and mapping: a table with totals on every sheet."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for number in range(SHEETS):
        sheet = book.create_sheet(f"Permits {1950 + number}")
        sheet.append(["Occupation", *(f"District {n}" for n in range(1, COLUMNS)), "Total"])
        sums = [0] * COLUMNS
        for row in range(1, ROWS):
            line = [(number * 31 + row * 17 + n * 7) % 9973 for n in range(1, COLUMNS)]
            line.append(sum(line))
            sums = [a + b for a, b in zip(sums, line, strict=True)]
            sheet.append([f"Occupation {row}", *line])
        sheet.append(["Total", *sums])
    book.save(folder / "permits.xlsx")
    mapping = folder / "mapping.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    for name, size in (("Occupation", ROWS), ("District", COLUMNS)):
        lines = [f"{name} {n},{name[0]}{n}" for n in range(1, size)]
        text = "\n".join(["source,code", "Total,TOTAL", *lines])
        (folder / f"{name.lower()}s.csv").write_text(text, encoding="utf-8")
    return folder / "permits.xlsx", mapping


def main() -> None:
    """Print the CPU seconds and the peak of one conversion; another process makes the workbook."""
    with tempfile.TemporaryDirectory() as name:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            workbook, mapping = pool.apply(build, (Path(name),))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        done = convert(workbook, mapping)
        seconds = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(done.summary())
        print(
            f"convert   {seconds:5.2f} s, peak {peak / 1024:.0f} MB ({before / 1024:.0f} MB before)"
        )
        import openpyxl

        start = time.process_time()
        for sheet in openpyxl.load_workbook(workbook, read_only=True):
            for _ in sheet.iter_rows(values_only=True):
                pass
        print(f"openpyxl  {time.process_time() - start:5.2f} s, bare read")


if __name__ == "__main__":
    main()

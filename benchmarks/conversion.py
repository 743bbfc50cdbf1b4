"""Conversion of a workbook of 76 sheets and 240,000 cells, next to openpyxl's bare read of it.

And how the cost of a conversion grows with its rows, with the lines of its code map, with the
rules and the checks; and the reading of text, HTML and OpenDocument next to the bare parsers.
Run as `python -m benchmarks.conversion`, or with a number of rows up to which the growth is
measured: `python -m benchmarks.conversion 64000`.
"""

from __future__ import annotations

import csv
import io
import math
import multiprocessing
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import lxml.etree
import lxml.html

from ilms_sdmx import convert
from ilms_sdmx.mapping import read_mapping
from ilms_sdmx.tables.workbooks import read_workbook

SHEETS, ROWS, COLUMNS = 76, 99, 31
MAPPING = """
mapping: 2
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


GROWING = """
mapping: 2
conventions: {decimal: ".", group: ","}
tables:
  - name: villages
    begin: Village
    rows: [{name: village, header: Village}]
    columns: [year]
    rules: [RULES]
    checks: [CHECKS]
codes:
  villages: {values: {LINES}}
datasets:
  - dataflow: XX_OFFICE:DF_VILLAGES(1.0)
    components:
      REF_AREA: MYS
      FREQ: A
      VILLAGE: {from: village, codes: villages}
      SEX: SEX_T
      TIME_PERIOD: {period: year}
      UNIT_MEASURE: PS
      UNIT_MULT: 0
"""


def seconds(folder: Path, rows: int, columns: int, rules: int = 0, checks: int = 0) -> float:
    """CPU seconds of the conversion of one table, its reading not counted."""
    lines = [",".join(["Village", *map(str, range(2000, 2000 + columns))])]
    for row in range(rows):
        cells = [str((row * 7 + column * 13) % 9973) for column in range(columns)]
        lines.append(",".join([f"Village {row}", *cells]))
    table = folder / "villages.csv"
    table.write_text("\n".join(lines), encoding="utf-8")
    codes = ", ".join(f"Village {row}: V{row}" for row in range(rows))
    of_rules = ", ".join(
        f"{{where: {{village: Village {rule}}}, status: E}}" for rule in range(rules)
    )
    of_checks = ", ".join(
        f"{{total: {{village: Village {n}}}, parts: {{village: [Village {n + 1}]}}}}"
        for n in range(checks)
    )
    text = GROWING.replace("RULES", of_rules).replace("CHECKS", of_checks)
    mapping = folder / "villages.yaml"
    mapping.write_text(text.replace("LINES", codes), encoding="utf-8")
    document = read_mapping(mapping)
    workbook = read_workbook(table)
    start = time.process_time()
    convert(workbook, document)
    return time.process_time() - start


def print_readers() -> None:
    """Print the CPU seconds of reading 52,000 cells, and how many times those of a bare parser."""
    rows = [["Village", *(f"Column {number}" for number in range(12))]]
    for row in range(4000):
        rows.append([f"Village {row}", *(str((row * 7 + n * 13) % 9973) for n in range(12))])
    text = "\n".join(map(",".join, rows))
    page = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    page = f"<html><body><table>{page}</table></body></html>"
    sheet = "".join(f"<t:table-row>{''.join(map(ods_cell, row))}</t:table-row>" for row in rows)
    content = ODS.replace("ROWS", sheet)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    print_times("csv", text.encode(), lambda: list(csv.reader(io.StringIO(text))))
    print_times("html", page.encode(), lambda: lxml.html.fromstring(page.encode()))
    print_times("ods", target.getvalue(), lambda: lxml.etree.fromstring(content.encode()))


ODS = """<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:x="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:spreadsheet>
 <t:table t:name="A">ROWS</t:table></o:spreadsheet></o:body></o:document-content>"""


def ods_cell(text: str) -> str:
    """Cell of OpenDocument: a number where the text is one."""
    kind = (
        f'o:value-type="float" o:value="{text}"' if text.isdigit() else 'o:value-type="string"'
    )
    return f"<t:table-cell {kind}><x:p>{text}</x:p></t:table-cell>"


def print_times(name: str, data: bytes, parse: Callable[[], object]) -> None:
    """Print the time of a reader, and its relation to that of the bare parser."""
    ours = min(cpu_seconds(lambda: read_workbook(data)) for _ in range(3))
    bare = min(cpu_seconds(parse) for _ in range(3))
    print(
        f"read {name:5} 4000 rows x 13     {ours:6.2f} s, {ours / bare:.1f} x the bare parser"
    )


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of some work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def print_growth(folder: Path, most: int) -> None:
    """Print the seconds of tables of more and more rows, and the exponent of their growth."""
    seconds(folder, 100, 3)
    sizes = [size for size in (1000, 4000, 16000, 64000) if size <= most]
    spent = [seconds(folder, size, 10) for size in sizes]
    for size, second in zip(sizes, spent, strict=True):
        print(f"{size:6} rows x 10  {second:6.2f} s")
    pairs = zip(sizes, sizes[1:], spent, spent[1:], strict=False)
    for small, large, before, after in pairs:
        exponent = math.log(after / before) / math.log(large / small)
        print(f"{small:6} to {large} rows: exponent {exponent:.2f}")
    print(f"  8000 rows x 10                   {seconds(folder, 8000, 10):6.2f} s")
    print(f"  4000 rows x 5, 400 rules         {seconds(folder, 4000, 5, rules=400):6.2f} s")
    none = seconds(folder, 1000, 3)
    many = seconds(folder, 1000, 3, checks=100)
    print(f"  a check on 1000 rows x 3         {10 * (many - none):6.2f} ms")


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
        most = int(sys.argv[1]) if len(sys.argv) > 1 else 16000
        print_growth(Path(name), most)
        print_readers()


if __name__ == "__main__":
    main()

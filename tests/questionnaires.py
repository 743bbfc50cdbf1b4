"""Figures that add up, for any table of the questionnaire, and forms filled with them."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from ilms_sdmx import Components, Dataset, FormTable, dataflow, write_questionnaire
from ilms_sdmx.structures import facts

#: Parts of totals that are in the form themselves, by the end of the code of the total.
SECTORS = {
    "ECO_SECTOR_AGR": ["ECO_AGGREGATE_AGR"],
    "ECO_SECTOR_IND": ["ECO_AGGREGATE_MAN", "ECO_AGGREGATE_CON", "ECO_AGGREGATE_MEL"],
    "ECO_SECTOR_SER": ["ECO_AGGREGATE_MKT", "ECO_AGGREGATE_PUB"],
    "ECO_SECTOR_X": ["ECO_AGGREGATE_X"],
}
COUNTRIES = ("MYS", "KOR", "JPN", "ISR", "SGP", "ARE", "USA", "AUS", "DEU")


_BLANK: dict[str, bytes] = {}


def blank(tables: list[FormTable]) -> bytes:
    """Empty form; one of the same tables is made once."""
    key = "|".join(f"{table.dataflow} {dict(table.fixed)}" for table in tables)
    if key not in _BLANK:
        form = io.BytesIO()
        write_questionnaire(tables, form)
        _BLANK[key] = form.getvalue()
    return _BLANK[key]


def figures(
    table: FormTable, chance: random.Random, *, decimals: int = 3, countries: int = 4
) -> Dataset:
    """Data set of a table whose figures add up, each rounded for itself."""
    cells: dict[tuple[str, ...], Decimal] = {}
    rows = leaves(table, countries)
    statuses = statuses_of(table)
    for row in rows:
        for sex in ("SEX_M", "SEX_F"):
            for status in statuses[1:] or [""]:
                cells[row, sex, status] = Decimal(chance.randint(20_000, 900_000)) / 1000
    add_totals(cells, table, rows, statuses)
    step = Decimal(1).scaleb(-decimals)
    observations = []
    for (row, sex, status), value in cells.items():
        codes = {**table.fixed, "SEX": sex}
        axis = row_dimension(table)
        if axis:
            codes[axis] = row
        if status:
            codes[status_dimension(table)] = status
        text = str(value.quantize(step).normalize() if decimals else value.quantize(step))
        observations.append({**codes, "OBS_VALUE": format(Decimal(text), "f")})
    return dataset(table, observations)


def dataset(table: FormTable, observations: list[Mapping[str, str]]) -> Dataset:
    """Data set with the unit of its dataflow, in thousands, and a source."""
    components = Components.of(dataflow(table.dataflow).structure)
    flow = facts.by_id("dataflows.csv")[table.dataflow]
    stated = {
        "UNIT_MEASURE": flow["unit_measure"],
        "UNIT_MEASURE_TYPE": flow["unit_measure_type"],
        "UNIT_MULT": "3",
        "SOURCE": "LFS - Labour force survey",
    }
    rows = [{**stated, **observation} for observation in observations]
    frame = pd.DataFrame(rows, columns=components.columns, dtype="str")
    return Dataset(frame, components, table.full_id)


def row_dimension(table: FormTable) -> str:
    return next(iter(table.rows[0].codes))


def status_dimension(table: FormTable) -> str:
    names = [name for name in table.columns[0].codes if name != "SEX"]
    return names[0] if names else ""


def statuses_of(table: FormTable) -> list[str]:
    """Codes of birth or citizenship in the columns; the total is first."""
    name = status_dimension(table)
    return list(dict.fromkeys(column.codes[name] for column in table.columns if name))


def leaves(table: FormTable, countries: int) -> list[str]:
    """Codes of rows that are no total."""
    axis = row_dimension(table)
    codes = [row.codes[axis] for row in table.rows if not row.is_picked]
    if table.partner:
        chosen = [code for code in codes if code.rpartition("_")[2] in COUNTRIES[:countries]]
        return [*chosen, next(code for code in codes if code.endswith("_X"))]
    return [code for code in codes if not code.endswith("TOTAL") and code not in SECTORS]


def add_totals(
    cells: dict[tuple[str, ...], Decimal],
    table: FormTable,
    rows: list[str],
    statuses: list[str],
) -> None:
    axis = row_dimension(table)
    for row in rows:
        for status in statuses[1:] or [""]:
            cells[row, "SEX_T", status] = (
                cells[row, "SEX_M", status] + cells[row, "SEX_F", status]
            )
        for sex in ("SEX_T", "SEX_M", "SEX_F"):
            if statuses:
                parts = [cells[row, sex, status] for status in statuses[1:]]
                cells[row, sex, statuses[0]] = sum(parts, Decimal(0))
    codes = [row.codes[axis] for row in table.rows if not row.is_picked]
    totals = {code: rows for code in codes if code.endswith("TOTAL")}
    totals |= {code: parts for code, parts in SECTORS.items() if code in codes}
    for total, parts in totals.items():
        for sex in ("SEX_T", "SEX_M", "SEX_F"):
            for status in statuses or [""]:
                cells[total, sex, status] = sum(
                    (cells[part, sex, status] for part in parts), Decimal(0)
                )

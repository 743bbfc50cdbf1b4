"""ILO's tables of modelled estimates by migrant status, from a file that the user has."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from ilms_sdmx.datasets import OBSERVATION, Components, Dataset
from ilms_sdmx.errors import EstimateError, TableError
from ilms_sdmx.records import Harmonised, Record, records_frame
from ilms_sdmx.structures import facts
from ilms_sdmx.tables.table import Origin
from ilms_sdmx.tables.workbooks import read_workbook

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.tables.cells import Sheet

#: Dataflow of the tables until an id of ILO is known: our own, apart from observed figures.
DATAFLOW = f"{facts.OURS}:DF_MODELLED_BY_MIGRANT_STATUS({facts.VERSION})"
SOURCE = "ILO modelled estimates"
PAGE = (
    "https://ilostat.ilo.org/topics/labour-migration/international-migrants-modelled-estimates/"
)
#: Headings by what they head: those of bulk files, of SDMX-CSV and of the labels of both.
_HEADINGS = {
    "ref_area": "ref_area",
    "ref_area.code": "ref_area",
    "indicator": "indicator",
    "measure": "indicator",
    "sex": "sex",
    "age": "age",
    "mig": "status",
    "migrant_status": "status",
    "migrant status": "status",
    "time": "year",
    "year": "year",
    "time_period": "year",
    "obs_value": "value",
    "value": "value",
    "obs_status": "obs_status",
    "obs_status.code": "obs_status",
}
_CLASSIFICATIONS = ("classif1", "classif2")
_NEEDED = ("ref_area", "status", "year", "value")
#: Codes of CL_MIG.
STATUSES = (
    "MIG_STATUS_TOTAL",
    "MIG_STATUS_MIGRANT",
    "MIG_STATUS_NONMIG",
    "MIG_STATUS_MIGRANTEU",
    "MIG_STATUS_MIGRANTNOTEU",
    "MIG_STATUS_X",
)


@dataclass(frozen=True, eq=False)
class ModelledTable:
    """Modelled figures by migrant status, as ILO publishes them.

    Parameters
    ----------
    frame
        `indicator`, `ref_area`, `sex`, `age`, `status`, `year`, `value` (text, thousands) and
        `obs_status`, one row a figure.
    edition
        As the user names it.
    origin
        File that it was read from.
    """

    frame: pd.DataFrame
    edition: str
    origin: Origin

    def __len__(self) -> int:
        return len(self.frame)

    def ranked(self) -> NoReturn:
        """Ranking of countries, which is always refused.

        Raises
        ------
        EstimateError
            ILO asks that countries are not ranked by figures that may be imputed.
        """
        raise EstimateError(
            "countries are not ranked by modelled estimates: ILO asks so, as figures of "
            "countries may be imputed. Compare one country with its own national figures"
        )

    def harmonised(self) -> Harmonised:
        """Figures as a data set of our own dataflow, with records that say `modelled`."""
        frame = self.frame
        texts: dict[str, Any] = {
            "REF_AREA": frame["ref_area"],
            "FREQ": "A",
            "MEASURE": frame["indicator"],
            "SEX": frame["sex"],
            "AGE": frame["age"],
            "MIG": frame["status"],
            "TIME_PERIOD": frame["year"],
            "OBS_VALUE": frame["value"],
            "OBS_STATUS": frame["obs_status"].mask(frame["obs_status"] == ""),
            "UNIT_MULT": "3",
        }
        observations = frame[[]].assign(**texts).astype("string")
        names = ("REF_AREA", "FREQ", "MEASURE", "SEX", "AGE", "MIG", "TIME_PERIOD")
        attributes = {"OBS_STATUS": OBSERVATION, "UNIT_MULT": OBSERVATION}
        components = Components(names, attributes=attributes)
        record = Record(
            source=SOURCE,
            edition=self.edition,
            criterion="mixed",
            scope="labour-force",
            ages="15+",
            method="modelled",
            unit="thousands of persons",
            licence="CC BY 4.0",
            address=PAGE,
        )
        records = records_frame(observations.index, record)
        dataset = Dataset(observations, components, DATAFLOW)
        return Harmonised(dataset, records, self.origin)


def read_modelled_table(
    source: str | os.PathLike[str] | bytes, *, edition: str, name: str = ""
) -> ModelledTable:
    r"""Modelled figures by migrant status in a file from ILOSTAT's page, CSV or Excel.

    The file has a row of headings (those of ILOSTAT's bulk files or of SDMX-CSV) and a row a
    figure: area, sex, age where it is there, migrant status, year, value in thousands, status.

    Parameters
    ----------
    source
        Path or bytes.
    edition
        Edition or month of the download; goes with every figure.
    name
        Name to show for bytes.

    Raises
    ------
    TableError
        The file is no table of that shape; the message names the cell.
    EstimateError
        No edition is named.

    Examples
    --------
    >>> from ilms_sdmx import read_modelled_table
    >>> heading = b"ref_area,sex,classif1,time,obs_value,obs_status\n"
    >>> row = b"THA,SEX_T,MIG_STATUS_MIGRANT,2022,2000,M\n"
    >>> read_modelled_table(heading + row, edition="November 2026").frame["value"].tolist()
    ['2000']
    """
    if not edition.strip():
        raise EstimateError("expected the edition of the table, found none: name its month")
    book = read_workbook(source, name=name)
    sheet = next((each for each in book.sheets if each.rows > 1), None)
    if sheet is None:
        raise TableError(f"expected a row of headings and figures in {book.name}, found none")
    columns = _columns(sheet, book.name)
    rows = []
    for row in range(2, sheet.rows + 1):
        rows.append(_row(sheet, row, columns, book.name))
    figures = [row for row in rows if row["value"]]
    origin = Origin(SOURCE, PAGE, edition, sha256=book.sha256)
    return ModelledTable(_frame(figures, book.name), edition, origin)


def _columns(sheet: Sheet, file: str) -> dict[str, list[int]]:
    """Columns by what they hold; a status may be in either classification."""
    found: dict[str, list[int]] = {}
    for column in range(1, sheet.columns + 1):
        heading = sheet.at(1, column).text.strip().lower().partition(":")[0]
        if heading in _CLASSIFICATIONS:
            found.setdefault("classification", []).append(column)
        elif heading in _HEADINGS:
            found.setdefault(_HEADINGS[heading], []).append(column)
    missing = [name for name in _NEEDED if name not in found]
    if "classification" in found and "status" in missing:
        missing.remove("status")
    if missing:
        listed = ", ".join(missing)
        raise TableError(
            f"expected headings of ILOSTAT in row 1 of {file}, found none for {listed}: "
            "download the table as CSV from ILOSTAT's page of modelled estimates"
        )
    return found


def _row(sheet: Sheet, row: int, columns: dict[str, list[int]], file: str) -> dict[str, str]:
    """Codes and value of one row; value is empty where the cell is."""
    texts: dict[str, list[str]] = {}
    for name, places in columns.items():
        texts[name] = [sheet.at(row, column).text.strip() for column in places]
    # Labels follow a colon where a message has both.
    classified = texts.get("classification", []) + texts.get("status", [])
    codes = [text.partition(":")[0].strip() for text in classified]
    values = {name: _first(texts, name) for name in _HEADINGS.values()}
    values["status"] = next((code for code in codes if code.startswith("MIG_")), "")
    ages = [code for code in codes if code.startswith("AGE_")]
    values["age"] = values["age"] or (ages[0] if ages else "")
    values["sex"] = values["sex"] or "SEX_T"
    if values["value"]:
        place = f"row {row} of {file}"
        _refuse_unknown(values, place)
        values["value"] = _number(sheet, row, columns["value"][0], place)
    return values


def _first(texts: dict[str, list[str]], name: str) -> str:
    found = texts.get(name, [""])
    return found[0].partition(":")[0].strip()


def _refuse_unknown(values: dict[str, str], place: str) -> None:
    if values["status"] not in STATUSES:
        listed = ", ".join(STATUSES)
        raise TableError(
            f"expected a migrant status of {listed} in {place}, found {values['status']!r}"
        )
    if values["ref_area"] not in facts.by_id("codelists/CL_AREA.csv", "code"):
        raise TableError(f"expected an area of ILO in {place}, found {values['ref_area']!r}")


def _number(sheet: Sheet, row: int, column: int, place: str) -> str:
    """Value as it is written: the number of a cell, or text that is one."""
    cell = sheet.at(row, column)
    if isinstance(cell.value, Decimal):
        return str(cell.value)
    text = cell.text.strip()
    try:
        number = Decimal(text)
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite():
        raise TableError(f"expected a number as value in {place}, found {text!r}")
    return text


def _frame(figures: Sequence[dict[str, Any]], file: str) -> pd.DataFrame:
    """Frame of the figures, each key once."""
    import pandas as pd

    columns = (
        "indicator",
        "ref_area",
        "sex",
        "age",
        "status",
        "year",
        "value",
        "obs_status",
    )
    frame = pd.DataFrame(figures, columns=list(columns), dtype="str")
    frame["indicator"] = frame["indicator"].replace("", "not named")
    frame["age"] = frame["age"].replace("", "AGE_YTHADULT_YGE15")
    twice = frame.duplicated(list(columns[:6]))
    if twice.any():
        row = frame[twice].iloc[0]
        key = " ".join(row[name] for name in ("ref_area", "sex", "status", "year"))
        raise TableError(f"expected one figure of {key} in {file}, found two: keep one")
    return frame

"""National tables of two by two from a database: population and labour force by status."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ilms_sdmx.analysis.estimates.harmonising import COLUMNS
from ilms_sdmx.database import Database
from ilms_sdmx.errors import DatabaseError
from ilms_sdmx.periods import year_written

if TYPE_CHECKING:
    import pandas as pd

#: By criterion: dataflow of the population and of the labour force, dimension, and its codes.
_TABLES = {
    "birth": ("POP_XWAP_SEX_AGE_CBR_NB", "EAP_TEAP_SEX_AGE_CBR_NB", "CBR", "CBR_BIR"),
    "citizenship": ("POP_XWAP_SEX_AGE_CCT_NB", "EAP_TEAP_SEX_AGE_CCT_NB", "CCT", "CCT_CIT"),
}
_MIGRANTS = ("FOREIGN", "NONCIT")
_OTHERS = ("NATIVE", "CITIZEN")
#: Ages of the codes of ILO that tables from age 15 on are made of.
_AGES = {
    "AGE_YTHADULT_YGE15": "15+",
    "AGE_AGGREGATE_YGE15": "15+",
    "AGE_AGGREGATE_Y15-24": "15-24",
    "AGE_AGGREGATE_Y25-54": "25-54",
    "AGE_AGGREGATE_Y55-64": "55-64",
    "AGE_AGGREGATE_YGE65": "65+",
}


def national_tables(database: Database, *, source: str = "") -> pd.DataFrame:
    """National tables of a database as `estimate_migrant_labour_force` takes them.

    Population and labour force of one source, year, sex and age group, by place of birth and
    by citizenship; what has not all four figures is left out.

    Parameters
    ----------
    source
        Only this source; else the best one of each area.

    Examples
    --------
    >>> import tempfile
    >>> from ilms_sdmx import national_tables
    >>> from ilms_sdmx.database import Database
    >>> len(national_tables(Database(tempfile.mkdtemp())))
    0
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for criterion, (population, labour, dimension, prefix) in _TABLES.items():
        people = _figures(database, population, dimension, prefix, source)
        active = _figures(database, labour, dimension, prefix, source)
        rows += _rows(people, active, criterion)
    return pd.DataFrame(rows, columns=[*COLUMNS, "criterion", "source"])


def _figures(
    database: Database, dataflow: str, dimension: str, prefix: str, source: str
) -> dict[tuple[str, ...], dict[str, float]]:
    """Persons by state, sex, year, ages and source, and by status in them."""
    try:
        dataset = database.get(f"DF_{dataflow}", source=source)
    except DatabaseError:
        if any(each.endswith(f"DF_{dataflow}(1.0)") for each in database.manifest.schemas):
            raise
        return {}
    frame = dataset.observations
    numbers = dict(dataset.values)
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for place, row in zip(frame.index, frame.to_dict("records"), strict=True):
        ages = _AGES.get(str(row["AGE"]))
        year = year_written(str(row["TIME_PERIOD"]))
        value = numbers[place]
        if ages is None or not year or value != value:
            continue
        status = str(row[dimension]).removeprefix(f"{prefix}_")
        source_of = str(row.get("SOURCE") or source)
        key = (str(row["REF_AREA"]), str(row["SEX"]), str(year), ages, source_of)
        power = int(row.get("UNIT_MULT") or 0)
        found.setdefault(key, {})[status] = float(value) * 10.0**power
    return found


def _rows(
    people: dict[tuple[str, ...], dict[str, float]],
    active: dict[tuple[str, ...], dict[str, float]],
    criterion: str,
) -> Iterable[dict[str, Any]]:
    """Tables that have all four figures."""
    for key in sorted(people.keys() & active.keys()):
        cells = (
            _of_status(people[key], _MIGRANTS),
            _of_status(active[key], _MIGRANTS),
            _of_status(people[key], _OTHERS),
            _of_status(active[key], _OTHERS),
        )
        if any(cell is None for cell in cells):
            continue
        row = (key[0], key[1], int(key[2]), key[3], *cells)
        yield dict(zip(COLUMNS, row, strict=True)) | {"criterion": criterion, "source": key[4]}


def _of_status(figures: dict[str, float], statuses: Iterable[str]) -> float | None:
    for status in statuses:
        if status in figures:
            return figures[status]
    return None

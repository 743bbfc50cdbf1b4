"""Figures of the tables that are held: of a database, and of what ILOSTAT has published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.analysis.comparison.snapshots import ilostat
from ilms_sdmx.analysis.inventory.catalogue import source_of_label
from ilms_sdmx.database import Database
from ilms_sdmx.periods import kind_of, year_written
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.flows import dimensions

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "ref_area",
    "table",
    "dataflow",
    "year",
    "sex",
    "code",
    "value",
    "status",
    "source",
    "criterion",
    "is_whole",
    "holder",
)
#: Producers of figures about a state that are none of its reports.
OF_OTHERS = ("UN DESA", "World Bank", "OECD", "Eurostat", "UNSD", "ilms_sdmx", "ILO modelled")
#: Statuses of figures that a model made.
_MODELLED = frozenset({"M", "I"})
#: Tables of stocks: a figure of any day of a year is one of the year.
_STOCKS = ("MST", "MNA_1")


@cache
def _tables() -> dict[str, str]:
    """Table of the form of each dataflow that is asked."""
    rows = facts.rows("dataflows.csv")
    return {row["id"]: row["table"] for row in rows if row["table"]}


def held_figures(database: Database | None, areas: Sequence[str]) -> pd.DataFrame:
    """Figures of the questionnaire's tables for some states, one row a figure.

    Those of the database, then those that ILOSTAT has published and that travel with the
    package, where the database has not the same key from ILOSTAT. Figures that other producers
    or models made about a state are not among them.

    Returns
    -------
    DataFrame
        `ref_area`, `table` (`MNA_1`), `dataflow`, `year`, `sex`, `code` (codes of all other
        dimensions), `value`, `status`, `source`, `criterion`, `is_whole` (whether a year or a
        stock), `holder` (`office` or `ILOSTAT`).
    """
    import pandas as pd

    frames = []
    if database is not None:
        frames += list(_of_database(database, areas))
    frames += list(_shipped(areas))
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS))
    figures = pd.concat(frames, ignore_index=True)
    keys = ["ref_area", "dataflow", "year", "sex", "code", "source", "is_whole"]
    return figures.drop_duplicates(keys, ignore_index=True)


def years_by_source(
    database: Database | None, figures: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Years with figures of each source and table.

    Parameters
    ----------
    figures
        What `held_figures` gave, where it is there already.

    Returns
    -------
    DataFrame
        `ref_area`, `source` (ILO's code where it is known), `table`, `first`, `newest`, number
        of `years`, and `label` (what holds them).
    """
    import pandas as pd

    if figures is None:
        everywhere = [row["code"] for row in facts.rows("asean.csv")]
        figures = held_figures(database, everywhere)
    rows = []
    groups = figures.groupby(["ref_area", "source", "table"], sort=True)
    for (area, source, table), of_source in groups:
        years = of_source["year"]
        holders = " and ".join(sorted(set(of_source["holder"])))
        span = (int(years.min()), int(years.max()), int(years.nunique()))
        rows.append((area, source, table, *span, f"held by {holders}"))
    columns = ["ref_area", "source", "table", "first", "newest", "years", "label"]
    return pd.DataFrame(rows, columns=columns)


def _of_database(database: Database, areas: Sequence[str]) -> Iterable[pd.DataFrame]:
    """Figures of the tables in a database."""
    held = database.manifest.schemas
    for id in _tables():
        dataflow = f"ILO:DF_{id}({facts.VERSION})"
        if dataflow in held:
            frame = database.frame(dataflow, key={"REF_AREA": list(areas)})
            if len(frame):
                yield _figures(frame, id)


def _shipped(areas: Sequence[str]) -> Iterable[pd.DataFrame]:
    """Figures that ILOSTAT has published, as they travel with the package."""
    for part in ilostat():
        id = str(part.dataset.dataflow).partition("DF_")[2].partition("(")[0]
        if id not in _tables():
            continue
        frame = part.dataset.observations.copy()
        frame["figure_source"] = "ILOSTAT"
        frame = frame.assign(figure_number=part.dataset.values)
        frame["record_source"] = "ILOSTAT"
        frame["record_criterion"] = part.records["criterion"]
        is_asked = frame["REF_AREA"].isin(list(areas))
        yield _figures(frame[is_asked], id)


def _figures(frame: pd.DataFrame, id: str) -> pd.DataFrame:
    """Rows of one dataflow as the inventory counts them."""
    import pandas as pd

    table = _tables()[id]
    producer = _texts(frame, "record_source")
    source = _texts(frame, "figure_source")
    status = _texts(frame, "OBS_STATUS")
    is_other = producer.str.startswith(OF_OTHERS) | source.str.startswith(("XA", *OF_OTHERS))
    has_value = frame["figure_number"].notna() & ~status.isin(list(_MODELLED))
    kept = frame[has_value & ~is_other]
    period = kept["TIME_PERIOD"].astype("str")
    kinds = period.map(kind_of)
    classified = [name for name in dimensions(id) if name not in _NOT_CLASSIFIED]
    codes = kept[classified].astype("str").agg("|".join, axis=1) if len(kept) else ""
    is_stock = table.startswith(_STOCKS)
    holder = (producer == "ILOSTAT").map({True: "ILOSTAT", False: "office"})
    columns = {
        "ref_area": kept["REF_AREA"].astype("str"),
        "table": table,
        "dataflow": id,
        "year": period.map(year_written),
        "sex": kept["SEX"].astype("str"),
        "code": codes,
        "value": kept["figure_number"].astype("float64"),
        "status": status[kept.index],
        "source": source[kept.index],
        "criterion": criterion_of(id),
        "is_whole": (kinds == "year") | is_stock,
        "holder": holder[kept.index],
    }
    figures = pd.DataFrame(columns, index=kept.index)
    figures["source"] = _sources(figures)
    return figures[figures["year"] > 0]


_NOT_CLASSIFIED = frozenset({"REF_AREA", "FREQ", "MEASURE", "SEX", "TIME_PERIOD"})


def criterion_of(id: str) -> str:
    """By what a dataflow tells migrants, from its id.

    >>> criterion_of("EMP_MFRC_SEX_CCT_NB"), criterion_of("POP_MFLB_SEX_EDU_NB")
    ('citizenship', 'birth')
    """
    if "_CBR" in id or "MFLB" in id or "MFRB" in id:
        return "birth"
    return "citizenship"


def _texts(frame: pd.DataFrame, name: str) -> pd.Series[str]:
    """Texts of a column, empty where it or a text is missing."""
    import pandas as pd

    if name not in frame:
        return pd.Series("", index=frame.index, dtype="str")
    column = frame[name].astype("object").fillna("")
    return column.astype("str")


def _sources(figures: pd.DataFrame) -> list[str]:
    """Code of the source of each figure where it is known, else as the figures name it."""
    found = []
    for label, area in zip(figures["source"], figures["ref_area"], strict=True):
        found.append(source_of_label(label, area) or label)
    return found

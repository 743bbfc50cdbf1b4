"""Figures of a database as a report asks them: by state, dataflow and code, of one source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ilms_sdmx.analysis.inventory.holdings import OF_OTHERS
from ilms_sdmx.periods import kind_of, parse_period, year_written
from ilms_sdmx.periods.spoken import spoken
from ilms_sdmx.structures.flows import dimensions

if TYPE_CHECKING:
    from ilms_sdmx.database import Database

BOTH, WOMEN, MEN = "SEX_T", "SEX_F", "SEX_M"
#: Dataflows by country of a host, those that count residents and workers.
IN_HOST = (
    "POP_MFRC_SEX_CCT_NB",
    "POP_MFRB_SEX_CBR_NB",
    "EMP_MFRC_SEX_CCT_NB",
    "EMP_MFRB_SEX_CBR_NB",
)
_NOT_CLASSIFIED = frozenset({"REF_AREA", "FREQ", "MEASURE", "SEX", "TIME_PERIOD"})


@dataclass(frozen=True, slots=True)
class HeldFigure:
    """One figure of the database.

    Parameters
    ----------
    dataflow
        Id without `DF_`.
    area, sex, code
        State, sex, and the codes of all other dimensions joined by `|`.
    period
        TIME_PERIOD.
    value
        In persons, or in units of money.
    kept, power
        OBS_VALUE and UNIT_MULT as they are kept.
    key
        Key as SDMX writes it.
    source, name
        Its source, and the name under which it was added.
    cell, edition, address
        Where it was read.
    producer
        Who publishes it, where it was fetched.
    status
        OBS_STATUS.
    criterion, scope, ages
        What it counts; empty where that is not known.
    """

    dataflow: str
    area: str
    sex: str
    code: str
    period: str
    value: float
    kept: str
    power: str
    key: str
    source: str
    name: str
    cell: str
    edition: str
    address: str
    producer: str
    status: str
    criterion: str
    scope: str
    ages: str

    @property
    def year(self) -> int:
        """Year that the period is written with."""
        return year_written(self.period)

    @property
    def when(self) -> str:
        """Period as a person writes it."""
        return spoken(self.period)

    @property
    def teller(self) -> str:
        """Who tells it, with the edition where there is one."""
        return f"{self.source} {self.edition}".strip()

    @property
    def is_of_other(self) -> bool:
        """Whether another producer made it about the state."""
        return self.source.startswith(OF_OTHERS) or self.producer.startswith(OF_OTHERS)

    @property
    def place(self) -> str:
        """Where it is from, in a line."""
        parts = [f"{self.dataflow} {self.key} {self.period}", self.teller, self.cell]
        return ", ".join(filter(None, parts))

    @property
    def entry(self) -> dict[str, str]:
        """What the list of figures says of it."""
        return {
            "value": self.kept,
            "power": self.power,
            "dataflow": f"DF_{self.dataflow}",
            "key": self.key,
            "period": self.period,
            "source": self.source,
            "name": self.name,
            "cell": self.cell,
            "edition": self.edition,
            "address": self.address,
        }


class Evidence:
    """Figures of ILO's dataflows in a database, read once.

    Parameters
    ----------
    database
        Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], list[HeldFigure]]:
        """Figures by dataflow and state, in order of time."""
        found: dict[tuple[str, str], list[HeldFigure]] = {}
        for dataflow in self.database.manifest.schemas:
            if not dataflow.startswith("ILO:DF_"):
                continue
            id = dataflow.removeprefix("ILO:DF_").partition("(")[0]
            for figure in self._read(dataflow, id):
                found.setdefault((id, figure.area), []).append(figure)
        for figures in found.values():
            figures.sort(key=lambda each: (day_of(each.period), each.code, each.sex))
        return found

    def _read(self, dataflow: str, id: str) -> Iterable[HeldFigure]:
        frame = self.database.frame(dataflow)
        has_value = frame["figure_number"].notna()
        keys = [name for name in dimensions(id) if name != "TIME_PERIOD"]
        classified = [name for name in keys if name not in _NOT_CLASSIFIED]
        columns = frame[has_value].astype("object").where(frame[has_value].notna(), "")
        for row in columns.to_dict("records"):
            yield _figure(row, id, keys, classified)

    def figures(self, ids: Sequence[str], area: str, *, of_others: bool = False) -> list[Any]:
        """Figures of a state in some dataflows: its own, or those that others made."""
        found: list[HeldFigure] = []
        for id in ids:
            for figure in self._by_place.get((id, area), []):
                if figure.is_of_other == of_others:
                    found.append(figure)
        return found

    def areas(self, ids: Sequence[str], *, of_others: bool = False) -> list[str]:
        """States with figures in some dataflows."""
        found: dict[str, None] = {}
        for (id, area), figures in self._by_place.items():
            is_asked = any(figure.is_of_other == of_others for figure in figures)
            if id in ids and is_asked:
                found[area] = None
        return list(found)


def _figure(
    row: dict[Any, Any], id: str, keys: Sequence[str], classified: Sequence[str]
) -> HeldFigure:
    power = str(row.get("UNIT_MULT") or "0")
    codes = [str(row[name]) for name in classified]
    cell = str(row.get("origin_cell") or "")
    if cell:
        cell = f"{row.get('origin_file', '')} {row.get('origin_sheet', '')}!{cell}".strip()
    return HeldFigure(
        dataflow=id,
        area=str(row["REF_AREA"]),
        sex=str(row["SEX"]),
        code="|".join(codes),
        period=str(row["TIME_PERIOD"]),
        value=float(row["figure_number"]) * 10.0 ** int(power),
        kept=str(row["OBS_VALUE"]),
        power=power,
        key=".".join(str(row[name]) for name in keys),
        source=str(row["figure_source"]) or "source not named",
        name=str(row["figure_name"]),
        cell=cell,
        edition=str(row.get("record_edition") or ""),
        address=str(row.get("record_address") or ""),
        producer=str(row.get("record_source") or ""),
        status=str(row.get("OBS_STATUS") or ""),
        criterion=str(row.get("record_criterion") or ""),
        scope=str(row.get("record_scope") or ""),
        ages=str(row.get("record_ages") or ""),
    )


def day_of(period: str) -> int:
    """Number of the day after a period; 0 for what is none."""
    read = parse_period(period)
    return 0 if read is None else read.end


def is_year(figure: HeldFigure) -> bool:
    """Whether a figure is of a year."""
    return kind_of(figure.period) == "year"


def by_source(figures: Iterable[HeldFigure]) -> dict[tuple[str, str], list[HeldFigure]]:
    """Figures by dataflow and source, in the order of the figures."""
    found: dict[tuple[str, str], list[HeldFigure]] = {}
    for figure in figures:
        found.setdefault((figure.dataflow, figure.source), []).append(figure)
    return found


def estimate(evidence: Evidence, host: str, origin: str) -> HeldFigure | None:
    """UN DESA's newest estimate of people of an origin in a host, of its newest edition."""
    best = None
    for figure in evidence.figures(IN_HOST, host, of_others=True):
        is_asked = figure.sex == BOTH and partner_of(figure) == origin
        if not is_asked or not figure.source.startswith("UN DESA"):
            continue
        if best is None or _rank(figure) > _rank(best):
            best = figure
    return best


def _rank(figure: HeldFigure) -> tuple[str, int]:
    return figure.edition, figure.year


def partner_of(figure: HeldFigure) -> str:
    """Partner country of a figure, without the prefix of its list."""
    return figure.code.rpartition("_")[2]

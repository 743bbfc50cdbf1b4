"""Comparators by a short name: fetched, from a database, from a file, or shipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.analysis.comparison import snapshots
from ilms_sdmx.analysis.comparison.fetched import fetched_parts
from ilms_sdmx.analysis.comparison.sides import Comparable, sides_of
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import MappingError, NotFoundError
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.mapping.counted import concepts
from ilms_sdmx.mapping.counted.indicators import indicator_id

if TYPE_CHECKING:
    from ilms_sdmx.downloads.client import Client

#: Forms of a comparator, as the command line explains them.
FORMS = (
    "snapshot, ilostat, ilostat:DATAFLOW, undesa-stock:EDITION, undesa-stock:EDITION:TABLE, "
    "worldbank, "
    "SOURCE:WHAT, db:NAME, db:NAME@DATE, or a data message"
)
_DEFAULTS = {"worldbank": "SM.POP.TOTL"}


@dataclass(frozen=True)
class Comparators:
    """What was found under the names asked for, and what is to be said about it."""

    data: tuple[Comparable, ...]
    findings: tuple[Finding, ...] = ()


def comparators_by_name(
    names: Sequence[str],
    ours: Comparable,
    client: Client | None = None,
    store: Path | None = None,
) -> Comparators:
    """Find comparators for figures of ours, cut to their areas.

    Parameters
    ----------
    names
        `snapshot` (shipped with the package); `ilostat` (the same dataflows as ours) or
        `ilostat:DATAFLOW`; `undesa-stock:2024`, with `destination`, `origin` or `age` as a
        third part for another table than the bilateral one; `worldbank`; any `SOURCE:WHAT` of
        `sources.fetch`; `db:NAME` of a database, `db:NAME@2026-01-31` for what was known on a
        day (`store:NAME` is the old word); or the path of a data message.
    client
        For what is fetched; a new one with the cache of the platform where there is none.
    store
        Folder of the database.

    Raises
    ------
    MappingError
        A name is none of these.
    FetchError
        A service cannot be reached, or knows nothing of what was asked.
    """
    wanted = _Wanted.of(ours)
    data: list[Comparable] = []
    findings: list[Finding] = []
    for name in names:
        found, said = _comparator(name, wanted, client, store)
        data += found
        findings += said
    return Comparators(tuple(data), tuple(findings))


@dataclass(frozen=True)
class _Wanted:
    """Dataflows and areas of ours, and whether they report as hosts, as origins, or as both."""

    dataflows: tuple[str, ...]
    areas: tuple[str, ...]
    directions: frozenset[str]

    @classmethod
    def of(cls, ours: Comparable) -> _Wanted:
        datasets: list[Dataset] = []
        for side in sides_of(ours):
            datasets.extend(side.datasets)
        dataflows: dict[str, None] = {}
        areas: set[str] = set()
        directions: set[str] = set()
        for dataset in datasets:
            if dataset.dataflow.startswith("ILO:"):
                indicator = indicator_id(dataset.dataflow)
                dataflows[indicator] = None
            ref_area = dataset.observations["REF_AREA"]
            areas.update(map(str, ref_area.unique()))
            concept = concepts.concept(dataset)
            directions.add(concept.direction)
        in_order = sorted(areas)
        return cls(tuple(dataflows), tuple(in_order), frozenset(directions))


_Found = tuple[list[Comparable], list[Finding]]


def _comparator(
    name: str, wanted: _Wanted, client: Client | None, store: Path | None
) -> _Found:
    source, _, rest = name.partition(":")
    if name == "snapshot":
        return list(snapshots.snapshot()), []
    path = Path(name)
    if path.is_file():
        return _message(path), []
    if source in ("db", "store"):
        return _stored(rest, store), []
    if source == "ilostat":
        return _ilostat(rest, wanted, client)
    if source == "undesa-stock":
        return _undesa(rest, wanted, client), []
    from ilms_sdmx.sources import SOURCES, fetch

    if source not in SOURCES:
        raise MappingError(f"expected a comparator as {FORMS}; found {name!r}")
    what = rest or _DEFAULTS.get(source, "")
    area = list(wanted.areas)
    return [fetch(source, what, client=client, area=area)], []


def _ilostat(dataflow: str, wanted: _Wanted, client: Client | None) -> _Found:
    """Fetch the same dataflows; one that ILOSTAT does not have for these areas is said."""
    from ilms_sdmx.sources import fetch

    data: list[Comparable] = []
    findings: list[Finding] = []
    for flow in [dataflow] if dataflow else wanted.dataflows:
        id = flow if flow.startswith("DF_") else f"DF_{flow}"
        try:
            area = list(wanted.areas)
            data.append(fetch("ilostat", id, client=client, area=area))
        except NotFoundError as error:
            if dataflow:
                raise
            text = str(error)
            lacking = _lacking(id, text)
            findings.append(lacking)
    return data, findings


def _lacking(id: str, text: str) -> Finding:
    dataflow = f"ILO:{id}(1.0)"
    place = Place(dataflow=dataflow)
    return find("comparator-lacks", place, dataflow=id, reason=text)


def _undesa(rest: str, wanted: _Wanted, client: Client | None) -> list[Comparable]:
    from ilms_sdmx.sources import fetch

    edition, _, by = rest.partition(":")
    cut: dict[str, Any] = {}
    has_one_direction = len(wanted.directions) == 1
    if has_one_direction and by in ("", "bilateral"):
        side = "origin"
        if wanted.directions == {"in"}:
            side = "destination"
        cut = {side: list(wanted.areas)}
    chosen_table = by or "bilateral"
    chosen_edition = edition or "2024"
    return [fetch("undesa-stock", chosen_table, client=client, edition=chosen_edition, **cut)]


def _message(path: Path) -> list[Comparable]:
    from ilms_sdmx import messages

    return [*fetched_parts(path)] or list(messages.read(path).datasets)


def _stored(address: str, folder: Path | None) -> list[Comparable]:
    """Figures of a name of a database, with their records, of now or of a day."""
    from ilms_sdmx.database import Database
    from ilms_sdmx.database.moving import has_old_store, move_store

    name, _, day = address.partition("@")
    if folder is None:
        raise MappingError(f"expected the folder of the database for db:{name}: give --db")
    database = Database(folder)
    if has_old_store(folder):
        move_store(database)
    names = database.manifest.names
    if name not in names:
        known = ", ".join(names) or "none"
        raise MappingError(f"the database {folder} has no {name!r}; it has {known}")
    return list(database.harmonised(name, as_of=day or None))

"""Indicators without a dataflow of ours (net migration): one plain structure for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ilms_sdmx.errors import NotFoundError
from ilms_sdmx.findings import Finding, find
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    FixedValueMap,
    ImplicitComponentMap,
    RepresentationMap,
)
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources import codemaps
from ilms_sdmx.sources.harmonising import INDICATORS, Flow, harmonise, record_of
from ilms_sdmx.structures import facts
from ilms_sdmx.tables.table import Origin

if TYPE_CHECKING:
    import pandas as pd


def indicator(source: str, id: str, url: str) -> dict[str, str]:
    """Look up what we know of an indicator of a source: line of `dsd/maps/indicators.csv`.

    Raises
    ------
    NotFoundError
        It is none of those we know how to harmonise.
    """
    rows = [r for r in facts.rows("maps/indicators.csv") if r["source"] == source]
    for row in rows:
        if row["indicator"] == id:
            return row
    known = ", ".join(row["indicator"] for row in rows)
    raise NotFoundError(
        f"{source} has no indicator {id!r} that we know; there are {known}", url
    )


def known_indicators(source: str) -> dict[str, str]:
    """Indicators of a source that we know, and what they count."""
    known = {}
    for row in facts.rows("maps/indicators.csv"):
        if row["source"] == source:
            known[row["indicator"]] = row["note"]
    return known


def harmonise_indicator(
    figures: pd.DataFrame,
    row: dict[str, str],
    origin: Origin,
    areas: RepresentationMap,
    sexes: RepresentationMap | None = None,
    findings: Sequence[Finding] = (),
) -> Harmonised:
    """Figures of one indicator.

    Parameters
    ----------
    figures
        Columns `area`, `year`, `text`, and where they differ `sex`, `age`, `breakdown`,
        `status` and fields of `Record`. A column `reason` that is not empty keeps a figure out
        of the data set.
    row
        From `indicator`.
    """
    name = row["indicator"]
    same_as = row["same_as"]
    has_dataflow = bool(row["dataflow"])
    frame = figures.copy()
    frame["reference_date"] = _reference_dates(frame["year"], row["reference"])
    frame["published_area"] = frame["area"]
    frame["flow"] = name
    if "reason" in frame:
        is_taken = frame["reason"] == ""
        frame["flow"] = frame["flow"].where(is_taken, "")
    is_projection = same_as.startswith("UN DESA WPP")
    record = record_of(
        origin,
        table=name,
        criterion=row["criterion"],
        scope=row["scope"],
        ages="all",
        unit=row["unit"],
        same_as=same_as,
        refugees="included" if has_dataflow else "unknown",
        method="modelled" if is_projection else "",
    )
    if is_projection:
        frame = frame.drop(columns="method", errors="ignore")
    told = list(findings)
    if not has_dataflow:
        told.append(_no_dataflow(row))
    flow = _flow(frame, row, areas, sexes)
    return harmonise(frame, [flow], origin, record, told)


def _reference_dates(years: pd.Series[str], reference: str) -> pd.Series[str] | str:
    """Day or days that a figure of a year speaks of: the middle of it, or the whole year."""
    if reference == "mid-year":
        return years + "-07-01"
    if reference == "period":
        return years + "-01-01/" + years + "-12-31"
    return ""


def _flow(
    frame: pd.DataFrame,
    row: dict[str, str],
    areas: RepresentationMap,
    sexes: RepresentationMap | None,
) -> Flow:
    """Maps of an indicator: to its dataflow, or to the plain structure of indicators."""
    name = row["indicator"]
    dataflow = row["dataflow"]
    power = row["multiplier"]
    area = ComponentMap("area", "REF_AREA", areas)
    frequency = FixedValueMap("FREQ", "A")
    sex: ComponentMaps = FixedValueMap("SEX", "SEX_T")
    if sexes:
        sex = ComponentMap("sex", "SEX", sexes)
    year = ImplicitComponentMap("year", "TIME_PERIOD")
    maps: list[ComponentMaps] = [area, frequency, sex, year]
    if "status" in frame:
        maps.append(ImplicitComponentMap("status", "OBS_STATUS"))
    if dataflow:
        maps.append(FixedValueMap("CBR", "CBR_BRT_TOTAL"))
        return Flow(name, dataflow, tuple(maps), int(power))
    maps.append(FixedValueMap("MEASURE", row["measure"]))
    maps.append(_column_or_constant(frame, "age", "AGE_ALLAGES_TOTAL"))
    maps.append(_column_or_constant(frame, "breakdown", "_T"))
    maps.append(FixedValueMap("UNIT_MULT", power))
    if "persons" in row["unit"]:
        maps.append(FixedValueMap("UNIT_MEASURE", "PS"))
    return Flow(name, "", tuple(maps), int(power))


def _column_or_constant(frame: pd.DataFrame, column: str, constant: str) -> ComponentMaps:
    """Map of a column to the component of its name, or a constant where it is missing."""
    if column in frame:
        return ImplicitComponentMap(column, column.upper())
    return FixedValueMap(column.upper(), constant)


def _no_dataflow(row: dict[str, str]) -> Finding:
    return find(
        "no-dataflow", indicator=row["indicator"], note=row["note"], dataflow=INDICATORS
    )


def numbers_of(areas: str | int | Iterable[str | int], system: str) -> list[str]:
    """Codes of areas in the numbering of a source, from ILO codes or its own."""
    return [codemaps.in_system(area, system) for area in codemaps.listed(areas)]

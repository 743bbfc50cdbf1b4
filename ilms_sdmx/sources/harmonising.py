"""Harmonising: figures of a source to data sets of our dataflows, nothing dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ilms_sdmx import structures
from ilms_sdmx.datasets import Components
from ilms_sdmx.findings import Finding, Place, Report, find, phrase
from ilms_sdmx.mapping.application import Applied, apply_figures
from ilms_sdmx.mapping.model import (
    ComponentMap,
    ComponentMaps,
    FixedValueMap,
    ImplicitComponentMap,
    RepresentationMap,
    StructureMap,
)
from ilms_sdmx.records import RECORD_COLUMNS, Harmonised, Record, records_frame
from ilms_sdmx.structures.facts import OURS
from ilms_sdmx.tables.table import Origin, Table

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.downloads.cache import Download

#: Dataflow of figures of which none of ILO's dataflows speaks; the agency is our own.
INDICATORS = f"{OURS}:DF_INDICATORS(1.0)"
_REASONS = {
    "conflict": "the key occurs again with another value",
    "repeated": "the key occurs again with the same value",
    "malformed": "no number",
}


@dataclass(frozen=True)
class Flow:
    """One of our dataflows and how its components are filled.

    Parameters
    ----------
    name
        Value of the column `flow` of the figures that go here.
    dataflow
        Id of the dataflow, `POP_MFRB_SEX_CBR_NB`; `""` where ILO has none: the maps then fill
        our own dataflow of indicators.
    maps
        Of the components that differ from source to source; MEASURE and the unit follow from
        the id.
    multiplier
        Power of ten of the figures as published, which becomes UNIT_MULT: no figure is rounded.
    """

    name: str
    dataflow: str
    maps: tuple[ComponentMaps, ...]
    multiplier: int = 0

    def structure_map(self) -> StructureMap:
        """Structure map of the flow."""
        dataflow = self.dataflow
        if not dataflow:
            return StructureMap(self.name, INDICATORS, self.maps)
        _, _, measure_type = dataflow.rpartition("_")
        fixed = {"MEASURE": measure(dataflow), "UNIT_MEASURE_TYPE": measure_type}
        fixed["UNIT_MEASURE"] = "PS" if measure_type == "NB" else "PT"
        fixed["UNIT_MULT"] = str(self.multiplier)
        maps = list(self.maps)
        mapped = {component_map.target for component_map in maps}
        for component, value in fixed.items():
            if component not in mapped:
                maps.append(FixedValueMap(component, value))
        return StructureMap(self.name, f"ILO:DF_{dataflow}(1.0)", tuple(maps))


def measure(dataflow: str) -> str:
    """Code of MEASURE of a dataflow: its id without the classifications.

    Examples
    --------
    >>> measure("POP_MFRB_SEX_CBR_NB")
    'POP_MFRB_NB'
    """
    words = dataflow.removeprefix("DF_").split("_")
    topic, variant, *_, unit = words
    return f"{topic}_{variant}_{unit}"


def harmonise(
    figures: pd.DataFrame,
    flows: Sequence[Flow],
    origin: Origin,
    record: Record,
    findings: Sequence[Finding] = (),
) -> Harmonised:
    """Figures as data sets of our dataflows.

    Parameters
    ----------
    figures
        One row a figure: headings, `text`, `flow` (name of a flow, `""` for none) and any
        fields of `Record` in which figures differ; `reason` says why a figure goes to no flow.
    record
        Fields that are the same for all figures.

    Returns
    -------
    Harmonised
        One part for each flow that has observations, in the order of `flows`; `rest` of the
        first part holds every figure that is in no data set. Observations of all parts + rest =
        figures.
    """
    import pandas as pd

    parts: list[Harmonised] = []
    names = [flow.name for flow in flows]
    has_flow = figures["flow"].isin(names)
    left = [figures[~has_flow]]
    report = Report.of(findings)
    for flow in flows:
        chosen = figures[figures["flow"] == flow.name]
        is_needed = flow is flows[-1] and not parts
        if chosen.empty and not is_needed:
            continue
        applied = _apply(chosen, flow, origin)
        report += _said(applied, flow, chosen)
        left.append(_left(applied, chosen))
        parts.append(_part(applied, chosen, origin, record))
    filled = [frame for frame in left if len(frame)]
    joined = pd.concat(filled or left[:1], ignore_index=True)
    rest = joined.drop(columns="flow")
    if "reason" not in rest:
        rest["reason"] = ""
    first, *others = parts
    return replace(first, report=report, rest=rest, also=tuple(others))


def _apply(figures: pd.DataFrame, flow: Flow, origin: Origin) -> Applied:
    """Figures under the maps of a flow."""
    dataflow = flow.dataflow or INDICATORS
    structure = INDICATORS.replace("DF_", "")
    if flow.dataflow:
        structure = f"ILO:{dataflow}(1.0)"
    definition = structures.dataflow(dataflow)
    components = Components.of(definition.structure)
    table = Table(figures, origin)
    return apply_figures(table, flow.structure_map(), components, structure=structure)


def _part(
    applied: Applied, figures: pd.DataFrame, origin: Origin, record: Record
) -> Harmonised:
    is_written = (applied.outcome == "written").to_numpy(dtype="bool")
    fields = {}
    for name in RECORD_COLUMNS:
        if name in figures.columns:
            fields[name] = figures[name][is_written].reset_index(drop=True)
    dataset = applied.dataset
    observations = dataset.observations.reset_index(drop=True)
    observations = _compact(observations, dataset.components)
    provenance = dataset.provenance
    if provenance is not None:
        provenance = provenance.reset_index(drop=True)
    dataset = replace(dataset, observations=observations, provenance=provenance)
    return Harmonised(dataset, records_frame(observations.index, record, **fields), origin)


def _compact(observations: pd.DataFrame, components: Components) -> pd.DataFrame:
    """Observations whose attributes that are absent everywhere take no room."""
    import numpy as np
    import pandas as pd

    nothing = pd.Index([], dtype="str")
    absent = np.full(len(observations), -1, dtype="int8")
    for name in components.attributes:
        if observations[name].isna().all():
            observations[name] = pd.Categorical.from_codes(absent, categories=nothing)
    return observations


def _left(applied: Applied, figures: pd.DataFrame) -> pd.DataFrame:
    """Figures that were not written, with the reason."""
    is_left = applied.outcome != "written"
    left = figures[is_left.to_numpy()].copy()
    if left.empty:
        return left
    outcome = applied.outcome[is_left]
    has_no_code = ~outcome.isin(list(_REASONS))
    reason = outcome.map(_REASONS).astype("str").fillna("")
    for dimension in applied.dataset.components.dimensions:
        is_missing = applied.keys.loc[left.index, dimension].isna() & has_no_code
        reason = reason.mask(is_missing, reason + f"no counterpart in {dimension}; ")
    left["reason"] = reason.str.removesuffix("; ")
    return left


def yearly_maps(
    reporters: RepresentationMap,
    sexes: RepresentationMap,
    partner: ComponentMap,
    source: str,
) -> tuple[ComponentMaps, ...]:
    """Maps of yearly figures by sex and partner, from the columns of the same names.

    Parameters
    ----------
    reporters, sexes
        Codes of the columns `area` and `sex`.
    partner
        Map of the partner, whose dimension differs between dataflows.
    source
        What the component SOURCE says.
    """
    area = ComponentMap("area", "REF_AREA", reporters)
    frequency = FixedValueMap("FREQ", "A")
    sex = ComponentMap("sex", "SEX", sexes)
    year = ImplicitComponentMap("year", "TIME_PERIOD")
    status = ImplicitComponentMap("status", "OBS_STATUS")
    named_source = FixedValueMap("SOURCE", source)
    return area, frequency, sex, partner, year, status, named_source


def _said(applied: Applied, flow: Flow, figures: pd.DataFrame) -> Report:
    """Report of the mapping: an unknown code warns, for its figures are kept.

    Known ones are counted.
    """
    report = applied.report.without_errors()
    is_skipped = applied.outcome == "skipped"
    skipped = int(is_skipped.sum())
    if not skipped:
        return report
    place = Place(dataflow=applied.dataset.dataflow)
    where = flow.dataflow or phrase("codes-of-ilo")
    every = len(figures)
    finding = find("no-counterpart", place, count=skipped, all=every, where=where)
    return report + Report((finding,))


def origin_of(download: Download, edition: str = "") -> Origin:
    """Origin of a table that came as a download."""
    known_edition = edition or download.edition
    address = download.url
    return Origin(
        source=download.source,
        address=address,
        edition=known_edition,
        retrieved=download.retrieved,
        sha256=download.sha256,
        licence=download.licence,
    )


def record_of(origin: Origin, **fields: str) -> Record:
    """Record with the fields that an origin knows."""
    known = {"source": origin.source, "edition": origin.edition}
    known["licence"] = origin.licence
    known["address"] = origin.address
    known["retrieved"] = origin.retrieved
    return Record(**{**known, **fields})

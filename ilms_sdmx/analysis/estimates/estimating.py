"""Migrants in the labour force of each state and group, by odds ratios and a benchmark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ilms_sdmx.analysis.estimates import groups
from ilms_sdmx.analysis.estimates.harmonising import HarmonisedRatio, harmonised_ratios
from ilms_sdmx.analysis.estimates.imputation import DESCRIPTIONS, model_of
from ilms_sdmx.analysis.estimates.ratios import bounds, migrants_in_labour_force
from ilms_sdmx.datasets import OBSERVATION, Components, Dataset
from ilms_sdmx.errors import EstimateError
from ilms_sdmx.records import Harmonised, Record, records_frame
from ilms_sdmx.structures import facts
from ilms_sdmx.tables.table import Origin

if TYPE_CHECKING:
    import pandas as pd

#: Dataflow of our estimates: one of our own, so that no query mixes them with observed figures.
DATAFLOW = f"{facts.OURS}:DF_ESTIMATED_MIGRANTS_IN_LABOUR_FORCE({facts.VERSION})"
SOURCE = "ilms_sdmx estimate"
#: ILO's codes of the status of an observation.
NATIONAL, MODELLED = "E", "M"
#: Columns that a benchmark must have; `source` may be left out.
BENCHMARK = ("ref_area", "sex", "migrants", "non_migrants", "labour_force")
TOTAL, PARTS = "SEX_T", ("SEX_F", "SEX_M")
COLUMNS = (
    "ref_area",
    "sex",
    "year",
    "value",
    "lower_bound",
    "upper_bound",
    "participation",
    "odds_ratio",
    "status",
    "states",
    "edition",
    "inputs",
    "note",
)


@dataclass(frozen=True, eq=False)
class Estimates:
    """Migrants in the labour force of states and groups, each with how it was made.

    Parameters
    ----------
    frame
        One row an area and sex: `value` and its bounds in the unit of the benchmark,
        `participation` of migrants, `odds_ratio` (states only), `status` (`E` where the odds
        ratio is national, `M` where it is imputed, of a group where that of any state is),
        `states` that were added up, `edition`, `inputs` and a `note` on the method.
    year
        Year of the estimate.
    edition
        Of the benchmark, as its user names it.
    model
        Name of the model that imputed.
    unit_mult
        Power of ten of the unit, as text.
    left_out
        National tables that were not used, and why.
    """

    frame: pd.DataFrame
    year: int
    edition: str
    model: str
    unit_mult: str = "3"
    left_out: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        states = self.frame[self.frame["states"] == 1]
        national = int((states["status"] == NATIONAL).sum())
        imputed = len(states) - national
        return f"<Estimates for {self.year}: {national} national ratios, {imputed} imputed>"

    def harmonised(self) -> Harmonised:
        """Estimates as a data set of our own dataflow, with records that say `modelled`."""
        frame = self.frame
        texts: dict[str, Any] = {
            "REF_AREA": frame["ref_area"],
            "FREQ": "A",
            "SEX": frame["sex"],
            "TIME_PERIOD": str(self.year),
            "OBS_VALUE": frame["value"].map(repr),
            "OBS_STATUS": frame["status"],
            "UNIT_MULT": self.unit_mult,
        }
        observations = frame[[]].assign(**texts).astype("string")
        dimensions = ("REF_AREA", "FREQ", "SEX", "TIME_PERIOD")
        attributes = {"OBS_STATUS": OBSERVATION, "UNIT_MULT": OBSERVATION}
        components = Components(dimensions, attributes=attributes)
        notes = frame["note"] + "; inputs: " + frame["inputs"]
        records = records_frame(observations.index, self._record(), notes=notes)
        origin = Origin(SOURCE, edition=self.edition)
        return Harmonised(Dataset(observations, components, DATAFLOW), records, origin)

    def _record(self) -> Record:
        return Record(
            source=SOURCE,
            edition=self.edition,
            criterion="mixed",
            scope="labour-force",
            ages="15+",
            method="modelled",
            reference_date=str(self.year),
        )


def estimate_migrant_labour_force(
    national: pd.DataFrame,
    benchmark: pd.DataFrame,
    *,
    year: int,
    edition: str,
    model: str = "regression",
    unit_mult: str = "3",
) -> Estimates:
    """Migrants in the labour force of every state of a benchmark, and of their groups.

    A national table of two by two (migrants or not, in the labour force or not) gives an odds
    ratio, which is kept while the margins become those of the benchmark. States without a
    table have an imputed ratio. Both sexes are the sum of the two where both are given, groups
    are sums of states.

    Parameters
    ----------
    national
        One row a table: `ref_area`, `sex`, `year`, `ages` (`15+`, `15-24`), `migrants`,
        `migrants_active`, `non_migrants`, `non_migrants_active`, and `criterion` and `source`
        where they are known. Any unit; a state may have tables of many years and ages.
    benchmark
        One row a state and sex: `ref_area`, `sex`, `migrants` and `non_migrants` aged 15 and
        more, `labour_force`, `source`; for the year, in one unit.
    year
        Year of the estimate, which is that of the benchmark.
    edition
        Name of the benchmark, on every figure: `UN DESA 2024, ILO November 2025`.
    model
        `regression`, `regional-mean` or `ratio-one`.
    unit_mult
        Power of ten of the unit of the benchmark.

    Raises
    ------
    EstimateError
        An input lacks a column, has a state twice, or cannot be (more persons in the labour
        force than there are).

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import estimate_migrant_labour_force
    >>> thailand = {"ref_area": "THA", "sex": "SEX_T"}
    >>> table = thailand | {"year": 2020, "ages": "15+", "criterion": "birth",
    ...     "migrants": 100, "migrants_active": 75,
    ...     "non_migrants": 1000, "non_migrants_active": 600}
    >>> margins = thailand | {"migrants": 1000, "non_migrants": 9000, "labour_force": 6000}
    >>> estimates = estimate_migrant_labour_force(
    ...     pd.DataFrame([table]), pd.DataFrame([margins]), year=2020, edition="invented")
    >>> thailand = estimates.frame.iloc[0]
    >>> round(float(thailand["value"]), 4), thailand["status"]
    (737.9127, 'E')
    """
    if not edition.strip():
        raise EstimateError("expected the name of the benchmark's edition, found none")
    impute = model_of(model)
    margins = checked_benchmark(benchmark)
    ratios, left_out = harmonised_ratios(national, year)
    states = with_ratios(margins, ratios)
    known = states[states["log_ratio"].notna()]
    is_unknown = states["log_ratio"].isna()
    states.loc[is_unknown, "log_ratio"] = impute(known, states[is_unknown])
    states.loc[is_unknown, "note"] = _imputed_note(model, len(known))
    states["status"] = is_unknown.map({True: MODELLED, False: NATIONAL})
    rows = [*_state_rows(states, year, edition)]
    rows += _sums_of_sexes(rows)
    rows += _groups(rows)
    return Estimates(_frame(rows), year, edition, model, unit_mult, tuple(left_out))


def checked_benchmark(benchmark: pd.DataFrame) -> pd.DataFrame:
    """Benchmark with numbers, and each state and sex once.

    Raises
    ------
    EstimateError
        It lacks a column, has a cell that is no number, or a state twice.
    """
    import pandas as pd

    missing = [name for name in BENCHMARK if name not in benchmark]
    if missing:
        raise EstimateError(
            f"expected a benchmark with {', '.join(BENCHMARK)}, found none of "
            f"{', '.join(missing)}: rename or add the columns"
        )
    rows = benchmark.reset_index(drop=True).copy()
    for name in ("migrants", "non_migrants", "labour_force"):
        rows[name] = pd.to_numeric(rows[name], errors="coerce")
    unusable = rows[["migrants", "non_migrants", "labour_force"]].isna().any(axis=1)
    if unusable.any():
        area = rows.loc[unusable, "ref_area"].iloc[0]
        raise EstimateError(
            f"expected numbers as margins of {area}, found another cell: leave out the states "
            "without a benchmark"
        )
    twice = rows.duplicated(["ref_area", "sex"])
    if twice.any():
        area, sex = rows.loc[twice, ["ref_area", "sex"]].iloc[0]
        raise EstimateError(f"expected one benchmark of {area} {sex}, found two: keep one")
    _refuse_total_next_to_parts(rows)
    if "source" not in rows:
        rows["source"] = ""
    rows["source"] = rows["source"].fillna("").astype("str")
    return rows


def _refuse_total_next_to_parts(rows: pd.DataFrame) -> None:
    """Refuse both sexes next to one: the sum of the sexes is the total."""
    for area, of_state in rows.groupby("ref_area"):
        sexes = set(of_state["sex"])
        if TOTAL in sexes and len(sexes) > 1:
            raise EstimateError(
                f"expected women and men of {area}, or {TOTAL} alone, found both: leave out "
                f"{TOTAL}, which is the sum of the two"
            )


def with_ratios(margins: pd.DataFrame, ratios: Iterable[HarmonisedRatio]) -> pd.DataFrame:
    """States of a benchmark with their groups and, where there is one, their log odds ratio."""
    import math

    by_state = {(each.ref_area, each.sex): each for each in ratios}
    states = margins.copy()
    states["region"] = states["ref_area"].map(groups.region_of)
    states["income_group"] = states["ref_area"].map(groups.income_group_of)
    logs, notes, sources = [], [], []
    for area, sex in zip(states["ref_area"], states["sex"], strict=True):
        found = by_state.get((area, sex))
        logs.append(math.nan if found is None else math.log(found.ratio))
        notes.append("" if found is None else found.note)
        sources.append("" if found is None else found.source)
    return states.assign(log_ratio=logs, note=notes, national_source=sources)


def _imputed_note(model: str, count: int) -> str:
    tables = "national table" if count == 1 else "national tables"
    return f"no national table; odds ratio by {DESCRIPTIONS[model]} ({count} {tables})"


def _state_rows(states: pd.DataFrame, year: int, edition: str) -> Iterable[dict[str, Any]]:
    import numpy as np

    margins = (states["migrants"], states["non_migrants"], states["labour_force"])
    ratios = np.exp(states["log_ratio"].to_numpy(dtype=float))
    values = migrants_in_labour_force(*margins, ratios)
    fewest, most = bounds(*margins)
    for place, state in enumerate(states.to_dict("records")):
        sources = filter(None, [state["source"], state["national_source"]])
        yield {
            "ref_area": state["ref_area"],
            "sex": state["sex"],
            "year": year,
            "value": float(values[place]),
            "lower_bound": float(fewest[place]),
            "upper_bound": float(most[place]),
            "migrants": state["migrants"],
            "odds_ratio": float(ratios[place]),
            "status": state["status"],
            "states": 1,
            "edition": edition,
            "inputs": ", ".join(sources) or "not named",
            "note": state["note"],
        }


def _sums_of_sexes(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Both sexes of each state that has women and men."""
    by_area: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        by_area.setdefault(row["ref_area"], {})[row["sex"]] = row
    totals = []
    for area, of_sex in by_area.items():
        if set(PARTS) <= set(of_sex):
            parts = [of_sex[sex] for sex in PARTS]
            total = _sum(parts, area, TOTAL, "sum of women and men")
            totals.append(total | {"states": 1})
    return totals


def _groups(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sums of the world, of regions and of income groups, by sex."""
    by_sex: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        by_sex.setdefault(row["sex"], {})[row["ref_area"]] = row
    found = []
    for sex, of_area in by_sex.items():
        for group, areas in groups.members(of_area).items():
            parts = [of_area[area] for area in areas]
            counted = "1 state" if len(parts) == 1 else f"{len(parts)} states"
            note = f"sum of {counted} of the benchmark"
            found.append(_sum(parts, group, sex, note))
    return found


def _sum(parts: Sequence[dict[str, Any]], area: str, sex: str, note: str) -> dict[str, Any]:
    """Row of a sum; its status is M where that of any part is."""
    first = parts[0]
    total = dict(first)
    for name in ("value", "lower_bound", "upper_bound", "migrants", "states"):
        total[name] = sum(part[name] for part in parts)
    imputed = sum(part["status"] == MODELLED for part in parts)
    total["status"] = MODELLED if imputed else NATIONAL
    total["odds_ratio"] = float("nan")
    inputs: dict[str, None] = {}
    for part in parts:
        inputs |= dict.fromkeys(part["inputs"].split(", "))
    total["inputs"] = ", ".join(inputs)
    total["note"] = f"{note}, {imputed} of them with an imputed odds ratio"
    return total | {"ref_area": area, "sex": sex}


def _frame(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows)
    frame["participation"] = frame["value"] / frame["migrants"].where(frame["migrants"] > 0)
    return frame[list(COLUMNS)]

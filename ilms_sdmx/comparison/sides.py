"""One side of a comparison: a data set in one shape, whoever reported it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import pandas as pd

from ilms_sdmx.comparison import areas, concepts, units
from ilms_sdmx.comparison.indicators import indicator_unit
from ilms_sdmx.comparison.snapshots import SNAPSHOTS
from ilms_sdmx.comparison.stacking import stack
from ilms_sdmx.datasets import Dataset, datasets_of, is_source
from ilms_sdmx.errors import StructureError
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.messages.reading import read
from ilms_sdmx.records import RECORD_COLUMNS, Harmonised, records_frame

if TYPE_CHECKING:
    import os

    class Converted(Protocol):
        """What came out of a conversion."""

        @property
        def datasets(self) -> Any:
            """Data sets, by name or in order."""
            ...


#: What can stand on a side: a data set, a fetched one with its records, a conversion, or several of these.
#: A path of a message and the name of a shipped snapshot are taken too.
Comparable: TypeAlias = (
    "Dataset | Harmonised | Converted | str | os.PathLike[str] | Iterable[Dataset | Harmonised]"
)

#: Columns that identify a figure on both sides, besides its date.
KEY = ["host", "origin", "sex", "detail"]
#: Parts of a record that make figures different in kind; the rest is where they came from.
CONCEPT = [
    "source",
    "edition",
    "criterion",
    "scope",
    "ages",
    "refugees",
    "method",
    "data_type",
    "notes",
]
CONCEPT += ["unit", "licence", "table", "address", "retrieved", "same_as"]
_NOT_DETAIL = {"REF_AREA", "FREQ", "MEASURE", "SEX", "TIME_PERIOD", *concepts.PARTNERS}


@dataclass(frozen=True, eq=False)
class Side:
    """Figures of one source ready to be compared.

    Parameters
    ----------
    figures
        One row an observation with a number or a status: `host`, `origin`, `sex`, `detail` (codes of other
        dimensions that are no totals), `period`, `date`, `status` (all categorical), `value` (persons, or the
        unit of a rate), `rounding` (unit it is rounded to), `record` (row of `records`) and `row` (position
        in the data set, -1 where derived).
    records
        Distinct comparability records, with `kind`, `direction` and `measure` beside their fields, and
        `part`, the place of their data set in `datasets`.
    findings
        What was found on the way.
    """

    name: str
    datasets: tuple[Dataset, ...]
    concept: concepts.Concept
    figures: pd.DataFrame
    records: pd.DataFrame
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        return f"<Side {self.name}: {len(self.figures):,} figures>"


def sides(data: Comparable) -> list[Side]:
    """Sides of what was handed in: one for each data set that has observations.

    Raises
    ------
    TypeError
        It is nothing that holds data sets.
    StructureError
        A data set has no REF_AREA or no TIME_PERIOD.
    """
    if isinstance(data, Dataset):
        return [_side(data, None)] if len(data) else []
    if isinstance(data, Harmonised):
        parts = [_side(part.dataset, part.records) for part in data.parts if len(part)]
        return _merged(parts)
    return [side for part in _parts(data) for side in sides(part)]


def _parts(data: Any) -> Iterable[Any]:
    """Parts of what is no data set by itself: of a snapshot, a message, a conversion, a list."""
    if isinstance(data, str) and data in SNAPSHOTS:
        return SNAPSHOTS[data]()
    if is_source(data):
        return read(data).datasets
    if hasattr(data, "datasets"):
        converted: Iterable[Any] = _converted(data)
        return converted
    if isinstance(data, Iterable) and not hasattr(data, "columns"):
        return data
    return datasets_of(data)


def _converted(conversion: Any) -> Any:
    """Take the data sets of ILMS: dataflows of the table's own say the same in more detail."""
    own: frozenset[str] = getattr(conversion, "own", frozenset())
    return [d for d in conversion.datasets if d.dataflow not in own] or conversion.datasets


def _merged(parts: list[Side]) -> list[Side]:
    """Sides of parts that count the same kind of thing: hosts by birth and hosts by citizenship are one."""
    merged: dict[tuple[str, str, str], Side] = {}
    for part in parts:
        key = (part.name, part.concept.kind, part.concept.direction)
        merged[key] = _joined(merged[key], part) if key in merged else part
    return list(merged.values())


def _joined(first: Side, second: Side) -> Side:
    moved = second.figures.assign(
        record=second.figures["record"].to_numpy() + np.int32(len(first.records))
    )
    later = second.records.assign(part=second.records["part"] + len(first.datasets))
    return replace(
        first,
        datasets=first.datasets + second.datasets,
        figures=stack([first.figures, moved]),
        records=pd.concat([first.records, later], ignore_index=True),
        findings=first.findings + second.findings,
    )


def _side(dataset: Dataset, records: pd.DataFrame | None) -> Side:
    frame = dataset.observations
    if lacking := {"REF_AREA", "TIME_PERIOD"} - set(frame.columns):
        raise StructureError(
            f"expected REF_AREA and TIME_PERIOD in {dataset.dataflow or 'data'} to compare it, found no "
            f"{' nor '.join(sorted(lacking))}; it has {', '.join(map(str, frame.columns))}"
        )
    concept = concepts.concept(dataset)
    if records is None:
        records = records_frame(
            frame.index, concepts.record(dataset), notes=concepts.notes(dataset)
        )
    powers = units.multipliers(dataset, records["unit"])
    findings = _unit_findings(dataset, powers)
    measure = indicator_unit(dataset)
    powers = np.nan_to_num(powers) if measure == "PS" else np.zeros(len(frame))
    figures = _keys(dataset, concept)
    figures["period"] = _category(frame["TIME_PERIOD"])
    figures["date"] = _date(records["reference_date"], figures["period"])
    figures["status"] = _status(frame)
    figures["value"] = np.round(dataset.values.to_numpy() * 10.0**powers, 6)  # noqa: PD011 - no frame
    figures["rounding"] = units.roundings(dataset, powers)
    distinct, figures["record"] = _distinct(records)
    figures["row"] = np.arange(len(frame), dtype="int32")
    distinct = distinct.assign(
        kind=concept.kind, direction=concept.direction, measure=measure, part=0
    )
    figures, more = _one_total(figures, dataset)
    name = _name(distinct.iloc[0])
    return Side(
        name, (dataset,), concept, with_totals_by_sex(figures), distinct, (*findings, *more)
    )


def _keys(dataset: Dataset, concept: concepts.Concept) -> pd.DataFrame:
    frame = dataset.observations
    reporter = _mapped(frame["REF_AREA"], areas.area)
    partner_id = concepts.partner_dimension(dataset)
    partner = (
        _mapped(frame[partner_id], areas.area)
        if partner_id
        else _constant(len(frame), areas.TOTAL)
    )
    host, origin = (reporter, partner) if concept.direction == "in" else (partner, reporter)
    sex = _category(frame["SEX"]) if "SEX" in frame else _constant(len(frame), "SEX_T")
    others = [
        d
        for d in dataset.components.dimensions
        if d not in _NOT_DETAIL or d in _second(dataset)
    ]
    columns = {"host": host, "origin": origin, "sex": sex, "detail": _detail(frame, others)}
    return pd.DataFrame({name: column.array for name, column in columns.items()})


def _second(dataset: Dataset) -> list[str]:
    """Partner dimensions beyond the first: details of the figure, not its partner."""
    return [d for d in dataset.components.dimensions if d in concepts.PARTNERS][1:]


def _detail(frame: pd.DataFrame, dimensions: list[str]) -> pd.Series[Any]:
    detail = _constant(len(frame), "")
    for dimension in dimensions:
        part = _mapped(frame[dimension], _part)
        pairs = detail.cat.codes.astype("int64") * len(part.cat.categories) + part.cat.codes
        codes, distinct = pd.factorize(pairs.to_numpy())
        first, second = np.divmod(distinct, len(part.cat.categories))
        names = [
            " ".join(filter(None, (detail.cat.categories[a], part.cat.categories[b])))
            for a, b in zip(first, second, strict=True)
        ]
        detail = _category(pd.Series(pd.Categorical.from_codes(codes, pd.Index(names))))
    return detail


def _part(code: str) -> str:
    """Code of a detail; nothing where it is the total of its classification."""
    return (
        ""
        if code.endswith(("_TOTAL", "_YGE15", "_T", "_Z")) or code in ("_T", "TOTAL")
        else code
    )


def _status(frame: pd.DataFrame) -> pd.Series[Any]:
    if "OBS_STATUS" not in frame:
        return _constant(len(frame), "")
    return _mapped(
        frame["OBS_STATUS"].astype("category"), lambda code: "" if code == "A" else code
    )


def _date(stated: pd.Series[Any], period: pd.Series[Any]) -> pd.Series[Any]:
    """Take the reference date where the record has one, else the period."""
    stated = _category(stated).reset_index(drop=True)
    if list(stated.cat.categories) == [""]:
        return period
    missing = (stated == "").to_numpy()
    joined = stated.cat.set_categories(stated.cat.categories.union(period.cat.categories))
    whole = period.cat.set_categories(joined.cat.categories)
    codes = np.where(missing, whole.cat.codes, joined.cat.codes)
    return pd.Series(
        pd.Categorical.from_codes(codes, joined.cat.categories)
    ).cat.remove_unused_categories()


def _distinct(records: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Distinct records as rows, and for each observation the row of its record."""
    numbers = np.zeros(len(records), dtype="int64")
    for name in CONCEPT:
        column = records[name].astype("category")
        if len(column.cat.categories) > 1:
            numbers = numbers * len(column.cat.categories) + column.cat.codes.to_numpy()
            numbers = pd.factorize(numbers)[0]
    codes, _ = pd.factorize(numbers)
    first = np.unique(codes, return_index=True)[1]
    rows = records.iloc[first][list(RECORD_COLUMNS)].astype("str").reset_index(drop=True)
    return rows, codes.astype("int32")


def _one_total(
    figures: pd.DataFrame, dataset: Dataset
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Figures unique by key and period: totals of several classification versions become one."""
    numbers = keys(figures, [*KEY, "period"])
    repeated = pd.Series(numbers).duplicated().to_numpy()
    if not repeated.any():
        return figures, ()
    order = np.argsort(numbers, kind="stable")
    value = figures["value"].to_numpy()[order]
    same = numbers[order][1:] == numbers[order][:-1]
    clash = same & (np.abs(value[1:] - value[:-1]) > figures["rounding"].to_numpy()[order][1:])
    found = _clashes(figures.iloc[order[1:][clash]], dataset)
    return figures[~repeated].reset_index(drop=True), found


def _clashes(rows: pd.DataFrame, dataset: Dataset) -> tuple[Finding, ...]:
    findings = []
    for row in rows.head(20).to_dict("records"):
        key = {name: str(row[name]) for name in [*KEY, "period"]}
        place = Place(dataflow=dataset.dataflow, key=key)
        findings.append(find("comparison-totals-differ", place, read=f"{row['value']:,.10g}"))
    return tuple(findings)


def with_totals_by_sex(figures: pd.DataFrame) -> pd.DataFrame:
    """Figures and the totals of both sexes that were not reported but whose parts are complete."""
    known = set(figures["sex"].cat.categories)
    parts = [code for code in known if code.removeprefix("SEX_") in ("M", "F", "O")]
    if not {"SEX_M", "SEX_F"} <= known:
        return figures
    rest = keys(figures, ["host", "origin", "detail", "period"])
    total = figures["sex"].to_numpy() == "SEX_T"
    lacking = ~np.isin(rest, rest[total]) & figures["sex"].isin(parts).to_numpy()
    if not lacking.any():
        return figures
    candidates = figures[lacking & figures["value"].notna().to_numpy()]
    numbers = rest[candidates.index.to_numpy()]
    both = (
        candidates["sex"].isin(["SEX_M", "SEX_F"]).groupby(numbers).transform("sum").to_numpy()
        == 2
    )
    candidates, numbers = candidates[both], numbers[both]
    sums = candidates["value"].groupby(numbers).transform("sum")
    whole = candidates.assign(value=sums, row=np.int32(-1))[
        ~pd.Series(numbers).duplicated().to_numpy()
    ]
    whole["sex"] = pd.Categorical(["SEX_T"] * len(whole), categories=sorted(known | {"SEX_T"}))
    figures = figures.assign(sex=figures["sex"].cat.set_categories(sorted(known | {"SEX_T"})))
    return stack([figures, whole])


def keys(figures: pd.DataFrame, names: list[str]) -> np.ndarray:
    """One integer a row for the combination of categorical columns."""
    numbers = np.zeros(len(figures), dtype="int64")
    for name in names:
        numbers *= len(figures[name].cat.categories) + 1
        numbers += figures[name].cat.codes.to_numpy() + 1
    return numbers


def _unit_findings(dataset: Dataset, powers: np.ndarray) -> tuple[Finding, ...]:
    unknown = int(np.isnan(powers).sum())
    if not unknown or indicator_unit(dataset) != "PS":
        return ()
    place = Place(dataflow=dataset.dataflow)
    finding = find("comparison-unit-unknown", place, component="UNIT_MULT", count=unknown)
    return (finding,)


def _name(record: pd.Series[Any]) -> str:
    edition = str(record["edition"])
    words = [str(record["source"]), "" if edition in str(record["source"]) else edition]
    return " ".join(filter(None, words)) or str(record["table"]) or "data set"


def _constant(length: int, text: str) -> pd.Series[Any]:
    return pd.Series(
        pd.Categorical.from_codes(np.zeros(length, dtype="int8"), pd.Index([text]))
    )


def _category(column: pd.Series[Any]) -> pd.Series[Any]:
    """Categorical column with a plain index, absent as empty text."""
    column = column.astype("category").reset_index(drop=True)
    texts = column.cat.categories.astype("str")
    if column.hasnans:
        column = column.cat.add_categories([] if "" in texts else [""]).fillna("")
        texts = column.cat.categories.astype("str")
    return column.cat.rename_categories(list(texts))


def _mapped(column: pd.Series[Any], change: Callable[[str], str]) -> pd.Series[Any]:
    """Categorical column with each category changed; categories that become one are merged."""
    column = _category(column)
    codes, distinct = pd.factorize(
        np.array([change(str(c)) for c in column.cat.categories], dtype=object)
    )
    return pd.Series(
        pd.Categorical.from_codes(codes[column.cat.codes.to_numpy()], pd.Index(distinct))
    )

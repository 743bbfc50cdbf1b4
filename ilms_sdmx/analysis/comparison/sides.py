"""One side of a comparison: a data set in one shape, whoever reported it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import pandas as pd

from ilms_sdmx.analysis.comparison import areas
from ilms_sdmx.analysis.comparison.fetched import fetched_parts
from ilms_sdmx.analysis.comparison.meets import records_of_groups
from ilms_sdmx.analysis.comparison.snapshots import SNAPSHOTS
from ilms_sdmx.analysis.comparison.stacking import stack
from ilms_sdmx.datasets import Dataset, datasets_of, is_source
from ilms_sdmx.errors import StructureError
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.mapping.counted import concepts, stated_records, units
from ilms_sdmx.mapping.counted.indicators import indicator_unit
from ilms_sdmx.messages.reading import read
from ilms_sdmx.records import RECORD_COLUMNS, Harmonised
from ilms_sdmx.sums import allowance, exceeds

if TYPE_CHECKING:
    import os

    class Converted(Protocol):
        """What came out of a conversion."""

        @property
        def datasets(self) -> Any:
            """Data sets, by name or in order."""
            ...


#: What can be on a side: a data set, a fetched one with its records, a conversion, or
#: several of these. A path of a message and the name of a shipped snapshot are taken too.
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
        One row an observation with a number or a status: `host`, `origin`, `sex`, `detail`
        (codes of other dimensions that are no totals), `period`, `date`, `status` (all
        categorical), `value` (persons, or the unit of a rate), `rounding` (unit it is rounded
        to), `record` (row of `records`) and `row` (position in the data set, -1 where derived).
    records
        Distinct comparability records, with `kind`, `direction` and `measure` next to their
        fields, and `part`, the place of their data set in `datasets`.
    findings
        What was found on the way.
    comparator
        Number of the comparator that it is a table of, 0 for ours.
    """

    name: str
    datasets: tuple[Dataset, ...]
    concept: concepts.Concept
    figures: pd.DataFrame
    records: pd.DataFrame
    findings: tuple[Finding, ...] = ()
    comparator: int = 0

    def __repr__(self) -> str:
        return f"<Side {self.name}: {len(self.figures):,} figures>"


def sides_of(data: Comparable) -> list[Side]:
    """Sides of what was handed in: one for each data set that has observations.

    Raises
    ------
    TypeError
        It is nothing that holds data sets.
    StructureError
        A data set has no REF_AREA or no TIME_PERIOD.
    """
    if isinstance(data, Dataset):
        if len(data):
            return [_side(data, None)]
        return []
    if isinstance(data, Harmonised):
        parts = [_side(part.dataset, part.records) for part in data.parts if len(part)]
        return _merged(parts)
    return [side for part in _parts(data) for side in sides_of(part)]


def _parts(data: Any) -> Iterable[Any]:
    """Parts of what is no data set itself: a snapshot, a message, a conversion, a list."""
    if isinstance(data, str) and data in SNAPSHOTS:
        return SNAPSHOTS[data]()
    if is_source(data):
        return fetched_parts(data) or read(data).datasets
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
    """Sides of parts that count the same: hosts by birth and by citizenship are one."""
    merged: dict[tuple[str, str, str], Side] = {}
    for part in parts:
        kind = part.concept.kind
        direction = part.concept.direction
        key = part.name, kind, direction
        whole = part
        if key in merged:
            whole = _joined(merged[key], part)
        merged[key] = whole
    return list(merged.values())


def _joined(first: Side, second: Side) -> Side:
    """One side of two: the records of the second follow those of the first."""
    record_count = np.int32(len(first.records))
    records_of_second = second.figures["record"].to_numpy()
    record = records_of_second + record_count
    part = second.records["part"] + len(first.datasets)
    further_records = second.records.assign(part=part)
    records = pd.concat([first.records, further_records], ignore_index=True)
    further_figures = second.figures.assign(record=record)
    figures = stack([first.figures, further_figures])
    datasets = first.datasets + second.datasets
    findings = first.findings + second.findings
    return replace(
        first,
        datasets=datasets,
        figures=figures,
        records=records,
        findings=findings,
    )


def _side(dataset: Dataset, records: pd.DataFrame | None) -> Side:
    """Side of one data set, with its records or those that its dataflow gives."""
    _refuse_without_area_or_period(dataset)
    concept = concepts.concept(dataset)
    if records is None:
        records = stated_records(dataset)
    unit = records["unit"]
    stated_powers = units.multipliers(dataset, unit)
    measure = indicator_unit(dataset)
    powers = np.zeros(len(dataset))
    if measure == "PS":
        powers = np.nan_to_num(stated_powers)
    distinct, record_rows = _distinct(records)
    reference_date = records["reference_date"]
    figures = _figures(dataset, concept, powers, reference_date)
    figures["record"] = record_rows
    figures["row"] = np.arange(len(dataset), dtype="int32")
    distinct = distinct.assign(
        kind=concept.kind, direction=concept.direction, measure=measure, part=0
    )
    figures, distinct, clashes = _one_total(figures, distinct, dataset)
    figures, distinct = with_totals_by_sex(figures, distinct)
    unit_findings = _unit_findings(dataset, stated_powers)
    findings = (*unit_findings, *clashes)
    name = _name(distinct.iloc[0])
    return Side(
        name=name,
        datasets=(dataset,),
        concept=concept,
        figures=figures,
        records=distinct,
        findings=findings,
    )


def _refuse_without_area_or_period(dataset: Dataset) -> None:
    columns = dataset.observations.columns
    lacking = sorted({"REF_AREA", "TIME_PERIOD"} - set(columns))
    if lacking:
        listed = ", ".join(map(str, columns))
        absent = " nor ".join(lacking)
        name = dataset.dataflow or "data"
        raise StructureError(
            f"expected REF_AREA and TIME_PERIOD in {name} to compare it, found no "
            f"{absent}; it has {listed}"
        )


def _figures(
    dataset: Dataset,
    concept: concepts.Concept,
    powers: np.ndarray,
    reference_date: pd.Series[Any],
) -> pd.DataFrame:
    """Figures of a data set in persons, with their key, date, status and rounding."""
    frame = dataset.observations
    figures = _keys(dataset, concept)
    time_period = frame["TIME_PERIOD"]
    figures["period"] = _category(time_period)
    period = figures["period"]
    figures["date"] = _date(reference_date, period)
    figures["status"] = _status(frame)
    values = dataset.values.to_numpy()  # noqa: PD011 - no frame
    multipliers = 10.0**powers
    figures["value"] = np.round(values * multipliers, 6)
    figures["rounding"] = units.roundings(dataset, powers)
    return figures


def _keys(dataset: Dataset, concept: concepts.Concept) -> pd.DataFrame:
    """Host, origin, sex and detail of each observation."""
    frame = dataset.observations
    ref_area = frame["REF_AREA"]
    reporter = _mapped(ref_area, areas.area)
    partner = _constant(len(frame), areas.TOTAL)
    partner_id = concepts.partner_dimension(dataset)
    if partner_id:
        column = frame[partner_id]
        partner = _mapped(column, areas.area)
    host = partner
    origin = reporter
    if concept.direction == "in":
        host = reporter
        origin = partner
    sex = _constant(len(frame), "SEX_T")
    if "SEX" in frame:
        sex = _category(frame["SEX"])
    dimensions = _detail_dimensions(dataset)
    detail = _detail(frame, dimensions)
    columns = {"host": host, "origin": origin, "sex": sex, "detail": detail}
    return pd.DataFrame({name: column.array for name, column in columns.items()})


def _detail_dimensions(dataset: Dataset) -> list[str]:
    """Dimensions that are details of a figure; a second partner is one too."""
    details, partner_count = [], 0
    for dimension in dataset.components.dimensions:
        is_partner = dimension in concepts.PARTNERS
        partner_count += is_partner
        is_second_partner = is_partner and partner_count > 1
        if dimension not in _NOT_DETAIL or is_second_partner:
            details.append(dimension)
    return details


def _detail(frame: pd.DataFrame, dimensions: list[str]) -> pd.Series[Any]:
    detail = _constant(len(frame), "")
    for dimension in dimensions:
        column = frame[dimension]
        part = _mapped(column, _part)
        categories = part.cat.categories
        part_codes = part.cat.codes
        detail_codes = detail.cat.codes.astype("int64")
        pairs = detail_codes * len(categories) + part_codes
        codes, distinct = pd.factorize(pairs.to_numpy())
        first, second = np.divmod(distinct, len(categories))
        categories_before = detail.cat.categories
        names = []
        for left, right in zip(first, second, strict=True):
            both = f"{categories_before[left]} {categories[right]}"
            names.append(both.strip())
        categorical = pd.Categorical.from_codes(codes, pd.Index(names))
        detail = _category(pd.Series(categorical))
    return detail


def _part(code: str) -> str:
    """Code of a detail; nothing where it is the total of its classification."""
    has_ending_of_total = code.endswith(("_TOTAL", "_YGE15", "_T", "_Z"))
    is_total = has_ending_of_total or code in ("_T", "TOTAL")
    if is_total:
        return ""
    return code


def _status(frame: pd.DataFrame) -> pd.Series[Any]:
    if "OBS_STATUS" not in frame:
        return _constant(len(frame), "")
    obs_status = frame["OBS_STATUS"]
    column = obs_status.astype("category")
    return _mapped(column, lambda code: "" if code == "A" else code)


def _date(stated: pd.Series[Any], period: pd.Series[Any]) -> pd.Series[Any]:
    """Take the reference date where the record has one, else the period."""
    category = _category(stated)
    stated = category.reset_index(drop=True)
    own_categories = stated.cat.categories
    if list(own_categories) == [""]:
        return period
    missing = (stated == "").to_numpy()
    categories = own_categories.union(period.cat.categories)
    joined = stated.cat.set_categories(categories)
    whole = period.cat.set_categories(categories)
    codes = np.where(missing, whole.cat.codes, joined.cat.codes)
    dates = pd.Categorical.from_codes(codes, joined.cat.categories)
    return pd.Series(dates.remove_unused_categories())


def _distinct(records: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Distinct records as rows, and for each observation the row of its record."""
    numbers = np.zeros(len(records), dtype="int64")
    for name in CONCEPT:
        column = records[name].astype("category")
        if len(column.cat.categories) > 1:
            categories = column.cat.categories
            numbers = numbers * len(categories) + column.cat.codes.to_numpy()
            numbers = pd.factorize(numbers)[0]
    codes, _ = pd.factorize(numbers)
    first = np.unique(codes, return_index=True)[1]
    first_records = records.iloc[first]
    known_columns = first_records[list(RECORD_COLUMNS)]
    rows = known_columns.astype("str")
    rows = rows.reset_index(drop=True)
    return rows, codes.astype("int32")


def _one_total(
    figures: pd.DataFrame, records: pd.DataFrame, dataset: Dataset
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Finding, ...]]:
    """Figures unique by key and period: totals of several classification versions become one.

    It is the one that is rounded to the smallest unit, the largest of these; its record is what
    all agree in.
    """
    numbers = keys(figures, [*KEY, "period"])
    is_second = pd.Series(numbers).duplicated()
    if not is_second.any():
        return figures, records, ()
    values = figures["value"].to_numpy()
    roundings = figures["rounding"].to_numpy()
    order = np.lexsort((-values, roundings, numbers))
    next_label = len(records)
    record_rows = figures["record"].to_numpy()
    made, record = records_of_groups(records, record_rows, numbers, next_label)
    recorded = figures.assign(record=record)
    ordered = recorded.iloc[order]
    ordered_numbers = numbers[order]
    number_before = ordered_numbers[:-1]
    same_key = ordered_numbers[1:] == number_before
    value = ordered["value"].to_numpy()
    steps_of_value = np.diff(value)
    difference = np.abs(steps_of_value)
    rounding = ordered["rounding"].to_numpy()
    rounding_before = rounding[:-1]
    steps = rounding[1:] + rounding_before
    allowed = allowance(steps)
    is_apart = exceeds(difference, allowed)
    clash = same_key & is_apart
    later = ordered.iloc[1:]
    findings = _clashes(later[clash], dataset)
    is_repeated = np.concatenate([[False], same_key])
    unique = ordered[~is_repeated].sort_values("row")
    unique = unique.reset_index(drop=True)
    all_records = pd.concat([records, made])
    return unique, all_records, findings


def _clashes(rows: pd.DataFrame, dataset: Dataset) -> tuple[Finding, ...]:
    findings = []
    for row in rows.head(20).to_dict("records"):
        key = {}
        for name in [*KEY, "period"]:
            key[name] = str(row[name])
        place = Place(dataflow=dataset.dataflow, key=key)
        value = row["value"]
        findings.append(find("comparison-totals-differ", place, read=f"{value:,.10g}"))
    return tuple(findings)


def with_totals_by_sex(
    figures: pd.DataFrame, records: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Figures and the totals of both sexes that were not reported but whose parts are complete.

    The record of such a total is what those of its parts agree in.
    """
    categories = figures["sex"].cat.categories
    sexes = set(categories)
    if not {"SEX_M", "SEX_F"} <= sexes:
        return figures, records
    parts, numbers = _parts_without_total(figures)
    if parts.empty:
        return figures, records
    is_man_or_woman = parts["sex"].isin(["SEX_M", "SEX_F"])
    grouped = is_man_or_woman.groupby(numbers)
    sexes_of_key = grouped.transform("sum")
    has_both = (sexes_of_key == 2).to_numpy()
    parts = parts[has_both]
    numbers = numbers[has_both]
    value = parts["value"]
    sums = value.groupby(numbers).transform("sum")
    is_repeated = pd.Series(numbers).duplicated()
    is_first = ~is_repeated.to_numpy()
    next_label = len(records)
    record_rows = parts["record"].to_numpy()
    made, record = records_of_groups(records, record_rows, numbers, next_label)
    row = np.int32(-1)
    summed_parts = parts.assign(value=sums, record=record, row=row)
    totals = summed_parts[is_first]
    sexes.add("SEX_T")
    with_total = sorted(sexes)
    total_of_each = ["SEX_T"] * len(totals)
    totals["sex"] = pd.Categorical(total_of_each, categories=with_total)
    sex = figures["sex"].cat.set_categories(with_total)
    figures = figures.assign(sex=sex)
    frames = [figures, totals]
    all_records = pd.concat([records, made])
    return stack(frames), all_records


def _parts_without_total(figures: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Figures of one sex without a reported total, and the number of the key of each."""
    numbers = keys(figures, ["host", "origin", "detail", "period"])
    sex = figures["sex"].to_numpy()
    is_total = sex == "SEX_T"
    has_total = np.isin(numbers, numbers[is_total])
    codes = figures["sex"].cat.categories
    part_codes = []
    for code in codes:
        if code.removeprefix("SEX_") in ("M", "F", "O"):
            part_codes.append(code)
    is_part = figures["sex"].isin(part_codes).to_numpy()
    value = figures["value"]
    has_value = value.notna().to_numpy()
    chosen = is_part & ~has_total & has_value
    return figures[chosen], numbers[chosen]


def keys(figures: pd.DataFrame, names: list[str]) -> np.ndarray:
    """One integer a row for the combination of categorical columns."""
    numbers = np.zeros(len(figures), dtype="int64")
    for name in names:
        categories = figures[name].cat.categories
        numbers *= len(categories) + 1
        codes = figures[name].cat.codes.to_numpy()
        numbers += codes + 1
    return numbers


def _unit_findings(dataset: Dataset, powers: np.ndarray) -> tuple[Finding, ...]:
    unknown = int(np.isnan(powers).sum())
    if not unknown:
        return ()
    if indicator_unit(dataset) != "PS":
        return ()
    place = Place(dataflow=dataset.dataflow)
    finding = find("comparison-unit-unknown", place, component="UNIT_MULT", count=unknown)
    return (finding,)


def _name(record: pd.Series[Any]) -> str:
    edition = str(record["edition"])
    source = record["source"]
    words = [str(source), "" if edition in str(source) else edition]
    name = " ".join(filter(None, words))
    return name or str(record["table"]) or "data set"


def _constant(length: int, text: str) -> pd.Series[Any]:
    only_category = pd.Index([text])
    codes = np.zeros(length, dtype="int8")
    constant = pd.Categorical.from_codes(codes, only_category)
    return pd.Series(constant)


def _category(column: pd.Series[Any]) -> pd.Series[Any]:
    """Categorical column with a plain index, absent as empty text."""
    column = column.astype("category").reset_index(drop=True)
    texts = column.cat.categories.astype("str")
    if column.hasnans:
        column = column.cat.add_categories([] if "" in texts else [""]).fillna("")
        texts = column.cat.categories.astype("str")
    ordered = sorted(texts)
    column = column.cat.rename_categories(list(texts))
    if ordered == list(texts):
        return column
    return column.cat.reorder_categories(ordered)


def _mapped(column: pd.Series[Any], change: Callable[[str], str]) -> pd.Series[Any]:
    """Categorical column with each category changed; categories that become one are merged."""
    column = _category(column)
    categories = column.cat.categories
    codes, distinct = pd.factorize(np.array([change(str(c)) for c in categories], dtype=object))
    column_codes = column.cat.codes.to_numpy()
    new_categories = pd.Index(distinct)
    changed = pd.Categorical.from_codes(codes[column_codes], new_categories)
    return pd.Series(changed)

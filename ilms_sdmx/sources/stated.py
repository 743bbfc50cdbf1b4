"""What an answer states of its figures, read from its components into records."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ilms_sdmx.errors import StructureError
from ilms_sdmx.mapping.concepts import read_statements
from ilms_sdmx.periods import parse_period
from ilms_sdmx.periods.days import date_parts
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ilms_sdmx.datasets import Dataset

#: Codes of a partner that say nothing of it: not applicable, not specified.
_NO_PARTNER = frozenset({"", "_Z", "_X", "_U"})
#: Codes of all partners together.
_ALL_PARTNERS = frozenset({"_T", "T", "TOTAL", "W", "WLD", "WORLD"})
_BAND = re.compile(r"(?:^|_)Y(_?GE|_?LT)?(\d+)(?:[-T](\d+))?$")


def stated_fields(dataset: Dataset) -> dict[str, pd.Series[str]]:
    """Fields of a `Record` that the components of a data set state, figure by figure.

    Parameters
    ----------
    dataset
        In the structure of any agency: `dsd/maps/sdmx/components.csv` says which component
        states what.

    Returns
    -------
    dict
        `published_area`, `published_partner`, `criterion`, `ages`, `unit`, `symbol`, `method`,
        `notes`, `reference_date`, as far as there are components for them.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset
    >>> from ilms_sdmx.sources.stated import stated_fields
    >>> frame = pd.DataFrame({"REF_AREA": ["AUS"], "C_BIRTH": ["NZL"], "AGE": ["Y15T64"],
    ...     "TIME_PERIOD": ["2021-08-10"], "OBS_VALUE": ["559978"], "OBS_STATUS": ["E"]})
    >>> components = Components(("REF_AREA", "C_BIRTH", "AGE", "TIME_PERIOD"),
    ...     attributes={"OBS_STATUS": ()})
    >>> fields = stated_fields(Dataset(frame, components))
    >>> stated = {name: column.iloc[0] for name, column in sorted(fields.items())}
    >>> stated  # doctest: +NORMALIZE_WHITESPACE
    {'ages': '15-64', 'criterion': 'birth', 'method': 'estimated', 'published_area': 'AUS',
     'published_partner': 'NZL', 'reference_date': '2021-08-10', 'symbol': 'E'}
    """
    frame = dataset.observations
    fields = {}
    for field, name in (("published_area", "area"), ("symbol", "symbol")):
        columns = _columns(frame, name)
        if columns:
            fields[field] = text_of(frame, columns[0])
    fields |= _partners(frame)
    ages = _columns(frame, "ages")
    if ages:
        fields["ages"] = mapped(text_of(frame, ages[0]), ages_of)
    units = _columns(frame, "unit")
    if units:
        fields["unit"] = units_of(frame, units[0])
    if "symbol" in fields:
        fields["method"] = methods_of(fields["symbol"])
    notes = notes_of(frame, _columns(frame, "notes"))
    if notes is not None:
        fields["notes"] = notes
    if "TIME_PERIOD" in frame:
        fields["reference_date"] = mapped(text_of(frame, "TIME_PERIOD"), _day_of)
    return fields


def _columns(frame: pd.DataFrame, field: str) -> list[str]:
    """Columns of a frame that state a field, in the order of the table of components."""
    columns = []
    for row in facts.rows("maps/sdmx/components.csv"):
        if row["field"] == field and row["component"] in frame.columns:
            columns.append(row["component"])
    return columns


def text_of(frame: pd.DataFrame, name: str) -> pd.Series[str]:
    """Column of a frame as text, `""` where nothing is stated or there is no such column."""
    import pandas as pd

    if name not in frame:
        return pd.Series("", index=frame.index, dtype="str")
    return frame[name].astype("str").fillna("")


def mapped(column: pd.Series[str], meaning: Callable[[str], str]) -> pd.Series[str]:
    """Meaning of each text of a column, asked once a text."""
    meanings = {text: meaning(str(text)) for text in column.unique()}
    return column.map(meanings).astype("str")


def _partners(frame: pd.DataFrame) -> dict[str, pd.Series[str]]:
    """Partner of each figure and the criterion by which it is told from others."""
    import pandas as pd

    columns = _columns(frame, "partner")
    if not columns:
        return {}
    criteria = facts.by_id("maps/sdmx/components.csv", "component")
    keys = pd.MultiIndex.from_frame(pd.concat([text_of(frame, c) for c in columns], axis=1))
    codes, distinct = keys.factorize()
    partners = []
    meanings = []
    for values in distinct:
        column, partner = _partner(dict(zip(columns, values, strict=True)))
        partners.append(partner)
        meanings.append(criteria[column]["criterion"] if column else "")
    by_field = {"published_partner": partners, "criterion": [m or "unknown" for m in meanings]}
    fields = {}
    for field, texts in by_field.items():
        fields[field] = pd.Series(texts, dtype="str").take(codes).set_axis(frame.index)
    return fields


def _partner(values: dict[str, str]) -> tuple[str, str]:
    """Component that tells the partner of a figure, and its code; nothing where several may."""
    applying = {name: code for name, code in values.items() if code not in _NO_PARTNER}
    if len(applying) > 1:
        # A total of one is no condition next to the country of another.
        named = {n: code for n, code in applying.items() if code not in _ALL_PARTNERS}
        applying = named or {}
    if len(applying) != 1:
        return "", ""
    return next(iter(applying.items()))


def ages_of(code: str) -> str:
    """Ages that a code of an age list counts, `""` for a total, which does not say of whom.

    Examples
    --------
    >>> codes = ["AGE_YTHADULT_YGE15", "AGE_5YRBANDS_Y05-09", "AGE_10YRBANDS_YLT15"]
    >>> tuple(map(ages_of, codes))
    ('15+', '5-9', '0-14')
    >>> ages_of("Y15T24"), ages_of("Y_GE65"), ages_of("_T")
    ('15-24', '65+', '')
    """
    match = _BAND.search(code)
    if match is None:
        return ""
    bound, first, last = (match[1] or "").removeprefix("_"), int(match[2]), match[3]
    if bound == "LT":
        return f"0-{first - 1}"
    if bound == "GE":
        return f"{first}+"
    return f"{first}-{int(last)}" if last else str(first)


def units_of(frame: pd.DataFrame, unit: str = "UNIT_MEASURE") -> pd.Series[str]:
    """Unit with its multiplier: `PS x 10^3`."""
    multipliers = text_of(frame, "UNIT_MULT").replace("0", "")
    units = text_of(frame, unit) + " x 10^" + multipliers
    return units.str.removesuffix(" x 10^")


def methods_of(symbols: pd.Series[str]) -> pd.Series[str]:
    """How figures were made, as far as their status says it: `dsd/maps/sdmx/method.csv`."""
    methods = {row["source"]: row["target"] for row in facts.rows("maps/sdmx/method.csv")}
    return mapped(symbols, lambda symbol: methods.get(symbol, ""))


def notes_of(frame: pd.DataFrame, names: list[str]) -> pd.Series[str] | None:
    """Notes of each figure joined, of all attributes of notes; None where there are none."""
    import pandas as pd

    if not names:
        return None
    keys = pd.MultiIndex.from_frame(pd.concat([text_of(frame, n) for n in names], axis=1))
    codes, distinct = keys.factorize()
    joined = [" | ".join(text for text in texts if text) for texts in distinct]
    return pd.Series(joined, dtype="str").take(codes).set_axis(frame.index)


def _day_of(text: str) -> str:
    """Day that a period is, or the first and the last day of a range; else nothing."""
    period = parse_period(text)
    if period is None:
        return ""
    if period.days == 1:
        return _iso(period.start)
    return days_of(text) if period.kind == "TimeRange" else ""


def days_of(text: str) -> str:
    """First and last day of a period, `""` for what is none.

    Examples
    --------
    >>> days_of("2023"), days_of("2023-Q1")
    ('2023-01-01/2023-12-31', '2023-01-01/2023-03-31')
    """
    period = parse_period(text)
    if period is None:
        return ""
    return f"{_iso(period.start)}/{_iso(period.end - 1)}"


def _iso(number: int) -> str:
    """Text of a day by its number; Python has no date of a year above 9999."""
    year, month, day = date_parts(number)
    return f"{year:04}-{month:02}-{day:02}"


def statements_of(notes: pd.Series[str], field: str) -> pd.Series[str]:
    """What notes of ILO's types say of one field: ages, scope, criterion, refugees, date."""
    return mapped(notes, lambda text: read_statements(text).fields.get(field, ""))


def unstated_fields(source: str) -> dict[str, str]:
    """Fields of a `Record` that a source cannot fill, and why.

    Raises
    ------
    StructureError
        No such source.

    Examples
    --------
    >>> unstated_fields("eurostat")["refugees"]
    'Eurostat does not tell refugees apart in its stocks'
    """
    reasons = {}
    for row in facts.rows("maps/unstated.csv"):
        if source in row["sources"].split():
            reasons[row["field"]] = row["reason"]
    if not reasons:
        raise StructureError(f"Expected a source, found {source!r}.")
    return reasons

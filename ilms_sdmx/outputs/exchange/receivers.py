"""Who receives figures: formats, actions, names of files and limits of each, as data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import ExchangeError
from ilms_sdmx.outputs.exchange.formats import actions_of
from ilms_sdmx.periods import parse_period
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    from ilms_sdmx.datasets import Dataset

#: What the name of a file may have; everything else becomes an underscore.
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Receiver:
    """A receiver of packages.

    Parameters
    ----------
    id, name
        Short name, and what it is called.
    format
        Format of its data messages.
    actions
        Actions of a data set that it understands; those of the format at most.
    structure_format
        Format of its structure messages.
    pattern
        Name of a data file without its ending: `{id}`, `{agency}`, `{area}`, `{area2}`,
        `{period}`, `{year}`, `{number}`, `{frequency}` and `{version}` are filled in.
    limit
        Most bytes of one file; 0 for no limit.
    takes_questionnaire
        Whether it takes a filled questionnaire.
    address
        Where a person hands it in; empty where that differs.
    """

    id: str
    name: str
    format: str
    actions: tuple[str, ...]
    structure_format: str
    pattern: str
    limit: int = 0
    takes_questionnaire: bool = False
    address: str = ""

    def with_format(self, format: str) -> Receiver:
        """Receiver that takes another format, with all actions that it has."""
        return replace(self, format=format, actions=actions_of(format))


def receivers() -> dict[str, Receiver]:
    """Receivers by their id; `dsd/exchange/receivers.csv` has them.

    Examples
    --------
    >>> from ilms_sdmx.outputs.exchange.receivers import receivers
    >>> receivers()["stat"].format, receivers()["stat"].limit
    ('sdmx-csv-2.0', 30000000)
    """
    known = {}
    for row in facts.rows("exchange/receivers.csv"):
        known[row["id"]] = Receiver(
            row["id"],
            row["name"],
            row["format"],
            tuple(row["actions"].split()),
            row["structure_format"],
            row["pattern"],
            int(row["limit"]),
            row["questionnaire"] == "Y",
            row["address"],
        )
    return known


def receiver(id: str) -> Receiver:
    """Receiver of an id.

    Raises
    ------
    ExchangeError
        There is none; the message names those that there are.
    """
    known = receivers()
    if id not in known:
        names = ", ".join(known)
        raise ExchangeError(f"expected a receiver among {names}; found {id!r}")
    return known[id]


def file_name(pattern: str, dataset: Dataset, version: int = 1) -> str:
    """Name of the file of a data set, without its ending.

    Raises
    ------
    ExchangeError
        The pattern names something that nobody knows.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset
    >>> from ilms_sdmx.outputs.exchange.receivers import file_name
    >>> frame = pd.DataFrame({"REF_AREA": ["THA"], "FREQ": "A", "TIME_PERIOD": "2023"})
    >>> stock = Dataset(frame, Components(tuple(frame)), "ILO:DF_X(1.0)")
    >>> file_name("{agency}_DF_{id}_{frequency}_{area2}_{year}_{number}_V{version}", stock, 2)
    'ILO_DF_X_A_TH_2023_0000_V0002'
    """
    try:
        name = pattern.format_map(_said(dataset, version))
    except (KeyError, ValueError, IndexError) as error:
        known = ", ".join(_said(dataset, version))
        raise ExchangeError(f"pattern {pattern!r}: {error} is none of {known}") from error
    return _UNSAFE.sub("_", name).strip("_")


def _said(dataset: Dataset, version: int) -> Mapping[str, str]:
    """What a pattern may name."""
    agency, _, rest = dataset.dataflow.rpartition(":")
    id = rest.partition("(")[0].removeprefix("DF_")
    areas = texts_of(dataset, "REF_AREA")
    periods = periods_of(dataset)
    last = periods[-1] if periods else ""
    area = areas[0] if len(areas) == 1 else "MULTI" if areas else "NONE"
    return {
        "agency": agency or "NONE",
        "id": id or "data",
        "area": area,
        "area2": _alpha2(area),
        "period": f"{periods[0]}-{last}" if len(periods) > 1 else last,
        "year": _year(last),
        "number": _number(last),
        "frequency": "".join(texts_of(dataset, "FREQ")) or "A",
        "version": f"{version:04d}",
    }


def texts_of(dataset: Dataset, column: str) -> list[str]:
    """Texts of a column, each once, sorted; none where there is no such column."""
    if column not in dataset.observations:
        return []
    values: Any = dataset.observations[column].dropna().unique()
    return sorted(map(str, values))


def periods_of(dataset: Dataset) -> list[str]:
    """Periods of a data set, each once, in time."""
    return in_time(texts_of(dataset, "TIME_PERIOD"))


def in_time(periods: Iterable[str]) -> list[str]:
    """Periods in order of their first days; texts that are none come first."""
    return sorted(periods, key=_begin)


def _begin(text: str) -> tuple[int, str]:
    period = parse_period(text)
    return (period.start if period is not None else 0), text


def _alpha2(area: str) -> str:
    for row in facts.rows("crosswalk.csv"):
        if row["code"] == area:
            return str(row["iso2"] or area)
    return area


def _year(text: str) -> str:
    period = parse_period(text)
    return str(period.year) if period is not None else ""


def _number(text: str) -> str:
    """Number of a period in its year, 0000 for a whole year."""
    period = parse_period(text)
    if period is None or period.is_year or not period.months:
        return "0000"
    place = (period.first.month - 1) // period.months + 1
    return f"{place:04d}"

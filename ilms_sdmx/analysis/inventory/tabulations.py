"""Cells that the questionnaire asks of a table, and which of them have a figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from ilms_sdmx.structures import facts
from ilms_sdmx.structures.constraints import version
from ilms_sdmx.structures.flows import dimensions

SEXES = ("SEX_T", "SEX_F", "SEX_M")
_NOT_ASKED = frozenset({"REF_AREA", "FREQ", "MEASURE", "SEX", "TIME_PERIOD"})
#: How far the countries may be from the total and still be all of it: what rounding leaves.
_ROUNDING = 0.005


@dataclass(frozen=True, slots=True)
class Filled:
    """How many cells have a figure.

    Parameters
    ----------
    cells
        Cells with a figure.
    asked
        Cells that are asked.
    """

    cells: int
    asked: int

    @property
    def share(self) -> float:
        """Share of the cells with a figure."""
        return self.cells / self.asked


def filled(id: str, figures: Mapping[tuple[str, str], float]) -> Filled:
    """Cells of a dataflow that have a figure, by the printed classification that has most.

    Parameters
    ----------
    id
        Dataflow without `DF_`.
    figures
        Value by sex and code (codes of several dimensions joined by `|`).

    Examples
    --------
    >>> filled("POP_MNAS_SEX_CRS_NB", {("SEX_T", "CRS_RES_TOTAL"): 5.0})
    Filled(cells=1, asked=21)
    """
    best = None
    for codes, countries in _choices(id):
        count = _filled_cells(codes, countries, figures)
        asked = len(SEXES) * (len(codes) + countries)
        found = Filled(count, asked)
        if best is None or found.share > best.share:
            best = found
    if best is None:
        raise LookupError(f"the questionnaire asks no table of {id}")
    return best


def _filled_cells(
    codes: Iterable[str], countries: int, figures: Mapping[tuple[str, str], float]
) -> int:
    """Number of the cells with a figure, up to so many countries for each sex."""
    listed = list(codes)
    count = 0
    for sex in SEXES:
        count += sum((sex, code) in figures for code in listed)
        if countries:
            count += _filled_countries(sex, listed, countries, figures)
    return count


def _filled_countries(
    sex: str, codes: list[str], countries: int, figures: Mapping[tuple[str, str], float]
) -> int:
    """Countries of one sex with a figure, and the others where no country is left out."""
    total, others = codes
    values = []
    for (of_sex, code), value in figures.items():
        if of_sex == sex and code not in codes:
            values.append(value)
    count = min(len(values), countries)
    whole = figures.get((sex, total))
    if (sex, others) in figures or whole is None or not values:
        return count
    is_whole = abs(sum(values) - whole) <= _ROUNDING * abs(whole)
    # All countries are there: none of five, and no other one, is missing.
    return countries + 1 if is_whole else count


@cache
def _choices(id: str) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Codes, and number of countries, of each combination of printed classifications."""
    known = {row["version"]: row for row in facts.rows("tabulations.csv")}
    row = facts.by_id("dataflows.csv")[id]
    by_dimension: dict[str, list[facts.Row]] = {}
    for name in dimensions(id):
        if name not in _NOT_ASKED:
            by_dimension[name] = []
    for printed in row["questionnaire"].split():
        by_dimension[printed.partition("_")[0]].append(known[printed])
    choices = []
    for rows in product(*by_dimension.values()):
        lists = [each["codes"].split() for each in rows]
        codes = tuple("|".join(combined) for combined in product(*lists))
        countries = max(int(each["countries"] or 0) for each in rows)
        choices.append((codes, countries))
    return tuple(choices)


def total_code(id: str) -> str:
    """Code of the total of a dataflow, the migrants where it tells them from others.

    >>> total_code("EMP_MFLC_SEX_ECO_NB"), total_code("POP_XWAP_SEX_AGE_CBR_NB")
    ('ECO_SECTOR_TOTAL', 'AGE_AGGREGATE_TOTAL|CBR_BIR_FOREIGN')
    """
    codes, _ = _choices(id)[0]
    parts = codes[0].split("|")
    migrants = {"CBR_BIR": "CBR_BIR_FOREIGN", "CCT_CIT": "CCT_CIT_NONCIT"}
    return "|".join(migrants.get(version(part), part) for part in parts)


def total_codes(id: str) -> tuple[str, ...]:
    """Codes of the total in each printed classification: all give the same figure."""
    found: dict[str, None] = {}
    migrants = {"CBR_BIR": "CBR_BIR_FOREIGN", "CCT_CIT": "CCT_CIT_NONCIT"}
    for codes, _ in _choices(id):
        parts = codes[0].split("|")
        code = "|".join(migrants.get(version(part), part) for part in parts)
        found[code] = None
        found[code.replace("AGE_AGGREGATE_TOTAL", "AGE_YTHADULT_YGE15")] = None
    return tuple(found)

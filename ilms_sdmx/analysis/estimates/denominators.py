"""Migrants of working age by UN DESA: the denominators of the third edition."""

from __future__ import annotations

from ilms_sdmx.analysis.estimates.harmonising import YOUNGEST
from ilms_sdmx.errors import EstimateError
from ilms_sdmx.structures import facts

_FILE = "estimates/migrants_2019.csv"


def migrants_of_working_age(group: str = "X01", sex: str = "SEX_T") -> int:
    """Migrants aged 15 and more in 2019, persons, by UN DESA's revision of 2019.

    United Nations, Department of Economic and Social Affairs, Population Division (2019),
    International Migrant Stock 2019, CC BY 3.0 IGO. The sum of five-year ages from 15 on.

    Parameters
    ----------
    group
        Code of the world (X01) or of an income group (X02 low to X05 high).
    sex
        `SEX_T`, `SEX_M` or `SEX_F`.

    Raises
    ------
    EstimateError
        There is no such group or sex.

    Examples
    --------
    >>> from ilms_sdmx import migrants_of_working_age
    >>> round(migrants_of_working_age() / 1e6, 2)
    245.64
    """
    for row in facts.rows(_FILE):
        if (row["group"], row["sex"]) == (group, sex):
            return sum(int(count) for ages, count in row.items() if _is_of_working_age(ages))
    groups = ", ".join(dict.fromkeys(row["group"] for row in facts.rows(_FILE)))
    raise EstimateError(
        f"expected a group of {groups} and a sex of SEX_T, SEX_M, SEX_F, found {group} {sex}"
    )


def _is_of_working_age(heading: str) -> bool:
    """Whether a heading is of ages from 15 on: `15-19`, `75+`."""
    first = heading.rstrip("+").partition("-")[0]
    return first.isdigit() and int(first) >= YOUNGEST

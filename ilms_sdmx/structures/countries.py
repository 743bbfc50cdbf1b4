"""Countries and areas in the codes of other organisations, and members of ASEAN."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    import pandas as pd


def crosswalk() -> pd.DataFrame:
    """Countries, areas and groups: ILO's code next to those of other organisations.

    Returns
    -------
    DataFrame
        All text, `""` where there is no code; columns `code`, `iso2`, `iso3`, `m49`, `locid`,
        `worldbank`, `oecd`, `eurostat`, `name`, `kind`, `valid_from`, `valid_to`, `note`.
        `code` is that of CL_AREA, or the ending of a partner code (`CDS_DES_` + `USACAN`) where
        only lists of partner countries have it; it is unique but for `""`, an area to which ILO
        gives no code. `m49` has three digits, `locid` is UN DESA's number (its regions are not
        M49's, nor ILO's, so that only countries and the world are joined). `kind` is country
        (or area), former, part (of a country), combined, region, income, group, world or
        residual. A code of ISO is at the area that had it last: `ET` at Ethiopia, not at
        the former one with Eritrea. `valid_from` and `valid_to` are the first and last day on
        which the area was
        what its code says, `""` where that has no bound that matters here.

    Examples
    --------
    >>> table = crosswalk().set_index("code")
    >>> table.loc["KOS", ["locid", "worldbank", "oecd", "eurostat"]].tolist()
    ['412', 'XKX', 'XKV', 'XK']
    """
    return facts.frame("crosswalk.csv")


def asean(at: str | date = "2025-12-31") -> list[str]:
    """Members of ASEAN on a day, by date of accession.

    Eleven since Timor-Leste joined on 26 October 2025.

    Parameters
    ----------
    at
        A day, as `date` or `"2025-10-26"`.

    Raises
    ------
    StructureError
        `at` is not a day.

    Examples
    --------
    >>> len(asean("2025-10-25")), len(asean())
    (10, 11)
    """
    try:
        day = at if isinstance(at, date) else date.fromisoformat(at)
    except ValueError as error:
        raise StructureError(f"Expected a day, as 2025-10-26, found {at!r}.") from error
    return [
        row["code"]
        for row in facts.rows("asean.csv")
        if date.fromisoformat(row["accession"]) <= day
    ]


def is_for_users(code: str) -> bool:
    """Whether ISO 3166 leaves a code to users: no state will ever have it.

    It serves for states that do not exist, in examples and trials.

    >>> is_for_users("ZZZ"), is_for_users("ZWE"), is_for_users("XAB")
    (True, False, True)
    """
    if len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
        return False
    is_q = "QMA" <= code <= "QZZ"
    return is_q or code[0] == "X" or code[:2] in ("AA", "ZZ")

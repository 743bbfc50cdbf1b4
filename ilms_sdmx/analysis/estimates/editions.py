"""Headline figures of ILO's global estimates, each with its edition and never as one series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.errors import EstimateError
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    import pandas as pd

#: Why figures of two editions are no series.
REASON = (
    "editions of ILO's estimates are no series: stock of migrants, treatment of refugees, "
    "income groups and method changed. By the fourth edition the figure of 2013 is "
    "more than 30 million below the 167.7 million of 2022; by the first edition it is 150.3 "
    "million"
)


def headline_figures(edition: int | None = None) -> pd.DataFrame:
    """Headline figures of one edition or of all four, one row a figure, all text.

    What no source says is not there.

    Returns
    -------
    DataFrame
        `edition`, `year`, `item`, `group`, `unit`, `value` as printed, `method` (modelled),
        `source`, `address` and `note`.

    Raises
    ------
    EstimateError
        There is no such edition.

    Examples
    --------
    >>> from ilms_sdmx import headline_figures
    >>> fourth = headline_figures(4)
    >>> fourth.loc[fourth["group"] == "women", "value"].tolist()
    ['64.9']
    """
    table = facts.frame("estimates/headlines.csv")
    editions = facts.by_id("estimates/editions.csv")
    sources = facts.by_id("estimates/sources.csv")
    years = table["edition"].map(lambda id: editions[id]["year"])
    addresses = table["source"].map(lambda id: sources[id]["address"])
    table.insert(1, "year", years)
    table.insert(6, "method", "modelled")
    table.insert(8, "address", addresses)
    if edition is None:
        return table
    if str(edition) not in editions:
        known = ", ".join(editions)
        raise EstimateError(f"expected an edition of {known}, found {edition}")
    is_of_edition = table["edition"] == str(edition)
    return table[is_of_edition].reset_index(drop=True)


def headline_series(item: str, group: str = "all") -> pd.DataFrame:
    """Figures of an item through time: refused where they are of several editions.

    Raises
    ------
    EstimateError
        Several editions have the figure: they are no series; or none has it.

    Examples
    --------
    >>> from ilms_sdmx import headline_series
    >>> headline_series("migrants in the labour force")
    Traceback (most recent call last):
    ilms_sdmx.errors.EstimateError: editions of ILO's estimates are no series: ...
    """
    table = headline_figures()
    is_asked = (table["item"] == item) & (table["group"] == group)
    rows = table[is_asked].reset_index(drop=True)
    if rows.empty:
        items = ", ".join(dict.fromkeys(table["item"]))
        raise EstimateError(f"no edition has {item!r} for {group!r}; items are {items}")
    editions = list(dict.fromkeys(rows["edition"]))
    if len(editions) > 1:
        listed = ", ".join(editions)
        raise EstimateError(
            f"{REASON}. Editions {listed} have this figure: take headline_figures(edition), "
            "one edition at a time"
        )
    return rows

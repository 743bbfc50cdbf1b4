"""Guard against answers that are cut short: a large part of a table goes only if accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ilms_sdmx.errors import DatabaseError

if TYPE_CHECKING:
    import pandas as pd

#: Share of the keys of a table that may go without being accepted.
_MOST_REMOVED = 0.1
#: What a person does where much is gone.
_ADVICE = "nothing was changed; if this is right, run it again with --accept-removals"


class RemovalError(DatabaseError):
    """A large part of a table would be removed, which nobody has accepted."""


def refuse_removals(
    held: pd.DataFrame, is_gone: pd.Series[bool], keys: Sequence[str], table: str
) -> None:
    """Refuse that a large part of a table goes.

    Parameters
    ----------
    held
        Keys of the figures that hold.
    is_gone
        Which of them would be removed.

    Raises
    ------
    RemovalError
        More than 10 % of the keys would go, or all figures of an area or of a series.
    """
    count = int(is_gone.sum())
    if not count:
        return
    if count > _MOST_REMOVED * len(held):
        share = f"{count:,} of {len(held):,} keys of {table} are gone"
        raise RemovalError(f"{share}: {_ADVICE}")
    gone = held[is_gone]
    left = held[~is_gone]
    if "REF_AREA" in keys:
        _refuse_lost_groups(gone, left, ["REF_AREA"], "area", table)
    series = list(keys)
    for key in ("TIME_PERIOD", "figure_source"):
        if key in series:
            series.remove(key)
    _refuse_lost_groups(gone, left, series, "series", table)


def _refuse_lost_groups(
    gone: pd.DataFrame, left: pd.DataFrame, columns: list[str], kind: str, table: str
) -> None:
    """Refuse that all figures of a group go: that nothing is left with its codes."""
    groups_left = set(left[columns].itertuples(index=False, name=None))
    for group in gone[columns].itertuples(index=False, name=None):
        if group in groups_left:
            continue
        codes = ".".join(map(str, group))
        raise RemovalError(f"the whole {kind} {codes} of {table} is gone: {_ADVICE}")

"""Differences between two versions of a data set that are handed in, or read from files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets.changes import changes_between
from ilms_sdmx.messages.intake import only_dataset

if TYPE_CHECKING:
    from ilms_sdmx.datasets.changes import Changes


def diff(earlier: Any, later: Any) -> Changes:
    """What changed between two versions of a data set, by key: added, changed, removed.

    Values are compared as text: `1.10` and `1.1` differ.

    Parameters
    ----------
    earlier, later
        Data sets, or whatever holds one: a conversion, a message, the path of one.

    Raises
    ------
    StructureError
        The two have other dimensions, or one has a key twice.
    TypeError
        One of them holds no data set, or several.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset
    >>> def stock(*rows):
    ...     frame = pd.DataFrame(rows, columns=["REF_AREA", "OBS_VALUE"], dtype="string")
    ...     return Dataset(frame, Components(("REF_AREA",)))
    >>> changes = diff(stock(("KHM", "1.5"), ("LAO", "2")), stock(("KHM", "1.6"), ("MMR", "3")))
    >>> changes
    <Changes: 1 added, 1 changed, 1 removed>
    >>> changes.frame[["REF_AREA", "change"]].values.tolist()
    [['KHM', 'changed'], ['LAO', 'removed'], ['MMR', 'added']]
    """
    before = only_dataset(earlier)
    after = only_dataset(later)
    return changes_between(before, after)

"""Settling of keys that occur twice.

Equal values are noted and written once, different ones are an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets import Components
from ilms_sdmx.findings import Finding, Place, find, phrase

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Finding of figures, and the numbers of these.
Loss = tuple[Finding, "pd.Index[Any]"]
#: Most findings made, and most cells named in one: data written twice over would drown all
#: else.
MOST, SHOWN = 1000, 20


@dataclass(frozen=True, eq=False)
class _Repetitions:
    """Figures that give one key several times.

    Parameters
    ----------
    group
        Number of the key of each figure.
    is_equal
        Whether all values of each key are equal.
    """

    group: pd.Series[int]
    is_equal: pd.Series[bool]

    @property
    def of_equal(self) -> np.ndarray:
        """Whether the values of the key of each figure are equal."""
        mask: np.ndarray = self.is_equal.loc[self.group].to_numpy()
        return mask


def settle(
    keys: pd.DataFrame,
    outcome: pd.Series[str],
    components: Components,
    figures: pd.DataFrame,
    place: Callable[[int], Place],
) -> list[Loss]:
    """Mark repeated keys in `outcome` (`repeated`, `conflict`) and say so.

    Of equal ones the first is written; of different ones none is, for nothing says which is
    right. Each finding has the numbers of its figures; after many keys the others are in one.
    """
    import numpy as np

    dimensions = list(components.dimensions)
    measure = components.measures[0]
    written = keys[outcome == "written"]
    repetitions = _repetitions(written, dimensions, measure)
    if repetitions is None:
        return []
    group = repetitions.group
    of_equal = repetitions.of_equal
    outcome[group.index] = np.where(of_equal, "repeated", "conflict")
    is_first = ~group.duplicated() & of_equal
    first_figures = group.index[is_first]
    outcome[first_figures] = "written"
    texts = figures["text"] if "text" in figures.columns else keys[measure]
    losses = []
    for same_key, is_equal in _each_key(repetitions):
        rows = keys.index.get_indexer(same_key)
        key = keys[dimensions].iloc[rows[0]].astype("str")
        shown = rows[:SHOWN].tolist()
        places = list(map(place, shown))
        printed = list(map(str, texts.iloc[shown]))
        further = _addresses(figures, rows[SHOWN:])
        finding = _find_repetition(is_equal, key.to_dict(), places, printed, measure, further)
        losses.append((finding, same_key))
    return losses


def _addresses(figures: pd.DataFrame, rows: np.ndarray) -> list[str]:
    """Addresses of the figures at some positions, nothing for figures of no cells."""
    if "cell" not in figures.columns:
        return ["..."] * len(rows)
    return list(map(str, figures["cell"].iloc[rows]))


def _each_key(repetitions: _Repetitions) -> Iterator[tuple[pd.Index[Any], bool]]:
    """Numbers of the figures of each key, and whether they are equal.

    Those of the keys after many are together, so that none is lost.
    """
    group = repetitions.group
    is_shown = group < MOST
    for number, figures in group[is_shown].groupby(group[is_shown], sort=False):
        yield figures.index, bool(repetitions.is_equal.loc[number])
    is_equal = repetitions.of_equal
    for equal in (False, True):
        rest = group.index[(~is_shown).to_numpy() & (is_equal == equal)]
        if len(rest):
            yield rest, equal


def _repetitions(
    written: pd.DataFrame, dimensions: list[str], measure: str
) -> _Repetitions | None:
    """Figures whose key occurs more than once; None where there are none."""
    is_repeated = written.duplicated(dimensions, keep=False)
    if not is_repeated.any():
        return None
    repeated = written[is_repeated]
    key_texts = repeated[dimensions].astype("str")
    group = key_texts.groupby(dimensions, sort=False).ngroup()
    values = repeated[measure]
    exact = {value: _exact(value) for value in values.unique()}
    exact_values = values.map(exact).astype("object").fillna("")
    distinct_values = exact_values.groupby(group).nunique()
    return _Repetitions(group, distinct_values.eq(1))


def _exact(value: object) -> str:
    """Number without zeros that mean nothing, empty for a missing one."""
    if not isinstance(value, str) or not value:
        return ""
    number = Decimal(value)
    return str(number.normalize())


def _find_repetition(
    equal: bool,
    key: dict[str, str],
    places: list[Place],
    printed: list[str],
    measure: str,
    further: list[str],
) -> Finding:
    """Make the finding of cells that give one observation, with equal or different values.

    Of the first cells it says what they print, and of the further ones where they are.
    """
    count = len(places) + len(further)
    cells = []
    for place, text in zip(places, printed, strict=True):
        cells.append(_printed(place, text))
    cells += further
    rule = "conflicting-observations"
    lost = phrase("observations-not-written", count=count)
    if equal:
        rule = "repeated-observation"
        lost = phrase("written-once")
    place = replace(places[0], key=key)
    read = ", ".join(printed)
    named_cells = ", ".join(cells)
    return find(
        rule,
        place,
        component=measure,
        read=read,
        affects=lost,
        count=count,
        cells=named_cells,
    )


def _printed(place: Place, text: str) -> str:
    """What a cell prints, or the text alone where its cell is not known."""
    figure = repr(text)
    if not place.cell:
        return figure
    return phrase("prints", sheet=repr(place.sheet), cell=place.cell, figure=figure)

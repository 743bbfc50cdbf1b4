"""Two sides brought to common partners, sexes and dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ilms_sdmx.analysis.comparison import areas
from ilms_sdmx.analysis.comparison.sides import KEY, keys
from ilms_sdmx.periods import parse_period

if TYPE_CHECKING:
    from ilms_sdmx.analysis.comparison.sides import Side

#: Beyond this many days two figures are not compared at all: five years lie between editions.
MAX_GAP_DAYS = 1096


@dataclass(frozen=True, eq=False)
class Aligned:
    """Two sides on common categories.

    Parameters
    ----------
    ours, theirs
        Figures; `host`, `origin`, `sex` and `detail` have the same categories on both.
    focus
        `host` or `origin`: the area whose partners are lined up.
    """

    ours: pd.DataFrame
    theirs: pd.DataFrame
    focus: str

    @property
    def partner(self) -> str:
        """The other of `host` and `origin`."""
        if self.focus == "host":
            return "origin"
        return "host"


def align(ours: Side, theirs: Side) -> Aligned:
    """Both sides on common categories, lined up by the area that ours reports for."""
    our_figures = ours.figures.copy(deep=False)
    their_figures = theirs.figures.copy(deep=False)
    left, right = our_figures, their_figures
    for name in KEY:
        categories = left[name].cat.categories
        union = categories.union(right[name].cat.categories)
        left[name] = left[name].cat.set_categories(union)
        right[name] = right[name].cat.set_categories(union)
    direction = ours.concept.direction
    focus = "origin"
    if direction == "in":
        focus = "host"
    return Aligned(left, right, focus)


def date_matches(aligned: Aligned, max_gap_days: int) -> np.ndarray:
    """Code of their date for each (area, date of ours), the nearest of each other; -1 for none.

    Of two dates equally near the earlier is taken.
    """
    our_days = middles(aligned.ours["date"])
    their_days = middles(aligned.theirs["date"])
    days_between = np.subtract.outer(our_days, their_days)
    gaps = np.abs(days_between).astype("float64")
    is_near = gaps <= max_gap_days
    gaps[~is_near] = np.inf
    has_ours = _present(aligned.ours, aligned.focus)
    has_theirs = _present(aligned.theirs, aligned.focus)
    matches = np.full(has_ours.shape, -1, dtype="int32")
    ours_anywhere = has_ours.any(axis=1)
    theirs_anywhere = has_theirs.any(axis=1)
    in_both = ours_anywhere & theirs_anywhere
    for area in np.flatnonzero(in_both):
        both_present = np.logical_and.outer(has_ours[area], has_theirs[area])
        gaps_of_area = np.where(both_present, gaps, np.inf)
        matches[area] = _mutual_nearest(gaps_of_area)
    return matches


def _mutual_nearest(gaps: np.ndarray) -> np.ndarray:
    """Column that is the nearest of each row and has that row as its own nearest.

    -1 where none is.
    """
    rows = np.arange(len(gaps))
    nearest = gaps.argmin(axis=1)
    nearest_back = gaps.argmin(axis=0)
    back = nearest_back[nearest]
    is_mutual = back == rows
    gap_of_nearest = gaps[rows, nearest]
    is_near = np.isfinite(gap_of_nearest)
    return np.where(is_mutual & is_near, nearest, -1)


def middles(column: pd.Series[Any]) -> np.ndarray:
    """Middle day of each category of a column of periods; NaN where it is none."""
    categories = column.cat.categories
    days = []
    for text in categories:
        day = middle_day(str(text))
        if day is None:
            days.append(np.nan)
        else:
            days.append(day)
    return np.array(days, dtype="float64")


def middle_days(dates: pd.Series[Any]) -> np.ndarray:
    """Middle day of each row of a categorical column of periods; NaN where it is none."""
    if not len(dates):
        return np.array([])
    codes = dates.cat.codes
    days: np.ndarray = middles(dates)[codes]
    return days


def middle_day(text: str) -> int | None:
    """Give the middle day of a period as a number: 1 July for a year; None where it is none."""
    period = parse_period(text)
    if period is None:
        return None
    return period.middle


def _present(side: pd.DataFrame, focus: str) -> np.ndarray:
    """Whether an area has a figure at a date: shape (areas, dates); dates in order of time."""
    date = side["date"]
    area = side[focus]
    area_count = len(area.cat.categories)
    date_count = len(date.cat.categories)
    present = np.zeros((area_count, date_count), dtype="bool")
    present[area.cat.codes, date.cat.codes] = True
    return present


def join(aligned: Aligned, matches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the figures on both sides with the same key and matching dates."""
    ours = aligned.ours
    theirs = aligned.theirs
    focus_codes = ours[aligned.focus].cat.codes
    date_codes = ours["date"].cat.codes
    matching_date = matches[focus_codes, date_codes]
    date = theirs["date"]
    categories = date.cat.categories
    last_match = matches.max(initial=0)
    date_count = max(last_match + 1, len(categories))
    our_key = keys(ours, KEY)
    our_keys = our_key * date_count + matching_date
    codes = date.cat.codes.to_numpy()
    their_key = keys(theirs, KEY)
    their_keys = their_key * date_count + codes
    candidates = np.flatnonzero(matching_date >= 0)
    order = np.argsort(their_keys, kind="stable")
    ordered_keys = their_keys[order]
    keys_of_candidates = our_keys[candidates]
    places = np.searchsorted(ordered_keys, keys_of_candidates)
    is_there = places < len(ordered_keys)
    places_inside = places[is_there]
    keys_there = ordered_keys[places_inside]
    is_there[is_there] = keys_there == keys_of_candidates[is_there]
    left = candidates[is_there].astype("int32")
    places_there = places[is_there]
    right = order[places_there].astype("int32")
    return left, right


@dataclass(frozen=True, eq=False)
class Groups:
    """Figures of one area, sex, detail and date: what a total and a residual belong to.

    Parameters
    ----------
    number
        Group of each figure of a side.
    total
        Total of each group: as reported, else the sum of complete parts, else NaN.
    derived
        Whether the total is such a sum.
    """

    number: np.ndarray
    total: np.ndarray
    derived: np.ndarray

    @classmethod
    def of(cls, figures: pd.DataFrame, focus: str, partner: str) -> Groups:
        """Group a side; parts are complete where others are reported next to the countries."""
        key_numbers = keys(figures, [focus, "sex", "detail", "date"])
        codes, distinct = pd.factorize(key_numbers)
        number = codes.astype("int32")
        kind = _kind_codes(figures[partner])
        value = figures["value"].to_numpy()
        is_total = kind == _TOTAL
        is_others = kind == _OTHERS
        is_country = kind == _COUNTRY
        group_count = len(distinct)
        total = _of_groups(number, value, is_total, group_count)
        others = _of_groups(number, value, is_others, group_count)
        groups_of_countries = number[is_country]
        countries = np.bincount(groups_of_countries, value[is_country], group_count)
        parts = countries + others
        has_parts = ~np.isnan(parts)
        derived = np.isnan(total) & has_parts
        known_total = np.where(derived, parts, total)
        return cls(number, known_total, derived)


def _of_groups(
    number: np.ndarray, value: np.ndarray, chosen: np.ndarray, group_count: int
) -> np.ndarray:
    """Value of the figure chosen in each group; NaN where there is none."""
    values = np.full(group_count, np.nan)
    groups = number[chosen]
    values[groups] = value[chosen]
    return values


_KINDS = ["country", "total", "others", "group"]
_COUNTRY, _TOTAL, _OTHERS, _GROUP = range(4)


def _kind_codes(partner: pd.Series[Any]) -> np.ndarray:
    """Kind of each partner as a code of `country`, `total`, `others`, `group`."""
    kinds = areas.kinds(partner.cat.categories)
    kind_codes = [_KINDS.index(kind) for kind in kinds] or [0]
    by_category = np.array(kind_codes)
    return by_category[partner.cat.codes.to_numpy()]


def partner_kinds(partner: pd.Series[Any]) -> pd.Categorical[str]:
    """Kind of each partner: country, total, others or group."""
    kind_codes = _kind_codes(partner).astype("int8")
    names = pd.Index(_KINDS)
    return pd.Categorical.from_codes(kind_codes, names)

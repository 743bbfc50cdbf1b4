"""Findings of a comparison: information, since a difference is no error of either side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ilms_sdmx.analysis.comparison.verdicts import Reason, Verdict
from ilms_sdmx.findings import Finding, Place, Report, find, phrase
from ilms_sdmx.sums import allowance, exceeds

if TYPE_CHECKING:
    from ilms_sdmx.analysis.comparison.sides import Side


#: Columns that tell the groups of partners apart of which one row is what is left of the total.
_GROUP = ("ours_name", "theirs_name", "area", "sex", "detail", "ours_period", "theirs_period")
#: Totals that differ of which a comparison tells one by one.
_APART = 200
#: Reasons that a statement of whom a table counts may remove.
_STATED = (Reason.SCOPE, Reason.SCOPE_UNKNOWN, Reason.CRITERION_UNKNOWN, Reason.AGES)


def remarks_on(pairs: pd.DataFrame, ours: Sequence[Side], theirs: Sequence[Side]) -> Report:
    """Report of a comparison: one source twice, sides that never meet, negative residuals."""
    sides = (*ours, *theirs)
    below_zero = _below_zero(pairs, sides)
    same_sources = _same_sources(pairs, sides)
    not_stated = _not_stated(pairs, ours)
    apart = _apart(pairs)
    never_met = _never_met(pairs, ours, theirs)
    return Report.of(
        [
            *same_sources,
            *never_met,
            *not_stated,
            *below_zero,
            *apart,
        ]
    )


def _same_sources(pairs: pd.DataFrame, all_sides: Sequence[Side]) -> Iterator[Finding]:
    """Two sides that re-serve one source agree by descent: that corroborates nothing."""
    met = _sides_that_met(pairs)
    sides = [side for side in all_sides if side.name in met]
    families: dict[str, list[str]] = {}
    for side in sides:
        record = side.records.iloc[0]
        family = str(record["same_as"] or record["source"])
        names_of_family = families.setdefault(family, [])
        names_of_family.append(side.name)
    served_again: set[str] = set()
    for side in sides:
        same_as = side.records["same_as"]
        served_again.update(map(str, same_as.unique()))
    served_again.discard("")
    for family in served_again & families.keys():
        names = families[family]
        if len(names) > 1:
            both = " and ".join(names)
            yield find("comparison-same-source", names=both, source=family)


def _sides_that_met(pairs: pd.DataFrame) -> set[str]:
    """Names of the sides that have a figure in a pair."""
    return {*pairs["ours_name"].unique(), *pairs["theirs_name"].unique()}


def _never_met(
    pairs: pd.DataFrame, ours: Sequence[Side], theirs: Sequence[Side]
) -> Iterator[Finding]:
    """Sides that meet nothing on the other side.

    Of a comparator with several tables it is told where none of them has met.
    """
    met = _sides_that_met(pairs)
    comparators_that_met = {side.comparator for side in theirs if side.name in met}
    apart = [side for side in ours if side.name not in met]
    apart += [side for side in theirs if side.comparator not in comparators_that_met]
    for side in apart:
        other_sides = theirs
        if side in theirs:
            other_sides = ours
        others = ", ".join(s.name for s in other_sides)
        named = others or phrase("anything")
        dataset = side.datasets[0]
        place = Place(dataflow=dataset.dataflow)
        yield find("comparison-nothing-common", place, name=side.name, others=named)


def _has_reason(pairs: pd.DataFrame, *reasons: Reason) -> np.ndarray:
    """Whether each pair has one of some reasons.

    Combinations that occur often are read once.
    """
    words = {reason.word for reason in reasons}
    combinations = pairs["reasons"].astype("category").cat
    has_word = []
    for text in combinations.categories:
        words_of_text = str(text).split()
        has_word.append(not words.isdisjoint(words_of_text))
    by_code = np.array([*has_word, False], dtype="bool")
    return by_code[combinations.codes.to_numpy()]


def _not_stated(pairs: pd.DataFrame, ours: Sequence[Side]) -> Iterator[Finding]:
    """Findings of sides whose figures are refused because whom they count is not said."""
    is_refused = _has_reason(pairs, *_STATED)
    refused_names = pairs.loc[is_refused, "ours_name"].astype("str")
    for name in refused_names.unique():
        for side in ours:
            record = side.records.iloc[0]
            if side.name != name or record["edition"]:
                continue
            dataset = side.datasets[0]
            place = Place(dataflow=dataset.dataflow)
            scope = str(record["scope"]) or "unknown"
            ages = str(record["ages"]) or "unknown"
            criterion = str(record["criterion"])
            yield find(
                "comparison-not-stated",
                place,
                name=name,
                scope=scope,
                ages=ages,
                criterion=criterion,
            )


def _below_zero(pairs: pd.DataFrame, sides: Iterable[Side]) -> Iterator[Finding]:
    """Findings of residuals below zero by more than rounding: the parts exceed their total."""
    is_impossible = _has_reason(pairs, Reason.IMPOSSIBLE)
    partner_kind = pairs["partner_kind"]
    is_total = partner_kind == "total"
    totals = pairs[is_impossible & is_total]
    if totals.empty:
        return
    step_of_side = {side.name: float(side.figures["rounding"].max()) for side in sides}
    sums = _sums_of_countries(pairs, totals)
    for side in ("ours", "theirs"):
        names = totals[f"{side}_name"].astype("str")
        steps_by_name = names.map(step_of_side)
        steps = steps_by_name.to_numpy("float64")
        terms = sums[side, "size"].to_numpy() + 1
        sum_of_side = sums[side, "sum"].to_numpy()
        excess = sum_of_side - totals[side].to_numpy()
        steps_of_sum = steps * terms
        allowed = allowance(steps_of_sum)
        is_over = exceeds(excess, allowed)
        over = totals.assign(excess=excess)[is_over]
        yield from _find_excesses(over.head(50), side)


def _sums_of_countries(pairs: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """Sum and number of the countries that both sides name, for the group of each total."""
    partner_kind = pairs["partner_kind"]
    is_country = partner_kind == "country"
    has_ours = pairs["ours"].notna()
    has_theirs = pairs["theirs"].notna()
    both_known = has_ours & has_theirs
    group = list(_GROUP)
    grouped = pairs[is_country & both_known].groupby(group, observed=True)
    sums: pd.DataFrame = grouped[["ours", "theirs"]].agg(["sum", "size"])
    groups_of_totals = pd.MultiIndex.from_frame(totals[group])
    return sums.reindex(groups_of_totals)


def _find_excesses(over: pd.DataFrame, side: str) -> Iterator[Finding]:
    """Findings of totals of one side that are less than their countries."""
    case = "theirs"
    if side == "ours":
        case = ""
    names = ("area", "sex", "detail", f"{side}_period")
    for row in over.to_dict("records"):
        key = {name: str(row[name]) for name in names}
        name = str(row[f"{side}_name"])
        excess = f"{row['excess']:,.10g}"
        place = Place(key=key)
        yield find(
            "comparison-parts-exceed-total",
            place,
            case=case,
            name=name,
            excess=excess,
        )


def _apart(pairs: pd.DataFrame) -> Iterator[Finding]:
    """Totals that may be compared and differ by more than rounding."""
    verdict = pairs["verdict"]
    is_comparable = verdict != Verdict.NOT_COMPARABLE.value
    partner_kind = pairs["partner_kind"]
    is_total = partner_kind == "total"
    sex = pairs["sex"]
    is_both_sexes = sex == "SEX_T"
    agree = pairs["agree"]
    wanted = is_comparable & is_total & is_both_sexes & ~agree
    totals = pairs[wanted].head(_APART)
    for row in totals.to_dict("records"):
        yield _find_difference(row)


def _find_difference(pair: Mapping[Any, Any]) -> Finding:
    key = {}
    for name in ("area", "sex", "detail", "ours_period"):
        key[name] = str(pair[name])
    reasons = str(pair["reasons"])
    read = _number(pair["ours"])
    expected = _number(pair["theirs"])
    ours = str(pair["ours_name"])
    theirs = str(pair["theirs_name"])
    difference = _number(pair["difference"])
    place = Place(key=key)
    case = ""
    if reasons:
        case = "caution"
    return find(
        "comparison-differs",
        place,
        case=case,
        read=read,
        expected=expected,
        ours=ours,
        theirs=theirs,
        difference=difference,
        reasons=reasons,
    )


def _number(value: float) -> str:
    return f"{value:,.10g}"


def findings_of_pairs(sides: Sequence[Side], pairs: pd.DataFrame) -> Report:
    """Findings of the other sides that bear on the figures of pairs.

    Those of a side that is in no pair do not, nor those on an area that no pair is about.
    """
    names = pairs["theirs_name"].astype("str")
    kept = []
    for side in sides:
        areas = set(pairs.loc[names == side.name, "area"].astype("str"))
        for finding in side.findings:
            named = _areas_named(finding)
            bears = areas
            if named:
                bears = named & areas
            if bears:
                kept.append(finding)
    return Report(tuple(kept))


def _areas_named(finding: Finding) -> set[str]:
    """Areas that report or are reported on, in the key of the place of a finding."""
    key = finding.place.key
    return {key[name] for name in ("host", "origin") if name in key}

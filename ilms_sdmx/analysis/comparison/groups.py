"""Groups of partner countries of one side, added up on the other from their members."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ilms_sdmx.analysis.comparison import areas
from ilms_sdmx.analysis.comparison.meets import records_of_groups
from ilms_sdmx.analysis.comparison.sides import keys
from ilms_sdmx.analysis.comparison.stacking import stack

if TYPE_CHECKING:
    from ilms_sdmx.analysis.comparison.sides import Side

#: Fields of a record in which members must agree to be added.
_SAME = ["criterion", "scope", "ages", "measure"]


def with_groups(side: Side, other: Side, partner: str, next_label: int) -> Side:
    """Side with a figure for each group that only `other` names, wherever it has every member.

    Members that count by different criteria, populations or ages are not added.

    Parameters
    ----------
    partner
        `host` or `origin`: the column that names partners.
    next_label
        First label that is free for the record of a group.
    """
    categories = side.figures[partner].cat.categories
    known_partners = set(categories)
    named_partners = set(other.figures[partner].cat.categories)
    figures_of_groups = []
    records = side.records
    for group in sums():
        if group in named_partners and group not in known_partners:
            label = next_label + len(records) - len(side.records)
            figures, made = _summed(side, group, partner, label)
            if len(figures):
                figures_of_groups.append(figures)
                records = pd.concat([records, made])
    if not figures_of_groups:
        return side
    frames = [side.figures, *figures_of_groups]
    return replace(side, figures=stack(frames), records=records)


def _summed(
    side: Side, group: str, partner: str, next_label: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Figures of a group, row -1, and the records of what their members agree in."""
    members = sums()[group]
    parts = _member_figures(side, members, partner)
    numbers = _group_numbers(side, parts, partner)
    member_count = numbers.groupby(numbers).transform("size")
    is_complete = (member_count == len(members)).to_numpy()
    is_repeated = numbers.duplicated().to_numpy()
    is_first = ~is_repeated
    groups = numbers.to_numpy()
    record_rows = parts["record"].to_numpy()
    made, record = records_of_groups(side.records, record_rows, groups, next_label)
    grouped = parts["value"].groupby(numbers)
    value = grouped.transform("sum")
    grouped_rounding = parts["rounding"].groupby(numbers)
    rounding = grouped_rounding.transform("sum")
    row = np.int32(-1)
    rows = parts.assign(record=record, value=value, rounding=rounding, row=row)
    is_wanted = is_complete & is_first
    rows = rows[is_wanted].reset_index(drop=True)
    names = [group] * len(rows)
    rows[partner] = pd.Categorical(names, categories=[group])
    return rows, made


def _member_figures(side: Side, members: tuple[str, ...], partner: str) -> pd.DataFrame:
    """Figures of the members of a group that have a value."""
    figures = side.figures
    is_member = figures[partner].isin(members).to_numpy()
    value = figures["value"]
    has_value = value.notna().to_numpy()
    return figures[is_member & has_value].reset_index(drop=True)


def _group_numbers(side: Side, parts: pd.DataFrame, partner: str) -> pd.Series[int]:
    """Number of the group of each figure of a member: area, sex, period and definition."""
    grouped = side.records.groupby(_SAME)
    definitions = grouped.ngroup().to_numpy()
    record = parts["record"].to_numpy()
    first_label = side.records.index[0]
    record_rows = record - first_label
    focus = "origin"
    if partner == "origin":
        focus = "host"
    key_numbers = keys(parts, [focus, "sex", "detail", "period"])
    numbers = key_numbers * (len(definitions) + 1)
    return pd.Series(numbers + definitions[record_rows])


@cache
def sums() -> dict[str, tuple[str, ...]]:
    """Members of each group that is exactly their sum.

    Examples
    --------
    >>> from ilms_sdmx.analysis.comparison.groups import sums
    >>> sums()["USACAN"]
    ('USA', 'CAN')
    """
    from ilms_sdmx import structures

    table = structures.aggregations()
    codelist = table["codelist"]
    is_partner_sum = codelist.isin(["CL_CRS", "CL_CDS", "CL_CCT"])
    relation = table["relation"]
    table = table[is_partner_sum & (relation == "sum")]
    members: dict[str, list[str]] = {}
    for total, part in zip(table["total"], table["part"], strict=True):
        group, member = areas.area(total), areas.area(part)
        if group == areas.TOTAL:
            continue
        known_members = members.setdefault(group, [])
        if member not in known_members:
            known_members.append(member)
    return {group: tuple(known_members) for group, known_members in members.items()}

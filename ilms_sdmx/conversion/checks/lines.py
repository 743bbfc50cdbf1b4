"""Which figures are compared with which: those whose other headings are all equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.layout import TableLayout, column

if TYPE_CHECKING:
    import pandas as pd

#: Roles of counts.
_COUNTS = (Bucket.OBSERVATION.value, Bucket.TOTAL.value, Bucket.OF_WHICH.value)


def line_up(
    left: pd.DataFrame, right: pd.DataFrame, others: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames with the number of their group: equal where all other headings are equal."""
    import pandas as pd

    if not others:
        return left.assign(group=0), right.assign(group=0)
    left_keys = left[others]
    right_keys = right[others]
    both = pd.concat([left_keys, right_keys])
    groups = both.groupby(others, sort=False, dropna=False)
    numbers = groups.ngroup().to_numpy()
    size = len(left)
    lined_left = left.assign(group=numbers[:size])
    lined_right = right.assign(group=numbers[size:])
    return lined_left, lined_right


def unvaried(own: pd.DataFrame, layout: TableLayout, varied: list[str]) -> list[str]:
    """Columns of the headings that must be equal in a total and its parts.

    Of two columns of row labels, as in two languages, the second varies with the first.
    """
    row_names = [heading.name for heading in layout.rows]
    left_out = set(varied)
    some_left_out = left_out.intersection(row_names)
    if some_left_out and _parallel(own, row_names, varied):
        left_out.update(row_names)
    kept = []
    for name in headings(own, layout):
        if name not in left_out:
            kept.append(column(name))
    return kept


def _parallel(own: pd.DataFrame, row_names: list[str], varied: list[str]) -> bool:
    """Whether the row labels that vary decide all other row labels."""
    keys = []
    others = []
    for name in row_names:
        if column(name) not in own.columns:
            continue
        if name in varied:
            keys.append(column(name))
        else:
            others.append(name)
    lines = own.drop_duplicates(["sheet", "row"])
    if not others:
        return False
    is_repeated = lines.duplicated(["sheet", *keys])
    return not is_repeated.any()


def headings(figures: pd.DataFrame, layout: TableLayout) -> list[str]:
    """Names of the printed headings of a table, without levels.

    Parents and what rules derive.
    """
    column_names = set(layout.columns)
    printed = {heading.name for heading in layout.rows} | column_names
    derived: set[str] = set()
    for rule in layout.rules:
        derived.update(rule.set)
    left_out = derived - printed
    kept = []
    named = _named(layout)
    for name in dict.fromkeys(["sheet", *named]):
        if column(name) in figures.columns and name not in left_out:
            kept.append(name)
    return kept


def _named(layout: TableLayout) -> list[str]:
    """Names of all headings of a table, in the order in which the mapping has them."""
    names = [heading.name for heading in layout.rows]
    if layout.columns:
        names += [name for name in layout.columns if name]
    else:
        names.append("column")
    if layout.blocks:
        names.append(layout.blocks.name)
    names += layout.set
    for several in layout.cells:
        for part in several.parts:
            names += [name for name in part if name != "bucket"]
    return names


def with_labels_of_counts(figures: pd.DataFrame, layout: TableLayout) -> pd.DataFrame:
    """Figures of which a count alone in its cell has the labels that counts have in others.

    Where cells hold `900 (60.0%)`, a cell that holds `1,500` is a count too.
    """
    labelled = figures
    role = figures["role"]
    is_count = role.isin(_COUNTS)
    for several in layout.cells:
        counts = [part for part in several.parts if "bucket" not in part]
        if len(counts) != 1:
            continue
        for name, label in counts[0].items():
            if column(name) not in labelled.columns:
                continue
            labels = labelled[column(name)].fillna("")
            is_alone = is_count & (labels == "")
            labels_with_counts = labels.mask(is_alone, label)
            labelled = labelled.assign(**{column(name): labels_with_counts})
    return labelled

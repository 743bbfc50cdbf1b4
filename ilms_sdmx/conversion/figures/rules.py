"""Rules of a table: which figures are totals, shares or row numbers, and what headings they really have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.layout import GIVEN, TableLayout, Where, any_matches, column

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def chosen(figures: pd.DataFrame, where: Where) -> np.ndarray:
    """Which figures have headings that match, as an array of truth values.

    A heading that no figure has matches only the empty label.
    """
    import numpy as np
    import pandas as pd

    result = np.ones(len(figures), dtype=bool)
    for name, patterns in where.items():
        if column(name) not in figures.columns:
            return (
                np.zeros(len(figures), dtype=bool) if not any_matches(patterns, "") else result
            )
        codes, distinct = pd.factorize(figures[column(name)].fillna(""))
        matches = np.array(
            [any_matches(patterns, str(label)) for label in distinct], dtype=bool
        )
        result &= matches.take(codes)
    return result


def apply_rules(figures: pd.DataFrame, layout: TableLayout) -> pd.DataFrame:
    """Figures with `bucket`, `rule`, `multiplier`, `status` and `rounding`, and headings that rules set.

    Of two rules that set the same thing the first wins; headings are matched as printed.
    """
    result = figures.copy(deep=False)
    result["bucket"] = Bucket.OBSERVATION.value
    result["rule"] = layout.name
    result["multiplier"] = layout.multiplier or 0
    result["status"] = layout.status
    result["rounding"] = layout.rounding
    result["share"] = -1
    result["note"] = layout.note
    changes: list[tuple[str, np.ndarray, str | int]] = []
    for number, rule in enumerate(layout.rules):
        rows = chosen(figures, rule.where)
        named = {"bucket": rule.bucket, "status": rule.status, "rounding": rule.rounding}
        changes += [(name, rows, value) for name, value in named.items() if value]
        changes += [(column(name), rows, label) for name, label in rule.set.items()]
        if rule.bucket:
            changes.append(
                (
                    "rule",
                    rows,
                    f"{layout.name}: {_words(rule.where)}"
                    + (f" ({rule.why})" if rule.why else ""),
                )
            )
        if rule.multiplier is not None:
            changes.append(("multiplier", rows, rule.multiplier))
        if rule.note:
            before = result.loc[rows, "note"]
            result.loc[rows, "note"] = (before + "; " + rule.note).str.removeprefix("; ")
        if rule.share or rule.change:
            changes.append(("share", rows, number))
    for name, rows, value in reversed(changes):
        if name not in result.columns:
            result[name] = ""
        result.loc[rows, name] = value
    return result


def _words(where: Where) -> str:
    return ", ".join(
        f"{name} is {' or '.join(map(str, patterns))}" for name, patterns in where.items()
    )


def unused(printed: pd.DataFrame, layout: TableLayout, file: str) -> list[Finding]:
    """Say which labels the rules of a table name that no figure has, as printed: they do nothing there."""
    if not len(printed):
        return []
    missing: dict[tuple[str, str], int] = {}
    for rule in layout.rules:
        for name in (n for n in rule.where if n not in GIVEN):
            labels = _labels(printed, name)
            missing |= {
                (name, str(p)): rule.line
                for p in rule.where[name]
                if not any(map(p.matches, labels))
            }
    first = printed.iloc[0]
    return [
        Finding(
            "label-not-found",
            Severity.WARNING,
            f"No figure of the table {layout.name!r} has the {name} {label!r}, which a rule names.",
            place=Place(file, str(first["sheet"])),
            read=", ".join(_labels(printed, name)[:12]),
            expected=label,
            fix=f"correct line {line} of the mapping, or take the label out",
            affects="the rule does nothing for it",
        )
        for (name, label), line in missing.items()
    ]


def _labels(figures: pd.DataFrame, name: str) -> list[str]:
    """Labels of a heading, the empty one where no figure has the heading."""
    known = column(name) in figures.columns
    return [str(t) for t in figures[column(name)].fillna("").unique()] if known else [""]

"""Words about a comparison: what each side counts, what a pair says, how the whole turned out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ilms_sdmx.comparison.areas import names
from ilms_sdmx.comparison.verdicts import Reason, Verdict

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.comparison.comparisons import Comparison
    from ilms_sdmx.reports.catalogues import Catalogue


def area_name(code: Any) -> str:
    """English name of an area, its code where it has none."""
    return names().get(str(code)) or str(code)


def counts(record: pd.Series[Any], words: Catalogue) -> str:
    """Say what a record counts, in a phrase: `people present (stock): employed people, 15+, citizenship`."""
    abroad = record["direction"] == "out" and record["kind"] == "stock"
    parts = [
        "" if abroad and record["scope"] == "all" else said(words, "scope", record["scope"]),
        str(record["ages"]) if record["ages"] not in ("", "all") else "",
        said(words, "criterion", record["criterion"]),
    ]
    return f"{said(words, 'kind', 'abroad' if abroad else record['kind'])}: {', '.join(filter(None, parts))}"


def said(words: Catalogue, section: str, code: Any) -> str:
    """Text of a code in a section of the catalogue; the code itself where the catalogue lacks it."""
    return words.messages.get(f"{section}.{code}", str(code))


def reasons(texts: Iterable[str], words: Catalogue) -> list[str]:
    """Meaning of every reason that occurs, in the order of their weight."""
    present = {word for text in texts for word in str(text).split()}
    return [words.text(f"reason.{r.word}") for r in Reason if r.word in present]


def sentences(comparison: Comparison, words: Catalogue) -> list[str]:
    """Summary of a comparison in words and numbers."""
    pairs = comparison.pairs
    if pairs.empty:
        return [words.text("comparison.nothing")]
    numbers = pairs["verdict"].astype("str").value_counts()
    first = words.text(
        "comparison.paired",
        count=len(pairs),
        areas=listed(area_name(a) for a in sorted(pairs["area"].astype("str").unique())),
        ours=listed(dict.fromkeys(pairs["ours_name"].astype("str"))),
        theirs=listed(dict.fromkeys(pairs["theirs_name"].astype("str"))),
    )
    second = words.text(
        "comparison.verdicts",
        comparable=int(numbers.get(Verdict.COMPARABLE.value, 0)),
        caution=int(numbers.get(Verdict.CAUTION.value, 0)),
        blocked=int(numbers.get(Verdict.NOT_COMPARABLE.value, 0)),
    )
    return [first, second, *_agreement(pairs, words)]


def _agreement(pairs: pd.DataFrame, words: Catalogue) -> list[str]:
    allowed = pairs[pairs["verdict"] != Verdict.NOT_COMPARABLE.value]
    if allowed.empty:
        return []
    ratio = allowed["ratio"].median()
    agree = int(allowed["agree"].sum())
    if ratio != ratio:
        return [words.text("comparison.agree-none", agree=agree)]
    return [words.text("comparison.agree", agree=agree, ratio=words.number(float(ratio), 2))]


def corroboration(comparison: Comparison) -> list[str]:
    """Say what must be said of sources that are one."""
    return [f.message for f in comparison.report.of_rule("comparison-same-source")]


def of_totals(pairs: pd.DataFrame, words: Catalogue) -> list[str]:
    """Sentence for each table of ours: its latest total, and what comparators say at the nearest date."""
    totals = pairs[(pairs["partner_kind"] == "total") & (pairs["sex"] == "SEX_T") & (pairs["detail"] == "")]
    found = []
    for name, group in totals.groupby("ours_name", observed=True, sort=False):
        latest = group[group["ours_period"].astype("str") == group["ours_period"].astype("str").max()]
        if len(latest):
            found.append(_of_total(str(name), latest, words))
    return found


def _of_total(name: str, latest: pd.DataFrame, words: Catalogue) -> str:
    first = latest.iloc[0]
    direction = "in" if first["area"] == first["host"] else "out"
    opening = words.text(
        "comparison.total",
        name=area_name(first["area"]),
        partners=words.text(f"comparison.partners-{direction}"),
        period=first["ours_period"],
        ours_name=name,
        ours=float(first["ours"]),
    )
    return " ".join([opening, *(_beside(row, words) for row in latest.to_dict("records"))])


def _beside(row: dict[Any, Any], words: Catalogue) -> str:
    verdict = words.text(f"verdict.{row['verdict']}")
    if row["difference"] == row["difference"]:
        apart = words.number(float(row["difference"]))
        ratio = words.number(float(row["ratio"]), 2) if row["ratio"] == row["ratio"] else "–"
        verdict += " – " + words.text("comparison.difference", difference=apart, ratio=ratio)
    return words.text(
        "comparison.total-beside",
        theirs_name=row["theirs_name"],
        theirs=float(row["theirs"]),
        date=row["theirs_date"],
        verdict=verdict,
    )


def listed(texts: Iterable[str], limit: int = 8) -> str:
    """Texts joined by commas, cut with an ellipsis."""
    several = list(texts)
    return ", ".join(several[:limit]) + (" …" if len(several) > limit else "")

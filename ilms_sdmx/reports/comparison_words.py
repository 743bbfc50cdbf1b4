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
        "" if record["ages"] in ("", "all") else _of(record, "ages", words),
        said(words, "criterion", record["criterion"]),
    ]
    return f"{_of(record, 'kind', words)}: {', '.join(filter(None, parts))}"


def said(words: Catalogue, section: str, code: Any) -> str:
    """Text of a code in a section of the catalogue; the code itself where the catalogue lacks it."""
    return words.messages.get(f"{section}.{code}", str(code))


def _of(record: pd.Series[Any], field: str, words: Catalogue) -> str:
    """Words for a field of a record."""
    if field == "kind" and record["direction"] == "out" and record["kind"] == "stock":
        return words.text("kind.abroad")
    if field != "ages":
        return said(words, field, record[field])
    every = record["ages"] == "all" or (record["ages"] == "" and record["scope"] == "all")
    return (
        words.text("ages.every") if every else words.text("ages.from-to", ages=record["ages"])
    )


def reasons(texts: Iterable[str], words: Catalogue) -> list[str]:
    """Meaning of every reason that occurs, in the order of their weight."""
    present = {word for text in texts for word in str(text).split()}
    return [words.text(f"reason.{r.word}") for r in Reason if r.word in present]


def sentences(comparison: Comparison, words: Catalogue) -> list[str]:
    """Summary of a comparison in words and numbers."""
    pairs = comparison.pairs
    if pairs.empty:
        return [words.text("comparison.nothing")]
    first = words.text(
        "comparison.paired",
        count=len(pairs),
        areas=words.listed(
            [area_name(a) for a in sorted(pairs["area"].astype("str").unique())]
        ),
        ours=words.listed(list(dict.fromkeys(pairs["ours_name"].astype("str")))),
        theirs=words.listed(list(dict.fromkeys(pairs["theirs_name"].astype("str")))),
    )
    return [first, _of_verdicts(pairs, words), *_agreement(pairs, words)]


def _of_verdicts(pairs: pd.DataFrame, words: Catalogue) -> str:
    """How many pairs have each verdict; what none has is not spoken of."""
    numbers = pairs["verdict"].astype("str").value_counts()
    said = [v for v in Verdict if numbers.get(v.value, 0)]
    if len(said) == 1:
        return words.text(f"comparison.only-{said[0]}")
    phrases = [words.text(f"comparison.some-{v}", count=int(numbers[v.value])) for v in said]
    return words.text("comparison.verdicts", list=words.listed(phrases))


def _agreement(pairs: pd.DataFrame, words: Catalogue) -> list[str]:
    allowed = pairs[pairs["verdict"] != Verdict.NOT_COMPARABLE.value]
    if allowed.empty:
        return []
    count = int(allowed["agree"].sum())
    agree = words.text(
        "comparison.agree" if count else "comparison.agree-none", count=count, all=len(allowed)
    )
    ratio = allowed["ratio"].median()
    if ratio != ratio:
        return [agree]
    return [f"{agree} {words.text('comparison.ratio', ratio=words.number(float(ratio), 2))}"]


def corroboration(comparison: Comparison) -> list[str]:
    """Say what must be said of sources that are one."""
    return [f.message for f in comparison.report.of_rule("comparison-same-source")]


def of_totals(
    comparison: Comparison, area: str, words: Catalogue
) -> list[tuple[str, list[str]]]:
    """Latest total of each table of ours, and what each comparator says at the nearest date, with reasons."""
    pairs = comparison.pairs
    wanted = (
        (pairs["area"] == area) & (pairs["partner_kind"] == "total") & (pairs["sex"] == "SEX_T")
    )
    totals = pairs[wanted & (pairs["detail"] == "")]
    found = []
    for name, group in totals.groupby("ours_name", observed=True, sort=False):
        ordered = group.assign(period=group["ours_period"].astype("str")).sort_values(
            "period", kind="stable"
        )
        latest = ordered.drop_duplicates("theirs_name", keep="last").sort_index()
        last = ordered.iloc[-1]
        beside = [
            ("" if row["period"] == last["period"] else _earlier(row, words))
            + _beside(row, comparison.records, words)
            for row in latest.to_dict("records")
        ]
        found.append((_of_total(str(name), last, words), beside))
    return found


def _earlier(row: dict[Any, Any], words: Catalogue) -> str:
    return words.text("comparison.earlier", ours=float(row["ours"]), period=row["period"])


def _of_total(name: str, first: pd.Series[Any], words: Catalogue) -> str:
    direction = "in" if first["area"] == first["host"] else "out"
    return words.text(
        "comparison.total",
        name=area_name(first["area"]),
        partners=words.text(f"comparison.partners-{direction}"),
        period=first["ours_period"],
        ours_name=name,
        ours=float(first["ours"]),
    )


def _beside(row: dict[Any, Any], records: pd.DataFrame, words: Catalogue) -> str:
    """Say what a comparator says beside ours: how far apart, or why no difference is taken."""
    said = words.text(
        "comparison.total-beside",
        theirs_name=row["theirs_name"],
        theirs=float(row["theirs"]),
        date=row["theirs_date"],
    )
    apart = _apart(row, words)
    verdict = words.text(f"comparison.that-{row['verdict']}")
    because = words.listed(why(row, records, words))
    return f"{said}{apart}. {verdict}{': ' if because else ''}{because}."


def _apart(row: dict[Any, Any], words: Catalogue) -> str:
    """Difference and ratio in words; nothing where the verdict forbids them."""
    difference = row["difference"]
    if difference != difference:
        return ""
    if row["agree"]:
        return words.text("comparison.equal")
    key = "comparison.more" if difference < 0 else "comparison.less"
    apart = words.text(key, difference=abs(float(difference)))
    if row["ratio"] != row["ratio"]:
        return apart
    return apart + words.text("comparison.times", ratio=words.number(float(row["ratio"]), 2))


#: Fields whose words say what two records set against each other, by reason.
_AGAINST = {
    Reason.KIND: "kind",
    Reason.CRITERION: "criterion",
    Reason.SCOPE: "scope",
    Reason.AGES: "ages",
}


def why(row: dict[Any, Any], records: pd.DataFrame, words: Catalogue) -> list[str]:
    """Reasons of one pair in a few words each, with what the two records say."""
    ours, theirs = (records.iloc[int(row[f"{side}_record"])] for side in ("ours", "theirs"))
    found = []
    for reason in (r for r in Reason if r.word in str(row["reasons"]).split()):
        field = _AGAINST.get(reason, "")
        values = {"days": abs(int(row["gap_days"]))} if reason is Reason.DATE else {}
        both = {
            n: _of(r, field, words) for n, r in (("ours", ours), ("theirs", theirs)) if field
        }
        found.append(words.text(f"why.{reason.word}", **values, **both))
    return found

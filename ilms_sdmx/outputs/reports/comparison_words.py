"""Words about a comparison: what each side counts, what a pair says, how all agree."""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan
from typing import TYPE_CHECKING, Any

from ilms_sdmx.analysis.comparison.areas import names
from ilms_sdmx.analysis.comparison.verdicts import Reason, Verdict
from ilms_sdmx.periods.spoken import spoken

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.analysis.comparison.comparisons import Comparison
    from ilms_sdmx.outputs.reports.catalogues import Catalogue


def area_name(code: Any) -> str:
    """English name of an area, its code where it has none."""
    known = names()
    text = str(code)
    return known.get(text) or text


def counts(record: pd.Series[Any], words: Catalogue) -> str:
    """Say what a record counts: `people present (stock): employed people, 15+, citizenship`."""
    details = [_scope(record, words)]
    if record["ages"] not in ("", "all"):
        details.append(_of(record, "ages", words))
    criterion = code_text(words, "criterion", record["criterion"])
    details.append(criterion)
    kind = _of(record, "kind", words)
    return f"{kind}: {', '.join(filter(None, details))}"


def _scope(record: pd.Series[Any], words: Catalogue) -> str:
    """Words for the population of a record; nothing where everybody abroad is counted."""
    if _is_abroad(record) and record["scope"] == "all":
        return ""
    return code_text(words, "scope", record["scope"])


def _is_abroad(record: pd.Series[Any]) -> bool:
    """Whether a record counts people who live abroad."""
    return bool(record["direction"] == "out" and record["kind"] == "stock")


def code_text(words: Catalogue, section: str, code: Any) -> str:
    """Text of a code in a section of the catalogue; the code where there is none."""
    text = str(code)
    return words.messages.get(f"{section}.{code}", text)


def _of(record: pd.Series[Any], field: str, words: Catalogue) -> str:
    """Words for a field of a record."""
    if field == "kind" and _is_abroad(record):
        return words.text("kind.abroad")
    if field != "ages":
        return code_text(words, field, record[field])
    ages = record["ages"]
    if ages == "all":
        return words.text("ages.every")
    if ages == "" and record["scope"] == "all":
        return words.text("ages.every")
    return words.text("ages.from-to", ages=ages)


def reasons(texts: Iterable[str], words: Catalogue) -> list[str]:
    """Meaning of every reason that occurs, in the order of their weight."""
    present: set[str] = set()
    for text in texts:
        present.update(str(text).split())
    meanings = []
    for reason in Reason:
        if reason.word in present:
            meanings.append(words.text(f"reason.{reason.word}"))
    return meanings


def sentences(comparison: Comparison, words: Catalogue) -> list[str]:
    """Summary of a comparison in words and numbers."""
    pairs = comparison.pairs
    if pairs.empty:
        return [words.text("comparison.nothing")]
    areas = sorted(pairs["area"].astype("str").unique())
    ours = pairs["ours_name"].astype("str").unique()
    theirs = pairs["theirs_name"].astype("str").unique()
    names = {"ours": words.listed(list(ours))}
    names["theirs"] = words.listed(list(theirs))
    names["areas"] = words.listed(list(map(area_name, areas)))
    paired = words.text("comparison.paired", count=len(pairs), **names)
    verdicts = _of_verdicts(pairs, words)
    return [paired, verdicts, *_agreement(pairs, words)]


def _of_verdicts(pairs: pd.DataFrame, words: Catalogue) -> str:
    """How many pairs have each verdict; what none has is not spoken of."""
    verdicts = pairs["verdict"].astype("str")
    numbers = verdicts.value_counts()
    met = [verdict for verdict in Verdict if verdict.value in numbers.index]
    if len(met) == 1:
        return words.text(f"comparison.only-{met[0]}")
    phrases = []
    for verdict in met:
        count = int(numbers[verdict.value])
        phrases.append(words.text(f"comparison.some-{verdict}", count=count))
    return words.text("comparison.verdicts", list=words.listed(phrases))


def _agreement(pairs: pd.DataFrame, words: Catalogue) -> list[str]:
    """How many of the pairs that may be compared agree, and their median ratio."""
    may_be_compared = pairs["verdict"] != Verdict.NOT_COMPARABLE.value
    allowed = pairs[may_be_compared]
    if allowed.empty:
        return []
    count = int(allowed["agree"].sum())
    key = "comparison.agree-none"
    if count:
        key = "comparison.agree"
    agree = words.text(key, count=count, all=len(allowed))
    ratio = float(allowed["ratio"].median())
    if isnan(ratio):
        return [agree]
    median = words.text("comparison.ratio", ratio=words.number(ratio, 2))
    return [f"{agree} {median}"]


def corroboration(comparison: Comparison) -> list[str]:
    """Say what must be said of sources that are one."""
    same_source = comparison.report.of_rule("comparison-same-source")
    return [finding.message for finding in same_source]


def of_totals(
    comparison: Comparison, area: str, words: Catalogue
) -> list[tuple[str, list[str]]]:
    """Latest total of each table of ours, and what each comparator says at the nearest date."""
    pairs = comparison.pairs
    of_area = pairs["area"] == area
    is_total = pairs["partner_kind"] == "total"
    both_sexes = pairs["sex"] == "SEX_T"
    without_detail = pairs["detail"] == ""
    totals = pairs[of_area & is_total & both_sexes & without_detail]
    statements = []
    for name, group in totals.groupby("ours_name", observed=True, sort=False):
        by_period = group.assign(period=group["ours_period"].astype("str"))
        ordered = by_period.sort_values("period", kind="stable")
        last = ordered.iloc[-1]
        total = _of_total(str(name), last, words)
        comparators = _of_comparators(ordered, comparison.records, words)
        statements.append((total, comparators))
    return statements


def _of_comparators(
    ordered: pd.DataFrame, records: pd.DataFrame, words: Catalogue
) -> list[str]:
    """What each comparator says at the latest period that it has in common with ours."""
    last_period = ordered["period"].iloc[-1]
    latest = ordered.drop_duplicates("theirs_name", keep="last")
    latest = latest.sort_index()
    statements = []
    for row in latest.to_dict("records"):
        statement = _of_comparator(row, records, words)
        if row["period"] != last_period:
            statement = _earlier(row, words) + statement
        statements.append(statement)
    return statements


def _earlier(row: dict[Any, Any], words: Catalogue) -> str:
    ours = float(row["ours"])
    period = spoken(str(row["period"]))
    return words.text("comparison.earlier", ours=ours, period=period)


def _of_total(name: str, first: pd.Series[Any], words: Catalogue) -> str:
    direction = "out"
    if first["area"] == first["host"]:
        direction = "in"
    values = {"ours_name": name, "period": spoken(str(first["ours_period"]))}
    values["name"] = area_name(first["area"])
    values["partners"] = words.text(f"comparison.partners-{direction}")
    ours = float(first["ours"])
    return words.text("comparison.total", ours=ours, **values)


def _of_comparator(row: dict[Any, Any], records: pd.DataFrame, words: Catalogue) -> str:
    """Say what a comparator says: how far apart it is, or why no difference is taken."""
    statement = words.text(
        "comparison.total-theirs",
        theirs_name=row["theirs_name"],
        theirs=float(row["theirs"]),
        date=spoken(str(row["theirs_date"])),
    )
    difference = _apart(row, words)
    verdict = words.text(f"comparison.that-{row['verdict']}")
    because = words.listed(why(row, records, words))
    if because:
        verdict = f"{verdict}: {because}"
    return f"{statement}{difference}. {verdict}."


def _apart(row: dict[Any, Any], words: Catalogue) -> str:
    """Difference and ratio in words; nothing where the verdict forbids them."""
    difference = float(row["difference"])
    if isnan(difference):
        return ""
    if row["agree"]:
        return words.text("comparison.equal")
    key = "comparison.less"
    if difference < 0:
        key = "comparison.more"
    apart = words.text(key, difference=abs(difference))
    ratio = float(row["ratio"])
    if isnan(ratio):
        return apart
    times = words.text("comparison.times", ratio=words.number(ratio, 2))
    return apart + times


#: Fields whose words say what two records set against each other, by reason.
_AGAINST = {
    Reason.KIND: "kind",
    Reason.CRITERION: "criterion",
    Reason.SCOPE: "scope",
    Reason.AGES: "ages",
}


def why(row: dict[Any, Any], records: pd.DataFrame, words: Catalogue) -> list[str]:
    """Reasons of one pair in a few words each, with what the two records say."""
    ours = records.iloc[int(row["ours_record"])]
    theirs = records.iloc[int(row["theirs_record"])]
    present = str(row["reasons"]).split()
    phrases = []
    for reason in Reason:
        if reason.word not in present:
            continue
        values: dict[str, Any] = {}
        if reason is Reason.DATE:
            values["days"] = abs(int(row["gap_days"]))
        field = _AGAINST.get(reason, "")
        if field:
            values["ours"] = _of(ours, field, words)
            values["theirs"] = _of(theirs, field, words)
        phrases.append(words.text(f"why.{reason.word}", **values))
    return phrases

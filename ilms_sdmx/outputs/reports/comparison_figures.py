"""Figures of a comparison report: a chart, what it says in words, and cautions."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ilms_sdmx.analysis.comparison.alignment import middle_day
from ilms_sdmx.analysis.comparison.verdicts import BLOCKING, Reason, Verdict
from ilms_sdmx.outputs.reports import charts
from ilms_sdmx.outputs.reports.comparison_words import area_name, counts, reasons
from ilms_sdmx.outputs.reports.figures import Figure
from ilms_sdmx.periods import year_written
from ilms_sdmx.periods.spoken import spoken

if TYPE_CHECKING:
    from ilms_sdmx.analysis.comparison.comparisons import Comparison
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

#: Partners that a dot plot shows.
TOP = 15


def area_figures(
    comparison: Comparison, area: str, words: Catalogue, linked: set[int] | None = None
) -> list[Figure]:
    """Figures of one area: each table of ours by partner and source, and its total over time.

    Parameters
    ----------
    linked
        Positions of the pairs that the page shows: dots lead to them.
    """
    pairs = comparison.pairs.assign(position=range(len(comparison.pairs)))
    of_area = pairs["area"] == area
    both_sexes = pairs["sex"] == "SEX_T"
    without_detail = pairs["detail"] == ""
    pairs = pairs[of_area & both_sexes & without_detail]
    names = pairs["ours_name"].astype("str").unique()
    linked = linked or set()
    drawn: list[Figure] = []
    for number, name in enumerate(names, 1):
        of_table = pairs[pairs["ours_name"] == name]
        dots = dot_figure(comparison, of_table, words, f"dots-{area}-{number}", linked)
        if dots is not None:
            drawn.append(dots)
        lines = line_figure(comparison, area, name, words, f"lines-{area}-{number}")
        if lines is not None:
            drawn.append(lines)
    return drawn


def dot_figure(
    comparison: Comparison, pairs: pd.DataFrame, words: Catalogue, id: str, linked: set[int]
) -> Figure | None:
    """Dot plot of the latest period of ours with countries; None where there is none."""
    countries = _latest_countries(pairs)
    if countries.empty:
        return None
    by_partner = countries.groupby("partner", observed=True)
    largest = by_partner["ours"].max()
    largest = largest.sort_values(ascending=False, kind="stable")
    partners = list(largest.index[:TOP])
    is_shown = countries["partner"].isin(partners)
    countries = countries[is_shown]
    sides = _names_of_sides(countries)
    frame = _dots(comparison, countries, partners, words, linked)
    period = _years_of_pairs(countries, words)
    cautions = _cautions(countries, words, "dots-apart")
    if len(largest) > TOP:
        few = words.text("chart.dots-few", count=TOP)
        cautions.append(few)
    title = _title("dots", pairs, words, period=period)
    chart = charts.dots(frame, sides)
    first = area_name(partners[0])
    first_value = float(largest.iloc[0])
    alt = words.text("chart.dots-alt", ours=sides[0], first=first, first_value=first_value)
    of_records = definitions(comparison, countries, words)
    origins = sources(comparison, countries)
    concepts = _short_definitions(_records(comparison, countries), words)
    return Figure(id, title, chart, alt, of_records, tuple(cautions), origins, concepts)


def _are_apart(pairs: pd.DataFrame) -> pd.Series[bool]:
    """Whether the two sides of each pair are not comparable."""
    return pairs["verdict"].astype("str") == Verdict.NOT_COMPARABLE.value


def _cautions(pairs: pd.DataFrame, words: Catalogue, key: str) -> list[str]:
    """Sentences on why pairs are not comparable, and on what asks for caution in any."""
    present: set[str] = set()
    for text in pairs["reasons"].astype("str").unique():
        present.update(text.split())
    blocking = {reason.word for reason in Reason if reason in BLOCKING}
    cautions = []
    for chosen, name in ((present & blocking, key), (present - blocking, "with-caution")):
        why = reasons(chosen, words)
        if why:
            cautions.append(words.text(f"chart.{name}", why=" ".join(why)))
    return cautions


def _years_of_pairs(pairs: pd.DataFrame, words: Catalogue) -> str:
    """Period of our figures, and those of the others where they are other ones."""
    ours = spoken(str(pairs["ours_period"].iloc[0]))
    others: list[str] = []
    for text in sorted(pairs["theirs_period"].astype("str").unique()):
        period = spoken(text)
        if period not in (ours, *others):
            others.append(period)
    if not others:
        return ours
    return words.text("chart.and-others", ours=ours, others=words.listed(others))


def _names_of_sides(pairs: pd.DataFrame) -> list[str]:
    """Names of the sides of the pairs, ours first."""
    ours = pairs["ours_name"].astype("str")
    theirs = pairs["theirs_name"].astype("str")
    return list(pd.concat([ours, theirs]).unique())


def _latest_countries(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs of countries with both figures, of the latest period of ours."""
    is_country = pairs["partner_kind"] == "country"
    has_ours = pairs["ours"].notna()
    has_theirs = pairs["theirs"].notna()
    countries = pairs[is_country & has_ours & has_theirs]
    periods = countries["ours_period"].astype("str")
    return countries[periods == periods.max()]


def _dots(
    comparison: Comparison,
    pairs: pd.DataFrame,
    order: list[str],
    words: Catalogue,
    linked: set[int],
) -> pd.DataFrame:
    """Long frame of a dot plot: ours once a partner, then each comparator."""
    ours = _dots_of_side(comparison, pairs, "ours")
    theirs = _dots_of_side(comparison, pairs, "theirs")
    verdicts: list[str] = []
    for verdict in pairs["verdict"]:
        verdicts.append(words.text(f"verdict.{verdict}"))
    theirs["verdict"] = verdicts
    theirs["apart"] = _are_apart(pairs).to_numpy()
    long = pd.concat([ours, theirs], ignore_index=True)
    ranks = pd.Series(range(len(order)), index=order)
    long["rank"] = long["partner"].map(ranks)
    long["partner"] = list(map(area_name, long["partner"]))
    long["period"] = list(map(spoken, long["period"]))
    is_linked = long["position"].isin(linked)
    links = "#pair-" + long["position"].astype("str")
    long["href"] = links.where(is_linked, "")
    long = long.sort_values("apart", kind="stable")
    long = long.drop_duplicates(["partner", "side", "period"])
    long = long.sort_values("rank", kind="stable")
    long = long.drop(columns=["rank", "position"])
    return long.reset_index(drop=True)


def _dots_of_side(comparison: Comparison, pairs: pd.DataFrame, side: str) -> pd.DataFrame:
    """Dots of one side, one for each pair; only the other side has a verdict."""
    records = comparison.records.loc[pairs[f"{side}_record"]]
    dots = pd.DataFrame()
    dots["partner"] = pairs["partner"].astype("str")
    dots["side"] = pairs[f"{side}_name"].astype("str")
    dots["value"] = pairs[side]
    dots["period"] = pairs[f"{side}_date"].astype("str")
    dots["verdict"] = ""
    dots["apart"] = False
    dots["source"] = records["table"].to_numpy()
    dots["position"] = pairs["position"]
    return dots


def line_figure(
    comparison: Comparison, area: str, name: str, words: Catalogue, id: str
) -> Figure | None:
    """Total of an area over time; None where ours has a single date."""
    sides = [name]
    for side in comparison.theirs:
        sides.append(side.name)
    is_out = _counts_abroad(comparison.records, name)
    series = _totals_of_area(comparison.series, area, is_out)
    has_line = series["side"].isin(sides) & series["value"].notna()
    series = series[has_line]
    ours = series[series["side"] == name]
    if len(ours) < 2:
        return None
    frame = _lines(series)
    drawn = set(frame["side"])
    used = sorted(set(series["record"]))
    records = comparison.records.loc[used]
    apart = _sides_apart(comparison.pairs, area, name)
    frame["apart"] = frame["side"].isin(set(apart["theirs_name"].astype("str")))
    cautions = _cautions(apart, words, "lines-apart") if frame["apart"].any() else []
    cautions += _breaks(frame, words)
    if _editions(records):
        cautions.append(words.text("chart.editions"))
    direction = "in"
    if is_out:
        direction = "out"
    partner = words.text(f"comparison.partners-{direction}")
    chart = charts.lines(frame, [side for side in sides if side in drawn])
    return Figure(
        id,
        title=words.text(
            "chart.lines", area=area_name(area), partner=partner, years=_years_of(frame)
        ),
        chart=chart,
        alt=_lines_alt(name, ours, words),
        definitions=_definitions(records, words),
        cautions=tuple(cautions),
        sources=_sources(records),
        concepts=_short_definitions(records, words),
    )


def _sides_apart(pairs: pd.DataFrame, area: str, name: str) -> pd.DataFrame:
    """Pairs of totals of ours with sides that are not comparable with it."""
    is_total = pairs["partner_kind"].astype("str") == "total"
    both_sexes = pairs["sex"].astype("str") == "SEX_T"
    of_ours = pairs["ours_name"].astype("str") == name
    of_area = pairs["area"].astype("str") == area
    return pairs[is_total & both_sexes & of_ours & of_area & _are_apart(pairs)]


def _years_of(frame: pd.DataFrame) -> str:
    """First and last year of a chart of lines."""
    first, last = int(frame["year"].min()), int(frame["year"].max())
    return str(first) if first == last else f"{first}–{last}"


def _counts_abroad(records: pd.DataFrame, name: str) -> bool:
    """Whether a side counts people who left, in any of its records."""
    directions = records.loc[records["side"] == name, "direction"]
    return "out" in set(directions)


def _totals_of_area(series: pd.DataFrame, area: str, is_out: bool) -> pd.DataFrame:
    """Series of all partners of an area together, both sexes."""
    focus, partner = ("origin", "host") if is_out else ("host", "origin")
    of_area = series[focus] == area
    of_all_partners = series[partner] == "TOTAL"
    both_sexes = series["sex"] == "SEX_T"
    without_detail = series["detail"] == ""
    return series[of_area & of_all_partners & both_sexes & without_detail]


def _lines_alt(name: str, ours: pd.DataFrame, words: Catalogue) -> str:
    """Say where our line begins and ends."""
    first = ours.iloc[0]
    last = ours.iloc[-1]
    values: dict[str, Any] = {"ours": name}
    values["first"] = float(first["value"])
    values["first_period"] = spoken(str(first["period"]))
    values["last"] = float(last["value"])
    values["last_period"] = spoken(str(last["period"]))
    return words.text("chart.lines-alt", **values)


def _lines(series: pd.DataFrame) -> pd.DataFrame:
    """Long frame of a chart of lines: a line is in segments where it breaks."""
    columns = ["side", "period", "value", "break", "table", "address"]
    frame = series[columns].copy()
    frame["side"] = frame["side"].astype("str")
    frame["period"] = frame["period"].astype("str")
    # 1 July, which is also the middle of a year, is at the mark of its year.
    middles = list(map(_middle_of, series["date"]))
    days = np.array(middles)
    years = days / 365.2425 + 0.5
    frame["year"] = np.round(years, 2)
    is_break = frame["break"] != ""
    number = is_break.groupby(frame["side"]).cumsum()
    frame["segment"] = frame["side"] + " " + number.astype("str")
    addresses = frame["address"]
    is_web = addresses.str.startswith("http")
    frame["href"] = addresses.where(is_web, "")
    frame = frame.rename(columns={"table": "source"})
    frame = frame.drop(columns="address")
    return frame.reset_index(drop=True)


def _middle_of(date: Any) -> float:
    """Middle day of a date, 0 for none."""
    return middle_day(str(date)) or 0


def _breaks(frame: pd.DataFrame, words: Catalogue) -> list[str]:
    """Sentence about the breaks of the lines, where there are some."""
    breaks = []
    for row in frame.to_dict("records"):
        if row["break"]:
            period = spoken(row["period"])
            breaks.append(f"{row['side']} {period} ({row['break']})")
    if not breaks:
        return []
    return [words.text("chart.breaks", count=len(breaks), list="; ".join(breaks))]


def _editions(records: pd.DataFrame) -> bool:
    editions = records[["source", "edition"]].drop_duplicates()
    return bool(editions["source"].duplicated().any())


def heat_figure(
    mirror: pd.DataFrame, records: pd.DataFrame, areas: list[str], words: Catalogue
) -> Figure | None:
    """Heat map of stocks between areas and partners; None where no two sides meet."""
    stocks = _latest_statements(mirror, areas)
    if stocks.empty:
        return None
    frame = _heat_frame(stocks, records, words)
    of_both_sides = stocks[stocks["ratio"].notna()]
    cautions = _cautions(of_both_sides, words, "heat-apart")
    of_cells = [
        *of_both_sides["origin_record"].astype("int64").unique(),
        *of_both_sides["host_record"].astype("int64").unique(),
    ]
    used = records.loc[of_cells]
    method = words.text("mirror.text")
    title = words.text("chart.heat", years=_years_of_statements(of_both_sides))
    chart = charts.heat_map(frame)
    alt = _heat_alt(frame, words)
    about = (method, *_definitions(used, words))
    concepts = _short_definitions(used, words)
    origins = _sources(used)
    return Figure("heat", title, chart, alt, about, tuple(cautions), origins, concepts)


def _years_of_statements(stocks: pd.DataFrame) -> str:
    """First and last year of the statements of both sides."""
    years: set[int] = set()
    for name in ("origin_period", "host_period"):
        periods = stocks[name].dropna().astype("str").unique()
        years.update(filter(None, map(year_written, periods)))
    first, last = min(years, default=""), max(years, default="")
    return str(first) if first == last else f"{first}–{last}"


def _latest_statements(mirror: pd.DataFrame, areas: list[str]) -> pd.DataFrame:
    """Latest stocks of each pair of origin and host, those first where both state one.

    Only pairs of which an area that is asked for is one side.
    """
    both_sexes = mirror["sex"] == "SEX_T"
    is_stock = mirror["family"] == "stock"
    is_of_area = mirror["origin"].isin(areas) | mirror["host"].isin(areas)
    stocks = mirror[both_sexes & is_stock & is_of_area]
    both = stocks[stocks["ratio"] > 0]
    hosts = {*areas, *both["origin"], *both["host"]}
    has_origin = stocks["origin"].isin(both["origin"])
    has_host = stocks["host"].isin(hosts)
    stocks = stocks[has_origin & has_host].copy()
    stocks["met"] = stocks["ratio"].notna()
    days = stocks["gap_days"].abs()
    stocks["gap"] = days.fillna(1e9)
    keys = ["met", "host_period", "gap"]
    order = [False, False, True]
    stocks = stocks.sort_values(keys, ascending=order, kind="stable")
    return stocks.drop_duplicates(["origin", "host"])


def _heat_frame(stocks: pd.DataFrame, records: pd.DataFrame, words: Catalogue) -> pd.DataFrame:
    """Cells of the heat map, of the hosts that have a ratio with anyone."""
    is_apart = _are_apart(stocks).to_numpy()
    positive = stocks["ratio"].where(stocks["ratio"] > 0)
    names = zip(stocks["origin_name"], stocks["host_name"], strict=True)
    frame = pd.DataFrame()
    frame["origin"] = list(map(area_name, stocks["origin"]))
    frame["host"] = list(map(area_name, stocks["host"]))
    frame["log_ratio"] = np.log2(positive).to_numpy()
    frame["text"] = list(map(_ratio, stocks["ratio"], is_apart))
    frame["apart"] = is_apart
    frame["concepts"] = _concepts(stocks, records, words)
    frame["origin_says"] = stocks["origin_says"].to_numpy()
    frame["host_says"] = stocks["host_says"].to_numpy()
    frame["names"] = list(starmap(_speakers, names))
    frame["href"] = "#mirror-table"
    has_ratio = frame["text"] != ""
    hosts = frame.loc[has_ratio, "host"]
    return frame[frame["host"].isin(hosts)]


def _concepts(stocks: pd.DataFrame, records: pd.DataFrame, words: Catalogue) -> list[str]:
    """What each side of a cell counts, the origin first."""
    texts = []
    for labels in zip(stocks["origin_record"], stocks["host_record"], strict=True):
        counted = []
        for label in labels:
            if pd.notna(label) and label >= 0:
                record: Any = records.loc[int(label)]
                counted.append(counts(record, words))
        texts.append(" / ".join(counted))
    return texts


def _speakers(*names: Any) -> str:
    """Names of the sides that state a figure of a pair."""
    known = [str(name) for name in names if pd.notna(name) and name]
    return " / ".join(known)


def _heat_alt(frame: pd.DataFrame, words: Catalogue) -> str:
    """Say how many pairs there are, and which agree best and worst."""
    of_both_sides = frame[frame["text"] != ""]
    distance = of_both_sides["log_ratio"].abs()
    order = distance.sort_values(kind="stable").index
    closest = of_both_sides.loc[order[0]]
    furthest = of_both_sides.loc[order[-1]]
    pairs = {"closest": _pair_text(closest), "furthest": _pair_text(furthest)}
    return words.text("chart.heat-alt", count=len(of_both_sides), **pairs)


def _pair_text(cell: pd.Series[Any]) -> str:
    """Origin, host and ratio of a cell of the heat map."""
    return f"{cell['origin']} – {cell['host']} ({cell['text']})"


def _ratio(value: Any, is_apart: Any) -> str:
    """Two decimals, and two digits of what is smaller: 0.93, 0.0034; empty for none.

    In brackets where the two sides are not comparable.
    """
    if np.isnan(value):
        return ""
    text = f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"
    return f"({text})" if is_apart else text


def definitions(
    comparison: Comparison, pairs: pd.DataFrame, words: Catalogue
) -> tuple[str, ...]:
    """Say what each side of the pairs counts, one sentence each."""
    records = _records(comparison, pairs)
    return _definitions(records, words)


def _definitions(records: pd.DataFrame, words: Catalogue) -> tuple[str, ...]:
    """Say what each record counts, each sentence once."""
    texts = [_definition(record, words) for _, record in records.iterrows()]
    return tuple(dict.fromkeys(texts))


def _short_definitions(records: pd.DataFrame, words: Catalogue) -> tuple[str, ...]:
    """Say what each record counts, without its notes."""
    texts = []
    for _, record in records.iterrows():
        texts.append(f"{record['side']}: {counts(record, words)}.")
    return tuple(dict.fromkeys(texts))


def _definition(record: pd.Series[Any], words: Catalogue) -> str:
    """Say what a side counts, with the notes that it adds."""
    definition = f"{record['side']}: {counts(record, words)}."
    notes = str(record["notes"])
    if notes:
        return f"{definition} {notes}"
    return definition


def sources(comparison: Comparison, pairs: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Source, edition and licence of each side of the pairs, with its address."""
    return _sources(_records(comparison, pairs))


def _sources(records: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    addresses: dict[str, str] = {}
    for _, record in records.iterrows():
        text = record["side"]
        if record["licence"]:
            text = f"{text}, {record['licence']}"
        address = str(record["address"])
        addresses[text] = address if address.startswith("http") else ""
    return tuple(addresses.items())


def _records(comparison: Comparison, pairs: pd.DataFrame) -> pd.DataFrame:
    """Records of both sides of the pairs, ours first."""
    ours = pairs["ours_record"].unique()
    theirs = pairs["theirs_record"].unique()
    return comparison.records.loc[[*ours, *theirs]]


def _title(key: str, pairs: pd.DataFrame, words: Catalogue, **values: str) -> str:
    first = pairs.iloc[0]
    is_host = first["area"] == first["host"]
    partner = words.text("chart.by-in" if is_host else "chart.by-out")
    area = area_name(first["area"])
    return words.text(f"chart.{key}", area=area, partner=partner, **values)

"""Figures of a comparison report: a chart, what it says in words, and the cautions that belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ilms_sdmx.comparison.alignment import middle_day
from ilms_sdmx.reports import charts
from ilms_sdmx.reports.comparison_words import area_name, counts, reasons
from ilms_sdmx.reports.figures import Figure

if TYPE_CHECKING:
    from ilms_sdmx.comparison.comparisons import Comparison
    from ilms_sdmx.reports.catalogues import Catalogue

#: Partners that a dot plot shows.
TOP = 15


def area_figures(
    comparison: Comparison, area: str, words: Catalogue, linked: set[int] | None = None
) -> list[Figure]:
    """Figures of one area: for each table of ours its partners by source, and its total over time.

    Parameters
    ----------
    linked
        Positions of the pairs that the page shows: dots lead to them.
    """
    pairs = comparison.pairs.assign(position=range(len(comparison.pairs)))
    pairs = pairs[(pairs["area"] == area) & (pairs["sex"] == "SEX_T") & (pairs["detail"] == "")]
    found: list[Figure] = []
    for number, name in enumerate(dict.fromkeys(pairs["ours_name"].astype("str")), 1):
        mine = pairs[pairs["ours_name"] == name]
        drawn = (
            dot_figure(comparison, mine, words, f"dots-{area}-{number}", linked or set()),
            line_figure(comparison, area, name, words, f"lines-{area}-{number}"),
        )
        found += [figure for figure in drawn if figure is not None]
    return found


def dot_figure(
    comparison: Comparison, pairs: pd.DataFrame, words: Catalogue, id: str, linked: set[int]
) -> Figure | None:
    """Dot plot of the latest period of ours in which countries are named; None where there is none."""
    countries = pairs[
        (pairs["partner_kind"] == "country") & pairs["ours"].notna() & pairs["theirs"].notna()
    ]
    if countries.empty:
        return None
    period = countries["ours_period"].astype("str").max()
    countries = countries[countries["ours_period"].astype("str") == period]
    order = (
        countries.groupby("partner", observed=True)["ours"]
        .max()
        .sort_values(ascending=False, kind="stable")
    )
    top = list(order.index[:TOP])
    countries = countries[countries["partner"].isin(top)]
    frame = _dots(comparison, countries, top, words, linked)
    sides = list(
        dict.fromkeys(
            [str(countries["ours_name"].iloc[0]), *countries["theirs_name"].astype("str")]
        )
    )
    title = _title("dots", pairs, words, period=period)
    alt = words.text(
        "chart.dots-alt",
        first=area_name(top[0]),
        first_value=float(order.iloc[0]),
        ours=sides[0],
    )
    few = (words.text("chart.dots-few", count=TOP),) if len(order) > TOP else ()
    chart = charts.dots(frame, sides)
    cautions = (*reasons(countries["reasons"].astype("str").unique(), words), *few)
    return Figure(
        id,
        title,
        chart,
        alt,
        definitions(comparison, countries, words),
        cautions,
        sources(comparison, countries),
    )


def _dots(
    comparison: Comparison,
    pairs: pd.DataFrame,
    order: list[str],
    words: Catalogue,
    linked: set[int],
) -> pd.DataFrame:
    """Long frame of a dot plot: ours once a partner, then each comparator."""
    parts = []
    for side in ("ours", "theirs"):
        part = pd.DataFrame(
            {
                "partner": [area_name(p) for p in pairs["partner"]],
                "rank": [order.index(p) for p in pairs["partner"]],
                "side": pairs[f"{side}_name"].astype("str").to_numpy(),
                "value": pairs[side].to_numpy(),
                "period": pairs[f"{side}_date"].astype("str").to_numpy(),
                "verdict": [words.text(f"verdict.{v}") for v in pairs["verdict"]]
                if side == "theirs"
                else "",
                "source": comparison.records.loc[pairs[f"{side}_record"], "table"].to_numpy(),
                "href": [f"#pair-{p}" if p in linked else "" for p in pairs["position"]],
            }
        )
        parts.append(part)
    long = pd.concat(parts, ignore_index=True).drop_duplicates(["partner", "side", "period"])
    return long.sort_values("rank", kind="stable").drop(columns="rank").reset_index(drop=True)


def line_figure(
    comparison: Comparison, area: str, name: str, words: Catalogue, id: str
) -> Figure | None:
    """Total of an area over time, a line for each side and edition; None where ours has a single date."""
    out = bool(
        (comparison.records.loc[comparison.records["side"] == name, "direction"] == "out").any()
    )
    focus, partner = ("origin", "host") if out else ("host", "origin")
    series = comparison.series
    mine = (series[focus] == area) & (series[partner] == "TOTAL") & (series["sex"] == "SEX_T")
    names = [name, *(side.name for side in comparison.theirs)]
    series = series[
        mine & (series["detail"] == "") & series["side"].isin(names) & series["value"].notna()
    ]
    ours = series[series["side"] == name]
    if len(ours) < 2:
        return None
    frame = _lines(series)
    sides = [n for n in names if n in set(frame["side"])]
    title = words.text(
        "chart.lines",
        area=area_name(area),
        partner=words.text(f"comparison.partners-{'out' if out else 'in'}"),
    )
    alt = words.text(
        "chart.lines-alt",
        ours=name,
        first=float(ours["value"].iloc[0]),
        first_period=str(ours["period"].iloc[0]),
        last=float(ours["value"].iloc[-1]),
        last_period=str(ours["period"].iloc[-1]),
    )
    records = comparison.records.loc[sorted(set(series["record"]))]
    cautions = (
        *_breaks(frame, words),
        *([words.text("chart.editions")] if _editions(records) else []),
    )
    lines = tuple(dict.fromkeys(_definition(row, words) for _, row in records.iterrows()))
    return Figure(
        id, title, charts.lines(frame, sides), alt, lines, cautions, _sources(records)
    )


def _lines(series: pd.DataFrame) -> pd.DataFrame:
    frame = series[["side", "period", "value", "break", "table", "address"]].copy()
    for column in ("side", "period"):
        frame[column] = frame[column].astype("str")
    days = [middle_day(str(d)) or 0 for d in series["date"]]
    # 1 July, which is also the middle of a year, stands on the mark of its year.
    frame["year"] = np.round(np.array(days) / 365.2425 + 0.5, 2)
    broken = (frame["break"] != "").groupby(frame["side"]).cumsum().astype("str")
    frame["segment"] = frame["side"] + " " + broken
    frame["href"] = frame["address"].where(frame["address"].str.startswith("http"), "")
    return (
        frame.rename(columns={"table": "source"}).drop(columns="address").reset_index(drop=True)
    )


def _breaks(frame: pd.DataFrame, words: Catalogue) -> list[str]:
    broken = frame[frame["break"] != ""]
    if broken.empty:
        return []
    said = [f"{r['side']} {r['period']} ({r['break']})" for r in broken.to_dict("records")]
    return [words.text("chart.breaks", count=len(said), list="; ".join(said))]


def _editions(records: pd.DataFrame) -> bool:
    editions = records[["source", "edition"]].drop_duplicates()
    return bool(editions["source"].duplicated().any())


def heat_figure(mirror: pd.DataFrame, areas: list[str], words: Catalogue) -> Figure | None:
    """Heat map of stocks between the areas and their largest partners; None where no two sides meet."""
    stocks = _latest_statements(mirror, areas)
    if stocks.empty:
        return None
    frame = _heat_frame(stocks)
    shown = stocks[stocks["ratio"].notna()]
    cautions = tuple(reasons(shown["reasons"].unique(), words))
    method = (words.text("mirror.text"),)
    return Figure(
        "heat",
        words.text("chart.heat"),
        charts.heat_map(frame),
        _heat_alt(frame, words),
        method,
        cautions,
    )


def _latest_statements(mirror: pd.DataFrame, areas: list[str]) -> pd.DataFrame:
    """One row a pair of origin and host: the latest stocks, closest in time, first where both state one."""
    stocks = mirror[(mirror["sex"] == "SEX_T") & (mirror["family"] == "stock")]
    both = stocks[stocks["ratio"] > 0]
    chosen = set(areas) | set(both["origin"]) | set(both["host"])
    stocks = stocks[stocks["origin"].isin(both["origin"]) & stocks["host"].isin(chosen)]
    stocks = stocks.assign(
        met=stocks["ratio"].notna(), gap=stocks["gap_days"].abs().fillna(1e9)
    )
    stocks = stocks.sort_values(
        ["met", "host_period", "gap"], ascending=[False, False, True], kind="stable"
    )
    return stocks.drop_duplicates(["origin", "host"])


def _heat_frame(stocks: pd.DataFrame) -> pd.DataFrame:
    """Cells of the heat map, of the hosts that have a ratio with anyone."""
    with np.errstate(divide="ignore"):
        log = np.log2(stocks["ratio"].where(stocks["ratio"] > 0))
    frame = pd.DataFrame(
        {
            "origin": [area_name(a) for a in stocks["origin"]],
            "host": [area_name(a) for a in stocks["host"]],
            "log_ratio": log.to_numpy(),
            "text": ["" if r != r else _ratio(r) for r in stocks["ratio"]],
            "origin_says": stocks["origin_says"].to_numpy(),
            "host_says": stocks["host_says"].to_numpy(),
            "names": [
                " / ".join(str(n) for n in pair if n == n and n)
                for pair in zip(stocks["origin_name"], stocks["host_name"], strict=True)
            ],
            "href": ["#mirror-table"] * len(stocks),
        }
    )
    return frame[frame["host"].isin(frame.loc[frame["text"] != "", "host"])]


def _heat_alt(frame: pd.DataFrame, words: Catalogue) -> str:
    """Say how many pairs there are, and which agree best and worst."""
    spoken = frame[frame["text"] != ""].sort_values(
        "log_ratio", key=lambda c: c.abs(), kind="stable"
    )
    near, far = spoken.iloc[0], spoken.iloc[-1]
    return words.text(
        "chart.heat-alt",
        count=len(spoken),
        closest=f"{near['origin']} – {near['host']} ({near['text']})",
        furthest=f"{far['origin']} – {far['host']} ({far['text']})",
    )


def _ratio(value: float) -> str:
    """Two decimals, and two digits of what is smaller: 0.93, 0.0034."""
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def definitions(
    comparison: Comparison, pairs: pd.DataFrame, words: Catalogue
) -> tuple[str, ...]:
    """Say what each side of the pairs counts, one sentence each."""
    records = _records(comparison, pairs)
    return tuple(dict.fromkeys(_definition(row, words) for _, row in records.iterrows()))


def _definition(record: pd.Series[Any], words: Catalogue) -> str:
    """Say what a side counts, with the notes that it adds."""
    return " ".join(
        filter(None, [f"{record['side']}: {counts(record, words)}.", str(record["notes"])])
    )


def sources(comparison: Comparison, pairs: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Source, edition and licence of each side of the pairs, with its address."""
    return _sources(_records(comparison, pairs))


def _sources(records: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    texts = {
        f"{row['side']}{', ' + row['licence'] if row['licence'] else ''}": str(row["address"])
        for _, row in records.iterrows()
    }
    return tuple(
        (text, address if address.startswith("http") else "") for text, address in texts.items()
    )


def _records(comparison: Comparison, pairs: pd.DataFrame) -> pd.DataFrame:
    used = [*dict.fromkeys(pairs["ours_record"]), *dict.fromkeys(pairs["theirs_record"])]
    return comparison.records.loc[used]


def _title(key: str, pairs: pd.DataFrame, words: Catalogue, **values: str) -> str:
    first = pairs.iloc[0]
    partner = words.text("chart.by-in" if first["area"] == first["host"] else "chart.by-out")
    return words.text(f"chart.{key}", area=area_name(first["area"]), partner=partner, **values)

"""The comparison report: numbers are those of the frames, charts live in the file, paper gets them whole."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from ilms_sdmx import Comparison, compare
from ilms_sdmx.analysis.comparison.snapshots import ilostat, undesa
from ilms_sdmx.analysis.comparison.verdicts import Reason
from ilms_sdmx.outputs.reports import charts
from ilms_sdmx.outputs.reports.catalogues import catalogue
from ilms_sdmx.outputs.reports.comparison import (
    comparison_json,
    comparison_page,
    figures,
    write_comparison_json,
    write_comparison_workbook,
)
from ilms_sdmx.outputs.reports.figures import Figure


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Thailand's employed non-citizens beside both editions of UN DESA."""
    thailand = [part for part in ilostat() if "EMP_MFRC" in part.dataset.dataflow]
    return compare(thailand, undesa("2020"), undesa("2024"))


@pytest.fixture(scope="module")
def page(comparison: Comparison) -> str:
    return comparison_page(comparison)


def table(html: str, id: str) -> pd.DataFrame:
    """Values of a table of a page: what it sorts by, else its text."""
    body = re.search(rf'<table id="{id}".*?</table>', html, re.S)
    assert body
    names = re.findall(r'<th [^>]*data-name="([^"]*)"', body[0])
    rows = re.findall(r'<tr id="([^"]*)">(.*?)</tr>', body[0], re.S)
    cells = []
    for _, row in rows:
        found = re.findall(r"<td([^>]*)>(.*?)</td>", row, re.S)
        values = [re.search('data-value="([^"]*)"', a) for a, _ in found]
        cells.append(
            [
                v[1] if v else re.sub("<.*?>", "", t)
                for v, (_, t) in zip(values, found, strict=True)
            ]
        )
    return pd.DataFrame(cells, columns=names, index=[id for id, _ in rows])


def test_numbers_of_the_page_equal_the_frame(page: str, comparison: Comparison) -> None:
    shown = table(page, "pairs-table")
    assert len(shown) == len(comparison.pairs)
    headings = {
        "ours": "Our figure",
        "theirs": "Their figure",
        "gap_days": "Days between",
        "ours_share": "Our share",
    }
    headings |= {
        "difference": "Difference",
        "ratio": "Ratio",
        "theirs_residual": "Their residual",
    }
    for name, heading in headings.items():
        expected = comparison.pairs[name].astype("float64")
        ordered = pd.Series(
            [expected[int(id.removeprefix("pair-"))] for id in shown.index], index=shown.index
        )
        found = pd.to_numeric(shown[heading].replace("", None))
        pd.testing.assert_series_equal(found.astype("float64"), ordered, check_names=False)


def test_page_says_in_words_what_the_numbers_are(page: str) -> None:
    text = re.sub("<.*?>", "", page)
    assert "Thailand, all origins, 2024: ILOSTAT 2026-02 says 3,350,673." in text
    assert (
        "UN DESA IMS 2024 says 3,179,399 (1 July 2024). Not comparable: employed people against everybody "
        "resident; ages 15+ against all ages; one date is a day" in text
    )
    assert (
        "UN DESA IMS 2020: people present (stock): everybody resident, country of birth."
        in text
    )
    assert (
        "They count different populations, such as employed people against everybody resident."
        in text
    )


def test_every_figure_has_words_definitions_cautions_and_sources(
    comparison: Comparison,
) -> None:
    drawn = figures(comparison)
    assert {f.id for f in drawn} >= {"dots-THA-1", "lines-THA-1"}
    for figure in drawn:
        assert len(figure.alt) > 40
        assert figure.definitions
        assert figure.cautions
        assert any(address.startswith("https://") for _, address in figure.sources)


def test_figures_are_altair_charts_that_become_svg_and_png(comparison: Comparison) -> None:
    import altair

    figure = figures(comparison)[0]
    assert isinstance(figure.chart, altair.TopLevelMixin)
    assert figure.svg().startswith("<svg")
    assert figure.png(1).startswith(b"\x89PNG")


def test_dots_hold_the_figures_of_the_pairs(comparison: Comparison) -> None:
    figure = next(f for f in figures(comparison) if f.id == "dots-THA-1")
    (data,) = figure.specification["datasets"].values()
    values = {(row["partner"], row["side"]): row["value"] for row in data}
    assert values["Myanmar", "ILOSTAT 2026-02"] == 2270382
    assert values["Myanmar", "UN DESA IMS 2024"] == 1708695


def test_editions_are_lines_of_their_own_and_breaks_open_a_line(comparison: Comparison) -> None:
    figure = next(f for f in figures(comparison) if f.id == "lines-THA-1")
    (data,) = figure.specification["datasets"].values()
    segments = {row["segment"] for row in data if row["side"] == "ILOSTAT 2026-02"}
    assert len(segments) > 1
    assert any(row["break"] == "jump" and row["period"] == "2021" for row in data)
    assert any("never" in line for line in figure.cautions)


def heat_cells(**changed: object) -> pd.DataFrame:
    """Frame of a mirror map: Laos and Viet Nam in Thailand and Japan."""
    frame = pd.DataFrame(
        {
            "origin": ["Laos", "Laos", "Viet Nam", "Viet Nam"],
            "host": ["Thailand", "Japan", "Thailand", "Japan"],
            "log_ratio": [0.4, -1.2, 0.9, None],
            "text": ["1.32", "0.44", "1.87", ""],
            "apart": False,
            "origin_says": 1.0,
            "host_says": 2.0,
            "names": "A / B",
            "concepts": "people / people",
            "href": "",
        }
    )
    return frame.assign(**changed)


def colours_of(frame: pd.DataFrame) -> list[str]:
    """Colours of the cells of a mirror map."""
    svg = Figure("heat", "Mirror", charts.heat_map(frame), "").svg()
    return re.findall(r'fill="(#[0-9a-f]{6}|rgb[^"]*)" stroke="#ffffff"', svg)


def test_heat_map_tells_pairs_with_one_side_from_agreement() -> None:
    """Cells of which only one side speaks are grey, never of the colour of a ratio near 1."""
    colours = colours_of(heat_cells())
    assert colours.count("#dfe4ea") == 1
    assert len(set(colours)) == 4


def test_statements_that_are_not_comparable_have_no_colour() -> None:
    colours = colours_of(heat_cells(apart=[False, True, True, False]))
    assert len(colours) == 2
    drawn = figures(compare(ilostat(), undesa("2024")))
    heat = next(figure for figure in drawn if figure.id == "heat")
    (data,) = heat.specification["datasets"].values()
    both = [cell for cell in data if cell["text"]]
    assert len(both) > 5
    for cell in both:
        assert cell["apart"] == cell["text"].startswith("(")
        assert " / " in cell["concepts"]


def test_the_mirror_map_lists_what_concerns_the_areas_asked_for(
    comparison: Comparison,
) -> None:
    heat = next((f for f in figures(comparison) if f.id == "heat"), None)
    asked = {"Thailand"}
    for cell in next(iter(heat.specification["datasets"].values())) if heat else ():
        assert asked & {cell["origin"], cell["host"]}


def test_a_picture_says_by_itself_what_it_shows(comparison: Comparison) -> None:
    """Title with years, what is compared, why not, sources with edition and licence: in the SVG."""
    for figure in figures(comparison):
        svg = figure.svg()
        words = unescape(" ".join(re.findall(r">([^<]+)<", svg)))
        assert re.search(r"(19|20)\d\d", figure.title)
        assert " ".join(figure.title.split()) in words
        for sentence in (*figure.cautions, *figure.concepts):
            assert sentence in words
        for source, _ in figure.sources:
            assert source in words
        assert "CC BY" in words
        assert "…" not in words, "no label and no legend is cut"
        if figure.id.startswith("dots"):
            assert "logarithmic" in words


def test_points_that_are_not_comparable_are_apart_and_joined_by_no_line(
    comparison: Comparison,
) -> None:
    figure = next(f for f in figures(comparison) if f.id == "dots-THA-1")
    (data,) = figure.specification["datasets"].values()
    pairs = comparison.pairs
    verdicts = dict(zip(pairs["theirs_name"], pairs["verdict"], strict=True))
    theirs = [row for row in data if row["side"] in verdicts]
    assert theirs
    for row in theirs:
        is_refused = row["verdict"].startswith("not")
        assert row["apart"] == is_refused
    link, points, hollow = figure.specification["layer"]
    assert link["mark"]["type"] == "rule"
    for layer, test in (
        (link, "!datum.apart"),
        (points, "!datum.apart"),
        (hollow, "datum.apart"),
    ):
        assert {"filter": test} in layer["transform"]
    assert hollow["mark"]["filled"] is False


def test_no_line_joins_points_in_time_that_are_not_comparable(comparison: Comparison) -> None:
    figure = next(f for f in figures(comparison) if f.id == "lines-THA-1")
    layers = figure.specification["layer"]
    joining = [layer for layer in layers if layer["mark"]["type"] == "line"]
    assert len(joining) == 1
    assert {"filter": "!datum.apart"} in joining[0]["transform"]
    hollow = [layer for layer in layers if layer["mark"].get("filled") is False]
    assert {"filter": "datum.apart"} in hollow[0]["transform"]


def test_workbook_holds_every_frame_and_no_formula(
    comparison: Comparison, tmp_path: Path
) -> None:
    path = tmp_path / "comparison.xlsx"
    write_comparison_workbook(comparison, path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:3] == ["summary", "pairs", "mirror"]
    sheet = book["pairs"]
    assert sheet.max_row == len(comparison.pairs) + 1
    column = [c.value for c in sheet[1]].index("ours") + 1
    assert [sheet.cell(r, column).value for r in (2, 3)] == comparison.pairs["ours"].head(
        2
    ).tolist()


def test_json_holds_every_frame(comparison: Comparison) -> None:
    content = json.loads(comparison_json(comparison))
    assert len(content["pairs"]) == len(comparison.pairs)
    assert content["pairs"][0]["ours"] == comparison.pairs["ours"].iloc[0]
    assert content["pairs"][0]["difference"] is None
    assert {
        "mirror",
        "series",
        "revisions",
        "coverage",
        "records",
        "findings",
    } <= content.keys()


def test_page_asks_for_nothing_and_is_the_same_each_time(
    page: str, comparison: Comparison
) -> None:
    assert not re.search(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=\"https?:", page)
    assert comparison_page(comparison) == page


def test_nothing_in_common_is_a_page_that_says_so(comparison: Comparison) -> None:
    html = comparison_page(
        compare(comparison.ours[0].datasets[0], comparison.ours[0].datasets[0], max_gap_days=-1)
    )
    assert "No figures of the two sides are of the same area, partner and time." in html


@pytest.mark.browser
def test_browser_draws_sorts_and_filters_without_network(page: str, browser: Any) -> None:
    script = """
      await window.chartsDrawn;
      const table = document.getElementById("pairs-table");
      const visible = () => [...table.tBodies[0].rows].filter((r) => !r.hidden);
      const heading = [...table.tHead.rows[0].cells].find((h) => h.dataset.name === "Our figure");
      heading.querySelector("button").click();
      const column = visible().map((r) => Number(r.cells[heading.cellIndex].dataset.value));
      const tools = table.closest("section").querySelector(".tools");
      const choice = [...tools.querySelectorAll("label")].find((l) => l.textContent.startsWith("Partner"));
      const select = choice.querySelector("select");
      select.value = "Myanmar";
      select.dispatchEvent(new Event("input", { bubbles: true }));
      const charts = [...document.querySelectorAll(".chart")];
      return {
        sorted: column.every((v, i) => i === 0 || column[i - 1] <= v), rows: column.length,
        myanmar: visible().length,
        drawn: charts.map((c) => c.querySelectorAll(".live svg path").length),
        alts: charts.every((c) => c.querySelector(".live svg").getAttribute("aria-label").length > 40),
        wide: document.documentElement.scrollWidth <= innerWidth,
      };
    """
    seen = browser.visit(page, script)
    result = seen.result()
    assert seen.requests == []
    assert seen.console == []
    assert result["sorted"]
    assert result["rows"] > 50
    assert 0 < result["myanmar"] < result["rows"]
    assert len(result["drawn"]) >= 2
    assert min(result["drawn"]) > 5
    assert result["alts"]
    assert result["wide"], "the page does not scroll sideways"


@pytest.mark.browser
def test_paper_gets_every_chart_whole(page: str, comparison: Comparison, browser: Any) -> None:
    """On paper each still picture stands on one page; its live twin is not printed."""
    script = """
      await window.chartsDrawn;
      const rules = [...document.styleSheets].flatMap((s) => [...s.cssRules]);
      for (const rule of rules.filter((r) => r.media?.mediaText === "print")) document.head.append(
        Object.assign(document.createElement("style"),
        { textContent: [...rule.cssRules].map((r) => r.cssText).join("\\n") }));
      document.body.style.width = "184mm";
      return [...document.querySelectorAll("figure")].map((f) => ({
        live: getComputedStyle(f.querySelector(".live")).display,
        still: getComputedStyle(f.querySelector(".still")).display,
        wide: f.querySelector(".still svg").getBoundingClientRect().width,
        high: f.getBoundingClientRect().height,
        breaks: getComputedStyle(f).breakInside }));
    """
    shown = browser.visit(page, script).result()
    assert len(shown) == len(figures(comparison))
    for figure in shown:
        assert (figure["live"], figure["still"], figure["breaks"]) == ("none", "block", "avoid")
        assert 300 < figure["wide"] <= 184 * 96 / 25.4
        # What cannot be divided is lower than half a page, so that it leaves none half empty.
        assert figure["high"] < 267 * 96 / 25.4 / 2
    content = browser.printed(page)
    assert content.startswith(b"%PDF")
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    is_turned = [float(width) > float(height) for width, height in boxes]
    # A page stays half empty wherever paper turns: it does so once, for the wide tables at the end.
    assert is_turned == sorted(is_turned)
    assert {True, False} <= set(is_turned)


def test_json_is_written_in_chunks_as_it_is_given(
    comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written is one JSON object, whatever the number of rows that are text at once."""
    whole = comparison_json(comparison)
    monkeypatch.setattr("ilms_sdmx.outputs.reports.comparison._CHUNK", 100)
    write_comparison_json(comparison, tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == whole
    assert len(json.loads(whole)["pairs"]) == len(comparison.pairs)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words_for_a_pair_and_for_its_meaning(reason: Reason) -> None:
    messages = catalogue("en").messages
    assert messages[f"why.{reason.word}"]
    assert messages[f"reason.{reason.word}"]

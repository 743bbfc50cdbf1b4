"""Pages of reports: self-contained, safe whatever the data hold, usable with keyboard and without network."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ilms_sdmx import (
    Candidate,
    Components,
    Dataset,
    Finding,
    MappingError,
    Place,
    Report,
    Severity,
)
from ilms_sdmx.outputs.reports.catalogues import catalogue
from ilms_sdmx.outputs.reports.validation import validation_json, validation_page

HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)>=HYPERLINK("http://evil")'
SCRIPTS = [
    "ไทย กัมพูชา",
    "ກຳປູເຈຍ",
    "ភាសាខ្មែរ",
    "မြန်မာဘာသာ",
    "Đài Loan (Trung Quốc)",
    "马来西亚",
    "Türkiye",
]
FINDINGS = Report.of(
    [
        Finding(
            "sex-sum",
            Severity.WARNING,
            "M and F do not add up to T",
            Place("a.xlsx", "T1", "B7"),
        ),
        Finding(
            "unknown-label",
            Severity.ERROR,
            "Label without code: ไต้หวัน",
            Place("a.xlsx", "T1", "A17"),
            read="ไต้หวัน (จีน)",
            expected="a code of CL_CCT",
            candidates=(Candidate("CCT_CTZ_TWN", "ไต้หวัน", 74.0),),
            fix="ไต้หวัน (จีน),CCT_CTZ_TWN",
        ),
        Finding(
            "period-gap",
            Severity.NOTE,
            "2019 is missing",
            Place(dataflow="DF_X", key={"A": "THA"}),
        ),
    ]
)


class Page(HTMLParser):
    """Elements, addresses and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def attributes(self, name: str) -> list[str]:
        return [a[name] or "" for _, a in self.tags if name in a]

    def ids(self) -> list[str]:
        return self.attributes("id")


def dataset(**columns: list[str]) -> Dataset:
    frame = pd.DataFrame(columns)
    return Dataset(
        frame, Components(tuple(c for c in columns if c != "OBS_VALUE")), "ILO:DF_X(1.0)"
    )


def assert_sound(html: str) -> Page:
    """What holds for every page of ours."""
    page = Page(html)
    assert html.startswith("<!doctype html>")
    outside = [
        u
        for u in page.attributes("src") + page.attributes("href")
        if not u.startswith(("#", "data:"))
    ]
    assert all(u.startswith("https://") for u in outside)
    assert not page.attributes("src"), "a page loads nothing"
    assert len(page.ids()) == len(set(page.ids())), "ids are unique"
    targets = {u[1:] for u in page.attributes("href") if u.startswith("#")}
    assert targets <= set(page.ids()), "every link inside the page has its target"
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels)), "headings skip no level"
    return page


def test_validation_page_shows_every_finding_with_its_place_and_mend() -> None:
    page = assert_sound(validation_page(FINDINGS, name="Table 2.18"))
    for finding in FINDINGS:
        assert finding.message in page.text
        assert str(finding.place) in page.text
        assert finding.fix in page.text
    assert "CCT_CTZ_TWN “ไต้หวัน” 74" in page.text
    assert (
        "1 error prevents transmission. 1 warning asks for a look. 1 note informs." in page.text
    )


def test_gravest_findings_come_first() -> None:
    html = validation_page(FINDINGS)
    assert (
        html.index('id="finding-2"')
        < html.index('id="finding-1"')
        < html.index('id="finding-3"')
    )


def test_clean_report_says_so_with_the_number_of_observations() -> None:
    data = dataset(REF_AREA=["THA", "THA"], TIME_PERIOD=["2019", "2020"], OBS_VALUE=["1", "2"])
    page = assert_sound(validation_page(Report(), data))
    assert "No finding: 2 observations in 1 data set passed" in page.text
    assert "2019 – 2020" in page.text


def test_hostile_labels_stay_text() -> None:
    finding = Finding(
        HOSTILE, Severity.ERROR, HOSTILE, Place(HOSTILE, HOSTILE), read=HOSTILE, fix=HOSTILE
    )
    html = validation_page(Report.of([finding]), name=HOSTILE)
    page = assert_sound(html)
    assert HOSTILE in page.text
    assert not [tag for tag, _ in page.tags if tag == "img"]
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 2


def test_same_report_gives_the_same_bytes() -> None:
    assert validation_page(FINDINGS) == validation_page(FINDINGS)


def test_json_holds_the_findings_of_the_page() -> None:
    content = json.loads(validation_json(FINDINGS))
    assert [f["rule"] for f in content["findings"]] == [
        "sex-sum",
        "unknown-label",
        "period-gap",
    ]
    assert content["worst"] == "error"


def test_coverage_of_a_report_is_shown() -> None:
    class Covered(Report):
        coverage = pd.DataFrame({"dataflow": ["DF_X"], "observations": [1234], "share": [0.5]})

    page = assert_sound(validation_page(Covered(FINDINGS.findings)))
    assert "1,234" in page.text
    assert "What the checks covered" in page.text


def test_another_language_takes_the_place_of_english_and_lacks_are_english(
    tmp_path: Path,
) -> None:
    path = tmp_path / "id.toml"
    path.write_text('[findings]\nheading = "Temuan"\n', "utf-8")
    html = validation_page(FINDINGS, words=catalogue("id", path))
    assert '<html lang="id"' in html
    assert "Temuan</h2>" in html
    assert "Findings by rule" in html
    assert catalogue("id", path).number(1234567.5) == "1.234.567,5"


@pytest.mark.parametrize("content", ["[findings\nheading", None])
def test_bad_catalogue_is_a_mapping_error(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "xx.toml"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(MappingError):
        catalogue("xx", path)


@pytest.mark.browser
def test_browser_sorts_and_filters_findings_and_asks_nothing_of_the_network(
    browser: Any,
) -> None:
    many = [
        Finding(
            f"rule-{n % 3}",
            list(Severity)[n % 3],
            f"{SCRIPTS[n % 7]} {n}",
            Place("a.xlsx", "T", f"B{n}"),
        )
        for n in range(40)
    ]
    script = """
      const table = document.getElementById("findings-table");
      const visible = () => [...table.tBodies[0].rows].filter((r) => !r.hidden);
      const tools = table.closest("section").querySelector(".tools");
      const all = visible().length;
      const search = tools.querySelector("input");
      search.value = "ខ្មែរ";
      search.dispatchEvent(new Event("input", { bubbles: true }));
      const khmer = visible().length;
      search.value = "";
      const choice = tools.querySelector("select");
      choice.value = "Error";
      choice.dispatchEvent(new Event("input", { bubbles: true }));
      const errors = visible().length;
      const heading = table.tHead.rows[0].cells[2];
      heading.querySelector("button").click();
      const up = visible().map((r) => r.cells[2].textContent.trim());
      heading.querySelector("button").click();
      const down = visible().map((r) => r.cells[2].textContent.trim());
      return { all, khmer, errors, up, down, sort: heading.getAttribute("aria-sort"),
               shown: tools.querySelector("[role=status]").textContent };
    """
    seen = browser.visit(validation_page(Report.of(many)), script)
    result = seen.result()
    assert seen.requests == []
    assert seen.console == []
    assert (result["all"], result["khmer"], result["errors"]) == (40, 6, 14)
    assert result["up"] == sorted(result["up"], key=lambda p: int(p.rsplit("B", 1)[1]))
    assert result["down"] == result["up"][::-1]
    assert result["sort"] == "descending"
    assert result["shown"] == "14 of 40 rows"


@pytest.mark.browser
def test_browser_would_see_a_request_that_leaves_the_file(browser: Any) -> None:
    page = validation_page(Report()).replace(
        "<main", '<img src="https://example.invalid/a.png"><main'
    )
    assert browser.visit(page).console, "the page's own policy blocks it and says so"
    without_policy = re.sub(r"<meta http-equiv[^>]*>", "", page)
    assert browser.visit(without_policy).requests == ["https://example.invalid/a.png"]

"""Pages can be read on a telephone, and by readers of screens: axe-core finds nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ilms_sdmx import Report, compare, convert, example, validate, validation_page
from ilms_sdmx.analysis.comparison.snapshots import undesa
from ilms_sdmx.findings import find
from ilms_sdmx.outputs.reports.catalogues import catalogue
from ilms_sdmx.outputs.reports.comparison import comparison_page
from ilms_sdmx.outputs.reports.conversion import conversion_page

LANGUAGES = {"khm-sent": "km", "mmr-sent": "my", "lao-in-thailand": "lo", "tha-abroad": "th"}


def conversion(name: str) -> str:
    return conversion_page(convert(*example(name)), words=catalogue(LANGUAGES[name]))


def validation() -> str:
    emigrants = convert(*example("phl-emigrants")).datasets[0]
    met = find("negative-value", read="-1", fix="a_long_line_without_a_blank" * 9)
    return validation_page(
        validate(emigrants) + Report((met,)), emigrants, name="a_long_name" * 9
    )


def comparison() -> str:
    abroad = [d for d in convert(*example("tha-abroad")).datasets if "MNAS" in d.dataflow]
    return comparison_page(compare(abroad, undesa("2020"), undesa("2024")))


PAGES: dict[str, Any] = {"validation": validation, "comparison": comparison}
NAMES = [*LANGUAGES, *PAGES]


@cache
def page(name: str) -> str:
    if name in LANGUAGES:
        return conversion(name)
    return str(PAGES[name]())


WIDTH = """
await new Promise((done) => setTimeout(done, 2500));
const inside = document.querySelector("iframe").contentDocument;
return inside.documentElement.scrollWidth;
"""


@pytest.mark.browser
@pytest.mark.parametrize("name", NAMES)
def test_a_page_does_not_scroll_sideways_on_a_telephone(name: str, browser: Any) -> None:
    text = page(name).replace("&", "&amp;").replace('"', "&quot;")
    frame = f'<iframe style="width:360px;height:800px" srcdoc="{text}"></iframe>'
    visit = browser.visit(f"<!doctype html><html><body>{frame}</body></html>", WIDTH)
    assert visit.result() <= 360
    assert visit.requests == []


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The checker, from npm's registry; the tests skip where it cannot be had."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm")
    folder = tmp_path_factory.mktemp("axe")
    command = [npm, "pack", "axe-core@4", "--silent"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    if done.returncode:
        pytest.skip("npm's registry does not answer")
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return (folder / "package" / "axe.min.js").read_text(encoding="utf-8")


CHECK = """
await new Promise((done) => setTimeout(done, 1500));
const found = await axe.run(document, {resultTypes: ["violations"]});
return found.violations.map((v) => [v.id, v.nodes[0].html.slice(0, 200)]);
"""


def check(browser: Any, axe: str, text: str) -> object:
    """Violations of a page; its own security policy would not let the checker run."""
    before, policy, after = text.partition('<meta http-equiv="Content-Security-Policy"')
    text = before + after.partition(">")[2] if policy else text
    head, end, tail = text.rpartition("</body>")
    return browser.visit(f"{head}<script>{axe}</script>{end}{tail}", CHECK).result()


@pytest.mark.browser
@pytest.mark.network
@pytest.mark.parametrize("name", NAMES)
def test_a_report_has_no_violation(name: str, browser: Any, axe: str) -> None:
    assert check(browser, axe, page(name)) == []


@pytest.mark.browser
@pytest.mark.network
def test_no_page_of_the_site_has_a_violation(tmp_path: Path, axe: str, browser: Any) -> None:
    from tests.test_site import BUILD

    pytest.importorskip("sphinx")
    BUILD.build(tmp_path / "site")
    found = {}
    for path in sorted((tmp_path / "site").rglob("*.html")):
        rule = path.parent.name == "rules"
        if rule and path.stem > "b":  # they are all of one mould
            continue
        text = path.read_text(encoding="utf-8")
        base = f'<base href="{path.parent.as_uri()}/">'
        violations = check(browser, axe, text.replace("<head>", f"<head>{base}", 1))
        if violations:
            found[path.name] = violations
    assert found == {}, json.dumps(found, indent=1)

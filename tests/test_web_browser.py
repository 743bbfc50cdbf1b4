"""The page in a real browser: from a workbook to a package, by mouse and by keyboard alone."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ilms_sdmx import example
from tests.conftest import CHROMIUM

pytestmark = pytest.mark.browser
#: Workbooks in five languages, with their state and period; not all totals add up.
WORKBOOKS = [
    pytest.param("tha-work-permits", "THA", "2017", marks=pytest.mark.slow),
    pytest.param("idn-placement", "IDN", "2014", marks=pytest.mark.slow),
    pytest.param("khm-sent", "KHM", "2019", marks=pytest.mark.slow),
    pytest.param("brn-local-foreign", "BRN", "2019", marks=pytest.mark.slow),
    pytest.param("vnm-outflow", "VNM", "2019", marks=pytest.mark.slow),
]
LONG = 120_000


@dataclass
class Served:
    """A page that is served, and the window of a browser on it."""

    folder: Path
    process: Any = None
    address: str = ""
    trouble: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return self.address.partition("/enter")[0]

    def start(self) -> None:
        command = [sys.executable, "-m", "ilms_sdmx", "ui", "--no-browser"]
        command += ["--projects", str(self.folder / "p"), "--db", str(self.folder / "db")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def watch(self, page: Any) -> None:
        """Note what a page says on its console, and what it asks of others."""

        def said(message: Any) -> None:
            if message.type in ("error", "warning") and "409" not in message.text:
                self.trouble.append(message.text)

        def asked(request: Any) -> None:
            if not request.url.startswith((self.origin, "data:")):
                self.trouble.append(request.url)

        page.on("console", said)
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("request", asked)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    page = Served(tmp_path)
    page.start()
    yield page
    page.kill()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Browser of the system, driven by Playwright."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def window(chromium: Any, served: Served, **more: Any) -> Any:
    """Window that has come in."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, **more)
    context.set_default_timeout(LONG)
    page = context.new_page()
    served.watch(page)
    page.goto(served.address)
    page.wait_for_url(f"{served.origin}/")
    return page


def is_quiet(page: Any) -> None:
    page.locator("#desk:not([aria-busy])").wait_for()
    page.locator("#sheet table").wait_for()


def begun(page: Any, name: str) -> None:
    """Choose the workbook of an example, whose mapping is then drafted."""
    page.set_input_files("#workbook", str(example(name)[0]))
    page.wait_for_url(re.compile("/p/"))
    is_quiet(page)


def state(page: Any) -> str:
    return str(page.locator("#desk").get_attribute("data-state"))


def answered(page: Any, area: str) -> int:
    """Answer all questions by the mouse."""
    count = 0
    while page.locator(".question").count():
        question = page.locator(".question").first
        before = state(page)
        choices = question.locator('input[name="choice"]')
        if "country are" in question.locator("h3").inner_text():
            question.locator(f'input[data-value="{area}"]').check()
        elif not question.locator("input:checked").count():
            choices.first.check()
        question.locator('button[type="submit"]').click()
        page.locator(f'#desk:not([data-state="{before}"]):not([aria-busy])').wait_for()
        count += 1
        assert count < 30
    return count


def done(page: Any, task: str, shown: str, **fields: str) -> str:
    """Text of the result of a task that is started by its button."""
    form = page.locator(f'form[data-do="{task}"]')
    for name, value in fields.items():
        form.locator(f'[name="{name}"]').fill(value)
    form.locator("button").click()
    page.locator(f"#results {shown}").first.wait_for()
    return str(page.locator("#results").inner_text())


@pytest.mark.parametrize(("name", "area", "period"), WORKBOOKS)
def test_a_newcomer_comes_from_a_workbook_to_a_package(
    name: str, area: str, period: str, chromium: Any, served: Served
) -> None:
    page = window(chromium, served)
    begun(page, name)
    assert answered(page, area) > 0
    assert "Nothing is open." in page.locator("#side").inner_text()
    page.locator('[name="partial"]').check()
    assert "The data set is written." in done(page, "produce", "[data-written]")
    filled = done(page, "questionnaire", "[data-filled]", area=area, period=period)
    assert re.search(r"\d+ figures? (is|are) filled in", filled)
    done(page, "add", "[data-added]")
    form = page.locator('form[data-do="package"]')
    form.locator('[name="sender"]').fill("XX_OFFICE")
    form.locator("button").click()
    # Totals that do not add up are errors of the validation: there is no package then.
    either = "#results [data-packaged], #trouble:not([hidden])"
    page.locator(either).first.wait_for()
    page.reload()
    is_quiet(page)
    assert page.locator(".question").count() == 0
    assert served.trouble == [] or all("422" in text for text in served.trouble)
    page.context.close()


def tab_to(page: Any, selector: str, most: int = 80) -> None:
    """Press Tab until something has the focus."""
    for _ in range(most):
        if page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {selector}")


@pytest.mark.slow
def test_the_keyboard_alone_does_it(chromium: Any, served: Served) -> None:
    page = window(chromium, served)
    # The dialogue of files is the browser's own: an example needs none.
    begun(page, "vnm-outflow")
    while page.locator(".question").count():
        before = state(page)
        line = page.locator(".question").first.get_attribute("data-line")
        inside = f'[data-line="{line}"] '
        title = page.locator(f"{inside}h3").inner_text()
        tab_to(page, f'{inside}input[type="radio"]')
        if "country are" in title:
            tab_to(page, f"{inside}[data-search]")
            page.keyboard.type("viet")
            page.locator(f'{inside}[role="option"]').first.wait_for()
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
        tab_to(page, f'{inside}button[type="submit"]')
        page.keyboard.press("Enter")
        page.locator(f'#desk:not([data-state="{before}"]):not([aria-busy])').wait_for()
        # The focus is at the next question, or at the heading where none is left.
        assert page.evaluate("document.activeElement.closest('#side') !== null")
    page.keyboard.press("Control+Home")
    page.locator("h1").first.evaluate("(node) => { node.tabIndex = -1; node.focus(); }")
    tab_to(page, "td[data-a]")
    first = page.evaluate("document.activeElement.dataset.a")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.a") != first
    page.keyboard.press("Enter")
    assert page.locator("#cell").is_visible()
    tab_to(page, "#why")
    page.keyboard.type("counted elsewhere")
    tab_to(page, "#mark [type=submit]")
    page.keyboard.press("Escape")
    assert not page.locator("#cell").is_visible()
    assert page.evaluate("document.activeElement.matches('td')")
    tab_to(page, 'form[data-do="produce"] button')
    page.keyboard.press("Enter")
    page.locator("[data-written]").wait_for()
    tab_to(page, 'form[data-do="questionnaire"] [name="area"]')
    tab_to(page, 'form[data-do="questionnaire"] button')
    page.keyboard.press("Enter")
    page.locator("[data-filled]").wait_for()
    tab_to(page, 'form[data-do="package"] [name="sender"]')
    page.keyboard.type("VN_DOLAB")
    tab_to(page, 'form[data-do="package"] button')
    page.keyboard.press("Enter")
    page.locator("[data-packaged]").wait_for()
    assert served.trouble == []
    page.context.close()


@pytest.mark.slow
def test_undo_a_second_window_and_a_killed_server_lose_nothing(
    chromium: Any, served: Served
) -> None:
    page = window(chromium, served)
    begun(page, "khm-abroad")
    other = page.context.new_page()
    served.watch(other)
    other.goto(page.url)
    is_quiet(other)
    question = page.locator(".question").first
    question.locator('input[data-value="KHM"]').check()
    question.locator('button[type="submit"]').click()
    page.locator('#desk[data-state="2"]:not([aria-busy])').wait_for()
    late = other.locator(".question").nth(1)
    late.locator('input[name="choice"]').first.check()
    late.locator('button[type="submit"]').click()
    other.locator("#trouble:not([hidden])").wait_for()
    assert "KHM" in other.locator("#trouble pre").inner_text()
    other.locator('#desk[data-state="2"]:not([aria-busy])').wait_for()
    page.locator("[data-undo]").click()
    page.locator('#desk[data-state="3"]:not([aria-busy])').wait_for()
    assert "country are" in page.locator(".question").first.inner_text()
    address = page.url.removeprefix(served.origin)
    served.kill()
    served.trouble.clear()
    page.context.close()
    served.start()
    page = window(chromium, served)
    page.goto(f"{served.origin}{address}")
    is_quiet(page)
    assert state(page) == "3"
    assert page.locator("#states tbody tr").count() == 3
    assert served.trouble == []
    page.context.close()


@pytest.mark.slow
def test_a_cell_says_what_it_is_and_a_click_makes_it_something_else(
    chromium: Any, served: Served
) -> None:
    page = window(chromium, served)
    page.locator('[data-example="sgp-work-passes"]').click()
    page.wait_for_url(re.compile("/p/"))
    is_quiet(page)
    cell = page.locator("td[data-role=observation]").first
    address = cell.get_attribute("data-a")
    cell.click()
    page.locator("[data-sources]").click()
    page.locator("#sources table").first.wait_for()
    assert "REF_AREA" in page.locator("#sources").inner_text()
    page.locator("#role").select_option("ignore")
    page.locator("#why").fill("counted elsewhere")
    page.locator("#mark [type=submit]").click()
    page.locator('#desk[data-state="2"]:not([aria-busy])').wait_for()
    assert page.locator(f'td[data-a="{address}"]').get_attribute("data-role") == "ignore"
    page.locator("[data-undo]").click()
    page.locator('#desk[data-state="3"]:not([aria-busy])').wait_for()
    assert page.locator(f'td[data-a="{address}"]').get_attribute("data-role") == "observation"
    assert served.trouble == []
    page.context.close()


@pytest.mark.slow
def test_a_finding_leads_to_a_cell_that_is_not_drawn_yet(
    chromium: Any, served: Served, tmp_path: Path
) -> None:
    lines = ["Workers abroad by country of destination 2020,", "Country,Workers"]
    lines += [f"Place {number},{number}" for number in range(3, 2600)]
    lines[2000] = "Place 2000,x4"
    path = tmp_path / "long.csv"
    path.write_text("\n".join(lines), "utf-8")
    page = window(chromium, served)
    page.set_input_files("#workbook", str(path))
    page.wait_for_url(re.compile("/p/"))
    is_quiet(page)
    assert page.locator('td[data-a="B2001"]').count() == 0
    page.evaluate("goTo(names[0], 'B2001')")
    page.locator("td:focus").wait_for()
    assert page.locator("td:focus").get_attribute("data-a") == "B2001"
    assert served.trouble == []
    page.context.close()


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The checker, from npm's registry."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm")
    folder = tmp_path_factory.mktemp("axe")
    command = [npm, "pack", "axe-core@4", "--silent"]
    run = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    if run.returncode:
        pytest.skip("npm's registry does not answer")
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return (folder / "package" / "axe.min.js").read_text(encoding="utf-8")


CHECK = """async () => {
const found = await axe.run(document, {resultTypes: ["violations"]});
return found.violations.map((v) => [v.id, v.nodes[0].html.slice(0, 200)]);
}"""


@pytest.mark.network
def test_no_page_has_a_violation_or_scrolls_sideways(
    chromium: Any, served: Served, axe: str
) -> None:
    page = window(chromium, served, bypass_csp=True)
    pages = [f"{served.origin}/"]
    for name in ("khm-sent", "tha-abroad", "mmr-sent", "lao-in-thailand", "khm-abroad"):
        page.goto(f"{served.origin}/")
        if name == "khm-abroad":
            begun(page, name)
        else:
            page.locator(f'[data-example="{name}"]').click()
            page.wait_for_url(re.compile("/p/"))
            is_quiet(page)
        pages.append(page.url)
        if name == "tha-abroad":
            done(page, "add", "[data-added]")
    flow = f"{served.origin}/database/DF_POP_MNAS_SEX_CRS_NB"
    pages += [f"{served.origin}/database", flow, f"{flow}?view=pivot", f"{flow}?view=chart"]
    pages.append(f"{flow}/history?REF_AREA=THA&CRS=CRS_RES_JPN")
    for address in pages:
        for width, scheme in ((360, "light"), (1920, "dark")):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme, forced_colors="none")
            page.goto(address)
            if "/p/" in address:
                is_quiet(page)
            page.evaluate(f"{axe};0")
            assert page.evaluate(CHECK) == [], (address, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.emulate_media(forced_colors="active")
    page.goto(pages[1])
    is_quiet(page)
    assert page.locator("td .sign").first.inner_text().strip()
    assert served.trouble == []
    page.context.close()


def test_the_database_is_looked_at_by_addresses(chromium: Any, served: Served) -> None:
    page = window(chromium, served)
    page.locator('[data-example="tha-abroad"]').click()
    page.wait_for_url(re.compile("/p/"))
    is_quiet(page)
    project = page.url
    done(page, "add", "[data-added]")
    page.goto(f"{served.origin}/database")
    page.locator("main table a", has_text="Stock of nationals abroad").click()
    page.locator('select[name="CRS"]').select_option("CRS_RES_JPN")
    page.locator("form.facets button").click()
    page.wait_for_url(re.compile("CRS=CRS_RES_JPN"))
    assert "1 figure" in page.locator("[data-count]").inner_text()
    page.locator("td.number a").first.click()
    origin = page.locator("main td a").first
    assert "thai_workers_abroad" in origin.inner_text()
    origin.click()
    page.wait_for_url(re.compile("/p/"))
    is_quiet(page)
    assert page.url.startswith(project)
    page.locator("td:focus").wait_for()
    assert page.locator("td:focus").get_attribute("data-role") in ("observation", "of_which")
    assert served.trouble == []
    page.context.close()

"""The page with a sheet of 20,000 cells, next to a bare table of as many: drawing and a click.

The page draws its first window of rows, and the others as they are scrolled to.

Run: `python -m benchmarks.page`, with Playwright and Chromium.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROWS, COLUMNS, TURNS = 1000, 20, 5


def workbook(path: Path) -> None:
    """Table of countries by year, of 20,000 cells."""
    years = [str(1990 + number) for number in range(COLUMNS - 1)]
    lines = ["Workers abroad by country of destination", ",".join(["Country", *years])]
    for row in range(ROWS - 2):
        figures = [str(1000 + row + column) for column in range(COLUMNS - 1)]
        lines.append(",".join([f"Place {row}", *figures]))
    path.write_text("\n".join(lines), "utf-8")


BARE = """
<!doctype html><style>tr{content-visibility:auto}.on{background:#ff0}</style><div id=box></div><script>
async function draw() {
  let text = "<table>";
  for (let r = 0; r < %d; r++) {
    text += "<tr>";
    for (let c = 0; c < %d; c++) text += `<td data-r=${r} tabindex=-1>${r * c}</td>`;
    text += "</tr>";
  }
  document.getElementById("box").innerHTML = text + "</table>";
}
document.addEventListener("click", (event) => {
  for (const cell of event.target.parentElement.children) cell.classList.add("on");
});
</script>"""

DRAW = """async (call) => {
  const start = performance.now();
  await eval(call);
  document.querySelector("td").getBoundingClientRect();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - start;
}"""
CLICK = """async (number) => {
  const cells = document.querySelectorAll("td[tabindex]");
  const start = performance.now();
  cells[number].click();
  cells[number].getBoundingClientRect();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - start;
}"""


def measured(page: Any, call: str) -> tuple[float, float]:
    """Medians of drawing and of a click, in milliseconds."""
    draws = [page.evaluate(DRAW, call) for _ in range(TURNS)]
    clicks = [page.evaluate(CLICK, 200 + 7 * number) for number in range(TURNS)]
    return statistics.median(draws), statistics.median(clicks)


def main() -> None:
    """Print the medians of both, and what an answer takes until it is on disk."""
    from playwright.sync_api import sync_playwright

    folder = Path(tempfile.mkdtemp())
    source = folder / "large.csv"
    workbook(source)
    command = [sys.executable, "-m", "ilms_sdmx", "ui", "--no-browser"]
    command += ["--projects", str(folder / "p"), "--db", str(folder / "db")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    with sync_playwright() as driver:
        path = shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(bypass_csp=True)
        context.set_default_timeout(300_000)
        page = context.new_page()
        page.goto(address)
        page.wait_for_url(re.compile(r":\d+/$"))
        page.set_input_files("#workbook", str(source))
        page.wait_for_url(re.compile("/p/"))
        page.locator("#desk:not([aria-busy])").wait_for()
        page.locator("#sheet table").wait_for()
        ours = measured(page, "drawSheet(0)")
        bare = context.new_page()
        bare.set_content(BARE % (ROWS, COLUMNS))
        theirs = measured(bare, "draw()")
        for name, own, other in zip(("draw", "click"), ours, theirs, strict=True):
            print(f"{name}: page {own:.0f} ms, bare {other:.0f} ms, {own / other:.1f} times")
        browser.close()
    process.terminate()
    process.wait()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()

"""The site: `python docs/build.py [FOLDER]` makes it, checks it, and packs it as one offline zip.

Needs the extra `[docs]`. Warnings of Sphinx are errors; every link inside the site leads somewhere, and no page
asks another host for anything.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html

DOCS = Path(__file__).parent
#: What a page loads, with the attribute that names it.
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
#: Relations of `<link>` that name another page and load nothing.
NAMED = {"next", "prev", "index", "search", "canonical", "author", "alternate", "genindex"}
URL = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")
#: Marks of the theme, and what they are to say too: levels of headings, names of parts of a page, blocks of
#: code that scroll and are reached by the keyboard, cells of a table that head nothing.
ROLES = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Pages">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="On this page">',
    '<aside class="toc-drawer no-toc">': '<aside class="toc-drawer no-toc" aria-label="On this page">',
    "<pre>": '<pre tabindex="0">',
    '<th class="head"><p></p></th>': "<td></td>",
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
    '<div id="search-results">': '<h1>Search</h1><div id="search-results">',
}
SIGNATURE = re.compile(r'<dt class="sig .*?</dt>', re.DOTALL)
#: Time of every file in the zip, so that the same pages give the same bytes.
TIME = (2020, 1, 1, 0, 0, 0)


def build(folder: Path) -> Path:
    """Make the site in a folder and give its first page; the checkout stays as it is."""
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "docs"
        shutil.copytree(DOCS, source, ignore=shutil.ignore_patterns("__pycache__", "api"))
        command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
        command += ["-d", str(Path(temporary) / "doctrees"), str(source), str(folder)]
        subprocess.run(command, check=True)
    (folder / ".buildinfo").unlink(missing_ok=True)
    for page in folder.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        page.write_text(accessible(text), encoding="utf-8")
    return folder / "index.html"


def accessible(text: str) -> str:
    """Page as readers of screens and keyboards need it, where the theme leaves that out."""
    for plain, said in ROLES.items():
        text = text.replace(plain, said)
    return SIGNATURE.sub(_lines_of_signature, text)


def _lines_of_signature(signature: re.Match[str]) -> str:
    """Signature over several lines, which is no list of definitions."""
    lines = signature[0].replace("<dl>", '<span class="sig-lines">').replace("</dl>", "</span>")
    return lines.replace("<dd>", '<span class="sig-line">').replace("</dd>", "</span>")


def pack(folder: Path, target: Path) -> None:
    """Pack a site as one zip, the same bytes for the same pages."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = str(Path("ilms_sdmx-docs") / path.relative_to(folder))
                entry = zipfile.ZipInfo(name, TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())


def faults(folder: Path) -> list[str]:
    """What is wrong in a site: links that lead nowhere, and what is loaded from another host."""
    pages = {path.resolve(): html.parse(str(path)).getroot() for path in folder.rglob("*.html")}
    anchors = {path: _anchors(page) for path, page in pages.items()}
    found = []
    for path, page in sorted(pages.items()):
        name = path.relative_to(folder.resolve())
        found += [f"{name}: loads {address}" for address in _loaded(page) if _foreign(address)]
        for address in dict.fromkeys(page.xpath("//a/@href")):
            if not _leads(path, address, anchors):
                found.append(f"{name}: {address} leads nowhere")
    for path in folder.rglob("*.css"):
        addresses = URL.findall(path.read_text(encoding="utf-8"))
        foreign = [a or b for a, b in addresses if _foreign(a or b)]
        found += [f"{path.name}: loads {address}" for address in foreign]
    return found


def _anchors(page: html.HtmlElement) -> set[str]:
    return {*page.xpath("//@id"), *page.xpath("//a/@name")}


def _loaded(page: html.HtmlElement) -> Iterator[str]:
    """Addresses that a page loads when it is opened."""
    for tag, attribute in LOADED.items():
        for element in page.iter(tag):
            if element.get("rel") not in NAMED:
                yield element.get(attribute) or ""
    for style in page.xpath("//style/text()"):
        yield from (a or b for a, b in URL.findall(style))


def _foreign(address: str) -> bool:
    return bool(urlsplit(address).netloc)


def _leads(path: Path, address: str, anchors: dict[Path, set[str]]) -> bool:
    """Whether a link leads to a page, a place on it, or a file of the site."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return True
    target = path
    if parts.path:
        target = (path.parent / unquote(parts.path)).resolve()
    if not target.is_file():
        return False
    if not parts.fragment or target not in anchors:
        return True
    return unquote(parts.fragment) in anchors[target]


def main(folder: str = "build/site") -> int:
    """Make, check and pack the site; 1 where something is wrong."""
    site = Path(folder)
    shutil.rmtree(site, ignore_errors=True)
    first = build(site)
    wrong = faults(site)
    for line in wrong:
        print(line)
    archive = site.with_name("ilms_sdmx-docs.zip")
    pack(site, archive)
    print(f"{first}\n{archive}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

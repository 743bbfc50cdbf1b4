"""The site is made of the pages: links that lead nowhere and loads from other hosts are told."""

import importlib.util
import inspect
import io
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import ilms_sdmx

ROOT = Path(__file__).parents[1]


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


BUILD = module("build")


def page(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<!doctype html><html><body>{body}</body></html>", encoding="utf-8")


@pytest.mark.parametrize(
    "body",
    [
        "<a href='other.html'>page</a>",
        "<a href='sub/other.html#part'>place on a page</a>",
        "<a href='#here'>place</a><p id='here'>text</p>",
        "<a href='https://example.org/'>another host, for the reader to go to</a>",
        "<img src='data:image/png;base64,AA'>",
        "<link rel='next' href='https://example.org/'>",
    ],
)
def test_a_whole_site_has_no_fault(body: str, tmp_path: Path) -> None:
    page(tmp_path, "index.html", body)
    page(tmp_path, "other.html", "<p>text</p>")
    page(tmp_path, "sub/other.html", "<h2 id='part'>Part</h2>")
    assert BUILD.faults(tmp_path) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<a href='gone.html'>page</a>", "gone.html leads nowhere"),
        ("<a href='#gone'>place</a>", "#gone leads nowhere"),
        ("<a href='sub/other.html#gone'>place</a>", "sub/other.html#gone leads nowhere"),
        ("<script src='https://example.org/x.js'></script>", "loads https://example.org/x.js"),
        ("<img src='//example.org/x.png'>", "loads //example.org/x.png"),
        ("<link rel='stylesheet' href='https://example.org/x.css'>", "loads https://"),
        ("<style>@import 'https://example.org/x.css';</style>", "loads https://example.org"),
        ("<style>p {background: url(http://example.org/x.png)}</style>", "loads http://"),
    ],
)
def test_a_fault_names_its_page(body: str, said: str, tmp_path: Path) -> None:
    page(tmp_path, "deep/index.html", body)
    page(tmp_path, "deep/sub/other.html", "")
    (fault,) = BUILD.faults(tmp_path)
    assert fault.startswith("deep/index.html: ")
    assert said in fault


def test_a_style_sheet_that_loads_a_font_of_another_host_is_a_fault(tmp_path: Path) -> None:
    page(tmp_path, "index.html", "")
    sheet = tmp_path / "x.css"
    sheet.write_text("@font-face {src: url('https://example.org/x.woff2')}")
    assert BUILD.faults(tmp_path) == ["x.css: loads https://example.org/x.woff2"]


def test_a_page_is_made_accessible() -> None:
    text = (
        '<p class="caption" role="heading">Start</p><pre>code</pre>'
        '<dt class="sig sig-object">f(<dl>\n<dd>a,</dd>\n</dl>)</dt><dl><dd>kept</dd></dl>'
    )
    assert BUILD.accessible(text) == (
        '<p class="caption" role="heading" aria-level="2">Start</p><pre tabindex="0">code</pre>'
        '<dt class="sig sig-object">f(<span class="sig-lines">\n<span class="sig-line">a,'
        "</span>\n</span>)</dt><dl><dd>kept</dd></dl>"
    )


def test_the_same_pages_are_the_same_zip(tmp_path: Path) -> None:
    site = tmp_path / "site"
    page(site, "index.html", "ລາວ")
    page(site, "sub/other.html", "x")
    archives = []
    for name in ("a.zip", "b.zip"):
        BUILD.pack(site, tmp_path / name)
        archives.append((tmp_path / name).read_bytes())
        for path in site.rglob("*.html"):
            path.touch()
    assert archives[0] == archives[1]


def test_the_navigation_has_every_page_that_the_index_lists() -> None:
    pytest.importorskip("sphinx")
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    trees = "\n".join(module("conf")._trees(text))
    listed = [p for p in ROOT.glob("docs/*/*.md") if p.parent.name in {"how-to", "tutorial"}]
    missing = [p.name for p in listed if f"\n{p.parent.name}/{p.stem}\n" not in trees]
    assert missing == []
    assert ":caption: Reference" in trees


def docstrings() -> Iterator[tuple[str, str]]:
    """Name and docstring of every public name and its members."""
    for public in ilms_sdmx.__all__:
        value = getattr(ilms_sdmx, public)
        members = {"": value}
        if inspect.isclass(value):
            members |= vars(value)
        for member, documented in members.items():
            text = inspect.getdoc(documented)
            is_shown = callable(documented) or isinstance(documented, property)
            if text and is_shown and not member.startswith("_"):
                yield f"{public}.{member}".rstrip("."), text


def test_docstrings_of_public_names_are_good_markup() -> None:
    core = pytest.importorskip("docutils.core")
    wrong = {}
    for public, text in docstrings():
        said = io.StringIO()
        settings = {"report_level": 2, "halt_level": 5, "warning_stream": said}
        core.publish_doctree(text, settings_overrides=settings)
        if said.getvalue():
            wrong[public] = said.getvalue()
    assert wrong == {}


@pytest.mark.slow
def test_the_site_is_made_without_a_warning_and_has_no_fault(tmp_path: Path) -> None:
    pytest.importorskip("sphinx")
    first = BUILD.build(tmp_path / "site")
    assert BUILD.faults(tmp_path / "site") == []
    assert "A first conversion" in first.read_text(encoding="utf-8")
    api = (tmp_path / "site/reference/api/ilms_sdmx.Report.html").read_text(encoding="utf-8")
    assert "of_severity" in api
    assert "exit_code" in api

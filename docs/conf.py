"""Settings of Sphinx for the site: `python docs/build.py` makes it."""

from __future__ import annotations

import re
from typing import Any

from pygments.lexers.special import TextLexer

import ilms_sdmx

project = "ilms_sdmx"
author = "the contributors of ilms_sdmx"
copyright = "the contributors of ilms_sdmx, Apache 2.0"
version = release = ilms_sdmx.__version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
]
exclude_patterns = ["examples", "_templates"]
templates_path = ["_templates"]
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]

# SQL of DuckDB has more than the colours know.
suppress_warnings = ["misc.highlighting_failure"]

default_role = "code"

# Names: real signatures, members with their own text, and the examples that the tests run.
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
maximum_signature_line_length = 72
autosummary_generate = True
add_module_names = False
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# Pages: nothing is asked of another host, so that the site works from a folder.
html_theme = "furo"
html_title = f"ilms_sdmx {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_last_updated_fmt = None
html_theme_options = {"navigation_with_keys": False}
# Readable against white and against black: the contrast that WCAG 2 asks (AA).
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
linkcheck_timeout = 20
linkcheck_retries = 2

#: Heading of the second level, and a link of a list.
_LINE = re.compile(r"^## (?P<heading>.+)$|\[[^\]]*\]\((?P<page>[\w/.-]+)\.md\)", re.MULTILINE)


def contents(app: Any, docname: str, source: list[str]) -> None:
    """Add the navigation to a page that lists others: its links, under its headings."""
    if docname.startswith("reference/rules/") and not docname.endswith("index"):
        source[0] = f"---\norphan: true\n---\n{source[0]}"  # two hundred, listed by their index
    if docname == "index":
        source[0] += "\n".join(_trees(source[0]))


def _trees(text: str) -> list[str]:
    pages: dict[str, list[str]] = {}
    seen: set[str] = set()
    heading = ""
    for line in _LINE.finditer(text):
        heading = line["heading"] or heading
        page = line["page"]
        if page and heading and page not in seen:
            seen.add(page)
            pages.setdefault(heading, []).append(page)
    lines = []
    for caption, listed in pages.items():
        lines += ["", "```{toctree}", ":hidden:", f":caption: {caption}", ""]
        lines += [*listed, "```", ""]
    return lines


def setup(app: Any) -> None:
    """Connect the navigation to Sphinx, and let it take tables for plain text."""
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", contents)

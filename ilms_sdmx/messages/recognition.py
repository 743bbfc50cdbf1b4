"""Which family of formats some bytes belong to, told from their content alone."""

from __future__ import annotations

import re

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.opening import Source

_HTML = re.compile(r"<(!doctype\s+html|html)\b", re.IGNORECASE)
_CSV = re.compile(r'"?(DATAFLOW|STRUCTURE)(\[.{0,8}?\])?"?(?=[^A-Za-z0-9_"]|$)')


def recognise(source: Source) -> str:
    """Family of a source: `sdmx-ml`, `sdmx-json` or `sdmx-csv`.

    Raises
    ------
    MessageError
        It is none of them; an HTML page is named as such, and the first characters are quoted.
    """
    text = source.text().lstrip()
    if text.startswith("<"):
        if _HTML.search(text[:2000]):
            expected = "expected an SDMX message, found an HTML page"
            raise MessageError(f"{source.name}: {expected}: {_start(text)}")
        return "sdmx-ml"
    if text.startswith("{"):
        return "sdmx-json"
    if _CSV.match(text):
        return "sdmx-csv"
    raise MessageError(
        f"{source.name}: line 1: expected an SDMX message (XML, JSON with `{{`, or CSV whose "
        f"first column is DATAFLOW or STRUCTURE), found: {_start(text)}"
    )


def _start(text: str) -> str:
    """First characters as they are quoted in an error."""
    words = text[:200].split()
    return repr(" ".join(words)[:80])

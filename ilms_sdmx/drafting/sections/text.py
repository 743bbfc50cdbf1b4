"""Writing of a draft mapping: YAML with the evidence and the open questions as comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

_SAFE = re.compile(r"[A-Za-z][\w./()'’&-]*(?: [\w./()'’&-]+)*")
_WORDS = {"yes", "no", "true", "false", "null", "on", "off", "n", "y"}


def quoted(text: str) -> str:
    """Text as a YAML scalar that is a string, quoted where needed.

    >>> quoted("Total"), quoted("2019"), quoted("a: b")
    ('Total', '"2019"', '"a: b"')
    """
    if _SAFE.fullmatch(text) and text.casefold() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def pattern(text: str) -> str:
    """Text as a pattern that means just this text; one with `*` or slashes is escaped."""
    is_expression = text.startswith("/") and text.endswith("/")
    if is_expression or "*" in text:
        return quoted(f"/^{re.escape(text)}$/")
    return quoted(text)


def expression(text: str) -> str:
    """Regular expression as a pattern."""
    return quoted(f"/{text}/")


def comment(text: str) -> str:
    """Comment after a line, empty for no text."""
    words = " ".join(text.split())
    return f"  # {words}" if words else ""


def question(text: str) -> str:
    """Comment with what a person must decide, empty for no text."""
    if not text:
        return ""
    return comment(f"decide: {text}")


def listed(texts: Iterable[str]) -> str:
    """Values as a list on one line."""
    return f"[{', '.join(texts)}]"


def patterns(labels: Iterable[str]) -> str:
    """Pattern of one label, or the list of the patterns of several."""
    written = list(map(pattern, labels))
    if len(written) == 1:
        return written[0]
    return listed(written)


def inline(pairs: Iterable[tuple[str, str]]) -> str:
    """Keys and values on one line."""
    written = [f"{key}: {value}" for key, value in pairs]
    return "{" + ", ".join(written) + "}"


def indented(lines: Iterable[str], blanks: int) -> list[str]:
    """Lines with blanks before them."""
    return [" " * blanks + line for line in lines]

"""Writing of a draft mapping: YAML with the evidence and the open questions as comments."""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections.abc import Callable, Iterable

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
    if "*" in text or (text.startswith("/") and text.endswith("/")):
        return quoted(f"/^{re.escape(text)}$/")
    return quoted(text)


def comment(text: str) -> str:
    """Comment after a line, empty for no text."""
    return f"  # {' '.join(text.split())}" if text else ""


def inline(pairs: Iterable[tuple[str, str]]) -> str:
    """Keys and values on one line."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"


def slug(text: str, taken: set[str], fallback: str) -> str:
    """Code made of the Latin words of a label, or of the fallback and a number; unique among `taken`.

    >>> slug("Đài Loan", set(), "COUNTRY"), slug("ไต้หวัน", set(), "COUNTRY")
    ('DAI_LOAN', 'COUNTRY_1')
    """
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    latin = "".join(c for c in plain if not unicodedata.combining(c))
    words = re.findall(r"[A-Za-z0-9]+", latin)
    tells = re.search(r"[A-Za-z]{2}", latin) or not any(c.isalpha() for c in latin)
    stem = "_".join(words[:5]).upper()[:40].strip("_") if tells else ""
    code, number = stem or f"{fallback}_1", 1
    while code in taken:
        number += 1
        code = f"{stem or fallback}_{number}"
    taken.add(code)
    return code


def same_start(texts: Iterable[str]) -> str:
    """Characters with which all texts begin.

    >>> same_start(["Deployed, 2018", "Deployed, 2019"])
    'Deployed, 201'
    """
    alike = itertools.takewhile(
        lambda letters: len(set(letters)) == 1, zip(*texts, strict=False)
    )
    return "".join(letters[0] for letters in alike)


def shortest_run(text: str, fits: Callable[[str], bool]) -> str:
    """Shortest run of at most nine words of a text that fits, without marks at its end; empty for none.

    >>> shortest_run("Workers sent abroad in 2019, by market", lambda run: "2019" in run)
    '2019'
    """
    words = text.split()
    runs = [
        " ".join(words[i:j])
        for i in range(len(words))
        for j in range(i + 1, min(len(words), i + 9) + 1)
    ]
    bare = [run.strip(" ,;:") for run in runs]
    return min((run for run in bare if fits(run)), key=len, default="")

"""Languages: which of those that the names are in an answer is written in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ilms_sdmx.messages.csv.names import names_of_dataflow
from ilms_sdmx.structures.facts import LANGUAGES

#: Longest header that is read, and most languages of it.
_LONGEST, _MOST = 1_000, 30


def chosen_language(accepted: str) -> str:
    """Language of an answer: the known one with the greatest weight, else English.

    Parameters
    ----------
    accepted
        Header `Accept-Language`; empty for any.

    Examples
    --------
    >>> chosen_language("de, fr-CA;q=0.8, en;q=0.5")
    'fr'
    >>> chosen_language("km")
    'en'
    """
    best = ("", 0.0)
    for item in accepted[:_LONGEST].split(",")[:_MOST]:
        tag, _, weight = item.partition(";")
        language = tag.strip().lower().partition("-")[0]
        known = _weight(weight)
        if language in LANGUAGES and known > best[1]:
            best = (language, known)
    return best[0] or LANGUAGES[0]


def _weight(text: str) -> float:
    """Weight of a language; 1 where none is said, 0 where it is no number."""
    name, _, value = text.strip().partition("=")
    if not name:
        return 1.0
    digits = value.strip()
    is_number = digits.replace(".", "", 1).isdigit() and len(digits) <= 5
    return float(digits) if name.strip() == "q" and is_number else 0.0


@lru_cache(maxsize=64)
def names_in(dataflow: str, language: str) -> dict[str, dict[str, str]]:
    """Names of a dataflow's codes by component, its own under the empty code."""
    return names_of_dataflow(dataflow, language)


def named_in(tree: Any, language: str) -> Any:
    """Structures of SDMX-JSON whose `name` is in a language, where there is one in it."""
    if isinstance(tree, list):
        for item in tree:
            named_in(item, language)
    elif isinstance(tree, dict):
        names = tree.get("names")
        if isinstance(names, dict) and language in names:
            tree["name"] = names[language]
        for value in tree.values():
            named_in(value, language)
    return tree

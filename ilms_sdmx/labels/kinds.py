"""Kinds of labels that codes of a classification version may have."""

from __future__ import annotations

#: Beginning of a code to the kinds of labels that may have it.
KINDS: dict[str, frozenset[str]] = {
    "SEX": frozenset({"sex"}),
    "AGE": frozenset({"age"}),
    "EDU": frozenset({"education"}),
    "ECO": frozenset({"industry"}),
    "OCU": frozenset({"occupation"}),
    "STE": frozenset({"status"}),
    "CCT_CIT": frozenset({"citizenship"}),
    "CBR_BIR": frozenset({"birth"}),
}
COUNTRIES = frozenset({"country", "nationality"})


def kinds_of(prefix: str) -> frozenset[str]:
    """Kinds of labels that codes with a prefix may have."""
    for start, kinds in KINDS.items():
        if prefix.startswith(start):
            return kinds
    return COUNTRIES

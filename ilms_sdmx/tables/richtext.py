"""Raised and lowered type split off the text it hangs on: a footnote mark never becomes part of a number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: Raised and lowered characters of Unicode and what they stand for.
RAISED = dict(
    zip(
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
        "0123456789+-()nabcdefghijklmoprstuvwxyz",
        strict=True,
    )
)
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_TAIL = re.compile(
    f"[{''.join(map(re.escape, RAISED))}][{''.join(map(re.escape, RAISED))}/,;* ]*"
)
_LOW = re.compile(f"[{''.join(LOWERED)}]+")


@dataclass(frozen=True, slots=True)
class Rich:
    """Text of a cell with its marks apart: whole as stored, base, raised, lowered, fonts of the runs."""

    whole: str
    base: str
    superscript: str = ""
    subscript: str = ""
    fonts: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing but the text."""
        return not (self.superscript or self.subscript or self.fonts)


def from_runs(runs: Iterable[tuple[str, str, str]]) -> Rich:
    """Text of runs `(text, vertical alignment, font)`; the alignment is `superscript`, `subscript` or empty.

    >>> from_runs([("120", "", ""), ("1", "superscript", "")]).base
    '120'
    """
    parts: dict[str, list[str]] = {"": [], "superscript": [], "subscript": []}
    whole, fonts = [], []
    for text, vertical, font in runs:
        whole.append(text)
        parts[vertical if vertical in parts else ""].append(text)
        if font and font not in fonts:
            fonts.append(font)
    base = split_characters("".join(parts[""]))
    raised = [*(t.strip() for t in parts["superscript"]), base.superscript]
    lowered = [*parts["subscript"], base.subscript]
    marks = " ".join(t for t in raised if t)
    return Rich("".join(whole), base.base, marks, "".join(lowered), tuple(fonts))


def split_characters(text: str) -> Rich:
    """Text whose raised and lowered Unicode characters (`120¹`) are split off."""
    if text.isascii():
        return Rich(text, text)
    raised = "".join(RAISED.get(c, c) for found in _TAIL.findall(text) for c in found).strip()
    base = _TAIL.sub("", text) if raised else text
    lowered = "".join(LOWERED[c] for found in _LOW.findall(base) for c in found)
    return Rich(text, _LOW.sub("", base) if lowered else base, raised, lowered)

"""Raised and lowered type split off the text it hangs on.

A footnote mark never becomes part of a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: Raised and lowered characters of Unicode and what they mean.
RAISED = dict(
    zip(
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
        "0123456789+-()nabcdefghijklmoprstuvwxyz",
        strict=True,
    )
)
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_RAISED_TABLE, _LOWERED_TABLE = str.maketrans(RAISED), str.maketrans(LOWERED)
_TAIL = re.compile(
    f"[{''.join(map(re.escape, RAISED))}][{''.join(map(re.escape, RAISED))}/,;* ]*"
)
_LOW = re.compile(f"[{''.join(LOWERED)}]+")


@dataclass(frozen=True, slots=True)
class Rich:
    """Text of a cell with its marks apart.

    Whole as stored, base, raised, lowered, fonts of the runs.
    """

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
    """Text of runs `(text, vertical alignment, font)`.

    The alignment is `superscript`, `subscript` or empty.

    >>> from_runs([("120", "", ""), ("1", "superscript", "")]).base
    '120'
    """
    parts: dict[str, list[str]] = {"": [], "superscript": [], "subscript": []}
    whole = []
    fonts: dict[str, None] = {}
    for text, vertical, font in runs:
        whole.append(text)
        part = parts.get(vertical, parts[""])
        part.append(text)
        if font:
            fonts[font] = None
    level_text = "".join(parts[""])
    base = split_characters(level_text)
    raised = list(map(str.strip, parts["superscript"]))
    raised.append(base.superscript)
    marks = " ".join(filter(None, raised))
    lowered = "".join(parts["subscript"]) + base.subscript
    return Rich("".join(whole), base.base, marks, lowered, tuple(fonts))


def split_characters(text: str) -> Rich:
    """Text whose raised and lowered Unicode characters (`120¹`) are split off."""
    if text.isascii():
        return Rich(text, text)
    base = text
    raised = "".join(_TAIL.findall(text))
    raised = raised.translate(_RAISED_TABLE).strip()
    if raised:
        base = _TAIL.sub("", base)
    lowered = "".join(_LOW.findall(base))
    lowered = lowered.translate(_LOWERED_TABLE)
    if lowered:
        base = _LOW.sub("", base)
    return Rich(text, base, raised, lowered)

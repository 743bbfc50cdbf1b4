"""What a row is by its label: a total, a residual, a part that must not be added, or none of these."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx.labels.lines import lines_by_form
from ilms_sdmx.labels.variants import bare, halves, parts

#: Kinds of rows, as the label file names them.
KINDS = frozenset({"total", "subtotal", "residual", "not_stated", "of_which"})


@dataclass(frozen=True, slots=True)
class RowKind:
    """Kind of a row: `total`, `subtotal`, `residual`, `not_stated`, `of_which` or empty.

    `code` is the end of a code (`TOTAL`, `X`) or a whole one (`SEX_F` for *of whom women*); `rest` is what
    follows words such as *of which* or *total*; a total with a rest may be one of a part only.
    """

    kind: str = ""
    code: str = ""
    matched: str = ""
    rest: str = ""


@lru_cache(maxsize=65536)
def row_kind(label: str) -> RowKind:
    """Kind of a row by its label, in any language of the region; empty where the label says nothing of it.

    >>> row_kind("รวมยอด ..........").kind, row_kind("Lainnya").kind, row_kind("of which retail").rest
    ('total', 'residual', 'retail')
    """
    found = {
        (line.kind, line.code): piece
        for piece in parts(label)
        for line in lines_by_form().get(piece, ())
        if line.kind in KINDS
    }
    if len({kind for kind, _ in found}) == 1:
        (kind, code), piece = next(iter(found.items()))
        return RowKind(kind, code, piece)
    for half in halves(bare(label)):
        kinds = [
            {line.kind for line in lines_by_form().get(piece, ())} & KINDS for piece in half
        ]
        if both := kinds[0] & kinds[1]:
            kind = min(both)
            code = next(line.code for line in lines_by_form()[half[0]] if line.kind == kind)
            return RowKind(kind, code, half[0])
    return _beginning(bare(label))


@lru_cache(maxsize=1)
def _beginnings() -> tuple[tuple[str, str, str], ...]:
    """Form, kind and code of the words that begin a longer label, the longest first."""
    found = {
        (form, line.kind, line.code if line.kind == "of_which" else "")
        for form, lines in lines_by_form().items()
        for line in lines
        if line.kind in {"of_which", "total"}
    }
    return tuple(sorted(found, key=lambda item: (-len(item[0]), item)))


def _beginning(text: str) -> RowKind:
    for form, kind, code in _beginnings():
        rest = text[len(form) :]
        if text.startswith(form) and rest[:1] in {" ", ":", ","}:
            return RowKind(kind, code, form, rest.strip(" :,-"))
    return RowKind()

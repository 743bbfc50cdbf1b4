"""What a row is by its label: a total, a residual, a part not added, or none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx.labels.lines import Label, lines_by_form
from ilms_sdmx.labels.variants import bare, halves, parts

#: Kinds of rows, as the label file names them.
KINDS = frozenset({"total", "subtotal", "residual", "not_stated", "of_which"})


@dataclass(frozen=True, slots=True)
class RowKind:
    """Kind of a row: `total`, `subtotal`, `residual`, `not_stated`, `of_which` or empty.

    `code` is the end of a code (`TOTAL`, `X`) or a whole one (`SEX_F` for *of whom women*);
    `rest` is what follows words such as *of which* or *total*; a total with a rest may be one
    of a part only.
    """

    kind: str = ""
    code: str = ""
    matched: str = ""
    rest: str = ""


@lru_cache(maxsize=65536)
def row_kind(label: str) -> RowKind:
    """Kind of a row by its label, in any language of the region.

    Empty where the label says nothing of it.

    >>> row_kind("รวมยอด ..........").kind, row_kind("Lainnya").kind
    ('total', 'residual')
    >>> row_kind("of which retail").rest
    'retail'
    """
    whole, *pieces = parts(label) or ("",)
    kind = _of_pieces([whole]) or _of_pieces(pieces)
    if kind:
        return kind
    text = bare(label)
    return _of_halves(text) or _beginning(text)


def _lines(form: str) -> list[Label]:
    """Lines of a form that say what a row is."""
    lines = lines_by_form().get(form, ())
    return [line for line in lines if line.kind in KINDS]


def _of_pieces(pieces: list[str]) -> RowKind | None:
    """Kind that all pieces of a label say; None where one says another kind, or nothing."""
    piece_of: dict[tuple[str, str], str] = {}
    for piece in pieces:
        lines = _lines(piece)
        if not lines:
            return None
        for line in lines:
            piece_of[line.kind, line.code] = piece
    kinds = {kind for kind, _ in piece_of}
    if len(kinds) != 1:
        return None
    kind, code = next(iter(piece_of))
    return RowKind(kind, code, piece_of[kind, code])


def _of_halves(text: str) -> RowKind | None:
    """Kind on which two halves of a label agree, each in a language of its own."""
    for first, second in halves(text):
        code_of: dict[str, str] = {}
        for line in _lines(first):
            code_of.setdefault(line.kind, line.code)
        both = [line.kind for line in _lines(second) if line.kind in code_of]
        if both:
            kind = min(both)
            return RowKind(kind, code_of[kind], first)
    return None


@lru_cache(maxsize=1)
def _beginnings() -> tuple[tuple[str, str, str], ...]:
    """Form, kind and code of the words that begin a longer label, the longest first."""
    beginnings = set()
    for form, lines in lines_by_form().items():
        for line in lines:
            if line.kind == "of_which":
                beginnings.add((form, line.kind, line.code))
            elif line.kind == "no_row":
                beginnings.add((form, "", ""))
            elif line.kind == "total":
                beginnings.add((form, line.kind, ""))
    longest_first = sorted(beginnings, key=lambda item: (-len(item[0]), item))
    return tuple(longest_first)


def _beginning(text: str) -> RowKind:
    """Kind of a row whose label begins with words such as *of which* or *total*."""
    for form, kind, code in _beginnings():
        if not text.startswith(form):
            continue
        rest = text[len(form) :]
        if rest[:1] not in {" ", ":", ","}:
            continue
        return RowKind(kind, code, form, rest.strip(" :,-")) if kind else RowKind()
    return RowKind()

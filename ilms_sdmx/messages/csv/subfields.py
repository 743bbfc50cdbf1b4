"""Sub-fields: several values, and texts in several languages, inside one field of SDMX-CSV 2.x."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.values import Value

_LANGUAGE = re.compile(r"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*):(.*)", re.DOTALL)


def parse(
    field: str, separator: str, *, languages: bool = False, nested: bool = False
) -> Value:
    """Composite value of a field.

    Parameters
    ----------
    field
        Text of the field, its outer quotes already removed.
    separator
        Sub-field separator, one character.
    languages
        Whether the header says that the texts carry languages: `ATTR[en;fr]`.
    nested
        Whether a quoted sub-field holds the values of a nested branch: `CONTACT[].NAME[]`.

    Raises
    ------
    MessageError
        A quoted sub-field is not closed, or a text lacks its language.

    Examples
    --------
    >>> parse("X;Y", ";")
    ['X', 'Y']
    >>> parse("en:Value;fr:Valeur", ";", languages=True)
    {'en': 'Value', 'fr': 'Valeur'}
    """
    parts = list(_split(field, separator))
    if not languages:
        branch = _branch if nested else _same
        return [branch(text, separator) if quoted else text or None for text, quoted in parts]
    if all(quoted for _, quoted in parts):
        return [_texts(_split(text, separator)) for text, _ in parts]
    return _texts(iter(parts))


def _same(text: str, separator: str) -> Value:
    return text


def _branch(text: str, separator: str) -> Value:
    """Quoted sub-field: the values of a nested branch, or one text that needed its quotes."""
    inner = [part for part, _ in _split(text, separator)]
    return inner if len(inner) > 1 else inner[0]


def _texts(parts: Iterator[tuple[str, bool]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text, _ in parts:
        match = _LANGUAGE.fullmatch(text)
        if not match or match[1] in found:
            raise MessageError(
                f"expected one text for each language such as en:Value, found {text!r}"
            )
        found[match[1]] = match[2]
    return found


def _split(field: str, separator: str) -> Iterator[tuple[str, bool]]:
    """Sub-fields with whether they were quoted; a quote only counts at the start of one."""
    at, end = 0, len(field)
    while at <= end:
        if field.startswith('"', at):
            text, at = _quoted(field, at)
            yield text, True
        else:
            stop = field.find(separator, at)
            stop = end if stop < 0 else stop
            yield field[at:stop], False
            at = stop
        if at < end and field[at] != separator:
            raise MessageError(
                f"expected {separator!r} after a quoted sub-field, found {field[at:][:20]!r}"
            )
        at += 1


def _quoted(field: str, start: int) -> tuple[str, int]:
    """Text of the quoted sub-field at `start`, and where it ends."""
    at = start + 1
    while (stop := field.find('"', at)) >= 0:
        if not field.startswith('""', stop):
            return field[start + 1 : stop].replace('""', '"'), stop + 1
        at = stop + 2
    raise MessageError(f"a quoted sub-field is never closed: {field[start:][:40]!r}")


def render(value: Value, separator: str, *, nested: bool = False) -> str:
    """Field of a composite value, before its outer quotes: what `parse` reads back.

    Examples
    --------
    >>> render(["X", "Y;Z"], ";"), render([{"en": "V"}, {"en": "W", "fr": "W"}], ";")
    ('X;"Y;Z"', '"en:V";"en:W;fr:W"')
    """
    if isinstance(value, str):
        value = [value]
    if isinstance(value, Mapping):
        plain = _spoken(value)
        return (
            _set(plain, separator)
            if any(separator in p for p in plain)
            else separator.join(plain)
        )
    return separator.join(_part(part, separator, nested=nested) for part in value)


def _part(part: Value | None, separator: str, *, nested: bool) -> str:
    if part is None:
        return ""
    if isinstance(part, str):
        protected = _protected(part, separator)
        return _set([part], separator) if nested and protected != part else protected
    if isinstance(part, Mapping):
        return _set(_spoken(part), separator)
    return _set([p if isinstance(p, str) else "" for p in part], separator)


def _spoken(texts: Mapping[str, str]) -> list[str]:
    return [f"{language}:{text}" for language, text in texts.items()]


def _set(parts: list[str], separator: str) -> str:
    """Set of texts as one quoted sub-field."""
    inner = separator.join(_protected(p, separator) for p in parts)
    return '"' + inner.replace('"', '""') + '"'


def _protected(text: str, separator: str) -> str:
    needed = separator in text or text.startswith('"') or not text
    return '"' + text.replace('"', '""') + '"' if needed else text

"""Sub-fields: several values or languages inside one field of SDMX-CSV 2.x."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

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
        return _values(parts, separator, nested=nested)
    if not all(quoted for _, quoted in parts):
        return _texts(parts)
    sets = []
    for text, _ in parts:
        sets.append(_texts(_split(text, separator)))
    return sets


def _values(parts: list[tuple[str, bool]], separator: str, *, nested: bool) -> Value:
    """Values of sub-fields; an empty one without quotes is absent."""
    values: list[Value | None] = []
    for text, quoted in parts:
        if not quoted:
            values.append(text or None)
        elif nested:
            values.append(_branch(text, separator))
        else:
            values.append(text)
    return values


def _branch(text: str, separator: str) -> Value:
    """Quoted sub-field: the values of a nested branch, or one text that needed its quotes."""
    inner = [part for part, _ in _split(text, separator)]
    return inner if len(inner) > 1 else inner[0]


def _texts(parts: Iterable[tuple[str, bool]]) -> dict[str, str]:
    """Texts by language of sub-fields."""
    texts: dict[str, str] = {}
    for text, _ in parts:
        match = _LANGUAGE.fullmatch(text)
        if not match or match[1] in texts:
            expected = "expected one text for each language such as en:Value"
            raise MessageError(f"{expected}, found {text!r}")
        texts[match[1]] = match[2]
    return texts


def _split(field: str, separator: str) -> Iterator[tuple[str, bool]]:
    """Sub-fields with whether they were quoted; a quote only counts at the start of one."""
    start = 0
    while start <= len(field):
        quoted = field.startswith('"', start)
        if quoted:
            text, end = _quoted(field, start)
        else:
            place = field.find(separator, start)
            end = place if place >= 0 else len(field)
            text = field[start:end]
        yield text, quoted
        if end < len(field) and field[end] != separator:
            rest = field[end:][:20]
            raise MessageError(
                f"expected {separator!r} after a quoted sub-field, found {rest!r}"
            )
        start = end + 1


def _quoted(field: str, start: int) -> tuple[str, int]:
    """Text of the quoted sub-field at `start`, and where it ends."""
    place = field.find('"', start + 1)
    while place >= 0:
        if not field.startswith('""', place):
            return field[start + 1 : place].replace('""', '"'), place + 1
        place = field.find('"', place + 2)
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
    if not isinstance(value, Mapping):
        return separator.join(_part(part, separator, nested=nested) for part in value)
    texts = _with_languages(value)
    if any(separator in text for text in texts):
        return _set(texts, separator)
    return separator.join(texts)


def _part(part: Value | None, separator: str, *, nested: bool) -> str:
    """Sub-field of one of several values."""
    if part is None:
        return ""
    if isinstance(part, str):
        protected = _protected(part, separator)
        needs_quotes = protected != part
        return _set([part], separator) if nested and needs_quotes else protected
    if isinstance(part, Mapping):
        return _set(_with_languages(part), separator)
    texts = [text if isinstance(text, str) else "" for text in part]
    return _set(texts, separator)


def _with_languages(texts: Mapping[str, str]) -> list[str]:
    """Texts, each after its language."""
    return [f"{language}:{text}" for language, text in texts.items()]


def _set(texts: list[str], separator: str) -> str:
    """Set of texts as one quoted sub-field."""
    inner = separator.join(_protected(text, separator) for text in texts)
    return _in_quotes(inner)


def _in_quotes(text: str) -> str:
    """Text in quotes, its quotes doubled."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _protected(text: str, separator: str) -> str:
    """Text in quotes where it needs them."""
    if not text or text.startswith('"') or separator in text:
        return _in_quotes(text)
    return text

"""Phrases of findings: causes, expectations and reasons, from the catalogue like the rest."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TypeAlias

from ilms_sdmx.findings.model import FieldValue

#: Forms of one phrase: `text`, and `one` where its field `count` is 1.
Forms: TypeAlias = "Mapping[str, str]"


class Phrase(str):
    """Text made of a phrase of the catalogue, which it knows with what was filled in.

    It is a text like any other, and can be said again in another language.

    Parameters
    ----------
    id
        Id of the phrase in `dsd/findings/phrases.toml`.
    fields
        Values of its named fields; some may be phrases themselves.
    """

    __slots__ = ("fields", "id")

    id: str
    fields: dict[str, FieldValue]

    def __new__(cls, id: str, fields: dict[str, FieldValue]) -> Phrase:
        """Phrase with its fields filled in."""
        forms = phrases()[id]
        text = super().__new__(cls, _filled(forms, fields))
        text.id = id
        text.fields = fields
        return text

    def __reduce__(self) -> tuple[type[Phrase], tuple[str, dict[str, FieldValue]]]:
        return Phrase, (self.id, self.fields)

    def translated(self, catalogue: Mapping[str, Forms]) -> str:
        """The phrase in the words of another catalogue, phrases within it too.

        Parameters
        ----------
        catalogue
            Forms of each phrase by its id, with the fields of `dsd/findings/phrases.toml`.

        Raises
        ------
        KeyError
            The catalogue lacks the phrase, or names a field that it does not have.

        Examples
        --------
        >>> expected = phrase("at-most-characters", bound=3)
        >>> print(expected.translated({"at-most-characters": {"text": "maks. {bound} aksara"}}))
        maks. 3 aksara
        """
        fields: dict[str, FieldValue] = {}
        for name, value in self.fields.items():
            if isinstance(value, Phrase):
                fields[name] = value.translated(catalogue)
            else:
                fields[name] = value
        return _filled(catalogue[self.id], fields)


def phrase(id: str, /, **fields: FieldValue) -> Phrase:
    """Phrase of the catalogue with its fields filled in.

    Parameters
    ----------
    id
        Id of the phrase in `dsd/findings/phrases.toml`.
    **fields
        Values of the fields that it names.

    Raises
    ------
    KeyError
        There is no such phrase, or it names a field that is not given.

    Examples
    --------
    >>> print(phrase("at-most-characters", bound=3))
    at most 3 characters
    """
    return Phrase(id, fields)


def is_phrase(text: object, *ids: str) -> bool:
    """Whether a text is one of some phrases of the catalogue.

    >>> is_phrase(phrase("no-figure"), "no-figure"), is_phrase("no figure", "no-figure")
    (True, False)
    """
    return isinstance(text, Phrase) and text.id in ids


@cache
def phrases() -> Mapping[str, Forms]:
    """Forms of every phrase by its id."""
    import tomllib

    from ilms_sdmx._files import shipped

    path = shipped.dsd() / "findings" / "phrases.toml"
    text = path.read_text(encoding="utf-8")
    return tomllib.loads(text)


def _filled(forms: Forms, fields: Mapping[str, FieldValue]) -> str:
    if fields.get("count") == 1 and "one" in forms:
        return forms["one"].format_map(fields)
    return forms["text"].format_map(fields)

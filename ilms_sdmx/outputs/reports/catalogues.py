"""Words of the reports, by language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ilms_sdmx.errors import MappingError
from ilms_sdmx.findings import Report, Rule
from ilms_sdmx.findings.languages import (
    ENGLISH,
    languages,
    translated,
    translated_rule,
    translation,
)

if TYPE_CHECKING:
    from babel import Locale

AnyReport = TypeVar("AnyReport", bound=Report)


@dataclass(frozen=True)
class Catalogue:
    """Messages of one language, English where it lacks one.

    Parameters
    ----------
    language
        BCP 47 tag such as `en`, `th`, `pt-TL`: it also decides how numbers are written.
    messages
        Dotted key to text with `{...}` to fill in; plural forms have the category as their last
        part.
    checked_by
        Native speaker who has checked the words, empty where nobody has.
    """

    language: str
    messages: Mapping[str, str]
    checked_by: str = ""

    @cached_property
    def locale(self) -> Locale:
        """Babel's locale of the language."""
        from babel import Locale

        return Locale.parse(self.language, sep="-")

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return str(self.locale.text_direction)

    @property
    def notices(self) -> list[tuple[str, str]]:
        """Language and text of what is to be said of the words, in them and in English."""
        if self.checked_by:
            return []
        notice = self.messages["page.unchecked"]
        english = catalogue().messages["page.unchecked"]
        said = {self.language: notice, ENGLISH: english}
        return [(tag, text) for tag, text in said.items() if tag == ENGLISH or text != english]

    @cached_property
    def labels(self) -> dict[str, str]:
        """Words of the terminal by their English, as `Finding.paragraph` takes them."""
        labels = {}
        for key, english in catalogue().messages.items():
            if key.startswith("terminal."):
                labels[english] = self.messages[key]
        return labels

    def report(self, report: AnyReport) -> AnyReport:
        """Findings in the language, where it has a catalogue."""
        if self.language not in languages():
            return report
        return translated(report, self.language)

    def rule(self, rule: Rule) -> Rule:
        """Rule in the language, where it has a catalogue."""
        if self.language not in languages():
            return rule
        return translated_rule(rule, self.language)

    def text(self, key: str, **values: Any) -> str:
        """Message of a key, filled in; with `count` the plural form that the language wants.

        Raises
        ------
        KeyError
            Neither the language nor English has the key.

        Examples
        --------
        >>> from ilms_sdmx.outputs.reports.catalogues import catalogue
        >>> catalogue("en").text("findings.count", count=1)
        '1 finding'
        """
        if "count" in values:
            key = self._plural(key, values["count"])
        fields = {}
        for name, value in values.items():
            is_number = isinstance(value, int | float)
            fields[name] = self.number(value) if is_number else value
        return self.messages[key].format(**fields)

    def _plural(self, key: str, count: float) -> str:
        """Key of the plural form that the language wants for a count."""
        category = self.locale.plural_form(count)
        for form in (category, "other"):
            plural = f"{key}.{form}"
            if plural in self.messages:
                return plural
        return key

    def number(self, value: float, decimals: int | None = None) -> str:
        """Text of a number as the language writes it, with all decimals or `decimals`.

        Examples
        --------
        >>> from ilms_sdmx.outputs.reports.catalogues import catalogue
        >>> catalogue("en").number(1234567.5)
        '1,234,567.5'
        """
        from babel.numbers import format_decimal

        places = ".##########"
        if decimals is not None:
            places = ""
            if decimals:
                places = "." + "0" * decimals
        pattern = f"#,##0{places};−#,##0{places}"
        return format_decimal(value, pattern, locale=self.locale)

    def listed(self, texts: Sequence[str], limit: int = 8) -> str:
        """Texts as one list, with semicolons where texts have commas; cut after `limit`.

        Examples
        --------
        >>> from ilms_sdmx.outputs.reports.catalogues import catalogue
        >>> catalogue("en").listed(["births", "deaths", "moves"])
        'births, deaths and moves'
        """
        shown = list(texts[:limit])
        left_out = len(texts) - limit
        if left_out > 0:
            last = self.text("page.more", count=left_out)
        elif shown:
            last = shown.pop()
        else:
            return ""
        if not shown:
            return last
        has_comma = "," in "".join((*shown, last))
        if has_comma and len(shown) > 1:
            return self._joined("page.and-nested", "; ", shown, last)
        return self._joined("page.and", ", ", shown, last)

    def _joined(self, key: str, separator: str, texts: Sequence[str], last: str) -> str:
        first = separator.join(texts)
        return self.messages[key].format(first=first, last=last)


@cache
def catalogue(language: str = ENGLISH, path: str | Path | None = None) -> Catalogue:
    """Catalogue of a language of `dsd/locale/`, or of a TOML file with the keys of English.

    Raises
    ------
    MappingError
        No such language is shipped, or the file is not TOML.

    Examples
    --------
    >>> catalogue("fr").text("findings.none")
    'Aucun constat'
    """
    package = Path(str(files("ilms_sdmx")))
    english = _messages(package / "outputs" / "reports" / "catalogues" / "en.toml")
    if path is None:
        words = translation(language)
        messages = {key: words.text(text, key) for key, text in english.items()}
        return Catalogue(language, messages, words.checked_by)
    source = Path(path)
    if not source.is_file():
        shipped = ", ".join(languages())
        raise MappingError(f"expected a message catalogue {source.name}; shipped are {shipped}")
    return Catalogue(language, english | _messages(source), source.name)


def texts_of_reports() -> dict[str, str]:
    """English words of the reports by their keys."""
    return dict(catalogue().messages)


def _messages(path: Path) -> dict[str, str]:
    """Dotted key to text, from a TOML file."""
    text = path.read_text(encoding="utf-8")
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{path}: not a message catalogue: {error}") from error
    return _flat(tree)


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Dotted key to text, of a tree of sections."""
    texts: dict[str, str] = {}
    for key, value in tree.items():
        path = prefix + key
        if isinstance(value, Mapping):
            texts |= _flat(value, f"{path}.")
        else:
            texts[path] = str(value)
    return texts

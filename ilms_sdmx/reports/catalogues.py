"""Words of the reports, by language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import MappingError

if TYPE_CHECKING:
    from babel import Locale


@dataclass(frozen=True)
class Catalogue:
    """Messages of one language, English where it lacks one.

    Parameters
    ----------
    language
        BCP 47 tag such as `en`, `th`, `pt-TL`: it also decides how numbers are written.
    messages
        Dotted key to text with `{...}` to fill in; plural forms have the category as their last part.
    """

    language: str
    messages: Mapping[str, str]

    @cached_property
    def locale(self) -> Locale:
        """Babel's locale of the language."""
        from babel import Locale

        return Locale.parse(self.language, sep="-")

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return str(self.locale.text_direction)

    def text(self, key: str, **values: Any) -> str:
        """Message of a key, filled in; with `count` the plural form that the language wants.

        Raises
        ------
        KeyError
            Neither the language nor English has the key.

        Examples
        --------
        >>> from ilms_sdmx.reports.catalogues import catalogue
        >>> catalogue("en").text("findings.count", count=1)
        '1 finding'
        """
        if "count" in values:
            category = self.locale.plural_form(values["count"])
            key = next(
                (k for k in (f"{key}.{category}", f"{key}.other") if k in self.messages), key
            )
        filled = {
            k: self.number(v) if isinstance(v, int | float) else v for k, v in values.items()
        }
        return self.messages[key].format(**filled)

    def number(self, value: float, decimals: int | None = None) -> str:
        """Text of a number as the language writes it, with all its decimals or exactly `decimals`.

        Examples
        --------
        >>> from ilms_sdmx.reports.catalogues import catalogue
        >>> catalogue("en").number(1234567.5)
        '1,234,567.5'
        """
        from babel.numbers import format_decimal

        places = "." + "0" * decimals if decimals else "" if decimals == 0 else ".##########"
        return format_decimal(value, f"#,##0{places};−#,##0{places}", locale=self.locale)

    def listed(self, texts: Sequence[str], limit: int = 8) -> str:
        """Texts as one list, with semicolons where commas stand inside them; cut after `limit`.

        Examples
        --------
        >>> from ilms_sdmx.reports.catalogues import catalogue
        >>> catalogue("en").listed(["births", "deaths", "moves"])
        'births, deaths and moves'
        """
        shown, rest = list(texts[:limit]), len(texts) - limit
        last = self.text("page.more", count=rest) if rest > 0 else shown.pop() if shown else ""
        nested = len(shown) > 1 and any("," in text for text in (*shown, last))
        comma, key = ("; ", "page.and-nested") if nested else (", ", "page.and")
        joined = self.messages[key].format(first=comma.join(shown), last=last)
        return joined if shown else last


@cache
def catalogue(language: str = "en", path: str | Path | None = None) -> Catalogue:
    """Catalogue of a shipped language, or of a TOML file of the same keys.

    Raises
    ------
    MappingError
        No such language is shipped, or the file is not TOML.
    """
    folder = Path(str(files("ilms_sdmx"))) / "reports" / "catalogues"
    english = _messages(folder / "en.toml")
    source = Path(path) if path else folder / f"{language}.toml"
    if not source.is_file():
        shipped = ", ".join(sorted(p.stem for p in folder.glob("*.toml")))
        raise MappingError(f"expected a message catalogue {source.name}; shipped are {shipped}")
    return Catalogue(language, english | _messages(source))


def _messages(path: Path) -> dict[str, str]:
    try:
        return dict(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{path}: not a message catalogue: {error}") from error


def _flat(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in tree.items():
        pairs += (
            _flat(value, f"{prefix}{key}.")
            if isinstance(value, Mapping)
            else [(prefix + key, str(value))]
        )
    return pairs

"""Pages: templates, words of a language, and the files of the page itself."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ilms_sdmx._files import __version__
from ilms_sdmx.findings.languages import languages
from ilms_sdmx.outputs.reports.catalogues import Catalogue, catalogue

if TYPE_CHECKING:
    import jinja2
    from starlette.requests import Request

#: Cookie of the language that somebody has chosen.
LANGUAGE_COOKIE = "ilms-language"
#: Letters by which roles are told apart without colours.
SIGNS = {
    "observation": "●",
    "total": "Σ",
    "of_which": "◐",
    "percent": "%",
    "ratio": "∶",
    "rate": "‰",
    "other_measure": "◇",
    "missing": "∅",
    "ignore": "×",
    "label": "L",
    "note": "¶",
    "finding": "!",
}
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_ASSETS = ("page.css", "enter.js", "shared.js", "home.js", "desk.js")


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("ilms_sdmx", "outputs/web/templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def asset(name: str) -> tuple[bytes, str] | None:
    """Bytes and media type of a file of the page; None where there is none of that name."""
    if name not in _ASSETS:
        return None
    path = files("ilms_sdmx") / "outputs" / "web" / "assets" / name
    media_type = _TYPES[name[name.rindex(".") :]]
    return path.read_bytes(), f"{media_type}; charset=utf-8"


def language_of(request: Request) -> str:
    """Language that a visitor has chosen, else the first that his browser names."""
    known = languages()
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in known:
        return chosen
    for part in request.headers.get("accept-language", "")[:200].split(","):
        tag = part.partition(";")[0].strip().partition("-")[0].lower()
        if tag in known:
            return tag
    return "en"


def render(template: str, words: Catalogue, **values: Any) -> str:
    """HTML of a template; every text is escaped."""
    page = _environment().get_template(template)
    return page.render(
        t=words.text,
        words=words,
        languages=language_names(),
        signs=SIGNS,
        version=__version__,
        **values,
    )


@cache
def language_names() -> tuple[tuple[str, str], ...]:
    """Languages with their own names."""
    from babel import Locale

    named = []
    for tag in languages():
        locale = Locale.parse(tag)
        named.append((tag, str(locale.display_name).capitalize()))
    return tuple(named)


def words_of(request: Request) -> Catalogue:
    """Words of the visitor's language."""
    return catalogue(language_of(request))

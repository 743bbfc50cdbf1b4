"""The page frame: one self-contained HTML file that asks nothing of the network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ilms_sdmx._files import __version__, replacing
from ilms_sdmx.errors import IlmsError
from ilms_sdmx.outputs.reports.catalogues import Catalogue, catalogue

if TYPE_CHECKING:
    import jinja2

#: Catalogue keys that the page's own script shows.
_SCRIPT_WORDS = ("shown", "search", "all", "download", "sort")


def render(
    template: str,
    words: Catalogue | None = None,
    *,
    title: str,
    contents: list[tuple[str, str]],
    created: str = "",
    **context: Any,
) -> str:
    """HTML of a page; every text is escaped, whatever it holds.

    Parameters
    ----------
    template
        File under `reports/templates`.
    contents
        Id and heading of each section, for the navigation.
    created
        Time to print in the foot, as the caller says it: the clock is not read here.
    context
        What the template shows.
    """
    words = words or catalogue("en")
    script_words = {key: words.messages[f"table.{key}"] for key in _SCRIPT_WORDS}
    shown: dict[str, Any] = {"facts": [], "credits": [], "kicker": "", "charts": None}
    shown |= context
    page = _environment().get_template(template)
    return page.render(
        **shown,
        t=words.text,
        catalogue=words,
        words=script_words,
        title=title,
        contents=contents,
        created=created,
        version=__version__,
        asset=_asset,
        vega_bundle=vega_bundle,
    )


def write_page(text: str, path: str | Path | IO[bytes]) -> None:
    """Write a page or JSON; a reader never sees half of it."""
    with replacing(path) as stream:
        stream.write(text.encode())


def json_text(value: Mapping[str, Any]) -> str:
    """JSON with sorted keys and a final newline; missing numbers are null."""
    import orjson

    options = orjson.OPT_INDENT_2
    options |= orjson.OPT_SORT_KEYS
    options |= orjson.OPT_APPEND_NEWLINE
    options |= orjson.OPT_SERIALIZE_NUMPY
    content = orjson.dumps(value, default=str, option=options)
    return content.decode("utf-8")


def json_line(value: Mapping[str, Any]) -> bytes:
    """JSON on one line, with sorted keys; missing numbers are null."""
    import orjson

    options = orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY
    content: bytes = orjson.dumps(value, default=str, option=options)
    return content


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    loader = jinja2.PackageLoader("ilms_sdmx", "outputs/reports/templates")
    return jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _asset(name: str) -> Any:
    from markupsafe import Markup

    path = files("ilms_sdmx") / "outputs" / "reports" / "assets" / name
    text = path.read_text(encoding="utf-8")
    return Markup(text)


def need_charts() -> None:
    """Refuse to draw where the libraries of charts, an extra, are not installed.

    Raises
    ------
    IlmsError
        They are not; the message says how they are installed.
    """
    for name in ("altair", "vl_convert"):
        try:
            import_module(name)
        except ImportError:
            raise IlmsError(
                f"charts need {name}, which is not installed: pip install 'ilms-sdmx[charts]'"
            ) from None


@cache
def vega_bundle() -> Any:
    """JavaScript of Vega, Vega-Lite and vega-embed, safe inside a script element."""
    need_charts()
    import vl_convert
    from markupsafe import Markup

    bundle = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;")
    inside_script = bundle.replace("</script", "<\\/script")
    return Markup(inside_script)

"""A chart with title, alternative text, definitions, cautions and sources."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair

#: Fonts of charts; those that are missing on a machine are passed over.
FONT = (
    "Noto Sans, Segoe UI, Noto Sans Thai, Noto Sans Lao, Noto Sans Khmer, Noto Sans Myanmar,"
    " sans-serif"
)

#: Characters of a line of the words in a picture, and of its title.
_LINE, _LINE_OF_TITLE = 125, 95


@dataclass(frozen=True, eq=False)
class Figure:
    """One chart of a report.

    Parameters
    ----------
    id
        Id of the figure on the page.
    title
        What the chart shows, in a line.
    chart
        Altair chart, usable in a notebook as it is.
    alt
        What a reader who does not see it must know, in words and numbers.
    definitions, cautions
        Sentences that are next to it; cautions are inside the picture too.
    sources
        Text and address of where its figures come from; the texts, with edition and licence,
        are inside the picture too.
    concepts
        Sentences inside the picture that say what each side counts.
    """

    id: str
    title: str
    chart: altair.TopLevelMixin
    alt: str
    definitions: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = field(default=())
    concepts: tuple[str, ...] = ()

    @cached_property
    def specification(self) -> dict[str, Any]:
        """Vega-Lite specification with its data inside, and the words that travel with it."""
        specification: dict[str, Any] = self.chart.to_dict(validate=False)
        return specification | {"title": self._heading()}

    def _heading(self) -> dict[str, Any]:
        """Title of the picture; below it what is compared, cautions and sources."""
        lines = []
        for sentence in (*self.concepts, *self.cautions):
            lines += wrap(sentence, _LINE)
        if self.sources:
            texts = "; ".join(text for text, _ in self.sources)
            lines += wrap(f"Sources: {texts}.", _LINE)
        return {
            "text": wrap(self.title, _LINE_OF_TITLE),
            "subtitle": lines,
            "anchor": "start",
            "frame": "group",
            "subtitleFontSize": 11,
            "subtitleColor": "#4a5868",
            "subtitlePadding": 5,
            "offset": 12,
        }

    def svg(self) -> str:
        """SVG of the chart, made without a browser and without network."""
        import vl_convert

        svg = vl_convert.vegalite_to_svg(self.specification)
        return self._own_ids(str(svg))

    def _own_ids(self, svg: str) -> str:
        """SVG whose ids are unique on a page and do not depend on what was drawn before."""
        ids = re.findall(r'id="((?:clip|gradient_)\d+)"', svg)
        new_ids: dict[str, str] = {}
        for id in ids:
            new_ids.setdefault(id, f"{self.id}-part-{len(new_ids)}")

        def new_id(match: re.Match[str]) -> str:
            return new_ids.get(match[0], match[0])

        return re.sub(r"\b(?:clip|gradient_)\d+\b", new_id, svg)

    def png(self, scale: float = 2) -> bytes:
        """PNG of the chart, `scale` times its size in pixels."""
        import vl_convert

        png = vl_convert.vegalite_to_png(self.specification, scale=scale)
        return bytes(png)

    @property
    def still(self) -> Any:
        """SVG for a page, for paper and for readers without scripts."""
        from markupsafe import Markup, escape

        head = f'<svg role="img" aria-label="{escape(self.alt)}"'
        with_label = self.svg().replace("<svg", head, 1)
        return Markup(with_label)

"""A chart with all that must stand beside it: title, alternative text, definitions, cautions, sources."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair

#: Fonts of charts; those that are missing on a machine are passed over.
FONT = "Noto Sans, Segoe UI, Noto Sans Thai, Noto Sans Lao, Noto Sans Khmer, Noto Sans Myanmar, sans-serif"


@dataclass(frozen=True, eq=False)
class Figure:
    """One chart of a report.

    Parameters
    ----------
    id
        Id of the figure on the page.
    chart
        Altair chart, usable in a notebook as it is.
    alt
        What a reader who does not see it must know, in words and numbers.
    definitions, cautions
        Sentences that stand next to it.
    sources
        Text and address of where its figures come from.
    """

    id: str
    title: str
    chart: altair.TopLevelMixin
    alt: str
    definitions: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = field(default=())

    @cached_property
    def specification(self) -> dict[str, Any]:
        """Vega-Lite specification with its data inside."""
        found: dict[str, Any] = self.chart.to_dict(validate=False)
        return found

    def svg(self) -> str:
        """SVG of the chart, made without a browser and without network."""
        import vl_convert

        return self._own_ids(str(vl_convert.vegalite_to_svg(self.specification)))

    def _own_ids(self, svg: str) -> str:
        """SVG whose ids are unique on a page and do not depend on what was drawn before."""
        found = dict.fromkeys(re.findall(r'id="((?:clip|gradient_)\d+)"', svg))
        names = {id: f"{self.id}-part-{n}" for n, id in enumerate(found)}
        return re.sub(r"\b(?:clip|gradient_)\d+\b", lambda m: names.get(m[0], m[0]), svg)

    def png(self, scale: float = 2) -> bytes:
        """PNG of the chart, `scale` times its size in pixels."""
        import vl_convert

        return bytes(vl_convert.vegalite_to_png(self.specification, scale=scale))

    @property
    def still(self) -> Any:
        """SVG to stand in a page, for paper and for readers without scripts."""
        from markupsafe import Markup, escape

        head = f'<svg role="img" aria-label="{escape(self.alt)}"'
        return Markup(self.svg().replace("<svg", head, 1))

"""Mirror statistics: what two states, and UN DESA, say about the same people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.outputs.reports.analytical.content import (
    Block,
    ComparabilityBox,
    Line,
    LinkedTable,
    Paragraph,
    line,
)
from ilms_sdmx.outputs.reports.analytical.evidence import (
    BOTH,
    IN_HOST,
    Evidence,
    HeldFigure,
    estimate,
    partner_of,
)
from ilms_sdmx.outputs.reports.analytical.parts import spoken_area
from ilms_sdmx.outputs.reports.comparison_words import area_name
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    from ilms_sdmx.outputs.reports.analytical.ledger import Ledger
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

ABROAD = ("POP_MNAS_SEX_CRS_NB",)
#: Rows of a table.
ROWS = 12
_GROUPS = frozenset({"TOTAL", "X"})


@dataclass(frozen=True, slots=True)
class Pair:
    """What is said about people of one state in another.

    Parameters
    ----------
    partner
        The other state.
    origin
        What the origin says; None where it says nothing.
    host
        What the host says.
    undesa
        What UN DESA estimates.
    """

    partner: str
    origin: HeldFigure | None
    host: HeldFigure | None
    undesa: HeldFigure | None

    @property
    def sides(self) -> list[HeldFigure]:
        """What is said, without the sides that say nothing."""
        return [each for each in (self.origin, self.host, self.undesa) if each is not None]


def pairs_abroad(area: str, evidence: Evidence) -> list[Pair]:
    """People of a state in others: those that it names, and those that name it."""
    own = _newest_by_partner(evidence.figures(ABROAD, area))
    hosts = {}
    estimates = {}
    for host in evidence.areas(IN_HOST):
        found = _newest_by_partner(evidence.figures(IN_HOST, host)).get(area)
        if found is not None:
            hosts[host] = found
    for host in evidence.areas(IN_HOST, of_others=True):
        found = estimate(evidence, host, area)
        if found is not None:
            estimates[host] = found
    partners = dict.fromkeys([*own, *hosts, *estimates])
    pairs = [
        Pair(each, own.get(each), hosts.get(each), estimates.get(each))
        for each in partners
        if each != area and each not in _GROUPS and _is_state(each)
    ]
    return _largest_first(pairs)


def pairs_within(area: str, evidence: Evidence) -> list[Pair]:
    """People of other states in a state: those that it names, and those that name it."""
    own = _newest_by_partner(evidence.figures(IN_HOST, area))
    origins = {}
    for origin in evidence.areas(ABROAD):
        found = _newest_by_partner(evidence.figures(ABROAD, origin)).get(area)
        if found is not None:
            origins[origin] = found
    partners = dict.fromkeys([*own, *origins])
    pairs = []
    for each in partners:
        if each != area and each not in _GROUPS and _is_state(each):
            estimated = estimate(evidence, area, each)
            pairs.append(Pair(each, origins.get(each), own.get(each), estimated))
    return _largest_first(pairs)


def mirror_blocks(
    area: str, evidence: Evidence, ledger: Ledger, words: Catalogue
) -> list[Block]:
    """Tables of both directions, the largest difference, and what to beware of."""
    abroad = [each for each in pairs_abroad(area, evidence) if len(each.sides) > 1]
    inside = [each for each in pairs_within(area, evidence) if len(each.sides) > 1]
    if not abroad and not inside:
        return [Paragraph((line(words, "analysis-mirror.none"),))]
    blocks: list[Block] = []
    name = area_name(area)
    if abroad:
        caption = words.text("analysis-mirror.abroad-caption", area=name)
        headings = ("host", "ours", "theirs", "undesa")
        blocks += _sentences("abroad", name, abroad, ledger, words)
        blocks.append(_table(abroad, caption, headings, name, ledger, words))
    if inside:
        caption = words.text("analysis-mirror.foreign-caption", area=name)
        headings = ("origin", "theirs-origin", "ours", "undesa")
        blocks += _sentences("inside", name, inside, ledger, words)
        blocks.append(_table(inside, caption, headings, name, ledger, words))
    notes = ("mirror", "mirror-direction")
    lines = [line(words, f"analysis-box.{each}") for each in notes]
    lines.append(line(words, "analysis-mirror.one-side"))
    heading = words.text("analysis-box.heading", what=words.messages["analysis.mirror"].lower())
    blocks.append(ComparabilityBox(heading, tuple(lines)))
    return blocks


def _sentences(
    direction: str, area: str, pairs: Sequence[Pair], ledger: Ledger, words: Catalogue
) -> list[Block]:
    """Say where the sides are furthest apart among the largest pairs."""
    furthest = None
    for pair in pairs[:ROWS]:
        values = [each for each in pair.sides if each.value > 0]
        if len(values) < 2:
            continue
        smaller = min(values, key=lambda each: each.value)
        larger = max(values, key=lambda each: each.value)
        ratio = larger.value / smaller.value
        if furthest is None or ratio > furthest[0]:
            furthest = (ratio, pair, larger, smaller)
    if furthest is None:
        return []
    _, pair, larger, smaller = furthest
    sentence = line(
        words,
        f"analysis-mirror.largest-{direction}",
        area=area,
        name=spoken_area(pair.partner, words),
        larger=_told(larger, ledger),
        smaller=_told(smaller, ledger),
        ratio=ledger.ratio(larger, smaller),
    )
    return [Paragraph((sentence,))]


def _told(figure: HeldFigure, ledger: Ledger) -> Line:
    return (ledger.persons(figure), f" ({_teller(figure)}, {figure.when})")


def _teller(figure: HeldFigure) -> str:
    """Who tells a figure, with the state whose it is where ILOSTAT passes it on."""
    if figure.source == "ILOSTAT":
        return f"{area_name(figure.area)}, ILOSTAT"
    return figure.source.partition(", ")[0]


def _table(
    pairs: Sequence[Pair],
    caption: str,
    headings: Sequence[str],
    name: str,
    ledger: Ledger,
    words: Catalogue,
) -> LinkedTable:
    rows = []
    for pair in pairs[:ROWS]:
        cells: list[Line] = [(area_name(pair.partner),)]
        for figure in (pair.origin, pair.host, pair.undesa):
            cells.append(_cell(figure, ledger, words))
        rows.append(tuple(cells))
    texts = tuple(words.text(f"analysis-heading.{each}", area=name) for each in headings)
    return LinkedTable(caption, texts, tuple(rows), frozenset({1, 2, 3}))


def _cell(figure: HeldFigure | None, ledger: Ledger, words: Catalogue) -> Line:
    if figure is None:
        return (words.text("analysis.unknown"),)
    # UN DESA has a column of its own.
    told = "" if figure.is_of_other else f"{_short(figure)}, "
    return (ledger.persons(figure), f" ({told}{figure.when})")


def _short(figure: HeldFigure) -> str:
    return figure.source.partition(", ")[0]


def _newest_by_partner(figures: Iterable[HeldFigure]) -> dict[str, HeldFigure]:
    """Newest figure of both sexes of each partner, zero left out."""
    found: dict[str, HeldFigure] = {}
    for figure in figures:
        if figure.sex == BOTH and figure.value > 0:
            partner = partner_of(figure)
            known = found.get(partner)
            if known is None or figure.year >= known.year:
                found[partner] = figure
    return found


def _is_state(code: str) -> bool:
    row = facts.by_id("codelists/CL_AREA.csv", "code").get(code)
    return row is not None and row["group"] != "Y"


def _largest_first(pairs: Iterable[Pair]) -> list[Pair]:
    def size(pair: Pair) -> tuple[int, float, str]:
        largest = max(each.value for each in pair.sides)
        return -len(pair.sides), -largest, pair.partner

    return sorted(pairs, key=size)

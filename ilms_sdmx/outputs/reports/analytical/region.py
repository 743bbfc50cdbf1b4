"""Chapters of the report of a region: its states next to each other, never added up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ilms_sdmx.outputs.reports.analytical.content import (
    Block,
    Chapter,
    ComparabilityBox,
    Line,
    LinkedTable,
    Paragraph,
    line,
    listed,
    text_of,
)
from ilms_sdmx.outputs.reports.analytical.evidence import estimate
from ilms_sdmx.outputs.reports.analytical.parts import Teller, spoken_area
from ilms_sdmx.outputs.reports.analytical.pictures import bars
from ilms_sdmx.outputs.reports.analytical.topics import CHAPTERS, Topic, choose
from ilms_sdmx.outputs.reports.comparison_words import area_name

if TYPE_CHECKING:
    from ilms_sdmx.analysis.inventory.breaks import Break
    from ilms_sdmx.analysis.inventory.coverage import Coverage
    from ilms_sdmx.outputs.reports.analytical.evidence import Evidence, HeldFigure
    from ilms_sdmx.outputs.reports.analytical.ledger import Ledger
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

#: Topics of which the newest figures are next to each other.
_SHOWN = ("employed", "abroad", "outflow-work")
#: Topics whose totals are of the same people.
_SAME = {
    "outflow-work": (
        "outflow-work",
        "outflow-education",
        "outflow-activity",
        "outflow-occupation",
    )
}
#: Movements that a sentence names, and rows of the table.
_NAMED, _ROWS = 3, 15


def region_chapters(
    found: Coverage,
    evidence: Evidence,
    breaks: Sequence[Break],
    ledger: Ledger,
    words: Catalogue,
) -> list[Chapter]:
    """Chapters of a region: in brief, states side by side, movements inside, each state."""
    tellers = [Teller(area, evidence, breaks, ledger, words) for area in found.areas]
    within = _within(found.areas, evidence, ledger, words)
    largest = [_largest(topic, tellers, words) for topic in _topics()]
    sentences = [each for each in largest if each is not None]
    if sentences:
        sentences.append(line(words, "analysis-box.no-sum"))
    sentences += [each for block in within[:1] for each in _lines(block)]
    summary = Paragraph(tuple(sentences), is_lead=True)
    chapters = [Chapter("summary", words.text("analysis.summary"), (summary,))]
    states = _states(tellers, words)
    chapters.append(Chapter("states", words.text("analysis.states"), tuple(states)))
    chapters.append(Chapter("within", words.text("analysis.within"), tuple(within)))
    for teller in tellers:
        blocks = _state(teller)
        chapters.append(Chapter(teller.area, area_name(teller.area), tuple(blocks)))
    return chapters


def _lines(block: Block) -> tuple[Line, ...]:
    return block.lines if isinstance(block, Paragraph) else ()


def _topics() -> list[Topic]:
    return [_topic(id) for id in _SHOWN]


def _topic(id: str) -> Topic:
    found = {topic.id: topic for topics in CHAPTERS.values() for topic in topics}
    return found[id]


def _newest(topic: Topic, teller: Teller) -> HeldFigure | None:
    """Newest total of a topic; of those who leave for work, in any table that has it."""
    totals = []
    for each in _SAME.get(topic.id, (topic.id,)):
        chosen = choose(_topic(each), teller.area, teller.evidence)
        if chosen is not None and chosen.total is not None:
            totals.append(chosen.total)
    return max(totals, key=lambda figure: figure.year, default=None)


def _largest(topic: Topic, tellers: Sequence[Teller], words: Catalogue) -> Line | None:
    """Sentence on the state that tells the largest number of a topic."""
    told = []
    for teller in tellers:
        figure = _newest(topic, teller)
        if figure is not None:
            told.append((figure, teller))
    if not told:
        return None
    figure, teller = max(told, key=lambda pair: pair[0].value)
    return line(
        words,
        "analysis-region.largest",
        what=words.messages[f"analysis-{topic.id}.what"],
        name=_capital(teller.spoken_name(teller.area)),
        total=teller.ledger.persons(figure),
        when=teller.when(figure),
        teller=teller.told_by(figure),
    )


def _states(tellers: Sequence[Teller], words: Catalogue) -> list[Block]:
    """Newest figures of the states, one table a topic."""
    unknown = words.text("analysis.unknown")
    blocks: list[Block] = []
    for topic in _topics():
        rows: list[tuple[Line, ...]] = []
        told: list[tuple[str, HeldFigure]] = []
        tellings: list[str] = []
        for teller in tellers:
            figure = _newest(topic, teller)
            name: Line = (area_name(teller.area),)
            if figure is None:
                rows.append((name, (unknown,), ("",), ("",)))
                continue
            number: Line = (teller.ledger.persons(figure),)
            rows.append((name, number, (figure.when,), (teller.told_by(figure),)))
            told.append((f"{area_name(teller.area)}, {figure.when}", figure))
            tellings.append(teller.told_by(figure))
        headings = ("state", "persons", "when", "told")
        texts = tuple(words.text(f"analysis-heading.{each}") for each in headings)
        what = words.messages[f"analysis-{topic.id}.what"]
        caption = f"{what[0].upper()}{what[1:]}: {words.text('analysis-region.states-caption')}"
        blocks.append(LinkedTable(caption, texts, tuple(rows), frozenset({1})))
        told.sort(key=lambda pair: -pair[1].value)
        if len(told) > 1:
            sources = listed(words, [(each,) for each in dict.fromkeys(tellings)])
            source = text_of(sources)
            blocks.append(bars(f"states-{topic.id}", caption, told, source, words))
    heading = words.text("analysis-box.heading", what=words.messages["analysis.states"].lower())
    blocks.append(ComparabilityBox(heading, (line(words, "analysis-box.no-sum"),)))
    return blocks


def _within(
    areas: Sequence[str], evidence: Evidence, ledger: Ledger, words: Catalogue
) -> list[Block]:
    """People of states of a region in its other states, by UN DESA's estimates."""
    moved = []
    totals = []
    for host in areas:
        total = estimate(evidence, host, "TOTAL")
        if total is not None:
            totals.append(total)
        for origin in areas:
            figure = estimate(evidence, host, origin)
            if figure is not None and figure.value > 0 and origin != host:
                moved.append((figure, origin, host))
    if not moved or not totals:
        return [Paragraph((line(words, "analysis.not-known", what="movements inside"),))]
    moved.sort(key=lambda each: -each[0].value)
    # Only estimates of one edition and year may be added up.
    newest = max((figure.edition, figure.year) for figure, _, _ in moved)
    inside = [each for each in moved if (each[0].edition, each[0].year) == newest]
    whole = [each for each in totals if (each.edition, each.year) == newest]
    figures = [figure for figure, _, _ in inside]
    year = str(newest[1])
    sentences = [
        line(
            words,
            "analysis-region.within-text",
            inside=ledger.sum(figures),
            year=year,
            share=ledger.share_of_sums(figures, whole),
            all=ledger.sum(whole),
        )
    ]
    pieces: list[Line] = []
    for figure, origin, host in inside[:_NAMED]:
        names = {"origin": spoken_area(origin, words), "host": spoken_area(host, words)}
        text = words.text("analysis-region.pair", **names)
        pieces.append((text, ledger.persons(figure), ")"))
    named = listed(words, pieces)
    sentences.append(line(words, "analysis-region.within-largest", named=named))
    rows = []
    for figure, origin, host in inside[:_ROWS]:
        rows.append(((area_name(origin),), (area_name(host),), (ledger.persons(figure),)))
    headings = ("origin", "host", "persons")
    texts = tuple(words.text(f"analysis-heading.{each}") for each in headings)
    caption = words.text("analysis-region.within-caption", year=year)
    table = LinkedTable(caption, texts, tuple(rows), frozenset({2}))
    moves = []
    for figure, origin, host in inside:
        moves.append((f"{area_name(origin)} – {area_name(host)}", figure))
    picture = bars("within-bars", caption, moves, figures[0].teller, words)
    heading = words.text("analysis-box.heading", what=words.messages["analysis.within"].lower())
    box = ComparabilityBox(heading, (line(words, "analysis-box.one-source"),))
    return [Paragraph(tuple(sentences)), picture, table, box]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _state(teller: Teller) -> list[Block]:
    """One paragraph a state: the first sentence of what is known, and what is not."""
    known = []
    unknown = []
    for topics in CHAPTERS.values():
        for topic in topics:
            headline = teller.headline(topic)
            if headline is not None:
                known.append(headline)
            elif topic.id in _SHOWN:
                unknown.append(topic)
    blocks: list[Block] = []
    for lines in (known, teller.unknown(unknown)):
        if lines:
            blocks.append(Paragraph(tuple(lines)))
    return blocks

"""Blocks that tell of one topic of a state: sentences, table, pictures, cautions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from ilms_sdmx.analysis.inventory.catalogue import source_entries
from ilms_sdmx.outputs.reports.analytical.content import (
    Block,
    ComparabilityBox,
    Line,
    LinkedTable,
    Paragraph,
    Part,
    line,
    listed,
    text_of,
)
from ilms_sdmx.outputs.reports.analytical.evidence import estimate
from ilms_sdmx.outputs.reports.analytical.pictures import bars, trend
from ilms_sdmx.outputs.reports.analytical.topics import (
    Chosen,
    Topic,
    choose,
    class_of,
    concerns_migrants,
    is_country,
    name_of_class,
    total_of,
)
from ilms_sdmx.outputs.reports.comparison_words import area_name
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    from ilms_sdmx.analysis.inventory.breaks import Break
    from ilms_sdmx.outputs.reports.analytical.evidence import Evidence, HeldFigure
    from ilms_sdmx.outputs.reports.analytical.ledger import Ledger
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

#: Countries that a sentence names, and rows of a table.
NAMED, ROWS = 3, 10
#: Years from which on a history is drawn.
_HISTORY = 4


class Teller:
    """What is told of a state, with one list of figures for the whole report.

    Parameters
    ----------
    area
        State.
    evidence
        Figures of the database.
    breaks
        Breaks of the totals.
    ledger
        List of figures.
    words
        Message catalogue.
    """

    def __init__(
        self,
        area: str,
        evidence: Evidence,
        breaks: Sequence[Break],
        ledger: Ledger,
        words: Catalogue,
    ) -> None:
        self.area = area
        self.evidence = evidence
        self.breaks = [each for each in breaks if each.ref_area == area]
        self.ledger = ledger
        self.words = words

    def blocks(self, topic: Topic) -> list[Block]:
        """Blocks of a topic; one sentence where nothing is known."""
        chosen = choose(topic, self.area, self.evidence)
        if chosen is None:
            return []
        blocks: list[Block] = [Paragraph(tuple(self._sentences(topic, chosen)))]
        if len(chosen.parts) > 1:
            blocks.append(self._table(topic, chosen))
        if len(chosen.parts) > 2:
            title = self._text(topic, "parts-title", chosen.parts[0])
            teller = self.told_by(chosen.parts[0])
            id = f"{self.area}-{topic.id}-parts"
            named = [(name_of_class(each), each) for each in chosen.parts]
            blocks.append(bars(id, title, named, teller, self.words))
        blocks += self._history(topic, chosen)
        blocks.append(self._box(topic, chosen))
        return blocks

    def unknown(self, topics: Sequence[Topic]) -> list[Line]:
        """Sentences that topics are not known, and who could tell, those alike together."""
        by_sources: dict[tuple[str, ...], list[Line]] = {}
        for topic in topics:
            what = self.words.messages[f"analysis-{topic.id}.what"]
            by_sources.setdefault(self._could_tell(topic), []).append((what,))
        lines = []
        for titles, whats in by_sources.items():
            what = "; ".join(text_of(each) for each in whats)
            if not titles:
                lines.append(line(self.words, "analysis.not-known", what=what))
                continue
            key = "analysis.not-known-source"
            lines.append(line(self.words, key, what=what, sources="; ".join(titles)))
        return lines

    def _could_tell(self, topic: Topic) -> tuple[str, ...]:
        """Titles of the first two sources that could tell of a topic."""
        titles: dict[str, None] = {}
        for entry in source_entries(self.area):
            if topic.table in entry.tables:
                titles[_plain(entry.title)] = None
        return tuple(titles)[:2]

    def headline(self, topic: Topic) -> Line | None:
        """First sentence of a topic; None where no total is known."""
        chosen = choose(topic, self.area, self.evidence)
        if chosen is None or chosen.total is None:
            return None
        sentences = [self._total(topic, chosen.total), *self._others(topic, chosen)]
        parts: list[Part] = []
        for sentence in sentences:
            parts += [*sentence, " "]
        return tuple(parts[:-1])

    def spoken_name(self, area: str) -> str:
        """Name of an area as a sentence has it: the Philippines."""
        return spoken_area(area, self.words)

    def name_of(self, figure: HeldFigure) -> str:
        """Name of a country or class as a sentence has it."""
        code = class_of(figure)
        area = code.rpartition("_")[2]
        if is_country(figure):
            return spoken_area(area, self.words, name_of_class(figure))
        name = name_of_class(figure)
        # Sections have their letter before the name: F. Construction.
        name = name.partition(". ")[2] or name
        return name[0].lower() + name[1:]

    def told_by(self, figure: HeldFigure) -> str:
        """Who tells a figure, as a sentence names it."""
        if figure.source == "ILOSTAT":
            return self.words.text("analysis.ilostat")
        return _plain(figure.source)

    def when(self, figure: HeldFigure) -> str:
        """Period with the word that goes before it: in 2024, from January to May 2017."""
        said = figure.when
        if " to " in said:
            return self.words.text("analysis.from", when=said)
        if said.startswith(("first ", "second ", "third ", "fourth ")):
            return self.words.text("analysis.in-the", when=said)
        is_day = said[:1].isdigit() and " " in said
        return self.words.text("analysis.on" if is_day else "analysis.in", when=said)

    def estimated(self, chapter: str) -> tuple[Line, ...]:
        """What UN DESA estimates of the people of a chapter, for comparison."""
        if chapter not in ("foreign", "abroad"):
            return ()
        pair = (self.area, "TOTAL") if chapter == "foreign" else ("X01", self.area)
        figure = estimate(self.evidence, *pair)
        if figure is None:
            return ()
        fields = {"area": self.spoken_name(self.area), "year": str(figure.year)}
        total = self.ledger.persons(figure)
        return (line(self.words, f"analysis.undesa-{chapter}", total=total, **fields),)

    def _sentences(self, topic: Topic, chosen: Chosen) -> list[Line]:
        if chosen.total is None:
            first = chosen.parts[0] if chosen.parts else None
            if first is None:
                return self.unknown([topic])
            what = self.words.messages[f"analysis-{topic.id}.what"]
            fields = {"what": what, "when": self.when(first), "teller": self.told_by(first)}
            return [line(self.words, "analysis.no-total", **fields)]
        lines = [self._total(topic, chosen.total)]
        if chosen.women is not None and chosen.total.value > 0:
            share = self.ledger.share(chosen.women, chosen.total)
            women = self.ledger.persons(chosen.women)
            lines.append(line(self.words, "analysis.women", women=women, share=share))
        named = self._named(topic, chosen)
        if named:
            lines.append(named)
        return lines + self._others(topic, chosen)

    def _others(self, topic: Topic, chosen: Chosen) -> list[Line]:
        """What other sources tell of the topic, each with its newest total."""
        lines = []
        for figure in chosen.elsewhere:
            fields = {"teller": self.told_by(figure), "when": self.when(figure)}
            total = self.ledger.persons(figure)
            lines.append(line(self.words, "analysis.elsewhere", total=total, **fields))
        return lines

    def _total(self, topic: Topic, total: HeldFigure) -> Line:
        fields: dict[str, Part | Line] = {
            "total": self.ledger.persons(total),
            "area": self.spoken_name(self.area),
            "when": self.when(total),
            "teller": self.told_by(total),
            "who": self._who(total),
        }
        if topic.id == "earnings":
            fields["total"] = self.ledger.money(total)
        return line(self.words, f"analysis-{topic.id}.total", **fields)

    def _who(self, figure: HeldFigure) -> str:
        is_birth = "_CBR" in figure.dataflow or "MFLB" in figure.dataflow
        return self.words.text("analysis.born" if is_birth else "analysis.citizens")

    def _named(self, topic: Topic, chosen: Chosen) -> Line | None:
        """Sentence on the largest countries or classes, with their shares."""
        if not chosen.parts:
            return None
        whole = self._whole(topic, chosen)
        pieces: list[Line] = []
        for figure in chosen.parts[:NAMED]:
            name = self.name_of(figure)
            number: Part = self.ledger.persons(figure)
            if whole is not None and whole.value > 0:
                share = self.ledger.share(figure, whole)
                pieces.append((name, " (", number, ", ", share, ")"))
            else:
                pieces.append((name, " (", number, ")"))
        named = listed(self.words, pieces)
        first = chosen.parts[0]
        total = chosen.total
        is_same = total is not None and first.period == total.period
        key = topic.named if is_same else f"{topic.named}-then"
        when = self.when(first)
        return line(self.words, f"analysis-named.{key}", named=named, when=when)

    def _whole(self, topic: Topic, chosen: Chosen) -> HeldFigure | None:
        """Total that the parts are shares of: of migrants, where others are told too."""
        rows = self.evidence.figures(topic.ids, self.area)
        return total_of(chosen.parts, [each for each in rows if concerns_migrants(each)])

    def _table(self, topic: Topic, chosen: Chosen) -> LinkedTable:
        """Countries or classes with persons and shares, and the others."""
        whole = self._whole(topic, chosen)
        cells: list[tuple[Line, ...]] = []
        shown = list(chosen.parts[:ROWS])
        others = chosen.others
        if others is not None and others.period == chosen.parts[0].period:
            shown.append(others)
        for figure in shown:
            share: Line = ("",)
            if whole is not None and whole.value > 0:
                share = (self.ledger.share(figure, whole),)
            name = name_of_class(figure)
            cells.append(((name,), (self.ledger.persons(figure),), share))
        if whole is not None:
            total = self.words.text("analysis.total")
            cells.append(((total,), (self.ledger.persons(whole),), ("",)))
        headings = ("name", "persons", "share")
        return LinkedTable(
            self._text(topic, "parts-title", chosen.parts[0]),
            tuple(self.words.text(f"analysis-heading.{each}") for each in headings),
            tuple(cells),
            frozenset({1, 2}),
        )

    def _text(self, topic: Topic, key: str, figure: HeldFigure) -> str:
        what = self.words.messages[f"analysis-{topic.id}.what"]
        fields = {"what": what, "area": area_name(self.area), "when": figure.when}
        return self.words.text(f"analysis.{key}", **fields)

    def _history(self, topic: Topic, chosen: Chosen) -> list[Block]:
        """Sentences on the course of the years, a picture, and the years as a table."""
        history = chosen.history
        if len(history) < _HISTORY:
            return []
        broken = self.broken_years(topic, history)
        first, last = history[0], history[-1]
        teller = self.told_by(last)
        what = self.words.messages[f"analysis-{topic.id}.what"]
        fields = {"what": what, "first": str(first.year), "last": str(last.year)}
        title = self.words.text("analysis.trend-title", area=area_name(self.area), **fields)
        picture = trend(
            f"{self.area}-{topic.id}-trend", title, history, list(broken), teller, self.words
        )
        rows = []
        for figure in history:
            rows.append(((str(figure.year),), (self.ledger.persons(figure),)))
        headings = ("year", "persons")
        table = LinkedTable(
            title,
            tuple(self.words.text(f"analysis-heading.{each}") for each in headings),
            tuple(rows),
            frozenset({1}),
        )
        return [Paragraph(tuple(self._course(history, broken))), picture, table]

    def _course(self, history: Sequence[HeldFigure], broken: Mapping[int, bool]) -> list[Line]:
        """How the figure went since the last break, and where it cannot be followed."""
        start = max(broken, default=0)
        since = [figure for figure in history if figure.year >= start]
        lines = []
        first, last = since[0], since[-1]
        if first is not last and first.value > 0:
            word = "rose" if last.value > first.value else "fell"
            key = f"analysis.course-{word}" if last.value != first.value else "analysis.course"
            lines.append(
                line(
                    self.words,
                    key,
                    first=str(first.year),
                    was=self.ledger.persons(first),
                    last=str(last.year),
                    now=self.ledger.persons(last),
                    change=self.ledger.change(first, last),
                    teller=self.told_by(last),
                )
            )
        steps: dict[str, list[Line]] = {}
        for earlier, later in pairwise(history):
            if later.year in broken:
                is_known = broken[later.year]
                key = "analysis.broken" if is_known else "analysis.sharp"
                steps.setdefault(key, []).append(self._step(earlier, later))
        for key, of_kind in steps.items():
            lines.append(line(self.words, key, steps=listed(self.words, of_kind)))
        return lines

    def _step(self, earlier: HeldFigure, later: HeldFigure) -> Line:
        """Two years around a break, with their figures."""
        return line(
            self.words,
            "analysis.step",
            before=str(earlier.year),
            was=self.ledger.persons(earlier),
            after=str(later.year),
            now=self.ledger.persons(later),
        )

    def broken_years(self, topic: Topic, history: Sequence[HeldFigure]) -> dict[int, bool]:
        """Years of a history before which it is broken, and whether that is documented."""
        years = [figure.year for figure in history]
        found: dict[int, bool] = {}
        for each in self.breaks:
            later = [year for year in years if year >= each.year]
            is_inside = bool(later) and later[0] != years[0]
            if each.table == topic.table and each.kind != "source" and is_inside:
                is_known = each.kind != "level"
                found[later[0]] = is_known or found.get(later[0], False)
        return dict(sorted(found.items()))

    def _box(self, topic: Topic, chosen: Chosen) -> ComparabilityBox:
        """Say what the figures count, and what must not be compared with them."""
        figure = chosen.total or chosen.parts[0]
        unknown = self.words.text("analysis.unknown")
        lines = [
            line(self.words, "analysis-box.criterion", text=self._criterion(figure, unknown)),
            line(self.words, "analysis-box.ages", text=self._ages(figure) or unknown),
            line(self.words, "analysis-box.source", text=self.told_by(figure)),
        ]
        is_drawn = len(chosen.history) >= _HISTORY
        last = chosen.history[-1] if is_drawn else figure
        if last.source != figure.source:
            lines.append(
                line(
                    self.words,
                    "analysis-box.two-sources",
                    newest=self.told_by(figure),
                    history=self.told_by(last),
                )
            )
        if is_drawn and self.broken_years(topic, chosen.history):
            lines.append(line(self.words, "analysis-box.broken"))
        what = self.words.messages[f"analysis-{topic.id}.what"]
        heading = self.words.text("analysis-box.heading", what=what)
        return ComparabilityBox(heading, tuple(lines))

    def _ages(self, figure: HeldFigure) -> str:
        """Ages of a figure in words, empty where they are not known."""
        if figure.ages.endswith("+"):
            return self.words.text("analysis-box.and-more", age=figure.ages.removesuffix("+"))
        return figure.ages

    def _criterion(self, figure: HeldFigure, unknown: str) -> str:
        """Who counts, by the source where it is known, else by the table."""
        for entry in source_entries(figure.area):
            if figure.source in (entry.code, *entry.labels):
                definitions = entry.texts("migrants")
                population = [each for each in entry.texts("population") if not _digits(each)]
                if population:
                    return population[0]
                if definitions:
                    row = facts.by_id("migrant_definitions.csv", "code")[definitions[0]]
                    return row["en"]
        if "MNA" in figure.dataflow:
            return self.words.text("analysis-box.by-nationals")
        if figure.criterion in ("birth", "citizenship"):
            return self.words.text(f"analysis-box.by-{figure.criterion}")
        return unknown


def spoken_area(area: str, words: Catalogue, name: str = "") -> str:
    """Name of an area as a sentence has it, with an article where it needs one."""
    return words.messages.get(f"spoken-area.{area}") or name or area_name(area)


def _digits(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _plain(text: str) -> str:
    """Name of a source without what a sentence does not need, as a date behind it."""
    before, _, after = text.partition(", ")
    return before if _digits(after) else text

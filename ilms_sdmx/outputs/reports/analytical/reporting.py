"""The analytical report of a state or of ASEAN, made from a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.analysis.inventory.breaks import breaks_of
from ilms_sdmx.analysis.inventory.coverage import coverage
from ilms_sdmx.errors import StructureError
from ilms_sdmx.outputs.reports.analytical.content import (
    AnalyticalReport,
    Block,
    Chapter,
    Paragraph,
)
from ilms_sdmx.outputs.reports.analytical.evidence import Evidence
from ilms_sdmx.outputs.reports.analytical.gaps import source_blocks
from ilms_sdmx.outputs.reports.analytical.ledger import Ledger
from ilms_sdmx.outputs.reports.analytical.mirror import mirror_blocks
from ilms_sdmx.outputs.reports.analytical.parts import Teller
from ilms_sdmx.outputs.reports.analytical.region import region_chapters
from ilms_sdmx.outputs.reports.analytical.topics import CHAPTERS
from ilms_sdmx.outputs.reports.catalogues import catalogue
from ilms_sdmx.outputs.reports.comparison_words import area_name
from ilms_sdmx.outputs.reports.pages import need_charts
from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    from ilms_sdmx.database import Database
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

#: Region that a report can be of.
ASEAN = "ASEAN"


def analytical_report(
    database: Database, area: str = ASEAN, *, year: int, words: Catalogue | None = None
) -> AnalyticalReport:
    """Report on migration for work of one state, or of ASEAN.

    Stocks by country, activity, education and occupation, arrivals, nationals abroad and those
    who leave and return, what other states say about the same people, earnings, sources and
    gaps. What the database does not hold is said to be not known. Every number leads to an
    entry of the list of figures: dataflow, key, source and cell.

    Parameters
    ----------
    database
        Its figures, and no others.
    area
        Code of a state of ASEAN, or `ASEAN`.
    year
        Year from which ages of figures are counted.
    words
        Message catalogue, English by default.

    Raises
    ------
    StructureError
        The area is no state of ASEAN.
    IlmsError
        The libraries of charts are not installed.

    Examples
    --------
    >>> import tempfile
    >>> from ilms_sdmx import analytical_report
    >>> from ilms_sdmx.analysis.comparison.snapshots import ilostat
    >>> from ilms_sdmx.database import Database
    >>> database = Database(tempfile.mkdtemp())
    >>> _ = database.add(ilostat(), "ILOSTAT", at="2026-02-25")
    >>> report = analytical_report(database, "THA", year=2025)
    >>> report.title, len(report.origins) > 50
    ('Labour migration: Thailand', True)
    """
    need_charts()
    words = words or catalogue("en")
    states = [row["code"] for row in facts.rows("asean.csv")]
    if area != ASEAN and area not in states:
        listed = ", ".join(sorted(states))
        raise StructureError(f"expected {ASEAN} or a state of {listed}, found {area!r}")
    ledger = Ledger(words)
    evidence = Evidence(database)
    areas = states if area == ASEAN else [area]
    found = coverage(database, areas=sorted(areas), year=year)
    breaks = breaks_of(found.totals)
    if area == ASEAN:
        chapters = region_chapters(found, evidence, breaks, ledger, words)
        title = words.text("analysis-region.title", region=ASEAN)
    else:
        teller = Teller(area, evidence, breaks, ledger, words)
        chapters = _chapters(teller, ledger, words)
        title = words.text("analysis.title", area=area_name(area))
    blocks = source_blocks(found, ledger, words)
    heading = words.text("analysis.sources")
    chapters.append(Chapter("sources", heading, tuple(blocks)))
    kicker = words.text("analysis.kicker")
    return AnalyticalReport(title, kicker, chapters, ledger.origins, ledger.derived)


def _chapters(teller: Teller, ledger: Ledger, words: Catalogue) -> list[Chapter]:
    """Chapters of a state: in brief, then topic by topic."""
    chapters = [Chapter("summary", words.text("analysis.summary"), (_summary(teller),))]
    for id in ("foreign", "inflow", "abroad"):
        chapters.append(Chapter(id, words.text(f"analysis.{id}"), tuple(_told(teller, id))))
    mirror = mirror_blocks(teller.area, teller.evidence, ledger, words)
    chapters.append(Chapter("mirror", words.text("analysis.mirror"), tuple(mirror)))
    earnings = _told(teller, "earnings")
    chapters.append(Chapter("earnings", words.text("analysis.earnings"), tuple(earnings)))
    return chapters


def _told(teller: Teller, chapter: str) -> list[Block]:
    """Blocks of the topics of a chapter; what is not known is said together at the end."""
    known: list[Block] = []
    unknown = []
    for topic in CHAPTERS[chapter]:
        blocks = teller.blocks(topic)
        known.extend(blocks)
        if not blocks:
            unknown.append(topic)
    estimated = teller.estimated(chapter)
    if estimated:
        known.append(Paragraph(estimated))
    if unknown:
        known.append(Paragraph(tuple(teller.unknown(unknown))))
    return known


def _summary(teller: Teller) -> Paragraph:
    """First sentence of every topic of which a total is known."""
    lines = []
    for topics in CHAPTERS.values():
        for topic in topics:
            headline = teller.headline(topic)
            if headline is not None:
                lines.append(headline)
    if not lines:
        topics = (CHAPTERS["foreign"][0], CHAPTERS["abroad"][0])
        lines = teller.unknown(topics)
    return Paragraph(tuple(lines), is_lead=True)

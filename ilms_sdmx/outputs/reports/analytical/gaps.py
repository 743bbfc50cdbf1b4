"""The part of a report on sources: how much is known, what is missing, who could tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.analysis.inventory.catalogue import source_entries
from ilms_sdmx.outputs.reports.analytical.content import (
    Block,
    Line,
    LinkedTable,
    Paragraph,
    line,
)
from ilms_sdmx.outputs.reports.comparison_words import area_name
from ilms_sdmx.outputs.reports.inventory import table_names

if TYPE_CHECKING:
    from ilms_sdmx.analysis.inventory.coverage import Coverage
    from ilms_sdmx.outputs.reports.analytical.ledger import Ledger
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

#: Gaps that a report names.
GAPS = 6


def source_blocks(found: Coverage, ledger: Ledger, words: Catalogue) -> list[Block]:
    """Blocks on coverage, gaps and sources of the states of an inventory."""
    blocks: list[Block] = [Paragraph((_counted(found, ledger, words),))]
    if len(found.gaps):
        blocks.append(_gaps(found, words))
    if len(found.areas) == 1:
        blocks.append(_sources(found.areas[0], words))
    return blocks


def _counted(found: Coverage, ledger: Ledger, words: Catalogue) -> Line:
    summary = found.summary
    with_figures = summary[summary["newest"].notna()]
    known = len(with_figures)
    fresh = int((with_figures["timeliness"] <= 1).sum())
    name = area_name(found.areas[0])
    what = words.text("analysis.sources")
    all_tables = ledger.counted(len(summary), f"{what}: tables of the questionnaire by state")
    fields: dict[str, Any] = {
        "all": all_tables,
        "known": ledger.counted(known, f"{what}: tables with a figure"),
        "fresh": ledger.counted(fresh, f"{what}: newest figure at most one year old"),
        "year": str(found.year),
        "area": name,
    }
    key = "counted" if len(found.areas) == 1 else "counted-region"
    return line(words, f"analysis-sources.{key}", **fields)


def _gaps(found: Coverage, words: Catalogue) -> LinkedTable:
    titles = dict(table_names())
    never = words.text("analysis-sources.never")
    rows = []
    for row in found.gaps.head(GAPS).to_dict("records"):
        newest = never if str(row["newest"]) in ("<NA>", "None") else str(row["newest"])
        could = str(row["could_fill"]) or words.text("analysis.unknown")
        names = [each.partition(" ")[2] or each for each in could.split("; ")[:2]]
        either = words.text("analysis-sources.either")
        title = titles[str(row["table"])].replace("place of birth", either)
        cells = (area_name(row["ref_area"]), title, newest, "; ".join(names))
        rows.append(tuple((cell,) for cell in cells))
    headings = ("state", "table", "newest", "could")
    texts = tuple(words.text(f"analysis-heading.{each}") for each in headings)
    caption = words.text("analysis-sources.gaps-caption")
    return LinkedTable(caption, texts, tuple(rows))


def _sources(area: str, words: Catalogue) -> LinkedTable:
    """Sources of a state with office, what they cover, period and page."""
    unknown = words.text("analysis.unknown")
    rows = []
    for entry in source_entries(area):
        if not entry.is_source or not entry.tables:
            continue
        cells = [entry.title]
        for about in ("office", "population", "reference_period", "contact"):
            said = entry.texts(about)
            cells.append(said[0] if said else unknown)
        rows.append(tuple((cell,) for cell in cells))
    headings = ("source", "office", "covers", "period", "contact")
    texts = tuple(words.text(f"analysis-heading.{each}") for each in headings)
    caption = words.text("analysis-sources.sources-caption")
    return LinkedTable(caption, texts, tuple(rows))

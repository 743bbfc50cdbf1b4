"""Claims: figures that the source states elsewhere too, compared with its tables."""

from __future__ import annotations

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.figures.values import read_text, separators_of
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.mapping.document import Claim, MappingDocument
from ilms_sdmx.mapping.expressions import Expression
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.words.text import clean


def find_broken_claims(
    figures: Figures, mapping: MappingDocument, workbook: Workbook
) -> list[Finding]:
    """Findings of claims that differ from the figures with their headings, or have none."""
    findings = []
    for claim in mapping.claims:
        findings += _find_broken(claim, figures, mapping, workbook)
    return findings


def _find_broken(
    claim: Claim, figures: Figures, mapping: MappingDocument, workbook: Workbook
) -> list[Finding]:
    """Findings of one claim."""
    stated, place = claim.printed, Place()
    if not stated:
        stated, place = _stated_in_cell(claim.text, workbook)
    if not stated:
        return [find("claim-not-found", case="text", text=claim.text)]
    words = claim.source or str(place)
    meant = _meant(claim, figures)
    if not len(meant):
        return [find("claim-not-found", case="figure", words=words)]
    texts = [stated, *meant.digits]
    separators = separators_of(texts, mapping.conventions)
    value = read_text(stated, separators, mapping.conventions, {}).value
    if not value:
        return [find("claim-not-found", case="number", words=words, printed=stated)]
    differs = meant.amount != float(value)
    return _find_differing(meant.only(differs), stated, words)


def _meant(claim: Claim, figures: Figures) -> Figures:
    """Figures with a value that a claim means."""
    if not len(figures):
        return figures
    is_claimed = figures.having(claim.where)
    return figures.only(is_claimed & figures.has_value)


def _find_differing(figures: Figures, stated: str, words: str) -> list[Finding]:
    """Findings of figures that are stated otherwise."""
    findings = []
    places = figures.places()
    for place, text in zip(places, figures.text, strict=True):
        finding = find(
            "stated-otherwise",
            place,
            read=text,
            expected=stated,
            affects=phrase("figure-as-printed", count=1),
            words=words,
        )
        findings.append(finding)
    return findings


def _stated_in_cell(text: str, workbook: Workbook) -> tuple[str, Place]:
    """First group of an expression in the cells of a workbook, and where it is."""
    pattern = Expression(text, ignore_case=True)
    for sheet in workbook:
        for cell in sheet:
            match = pattern.search(clean(cell.text))
            if match:
                place = Place(workbook.name, sheet.name, cell.address)
                return match.group(1) or "", place
    return "", Place()

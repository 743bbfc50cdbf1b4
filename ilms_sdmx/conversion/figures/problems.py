"""Findings about the reading of figures: no number, corrected, without a label, inferred."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.figures.values import DECLARED, Value, Values
from ilms_sdmx.conversion.layout.heads import COLUMN, Heads
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.findings import Finding, Place, find, phrase, shown_cells
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.document import Correction
from ilms_sdmx.mapping.layout import RowHeading, TableLayout
from ilms_sdmx.tables.addresses import column_letters
from ilms_sdmx.tables.separators import Inference

#: Kinds of cells that hold no number, and the phrase of each.
_KINDS = {
    "date": "kind-date",
    "boolean": "kind-boolean",
    "error": "kind-error",
    "uncached": "kind-uncached",
}
#: A number with something between its digits that may be a separator.
_SEPARATED = r"\d[.,'\s]\s?\d"
#: Letters up to which a text may still be a marker, and no word.
_MOST_LETTERS = 3


def find_missing_headings(region: Region, heads: Heads) -> list[Finding]:
    """Findings of the row headings of a region whose labels are nowhere."""
    grid = region.grid
    cell = grid.cells.get(region.begin)
    address = cell.address if cell else str(region.area or "")
    place = Place(sheet=grid.name, cell=address)
    findings = []
    for heading in region.layout.rows:
        name = heading.name
        if name in heads.stubs.columns:
            continue
        case = ""
        letters = ""
        if heading.column:
            case = "column"
            letters = column_letters(heading.column)
        header = str(heading.header)
        near = _nearest_header(region, heading) if heading.header else ""
        finding = find(
            "heading-not-found",
            place,
            case=case,
            read=near,
            affects=phrase("labels-of-table", heading=repr(name)),
            heading=name,
            header=header,
            column=letters,
            table=region.layout.name,
        )
        findings.append(finding)
    return findings


def _nearest_header(region: Region, heading: RowHeading) -> str:
    """Header of the table that is nearest to the one of a heading, empty where none is near."""
    texts = []
    for row in range(region.top, region.body):
        texts += [region.header_text(row, column) for column in region.columns]
    known = list(filter(None, texts))
    near = difflib.get_close_matches(str(heading.header), known, n=1, cutoff=0.5)
    return phrase("nearest", near=repr(near[0])) if near else ""


def find_inferred_separators(
    separators: Inference, figures: Figures, layout: TableLayout
) -> list[Finding]:
    """Findings of a table whose separators the mapping does not declare, with the evidence."""
    inferred = separators.separators
    evidence = separators.evidence
    if inferred is None or evidence == DECLARED:
        return []
    is_typed = figures.number.isna()
    has_separator = figures.digits.str.contains(_SEPARATED, na=False)
    texts = figures.only(is_typed & has_separator)
    if not len(texts):
        return []
    place = texts.place()
    read = str(texts.text.iloc[0])
    finding = find(
        "inferred-separators",
        place,
        read=read,
        cause=evidence,
        table=layout.name,
        separators=str(inferred),
    )
    return [finding]


def find_malformed(
    figures: Figures, values: Values, unread: Sequence[str] = ()
) -> list[Finding]:
    """Findings of texts that are no numbers, each with the line that would let it be read.

    Those that one line of the conventions would let be read are one finding, and so are words
    that are where figures should be because their own column was not found.

    Parameters
    ----------
    unread
        Row headings whose labels were not found.
    """
    places = figures.places()
    cells = zip(places, figures.text, figures.digits, figures.kind, strict=True)
    findings = []
    of_forms: dict[tuple[str, str], list[tuple[Place, str]]] = {}
    words: list[tuple[Place, str]] = []
    for place, text, digits, kind in cells:
        value = values.get(str(digits), Value())
        reason = value.reason
        if kind in _KINDS:
            reason = phrase("it-is", what=phrase(_KINDS[kind]))
        elif value.form:
            alike = of_forms.setdefault((place.sheet, value.form), [])
            alike.append((place, str(text)))
            continue
        elif unread and not _has_digit(str(text)):
            words.append((place, str(text)))
            continue
        malformed = _malformed(place, str(text), value, reason)
        findings.append(malformed)
    if words:
        findings.append(_words(words, unread[0]))
    for (_, form), alike in of_forms.items():
        findings.append(_of_form(form, alike))
    return findings


def _has_digit(text: str) -> bool:
    """Whether a text has any digit."""
    return any(map(str.isdigit, text))


def _words(words: list[tuple[Place, str]], heading: str) -> Finding:
    """Finding of words in places for figures, as the labels of a heading were not found."""
    place, text = words[0]
    count = len(words)
    cells = ", ".join(each.cell for each, _ in words)
    affects = phrase("cells-not-written", count=count, cells=shown_cells(cells))
    return find(
        "malformed-number",
        place,
        case="words",
        component="OBS_VALUE",
        read=text,
        affects=affects,
        count=count,
        cells=cells,
        heading=heading,
    )


def _of_form(form: str, alike: list[tuple[Place, str]]) -> Finding:
    """Finding of texts that are numbers where the mapping allows their form."""
    place, text = alike[0]
    count = len(alike)
    cells = ", ".join(each.cell for each, _ in alike)
    affects = phrase("figures-at-not-written", count=count, cells=shown_cells(cells))
    fix = phrase("add-numbers", form=form)
    return find(
        "malformed-number",
        place,
        case=form,
        component="OBS_VALUE",
        read=text,
        fix=fix,
        affects=affects,
        count=count,
        cells=cells,
    )


def _malformed(place: Place, text: str, value: Value, reason: str) -> Finding:
    """Finding of one text that is no number."""
    meant = " or ".join(value.candidates)
    cause = phrase("perhaps-meant", meant=meant) if meant else ""
    fix = _line_for(text, value)
    return find(
        "malformed-number",
        place,
        case="cell",
        component="OBS_VALUE",
        read=text,
        expected=value.expected,
        cause=cause,
        fix=fix,
        affects=phrase("figures-not-written", count=1),
        reason=reason,
    )


def _line_for(text: str, value: Value) -> str:
    """Line of the mapping that would let a text be read, or leave it out."""
    if not value.is_sure:
        return phrase("add-separators")
    correction = f"{{text: {text!r}, value: ?, why: ?}}"
    has_digits = any(character.isdigit() for character in text)
    if has_digits or len(text) <= _MOST_LETTERS:
        return phrase("add-correction", line=correction)
    return phrase("add-correction-or-end", line=correction)


def find_corrected(figures: Figures, corrections: Mapping[str, Correction]) -> list[Finding]:
    """Findings of the texts that a person has read for the machine."""
    findings = []
    places = figures.places()
    for place, text, value in zip(places, figures.digits, figures.value, strict=True):
        correction = corrections[text.strip()]
        meant = value if isinstance(value, str) else "no value"
        finding = find(
            "corrected-figure",
            place,
            component="OBS_VALUE",
            read=text,
            expected=meant,
            why=correction.why,
        )
        findings.append(finding)
    return findings


def without_heading(figures: Figures, layout: TableLayout) -> Any:
    """Which figures are in a row or column without any label."""
    row_headings = [heading.name for heading in layout.rows]
    headless = figures.without_label(row_headings)
    if layout.header or layout.column_labels or layout.column_rows:
        column_headings = layout.columns or (COLUMN,)
        named = list(filter(None, column_headings))
        headless |= figures.without_label(named)
    is_ignored = figures.in_bucket(Bucket.IGNORE)
    return headless & ~is_ignored


def find_figures_without_heading(figures: Figures) -> list[Finding]:
    """Findings of figures of which nothing can say what they are, one a table and sheet."""
    findings = []
    for (table, sheet), rows in figures.frame.groupby(["table", "sheet"], sort=False):
        addresses = rows["cell"].tolist()
        count = len(addresses)
        cells = ", ".join(addresses)
        id = "figures-not-written" if count == 1 else "figures-at-not-written"
        affects = phrase(id, count=count, cells=shown_cells(cells))
        place = Place(sheet=str(sheet), cell=addresses[0])
        text = rows["text"].iloc[0]
        read = str(text)
        name = str(table)
        rule = "figure-without-heading"
        finding = find(
            rule, place, read=read, affects=affects, count=count, cells=cells, table=name
        )
        findings.append(finding)
    return findings

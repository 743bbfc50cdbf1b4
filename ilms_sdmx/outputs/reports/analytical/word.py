"""The analytical report as a Word document: numbers are links to its list of figures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ilms_sdmx._files import replacing
from ilms_sdmx.errors import OutputError
from ilms_sdmx.outputs.reports.analytical.content import (
    AnalyticalReport,
    ComparabilityBox,
    Line,
    LinkedTable,
    Paragraph,
    Picture,
    Reference,
)
from ilms_sdmx.outputs.reports.analytical.page import CREDITS, DERIVED, ORIGINS, origin_cells
from ilms_sdmx.outputs.reports.catalogues import catalogue
from ilms_sdmx.tables.safe_cells import clean

if TYPE_CHECKING:
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

#: Time that a document says it was made: the same report gives the same bytes.
_MADE = (1980, 1, 1, 0, 0, 0)
_FONT, _SMALL = "Calibri", 7


def write_analytical_document(
    report: AnalyticalReport, path: str | Path | IO[bytes], *, words: Catalogue | None = None
) -> None:
    """Write an analytical report as a Word document on A4.

    Raises
    ------
    OutputError
        python-docx is not installed, or the file cannot be written.
    """
    try:
        import docx
    except ImportError as error:
        advice = "a Word document needs python-docx: pip install 'ilms-sdmx[word]'"
        raise OutputError(advice, str(path)) from error
    words = words or catalogue("en")
    document = docx.Document()
    _Writer(document, words).write(report)
    content = io.BytesIO()
    document.save(content)
    with replacing(path) as stream:
        stream.write(_without_times(content.getvalue()))


def _without_times(content: bytes) -> bytes:
    """Archive whose entries have no time of writing."""
    made = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(made, "w") as target:
        for name in source.namelist():
            entry = ZipInfo(name, _MADE)
            entry.compress_type = ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return made.getvalue()


class _Writer:
    """Writes blocks into a document, each link to its bookmark."""

    def __init__(self, document: Any, words: Catalogue) -> None:
        self.document = document
        self.words = words
        self.bookmarks = 0

    def write(self, report: AnalyticalReport) -> None:
        self._set_up(report)
        self.document.add_paragraph(report.kicker)
        self.document.add_heading(report.title, 0)
        for chapter in report.chapters:
            self.document.add_heading(chapter.heading, 1)
            for block in chapter.blocks:
                self._block(block)
        self._figures(report)
        for credit in CREDITS:
            self._small(credit)

    def _set_up(self, report: AnalyticalReport) -> None:
        """A4, margins, font, and properties without a time."""
        from docx.shared import Mm, Pt

        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
            setattr(section, side, Mm(20))
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = _FONT, Pt(10.5)
        properties = self.document.core_properties
        properties.title, properties.author = report.title, "ilms-sdmx"
        # Word keeps times without a zone.
        properties.created = properties.modified = datetime(*_MADE)  # noqa: DTZ001

    def _block(self, block: Any) -> None:
        if isinstance(block, Paragraph):
            self._paragraph(block)
        elif isinstance(block, ComparabilityBox):
            self._box(block)
        elif isinstance(block, LinkedTable):
            self._table(block)
        elif isinstance(block, Picture):
            self._picture(block)

    def _paragraph(self, block: Paragraph) -> None:
        if block.is_lead:
            for each in block.lines:
                self._add(self.document.add_paragraph(style="List Bullet"), each)
            return
        paragraph = self.document.add_paragraph()
        for each in block.lines:
            self._add(paragraph, (*each, " "))

    def _box(self, block: ComparabilityBox) -> None:
        """One cell with a border, as a box."""
        table = self.document.add_table(rows=1, cols=1)
        table.style = "Table Grid"
        cell = table.rows[0].cells[0]
        cell.paragraphs[0].add_run(clean(block.heading)).bold = True
        for each in block.lines:
            self._add(cell.add_paragraph(), each)
        self.document.add_paragraph()

    def _table(self, block: LinkedTable) -> None:
        self._caption(block.caption)
        table = self._grid(block.headings, len(block.rows))
        for row, cells in zip(table.rows[1:], block.rows, strict=True):
            for place, (cell, parts) in enumerate(zip(row.cells, cells, strict=True)):
                paragraph = cell.paragraphs[0]
                if place in block.numbers:
                    paragraph.alignment = 2
                self._add(paragraph, parts)
        self.document.add_paragraph()

    def _grid(self, headings: Sequence[str], rows: int) -> Any:
        """Table with a heading that comes again on each page."""
        from docx.oxml.ns import qn
        from docx.oxml.parser import OxmlElement

        table = self.document.add_table(rows=rows + 1, cols=len(headings))
        table.style = "Light Grid Accent 1"
        first = table.rows[0]
        repeated = OxmlElement("w:tblHeader")
        repeated.set(qn("w:val"), "true")
        first._tr.get_or_add_trPr().append(repeated)
        for cell, heading in zip(first.cells, headings, strict=True):
            cell.paragraphs[0].add_run(clean(heading)).bold = True
        return table

    def _picture(self, block: Picture) -> None:
        from docx.shared import Mm

        png = io.BytesIO(block.figure.png())
        self.document.add_picture(png, width=Mm(165))
        shape = self.document.inline_shapes[-1]
        shape._inline.docPr.set("descr", clean(f"{block.figure.title}: {block.figure.alt}"))

    def _caption(self, text: str) -> None:
        paragraph = self.document.add_paragraph()
        run = paragraph.add_run(clean(text))
        run.italic = True
        paragraph.paragraph_format.keep_with_next = True

    def _small(self, text: str) -> None:
        from docx.shared import Pt

        run = self.document.add_paragraph().add_run(clean(text))
        run.font.size = Pt(8)

    def _add(self, paragraph: Any, parts: Line) -> None:
        """Add pieces of a line; numbers are links inside the document."""
        for part in parts:
            if isinstance(part, Reference):
                self._link(paragraph, part)
            else:
                paragraph.add_run(clean(part))

    def _link(self, paragraph: Any, reference: Reference) -> None:
        from docx.oxml.ns import qn
        from docx.oxml.parser import OxmlElement

        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), reference.id)
        link.set(qn("w:tooltip"), clean(reference.title)[:250])
        run = paragraph.add_run(clean(reference.text))
        link.append(run._r)
        paragraph._p.append(link)

    def _figures(self, report: AnalyticalReport) -> None:
        """List of figures, each entry a bookmark."""
        self.document.add_heading(self.words.text("analysis.figures"), 1)
        self.document.add_paragraph(self.words.text("analysis.figures-text"))
        entries = [origin_cells(entry) for entry in report.origins]
        self._list("analysis.figures-caption", ORIGINS, entries)
        self._list("analysis.derived-caption", DERIVED, list(report.derived))

    def _list(
        self, caption: str, names: Sequence[str], entries: Sequence[dict[str, str]]
    ) -> None:
        """Entries as paragraphs: a table of hundreds of rows takes Word and us minutes."""
        if not entries:
            return
        self._caption(self.words.text(caption))
        headings = [self.words.text(f"analysis-heading.{each}") for each in names[1:]]
        for entry in entries:
            values = list(entry.values())
            pairs = zip(headings, values[1:], strict=True)
            said = "; ".join(f"{heading}: {value}" for heading, value in pairs if value)
            self._entry(values[0], said)

    def _entry(self, id: str, text: str) -> None:
        from docx.oxml.ns import qn
        from docx.oxml.parser import OxmlElement
        from docx.shared import Pt

        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(1)
        self.bookmarks += 1
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for mark in (start, end):
            mark.set(qn("w:id"), str(self.bookmarks))
        start.set(qn("w:name"), id)
        paragraph._p.append(start)
        run = paragraph.add_run(f"{id}  {clean(text)}")
        run.font.size = Pt(_SMALL)
        paragraph._p.append(end)

"""The cover sheet of a package: who, what, how much, what was checked, what is known."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from ilms_sdmx.outputs.exchange.packages import PackagedTable
from ilms_sdmx.outputs.reports.catalogues import Catalogue, catalogue
from ilms_sdmx.outputs.reports.pages import render

#: Time of the parts of a document, so that the same sheet is the same bytes.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
#: Known issues that the sheet lists; all are in the report of the validation.
_ISSUES = 12
#: What a person fills in by hand.
FIELDS = ("name", "position", "mail", "telephone", "signature")


@dataclass(frozen=True)
class Cover:
    """What the cover sheet of a package says.

    Parameters
    ----------
    id, sender, receiver, prepared
        Of the package.
    tables
        What it has of each dataflow, and the title of each.
    titles
        Title of each dataflow.
    changes
        Number of figures that are new, changed and gone since the last accepted package; empty
        where there was none.
    checks
        Number of observations that were checked, and of findings by severity.
    issues
        Known issues, each with its reason.
    """

    id: str
    sender: str
    receiver: str
    prepared: str
    tables: tuple[PackagedTable, ...]
    titles: tuple[str, ...]
    changes: dict[str, int]
    checks: dict[str, int]
    issues: tuple[tuple[str, str], ...] = ()

    def facts(self, words: Catalogue) -> list[tuple[str, str]]:
        """Lines at the top of the sheet."""
        count = sum(table.observations for table in self.tables)
        lines = [
            (words.text("cover.from"), self.sender),
            (words.text("cover.to"), self.receiver),
            (words.text("cover.prepared"), self.prepared),
            (words.text("cover.package"), self.id),
            (words.text("cover.figures"), words.number(count, 0)),
        ]
        checked = [f"{words.number(number, 0)} {word}" for word, number in self.checks.items()]
        lines.append((words.text("cover.checks"), ", ".join(checked)))
        if self.changes:
            told = []
            for word, number in self.changes.items():
                told.append(f"{words.number(number, 0)} {words.text(f'revision.{word}')}")
            lines.append((words.text("cover.changes"), ", ".join(told)))
        return lines

    def rows(self, words: Catalogue) -> list[tuple[str, ...]]:
        """One line a table: dataflow, title, areas, periods, figures, withdrawn."""
        rows: list[tuple[str, ...]] = []
        for table, title in zip(self.tables, self.titles, strict=True):
            periods = " to ".join(dict.fromkeys(table.periods))
            areas = ", ".join(table.areas)
            counts = words.number(table.observations, 0), words.number(table.withdrawn, 0)
            rows.append((table.dataflow, title, areas, periods, *counts))
        return rows

    def shown_issues(self) -> list[tuple[str, str]]:
        """Known issues that fit on the sheet."""
        return list(self.issues[:_ISSUES])


def cover_page(cover: Cover, words: Catalogue | None = None) -> bytes:
    """Cover sheet as one HTML file."""
    words = words or catalogue("en")
    title = words.text("cover.title", sender=cover.sender)
    page = render(
        "cover.html.j2",
        words,
        title=title,
        contents=[],
        kicker=words.text("cover.kicker"),
        lines=cover.facts(words),
        headings=_headings(words),
        rows=cover.rows(words),
        issues=cover.shown_issues(),
        more=max(0, len(cover.issues) - _ISSUES),
        fields=[words.text(f"cover.{field}") for field in FIELDS],
    )
    return page.encode()


def _headings(words: Catalogue) -> list[str]:
    names = ("dataflow", "table", "areas", "periods", "figures", "withdrawn")
    return [words.text(f"cover.{name}") for name in names]


def cover_document(cover: Cover, words: Catalogue | None = None) -> bytes:
    """Cover sheet as a document (.docx); empty where the extra is not installed."""
    try:
        from docx import Document
    except ImportError:
        return b""
    import datetime

    words = words or catalogue("en")
    document = Document()
    document.core_properties.author = cover.sender
    document.core_properties.title = words.text("cover.title", sender=cover.sender)
    time = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    document.core_properties.created = time
    document.core_properties.modified = time
    document.add_heading(words.text("cover.title", sender=cover.sender), level=1)
    _add_table(document, cover.facts(words))
    document.add_heading(words.text("cover.tables"), level=2)
    _add_table(document, [tuple(_headings(words)), *cover.rows(words)])
    document.add_heading(words.text("cover.issues"), level=2)
    issues = cover.shown_issues() or [(words.text("cover.none"), "")]
    _add_table(document, issues)
    document.add_heading(words.text("cover.contact"), level=2)
    _add_table(document, [(words.text(f"cover.{field}"), "") for field in FIELDS])
    content = io.BytesIO()
    document.save(content)
    return _with_fixed_times(content.getvalue())


def _add_table(document: object, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]))  # type: ignore[attr-defined]
    table.style = "Table Grid"
    for row in rows:
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            cell.text = text


def _with_fixed_times(content: bytes) -> bytes:
    """Document whose parts have one time, whenever it was made."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in sorted(before.namelist()):
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(info, before.read(name))
    return target.getvalue()

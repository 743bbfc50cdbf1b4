"""Text in legacy fonts.

What a page shows as Vietnamese or Burmese may be other characters in the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.tables.cells import NOTHING, Cell, Sheet
from ilms_sdmx.tables.legacy.characters import LegacyFont, convert, legacy_font
from ilms_sdmx.words.text import recompose

_NAMES = {
    "tcvn3": "TCVN3",
    "vni": "VNI",
    "zawgyi": "Zawgyi",
    "khmer": "Khmer ABC",
    "lao": "Lao ASCII",
}


def convert_fonts(
    sheets: tuple[Sheet, ...],
) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    """Sheets with the text of TCVN3 and VNI fonts in Unicode, and findings of legacy fonts.

    Text in other legacy fonts stays as it is and is an error: digits in it may be letters.
    """
    findings: list[Finding] = []
    for sheet in sheets:
        touched = _touched(sheet)
        for cell, font in touched:
            if not font.converts:
                continue
            converted = convert(cell.text, font)
            cell.extra = replace(cell.extra, text=recompose(converted))
        findings += _find_legacy_fonts(touched, sheet.name)
    return sheets, tuple(findings)


def _touched(sheet: Sheet) -> list[tuple[Cell, LegacyFont]]:
    """Text cells in legacy fonts.

    The few styles of a sheet are looked at before its many cells.
    """
    font_of_style = {id(cell.style): cell.style.font for cell in sheet}
    legacy_styles = {number for number, font in font_of_style.items() if legacy_font(font)}
    touched = []
    for cell in sheet:
        if cell.extra is NOTHING and id(cell.style) not in legacy_styles:
            continue
        font = _font(cell)
        if font is not None and isinstance(cell.value, str):
            touched.append((cell, font))
    return touched


def _font(cell: Cell) -> LegacyFont | None:
    """First legacy font of a cell."""
    for name in cell.fonts:
        font = legacy_font(name)
        if font is not None:
            return font
    return None


def _find_legacy_fonts(touched: list[tuple[Cell, LegacyFont]], sheet: str) -> Iterator[Finding]:
    """Findings of the legacy fonts of a sheet, one for each encoding."""
    cells_of_scheme: dict[str, list[tuple[Cell, LegacyFont]]] = {}
    for cell, font in touched:
        cells_of_scheme.setdefault(font.scheme, []).append((cell, font))
    for scheme, cells in cells_of_scheme.items():
        first, font = cells[0]
        place = Place(sheet=sheet, cell=first.address)
        case = ""
        if not font.converts:
            case = "unread"
        read = f"font {first.fonts[0]}"
        count = len(cells)
        font_name = _NAMES[scheme]
        yield find("legacy-font", place, case=case, read=read, count=count, font=font_name)

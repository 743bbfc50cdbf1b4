"""Frames as sheets of an Excel workbook."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ilms_sdmx._files import replacing
from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.safe_cells import RISKY, clean

if TYPE_CHECKING:
    import pandas as pd

#: Rows that a sheet of Excel can have, the heading included.
ROWS = 1_048_576
#: Rows that are text in memory at once.
_CHUNK = 5_000
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: Formats of cells: plain, heading, and text that a spreadsheet would take for a formula.
_FONTS = (
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
)
_FILLS = (
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
)
_FORMATS = (
    '<cellXfs count="3"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/>'
    '<xf xfId="0" quotePrefix="1"/></cellXfs>'
)
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}">{_FONTS}{_FILLS}<borders count="1"><border/></borders>'
    f'<cellStyleXfs count="1"><xf/></cellStyleXfs>{_FORMATS}'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_HEADING, _RISKY = 1, 2
_FROZEN = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)


def write_tables(frames: Mapping[str, pd.DataFrame], path: str | Path | IO[bytes]) -> None:
    """Write a workbook with a sheet for each frame; texts are never formulas.

    The rows are written as they are made: a library that makes an object of each cell takes
    ten times as long.

    Raises
    ------
    TableError
        A frame has more rows than a sheet can hold.
    """
    for name, frame in frames.items():
        if len(frame) >= ROWS:
            size = f"{len(frame):,}"
            raise TableError(
                f"expected fewer than {ROWS:,} rows for sheet {name}, found {size}"
            )
    with replacing(path) as stream, ZipFile(stream, "w") as archive:
        for part, text in _parts(list(frames)).items():
            archive.writestr(_entry(part), _DECLARATION + text)
        for number, frame in enumerate(frames.values(), 1):
            entry = _entry(f"xl/worksheets/sheet{number}.xml")
            with archive.open(entry, "w", force_zip64=True) as sheet:
                for text in _sheet(frame):
                    sheet.write(text.encode())


def _entry(name: str) -> ZipInfo:
    """Entry of the archive without the time of writing: the same frames give the same bytes."""
    entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = ZIP_DEFLATED
    return entry


def _parts(names: Sequence[str]) -> dict[str, str]:
    """Parts of the archive but the sheets: what there is, and how it belongs together."""
    types = [f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>']
    types.append(f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>')
    sheets, links = [], []
    for number, name in enumerate(names, 1):
        part = f"worksheets/sheet{number}.xml"
        types.append(f'<Override PartName="/xl/{part}" ContentType="{_TYPE}.worksheet+xml"/>')
        title = quoteattr(name[:31])
        sheets.append(f'<sheet name={title} sheetId="{number}" r:id="rId{number}"/>')
        links.append(_link(f"rId{number}", "worksheet", part))
    links.append(_link(f"rId{len(names) + 1}", "styles", "styles.xml"))
    xml = '<Default Extension="xml" ContentType="application/xml"/>'
    rels_type = "application/vnd.openxmlformats-package.relationships+xml"
    rels = f'<Default Extension="rels" ContentType="{rels_type}"/>'
    all_types = "".join([rels, xml, *types])
    all_sheets = "".join(sheets)
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">{all_types}</Types>',
        "_rels/.rels": _links([_link("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
            f"<sheets>{all_sheets}</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": _links(links),
        "xl/styles.xml": _STYLES,
    }


def _link(id: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{id}" Type="{_OFFICE}/{kind}" Target="{target}"/>'


def _links(links: Sequence[str]) -> str:
    inside = "".join(links)
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def _sheet(frame: pd.DataFrame) -> Iterator[str]:
    """Text of one sheet, some thousands of rows at a time."""
    yield f'{_DECLARATION}<worksheet xmlns="{_MAIN}">{_FROZEN}<sheetData>'
    heading = "".join(_text(str(name), _HEADING) for name in frame.columns)
    yield f"<row>{heading}</row>"
    for start in range(0, len(frame), _CHUNK):
        rows = frame.iloc[start : start + _CHUNK]
        columns = [_column(rows[name]) for name in rows.columns]
        yield "".join(f"<row>{''.join(cells)}</row>" for cells in zip(*columns, strict=True))
    yield "</sheetData></worksheet>"


def _column(column: pd.Series[Any]) -> list[str]:
    """Cells of a column, each distinct value made once."""
    known: dict[Any, str] = {}
    cells = []
    missing = column.isna().tolist()
    for value, is_missing in zip(column.tolist(), missing, strict=True):
        if is_missing:
            cells.append("<c/>")
            continue
        key = (type(value), value)
        if key not in known:
            known[key] = _cell(value)
        cells.append(known[key])
    return cells


def _cell(value: Any) -> str:
    """Cell of a value: number, truth, or text that is no formula."""
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, Real) and math.isfinite(value):
        value = value.item() if hasattr(value, "item") else value
        return f"<c><v>{value!r}</v></c>"
    text = clean(str(value))
    return _text(text, _RISKY if text.startswith(RISKY) else 0)


def _text(text: str, style: int = 0) -> str:
    inside = escape(text, {"\r": "&#13;"})
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{inside}</t></is></c>'

"""Browser of the database: every view is an address that can be shared and downloaded."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ilms_sdmx.database.browsing import PAGE, Browser, Selection
from ilms_sdmx.database.manifest import FILE
from ilms_sdmx.errors import IlmsError
from ilms_sdmx.outputs.web.charts import line_chart
from ilms_sdmx.outputs.web.home_pages import failed
from ilms_sdmx.outputs.web.pages import render, words_of

if TYPE_CHECKING:
    import pandas as pd
    from starlette.requests import Request
    from starlette.responses import Response

    from ilms_sdmx.outputs.web.office import Office

#: Ways to look at figures.
VIEWS = ("table", "pivot", "chart")
#: Formats of downloads: media type and ending.
FORMATS = {
    "csv": ("text/csv", "csv"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "sdmx-csv-2.0": ("application/vnd.sdmx.data+csv", "csv"),
    "sdmx-ml-3.0": ("application/vnd.sdmx.data+xml", "xml"),
}
_NAMES = {"figure_source": "Source", "figure_name": "Name"}
#: Columns of a table that are shown besides the codes.
_SHOWN = ("OBS_VALUE", "UNIT_MULT", "OBS_STATUS", "figure_source", "figure_name")
_ORIGINS = ("origin_file", "origin_sheet", "origin_cell")


class BrowsePages:
    """Pages of the database.

    Parameters
    ----------
    office
        What they work with.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._browser = Browser(office.database)

    def routes(self) -> list[Any]:
        """Addresses of these pages."""
        from starlette.routing import Route

        return [
            Route("/database", self.contents),
            Route("/database/{flow}", self.view),
            Route("/database/{flow}/history", self.history),
            Route("/database/{flow}/as/{format}", self.download),
        ]

    async def contents(self, request: Request) -> Response:
        """Tables of the database."""
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import HTMLResponse

        tables: list[dict[str, Any]] = []
        if (self._office.database / FILE).exists():
            try:
                tables = await run_in_threadpool(self._browser.contents)
            except IlmsError as error:
                return failed(error)
        for table in tables:
            table["name"] = dataflow_name(table["id"], words_of(request).language)
            table["areas"] = [name_of("REF_AREA", area) for area in table["areas"]]
        address = str(request.base_url).rstrip("/") + "/sdmx/v2/"
        return self._page(
            HTMLResponse,
            request,
            "database.html.j2",
            tables=tables,
            service=address,
            bearer=self._office.visitors.bearer,
        )

    async def view(self, request: Request) -> Response:
        """Figures of a table as rows, as a cross table or as a chart."""
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import HTMLResponse

        try:
            shown = await run_in_threadpool(self._shown, request)
        except IlmsError as error:
            return failed(error, 404)
        return self._page(HTMLResponse, request, "figures.html.j2", **shown)

    def _shown(self, request: Request) -> dict[str, Any]:
        """What the page of a table shows."""
        flow = request.path_params["flow"]
        columns = self._browser.columns(flow)
        selection = Selection(flow, _chosen(request, columns))
        facets = []
        for column, found in self._browser.facets(selection).items():
            options = [(code, name_of(column, code), count) for code, count in found]
            facets.append((column, _heading(column), options, selection.codes.get(column, ())))
        view = request.query_params.get("view", "table")
        page = _number(request.query_params.get("page", ""))
        shown: dict[str, Any] = {
            "flow": flow,
            "name": dataflow_name(flow, words_of(request).language),
            "facets": facets,
            "columns": [(column, _heading(column)) for column in columns],
            "view": view if view in VIEWS else "table",
            "views": VIEWS,
            "rows_by": request.query_params.get("rows", ""),
            "columns_by": request.query_params.get("columns", ""),
            "query": urlencode(_pairs(selection.codes)),
            "formats": list(FORMATS),
        }
        if shown["view"] == "table":
            count, frame = self._browser.rows(selection, page)
            shown |= {"count": count, "page": page, "has_more": (page + 1) * PAGE < count}
            return shown | _table(frame, columns)
        rows_by = shown["rows_by"] if shown["rows_by"] in columns else _widest(facets)
        columns_by = shown["columns_by"] if shown["columns_by"] in columns else "TIME_PERIOD"
        if shown["view"] == "chart":
            columns_by = "TIME_PERIOD"
        shown |= {"rows_by": rows_by, "columns_by": columns_by}
        frame = self._browser.cross_table(selection, rows_by, columns_by)
        return shown | _crossed(frame, rows_by, columns_by)

    async def history(self, request: Request) -> Response:
        """All that was ever told of some figures, and where it was read."""
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import HTMLResponse

        flow = request.path_params["flow"]
        try:
            columns = self._browser.columns(flow)
            selection = Selection(flow, _chosen(request, columns))
            frame = await run_in_threadpool(self._browser.history, selection)
        except IlmsError as error:
            return failed(error, 404)
        events = []
        for row in frame.fillna("").astype("str").to_dict("records"):
            origin = " ".join(filter(None, (row.get(name, "") for name in _ORIGINS)))
            event = {name: row.get(name, "") for name in ("time", "figure_change", *_SHOWN)}
            events.append({**event, "origin": origin, "project": self._project_of(row)})
        key = [
            (name, name_of(name, code))
            for name, codes in selection.codes.items()
            for code in codes
        ]
        return self._page(
            HTMLResponse,
            request,
            "figure.html.j2",
            flow=flow,
            name=dataflow_name(flow, words_of(request).language),
            key=key,
            events=events,
        )

    def _project_of(self, row: Mapping[Any, str]) -> str:
        """Address of the drawn workbook of a figure, empty where it is not known here."""
        file = row.get("origin_file", "")
        for project in self._office.projects.all():
            if file and project.name == file:
                sheet, cell = row.get("origin_sheet", ""), row.get("origin_cell", "")
                return f"/p/{project.id}?{urlencode({'sheet': sheet, 'cell': cell})}"
        return ""

    async def download(self, request: Request) -> Response:
        """Figures of a view as a file."""
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import PlainTextResponse, Response

        kind = request.path_params["format"]
        if kind not in FORMATS:
            return PlainTextResponse("There is no such format.", 404)
        flow = request.path_params["flow"]
        try:
            columns = self._browser.columns(flow)
            chosen = _chosen(request, columns)
            content = await run_in_threadpool(self._content, flow, chosen, kind)
        except IlmsError as error:
            return failed(error, 404)
        media_type, ending = FORMATS[kind]
        headers = {"content-disposition": f'attachment; filename="{flow}.{ending}"'}
        return Response(content, media_type=media_type, headers=headers)

    def _content(self, flow: str, chosen: Mapping[str, Sequence[str]], kind: str) -> bytes:
        """Bytes of a file of figures."""
        from ilms_sdmx.database import Database
        from ilms_sdmx.messages import write
        from ilms_sdmx.outputs.reports.workbooks import write_tables
        from ilms_sdmx.tables.safe_cells import spreadsheet_csv

        periods = chosen.get("TIME_PERIOD", ())
        key = {}
        for column, codes in chosen.items():
            if column not in ("TIME_PERIOD", "figure_source", "figure_name"):
                key[column] = list(codes)
        source = next(iter(chosen.get("figure_source", ())), "")
        name = next(iter(chosen.get("figure_name", ())), "")
        dataset = Database(self._office.database).get(
            flow, key=key, period=periods, source=source, name=name
        )
        if kind == "csv":
            return spreadsheet_csv(dataset.observations.astype("str").fillna("")).encode()
        stream = io.BytesIO()
        if kind == "xlsx":
            write_tables({"data": dataset.to_frame()}, stream)
        else:
            write(dataset, stream, format=kind)
        return stream.getvalue()

    def _page(self, kind: Any, request: Request, template: str, **values: Any) -> Response:
        page: Response = kind(
            render(
                template,
                words_of(request),
                token=self._office.visitors.token,
                can_quit=self._office.quit is not None,
                **values,
            )
        )
        return page


def _chosen(request: Request, columns: Sequence[str]) -> dict[str, list[str]]:
    """Codes by column as the address names them; what is no column is left out."""
    chosen: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name in columns and value and len(value) < 200:
            chosen.setdefault(name, []).append(value)
    return chosen


def _pairs(codes: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Names and values of an address."""
    pairs = []
    for name, values in codes.items():
        for value in values:
            pairs.append((name, value))
    return pairs


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _heading(column: str) -> str:
    """Name of a column for people."""
    return _NAMES.get(column) or concept_name(column)


def _widest(facets: Sequence[Any]) -> str:
    """Column with most codes besides the time."""
    best, most = "REF_AREA", 0
    for column, _, options, _ in facets:
        if (
            column not in ("TIME_PERIOD", "figure_source", "figure_name")
            and len(options) > most
        ):
            best, most = column, len(options)
    return best


def _table(frame: pd.DataFrame, columns: Sequence[str]) -> dict[str, Any]:
    """Rows of a page with the names of their codes, and the address of each history."""
    texts = frame.fillna("").astype("str")
    dimensions = [name for name in columns if name not in _NAMES]
    rest = [name for name in _SHOWN if name in texts]
    rows = []
    for row in texts.to_dict("records"):
        key = {name: [row.get(name, "")] for name in columns if row.get(name, "")}
        cells = [(name_of(name, row.get(name, "")), row.get(name, "")) for name in dimensions]
        values = [(name, row[name]) for name in rest]
        rows.append({"cells": cells, "values": values, "query": urlencode(_pairs(key))})
    headings = [_heading(name) for name in (*dimensions, *rest)]
    return {"rows": rows, "headings": headings}


def _crossed(frame: pd.DataFrame, rows_by: str, columns_by: str) -> dict[str, Any]:
    """Cross table with names, and the chart of its rows."""
    table: dict[str, dict[str, tuple[str, int]]] = {}
    heads: dict[str, None] = {}
    series: dict[str, list[tuple[str, str]]] = {}
    for row, column, value, count in frame.itertuples(index=False, name=None):
        text = "" if value is None or value != value else str(value)
        table.setdefault(str(row), {})[str(column)] = (text, int(count))
        heads[str(column)] = None
        if text:
            series.setdefault(name_of(rows_by, str(row)), []).append((str(column), text))
    ordered = sorted(heads)
    crossed = []
    for row, cells in table.items():
        listed = [cells.get(column, ("", 0)) for column in ordered]
        crossed.append((name_of(rows_by, row), listed))
    return {
        "crossed": crossed,
        "heads": [name_of(columns_by, column) for column in ordered],
        "chart": line_chart(series) if columns_by == "TIME_PERIOD" else None,
    }


@lru_cache(maxsize=20_000)
def name_of(column: str, code: str) -> str:
    """Name of a code, the code itself where none is known."""
    from ilms_sdmx.outputs.desk.questions import names_of_codes

    if not code or column in ("TIME_PERIOD", "figure_source", "figure_name"):
        return code
    codelist = "CL_AREA" if column == "REF_AREA" else f"CL_{column}"
    try:
        return names_of_codes(codelist).get(code, code)
    except IlmsError:
        return code


@lru_cache(maxsize=1000)
def concept_name(column: str) -> str:
    """Name of a concept, its id where none is known."""
    from ilms_sdmx.structures.concepts import concept

    try:
        return str(concept(column).name.localized_default("en")) or column
    except IlmsError:
        return column


@lru_cache(maxsize=1000)
def dataflow_name(id: str, language: str) -> str:
    """Name of a dataflow, its id where none is known."""
    from ilms_sdmx.structures.flows import catalogue

    frame = catalogue()
    column = language if language in frame.columns else "en"
    found = frame[frame["id"] == id.removeprefix("DF_")]
    return str(found.iloc[0][column]) if len(found) else id

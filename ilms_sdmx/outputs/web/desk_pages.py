"""Page of a project: its sheets, questions, findings, answers and results."""

from __future__ import annotations

import difflib
import json
import mimetypes
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ilms_sdmx.errors import IlmsError
from ilms_sdmx.findings.languages import languages
from ilms_sdmx.outputs.desk.history import base_of
from ilms_sdmx.outputs.web.home_pages import audited, body_of, failed, started
from ilms_sdmx.outputs.web.pages import language_of, render, words_of
from ilms_sdmx.outputs.web.projects import Project
from ilms_sdmx.outputs.web.workers import TaskError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from ilms_sdmx.outputs.web.office import Office

#: Cells of one window of rows, and columns that are drawn.
WINDOW_CELLS, MOST_COLUMNS = 4_000, 200
#: Long tasks that a page may start, with what they need besides the project.
_LONG = frozenset({"view", "produce", "compare", "add", "questionnaire", "package"})
#: Lines of a difference that a second page is shown.
_MOST_LINES = 60


class DeskPages:
    """Pages of one project.

    Parameters
    ----------
    office
        What they work with.
    """

    def __init__(self, office: Office) -> None:
        self._office = office

    def routes(self) -> list[Any]:
        """Addresses of these pages."""
        from starlette.routing import Route

        return [
            Route("/p/{id}", self.page),
            Route("/p/{id}/sheet", self.sheet),
            Route("/p/{id}/side", self.side),
            Route("/p/{id}/states", self.states),
            Route("/p/{id}/sources", self.sources),
            Route("/p/{id}/mapping", self.mapping),
            Route("/p/{id}/files/{name:path}", self.download),
            Route("/p/{id}/all.zip", self.download_all),
            Route("/p/{id}/answer", self.answer, methods=["POST"]),
            Route("/p/{id}/mark", self.mark, methods=["POST"]),
            Route("/p/{id}/write", self.write, methods=["POST"]),
            Route("/p/{id}/undo", self.undo, methods=["POST"]),
            Route("/p/{id}/remove", self.remove, methods=["POST"]),
            Route("/p/{id}/do/{task}", self.do, methods=["POST"]),
            Route("/codes", self.codes),
        ]

    def _project(self, request: Request) -> Project | None:
        return self._office.projects.get(request.path_params["id"])

    async def page(self, request: Request) -> Response:
        """Page of a project."""
        from starlette.responses import HTMLResponse

        project = self._project(request)
        if project is None or not project.mapping.exists():
            return _missing()
        state = project.history.current()
        return HTMLResponse(
            render(
                "desk.html.j2",
                words_of(request),
                token=self._office.visitors.token,
                project=project,
                state=state.number,
                can_quit=self._office.quit is not None,
                receivers=_receivers(),
            )
        )

    async def sheet(self, request: Request) -> Response:
        """Window of rows of a sheet."""
        from starlette.responses import HTMLResponse

        seen = self._seen(request)
        if seen is None:
            return _missing()
        sheets = seen["sheets"]
        number = _number(request, "sheet")
        if number >= len(sheets):
            return _missing()
        window = window_of(sheets[number], _number(request, "from"))
        page = render(
            "sheet.html.j2",
            words_of(request),
            sheet=sheets[number],
            number=number,
            is_open=bool(seen["questions"]),
            **window,
        )
        return HTMLResponse(page)

    async def side(self, request: Request) -> Response:
        """Questions, legend and findings of a state."""
        from starlette.responses import HTMLResponse

        seen = self._seen(request)
        project = self._project(request)
        if seen is None or project is None:
            return _missing()
        earlier = self._office.projects.get(project.based)
        based = "" if earlier is None else earlier.name
        page = render("side.html.j2", words_of(request), seen=seen, based=based)
        return HTMLResponse(page)

    def _seen(self, request: Request) -> dict[str, Any] | None:
        """Sheets and questions of a state, as the child has written them."""
        project = self._project(request)
        if project is None:
            return None
        path = view_file(project, _number(request, "state"), language_of(request))
        try:
            return _read(path, path.stat().st_mtime_ns)
        except (OSError, ValueError):
            return None

    async def states(self, request: Request) -> Response:
        """States of the mapping."""
        from starlette.responses import HTMLResponse

        project = self._project(request)
        if project is None:
            return _missing()
        states = project.history.states()
        page = render(
            "states.html.j2",
            words_of(request),
            states=states[::-1][:100],
            can_undo=base_of(states) > 0,
        )
        return HTMLResponse(page)

    async def sources(self, request: Request) -> Response:
        """What a cell becomes, and where each component of it comes from."""
        from starlette.responses import HTMLResponse

        project = self._project(request)
        if project is None:
            return _missing()
        arguments = {
            **_paths(project),
            "sheet": request.query_params.get("sheet", ""),
            "cell": request.query_params.get("cell", ""),
        }
        try:
            found = await self._office.workers.short.run("sources", arguments)
        except TaskError as error:
            return failed(error)
        return HTMLResponse(render("sources.html.j2", words_of(request), observations=found))

    async def codes(self, request: Request) -> Response:
        """Codes that a person may mean by what he types."""
        from starlette.responses import JSONResponse

        arguments = {
            "codelist": request.query_params.get("codelist", ""),
            "prefix": request.query_params.get("prefix", ""),
            "typed": request.query_params.get("q", "")[:100],
        }
        try:
            return JSONResponse(await self._office.workers.short.run("search", arguments))
        except TaskError as error:
            return failed(error)

    async def mapping(self, request: Request) -> Response:
        """The mapping file, to keep or to send."""
        from starlette.responses import Response

        project = self._project(request)
        if project is None:
            return _missing()
        return Response(
            project.mapping.read_bytes(),
            media_type="application/octet-stream",
            headers=_attached("mapping.yaml"),
        )

    async def answer(self, request: Request) -> Response:
        """Answer a question."""
        told = await body_of(request)
        arguments = {
            "line": _whole(told.get("line")),
            "action": str(told.get("action", "")),
            "value": str(told.get("value", ""))[:1000],
            "similar": told.get("similar") is True,
            "expected": _whole(told.get("state")),
        }
        return await self._edit(request, "answer", arguments)

    async def mark(self, request: Request) -> Response:
        """Say what a cell, row, column or block is."""
        told = await body_of(request)
        of = told.get("of")
        said = {"of": [str(cell)[:20] for cell in of] if isinstance(of, list) else []}
        for name in ("sheet", "cell", "role", "extent", "why"):
            said[name] = str(told.get(name, ""))[:1000]  # type: ignore[assignment]
        arguments = {"said": said, "expected": _whole(told.get("state"))}
        return await self._edit(request, "mark", arguments)

    async def write(self, request: Request) -> Response:
        """Write the mapping file as a person has edited it."""
        told = await body_of(request)
        text = str(told.get("text", ""))
        arguments = {"text": text, "expected": _whole(told.get("state"))}
        return await self._edit(request, "write", arguments)

    async def _edit(self, request: Request, task: str, arguments: dict[str, Any]) -> Response:
        """Edit the mapping, if nobody else has in between."""
        from starlette.responses import JSONResponse

        project = self._project(request)
        if project is None:
            return _missing()
        try:
            done = await self._office.workers.short.run(task, {**_paths(project), **arguments})
        except TaskError as error:
            if error.kind == "StaleError":
                return JSONResponse(
                    _difference(project, arguments["expected"], str(error)), 409
                )
            return failed(error)
        audited(self._office, request, task, project, str(done["state"]))
        return JSONResponse(done)

    async def undo(self, request: Request) -> Response:
        """Go back to the state before, or to a chosen one."""
        from starlette.responses import JSONResponse

        project = self._project(request)
        if project is None:
            return _missing()
        told = await body_of(request)
        history = project.history
        expected, to = _whole(told.get("state")), _whole(told.get("to"))
        try:
            if to:
                state = history.go_to(to, expected=expected)
            else:
                state = history.undo(expected=expected)
        except IlmsError as error:
            if type(error).__name__ == "StaleError":
                return JSONResponse(_difference(project, expected, str(error)), 409)
            return failed(error)
        audited(self._office, request, "undo", project, str(state.number))
        return JSONResponse({"state": state.number})

    async def remove(self, request: Request) -> Response:
        """Remove a project."""
        from starlette.responses import JSONResponse

        project = self._project(request)
        if project is None:
            return _missing()
        self._office.projects.remove(project)
        audited(self._office, request, "remove", project)
        return JSONResponse({"ok": True})

    async def do(self, request: Request) -> Response:
        """Start a long task."""
        from starlette.responses import JSONResponse

        project = self._project(request)
        task = request.path_params["task"]
        if project is None or task not in _LONG:
            return _missing()
        told = await body_of(request)
        arguments = {**_paths(project), **self._needs(task, project, request, told)}
        language = language_of(request)
        if task == "view":
            state = project.history.current().number
            path = view_file(project, state, language)
            arguments |= {"output": str(path), "language": language}
            if path.exists():
                return JSONResponse(
                    {"ended": True, "error": "", "result": {"state": state}, "id": ""}
                )
        else:
            audited(self._office, request, task, project)

        async def ended(result: Any) -> Any:
            if task == "view":
                return result
            words = words_of(request)
            page = render(
                f"{task}.html.j2", words, result=result, project=project, file_name=_file_name
            )
            return {"html": page, "result": result}

        return started(self._office.jobs.start(task, project.id, arguments, ended))

    def _needs(
        self, task: str, project: Project, request: Request, told: dict[str, Any]
    ) -> dict[str, Any]:
        """What a task needs besides the project."""
        prepared = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        needs: dict[str, Any] = {}
        if task in ("produce", "compare", "questionnaire", "package"):
            needs["results"] = str(project.results)
        if task in ("produce", "add", "package"):
            needs["prepared"] = prepared
        if task == "produce":
            language = language_of(request)
            needs["language"] = language if language in languages() else "en"
            needs["partial"] = told.get("partial") is True
        if task == "add":
            needs["database"] = str(self._office.database)
        if task == "questionnaire":
            needs["area"] = str(told.get("area", ""))[:60]
            needs["period"] = str(told.get("period", ""))[:30]
        if task == "package":
            needs["sender"] = str(told.get("sender", ""))[:60]
            needs["receiver"] = str(told.get("receiver", "ilo"))[:30]
        return needs

    async def download(self, request: Request) -> Response:
        """File of the results."""
        from starlette.responses import FileResponse

        project = self._project(request)
        if project is None:
            return _missing()
        path = inside(project.results, request.path_params["name"])
        if path is None:
            return _missing()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return FileResponse(path, media_type=kind, headers=_attached(path.name))

    async def download_all(self, request: Request) -> Response:
        """All files of the results, the mapping and its states, as one archive."""
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import Response

        project = self._project(request)
        if project is None:
            return _missing()
        content = await run_in_threadpool(_archive, project)
        name = f"{Path(project.name).stem}.zip"
        return Response(content, media_type="application/zip", headers=_attached(name))


def window_of(sheet: dict[str, Any], first: int) -> dict[str, Any]:
    """Rows of a sheet from one on, as many as a window has, with their cells and merges."""
    columns = min(sheet["columns"], MOST_COLUMNS)
    count = max(20, WINDOW_CELLS // max(columns, 1))
    start = max(first, 1)
    end = min(start + count - 1, sheet["rows"])
    by_row: dict[int, dict[int, Any]] = {}
    for cell in sheet["cells"]:
        if start <= cell["row"] <= end and cell["column"] <= columns:
            by_row.setdefault(cell["row"], {})[cell["column"]] = cell
    spans, covered = _spans(sheet["merges"], start, end, columns)
    rows = []
    for row in range(start, end + 1):
        cells = []
        for column in range(1, columns + 1):
            if (row, column) in covered:
                continue
            span = spans.get((row, column), (1, 1))
            cells.append((column, by_row.get(row, {}).get(column), span))
        rows.append((row, cells))
    from ilms_sdmx.tables.addresses import column_letters

    letters = [column_letters(column) for column in range(1, columns + 1)]
    return {
        "rows": rows,
        "letters": letters,
        "is_first": start == 1,
        "next_row": end + 1 if end < sheet["rows"] else 0,
        "left_out": sheet["columns"] - columns,
    }


def _spans(
    merges: list[list[int]], start: int, end: int, columns: int
) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
    """Size of each merged cell of a window, and the places that it covers."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    for top, left, bottom, right in merges:
        if bottom < start or top > end or left > columns:
            continue
        first, last = max(top, start), min(bottom, end)
        side = min(right, columns)
        for row in range(first, last + 1):
            for column in range(left, side + 1):
                covered.add((row, column))
        covered.discard((first, left))
        spans[first, left] = (last - first + 1, side - left + 1)
    return spans, covered


def view_file(project: Project, state: int, language: str) -> Path:
    """File with the sheets and questions of a state, in a language."""
    path = project.view(state)
    return path.with_name(f"{path.stem}.{language}.json")


@lru_cache(maxsize=8)
def _read(path: Path, changed: int) -> dict[str, Any]:
    """Content of a file of JSON, read once."""
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content


def inside(folder: Path, name: str) -> Path | None:
    """File of a folder; None where the name leads elsewhere, or where there is none."""
    if "\\" in name or ":" in name or "\0" in name or name.startswith("/"):
        return None
    root = folder.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return None
    return path


def _archive(project: Project) -> bytes:
    """Archive of all that a project has made."""
    import io
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(project.results.rglob("*")):
            if path.is_file():
                archive.write(path, f"results/{path.relative_to(project.results)}")
        for path in sorted(project.history.folder.glob("*.yaml")):
            archive.write(path, f"states/{path.name}")
        archive.write(project.mapping, project.mapping.name)
        archive.write(project.workbook, project.workbook.name)
    return stream.getvalue()


def _difference(project: Project, expected: int, message: str) -> dict[str, Any]:
    """What another page has changed in between."""
    history = project.history
    current = history.current()
    try:
        before = history.text_of(expected).splitlines()
    except IlmsError:
        before = []
    after = history.text_of(current.number).splitlines()
    lines = list(difflib.unified_diff(before, after, "before", "now", lineterm="", n=1))
    return {"error": message, "state": current.number, "difference": lines[:_MOST_LINES]}


def _paths(project: Project) -> dict[str, str]:
    return {"workbook": str(project.workbook), "mapping": str(project.mapping)}


def _number(request: Request, name: str) -> int:
    """Whole number of a query, 0 for none."""
    return _whole(request.query_params.get(name))


def _whole(value: Any) -> int:
    """Whole number that is not below zero, 0 for anything else."""
    text = str(value)
    if len(text) > 9 or not (text.isascii() and text.isdigit()):
        return 0
    return int(text)


def _attached(name: str) -> dict[str, str]:
    """Headers of a file that is kept, never shown."""
    return {"content-disposition": f"attachment; filename*=utf-8''{quote(name, safe='')}"}


def _file_name(project: Project, name: str) -> str:
    """Address of a file of the results."""
    return f"/p/{project.id}/files/{quote(name)}"


def _missing() -> Response:
    from starlette.responses import PlainTextResponse

    return PlainTextResponse("There is no such page.", 404)


@lru_cache(maxsize=1)
def _receivers() -> tuple[tuple[str, str], ...]:
    """Receivers of packages, by id and name."""
    import csv

    from ilms_sdmx._files import dsd

    path = dsd() / "exchange" / "receivers.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple((row["id"], row["name"]) for row in csv.DictReader(stream))

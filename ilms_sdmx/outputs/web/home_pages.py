"""First page: a workbook to begin with, examples, past projects; the way in and the way out."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ilms_sdmx.conversion.shipped import example, examples
from ilms_sdmx.errors import IlmsError, MappingError
from ilms_sdmx.findings.languages import languages
from ilms_sdmx.outputs.web.guard import BodyError
from ilms_sdmx.outputs.web.pages import LANGUAGE_COOKIE, asset, render, words_of
from ilms_sdmx.outputs.web.projects import Project

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from ilms_sdmx.outputs.web.office import Office

_YEAR = 31_536_000


class HomePages:
    """Pages that belong to no project.

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
            Route("/", self.home),
            Route("/enter", self.enter, methods=["GET"]),
            Route("/enter", self.come_in, methods=["POST"]),
            Route("/static/{name}", self.file),
            Route("/alive", self.alive),
            Route("/upload", self.upload, methods=["POST"]),
            Route("/example/{name}", self.begin_example, methods=["POST"]),
            Route("/language/{tag}", self.choose_language, methods=["POST"]),
            Route("/quit", self.quit, methods=["POST"]),
            Route("/jobs/{id}", self.job),
            Route("/jobs/{id}/cancel", self.cancel, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """First page."""
        from starlette.responses import HTMLResponse

        return HTMLResponse(
            render(
                "home.html.j2",
                words_of(request),
                token=self._office.visitors.token,
                projects=self._office.projects.all(),
                examples=examples(),
                can_quit=self._office.quit is not None,
            )
        )

    async def enter(self, request: Request) -> Response:
        """Page that exchanges the code behind the address for a cookie."""
        from starlette.responses import HTMLResponse

        return HTMLResponse(render("enter.html.j2", words_of(request)))

    async def come_in(self, request: Request) -> Response:
        """Give the cookie to who has the code."""
        from starlette.responses import JSONResponse

        visitors = self._office.visitors
        told = await body_of(request)
        if not visitors.uses_code(str(told.get("code", ""))):
            return JSONResponse({"error": "This code has been used."}, 401)
        answer = JSONResponse({"ok": True})
        answer.set_cookie(
            visitors.cookie,
            visitors.secret,
            httponly=True,
            samesite="strict",
            secure=visitors.is_secure,
        )
        return answer

    async def file(self, request: Request) -> Response:
        """File of the page itself."""
        from starlette.responses import PlainTextResponse, Response

        found = asset(request.path_params["name"])
        if found is None:
            return PlainTextResponse("There is no such file.", 404)
        content, media_type = found
        return Response(content, media_type=media_type)

    async def alive(self, request: Request) -> Response:
        """Let an open page keep the server from ending."""
        from starlette.responses import JSONResponse

        return JSONResponse({"ok": True})

    async def upload(self, request: Request) -> Response:
        """Begin a project with a workbook."""
        name = unquote(request.headers.get("x-name", ""))[:1000]
        told = request.headers.get("x-based", "")
        content = await request.body()
        projects = self._office.projects
        try:
            based = projects.get(told) if told else projects.earlier(name)
            project = projects.begin(name, content, based)
        except IlmsError as error:
            return failed(error)
        return await self._drafted(request, project)

    async def begin_example(self, request: Request) -> Response:
        """Begin a project with a shipped workbook and its mapping."""
        try:
            workbook, mapping = example(request.path_params["name"])
        except MappingError as error:
            return failed(error, 404)
        project = self._office.projects.begin(workbook.name, workbook.read_bytes())
        for path in mapping.parent.iterdir():
            if path.is_file() and path != workbook:
                (project.folder / path.name).write_bytes(path.read_bytes())
        return await self._drafted(request, project)

    async def _drafted(self, request: Request, project: Project) -> Response:
        """Start the job that drafts the mapping of a project."""
        arguments = {
            "workbook": str(project.workbook),
            "mapping": str(project.mapping),
            "area": "",
        }

        async def ended(result: Any) -> Any:
            return {**result, "address": f"/p/{project.id}"}

        audited(self._office, request, "begin", project)
        job = self._office.jobs.start("begin", project.id, arguments, ended)
        return started(job)

    async def choose_language(self, request: Request) -> Response:
        """Keep the language that a visitor chooses."""
        from starlette.responses import JSONResponse

        tag = request.path_params["tag"]
        if tag not in languages():
            return JSONResponse({"error": "There is no such language."}, 404)
        answer = JSONResponse({"ok": True})
        answer.set_cookie(LANGUAGE_COOKIE, tag, max_age=_YEAR, samesite="strict", httponly=True)
        return answer

    async def quit(self, request: Request) -> Response:
        """End the server."""
        from starlette.responses import JSONResponse

        if self._office.quit is None:
            return JSONResponse({"error": "This server is not ended from a page."}, 403)
        self._office.quit()
        return JSONResponse({"ok": True})

    async def job(self, request: Request) -> Response:
        """How far a job is."""
        from starlette.responses import JSONResponse

        job = self._office.jobs.get(request.path_params["id"])
        if job is None:
            return JSONResponse({"error": "There is no such job."}, 404)
        return JSONResponse(job.told())

    async def cancel(self, request: Request) -> Response:
        """Cancel a job."""
        from starlette.responses import JSONResponse

        job = self._office.jobs.get(request.path_params["id"])
        if job is None:
            return JSONResponse({"error": "There is no such job."}, 404)
        self._office.jobs.cancel(job)
        return JSONResponse({"ok": True})


async def body_of(request: Request) -> dict[str, Any]:
    """Object of JSON in the body of a request; none for anything else."""
    try:
        told = json.loads(await request.body())
    except BodyError:
        raise
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def failed(error: Exception, status: int = 422) -> Response:
    """Answer that says what is wrong."""
    from starlette.responses import JSONResponse

    return JSONResponse({"error": str(error)}, status)


def started(job: Any) -> Response:
    """Answer with a job that has been started, or with the word that too many wait."""
    from starlette.responses import JSONResponse

    if job is None:
        return JSONResponse({"error": "Too much is going on: wait a little."}, 503)
    return JSONResponse(job.told(), 202)


def audited(
    office: Office, request: Request, what: str, project: Project, more: str = ""
) -> None:
    """Write who changes what, where a file for that is kept; never a value of a cell."""
    if office.audit is None:
        return
    user = request.headers.get(office.visitors.user_header or "x-none", "")
    line = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "user": user[:200],
        "what": what,
        "project": project.id,
        "state": more,
    }
    with office.audit.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line, ensure_ascii=False) + "\n")

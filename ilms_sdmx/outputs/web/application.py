"""The page as an application of ASGI: what is at which address."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.database.manifest import FILE
from ilms_sdmx.outputs.web.desk_pages import DeskPages
from ilms_sdmx.outputs.web.guard import SERVICE, Guard
from ilms_sdmx.outputs.web.home_pages import HomePages
from ilms_sdmx.outputs.web.office import Office

if TYPE_CHECKING:
    from starlette.applications import Starlette


def page_application(office: Office, seen: Callable[[], None] | None = None) -> Guard:
    """Application of ASGI of the page, with its guard in front.

    Parameters
    ----------
    office
        What it works with.
    seen
        Called at every request that is served, so that an idle server can end.
    """
    return Guard(_application(office), office.visitors, seen)


def _application(office: Office) -> Starlette:
    """Pages without their guard."""
    from starlette.applications import Starlette
    from starlette.routing import Mount

    from ilms_sdmx.outputs.web.browse_pages import BrowsePages

    home = HomePages(office)
    desks = DeskPages(office)
    browser = BrowsePages(office)
    routes: list[Any] = [*home.routes(), *desks.routes(), *browser.routes()]
    routes.append(Mount(SERVICE, app=_Service(office.database)))

    @contextlib.asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        await office.workers.start()
        try:
            yield
        finally:
            office.workers.kill()

    return Starlette(routes=routes, lifespan=lifespan)


class _Service:
    """Service for programs, over the database; made when the first one asks."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._application: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request of a program."""
        from starlette.responses import PlainTextResponse

        if not (self._database / FILE).exists():
            nothing = PlainTextResponse("The database holds nothing yet.", 404)
            await nothing(scope, receive, send)
            return
        if self._application is None:
            from ilms_sdmx.outputs.service import application

            self._application = application(self._database)
        await self._application(scope, receive, send)

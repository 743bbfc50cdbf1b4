"""`ilms-sdmx ui`: the page on which a person works, served by this machine."""

from __future__ import annotations

import asyncio
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ilms_sdmx.cli.db import FOLDER

if TYPE_CHECKING:
    from ilms_sdmx.outputs.web import Office, Visitors
    from ilms_sdmx.outputs.web.projects import Project

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@click.command("ui")
@click.argument(
    "workbook", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option(
    "--projects",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the projects; one of your own data where absent.",
)
@FOLDER
@click.option("--no-browser", is_flag=True, help="Print the address, open no browser.")
@click.option(
    "--idle",
    type=click.FloatRange(0),
    default=30,
    show_default=True,
    help="Minutes after which it ends when no page is open; 0 for never.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port; 0: any.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--allowed-host",
    "hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    help="Name under which others ask, with --host.",
)
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="Address of the proxy that logs people in, with --host.",
)
@click.option("--user-header", default="", help="Header in which the proxy names the user.")
@click.option(
    "--editor",
    "editors",
    multiple=True,
    metavar="USER",
    help="User who may change anything; all others read.",
)
@click.option(
    "--audit",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to which every change is written, with who made it.",
)
def ui(
    workbook: Path | None,
    projects: Path | None,
    folder: Path,
    no_browser: bool,
    idle: float,
    port: int,
    host: str,
    hosts: tuple[str, ...],
    proxies: tuple[str, ...],
    user_header: str,
    editors: tuple[str, ...],
    audit: Path | None,
) -> None:
    """Open the page for WORKBOOK: map it, convert it, send it, and look at the database.

    It runs on this machine alone, asks no other one for anything, and ends by a button or when
    it is idle. For several users (--host) a proxy must log them in: --allowed-host, --proxy,
    --user-header and --audit are needed then.
    """
    try:
        import uvicorn

        from ilms_sdmx.outputs.web.server import PageServer
    except ImportError:
        message = "expected uvicorn and starlette: pip install 'ilms-sdmx[ui]'"
        raise click.UsageError(message) from None
    del uvicorn
    from ilms_sdmx.outputs.web import Office, Visitors, page_application

    is_local = host in _LOOPBACK
    if not is_local:
        _refuse_open_server(hosts, proxies, user_header, audit)
    server = PageServer("127.0.0.1" if host == "localhost" else host, port, idle * 60)
    if is_local:
        names = (f"127.0.0.1:{server.port}", f"localhost:{server.port}")
        visitors = Visitors(frozenset(names))
    else:
        visitors = Visitors(
            frozenset(hosts),
            proxies=frozenset(proxies),
            user_header=user_header,
            editors=frozenset(editors),
            is_secure=True,
        )
    office = Office(
        (projects or _own_folder()).absolute(),
        folder.absolute(),
        visitors,
        quit=server.end if is_local else None,
        audit=audit,
    )
    next_page = ""
    if workbook is not None:
        next_page = f"|/p/{_begun(office, workbook).id}"
    address = _address(server.port, visitors, next_page, is_local=is_local)

    def ready() -> None:
        click.echo(address)
        if is_local and not no_browser:
            webbrowser.open(address)

    application = page_application(office, server.seen)
    server.run(application, lambda: office.jobs.are_running, ready)


def _address(port: int, visitors: Visitors, next_page: str, *, is_local: bool) -> str:
    """Address by which the page is opened; what is behind # is sent to nobody."""
    if not is_local:
        return f"https://{min(visitors.hosts)}/"
    return f"http://127.0.0.1:{port}/enter#{visitors.code}{next_page}"


def _refuse_open_server(
    hosts: tuple[str, ...], proxies: tuple[str, ...], user_header: str, audit: Path | None
) -> None:
    """Refuse to serve others without knowing who they are."""
    if not hosts:
        raise click.UsageError("expected --allowed-host behind an address that others reach.")
    if not proxies or not user_header:
        raise click.UsageError(
            "expected --proxy and --user-header: a proxy must log the users in."
        )
    if audit is None:
        raise click.UsageError("expected --audit, the file of who changes what.")


def _own_folder() -> Path:
    """Folder of the data of this user."""
    import platformdirs

    return Path(platformdirs.user_data_dir("ilms-sdmx", appauthor=False)) / "desk"


def _begun(office: Office, workbook: Path) -> Project:
    """Project of a workbook, whose mapping is drafted where there is none."""
    from ilms_sdmx.errors import TableError
    from ilms_sdmx.outputs.web.workers import TaskError, Worker

    project = office.projects.begin(workbook.name, workbook.read_bytes())

    async def drafted() -> None:
        worker = Worker()
        try:
            await worker.run(
                "begin",
                {
                    "workbook": str(project.workbook),
                    "mapping": str(project.mapping),
                    "area": "",
                },
            )
        finally:
            worker.kill()

    try:
        asyncio.run(drafted())
    except TaskError as error:
        office.projects.remove(project)
        raise TableError(str(error)) from None
    return project

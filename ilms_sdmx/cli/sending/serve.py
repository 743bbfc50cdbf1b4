"""`ilms-sdmx serve`: an SDMX service over a database, for those who pull."""

from __future__ import annotations

import contextlib
import socket
import sys
from pathlib import Path

import click

#: Connections at once; others are told to come back.
_CONNECTIONS = 1_000
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any."
)
@click.option(
    "--allowed-host",
    "hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    help="Name under which clients ask, as data.office.gov; several times for several.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File with a token that clients send as `Authorization: Bearer`.",
)
@click.option("--public", is_flag=True, help="Serve everybody who reaches the address.")
@click.option(
    "--most",
    type=click.IntRange(1),
    default=20_000_000,
    show_default=True,
    help="Figures of one answer.",
)
@click.option("--agency", default="", help="Agency of the office, as PHL; with --provider.")
@click.option("--provider", default="", help="Id of the office whose figures these are.")
@click.option("--name", default="", help="Name of the office.")
@click.option(
    "--address",
    default="",
    metavar="URL",
    help="Address under which it is reached, as https://data.office.gov, for registrations.",
)
def serve(
    folder: Path,
    host: str,
    port: int,
    hosts: tuple[str, ...],
    token_file: Path | None,
    public: bool,
    most: int,
    agency: str,
    provider: str,
    name: str,
    address: str,
) -> None:
    """Serve the figures of the database FOLDER by SDMX REST 2.2 (/v2) and 1.5 (/v1).

    The service can only be read. Behind an address that others reach it needs the names under
    which it is asked, and a token or --public. With an office it has provision agreements and
    registrations.
    """
    try:
        import uvicorn
    except ImportError:
        message = "expected uvicorn and starlette: pip install 'ilms-sdmx[serve]'"
        raise click.UsageError(message) from None
    from ilms_sdmx.database.manifest import FILE
    from ilms_sdmx.outputs.exchange.registration import Provider
    from ilms_sdmx.outputs.service import Access, Limits, application
    from ilms_sdmx.outputs.service.connections import timed_protocol

    if bool(agency) != bool(provider):
        raise click.UsageError("expected --agency and --provider together.")
    if address and not address.startswith(("http://", "https://")):
        raise click.UsageError("expected --address as https://data.office.gov.")
    office = Provider(agency, provider, name) if provider else None
    is_local = host in _LOOPBACK
    if not is_local and not hosts:
        raise click.UsageError("expected --allowed-host behind an address that others reach.")
    if not is_local and token_file is None and not public:
        raise click.UsageError("expected --token-file, or --public to serve everybody.")
    if not (folder / FILE).exists():
        raise click.UsageError(
            f"expected a database, found none in {folder}: add figures first."
        )
    token = ""
    if token_file is not None:
        token = _token(token_file)
    with _listening(host, port) as listening:
        number = listening.getsockname()[1]
        allowed = list(hosts)
        if is_local:
            allowed += [f"{each}:{number}" for each in ("127.0.0.1", "localhost", "[::1]")]
        access = Access(tuple(allowed), token)
        limits = Limits(observations=most)
        served = application(
            folder, limits=limits, access=access, provider=office, address=address
        )
        own = f"[{host}]" if ":" in host else host
        click.echo(f"http://{own}:{number}/", err=True)
        config = uvicorn.Config(
            served,
            http=timed_protocol(),
            ws="none",
            log_level="warning",
            server_header=False,
            limit_concurrency=_CONNECTIONS,
            h11_max_incomplete_event_size=64_000,
        )
        uvicorn.Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """Socket of an address, so that its port is known before anything is served."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with contextlib.ExitStack() as stack:
            listening = stack.enter_context(socket.socket(family, kind, protocol))
            if sys.platform != "win32":
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            stack.pop_all()
    except OSError as error:
        message = f"{host} port {port} cannot be listened on: {error.strerror or error}."
        raise click.UsageError(f"{message} --port 0 takes any that is free.") from None
    return listening


def _token(file: Path) -> str:
    """Token of a file; one that is short is no secret."""
    try:
        token = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise click.UsageError(f"expected a token in {file}: {error.strerror}.") from None
    if len(token) < 16:
        raise click.UsageError(f"expected at least 16 characters in {file}.")
    return token

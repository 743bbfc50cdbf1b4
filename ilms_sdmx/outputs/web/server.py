"""Server of the page: connections of this machine that are timed, and an end when idle."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable
from typing import Any

from ilms_sdmx.outputs.service.connections import HEAD_SECONDS, timed_protocol

#: Connections at once.
CONNECTIONS = 80


class PageServer:
    """Server of ASGI that ends by itself when nobody has asked for some time.

    Parameters
    ----------
    host
        Address to listen on.
    port
        Port; 0 for one that is free.
    idle
        Seconds without a request after which it ends; 0 for never.
    """

    def __init__(self, host: str, port: int, idle: float) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.bind((host, port))
        self.port = int(self.socket.getsockname()[1])
        self._idle = idle
        self._last = time.monotonic()
        self._server: Any = None

    def seen(self) -> None:
        """Somebody has asked for something."""
        self._last = time.monotonic()

    def end(self) -> None:
        """End, after what is being answered."""
        if self._server is not None:
            self._server.should_exit = True

    def run(
        self, application: Any, is_busy: Callable[[], bool], ready: Callable[[], None]
    ) -> None:
        """Serve until the end.

        Parameters
        ----------
        application
            What is served.
        is_busy
            Whether a long task runs, for which an idle server waits.
        ready
            Called when the server listens.
        """
        import uvicorn

        config = uvicorn.Config(
            application,
            http=timed_protocol(HEAD_SECONDS),
            ws="none",
            loop="asyncio",
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            limit_concurrency=CONNECTIONS,
            timeout_keep_alive=20,
            timeout_graceful_shutdown=3,
            h11_max_incomplete_event_size=64_000,
        )
        self._server = uvicorn.Server(config)
        asyncio.run(self._serve(is_busy, ready))

    async def _serve(self, is_busy: Callable[[], bool], ready: Callable[[], None]) -> None:
        self.socket.listen(100)
        watch = asyncio.create_task(self._watch(is_busy, ready))
        try:
            await self._server.serve(sockets=[self.socket])
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch

    async def _watch(self, is_busy: Callable[[], bool], ready: Callable[[], None]) -> None:
        """Say when the server listens, and end it when nobody asks any more."""
        while not self._server.started:
            await asyncio.sleep(0.02)
        ready()
        while self._idle:
            await asyncio.sleep(min(self._idle, 5.0))
            if is_busy():
                self.seen()
            if time.monotonic() - self._last > self._idle:
                self.end()
                return

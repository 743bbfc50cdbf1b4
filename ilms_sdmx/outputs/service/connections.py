"""Connections: those on which no whole request comes in time are let go."""

from __future__ import annotations

from typing import Any

#: Seconds until the head of a request must be whole.
HEAD_SECONDS = 15.0


def timed_protocol(seconds: float = HEAD_SECONDS) -> Any:
    """Protocol of HTTP for uvicorn whose connections wait only so long for a whole head."""
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class TimedProtocol(H11Protocol):
        """Protocol whose heads must come in time, the first one and every other."""

        def connection_made(self, transport: Any) -> None:
            """Set the time of a new connection."""
            super().connection_made(transport)
            self._late = self.loop.call_later(seconds, self._close_without_request)

        def data_received(self, data: bytes) -> None:
            """Stop the time when a head is whole, and set it when another one begins."""
            super().data_received(data)
            if self._is_answering():
                self._late.cancel()
            elif self._late.cancelled():
                self._late = self.loop.call_later(seconds, self._close_without_request)

        def connection_lost(self, exc: Exception | None) -> None:
            """Forget the time of a connection."""
            self._late.cancel()
            super().connection_lost(exc)

        def _is_answering(self) -> bool:
            cycle: Any = self.cycle
            return cycle is not None and not cycle.response_complete

        def _close_without_request(self) -> None:
            if not self._is_answering():
                self.transport.close()

    return TimedProtocol

"""Deadline: the most that a request may take in all, headers and single bytes included.

A time-out of a connection begins anew with every byte. So at the deadline the connections of a
request are ended from outside, and whoever reads from them goes on at once.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_CURRENT = threading.local()


class Deadline:
    """Moment at which the connections of one request are ended."""

    def __init__(self) -> None:
        self.has_passed = False
        self._sockets: list[Any] = []
        self._lock = threading.Lock()

    def watch(self, connection: Any) -> None:
        """Let the deadline end a connection."""
        with self._lock:
            self._sockets.append(connection)
        if self.has_passed:
            self._pass()

    def _pass(self) -> None:
        self.has_passed = True
        with self._lock:
            watched = list(self._sockets)
        for connection in watched:
            with contextlib.suppress(OSError, ValueError):
                connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def deadline(seconds: float) -> Iterator[Deadline]:
    """Deadline of all requests of this thread inside a block."""
    limit = Deadline()
    timer = threading.Timer(seconds, limit._pass)
    timer.daemon = True
    before = getattr(_CURRENT, "deadline", None)
    _CURRENT.deadline = limit
    timer.start()
    try:
        yield limit
    finally:
        timer.cancel()
        _CURRENT.deadline = before


def _watch(connection: Any) -> None:
    limit = getattr(_CURRENT, "deadline", None)
    if limit is not None and connection is not None:
        limit.watch(connection)


class _Connection(HTTPConnection):
    def getresponse(self) -> Any:
        _watch(self.sock)
        return super().getresponse()


class _SecureConnection(HTTPSConnection):
    def getresponse(self) -> Any:
        _watch(self.sock)
        return super().getresponse()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class DeadlineAdapter(HTTPAdapter):
    """Adapter whose connections a deadline can end."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools; also that of a proxy has connections of this kind."""
        super().init_poolmanager(*args, **kwargs)
        _use_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Pools of a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        _use_pools(manager)
        return manager


def _use_pools(manager: Any) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

"""The client of the commands that fetch, and the options that they share.

With a progress bar on a terminal, silent elsewhere.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ilms_sdmx.downloads.client import Client

OFFLINE = click.option("--offline", is_flag=True, help="Only what is in the cache.")
REFRESH = click.option(
    "--refresh", is_flag=True, help="Ask the service even for what is fresh in the cache."
)
ATTEMPTS = click.option(
    "--attempts",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Attempts at a request.",
)


class TerminalClient:
    """Client with a progress bar on the terminal while it is used."""

    def __init__(self, *, offline: bool, refresh: bool, attempts: int) -> None:
        from ilms_sdmx.downloads.client import Client, Patience

        self.bar: Any = None
        self.client = Client(
            offline=offline,
            refresh=refresh,
            patience=Patience(attempts=attempts),
            progress=self.advance if sys.stderr.isatty() else None,
        )

    def advance(self, got: int, total: int) -> None:
        """Move the bar, which is drawn with the first bytes that arrive."""
        if self.bar is None:
            from rich.console import Console
            from rich.progress import Progress

            self.bar = Progress(console=Console(stderr=True), transient=True)
            self.bar.start()
            self.task = self.bar.add_task("fetching")
        self.bar.update(self.task, completed=got, total=total or None)
        if total and got >= total:
            # What is said of it comes next, and must not mix with the bar.
            self.bar.stop()
            self.bar = None

    def __enter__(self) -> Client:
        return self.client

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()

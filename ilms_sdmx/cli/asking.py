"""Options of the commands that ask services."""

from __future__ import annotations

import click

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

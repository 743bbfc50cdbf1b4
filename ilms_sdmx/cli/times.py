"""The time of a message as an option of commands: the same time gives the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime

import click


def _time(_: click.Context, __: click.Parameter, prepared: str | None) -> str:
    if prepared is None:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        datetime.fromisoformat(prepared)
    except ValueError:
        raise click.BadParameter(
            f"expected a time such as 2026-01-31T08:00:00Z, found {prepared!r}"
        ) from None
    return prepared


TIME = click.option(
    "--time",
    "prepared",
    metavar="TIME",
    callback=_time,
    help="Time of the message, ISO 8601; now where absent.",
)

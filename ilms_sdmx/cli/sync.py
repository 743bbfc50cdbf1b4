"""`ilms-sdmx sync`: a declared list of comparators into a database, for cron."""

from __future__ import annotations

from pathlib import Path

import click

from ilms_sdmx.cli.client import ATTEMPTS, OFFLINE, REFRESH


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--only", multiple=True, metavar="NAME", help="Only this item; may be given several times."
)
@click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    help="JSON lines; default in the folder of the database.",
)
@OFFLINE
@REFRESH
@ATTEMPTS
@click.option(
    "--accept-removals",
    is_flag=True,
    help="Let more than 10 % of a table, or a whole area or series, be removed.",
)
def sync(
    file: Path,
    only: tuple[str, ...],
    log: Path | None,
    offline: bool,
    refresh: bool,
    attempts: int,
    accept_removals: bool,
) -> int:
    """Bring what FILE declares into its database, which keeps what changed, by key.

    Exit status: 0 done, 1 with warnings, 3 FILE is wrong, 4 an item could not be fetched (the
    others were).
    """
    from ilms_sdmx.cli.client import TerminalClient
    from ilms_sdmx.sources.synchronising import read_declaration, synchronise

    declaration = read_declaration(file)
    known = {item.name for item in declaration.items}
    unknown = sorted(set(only) - known)
    if unknown:
        names = ", ".join(unknown)
        raise click.BadParameter(f"{file.name} has no item {names}", param_hint="--only")
    statuses: list[str] = []
    exit_code = 0
    with TerminalClient(offline=offline, refresh=refresh, attempts=attempts) as client:
        running = synchronise(
            declaration,
            client,
            log=log,
            only=frozenset(only),
            accept_removals=accept_removals,
        )
        for outcome in running:
            statuses.append(outcome.status)
            exit_code = max(exit_code, outcome.exit_code)
            click.echo(_line(outcome))
    counts: list[str] = []
    for status in ("changed", "unchanged", "failed"):
        counts.append(f"{statuses.count(status)} {status}")
    counted = ", ".join(counts)
    click.echo(f"{len(statuses)} items: {counted}. Database: {declaration.store}")
    _tell_foreign(declaration.store)
    return exit_code


def _tell_foreign(folder: Path) -> None:
    """Name the files of others in the database, which are left alone."""
    from ilms_sdmx.database import Database
    from ilms_sdmx.errors import DatabaseError

    try:
        foreign = Database(folder).foreign()
    except DatabaseError:
        # It was the error of each item.
        return
    for path in foreign:
        click.echo(f"{path} is none of the database: it is left alone.", err=True)


def _line(outcome: object) -> str:
    from ilms_sdmx.sources.synchronising import Outcome

    assert isinstance(outcome, Outcome)
    if outcome.error:
        return f"{outcome.item}: failed: {outcome.error}"
    counts = outcome.counts
    changes: list[str] = []
    for name in ("added", "changed", "removed"):
        if counts[name]:
            changes.append(f"{counts[name]:,} {name}")
    change = ", ".join(changes) or "unchanged"
    rest = ""
    if outcome.rest:
        rest = f"; {outcome.rest:,} figures without counterpart"
    warned = ""
    if outcome.warnings:
        warned = f"; {outcome.warnings} warnings"
    observations = f"{counts['observations']:,} observations"
    return f"{outcome.item}: {observations}, {change}{rest}{warned}"

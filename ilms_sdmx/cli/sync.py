"""`ilms-sdmx sync`: a declared list of comparators into a local store, for cron."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--only", multiple=True, metavar="NAME", help="Only this item; may be given several times."
)
@click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    help="JSON lines; default in the store.",
)
@click.option("--offline", is_flag=True, help="Only what is in the cache.")
@click.option(
    "--refresh", is_flag=True, help="Ask the services even for what is fresh in the cache."
)
@click.option(
    "--attempts",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="Attempts at a request.",
)
def sync(
    file: Path,
    only: tuple[str, ...],
    log: Path | None,
    offline: bool,
    refresh: bool,
    attempts: int,
) -> int:
    """Bring what FILE declares into its store; what changed since the last run is kept by key.

    Exit status: 0 done, 1 with warnings, 3 FILE is wrong, 4 an item could not be fetched (the others were).
    """
    from ilms_sdmx.cli.client import TerminalClient
    from ilms_sdmx.sources.synchronising import Outcome, read_declaration, synchronise

    declaration = read_declaration(file)
    unknown = sorted(set(only) - {item.name for item in declaration.items})
    if unknown:
        raise click.BadParameter(
            f"{file.name} has no item {', '.join(unknown)}", param_hint="--only"
        )
    outcomes: list[Outcome] = []
    with TerminalClient(offline=offline, refresh=refresh, attempts=attempts) as client:
        for outcome in synchronise(declaration, client, log=log, only=frozenset(only)):
            outcomes.append(outcome)
            click.echo(_line(outcome))
    words = [o.status for o in outcomes]
    counted = ", ".join(f"{words.count(w)} {w}" for w in ("changed", "unchanged", "failed"))
    click.echo(f"{len(outcomes)} items: {counted}. Store: {declaration.store}")
    return max((o.exit_code for o in outcomes), default=0)


def _line(outcome: object) -> str:
    from ilms_sdmx.sources.synchronising import Outcome

    assert isinstance(outcome, Outcome)
    if outcome.error:
        return f"{outcome.item}: failed: {outcome.error}"
    counts = outcome.counts
    change = ", ".join(
        f"{counts[w]:,} {w}" for w in ("added", "changed", "removed") if counts[w]
    )
    rest = ""
    if outcome.rest:
        rest = f"; {outcome.rest:,} figures without counterpart"
    warned = ""
    if outcome.warnings:
        warned = f"; {outcome.warnings} warnings"
    return f"{outcome.item}: {counts['observations']:,} observations, {change or 'unchanged'}{rest}{warned}"

"""`ilms-sdmx fetch`: comparators of any source, in any format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ilms_sdmx._files import all_or_none, is_stream
from ilms_sdmx.cli.client import ATTEMPTS, OFFLINE, REFRESH, TerminalClient
from ilms_sdmx.cli.outputs import DASH, FOR_SPREADSHEET, MESSAGES, refuse_inputs, save
from ilms_sdmx.records import RECORD_COLUMNS, records_beside

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.downloads.client import Client
    from ilms_sdmx.records import Harmonised

_TABLES = ("csv", "parquet")
#: Options whose values are several codes joined by `+` or commas.
_LISTS = ("area", "origin", "destination", "sex")


def _clear_cache(context: click.Context, _: click.Parameter, days: int | None) -> None:
    if days is None or context.resilient_parsing:
        return
    from datetime import timedelta

    from ilms_sdmx.downloads.cache import Cache, default_folder
    from ilms_sdmx.downloads.client import now

    cache = Cache(default_folder())
    count, size = cache.clear(now() - timedelta(days=days))
    click.echo(f"{count:,} files, {size / 1e6:,.1f} MB removed from {cache.folder}")
    context.exit()


@click.command()
@click.argument("source")
@click.argument("what", required=False, default="")
@click.option("--area", help="Areas, THA+MYS: codes of ISO, ILO or the source, or names.")
@click.option("--destination", help="The same, of UN DESA's migrant stock.")
@click.option("--origin", help="Origins of UN DESA's migrant stock.")
@click.option("--start", help="First year or period.")
@click.option("--end", help="Last year or period.")
@click.option("--sex", help="both, male, female (UN DESA's migrant stock).")
@click.option("--edition", help="Edition: 2019, 2020, 2024.")
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False), help="A workbook that you have."
)
@click.option("--freq", help="A, Q or M (ILOSTAT in bulk).")
@click.option("--best-source", help="yes, no or all (ILOSTAT in bulk).")
@click.option(
    "--codes", multiple=True, metavar="DIMENSION=A+B", help="Codes by another dimension."
)
@click.option("--key", help="Key of an SDMX query: AUS+NZL.A..")
@click.option("--version", "version", help="Of an SDMX service: 2.1 or 3.0.")
@click.option("--last", type=int, help="Only so many latest observations (ILOSTAT).")
@click.option("--as", "wire", help="Format to ask the service for: csv, json, xml.")
@click.option(
    "-s",
    "--structure",
    help="Structure of the data (sdmx): a structure message (file or address), or the id of an"
    " ILMS"
    " dataflow. By default the service is asked for it.",
)
@click.option("--base-url", help="Address of the service, where it is not the usual one.")
@click.option(
    "--format", "form", type=click.Choice(_TABLES + MESSAGES), default="csv", show_default=True
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False),
    help="File to write; default the terminal.",
)
@click.option(
    "--rest",
    type=click.Path(dir_okay=False),
    help="File for figures without counterpart (CSV).",
)
@FOR_SPREADSHEET
@OFFLINE
@REFRESH
@ATTEMPTS
@click.option(
    "--clear-cache",
    type=click.IntRange(0, 36500),
    metavar="DAYS",
    is_eager=True,
    expose_value=False,
    callback=_clear_cache,
    help="Remove what was not confirmed for so many days (0: all), and stop.",
)
def fetch(
    source: str,
    what: str,
    codes: tuple[str, ...],
    wire: str | None,
    form: str,
    output: str | None,
    rest: str | None,
    for_spreadsheet: bool,
    offline: bool,
    refresh: bool,
    attempts: int,
    **given: Any,
) -> int:
    """Fetch comparators from SOURCE, as in `fetch ilostat DF_EMP_MFRC_SEX_CCT_NB --area THA`.

    SOURCE is ilostat, ilostat-bulk, undesa-stock, undesa-portal, undesa-wpp, worldbank, oecd,
    eurostat, unsdg or sdmx; WHAT is a dataflow, indicator, series or table of it. CSV and
    Parquet have the comparability record of each figure next to it. `fetch ilostat-search
    WORDS` lists the dataflows of ILOSTAT.
    """
    from ilms_sdmx.errors import NotFoundError
    from ilms_sdmx.sources import fetching

    if form == "parquet" and not output:
        raise click.UsageError("Parquet is written to a file: give --output")
    if for_spreadsheet and form != "csv":
        raise click.UsageError(f"--for-spreadsheet is for CSV, not {form}")
    refuse_inputs([output or DASH, rest], [given["file"], given["structure"]])
    with TerminalClient(offline=offline, refresh=refresh, attempts=attempts) as client:
        if source == "ilostat-search":
            return _search(client, what, given["base_url"] or "")
        if source not in fetching.SOURCES:
            raise click.UsageError(
                f"expected a source of {', '.join(fetching.SOURCES)}, found {source!r}"
            )
        options = _options(given, codes, wire)
        try:
            got = fetching.fetch(source, what, client=client, **options)
        except TypeError as error:
            raise click.UsageError(str(error)) from error
        except NotFoundError as error:
            if not error.url:
                raise click.UsageError(str(error.args[0])) from error
            raise
    return _give(got, form, output, rest, for_spreadsheet)


def _give(
    got: Harmonised, form: str, output: str | None, rest: str | None, for_spreadsheet: bool
) -> int:
    """Write the figures and those without a place, and say what was found; the exit status."""
    with all_or_none():
        save(output or DASH, _content(got, form, for_spreadsheet))
        if form not in _TABLES and _is_file(output):
            save(records_beside(output or ""), _records_of(got))
        if rest:
            save(rest, _csv(got.rest, for_spreadsheet))
    for finding in got.report:
        click.echo(str(finding), err=True)
    figures = sum(map(len, got))
    counts = got.rest["reason"].value_counts()
    for reason, count in counts.items():
        click.echo(f"  {count:,} {reason}", err=True)
    without_counterpart = f"{len(got.rest):,} figures without counterpart"
    citation = _cited(got)
    click.echo(f"{figures:,} observations, {without_counterpart}. {citation}", err=True)
    return got.report.exit_code


def _cited(got: Harmonised) -> str:
    """Say in one line what was fetched: source, edition, address, time, hash, licence."""
    origin = got.origin
    name = f"{origin.source} {origin.edition}".rstrip()
    when = ""
    if origin.retrieved:
        when = f", retrieved {origin.retrieved}"
    return f"{name}, {origin.licence}, {origin.address}{when}, SHA-256 {origin.sha256}"


def _options(given: dict[str, Any], codes: tuple[str, ...], wire: str | None) -> dict[str, Any]:
    options = {name: value for name, value in given.items() if value is not None}
    for name in _LISTS:
        if name in options:
            listed_codes = options[name].replace(",", "+").split("+")
            options[name] = list(filter(None, listed_codes))
    if wire:
        options["format"] = wire
    if codes:
        options["codes"] = _codes_by_dimension(codes)
    return options


def _codes_by_dimension(entries: tuple[str, ...]) -> dict[str, list[str]]:
    """Codes of each dimension of the entries `DIMENSION=CODE+CODE`."""
    codes: dict[str, list[str]] = {}
    for entry in entries:
        name, equals, values = entry.partition("=")
        if not name or not equals:
            raise click.BadParameter("expected DIMENSION=CODE+CODE", param_hint="--codes")
        codes[name] = values.split("+")
    return codes


def _csv(frame: pd.DataFrame, for_spreadsheet: bool) -> bytes:
    from ilms_sdmx.tables.safe_cells import spreadsheet_csv

    if for_spreadsheet:
        return spreadsheet_csv(frame).encode()
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _content(got: Harmonised, form: str, for_spreadsheet: bool) -> bytes:
    """Bytes of the figures in a format."""
    if form == "csv":
        frame = got.frame()
        return _csv(frame, for_spreadsheet)
    import io

    from ilms_sdmx.structures.facts import OURS

    buffer = io.BytesIO()
    if form == "parquet":
        got.frame().astype("str").to_parquet(buffer, index=False)
        return buffer.getvalue()
    from ilms_sdmx import messages

    header = messages.Header(sender=messages.Party(OURS), sources={"en": _cited(got)})
    messages.write([part.dataset for part in got if len(part)], buffer, form, header=header)
    return buffer.getvalue()


def _is_file(output: str | None) -> bool:
    """Whether there is a place next to the output: not next to a pipe or standard output."""
    return bool(output) and output != DASH and not is_stream(Path(output or ""))


def _records_of(got: Harmonised) -> bytes:
    """Keys and comparability records of all figures; messages have no place for them."""
    frame = got.frame()
    keys: dict[str, None] = {}
    for part in got:
        keys |= dict.fromkeys(part.dataset.components.dimensions)
    columns = ["DATAFLOW", *keys, *RECORD_COLUMNS]
    return bytes(frame[columns].to_csv(index=False, lineterminator="\n").encode())


def _search(client: Client, words: str, base_url: str) -> int:
    from ilms_sdmx.sources.ilostat_service import fetch_catalogue, search

    found = search(fetch_catalogue(client, base_url), words)
    for id, name in zip(found["id"], found["name"], strict=True):
        click.echo(f"{id}\t{name}")
    if len(found):
        return 0
    return 1

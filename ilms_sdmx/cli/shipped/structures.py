"""`ilms-sdmx structures`: list, show, export and check the structures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ilms_sdmx.cli.outputs import is_standard, target_of

if TYPE_CHECKING:
    from rich.console import Console

    from ilms_sdmx.findings import Report
    from ilms_sdmx.structures.pages import DimensionLine, Page

LANGUAGE = click.option(
    "--language",
    type=click.Choice(["en", "fr", "es"]),
    default="en",
    show_default=True,
    help="Language of names.",
)
#: Codes of a dimension that `show` prints before it refers to `codes`.
FEW = 30


@click.group("structures")
def structures() -> None:
    """List, show, export and check the structures of ILMS."""


@structures.command("list")
@click.option("--module", type=click.Choice(["MST", "MFL", "MNA"]), help="Only one module.")
@LANGUAGE
def list_(module: str | None, language: str) -> None:
    """List the dataflows by module: id, questionnaire table, old id, title."""
    from ilms_sdmx.structures import facts

    flows = facts.rows("dataflows.csv")
    for row in facts.rows("modules.csv"):
        if module is not None and module != row["id"]:
            continue
        lines = []
        for flow in flows:
            if flow["module"] == row["id"]:
                lines.append([f"DF_{flow['id']}", flow["table"], flow["old"], flow[language]])
        title = f"{row['id']} {row[language]}: {len(lines)} dataflows"
        _print_table(title, ["Dataflow", "Table", "Old id", "Title"], lines)
    if module is None:
        count = len(flows)
        lists = len(facts.rows("codelists.csv"))
        click.echo(f"{count} dataflows, {count} data structure definitions, {lists} codelists.")


@structures.command()
@click.argument("id")
@click.option("--all-codes", is_flag=True, help="Print every code, also of long lists.")
@LANGUAGE
def show(id: str, all_codes: bool, language: str) -> None:
    """Show one dataflow by its current or an old ID: table, key, codes, unit, attributes."""
    from ilms_sdmx.structures import indicators, pages, resolve

    if indicators.is_ours(id):
        _show_indicators()
        return
    resolved = resolve(id)
    page = pages.page(id, language)
    click.echo(f"{page.title}\n{'=' * len(page.title)}\n")
    if resolved.generation == "old":
        click.echo(f"{id} is the old id of {page.id}.\n")
    for name, value in _head(page).items():
        click.echo(f"{name:<14} {value}")
    click.echo("\nDimensions and the codes that may carry data")
    for dimension in page.dimensions:
        _print_dimension(dimension, all_codes)
    click.echo("\nAttributes, all optional")
    for attribute, name, attached in page.attributes:
        click.echo(f"  {attribute:<18} {name} (for {attached})")
    click.echo("\nEvidence")
    for sentence in page.evidence:
        click.echo(f"  {sentence}")


def _head(page: Page) -> dict[str, str]:
    """What is above the dimensions, with its values."""
    asked = "not asked; ILO computes or collects it otherwise"
    if page.table:
        asked = f"table {page.table}, asks {', '.join(page.form)}"
    structure = page.id.removeprefix("DF_")
    coded = [dimension.id for dimension in page.dimensions if dimension.codelist]
    return {
        "Dataflow": f"ILO:{page.id}(1.0), structure ILO:{structure}(1.0)",
        "Module": page.module,
        "Questionnaire": asked,
        "Old id": page.old or "none",
        "Unit": page.unit,
        "Constraint": f"ILMS_SDMX:CC_{page.id}(1.0), the codes below",
        "Key": ".".join(coded),
    }


def _show_indicators() -> None:
    """Print our own dataflow of indicators, which has no module, table or constraint."""
    from ilms_sdmx.structures import facts, indicators

    flow = indicators.dataflow()
    title = f"{flow.id}  {flow.name}"
    click.echo(f"{title}\n{'=' * len(title)}\n")
    dataflow = f"{facts.OURS}:{flow.id}(1.0)"
    structure = f"{facts.OURS}:{flow.structure.id}(1.0)"
    click.echo(f"Dataflow       {dataflow}, structure {structure}\n")
    for row in facts.rows("indicator_components.csv"):
        codelist = ""
        if row["codelist"]:
            codelist = f", codelist {row['codelist']}"
        click.echo(f"  {row['id']:<14} {row['en']}{codelist}")
    click.echo("\nCodes of MEASURE")
    for code in indicators.codelist():
        click.echo(f"  {code.id:<16} {code.name}")


def _print_dimension(dimension: DimensionLine, all_codes: bool) -> None:
    values = ", a period such as 2024 or 2024-Q1"
    if dimension.codelist:
        values = f", codelist {dimension.codelist}"
    click.echo(f"\n  {dimension.id}  {dimension.name}{values}")
    if dimension.incomplete:
        click.echo(f"    Incomplete: {dimension.incomplete}")
    for version, name, codes in dimension.groups:
        if version:
            click.echo(f"    {version}  {name}".rstrip())
        shown = codes if all_codes or len(codes) <= FEW else _telling(codes)
        for code, label in shown:
            click.echo(f"      {code:<26} {label}".rstrip())
        rest = len(codes) - len(shown)
        if rest:
            command = f"ilms-sdmx structures codes {dimension.codelist}"
            click.echo(f"      and {rest} more: {command}")


def _telling(codes: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Codes of a long list of countries that say what it is.

    Total, members of ASEAN, the rest.
    """
    from ilms_sdmx.structures import asean

    endings = {*asean(), "TOTAL", "X"}
    telling = []
    for code, label in codes:
        if code.rsplit("_", 1)[-1] in endings:
            telling.append((code, label))
    return telling


@structures.command()
@click.argument("codelist")
@LANGUAGE
def codes(codelist: str, language: str) -> None:
    """Print the codes of a codelist: code, name, heading above it, whether it is a total."""
    from ilms_sdmx import structures as found

    table = found.codes(codelist, language)
    _print_table(
        "",
        ["Code", "Name", "Parent", "Total"],
        table[["code", "name", "parent", "is_total"]].to_numpy().tolist(),
    )
    reason = found.incomplete().get(found.codelist(codelist).id)
    click.echo(f"{len(table)} codes.{f' Incomplete: {reason}' if reason else ''}", err=True)


@structures.command()
@click.argument("target", type=click.Path(dir_okay=False))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["sdmx-ml-2.1", "sdmx-ml-3.0", "sdmx-json-2.0", "sdmx-json-2.1"]),
    default="sdmx-ml-2.1",
    show_default=True,
)
@click.option("--dataflow", help="Only this dataflow, with its codelists cut to what it uses.")
def export(target: str, format_: str, dataflow: str | None) -> None:
    """Write a structure message to TARGET (`-` for standard output)."""
    from ilms_sdmx.structures import export as write

    write(target_of(target), format_, dataflow)
    if is_standard(target):
        return
    click.echo(f"Wrote {target}.", err=True)


@structures.command()
@click.option(
    "--live", is_flag=True, help="Compare with the live service, one request a dataflow."
)
@click.option(
    "--dataflow",
    "chosen",
    multiple=True,
    help="With --live: only this dataflow; may be repeated.",
)
@click.option(
    "--base-url",
    default="",
    help="With --live: address of the service, where it is not the usual one.",
)
def check(live: bool, chosen: tuple[str, ...], base_url: str) -> int:
    """Check that the structures hang together.

    With --live, that they are what ILOSTAT serves.
    """
    from ilms_sdmx import structures as found

    report = _live(chosen, base_url) if live else found.check()
    for finding in report:
        click.echo(str(finding))
    click.echo(
        {0: "No findings.", 1: "1 finding."}.get(len(report), f"{len(report)} findings.")
    )
    return report.exit_code


def _live(chosen: tuple[str, ...], base_url: str) -> Report:
    """Differences from the live service; the answers are asked afresh and kept in the cache."""
    from ilms_sdmx import structures as found
    from ilms_sdmx.downloads.client import Client
    from ilms_sdmx.findings import Report
    from ilms_sdmx.sources.ilostat_service import SERVICE, at

    client = Client(refresh=True)
    accept = "application/vnd.sdmx.structure+xml;version=2.1"
    report = Report()
    ids = [found.resolve(id).id for id in chosen]
    service = at(SERVICE, base_url)
    query = {"references": "all"}
    for id in ids or list(found.catalogue()["id"]):
        path = f"dataflow/ILO/DF_{id}/latest"
        answer = client.get(service, path, query, accept=accept, kind="xml")
        content = answer.path.read_bytes()
        report += found.differences(content, id)
    return report


def _print_table(title: str, headings: list[str], rows: list[list[str]]) -> None:
    """Table on the terminal.

    Tab-separated lines where the output goes into a file or a pipe.
    """
    console = _console()
    if not console.is_terminal:
        if title:
            click.echo(title)
        for row in (headings, *rows):
            click.echo("\t".join(row))
        return
    from rich.table import Column, Table

    # Ids are whole and on one line whatever the width: two may differ in their last letters.
    width = max(len(row[0]) for row in rows) if rows else 0
    columns = [Column(headings[0], no_wrap=True, min_width=width)]
    for heading in headings[1:]:
        columns.append(Column(heading, overflow="fold"))
    table = Table(*columns, title=title or None, title_justify="left", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _console() -> Console:
    from rich.console import Console

    return Console()

"""`ilms-sdmx diff` and `submit`: revisions, packages for a receiver, and their answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ilms_sdmx._files import all_or_none
from ilms_sdmx.cli.db import FOLDER
from ilms_sdmx.cli.outputs import MESSAGES, refuse_inputs, save, target_of
from ilms_sdmx.cli.times import TIME

if TYPE_CHECKING:
    from ilms_sdmx.downloads.secret import Secret
    from ilms_sdmx.findings import Report
    from ilms_sdmx.outputs.exchange import Revision, Target

_READABLE = click.Path(exists=True, dir_okay=False)
_PACKAGE = click.Path(exists=True, file_okay=False, path_type=Path)


#: Changes that are printed; all are in the files.
_SHOWN = 40


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "-m",
    "--mapping",
    type=click.Path(exists=True, dir_okay=False),
    help="Mapping of the workbooks; without one they are filled questionnaires.",
)
@FOLDER
@click.option(
    "-s", "--structure", type=click.Path(exists=True), help="Structure of messages of others."
)
@click.option("-o", "--output", help="Message of the changes to write; - for standard output.")
@click.option(
    "-f", "--format", "format_", type=click.Choice(MESSAGES), help="Format of the message."
)
@click.option("--html", help="Page to write.")
@click.option("--csv", "table", help="Table of the changes to write, as CSV.")
@TIME
def diff(
    old: str,
    new: str,
    mapping: str | None,
    folder: Path,
    structure: str | None,
    output: str | None,
    format_: str | None,
    html: str | None,
    table: str | None,
    prepared: str,
) -> int:
    """Say what is new, changed and gone from OLD to NEW.

    Each is a data message, a workbook, a filled questionnaire, or db:NAME or db:NAME@DATE. The
    message of changes, applied to OLD, gives NEW. Exit status: 0, also where there are changes.
    """
    from ilms_sdmx.messages import Header, write
    from ilms_sdmx.messages.dispatch import format_of_name
    from ilms_sdmx.outputs.exchange import revise, version_of

    inputs = [each for each in (old, new) if Path(each).exists()]
    refuse_inputs([output, html, table], [*inputs, mapping, structure])
    given = Path(structure) if structure else None
    versions = []
    for source in (old, new):
        version = version_of(source, mapping=mapping, database=folder, structure=given)
        versions.append(version)
    revision = revise(*versions)
    with all_or_none():
        if table:
            content = revision.frame().to_csv(index=False, lineterminator="\n")
            save(table, content.encode())
        if html:
            save(html, revision.page(created=prepared).encode())
        if output:
            format_ = format_ or _with_actions(format_of_name(output))
            changes = revision.datasets(format_)
            if changes:
                header = Header(prepared=prepared)
                write(changes, target_of(output), format_, structure=given, header=header)
            else:
                click.echo(f"{output} was not written: nothing changed.", err=True)
    _show_changes(revision)
    return 0


def _with_actions(format_: str) -> str:
    """Format of a name, in a version that has actions."""
    return "sdmx-csv-2.0" if format_ == "sdmx-csv-1.0" else format_ or "sdmx-csv-2.0"


def _show_changes(revision: Revision) -> None:
    frame = revision.frame()
    for row in frame.head(_SHOWN).astype("object").to_dict("records"):
        codes = [str(code) for name, code in row.items() if str(name).isupper()]
        parts = [str(row["change"]), ".".join(codes[1:])]
        if row["change"] == "changed":
            parts += [f"{row['before']} -> {row['after']}", str(row["what"])]
        click.echo("\t".join(parts), err=True)
    if len(frame) > _SHOWN:
        click.echo(f"and {len(frame) - _SHOWN:,} more: --csv or --html has all", err=True)
    told = [f"{count:,} {word}" for word, count in revision.counts.items()]
    click.echo(", ".join(told) + ".", err=True)


@click.group()
def submit() -> None:
    """Prepare a package for a receiver, check it, send it, and keep what was answered."""


@submit.command()
@click.argument("sources", nargs=-1, required=True)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path))
@click.option(
    "--to", "to", default="ilo", show_default=True, help="ilo, stat, fmr, peer, smart, edamis."
)
@click.option("--sender", required=True, help="Id of the office, as PH_CFO.")
@click.option("-m", "--mapping", type=_READABLE, help="Mapping of the workbooks.")
@FOLDER
@click.option("-s", "--structure", type=_READABLE, help="Structure of data of another agency.")
@click.option("--previous", type=_PACKAGE, help="Package that was accepted last.")
@click.option("--questionnaire", type=_READABLE, help="Filled workbook; one is filled else.")
@click.option("--exceptions", type=_READABLE, help="File of accepted findings, with reasons.")
@click.option(
    "-f", "--format", "format_", type=click.Choice(MESSAGES), help="Other format of the data."
)
@click.option("--pattern", help="Names of the data files, as {id}_{area}_{period}.")
@click.option("--key", type=_READABLE, help="Private key (PEM, Ed25519) to sign with.")
@TIME
def prepare(
    sources: tuple[str, ...],
    output: Path,
    to: str,
    sender: str,
    mapping: str | None,
    folder: Path,
    structure: str | None,
    previous: Path | None,
    questionnaire: str | None,
    exceptions: str | None,
    format_: str | None,
    pattern: str | None,
    key: str | None,
    prepared: str,
) -> int:
    """Prepare a package of SOURCES: messages, workbooks, questionnaires, db:NAME.

    In it: data, changes since --previous, structures, questionnaire, evidence, a cover sheet
    and a manifest. Exit status: 0 clean or notes only, 1 warnings, 2 errors.
    """
    from dataclasses import replace

    from ilms_sdmx.errors import ValidationError
    from ilms_sdmx.outputs.exchange import prepare_package, version_of
    from ilms_sdmx.outputs.exchange.receivers import receiver

    given = Path(structure) if structure else None
    data = []
    for source in sources:
        data += version_of(source, mapping=mapping, database=folder, structure=given)
    of = receiver(to)
    if format_:
        of = of.with_format(format_)
    if pattern:
        of = replace(of, pattern=pattern)
    try:
        made = prepare_package(
            data,
            output,
            to=of,
            sender=sender,
            prepared=prepared,
            previous=previous,
            questionnaire=Path(questionnaire).read_bytes() if questionnaire else None,
            structure=structure,
            exceptions=exceptions,
            key=key,
        )
    except ValidationError as error:
        _show(error.report)
        click.echo(f"{output} was not made: {error}", err=True)
        return 2
    _show(made.report)
    package = made.package
    click.echo(f"{output}: {len(package.files)} files, package {package.id}.", err=True)
    for word, count in package.changes.items():
        click.echo(f"{count:,} {word} since {package.previous}", err=True)
    return made.report.exit_code


@submit.command()
@click.argument("package", type=_PACKAGE)
@click.option("--key", type=_READABLE, help="Public key (PEM) of the sender.")
def check(package: Path, key: str | None) -> int:
    """Compare every file of PACKAGE with its hash, and read the figures back; offline.

    Exit status: 0 whole, 2 damaged.
    """
    from ilms_sdmx.outputs.exchange import check_package

    report = check_package(package, key=key)
    _show(report)
    if not report.errors:
        click.echo(f"{package} is as it was prepared.")
    return report.exit_code


@submit.command()
@click.argument("package", type=_PACKAGE)
@click.argument("state", type=click.Choice(["sent", "accepted", "rejected", "received"]))
@click.option("--answer", type=_READABLE, help="File of the answer: a mail, a page, a report.")
@click.option("--note", default="", help="What else is to be known.")
@TIME
def receipt(package: Path, state: str, answer: str | None, note: str, prepared: str) -> None:
    """Keep next to PACKAGE that it was sent, or what was answered."""
    from ilms_sdmx.outputs.exchange import add_receipt

    content = Path(answer).read_bytes() if answer else b""
    name = Path(answer).name if answer else "answer.txt"
    kept = add_receipt(package, state, time=prepared, answer=content, name=name, note=note)
    click.echo(f"{package}: {kept.state}, receipt {kept.number}.")


@submit.command()
@click.argument("folder", type=_PACKAGE)
def status(folder: Path) -> None:
    """List the packages in FOLDER: what became of each, and what changed since."""
    from ilms_sdmx.outputs.exchange.receipts import status_lines

    click.echo("package\tid\treceiver\tprepared\tfigures\tstate\tchanges")
    for line in status_lines(folder):
        click.echo(line)


@submit.command("send")
@click.argument("package", type=_PACKAGE)
@click.option("--to", "to", required=True, metavar="KIND:URL", help="stat:URL or fmr:URL.")
@click.option("--structures-url", default="", help="Structure service of a .Stat Suite.")
@click.option("--dataspace", default="", help="Data space of a .Stat Suite.")
@click.option("--registration", type=_READABLE, help="Registration message for a registry.")
@click.option(
    "--secret",
    "variable",
    default="ILMS_SDMX_RECEIVER",
    show_default=True,
    help="Variable, or entry of the keyring, with the token, the secret of the client, or"
    " NAME:PASSWORD for a registry.",
)
@click.option("--issuer", default="", help="Token address of OpenID Connect, with --client.")
@click.option("--client", default="", help="Id of the client at the issuer.")
@click.option(
    "--device",
    default="",
    help="Device address of OpenID Connect, with --issuer and --client: a person allows it.",
)
@click.option("--check", "only_check", is_flag=True, help="Let it be checked, not kept.")
@click.option("--again", is_flag=True, help="Send once more what went out without an answer.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@TIME
def send_(
    package: Path,
    to: str,
    structures_url: str,
    dataspace: str,
    registration: str | None,
    variable: str,
    issuer: str,
    client: str,
    device: str,
    only_check: bool,
    again: bool,
    yes: bool,
    prepared: str,
) -> int:
    """Send PACKAGE to a .Stat Suite or a registry; shows what goes where, and asks first.

    A file that was taken is not sent again. Exit status: 0 taken, 1 warnings, 2 refused.
    """
    from dataclasses import replace

    from ilms_sdmx.downloads.secret import public
    from ilms_sdmx.outputs.exchange import (
        Target,
        add_receipt,
        plan_sending,
        read_package,
        send_package,
    )

    if device and not (issuer and client):
        raise click.UsageError("expected --issuer and --client with --device.")
    kind, _, address = to.partition(":")
    place = Path(registration) if registration else None
    target = Target(kind, address, structures_url, dataspace, place)
    for step in plan_sending(read_package(package), target, only_check=only_check):
        size = f"{step.path.stat().st_size:,} bytes"
        click.echo(f"{step.what}\t{step.path.name}\t{size}\tto {public(step.address)}")
    if not yes and not click.confirm("Send this?", default=False):
        click.echo("Nothing was sent.", err=True)
        return 0
    if device and kind == "stat":
        signed = replace(target, secret=_allowed(device, issuer, client))
    else:
        signed = _signed(target, variable, issuer, client, only_check=only_check)
    report = send_package(package, signed, only_check=only_check, again=again)
    _show(report)
    if not only_check:
        state = "rejected" if report.errors else "sent"
        told = "\n".join(str(finding) for finding in report)
        add_receipt(package, state, time=prepared, note=target.name, answer=told.encode())
    return report.exit_code


def _allowed(device: str, issuer: str, client: str) -> Secret:
    """Token that a person allows in a browser."""
    from ilms_sdmx.downloads.devices import token_by_device

    return token_by_device(device, issuer, client, lambda text: click.echo(text, err=True))


def _signed(
    target: Target, variable: str, issuer: str, client: str, *, only_check: bool
) -> Target:
    """Target with the secret that its requests are signed with."""
    from dataclasses import replace

    from ilms_sdmx.downloads.secret import find_token
    from ilms_sdmx.downloads.uploading import find_login, token_of

    if target.kind == "fmr":
        if only_check:
            return target
        return replace(target, secret=find_login(variable, target.address))
    if issuer:
        return replace(target, secret=token_of(issuer, client, variable))
    return replace(target, secret=find_token(variable, target.address))


@click.command()
@click.argument("package", type=_PACKAGE)
@click.option(
    "--to", "folder", required=True, type=click.Path(path_type=Path), help="Folder to serve."
)
@click.option("--url", required=True, help="Address at which the folder is served.")
@click.option("--agency", required=True, help="Agency of the provision agreements.")
@click.option("--provider", required=True, help="Id of the office, as PH_CFO.")
@click.option("--name", default="", help="Name of the office.")
@click.option("--service", default="", help="Address of a service too, as https://DATA/v1.")
def publish(
    package: Path,
    folder: Path,
    url: str,
    agency: str,
    provider: str,
    name: str,
    service: str,
) -> None:
    """Publish PACKAGE in a folder that any web server serves.

    `current/` leads to the release that holds, and is switched in one step; in it are the data
    by dataflow, structures, provision agreements, registration.xml and an index page.
    """
    from ilms_sdmx.outputs.exchange import Provider, publish_package

    office = Provider(agency, provider, name)
    published = publish_package(package, folder, address=url, provider=office, service=service)
    word = "release" if published.is_new else "unchanged: release"
    click.echo(f"{folder}: {word} {published.release}")


def _show(report: Report) -> None:
    for finding in report:
        click.echo(f"{finding}\n")

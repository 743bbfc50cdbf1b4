"""`ilms-sdmx convert`: a national table to SDMX, every cell accounted for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial as partial_of
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ilms_sdmx._files import all_or_none, is_stream, replacing
from ilms_sdmx.cli.outputs import (
    DASH,
    LANGUAGE,
    MESSAGES,
    is_standard,
    refuse_inputs,
    target_of,
)
from ilms_sdmx.cli.times import TIME
from ilms_sdmx.findings import Finding, Report

if TYPE_CHECKING:
    from ilms_sdmx.conversion.result.conversions import Conversion
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

#: What makes a name a pattern of names.
_PATTERN = re.compile(r"[*?\[]")
#: Findings alike that are shown whole, and places of more of them; all are in the report.
ALIKE, SHOWN = 4, 20


@click.command()
@click.argument("workbooks", type=click.Path(path_type=Path), nargs=-1)
@click.argument("mapping", type=click.Path(path_type=Path), required=False)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Folder to write to; - or a pipe for one message alone.",
)
@click.option(
    "-f",
    "--format",
    "formats",
    type=click.Choice(MESSAGES),
    multiple=True,
    help="Format of the data.",
)
@click.option("--example", metavar="NAME", help="Convert a shipped example; `list` names them.")
@click.option("--check", is_flag=True, help="Only check: nothing is written.")
@click.option(
    "--undecided",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    help="Open questions of the mapping: stop, or leave out the figures that wait for them.",
)
@click.option("--partial", is_flag=True, help="Write what is right although there are errors.")
@click.option(
    "--strict",
    is_flag=True,
    help="Warnings and titles that are not pinned stop too (exit status 2):"
    " for unattended runs.",
)
@TIME
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="HTML report to write."
)
@click.option(
    "--annotate",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Copy of the workbook (.xlsx) to write, coloured and commented.",
)
@LANGUAGE
@click.option(
    "--schema", is_flag=True, help="Print the JSON Schema of the mapping file, for editors."
)
@click.option(
    "--all-findings",
    is_flag=True,
    help="Show all findings whole, not the places of those that are alike.",
)
def convert(
    workbooks: tuple[Path, ...],
    mapping: Path | None,
    output: Path,
    formats: tuple[str, ...],
    example: str | None,
    check: bool,
    undecided: str,
    partial: bool,
    strict: bool,
    prepared: str,
    report: Path | None,
    annotate: Path | None,
    language: str,
    schema: bool,
    all_findings: bool,
) -> int:
    """Convert WORKBOOKS to SDMX as MAPPING says, every cell accounted for.

    Several workbooks, or a pattern such as 'stock_*.xlsx', are converted one after another.

    Writes <name>.<dataflow>.xml and .csv, the structure, <name>.provenance.csv (where every
    figure came from), the report and a manifest. With errors nothing is written, unless
    --partial; with open questions of the mapping nothing is, unless --undecided=skip.

    The exit status is 0 where all is well, 1 with warnings, 2 with errors or nothing to write
    (under --strict with warnings too), 3 with open questions, 4 where a file cannot be read or
    written.
    """
    from ilms_sdmx.conversion.shipped import example as shipped
    from ilms_sdmx.conversion.shipped import examples
    from ilms_sdmx.outputs.reports.catalogues import catalogue
    from ilms_sdmx.outputs.reports.conversion import size, summary

    if schema:
        return _schema()
    if example == "list":
        click.echo("\n".join(examples()))
        return 0
    if example:
        workbook, mapping = shipped(example)
        workbooks = (workbook,)
    if strict and partial:
        raise click.UsageError("--strict writes all or nothing: expected no --partial.")
    if not workbooks or mapping is None:
        raise click.UsageError("expected WORKBOOKS and MAPPING, or --example NAME.")
    words = catalogue(language)
    paths = _files(workbooks)
    _refuse_several(paths, report or annotate or _is_message(output))
    outputs = _outputs(output, report, annotate)
    refuse_inputs(outputs, (*paths, mapping))

    def one(workbook: Path) -> int:
        done = _convert(workbook, mapping, undecided, strict)
        inputs = (*paths, mapping, *done.mapping.files)
        refuse_inputs(outputs, inputs)
        say = partial_of(click.echo, err=any(map(is_standard, outputs)))
        show(done.report, all_findings, say, words)
        say(summary(done, words))
        say(size(done, words))
        if check:
            say(words.text("terminal.checked"))
            return done.exit_code
        job = Job(done, workbook, prepared, inputs, words)
        with all_or_none():
            job.write_cells(report, annotate)
            job.write_data(output, formats, partial)
        return job.tell(say)

    if len(paths) == 1:
        return one(paths[0])
    exit_code = 0
    for path in paths:
        exit_code = max(exit_code, _one_of_several(path, one))
    return exit_code


def _files(patterns: tuple[Path, ...]) -> list[Path]:
    """Workbooks of names and patterns, each once, in order.

    Their results must not overwrite each other.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        if pattern.exists() or not _PATTERN.search(pattern.name):
            found[pattern] = None
            continue
        matched = sorted(pattern.parent.glob(pattern.name))
        if not matched:
            raise click.UsageError(f"expected files called {pattern}, found none.")
        found |= dict.fromkeys(matched)
    stems = [path.stem for path in found]
    for stem in stems:
        if stems.count(stem) > 1:
            raise click.UsageError(
                f"expected workbooks of different names, found {stem!r} twice."
            )
    return list(found)


def _one_of_several(path: Path, convert_one: Callable[[Path], int]) -> int:
    """Exit status of one workbook of several.

    One that cannot be read does not hinder the others.
    """
    from ilms_sdmx.errors import TableError

    click.echo(f"{path}:")
    try:
        return convert_one(path)
    except TableError as error:
        click.echo(f"Error: {error}", err=True)
        return error.exit_code


def _schema() -> int:
    from json import dumps

    from ilms_sdmx.mapping.file.schema import json_schema

    click.echo(dumps(json_schema(), indent=2))
    return 0


def _refuse_several(paths: list[Path], has_one_output: object) -> None:
    """Refuse several workbooks where one output would take the results of all."""
    if len(paths) > 1 and has_one_output:
        raise click.UsageError(
            f"expected one workbook with --report, --annotate or -o -, found {len(paths)}."
        )


def _outputs(output: Path, report: Path | None, annotate: Path | None) -> list[Path]:
    """Files that are named on the command line."""
    named = [path for path in (report, annotate) if path is not None]
    if _is_message(output):
        named.append(output)
    return named


def _is_message(output: Path) -> bool:
    """Whether the output is no folder but takes one message: `-`, a device or a pipe."""
    return str(output) == DASH or is_stream(output)


@dataclass
class Job:
    """Writing of one conversion: its pages first, for errors are read there."""

    conversion: Conversion
    workbook: Path
    prepared: str
    inputs: tuple[Path, ...]
    words: Catalogue
    written: list[Path] = field(default_factory=list)
    refusal: str = ""
    exit_code: int = 0

    def write_cells(self, report: Path | None, annotate: Path | None) -> None:
        """Write the report and the annotated copy, on errors too."""
        from ilms_sdmx.outputs.reports.annotations import annotate as write_copy
        from ilms_sdmx.outputs.reports.conversion import conversion_page
        from ilms_sdmx.outputs.reports.pages import write_page

        if report is not None:
            page = conversion_page(self.conversion, words=self.words, created=self.prepared)
            write_page(page, target_of(report))
            self._note(report)
        if annotate is not None:
            target = target_of(annotate)
            write_copy(
                self.conversion,
                target,
                self.workbook,
                words=self.words,
                created=self.prepared,
            )
            self._note(annotate)

    def write_data(self, output: Path, formats: tuple[str, ...], partial: bool) -> None:
        """Write the messages and what goes with them; with errors nothing, unless partial."""
        from ilms_sdmx.conversion.result.writing import FORMATS, write_conversion
        from ilms_sdmx.errors import ValidationError

        self.exit_code = self.conversion.exit_code
        try:
            if _is_message(output):
                self._write_message(output, formats, partial)
                return
            self.written += write_conversion(
                self.conversion,
                output,
                prepared=self.prepared,
                formats=formats or FORMATS,
                partial=partial,
                inputs=self.inputs,
            )
        except ValidationError as error:
            self.refusal = str(error)
            self.exit_code = error.exit_code

    def _write_message(self, output: Path, formats: tuple[str, ...], partial: bool) -> None:
        from ilms_sdmx.conversion.result.writing import write_data_message

        count = len(self.conversion.datasets)
        if len(formats) != 1 or count != 1:
            found = f"{count} data sets in {len(formats) or 'no'} formats"
            raise click.UsageError(
                f"{output} takes one message: expected one --format and one data set, "
                f"found {found}. Give a folder with -o."
            )
        with replacing(target_of(output)) as stream:
            write_data_message(self.conversion, stream, formats[0], self.prepared, partial)
            stream.flush()

    def tell(self, say: Callable[[str], None]) -> int:
        """Say what was written, or why nothing was; the exit status."""
        for path in self.written:
            say(self.words.text("terminal.wrote", path=path))
        if self.refusal:
            click.echo(f"Error: {self.refusal}", err=True)
        return self.exit_code

    def _note(self, path: Path) -> None:
        if not is_standard(path):
            self.written.append(path)


def _convert(workbook: Path, mapping: Path, undecided: str, strict: bool) -> Conversion:
    """Conversion with a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from ilms_sdmx.conversion.converting import convert as run

    console = Console(stderr=True)
    if not console.is_terminal:
        return run(workbook, mapping, undecided=undecided, strict=strict)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(workbook.name, total=None)
        return run(
            workbook,
            mapping,
            undecided=undecided,
            strict=strict,
            progress=lambda done, of: bar.update(task, completed=done, total=of),
        )


def show(
    report: Report,
    everything: bool = False,
    say: Callable[[str], None] = click.echo,
    words: Catalogue | None = None,
) -> None:
    """Print findings, the gravest first; of many alike the first, with the places of all."""
    from ilms_sdmx.findings.groups import alike
    from ilms_sdmx.outputs.reports.catalogues import catalogue

    words = words or catalogue()
    groups = alike(words.report(report))
    left_out = 0
    for group in groups:
        shown = len(group.findings)
        if not everything and shown > ALIKE:
            shown = 1
        for finding in group.findings[:shown]:
            say(f"{finding.paragraph(words.labels)}\n")
        rest = group.findings[shown:]
        left_out += len(rest)
        if rest:
            say(f"  {_also(rest, words)}\n")
    if left_out:
        text = words.text("terminal.by-places", count=left_out)
        say(f"{text}\n")


def _also(rest: Sequence[Finding], words: Catalogue) -> str:
    """Line with the places of findings that are like one before them."""
    first = rest[0]
    cells = [finding.place.cell or str(finding.place) for finding in rest]
    named = ", ".join(dict.fromkeys(cells[:SHOWN]))
    if len(cells) > SHOWN:
        named = f"{named}, ..."
    key = f"terminal.more-{first.severity}"
    return words.text(key, count=len(rest), rule=first.rule, places=named)

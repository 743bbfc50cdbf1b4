"""`ilms-sdmx map`: the draft of a mapping file, and its maps for other software."""

from __future__ import annotations

from pathlib import Path

import click

from ilms_sdmx._files import all_or_none, is_stream
from ilms_sdmx.cli.outputs import DASH, refuse_inputs, save
from ilms_sdmx.cli.times import TIME


@click.command("map")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument(
    "further", metavar="[WORKBOOK]", type=click.Path(path_type=Path), required=False
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File to write; printed where absent.",
)
@click.option(
    "--area", default="", metavar="COUNTRY", help="Country of the table: THA, TH, thailand."
)
@click.option(
    "--office", default="", metavar="ID", help="Id of your office, for dataflows of its own."
)
@click.option(
    "--encoding", default="", metavar="NAME", help="Encoding of a text file: cp874, cp1258, ..."
)
@click.option(
    "--records",
    is_flag=True,
    help="SOURCE, a .csv or a folder, holds records of persons.",
)
@click.option(
    "--upgrade", is_flag=True, help="Make version 2 of SOURCE, a mapping file of version 1."
)
@click.option(
    "--workbook",
    type=click.Path(path_type=Path),
    help="Workbook that SOURCE converts, whose words --upgrade writes under `read`.",
)
@click.option("--force", is_flag=True, help="Overwrite the output file.")
@TIME
def map_(
    source: Path,
    further: Path | None,
    output: Path | None,
    area: str,
    office: str,
    encoding: str,
    records: bool,
    upgrade: bool,
    workbook: Path | None,
    force: bool,
    prepared: str,
) -> int:
    """Draft the mapping file of SOURCE, a workbook.

    Where SOURCE is an SDMX message with structure maps, or a workbook with parameter sheets of
    Eurostat's SDMX Converter, what these say becomes the mapping file. Where it is a mapping
    file (.yaml), its code maps and data sets become structure maps in SDMX-JSON, for other
    software.

    Where SOURCE holds records of persons (.sav, .dta, .sas7bdat, .xpt, .parquet, or
    --records), the mapping is the one of `ilms-sdmx tabulate`.

    With --upgrade, SOURCE is a mapping file and becomes one of version 2; with WORKBOOK, the
    titles, units and labels of its tables are written under `read`, so that the next edition
    fits or stops.

    Lines with `decide:` are for a person. No code is filled by likeness. The exit status is 1
    while there is anything to decide.
    """
    from ilms_sdmx.drafting.imported import mapping_of
    from ilms_sdmx.microdata.files.formats import OF_RECORDS, format_of_records

    refuse_inputs([output], [source])
    if output is not None:
        _refuse_existing(output, force)
    book = workbook or further
    if upgrade:
        return _upgrade(source, output, book)
    if book is not None:
        raise click.UsageError(f"expected --upgrade with a mapping file, found {book} alone.")
    if source.suffix.lower() in (".yaml", ".yml"):
        return _export(source, output, office, prepared)
    if records or format_of_records(source) in OF_RECORDS:
        return _draft_of_records(source, output, area, encoding)
    text, further_files = mapping_of(source, area=area, office=office, encoding=encoding)
    open_questions = text.count("decide:") - text.count("Lines with `decide:`")
    if further_files and output is None:
        raise click.UsageError(
            f"expected -o FILE: {', '.join(further_files)} are written next to the mapping."
        )
    if output is None:
        click.echo(text)
    else:
        _write(output, text, further_files, source, force)
        lines = "lines"
        if open_questions == 1:
            lines = "line"
        click.echo(f"Wrote {output}: {open_questions} {lines} to decide.", err=True)
    if not open_questions:
        return 0
    return 1


def _draft_of_records(source: Path, output: Path | None, area: str, encoding: str) -> int:
    """Write the draft of the mapping of records."""
    from ilms_sdmx.microdata.drafting import DECIDE, draft_microdata_mapping

    text = draft_microdata_mapping(source, area=area, encoding=encoding)
    open_questions = text.count(DECIDE)
    if output is None:
        click.echo(text, nl=False)
    else:
        save(output, text.encode())
        click.echo(f"Wrote {output}: {open_questions} line(s) to decide.", err=True)
    return 1 if open_questions else 0


def _refuse_existing(output: Path, force: bool) -> None:
    """Refuse to write over a file in which somebody has decided; a pipe has none."""
    if force or not output.is_file() or is_stream(output):
        return
    raise click.UsageError(
        f"{output} exists; its decisions would be lost. Use --force to overwrite it."
    )


def _write(
    output: Path, text: str, further_files: dict[str, bytes], source: Path, force: bool
) -> None:
    """Write the mapping file and the files next to it, all or none."""
    if further_files and (str(output) == DASH or is_stream(output)):
        names = ", ".join(further_files)
        raise click.UsageError(f"{names} must be next to the mapping: give a file with -o.")
    places = [output.with_name(name) for name in further_files]
    refuse_inputs([output, *places], [source])
    for place in places:
        _refuse_existing(place, force)
    with all_or_none():
        for place, content in zip(places, further_files.values(), strict=True):
            save(place, content)
        save(output, text.encode())


def _upgrade(source: Path, output: Path | None, workbook: Path | None) -> int:
    """Write a mapping file of version 1 as version 2, every other line as it is."""
    from ilms_sdmx.conversion.upgrading import upgraded

    done = upgraded(source, workbook)
    if output is None:
        click.echo(done.text)
    else:
        refuse_inputs([output], [source])
        save(output, done.text.encode())
        click.echo(f"Wrote {output}.", err=True)
    for sentence in done.left:
        click.echo(sentence, err=True)
    return 1 if done.has_questions else 0


def _export(source: Path, output: Path | None, office: str, prepared: str) -> int:
    """Write the structure maps of a mapping file, and name what stays behind."""
    from ilms_sdmx.mapping import left_out, read_mapping, to_sdmx

    document = read_mapping(source)
    content = to_sdmx(document, office or document.header.get("sender", ""), prepared)
    if output is None:
        click.echo(content)
    else:
        save(output, content)
        click.echo(f"Wrote {output}.", err=True)
    for sentence in left_out(document):
        click.echo(f"left out: {sentence}", err=True)
    return 0

"""`ilms-sdmx map`: the draft of a mapping file."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("map")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; printed where absent.")
@click.option("--area", default="", metavar="CODE", help="Country of the table: THA, VNM, ...")
@click.option("--office", default="", metavar="ID", help="Id of your office, for dataflows of its own.")
@click.option("--encoding", default="", metavar="NAME", help="Encoding of a text file: cp874, cp1258, ...")
@click.option("--force", is_flag=True, help="Overwrite the output file.")
def map_(source: Path, output: Path | None, area: str, office: str, encoding: str, force: bool) -> int:
    """Draft the mapping file of SOURCE, a workbook.

    Where SOURCE is an SDMX message with structure maps, or a workbook with parameter sheets of Eurostat's
    SDMX Converter, what these say becomes the mapping file.

    Lines with `decide:` are for a person. No code is filled by likeness. The exit status is 1 while there is
    anything to decide.
    """
    from ilms_sdmx.conversion.imported import mapping_of

    if output is not None and output.exists() and not force:
        raise click.UsageError(f"{output} exists; its decisions would be lost. Use --force to overwrite it.")
    text, beside = mapping_of(source, area=area.upper(), office=office, encoding=encoding)
    open_questions = text.count("decide:") - text.count("Lines with `decide:`")
    if beside and output is None:
        raise click.UsageError(f"expected -o FILE: {', '.join(beside)} stand beside the mapping.")
    if output is None:
        click.echo(text)
    else:
        for name, content in {**beside, output.name: text.encode()}.items():
            _write(output.with_name(name), content)
        click.echo(
            f"Wrote {output}: {open_questions} line{'s' if open_questions != 1 else ''} to decide.", err=True
        )
    return 1 if open_questions else 0


def _write(output: Path, content: bytes) -> None:
    from ilms_sdmx.errors import MappingError

    partial = output.with_name(output.name + ".part")
    try:
        partial.write_bytes(content)
        partial.replace(output)
    except OSError as error:
        raise MappingError(f"{output} cannot be written: {error.strerror}.") from error

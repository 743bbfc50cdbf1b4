"""The mapping file as a whole: source, tables, code maps and the data sets that are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from ilms_sdmx.mapping.layout import Conventions, FreeHeading, TableLayout
from ilms_sdmx.mapping.model import ComponentMaps, RepresentationMap
from ilms_sdmx.mapping.patterns import Pattern, Where
from ilms_sdmx.tables.addresses import Range


@dataclass(frozen=True)
class Ignored:
    """Texts outside the tables that are left out, with the reason.

    Parameters
    ----------
    text
        Text of the cells.
    why
        Why they are left out.
    sheets
        Only on these sheets; none for all.
    cells
        Only in these cells; none for all.
    """

    text: Pattern
    why: str
    sheets: tuple[Pattern, ...] = ()
    cells: tuple[Range, ...] = ()


@dataclass(frozen=True)
class Correction:
    """A printed text that a person has read: what it means and why.

    Parameters
    ----------
    text
        Printed text of the cell, exactly.
    why
        Who says so and why.
    value
        Number that it means; empty where it cannot be known.
    status
        SDMX observation status.
    cell
        Only in this cell, `Sheet!B13`; empty for all.
    """

    text: str
    why: str
    value: str = ""
    status: str = ""
    cell: str = ""


@dataclass(frozen=True)
class Claim:
    """A figure that is stated elsewhere too.

    Parameters
    ----------
    where
        Headings of the figure.
    printed
        Number as it is printed elsewhere.
    text
        Expression with one group that is looked for in the cells of the workbook.
    source
        Where it is stated.
    """

    where: Where
    printed: str = ""
    text: str = ""
    source: str = ""


@dataclass(frozen=True)
class DatasetMap:
    """What one data set takes, and how its components are filled.

    Parameters
    ----------
    name
        Name of the data set.
    dataflow
        Dataflow with agency and version.
    components
        One map for each component.
    title
        Name of an own dataflow.
    structure
        Structure message of an own dataflow; empty for none.
    tables
        Names of the tables that it takes; none for all.
    where
        Headings that its figures have.
    take
        Buckets that it takes.
    names
        Names of components (concepts) of an own dataflow.
    line
        Line of the mapping file.
    """

    name: str
    dataflow: str
    components: tuple[ComponentMaps, ...]
    title: str = ""
    structure: str = ""
    tables: tuple[str, ...] = ()
    where: Where = field(default_factory=dict)
    take: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    line: int = 0


#: Keys and numbers of items, counted from 0, that lead to a place in a mapping file.
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class OpenQuestion:
    """A line of a mapping file that leaves something to a person.

    Parameters
    ----------
    line
        Its number in the file.
    paths
        What it is about.
    asked
        What is asked, empty where the line does not say it.
    text
        The line as it is written.
    is_open
        Whether it has no answer (`?`) rather than a proposal.
    """

    line: int
    paths: tuple[Path, ...]
    asked: str
    text: str
    is_open: bool


@dataclass(frozen=True)
class MappingDocument:
    """A mapping file.

    Parameters
    ----------
    name
        Name of the file.
    tables, codes, datasets
        Tables of the workbook, code maps by name, and what is written.
    title, source, header
        What the table is, where it comes from, and header of the message.
    conventions
        How the source writes numbers, periods and marks.
    headings
        Headings in titles, in names of sheets or in that of the file.
    notes, ignore
        Texts outside the tables that are notes, and those that are left out.
    corrections, claims
        Texts that a person has read, and figures that are stated elsewhere too.
    version
        Version of the format.
    questions
        What the file leaves to a person: lines with `# decide:`, and values that are `?`.
    sha256
        Hash of the file and of the code maps that it names, in order: what decides the result.
    files
        Files that it names: code maps and answers.
    """

    name: str
    title: str
    source: Mapping[str, str]
    header: Mapping[str, str]
    conventions: Conventions
    headings: tuple[FreeHeading, ...]
    tables: tuple[TableLayout, ...]
    notes: tuple[Pattern, ...]
    ignore: tuple[Ignored, ...]
    corrections: tuple[Correction, ...]
    claims: tuple[Claim, ...]
    codes: Mapping[str, RepresentationMap]
    datasets: tuple[DatasetMap, ...]
    version: int = 2
    questions: tuple[OpenQuestion, ...] = ()
    sha256: str = ""
    files: tuple[FilePath, ...] = ()

    @property
    def undecided(self) -> tuple[int, ...]:
        """Numbers of the lines that are left to a person."""
        return tuple(question.line for question in self.questions)

    def __repr__(self) -> str:
        table_names = [table.name for table in self.tables]
        dataflows = [dataset.dataflow for dataset in self.datasets]
        tables = ", ".join(table_names)
        flows = ", ".join(dataflows)
        return f"<MappingDocument {self.name}: tables {tables}; data sets {flows}>"

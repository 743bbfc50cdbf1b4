"""A desk: a workbook and its mapping file, read together and edited by answers and marks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

from ilms_sdmx._files import replacing, text_of
from ilms_sdmx.conversion import Conversion, convert
from ilms_sdmx.conversion.converting import Progress, figures_of
from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.filling.targets import target_of
from ilms_sdmx.conversion.undecided import SKIP, STOP, Waiting
from ilms_sdmx.drafting.imported import mapping_of
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.file.reading import parse_mapping
from ilms_sdmx.outputs.desk.answering import with_answer
from ilms_sdmx.outputs.desk.editing import MappingText
from ilms_sdmx.outputs.desk.history import History, State
from ilms_sdmx.outputs.desk.marking import Mark, with_mark
from ilms_sdmx.outputs.desk.questions import AskedQuestion, ask
from ilms_sdmx.outputs.desk.sheets import SheetRoles, sheet_roles, sources_of_cell
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.tables.workbooks import read_workbook


class Desk:
    """A workbook, its mapping file, and every state that the file had.

    Parameters
    ----------
    workbook
        The workbook.
    mapping
        The mapping file. Edits write it, and each state of it into a folder next to it.

    Examples
    --------
    >>> import shutil, tempfile
    >>> from ilms_sdmx import example
    >>> workbook, mapping = example("vnm-outflow")
    >>> copy = shutil.copy(mapping, tempfile.mkdtemp())
    >>> desk = Desk(workbook, copy)
    >>> desk.questions(), desk.sheets()[0].counts["observation"] > 5
    ((), True)
    """

    def __init__(self, workbook: str | PathLike[str], mapping: str | PathLike[str]) -> None:
        self.path = Path(workbook)
        self.mapping = Path(mapping)
        self.history = History(self.mapping)

    def __repr__(self) -> str:
        return f"Desk({str(self.path)!r}, {str(self.mapping)!r})"

    @classmethod
    def begun(
        cls,
        workbook: str | PathLike[str],
        mapping: str | PathLike[str],
        *,
        area: str = "",
        office: str = "",
    ) -> Desk:
        """Desk of a workbook whose mapping is drafted; one that is there already is kept.

        Raises
        ------
        TableError
            The source is no workbook, or holds no table that can be recognised.
        """
        desk = cls(workbook, mapping)
        if not desk.mapping.exists():
            text, further = mapping_of(desk.path, area=area, office=office)
            for name, content in further.items():
                with replacing(desk.mapping.with_name(name)) as stream:
                    stream.write(content)
            with replacing(desk.mapping) as stream:
                stream.write(text.encode())
        desk.history.current()
        return desk

    @property
    def text(self) -> str:
        """Text of the mapping file."""
        return text_of(self.mapping)

    @property
    def file(self) -> MappingText:
        """Text of the mapping file, to be edited."""
        return MappingText(self.text, self.mapping.name)

    def document(self) -> MappingDocument:
        """What the mapping file says."""
        return self._parsed(self.text)

    def _parsed(self, text: str) -> MappingDocument:
        return parse_mapping(text, self.mapping.name, self.mapping.parent)

    @cached_property
    def book(self) -> Workbook:
        """Cells of the workbook, read once."""
        conventions = self.document().conventions
        return read_workbook(
            self.path, encoding=conventions.encoding, delimiter=conventions.delimiter
        )

    def figures(self) -> Figures:
        """Figures of the workbook under the mapping, with their headings."""
        return figures_of(self.book, self.document())

    def convert(self, *, undecided: str = STOP, progress: Progress | None = None) -> Conversion:
        """Conversion of the workbook under the mapping as it is now."""
        document = self.document()
        if any(dataset.structure for dataset in document.datasets):
            return convert(self.path, self.mapping, undecided=undecided, progress=progress)
        return convert(self.book, document, undecided=undecided, progress=progress)

    def sheets(self) -> tuple[SheetRoles, ...]:
        """Sheets with the role of every cell; what waits for an answer is not written."""
        return sheet_roles(self.convert(undecided=SKIP))

    def questions(self) -> tuple[AskedQuestion, ...]:
        """Open questions with their choices, evidence and cells."""
        document = self.document()
        if not document.questions:
            return ()
        return ask(self.file, document, self.book, figures_of(self.book, document))

    def sources(self, sheet: str, cell: str) -> list[dict[str, Any]]:
        """Observations that a cell becomes, and where each component comes from."""
        conversion = self.convert(undecided=SKIP)
        return sources_of_cell(conversion, self.figures(), sheet, cell)

    def answer(
        self,
        line: int,
        action: str,
        value: str = "",
        *,
        similar: bool = False,
        expected: int = 0,
    ) -> State:
        """Answer the question on a line of the mapping file.

        Parameters
        ----------
        action
            `keep` what is proposed, `set` a value, or `drop` what is asked about.
        value
            Value to set.
        similar
            Whether all questions in the same words have the same answer.
        expected
            Number of the state that the caller has seen; 0 for any.

        Raises
        ------
        MappingError
            There is no question on that line, or the answer makes no mapping; the file is as it
            was.
        """

        def edit(text: str) -> str:
            document = self._parsed(text)
            file = MappingText(text, self.mapping.name)
            asked = question_on(line, ask(file, document))
            edited = with_answer(file, document, asked, action, value, similar=similar)
            return edited.text

        return self._edited(edit, "answer", f"{line}: {action} {value}".strip(), expected)

    def mark(self, mark: Mark, *, expected: int = 0) -> State:
        """Say what a cell, a row, a column or a block is.

        Raises
        ------
        MappingError
            It cannot be that; the file is as it was.
        """

        def edit(text: str) -> str:
            document = self._parsed(text)
            file = MappingText(text, self.mapping.name)
            figures = figures_of(self.book, document)
            return with_mark(file, document, self.book, figures, mark).text

        told = f"{mark.extent} {mark.sheet}!{mark.cell}: {mark.role}"
        return self._edited(edit, "mark", told, expected)

    def write(self, text: str, *, expected: int = 0) -> State:
        """Write the text of the mapping file as a whole, as a person has edited it."""
        return self._edited(lambda _: text, "written", "", expected)

    def undo(self, *, expected: int = 0) -> State:
        """Go back to the state before, which is a new state; nothing is lost."""
        return self.history.undo(expected=expected)

    def _edited(self, edit: Callable[[str], str], what: str, told: str, expected: int) -> State:
        """New state by an edit after which the file is still a mapping."""

        def checked(text: str) -> str:
            edited = edit(text)
            document = self._parsed(edited)
            waiting = Waiting.of(document, SKIP).datasets()
            for number, dataset in enumerate(document.datasets):
                if number not in waiting:
                    target_of(dataset, document, self.mapping.parent)
            return edited

        return self.history.add(checked, what, told, expected=expected)


def question_on(line: int, asked: tuple[AskedQuestion, ...]) -> AskedQuestion:
    """Question on a line of the mapping file.

    Raises
    ------
    MappingError
        There is none; the message names the lines that have one.
    """
    for question in asked:
        if question.line == line or line in question.alike:
            return question
    lines = ", ".join(str(question.line) for question in asked) or "none"
    raise MappingError(f"expected the line of an open question ({lines}), found {line}.")

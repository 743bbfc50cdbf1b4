"""Answers to open questions, as edits of the mapping file."""

from __future__ import annotations

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import MappingDocument, OpenQuestion
from ilms_sdmx.outputs.desk.editing import (
    MappingText,
    inline,
    label_of_waiting_line,
    with_code_on_line,
)
from ilms_sdmx.outputs.desk.questions import (
    CODE,
    DROP,
    FLOW,
    KEEP,
    NO_PLACE,
    NUMBERS,
    SET,
    AskedQuestion,
    has_fixed_measure,
    measure_of,
    names_of_codes,
)


def with_answer(
    file: MappingText,
    mapping: MappingDocument,
    asked: AskedQuestion,
    action: str,
    value: str = "",
    *,
    similar: bool = False,
) -> MappingText:
    """Mapping file in which a question has an answer, and all that the same answer settles.

    Parameters
    ----------
    file, mapping
        Text of the file, and what it says.
    asked
        The question.
    action, value
        As of a `Choice`.
    similar
        Whether all questions in the same words have the same answer.

    Raises
    ------
    MappingError
        The question cannot be answered so.
    """
    _refuse_not_offered(file, asked, action, value)
    by_line = {question.line: question for question in mapping.questions}
    # From the last line up, for an answer may take lines out.
    lines = [asked.line, *asked.alike]
    if similar:
        lines += asked.similar
    for line in sorted(lines, reverse=True):
        question = by_line[line]
        if action == KEEP:
            file = file.confirmed(line)
        elif action == DROP:
            file = file.without(_whole(question, file))
        else:
            file = _with_value(file, mapping, asked, question, value)
    return file


def _refuse_not_offered(
    file: MappingText, asked: AskedQuestion, action: str, value: str
) -> None:
    """Refuse an answer that is none of those that a person has."""
    offered = [choice.value for choice in asked.choices if choice.action == action]
    if offered and (action != SET or value in offered):
        return
    where = f"{file.name}, line {asked.line}"
    if action != SET or not value:
        raise MappingError(f"{where}: expected a value, found none.")
    if asked.codelist:
        names = names_of_codes(asked.codelist)
        if value not in names or not value.startswith(asked.prefix):
            listed = f"{asked.codelist} that begins with {asked.prefix!r}"
            raise MappingError(f"{where}: expected a code of {listed}, found {value!r}.")
    elif not asked.is_free:
        listed = ", ".join(offered)
        raise MappingError(f"{where}: expected one of {listed}, found {value!r}.")


def _whole(question: OpenQuestion, file: MappingText) -> tuple[str | int, ...]:
    """Path of what goes with a line: a rule or a check as a whole, else the key."""
    path = question.paths[0]
    if path[:1] == ("datasets",):
        return path[:2]
    for place, step in enumerate(path):
        if step in ("rules", "checks") and len(path) > place + 1:
            return path[: place + 2]
    if file.node(path) is None:
        raise MappingError(f"{file.name}, line {question.line}: expected a key, found none.")
    return path


def _with_value(
    file: MappingText,
    mapping: MappingDocument,
    asked: AskedQuestion,
    question: OpenQuestion,
    value: str,
) -> MappingText:
    """File with a value on the line of a question."""
    if label_of_waiting_line(question.text):
        return with_code_on_line(file, question.line, _code(value))
    path = question.paths[0]
    if asked.kind == NUMBERS:
        return _with_separators(file, question, value)
    if asked.kind == CODE:
        return file.with_value(path, _code(value))
    if asked.kind == FLOW:
        return _with_dataflow(file, mapping, int(path[1]), value)
    for each in question.paths:
        file = file.with_value(each, inline(value))
    return file


def _code(value: str) -> str:
    """Code as YAML writes it; a place that the data set does not have is no text."""
    return value if value == NO_PLACE else inline(value)


def _with_separators(file: MappingText, question: OpenQuestion, value: str) -> MappingText:
    """File with the signs of numbers: the first before the fraction, the other one between."""
    decimal, group = value[:1], value[1:2]
    if question.text.startswith("#"):
        lines = file.lines
        line = lines[question.line - 1]
        indent = line[: len(line) - len(line.lstrip())]
        lines[question.line - 1 : question.line] = [
            f"{indent}decimal: {inline(decimal)}",
            f"{indent}group: {inline(group)}",
        ]
        return file.with_lines(lines)
    file = file.with_value(("conventions", "decimal"), inline(decimal))
    if file.node(("conventions", "group")) is None:
        return file.with_entry(("conventions",), "group", inline(group))
    return file.with_value(("conventions", "group"), inline(group))


def _with_dataflow(
    file: MappingText, mapping: MappingDocument, number: int, dataflow: str
) -> MappingText:
    """File in which a data set is of another dataflow, with its measure."""
    path = ("datasets", number, "dataflow")
    file = file.with_value(path, dataflow)
    measure = measure_of(dataflow)
    if measure and has_fixed_measure(mapping, number):
        file = file.with_value(("datasets", number, "components", "MEASURE"), inline(measure))
    return file

"""Edits of the text of a mapping file: what they touch is written anew, all else stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import Path
from ilms_sdmx.mapping.file.nodes import parse
from ilms_sdmx.mapping.file.questions import with_quoted_marks

#: Words that stay without quotes: nothing of YAML in them, and no number, date or truth value.
_PLAIN = re.compile(r"[^\W\d_][\w /()-]*[\w)]|[^\W\d_]")
_RESERVED = frozenset({"yes", "no", "true", "false", "null", "on", "off", "decide", "y", "n"})
#: The word that makes a line an open question.
_DECIDE = re.compile(r"#(\s*)decide:\s*")
#: A line of a code map that waits behind a comment: `# decide: Africa: # why`.
_WAITING_LINE = re.compile(r"^(?P<indent>\s*)#\s*decide:\s*(?P<rest>.*)$")


def scalar(text: str) -> str:
    """Text as a value of YAML, in quotes where plain words would be read as something else.

    Examples
    --------
    >>> scalar("Viet Nam"), scalar("2019"), scalar("A: B"), scalar("no")
    ('Viet Nam', '"2019"', '"A: B"', '"no"')
    """
    is_plain = _PLAIN.fullmatch(text) and text.casefold() not in _RESERVED
    if is_plain and "  " not in text:
        return text
    return json.dumps(text, ensure_ascii=False)


def words_of(label: str) -> str:
    r"""Pattern that matches a label and no other, whatever signs it has.

    Examples
    --------
    >>> words_of("Total"), words_of("Asia * / Pacific")
    ('Total', '/^Asia \\* / Pacific$/')
    """
    is_expression = label.startswith("/") and label.endswith("/")
    if "*" not in label and not is_expression:
        return label
    one_line = " ".join(label.split())
    escaped = re.sub(r"([\\.^$|?*+()\[\]{}])", r"\\\1", one_line)
    return f"/^{escaped}$/"


def inline(value: Any) -> str:
    """Value on one line: texts, lists and mappings as YAML writes them in a flow.

    Examples
    --------
    >>> inline({"country": "Total", "sex": ["men", "women"]})
    '{country: Total, sex: [men, women]}'
    """
    if isinstance(value, Mapping):
        pairs = [f"{scalar(key)}: {inline(item)}" for key, item in value.items()]
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(inline, value)) + "]"
    return scalar(str(value))


@dataclass(frozen=True)
class MappingText:
    """Text of a mapping file that can be edited at the paths of its keys.

    Parameters
    ----------
    text
        The text.
    name
        Name of the file, for errors.
    """

    text: str
    name: str = "mapping.yaml"

    @property
    def lines(self) -> list[str]:
        """Lines of the text, without their ends."""
        return self.text.split("\n")

    def with_lines(self, lines: Sequence[str]) -> MappingText:
        """Return the file with other lines."""
        return MappingText("\n".join(lines), self.name)

    def node(self, path: Path) -> Any:
        """Node at a path; None where there is none."""
        found = self._found(path)
        return None if found is None else found[1]

    def _found(self, path: Path) -> tuple[Any, Any] | None:
        """Key and node at a path, as they are in the text with its marks in quotes."""
        raw = parse(with_quoted_marks(self.text), self.name).raw
        key = raw
        for step in path:
            entry = _entry(raw, step)
            if entry is None:
                return None
            key, raw = entry
        return key, raw

    def _existing(self, path: Path) -> tuple[Any, Any]:
        """Key and node at a path that must be there."""
        found = self._found(path)
        if found is None:
            where = ".".join(map(str, path))
            raise MappingError(f"{self.name}: expected the key {where}, found none.")
        return found

    def with_value(self, path: Path, value: str) -> MappingText:
        r"""Return the file with another value at a path; its comment is no question any more.

        Parameters
        ----------
        value
            The value as YAML writes it.

        Examples
        --------
        >>> file = MappingText("SEX: ?  # decide: which?  \nFREQ: A")
        >>> print(file.with_value(("SEX",), "SEX_T").text)
        SEX: SEX_T  # which?
        FREQ: A
        """
        _, node = self._existing(path)
        start, end = node.start_mark, node.end_mark
        if not isinstance(node, ScalarNode):
            raise MappingError(f"{self.name}, line {start.line + 1}: expected a single value.")
        quoted = with_quoted_marks(self.text).split("\n")
        before = quoted[start.line][: start.column]
        behind = quoted[end.line][end.column :]
        line = _without_question(f"{before}{value}{behind}")
        lines = self.lines
        lines[start.line : end.line + 1] = [line.rstrip()]
        return self.with_lines(lines)

    def confirmed(self, line: int) -> MappingText:
        """Return the file with a line as it is, which leaves nothing to a person any more."""
        lines = self.lines
        lines[line - 1] = _without_question(lines[line - 1]).rstrip()
        return self.with_lines(lines)

    def without(self, path: Path) -> MappingText:
        """Return the file without a key or an item of a list; a list of none goes too.

        Raises
        ------
        MappingError
            It is a part of a line: a person has to take it out.
        """
        parent = self.node(path[:-1])
        if len(parent.value) == 1 and len(path) > 1:
            return self.without(path[:-1])
        key, node = self._existing(path)
        first = key.start_mark.line
        lines = self.lines
        if parent.flow_style:
            raise MappingError(
                f"{self.name}, line {first + 1}: expected the key on a line of its own."
            )
        last = _last_line(node, lines)
        is_first_of_item = isinstance(parent, MappingNode) and parent.value[0][0] is key
        if is_first_of_item and lines[first].lstrip().startswith("- "):
            raise MappingError(f"{self.name}, line {first + 1}: the item begins with it.")
        del lines[first : last + 1]
        return self.with_lines(lines)

    def with_entry(
        self, path: Path, key: str, value: str, why: str = "", *, first: bool = False
    ) -> MappingText:
        """Return the file with one more key in a mapping, at its end or its beginning.

        Parameters
        ----------
        path
            Path of the mapping; where it is not there, it is made at the end of what holds it.
        value
            The value as YAML writes it on one line.
        why
            Comment behind it.
        """
        line = f"{scalar(key)}: {value}"
        if why:
            line = f"{line}  # {why}"
        node = self.node(path)
        if node is None:
            return self._with_section(path, [f"  {line}"])
        return self._with_new_lines(path, node, [line], first=first)

    def with_item(self, path: Path, item: Sequence[str], *, first: bool = False) -> MappingText:
        """Return the file with one more item in a list.

        Parameters
        ----------
        item
            Its lines, without the dash.
        """
        lines = [f"- {item[0]}", *(f"  {line}" for line in item[1:])]
        node = self.node(path)
        if node is None:
            return self._with_section(path, [f"  {line}" for line in lines])
        return self._with_new_lines(path, node, lines, first=first)

    def _with_section(self, path: Path, body: Iterable[str]) -> MappingText:
        """Return the file with a section that it has not had."""
        name = path[-1]
        if len(path) == 1:
            return self._with_top_section(str(name), body)
        parent = self.node(path[:-1])
        if parent is None:
            raise MappingError(f"{self.name}: expected the key {path[:-1]}, found none.")
        return self._with_new_lines(path[:-1], parent, [f"{name}:", *body], first=False)

    def _with_top_section(self, name: str, body: Iterable[str]) -> MappingText:
        """Return the file with a section before its code maps or data sets."""
        lines = self.lines
        place = len(lines)
        for number, line in enumerate(lines):
            if line.startswith(("codes:", "datasets:")):
                place = number
                break
        lines[place:place] = [f"{name}:", *body, ""]
        return self.with_lines(lines)

    def _with_new_lines(
        self, path: Path, node: Any, new: Sequence[str], *, first: bool
    ) -> MappingText:
        """Return the file with lines at the beginning or the end of a section."""
        lines = self.lines
        if node.flow_style or not node.value:
            return self._with_flow(path, node, new, first=first)
        head = node.value[0]
        start = head[0] if isinstance(head, tuple) else head
        column = start.start_mark.column
        if isinstance(node, SequenceNode):
            column = lines[start.start_mark.line].index("-")
        number = start.start_mark.line
        before = lines[number][:column]
        place = _last_line(node, lines) + 1
        if first and not before.strip():
            place = number
        lines[place:place] = [" " * column + line for line in new]
        return self.with_lines(lines)

    def _with_flow(
        self, path: Path, node: Any, new: Sequence[str], *, first: bool
    ) -> MappingText:
        """Return the file with an entry in a section that is written on one line."""
        if len(new) > 1:
            where = ".".join(map(str, path))
            raise MappingError(f"{self.name}: expected {where} over several lines.")
        end = node.end_mark
        start = node.start_mark
        entry = new[0].removeprefix("- ")
        quoted = with_quoted_marks(self.text).split("\n")
        lines = self.lines
        if first:
            line = quoted[start.line]
            place = start.column + 1
            number = start.line
            entry = f"{entry}, " if node.value else entry
        else:
            line = quoted[end.line]
            place = end.column - 1
            number = end.line
            entry = f", {entry}" if node.value else entry
        lines[number] = line[:place] + entry + line[place:]
        return self.with_lines(lines)


def label_of_waiting_line(line: str) -> str:
    """Label of a line of a code map that is a comment until it has a code, empty for none.

    Examples
    --------
    >>> label_of_waiting_line("  # decide: Africa: # 'Africa' is a region")
    'Africa'
    >>> label_of_waiting_line("  # decide: decimal and group; no one reading fits")
    ''
    """
    match = _WAITING_LINE.match(line)
    if match is None:
        return ""
    try:
        raw = parse(match["rest"], "line").raw
    except MappingError:
        return ""
    if not isinstance(raw, MappingNode) or len(raw.value) != 1:
        return ""
    key, value = raw.value[0]
    is_empty = isinstance(value, ScalarNode) and not value.value
    return str(key.value) if is_empty else ""


def with_code_on_line(file: MappingText, line: int, code: str) -> MappingText:
    r"""Return the file in which a line of a code map that was a comment has a code.

    Examples
    --------
    >>> file = MappingText("values:\n  # decide: Africa: # a region")
    >>> print(with_code_on_line(file, 2, "~").text)
    values:
      Africa: ~  # a region
    """
    lines = file.lines
    text = lines[line - 1]
    match = _WAITING_LINE.match(text)
    label = label_of_waiting_line(text)
    if match is None or not label:
        raise MappingError(f"{file.name}, line {line}: expected a label that waits for a code.")
    _, separator, why = match["rest"].partition(": #")
    comment = f"  # {why.strip()}" if separator else ""
    lines[line - 1] = f"{match['indent']}{scalar(label)}: {code}{comment}"
    return file.with_lines(lines)


def _without_question(line: str) -> str:
    """Line whose comment asks nothing."""
    return _DECIDE.sub(lambda match: "#" + match[1], line, count=1)


def _entry(raw: Any, step: str | int) -> tuple[Any, Any] | None:
    """Key and node of one step of a path."""
    if isinstance(raw, MappingNode):
        for key, value in raw.value:
            if str(key.value) == str(step):
                return key, value
    if isinstance(raw, SequenceNode) and isinstance(step, int) and step < len(raw.value):
        return raw.value[step], raw.value[step]
    return None


def _last_line(node: Any, lines: Sequence[str]) -> int:
    """Number of the last line of a node, counted from 0: blanks behind it are not its own."""
    end = node.end_mark
    last = int(end.line)
    if end.column == 0 and last > node.start_mark.line:
        last -= 1
    last = min(last, len(lines) - 1)
    while last > node.start_mark.line and _is_outside(lines[last], node):
        last -= 1
    return last


def _is_outside(line: str, node: Any) -> bool:
    """Whether a line behind a section is blank, or a comment of what holds it."""
    stripped = line.strip()
    if not stripped:
        return True
    indent = len(line) - len(line.lstrip())
    return indent < int(node.start_mark.column)

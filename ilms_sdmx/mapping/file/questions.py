"""Open questions of a mapping file: lines with `decide:`, and values that are `?`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from ilms_sdmx.mapping.document import OpenQuestion, Path
from ilms_sdmx.mapping.file.code_tables import UNDECIDED
from ilms_sdmx.mapping.file.keys import required
from ilms_sdmx.mapping.file.nodes import Node
from ilms_sdmx.mapping.file.schema import NESTED

#: A question mark alone as a value, which YAML would take for the beginning of a key, or the
#: word `decide` in its place.
_BARE = re.compile(
    r"""(?P<before>(?<=\S):[ \t]+|^[ \t]*(?:-[ \t]+)+|[\[,][ \t]*)
    (?:\?|decide:?)(?P<behind>[ \t]*(?:$|[,}\]]|[ \t]\#))""",
    re.MULTILINE | re.VERBOSE,
)
#: The words behind `decide:`, in a comment.
_ASKED = re.compile(r"(?:^|\s)#\s*decide:\s*(.*)$")
#: A line that is nothing but a comment.
_COMMENT = re.compile(r"\s*#")
#: Keys that say of what a component is made; without them it is none.
_OF_COMPONENT = frozenset({"value", "from", "period", "notes"})
#: Keys that say where a heading is.
_OF_HEADING = frozenset({"text", "sheet", "file", "cell"})
#: Sections whose items stay with a required key that is open: others call them by name.
_STAY = frozenset({"dataset", "table", "rows", "heading"})
#: Status of a mark in place of a figure, and behind one, while its meaning is open.
_IN_PLACE_OF_MARK = {"markers": "O", "flags": "A"}
#: Texts that nothing matches, in place of what is open.
_NO_TEXT, _NO_EXPRESSION = "\N{NULL}", r"\A\b\B(.)"


def with_quoted_marks(text: str) -> str:
    """Text of a mapping file in which a bare `?`, or `decide`, is a value as any other.

    >>> with_quoted_marks("SEX: ?  # decide: which?")
    'SEX: "?"  # decide: which?'
    >>> with_quoted_marks("set: {period: decide}")
    'set: {period: "?"}'
    """
    return _BARE.sub(rf'\g<before>"{UNDECIDED}"\g<behind>', text)


def read_questions(text: str, root: Node) -> tuple[OpenQuestion, ...]:
    """Open questions of a mapping file, one a line, in order.

    Parameters
    ----------
    text
        Text of the file.
    root
        Its root node.
    """
    outline = _outline(root.raw)
    questions = []
    for number, line in enumerate(text.splitlines(), 1):
        marks = [entry.path for entry in outline if entry.line == number and entry.is_open]
        asked = _ASKED.search(line)
        if asked is None and not marks:
            continue
        paths = marks or [_path_of_line(outline, number, line)]
        words = asked[1].strip() if asked else ""
        questions.append(OpenQuestion(number, tuple(paths), words, line.strip(), bool(marks)))
    return tuple(questions)


@dataclass(frozen=True)
class _Entry:
    """A key or an item of a list: its line and column, its path, whether its value is open."""

    line: int
    column: int
    path: Path
    is_open: bool


def _outline(raw: Any, path: Path = ()) -> list[_Entry]:
    """Keys and items of a file, in order."""
    entries = []
    for key, place, value in _children(raw):
        own_path = (*path, key)
        entries.append(_Entry(place.line + 1, place.column, own_path, _is_open(value)))
        entries += _outline(value, own_path)
    return entries


def _children(raw: Any) -> Iterator[tuple[str | int, Any, Any]]:
    """Key, place and value of each entry of a node."""
    if isinstance(raw, MappingNode):
        for key, value in raw.value:
            yield str(key.value), key.start_mark, value
    elif isinstance(raw, SequenceNode):
        for number, value in enumerate(raw.value):
            yield number, value.start_mark, value


def _is_open(raw: Any) -> bool:
    """Whether a value is a question."""
    return isinstance(raw, ScalarNode) and raw.value == UNDECIDED


def _path_of_line(outline: list[_Entry], number: int, line: str) -> Path:
    """What a line is about: the widest that begins on it; for a comment, what it is in."""
    if not _COMMENT.match(line):
        for entry in outline:
            if entry.line == number:
                return entry.path
    column = len(line) - len(line.lstrip())
    path: Path = ()
    for entry in outline:
        if entry.line >= number:
            break
        if entry.column < column:
            path = entry.path
    return path


def without_marks(root: Node) -> Node:
    """Return the file without the values that are open, so that the rest can be read."""
    return Node(root.file, root.path, _closed(root.raw, "mapping"))


def _closed(raw: Any, section: str) -> Any:
    """Node of a section without its open values."""
    if not isinstance(raw, MappingNode):
        return raw
    pairs = []
    for key, value in raw.value:
        kept = _kept(section, str(key.value), value)
        if kept is not None:
            pairs.append((key, kept))
    return _copied(raw, pairs)


def _kept(section: str, name: str, value: Any) -> Any:
    """Value of a key, or what it is read as where it is open; None where it is left out."""
    if _is_open(value):
        return _in_place_of(section, name, value)
    if (
        section == "conventions"
        and name in _IN_PLACE_OF_MARK
        and isinstance(value, MappingNode)
    ):
        return _closed_marks(value, _IN_PLACE_OF_MARK[name])
    how, below = NESTED.get((section, name), ("", ""))
    if how == "one":
        return None if _lacks(value, below) else _closed(value, below)
    if how == "named" and isinstance(value, MappingNode):
        return _closed_names(value, below)
    if not isinstance(value, SequenceNode):
        return value
    if how == "list":
        return _closed_list(value, below)
    return _copied(value, _closed_scalars(value, name))


def _closed_marks(raw: Any, status: str) -> Any:
    """Marks with a status in place of one that is open: every figure waits for it."""
    pairs = []
    for key, value in raw.value:
        pairs.append((key, _scalar(value, status) if _is_open(value) else value))
    return _copied(raw, pairs)


def _closed_list(raw: Any, section: str) -> Any:
    """List of items of a section; one that lacks what it needs is left out."""
    items = []
    for item in raw.value:
        if section in _STAY or not _lacks(item, section):
            items.append(_closed(item, section))
    return _copied(raw, items)


def _closed_names(raw: Any, section: str) -> Any:
    """Items of a section by a person's names; one that is open is left out."""
    pairs = []
    for key, item in raw.value:
        if not _lacks(item, section):
            pairs.append((key, _closed(item, section)))
    return _copied(raw, pairs)


def _lacks(raw: Any, section: str) -> bool:
    """Whether a key that a section needs is open."""
    if section == "rule" or not isinstance(raw, MappingNode):
        return _is_open(raw)
    needed = {*required(section)}
    if section == "component":
        needed |= _OF_COMPONENT
    if section == "check":
        needed |= {"total", "constant", "tree"}
    return any(str(key.value) in needed and _is_open(value) for key, value in raw.value)


def _in_place_of(section: str, name: str, value: Any) -> Any:
    """What an open value of a key is read as; None where the key may be left out."""
    if section == "heading" and name in _OF_HEADING:
        return _scalar(value, "A1" if name == "cell" else _NO_EXPRESSION)
    if section == "rule" and name == "where":
        return _nowhere(value)
    if section == "table" and name == "begin":
        return _scalar(value, _NO_TEXT)
    if name in required(section):
        return value
    return None


def _nowhere(value: Any) -> Any:
    """Condition that no figure meets, in place of one that is open."""
    key = ScalarNode(value.tag, "table", value.start_mark, value.end_mark)
    pairs = [(key, _scalar(value, _NO_TEXT))]
    return MappingNode("tag:yaml.org,2002:map", pairs, value.start_mark, value.end_mark)


def _closed_scalars(raw: Any, name: str) -> list[Any]:
    """Items of a plain list; an open header row has no name, other open items are left out."""
    items = []
    for item in raw.value:
        if not _is_open(item):
            items.append(item)
        elif name == "columns":
            items.append(ScalarNode(item.tag, "~", item.start_mark, item.end_mark))
    return items


def _scalar(raw: Any, text: str) -> Any:
    """Scalar with another text at the same place."""
    return ScalarNode(raw.tag, text, raw.start_mark, raw.end_mark, style='"')


def _copied(raw: Any, value: list[Any]) -> Any:
    """Node of the same kind and place with other content."""
    return type(raw)(raw.tag, value, raw.start_mark, raw.end_mark)

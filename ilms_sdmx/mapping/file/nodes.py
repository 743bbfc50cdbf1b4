"""Nodes of a mapping file.

Every scalar as the text that is there, every error with file and line.
"""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.tokens import (
    BlockEndToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
)

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.expressions import Expression, ExpressionError

#: Keys and lists that may be in each other: no mapping needs a tenth of it.
_DEPTH = 100
#: Brackets in each other that may be too many.
_SUSPICIOUS = 200
_OPENING = (
    BlockMappingStartToken,
    BlockSequenceStartToken,
    FlowMappingStartToken,
    FlowSequenceStartToken,
)
_CLOSING = (BlockEndToken, FlowMappingEndToken, FlowSequenceEndToken)
_BRACKETS = re.compile(r"[\[\]{}]")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_KINDS = {
    MappingNode: "a mapping (key: value)",
    SequenceNode: "a list",
    ScalarNode: "a single value",
}


@dataclass(frozen=True)
class Node:
    """One node of the file, with the path of keys that leads to it.

    All scalars are text: `NO` is Norway or a row number, never False, and `1.10` keeps its
    zero.
    """

    file: str
    path: str
    raw: Any

    @property
    def line(self) -> int:
        """Line of the file, counted from 1."""
        return int(self.raw.start_mark.line) + 1

    def fail(self, expected: str, found: str = "") -> NoReturn:
        """Raise what is wrong here: file, line, key, what was expected and what was found."""
        where = f"{self.file}, line {self.line}"
        if self.path:
            where = f"{where}, at {self.path}"
        instead = f", found {found}" if found else ""
        raise MappingError(f"{where}: expected {expected}{instead}.")

    @property
    def kind(self) -> str:
        """What the node is, in words."""
        return _KINDS.get(type(self.raw), "nothing")

    @property
    def is_scalar(self) -> bool:
        """Whether the node is a single value."""
        return isinstance(self.raw, ScalarNode)

    @property
    def is_list(self) -> bool:
        """Whether the node is a list."""
        return isinstance(self.raw, SequenceNode)

    @property
    def is_mapping(self) -> bool:
        """Whether the node has keys."""
        return isinstance(self.raw, MappingNode)

    @property
    def is_null(self) -> bool:
        """Whether nothing was written, or `~`; a quoted empty text is not nothing."""
        if not self.is_scalar:
            return False
        is_quoted = self.raw.style is not None
        return not is_quoted and self.raw.value in _NULL

    def text(self) -> str:
        """Text of a scalar as it is in the file."""
        if not self.is_scalar:
            self.fail("a text", self.kind)
        if self.is_null:
            self.fail("a text", "nothing")
        return str(self.raw.value)

    def optional_text(self) -> str | None:
        """Text of a scalar, None where nothing was written."""
        return None if self.is_null else self.text()

    def texts(self) -> tuple[str, ...]:
        """Texts of a list; a single text counts as a list of one."""
        nodes = self if self.is_list else (self,)
        return tuple(node.text() for node in nodes)

    def integer(self) -> int:
        """Whole number, with its sign."""
        text = self.text()
        if not re.fullmatch(r"[+-]?\d+", text):
            self.fail("a whole number", repr(text))
        return int(text)

    def flag(self) -> bool:
        """Truth value: true, yes, false or no."""
        flag = _FLAGS.get(self.text().lower())
        if flag is None:
            self.fail("true or false", repr(self.text()))
        return flag

    def choice(self, options: Collection[str]) -> str:
        """Text that must be one of a few; the error names the nearest."""
        text = self.text()
        if text not in options:
            listed = ", ".join(options)
            self.fail(f"one of {listed}", with_nearest(text, options))
        return text

    def pattern(self) -> Expression:
        """Regular expression that can be read."""
        return self.checked(Expression(self.text()))

    def checked(self, expression: Expression) -> Expression:
        """Expression of this node that can be read; another is an error with file and line."""
        try:
            expression.check()
        except ExpressionError as error:
            self.fail(error.expected, error.found)
        return expression

    def __iter__(self) -> Iterator[Node]:
        """Nodes of a list."""
        if not self.is_list:
            self.fail("a list", self.kind)
        for number, raw in enumerate(self.raw.value, 1):
            path = f"{self.path}[{number}]"
            yield Node(self.file, path, raw)

    def items(self) -> list[tuple[str, Node]]:
        """Keys and nodes of a mapping, in order; a key written twice is an error."""
        if not self.is_mapping:
            self.fail("a mapping (key: value)", self.kind)
        nodes: dict[str, Node] = {}
        for key, raw in self.raw.value:
            name = str(key.value)
            path = f"{self.path}.{name}".lstrip(".")
            if name in nodes:
                again = Node(self.file, path, key)
                again.fail("each key once", f"{name!r} again")
            nodes[name] = Node(self.file, path, raw)
        return list(nodes.items())

    def fields(
        self, allowed: Collection[str], required: Collection[str] = ()
    ) -> dict[str, Node]:
        """Nodes by key, the keys known: an unknown one is an error that names the nearest."""
        nodes = dict(self.items())
        for name, node in nodes.items():
            if name not in allowed:
                known = ", ".join(allowed)
                node.fail(f"one of the keys {known}", with_nearest(name, allowed))
        for name in required:
            if name not in nodes:
                present = ", ".join(nodes) or "nothing"
                self.fail(f"the key {name!r}", f"only {present}")
        return nodes


def nearest(text: str, options: Collection[str]) -> str:
    """Words that name the nearest option, empty where none is near."""
    listed = list(options)
    near = difflib.get_close_matches(text, listed, n=1, cutoff=0.6)
    if not near:
        return ""
    return f" (did you mean {near[0]!r}?)"


def with_nearest(text: str, options: Collection[str]) -> str:
    """Say what was read, and name the nearest option."""
    near = nearest(text, options)
    return f"{text!r}{near}"


def _refuse_depth(text: str, file: str) -> None:
    """Refuse a text that is nested too deeply before the time of reading grows with it."""
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        is_closing = bracket[0] in "]}"
        depth += -1 if is_closing else 1
        if depth > _SUSPICIOUS:
            # Brackets in quotes and comments are none: only the reader of YAML knows.
            _refuse_line(_deep_line(text[: bracket.end()]), file)
            return
    if text.count("- -") > _DEPTH:
        _refuse_line(_deep_line(text), file)


def _refuse_line(line: int, file: str) -> None:
    if line:
        message = f"{file}, line {line}: expected at most {_DEPTH} keys and lists in each other"
        raise MappingError(f"{message}, found more.")


def _deep_line(text: str) -> int:
    """Line on which a YAML text is nested too deeply, 0 if it is not."""
    depth = 0
    with contextlib.suppress(YAMLError):
        for token in YAML(typ="safe", pure=True).scan(text):
            if isinstance(token, _OPENING):
                depth += 1
            elif isinstance(token, _CLOSING):
                depth -= 1
            if depth > _DEPTH:
                return int(token.start_mark.line) + 1
    return 0


def parse(text: str, file: str) -> Node:
    """Root node of a YAML text.

    Raises
    ------
    MappingError
        For text that is not YAML, with the line where reading stopped, and for an empty file.
    """
    _refuse_depth(text, file)
    reader = YAML(typ="safe", pure=True)
    try:
        raw = reader.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 1
        problem = error.problem
        raise MappingError(f"{file}, line {line}: expected YAML, found {problem}.") from None
    except RecursionError:
        _refuse_line(_deep_line(text), file)
        raise MappingError(f"{file}: expected YAML, found it nested too deeply.") from None
    except (YAMLError, ValueError) as error:
        lines = str(error).splitlines()
        raise MappingError(f"{file}: expected YAML, found {lines[0]}.") from None
    if raw is None:
        raise MappingError(f"{file}, line 1: expected a mapping file, found nothing in it.")
    return Node(file, "", raw)

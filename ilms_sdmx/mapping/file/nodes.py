"""Nodes of a mapping file.

Every scalar as the text that is there, every error with file and line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from ilms_sdmx.errors import MappingError

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
            where += f", at {self.path}"
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
        return self.is_scalar and self.raw.style is None and self.raw.value in _NULL

    def text(self) -> str:
        """Text of a scalar as it is in the file."""
        if not self.is_scalar or self.is_null:
            self.fail("a text", "nothing" if self.is_scalar else self.kind)
        return str(self.raw.value)

    def optional_text(self) -> str | None:
        """Text of a scalar, None where nothing was written."""
        return None if self.is_null else self.text()

    def texts(self) -> tuple[str, ...]:
        """Texts of a list; a single text counts as a list of one."""
        return tuple(n.text() for n in self) if self.is_list else (self.text(),)

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
            self.fail(f"one of {', '.join(options)}", repr(text) + nearest(text, options))
        return text

    def pattern(self) -> re.Pattern[str]:
        """Regular expression that compiles."""
        try:
            return re.compile(self.text())
        except re.error as error:
            self.fail("a regular expression", f"{self.text()!r} ({error})")

    def __iter__(self) -> Iterator[Node]:
        """Nodes of a list."""
        if not self.is_list:
            self.fail("a list", self.kind)
        for number, raw in enumerate(self.raw.value, 1):
            yield Node(self.file, f"{self.path}[{number}]", raw)

    def items(self) -> list[tuple[str, Node]]:
        """Keys and nodes of a mapping, in order; a key written twice is an error."""
        if not isinstance(self.raw, MappingNode):
            self.fail("a mapping (key: value)", self.kind)
        nodes: dict[str, Node] = {}
        for key, raw in self.raw.value:
            name = str(key.value)
            path = f"{self.path}.{name}".lstrip(".")
            if name in nodes:
                Node(self.file, path, key).fail("each key once", f"{name!r} again")
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
                node.fail(f"one of the keys {known}", repr(name) + nearest(name, allowed))
        for name in required:
            if name not in nodes:
                present = ", ".join(nodes) or "nothing"
                self.fail(f"the key {name!r}", f"only {present}")
        return nodes


def nearest(found: str, options: Collection[str]) -> str:
    """Words that name the nearest option, empty where none is near."""
    near = difflib.get_close_matches(found, list(options), n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def parse(text: str, file: str) -> Node:
    """Root node of a YAML text.

    Raises
    ------
    MappingError
        For text that is not YAML, with the line where reading stopped, and for an empty file.
    """
    try:
        raw = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MappingError(
            f"{file}, line {line}: expected YAML, found {error.problem}."
        ) from None
    except (YAMLError, ValueError) as error:
        raise MappingError(
            f"{file}: expected YAML, found {str(error).splitlines()[0]}."
        ) from None
    if raw is None:
        raise MappingError(f"{file}, line 1: expected a mapping file, found nothing in it.")
    return Node(file, "", raw)

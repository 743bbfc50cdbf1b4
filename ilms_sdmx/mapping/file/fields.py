"""Fields of a section of the mapping file: each key read as a table of readers says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeAlias

from ilms_sdmx.mapping.file.keys import allowed, required
from ilms_sdmx.mapping.file.nodes import Node

Fields: TypeAlias = dict[str, Node]
Reader: TypeAlias = Callable[[Node], Any]


def fields_of(node: Node, section: str) -> Fields:
    """Nodes of a section by key: an unknown key is an error, and so is one that lacks."""
    return node.fields(allowed(section), required(section))


def read_fields(fields: Mapping[str, Node], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """Values of the keys that are there and have a reader, by key."""
    values: dict[str, Any] = {}
    for key, read in readers.items():
        if key in fields:
            values[key] = read(fields[key])
    return values


def only_one(node: Node, fields: Collection[str], keys: Iterable[str], expected: str) -> str:
    """Return the one key of several that is there; none and more than one are an error."""
    present = [key for key in keys if key in fields]
    if len(present) != 1:
        met = " and ".join(present)
        node.fail(expected, met or "none")
    return present[0]


def each(read: Reader) -> Reader:
    """Reader of a list, each of whose nodes is read alike."""

    def read_list(node: Node) -> tuple[Any, ...]:
        return tuple(map(read, node))

    return read_list


def by_key(read: Reader) -> Reader:
    """Reader of a mapping whose keys are a person's words.

    Each of whose values is read alike.
    """

    def read_mapping(node: Node) -> dict[str, Any]:
        values = {}
        for key, value in node.items():
            values[key] = read(value)
        return values

    return read_mapping


def one_of(*options: str) -> Reader:
    """Reader of a text that is one of a few."""

    def read_option(node: Node) -> str:
        return node.choice(options)

    return read_option


#: Reader of labels of headings, or of other texts by a person's words.
labels = by_key(Node.text)

"""Reading of the tables of a mapping file: layout, rules and checks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from ilms_sdmx.mapping.buckets import ROLES
from ilms_sdmx.mapping.file.addresses import read_column, read_ranges, read_row
from ilms_sdmx.mapping.file.fields import (
    Fields,
    Reader,
    by_key,
    each,
    fields_of,
    labels,
    one_of,
    only_one,
    read_fields,
)
from ilms_sdmx.mapping.file.keys import allowed
from ilms_sdmx.mapping.file.nodes import Node
from ilms_sdmx.mapping.layout import (
    Blocks,
    Change,
    Check,
    Conventions,
    NextTo,
    RowHeading,
    SeveralInOne,
    Share,
    TableLayout,
    TableRule,
)
from ilms_sdmx.mapping.patterns import Except, Pattern, Where, Words
from ilms_sdmx.mapping.pins import Pin, Pins
from ilms_sdmx.tables.separators import FORMS

#: SDMX CL_OBS_STATUS 2.3.
STATUSES = tuple("ABDEFGHIJKLMNOPQRSTUVWX")
#: Meaning of `zero` under markers.
ZERO = "zero"
#: Characters between the columns of a text file.
DELIMITERS = (",", ";", "\t", "|")
#: Headings and the patterns of their labels, where there are none.
_ANYWHERE: Where = {}


def read_pattern(node: Node) -> Pattern:
    """Pattern of a text; an expression is compiled to see that it is right."""
    pattern = Pattern(node.text(), node.line)
    if pattern.expression:
        node.checked(pattern.expression)
    return pattern


def read_patterns(node: Node) -> tuple[Pattern, ...]:
    """Patterns of a list or of a single text."""
    nodes = node if node.is_list else (node,)
    return tuple(map(read_pattern, nodes))


def _read_words(node: Node) -> tuple[Words, ...]:
    """Words of a heading: patterns, or `except:` and the patterns of what is left out."""
    if not node.is_mapping:
        return read_patterns(node)
    fields = fields_of(node, "words")
    return (Except(read_patterns(fields["except"])),)


#: Reader of headings and the words of their labels.
read_where = by_key(_read_words)
_status = one_of(*STATUSES)


def _amount(node: Node) -> str:
    """Plain decimal number, as it is written."""
    text = node.text()
    try:
        Decimal(text)
    except InvalidOperation:
        node.fail("a number", repr(text))
    return text


def _forms(node: Node) -> tuple[str, ...]:
    """Forms that numbers may have."""
    nodes = node if node.is_list else (node,)
    read = one_of(*FORMS)
    return tuple(map(read, nodes))


_CONVENTIONS: Mapping[str, Reader] = {
    "decimal": one_of(".", ","),
    "group": one_of(".", ",", " ", "'", ""),
    "numbers": _forms,
    "brackets": one_of("negative", "plain"),
    "markers": by_key(one_of(ZERO, *STATUSES)),
    "languages": Node.texts,
    "fiscal": Node.flag,
    "short_years": one_of("buddhist", "common"),
    "numbering": Node.flag,
    "footnotes": Node.pattern,
    "flags": by_key(_status),
    "hidden": one_of("read", "ignore"),
    "encoding": Node.text,
    "delimiter": one_of(*DELIMITERS),
}
#: Conventions that a table may have for itself.
_OF_TABLE = ("decimal", "group", "numbers", "markers", "flags")


def read_conventions(node: Node) -> Conventions:
    """Conventions of the source."""
    fields = fields_of(node, "conventions")
    return _conventions(fields, Conventions())


def _conventions(fields: Fields, base: Conventions) -> Conventions:
    """Conventions that differ from others in what some fields say."""
    values = read_fields(fields, _CONVENTIONS)
    decimal = values.get("decimal")
    if decimal is not None and decimal == values.get("group"):
        expected = "a character other than the one before the fraction"
        fields["group"].fail(expected, repr(decimal))
    return replace(base, **values)


def read_table(node: Node, conventions: Conventions) -> TableLayout:
    """Layout of one table.

    Parameters
    ----------
    node
        The table in the mapping file.
    conventions
        Conventions of the source, from which the table may differ.
    """
    fields = fields_of(node, "table")
    _check_place(node, fields)
    own_fields = {key: fields[key] for key in _OF_TABLE if key in fields}
    own_conventions = _conventions(own_fields, conventions)
    names, rows = _columns(fields)
    values = read_fields(fields, _TABLE)
    values.setdefault("begin", None)
    header_rows = 1 if "begin" in fields else 0
    values.setdefault("header", header_rows)
    rules = values.get("rules", ())
    flag_rules = _flag_rules(own_conventions, node.line)
    values["rules"] = (*rules, *flag_rules)
    values["fill_columns"] = _fill_columns(fields, names)
    values["next_to"] = values.pop("beside", ())
    return TableLayout(
        **values,
        columns=names,
        column_rows=rows,
        conventions=own_conventions,
        line=node.line,
    )


def _fill_columns(fields: Fields, names: tuple[str | None, ...]) -> tuple[str, ...]:
    """Names of the header rows whose blanks repeat the label to their left."""
    if "fill_columns" not in fields:
        return ()
    named = list(filter(None, names))
    nodes = fields["fill_columns"]
    return tuple(node.choice(named) for node in nodes)


def _flag_rules(conventions: Conventions, line: int) -> list[TableRule]:
    """Rules that give figures with a flag its status.

    Unless a rule of the table says another.
    """
    rules = []
    for flag, status in conventions.flags.items():
        escaped = re.escape(flag)
        mark = Pattern(rf"/(^|\s)\(?{escaped}[/)]*(\s|$)/", line)
        rule = TableRule({"footnote": (mark,)}, status=status, line=line)
        rules.append(rule)
    return rules


def _check_place(node: Node, fields: Fields) -> None:
    """Refuse a table that is found both by its words and by addresses.

    Or by addresses only in part.
    """
    expected = "the key 'begin', or 'figures' where no words tell"
    if "begin" in fields:
        if "figures" in fields:
            node.fail(expected, "both")
        return
    if "figures" not in fields:
        present = ", ".join(fields)
        node.fail(expected, f"only {present}")
    for key in ("header", "title"):
        if key in fields:
            fields[key].fail(f"no {key} where the figures have addresses")
    row_keys = allowed("rows")
    for item in fields["rows"]:
        if "column" not in item.fields(row_keys):
            item.fail("the column of the labels, as the figures have addresses", "none")


def _columns(fields: Fields) -> tuple[tuple[str | None, ...], tuple[int, ...]]:
    """Names of the header rows, and the rows by address where the figures have addresses."""
    names: list[str | None] = []
    rows: list[int] = []
    by_address = "figures" in fields
    expected = "{name, row}, as the figures have addresses" if by_address else "a name"
    for item in fields.get("columns", ()):
        column = {"name": item}
        if item.is_mapping:
            column = item.fields(("name", "row"), ("name", "row"))
        has_address = "row" in column
        if has_address != by_address:
            item.fail(expected)
        name = column["name"].optional_text()
        names.append(name)
        if has_address:
            row = read_row(column["row"])
            rows.append(row)
    return tuple(names), tuple(rows)


def _next_to(node: Node) -> NextTo:
    """Heading in a cell to the right of each figure."""
    fields = fields_of(node, "beside")
    name = fields["name"].text()
    right = fields["right"].integer()
    if right < 1:
        text = fields["right"].text()
        fields["right"].fail("a number of columns from 1", repr(text))
    return NextTo(name, right)


def _spread(node: Node) -> int:
    """Number of columns over which labels are spread, at least one."""
    return max(node.integer(), 1)


_ROW_HEADING: Mapping[str, Reader] = {
    "name": Node.text,
    "header": read_pattern,
    "indent": Node.flag,
    "wrap": one_of("last", "first", "near"),
    "wrapped": read_pattern,
    "fill": Node.flag,
    "column": read_column,
    "spread": _spread,
    "groups": read_patterns,
    "in_groups": read_patterns,
}


def _row_heading(node: Node) -> RowHeading:
    """Column of row labels."""
    fields = fields_of(node, "rows")
    values = read_fields(fields, _ROW_HEADING)
    return RowHeading(**values)


def _blocks(node: Node) -> Blocks:
    """Rows that head those below."""
    fields = fields_of(node, "blocks")
    name = fields["name"].text()
    text = read_pattern(fields["text"])
    figures = fields["figures"].text() if "figures" in fields else ""
    return Blocks(name, text, figures)


def _several(node: Node) -> SeveralInOne:
    """Cells that hold several figures: a part for each group of the expression."""
    fields = fields_of(node, "cells")
    text = fields["text"].pattern()
    parts = tuple(map(labels, fields["parts"]))
    count = len(parts)
    if text.groups != count:
        expected = f"{text.groups} parts, one for each group of text"
        fields["parts"].fail(expected, str(count))
    return SeveralInOne(text, parts)


def _share(node: Node) -> Share:
    """What a percent is a share of; `of` may be the figure to the left."""
    fields = fields_of(node, "share")
    base = read_where(fields["in"])
    if "of" not in fields:
        return Share(_ANYWHERE, base)
    numerator = fields["of"]
    if numerator.is_scalar:
        numerator.choice(("left",))
        return Share(_ANYWHERE, base, left=True)
    return Share(read_where(numerator), base)


def _change(node: Node) -> Change:
    """What a percent is the change of."""
    fields = fields_of(node, "change")
    figures = read_where(fields["of"])
    base = read_where(fields["from"])
    return Change(figures, base)


_RULE: Mapping[str, Reader] = {
    "where": read_where,
    "bucket": one_of(*ROLES),
    "why": Node.text,
    "set": labels,
    "multiplier": Node.integer,
    "status": _status,
    "rounding": _amount,
    "note": Node.text,
    "share": _share,
    "change": _change,
}


def _rule(node: Node) -> TableRule:
    """Rule that says what some figures are; what is ignored has a reason."""
    fields = fields_of(node, "rule")
    values = read_fields(fields, _RULE)
    is_ignored = values.get("bucket") == "ignore"
    if is_ignored and "why" not in values:
        node.fail("a reason under why for what is ignored")
    return TableRule(**values, line=node.line)


_CHECK: Mapping[str, Reader] = {
    "total": read_where,
    "parts": read_where,
    "where": read_where,
    "constant": _amount,
    "tree": Node.text,
    "rows": one_of("below", "above"),
    "relation": one_of("equal", "at_most"),
    "rounding": _amount,
    "why": Node.text,
}


def _check(node: Node) -> Check:
    """Sum that must hold: against a total, a constant, or along the indents of a tree."""
    fields = fields_of(node, "check")
    only_one(node, fields, ("total", "constant", "tree"), "one of total, constant or tree")
    values: dict[str, Any] = {}
    for key in ("total", "parts", "where"):
        values[key] = _ANYWHERE
    values |= read_fields(fields, _CHECK)
    return Check(**values, line=node.line)


def _pin(node: Node) -> Pin:
    """Text that the mapping has read."""
    return Pin(node.text(), node.line)


_PINS: Mapping[str, Reader] = {
    "texts": each(_pin),
    "labels": by_key(Node.texts),
    "sheet": _pin,
    "file": _pin,
}


def _pins(node: Node) -> Pins:
    """What the mapping has read of a table."""
    return Pins(**read_fields(fields_of(node, "read"), _PINS), line=node.line)


_TABLE: Mapping[str, Reader] = {
    "name": Node.text,
    "read": _pins,
    "begin": read_pattern,
    "rows": each(_row_heading),
    "sheets": read_patterns,
    "end": read_pattern,
    "figures": read_ranges,
    "optional": Node.flag,
    "title": Node.flag,
    "header": Node.integer,
    "column_labels": Node.texts,
    "beside": each(_next_to),
    "blocks": _blocks,
    "labels": read_patterns,
    "set": labels,
    "cells": each(_several),
    "rules": each(_rule),
    "checks": each(_check),
    "multiplier": Node.integer,
    "status": _status,
    "rounding": _amount,
    "note": Node.text,
}

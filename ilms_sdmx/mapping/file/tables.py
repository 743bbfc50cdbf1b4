"""Reading of the tables of a mapping file: layout, rules and checks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from ilms_sdmx.mapping.buckets import ROLES
from ilms_sdmx.mapping.file.addresses import read_column, read_ranges, read_row
from ilms_sdmx.mapping.file.keys import allowed, required
from ilms_sdmx.mapping.file.nodes import Node
from ilms_sdmx.mapping.layout import (
    Beside,
    Blocks,
    Change,
    Check,
    Conventions,
    Pattern,
    RowHeading,
    SeveralInOne,
    Share,
    TableLayout,
    TableRule,
    Where,
)

#: SDMX CL_OBS_STATUS 2.3.
STATUSES = tuple("ABDEFGHIJKLMNOPQRSTUVWX")
#: Meaning of `zero` under markers.
ZERO = "zero"


def read_patterns(node: Node | None) -> tuple[Pattern, ...]:
    """Patterns of a list or of a single text; expressions are compiled to see that they are right."""
    if node is None:
        return ()
    return tuple(_pattern(n) for n in (node if node.is_list else [node]))


def _pattern(node: Node) -> Pattern:
    found = Pattern(node.text(), node.line)
    try:
        _ = found.regex
    except re.error as error:
        node.fail("a regular expression between slashes", f"{found.text!r} ({error})")
    return found


#: Characters between the columns of a text file.
DELIMITERS = (",", ";", "\t", "|")


def read_where(node: Node | None) -> Where:
    """Headings and the patterns of their labels."""
    return {k: read_patterns(v) for k, v in node.items()} if node else {}


def _labels(node: Node | None) -> dict[str, str]:
    return {k: v.text() for k, v in node.items()} if node else {}


def read_conventions(node: Node | None, base: Conventions | None = None) -> Conventions:
    """Conventions of the source, or those of one table that differ from them."""
    base = base or Conventions()
    if node is None:
        return base
    return _conventions(node.fields(allowed("conventions")), base)


def _conventions(fields: dict[str, Node], base: Conventions) -> Conventions:
    read: dict[str, Callable[[Node], Any]] = {
        "decimal": lambda n: n.choice((".", ",")),
        "group": lambda n: n.choice((".", ",", " ", "'", "")),
        "brackets": lambda n: n.choice(("negative", "plain")),
        "markers": _markers,
        "languages": lambda n: n.texts(),
        "fiscal": lambda n: n.flag(),
        "short_years": lambda n: n.choice(("buddhist", "common")),
        "numbering": lambda n: n.flag(),
        "footnotes": lambda n: n.pattern(),
        "flags": _flags,
        "hidden": lambda n: n.choice(("read", "ignore")),
        "encoding": lambda n: n.text(),
        "delimiter": lambda n: n.choice(DELIMITERS),
    }
    found = {key: reader(fields[key]) for key, reader in read.items() if key in fields}
    if "decimal" in found and found["decimal"] == found.get("group"):
        fields["group"].fail(
            "a character other than the one before the fraction", repr(found["group"])
        )
    return replace(base, **found)


def _flags(node: Node) -> dict[str, str]:
    return {k: v.choice(STATUSES) for k, v in node.items()}


def _markers(node: Node) -> dict[str, str]:
    return {k: v.choice((ZERO, *STATUSES)) for k, v in node.items()}


def read_table(node: Node, conventions: Conventions) -> TableLayout:
    """Layout of one table."""
    fields = node.fields(allowed("table"), required("table"))
    _check_place(node, fields)
    names, rows = _columns(fields)
    own: dict[str, Node] = {
        k: fields[k] for k in ("decimal", "group", "markers", "flags") if k in fields
    }
    own_conventions = _conventions(own, conventions)
    return TableLayout(
        name=fields["name"].text(),
        begin=_pattern(fields["begin"]) if "begin" in fields else None,
        rows=tuple(_row_heading(n) for n in fields["rows"]),
        sheets=read_patterns(fields.get("sheets")),
        end=_pattern(fields["end"]) if "end" in fields else None,
        figures=read_ranges(fields.get("figures")),
        optional="optional" in fields and fields["optional"].flag(),
        title="title" in fields and fields["title"].flag(),
        header=fields["header"].integer() if "header" in fields else int("begin" in fields),
        columns=names,
        column_rows=rows,
        fill_columns=tuple(
            n.choice([k for k in names if k]) for n in fields.get("fill_columns", ())
        ),
        column_labels=fields["column_labels"].texts() if "column_labels" in fields else (),
        beside=tuple(_beside(n) for n in fields.get("beside", ())),
        blocks=_blocks(fields["blocks"]) if "blocks" in fields else None,
        labels=read_patterns(fields.get("labels")),
        set=_labels(fields.get("set")),
        cells=tuple(_several(n) for n in fields["cells"]) if "cells" in fields else (),
        rules=(
            *(_rule(n) for n in fields.get("rules", ())),
            *_flag_rules(own_conventions, node.line),
        ),
        checks=tuple(_check(n) for n in fields["checks"]) if "checks" in fields else (),
        multiplier=fields["multiplier"].integer() if "multiplier" in fields else None,
        status=fields["status"].choice(STATUSES) if "status" in fields else "",
        rounding=_amount(fields.get("rounding")),
        note=fields["note"].text() if "note" in fields else "",
        conventions=own_conventions,
        line=node.line,
    )


def _flag_rules(conventions: Conventions, line: int) -> tuple[TableRule, ...]:
    """Rules that give figures with a flag its status, unless a rule of the table says another."""
    marks = {flag: rf"/(^|\s)\(?{re.escape(flag)}[/)]*(\s|$)/" for flag in conventions.flags}
    return tuple(
        TableRule({"footnote": (Pattern(marks[flag], line),)}, status=status, line=line)
        for flag, status in conventions.flags.items()
    )


def _check_place(node: Node, fields: dict[str, Node]) -> None:
    """Refuse a table that is found both by its words and by addresses, or by addresses only in part."""
    if ("begin" in fields) == ("figures" in fields):
        found = "both" if "begin" in fields else f"only {', '.join(fields)}"
        node.fail("the key 'begin', or 'figures' where no words tell", found)
    if "begin" in fields:
        return
    for key in ("header", "title"):
        if key in fields:
            fields[key].fail(f"no {key} where the figures have addresses")
    for item in fields["rows"]:
        if "column" not in item.fields(allowed("rows")):
            item.fail("the column of the labels, as the figures have addresses", "none")


def _columns(fields: dict[str, Node]) -> tuple[tuple[str | None, ...], tuple[int, ...]]:
    """Names of the header rows, and the rows by address where the figures have addresses."""
    names: list[str | None] = []
    rows: list[int] = []
    for item in fields.get("columns", ()):
        named = (
            item.fields(("name", "row"), ("name", "row")) if item.is_mapping else {"name": item}
        )
        if ("row" in named) != ("figures" in fields):
            item.fail(
                "{name, row}, as the figures have addresses"
                if "figures" in fields
                else "a name"
            )
        names.append(named["name"].optional_text())
        rows += [read_row(named["row"])] if "row" in named else []
    return tuple(names), tuple(rows)


def _beside(node: Node) -> Beside:
    fields = node.fields(allowed("beside"), required("beside"))
    if fields["right"].integer() < 1:
        fields["right"].fail("a number of columns from 1", repr(fields["right"].text()))
    return Beside(fields["name"].text(), fields["right"].integer())


def _amount(node: Node | None) -> str:
    """Plain decimal number, empty where there is none."""
    if node is None:
        return ""
    try:
        Decimal(node.text())
    except InvalidOperation:
        node.fail("a number", repr(node.text()))
    return node.text()


def _row_heading(node: Node) -> RowHeading:
    fields = node.fields(allowed("rows"), required("rows"))
    return RowHeading(
        fields["name"].text(),
        _pattern(fields["header"]) if "header" in fields else None,
        "indent" in fields and fields["indent"].flag(),
        fields["wrap"].choice(("last", "first", "near")) if "wrap" in fields else "",
        _pattern(fields["wrapped"]) if "wrapped" in fields else None,
        "fill" in fields and fields["fill"].flag(),
        read_column(fields["column"]) if "column" in fields else 0,
        max(fields["spread"].integer(), 1) if "spread" in fields else 1,
    )


def _blocks(node: Node) -> Blocks:
    fields = node.fields(allowed("blocks"), required("blocks"))
    return Blocks(fields["name"].text(), _pattern(fields["text"]))


def _several(node: Node) -> SeveralInOne:
    fields = node.fields(allowed("cells"), required("cells"))
    found = SeveralInOne(fields["text"].pattern(), tuple(_labels(n) for n in fields["parts"]))
    if found.text.groups != len(found.parts):
        fields["parts"].fail(
            f"{found.text.groups} parts, one for each group of text", str(len(found.parts))
        )
    return found


def _rule(node: Node) -> TableRule:
    fields = node.fields(allowed("rule"), required("rule"))
    bucket = fields["bucket"].choice(ROLES) if "bucket" in fields else ""
    if bucket == "ignore" and "why" not in fields:
        node.fail("a reason under why for what is ignored")
    return TableRule(
        where=read_where(fields["where"]),
        bucket=bucket,
        why=fields["why"].text() if "why" in fields else "",
        set=_labels(fields.get("set")),
        multiplier=fields["multiplier"].integer() if "multiplier" in fields else None,
        status=fields["status"].choice(STATUSES) if "status" in fields else "",
        rounding=_amount(fields.get("rounding")),
        note=fields["note"].text() if "note" in fields else "",
        share=_share(fields["share"]) if "share" in fields else None,
        change=_change(fields["change"]) if "change" in fields else None,
        line=node.line,
    )


def _share(node: Node) -> Share:
    fields = node.fields(allowed("share"), required("share"))
    left = "of" in fields and fields["of"].is_scalar
    if left:
        fields["of"].choice(("left",))
    return Share({} if left else read_where(fields.get("of")), read_where(fields["in"]), left)


def _change(node: Node) -> Change:
    fields = node.fields(allowed("change"), required("change"))
    return Change(read_where(fields["of"]), read_where(fields["from"]))


def _check(node: Node) -> Check:
    fields = node.fields(allowed("check"))
    kinds = [k for k in ("total", "constant", "tree") if k in fields]
    if len(kinds) != 1:
        node.fail("one of total, constant or tree", " and ".join(kinds) or "none")
    return Check(
        total=read_where(fields.get("total")),
        parts=read_where(fields.get("parts")),
        where=read_where(fields.get("where")),
        constant=_amount(fields.get("constant")),
        tree=fields["tree"].text() if "tree" in fields else "",
        rows=fields["rows"].choice(("below", "above")) if "rows" in fields else "",
        relation=fields["relation"].choice(("equal", "at_most"))
        if "relation" in fields
        else "equal",
        rounding=_amount(fields.get("rounding")),
        why=fields["why"].text() if "why" in fields else "",
        line=node.line,
    )

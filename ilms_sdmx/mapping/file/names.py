"""Names of headings: every one that a rule.

A check or a data set calls must exist in its table.
"""

from __future__ import annotations

from collections.abc import Iterable

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import DatasetMap
from ilms_sdmx.mapping.file.nodes import with_nearest
from ilms_sdmx.mapping.layout import GIVEN, FreeHeading, TableLayout, TableRule
from ilms_sdmx.mapping.model import sources_of


def names_of(table: TableLayout, free: Iterable[FreeHeading]) -> dict[str, None]:
    """Headings of a table, in the order in which they are declared."""
    names = [heading.name for heading in table.rows]
    for heading in table.rows:
        if heading.indent:
            names += [f"{heading.name}.level", f"{heading.name}.parent"]
    column_names = list(filter(None, table.columns))
    names += column_names or ["column"]
    if table.blocks:
        names.append(table.blocks.name)
    names += [heading.name for heading in table.next_to]
    names += table.set
    names += [heading.name for heading in free]
    if table.read:
        names += table.read.names
    for several in table.cells:
        for part in several.parts:
            names += [name for name in part if name != "bucket"]
    for rule in table.rules:
        names += rule.set
    names += GIVEN
    return dict.fromkeys(names)


def check_table(table: TableLayout, free: Iterable[FreeHeading], file: str) -> None:
    """Refuse rules and checks of a table that call a heading it does not have.

    Raises
    ------
    MappingError
        File, line of the rule or check, the heading, the nearest one.
    """
    known = names_of(table, free)
    _check_given(table, free, file)
    for rule in table.rules:
        called = _called_by_rule(rule)
        _check_known(called, known, file, rule.line, table.name)
    for check in table.checks:
        tree = check.tree
        called = [*check.total, *check.parts, *check.where]
        if tree:
            called.append(tree)
        _check_known(called, known, file, check.line, table.name)
        if tree and f"{tree}.parent" not in known:
            expected = f"indent: true in the rows heading {tree!r}, whose tree is to be checked"
            raise MappingError(f"{file}, line {check.line}: expected {expected}.")


def _check_given(table: TableLayout, free: Iterable[FreeHeading], file: str) -> None:
    """Refuse a heading under a name that every figure has already."""
    names = [heading.name for heading in table.rows]
    names += list(filter(None, table.columns))
    names += [heading.name for heading in free]
    if table.blocks:
        names.append(table.blocks.name)
    for name in names:
        if name in GIVEN:
            raise MappingError(
                f"{file}, line {table.line}: expected a name of its own for each heading, "
                f"found {name!r}, which every figure has already."
            )


def _called_by_rule(rule: TableRule) -> list[str]:
    """Headings that a rule calls."""
    called = list(rule.where)
    for basis in (rule.share, rule.change):
        if basis is not None:
            called += [*basis.of, *basis.base]
    return called


def check_dataset(
    dataset: DatasetMap, tables: Iterable[TableLayout], free: tuple[FreeHeading, ...], file: str
) -> None:
    """Refuse components and conditions that call a heading no table of the data set has."""
    known: dict[str, None] = {}
    for table in tables:
        if not dataset.tables or table.name in dataset.tables:
            known.update(names_of(table, free))
    called = list(dataset.where)
    for component in dataset.components:
        called += sources_of(component)
    _check_known(called, known, file, dataset.line, dataset.name)


def _check_known(
    called: Iterable[str], known: dict[str, None], file: str, line: int, owner: str
) -> None:
    """Refuse names that are none of the known headings."""
    for name in called:
        if name in known:
            continue
        expected = f"a heading of {owner!r} ({', '.join(known)})"
        met = with_nearest(name, known)
        raise MappingError(f"{file}, line {line}: expected {expected}, found {met}.")

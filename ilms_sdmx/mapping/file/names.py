"""Names of headings: every one that a rule, a check or a data set calls must exist in its table."""

from __future__ import annotations

from collections.abc import Iterable

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import DatasetMap
from ilms_sdmx.mapping.file.nodes import nearest
from ilms_sdmx.mapping.layout import GIVEN, FreeHeading, TableLayout, Where


def names_of(table: TableLayout, free: tuple[FreeHeading, ...]) -> dict[str, None]:
    """Headings of a table, in the order in which they are declared."""
    names = [h.name for h in table.rows]
    names += [f"{h.name}.{end}" for h in table.rows if h.indent for end in ("level", "parent")]
    names += [n for n in table.columns if n] or ["column"]
    names += [table.blocks.name] if table.blocks else []
    names += [b.name for b in table.beside]
    names += [*table.set, *(h.name for h in free)]
    names += [n for c in table.cells for part in c.parts for n in part if n != "bucket"]
    names += [n for rule in table.rules for n in rule.set]
    return dict.fromkeys([*names, *GIVEN])


def check_table(table: TableLayout, free: tuple[FreeHeading, ...], file: str) -> None:
    """Refuse rules and checks of a table that call a heading it does not have.

    Raises
    ------
    MappingError
        File, line of the rule or check, the heading, the nearest one.
    """
    known = names_of(table, free)
    own = (
        [h.name for h in table.rows] + [n for n in table.columns if n] + [h.name for h in free]
    )
    own += [table.blocks.name] if table.blocks else []
    if taken := next((n for n in own if n in GIVEN), None):
        raise MappingError(
            f"{file}, line {table.line}: expected a name of its own for each heading, found {taken!r}, which "
            "every figure has already."
        )
    for rule in table.rules:
        bases: list[Where] = [rule.where]
        bases += [rule.share.of, rule.share.base] if rule.share else []
        bases += [rule.change.of, rule.change.base] if rule.change else []
        _known([n for where in bases for n in where], known, file, rule.line, table.name)
    for check in table.checks:
        called = [
            *check.total,
            *check.parts,
            *check.where,
            *([check.tree] if check.tree else []),
        ]
        _known(called, known, file, check.line, table.name)
        if check.tree and f"{check.tree}.parent" not in known:
            raise MappingError(
                f"{file}, line {check.line}: expected indent: true in the rows heading {check.tree!r}, "
                "whose tree is to be checked."
            )


def check_dataset(
    dataset: DatasetMap, tables: Iterable[TableLayout], free: tuple[FreeHeading, ...], file: str
) -> None:
    """Refuse components and conditions of a data set that call a heading none of its tables has."""
    own = [t for t in tables if not dataset.tables or t.name in dataset.tables]
    known = dict.fromkeys(n for t in own for n in names_of(t, free))
    called = list(dataset.where)
    for component in dataset.components:
        sources = getattr(component, "sources", None) or (getattr(component, "source", None),)
        called += [s for s in sources if s]
    _known(called, known, file, dataset.line, dataset.name)


def _known(
    called: Iterable[str], known: dict[str, None], file: str, line: int, owner: str
) -> None:
    for name in called:
        if name not in known:
            raise MappingError(
                f"{file}, line {line}: expected a heading of {owner!r} ({', '.join(known)}), "
                f"found {name!r}{nearest(name, known)}."
            )

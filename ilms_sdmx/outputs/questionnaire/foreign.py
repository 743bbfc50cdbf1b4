"""A form for a dataflow of any data structure, as a registry's reporting template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod

import pandas as pd

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import StructureError
from ilms_sdmx.messages.csv.names import names_of_structure
from ilms_sdmx.outputs.questionnaire.forms import FormColumn, FormField, FormRow, FormTable
from ilms_sdmx.structures.reading.definition import Constraint, CubeRegion, Definition
from ilms_sdmx.structures.reading.identities import nearest
from ilms_sdmx.structures.reading.resolving import Resolver, Structure
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.constraints import allowed

#: Most codes of the dimension in the columns, and most rows of a form.
_MOST_COLUMNS, _MOST_ROWS = 12, 5_000
#: Longest name that a sheet may have.
_SHEET = 31
#: Names of components and of their codes; that of a component itself under the empty code.
Names = Mapping[str, Mapping[str, str]]


def foreign_table(
    dataflow: str, structure: Structure, fixed: Mapping[str, str], period: str
) -> FormTable:
    """One table for a dataflow of a structure message.

    Parameters
    ----------
    dataflow
        Its identifier, `AGENCY:ID(VERSION)`; empty where the message has one structure only.
    structure
        Structure message: a path, bytes or an object.
    fixed
        Code of each dimension that is the same for the whole table.
    period
        Period of all figures.

    Raises
    ------
    StructureError
        The message has no such dataflow; a code is none of its list; a dimension has no list
        and is not fixed; constraints allow no figure of the table, or it would have more than
        5,000 rows.

    Examples
    --------
    >>> from ilms_sdmx import foreign_table
    >>> from ilms_sdmx.structures.output import to_bytes
    >>> message = to_bytes(dataflow="EMP_MNAO_SEX_EDU_NB")
    >>> table = foreign_table("", message, {"REF_AREA": "LAO", "FREQ": "A"}, "2024")
    >>> table.sheet, [column.labels for column in table.columns][:2]
    ('DF_EMP_MNAO_SEX_EDU_NB', [('Total',), ('Male',)])
    """
    resolver = Resolver.of(structure)
    held = tuple(getattr(resolver.given, "dataflows", ()))
    if not dataflow and len(held) == 1:
        [dataflow] = held
    _refuse_unknown(dataflow, resolver)
    definition = resolver(dataflow, "")
    if definition is None:
        raise StructureError("the message has several structures: give --dataflow")
    names = names_of_structure(structure, _reference(dataflow, definition))
    codes = _codes(definition, fixed)
    stated = {name: its_codes[0] for name, its_codes in codes.items() if len(its_codes) == 1}
    if definition.time:
        stated[definition.time] = period
    across, down = _axes(codes)
    for name in (*across, *down):
        stated.pop(name, None)
    _refuse_many(down, codes)
    rows = tuple(_rows(down, codes, names))
    columns = tuple(_columns(across, codes, names))
    if definition.constraints:
        rows, columns = _within(definition, stated, rows, columns)
    identity = dataflow or definition.id
    return FormTable(
        _sheet_name(identity),
        identity,
        names.get("", {}).get("", "") or identity,
        "",
        stated,
        rows,
        columns,
        tuple(_fields(definition, names)),
        components=definition.components,
        structure=definition.id,
    )


def _refuse_unknown(dataflow: str, resolver: Resolver) -> None:
    """Refuse a dataflow that the message does not have, although it has one structure."""
    flows = getattr(resolver.given, "dataflows", {})
    held = [*flows, *getattr(resolver.given, "definitions", {})]
    if dataflow and held and not nearest(dataflow, held):
        known = ", ".join(flows)
        raise StructureError(f"expected a dataflow of the message, {known}; found {dataflow}")


def _reference(dataflow: str, definition: Definition) -> Dataset:
    """Data set that refers to a structure, to ask for its names."""
    return Dataset(pd.DataFrame(), Components(()), dataflow, definition.id)


def _codes(definition: Definition, fixed: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Codes of each dimension but time: all of its list, or the one that is fixed."""
    unknown = [name for name in fixed if name not in definition.dimensions]
    if unknown:
        expected = ", ".join(definition.dimensions)
        raise StructureError(f"{unknown[0]} is no dimension; expected one of {expected}")
    codes: dict[str, tuple[str, ...]] = {}
    for name in definition.dimensions:
        if name == definition.time:
            continue
        known = definition.fields[name].codes
        code = fixed.get(name, "")
        if known is not None and code and code not in known:
            raise StructureError(f"{code!r} is no code of {name}")
        if code:
            codes[name] = (code,)
        elif known:
            codes[name] = tuple(known)
        else:
            raise StructureError(f"{name} has no list of codes here: fix it, as {name}=CODE")
    return _constrained(definition, codes)


def _constrained(
    definition: Definition, codes: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Codes of each dimension that some key under all constraints can have."""
    left = {}
    stated = {name: its_codes for name, its_codes in codes.items() if len(its_codes) == 1}
    for name, its_codes in codes.items():
        keys = [{**_first(stated), name: code} for code in its_codes]
        kept = _allowed(definition, keys)
        left[name] = tuple(
            code for code, is_kept in zip(its_codes, kept, strict=True) if is_kept
        )
        if not left[name]:
            raise StructureError(f"the constraints of {definition.id} allow no {name}")
    return left


def _first(codes: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {name: its_codes[0] for name, its_codes in codes.items()}


def _allowed(definition: Definition, keys: list[dict[str, str]]) -> list[bool]:
    """Whether the constraints allow each of some keys; dimensions that all lack are free."""
    frame = pd.DataFrame(keys, dtype="str")
    named = frozenset(frame.columns)
    components = Components(tuple(frame.columns))
    coded = Coded(Dataset(frame, components), definition)
    is_kept = [True] * len(keys)
    for constraint in definition.constraints:
        certain = _certain(constraint, named)
        mask = coded.as_came(allowed(coded, definition, certain))
        is_kept = [kept and bool(one) for kept, one in zip(is_kept, mask, strict=True)]
    return is_kept


def _certain(constraint: Constraint, named: frozenset[str]) -> Constraint:
    """Constraint without what it leaves out by dimensions that are not known yet."""
    regions = tuple(region for region in constraint.regions if _is_certain(region, named))
    keys = tuple(key for key in constraint.keys if _is_certain(key, named))
    return Constraint(constraint.id, regions, keys)


def _is_certain(region: CubeRegion, named: frozenset[str]) -> bool:
    return region.include or named.issuperset(region.selections)


def _within(
    definition: Definition,
    fixed: Mapping[str, str],
    rows: Sequence[FormRow],
    columns: Sequence[FormColumn],
) -> tuple[tuple[FormRow, ...], tuple[FormColumn, ...]]:
    """Rows and columns in which the constraints allow a figure."""
    keys = []
    for row, column in product(rows, columns):
        keys.append({**fixed, **row.codes, **column.codes})
    is_kept = iter(_allowed(definition, keys))
    kept_rows: dict[int, FormRow] = {}
    kept_columns: dict[int, FormColumn] = {}
    for (number, row), (place, column) in product(enumerate(rows), enumerate(columns)):
        if next(is_kept):
            kept_rows[number] = row
            kept_columns[place] = column
    if not kept_rows:
        raise StructureError(f"the constraints of {definition.id} allow no figure of this form")
    ordered = sorted(kept_columns)
    return tuple(kept_rows.values()), tuple(kept_columns[place] for place in ordered)


def _axes(codes: Mapping[str, tuple[str, ...]]) -> tuple[list[str], list[str]]:
    """Dimension in the columns, the last that is short, and those in the rows.

    A form has at least one of each: where too few are free, one that is fixed is taken.
    """
    free = [name for name, its_codes in codes.items() if len(its_codes) > 1]
    fixed = [name for name in codes if name not in free]
    short = [name for name in free if len(codes[name]) <= _MOST_COLUMNS]
    across = short[-1:] or fixed[-1:]
    down = [name for name in free if name not in across]
    if not down:
        down = [name for name in fixed if name not in across][:1]
    return across, down


def _refuse_many(down: list[str], codes: Mapping[str, tuple[str, ...]]) -> None:
    count = prod(len(codes[name]) for name in down)
    if count > _MOST_ROWS:
        names = ", ".join(f"{name} ({len(codes[name]):,} codes)" for name in down)
        raise StructureError(
            f"the form would have {count:,} rows, of {names}: fix dimensions, at most"
            f" {_MOST_ROWS:,} rows are made"
        )


def _rows(
    down: list[str], codes: Mapping[str, tuple[str, ...]], names: Names
) -> Iterable[FormRow]:
    for combination in product(*(codes[name] for name in down)):
        of_row = dict(zip(down, combination, strict=True))
        labels = [_name(name, code, names) for name, code in of_row.items()]
        yield FormRow(of_row, ", ".join(labels) or "Figure")


def _columns(
    across: list[str], codes: Mapping[str, tuple[str, ...]], names: Names
) -> Iterable[FormColumn]:
    for combination in product(*(codes[name] for name in across)):
        of_column = dict(zip(across, combination, strict=True))
        labels = [_name(name, code, names) for name, code in of_column.items()]
        yield FormColumn(of_column, tuple(labels) or ("Figure",))


def _name(dimension: str, code: str, names: Names) -> str:
    return names.get(dimension, {}).get(code, "") or code


def _fields(definition: Definition, names: Names) -> Iterable[FormField]:
    """Attributes that are said of more than one figure."""
    measures = definition.components.measures
    for name, attachment in definition.components.attributes.items():
        if attachment != tuple(measures) and name not in definition.dimensions:
            label = _name(name, "", names) or name
            yield FormField(name, name, "", "", label, f"Attribute {name}.")


def _sheet_name(identity: str) -> str:
    bare = identity.partition(":")[2].partition("(")[0] or identity
    kept = [character for character in bare if character not in "[]:*?/\\'"]
    return "".join(kept)[:_SHEET]

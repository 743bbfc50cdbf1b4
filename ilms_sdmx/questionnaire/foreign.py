"""A form for a dataflow of any data structure, as a registry's reporting template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from math import prod

import pandas as pd

from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.errors import StructureError
from ilms_sdmx.messages.csv.names import names_of_structure
from ilms_sdmx.questionnaire.forms import FormColumn, FormField, FormRow, FormTable
from ilms_sdmx.structures.reading.definition import Definition
from ilms_sdmx.structures.reading.identities import nearest
from ilms_sdmx.structures.reading.resolving import Resolver, Structure

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
        and is not fixed; or the table would have more than 5,000 rows.

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
    identity = dataflow or definition.id
    return FormTable(
        _sheet_name(identity),
        identity,
        names.get("", {}).get("", "") or identity,
        "",
        stated,
        tuple(_rows(down, codes, names)),
        tuple(_columns(across, codes, names)),
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
            codes[name] = _constrained(definition, name, tuple(known))
        else:
            raise StructureError(f"{name} has no list of codes here: fix it, as {name}=CODE")
    return codes


def _constrained(definition: Definition, name: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Codes that every constraint of one cube region allows.

    What several regions, key sets or whole branches of a codelist say is left to `validate`:
    the form then asks more than may be reported, never less.
    """
    for constraint in definition.constraints:
        if len(constraint.regions) != 1:
            continue
        region = constraint.regions[0]
        selection = region.selections.get(name)
        if selection is None or not region.include:
            continue
        pairs = selection.values  # noqa: PD011 - no frame
        values = {value for value, cascade in pairs if not cascade}
        if len(values) == len(pairs):
            codes = tuple(code for code in codes if (code in values) is selection.include)
    return codes


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

"""Header row of SDMX-CSV: which version it is, how fields are separated, what each column holds."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ilms_sdmx.datasets import OBSERVATION, Components
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.batches import refuse_many

_FIRST = re.compile(
    r'(?P<quote>"?)(?P<name>DATAFLOW|STRUCTURE)(?:\[(?P<sub>[^\]]{1,32})\])?(?:: [^"\n,;\t|]*)?(?P=quote)'
)
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*(\.[A-Za-z][A-Za-z0-9_\-]*)*")
#: Columns that repeat what the key columns say.
KEYS = frozenset({"SERIES_KEY", "OBS_KEY", "SERIESKEY", "OBSKEY"})
#: Concepts that are attributes wherever they occur: ILOSTAT's and those of the SDMX cross-domain list.
_ATTRIBUTES = re.compile(
    r"OBS_.+|CONF_.+|UNIT|UNIT_.+|SOURCE.*|NOTE.*|COMMENT.*|TITLE.*|DECIMALS|(UPPER|LOWER)_BOUND|TIME_FORMAT|"
    r"COLLECTION.*|BASE_PER|EMBARGO.*|BREAKS?|COMPILATION|ATTR.*"
)


@dataclass(frozen=True)
class Column:
    """Column of the file that holds a component: where it stands and how its fields are written.

    `many` is `ATTR[]`, `languages` is `ATTR[en;fr]`, `labelled` is `id: name` in every field.
    """

    position: int
    id: str
    many: bool = False
    languages: bool = False
    labelled: bool = False

    @property
    def composite(self) -> bool:
        """Whether its fields have sub-fields."""
        return self.many or self.languages

    @property
    def nested(self) -> bool:
        """Whether it is a metadata attribute under another: `CONTACT[].NAME[]`."""
        return "." in self.id


@dataclass(frozen=True)
class Layout:
    """What the header row says.

    Parameters
    ----------
    version
        `1.0` or `2` (2.0 and 2.1 differ in the actions of the rows only).
    separator, sub_separator
        Between fields, and between the sub-fields of a composite value.
    width, named
        Number of fields that every record must have, and how many of them the header row names: the rows may
        end in separators with nothing behind them.
    columns
        Those that hold components or custom content, in file order.
    kind, identifier, action
        Positions of STRUCTURE, STRUCTURE_ID (or DATAFLOW) and ACTION; -1 where there is none.
    quoted
        Whether the header row quotes every field: such a writer quotes absent values too.
    """

    version: str
    separator: str
    sub_separator: str
    width: int
    named: int
    columns: tuple[Column, ...]
    kind: int
    identifier: int
    action: int
    quoted: bool


def parse(head: str, name: str) -> Layout:
    """Layout of the file that starts with `head`.

    Raises
    ------
    MessageError
        The first column is not DATAFLOW or STRUCTURE, STRUCTURE_ID is missing, or a column occurs twice.
    """
    first = _FIRST.match(head)
    if first is None:
        raise MessageError(
            f"{name}: line 1: expected DATAFLOW or STRUCTURE as first column, found {head[:40]!r}"
        )
    separator = _separator(head[first.end() : first.end() + 1], name)
    fields, second = _records(head, separator, name)
    refuse_many(len(fields))
    version = "1.0" if first["name"] == "DATAFLOW" else "2"
    fixed = _fixed(fields, version, name)
    columns = _columns(fields, fixed, version)
    _refuse_repeated(columns, name)
    return Layout(
        version,
        separator,
        (first["sub"] or ";")[0],
        len(fields) if any(second[len(fields) :]) else max(len(fields), len(second)),
        len(fields),
        tuple(columns),
        -1 if version == "1.0" else 0,
        fixed["DATAFLOW" if version == "1.0" else "STRUCTURE_ID"],
        fixed.get("ACTION", -1),
        bool(first["quote"]) and head.count('"', 0, head.find("\n")) >= 2 * len(fields),
    )


def _separator(character: str, name: str) -> str:
    if character in ("", "\n", "\r"):
        return ","
    if not character.isascii() or character.isalnum() or character in '" ':
        raise MessageError(
            f"{name}: line 1: expected a separator after the first column, found {character!r}"
        )
    return character


def _records(head: str, separator: str, name: str) -> tuple[list[str], list[str]]:
    """Header row and the record after it, as far as `head` reaches."""
    records = csv.reader(io.StringIO(head, newline=""), delimiter=separator, strict=True)
    try:
        fields = next(records)
    except (csv.Error, StopIteration) as error:
        raise MessageError(f"{name}: line 1: the header row cannot be read: {error}") from None
    try:
        return fields, next(records, [])
    except csv.Error:
        return fields, []


def _fixed(fields: Sequence[str], version: str, name: str) -> dict[str, int]:
    """Columns that say what the row is about: id to position."""
    if version == "1.0":
        return {"DATAFLOW": 0}
    names = ("STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", *KEYS)
    found = {"STRUCTURE": 0}
    for position, field in enumerate(fields[1:], 1):
        plain = field.partition(": ")[0]
        if plain in names:
            if plain in found:
                raise MessageError(f"{name}: line 1: column {plain} occurs twice")
            found[plain] = position
    if "STRUCTURE_ID" not in found:
        raise MessageError(f"{name}: line 1: expected the column STRUCTURE_ID after STRUCTURE")
    return found


def _columns(fields: Sequence[str], fixed: dict[str, int], version: str) -> list[Column]:
    """Component columns; with `labels=name` each is followed by one of names, which is left out."""
    taken = set(fixed.values())
    rest = [p for p in range(len(fields)) if p not in taken and fields[p] not in KEYS]
    if "STRUCTURE_NAME" in fixed:
        rest = rest[: len(rest) // 2 * 2 : 2] + rest[len(rest) // 2 * 2 :]
    return [_column(p, fields[p], version) for p in rest]


def _column(position: int, field: str, version: str) -> Column:
    plain, labelled, _ = field.partition(": ")
    if version == "1.0" or not plain.endswith("]"):
        return Column(position, plain, labelled=bool(labelled))
    languages = re.search(r"\[([^\]]*)\]$", plain)
    spoken = bool(languages and languages[1])
    return Column(
        position, re.sub(r"\[[^\]]*\]", "", plain), not spoken, spoken, bool(labelled)
    )


def _refuse_repeated(columns: Sequence[Column], name: str) -> None:
    seen: set[str] = set()
    for column in columns:
        if column.id in seen or not column.id:
            raise MessageError(
                f"{name}: line 1: column {column.position + 1} ({column.id!r}) is empty or repeated"
            )
        seen.add(column.id)


def roles(layout: Layout) -> Components:
    """Roles of the columns as their order tells: dimensions, measures, attributes.

    The order is the one that services must use. Where measures come first, a column counts as a dimension
    unless its id or its several values say that it is an attribute: then at least no key is torn apart.
    """
    ids = [c.id for c in layout.columns]
    measures = [i for i in ids if i.startswith("OBS_VALUE")] or [
        i for i in ids if i.startswith("MEAS_")
    ]
    last = _last_dimension(ids, measures)
    plain = [
        c.id
        for c in layout.columns
        if not c.composite and _ID.fullmatch(c.id) and c.id not in measures
    ]
    if last is None:
        dimensions = [i for i in plain if not _ATTRIBUTES.fullmatch(i)]
    else:
        dimensions = [i for i in plain if ids.index(i) <= last]
    attributes = [i for i in ids if i not in dimensions and i not in measures]
    composite = frozenset(c.id for c in layout.columns if c.composite)
    return Components(
        tuple(dimensions),
        tuple(measures) or ("OBS_VALUE",),
        dict.fromkeys(attributes, OBSERVATION),
        composite=composite,
    )


def _last_dimension(ids: Sequence[str], measures: Sequence[str]) -> int | None:
    """Position of the last column before the measures, or of the time period; None if neither tells."""
    if measures and ids[0] != measures[0]:
        return ids.index(measures[0]) - 1
    return ids.index("TIME_PERIOD") if not measures and "TIME_PERIOD" in ids else None


def against(layout: Layout, components: Components) -> tuple[Components, list[str]]:
    """Components of a structure with what the file has beyond them, and the ids of these."""
    known = set(components.columns)
    extra = [c.id for c in layout.columns if c.id not in known]
    attributes = {**components.attributes, **dict.fromkeys(extra, OBSERVATION)}
    composite = components.composite | {c.id for c in layout.columns if c.composite}
    return replace(components, attributes=attributes, composite=composite), extra

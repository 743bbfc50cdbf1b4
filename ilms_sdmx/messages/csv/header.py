"""Header row of SDMX-CSV: its version, how fields are separated, what each column holds."""

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
    r'(?P<quote>"?)(?P<name>DATAFLOW|STRUCTURE)(?:\[(?P<sub>[^\]]{1,32})\])?'
    r'(?:: [^"\n,;\t|]*)?(?P=quote)'
)
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_\-]*(\.[A-Za-z][A-Za-z0-9_\-]*)*")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?|NaN")
#: A word as it begins a name; ids are in capitals, or in small letters throughout.
_CAPITALISED = re.compile(r"[A-Z][a-z]+")
#: Columns that repeat what the key columns say.
KEYS = frozenset({"SERIES_KEY", "OBS_KEY", "SERIESKEY", "OBSKEY"})
#: Concepts that are attributes wherever they occur: ILOSTAT's and SDMX's cross-domain concepts.
_ATTRIBUTES = re.compile(
    r"OBS_.+|CONF_.+|UNIT|UNIT_.+|SOURCE.*|NOTE.*|COMMENT.*|TITLE.*|DECIMALS"
    r"|(UPPER|LOWER)_BOUND|TIME_FORMAT|COLLECTION.*|BASE_PER|EMBARGO.*|BREAKS?|COMPILATION"
    r"|ATTR.*"
)


@dataclass(frozen=True)
class FileColumn:
    """Column of the file that holds a component.

    Parameters
    ----------
    position
        Place in the rows, from 0.
    id
        Component.
    many, languages
        Whether its fields have several values (`ATTR[]`), and texts by language
        (`ATTR[en;fr]`).
    labelled
        Whether every field is `id: name`.
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
class FileLayout:
    """What the header row says.

    Parameters
    ----------
    version
        `1.0` or `2` (2.0 and 2.1 differ in the actions of the rows only).
    separator, sub_separator
        Between fields, and between the sub-fields of a composite value.
    width, named
        Number of fields that every record must have, and how many of them the header row names:
        the rows may end in separators with nothing behind them.
    columns
        Those that hold components or custom content, in file order.
    kind, identifier, action
        Positions of STRUCTURE, STRUCTURE_ID (or DATAFLOW) and ACTION; -1 where there is none.
    quoted
        Whether the header row quotes every field: such a writer quotes absent values too.
    first
        Fields of the first record, as far as it can be seen.
    """

    version: str
    separator: str
    sub_separator: str
    width: int
    named: int
    columns: tuple[FileColumn, ...]
    kind: int
    identifier: int
    action: int
    quoted: bool
    first: tuple[str, ...] = ()

    @property
    def composite(self) -> frozenset[str]:
        """Ids of the components whose fields have sub-fields."""
        return frozenset(column.id for column in self.columns if column.composite)


def parse(head: str, name: str) -> FileLayout:
    """Layout of the file that starts with `head`.

    Raises
    ------
    MessageError
        The first column is not DATAFLOW or STRUCTURE, STRUCTURE_ID is missing, or a column
        occurs twice.
    """
    first = _FIRST.match(head)
    if first is None:
        expected = "expected DATAFLOW or STRUCTURE as first column"
        raise MessageError(f"{name}: line 1: {expected}, found {head[:40]!r}")
    separator = _separator(head[first.end() : first.end() + 1], name)
    fields, second = _records(head, separator, name)
    refuse_many(len(fields))
    version = "1.0" if first["name"] == "DATAFLOW" else "2"
    positions = _fixed(fields, version, name)
    columns = _columns(fields, positions, version)
    _refuse_repeated(columns, name)
    sub_separator = first["sub"] or ";"
    return FileLayout(
        version,
        separator,
        sub_separator[0],
        _width(fields, second),
        len(fields),
        tuple(columns),
        positions.get("STRUCTURE", -1),
        positions["DATAFLOW" if version == "1.0" else "STRUCTURE_ID"],
        positions.get("ACTION", -1),
        bool(first["quote"]) and _all_quoted(head, len(fields)),
        tuple(second),
    )


def _width(fields: Sequence[str], second: Sequence[str]) -> int:
    """Number of fields of a record: more than the header names if they end in separators."""
    surplus = second[len(fields) :]
    if any(surplus):
        return len(fields)
    return len(fields) + len(surplus)


def _all_quoted(head: str, count: int) -> bool:
    """Whether the header row has quotes for so many fields."""
    end = head.find("\n")
    return head.count('"', 0, end) >= 2 * count


def _separator(character: str, name: str) -> str:
    """Separator that comes after the first column; a comma where there is no second one."""
    if character in ("", "\n", "\r"):
        return ","
    is_control = character < " " and character != "\t"
    if not character.isascii() or character.isalnum() or is_control or character in '" ':
        expected = "expected a separator after the first column"
        raise MessageError(f"{name}: line 1: {expected}, found {character!r}")
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
    positions = {"STRUCTURE": 0}
    for position, field in enumerate(fields[1:], 1):
        plain = field.partition(": ")[0]
        if plain not in names:
            continue
        if plain in positions:
            raise MessageError(f"{name}: line 1: column {plain} occurs twice")
        positions[plain] = position
    if "STRUCTURE_ID" not in positions:
        raise MessageError(f"{name}: line 1: expected the column STRUCTURE_ID after STRUCTURE")
    return positions


def _columns(fields: Sequence[str], fixed: dict[str, int], version: str) -> list[FileColumn]:
    """Component columns; those of names, with `labels=name` behind each, are left out."""
    taken = set(fixed.values())
    columns = []
    for position, field in enumerate(fields):
        if position not in taken and field not in KEYS:
            columns.append(_column(position, field, version))
    return columns if "STRUCTURE_NAME" not in fixed else _without_names(columns)


def _without_names(columns: Sequence[FileColumn]) -> list[FileColumn]:
    """Columns without those of names, each of which is directly behind its component.

    Where some components have no name column the place says nothing: the heading does.
    """
    components: list[FileColumn] = []
    is_name = True
    for column in columns:
        before = components[-1].id if components else ""
        is_name = not is_name and (column.id == before or _is_words(column.id))
        if not is_name:
            components.append(column)
    return components


def _is_words(heading: str) -> bool:
    """Whether a heading is a name in words, such as `Status` or `Reference area`, and no id."""
    return not _ID.fullmatch(heading) or bool(_CAPITALISED.fullmatch(heading))


def _column(position: int, field: str, version: str) -> FileColumn:
    """Column of a field of the header row."""
    plain, colon, _ = field.partition(": ")
    labelled = bool(colon)
    if version == "1.0" or not plain.endswith("]"):
        return FileColumn(position, plain, labelled=labelled)
    languages = re.search(r"\[([^\]]*)\]$", plain)
    has_languages = bool(languages and languages[1])
    name = re.sub(r"\[[^\]]*\]", "", plain)
    return FileColumn(position, name, not has_languages, has_languages, labelled)


def _refuse_repeated(columns: Sequence[FileColumn], name: str) -> None:
    """Refuse a column without a name, or with that of another one."""
    names: set[str] = set()
    for column in columns:
        if not column.id or column.id in names:
            number = column.position + 1
            raise MessageError(
                f"{name}: line 1: column {number} ({column.id!r}) is empty or repeated"
            )
        names.add(column.id)


def roles(layout: FileLayout) -> Components:
    """Roles of the columns as their order tells: dimensions, measures, attributes.

    The order is the one that services must use. Where measures come first, a column counts as a
    dimension unless its id or its several values say that it is an attribute: then at least no
    key is cut in two.
    """
    ids = [column.id for column in layout.columns]
    measures = _measures(ids) or _measures_behind_time(layout)
    last = _last_dimension(ids, measures)
    composite = layout.composite
    dimensions = []
    attributes = []
    for place, name in enumerate(ids):
        if name in measures:
            continue
        before = place <= last if last is not None else not _ATTRIBUTES.fullmatch(name)
        if before and name not in composite and _ID.fullmatch(name):
            dimensions.append(name)
        else:
            attributes.append(name)
    return Components(
        tuple(dimensions),
        tuple(measures) or ("OBS_VALUE",),
        dict.fromkeys(attributes, OBSERVATION),
        composite=composite,
    )


def _measures(ids: Sequence[str]) -> list[str]:
    """Ids of measures by how they begin."""
    for start in ("OBS_VALUE", "MEAS_"):
        measures = [name for name in ids if name.startswith(start)]
        if measures:
            return measures
    return []


def _measures_behind_time(layout: FileLayout) -> list[str]:
    """Measures of any name, as SDMX 3.0 allows: columns of numbers next to the time period."""
    ids = [column.id for column in layout.columns]
    if layout.version == "1.0" or "TIME_PERIOD" not in ids:
        return []
    measures = []
    for column in layout.columns[ids.index("TIME_PERIOD") + 1 :]:
        field = layout.first[column.position : column.position + 1]
        is_number = bool(field) and bool(_NUMBER.fullmatch(field[0]))
        if column.composite or not is_number or _ATTRIBUTES.fullmatch(column.id):
            break
        measures.append(column.id)
    return measures


def _last_dimension(ids: Sequence[str], measures: Sequence[str]) -> int | None:
    """Position of the last column before the measures, or of the time period.

    None if neither tells.
    """
    if measures:
        first = ids.index(measures[0])
        return first - 1 if first else None
    return ids.index("TIME_PERIOD") if "TIME_PERIOD" in ids else None


def with_extra(layout: FileLayout, components: Components, extra: Sequence[str]) -> Components:
    """Components of a structure with further columns of the file."""
    attributes = {**components.attributes, **dict.fromkeys(extra, OBSERVATION)}
    composite = components.composite | layout.composite
    return replace(components, attributes=attributes, composite=composite)

"""Attributes of series, groups and data sets that no observation carries, kept by vintage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from ilms_sdmx.database.manifest import Manifest, Vintage
from ilms_sdmx.errors import DatabaseError

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.database.tables import Part

#: Attributes of each partial key: dataflow, dimensions and codes to attribute and value.
Attached: TypeAlias = "dict[tuple[str, tuple[str, ...], tuple[str, ...]], dict[str, str]]"


def attached_of(parts: Iterable[Part], before: Attached, *, is_whole: bool) -> Attached:
    """Attributes that hold after an addition.

    Parameters
    ----------
    parts
        What is added; data sets to be deleted take attributes away.
    before
        Attributes that the name had.
    is_whole
        Whether those that are not handed in go.
    """
    after: Attached = {}
    if not is_whole:
        after.update(before)
    for part in parts:
        is_deleted = part.dataset.action == "Delete"
        for key, values in _handed(part):
            if is_deleted:
                held = after.get(key, before.get(key, {}))
                after[key] = _without(held, values)
            else:
                held = after.get(key, {})
                after[key] = held | values
    return {key: values for key, values in after.items() if values}


def _handed(part: Part) -> Iterator[tuple[Any, dict[str, str]]]:
    """Partial keys of a data set and their attributes."""
    dataflow = part.dataset.dataflow
    for dimensions, frame in part.dataset.attached.items():
        attributes = [name for name in frame.columns if name not in dimensions]
        present = frame.notna()
        rows = frame.astype("str").to_dict("records")
        for number, row in enumerate(rows):
            codes = tuple(row[name] for name in dimensions)
            values = {}
            for name in attributes:
                if present[name].iloc[number]:
                    values[str(name)] = str(row[name])
            yield (dataflow, tuple(dimensions), codes), values


def _without(held: Mapping[str, str], gone: Mapping[str, str]) -> dict[str, str]:
    """Attributes that are left; all go where a deletion names none."""
    if not gone:
        return {}
    return {name: value for name, value in held.items() if name not in gone}


def attached_content(attached: Attached) -> bytes:
    """Bytes of attributes, the same for the same; empty for none."""
    if not attached:
        return b""
    rows = []
    for (dataflow, dimensions, codes), values in sorted(attached.items()):
        key = dict(zip(dimensions, codes, strict=True))
        in_order = dict(sorted(values.items()))
        rows.append({"dataflow": dataflow, "key": key, "attributes": in_order})
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n"


def attached_path(name: str, content: bytes) -> str:
    """Path of the attributes of a name; empty for none."""
    if not content:
        return ""
    digest = hashlib.sha256(content).hexdigest()
    return f"attached/{name}-{digest[:16]}.json"


def read_attached(folder: Path, vintage: Vintage | None) -> Attached:
    """Attributes that a vintage has.

    Raises
    ------
    DatabaseError
        Their file is missing or damaged.
    """
    if vintage is None or not vintage.attached:
        return {}
    path = folder / vintage.attached
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatabaseError(f"{path} cannot be read: {error.strerror or error}") from error
    if attached_path(vintage.name, content) != vintage.attached:
        raise DatabaseError(f"{path} is damaged: its hash is not that of its name")
    attached: Attached = {}
    for row in orjson.loads(content):
        key = row["key"]
        attached[row["dataflow"], tuple(key), tuple(key.values())] = row["attributes"]
    return attached


def frames_of(
    folder: Path,
    manifest: Manifest,
    names: Sequence[str],
    dataflow: str,
    number: int,
    wanted: Mapping[str, Sequence[str]],
) -> dict[tuple[str, ...], pd.DataFrame]:
    """Attributes of a dataflow at a vintage, by dimensions of their key.

    Parameters
    ----------
    names
        Names whose attributes are asked; the one that was added last counts.
    wanted
        Codes by dimension that are asked; a key without the dimension is taken.
    """
    import pandas as pd

    vintages = []
    for name in names:
        vintages.append(manifest.last_of(name, number))
    in_time = sorted(filter(None, vintages), key=lambda vintage: vintage.number)
    rows: dict[tuple[str, ...], dict[tuple[str, ...], dict[str, str]]] = {}
    for vintage in in_time:
        for (flow, dimensions, codes), values in read_attached(folder, vintage).items():
            key = dict(zip(dimensions, codes, strict=True))
            is_asked = flow == dataflow and _is_wanted(key, wanted)
            if is_asked:
                rows.setdefault(dimensions, {})[codes] = {**key, **values}
    frames = {}
    for dimensions, by_codes in rows.items():
        frames[dimensions] = pd.DataFrame(list(by_codes.values()), dtype="string")
    return frames


def _is_wanted(key: Mapping[str, str], wanted: Mapping[str, Sequence[str]]) -> bool:
    for name, codes in wanted.items():
        if name in key and codes and key[name] not in codes:
            return False
    return True

"""Local store of fetched figures: Parquet that anything reads, changes between runs, nothing half written."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from ilms_sdmx.changes import Changes, compare_frames
from ilms_sdmx.downloads.cache import write_whole
from ilms_sdmx.errors import ResponseError
from ilms_sdmx.records import RECORD_COLUMNS, Harmonised

if TYPE_CHECKING:
    import pandas as pd

_NOTHING = "none"
_CHANGE = re.compile(r"(\d{6})-(\w+)-(\w+)\.parquet")
#: Of records: differs at every fetch of the same bytes, so it stands in the log.
_FLEETING = frozenset({"retrieved"})


@dataclass(frozen=True)
class Change:
    """How many keys of one table were added, changed and removed by a run."""

    table: str
    observations: int
    added: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def any(self) -> bool:
        """Whether anything was."""
        return bool(self.added or self.changed or self.removed)


class Store:
    """Folder of tables.

    ::

        <store>/<item>/<table>.parquet                          what holds now
        <store>/<item>/rest/<table>.parquet                     figures without counterpart
        <store>/<item>/changes/<table>/000001-<old>-<new>.parquet   what each run changed, by key

    A change is written before the table that it leads to, and carries the hashes of both states: where a
    process was killed between the two, the next one recognises the change as not made and drops it. Replaying
    the changes in order gives the table.

    Parameters
    ----------
    folder
        Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def locked(self, item: str) -> Iterator[Path]:
        """Folder of an item, for one process at a time; others wait."""
        folder = self.folder / item
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / f".{item}.lock"):
            for stale in folder.rglob(".*"):
                stale.unlink(missing_ok=True)
            yield folder

    def keep(self, item: str, got: Harmonised) -> list[Change]:
        """Bring an item to what was fetched; nothing is written where nothing differs.

        Returns
        -------
        list of Change
            One for each table, those that are no longer fetched included: their keys are removed.
        """
        with self.locked(item) as folder:
            known = {path.stem for path in folder.glob("*.parquet")}
            changes = []
            names = set()
            for part in got.parts:
                name = _name(part)
                names.add(name)
                changes.append(self._keep(folder, name, _stored(part), _keys(part)))
            for name in sorted(known - names):
                path = folder / f"{name}.parquet"
                nothing = read(path).iloc[:0]
                changes.append(self._keep(folder, name, nothing, keys_of(path)))
            rest = _parquet(got.rest.astype("str"), [])
            _replace(folder / "rest" / f"{_name(got)}.parquet", rest)
            return changes

    def _keep(self, folder: Path, name: str, new: pd.DataFrame, keys: list[str]) -> Change:
        path = folder / f"{name}.parquet"
        before = path.read_bytes() if path.exists() else b""
        history = folder / "changes" / name
        number = self._settled(history, _hash(before))
        after = _parquet(new, keys)
        old = read(path) if before else new.iloc[:0]
        difference = Changes(compare_frames(old, new, keys, RECORD_COLUMNS))
        if before == after:
            return Change(name, len(new))
        if len(difference) or not before:
            target = history / f"{number + 1:06d}-{_hash(before)}-{_hash(after)}.parquet"
            write_whole(target, _parquet(difference.frame, keys))
        write_whole(path, after)
        return Change(name, len(new), **difference.counts)

    def _settled(self, history: Path, state: str) -> int:
        """Find the number of the last change that was made; one that was only begun is dropped."""
        numbers = [0]
        for path in sorted(history.glob("*.parquet")):
            match = _CHANGE.fullmatch(path.name)
            if match is None:
                raise ResponseError(
                    f"{path.name} is not a change that this program wrote", str(path)
                )
            if match[2] == state and path == max(history.glob("*.parquet")):
                path.unlink()
            else:
                numbers.append(int(match[1]))
        return max(numbers)

    def changes(self, item: str, table: str) -> list[pd.DataFrame]:
        """Read the changes of a table, one frame a run that changed it, oldest first.

        Columns: the dimensions, `change` (`added`, `changed`, `removed`), and every other component of the
        observation as it was (`before_OBS_VALUE`) and as it became (`after_OBS_VALUE`).
        """
        return [
            read(path)
            for path in sorted((self.folder / item / "changes" / table).glob("*.parquet"))
        ]

    def table(self, item: str, table: str) -> pd.DataFrame:
        """Observations and records of a table as they are now."""
        return read(self.folder / item / f"{table}.parquet")


def _name(part: Harmonised) -> str:
    match = re.search(r"DF_(\w+)", part.dataset.dataflow)
    return match[1] if match else "observations"


def _keys(part: Harmonised) -> list[str]:
    return list(part.dataset.components.dimensions)


def _stored(part: Harmonised) -> pd.DataFrame:
    """Observations and records as text in the order of their key."""
    kept = [c for c in part.records.columns if c not in _FLEETING]
    table = part.dataset.observations.join(part.records[kept]).astype("str")
    return table.sort_values(_keys(part), kind="stable", ignore_index=True)


def _parquet(table: pd.DataFrame, keys: list[str]) -> bytes:
    """Bytes of a table: the same for the same rows, whenever and wherever written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [pa.field(str(name), pa.string()) for name in table.columns]
    schema = pa.schema(fields, metadata={"keys": json.dumps(keys)})
    arrays = [
        pa.array(table[name].astype("str"), type=pa.string(), from_pandas=True)
        for name in table.columns
    ]
    file = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), file, compression="zstd")
    return file.getvalue()


def read(path: Path) -> pd.DataFrame:
    """Table of a Parquet file, all text."""
    import pyarrow.parquet as pq

    frame: pd.DataFrame = pq.ParquetFile(path).read().to_pandas()
    return frame.astype("str")


def keys_of(path: Path) -> list[str]:
    """Dimensions that a table of the store is identified by."""
    import pyarrow.parquet as pq

    metadata = pq.ParquetFile(path).schema_arrow.metadata or {}
    found: list[str] = json.loads(metadata.get(b"keys", b"[]"))
    return found


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12] if content else _NOTHING


def _replace(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        write_whole(path, content)


def append_line(path: Path, line: str) -> None:
    """Append a line; a line that a killed process left unfinished is closed first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            line = line if file.read(1) == b"\n" else f"\n{line}"
        file.write(f"{line}\n".encode())

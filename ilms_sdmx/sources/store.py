"""Local store of fetched figures: Parquet that anything reads, with changes by run."""

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

from ilms_sdmx._files import write_whole
from ilms_sdmx.changes import Changes, compare_frames
from ilms_sdmx.errors import IlmsError, ResponseError, TableError
from ilms_sdmx.records import RECORD_COLUMNS, Harmonised

if TYPE_CHECKING:
    import pandas as pd

_NOTHING = "none"
#: Share of the keys of a table that may go without being accepted.
_MOST_REMOVED = 0.1
#: What a person does where much is gone.
_ADVICE = "nothing was changed; if this is right, run sync with --accept-removals"
_CHANGE = re.compile(r"(\d{6})-(\w+)-(\w+)\.parquet")
#: Of records: differs at every fetch of the same bytes, so it stands in the log.
_FLEETING = frozenset({"retrieved"})


class RemovalError(IlmsError):
    """A large part of a stored table would be removed, which nobody has accepted."""

    exit_code = 4


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
        <store>/<item>/changes/<table>/000001-<old>-<new>.parquet   what each run changed, by
        key

    A change is written before the table that it leads to, and carries the hashes of both
    states: where a process was killed between the two, the next one recognises the change as
    not made and drops it. Replaying the changes in order gives the table.

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

    def keep(
        self, item: str, got: Harmonised, *, accept_removals: bool = False
    ) -> list[Change]:
        """Bring an item to what was fetched; nothing is written where nothing differs.

        Parameters
        ----------
        accept_removals
            Whether a large part of a table may go: more than 10 % of its keys, or all figures
            of an area or of a series.

        Returns
        -------
        list of Change
            One for each table, those that are no longer fetched included: their keys are
            removed.

        Raises
        ------
        RemovalError
            A large part of a table would go; every table stays as it is.
        """
        with self.locked(item) as folder:
            known = {path.stem for path in folder.glob("*.parquet")}
            tables = {_name(part): (_stored(part), _keys(part)) for part in got.parts}
            for name in sorted(known - set(tables)):
                path = folder / f"{name}.parquet"
                tables[name] = read(path).iloc[:0], keys_of(path)
            if not accept_removals:
                for name in sorted(known):
                    refuse_removals(read(folder / f"{name}.parquet"), *tables[name], name)
            changes = []
            for name, (table, keys) in tables.items():
                changes.append(self._keep(folder, name, table, keys))
            rest = _parquet(got.rest.astype("str"), [])
            _replace(folder / "rest" / f"{_name(got)}.parquet", rest)
            return changes

    def _keep(self, folder: Path, name: str, new: pd.DataFrame, keys: list[str]) -> Change:
        """Bring one table to what was fetched, and keep what changed."""
        path = folder / f"{name}.parquet"
        before = path.read_bytes() if path.exists() else b""
        hash_before = _hash(before)
        history = folder / "changes" / name
        number = self._settled(history, hash_before)
        after = _parquet(new, keys)
        old = read(path) if before else new.iloc[:0]
        compared = compare_frames(old, new, keys, RECORD_COLUMNS)
        difference = Changes(compared)
        count = len(new)
        if before == after:
            return Change(name, count)
        if len(difference) or not before:
            following = number + 1
            target = history / f"{following:06d}-{hash_before}-{_hash(after)}.parquet"
            content = _parquet(difference.frame, keys)
            write_whole(target, content)
        write_whole(path, after)
        return Change(name, count, **difference.counts)

    def _settled(self, history: Path, state: str) -> int:
        """Find the number of the last change that was made.

        One that was only begun is dropped.
        """
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

        Columns: the dimensions, `change` (`added`, `changed`, `removed`), and every other
        component of the observation as it was (`before_OBS_VALUE`) and as it became
        (`after_OBS_VALUE`).
        """
        history = self.folder / item / "changes" / table
        files = sorted(history.glob("*.parquet"))
        return list(map(read, files))

    def table(self, item: str, table: str) -> pd.DataFrame:
        """Observations and records of a table as they are now."""
        return read(self.folder / item / f"{table}.parquet")


def refuse_removals(old: pd.DataFrame, new: pd.DataFrame, keys: list[str], table: str) -> None:
    """Refuse new figures without a large part of the old: an answer may be cut short.

    Raises
    ------
    RemovalError
        More than 10 % of the keys are gone, or all figures of an area or of a series.
    """
    old_keys = old[keys].agg("\t".join, axis=1)
    new_keys = new[keys].agg("\t".join, axis=1) if len(new) else old_keys.iloc[:0]
    is_gone = ~old_keys.isin(set(new_keys))
    count = int(is_gone.sum())
    if not count:
        return
    if count > _MOST_REMOVED * len(old):
        share = f"{count:,} of {len(old):,} keys of {table} are gone"
        raise RemovalError(f"{share}: {_ADVICE}")
    series = [key for key in keys if key != "TIME_PERIOD"]
    gone = old[is_gone]
    left = old[~is_gone]
    if "REF_AREA" in keys:
        _refuse_lost_groups(gone, left, ["REF_AREA"], "area", table)
    _refuse_lost_groups(gone, left, series, "series", table)


def _refuse_lost_groups(
    gone: pd.DataFrame, left: pd.DataFrame, columns: list[str], kind: str, table: str
) -> None:
    """Refuse that all figures of a group go: that nothing is left with its codes."""
    groups_left = set(left[columns].itertuples(index=False, name=None))
    for group in gone[columns].itertuples(index=False, name=None):
        if group in groups_left:
            continue
        codes = ".".join(map(str, group))
        raise RemovalError(f"the whole {kind} {codes} of {table} is gone: {_ADVICE}")


def _name(part: Harmonised) -> str:
    match = re.search(r"DF_(\w+)", part.dataset.dataflow)
    return match[1] if match else "observations"


def _keys(part: Harmonised) -> list[str]:
    return list(part.dataset.components.dimensions)


def _stored(part: Harmonised) -> pd.DataFrame:
    """Observations and records as text in the order of their key."""
    records = part.records
    kept = [name for name in records.columns if name not in _FLEETING]
    joined = part.dataset.observations.join(records[kept])
    table = joined.astype("str")
    return table.sort_values(_keys(part), kind="stable", ignore_index=True)


def _parquet(table: pd.DataFrame, keys: list[str]) -> bytes:
    """Bytes of a table: the same for the same rows, whenever and wherever written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = []
    arrays = []
    for name in table.columns:
        texts = table[name].astype("str")
        fields.append(pa.field(str(name), pa.string()))
        arrays.append(pa.array(texts, type=pa.string(), from_pandas=True))
    schema = pa.schema(fields, metadata={"keys": json.dumps(keys)})
    whole = pa.Table.from_arrays(arrays, schema=schema)
    file = io.BytesIO()
    pq.write_table(whole, file, compression="zstd")
    return file.getvalue()


def read(path: Path) -> pd.DataFrame:
    """Table of a Parquet file, all text.

    Raises
    ------
    TableError
        The file is no Parquet, or is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            frame: pd.DataFrame = file.read().to_pandas()
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as error:
        step = "move it elsewhere, and the next run makes it anew"
        raise TableError(f"{path} is no table of the store ({error}): {step}") from error
    return frame.astype("str")


def keys_of(path: Path) -> list[str]:
    """Dimensions that a table of the store is identified by."""
    import pyarrow.parquet as pq

    metadata = pq.read_schema(path).metadata or {}
    if b"keys" not in metadata:
        step = "move it elsewhere"
        raise TableError(f"{path} is no table that this program wrote: {step}")
    keys: list[str] = json.loads(metadata[b"keys"])
    return keys


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

"""Stores that `sync` kept before there was a database: read with their changes, and moved."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.database.manifest import COPIES, FILE, read_manifest
from ilms_sdmx.database.segments import DATA
from ilms_sdmx.datasets import OBSERVATION, Components, Dataset
from ilms_sdmx.errors import DatabaseError
from ilms_sdmx.records import RECORD_COLUMNS, Harmonised
from ilms_sdmx.tables.table import Origin

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.database.database import Database

#: Folder to which the files of a store go when their figures are in the database.
BEFORE = "before-database"
#: Folder in which the database is made; it is whole before it gets its place.
_MAKING = ".moving"
_OWN = frozenset({DATA, COPIES, "rest", BEFORE, _MAKING})


@dataclass(frozen=True)
class _Table:
    """A table of a store: what holds, and what each run changed."""

    item: str
    path: Path
    changes: tuple[Path, ...]
    keys: list[str]

    @property
    def dataflow(self) -> str:
        """Dataflow of the name of its file; empty where it is none."""
        stem = self.path.stem
        if stem.upper() == stem:
            return f"ILO:DF_{stem}(1.0)"
        return ""


def has_old_store(folder: Path) -> bool:
    """Whether a folder has tables that `sync` kept before there was a database."""
    return next(_tables(folder), None) is not None


def move_store(database: Database) -> list[str]:
    """Bring the tables of a store in the folder of a database into it, with their history.

    The files of the store go to `before-database/`; files of others stay where they are.

    Returns
    -------
    list of str
        Names of the items.
    """
    folder = database.folder
    tables = list(_tables(folder))
    is_new = not (folder / FILE).exists()
    if is_new:
        making = type(database)(folder / _MAKING)
        shutil.rmtree(making.folder, ignore_errors=True)
        _fill(making, tables)
        for name in (DATA, COPIES, FILE):
            source = making.folder / name
            if source.exists():
                shutil.rmtree(folder / name, ignore_errors=True)
                source.replace(folder / name)
        shutil.rmtree(making.folder, ignore_errors=True)
    for table in tables:
        _put_away(folder, table)
    return list(dict.fromkeys(table.item for table in tables))


def _tables(folder: Path) -> Iterator[_Table]:
    """Tables that this program wrote into a store and that are to be moved.

    Where there is a database already, those are the ones that it has: a move was interrupted.
    """
    manifest = read_manifest(folder)
    for path in sorted(folder.glob("*/*.parquet")):
        item = path.parent.name
        is_known = item in manifest.names
        if item in _OWN or (manifest.number and not is_known):
            continue
        keys = _keys_of(path)
        if keys:
            changes = sorted((path.parent / "changes" / path.stem).glob("*.parquet"))
            yield _Table(item, path, tuple(changes), keys)


def _keys_of(path: Path) -> list[str]:
    """Dimensions of a table of a store; nothing for a file of somebody else.

    Raises
    ------
    DatabaseError
        The table is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowException, OSError) as error:
        step = "restore it or move it elsewhere"
        raise DatabaseError(f"{path} is no table of the store ({error}): {step}") from error
    keys: list[str] = json.loads(metadata.get(b"keys", b"[]"))
    return keys


def _fill(database: Database, tables: list[_Table]) -> None:
    """Add every state of every table at the time of the run that led to it."""
    steps = []
    histories = {}
    for table in tables:
        stem = table.path.stem
        histories[table.item, stem] = _states(table)
        times = _times(database.folder.parent, table)
        for number, time in enumerate(times):
            step = time, table.item, stem, number, table
            steps.append(step)
    steps.sort(key=lambda step: step[:4])
    states: dict[str, dict[str, Harmonised]] = {}
    for time, item, stem, number, table in steps:
        history = histories[item, stem]
        of_item = states.setdefault(item, {})
        of_item[stem] = _harmonised(history[number], table)
        parts = list(of_item.values())
        database.add(parts, item, at=time)


def _times(folder: Path, table: _Table) -> list[str]:
    """Times of the changes of a table: those of the log, else those of the files."""
    logged = _logged(folder / "log.jsonl", table)
    if len(logged) == len(table.changes):
        return logged
    times = []
    for path in table.changes or (table.path,):
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        times.append(written.isoformat(timespec="seconds"))
    return times


def _logged(log: Path, table: _Table) -> list[str]:
    """Times at which the log says that a table changed."""
    times: list[str] = []
    if not log.is_file():
        return times
    for line in log.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            # A line that a killed run left.
            continue
        if entry.get("item") != table.item:
            continue
        for change in entry.get("changes", []):
            counts = []
            for word in ("added", "changed", "removed"):
                counts.append(change.get(word, 0))
            if change.get("table") == table.path.stem and any(counts):
                times.append(entry["time"])
    return times


def _states(table: _Table) -> list[pd.DataFrame]:
    """Table after each of its changes, the last one as its file says it."""
    import pandas as pd

    now = pd.read_parquet(table.path).astype("str")
    records = [name for name in RECORD_COLUMNS if name in now]
    known = now.set_index(table.keys)[records]
    states = []
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for path in table.changes[:-1]:
        change = pd.read_parquet(path).astype("str")
        for row in change.to_dict("records"):
            codes = [str(row[name]) for name in table.keys]
            key = tuple(codes)
            if row["change"] == "removed":
                rows.pop(key, None)
                continue
            rows[key] = _after(row)
        index = pd.MultiIndex.from_tuples(rows, names=table.keys)
        figures = list(rows.values())
        state = pd.DataFrame(figures, index=index)
        with_records = state.join(known).reset_index()
        in_order = with_records.reindex(columns=now.columns)
        states.append(in_order)
    return [*states, now]


def _after(row: dict[Any, Any]) -> dict[str, Any]:
    """Values of a row of a change as it became."""
    values = {}
    for name, value in row.items():
        if str(name).startswith("after_"):
            values[str(name).removeprefix("after_")] = value
    return values


def _harmonised(frame: pd.DataFrame, table: _Table) -> Harmonised:
    """State of a table as figures with their records."""
    attributes = {}
    for name in frame.columns:
        if name not in (*RECORD_COLUMNS, *table.keys, "OBS_VALUE"):
            attributes[name] = OBSERVATION
    components = Components(tuple(table.keys), attributes=attributes)
    dataset = Dataset(frame[components.columns], components, table.dataflow)
    records = frame.reindex(columns=list(RECORD_COLUMNS)).astype("str").fillna("")
    origin = Origin("")
    if len(records):
        first = records.iloc[0]
        source = str(first["source"])
        address = str(first["address"])
        edition = str(first["edition"])
        origin = Origin(source, address, edition)
    return Harmonised(dataset, records, origin)


def _put_away(folder: Path, table: _Table) -> None:
    """Move the files of a table out of the way; its folder goes where nothing else is in it."""
    place = folder / table.item
    target = folder / BEFORE / table.item
    target.mkdir(parents=True, exist_ok=True)
    changes = place / "changes"
    changes_of_table = changes / table.path.stem
    rest = place / "rest"
    for path in (changes_of_table, rest, table.path):
        if path.exists():
            inside = path.relative_to(place)
            moved = target / inside
            moved.parent.mkdir(parents=True, exist_ok=True)
            path.replace(moved)
    for path in (changes, place):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()

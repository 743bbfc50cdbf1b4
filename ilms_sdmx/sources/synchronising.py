"""Synchronising: a declared list of comparators brought into a database, each on its own."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ilms_sdmx._files import text_of
from ilms_sdmx.database import Added, Database
from ilms_sdmx.database.moving import has_old_store, move_store
from ilms_sdmx.database.tables import id_of
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.errors import FetchError, IlmsError, TableError
from ilms_sdmx.mapping.file.nodes import Node, parse
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources.fetching import SOURCES, fetch

_log = logging.getLogger(__name__)
_LISTS = frozenset({"area", "origin", "destination", "sex"})


@dataclass(frozen=True)
class Item:
    """One thing to fetch: its name in the database, source, what, and options."""

    name: str
    source: str
    what: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Declaration:
    """What a file declares: the folder of the database, and its items."""

    store: Path
    items: tuple[Item, ...]


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


@dataclass(frozen=True)
class Outcome:
    """What became of one item.

    `status` is `changed`, `unchanged` or `failed`; `warnings` counts findings of that severity
    or worse.
    """

    item: str
    status: str
    changes: tuple[Change, ...] = ()
    source: str = ""
    edition: str = ""
    address: str = ""
    sha256: str = ""
    retrieved: str = ""
    rest: int = 0
    warnings: int = 0
    error: str = ""
    exit_code: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Sums over the tables: observations, added, changed, removed."""
        counts = dict.fromkeys(("observations", "added", "changed", "removed"), 0)
        for change in self.changes:
            for name in counts:
                counts[name] += getattr(change, name)
        return counts


def read_declaration(path: Path) -> Declaration:
    """Read a declaration, a YAML file.

    Parameters
    ----------
    path
        Keys `db` (folder of the database, relative to the file; `store` is the old word) and
        `items`: a list of `name`, `source`, `what` and any option of the source.

    Raises
    ------
    MappingError
        The file is not as described; the message names the line and what was expected.
    """
    try:
        text = text_of(path)
    except (OSError, ValueError) as error:
        raise TableError(f"{path} cannot be read: {error}.") from error
    root = parse(text, path.name)
    fields = root.fields(("db", "store", "items"), required=("items",))
    if "db" in fields and "store" in fields:
        fields["store"].fail("db alone, for which store is the old word", "both")
    named = fields.get("db", fields.get("store"))
    store = "store" if named is None else named.text()
    nodes = list(fields["items"])
    items = tuple(map(_item, nodes))
    names: list[str] = []
    for node, item in zip(nodes, items, strict=True):
        if item.name in names:
            node.fail("a name that no other item has", repr(item.name))
        names.append(item.name)
    return Declaration(path.parent / store, items)


def _item(node: Node) -> Item:
    """Item of a declaration; the options allowed are those of its source."""
    entries = dict(node.items())
    for name in ("name", "source"):
        if name not in entries:
            node.fail(f"the key {name!r}", ", ".join(entries))
    name = entries["name"].text()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        entries["name"].fail("a name of letters, digits, - and _", repr(name))
    source = entries["source"].choice(list(SOURCES))
    fields = node.fields(_allowed_keys(source))
    what = fields["what"].text() if "what" in fields else ""
    options = {}
    for key, value in fields.items():
        if key not in ("name", "source", "what"):
            options[key] = _value(key, value)
    return Item(name, source, what, options)


def _allowed_keys(source: str) -> list[str]:
    """Keys that an item of a source may have, options by their old names too."""
    provider = SOURCES[source]
    # A token belongs into the environment or the keyring, never into a file.
    options = [option for option in provider.options if option != "token"]
    renamed = [new for _, new in provider.renamed]
    return ["name", "source", "what", *options, *renamed]


def _value(name: str, node: Node) -> Any:
    if name == "codes":
        return {key: list(value.texts()) for key, value in node.items()}
    if name == "last":
        return node.integer()
    return list(node.texts()) if name in _LISTS else node.text()


def synchronise(
    declaration: Declaration,
    client: Client,
    *,
    log: Path | None = None,
    only: frozenset[str] = frozenset(),
    notify: Callable[[int, int, str], None] | None = None,
    accept_removals: bool = False,
) -> Iterator[Outcome]:
    """Bring every item of a declaration into the database; one that fails harms no other.

    Parameters
    ----------
    log
        File of JSON lines, one an item; default `log.jsonl` in the folder.
    only
        Names of items; none for all.
    accept_removals
        Whether a large part of a table may go, as `Database.add`.
    notify
        Called before each item with its number, how many there are, and its name.
    """
    database = Database(declaration.store)
    log_file = log or database.folder / "log.jsonl"
    chosen = [item for item in declaration.items if not only or item.name in only]
    count = len(chosen)
    for number, item in enumerate(chosen, 1):
        if notify:
            notify(number, count, item.name)
        outcome = _synchronise(item, database, client, accept_removals)
        time = client.clock().isoformat(timespec="seconds")
        line = {"time": time, **asdict(outcome)}
        entry = json.dumps(line, ensure_ascii=False)
        yield _logged(outcome, log_file, entry)


def _logged(outcome: Outcome, log: Path, entry: str) -> Outcome:
    """Outcome with its line in the log; one that cannot be logged has failed."""
    try:
        append_line(log, entry)
    except OSError as error:
        message = outcome.error or f"the log {log} cannot be written: {error.strerror or error}"
        return replace(outcome, status="failed", error=message, exit_code=4)
    return outcome


def _synchronise(
    item: Item, database: Database, client: Client, accept_removals: bool
) -> Outcome:
    """What becomes of one item; whatever goes wrong with it is its outcome."""
    name = item.name
    failed = "failed"
    try:
        got = fetch(item.source, item.what, client=client, **item.options)
        added = _add(database, name, got, client, accept_removals)
    except FetchError as error:
        code = error.exit_code
        return Outcome(name, failed, error=str(error), exit_code=code, address=error.url)
    except IlmsError as error:
        return Outcome(name, failed, error=str(error), exit_code=error.exit_code)
    except OSError as error:
        message = f"the database cannot be written: {error}"
        return Outcome(name, failed, error=message, exit_code=4)
    except Exception as error:
        # Whatever it is, it is the error of this item: the others are still to be done.
        _log.debug("item %s", name, exc_info=True)
        kind = type(error).__name__
        unchanged = "nothing of the item was changed"
        message = f"unexpected {kind}: {error}: please report it; {unchanged}"
        return Outcome(name, failed, error=message, exit_code=4)
    return _outcome(item, got, _changes(added))


def _add(
    database: Database, name: str, got: Harmonised, client: Client, accept_removals: bool
) -> Added:
    """Add what was fetched; a store of before there was a database is moved into it first."""
    if has_old_store(database.folder):
        move_store(database)
    # A clock that was put back stops no run: additions follow each other.
    time = database.time_from(client.clock())
    return database.add(got, name, at=time, accept_removals=accept_removals)


def _changes(added: Added) -> tuple[Change, ...]:
    """Changes of each table of an addition."""
    changes = []
    for dataflow, counts in added.counts.items():
        table = id_of(dataflow)
        changes.append(Change(table, **counts))
    return tuple(changes)


def _outcome(item: Item, got: Harmonised, changes: tuple[Change, ...]) -> Outcome:
    """Outcome of an item that was fetched."""
    warnings = len(got.report.without_notes())
    is_changed = any(change.any for change in changes)
    origin = got.origin
    return Outcome(
        item.name,
        "changed" if is_changed else "unchanged",
        changes,
        origin.source,
        origin.edition,
        origin.address,
        origin.sha256,
        origin.retrieved,
        len(got.rest),
        warnings,
        exit_code=1 if warnings else 0,
    )


def append_line(path: Path, line: str) -> None:
    """Append a line; a line that a killed process left unfinished is closed first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            line = line if file.read(1) == b"\n" else f"\n{line}"
        file.write(f"{line}\n".encode())

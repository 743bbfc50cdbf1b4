"""Upkeep of a database: what is damaged or foreign, and files that are needed no more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ilms_sdmx._files import write_whole
from ilms_sdmx.database.events import sorted_by
from ilms_sdmx.database.manifest import (
    COPIES,
    FILE,
    Manifest,
    Segment,
    good_copy,
    read_manifest,
    write_manifest,
)
from ilms_sdmx.database.segments import (
    DATA,
    EVENT,
    is_damaged,
    leftovers,
    read_segments,
    write_segment,
)
from ilms_sdmx.errors import DatabaseError
from ilms_sdmx.findings import Finding, Place, Report, find

#: Number of segments of one dataflow, area and name from which they become one.
_MOST_SEGMENTS = 8


@dataclass(frozen=True, slots=True)
class Collected:
    """What was tidied: files removed, and segments that became one."""

    files: int = 0
    joined: int = 0

    def __repr__(self) -> str:
        return f"<Collected: {self.files} files removed, {self.joined} segments joined>"


def check(folder: Path) -> Report:
    """Findings of files that are damaged, missing, foreign or left over."""
    try:
        manifest = read_manifest(folder)
    except DatabaseError as error:
        place = Place(file=FILE)
        return Report.of([find("database-damaged", place, reason=str(error))])
    return Report.of([*_find_damage(folder, manifest), *_find_others(folder, manifest)])


def restore(folder: Path) -> Path:
    """Take the newest good copy of the manifest for the manifest; the damaged one is kept.

    Raises
    ------
    DatabaseError
        No copy is whole.
    """
    copy = good_copy(folder)
    if copy is None:
        raise DatabaseError(f"{folder / COPIES} has no copy of the manifest that is whole")
    path = folder / FILE
    if path.exists():
        path.replace(path.with_suffix(".damaged.json"))
    write_whole(path, copy.read_bytes())
    return copy


def collect(folder: Path, manifest: Manifest) -> Collected:
    """Join small segments, and remove files of this program that the manifest does not need.

    Every event is kept. Files that this program did not write stay where they are.
    """
    joined, count = _joined(folder, manifest)
    if count:
        write_manifest(folder, joined)
    removed = 0
    for path in leftovers(folder, joined.segments):
        path.unlink(missing_ok=True)
        removed += 1
    return Collected(removed, count)


def files_to_join(manifest: Manifest) -> int:
    """Number of small files that `collect` would join."""
    groups: dict[tuple[str, str, str], int] = {}
    for segment in manifest.segments:
        key = (segment.dataflow, segment.area, segment.name)
        groups[key] = groups.get(key, 0) + 1
    total = 0
    for count in groups.values():
        if count >= _MOST_SEGMENTS:
            total += count
    return total


def _joined(folder: Path, manifest: Manifest) -> tuple[Manifest, int]:
    """Manifest in which many segments of one dataflow, area and name are one."""
    groups: dict[tuple[str, str, str], list[Segment]] = {}
    for segment in manifest.segments:
        key = segment.dataflow, segment.area, segment.name
        group = groups.setdefault(key, [])
        group.append(segment)
    segments: list[Segment] = []
    count = 0
    for group in groups.values():
        if len(group) < _MOST_SEGMENTS:
            segments += group
            continue
        segments.append(_one_segment(folder, manifest, group))
        count += len(group)
    return replace(manifest, segments=tuple(segments)), count


def _one_segment(folder: Path, manifest: Manifest, group: Sequence[Segment]) -> Segment:
    """Segment with the events of several, in the order of their vintages."""
    first = group[0]
    schema = manifest.schemas[first.dataflow]
    events = read_segments(folder, group, [*schema.columns, *EVENT])
    events = sorted_by(events, schema.keys)
    return write_segment(folder, events, first.dataflow, first.area, first.name)


def _find_damage(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    for segment in manifest.segments:
        reason = is_damaged(folder, segment)
        if reason:
            place = Place(file=segment.path, dataflow=segment.dataflow)
            yield find("database-damaged", place, reason=reason)
    for path in sorted(_named_by_hash(manifest)):
        place = Place(file=path)
        try:
            content = (folder / path).read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            yield find("database-damaged", place, case="unreadable", reason=reason)
            continue
        told = Path(path).stem.rpartition("-")[2]
        if not hashlib.sha256(content).hexdigest().startswith(told):
            yield find("database-damaged", place, case="hash")


def _named_by_hash(manifest: Manifest) -> Iterator[str]:
    """Files of vintages whose names end with their hash, each once."""
    paths: set[str] = set()
    for vintage in manifest.vintages:
        paths.update((vintage.rest, vintage.attached))
    yield from paths - {""}


def _find_others(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    for path in leftovers(folder, manifest.segments):
        place = Place(file=path.relative_to(folder).as_posix())
        yield find("database-foreign", place, case="leftover")
    for path in foreign_files(folder, manifest):
        place = Place(file=path.relative_to(folder).as_posix())
        yield find("database-foreign", place)


def foreign_files(folder: Path, manifest: Manifest) -> tuple[Path, ...]:
    """Files in the folders of the data that this program did not write."""
    left = set(leftovers(folder, manifest.segments))
    needed = {segment.path for segment in manifest.segments}
    foreign = []
    for path in sorted((folder / DATA).rglob("*")):
        relative = path.relative_to(folder).as_posix()
        if path.is_file() and relative not in needed and path not in left:
            foreign.append(path)
    return tuple(foreign)

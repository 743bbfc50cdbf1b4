"""A folder that any web server serves: data at fixed addresses, found by a registry."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
from filelock import FileLock

from ilms_sdmx._files import make_folder
from ilms_sdmx.errors import ExchangeError, OutputError
from ilms_sdmx.outputs.exchange.packages import Package, check_package, read_package
from ilms_sdmx.outputs.exchange.registration import (
    Provider,
    Source,
    provision_message,
    registration_message,
)
from ilms_sdmx.outputs.reports.catalogues import catalogue
from ilms_sdmx.outputs.reports.pages import render

#: Link to the release that holds, and the folder of all releases that are kept.
CURRENT, RELEASES = "current", "releases"
_KEPT = 3
_ADDRESS = re.compile(r"https?://[^\s?#]+")
_DATAFLOW = re.compile(r"(?P<agency>[^:]+):(?P<id>[^(]+)\((?P<version>[^)]+)\)")


@dataclass(frozen=True)
class Published:
    """What is published.

    Parameters
    ----------
    folder
        Folder that is served.
    release
        Id of the release that holds now.
    is_new
        Whether it differs from what was published before.
    """

    folder: Path
    release: str
    is_new: bool


def publish_package(
    package: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    address: str,
    provider: Provider,
    service: str = "",
) -> Published:
    """Publish a package in a folder; the switch to it is one step of the file system.

    Parameters
    ----------
    package
        Package whose data, changes and structures are published.
    folder
        Folder that a web server serves. What it served before is served until the switch; the
        last three releases stay under `releases/`.
    address
        Address at which the server serves the folder, such as `https://example.org/sdmx`.
    provider
        The office, for the provision agreements and the registration.
    service
        Address of an SDMX service that has the same figures, as `https://example.org/v1`; the
        registration names it too.

    Returns
    -------
    Published
        The release. A file that did not change keeps its time, so that a reader who asks for
        what is new is told that nothing is.

    Raises
    ------
    ExchangeError
        The package is damaged, or the address is none.
    OutputError
        The folder cannot be written.
    """
    base = address.rstrip("/")
    if not _ADDRESS.fullmatch(base):
        raise ExchangeError(
            f"expected an address such as https://example.org/sdmx: {address!r}"
        )
    if service and not _ADDRESS.fullmatch(service):
        raise ExchangeError(f"expected an address such as https://example.org/v1: {service!r}")
    report = check_package(package)
    if report.errors:
        raise ExchangeError(f"{package} is not as it was prepared: `submit check` says more")
    held = read_package(package)
    files = _files_of(held, base, provider, service)
    release = _release(files)
    place = Path(folder)
    try:
        make_folder(place / RELEASES)
        with FileLock(place / ".lock"):
            before = _current(place)
            is_new = before != release
            if is_new:
                _write(place, release, before, files)
                _switch(place, release)
                _forget_old(place, release)
    except OSError as error:
        message = f"{place} cannot be written: {error.strerror or error}"
        raise OutputError(message, str(place)) from error
    return Published(place, release, is_new)


def _files_of(
    package: Package, base: str, provider: Provider, service: str
) -> dict[str, bytes]:
    """Files of a release."""
    files = {}
    for path in (*package.data, *package.changed, *package.structures):
        relative = path.relative_to(package.folder).as_posix()
        files[relative] = path.read_bytes()
    sources = [replace(source, service=service) for source in _sources(package, base)]
    files["structures/provision.xml"] = provision_message(provider, sources, package.prepared)
    files["registration.xml"] = registration_message(provider, sources, package.prepared)
    files["index.html"] = _index(package, provider, files)
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    manifest = {"package": package.id, "prepared": package.prepared, "files": hashes}
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    files["manifest.json"] = orjson.dumps(manifest, option=options) + b"\n"
    return files


def _sources(package: Package, base: str) -> list[Source]:
    """Address of the data of each dataflow."""
    sources = []
    stems = {path.stem: path for path in package.data}
    for table in package.tables:
        match = _DATAFLOW.fullmatch(table.dataflow)
        if match is None:
            continue
        bare = match["id"].removeprefix("DF_")
        for stem, path in stems.items():
            if bare in stem:
                relative = path.relative_to(package.folder).as_posix()
                address = f"{base}/{CURRENT}/{relative}"
                sources.append(Source(match["agency"], match["id"], match["version"], address))
                break
    return sources


def _index(package: Package, provider: Provider, files: Mapping[str, bytes]) -> bytes:
    """Page of the release: its files, and what they are."""
    words = catalogue("en")
    rows = []
    for table in package.tables:
        periods = " to ".join(dict.fromkeys(table.periods))
        rows.append((table.dataflow, ", ".join(table.areas), periods, table.observations))
    name = provider.name or provider.id
    page = render(
        "published.html.j2",
        words,
        title=words.text("published.title", name=name),
        contents=[],
        kicker=words.text("published.kicker"),
        prepared=package.prepared,
        rows=rows,
        files=sorted(files),
    )
    return page.encode()


def _release(files: Mapping[str, bytes]) -> str:
    return hashlib.sha256(files["manifest.json"]).hexdigest()[:16]


def _current(place: Path) -> str:
    """Release that holds; empty for none."""
    link = place / CURRENT
    return Path(os.readlink(link)).name if link.is_symlink() else ""


def _write(place: Path, release: str, before: str, files: Mapping[str, bytes]) -> None:
    """Write a release next to the others; files that did not change are the same files.

    A release that is there already is whole: its name is that of its content, it came in one
    step, and somebody may be reading it.
    """
    whole = place / RELEASES / release
    if whole.is_dir():
        os.utime(whole)
        return
    part = place / RELEASES / f".{release}"
    shutil.rmtree(part, ignore_errors=True)
    old = place / RELEASES / before
    for path, content in files.items():
        target = part / path
        target.parent.mkdir(parents=True, exist_ok=True)
        same = old / path
        if before and same.is_file() and same.read_bytes() == content:
            os.link(same, target)
        else:
            target.write_bytes(content)
    part.replace(whole)


def _switch(place: Path, release: str) -> None:
    """Let the link lead to another release, in one step."""
    link = place / CURRENT
    if link.exists() and not link.is_symlink():
        raise OutputError(f"{link} is in the way: it is none of ours", str(link))
    part = place / f".{CURRENT}"
    part.unlink(missing_ok=True)
    part.symlink_to(Path(RELEASES) / release, target_is_directory=True)
    part.replace(link)


def _forget_old(place: Path, release: str) -> None:
    """Remove releases but for the last ones, which somebody may be reading."""
    whole = [path for path in (place / RELEASES).iterdir() if not path.name.startswith(".")]
    in_time = sorted(whole, key=lambda path: path.stat().st_mtime_ns)
    others = [path for path in in_time if path.name != release]
    for path in others[: -(_KEPT - 1)]:
        # It goes in one step too: what has the name of a release is whole.
        gone = path.with_name(f".{path.name}")
        shutil.rmtree(gone, ignore_errors=True)
        path.replace(gone)
        shutil.rmtree(gone, ignore_errors=True)

"""Downloads on disk: the bytes as they came, and a sidecar that says what they are."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from ilms_sdmx._files import write_whole

#: Seconds for which replaced bytes stay.
_GRACE = 3600.0
#: Names that this cache gives: sidecars, bytes, parts of them, and kept results.
_OURS = re.compile(
    r".*-[0-9a-f]{20}\.(json|[0-9a-f]{12}\.data|part|part\.resume)"
    r"|[0-9a-f]{24}(-\d+(-rest)?\.arrow|\.json)"
)


def default_folder() -> Path:
    """Cache folder of the platform for this program; `ILMS_SDMX_CACHE` overrides it."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("ILMS_SDMX_CACHE") or user_cache_path("ilms-sdmx"))


@dataclass(frozen=True)
class Download:
    """Bytes that a service gave, and everything needed to cite and find them again.

    Parameters
    ----------
    source, edition, licence
        Whose they are; `edition` is the last modification the service states, where it states
        one.
    url
        Address, without any token.
    retrieved, checked
        ISO 8601 times: when the bytes came, and when the service last said that they still
        hold.
    sha256
        Hash of the bytes, checked at every use.
    path
        File with the bytes.
    content_type, etag, modified, headers
        What the service said of the bytes: their kind, the marks by which it knows them again,
        and the headers of its answer.
    state
        `fetched`, `unchanged` (asked again, the same bytes) or `cached` (not asked).
    """

    source: str
    edition: str
    licence: str
    url: str
    retrieved: str
    checked: str
    sha256: str
    path: Path
    content_type: str = ""
    etag: str = ""
    modified: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    state: str = "fetched"

    @property
    def content(self) -> bytes:
        """The bytes."""
        return self.path.read_bytes()

    def text(self, encoding: str = "utf-8-sig") -> str:
        """Text of the bytes; a byte order mark and padding with NUL are no part of it."""
        return self.content.rstrip(b"\0").decode(encoding, errors="replace")

    def header(self, name: str) -> str:
        """Header of the answer that was kept, `""` if none."""
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return ""

    def age(self, now: datetime) -> timedelta:
        """Time since the service last confirmed the bytes."""
        return now - datetime.fromisoformat(self.checked)

    def is_fresh(self, now: datetime, fresh: timedelta) -> bool:
        """Whether the bytes were confirmed less than a time ago.

        Not where that is in the future.
        """
        try:
            return timedelta(0) <= self.age(now) < fresh
        except (ValueError, TypeError):
            return False


class Cache:
    """Folder of downloads, one per URL and media type, safe for several processes.

    The bytes are in a file named by their hash, the sidecar is replaced last: whoever reads a
    sidecar finds complete bytes, at whatever moment another process was stopped.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stem(self, url: str, accept: str) -> Path:
        """Path without suffix under which an answer is kept."""
        parts = urlsplit(url)
        key = hashlib.sha256(f"{url}\n{accept}".encode()).hexdigest()[:20]
        last_part = parts.path.rsplit("/", 1)[-1]
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", last_part)[:40].strip(".-")
        host = re.sub(r"[^A-Za-z0-9.-]", "_", parts.netloc)
        return self.folder / host / f"{name or 'answer'}-{key}"

    def find(self, stem: Path) -> Download | None:
        """Download kept under a stem; None if there is none or its bytes have changed."""
        try:
            stored = json.loads(sidecar(stem).read_text(encoding="utf-8"))
            stored["path"] = stem.parent / stored["path"]
            stored["headers"] = tuple((name, value) for name, value in stored["headers"])
            download = Download(**stored)
            digest = digest_of(download.path)
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return download if digest == download.sha256 else None

    def keep(self, stem: Path, download: Download) -> None:
        """Write the sidecar of a download whose bytes are in place, then drop what it replaced.

        Bytes that were replaced a moment ago may still be read by another process.
        """
        entry = {**asdict(download), "path": download.path.name, "state": "cached"}
        text = json.dumps(entry, indent=1, ensure_ascii=False)
        write_whole(sidecar(stem), text.encode())
        for data in stem.parent.glob(f"{stem.name}.*.data"):
            with contextlib.suppress(OSError):
                age = time.time() - data.stat().st_mtime
                if data.name != download.path.name and age > _GRACE:
                    data.unlink()

    def clear(self, before: datetime) -> tuple[int, int]:
        """Remove what was last confirmed or made before a time.

        The number of files and bytes that went.

        Only files named as this cache names them are removed, whatever else lies in the folder.
        Bytes stay as long as their sidecar does; locks stay, for another process may hold them.
        """
        moment = before.timestamp()
        count = 0
        size = 0
        for path in sorted(self.folder.glob("*/*")):
            with contextlib.suppress(OSError):
                status = path.stat()
                is_old = bool(_OURS.fullmatch(path.name)) and status.st_mtime < moment
                if is_old and not _in_use(path, moment):
                    path.unlink()
                    count += 1
                    size += status.st_size
        return count, size


def _in_use(path: Path, moment: float) -> bool:
    """Whether the sidecar of bytes was confirmed after a moment, however old the bytes are."""
    if path.suffix != ".data":
        return False
    side = path.with_name(f"{path.name.rsplit('.', 2)[0]}.json")
    return side.is_file() and side.stat().st_mtime >= moment


def digest_of(path: Path) -> str:
    """SHA-256 of the bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def publish(part: Path, path: Path) -> None:
    """Give a file its name in the cache, readable as the umask says, its bytes on the disk."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)


def sidecar(stem: Path) -> Path:
    """Path of the sidecar of a stem."""
    return stem.with_name(f"{stem.name}.json")

"""Answers of receivers, kept next to their package, and how far each package has come."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from ilms_sdmx._files import make_folder, write_whole
from ilms_sdmx.errors import ExchangeError
from ilms_sdmx.outputs.exchange.packages import MANIFEST, Package, read_package
from ilms_sdmx.outputs.exchange.revisions import revise

#: What an answer can say of a package.
STATES = ("sent", "accepted", "rejected", "received")
#: Ending of the folder of the answers to a package.
_ENDING = ".receipts"


@dataclass(frozen=True, slots=True)
class Receipt:
    """An answer of a receiver, or the note of a person that a package was sent.

    Parameters
    ----------
    number
        Counted from 1.
    time
        ISO 8601 time.
    state
        `sent`, `accepted`, `rejected` or `received`.
    note
        What a person says of it.
    file, sha256
        Name of the kept answer and its hash; empty where there is none.
    package
        Id of the package.
    """

    number: int
    time: str
    state: str
    note: str = ""
    file: str = ""
    sha256: str = ""
    package: str = ""


@dataclass(frozen=True)
class Submission:
    """A package and the answers to it.

    Parameters
    ----------
    package
        The package.
    receipts
        Answers, the first one first.
    """

    package: Package
    receipts: tuple[Receipt, ...]

    @property
    def state(self) -> str:
        """Last state: `prepared` where nothing is known, else what the last receipt says."""
        return self.receipts[-1].state if self.receipts else "prepared"


def add_receipt(
    folder: str | os.PathLike[str],
    state: str,
    *,
    time: str,
    answer: bytes = b"",
    name: str = "answer.txt",
    note: str = "",
) -> Receipt:
    """Keep an answer next to its package; the package stays as it is.

    Parameters
    ----------
    folder
        The package.
    state
        `sent`, `accepted`, `rejected` or `received`.
    time
        When it came.
    answer, name
        Bytes of the answer (text of a mail, a saved page, a report) and its file name.
    note
        What else is to be known.

    Raises
    ------
    ExchangeError
        It is no package, or no such state.
    OutputError
        The folder of the answers cannot be written.
    """
    if state not in STATES:
        raise ExchangeError(f"expected a state among {', '.join(STATES)}; found {state!r}")
    package = read_package(folder)
    place = place_of(Path(folder))
    make_folder(place)
    known = read_receipts(folder)
    number = known[-1].number + 1 if known else 1
    file, digest = "", ""
    if answer:
        file = f"{number:04d}-{Path(name).name}"
        digest = hashlib.sha256(answer).hexdigest()
        write_whole(place / file, answer)
    receipt = Receipt(number, time, state, note, file, digest, package.id)
    content = orjson.dumps(asdict(receipt), option=orjson.OPT_INDENT_2) + b"\n"
    write_whole(place / f"{number:04d}.json", content)
    return receipt


def read_receipts(folder: str | os.PathLike[str]) -> tuple[Receipt, ...]:
    """Answers to a package, the first one first.

    Raises
    ------
    ExchangeError
        One of them is none.
    """
    receipts = []
    for path in sorted(place_of(Path(folder)).glob("[0-9][0-9][0-9][0-9].json")):
        try:
            receipts.append(Receipt(**orjson.loads(path.read_bytes())))
        except (orjson.JSONDecodeError, TypeError) as error:
            raise ExchangeError(f"{path} is no receipt: {error}") from error
    return tuple(receipts)


def place_of(folder: Path) -> Path:
    """Folder of the answers to a package."""
    whole = folder.resolve()
    return whole.with_name(f"{whole.name}{_ENDING}")


def submissions_of(folder: str | os.PathLike[str]) -> list[Submission]:
    """Packages in a folder with their answers, in the order in which they were prepared.

    Raises
    ------
    ExchangeError
        There is no package.
    """
    place = Path(folder)
    found = []
    for path in sorted(place.glob(f"*/{MANIFEST}")):
        package = read_package(path.parent)
        found.append(Submission(package, read_receipts(path.parent)))
    if not found:
        raise ExchangeError(f"{place} has no package: give the folder that has them")
    return sorted(found, key=lambda each: (each.package.prepared, str(each.package.folder)))


def last_accepted(folder: str | os.PathLike[str], receiver: str) -> Package | None:
    """Package of a folder that a receiver accepted last; None for none."""
    accepted = []
    for submission in submissions_of(folder):
        is_accepted = any(each.state == "accepted" for each in submission.receipts)
        if submission.package.receiver == receiver and is_accepted:
            accepted.append(submission.package)
    return accepted[-1] if accepted else None


def status_lines(folder: str | os.PathLike[str]) -> Iterator[str]:
    """What was sent, what became of it, and what changed since the last accepted package."""
    last: dict[str, Package] = {}
    for submission in submissions_of(folder):
        package = submission.package
        count = sum(table.observations for table in package.tables)
        parts = [package.folder.name, package.id, package.receiver, package.prepared]
        parts += [f"{count:,} figures", submission.state]
        before = last.get(package.receiver)
        if before is not None:
            counts = revise(before.datasets(), package.datasets()).counts
            told = [f"{number:,} {word}" for word, number in counts.items() if number]
            parts.append(f"since {before.folder.name}: {', '.join(told) or 'nothing changed'}")
        yield "\t".join(parts)
        if any(each.state == "accepted" for each in submission.receipts):
            last[package.receiver] = package

"""What was sent to whom, noted before and after each request: nothing goes out twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from ilms_sdmx._files import make_folder, write_whole
from ilms_sdmx.errors import ExchangeError
from ilms_sdmx.outputs.exchange.receipts import place_of

SENDING, WAITING, SENT, FAILED = "sending", "waiting", "sent", "failed"
_FILE = "sent.json"


@dataclass(frozen=True)
class Sent:
    """State of a file: `sending`, `waiting`, `sent` or `failed`, and its id at the receiver."""

    state: str
    id: str = ""


class Ledger:
    """Files of a package that were sent, by receiver, step and hash.

    Parameters
    ----------
    package
        Folder of the package.
    """

    def __init__(self, package: Path) -> None:
        self._path = place_of(package) / _FILE

    def state_of(self, target: str, step: str, digest: str) -> Sent | None:
        """State of a file; None where it was never sent."""
        values = self._read().get(_key(target, step, digest))
        return Sent(**values) if values else None

    def begin(self, target: str, step: str, digest: str, *, again: bool) -> None:
        """Note that a file is about to be sent.

        Raises
        ------
        ExchangeError
            It was sent before and no answer came, and nobody says that it is to be sent again.
        """
        known = self.state_of(target, step, digest)
        if known is not None and known.state == SENDING and not again:
            raise ExchangeError(
                f"{step} went to {target} before and no whole answer came: look there whether"
                " it was taken, then give --again to send it once more"
            )
        self._note(target, step, digest, Sent(SENDING))

    def end(self, target: str, step: str, digest: str, state: str, id: str = "") -> None:
        """Note what became of it."""
        self._note(target, step, digest, Sent(state, id))

    def _note(self, target: str, step: str, digest: str, sent: Sent) -> None:
        notes = dict(self._read())
        notes[_key(target, step, digest)] = {"state": sent.state, "id": sent.id}
        make_folder(self._path.parent)
        options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
        write_whole(self._path, orjson.dumps(notes, option=options) + b"\n")

    def _read(self) -> Mapping[str, dict[str, str]]:
        try:
            notes: dict[str, dict[str, str]] = orjson.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, orjson.JSONDecodeError) as error:
            raise ExchangeError(f"{self._path} cannot be read: {error}") from error
        return notes


def _key(target: str, step: str, digest: str) -> str:
    return f"{target} {step} {digest}"

"""History of a mapping file: every state that it had, on disk; an undo is a new state."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from ilms_sdmx._files import make_folder, replacing, text_of
from ilms_sdmx.errors import MappingError

_LOG = "history.jsonl"


@dataclass(frozen=True)
class State:
    """One state of a mapping file.

    Parameters
    ----------
    number
        Counted from 1.
    time
        When it was made, ISO 8601.
    what
        What made it, as `answer` or `undo`.
    told
        What was decided, in words.
    base
        Number of the state whose text it has anew, 0 for none: an undo goes back to it.
    sha256
        Hash of its text.
    """

    number: int
    time: str
    what: str
    told: str
    base: int
    sha256: str


class History:
    """States of a mapping file, next to it in a folder with its name and `.states`.

    Parameters
    ----------
    file
        The mapping file; the last state is its text.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.folder = file.with_name(f"{file.name}.states")

    def states(self) -> list[State]:
        """All states, the first one first."""
        log = self.folder / _LOG
        if not log.is_file():
            return []
        states = []
        for line in log.read_text(encoding="utf-8").splitlines():
            try:
                states.append(State(**json.loads(line)))
            except (ValueError, TypeError):
                # A line cut off by a crash: its state was not told to anybody.
                continue
        return states

    def text_of(self, number: int) -> str:
        """Text of a state."""
        path = self._path(number)
        try:
            return text_of(path)
        except OSError as error:
            raise MappingError(f"{path} cannot be read: {error.strerror}.") from None

    def current(self) -> State:
        """Last state; where somebody has edited the file itself, that is a state as well."""
        with self._locked():
            return self._current()

    def _current(self) -> State:
        states = self.states()
        text = text_of(self.file)
        if states and states[-1].sha256 == _hash(text):
            return states[-1]
        what = "edited" if states else "begun"
        return self._added(text, what, "", 0)

    def add(
        self,
        edit: Callable[[str], str],
        what: str,
        told: str,
        *,
        expected: int = 0,
        base: int = 0,
    ) -> State:
        """Make a new state of the last one, and write it as the mapping file.

        Parameters
        ----------
        edit
            Text of the new state, of that of the last one.
        expected
            Number of the state that the caller has seen; 0 for any.

        Raises
        ------
        MappingError
            Another state has come in between.
        """
        with self._locked():
            last = self._current()
            if expected and last.number != expected:
                raise StaleError(
                    f"expected the state {expected} of {self.file.name}, found {last.number}: "
                    "somebody has changed it in between."
                )
            text = edit(self.text_of(last.number))
            if _hash(text) == last.sha256:
                return last
            state = self._added(text, what, told, base)
            with replacing(self.file) as stream:
                stream.write(text.encode())
            return state

    def undo(self, *, expected: int = 0) -> State:
        """Make a new state with the text of the one before; that of an undo goes further back.

        Raises
        ------
        MappingError
            There is nothing to undo.
        """
        states = self.states()
        before = base_of(states)
        if before < 1:
            raise MappingError(f"expected a state before this one of {self.file.name}.")
        text = self.text_of(before)
        return self.add(lambda _: text, "undo", "", expected=expected, base=before)

    def go_to(self, number: int, *, expected: int = 0) -> State:
        """Make a new state with the text of any other one."""
        text = self.text_of(number)
        return self.add(lambda _: text, "back", "", expected=expected, base=number)

    def _added(self, text: str, what: str, told: str, base: int) -> State:
        """Write a state, whole, before it is told of."""
        make_folder(self.folder)
        number = len(self.states()) + 1
        while self._path(number).exists():
            number += 1
        with replacing(self._path(number)) as stream:
            stream.write(text.encode())
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        state = State(number, now, what, told, base, _hash(text))
        line = json.dumps(asdict(state), ensure_ascii=False)
        lines = [json.dumps(asdict(each), ensure_ascii=False) for each in self.states()]
        with replacing(self.folder / _LOG) as stream:
            stream.write("\n".join([*lines, line, ""]).encode())
        return state

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06}.yaml"

    def _locked(self) -> FileLock:
        make_folder(self.folder)
        return FileLock(self.folder / ".lock")


class StaleError(MappingError):
    """Another state of the mapping has come in between; `MappingError` for all callers."""


def base_of(states: list[State]) -> int:
    """Number of the state to which an undo goes: of the last one, or of what it undid.

    Examples
    --------
    >>> def state(number, base=0):
    ...     return State(number, "", "", "", base, "")
    >>> base_of([state(1), state(2), state(3, base=1)])
    0
    >>> base_of([state(1), state(2), state(3), state(4, base=2)])
    1
    """
    if not states:
        return 0
    by_number = {state.number: state for state in states}
    state = states[-1]
    while state.base:
        state = by_number[state.base]
    numbers = [number for number in by_number if number < state.number]
    return max(numbers, default=0)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

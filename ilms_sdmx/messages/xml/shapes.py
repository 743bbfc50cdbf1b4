"""Shapes: how observations and series are spelled, each spelling read once by a real XML parser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from xml.parsers import expat

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.batches import MOST_COMPONENTS
from ilms_sdmx.messages.xml.handler import Handler
from ilms_sdmx.messages.xml.rows import Pairs, Sink

_PLACE = re.compile(r"v(\d+)v")
#: Where the value of a component comes from: its place among the values of the record, or a constant.
Origin: TypeAlias = "int | str"


@dataclass(frozen=True)
class Shape:
    """What one spelling of a record means.

    Parameters
    ----------
    inside
        Whether it stands in an open series; None if it may as well not.
    opens, closes
        Whether it begins, and ends, a series.
    observation, series
        Origins of what stands on the observation, None if there is none, and on the series it opens.
    """

    inside: bool | None
    opens: bool
    closes: bool
    observation: dict[str, Origin] | None
    series: dict[str, Origin]


@dataclass
class _Recorder(Sink):
    """Sink that remembers what it was told, in order."""

    events: list[tuple[str, Pairs]] = field(default_factory=list)

    def open_series(self) -> None:
        self.events.append(("open", []))

    def series_values(self, pairs: Pairs) -> None:
        self.events.append(("series", list(pairs)))

    def close_series(self) -> None:
        self.events.append(("close", []))

    def observation(self, pairs: Pairs) -> None:
        self.events.append(("observation", list(pairs)))


class Shapes:
    """Spellings met so far in one data set.

    Parameters
    ----------
    context
        Start tags of the message and of the data set, as they stand there.
    series
        Start tag of a series without attributes, in the spelling of the message.
    listener
        Makes a handler for a sink.
    """

    def __init__(
        self, context: bytes, series: bytes, listener: Callable[[Sink], Handler]
    ) -> None:
        self._context, self.series, self._listener = context, series, listener
        self._known: dict[tuple[bytes, int], Shape | None] = {}
        self.composite: set[str] = set()
        self._names: set[str] = set()

    def read(self, text: bytes, places: list[int]) -> Shape | None:
        """Meaning of a record whose values are the place-holders `v0v`, `v1v`...; None if it is unusual.

        `places` are the place-holders that must come back, each once, as whole values of attributes.
        """
        key = (text, len(places))
        if key not in self._known:
            shape = self._read(text, places, inside=False)
            self._known[key] = shape or self._read(text, places, inside=True)
        return self._known[key]

    def _read(self, text: bytes, places: list[int], *, inside: bool) -> Shape | None:
        probe = _Probe(self._context + self.series * inside, self._listener)
        if not probe.feed(text):
            return None
        events = probe.events
        wanted = Counter(f"v{i}v" for i in places)
        if Counter(v for v in probe.values if v in wanted) != wanted:
            return None
        shape = _shape(events, inside=inside)
        if shape is not None and probe.depth == shape.opens - shape.closes and self._few(shape):
            self.composite |= probe.composite
            return shape
        return None

    def _few(self, shape: Shape) -> bool:
        """Whether the components so far are few enough; if not, the ordinary reader refuses them."""
        self._names.update(shape.series, shape.observation or ())
        return len(self._names) <= MOST_COMPONENTS


class _Probe:
    """Parser of one record inside its context."""

    def __init__(self, context: bytes, listener: Callable[[Sink], Handler]) -> None:
        self._sink = _Recorder()
        self._handler = listener(self._sink)
        self._handler.listen = self._listen
        self._parser = parser = expat.ParserCreate("utf-8", "}")
        parser.ordered_attributes = parser.buffer_text = True
        parser.Parse(context, False)
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        self.values: list[str] = []
        self.depth = 0
        self._reached = False

    @property
    def events(self) -> list[tuple[str, Pairs]]:
        """What the record meant."""
        return self._sink.events

    @property
    def composite(self) -> set[str]:
        """Components with several values or languages."""
        return self._handler.composite

    def feed(self, text: bytes) -> bool:
        """Whether the text is well formed and all of it is about series and observations."""
        try:
            self._parser.Parse(text + b"<probe/>", False)
            self._parser.Parse(
                b"<probe/>", False
            )  # what comes after it is no comment or section either
        except (expat.ExpatError, MessageError, KeyError):
            return False
        sink, handler = self._sink, self._handler
        return self._reached and not (
            sink.groups or sink.partial or handler.skipped or handler.dataset
        )

    def _listen(self, wanted: bool) -> None:
        self._parser.CharacterDataHandler = self._handler.text if wanted else None

    def _start(self, name: str, attributes: Pairs) -> None:
        if name.rpartition("}")[2] == "probe":
            self._reached = True
            return
        self.depth += 1
        self.values += attributes[1::2]
        self._handler.start(name, attributes)

    def _end(self, name: str) -> None:
        if name.rpartition("}")[2] != "probe":
            self.depth -= 1
            self._handler.end(name)


def _shape(events: list[tuple[str, Pairs]], *, inside: bool) -> Shape | None:
    """Shape of a record: perhaps a series begins, perhaps one observation, perhaps a series ends."""
    order = "".join(kind[0] if kind != "observation" else "." for kind, _ in events)
    if not re.fullmatch(r"(os*)?\.?c?" if not inside else r"\.?c?", order) or not order:
        return None
    opens, closes = "o" in order, "c" in order
    if closes and not (opens or inside):
        return None
    series: Any = [part for kind, pairs in events if kind == "series" for part in pairs]
    own: Any = next((pairs for kind, pairs in events if kind == "observation"), None)
    found = _origins(series), None if own is None else _origins(own)
    if found[0] is None or (own is not None and found[1] is None):
        return None
    needed = inside if opens or closes else None
    return Shape(needed, opens, closes, found[1], found[0])


def _origins(pairs: Pairs) -> dict[str, Origin] | None:
    """Origins by component; None where one is given twice."""
    found: dict[str, Origin] = {}
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        if "}" in name:
            continue
        if name in found:
            return None
        match = _PLACE.fullmatch(value)
        if not match and _PLACE.search(value):
            return None
        found[name] = int(match[1]) if match else value
    return found

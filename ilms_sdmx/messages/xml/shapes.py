"""Shapes: spellings of observations and series, each read once by a real XML parser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias
from xml.parsers import expat

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.batches import MOST_COMPONENTS
from ilms_sdmx.messages.xml.handler import Handler
from ilms_sdmx.messages.xml.pieces import Unusual
from ilms_sdmx.messages.xml.rows import Pairs, Sink

_PLACE = re.compile(r"v(\d+)v")
#: Letter of each event, and the orders of events that a record may have.
_LETTERS = {"open": "o", "series": "s", "observation": ".", "close": "c"}
_ORDER_INSIDE = re.compile(r"\.?c?")
_ORDER_OUTSIDE = re.compile(r"(os*)?\.?c?")
#: Where the value of a component comes from: its place among the values of the record, or a
#: constant.
Origin: TypeAlias = "int | str"


@dataclass(frozen=True)
class Shape:
    """What one spelling of a record means.

    Parameters
    ----------
    inside
        Whether it is in an open series; None if it may be so or not.
    opens, closes
        Whether it begins, and ends, a series.
    observation, series
        Origins of what is on the observation, None if there is none, and on the series it
        opens.
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
        Start tags of the message and of the data set, as written there.
    series
        Start tag of a series without attributes, in the spelling of the message.
    listener
        Makes a handler for a sink.
    """

    def __init__(
        self, context: bytes, series: bytes, listener: Callable[[Sink], Handler]
    ) -> None:
        self.series = series
        self.composite: set[str] = set()
        self._context = context
        self._listener = listener
        self._known: dict[tuple[bytes, int], Shape | None] = {}
        self._names: set[str] = set()

    def read(self, text: bytes, places: list[int]) -> Shape | None:
        """Shape of a record whose values are the place-holders `v0v`, `v1v`...

        `places` are the place-holders that must come back, each once, as whole values of
        attributes. None if the record is unusual.
        """
        key = (text, len(places))
        if key not in self._known:
            shape = self._read(text, places, inside=False)
            if shape is None:
                shape = self._read(text, places, inside=True)
            self._known[key] = shape
        return self._known[key]

    def alone(self, text: bytes) -> Shape:
        """Shape of one odd record, with its values as they are.

        Raises
        ------
        Unusual
            It is not well-formed by itself, or something in it is out of place.
        """
        for inside in (False, True):
            context = self._context + self.series if inside else self._context
            probe = _Probe(context, self._listener, inside=inside)
            if not probe.feed(text):
                continue
            shape = _shape(probe.events, _constants, inside=inside)
            if shape is None or probe.depth != shape.opens - shape.closes:
                continue
            if self._few(shape):
                self.composite |= probe.composite
                return shape
        raise Unusual

    def _read(self, text: bytes, places: list[int], *, inside: bool) -> Shape | None:
        """Shape of a record before which a series is open or not."""
        context = self._context + self.series if inside else self._context
        probe = _Probe(context, self._listener, inside=inside)
        if not probe.feed(text) or not _all_back(probe.values, places):
            return None
        shape = _shape(probe.events, _origins, inside=inside)
        if shape is None or probe.depth != shape.opens - shape.closes:
            return None
        if not self._few(shape):
            return None
        self.composite |= probe.composite
        return shape

    def _few(self, shape: Shape) -> bool:
        """Whether there are few enough components; the ordinary reader refuses too many."""
        self._names.update(shape.series, shape.observation or ())
        return len(self._names) <= MOST_COMPONENTS


def _all_back(values: list[str], places: list[int]) -> bool:
    """Whether each place-holder is a whole value exactly once."""
    wanted = Counter(f"v{place}v" for place in places)
    returned = Counter(filter(wanted.__contains__, values))
    return returned == wanted


class _Probe:
    """Parser of one record inside its context, which may be an open series."""

    def __init__(
        self, context: bytes, listener: Callable[[Sink], Handler], *, inside: bool
    ) -> None:
        self.values: list[str] = []
        self.depth = 0
        #: Whether nothing but the open series has ended that was open before the record.
        self.within = True
        self._lowest = -int(inside)
        self._reached = False
        self._sink = _Recorder()
        self._handler = listener(self._sink)
        self._handler.listen = self._listen
        self._handler.resume(inside=inside)
        self._parser = expat.ParserCreate("utf-8", "}")
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True
        self._parser.Parse(context, False)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

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
            # What comes after the text is no comment or section either.
            self._parser.Parse(b"<probe/>", False)
        except (expat.ExpatError, MessageError, KeyError):
            return False
        aside = self._sink.groups or self._sink.partial
        not_rows = self._handler.skipped or self._handler.dataset
        return self._reached and self.within and not aside and not not_rows

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
            self.within = self.within and self.depth >= self._lowest
            self._handler.end(name)


def _shape(
    events: list[tuple[str, Pairs]],
    origins: Callable[[Pairs], dict[str, Origin] | None],
    *,
    inside: bool,
) -> Shape | None:
    """Shape of a record: a series may begin, one observation may follow, a series may end."""
    order = "".join(_LETTERS[kind] for kind, _ in events)
    regular = _ORDER_INSIDE if inside else _ORDER_OUTSIDE
    if not order or not regular.fullmatch(order):
        return None
    opens = "o" in order
    closes = "c" in order
    if closes and not opens and not inside:
        return None
    series_pairs: Pairs = []
    observation: dict[str, Origin] | None = None
    for kind, pairs in events:
        if kind == "series":
            series_pairs += pairs
        if kind == "observation":
            observation = origins(pairs)
            if observation is None:
                return None
    series = origins(series_pairs)
    if series is None:
        return None
    needed = inside if opens or closes else None
    return Shape(needed, opens, closes, observation, series)


def _constants(pairs: Pairs) -> dict[str, Origin] | None:
    """Values by component; None where one is given twice."""
    values: dict[str, Origin] = {}
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        if name in values:
            return None
        if "}" not in name:
            values[name] = value
    return values


def _origins(pairs: Pairs) -> dict[str, Origin] | None:
    """Origins by component; None where one is given twice, or a value is unusual."""
    origins: dict[str, Origin] = {}
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        if "}" in name:
            continue
        if name in origins:
            return None
        match = _PLACE.fullmatch(value)
        if match:
            origins[name] = int(match[1])
            continue
        if _PLACE.search(value):
            return None
        origins[name] = value
    return origins

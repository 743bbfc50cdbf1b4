"""Reading SDMX-ML: a whole message, every byte of it checked by a real XML parser."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from ilms_sdmx.datasets.given import Given
from ilms_sdmx.errors import IncompleteError, MessageError
from ilms_sdmx.findings import Finding
from ilms_sdmx.messages.batches import Batch
from ilms_sdmx.messages.header import Header
from ilms_sdmx.messages.message import Note
from ilms_sdmx.messages.opening import Source
from ilms_sdmx.messages.xml import elements
from ilms_sdmx.messages.xml.kinds import declared, format_of, format_of_set, is_old
from ilms_sdmx.messages.xml.lane import FastLane
from ilms_sdmx.messages.xml.part import Part, old_action
from ilms_sdmx.messages.xml.rows import Pairs
from ilms_sdmx.messages.xml.shapes import Shapes
from ilms_sdmx.messages.xml.window import Window

_TAG = re.compile(rb"<[^\s/>]+(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_BLOCK = 1 << 18
_ROWS = 50_000
#: Bytes that the fast lane takes at once, and those that it leaves to the ordinary reader where
#: it fails.
_STRETCH = 1 << 22
_ODD = 1 << 16
#: After so many odd stretches in a row the rest of the data set is left to the ordinary reader.
_PATIENCE = 8
#: Data sets are directly inside the root.
_LEVEL_OF_SETS = 2
#: A single tag or text may not be longer than this.
_LONGEST = 1 << 24


def read(source: Source, given: Given, *, stretch: int = _STRETCH) -> XmlReading:
    """Begin to read a message: its header is known when this returns.

    `stretch` is the number of bytes that the fast lane takes at once; with 0 the ordinary
    reader reads all of the message. The result is the same whatever it is.
    """
    return XmlReading(source, given, stretch)


class _RecordStart(Exception):  # noqa: N818
    """Raised where the fast lane may take over, with the position and the tag."""

    def __init__(self, position: int, tag: bytes) -> None:
        super().__init__(position)
        self.position = position
        self.tag = tag


class XmlReading:
    """One SDMX-ML message being read: expat calls the handler of the data set it is in."""

    def __init__(self, source: Source, given: Given, stretch: int) -> None:
        self.header = Header()
        self.format = ""
        self.footer: tuple[Note, ...] = ()
        self.findings: list[Finding] = []
        self._name = source.name
        self._given = given
        self._window = Window(source.utf8(declared(source)))
        self._ready: list[Batch] = []
        self._part: Part | None = None
        self._sets = 0
        self._level = 0
        self._complete = False
        self._root = b""
        self._root_format = ""
        self._lane: FastLane | None = None
        self._stretch = stretch
        self._odd = min(_ODD, stretch // 4)
        self._resume = -1
        self._failures = 0
        #: Namespace of the last series that the ordinary reader began.
        self._space = ""
        self._narrow: list[tuple[int, int]] = []
        self._parser = self._fresh(b"")
        while not self._sets and not self._complete:
            self._step()

    def __iter__(self) -> Iterator[Batch]:
        while True:
            yield from self._ready
            self._ready.clear()
            if self._complete:
                return
            self._step()

    def _step(self) -> None:
        """Take the next stretch in the fast lane, or parse the next block."""
        if self._lane is not None:
            self._take_stretch(self._lane)
            return
        block = self._window.block(_BLOCK)
        try:
            self._parse(block, final=not block)
        except _RecordStart as start:
            self._enter_lane(start.position, start.tag)
            return
        self._window.drop(len(block))
        self._complete = not block
        if self._part and self._part.sink.count >= _ROWS:
            self._flush(self._part)

    def _flush(self, part: Part) -> None:
        """Give the rows read so far as a batch."""
        if part.sink.count:
            chunk = part.sink.take()
            self._ready.append(part.batch(chunk))

    # The fast lane. ---------------------------------------------------------------------------

    def _watch(self, name: str, attributes: Pairs) -> None:
        """Handle the start of an element, or leave the parser for the fast lane."""
        part = self._part
        assert part is not None
        # This is called for every element that the ordinary reader reads: the cheap tests
        # first.
        if name.endswith(("Obs", "Series")) and not part.handler.skipping:
            position = self._offset + self._parser.CurrentByteIndex
            # Of a tag longer than a block a part has been dropped: the lane cannot begin there.
            reachable = position >= self._resume and position >= self._window.start
            if reachable and part.handler.between_records:
                tag = self._tag()
                if tag and self._may_begin(part, name, tag):
                    self._space = name.removesuffix("Obs").removesuffix("Series")
                    raise _RecordStart(position, tag)
            if name.endswith("Series"):
                self._space = name.removesuffix("Series")
        part.handler.start(name, attributes)

    def _may_begin(self, part: Part, name: str, tag: bytes) -> bool:
        """Whether the lane may begin at a tag: spelled as others, and as the open series."""
        if part.lane is not None and _prefix(tag) != part.lane.prefix:
            return False
        return part.sink.current is None or name.removesuffix("Obs") == self._space

    def _enter_lane(self, position: int, tag: bytes) -> None:
        """Go on in the fast lane, at a position that begins with a tag."""
        part = self._part
        assert part is not None
        self._window.drop(position - self._window.start)
        self._flush(part)
        if part.lane is None:
            prefix = _prefix(tag)
            series = b"<" + prefix + b"Series>"
            shapes = Shapes(self._root + self._opened, series, part.listener)
            part.lane = FastLane(shapes, prefix, part.sink)
        self._lane = part.lane

    def _take_stretch(self, lane: FastLane) -> None:
        """Read a stretch in the fast lane; if it is unusual, take a smaller one or leave."""
        part = self._part
        assert part is not None
        size = self._size()
        data = self._window.ahead(size)
        end = lane.last_record(data)
        chunk = lane.read(data, end) if end else None
        if chunk is not None:
            part.handler.composite |= lane.shapes.composite
            self._ready.append(part.batch(chunk))
            self._window.drop(end)
            self._failures = 0
        elif end > self._odd and size > self._odd:
            smaller = max(size // 8, self._odd)
            self._narrow.append((smaller, self._window.start + end))
        else:
            self._leave_lane(lane, part)

    def _size(self) -> int:
        """Bytes to take next: an eighth, and of that an eighth, where a stretch was unusual."""
        while self._narrow:
            size, end = self._narrow[-1]
            if end > self._window.start:
                return size
            self._narrow.pop()
        return self._stretch

    def _leave_lane(self, lane: FastLane, part: Part) -> None:
        """Give the next records to an ordinary parser that begins where the lane is."""
        self._lane = None
        self._failures += 1
        self._resume = sys.maxsize
        if self._failures < _PATIENCE:
            self._resume = self._window.start + self._odd
        inside = lane.shapes.series if part.sink.current is not None else b""
        part.handler.resume(inside=bool(inside))
        self._parser = self._fresh(self._root + self._opened + inside)

    def _parse(self, block: bytes, *, final: bool) -> None:
        """Give a block to the parser."""
        parser = self._parser
        try:
            parser.Parse(block, final)
        except expat.ExpatError as error:
            self._fail(expat.ErrorString(error.code), error.lineno, error.offset)
        except IncompleteError:
            raise
        except MessageError as error:
            self._fail(str(error), parser.CurrentLineNumber, parser.CurrentColumnNumber)
        end_of_block = self._window.start + len(block)
        begun = self._offset + parser.CurrentByteIndex
        if not final and end_of_block - begun > _LONGEST:
            message = f"one tag or text is over {_LONGEST >> 20} MB"
            self._fail(message, parser.CurrentLineNumber, 0)

    def _fail(self, message: str, line: int, column: int) -> None:
        """Raise an error about a place in the message; lines are those of the parser."""
        place = f"line {self._line + line}, column {column + 1}"
        raise MessageError(f"{self._name}: {place}: {message}") from None

    def _fresh(self, context: bytes) -> Any:
        """Parser that goes on at the window's start, inside the elements of `context`."""
        parser = expat.ParserCreate("utf-8", "}")
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse
        self._offset = self._window.start - len(context)
        self._line = self._window.lines
        if context:
            parser.Parse(context, False)
            self._line -= context.count(b"\n")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        if self._part is not None:
            # Where the lane has given up for good, nothing is to be watched for.
            given_up = self._resume == sys.maxsize
            handler = self._part.handler
            parser.StartElementHandler = handler.start if given_up else self._watch
            parser.EndElementHandler = handler.end
        return parser

    # Message level. ---------------------------------------------------------------------------

    def _start(self, name: str, attributes: Pairs) -> None:
        """Handle the start of an element outside data sets."""
        self._level += 1
        local = name.rpartition("}")[2]
        if not self._root:
            self._root = self._tag()
            self._root_format = format_of(name)
            self.format = self._root_format
        elif local in ("Header", "Footer", "ErrorMessage"):
            self._tree(local, name, attributes)
        elif local == "DataSet":
            self._open_set(name, attributes)

    def _end(self, name: str) -> None:
        """Handle the end of an element outside data sets."""
        self._level -= 1

    def _tree(self, local: str, name: str, attributes: Pairs) -> None:
        """Build a tree of an element, and go on here when it ends."""
        tree = elements.Tree()
        tree.start(name, attributes)

        def end(_: str) -> None:
            tree.end()
            if tree.done:
                self._take_tree(local, tree.root)
                self._restore()

        self._parser.StartElementHandler = tree.start
        self._parser.EndElementHandler = end
        self._parser.CharacterDataHandler = tree.text

    def _restore(self) -> None:
        """Handle elements outside data sets again, one of which has ended."""
        self._level -= 1
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = None

    def _take_tree(self, local: str, root: elements.Element) -> None:
        """Take a header, a footer, or the error that a service has sent."""
        if local == "Header":
            self.header = old_action(elements.read_header(root))
            return
        if local == "Footer":
            self.footer += elements.read_notes(root)
            return
        texts = []
        for element in root.all("Text"):
            texts.append(element.text)
        code = root.attributes.get("code", "")
        told = "; ".join(texts)
        raise IncompleteError(f"{self._name}: the service answered error {code}: {told}")

    def _open_set(self, name: str, attributes: Pairs) -> None:
        """Begin a data set."""
        self.format = format_of_set(self._root_format, name)
        part = Part(self._sets, attributes, self.header, self._given, form=self.format)
        self._part = part
        self._sets += 1
        self._opened = self._tag()
        self._resume = self._window.start
        self._narrow = []
        self._failures = 0
        part.handler.ends_with(name, self._close_set)
        part.handler.listen = self._listen
        self._parser.EndElementHandler = part.handler.end
        self._parser.StartElementHandler = part.handler.start
        if self._stretch and self._regular(part):
            self._parser.StartElementHandler = self._watch

    def _regular(self, part: Part) -> bool:
        """Whether the fast lane may read a data set; in generic 2.0 groups may hold series.

        The parser behind the lane goes on inside the root and the data set: there may be no
        other element around it.
        """
        old_generic = is_old(self.format) and part.generic
        if old_generic or part.structure.explicit_measures:
            return False
        return bool(self._root and self._opened) and self._level == _LEVEL_OF_SETS

    def _listen(self, wanted: bool) -> None:
        """Give the texts of elements to the handler of the data set, or to none."""
        self._parser.CharacterDataHandler = None
        if wanted and self._part:
            self._parser.CharacterDataHandler = self._part.handler.text

    def _close_set(self) -> None:
        """End a data set."""
        part = self._part
        assert part is not None
        chunk = part.sink.take()
        self._ready.append(part.batch(chunk, last=True))
        self.findings += part.find_assumptions()
        self._part = None
        self._lane = None
        self._restore()

    def _tag(self) -> bytes:
        """Text of the tag whose start is being handled."""
        match = _TAG.match(self._parser.GetInputContext() or b"")
        return match[0] if match else b""


def _prefix(tag: bytes) -> bytes:
    """Prefix of a tag with its colon, empty where it has none."""
    name = tag.split()[0]
    return name[1 : name.find(b":") + 1]


def _refuse(*_: Any) -> None:
    raise MessageError(
        "a document type declaration; SDMX messages have none, and it may hide an attack"
    )

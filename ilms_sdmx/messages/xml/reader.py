"""Reading SDMX-ML: a message from its first byte to its last, every byte seen by a real XML parser."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from ilms_sdmx.datasets import Components
from ilms_sdmx.errors import MessageError
from ilms_sdmx.findings import Finding
from ilms_sdmx.messages.batches import Batch
from ilms_sdmx.messages.header import Header
from ilms_sdmx.messages.message import Note
from ilms_sdmx.messages.opening import Source
from ilms_sdmx.messages.xml import elements
from ilms_sdmx.messages.xml.kinds import declared, format_of
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
#: A single tag or text may not be longer than this.
_LONGEST = 1 << 24


def read(
    source: Source, components: Components | None, *, stretch: int = _STRETCH
) -> XmlReading:
    """Begin to read a message: its header is known when this returns.

    `stretch` is the number of bytes that the fast lane takes at once; with 0 the ordinary
    reader reads all of the message. The result is the same whatever it is.
    """
    return XmlReading(source, components, stretch)


class _RecordStart(Exception):  # noqa: N818
    """Raised by the parser's handler where the fast lane may take over, with the position and the tag."""

    def __init__(self, position: int, tag: bytes) -> None:
        super().__init__(position)
        self.position, self.tag = position, tag


class XmlReading:
    """One SDMX-ML message being read: expat calls the handler of the data set it is in."""

    def __init__(self, source: Source, components: Components | None, stretch: int) -> None:
        self._stretch, self._odd = stretch, min(_ODD, stretch // 4)
        self.header, self.format = Header(), ""
        self.footer: tuple[Note, ...] = ()
        self.findings: list[Finding] = []
        self._name, self._given = source.name, components
        self._window = Window(source.utf8(declared(source)))
        self._ready: list[Batch] = []
        self._part: Part | None = None
        self._sets = 0
        self._complete = False
        self._root = b""
        self._lane: FastLane | None = None
        self._resume, self._failures = -1, 0
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
        if part.sink.count:
            self._ready.append(part.batch(part.sink.take()))

    # The fast lane.
    # ----------------------------------------------------------------------------------------

    def _watch(self, name: str, attributes: Pairs) -> None:
        """Handle the start of an element, but leave the parser where the fast lane may take over."""
        part, parser = self._part, self._parser
        assert part is not None
        position = self._offset + parser.CurrentByteIndex
        record = name.endswith(("Obs", "Series")) and not part.handler.skipping
        behind = (
            position < self._window.start
        )  # a tag longer than a block: part of it has been dropped
        if record and not behind and position >= self._resume and (tag := self._tag()):
            raise _RecordStart(position, tag)
        part.handler.start(name, attributes)

    def _enter_lane(self, position: int, tag: bytes) -> None:
        part = self._part
        assert part is not None
        self._window.drop(position - self._window.start)
        self._flush(part)
        if part.lane is None:
            prefix = tag[1 : tag.find(b":", 0, len(tag.split()[0])) + 1]
            part.lane = FastLane(
                Shapes(self._root + self._opened, b"<" + prefix + b"Series>", part.listener),
                prefix,
                part.sink,
            )
        self._lane = part.lane

    def _take_stretch(self, lane: FastLane) -> None:
        """Read a stretch in the fast lane; where it is unusual a smaller one, then an ordinary parser."""
        part = self._part
        assert part is not None
        size = self._size()
        data = self._window.ahead(size)
        cut = lane.last_record(data)
        chunk = lane.read(data, cut) if cut else None
        if chunk is not None:
            part.handler.composite |= lane.shapes.composite
            self._ready.append(part.batch(chunk))
            self._window.drop(cut)
            self._failures = 0
        elif cut > self._odd and size > self._odd:
            self._narrow.append((max(size // 8, self._odd), self._window.start + cut))
        else:
            self._leave_lane(lane)

    def _size(self) -> int:
        """Bytes to take next: an eighth, and of that an eighth, where a stretch was unusual."""
        while self._narrow and self._narrow[-1][1] <= self._window.start:
            self._narrow.pop()
        return self._narrow[-1][0] if self._narrow else self._stretch

    def _leave_lane(self, lane: FastLane) -> None:
        """Give the next records to an ordinary parser that stands where the lane is."""
        self._failures += 1
        self._resume = (
            self._window.start + self._odd if self._failures < _PATIENCE else sys.maxsize
        )
        self._lane = None
        assert self._part is not None
        inside = lane.shapes.series if self._part.sink.current is not None else b""
        self._part.handler.resume(inside=bool(inside))
        self._parser = self._fresh(self._root + self._opened + inside)

    def _parse(self, block: bytes, *, final: bool) -> None:
        parser = self._parser
        try:
            parser.Parse(block, final)
        except expat.ExpatError as error:
            self._fail(expat.ErrorString(error.code), error.lineno, error.offset)
        except MessageError as error:
            self._fail(str(error), parser.CurrentLineNumber, parser.CurrentColumnNumber)
        if (
            not final
            and self._window.start + len(block) - self._offset - parser.CurrentByteIndex
            > _LONGEST
        ):
            self._fail(
                f"one tag or text is over {_LONGEST >> 20} MB", parser.CurrentLineNumber, 0
            )

    def _fail(self, message: str, line: int, column: int) -> None:
        raise MessageError(
            f"{self._name}: line {self._line + line}, column {column + 1}: {message}"
        ) from None

    def _fresh(self, context: bytes) -> Any:
        """Parser that goes on at the window's start, inside the elements that `context` opens."""
        parser = expat.ParserCreate("utf-8", "}")
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse
        self._offset, self._line = self._window.start - len(context), self._window.lines
        if context:
            parser.Parse(context, False)
            self._line -= context.count(b"\n")
        parser.StartElementHandler = self._start if self._part is None else self._watch
        parser.EndElementHandler = self._end if self._part is None else self._part.handler.end
        return parser

    # Message level.
    # ----------------------------------------------------------------------------------------

    def _start(self, name: str, attributes: Pairs) -> None:
        local = name.rpartition("}")[2]
        if not self._root:
            self._root = self._tag()
            self.format = format_of(name)
        elif local in ("Header", "Footer", "ErrorMessage"):
            self._tree(local, name, attributes)
        elif local == "DataSet":
            self._open_set(name, attributes)

    def _end(self, name: str) -> None:
        """Nothing ends at this level that matters."""

    def _tree(self, local: str, name: str, attributes: Pairs) -> None:
        """Build a tree of an element, and go on here when it ends."""
        tree = elements.Tree()
        tree.start(name, attributes)

        def end(_: str) -> None:
            tree.end()
            if tree.done:
                self._take_tree(local, tree.root)
                self._restore()

        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler = tree.start, end
        parser.CharacterDataHandler = tree.text

    def _restore(self) -> None:
        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = None

    def _take_tree(self, local: str, root: elements.Element) -> None:
        if local == "Header":
            self.header = old_action(elements.read_header(root))
        elif local == "Footer":
            self.footer += elements.read_notes(root)
        else:
            texts = "; ".join(t.text for t in root.all("Text"))
            raise MessageError(
                f"the service answered error {root.attributes.get('code', '')}: {texts}"
            )

    def _open_set(self, name: str, attributes: Pairs) -> None:
        self._part = part = Part(
            self._sets, attributes, self.header, self._given, form=self.format
        )
        self._sets += 1
        self._opened = self._tag()
        part.handler.ends_with(name, self._close_set)
        part.handler.listen = self._listen
        known = bool(self._root and self._opened)
        regular = self.format != "sdmx-ml-2.0-generic" and not part.structure.explicit_measures
        watching = (
            self._stretch and known and regular
        )  # in generic 2.0 series may stand in groups
        self._resume, self._narrow, self._failures = self._window.start, [], 0
        self._parser.StartElementHandler = self._watch if watching else part.handler.start
        self._parser.EndElementHandler = part.handler.end

    def _listen(self, wanted: bool) -> None:
        part = self._part
        self._parser.CharacterDataHandler = part.handler.text if wanted and part else None

    def _close_set(self) -> None:
        assert self._part is not None
        self._ready.append(self._part.batch(self._part.sink.take(), last=True))
        self.findings += self._part.findings()
        self._part, self._lane = None, None
        self._restore()

    def _tag(self) -> bytes:
        """Text of the tag whose start is being handled."""
        match = _TAG.match(self._parser.GetInputContext() or b"")
        return match[0] if match else b""


def _refuse(*_: Any) -> None:
    raise MessageError(
        "a document type declaration; SDMX messages have none, and it may hide an attack"
    )

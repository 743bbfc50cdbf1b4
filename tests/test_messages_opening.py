"""Sources open whatever they are packed in, and refuse what is no message."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages import read_batches
from ilms_sdmx.messages.opening import ALLOWANCE, Readable, open_source
from ilms_sdmx.messages.recognition import recognise

XML = '<?xml version="1.0"?><a x="é"/>'.encode()


def zipped(*files: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return buffer.getvalue()


class Trickle(io.RawIOBase):
    """Stream that cannot seek and gives one byte at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._data.read(1 if size else 0)


def same(data: bytes) -> bytes:
    return data


@pytest.mark.parametrize("pack", [same, gzip.compress, lambda data: zipped(("a.xml", data))])
@pytest.mark.parametrize("offer", [same, io.BytesIO, Trickle])
def test_bytes_arrive_whole(
    pack: Callable[[bytes], bytes], offer: Callable[[bytes], object]
) -> None:
    with open_source(offer(pack(XML))) as source:
        assert source.head == XML
        assert source.stream.read() == XML


def test_path_and_its_name(tmp_path: Path) -> None:
    path = tmp_path / "data.xml.gz"
    path.write_bytes(gzip.compress(XML, mtime=0))
    with open_source(path) as source:
        assert (source.name, source.stream.read()) == ("data.xml.gz", XML)


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_encodings_that_show_themselves(encoding: str) -> None:
    with open_source(XML.decode().encode(encoding)) as source:
        assert source.utf8().read() == XML


def test_declared_encoding() -> None:
    with open_source("<é/>".encode("latin-1")) as source:
        assert source.utf8("ISO-8859-1").read() == "<é/>".encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"  \n", "empty file"),
        (gzip.compress(XML, mtime=0)[:-9], "truncated"),
        (gzip.compress(gzip.compress(XML, mtime=0), mtime=0), "packed twice"),
        (zipped(("a.xml", XML), ("b.xml", XML)), "found 2"),
        (zipped(), "expected an SDMX message"),
        (b"PK\x03\x04rubbish", "broken"),
    ],
    ids=["empty", "truncated", "packed-twice", "two-files", "no-file", "broken"],
)
def test_what_cannot_be_opened_is_named(data: bytes, words: str) -> None:
    def attempt() -> None:
        with open_source(data) as source:
            source.stream.read()
            recognise(source)

    with pytest.raises(MessageError, match=words):
        attempt()


def test_missing_file_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(MessageError, match=r"absent.xml: No such file"),
        open_source(tmp_path / "absent.xml"),
    ):
        pass


def test_text_stream_is_misuse() -> None:
    with pytest.raises(TypeError, match="bytes"), open_source(io.StringIO("<a/>")):  # type: ignore[arg-type]
        pass


def test_bomb_is_refused() -> None:
    bomb = gzip.compress(b"<a>" + bytes(ALLOWANCE + (1 << 22)), 9)
    with open_source(bomb) as source, pytest.raises(MessageError, match="bomb"):
        for _ in iter(lambda: source.stream.read(1 << 20), b""):
            pass


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("<?xml version='1.0'?><x/>", "sdmx-ml"),
        (' {"meta": {}}', "sdmx-json"),
        ("DATAFLOW,FREQ", "sdmx-csv"),
        ('"STRUCTURE[;]";STRUCTURE_ID', "sdmx-csv"),
    ],
)
def test_family_is_told_from_content(text: str, family: str) -> None:
    with open_source(text.encode()) as source:
        assert recognise(source) == family


@pytest.mark.parametrize(
    "text", ["<!DOCTYPE html><html>", "<html><body>503", "hello", "[1, 2]", "DATAFLOWS,A"]
)
def test_what_is_no_message_is_quoted(text: str) -> None:
    with (
        open_source(text.encode()) as source,
        pytest.raises(MessageError, match=r"expected an SDMX message"),
    ):
        recognise(source)


@pytest.mark.parametrize("pack", [same, gzip.compress])
def test_progress_ends_where_the_source_does(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    data = pack(
        b"DATAFLOW,D,OBS_VALUE\n" + b"".join(b"X:F(1.0),a%d,1\n" % i for i in range(300_000))
    )
    path = tmp_path / "message"
    path.write_bytes(data)
    for source in (data, path, io.BytesIO(data)):
        told = progress(source)
        assert told[-1] == (len(data), len(data))
        assert [done for done, _ in told[3:]] == sorted(done for done, _ in told[3:])


def progress(source: Readable) -> list[tuple[int, int]]:
    """Return what is told while a source is read."""
    told: list[tuple[int, int]] = []
    with read_batches(
        source, progress=lambda done, total: told.append((done, total))
    ) as batches:
        for _ in batches:
            pass
    return told


def test_progress_of_a_stream_that_cannot_seek_has_no_end_in_sight() -> None:
    data = b"DATAFLOW,D,OBS_VALUE\nX:F(1.0),a,1\n"
    assert progress(Trickle(data))[-1] == (len(data), 0)

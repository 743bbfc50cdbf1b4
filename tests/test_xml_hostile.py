"""Hostile and broken input ends in a MessageError that says where, soon and in little memory."""

import gzip
import time

import pytest

from ilms_sdmx import MessageError
from ilms_sdmx.messages import read
from tests.test_xml_traps import FLAT, among, document, odd

START, END = document("@").split("@")


def refused(data: bytes) -> str:
    with pytest.raises(MessageError) as caught:
        read(data)
    return str(caught.value)


def test_place_is_named() -> None:
    data = document(among(odd(' NOTE="a < b"'), FLAT)).encode()
    line = data[: data.index(b"a < b")].count(b"\n") + 1
    assert refused(data).startswith(f"<bytes>: line {line}, column ")


def test_place_is_named_after_a_long_fast_stretch() -> None:
    records = "".join(FLAT.format(i) for i in range(100_000))
    data = (START + records + "<Obs A='1' A='2'/>" + END).encode()
    assert refused(data).startswith(f"<bytes>: line {data.count(bytes([10])) + 1}, column")


@pytest.mark.parametrize("start", ["", "<?xml version='1.0'?>\n", "<!-- error -->\n"])
def test_html_page_is_called_one(start: str) -> None:
    page = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0">\n<html><body>Service unavailable</body></html>'
    assert "found an HTML page" in refused((start + page).encode())


def test_error_of_a_service_is_told() -> None:
    space = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
    answer = (
        f'<m:Error xmlns:m="{space}/message" xmlns:c="{space}/common"><m:ErrorMessage code="100">'
        "<c:Text>No results found</c:Text></m:ErrorMessage></m:Error>"
    )
    assert "the service answered error 100: No results found" in refused(answer.encode())


@pytest.mark.parametrize("other", ["Structure", "GenericMetadata", "Bogus"])
def test_another_message_is_named(other: str) -> None:
    assert (
        f"expected an SDMX data message, found {'element ' if other == 'Bogus' else ''}"
        in refused(
            f'<m:{other} xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"/>'.encode()
        )
    )


def test_huge_attribute_is_refused_in_time() -> None:
    begun = time.process_time()
    said = refused((START + '<Obs A="' + "x" * 50_000_000 + '"/>' + END).encode())
    assert "one tag or text is over 16 MB" in said
    assert time.process_time() - begun < 60


def test_huge_text_is_refused() -> None:
    text = "x " * 10_000_000
    value = f'<Obs A="z"><Comp id="NOTE"><Value>{text}</Value></Comp></Obs>'
    assert "values of one element are over 16 MB" in refused((START + value + END).encode())


def test_deep_nesting_is_refused() -> None:
    deep = "<c:Annotations>" * 1_000_000
    assert "nested more than 100 deep" in refused((START + deep + END).encode())


def test_deep_header_is_refused() -> None:
    deep = START.replace("<m:ID>", "<m:ID>" + "<x>" * 1000)
    assert "out of proportion" in refused((deep + END).encode())


def test_wrong_declaration_is_refused() -> None:
    text = document(FLAT.format(1))
    assert "declares encoding UTF-16" in refused(
        ('<?xml version="1.0" encoding="UTF-16"?>' + text).encode()
    )
    assert "unknown encoding" in refused(
        ('<?xml version="1.0" encoding="EBCDIC-7"?>' + text).encode()
    )


def test_truncated_gzip_is_refused() -> None:
    data = gzip.compress(document("".join(FLAT.format(i) for i in range(5000))).encode())
    assert "truncated" in refused(data[: len(data) // 2])


def test_footer_is_read() -> None:
    notes = (
        '<m:Footer><m:Message code="413" severity="Warning"><c:Text xml:lang="en">More at</c:Text>'
        '<c:Text xml:lang="fr">Suite</c:Text></m:Message></m:Footer>'
    )
    message = read(
        (START + FLAT.format(1) + END.replace("</m:DataSet>", "</m:DataSet>" + notes)).encode()
    )
    (note,) = message.footer
    assert (note.code, note.severity, note.by_language) == (
        "413",
        "Warning",
        {"en": "More at", "fr": "Suite"},
    )


def test_what_is_passed_over_is_reported() -> None:
    annotated = "<c:Annotations><c:Annotation><c:AnnotationTitle>t</c:AnnotationTitle></c:Annotation></c:Annotations>"
    message = read((START + annotated + FLAT.format(1) + END).encode())
    assert [f.message for f in message.report.of_rule("not-read")] == [
        "1 element Annotations was passed over: it is no data."
    ]

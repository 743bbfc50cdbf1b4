"""The fast lane and the ordinary reader give the same, and the right thing, for every odd record."""

import codecs
from itertools import groupby

import pytest

from ilms_sdmx import Components, Dataset, MessageError
from ilms_sdmx.datasets.given import Given
from ilms_sdmx.messages.batches import assemble
from ilms_sdmx.messages.opening import open_source
from ilms_sdmx.messages.xml.reader import read
from tests.generated import cells

M = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/"
COMPONENTS = Components(
    ("A", "B", "TIME_PERIOD"), ("OBS_VALUE",), {"NOTE": ("OBS_VALUE",), "UNIT": ("A", "B")}
)
STRETCHES = [0, 4 << 20, 2500, 777]
FLAT = '<Obs A="a{0}" B="b" TIME_PERIOD="2000" OBS_VALUE="{0}" NOTE="n"/>\n'
SERIES = '<Series A="a{0}" B="b" UNIT="u"><Obs TIME_PERIOD="2000" OBS_VALUE="{0}"/></Series>\n'
GENERIC = (
    '<g:Series><g:SeriesKey><g:Value id="A" value="a{0}"/><g:Value id="B" value="b"/></g:SeriesKey>'
    '<g:Attributes><g:Value id="UNIT" value="u"/></g:Attributes><g:Obs><g:ObsDimension value="2000"/>'
    '<g:ObsValue value="{0}"/></g:Obs></g:Series>\n'
)


def document(
    records: str,
    root: str = "StructureSpecificData",
    at: str = "AllDimensions",
    start: str = "",
) -> str:
    return (
        f'{start}<m:{root} xmlns:m="{M}message" xmlns:c="{M}common" xmlns:g="{M}data/generic"'
        f' xmlns:s="{M}data/structurespecific" xmlns:x="urn:x"><m:Header><m:ID>T</m:ID><m:Test>false</m:Test>'
        f'<m:Prepared>2025-01-01</m:Prepared><m:Sender id="S"/><m:Structure structureID="S1"'
        f' dimensionAtObservation="{at}"><c:Structure><Ref agencyID="T" id="T" version="1.0"/></c:Structure>'
        f'</m:Structure></m:Header>\n<m:DataSet s:structureRef="S1">\n{records}</m:DataSet></m:{root}>'
    )


def among(odd: str, regular: str, count: int = 40) -> str:
    half = [regular.format(i) for i in range(count)]
    return "".join(half) + odd + "\n" + "".join(regular.format(i + count) for i in range(count))


def outcome(data: bytes, stretch: int) -> list[Dataset] | str:
    """Data sets that a reader makes of a message, or `refused`."""
    try:
        with open_source(data) as source:
            reading = read(source, Given(COMPONENTS), stretch=stretch)
            return [
                assemble(batches) for _, batches in groupby(reading, key=lambda b: b.number)
            ]
    except MessageError:
        return "refused"


def shown(found: list[Dataset] | str) -> object:
    if isinstance(found, str):
        return found
    return [(cells(d), {k: f.to_dict("records") for k, f in d.attached.items()}) for d in found]


def check(data: bytes, expected: dict[str, str | None] | str | None, row: int = 40) -> None:
    """Every reader gives the same; the odd row is as expected, `refused`, or (None) not there."""
    results = [outcome(data, stretch) for stretch in STRETCHES]
    for result in results[1:]:
        assert shown(result) == shown(results[0])
    if isinstance(expected, str):
        assert results[0] == expected
        return
    assert not isinstance(results[0], str), "the message was refused"
    frame = cells(results[0][0])
    count = len(frame["A"])
    assert count == (80 if expected is None else 81)
    if expected is not None:
        assert {name: frame[name][row] for name in expected} == expected


def odd(inner: str = "", value: str = "1", end: str = "/>", before: str = "") -> str:
    return f'{before}<Obs A="z" B="b" TIME_PERIOD="2001" OBS_VALUE="{value}"{inner}{end}'


FLAT_TRAPS: dict[str, tuple[str, dict[str, str | None] | str | None]] = {
    "plain": (odd(' NOTE="n"'), {"A": "z", "NOTE": "n"}),
    "amp": (odd(' NOTE="a &amp; b"'), {"NOTE": "a & b"}),
    "charref": (odd(' NOTE="&#65;&#x42;"'), {"NOTE": "AB"}),
    "utf8": (odd(' NOTE="ครัวเรือน 𝔘"'), {"NOTE": "ครัวเรือน 𝔘"}),
    "order": (
        '<Obs NOTE="n" OBS_VALUE="1" TIME_PERIOD="2001" B="b" A="z"/>',
        {"A": "z", "NOTE": "n"},
    ),
    "single quotes": (odd().replace('"', "'"), {"A": "z", "OBS_VALUE": "1"}),
    "double quote inside single": (odd(""" NOTE='say "hi"'"""), {"NOTE": 'say "hi"'}),
    "one double quote inside single": (odd(""" NOTE='5" pipe'"""), {"NOTE": '5" pipe'}),
    "mixed quotes": (odd(" NOTE='n'"), {"A": "z", "NOTE": "n"}),
    "place-holder as text": (odd(' NOTE="v0v"'), {"NOTE": "v0v"}),
    "place-holder in single quotes": (odd(" NOTE='v0v'"), {"A": "z", "NOTE": "v0v"}),
    "spaces around =": (odd(' NOTE = "n"'), {"NOTE": "n"}),
    "> in a value": (odd(' NOTE="a > b"'), {"NOTE": "a > b"}),
    "record in a value": (odd(' NOTE="&lt;Obs A=&quot;y&quot;/>"'), {"NOTE": '<Obs A="y"/>'}),
    "comment": (odd(before="<!-- text -->"), {"A": "z"}),
    "multi-line comment": (odd(before="<!-- text\nand more -->"), {"A": "z"}),
    "comment with quotes": (odd(before='<!-- he said "no" -->'), {"A": "z"}),
    "comment with one quote": (odd(before='<!-- 5" -->'), {"A": "z"}),
    "record in a comment": ('<!-- <Obs A="y" B="b"/> -->', None),
    "records across comments": ('<!-- <Obs A="y"/> --> <!-- <Obs A="x"/> -->', None),
    "CDATA": ('<![CDATA[<Obs A="y" B="b"/>]]>', None),
    "processing instruction": (odd(before='<?pi <Obs A="y"/> ?>'), {"A": "z"}),
    "missing attributes": (
        '<Obs A="z" B="b" TIME_PERIOD="2001"/>',
        {"OBS_VALUE": None, "NOTE": None},
    ),
    "no attributes": ("<Obs/>", {"A": None, "OBS_VALUE": None}),
    "foreign attribute": (odd(' x:A="zz"'), {"A": "z"}),
    "foreign attribute with reference": (odd(' x:A="&lt;"'), {"A": "z"}),
    "bad foreign attribute": (odd(' x:A="<"'), "refused"),
    "explicit end tag": (odd(end="></Obs>"), {"A": "z"}),
    "empty value": (odd(' NOTE=""'), {"NOTE": ""}),
    "white space": (odd(' NOTE="a\tb\nc  d "'), {"NOTE": "a b c  d "}),
    "white space by reference": (odd(' NOTE="a&#9;b&#10;c&#13;"'), {"NOTE": "a\tb\nc\r"}),
    "NaN": (odd(value="NaN"), {"OBS_VALUE": "NaN"}),
    "exponent": (odd(value="1.5E3"), {"OBS_VALUE": "1.5E3"}),
    "INF": (odd(value="INF"), {"OBS_VALUE": "INF"}),
    "spaces round a number": (odd(value=" +7 "), {"OBS_VALUE": " +7 "}),
    "not a number": (odd(value="1_000"), {"OBS_VALUE": "1_000"}),
    "codes that look missing": (
        '<Obs A="NA" B="null" TIME_PERIOD="None"/>',
        {"A": "NA", "B": "null"},
    ),
    "xmlns on Obs": (odd(' xmlns:y="urn:y" y:B="q"'), {"B": "b"}),
    "long value": (odd(f' NOTE="{"x" * 200_000}"'), {"NOTE": "x" * 200_000}),
    "annotation inside": (
        odd(end='><c:Annotations><c:Annotation id="q"/></c:Annotations></Obs>'),
        {"A": "z"},
    ),
    "unknown element": ('<Other A="y"><Obs A="x"/></Other>', None),
    "group between": ('<Group A="a1" B="b" NOTE="g"/>', None),
    "unknown attribute": (odd(' MORE="m"'), {"MORE": "m"}),
    "< in a value": (odd(' NOTE="a < b"'), "refused"),
    "attribute twice": (odd(' A="y"'), "refused"),
    "no quotes": (odd(" NOTE=n"), "refused"),
    "no space": ('<Obs A="z"B="b"/>', "refused"),
    "bare &": (odd(' NOTE="a & b"'), "refused"),
    "unknown entity": (odd(' NOTE="&nbsp;"'), "refused"),
    "bad nesting": ("<Obs A='z'></Other>", "refused"),
    "nested": ('<Obs A="z"><Obs A="y"/></Obs>', "refused"),
    "control character": (odd(' NOTE="\x07"'), "refused"),
    "reference to a control character": (odd(' NOTE="&#7;"'), "refused"),
    "U+FFFE": (odd(' NOTE="\ufffe"'), "refused"),
    "extra end tag": ("</Obs>", "refused"),
    "data set ends early": ("</m:DataSet>", "refused"),
    "unbound prefix": (odd(' y:B="q"'), "refused"),
    "comment never closed": ("<!-- ", "refused"),
    "text between": (odd(before="words "), {"A": "z"}),
    "Series without end": ('<Series A="z" B="b">', "refused"),
}


@pytest.mark.parametrize("name", FLAT_TRAPS)
def test_flat(name: str) -> None:
    record, expected = FLAT_TRAPS[name]
    check(document(among(record, FLAT)).encode(), expected)


SERIES_TRAPS: dict[str, tuple[str, dict[str, str | None] | str | None]] = {
    "inherits": (SERIES.format(99), {"A": "a99", "UNIT": "u"}),
    "without observations": ('<Series A="z" B="b" UNIT="v"/>', None),
    "without observations, end tag": ('<Series A="z" B="b" UNIT="v"></Series>', None),
    "group between": ('<Group A="a1" B="b" NOTE="g"/>', None),
    "own value before that of the series": (
        '<Series A="z" B="b" UNIT="v"><Obs TIME_PERIOD="2001" UNIT="w"/></Series>',
        {"A": "z", "UNIT": "w"},
    ),
    "annotations": (
        '<Series A="z" B="b"><c:Annotations><c:Annotation id="q"/></c:Annotations><Obs TIME_PERIOD="1"/>'
        "</Series>",
        {"A": "z", "UNIT": None},
    ),
    "observation outside": ('<Obs A="z" B="b" TIME_PERIOD="2001"/>', {"A": "z", "UNIT": None}),
    "series in a series": ('<Series A="z" B="b"><Series A="y" B="b"/></Series>', "refused"),
    "end twice": ("</Series>", "refused"),
}


@pytest.mark.parametrize("name", SERIES_TRAPS)
def test_series(name: str) -> None:
    record, expected = SERIES_TRAPS[name]
    check(document(among(record, SERIES), at="TIME_PERIOD").encode(), expected)


def test_long_series_over_many_stretches() -> None:
    rows = "".join(f'<Obs TIME_PERIOD="{2000 + i}" OBS_VALUE="{i}"/>\n' for i in range(40))
    odd_row = "<Obs TIME_PERIOD='1990' OBS_VALUE='x'/>\n"
    records = (
        f'<Series A="p" B="b">{rows}{odd_row}{rows}</Series><Series A="q" B="b">{rows}</Series>'
    )
    data = document(records, at="TIME_PERIOD").encode()
    results = [outcome(data, stretch) for stretch in STRETCHES]
    assert all(shown(r) == shown(results[0]) for r in results)
    assert not isinstance(results[0], str)
    assert cells(results[0][0])["A"] == ["p"] * 81 + ["q"] * 40


GENERIC_TRAPS: dict[str, tuple[str, dict[str, str | None] | str | None]] = {
    "plain": (GENERIC.format(99), {"A": "a99", "UNIT": "u"}),
    "single quotes": (GENERIC.format(99).replace('"', "'"), {"A": "a99", "UNIT": "u"}),
    "value before id": (
        GENERIC.format(99).replace('id="A" value="a99"', 'value="z" id="A"'),
        {"A": "z"},
    ),
    "reference in an id": (GENERIC.format(99).replace('id="A"', 'id="&#65;"'), {"A": "a99"}),
    "component twice": (
        GENERIC.format(99).replace(
            "</g:SeriesKey>", '<g:Value id="A" value="y"/></g:SeriesKey>'
        ),
        "refused",
    ),
    "no value": (
        GENERIC.format(99).replace('<g:ObsValue value="99"/>', ""),
        {"OBS_VALUE": None},
    ),
    "&": (GENERIC.format(99).replace('"a99"', '"&amp;"'), {"A": "&"}),
}


@pytest.mark.parametrize("name", GENERIC_TRAPS)
def test_generic(name: str) -> None:
    record, expected = GENERIC_TRAPS[name]
    check(document(among(record, GENERIC), "GenericData", "TIME_PERIOD").encode(), expected)


SWAPPED = str.maketrans("\"'", "'\"")


@pytest.mark.parametrize("name", FLAT_TRAPS)
def test_a_file_in_single_quotes(name: str) -> None:
    record, expected = FLAT_TRAPS[name]
    if isinstance(expected, dict):
        expected = {k: v and v.translate(SWAPPED) for k, v in expected.items()}
    record = record.replace("&quot;", "&apos;")
    check(document(among(record, FLAT)).translate(SWAPPED).encode(), expected)


WHOLE = document(among(odd(' NOTE="é"'), FLAT))
ENCODED = {
    "no declaration": WHOLE.encode(),
    "BOM": codecs.BOM_UTF8 + WHOLE.encode(),
    "UTF-16 LE": codecs.BOM_UTF16_LE + WHOLE.encode("utf-16-le"),
    "UTF-16 BE": codecs.BOM_UTF16_BE + WHOLE.encode("utf-16-be"),
    "Latin-1": ('<?xml version="1.0" encoding="ISO-8859-1"?>' + WHOLE).encode("latin-1"),
    "Windows-1252": ("<?xml version='1.0' encoding='windows-1252'?>" + WHOLE).encode("cp1252"),
    "another prefix": WHOLE.replace("m:", "message:")
    .replace("xmlns:m=", "xmlns:message=")
    .encode(),
    "a prefix with a dot": WHOLE.replace("m:", "a.m-1:")
    .replace("xmlns:m=", "xmlns:a.m-1=")
    .encode(),
    "single quotes": WHOLE.replace('"', "'").encode(),
    "one line": WHOLE.replace("\n", "").encode(),
    "CRLF": WHOLE.replace("\n", "\r\n").encode(),
    "footer": WHOLE.replace(
        "</m:DataSet>",
        '</m:DataSet><m:Footer><m:Message code="1"><c:Text>t</c:Text></m:Message></m:Footer>',
    ).encode(),
}


@pytest.mark.parametrize("name", ENCODED)
def test_encodings_and_spellings(name: str) -> None:
    check(ENCODED[name], {"NOTE": "é"})


BOMB = '<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
REFUSED = {
    "DTD": "<!DOCTYPE m>" + WHOLE,
    "DTD entity": '<!DOCTYPE m [<!ENTITY e "x">]>' + WHOLE.replace("é", "&e;"),
    "entity bomb": BOMB + WHOLE.replace("é", "&c;"),
    "external entity": '<!DOCTYPE m [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    + WHOLE.replace("é", "&e;"),
    "DTD default attribute": '<!DOCTYPE m [<!ATTLIST Obs NOTE CDATA "d">]>' + WHOLE,
    "truncated after a record": WHOLE[: WHOLE.rindex("<Obs")],
    "truncated inside a record": WHOLE[: WHOLE.rindex("<Obs") + 9],
    "truncated in a value": WHOLE[: WHOLE.rindex('"n"') + 2],
    "truncated in the header": WHOLE[:700],
    "junk after the root": WHOLE + "<more/>",
    "a prefix that ends": WHOLE.replace("</m:DataSet>", "</q:DataSet>"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    check(REFUSED[name].encode(), "refused")


@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xe2\x82"])
def test_bad_utf8_is_refused(bad: bytes) -> None:
    check(WHOLE.encode().replace("é".encode(), bad), "refused")

"""Mutated messages are read alike by both lanes, or refused by both, and never end in another error."""

import random
import re
from collections.abc import Sequence

import pytest

from benchmarks.mutants import examined
from ilms_sdmx.messages import read as read_message
from tests.test_xml_traps import (
    COMPONENTS,
    FLAT,
    FLAT_TRAPS,
    GENERIC,
    SERIES,
    among,
    document,
    outcome,
    shown,
)

SEEDS = [
    document(among(FLAT_TRAPS["missing attributes"][0], FLAT, 12)),
    document(among('<Series A="z" B="b"/>', SERIES, 12), at="TIME_PERIOD"),
    document(among(GENERIC.format(99), GENERIC, 8), "GenericData", "TIME_PERIOD"),
]
PIECES = [
    "<",
    ">",
    '"',
    "'",
    "&",
    "/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "<Obs ",
    "</Series>",
    "<Series>",
]
PIECES += [
    ' A="q"',
    "\x00",
    "\n",
    " ",
    "=",
    "]]>",
    "<g:Value id='A' value='w'/>",
    "\ufffe",
    "é",
    "v0v",
    'x:A="<"',
]


def mutated(text: str, source: random.Random) -> str:
    """Text with a few pieces cut, put in, doubled or swapped."""
    for _ in range(source.randint(1, 3)):
        start = source.randrange(len(text))
        end = min(len(text), start + source.choice([0, 1, 2, 5, 20, 90]))
        kind = source.randrange(4)
        if kind == 0:
            text = text[:start] + text[end:]
        elif kind == 1:
            text = text[:start] + source.choice(PIECES) + text[start:]
        elif kind == 2:
            text = text[:end] + text[start:end] + text[end:]
        else:
            tags = [m.span() for m in re.finditer(r"<[^<>]*>", text)]
            (a, b), (c, d) = sorted(source.sample(tags, 2))
            text = text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
    return text


@pytest.mark.parametrize("seed", range(3))
def test_mutations(seed: int) -> None:
    source = random.Random(seed)
    for _ in range(40):
        data = mutated(SEEDS[seed], source).encode("utf-8", "surrogatepass")
        results = [shown(outcome(data, stretch)) for stretch in (0, 1 << 22, 900)]
        assert results[1] == results[0], data
        assert results[2] == results[0], data


#: Mutants that readers once took differently: an element around their records never ends, or
#: one of an observation is in a key, or values of a series come behind its observations.
FOUND = (4033, 4986, 6905, 1000321, 23782, 28815, 35094, 5570, 103556, 128691)


@pytest.mark.parametrize("numbers", [FOUND, range(20_000_000, 20_000_150)])
def test_every_reader_agrees_on_mutants(numbers: Sequence[int]) -> None:
    told: list[str] = []
    counts = examined(numbers, 600, told.append)
    assert not told
    assert counts["mutants"] == len(numbers)


@pytest.mark.slow
def test_every_reader_agrees_on_many_mutants() -> None:
    told: list[str] = []
    assert examined(range(30_000_000, 30_020_000), 3_600, told.append)["mutants"] == 20_000
    assert not told


@pytest.mark.parametrize("every", [400, 150, 7])
@pytest.mark.parametrize(
    "odd",
    [
        "<!-- <Obs A='q'/> -->",
        '<Group A="a3" NOTE="g"/>',
        "<?p ?>",
        "<!-- 5\" and 7' -->",
        '<Obs NOTE="v0v" A="&#65;" B="b" TIME_PERIOD="2001"><Comp id="UNIT"><Value>x</Value></Comp></Obs>',
        '<Obs A="z"\n B="b"   TIME_PERIOD="2002" OBS_VALUE="\u00e9"></Obs>',
    ],
)
def test_odd_records_among_many_are_read_alike(odd: str, every: int) -> None:
    records = []
    for number in range(1_500):
        records.append(FLAT.format(number))
        if number % every == every - 1:
            records.append(f"{odd}\n")
    data = document("".join(records)).encode()
    results = [shown(outcome(data, stretch)) for stretch in (0, 1 << 22, 30_000)]
    assert results[1] == results[0]
    assert results[2] == results[0]


@pytest.mark.parametrize("kind", ["series", "generic"])
def test_odd_series_among_many_are_read_alike(kind: str) -> None:
    regular = SERIES if kind == "series" else GENERIC
    root = "StructureSpecificData" if kind == "series" else "GenericData"
    odd = regular.format(7).replace(">", "><!-- here -->", 1)
    records = [
        regular.format(number) + (odd if number % 200 == 3 else "") for number in range(900)
    ]
    data = document("".join(records), root, "TIME_PERIOD").encode()
    results = [shown(outcome(data, stretch)) for stretch in (0, 1 << 22, 30_000)]
    assert results[1] == results[0]
    assert results[2] == results[0]


@pytest.mark.parametrize(
    "odd", ["", "&#65;", "a&#10;b", "tab\there", "&amp;lt;", "\u00e9&amp;"]
)
@pytest.mark.parametrize("quote", ['"', "'"])
def test_many_values_with_references_are_read_alike(odd: str, quote: str) -> None:
    references = [
        "&amp;",
        "&lt;b&gt;",
        "&amp;amp;",
        "&amp;#65;",
        "&quot;&apos;",
        "\ufeffx &amp;",
    ]
    record = '<Obs A="a{0}" B="b" TIME_PERIOD="2000" OBS_VALUE="{0}" NOTE="{1} {0}{2}"/>\n'
    records = [
        record.format(number, references[number % 6], odd if number % 50 == 0 else "")
        for number in range(1_200)
    ]
    data = document("".join(records).replace('"', quote)).encode()
    results = [shown(outcome(data, stretch)) for stretch in (0, 1 << 22, 30_000)]
    assert results[1] == results[0]
    assert results[2] == results[0]


@pytest.mark.parametrize("count", [4_000, 12_000])
def test_texts_that_differ_everywhere_are_kept_as_they_are(count: int) -> None:
    record = '<Obs A="a{0}" B="b" TIME_PERIOD="2000" OBS_VALUE="{0}"{1}/>\n'
    records = [
        record.format(number, f' NOTE="text {number}"' if number % 3 else "")
        for number in range(count)
    ]
    (found,) = read_message(document("".join(records)).encode(), COMPONENTS)
    notes = found.observations["NOTE"]
    assert notes.isna().sum() == (count + 2) // 3
    assert notes.iloc[-1] in (f"text {count - 1}",) or count % 3 == 1
    assert (notes.dtype == "category") == (count < 5_000)

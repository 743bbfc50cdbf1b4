"""Messages with a few pieces cut, put in, doubled or swapped, read by every reader there is.

    python -m benchmarks.mutants [--mutants N] [--first F] [--seconds S]

Each mutant is made from its number alone, so that a difference can be looked at again with `--first NUMBER
--mutants 1`. It is read by the ordinary reader, by the fast lane in one stretch and in many small ones, by
two threads at once, and by a small reader that shares no code with them (another parser, one loop). All must
give the same rows or refuse it; an error that is none of this library's is a fault as well. The small reader
has no opinion on elements in places where SDMX-ML has none; how often that was so is printed.
"""

import argparse
import random
import re
import sys
import time
import traceback
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lxml import etree

from ilms_sdmx import Components
from ilms_sdmx.datasets.given import Given
from ilms_sdmx.errors import IlmsError
from ilms_sdmx.messages.opening import open_source
from ilms_sdmx.messages.values import pack
from ilms_sdmx.messages.xml.reader import read

COMPONENTS = Components(
    ("A", "B", "TIME_PERIOD"),
    ("OBS_VALUE",),
    {"NOTE": ("OBS_VALUE",), "UNIT": ("A", "B"), "TITLE": ("A",)},
    groups={"G": ("A",)},
)
SPACE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/"
#: Ways of reading: bytes that the fast lane takes at once, 0 for the ordinary reader.
STRETCHES = (0, 1 << 22, 900)
REFUSED = "refused"
_ROOTS = ("StructureSpecificData", "GenericData")
_RESERVED = ("structureRef", "action")
Rows = list[dict[str, str]]
#: Rows of each data set, and what concerns no row.
Found = list[tuple[Rows, Rows]]


class NoOpinionError(Exception):
    """The small reader does not know what an element in this place would mean."""


def document(records: str, root: str, at: str) -> str:
    """Message around some records."""
    return (
        f'<m:{root} xmlns:m="{SPACE}message" xmlns:c="{SPACE}common" xmlns:g="{SPACE}data/generic"'
        f' xmlns:s="{SPACE}data/structurespecific" xmlns:x="urn:x"'
        ' xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><m:Header><m:ID>T</m:ID>'
        f'<m:Structure structureID="S1" dimensionAtObservation="{at}"><c:Structure>'
        '<Ref agencyID="T" id="T" version="1.0"/></c:Structure></m:Structure></m:Header>\n'
        f'<m:DataSet s:structureRef="S1">\n{records}</m:DataSet></m:{root}>'
    )


def _records(regular: str, odd: str, count: int) -> str:
    """Regular records with an odd one in the middle."""
    first = "".join(regular.format(number) for number in range(count))
    rest = "".join(regular.format(number + count) for number in range(count))
    return f"{first}{odd}\n{rest}"


_FLAT = '<Obs A="a{0}" B="b" TIME_PERIOD="2000" OBS_VALUE="{0}" NOTE="n"/>\n'
_SERIES = '<Series A="a{0}" B="b" UNIT="u"><Obs TIME_PERIOD="2000" OBS_VALUE="{0}"/></Series>\n'
_GENERIC = (
    '<g:Series><g:SeriesKey><g:Value id="A" value="a{0}"/><g:Value id="B" value="b"/></g:SeriesKey>'
    '<g:Attributes><g:Value id="UNIT" value="u"/></g:Attributes><g:Obs><g:ObsDimension value="2000"/>'
    '<g:ObsValue value="{0}"/></g:Obs></g:Series>\n'
)
_COMP = '<Comp id="NOTE" i:type="x:y"><Value>one</Value><Value>two &amp; three</Value></Comp>'
SEEDS = (
    document(
        _records(_FLAT, '<Obs A="z" B="b" TIME_PERIOD="2001"/>', 9),
        "StructureSpecificData",
        "AllDimensions",
    ),
    document(
        _records(_FLAT, f'<Obs A="z" B="b" TIME_PERIOD="2001">{_COMP}</Obs>', 7),
        "StructureSpecificData",
        "AllDimensions",
    ),
    document(
        '<Group i:type="x:G" A="a1" TITLE="t"/>\n'
        + _records(_SERIES, '<Series A="z" B="b"/>', 8),
        "StructureSpecificData",
        "TIME_PERIOD",
    ),
    document(
        _records(_SERIES.replace('"', "'"), "<Series A='z' B='b' UNIT='5\"'/>", 8),
        "StructureSpecificData",
        "TIME_PERIOD",
    ),
    document(
        '<g:Group type="G"><g:GroupKey><g:Value id="A" value="a1"/></g:GroupKey><g:Attributes>'
        '<g:Value id="TITLE" value="t"/></g:Attributes></g:Group>\n'
        + _records(_GENERIC, _GENERIC.format("&#65;"), 5),
        "GenericData",
        "TIME_PERIOD",
    ),
)
_PIECES = (
    *(
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
        "&#9;",
        "&lt;",
    ),
    *(
        "<Obs ",
        "</Obs>",
        "</Series>",
        "<Series>",
        "<Series ",
        "<g:Obs>",
        "</g:Series>",
        "<?p ?>",
    ),
    *(' A="q"', " A='q'", ' NOTE="a &amp; b"', ' x:A="<"', ' x:A="y"', ' xmlns:z="urn:z"'),
    *(
        "\x00",
        "\n",
        "\t",
        " ",
        "=",
        "é",
        "\ufffe",
        "\ufffd",
        "𝔘",
        "v0v",
        "v1v",
        "&nbsp;",
        "&#0;",
    ),
    *(
        "<g:Value id='A' value='w'/>",
        "<c:Annotations/>",
        "<Other/>",
        '<Group A="a2" TITLE="s"/>',
    ),
    *("<!DOCTYPE m>", "<Obs/>", "<Series/>", _COMP, "\ud800", "x" * 3000),
)


def mutant(number: int) -> bytes:
    """Mutant of a number."""
    source = random.Random(number)
    text = source.choice(SEEDS)
    for _ in range(source.randint(1, 3)):
        text = _mutated(text, source)
    return text.encode("utf-8", "surrogatepass")


def _mutated(text: str, source: random.Random) -> str:
    """Text with a piece cut, put in, doubled or swapped."""
    start = source.randrange(len(text))
    end = min(len(text), start + source.choice([0, 1, 2, 5, 20, 90]))
    kind = source.randrange(5)
    if kind == 0:
        return text[:start] + text[end:]
    if kind == 1:
        return text[:start] + source.choice(_PIECES) + text[start:]
    if kind == 2:
        return text[:end] + text[start:end] + text[end:]
    tags = [match.span() for match in re.finditer(r"<[^<>]*>", text)]
    if len(tags) < 2:
        return text
    if kind == 3:
        place, _ = source.choice(tags)
        return text[:place] + source.choice(_PIECES) + text[place:]
    (a, b), (c, d) = sorted(source.sample(tags, 2))
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


# --- the readers ---


def ours(data: bytes, stretch: int) -> Found | str:
    """What this library reads."""
    found: Found = []
    try:
        with open_source(data) as source:
            for batch in read(source, Given(COMPONENTS), stretch=stretch):
                if batch.number == len(found):
                    found.append(([], []))
                rows, others = found[batch.number]
                rows += _present(batch.rows.to_pylist())
                for frame in batch.attached.values():
                    others += _present(frame.to_dict("records"))
    except IlmsError:
        return REFUSED
    return found


def _present(rows: list[dict[str, Any]]) -> Rows:
    """Rows without what is absent."""
    return [{k: v for k, v in row.items() if isinstance(v, str)} for row in rows]


def small(data: bytes) -> Found | str:
    """What a small reader of its own reads."""
    parser = etree.XMLParser(resolve_entities=False, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if "is not a valid URI" in str(error):  # expat takes any text for a namespace
            raise NoOpinionError("a namespace") from None
        return REFUSED
    if root.getroottree().docinfo.doctype:
        return REFUSED
    kind = _local(root)
    if root.tag not in (f"{{{SPACE}message}}{name}" for name in _ROOTS):
        raise NoOpinionError(kind)
    if any(not name.isascii() for element in root.iter("*") for name in _names(element)):
        raise NoOpinionError("a name that only the fifth edition of XML allows")
    sets = [child for child in root if _local(child) == "DataSet"]
    strange = [
        _local(child) for child in root if _local(child) not in ("Header", "DataSet", "")
    ]
    if strange or not sets or not _usual_header(root):
        raise NoOpinionError(strange)
    reader = _Specific if kind.startswith("S") else _Generic
    try:
        return [reader(element).found() for element in sets]
    except ValueError:
        return REFUSED


def _usual_header(root: Any) -> bool:
    """Whether there is one header, which says all that the mutants' own says."""
    headers = [child for child in root if _local(child) == "Header"]
    if len(headers) != 1 or root.index(headers[0]):
        return False
    names = [_local(element) for element in headers[0].iter() if _local(element)]
    told = headers[0].xpath("*[local-name()='Structure']/@dimensionAtObservation")
    usual = ["Header", "ID", "Structure", "Structure", "Ref"]
    return names == usual and told in (["AllDimensions"], ["TIME_PERIOD"])


def _local(element: Any) -> str:
    """Local name, empty for a comment or an instruction."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _names(element: Any) -> list[str]:
    """Names of an element, of its attributes and of the prefixes that are declared."""
    prefixes = filter(None, element.nsmap)
    return [str(element.tag), *map(str, element.attrib), *prefixes]


def _values(element: Any) -> dict[str, str]:
    """Values of attributes without a namespace."""
    return {name: value for name, value in element.attrib.items() if "}" not in name}


def _joined(*parts: dict[str, str]) -> dict[str, str]:
    """Values of several places; the same name in two is an error."""
    joined: dict[str, str] = {}
    for part in parts:
        if joined.keys() & part.keys():
            raise ValueError("given twice")
        joined |= part
    return joined


class _Small(ABC):
    """Data set of the small reader: series, observations and groups in one loop each."""

    def __init__(self, element: Any) -> None:
        self._element = element
        self._rows: Rows = []
        self._others: Rows = []
        self._composite: set[str] = set()

    def found(self) -> tuple[Rows, Rows]:
        """Rows, and what concerns no row."""
        of_all = self._of_dataset()
        for child in self._children(self._element):
            kind = _local(child)
            if kind == "Obs":
                self._rows.append(self._observation(child))
            elif kind == "Series":
                self._series(child)
            elif kind == "Group":
                values = self._group(child)
                # A key alone says nothing about a group.
                if not values.keys() <= set(COMPONENTS.dimensions):
                    self._others.append(values)
            elif kind in ("Atts", "Comp", "Value", "Attributes"):
                raise NoOpinionError(kind)
        rows = [of_all | row for row in self._rows]
        others = self._others + ([of_all] if of_all and not rows else [])
        return rows, others

    def _children(self, element: Any) -> Iterator[Any]:
        for child in element:
            if _local(child).lower() != _local(child) and _local(child):
                yield child
            elif _local(child):
                raise NoOpinionError(_local(child))

    @abstractmethod
    def _of_dataset(self) -> dict[str, str]:
        """Attributes of the data set."""

    @abstractmethod
    def _observation(self, element: Any) -> dict[str, str]:
        """Values of an observation."""

    @abstractmethod
    def _series(self, element: Any) -> None:
        """Take the rows of a series."""

    @abstractmethod
    def _group(self, element: Any) -> dict[str, str]:
        """Values of a group."""


class _Specific(_Small):
    """Structure-specific data: values are attributes."""

    def _of_dataset(self) -> dict[str, str]:
        return {k: v for k, v in _values(self._element).items() if k not in _RESERVED}

    def _observation(self, element: Any) -> dict[str, str]:
        return _joined(_values(element), *self._composites(element))

    def _series(self, element: Any) -> None:
        values = _joined(_values(element))
        count = 0
        for child in self._children(element):
            if _local(child) == "Obs":
                self._rows.append(values | self._observation(child))
                count += 1
            elif _local(child) in ("Comp", "Series", "Group", "Atts", "Value", "Text"):
                raise NoOpinionError(_local(child))
        if not count:
            self._others += filter(None, [values])

    def _group(self, element: Any) -> dict[str, str]:
        if len(element):
            raise NoOpinionError("inside a group")
        return {k: v for k, v in _values(element).items() if k != "type"}

    def _composites(self, element: Any) -> Iterator[dict[str, str]]:
        for child in self._children(element):
            if _local(child) != "Comp":
                raise NoOpinionError(_local(child))
            values = [_local(value) for value in child]
            if set(values) != {"Value"} or any(len(value) for value in child):
                raise NoOpinionError("inside a component")
            texts = ["".join(value.itertext()) for value in child]
            yield {child.get("id", ""): pack(texts)}


class _Generic(_Small):
    """Generic data: values are elements."""

    def _of_dataset(self) -> dict[str, str]:
        return {}

    def _observation(self, element: Any) -> dict[str, str]:
        parts = []
        for child in self._children(element):
            kind, value = _local(child), child.get("value")
            if kind == "ObsDimension":
                parts.append({child.get("id", "TIME_PERIOD"): value or ""})
            elif kind == "ObsValue":
                parts.append({} if value is None else {"OBS_VALUE": value})
            elif kind in ("ObsKey", "Attributes"):
                parts += self._held(child)
            else:
                raise NoOpinionError(kind)
            if kind.startswith("ObsD") or kind == "ObsValue":
                self._refuse_children(child)
        return _joined(*parts)

    def _series(self, element: Any) -> None:
        parts_of_observations = "*[not(self::*[local-name()='Obs'])]//*"
        inner = {_local(part) for part in element.xpath(parts_of_observations)}
        if inner & {"ObsDimension", "ObsValue"}:
            raise ValueError("outside an observation")
        parts: list[dict[str, str]] = []
        observations = []
        for child in self._children(element):
            kind = _local(child)
            if kind == "Obs":
                observations.append(child)
            elif kind in ("SeriesKey", "Attributes") and not observations:
                parts += self._held(child)
            else:
                raise NoOpinionError(kind)
        values = _joined(*parts)
        for child in observations:
            self._rows.append(values | self._observation(child))
        if not observations:
            self._others += filter(None, [values])

    def _group(self, element: Any) -> dict[str, str]:
        parts: list[dict[str, str]] = []
        for child in self._children(element):
            if _local(child) not in ("GroupKey", "Attributes"):
                raise NoOpinionError(_local(child))
            parts += self._held(child)
        names = [name for part in parts for name in part]
        if len(set(names)) < len(names):
            raise NoOpinionError("given twice in a group")
        return _joined(*parts)

    def _held(self, element: Any) -> list[dict[str, str]]:
        held = []
        for child in self._children(element):
            if _local(child) != "Value":
                raise NoOpinionError(_local(child))
            self._refuse_children(child)
            if not child.get("id"):
                raise NoOpinionError("a value without a name")
            held.append({child.get("id", ""): child.get("value", "")})
        return held

    def _refuse_children(self, element: Any) -> None:
        if len(element):
            raise NoOpinionError("inside a value")


# --- comparing ---


def comparable(found: Found | str) -> object:
    """What must be the same: rows in order, and the rest in any order."""
    if isinstance(found, str):
        return found
    return [(_unpacked(rows), sorted(map(_items, _unpacked(others)))) for rows, others in found]


def _unpacked(rows: Rows) -> Rows:
    """Rows where one text in a list is that text, as a column of lists has it."""
    single = re.compile(r'\["((?:[^"\\]|\\.)*)"\]')
    plain = []
    for row in rows:
        changed = {}
        for name, value in row.items():
            match = single.fullmatch(value)
            changed[name] = pack([value]) if match is None and name == "NOTE" else value
            if name == "NOTE" and value.startswith("["):
                changed[name] = value
        plain.append(changed)
    return plain


def _items(row: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(row.items()))


def differences(number: int, pool: ThreadPoolExecutor) -> Iterator[str]:
    """What is wrong with the readings of a mutant, in words; `no opinion` is not wrong."""
    data = mutant(number)
    shown = []
    for stretch in STRETCHES:
        shown.append(comparable(ours(data, stretch)))
    names = ("ordinary reader", "fast lane", "fast lane in small stretches")
    for name, other in zip(names[1:], shown[1:], strict=True):
        if other != shown[0]:
            yield f"{name} differs from the {names[0]}"
    for stretch, result in zip(
        STRETCHES, pool.map(ours, [data] * 2, STRETCHES[:2]), strict=False
    ):
        if comparable(result) != shown[STRETCHES.index(stretch)]:
            yield f"in a second thread, stretches of {stretch} differ"
    try:
        independent = comparable(small(data))
    except NoOpinionError:
        yield "no opinion"
        return
    if independent != shown[0]:
        yield "the small reader differs"


def examined(
    numbers: Iterable[int], seconds: float, tell: Callable[[str], None]
) -> Counter[str]:
    """Counts of what was found among mutants, as many as there is time for."""
    counts: Counter[str] = Counter()
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(2) as pool:
        for number in numbers:
            if time.monotonic() > end:
                break
            counts["mutants"] += 1
            if counts["mutants"] % 25_000 == 0:
                tell(f"{counts['mutants']:,} mutants so far")
            try:
                for words in differences(number, pool):
                    counts[words] += 1
                    if words != "no opinion":
                        tell(f"mutant {number}: {words}")
            except Exception as error:
                counts["errors that are not the library's"] += 1
                tell(f"mutant {number}: {type(error).__name__}: {error}")
                tell(traceback.format_exc(limit=-3))
    return counts


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mutants", type=int, default=200_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    given = parser.parse_args()
    numbers = range(given.first, given.first + given.mutants)
    counts = examined(numbers, given.seconds, lambda words: print(words, flush=True))
    for words, count in sorted(counts.items()):
        print(f"{count:>9,}  {words}")
    return int(bool(counts.keys() - {"mutants", "no opinion"}))


if __name__ == "__main__":
    sys.exit(main())

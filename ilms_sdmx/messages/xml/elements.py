"""Elements: the small trees of a message (header, footer, error), and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.header import Contact, Header, Party, StructureReference, Texts
from ilms_sdmx.messages.message import Note
from ilms_sdmx.messages.xml.names import XML, Reference

#: A header or footer with more than this much text or this many elements is none.
_TEXT, _ELEMENTS, _DEPTH = 1 << 22, 100_000, 32
_CHANNELS = ("Telephone", "Fax", "X400", "URI", "Email")
_KINDS = {
    "Structure": "datastructure",
    "StructureUsage": "dataflow",
    "ProvisionAgrement": "provisionagreement",
    "ProvisionAgreement": "provisionagreement",
}


@dataclass
class Element:
    """One element: local name, attributes by local name, text before its children, children."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Own text as a token: an identifier, a time or a reference, for which spaces around mean nothing."""
        return self.words.strip()

    @property
    def words(self) -> str:
        """Own text as it stands: of words spaces are part."""
        return "".join(self.pieces)

    def all(self, *names: str) -> Iterator[Element]:
        """Children of some names."""
        return (c for c in self.children if c.name in names)

    def one(self, *names: str) -> Element:
        """First child of some names, an empty element if there is none."""
        return next(self.all(*names), Element(""))


class Tree:
    """Builder of a tree from the events of a parser; `done` when its root has ended."""

    def __init__(self) -> None:
        self._open = [Element("")]
        self._left, self._count = _TEXT, 0

    @property
    def done(self) -> bool:
        """Whether the root element is complete."""
        return len(self._open) == 1 and bool(self._open[0].children)

    @property
    def root(self) -> Element:
        """Root element."""
        return self._open[0].children[-1]

    def start(self, name: str, attributes: list[str]) -> None:
        """Handle the start of an element."""
        self._count += 1
        if self._count > _ELEMENTS or len(self._open) > _DEPTH:
            raise MessageError("header or footer out of proportion")
        given = dict(zip(attributes[::2], attributes[1::2], strict=True))
        local = {
            (k if k == f"{XML}}}lang" else k.rpartition("}")[2]): v for k, v in given.items()
        }
        element = Element(name.rpartition("}")[2], local)
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self) -> None:
        """Handle the end of an element."""
        self._open.pop()

    def text(self, data: str) -> None:
        """Handle text."""
        self._left -= len(data)
        if self._left < 0:
            raise MessageError("header or footer out of proportion")
        self._open[-1].pieces.append(data)


def header(root: Element) -> Header:
    """Header of its element, children in any order."""
    return Header(
        id=root.one("ID").text,
        prepared=root.one("Prepared").text,
        test=root.one("Test").text in ("true", "1"),
        sender=_party(root.one("Sender")),
        receivers=tuple(_party(e) for e in root.all("Receiver")),
        names=_texts(root.all("Name")),
        structures=tuple(_structures(root)),
        data_provider=_provider(root.one("DataProvider")),
        action=root.one("DataSetAction").text,
        dataset_ids=tuple(e.text for e in root.all("DataSetID", "DataSetId")),
        extracted=root.one("Extracted").text,
        reporting_begin=root.one("ReportingBegin").text,
        reporting_end=root.one("ReportingEnd").text,
        embargo=root.one("EmbargoDate").text,
        sources=_texts(root.all("Source")),
    )


def notes(root: Element) -> tuple[Note, ...]:
    """Take the notes of a footer, or of the body of an error."""
    found = []
    for element in root.all("Message", "ErrorMessage"):
        texts = tuple((_language(t), t.words) for t in element.all("Text"))
        found.append(
            Note(
                element.attributes.get("code", ""),
                element.attributes.get("severity", ""),
                texts,
            )
        )
    return tuple(found)


def _language(element: Element) -> str:
    return element.attributes.get(f"{XML}}}lang", "en")


def _texts(elements: Iterator[Element]) -> Texts:
    return {_language(e): e.words for e in elements}


def _party(element: Element) -> Party:
    contacts = tuple(
        Contact(
            _texts(c.all("Name")),
            _texts(c.all("Department")),
            _texts(c.all("Role")),
            tuple((e.name, e.words) for e in c.all(*_CHANNELS)),
        )
        for c in element.all("Contact")
    )
    return Party(
        element.attributes.get("id", ""),
        _texts(element.all("Name")),
        contacts,
        element.one("Timezone").text,
    )


def _structures(root: Element) -> Iterator[StructureReference]:
    if family := root.one(
        "KeyFamilyRef"
    ).text:  # SDMX 2.0, where the version is 1.0 unless it is told
        target = f"{root.one('KeyFamilyAgency').text}:{family}(1.0)"
        yield StructureReference("S1", "datastructure", target)
    for number, element in enumerate(root.all("Structure"), 1):
        given = element.attributes
        child = element.one(*_KINDS)
        reference = reference_of(child)
        yield StructureReference(
            given.get("structureID", f"S{number}"),
            reference.kind if reference else "",
            reference.short if reference else "",
            given.get("dimensionAtObservation", "TIME_PERIOD"),
            given.get("namespace", ""),
            given.get("explicitMeasures") in ("true", "1"),
        )


def reference_of(element: Element) -> Reference | None:
    """Take a reference by `Ref`, by `URN`, or by the text of the element."""
    ref = element.one("Ref").attributes
    if ref:
        kind = _KINDS.get(element.name, "datastructure")
        return Reference(
            kind, ref.get("agencyID", ""), ref.get("id", ""), ref.get("version", "1.0")
        )
    return Reference.of_urn(element.one("URN").text or element.text)


def _provider(element: Element) -> str:
    """Take the data provider as `AGENCY:DATA_PROVIDERS(1.0).ID`."""
    ref = element.one("Ref").attributes
    if ref:
        scheme = f"{ref.get('maintainableParentID', '')}({ref.get('maintainableParentVersion', '1.0')})"
        return f"{ref.get('agencyID', '')}:{scheme}.{ref.get('id', '')}"
    return (element.one("URN").text or element.text).rpartition("=")[2]

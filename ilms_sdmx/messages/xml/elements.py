"""Elements: the small trees of a message (header, footer, error), and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.header import Contact, Header, Party, StructureReference, Texts
from ilms_sdmx.messages.message import Note
from ilms_sdmx.messages.xml.names import XML, Reference
from ilms_sdmx.messages.xml.rows import by_name

#: A header or footer with more text, more elements or deeper nesting than this is none.
_MOST_TEXT = 1 << 22
_MOST_ELEMENTS = 100_000
_DEEPEST = 32
_OUT_OF_PROPORTION = "header or footer out of proportion"
_LANGUAGE = f"{XML}}}lang"
_CHANNELS = ("Telephone", "Fax", "X400", "URI", "Email")
_KINDS = {
    "Structure": "datastructure",
    "StructureUsage": "dataflow",
    "ProvisionAgrement": "provisionagreement",
    "ProvisionAgreement": "provisionagreement",
}


@dataclass
class Element:
    """One element of a small tree.

    Parameters
    ----------
    name
        Local name.
    attributes
        Values by local name; `xml:lang` keeps its namespace.
    children
        Elements inside, in order.
    pieces
        Texts before, between and after the children.
    """

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Text as a token (identifier, time, reference): spaces around it mean nothing."""
        return self.words.strip()

    @property
    def words(self) -> str:
        """Text as written: in words spaces are part of it."""
        return "".join(self.pieces)

    def all(self, *names: str) -> Iterator[Element]:
        """Children with one of some names."""
        for child in self.children:
            if child.name in names:
                yield child

    def one(self, *names: str) -> Element:
        """First child with one of some names, an empty element if there is none."""
        return next(self.all(*names), Element(""))


class Tree:
    """Builder of a tree from the events of a parser; `done` when its root has ended."""

    def __init__(self) -> None:
        self._open = [Element("")]
        self._text_left = _MOST_TEXT
        self._elements = 0

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
        self._elements += 1
        if self._elements > _MOST_ELEMENTS or len(self._open) > _DEEPEST:
            raise MessageError(_OUT_OF_PROPORTION)
        element = Element(_local(name))
        for full_name, value in by_name(attributes).items():
            key = full_name if full_name == _LANGUAGE else _local(full_name)
            element.attributes[key] = value
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self) -> None:
        """Handle the end of an element."""
        self._open.pop()

    def text(self, data: str) -> None:
        """Handle text."""
        self._text_left -= len(data)
        if self._text_left < 0:
            raise MessageError(_OUT_OF_PROPORTION)
        self._open[-1].pieces.append(data)


def _local(name: str) -> str:
    """Name without its namespace."""
    return name.rpartition("}")[2]


def read_header(root: Element) -> Header:
    """Header of its element, children in any order."""
    receivers = []
    for element in root.all("Receiver"):
        receivers.append(_party(element))
    dataset_ids = []
    for element in root.all("DataSetID", "DataSetId"):
        dataset_ids.append(element.text)
    identity = Header(
        id=root.one("ID").text,
        prepared=root.one("Prepared").text,
        test=root.one("Test").text in ("true", "1"),
    )
    addressed = replace(
        identity,
        sender=_party(root.one("Sender")),
        receivers=tuple(receivers),
        names=_texts(root, "Name"),
        sources=_texts(root, "Source"),
    )
    described = replace(
        addressed,
        structures=tuple(_structures(root)),
        data_provider=_provider(root.one("DataProvider")),
        action=root.one("DataSetAction").text,
        dataset_ids=tuple(dataset_ids),
    )
    return _with_times(described, root)


def _with_times(header: Header, root: Element) -> Header:
    """Header with the times of the data."""
    extracted = root.one("Extracted").text
    begin = root.one("ReportingBegin").text
    end = root.one("ReportingEnd").text
    embargo = root.one("EmbargoDate").text
    return replace(
        header, extracted=extracted, reporting_begin=begin, reporting_end=end, embargo=embargo
    )


def read_notes(root: Element) -> tuple[Note, ...]:
    """All notes of a footer, or of the body of an error."""
    notes = []
    for element in root.all("Message", "ErrorMessage"):
        texts = []
        for text in element.all("Text"):
            texts.append((_language(text), text.words))
        code = element.attributes.get("code", "")
        severity = element.attributes.get("severity", "")
        notes.append(Note(code, severity, tuple(texts)))
    return tuple(notes)


def _language(element: Element) -> str:
    """Language of a text; the standard's default is English."""
    return element.attributes.get(_LANGUAGE, "en")


def _texts(element: Element, name: str) -> Texts:
    """Texts by language of the children with a name."""
    texts = {}
    for child in element.all(name):
        texts[_language(child)] = child.words
    return texts


def _party(element: Element) -> Party:
    """Sender or receiver of its element."""
    contacts = []
    for child in element.all("Contact"):
        contacts.append(_contact(child))
    identifier = element.attributes.get("id", "")
    names = _texts(element, "Name")
    timezone = element.one("Timezone").text
    return Party(identifier, names, tuple(contacts), timezone)


def _contact(element: Element) -> Contact:
    """Contact of its element."""
    channels = []
    for channel in element.all(*_CHANNELS):
        channels.append((channel.name, channel.words))
    names = _texts(element, "Name")
    departments = _texts(element, "Department")
    roles = _texts(element, "Role")
    return Contact(names, departments, roles, tuple(channels))


def _structures(root: Element) -> Iterator[StructureReference]:
    """All references of the header, in order; those of SDMX 2.0 first."""
    family = root.one("KeyFamilyRef").text
    if family:
        agency = root.one("KeyFamilyAgency").text
        # In SDMX 2.0 the version is 1.0 unless it is given.
        yield StructureReference("S1", "datastructure", f"{agency}:{family}(1.0)")
    for number, element in enumerate(root.all("Structure"), 1):
        yield _structure(element, number)


def _structure(element: Element, number: int) -> StructureReference:
    """Meaning of one `Structure` element, the `number`-th of the header."""
    attributes = element.attributes
    kind = target = ""
    reference = reference_of(element.one(*_KINDS))
    if reference:
        kind = reference.kind
        target = reference.short
    identifier = attributes.get("structureID", f"S{number}")
    dimension = attributes.get("dimensionAtObservation", "TIME_PERIOD")
    namespace = attributes.get("namespace", "")
    explicit = attributes.get("explicitMeasures") in ("true", "1")
    return StructureReference(identifier, kind, target, dimension, namespace, explicit)


def reference_of(element: Element) -> Reference | None:
    """Artefact that is given by `Ref`, by `URN`, or by the text of the element."""
    ref = element.one("Ref").attributes
    if not ref:
        return Reference.of_urn(_urn(element))
    kind = _KINDS.get(element.name, "datastructure")
    agency = ref.get("agencyID", "")
    version = ref.get("version", "1.0")
    return Reference(kind, agency, ref.get("id", ""), version)


def _urn(element: Element) -> str:
    """URN in a child or in the element itself."""
    return element.one("URN").text or element.text


def _provider(element: Element) -> str:
    """Short form of the data provider: `AGENCY:DATA_PROVIDERS(1.0).ID`."""
    ref = element.one("Ref").attributes
    if not ref:
        return _urn(element).rpartition("=")[2]
    agency = ref.get("agencyID", "")
    scheme = ref.get("maintainableParentID", "")
    version = ref.get("maintainableParentVersion", "1.0")
    identifier = ref.get("id", "")
    return f"{agency}:{scheme}({version}).{identifier}"

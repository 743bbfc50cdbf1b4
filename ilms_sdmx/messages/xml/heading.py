"""Heading of an SDMX-ML message: root element and header, in the order of the schema."""

from __future__ import annotations

from collections.abc import Iterable

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.header import Contact, Header, Party, StructureReference, Texts
from ilms_sdmx.messages.message import Note
from ilms_sdmx.messages.xml.names import XSI, Reference, base
from ilms_sdmx.messages.xml.tokens import escape

_ELEMENTS = {"dataflow": "StructureUsage", "datastructure": "Structure"}


def message_start(header: Header, root: str, version: str) -> str:
    """XML declaration, start of the root element and the whole header.

    The schema of the first structure that the header refers to has the prefix `ns1`, and so on.
    """
    start_of_uris = base(version)
    spaces = {
        "message": f"{start_of_uris}message",
        "common": f"{start_of_uris}common",
    }
    if root.startswith("Generic"):
        spaces["generic"] = f"{start_of_uris}data/generic"
    else:
        spaces["ss"] = f"{start_of_uris}data/structurespecific"
    spaces["xsi"] = XSI
    for number, structure in enumerate(header.structures, 1):
        if structure.namespace:
            spaces[f"ns{number}"] = structure.namespace
    declarations = []
    for prefix, uri in spaces.items():
        declarations.append(f' xmlns:{prefix}="{escape(uri)}"')
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    tag = f"<message:{root}{''.join(declarations)}>\n"
    return declaration + tag + _header(header, version)


def _header(header: Header, version: str) -> str:
    """Header element; a part without value is left out."""
    lines = [
        _element("message:ID", header.id),
        _element("message:Test", str(header.test).lower()),
        _element("message:Prepared", header.prepared),
        _party("Sender", header.sender),
    ]
    for receiver in header.receivers:
        lines.append(_party("Receiver", receiver))
    lines += _texts("common:Name", header.names)
    for structure in header.structures:
        lines.append(_structure(structure, version))
    lines.append(_provider(header.data_provider, version))
    lines.append(_optional("DataSetAction", spelled(header.action, version)))
    for dataset_id in header.dataset_ids:
        lines.append(_optional("DataSetID", dataset_id))
    lines.append(_optional("Extracted", header.extracted))
    lines.append(_optional("ReportingBegin", header.reporting_begin))
    lines.append(_optional("ReportingEnd", header.reporting_end))
    lines.append(_optional("EmbargoDate", header.embargo))
    lines += _texts("message:Source", header.sources)
    body = "\n".join(filter(None, lines))
    return f"<message:Header>\n{body}\n</message:Header>\n"


def footer(notes: Iterable[Note], version: str) -> str:
    """Footer of a message with these notes, nothing if there are none."""
    messages = []
    for note in notes:
        messages.append(_note(note))
    if not messages:
        return ""
    space = f'xmlns:footer="{base(version)}message/footer"'
    return f"<footer:Footer {space}>\n{''.join(messages)}</footer:Footer>\n"


def _note(note: Note) -> str:
    """Note as an element of the footer."""
    severity = _attribute("severity", note.severity)
    texts = []
    for language, text in note.texts:
        texts.append(_in_language("common:Text", language, text))
    tag = f'footer:Message code="{escape(note.code)}"{severity}'
    return f"<{tag}>{''.join(texts)}</footer:Message>\n"


def _attribute(name: str, value: str) -> str:
    """Attribute, nothing where the value is empty."""
    return f' {name}="{escape(value)}"' if value else ""


def spelled(action: str, version: str) -> str:
    """Spelling of an action in a version: before 3.1 Merge is called Append."""
    if action == "Merge" and version in ("2.1", "3.0"):
        return "Append"
    return action


def _element(name: str, text: str, attributes: str = "") -> str:
    """Element with a text."""
    return f"<{name}{attributes}>{escape(text)}</{name}>"


def _optional(name: str, text: str) -> str:
    """Element with a text, nothing where it is empty."""
    return _element(f"message:{name}", text) if text else ""


def _in_language(name: str, language: str, text: str) -> str:
    """Element with a text in one language."""
    return _element(name, text, f' xml:lang="{escape(language)}"')


def _texts(name: str, texts: Texts) -> list[str]:
    """One element for each language."""
    elements = []
    for language, text in texts.items():
        elements.append(_in_language(name, language, text))
    return elements


def _party(name: str, party: Party) -> str:
    """Sender or receiver as an element."""
    parts = _texts("common:Name", party.names)
    for contact in party.contacts:
        parts.append(_contact(contact))
    if party.timezone:
        parts.append(_optional("Timezone", party.timezone))
    start = f'<message:{name} id="{escape(party.id)}"'
    if not parts:
        return f"{start}/>"
    return f"{start}>{''.join(parts)}</message:{name}>"


def _contact(contact: Contact) -> str:
    """Contact as an element."""
    parts = _texts("common:Name", contact.names)
    parts += _texts("message:Department", contact.departments)
    parts += _texts("message:Role", contact.roles)
    for kind, text in contact.channels:
        parts.append(_optional(kind, text))
    return f"<message:Contact>{''.join(parts)}</message:Contact>"


def _structure(structure: StructureReference, version: str) -> str:
    """Structure of a data set as an element."""
    reference = Reference.of(structure.kind, structure.target)
    identifier = escape(structure.id)
    space = _attribute("namespace", structure.namespace)
    dimension = structure.dimension_at_observation
    explicit = ' explicitMeasures="true"' if structure.explicit_measures else ""
    return (
        f'<message:Structure structureID="{identifier}"{space}'
        f' dimensionAtObservation="{dimension}"{explicit}>'
        f"{_reference(reference, version)}</message:Structure>"
    )


def _reference(reference: Reference, version: str) -> str:
    """Artefact as an element: a `Ref` in 2.1, later a URN."""
    agreement = "ProvisionAgrement" if version == "2.1" else "ProvisionAgreement"
    name = f"common:{_ELEMENTS.get(reference.kind, agreement)}"
    if version != "2.1":
        return _element(name, reference.urn)
    agency = f' agencyID="{escape(reference.agency)}"'
    identifier = f' id="{escape(reference.id)}"'
    number = f' version="{escape(reference.version)}"'
    return f"<{name}><Ref{agency}{identifier}{number}/></{name}>"


def _provider(provider: str, version: str) -> str:
    """Element for the data provider, `AGENCY:SCHEME(1.0).ID`, as an element."""
    if not provider:
        return ""
    scheme, _, identifier = provider.rpartition(").")
    if not scheme or not identifier:
        expected = "`AGENCY:DATA_PROVIDERS(1.0).ID`"
        raise MessageError(f"a data provider is {expected}, not {provider!r}")
    urn = escape(f"urn:sdmx:org.sdmx.infomodel.base.DataProvider={provider}")
    inner = f"<URN>{urn}</URN>" if version == "2.1" else urn
    return f"<message:DataProvider>{inner}</message:DataProvider>"


def references(
    targets: Iterable[Reference], at: Iterable[str], *, specific: bool
) -> list[StructureReference]:
    """All references of the header, one a target and dimension at observation."""
    pairs = dict.fromkeys(zip(targets, at, strict=True))
    references_of_header = []
    for number, (target, dimension) in enumerate(pairs, 1):
        space = namespace(target, dimension) if specific else ""
        references_of_header.append(
            StructureReference(f"S{number}", target.kind, target.short, dimension, space)
        )
    return references_of_header


def namespace(target: Reference, at_observation: str) -> str:
    """Namespace of the schema generated for a structure."""
    return f"{target.urn}:ObsLevelDim:{at_observation}"

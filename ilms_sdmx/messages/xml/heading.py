"""Heading of an SDMX-ML message: the root element and its header, children in the order of the schema."""

from __future__ import annotations

from collections.abc import Iterable

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.header import Contact, Header, Party, StructureReference, Texts
from ilms_sdmx.messages.message import Note
from ilms_sdmx.messages.xml.names import XSI, Reference, base
from ilms_sdmx.messages.xml.tokens import escape

_ELEMENTS = {"dataflow": "StructureUsage", "datastructure": "Structure"}


def heading(header: Header, root: str, version: str) -> str:
    """XML declaration, start of the root element and the whole header.

    The schema of the first structure that the header refers to has the prefix `ns1`, and so on.
    """
    prefixes = {
        f"ns{i}": s.namespace for i, s in enumerate(header.structures, 1) if s.namespace
    }
    names = {"message": "message", "common": "common"}
    names |= (
        {"generic": "data/generic"}
        if root == "GenericData"
        else {"ss": "data/structurespecific"}
    )
    spaces = {p: base(version) + path for p, path in names.items()} | {"xsi": XSI} | prefixes
    declared = "".join(f' xmlns:{prefix}="{escape(uri)}"' for prefix, uri in spaces.items())
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n<message:{root}{declared}>\n'
    return start + _header(header, version)


def _header(header: Header, version: str) -> str:
    lines = [
        _element("message:ID", header.id),
        _element("message:Test", str(header.test).lower()),
        _element("message:Prepared", header.prepared),
        _party("Sender", header.sender),
        *[_party("Receiver", receiver) for receiver in header.receivers],
        *_texts("common:Name", header.names),
        *[_structure(s, version) for s in header.structures],
        _provider(header.data_provider, version),
        _optional("DataSetAction", spelled(header.action, version)),
        *[_optional("DataSetID", i) for i in header.dataset_ids],
        _optional("Extracted", header.extracted),
        _optional("ReportingBegin", header.reporting_begin),
        _optional("ReportingEnd", header.reporting_end),
        _optional("EmbargoDate", header.embargo),
        *_texts("message:Source", header.sources),
    ]
    return (
        "<message:Header>\n"
        + "".join(f"{line}\n" for line in lines if line)
        + "</message:Header>\n"
    )


def footer(notes: Iterable[Note], version: str) -> str:
    """Footer of a message with these notes, nothing if there are none."""
    messages = "".join(_note(note) for note in notes)
    if not messages:
        return ""
    space = f'xmlns:footer="{base(version)}message/footer"'
    return f"<footer:Footer {space}>\n{messages}</footer:Footer>\n"


def _note(note: Note) -> str:
    severity = f' severity="{escape(note.severity)}"' if note.severity else ""
    texts = "".join(
        _element("common:Text", t, f' xml:lang="{escape(lang)}"') for lang, t in note.texts
    )
    return f'<footer:Message code="{escape(note.code)}"{severity}>{texts}</footer:Message>\n'


def spelled(action: str, version: str) -> str:
    """Spell an action as the version does: before 3.1 there is no Merge, and Append is its name."""
    return "Append" if action == "Merge" and version in ("2.1", "3.0") else action


def _element(name: str, text: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{escape(text)}</{name}>"


def _optional(name: str, text: str) -> str:
    return _element(f"message:{name}", text) if text else ""


def _texts(name: str, texts: Texts) -> list[str]:
    return [_element(name, text, f' xml:lang="{escape(lang)}"') for lang, text in texts.items()]


def _party(name: str, party: Party) -> str:
    zone = [_optional("Timezone", party.timezone)] if party.timezone else []
    inner = [*_texts("common:Name", party.names), *map(_contact, party.contacts), *zone]
    start = f'<message:{name} id="{escape(party.id)}"'
    return f"{start}>{''.join(inner)}</message:{name}>" if inner else f"{start}/>"


def _contact(contact: Contact) -> str:
    parts = [
        *_texts("common:Name", contact.names),
        *_texts("message:Department", contact.departments),
        *_texts("message:Role", contact.roles),
        *[_optional(kind, text) for kind, text in contact.channels],
    ]
    return f"<message:Contact>{''.join(parts)}</message:Contact>"


def _structure(structure: StructureReference, version: str) -> str:
    reference = Reference.of(structure.kind, structure.target)
    space = f' namespace="{escape(structure.namespace)}"' if structure.namespace else ""
    explicit = ' explicitMeasures="true"' if structure.explicit_measures else ""
    return (
        f'<message:Structure structureID="{escape(structure.id)}"{space}'
        f' dimensionAtObservation="{structure.dimension_at_observation}"{explicit}>'
        f"{_reference(reference, version)}</message:Structure>"
    )


def _reference(reference: Reference, version: str) -> str:
    agreement = "ProvisionAgrement" if version == "2.1" else "ProvisionAgreement"
    name = f"common:{_ELEMENTS.get(reference.kind, agreement)}"
    if version != "2.1":
        return _element(name, reference.urn)
    parts = {"agencyID": reference.agency, "id": reference.id, "version": reference.version}
    return f"<{name}><Ref{''.join(f' {k}={chr(34)}{escape(v)}{chr(34)}' for k, v in parts.items())}/></{name}>"


def _provider(provider: str, version: str) -> str:
    """Write the reference to the data provider, `AGENCY:SCHEME(1.0).ID`."""
    if not provider:
        return ""
    scheme, _, identifier = provider.rpartition(").")
    if not scheme or not identifier:
        raise MessageError(
            f"a data provider is `AGENCY:DATA_PROVIDERS(1.0).ID`, not {provider!r}"
        )
    urn = f"urn:sdmx:org.sdmx.infomodel.base.DataProvider={provider}"
    inner = f"<URN>{escape(urn)}</URN>" if version == "2.1" else escape(urn)
    return f"<message:DataProvider>{inner}</message:DataProvider>"


def references(
    targets: Iterable[Reference], at: Iterable[str], *, specific: bool
) -> list[StructureReference]:
    """Make the references of the header, one for each different target and dimension at observation."""
    pairs = dict.fromkeys(zip(targets, at, strict=True))
    return [
        StructureReference(
            f"S{number}",
            target.kind,
            target.short,
            dimension,
            namespace(target, dimension) if specific else "",
        )
        for number, (target, dimension) in enumerate(pairs, 1)
    ]


def namespace(target: Reference, at_observation: str) -> str:
    """Namespace of the schema generated for a structure."""
    return f"{target.urn}:ObsLevelDim:{at_observation}"

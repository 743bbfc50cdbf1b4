"""Meta: the header of a JSON message, read and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ilms_sdmx.messages.header import Contact, Header, Party, StructureReference, Texts

_CHANNELS = {
    "telephones": "Telephone",
    "faxes": "Fax",
    "x400s": "X400",
    "uris": "URI",
    "emails": "Email",
}
#: Where the schemas of the versions are, and the folder of each version.
_SCHEMAS = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas"
)
_SCHEMA_FOLDERS = {"1.0": "1.0", "2.0": "2.0.0", "2.1": "2.1"}


def read_header(tree: Mapping[str, Any], structures: Sequence[StructureReference]) -> Header:
    """Header of a parsed `meta` (or, before 1.0, `header`) object."""
    listed = tree.get("receivers")
    if not listed:
        listed = [tree["receiver"]] if "receiver" in tree else []
    receivers = []
    if isinstance(listed, list):
        receivers = [_party(receiver) for receiver in listed]
    return Header(
        id=_text(tree.get("id")),
        prepared=_text(tree.get("prepared")),
        test=tree.get("test") is True,
        sender=_party(tree.get("sender")),
        receivers=tuple(receivers),
        names=_texts(tree, "name"),
        structures=tuple(structures),
    )


def _party(tree: Any) -> Party:
    """Sender or receiver of a parsed object; whatever else it is has no id."""
    if not isinstance(tree, dict):
        return Party("Unknown")
    contacts = []
    listed = tree.get("contacts") or tree.get("contact")
    if isinstance(listed, list):
        for contact in listed:
            if isinstance(contact, dict):
                contacts.append(_contact(contact))
    identifier = _text(tree.get("id")) or "Unknown"
    return Party(identifier, _texts(tree, "name"), tuple(contacts))


def _contact(tree: Mapping[str, Any]) -> Contact:
    """Contact of a parsed object."""
    channels = []
    for name, kind in _CHANNELS.items():
        listed = tree.get(name)
        if isinstance(listed, list):
            for channel in listed:
                channels.append((kind, _text(channel)))
    names = _texts(tree, "name")
    departments = _texts(tree, "department")
    roles = _texts(tree, "role")
    return Contact(names, departments, roles, tuple(channels))


def _texts(tree: Mapping[str, Any], name: str) -> Texts:
    """Texts in all languages, or the one text given without its language."""
    listed = tree.get(f"{name}s")
    if isinstance(listed, dict) and listed:
        texts = {}
        for language, text in listed.items():
            texts[language] = _text(text)
        return texts
    if isinstance(tree.get(name), str):
        return {"en": tree[name]}
    return {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def header_tree(header: Header, version: str) -> dict[str, Any]:
    """`meta` object of a header, valid against the schema of a version."""
    folder = _SCHEMA_FOLDERS[version]
    languages = {*header.names, *header.sender.names} or {"en"}
    tree = {
        "schema": f"{_SCHEMAS}/{folder}/sdmx-json-data-schema.json",
        "id": header.id,
        "prepared": header.prepared,
        "test": header.test,
        "contentLanguages": sorted(languages),
    }
    tree |= _named(header.names, "name")
    tree["sender"] = _party_tree(header.sender, version)
    if header.receivers:
        tree["receivers"] = [_party_tree(party, version) for party in header.receivers]
    return tree


def _party_tree(party: Party, version: str) -> dict[str, Any]:
    """Sender or receiver as an object."""
    tree = {"id": party.id, **_named(party.names, "name")}
    if party.contacts:
        name = "contacts" if version == "2.1" else "contact"
        tree[name] = [_contact_tree(contact) for contact in party.contacts]
    return tree


def _contact_tree(contact: Contact) -> dict[str, Any]:
    """Contact as an object."""
    tree: dict[str, Any] = {"name": "", **_named(contact.names, "name")}
    tree |= _named(contact.departments, "department")
    tree |= _named(contact.roles, "role")
    names = {kind: name for name, kind in _CHANNELS.items()}
    for kind, text in contact.channels:
        tree.setdefault(names[kind], []).append(text)
    return tree


def _named(texts: Texts, name: str) -> dict[str, Any]:
    """Members with a text in all languages and in one: English, or the first."""
    if not texts:
        return {}
    first = next(iter(texts.values()))
    return {name: texts.get("en", first), f"{name}s": dict(texts)}

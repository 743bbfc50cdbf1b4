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


def header(tree: Mapping[str, Any], structures: Sequence[StructureReference]) -> Header:
    """Header of a parsed `meta` (or, before 1.0, `header`) object."""
    receivers = tree.get("receivers") or ([tree["receiver"]] if "receiver" in tree else [])
    return Header(
        id=_text(tree.get("id")),
        prepared=_text(tree.get("prepared")),
        test=tree.get("test") is True,
        sender=_party(tree.get("sender")),
        receivers=tuple(_party(r) for r in receivers if isinstance(receivers, list)),
        names=_texts(tree, "name"),
        structures=tuple(structures),
    )


def _party(tree: Any) -> Party:
    tree = tree if isinstance(tree, dict) else {}
    contacts = tree.get("contacts") or tree.get("contact") or []
    found = (
        tuple(_contact(c) for c in contacts if isinstance(c, dict))
        if isinstance(contacts, list)
        else ()
    )
    return Party(_text(tree.get("id")) or "Unknown", _texts(tree, "name"), found)


def _contact(tree: Mapping[str, Any]) -> Contact:
    channels: list[tuple[str, str]] = []
    for name, kind in _CHANNELS.items():
        listed = tree.get(name)
        channels += [(kind, _text(each)) for each in listed] if isinstance(listed, list) else []
    return Contact(
        _texts(tree, "name"), _texts(tree, "department"), _texts(tree, "role"), tuple(channels)
    )


def _texts(tree: Mapping[str, Any], name: str) -> Texts:
    """Texts in all languages, or the one text given without its language."""
    texts = tree.get(f"{name}s")
    if isinstance(texts, dict) and texts:
        return {language: _text(text) for language, text in texts.items()}
    return {"en": _text(tree[name])} if isinstance(tree.get(name), str) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def tree(header: Header, version: str) -> dict[str, Any]:
    """`meta` object of a header, valid against the schema of a version."""
    place = {"1.0": "1.0", "2.0": "2.0.0", "2.1": "2.1"}[version]
    base = (
        "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas"
    )
    languages = {lang for texts in (header.names, header.sender.names) for lang in texts} or {
        "en"
    }
    return {
        "schema": f"{base}/{place}/sdmx-json-data-schema.json",
        "id": header.id,
        "prepared": header.prepared,
        "test": header.test,
        "contentLanguages": sorted(languages),
        **_named(header.names, "name"),
        "sender": _party_tree(header.sender, version),
        **(
            {"receivers": [_party_tree(r, version) for r in header.receivers]}
            if header.receivers
            else {}
        ),
    }


def _party_tree(party: Party, version: str) -> dict[str, Any]:
    contacts = [_contact_tree(c) for c in party.contacts]
    name = "contacts" if version == "2.1" else "contact"
    return {
        "id": party.id,
        **_named(party.names, "name"),
        **({name: contacts} if contacts else {}),
    }


def _contact_tree(contact: Contact) -> dict[str, Any]:
    found: dict[str, Any] = {"name": "", **_named(contact.names, "name")}
    found |= _named(contact.departments, "department") | _named(contact.roles, "role")
    kinds = {kind: name for name, kind in _CHANNELS.items()}
    for kind, text in contact.channels:
        found.setdefault(kinds[kind], []).append(text)
    return found


def _named(texts: Texts, name: str) -> dict[str, Any]:
    if not texts:
        return {}
    return {name: texts.get("en", next(iter(texts.values()))), f"{name}s": dict(texts)}

"""Elements that all artefacts share in structure messages of SDMX-ML 2.1 and 3.0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from ilms_sdmx.structures.urns import Urn, urn

if TYPE_CHECKING:
    from sdmx.model.common import BaseAnnotation, MaintainableArtefact

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class Dialect:
    """A version of SDMX-ML: its namespaces, and how it spells references and artefacts.

    Parameters
    ----------
    version
        `2.1` or `3.0`.
    """

    version: str

    @property
    def is_21(self) -> bool:
        """Whether this is SDMX-ML 2.1."""
        return self.version == "2.1"

    @property
    def namespaces(self) -> dict[str, str]:
        """Prefix to namespace."""
        version = self.version.replace(".", "_")
        base = f"http://www.sdmx.org/resources/sdmxml/schemas/v{version}"
        return {"mes": f"{base}/message", "str": f"{base}/structure", "com": f"{base}/common"}

    def tag(self, name: str) -> str:
        """Qualified name of an element: `str:Codelist`."""
        prefix, _, local = name.partition(":")
        return f"{{{self.namespaces[prefix]}}}{local}"

    def add(
        self, parent: etree._Element, name: str, text: str | None = None, /, **attributes: str
    ) -> etree._Element:
        """Append an element."""
        element = etree.SubElement(parent, self.tag(name), attributes)
        element.text = text
        return element

    def refer(self, parent: etree._Element, name: str, target: Urn) -> None:
        """Append an element that refers to an artefact: a `Ref` in 2.1, the URN in 3.0."""
        if not self.is_21:
            self.add(parent, name, str(target))
            return
        element = self.add(parent, name)
        if target.item:
            of = {
                "maintainableParentID": target.id,
                "maintainableParentVersion": target.version,
            }
            named = {"id": target.item, **of}
        else:
            named = {"id": target.id, "version": target.version}
        kind = {"agencyID": target.agency, "package": target.package, "class": target.kind}
        etree.SubElement(element, "Ref", {**named, **kind})

    def refer_locally(self, parent: etree._Element, name: str, id: str) -> None:
        """Append an element that refers to something in the same artefact by its id."""
        if self.is_21:
            etree.SubElement(self.add(parent, name), "Ref", id=id)
        else:
            self.add(parent, name, id)

    def maintainable(
        self,
        parent: etree._Element,
        name: str,
        artefact: MaintainableArtefact,
        **attributes: str,
    ) -> etree._Element:
        """Append an artefact with its identity, annotations and names."""
        target = self.urn(artefact)
        identity = {"id": target.id, "agencyID": target.agency, "urn": str(target)}
        if self.is_21 or target.kind not in (
            "DataProviderScheme",
            "AgencyScheme",
        ):  # in 3.0 its version is always 1.0, unsaid
            identity["version"] = target.version
        final = {"isFinal": "true"} if self.is_21 and artefact.is_final else {}
        element = self.add(parent, name, None, **identity, **final, **attributes)
        self.annotate(element, artefact.annotations)
        self.localise(element, "com:Name", artefact.name.localizations)
        return element

    def urn(self, artefact: MaintainableArtefact) -> Urn:
        """URN of an artefact in this version of SDMX."""
        target = urn(artefact)
        if not self.is_21 and target.kind == "ContentConstraint":
            return target._replace(kind="DataConstraint")
        return target

    def annotate(self, parent: etree._Element, annotations: Iterable[BaseAnnotation]) -> None:
        """Append annotations, if there are any."""
        found = list(annotations)
        if not found:
            return
        group = self.add(parent, "com:Annotations")
        for annotation in found:
            element = self.add(
                group,
                "com:Annotation",
                None,
                **({"id": annotation.id} if annotation.id else {}),
            )
            if annotation.title:
                self.add(element, "com:AnnotationTitle", annotation.title)
            if annotation.type:
                self.add(element, "com:AnnotationType", annotation.type)
            self.localise(element, "com:AnnotationText", annotation.text.localizations)

    def localise(self, parent: etree._Element, name: str, texts: Mapping[str, str]) -> None:
        """Append one element a language."""
        for language, text in texts.items():
            self.add(parent, name, text).set(_LANG, language)

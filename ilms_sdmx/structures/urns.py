"""URNs of artefacts: how structures name one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ilms_sdmx.structures import facts

if TYPE_CHECKING:
    from sdmx.model.common import Item, ItemScheme, MaintainableArtefact

#: sdmx1's class to the package and class of SDMX's information model.
_CLASSES = {
    "Codelist": ("codelist", "Codelist"),
    "Code": ("codelist", "Code"),
    "HierarchicalCodelist": ("codelist", "HierarchicalCodelist"),
    "ConceptScheme": ("conceptscheme", "ConceptScheme"),
    "Concept": ("conceptscheme", "Concept"),
    "DataStructureDefinition": ("datastructure", "DataStructure"),
    "DataflowDefinition": ("datastructure", "Dataflow"),
    "CategoryScheme": ("categoryscheme", "CategoryScheme"),
    "Category": ("categoryscheme", "Category"),
    "Categorisation": ("categoryscheme", "Categorisation"),
    "AgencyScheme": ("base", "AgencyScheme"),
    "Agency": ("base", "Agency"),
    "DataProviderScheme": ("base", "DataProviderScheme"),
    "DataProvider": ("base", "DataProvider"),
    "ProvisionAgreement": ("registry", "ProvisionAgreement"),
    "ContentConstraint": ("registry", "ContentConstraint"),
}


class Urn(NamedTuple):
    """A reference in parts; `str` gives the URN.

    Examples
    --------
    >>> str(Urn("codelist", "Code", "ILO", "CL_SEX", "1.0", "SEX_F"))
    'urn:sdmx:org.sdmx.infomodel.codelist.Code=ILO:CL_SEX(1.0).SEX_F'
    """

    package: str
    kind: str
    agency: str
    id: str
    version: str
    item: str = ""

    def __str__(self) -> str:
        kind = f"urn:sdmx:org.sdmx.infomodel.{self.package}.{self.kind}"
        artefact = f"{kind}={self.agency}:{self.id}({self.version})"
        if not self.item:
            return artefact
        return f"{artefact}.{self.item}"


def urn(artefact: MaintainableArtefact) -> Urn:
    """URN of a maintainable artefact."""
    package, kind = _CLASSES[type(artefact).__name__]
    agency = facts.OURS
    if artefact.maintainer:
        agency = artefact.maintainer.id
    version = str(artefact.version)
    return Urn(package, kind, agency, artefact.id, version)


def item_urn(item: Item[Any]) -> Urn:
    """URN of a code, concept or category; a category inside another is named with its path."""
    scheme: ItemScheme[Any] = item.get_scheme()  # type: ignore[no-untyped-call]
    class_name = type(item).__name__
    package, kind = _CLASSES[class_name]
    path = item.hierarchical_id if kind == "Category" else item.id
    urn_of_scheme = urn(scheme)
    return urn_of_scheme._replace(package=package, kind=kind, item=path)

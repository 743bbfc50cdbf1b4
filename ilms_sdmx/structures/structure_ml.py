"""Structure messages in SDMX-ML 2.1 and 3.0."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lxml import etree

from ilms_sdmx.structures import facts
from ilms_sdmx.structures.markup import Dialect
from ilms_sdmx.structures.urns import Urn, item_urn, urn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sdmx.model.common import (
        AgencyScheme,
        Categorisation,
        Category,
        CategoryScheme,
        Codelist,
        Component,
        ConceptScheme,
        CubeRegion,
        DataAttribute,
        DataProviderScheme,
        HierarchicalCode,
        ItemScheme,
        NameableArtefact,
        ProvisionAgreement,
        Representation,
    )
    from sdmx.model.v21 import (
        ContentConstraint,
        DataflowDefinition,
        DataStructureDefinition,
        HierarchicalCodelist,
        Hierarchy,
    )

    from ilms_sdmx.structures.bundle import Bundle


#: Group of artefacts to the element of each; those of which there is only an identity too.
_ELEMENTS = {
    "str:Dataflows": "str:Dataflow",
    "str:CategorySchemes": "str:CategoryScheme",
    "str:Categorisations": "str:Categorisation",
    "str:Codelists": "str:Codelist",
    "str:HierarchicalCodelists": "str:HierarchicalCodelist",
    "str:Concepts": "str:ConceptScheme",
    "str:ConceptSchemes": "str:ConceptScheme",
    "str:DataStructures": "str:DataStructure",
    "str:Constraints": "str:ContentConstraint",
    "str:DataConstraints": "str:DataConstraint",
    "str:AgencySchemes": "str:AgencyScheme",
    "str:DataProviderSchemes": "str:DataProviderScheme",
}


def write(bundle: Bundle, version: str, id: str, prepared: str) -> bytes:
    """Structure message as UTF-8, indented; `version` is 2.1 or 3.0."""
    return _Writer(Dialect(version), bundle).message(bundle, id, prepared)


class _Writer:
    """One method an artefact; each appends it to its group."""

    def __init__(self, dialect: Dialect, bundle: Bundle) -> None:
        self.of = dialect
        self._is_stub = bundle.is_stub
        self._are_complete = bundle.stubs_are_complete

    def message(self, bundle: Bundle, id: str, prepared: str) -> bytes:
        root = etree.Element(self.of.tag("mes:Structure"), nsmap=self.of.namespaces)
        header = self.of.add(root, "mes:Header")
        self.of.add(header, "mes:ID", id)
        self.of.add(header, "mes:Test", "false")
        self.of.add(header, "mes:Prepared", prepared)
        self.of.add(header, "mes:Sender", None, id=facts.OURS)
        parent = self.of.add(root, "mes:Structures")
        if self.of.is_21:
            self._groups_21(parent, bundle)
        else:
            self._groups_30(parent, bundle)
        etree.indent(root, space=" ")
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"

    def _group(
        self,
        parent: etree._Element,
        name: str,
        artefacts: Iterable[object],
        append: Callable[..., None],
    ) -> None:
        """Append a group of artefacts, if there are any."""
        listed_artefacts = list(artefacts)
        if listed_artefacts:
            group = self.of.add(parent, name)
            for artefact in listed_artefacts:
                if name in _ELEMENTS and self._is_stub(artefact):
                    self._stub(group, _ELEMENTS[name], artefact)
                else:
                    append(group, artefact)

    def _stub(self, group: etree._Element, name: str, artefact: Any) -> None:
        """Append an artefact of which only identity and name are told."""
        attributes = {"isExternalReference": "true"}
        if name == "str:DataConstraint":
            attributes["role"] = "Allowed"
        element = self.of.maintainable(group, name, artefact, **attributes)
        if not self._are_complete:
            for held in element.findall(self.of.tag("com:Annotations")):
                element.remove(held)

    def _groups_21(self, parent: etree._Element, bundle: Bundle) -> None:
        """Append groups in the order of the 2.1 schema."""
        add = partial(self._group, parent)
        organisations = (*bundle.agency_schemes, *bundle.provider_schemes)
        add("str:OrganisationSchemes", organisations, self.organisation_scheme)
        add("str:Dataflows", bundle.dataflows, self.dataflow)
        add("str:CategorySchemes", bundle.category_schemes, self.category_scheme)
        add("str:Categorisations", bundle.categorisations, self.categorisation)
        add("str:Codelists", bundle.codelists, self.codelist)
        add("str:HierarchicalCodelists", bundle.hierarchies, self.hierarchical_codelist)
        add("str:Concepts", bundle.concept_schemes, self.concept_scheme)
        add("str:DataStructures", bundle.structures, self.structure)
        add("str:Constraints", bundle.constraints, self.constraint)
        add("str:ProvisionAgreements", bundle.agreements, self.agreement)

    def _groups_30(self, parent: etree._Element, bundle: Bundle) -> None:
        """Append groups in the order of the 3.0 schema."""
        add = partial(self._group, parent)
        add("str:AgencySchemes", bundle.agency_schemes, self.agency_scheme)
        add("str:Categorisations", bundle.categorisations, self.categorisation)
        add("str:CategorySchemes", bundle.category_schemes, self.category_scheme)
        add("str:Codelists", bundle.codelists, self.codelist)
        add("str:ConceptSchemes", bundle.concept_schemes, self.concept_scheme)
        add("str:DataConstraints", bundle.constraints, self.constraint)
        add("str:Dataflows", bundle.dataflows, self.dataflow)
        add("str:DataProviderSchemes", bundle.provider_schemes, self.provider_scheme)
        add("str:DataStructures", bundle.structures, self.structure)
        add("str:Hierarchies", bundle.hierarchies, self.hierarchies)
        add("str:ProvisionAgreements", bundle.agreements, self.agreement)

    def codelist(self, group: etree._Element, artefact: Codelist) -> None:
        element = self._scheme(group, "str:Codelist", artefact)
        for code in artefact:
            item = self._named_item(element, "str:Code", code)
            if type(code.parent) is type(code):
                self.of.refer_locally(item, "str:Parent", code.parent.id)

    def _scheme(
        self, group: etree._Element, name: str, artefact: ItemScheme[Any]
    ) -> etree._Element:
        """Append a scheme that may be cut to some of its items."""
        cut = {"isPartial": "true"} if artefact.is_partial else {}
        return self.of.maintainable(group, name, artefact, **cut)

    def _named_item(
        self,
        parent: etree._Element,
        name: str,
        item: NameableArtefact,
        **attributes: str,
    ) -> etree._Element:
        """Append an item with its annotations and names."""
        element = self.of.add(parent, name, None, id=item.id, **attributes)
        self.of.annotate(element, item.annotations)
        self.of.localise(element, "com:Name", item.name.localizations)
        return element

    def concept_scheme(self, group: etree._Element, artefact: ConceptScheme) -> None:
        element = self._scheme(group, "str:ConceptScheme", artefact)
        for concept in artefact:
            item = self._named_item(element, "str:Concept", concept)
            self.represent(item, "str:CoreRepresentation", concept.core_representation)

    def represent(
        self, parent: etree._Element, name: str, representation: Representation | None
    ) -> None:
        if representation is None:
            return
        element = self.of.add(parent, name)
        if representation.enumerated is not None:
            self.of.refer(element, "str:Enumeration", urn(representation.enumerated))
        for facet in representation.non_enumerated:
            kind = facet.value_type.name if facet.value_type else "string"
            text_type = kind[0].upper() + kind[1:]
            self.of.add(element, "str:TextFormat", None, textType=text_type)

    def dataflow(self, group: etree._Element, artefact: DataflowDefinition) -> None:
        element = self.of.maintainable(group, "str:Dataflow", artefact)
        self.of.refer(element, "str:Structure", urn(artefact.structure))

    def structure(self, group: etree._Element, artefact: DataStructureDefinition) -> None:
        element = self.of.maintainable(group, "str:DataStructure", artefact)
        components = self.of.add(element, "str:DataStructureComponents")
        dimensions = self._list(components, "Dimension")
        for dimension in artefact.dimensions.components:
            name = f"str:{type(dimension).__name__}"
            has_position = self.of.is_21 or name == "str:Dimension"
            place = {"position": str(dimension.order)} if has_position else {}
            self.component(dimensions, name, dimension, **place)
        attributes = self._list(components, "Attribute")
        for attribute in artefact.attributes.components:
            self.attribute(attributes, attribute)
        measures = self._list(components, "Measure")
        measure_name = "str:PrimaryMeasure" if self.of.is_21 else "str:Measure"
        for measure in artefact.measures.components:
            self.component(measures, measure_name, measure)

    def _list(self, components: etree._Element, kind: str) -> etree._Element:
        """Append the list of a kind of components."""
        return self.of.add(components, f"str:{kind}List", None, id=f"{kind}Descriptor")

    def component(
        self, parent: etree._Element, name: str, component: Component, **attributes: str
    ) -> etree._Element:
        element = self.of.add(parent, name, None, id=component.id, **attributes)
        if component.concept_identity is not None:
            self.of.refer(element, "str:ConceptIdentity", item_urn(component.concept_identity))
        self.represent(element, "str:LocalRepresentation", component.local_representation)
        return element

    def attribute(self, parent: etree._Element, attribute: DataAttribute) -> None:
        usage = {"assignmentStatus": "Conditional"} if self.of.is_21 else {"usage": "optional"}
        element = self.component(parent, "str:Attribute", attribute, **usage)
        relation = self.of.add(element, "str:AttributeRelationship")
        dimensions = getattr(attribute.related_to, "dimensions", None)
        if dimensions is not None:
            for dimension in dimensions:
                self.of.refer_locally(relation, "str:Dimension", dimension.id)
        elif self.of.is_21:
            self.of.refer_locally(relation, "str:PrimaryMeasure", "OBS_VALUE")
        else:
            self.of.add(relation, "str:Observation")

    def constraint(self, group: etree._Element, artefact: ContentConstraint) -> None:
        if self.of.is_21:
            element = self.of.maintainable(
                group, "str:ContentConstraint", artefact, type="Allowed"
            )
        else:
            element = self.of.maintainable(
                group, "str:DataConstraint", artefact, role="Allowed"
            )
        attachment = self.of.add(element, "str:ConstraintAttachment")
        for target in artefact.content:
            self.of.refer(attachment, "str:Dataflow", urn(target))  # type: ignore[arg-type]
        for region in artefact.data_content_region:
            self._region(element, region)

    def _region(self, parent: etree._Element, region: CubeRegion) -> None:
        cube = self.of.add(parent, "str:CubeRegion", None, include="true")
        prefix = "com" if self.of.is_21 else "str"
        for component, selection in region.member.items():
            key = self.of.add(cube, f"{prefix}:KeyValue", None, id=component.id)
            for value in selection.values:
                self.of.add(key, f"{prefix}:Value", value.value)

    def category_scheme(self, group: etree._Element, artefact: CategoryScheme) -> None:
        element = self._scheme(group, "str:CategoryScheme", artefact)
        for category in artefact:
            if category.parent is artefact:
                self.category(element, category)

    def category(self, parent: etree._Element, category: Category) -> None:
        element = self.of.add(parent, "str:Category", None, id=category.id)
        self.of.localise(element, "com:Name", category.name.localizations)
        for child in category.child:
            self.category(element, child)

    def categorisation(self, group: etree._Element, artefact: Categorisation) -> None:
        element = self.of.maintainable(group, "str:Categorisation", artefact)
        self.of.refer(element, "str:Source", urn(artefact.artefact))  # type: ignore[arg-type]
        target = item_urn(artefact.category)  # type: ignore[arg-type]
        self.of.refer(element, "str:Target", target)

    def organisation_scheme(self, group: etree._Element, artefact: Any) -> None:
        """Append a scheme of agencies or of providers, which are in one group in 2.1."""
        is_of_agencies = type(artefact).__name__ == "AgencyScheme"
        if self._is_stub(artefact):
            name = "str:AgencyScheme" if is_of_agencies else "str:DataProviderScheme"
            self._stub(group, name, artefact)
        elif is_of_agencies:
            self.agency_scheme(group, artefact)
        else:
            self.provider_scheme(group, artefact)

    def agency_scheme(self, group: etree._Element, artefact: AgencyScheme) -> None:
        element = self._scheme(group, "str:AgencyScheme", artefact)
        for agency in artefact:
            self._named_item(element, "str:Agency", agency)

    def agreement(self, group: etree._Element, artefact: ProvisionAgreement) -> None:
        element = self.of.maintainable(group, "str:ProvisionAgreement", artefact)
        usage = "str:StructureUsage" if self.of.is_21 else "str:Dataflow"
        self.of.refer(element, usage, urn(artefact.structure_usage))  # type: ignore[arg-type]
        provider = item_urn(artefact.data_provider)  # type: ignore[arg-type]
        self.of.refer(element, "str:DataProvider", provider)

    def provider_scheme(self, group: etree._Element, artefact: DataProviderScheme) -> None:
        element = self._scheme(group, "str:DataProviderScheme", artefact)
        for provider in artefact:
            self._named_item(element, "str:DataProvider", provider)

    def hierarchical_codelist(
        self, group: etree._Element, artefact: HierarchicalCodelist
    ) -> None:
        element = self.of.maintainable(group, "str:HierarchicalCodelist", artefact)
        for hierarchy in artefact.hierarchy:
            item = self._named_item(element, "str:Hierarchy", hierarchy, leveled="false")
            for code in hierarchy.codes.values():
                self.hierarchical_code(item, code)

    def hierarchies(self, group: etree._Element, artefact: HierarchicalCodelist) -> None:
        """Append the hierarchies of a hierarchical codelist, each an artefact in 3.0.

        The schema knows no hierarchy without its codes, so none is told by its identity alone.
        """
        for hierarchy in artefact.hierarchy:
            item = self._hierarchy(group, hierarchy)
            self.of.annotate(item, hierarchy.annotations)
            self.of.localise(item, "com:Name", hierarchy.name.localizations)
            for code in hierarchy.codes.values():
                self.hierarchical_code(item, code)

    def _hierarchy(self, group: etree._Element, hierarchy: Hierarchy) -> etree._Element:
        id = f"H_{hierarchy.id}"
        target = Urn("codelist", "Hierarchy", facts.OURS, id, facts.VERSION)
        attributes = {
            "id": id,
            "agencyID": target.agency,
            "version": target.version,
            "urn": str(target),
            "hasFormalLevels": "false",
        }
        return self.of.add(group, "str:Hierarchy", None, **attributes)

    def hierarchical_code(self, parent: etree._Element, code: HierarchicalCode) -> None:
        element = self.of.add(parent, "str:HierarchicalCode", None, id=code.id)
        self.of.refer(element, "str:Code", item_urn(code.code))  # type: ignore[arg-type]
        for child in code.child:
            self.hierarchical_code(element, child)

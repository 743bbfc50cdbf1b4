"""Structure messages in SDMX-ML 2.1 and 3.0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from ilms_sdmx.structures import facts
from ilms_sdmx.structures.markup import Dialect
from ilms_sdmx.structures.urns import Urn, item_urn, urn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sdmx.model.common import (
        Categorisation,
        Category,
        CategoryScheme,
        Codelist,
        Component,
        ConceptScheme,
        DataAttribute,
        DataProviderScheme,
        HierarchicalCode,
        Representation,
    )
    from sdmx.model.v21 import (
        ContentConstraint,
        DataflowDefinition,
        DataStructureDefinition,
        HierarchicalCodelist,
    )

    from ilms_sdmx.structures.bundle import Bundle


def write(bundle: Bundle, version: str, id: str, prepared: str) -> bytes:
    """Structure message as UTF-8, indented; `version` is 2.1 or 3.0."""
    return _Writer(Dialect(version)).message(bundle, id, prepared)


class _Writer:
    """One method an artefact; each appends it to its group."""

    def __init__(self, dialect: Dialect) -> None:
        self.of = dialect

    def message(self, bundle: Bundle, id: str, prepared: str) -> bytes:
        root = etree.Element(self.of.tag("mes:Structure"), nsmap=self.of.namespaces)
        header = self.of.add(root, "mes:Header")
        self.of.add(header, "mes:ID", id)
        self.of.add(header, "mes:Test", "false")
        self.of.add(header, "mes:Prepared", prepared)
        self.of.add(header, "mes:Sender", None, id=facts.OURS)
        parent = self.of.add(root, "mes:Structures")
        for group in self._groups_21(bundle) if self.of.is_21 else self._groups_30(bundle):
            self._group(parent, *group)
        etree.indent(root, space=" ")
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"

    def _group(
        self,
        parent: etree._Element,
        name: str,
        artefacts: Iterable[object],
        append: Callable[[etree._Element, object], None],
    ) -> None:
        found = list(artefacts)
        if found:
            group = self.of.add(parent, name)
            for artefact in found:
                append(group, artefact)

    def _groups_21(
        self, bundle: Bundle
    ) -> list[tuple[str, Iterable[object], Callable[..., None]]]:
        """Order groups as the 2.1 schema does."""
        return [
            ("str:OrganisationSchemes", bundle.provider_schemes, self.provider_scheme),
            ("str:Dataflows", bundle.dataflows, self.dataflow),
            ("str:CategorySchemes", bundle.category_schemes, self.category_scheme),
            ("str:Categorisations", bundle.categorisations, self.categorisation),
            ("str:Codelists", bundle.codelists, self.codelist),
            ("str:HierarchicalCodelists", bundle.hierarchies, self.hierarchical_codelist),
            ("str:Concepts", bundle.concept_schemes, self.concept_scheme),
            ("str:DataStructures", bundle.structures, self.structure),
            ("str:Constraints", bundle.constraints, self.constraint),
        ]

    def _groups_30(
        self, bundle: Bundle
    ) -> list[tuple[str, Iterable[object], Callable[..., None]]]:
        """Order groups as the 3.0 schema does."""
        return [
            ("str:Categorisations", bundle.categorisations, self.categorisation),
            ("str:CategorySchemes", bundle.category_schemes, self.category_scheme),
            ("str:Codelists", bundle.codelists, self.codelist),
            ("str:ConceptSchemes", bundle.concept_schemes, self.concept_scheme),
            ("str:DataConstraints", bundle.constraints, self.constraint),
            ("str:Dataflows", bundle.dataflows, self.dataflow),
            ("str:DataProviderSchemes", bundle.provider_schemes, self.provider_scheme),
            ("str:DataStructures", bundle.structures, self.structure),
            ("str:Hierarchies", bundle.hierarchies, self.hierarchies),
        ]

    def codelist(self, group: etree._Element, artefact: Codelist) -> None:
        cut = {"isPartial": "true"} if artefact.is_partial else {}
        element = self.of.maintainable(group, "str:Codelist", artefact, **cut)
        for code in artefact:
            item = self.of.add(element, "str:Code", None, id=code.id)
            self.of.annotate(item, code.annotations)
            self.of.localise(item, "com:Name", code.name.localizations)
            if code.parent is not None and code.parent is not artefact:
                self.of.refer_locally(item, "str:Parent", code.parent.id)

    def concept_scheme(self, group: etree._Element, artefact: ConceptScheme) -> None:
        cut = {"isPartial": "true"} if artefact.is_partial else {}
        element = self.of.maintainable(group, "str:ConceptScheme", artefact, **cut)
        for concept in artefact:
            item = self.of.add(element, "str:Concept", None, id=concept.id)
            self.of.annotate(item, concept.annotations)
            self.of.localise(item, "com:Name", concept.name.localizations)
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
            text_type = facet.value_type.name if facet.value_type else "string"
            self.of.add(
                element, "str:TextFormat", None, textType=text_type[0].upper() + text_type[1:]
            )

    def dataflow(self, group: etree._Element, artefact: DataflowDefinition) -> None:
        element = self.of.maintainable(group, "str:Dataflow", artefact)
        self.of.refer(element, "str:Structure", urn(artefact.structure))

    def structure(self, group: etree._Element, artefact: DataStructureDefinition) -> None:
        element = self.of.maintainable(group, "str:DataStructure", artefact)
        components = self.of.add(element, "str:DataStructureComponents")
        dimensions = self.of.add(
            components, "str:DimensionList", None, id="DimensionDescriptor"
        )
        for dimension in artefact.dimensions.components:
            name = f"str:{type(dimension).__name__}"
            positioned = self.of.is_21 or name == "str:Dimension"
            place = {"position": str(dimension.order)} if positioned else {}
            self.component(dimensions, name, dimension, **place)
        attributes = self.of.add(
            components, "str:AttributeList", None, id="AttributeDescriptor"
        )
        for attribute in artefact.attributes.components:
            self.attribute(attributes, attribute)
        measures = self.of.add(components, "str:MeasureList", None, id="MeasureDescriptor")
        for measure in artefact.measures.components:
            self.component(
                measures, "str:PrimaryMeasure" if self.of.is_21 else "str:Measure", measure
            )

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
        name, role = (
            ("ContentConstraint", {"type": "Allowed"})
            if self.of.is_21
            else ("DataConstraint", {"role": "Allowed"})
        )
        element = self.of.maintainable(group, f"str:{name}", artefact, **role)
        attachment = self.of.add(element, "str:ConstraintAttachment")
        for target in artefact.content:
            self.of.refer(attachment, "str:Dataflow", urn(target))  # type: ignore[arg-type]
        for region in artefact.data_content_region:
            cube = self.of.add(element, "str:CubeRegion", None, include="true")
            prefix = "com" if self.of.is_21 else "str"
            for component, selection in region.member.items():
                key = self.of.add(cube, f"{prefix}:KeyValue", None, id=component.id)
                for value in selection.values:
                    self.of.add(key, f"{prefix}:Value", value.value)

    def category_scheme(self, group: etree._Element, artefact: CategoryScheme) -> None:
        element = self.of.maintainable(group, "str:CategoryScheme", artefact)
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
        self.of.refer(element, "str:Target", item_urn(artefact.category))  # type: ignore[arg-type]

    def provider_scheme(self, group: etree._Element, artefact: DataProviderScheme) -> None:
        element = self.of.maintainable(group, "str:DataProviderScheme", artefact)
        for provider in artefact:
            item = self.of.add(element, "str:DataProvider", None, id=provider.id)
            self.of.annotate(item, provider.annotations)
            self.of.localise(item, "com:Name", provider.name.localizations)

    def hierarchical_codelist(
        self, group: etree._Element, artefact: HierarchicalCodelist
    ) -> None:
        element = self.of.maintainable(group, "str:HierarchicalCodelist", artefact)
        for hierarchy in artefact.hierarchy:
            item = self.of.add(element, "str:Hierarchy", None, id=hierarchy.id, leveled="false")
            self.of.annotate(item, hierarchy.annotations)
            self.of.localise(item, "com:Name", hierarchy.name.localizations)
            for code in hierarchy.codes.values():
                self.hierarchical_code(item, code)

    def hierarchies(self, group: etree._Element, artefact: HierarchicalCodelist) -> None:
        """Append the hierarchies of a hierarchical codelist, each an artefact of its own in 3.0."""
        for hierarchy in artefact.hierarchy:
            target = Urn(
                "codelist", "Hierarchy", facts.OURS, f"H_{hierarchy.id}", facts.VERSION
            )
            identity = {"id": target.id, "agencyID": target.agency, "version": target.version}
            item = self.of.add(
                group,
                "str:Hierarchy",
                None,
                **identity,
                urn=str(target),
                hasFormalLevels="false",
            )
            self.of.annotate(item, hierarchy.annotations)
            self.of.localise(item, "com:Name", hierarchy.name.localizations)
            for code in hierarchy.codes.values():
                self.hierarchical_code(item, code)

    def hierarchical_code(self, parent: etree._Element, code: HierarchicalCode) -> None:
        element = self.of.add(parent, "str:HierarchicalCode", None, id=code.id)
        self.of.refer(element, "str:Code", item_urn(code.code))  # type: ignore[arg-type]
        for child in code.child:
            self.hierarchical_code(element, child)

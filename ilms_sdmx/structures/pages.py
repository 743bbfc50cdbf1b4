"""One dataflow as a page that a statistician understands."""

from __future__ import annotations

from dataclasses import dataclass

from ilms_sdmx.structures import constraints, facts, flows
from ilms_sdmx.structures.identifiers import resolve

#: Words before the unit of measure.
_MULTIPLIERS = {"0": "", "3": "thousands of ", "6": "millions of "}
_WITHOUT_VERSIONS = ("REF_AREA", "FREQ", "MEASURE")
_ATTACHED = {"OBS_VALUE": "each observation", "MEASURE": "the measure"}


@dataclass(frozen=True)
class DimensionLine:
    """One dimension: its codelist, and the codes that may carry data by classification version.

    `groups` pairs a version's id and name with its codes and their names; a dimension without
    versions has one group with an empty id.
    """

    id: str
    name: str
    codelist: str
    groups: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]
    incomplete: str = ""


@dataclass(frozen=True)
class Page:
    """What there is to say about one dataflow, in one language.

    `table` is its place in the questionnaire (`""` where the form does not ask it), `form` the
    classification versions printed there, `attributes` pairs an attribute with what it is
    reported for, `evidence` says which parts are verified.
    """

    id: str
    title: str
    module: str
    table: str
    form: tuple[str, ...]
    old: str
    unit: str
    dimensions: tuple[DimensionLine, ...]
    attributes: tuple[tuple[str, str, str], ...]
    evidence: tuple[str, ...]


def page(dataflow_id: str, language: str = "en") -> Page:
    """Everything about one dataflow for a reader.

    Raises
    ------
    StructureError
        No such dataflow; the message names the three nearest.

    Examples
    --------
    >>> page("MNA_OEMP_SEX_CDS_NB").unit
    'thousands of persons (UNIT_MEASURE PS, UNIT_MULT 3)'
    """
    id = resolve(dataflow_id).id
    row = facts.by_id("dataflows.csv")[id]
    module_row = facts.by_id("modules.csv")[row["module"]]
    module = f"{module_row['id']} {module_row[language]}"
    title = row[language]
    form = row["questionnaire"].split()
    unit = _unit(row)
    evidence = _evidence(row)
    dimensions = [_dimension(id, dimension, language) for dimension in flows.dimensions(id)]
    attributes = [_attribute(attribute, language) for attribute in flows.attributes()]
    return Page(
        id=f"DF_{id}",
        title=title,
        module=module,
        table=row["table"],
        form=tuple(form),
        old=row["old"],
        unit=unit,
        dimensions=tuple(dimensions),
        attributes=tuple(attributes),
        evidence=evidence,
    )


def _unit(row: facts.Row) -> str:
    unit = row["unit_measure"]
    if not unit:
        return "depends on the currency (CUR)"
    names = facts.by_id("codelists/CL_UNIT_MEASURE.csv", "code")
    multiplier = _MULTIPLIERS[row["unit_mult"]]
    name = names[unit]["en"].lower()
    return f"{multiplier}{name} (UNIT_MEASURE {unit}, UNIT_MULT {row['unit_mult']})"


def _dimension(id: str, dimension: str, language: str) -> DimensionLine:
    """Line of a dimension with its codes by classification version."""
    concept = facts.by_id("concepts.csv")[dimension]
    list_id = concept["codelist"]
    name = concept[language] or concept["en"] or dimension
    if not list_id:
        return DimensionLine(dimension, name, "", ())
    table = facts.by_id(f"codelists/{list_id}.csv", "code")
    groups = []
    for version, codes in _by_version(id, dimension).items():
        version_name = ""
        if version in table:
            version_name = table[version][language]
        named_codes = []
        for code in codes:
            name_of_code = _name_of(table[code], language)
            named_codes.append((code, name_of_code))
        groups.append((version, version_name, tuple(named_codes)))
    list_row = facts.by_id("codelists.csv")[list_id]
    incomplete = list_row["incomplete"]
    return DimensionLine(dimension, name, list_id, tuple(groups), incomplete)


def _by_version(id: str, dimension: str) -> dict[str, list[str]]:
    """Codes that may carry data in a dimension, by classification version, in list order."""
    has_versions = dimension not in _WITHOUT_VERSIONS
    by_version: dict[str, list[str]] = {}
    for code in constraints.ordered_codes(id, dimension):
        version = constraints.version(code) if has_versions else ""
        by_version.setdefault(version, []).append(code)
    return by_version


def _name_of(row: facts.Row, language: str) -> str:
    return row[language] or row["en"] or row["code"]


def _attribute(id: str, language: str) -> tuple[str, str, str]:
    concept = facts.by_id("concepts.csv")[id]
    attachment = facts.by_id("components.csv")[id]["attachment"]
    name = concept[language] or concept["en"]
    dimensions = " and ".join(attachment.split())
    return id, name, _ATTACHED.get(attachment, dimensions)


def _evidence(row: facts.Row) -> tuple[str, ...]:
    """Sentences that say what is verified and what inferred, most certain first."""
    sources = {
        "id": "catalogue-2026-08",
        "key": row["key_source"],
        "title": row["title_source"],
    }
    sentences = []
    for part, source in sources.items():
        state = "verified" if facts.verified(source) else "inferred"
        evidence = facts.by_id("evidence.csv")[source]["what"]
        sentences.append(f"{part} {state}: {evidence}")
    return tuple(sentences)

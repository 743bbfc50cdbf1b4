"""One dataflow as a page that a statistician understands."""

from __future__ import annotations

from dataclasses import dataclass

from ilms_sdmx.structures import constraints, facts, flows
from ilms_sdmx.structures.identifiers import resolve

#: Words before the unit of measure.
_MULTIPLIERS = {"0": "", "3": "thousands of ", "6": "millions of "}
_ATTACHED = {"OBS_VALUE": "each observation", "MEASURE": "the measure"}


@dataclass(frozen=True)
class DimensionLine:
    """One dimension: its codelist, and the codes that may carry data by classification version.

    `groups` pairs a version's id and name with its codes and their names; a dimension without versions has
    one group with an empty id.
    """

    id: str
    name: str
    codelist: str
    groups: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]
    incomplete: str = ""


@dataclass(frozen=True)
class Page:
    """What there is to say about one dataflow, in one language.

    `table` is its place in the questionnaire (`""` where the form does not ask it), `form` the classification
    versions printed there, `attributes` pairs an attribute with what it is reported for, `evidence` says
    which parts are verified.
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
    return Page(
        id=f"DF_{id}",
        title=row[language],
        module=f"{row['module']} {facts.by_id('modules.csv')[row['module']][language]}",
        table=row["table"],
        form=tuple(row["questionnaire"].split()),
        old=row["old"],
        unit=_unit(row),
        dimensions=tuple(
            _dimension(id, dimension, language) for dimension in flows.dimensions(id)
        ),
        attributes=tuple(_attribute(attribute, language) for attribute in flows.attributes()),
        evidence=_evidence(row),
    )


def _unit(row: facts.Row) -> str:
    if not row["unit_measure"]:
        return "depends on the currency (CUR)"
    names = facts.by_id("codelists/CL_UNIT_MEASURE.csv", "code")
    words = _MULTIPLIERS[row["unit_mult"]] + names[row["unit_measure"]]["en"].lower()
    return f"{words} (UNIT_MEASURE {row['unit_measure']}, UNIT_MULT {row['unit_mult']})"


def _dimension(id: str, dimension: str, language: str) -> DimensionLine:
    concept = facts.by_id("concepts.csv")[dimension]
    list_id = concept["codelist"]
    name = concept[language] or concept["en"] or dimension
    if not list_id:
        return DimensionLine(dimension, name, "", ())
    table = facts.by_id(f"codelists/{list_id}.csv", "code")
    groups: dict[str, list[tuple[str, str]]] = {}
    allowed = constraints.allowed(id).get(dimension, frozenset())
    for code, row in table.items():
        if code in allowed:
            version = (
                constraints.version(code)
                if dimension not in {"REF_AREA", "FREQ", "MEASURE"}
                else ""
            )
            groups.setdefault(version, []).append((code, row[language] or row["en"] or code))
    named = tuple(
        (v, table[v][language] if v in table else "", tuple(codes))
        for v, codes in groups.items()
    )
    return DimensionLine(
        dimension, name, list_id, named, facts.by_id("codelists.csv")[list_id]["incomplete"]
    )


def _attribute(id: str, language: str) -> tuple[str, str, str]:
    concept = facts.by_id("concepts.csv")[id]
    attachment = facts.by_id("components.csv")[id]["attachment"]
    return (
        id,
        concept[language] or concept["en"],
        _ATTACHED.get(attachment, " and ".join(attachment.split())),
    )


def _evidence(row: facts.Row) -> tuple[str, ...]:
    """Say what is verified and what inferred, most certain first."""
    said = (
        ("id", "catalogue-2026-08"),
        ("key", row["key_source"]),
        ("title", row["title_source"]),
    )
    sentences = []
    for what, source in said:
        state = "verified" if facts.verified(source) else "inferred"
        sentences.append(f"{what} {state}: {facts.by_id('evidence.csv')[source]['what']}")
    return tuple(sentences)

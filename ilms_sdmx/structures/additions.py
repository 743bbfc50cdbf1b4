"""What we add under our own agency: categories, providers, hierarchies of codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.constraints import version
from ilms_sdmx.structures.flows import dataflow, ids
from ilms_sdmx.structures.identifiers import resolve
from ilms_sdmx.structures.lists import codelist, identify
from ilms_sdmx.structures.sums import PARTNERS, AggregationRule, rules

if TYPE_CHECKING:
    import pandas as pd
    from sdmx.model.common import (
        BaseAnnotation,
        Categorisation,
        Category,
        CategoryScheme,
        Codelist,
        DataProvider,
        DataProviderScheme,
        HierarchicalCode,
    )
    from sdmx.model.v21 import HierarchicalCodelist, Hierarchy


def _note(type: str, title: str) -> BaseAnnotation:
    from sdmx.model.v21 import Annotation

    return Annotation(id=f"{facts.OURS}_{type}", type=type, title=title)


@cache
def category_scheme() -> CategoryScheme:
    """Modules of ILMS and, inside them, the 21 tables of the questionnaire.

    Returns
    -------
    CategoryScheme
        `ILMS_SDMX:ILMS(1.0)`; modules MST, MFL and MNA, tables `MST_1` to `MNA_7`. ILO prints
        no numbers that we have seen: they are ours, in the order of the form. A table that is
        asked by place of birth and by citizenship has both titles.

    Examples
    --------
    >>> [len(module.child) for module in category_scheme() if module.child]
    [10, 4, 7]
    """
    from sdmx.model.common import Category, CategoryScheme

    title = {"en": "Modules and tables of International Labour Migration Statistics"}
    about = facts.final(facts.OURS, title, "reference-2019")
    scheme: CategoryScheme = CategoryScheme(id="ILMS", **about)
    for row in facts.rows("modules.csv"):
        module_id = row["id"]
        module = Category(id=module_id, name=facts.names(row))
        scheme.append(module)
        for id in tables(module_id):
            table = Category(id=id, name=_title(id), parent=module)
            scheme.items[table.id] = table
    return scheme


def tables(module: str) -> list[str]:
    """Ids of the questionnaire's tables in a module, in the order of the form."""
    ids = set()
    for row in facts.rows("dataflows.csv"):
        if row["module"] == module and row["table"]:
            ids.add(row["table"])
    return sorted(ids, key=_number_of_table)


def _number_of_table(table: str) -> int:
    return int(table.rsplit("_", 1)[1])


def _title(table: str) -> dict[str, str]:
    """Titles of the dataflows of a table, the variant by birth first."""
    flows = [row for row in facts.rows("dataflows.csv") if row["table"] == table]
    titles = {}
    for language in facts.LANGUAGES:
        titles[language] = " / ".join(row[language] for row in flows)
    return titles


def categorisation(dataflow_id: str) -> Categorisation:
    """Place of a dataflow in the category scheme: its table, or its module without one."""
    return _categorisation(resolve(dataflow_id).id)


@cache
def _categorisation(id: str) -> Categorisation:
    """Module or table of the form that a dataflow belongs to."""
    from sdmx.model.common import Categorisation

    row = facts.by_id("dataflows.csv")[id]
    table = row["table"]
    flow = dataflow(id)
    category: Category = category_scheme()[table or row["module"]]
    source = "reference-2019" if table else "inferred"
    title = {"en": f"{flow.id} in {category.hierarchical_id}"}
    about = facts.final(facts.OURS, title, source)
    return Categorisation(id=f"CAT_{flow.id}", artefact=flow, category=category, **about)


def categorisations() -> list[Categorisation]:
    """Places of all 84 dataflows."""
    return [_categorisation(id) for id in ids()]


@cache
def provider_scheme() -> DataProviderScheme:
    """Offices of the eleven states of ASEAN that send labour migration statistics.

    Returns
    -------
    DataProviderScheme
        `ILMS_SDMX:DATA_PROVIDERS(1.0)`; each provider carries the annotations REF_AREA and
        SOURCES (codes of ILO's sources, see `sources`) and EVIDENCE: verified is none, names
        are from ILO's sources of 2019 or, for statistical offices that those do not name,
        inferred.

    Examples
    --------
    >>> str(provider_scheme()["PHL_CFO"].name)
    'Commission on Filipinos Overseas'
    """
    from sdmx.model.common import DataProviderScheme

    scheme: DataProviderScheme = DataProviderScheme(
        id="DATA_PROVIDERS",
        name={"en": "Offices that send labour migration statistics, ASEAN"},
        **facts.maintained(facts.OURS),
        annotations=[facts.evidence("reference-2019")],
    )
    for row in facts.rows("providers.csv"):
        scheme.append(_provider(row))
    return scheme


def _provider(row: facts.Row) -> DataProvider:
    from sdmx.model.common import DataProvider

    area = _note("REF_AREA", row["ref_area"])
    codes_of_sources = _note("SOURCES", row["sources"])
    annotations = [area, codes_of_sources, facts.evidence(row["source"])]
    name = {"en": row["en"]}
    return DataProvider(id=row["id"], name=name, annotations=annotations)


def sources(ref_area: str | None = None) -> pd.DataFrame:
    """National sources as ILO codes them (2019), those of one ASEAN state or of all.

    Returns
    -------
    DataFrame
        All text; columns `code` (`BA:6649`: type and number), `ref_area`, `source_type`, `en`
        (what ILO writes into the attribute SOURCE) and `provider` (see `provider_scheme`, `""`
        if none is stated).

    Examples
    --------
    >>> table = sources("VNM").set_index("code")
    >>> table.loc["FX:6673", ["en", "provider"]].tolist()
    ['ADM - Administrative records of the Department of Overseas Labour', 'VNM_DOLAB']
    """
    if not isinstance(ref_area, str | None):
        raise TypeError(f"expected the code of a state as text, found {ref_area!r}")
    provider_of_source = {}
    for row in facts.rows("providers.csv"):
        for code in row["sources"].split():
            provider_of_source[code] = row["id"]
    table = facts.frame("sources.csv")
    providers = table["code"].map(provider_of_source)
    table["provider"] = providers.fillna("").astype("str")
    if ref_area is None:
        return table
    return table[table["ref_area"] == ref_area].reset_index(drop=True)


def hierarchies(codelist_id: str) -> HierarchicalCodelist:
    """Draw the aggregation rules of one codelist: each total above the parts that add up to it.

    Returns
    -------
    HierarchicalCodelist
        `ILMS_SDMX:HCL_<list>(1.0)`. One hierarchy for each pair of classification versions:
        `ECO_AGGREGATE_ECO_ISIC4` has ECO_AGGREGATE_MEL above ISIC Rev.4 B, D and E. Overlaps
        are not in it: see `aggregations`.

    Raises
    ------
    StructureError
        No such codelist, or one without rules: `hierarchical` lists those that have some.

    Examples
    --------
    >>> [hierarchy.id for hierarchy in hierarchies("CL_SEX").hierarchy]
    ['SEX']
    """
    id = identify(codelist_id)
    if id not in hierarchical():
        known = ", ".join(hierarchical())
        raise StructureError(
            f"{id} has no aggregation rules. Codelists that have some: {known}."
        )
    return _hierarchies(id)


@cache
def _hierarchies(codelist_id: str) -> HierarchicalCodelist:
    """Hierarchies of a codelist, one for each pair of versions."""
    from sdmx.model.v21 import HierarchicalCodelist

    title = {"en": f"Aggregation rules of {codelist_id}"}
    whose = facts.maintained(facts.OURS)
    codelist_of_hierarchies = HierarchicalCodelist(
        id=f"H{codelist_id}", name=title, is_final=True, **whose
    )
    drawn = [rule for rule in rules() if rule.codelist == codelist_id and _is_branch(rule)]
    by_versions: dict[tuple[str, str], list[AggregationRule]] = {}
    for rule in drawn:
        version_of_total = version(rule.total) or rule.version
        versions = (version_of_total, rule.version)
        of_versions = by_versions.setdefault(versions, [])
        of_versions.append(rule)
    for versions, rules_of_hierarchy in by_versions.items():
        hierarchy = _hierarchy(codelist_id, versions, rules_of_hierarchy)
        codelist_of_hierarchies.hierarchy.append(hierarchy)
    codelist_of_hierarchies.annotations = [_weakest(drawn)]
    return codelist_of_hierarchies


def _weakest(drawn: Iterable[AggregationRule]) -> BaseAnnotation:
    """Evidence of several rules: that of the least certain."""
    order = ("inferred", "icls-2018", "reference-2019", "published")
    certainties = [order.index(rule.source) for rule in drawn]
    return facts.evidence(order[min(certainties)])


def hierarchical() -> list[str]:
    """Codelists that have aggregation rules."""
    return list(dict.fromkeys(row.codelist for row in rules()))


def _is_branch(rule: AggregationRule) -> bool:
    """Whether a rule is drawn: sums, and only groups of partners with known members."""
    prefix = PARTNERS.get(rule.codelist)
    if prefix is not None and rule.total == f"{prefix}_TOTAL":
        return False
    return rule.relation in ("sum", "member")


def _hierarchy(
    codelist_id: str, versions: tuple[str, str], drawn: list[AggregationRule]
) -> Hierarchy:
    from sdmx.model.v21 import Hierarchy

    version_of_total, version_of_parts = versions
    id = version_of_total
    name = f"Parts of {version_of_total}"
    if version_of_total != version_of_parts:
        id = f"{version_of_total}_{version_of_parts}"
        name = f"{version_of_total} from {version_of_parts}"
    hierarchy = Hierarchy(id=id, name={"en": name}, annotations=[_weakest(drawn)])
    branches: dict[str, list[str]] = {}
    for rule in drawn:
        branches.setdefault(rule.total, []).append(rule.part)
    inner = {rule.part for rule in drawn}
    places: Counter[str] = Counter()
    for total in branches:
        if total not in inner:
            branch = _branch(total, codelist(codelist_id), branches, places)
            hierarchy.codes[total] = branch
    return hierarchy


def _branch(
    id: str, codes: Codelist, branches: dict[str, list[str]], places: Counter[str]
) -> HierarchicalCode:
    """Code with its parts below it; one that is in several places has its number in the id."""
    from sdmx.model.common import HierarchicalCode

    places[id] += 1
    own = id if places[id] == 1 else f"{id}@{places[id]}"
    found = HierarchicalCode(id=own, code=codes[id])
    for part in branches.get(id, []):
        child = _branch(part, codes, branches, places)
        child.parent = found
        found.child.append(child)
    return found

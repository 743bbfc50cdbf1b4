"""Codelists: ILO's lists as sdmx1 objects, and as frames for people."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.identifiers import bare, unknown

if TYPE_CHECKING:
    import pandas as pd
    from sdmx.model.common import BaseAnnotation, Code, Codelist

#: Column of a codelist file to the annotation under which ILO serves it.
_ANNOTATIONS = {
    "is_total": "IS_TOTAL",
    "group": "GROUP",
    "iso2": "ISO2Code",
    "m49": "M49Code",
    "ilo_region": "ILO_REGION",
    "wb_income_group": "WB_INCOME_GROUP",
}


def codelists() -> list[str]:
    """Ids of all shipped codelists, dimensions first.

    Examples
    --------
    >>> codelists()[:3]
    ['CL_AREA', 'CL_FREQ', 'CL_MEASURE']
    """
    return [row["id"] for row in facts.rows("codelists.csv")]


def identify(id: str) -> str:
    """Id of a shipped codelist from any of its forms: `SEX`, `CL_SEX`, `ILO:CL_SEX(1.0)`."""
    known = facts.by_id("codelists.csv")
    key = bare(id, "codelist")
    for candidate in (key, f"CL_{key}"):
        if candidate in known:
            return candidate
    raise unknown("codelist", key, known)


def codelist(id: str) -> Codelist:
    """Codelist with its codes in ILO's order, names in three languages, and parents.

    Parameters
    ----------
    id
        `CL_ECO`, `ECO` or `ILO:CL_ECO(1.0)`. The list of dimension REF_AREA is `CL_AREA`.

    Returns
    -------
    Codelist
        The same object at each call; copy it before changing it. Codes carry the annotations
        ORDER and IS_TOTAL as ILO serves them, areas also GROUP, ISO2Code, M49Code, ILO_REGION
        and WB_INCOME_GROUP.

    Raises
    ------
    StructureError
        No such codelist; the message names the three nearest.

    Examples
    --------
    >>> str(codelist("CL_SEX")["SEX_F"].name)
    'Female'
    """
    return _codelist(identify(id))


@cache
def _codelist(id: str) -> Codelist:
    return _build(id, facts.rows(f"codelists/{id}.csv"), whole=True)


def partial(id: str, codes: Collection[str]) -> Codelist:
    """Codelist cut to some of its codes and the headings above them.

    `id` is that of a shipped list.
    """
    table = facts.by_id(f"codelists/{id}.csv", "code")
    kept = set(codes)
    for code in codes:
        parent = table[code]["parent"]
        while parent:
            kept.add(parent)
            parent = table[parent]["parent"]
    kept_rows = [row for row in table.values() if row["code"] in kept]
    return _build(id, kept_rows, whole=len(kept) == len(table))


def _build(id: str, table: Iterable[facts.Row], whole: bool) -> Codelist:
    """Codelist of some of its rows."""
    from sdmx.model.common import Codelist

    head = facts.by_id("codelists.csv")[id]
    name = facts.names(head)
    about = facts.final(facts.ILO, name, head["source"])
    about["annotations"] += _incomplete_note(head)
    codelist: Codelist = Codelist(id=id, is_partial=not whole, **about)
    for row in table:
        code = _code(row)
        codelist.items[code.id] = code
        parent = codelist.items.get(row["parent"])
        code.parent = parent or codelist
        if parent is not None:
            parent.child.append(code)
    return codelist


def _code(row: facts.Row) -> Code:
    """Code with its names and what is known of it."""
    from sdmx.model.common import Code

    id = row["code"]
    names = facts.names(row, id)
    annotations = _annotations(row)
    return Code(id=id, name=names, annotations=annotations)


def _annotations(row: facts.Row) -> list[BaseAnnotation]:
    from sdmx.model.v21 import Annotation

    found: list[BaseAnnotation] = []
    if row.get("order_fr"):
        text = {"en": row["order"], "fr": row["order_fr"], "es": row["order_es"]}
        found.append(Annotation(type="ORDER", text=text))
    elif row["order"]:
        annotation = Annotation(type="ORDER", title=row["order"])
        found.append(annotation)
    for column, type in _ANNOTATIONS.items():
        if row.get(column):
            found.append(Annotation(type=type, title=row[column]))
    if row.get("complement_en"):
        text = {language: row[f"complement_{language}"] for language in facts.LANGUAGES}
        found.append(Annotation(type="NAME_COMPLEMENT", text=text))
    if row["source"]:
        found.append(facts.evidence(row["source"]))
    return found


def _incomplete_note(head: facts.Row) -> list[BaseAnnotation]:
    from sdmx.model.v21 import Annotation

    if not head["incomplete"]:
        return []
    text = {"en": head["incomplete"]}
    return [
        Annotation(
            id=f"{facts.OURS}_INCOMPLETE",
            type="INCOMPLETE",
            title="Y",
            text=text,
        )
    ]


def codes(codelist_id: str, language: str = "en") -> pd.DataFrame:
    """Codes of a list as a frame for people.

    Parameters
    ----------
    codelist_id
        As for `codelist`.
    language
        `en`, `fr` or `es`. A code without a name in that language has its English one, and one
        whose name was never seen has its id.

    Returns
    -------
    DataFrame
        One row a code in ILO's order; columns `code`, `name`, `parent` (`""` at the top),
        `is_total` (`Y`, `N`, or `""` where ILO does not say) and `order` (text), index 0, 1, 2
        …

    Raises
    ------
    StructureError
        No such codelist, or no names in that language.

    Examples
    --------
    >>> codes("CL_SEX", "fr")[["code", "name"]].head(2)
        code    name
    0  SEX_T   Total
    1  SEX_M  Hommes
    """
    import pandas as pd

    if language not in facts.LANGUAGES:
        known = ", ".join(facts.LANGUAGES)
        raise StructureError(f"Expected a language of {known}, found {language!r}.")
    id = identify(codelist_id)
    columns = ["code", "name", "parent", "is_total", "order"]
    values = []
    for row in facts.rows(f"codelists/{id}.csv"):
        named = dict(row)
        named["name"] = row[language] or row["en"] or row["code"]
        values.append([named[column] for column in columns])
    return pd.DataFrame(values, columns=columns, dtype="str")


def incomplete() -> dict[str, str]:
    """Codelists of which not all codes are known, and why; a code outside them may be right.

    Examples
    --------
    >>> sorted(incomplete())
    ['CL_IND', 'CL_SKN', 'CL_SKS', 'CL_STE']
    """
    reasons = {}
    for row in facts.rows("codelists.csv"):
        if row["incomplete"]:
            reasons[row["id"]] = row["incomplete"]
    return reasons

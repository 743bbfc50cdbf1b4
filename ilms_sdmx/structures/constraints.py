"""Content constraints: which codes of the common lists may carry data in a dataflow."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.errors import StructureError
from ilms_sdmx.structures import facts
from ilms_sdmx.structures.flows import dataflow, dimensions, measure
from ilms_sdmx.structures.identifiers import resolve

if TYPE_CHECKING:
    from sdmx.model.common import CubeRegion
    from sdmx.model.v21 import ContentConstraint, DataflowDefinition, SelectionValue

#: Code that means "no such breakdown" in other flows of ILOSTAT; ILMS dataflows always break
#: down.
_NOT_APPLICABLE = "_Z"


def allowed(dataflow_id: str, form: bool = False) -> dict[str, frozenset[str]]:
    """Codes that may carry data, for each coded dimension of a dataflow in key order.

    Not among them are headings of groups (`CCT_CIT`, `AGE_YTHADULT`), codes of classification
    versions that the dataflow does not use (`CCT_CTZ_MMR` where it has only citizens and
    others) and groups of areas. A dimension whose codelist has no known code yet (see
    `incomplete`) is absent: nothing can be said of it.

    Parameters
    ----------
    dataflow_id
        Current or old id, as for `dataflow`.
    form
        Only the classification versions printed on the questionnaire: what ILO asks an office
        to send, narrower than what it publishes.

    Raises
    ------
    StructureError
        No such dataflow; the message names the three nearest. With `form`: the questionnaire
        does not ask it.

    Examples
    --------
    >>> sorted(allowed("EMP_TEMP_SEX_AGE_CCT_NB")["CCT"])
    ['CCT_CIT_CITIZEN', 'CCT_CIT_NONCIT', 'CCT_CIT_TOTAL', 'CCT_CIT_X']
    """
    id = resolve(dataflow_id).id
    row = facts.by_id("dataflows.csv")[id]
    if form and not row["table"]:
        raise StructureError(
            f"The questionnaire does not ask DF_{id}: expected one of its 35 dataflows."
        )
    codes = {}
    for dimension, allowed_codes in _allowed(id, form).items():
        codes[dimension] = frozenset(allowed_codes)
    return codes


def ordered_codes(id: str, dimension: str) -> tuple[str, ...]:
    """Codes of `allowed` in one dimension of a dataflow (bare current id), in ILO's order."""
    return _allowed(id).get(dimension, ())


@cache
def _allowed(id: str, form: bool = False) -> dict[str, tuple[str, ...]]:
    allowed_codes = {}
    for dimension in dimensions(id)[:-1]:
        codes = _codes(id, dimension, form)
        if codes:
            allowed_codes[dimension] = tuple(codes)
    return allowed_codes


def _codes(id: str, dimension: str, form: bool) -> list[str]:
    """Codes in the order of the codelist."""
    if dimension == "MEASURE":
        return [measure(id)]
    list_id = facts.by_id("concepts.csv")[dimension]["codelist"]
    codes = []
    for row in facts.rows(f"codelists/{list_id}.csv"):
        if row["code"] != _NOT_APPLICABLE and _may_carry(row, id, dimension, form):
            codes.append(row["code"])
    return codes


def _may_carry(row: facts.Row, id: str, dimension: str, form: bool) -> bool:
    """Whether a code may carry data in a dimension of a dataflow."""
    if dimension == "REF_AREA":
        if row["group"] != "N":
            return False
        return bool(row["iso2"])
    code = row["code"]
    limits = facts.by_id("limits.csv", "dimension")
    if dimension in limits:
        limited = limits[dimension]["codes"]
        return code in limited.split()
    column = "questionnaire" if form else "versions"
    dataflow_row = facts.by_id("dataflows.csv")[id]
    versions = dataflow_row[column].split()
    return version(code) in versions


def version(code: str) -> str:
    """Classification version of a code: `ECO_ISIC4` of `ECO_ISIC4_A`, `""` of a heading."""
    topic, _, rest = code.partition("_")
    name, separator, _ = rest.partition("_")
    if separator:
        return f"{topic}_{name}"
    return ""


def constraint(dataflow_id: str) -> ContentConstraint:
    """Codes of `allowed` as a content constraint attached to the dataflow.

    Returns
    -------
    ContentConstraint
        `ILMS_SDMX:CC_DF_<id>(1.0)`, role allowable, one cube region. It is ours, drawn from the
        versions that ILO's tables name: the constraint that ILOSTAT serves (`ILO:CCA_DF_<id>`)
        lists what it holds today.

    Raises
    ------
    StructureError
        No such dataflow; the message names the three nearest.

    Examples
    --------
    >>> constraint("POP_MNAS_SEX_CRS_NB").id
    'CC_DF_POP_MNAS_SEX_CRS_NB'
    """
    return _constraint(resolve(dataflow_id).id)


@cache
def _constraint(id: str) -> ContentConstraint:
    """Constraint of a dataflow to the codes that may carry data."""
    from sdmx.model.common import ConstraintRole, ConstraintRoleType
    from sdmx.model.v21 import ContentConstraint

    flow = dataflow(id)
    role = ConstraintRole(role=ConstraintRoleType.allowable)
    region = _region(id, flow)
    title = {"en": f"Codes that may carry data in {flow.id}"}
    about = facts.final(facts.OURS, title, "reference-2019")
    return ContentConstraint(
        id=f"CC_{flow.id}", role=role, content={flow}, data_content_region=[region], **about
    )


def _region(id: str, flow: DataflowDefinition) -> CubeRegion:
    """Cube region of the codes that may carry data in a dataflow."""
    from sdmx.model.common import CubeRegion
    from sdmx.model.v21 import MemberSelection, MemberValue

    region: CubeRegion = CubeRegion(included=True)
    for dimension, codes in _allowed(id).items():
        component = flow.structure.dimensions.get(dimension)
        values: list[SelectionValue] = [MemberValue(value=code) for code in codes]
        region.member[component] = MemberSelection(values_for=component, values=values)
    return region

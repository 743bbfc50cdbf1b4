"""What an ILMS dataflow counts, read from its id: stock or flow, and of whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ilms_sdmx.mapping.counted.indicators import indicator_id
from ilms_sdmx.mapping.counted.units import multiplier_text
from ilms_sdmx.records import Criterion, Record

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.datasets import Dataset

T = TypeVar("T")

#: Dimension that names the other country, and whether that is where people come from (`in`) or
#: went (`out`).
PARTNERS: dict[str, str] = {
    "CBR": "in",
    "CCT": "in",
    "COR": "in",
    "CRS": "out",
    "CDS": "out",
    "CPR": "out",
    "BIRTH_PLACE": "in",
    "CITIZENSHIP": "in",
}
_CRITERIA = {
    "CBR": Criterion.BIRTH,
    "CCT": Criterion.CITIZENSHIP,
    "MFLB": Criterion.BIRTH,
    "MFLC": Criterion.CITIZENSHIP,
    "MFRB": Criterion.BIRTH,
    "MFRC": Criterion.CITIZENSHIP,
    "CRS": Criterion.CITIZENSHIP,
    "CDS": Criterion.CITIZENSHIP,
    "CPR": Criterion.CITIZENSHIP,
    "MNAS": Criterion.CITIZENSHIP,
    "MNAO": Criterion.CITIZENSHIP,
    "MNAR": Criterion.CITIZENSHIP,
}
_ABROAD = frozenset({"MNAS", "MNAO", "MNAR"})
_KINDS = {"MFLB": "inflow", "MFLC": "inflow", "MNAO": "outflow", "MNAR": "return"}
_SCOPES = {
    "POP": "working-age",
    "EMP": "employed",
    "EAP": "labour-force",
    "UNE": "unemployed",
    "EIP": "outside-labour-force",
    "EAR": "employees",
    "HOW": "employed",
}


@dataclass(frozen=True, slots=True)
class Concept:
    """What a data set counts.

    Parameters
    ----------
    kind
        `stock`, `inflow`, `outflow` or `return`.
    direction
        `in`: the reporting area hosts people from the partner; `out`: its people are in the
        partner, went there or came back from there.
    criterion, scope
        As in `Record`; `""` where the id does not say.
    """

    kind: str
    direction: str
    criterion: str
    scope: str


def concept(dataset: Dataset) -> Concept:
    """Concept of a data set by its dataflow id, else its measure, and its dimensions.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset
    >>> from ilms_sdmx.mapping.counted.concepts import concept
    >>> flow = "ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)"
    >>> concept(Dataset(pd.DataFrame(), Components(("REF_AREA", "SEX", "CCT")), flow))
    Concept(kind='stock', direction='in', criterion='citizenship', scope='employed')
    """
    words = _words(dataset)
    direction = PARTNERS.get(partner_dimension(dataset), "")
    if _ABROAD.intersection(words):
        direction = "out"
    subject = words[0]
    scope = _SCOPES.get(subject, "")
    if direction == "out" and subject == "POP":
        # Workers, registered emigrants, all nationals: offices publish each under this id.
        scope = ""
    kind = _first_known(words, _KINDS) or "stock"
    first_known = _first_known(words, _CRITERIA)
    criterion = first_known or Criterion.UNKNOWN
    return Concept(kind, direction or "in", str(criterion.value), scope)


def _words(dataset: Dataset) -> list[str]:
    """Parts of the dataflow id, else of the measure, and the dimensions of a data set."""
    parts = indicator_id(dataset.dataflow).split("_")
    has_measure = "MEASURE" in dataset.observations and len(dataset)
    if has_measure and parts[0] not in _SCOPES:
        measure = dataset.observations["MEASURE"]
        first_measure = str(measure.iloc[0])
        parts = first_measure.split("_")
    dimensions = dataset.components.dimensions
    return [*parts, *dimensions]


def _first_known(words: list[str], meanings: Mapping[str, T]) -> T | None:
    """Meaning of the first word that has one."""
    for word in words:
        if word in meanings:
            return meanings[word]
    return None


def partner_dimension(dataset: Dataset) -> str:
    """Id of the dimension that names the other country; empty where there is none."""
    for dimension in dataset.components.dimensions:
        if dimension in PARTNERS:
            return dimension
    return ""


def record(dataset: Dataset) -> Record:
    """Record of a data set that came without one, as far as its dataflow says it."""
    counted = concept(dataset)
    ages = "" if counted.scope in ("", "all") else "15+"
    source = _source(dataset)
    unit = multiplier_text(dataset)
    address = _file(dataset)
    table = indicator_id(dataset.dataflow)
    return Record(
        source=source,
        criterion=counted.criterion,
        scope=counted.scope,
        ages=ages,
        unit=unit,
        table=table,
        address=address,
    )


def notes(dataset: Dataset) -> pd.Series[str] | str:
    """Notes that each observation has in its attributes; `""` where there are none."""
    import numpy as np
    import pandas as pd

    names = [name for name in dataset.observations.columns if name.startswith("NOTE_")]
    if not names:
        return ""
    texts = dataset.observations[names].astype("str")
    texts = texts.fillna("")
    grouped = texts.groupby(names, sort=False)
    codes = grouped.ngroup().to_numpy()
    is_repeated = pd.Series(codes).duplicated().to_numpy()
    is_first = ~is_repeated
    joined = []
    for row in texts[is_first].itertuples(index=False, name=None):
        joined.append(" | ".join(text for text in row if text))
    by_row = np.array(joined, dtype=object)[codes]
    return pd.Series(by_row, index=texts.index, dtype="category")


def _file(dataset: Dataset) -> str:
    provenance = dataset.provenance
    if provenance is None:
        return ""
    if "file" not in provenance:
        return ""
    if provenance.empty:
        return ""
    file = provenance["file"]
    return str(file.iloc[0])


def _source(dataset: Dataset) -> str:
    """Source that a data set states, else its file, else its areas."""
    frame = dataset.observations
    stated = _distinct_texts(frame, "SOURCE")
    if len(stated) == 1:
        return stated[0]
    file = _file(dataset)
    if file:
        return file
    areas = _distinct_texts(frame, "REF_AREA")
    return " ".join(["national", *areas[:3]])


def _distinct_texts(frame: pd.DataFrame, column: str) -> list[str]:
    """Texts of a column, each once, sorted; none where there is no such column."""
    if column not in frame:
        return []
    distinct = frame[column].dropna().unique()
    texts = {str(text) for text in distinct}
    return sorted(texts - {""})

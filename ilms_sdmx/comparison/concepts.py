"""What an ILMS dataflow counts, read from its id: stock or flow, whose statement, which people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.records import Criterion, Record

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.datasets import Dataset

#: Dimension that names the other country, and whether that is where people come from (`in`) or went (`out`).
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
_CRITERIA = {"CBR": Criterion.BIRTH, "CCT": Criterion.CITIZENSHIP, "MFLB": Criterion.BIRTH}
_CRITERIA |= {
    "MFLC": Criterion.CITIZENSHIP,
    "MFRB": Criterion.BIRTH,
    "MFRC": Criterion.CITIZENSHIP,
}
_CRITERIA |= {
    "CRS": Criterion.CITIZENSHIP,
    "CDS": Criterion.CITIZENSHIP,
    "CPR": Criterion.CITIZENSHIP,
}
_CRITERIA |= {
    "MNAS": Criterion.CITIZENSHIP,
    "MNAO": Criterion.CITIZENSHIP,
    "MNAR": Criterion.CITIZENSHIP,
}
_KINDS = {"MFLB": "inflow", "MFLC": "inflow", "MNAO": "outflow", "MNAR": "return"}
_SCOPES = {"POP": "working-age", "EMP": "employed", "EAP": "labour-force", "UNE": "unemployed"}
_SCOPES |= {"EIP": "outside-labour-force", "EAR": "employees", "HOW": "employed"}


@dataclass(frozen=True, slots=True)
class Concept:
    """What a data set counts.

    Parameters
    ----------
    kind
        `stock`, `inflow`, `outflow` or `return`.
    direction
        `in`: the reporting area hosts people from the partner; `out`: its people are in the partner, went
        there or came back from there.
    criterion, scope
        As in `Record`; `""` where the id does not say.
    """

    kind: str
    direction: str
    criterion: str
    scope: str


def concept(dataset: Dataset) -> Concept:
    """Concept of a data set by the parts of its dataflow id, else of its measure, and its dimensions.

    Examples
    --------
    >>> import pandas as pd
    >>> from ilms_sdmx import Components, Dataset
    >>> from ilms_sdmx.comparison.concepts import concept
    >>> flow = "ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)"
    >>> concept(Dataset(pd.DataFrame(), Components(("REF_AREA", "SEX", "CCT")), flow))
    Concept(kind='stock', direction='in', criterion='citizenship', scope='employed')
    """
    parts = indicator(dataset.dataflow).split("_")
    if "MEASURE" in dataset.observations and len(dataset) and parts[0] not in _SCOPES:
        parts = str(dataset.observations["MEASURE"].iloc[0]).split("_")
    words = [*parts, *dataset.components.dimensions]
    kind = next((_KINDS[w] for w in words if w in _KINDS), "stock")
    partner = partner_dimension(dataset)
    out = PARTNERS.get(partner, "") == "out" or any(
        w in ("MNAS", "MNAO", "MNAR") for w in words
    )
    criterion = next(
        (_CRITERIA[w].value for w in words if w in _CRITERIA), Criterion.UNKNOWN.value
    )
    scope = "all" if out and parts[0] == "POP" else _SCOPES.get(parts[0], "")
    return Concept(kind, "out" if out else "in", criterion, scope)


def partner_dimension(dataset: Dataset) -> str:
    """Id of the dimension that names the other country; empty where there is none."""
    return next((d for d in dataset.components.dimensions if d in PARTNERS), "")


def indicator(dataflow: str) -> str:
    """Name the indicator inside a dataflow id.

    Examples
    --------
    >>> from ilms_sdmx.comparison.concepts import indicator
    >>> indicator("ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)")
    'EMP_MFRC_SEX_CCT_NB'
    """
    return re.sub(r"^.*:|\(.*\)$", "", dataflow).removeprefix("DF_")


def record(dataset: Dataset) -> Record:
    """Make the record of a data set that came without one, as far as its dataflow says it."""
    from ilms_sdmx.comparison.units import multiplier_text

    of = concept(dataset)
    ages = "" if of.scope in ("", "all") else "15+"
    return Record(
        source=_source(dataset),
        criterion=of.criterion,
        scope=of.scope,
        ages=ages,
        unit=multiplier_text(dataset),
        table=indicator(dataset.dataflow),
        address=_file(dataset),
    )


def notes(dataset: Dataset) -> pd.Series[str] | str:
    """Join the notes that each observation carries in its attributes; `""` where there are none."""
    import numpy as np
    import pandas as pd

    names = [name for name in dataset.observations.columns if name.startswith("NOTE_")]
    if not names:
        return ""
    texts = dataset.observations[names].astype("str").fillna("")
    codes = texts.groupby(names, sort=False).ngroup().to_numpy()
    rows = texts[~pd.Series(codes).duplicated().to_numpy()].itertuples(index=False, name=None)
    joined = np.array([" | ".join(filter(None, row)) for row in rows], dtype=object)
    return pd.Series(joined[codes], index=texts.index, dtype="category")


def _file(dataset: Dataset) -> str:
    provenance = dataset.provenance
    if provenance is None or "file" not in provenance or provenance.empty:
        return ""
    return str(provenance["file"].iloc[0])


def _source(dataset: Dataset) -> str:
    frame = dataset.observations
    stated = (
        sorted(set(frame["SOURCE"].dropna().astype("str")) - {""}) if "SOURCE" in frame else []
    )
    areas = sorted(frame["REF_AREA"].astype("str").unique()) if "REF_AREA" in frame else []
    own = stated[0] if len(stated) == 1 else _file(dataset)
    return own or " ".join(["national", *areas[:3]])

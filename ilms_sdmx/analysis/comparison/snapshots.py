"""Comparators shipped for the demonstration, as if they had been fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ilms_sdmx._files import shipped
from ilms_sdmx.datasets import OBSERVATION, Components, Dataset
from ilms_sdmx.mapping.counted import concepts
from ilms_sdmx.records import Harmonised, Record, records_frame
from ilms_sdmx.tables.table import Origin

if TYPE_CHECKING:
    import pandas as pd

_UNDESA = Record(
    source="UN DESA IMS",
    scope="all",
    ages="all",
    unit="persons",
    licence="CC BY 3.0 IGO",
    table="by bilateral",
    address="https://www.un.org/development/desa/pd/content/international-migrant-stock",
)
_ILOSTAT = Record(
    source="ILOSTAT",
    edition="2026-02",
    unit="thousands of persons",
    licence="CC BY 4.0",
    address="https://ilostat.ilo.org/data/",
)


def snapshot() -> list[Harmonised]:
    """Snapshots of UN DESA's migrant stock (2020, 2024) and of ILMS figures of ILOSTAT.

    Examples
    --------
    >>> from ilms_sdmx.analysis.comparison.snapshots import snapshot
    >>> sorted({part.origin.source for part in snapshot()})
    ['ILOSTAT', 'UN DESA IMS']
    """
    return [*ilostat(), undesa("2020"), undesa("2024")]


def undesa(edition: str) -> Harmonised:
    """Read the migrant stock of one edition, by birth (mixed, imputed) and by citizenship."""
    wide = _read("undesa-stock.csv")
    # A few small areas have no code of ILO.
    has_host = wide["host"].notna()
    has_origin = wide["origin"].notna()
    has_codes = has_host & has_origin
    is_of_edition = wide["edition"] == edition
    wide = wide[has_codes & is_of_edition]
    keys = ["edition", "data_type", "host", "origin", "sex"]
    long = wide.melt(keys, var_name="year", value_name="value")
    long = long.dropna(subset=["value"])
    data_type = long["data_type"]
    long["data_type"] = data_type.fillna("")
    by_citizenship = long["data_type"].isin(["C", "C R"])
    births = long[~by_citizenship]
    citizens = long[by_citizenship]
    by_birth = _undesa(births, edition, "CBR", "CBR_BRT_", "POP_MFRB_SEX_CBR_NB")
    further = _undesa(citizens, edition, "CCT", "CCT_CTZ_", "POP_MFRC_SEX_CCT_NB")
    return replace(by_birth, also=(further,))


def _undesa(
    long: pd.DataFrame, edition: str, dimension: str, prefix: str, indicator: str
) -> Harmonised:
    frame = long.reset_index(drop=True)
    host = frame["host"]
    origin_area = frame["origin"]
    year = frame["year"]
    frame["REF_AREA"] = host.replace("TOTAL", "X01")
    frame["FREQ"] = "A"
    frame["SEX"] = "SEX_" + frame["sex"]
    frame["TIME_PERIOD"] = year
    frame["OBS_VALUE"] = frame["value"]
    frame["UNIT_MULT"] = "0"
    frame[dimension] = prefix + origin_area
    letters = frame["data_type"]
    reference_date = year + "-07-01"
    criterion = letters.map(_criterion)
    refugees = letters.map(_refugees)
    records = records_frame(
        frame.index,
        _UNDESA,
        edition=edition,
        data_type=letters,
        criterion=criterion,
        refugees=refugees,
        reference_date=reference_date,
        published_area=host,
        published_partner=origin_area,
    )
    dataset = _dataset(frame, ["REF_AREA", "FREQ", "SEX", dimension], indicator)
    origin = Origin(_UNDESA.source, _UNDESA.address, edition, licence=_UNDESA.licence)
    return Harmonised(dataset, records, origin)


def _criterion(letters: str) -> str:
    """Criterion that the letters of a data type say: `B`, `C` or `I`, or mixed."""
    kinds = {"B": "birth", "C": "citizenship", "I": "imputed"}
    criteria = []
    for letter in letters.split():
        if letter in kinds:
            criteria.append(kinds[letter])
    if not criteria:
        return "unknown"
    if len(criteria) == 1:
        return criteria[0]
    return "mixed"


def _refugees(letters: str) -> str:
    if not letters:
        return "unknown"
    if "R" in letters:
        return "included"
    return "excluded"


def ilostat() -> list[Harmonised]:
    """Read published ILMS figures, one data set for each dataflow."""
    table = _read("ilostat-ilms.csv")
    grouped = table.groupby("dataflow")
    return [_ilostat(rows.reset_index(drop=True), str(name)) for name, rows in grouped]


def _ilostat(rows: pd.DataFrame, indicator: str) -> Harmonised:
    dimension = indicator.split("_")[-2]
    frame = rows.copy()
    frame["REF_AREA"] = rows["ref_area"]
    frame["FREQ"] = "A"
    frame["SEX"] = rows["sex"]
    frame["TIME_PERIOD"] = rows["period"]
    frame["OBS_VALUE"] = rows["value"]
    frame["UNIT_MULT"] = "3"
    frame[dimension] = rows["code"]
    dataset = _dataset(frame, ["REF_AREA", "FREQ", "SEX", dimension], indicator)
    concept = concepts.concept(dataset)
    ages = "15+"
    if concept.scope in ("", "all"):
        ages = ""
    records = records_frame(
        frame.index,
        _ILOSTAT,
        criterion=concept.criterion,
        scope=concept.scope,
        ages=ages,
        table=indicator,
        reference_date="",
    )
    origin = Origin(_ILOSTAT.source, _ILOSTAT.address, _ILOSTAT.edition)
    return Harmonised(dataset, records, origin)


def _dataset(frame: pd.DataFrame, dimensions: list[str], indicator: str) -> Dataset:
    attributes = {"UNIT_MULT": OBSERVATION}
    keys = (*dimensions, "TIME_PERIOD")
    components = Components(keys, attributes=attributes)
    columns = [*dimensions, "TIME_PERIOD", "OBS_VALUE", "UNIT_MULT"]
    dataflow = f"ILO:DF_{indicator}(1.0)"
    structure = f"ILO:{indicator}(1.0)"
    observations = frame[columns]
    return Dataset(observations, components, dataflow, structure)


def _read(name: str) -> pd.DataFrame:
    import pandas as pd

    path = shipped.examples() / "comparators" / name
    return pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])


#: Shipped snapshots by the name under which `compare` takes them.
SNAPSHOTS: Mapping[str, Callable[[], list[Harmonised]]] = {
    "snapshot": snapshot,
    "ilostat": ilostat,
    "undesa": lambda: [undesa("2020"), undesa("2024")],
}

"""Protection of the tables of records, with the persons and the amounts behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ilms_sdmx.analysis.protection import Protection, protect
from ilms_sdmx.datasets import Components, Dataset
from ilms_sdmx.microdata.filling import LARGEST, SAMPLE, UNPUBLISHED, WrittenTable
from ilms_sdmx.microdata.mapping.model import MicrodataMapping, ReleaseProtection
from ilms_sdmx.microdata.mapping.protection import contributors_needed
from ilms_sdmx.microdata.records import SCALE
from ilms_sdmx.periods import parse_period

if TYPE_CHECKING:
    import pandas as pd


def protected(
    mapping: MicrodataMapping,
    plan: ReleaseProtection,
    datasets: Sequence[Dataset],
    tables: Sequence[WrittenTable],
    secret: str,
    previous: object = (),
) -> Protection:
    """Release of data sets of which every figure has the persons that it rests on.

    Parameters
    ----------
    mapping, plan
        The mapping, and what it says about protection.
    datasets
        Data sets with all figures; their provenance says the persons of each, and the status of
        those that are not published in any case.
    tables
        All tables, for the amounts behind means.
    secret
        Secret of perturbation.
    previous
        What earlier releases published.
    """
    count = contributors_needed(mapping)
    columns = [f"{LARGEST}{number + 1}" for number in range(count)]
    amounts = list(_amounts(mapping, tables, columns))
    return protect(
        list(datasets),
        rules=plan.rules,
        method=plan.method,
        must=plan.must,
        contributors=SAMPLE,
        contributions=columns if amounts else (),
        amounts=amounts,
        withheld=UNPUBLISHED,
        previous=previous,
        base=plan.base,
        secret=secret,
        seconds=plan.seconds,
    )


def _amounts(
    mapping: MicrodataMapping, tables: Sequence[WrittenTable], columns: Sequence[str]
) -> Iterator[Dataset]:
    """Amounts behind the means of each dataflow, with their contributors."""
    import pandas as pd

    frames: dict[str, list[pd.DataFrame]] = {}
    for table in tables:
        if table.statistic == "mean" and len(table.cells):
            of_flow = frames.setdefault(table.specification.dataflow, [])
            of_flow.append(_amount_frame(mapping, table, columns))
    for flow, of_flow in frames.items():
        yield _amount_table(flow, pd.concat(of_flow, ignore_index=True), columns)


def _amount_frame(
    mapping: MicrodataMapping, table: WrittenTable, columns: Sequence[str]
) -> pd.DataFrame:
    """Amounts of one table: key, whole units, persons, status, and largest contributors."""
    import numpy as np
    import pandas as pd

    cells = table.cells
    period = parse_period(table.made.records.period)
    names = [dimension.dimension for dimension in table.specification.dimensions]
    frame = pd.DataFrame(dict(zip(names, cells.codes, strict=True)), dtype="str")
    frame.insert(0, "REF_AREA", mapping.area)
    frame.insert(1, "FREQ", (period.frequency if period else "") or "A")
    for name, code in table.specification.fixed.items():
        frame[name] = code
    frame["TIME_PERIOD"] = table.made.records.period
    amounts = cells.estimates * cells.wholes / SCALE
    frame["OBS_VALUE"] = [f"{amount:.0f}" for amount in np.nan_to_num(amounts).tolist()]
    frame[SAMPLE] = cells.counts.astype(str)
    frame[UNPUBLISHED] = np.where(table.written.statuses == "S", "S", "")
    for place, column in enumerate(columns):
        numbers = np.zeros(len(cells))
        if cells.largest is not None:
            numbers = cells.largest[:, place]
        frame[column] = [repr(number) for number in numbers.tolist()]
    return frame.astype("str")


def _amount_table(flow: str, frame: pd.DataFrame, columns: Sequence[str]) -> Dataset:
    """Data set of amounts: the key of the means but for MEASURE, in whole units."""
    behind = [SAMPLE, UNPUBLISHED, *columns]
    provenance = frame[behind]
    figures = frame.drop(columns=behind)
    keys = tuple(name for name in figures.columns if name != "OBS_VALUE")
    figures["UNIT_MULT"] = "0"
    components = Components(keys, attributes={"UNIT_MULT": ("OBS_VALUE",)})
    full = f"ILO:DF_{flow}(1.0)"
    return Dataset(figures, components, full, f"ILO:{flow}(1.0)", provenance=provenance)


def with_provenance(before: Sequence[Dataset], protection: Protection) -> Iterator[Dataset]:
    """Protected data sets with where their figures are from; nothing of the hidden ones."""
    for given, made in zip(before, protection.datasets, strict=True):
        assert given.provenance is not None
        provenance = given.provenance.drop(columns=[UNPUBLISHED])
        is_hidden = made.observations["OBS_VALUE"].isna()
        kept = provenance[SAMPLE].mask(is_hidden.to_numpy(), "")
        yield replace(made, provenance=provenance.assign(**{SAMPLE: kept}))


def hidden_rows(datasets: Sequence[Dataset]) -> dict[str, list[bool]]:
    """Whether each row of each dataflow is hidden, in the order of its cells."""
    hidden = {}
    for dataset in datasets:
        status = dataset.observations["OBS_STATUS"]
        flow = dataset.dataflow.partition(":DF_")[2].partition("(")[0]
        hidden[flow] = status.eq("C").fillna(False).tolist()
    return hidden

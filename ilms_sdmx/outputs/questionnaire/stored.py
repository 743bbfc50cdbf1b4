"""Figures of the database that a form asks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ilms_sdmx.database import Database
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.outputs.questionnaire.layouts import SheetLayout, layouts_of
from ilms_sdmx.tables.workbooks import read_workbook


def figures_of_database(
    form: str | os.PathLike[str] | bytes,
    folder: str | os.PathLike[str],
    *,
    layouts: Sequence[SheetLayout] = (),
    as_of: str | None = None,
    prefer: Sequence[str] = (),
) -> list[Dataset]:
    """Data sets of the state and period of a form, one a table, each of the best source.

    Parameters
    ----------
    form
        Workbook: a path or bytes.
    folder
        Folder of the database.
    layouts
        Layouts of a form of another maker, from `read_layout`.
    as_of
        Day or time: what was known then.
    prefer
        Sources or types of sources that come first.

    Raises
    ------
    DatabaseError
        A file of the database is damaged.
    """
    database = Database(Path(folder))
    known = database.manifest.schemas
    datasets = []
    for layout in list(layouts) or layouts_of(read_workbook(form)):
        dataflow = layout.table.full_id
        if dataflow not in known:
            continue
        fixed = layout.fixed
        dataset = database.get(
            dataflow,
            key={"REF_AREA": fixed["REF_AREA"], "FREQ": fixed.get("FREQ", "A")},
            period=fixed["TIME_PERIOD"],
            as_of=as_of,
            prefer=prefer,
        )
        if len(dataset):
            datasets.append(dataset)
    return datasets

"""Labels that a conversion with a draft reads, for the code maps of the office's codes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ilms_sdmx.conversion.extraction import extract
from ilms_sdmx.conversion.layout.grid import grids
from ilms_sdmx.conversion.layout.regions import locate
from ilms_sdmx.drafting.sections.codes import CodeMap, OfficeLabel
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.buckets import TAKEN, Bucket
from ilms_sdmx.mapping.file.reading import parse_mapping
from ilms_sdmx.mapping.layout import column
from ilms_sdmx.tables.cells import Workbook


def with_read_labels(
    code_maps: Sequence[CodeMap], text: str, workbook: Workbook
) -> list[CodeMap]:
    """Code maps with the labels that the office's codes lack, as the draft itself reads them.

    A draft that still needs a person before it can be read leaves them unchanged.
    """
    if not any(code_map.table for code_map in code_maps):
        return list(code_maps)
    try:
        document = parse_mapping(text)
    except MappingError:
        return list(code_maps)
    regions = locate(grids(workbook), document.tables)
    extraction = extract(regions, document, workbook.name)
    figures = extraction.figures.frame
    is_taken = figures["role"].isin(TAKEN)
    written = figures[is_taken]
    complete: list[CodeMap] = []
    for code_map in code_maps:
        is_read = code_map.table and column(code_map.heading) in written.columns
        if is_read:
            code_map = _with_labels(code_map, written)
        complete.append(code_map)
    return complete


def _with_labels(code_map: CodeMap, figures: pd.DataFrame) -> CodeMap:
    """Code map with the labels of figures that it lacks."""
    of_table = figures[figures["table"] == code_map.table]
    labels = of_table[column(code_map.heading)]
    labels = labels.fillna("").astype(str)
    is_total = of_table["role"] == Bucket.TOTAL.value
    by_label = is_total.groupby(labels, sort=False)
    further: list[OfficeLabel] = []
    for label, only_totals in by_label.all().items():
        if label not in code_map.codes:
            further.append(OfficeLabel(str(label), is_total=bool(only_totals)))
    return code_map.with_labels(further)

"""Labels that a conversion with a draft reads, for the code maps of the office's own."""

from __future__ import annotations

from collections.abc import Iterable

from ilms_sdmx.conversion.extraction import extract
from ilms_sdmx.conversion.layout.grid import grids
from ilms_sdmx.conversion.layout.regions import locate
from ilms_sdmx.drafting.codes import CodeMap
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.layout import Bucket, column
from ilms_sdmx.mapping.reading import parse_mapping
from ilms_sdmx.tables.cells import Workbook

_WRITTEN = {b.value for b in (Bucket.OBSERVATION, Bucket.TOTAL, Bucket.OF_WHICH)}


def add_labels(codes: Iterable[CodeMap], text: str, book: Workbook) -> bool:
    """Add the labels that own code maps lack, as the draft itself reads them; say whether there were any.

    A draft that still needs a person before it can be read is left as it is.
    """
    own = [known for known in codes if known.own[0]]
    if not own:
        return False
    try:
        document = parse_mapping(text)
    except MappingError:
        return False
    regions, _ = locate(grids(book), document.tables, book.name)
    figures = extract(regions, document, book.name).figures
    added = False
    for known in own:
        table, name = known.own
        if column(name) not in figures.columns:
            continue
        taken = figures[(figures["table"] == table) & figures["role"].isin(_WRITTEN)]
        labels = taken[column(name)].fillna("").astype(str)
        totals = (taken["role"] == Bucket.TOTAL.value).groupby(labels, sort=False).all()
        for label, total in totals.items():
            if label not in known.values:
                known.add_own(str(label), total=bool(total))
                added = True
    return added

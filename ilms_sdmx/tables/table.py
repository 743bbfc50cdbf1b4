"""Table: the figures of one source as they are printed or sent, one row a figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Origin:
    """Where a table came from: what a reader needs to find it again and to cite it.

    Parameters
    ----------
    source
        Name of the publisher or of the file.
    address
        URL or file name.
    edition
        Issue or vintage as the source names it, empty where it does not.
    retrieved
        ISO 8601 time at which the bytes came.
    sha256
        Hash of the bytes as read.
    licence
        Under which the figures may be used again.
    """

    source: str
    address: str = ""
    edition: str = ""
    retrieved: str = ""
    sha256: str = ""
    licence: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """What came in: figures and headings as text, nothing guessed.

    Parameters
    ----------
    figures
        One row a figure. Columns: one for each heading (`label columns`, named by the layout or
        the service), `text` (the figure as printed or sent), and where there are cells `sheet`
        and `cell`.
    origin
        Where it came from.
    notes
        Texts of the source about the table as a whole.
    """

    figures: pd.DataFrame
    origin: Origin
    notes: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        headings = ", ".join(map(str, self.figures.columns))
        size = f"{len(self.figures):,} figures, columns {headings}"
        return f"<Table of {self.origin.source}: {size}>"

"""Message: a header and the data sets under it, as read from any format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.findings import Report
from ilms_sdmx.messages.header import Header, Texts


@dataclass(frozen=True)
class Note:
    """One message of the footer.

    Parameters
    ----------
    code
        Its code.
    severity
        `Error`, `Warning` or `Information`.
    texts
        Pairs of a language and a text.
    """

    code: str
    severity: str = ""
    texts: tuple[tuple[str, str], ...] = ()

    @property
    def by_language(self) -> Texts:
        """First text of each language."""
        return dict(reversed(self.texts))


@dataclass(frozen=True)
class Message:
    """What `read` gives.

    Parameters
    ----------
    header
        Who sends what to whom.
    datasets
        Data sets in order.
    format
        Name of the format, such as `sdmx-csv-2.0`.
    footer
        Notes behind the data sets.
    report
        What had to be assumed or was found odd: roles of components inferred without a
        structure, a component that the structure does not have.

    Examples
    --------
    -------- `message.datasets[0].observations` is the frame of the first data set; a message
    iterates over its data sets, so `for dataset in message` does as well.
    """

    header: Header
    datasets: tuple[Dataset, ...]
    format: str = ""
    footer: tuple[Note, ...] = ()
    report: Report = field(default_factory=Report)

    def __iter__(self) -> Iterator[Dataset]:
        return iter(self.datasets)

    def __len__(self) -> int:
        return len(self.datasets)

    def __repr__(self) -> str:
        identifier = self.header.id or "without id"
        return f"<Message {identifier} {self.format}: {list(self.datasets)}>"

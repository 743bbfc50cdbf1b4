"""Message: a header and the data sets under it, as read from any format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ilms_sdmx.datasets import Dataset, datasets_table
from ilms_sdmx.findings import Finding, Report, find
from ilms_sdmx.findings.display import page
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


#: Codes of SDMX for answers that are cut off or refused as too large.
_CUT_OFF = frozenset({"130", "413", "510"})


def find_notes(notes: Iterable[Note]) -> list[Finding]:
    """Findings of the notes of a service: of its errors, and of its warnings."""
    findings = []
    for note in notes:
        severity = note.severity.lower()
        is_error = severity == "error" or (not severity and note.code in _CUT_OFF)
        if not is_error and severity != "warning":
            continue
        texts = note.by_language
        text = texts.get("en") or " ".join(texts.values()) or "no text"
        case = "error" if is_error else ""
        findings.append(find("service-note", case=case, text=text, code=note.code))
    return findings


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

    Notes
    -----
    `message.datasets[0].observations` is the frame of the first data set; a message
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

    def _repr_html_(self) -> str:
        """Table of the data sets, for notebooks."""
        identifier = self.header.id or "without id"
        title = f"Message {identifier} {self.format}"
        return page(title, datasets_table(self.datasets))

"""Header of a message: who sends what to whom, and the structures it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ilms_sdmx.findings import Report, find

#: Text in several languages: language tag to text.
Texts = Mapping[str, str]


@dataclass(frozen=True)
class Contact:
    """Person or unit to ask.

    Parameters
    ----------
    names, departments, roles
        Texts in each language.
    channels
        Pairs of `Telephone`, `Fax`, `X400`, `URI` or `Email` with a text.
    """

    names: Texts = field(default_factory=dict)
    departments: Texts = field(default_factory=dict)
    roles: Texts = field(default_factory=dict)
    channels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Party:
    """Sender or receiver.

    Parameters
    ----------
    id
        Id of the organisation.
    names
        What to call it in each language.
    contacts
        People or units to ask.
    timezone
        Offset such as `+07:00`, empty where it is not given.
    """

    id: str
    names: Texts = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()
    timezone: str = ""


@dataclass(frozen=True)
class StructureReference:
    """What the observations of one data set conform to, and how the message lays them out.

    Parameters
    ----------
    id
        Name of the reference inside the message (`structureID`).
    kind
        `dataflow`, `datastructure` or `provisionagreement`.
    target
        Artefact as `ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)`.
    dimension_at_observation
        Dimension that varies inside a series, or `AllDimensions` where there are no series.
    namespace
        XML namespace of the structure-specific schema, empty elsewhere.
    explicit_measures
        Whether the cross-section names each observation after its measure concept (SDMX-ML
        2.1).
    """

    id: str
    kind: str
    target: str
    dimension_at_observation: str = "TIME_PERIOD"
    namespace: str = ""
    explicit_measures: bool = False


@dataclass(frozen=True)
class Header:
    """Header of a data message; every time is in its lexical form, empty where absent.

    Parameters
    ----------
    id, prepared, test
        Identity of the message. Left empty when writing, `id` becomes `IREF` with the time, and
        `prepared` the time of the clock that `write` was given.
    sender, receivers, names
        Who sends it to whom, and what it is called in each language.
    structures
        References of its data sets, in order.
    data_provider
        `AGENCY:SCHEME(1.0).ID` of the provider, as a reference's short form.
    action, dataset_ids
        Defaults of the data sets.
    extracted, reporting_begin, reporting_end, embargo
        Times of the data.
    sources
        Text on the source in each language.

    Examples
    --------
    >>> from ilms_sdmx.messages import Header, Party
    >>> Header(id="PHL2025", sender=Party("PSA"), prepared="2026-01-31T08:00:00Z").sender.id
    'PSA'
    """

    id: str = ""
    prepared: str = ""
    test: bool = False
    sender: Party = Party("Unknown")
    receivers: tuple[Party, ...] = ()
    names: Texts = field(default_factory=dict)
    structures: tuple[StructureReference, ...] = ()
    data_provider: str = ""
    action: str = ""
    dataset_ids: tuple[str, ...] = ()
    extracted: str = ""
    reporting_begin: str = ""
    reporting_end: str = ""
    embargo: str = ""
    sources: Texts = field(default_factory=dict)

    def completed(self, clock: Callable[[], datetime]) -> Header:
        """Copy with `prepared` and `id` filled in where they were empty."""
        prepared = self.prepared or clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        digits = "".join(filter(str.isdigit, prepared))
        identifier = self.id or f"IREF{digits}"
        return replace(self, prepared=prepared, id=identifier)


_NOT_IN_JSON = (
    *("data_provider", "action", "dataset_ids", "extracted"),
    *("reporting_begin", "reporting_end", "embargo", "sources"),
)
_NOT_IN_CSV = ("id", "prepared", "test", "sender", "receivers", "names", *_NOT_IN_JSON)
#: Family of formats to the parts of a header that it has no place for.
_NOT_IN = {"csv": _NOT_IN_CSV, "json": _NOT_IN_JSON}


def find_left_out(header: Header, format: str) -> Report:
    """Note which parts of a header a format has no place for: all in CSV, some in JSON.

    Examples
    --------
    >>> [note] = find_left_out(Header(embargo="2026-02-01"), "sdmx-json-2.0")
    >>> note.message
    'sdmx-json-2.0 has no place for these parts of the header: embargo.'
    """
    family = format.split("-")[1]
    empty = Header()
    parts = []
    for name in _NOT_IN.get(family, ()):
        if getattr(header, name) != getattr(empty, name):
            parts.append(name)
    if family == "json" and header.sender.timezone:
        parts.append("timezone of the sender")
    if not parts:
        return Report()
    return Report((find("header-left-out", format=format, parts=", ".join(parts)),))

"""About: what a message says of a data set itself: its id, its times, its publication."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.periods import parse_period

#: Names as `Dataset.about` has them, to those of SDMX-ML.
_IN_XML = {
    "setID": "setID",
    "reportingBegin": "reportingBeginDate",
    "reportingEnd": "reportingEndDate",
    "validFrom": "validFromDate",
    "validTo": "validToDate",
    "publicationYear": "publicationYear",
    "publicationPeriod": "publicationPeriod",
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_FORMS = {
    "setID": re.compile(r"[A-Za-z0-9_@$\-]+"),
    "validFrom": _MOMENT,
    "validTo": _MOMENT,
    "publicationYear": re.compile(r"-?\d{4,}(Z|[+-]\d\d:\d\d)?"),
}
_ZONE = re.compile(r"(Z|[+-]\d\d:\d\d)$")


def of_xml(reserved: Mapping[str, str]) -> dict[str, str]:
    """What a `DataSet` element says of itself, by the names of `Dataset.about`."""
    return _renamed(reserved, {of_xml: name for name, of_xml in _IN_XML.items()})


def of_json(tree: Mapping[str, object]) -> dict[str, str]:
    """What a data set of SDMX-JSON says of itself."""
    told = {}
    for name in _IN_XML:
        value = tree.get(name)
        if name != "setID" and isinstance(value, str):
            told[name] = value
    return told


def in_xml(about: Mapping[str, str]) -> dict[str, str]:
    """Attributes of a `DataSet` element; values that it cannot have are left out."""
    return _renamed(_valid(about), _IN_XML)


def in_json(about: Mapping[str, str]) -> dict[str, str]:
    """Members of a data set of SDMX-JSON, whose moments need a zone: without one it is UTC."""
    members = {}
    for name, value in _valid(about).items():
        if name != "setID":
            is_moment = name in ("validFrom", "validTo") and not _ZONE.search(value)
            members[name] = f"{value}Z" if is_moment else value
    return members


def find_left_out(about: Mapping[str, str], format: str) -> list[Finding]:
    """Findings of what a format has no place for, or of what is not in its form."""
    kept: Iterable[str] = _valid(about)
    if format.startswith("sdmx-csv"):
        kept = ()
    elif format.startswith("sdmx-json"):
        kept = in_json(about)
    names = [name for name in about if name not in kept]
    return [find("about-left-out", format=format, parts=", ".join(names))] if names else []


def _renamed(values: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """Values under other names; what has none is left out."""
    return {names[name]: value for name, value in values.items() if name in names}


def _valid(about: Mapping[str, str]) -> dict[str, str]:
    """Values in the form that the schemas ask for."""
    return {name: value for name, value in about.items() if _is_valid(name, value)}


def _is_valid(name: str, value: str) -> bool:
    """Whether a value has the form that the schemas ask for."""
    form = _FORMS.get(name)
    if form is not None:
        return bool(form.fullmatch(value))
    return name in _IN_XML and parse_period(value) is not None

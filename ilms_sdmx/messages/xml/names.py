"""Names of SDMX-ML: namespaces of each version, URNs and short references."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import MessageError

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"
#: Start of every SDMX-ML namespace from 2.1 on; 2.0 differs in case.
_BASE = "http://www.sdmx.org/resources/sdmxml/schemas/v{}/"
_BASE_20 = "http://www.SDMX.org/resources/SDMXML/schemas/v2_0/"
_CLASSES = {
    "dataflow": ("datastructure", "Dataflow"),
    "datastructure": ("datastructure", "DataStructure"),
    "provisionagreement": ("registry", "ProvisionAgreement"),
}
_KINDS = {name: kind for kind, (_, name) in _CLASSES.items()}
_SHORT = re.compile(r"(?P<agency>[A-Za-z][\w\-.]*):(?P<id>[\w@$\-]+)\((?P<version>[^()]+)\)")
_URN = re.compile(r"urn:sdmx:org\.sdmx\.infomodel\.\w+\.(?P<kind>\w+)=(?P<short>.+)")


def base(version: str) -> str:
    """Start of the namespaces of a version such as `2.1`."""
    return _BASE_20 if version == "2.0" else _BASE.format(version.replace(".", "_"))


@dataclass(frozen=True)
class Reference:
    """Artefact that a data set conforms to.

    Parameters
    ----------
    kind
        `dataflow`, `datastructure` or `provisionagreement`.
    agency, id, version
        Maintainer, id and version of the artefact.
    """

    kind: str
    agency: str
    id: str
    version: str

    @property
    def short(self) -> str:
        """`ILO:DF_X(1.0)`."""
        return f"{self.agency}:{self.id}({self.version})"

    @property
    def urn(self) -> str:
        """`urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=ILO:DF_X(1.0)`."""
        package, name = _CLASSES[self.kind]
        return f"urn:sdmx:org.sdmx.infomodel.{package}.{name}={self.short}"

    @classmethod
    def of(cls, kind: str, short: str) -> Reference:
        """Parse the short form; raises MessageError for anything else."""
        match = _SHORT.fullmatch(short)
        if not match:
            raise MessageError(f"expected a reference as `AGENCY:ID(1.0)`, found {short!r}")
        return cls(kind, match["agency"], match["id"], match["version"])

    @classmethod
    def of_urn(cls, urn: str) -> Reference | None:
        """Parse a URN; None if it is not the URN of something that data conform to."""
        match = _URN.fullmatch(urn.strip())
        if not match:
            return None
        kind = _KINDS.get(match["kind"])
        short = match["short"]
        if not kind or not _SHORT.fullmatch(short):
            return None
        return cls.of(kind, short)

    @classmethod
    def of_dataset(cls, dataset: Dataset) -> Reference:
        """Most specific artefact that a data set names."""
        if dataset.provision:
            return cls.of("provisionagreement", dataset.provision)
        if dataset.dataflow:
            return cls.of("dataflow", dataset.dataflow)
        if dataset.structure:
            return cls.of("datastructure", dataset.structure)
        raise MessageError(
            "the data set names neither dataflow nor structure, and a message must: "
            'set it with dataclasses.replace(dataset, dataflow="AGENCY:ID(1.0)")'
        )

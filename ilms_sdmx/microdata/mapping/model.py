"""What a mapping of records says, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ilms_sdmx.microdata.estimation.replicates import Replicates
from ilms_sdmx.microdata.mapping.conditions import Condition

if TYPE_CHECKING:
    from ilms_sdmx.analysis.protection import ProtectionRules

#: What a person of working age can be.
STATUSES = ("employed", "unemployed", "outside", "unknown")


@dataclass(frozen=True)
class PeriodFiles:
    """Files of one period.

    Parameters
    ----------
    period
        SDMX period.
    files
        Files, folders resolved.
    encoding, separator, columns
        As in `read_microdata`.
    names
        Name of the mapping to the name in these files.
    factor
        What weights are multiplied by, as it is written.
    day
        Day on which ages and contracts are looked at, ISO 8601, empty where none is said.
    line
        Line of the mapping.
    addresses
        Addresses of files of Parquet, or folders of them, in a cluster.
    """

    period: str
    files: tuple[Path, ...]
    encoding: str = ""
    separator: str = ""
    columns: Path | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    factor: str = "1"
    day: str = ""
    line: int = 0
    addresses: tuple[str, ...] = ()

    def named(self, name: str) -> str:
        """Name that a variable of the mapping has in these files."""
        return self.names.get(name, name)


@dataclass(frozen=True)
class RoleVariable:
    """Variable of a role.

    Parameters
    ----------
    role
        Id of the role.
    names
        Its variable, or those that say it together.
    codes
        Value as text to code.
    missing
        Values that mean unknown.
    version
        Classification of the codes, empty for none.
    classification
        Name and version of the classification of the values, empty for none.
    digits
        Digits of these values, 0 where they are as they stand.
    weight
        Variable of a weight of its own, empty for none.
    months
        Months after which an arrival is no longer recent.
    line
        Line of the mapping.
    """

    role: str
    names: tuple[str, ...]
    codes: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    version: str = ""
    classification: tuple[str, str] = ("", "")
    digits: int = 0
    weight: str = ""
    months: int = 12
    line: int = 0

    @property
    def name(self) -> str:
        """First variable of the role."""
        return self.names[0]


@dataclass(frozen=True)
class PersonRule:
    """A rule with a name: `name`, `condition`, the `status` that it gives, and its `line`."""

    name: str
    condition: Condition
    status: str = ""
    line: int = 0


@dataclass(frozen=True)
class Universe:
    """Who is counted as what.

    Parameters
    ----------
    persons
        Rules that all must hold.
    first_age, last_age
        Working age; the last is None where there is no upper limit.
    statuses
        Ordered rules of the labour force status.
    criteria, icls
        Criteria of unemployment, and the conference whose definition of work is followed.
    concept
        Other definition of the statuses in words.
    """

    persons: tuple[PersonRule, ...] = ()
    first_age: int = 15
    last_age: int | None = None
    statuses: tuple[PersonRule, ...] = ()
    criteria: int = 3
    icls: int = 13
    concept: str = ""


@dataclass(frozen=True)
class SampleDesign:
    """How a sample was drawn: variables of each part, empty where there is none.

    Parameters
    ----------
    strata, psu
        Variables of stratum and primary sampling unit.
    fpc, ssu, fpc2
        Variables of the number of units in all, of the second stage, and of their number.
    lonely
        What is done with a stratum of one unit.
    replicates
        How the replicate weights were made, None where there are none.
    replicate_names
        Variables of the replicate weights, or a beginning with `*`.
    line
        Line of the mapping.
    """

    strata: tuple[str, ...] = ()
    psu: tuple[str, ...] = ()
    fpc: str = ""
    ssu: str = ""
    fpc2: str = ""
    lonely: str = "adjust"
    replicates: Replicates | None = None
    replicate_names: tuple[str, ...] = ()
    line: int = 0

    @property
    def has_units(self) -> bool:
        """Whether strata or sampling units are known."""
        return bool(self.strata or self.psu)


@dataclass(frozen=True)
class Thresholds:
    """From how many persons a figure is written, and with which status.

    Parameters
    ----------
    not_significant, unreliable
        Below them the status is S without value, and U.
    minimum
        Below it nothing is written without a reason.
    """

    not_significant: int = 5
    unreliable: int = 15
    minimum: int = 5


@dataclass(frozen=True)
class ReleaseProtection:
    """How tables are protected before they go out.

    Parameters
    ----------
    rules
        Rules by which a figure must not be published.
    must
        Parts of keys of the figures that must be published.
    method, base, seconds
        As in `protect`.
    """

    rules: ProtectionRules
    must: tuple[Mapping[str, str], ...] = ()
    method: str = "suppression"
    base: int = 5
    seconds: float = 60.0


@dataclass(frozen=True)
class Control:
    """A total known from elsewhere: `name`, `period`, `persons`, and who it counts."""

    name: str
    period: str
    persons: float
    condition: Condition | None = None


@dataclass(frozen=True)
class MicrodataMapping:
    """What a mapping of records says.

    Parameters
    ----------
    name
        Name of the file.
    area
        Code of the country.
    periods
        Files by period.
    variables
        Variables by role.
    title
        What the records are.
    kind
        One of `KINDS`.
    source
        Name, code, address and licence of the source.
    years
        Year to the periods of which it is made.
    quarters
        `same` or `apart`: whether units of one number in parts of a year are one.
    universe, design, thresholds
        Who is counted as what, how the sample was drawn, what is written.
    protection
        How the tables are protected; None where they are not.
    decimals
        Decimals of what is written.
    controls
        Totals to compare.
    tables
        Dataflows that are filled, all where empty.
    notes
        Notes by type.
    sha256
        Hash of the mapping and the code files that it names.
    """

    name: str
    area: str
    periods: tuple[PeriodFiles, ...]
    variables: Mapping[str, RoleVariable]
    title: str = ""
    kind: str = "survey"
    source: Mapping[str, str] = field(default_factory=dict)
    years: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    quarters: str = "same"
    universe: Universe = Universe()
    design: SampleDesign = SampleDesign()
    thresholds: Thresholds = Thresholds()
    protection: ReleaseProtection | None = None
    decimals: int = 3
    controls: tuple[Control, ...] = ()
    tables: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""

    @property
    def is_register(self) -> bool:
        """Whether the records are of a register with one row a permit or a move."""
        return self.kind in ("permits", "departures", "returns")

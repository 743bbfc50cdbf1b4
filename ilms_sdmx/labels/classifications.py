"""National classifications by name and version, and what each is built on."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx._files import dsd
from ilms_sdmx.errors import StructureError

#: Prefix of ILO's codes for each international classification and revision.
_PREFIX = {
    ("ISIC", "Rev.4"): "ECO_ISIC4_",
    ("ISIC", "Rev.3.1"): "ECO_ISIC3_",
    ("ISCO", "08"): "OCU_ISCO08_",
    ("ISCO", "88"): "OCU_ISCO88_",
}


@dataclass(frozen=True, slots=True)
class Classification:
    """A national classification in one version.

    Parameters
    ----------
    base, base_version
        The international classification and revision it follows at its top level.
    sections
        Range of its top-level codes: `A-U`, `0-9`; empty where nobody has checked them.
    undefined
        Top-level code of what is not adequately defined, X at ILO; empty for none.
    evidence
        Where the row is from, `own knowledge` where nobody else has checked it.
    """

    classification: str
    version: str
    area: str
    domain: str
    base: str
    base_version: str
    levels: str
    sections: str
    undefined: str
    valid_from: str
    note: str
    evidence: str


@lru_cache(maxsize=1)
def classifications() -> tuple[Classification, ...]:
    """All known classifications; the source is `dsd/labels/classifications.csv`."""
    path = dsd() / "labels" / "classifications.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return tuple(Classification(**row) for row in rows)


def classification(name: str, version: str) -> Classification:
    """Classification of a name and version.

    Raises
    ------
    StructureError
        When it is not known; the message lists the versions that are.
    """
    of_name = []
    for each in classifications():
        if each.classification != name.upper():
            continue
        if each.version == version:
            return each
        of_name.append(each)
    listed = of_name or classifications()
    versions = ", ".join(f"{each.classification} {each.version}" for each in listed)
    raise StructureError(f"No classification {name} {version}; known: {versions}.")


def section_code(name: str, version: str, code: str) -> str:
    """Code of ILO's list for a top-level code of a national classification.

    Raises
    ------
    StructureError
        When the classification follows a revision that ILO's list has not (KBLI 2025 and VSIC
        2025 follow ISIC Rev.5, whose letters mean other things), or has no such top-level code.

    Examples
    --------
    >>> section_code("KBLI", "2020", "C"), section_code("SSIC", "2020", "V")
    ('ECO_ISIC4_C', 'ECO_ISIC4_X')
    """
    national = classification(name, version)
    base = national.base, national.base_version
    prefix = _PREFIX.get(base)
    if prefix is None:
        raise StructureError(
            f"{name} {version} follows {' '.join(base)}: its top-level codes do not mean what the "
            "same codes mean in the revision of ILO's list. A correspondence table is needed."
        )
    first, _, last = national.sections.partition("-")
    section = code.strip().upper()[:1]
    if section and first <= section <= last:
        is_undefined = section == national.undefined
        return f"{prefix}X" if is_undefined else prefix + section
    raise StructureError(
        f"{name} {version} has no top-level code {code!r}; it has {national.sections}."
    )

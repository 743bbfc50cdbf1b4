"""National classifications by name and version, and what each is built on."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx._files import dsd
from ilms_sdmx.errors import StructureError
from ilms_sdmx.words.text import folded

#: Prefix of ILO's codes for each international classification and revision.
_PREFIX = {
    ("ISIC", "Rev.4"): "ECO_ISIC4_",
    ("ISIC", "Rev.3.1"): "ECO_ISIC3_",
    ("ISCO", "08"): "OCU_ISCO08_",
    ("ISCO", "88"): "OCU_ISCO88_",
}


@dataclass(frozen=True, slots=True)
class Classification:
    """A national classification in one version, or an international one.

    Parameters
    ----------
    classification, version
        Abbreviation and version, `KBLI` and `2020`.
    name
        How both are printed, `KBLI 2020`, `ISCO-08`.
    area
        ISO 3166 alpha-3 code of the country; empty for an international one.
    domain
        What is classified: `industry`, `occupation`, `education`, `status`.
    base, base_version
        The international classification and revision it follows at its top level.
    levels
        What its top level is called: `section`, `major group`.
    sections
        Range of its top-level codes: `A-U`, `0-9`; empty where nobody has checked them.
    undefined
        Top-level code of what is not adequately defined, X at ILO; empty for none.
    valid_from
        Year of the version.
    note
        What else is worth knowing of it.
    evidence
        Where the row is from, `own knowledge` where nobody else has checked it.
    """

    classification: str
    version: str
    name: str
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

    @property
    def revision(self) -> str:
        """International revision as in ILO's codes: `ISIC4`, `ISCO08`, `ISCED11`."""
        numbers: list[str] = re.findall(r"\d+", self.base_version)
        number = numbers[0]
        return f"{self.base}{number[-2:]}"


@lru_cache(maxsize=1)
def classifications() -> tuple[Classification, ...]:
    """All known classifications; the source is `dsd/labels/classifications.csv`."""
    path = dsd() / "labels" / "classifications.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    known = []
    for row in csv.DictReader(lines):
        printed = f"{row['classification']} {row['version']}"
        row["name"] = row["name"] or printed
        known.append(Classification(**row))
    return tuple(known)


@lru_cache(maxsize=1)
def classifications_by_name() -> dict[str, Classification]:
    """Known classifications by their folded names."""
    return {folded(each.name): each for each in classifications()}


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
    versions = [f"{each.classification} {each.version}" for each in listed]
    known = ", ".join(versions)
    raise StructureError(f"No classification {name} {version}; known: {known}.")


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
    base = (national.base, national.base_version)
    prefix = _PREFIX.get(base)
    if prefix is None:
        revision = " ".join(base)
        raise StructureError(
            f"{name} {version} follows {revision}: its top-level codes do not mean what the "
            "same codes mean in the revision of ILO's list. A correspondence table is needed."
        )
    sections = national.sections
    first, _, last = sections.partition("-")
    section = code.strip().upper()[:1]
    is_section = section and first <= section <= last
    if not is_section:
        raise StructureError(
            f"{name} {version} has no top-level code {code!r}; it has {sections}."
        )
    if section == national.undefined:
        section = "X"
    return prefix + section

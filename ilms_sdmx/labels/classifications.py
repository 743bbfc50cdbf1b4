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

#: A code of a classification that may be printed in place of a name: `C`, `21`, `C10`.
_CODE = re.compile(r"[A-Za-z]|[A-Za-z]?\d{1,5}")


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
    two_digits
        `same` where its codes of two digits are those of its base, `own` where some are not,
        empty where nobody has checked.
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
    two_digits: str
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
    known = []
    for row in _rows("classifications.csv"):
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
    """Code of ILO's list for a code of a national classification.

    The code begins with its top level (`C`, `C10`, occupation `21`), or with two digits where
    those of the classification are known to be those of its base.

    Raises
    ------
    StructureError
        When the classification follows a revision that ILO's list has not (KBLI 2025 and VSIC
        2025 follow ISIC Rev.5, whose letters mean other things), has no such code, or has
        two-digit codes of its own or that nobody has checked.

    Examples
    --------
    >>> section_code("KBLI", "2020", "C"), section_code("SSIC", "2020", "V")
    ('ECO_ISIC4_C', 'ECO_ISIC4_X')
    >>> section_code("PSIC", "2009", "1061"), section_code("PSOC", "2012", "21")
    ('ECO_ISIC4_C', 'OCU_ISCO08_2')
    """
    national = classification(name, version)
    base = (national.base, national.base_version)
    prefix = _PREFIX.get(base)
    if prefix is None:
        revision = " ".join(base)
        raise StructureError(
            f"{name} {version} follows {revision}: its top-level codes do not mean what the "
            "same codes mean in the revision of ILO's list. A correspondence table is needed"
            f"{_published(national.name)}."
        )
    text = code.strip().upper()
    if national.domain == "industry" and text[:1].isdigit():
        return prefix + _section_of_division(national, text)
    sections = national.sections
    first, _, last = sections.partition("-")
    section = text[:1]
    is_section = section and first <= section <= last
    if not is_section:
        raise StructureError(
            f"{name} {version} has no top-level code {code!r}; it has {sections}."
        )
    if section == national.undefined:
        section = "X"
    return prefix + section


def _section_of_division(national: Classification, code: str) -> str:
    """Section of the base of a classification in which a code of two or more digits lies."""
    if national.two_digits != "same":
        known = "are its own" if national.two_digits == "own" else "were not checked"
        raise StructureError(
            f"The two-digit codes of {national.name} {known}: {code!r} leads to no section. "
            "Give the letter of its section, or a line for each code"
            f"{_published(national.name)}."
        )
    division = code[:2]
    section = _sections().get((national.base, national.base_version, division))
    if section is None:
        raise StructureError(f"{national.name} has no two-digit code {division!r}.")
    return section


@lru_cache(maxsize=1)
def _sections() -> dict[tuple[str, str, str], str]:
    """Section of each two-digit code; the source is `dsd/labels/divisions.csv`."""
    sections = {}
    for row in _rows("divisions.csv"):
        first = int(row["first"])
        last = int(row["last"])
        for number in range(first, last + 1):
            division = f"{number:02d}"
            sections[row["classification"], row["version"], division] = row["section"]
    return sections


@dataclass(frozen=True, slots=True)
class Correspondence:
    """A table between two classifications that an office publishes.

    Parameters
    ----------
    source, target
        Names of the classifications that it leads from and to, with their versions.
    publisher
        Office that publishes it.
    form
        What it is: a workbook, a text.
    without_lines
        Why its lines are not shipped; empty where `correspondence_lines` has them.
    evidence
        Where it was seen, `own knowledge` where nobody else has checked it.
    """

    source: str
    target: str
    publisher: str
    form: str
    without_lines: str
    evidence: str


@dataclass(frozen=True, slots=True)
class CorrespondenceLine:
    """One line from a code of a classification to a code of another one.

    Parameters
    ----------
    source, target
        The codes; the target is empty where the other classification has no such code.
    """

    source: str
    target: str


@lru_cache(maxsize=1)
def correspondences() -> tuple[Correspondence, ...]:
    """Known tables of correspondence; the source is `dsd/labels/correspondences.csv`.

    Lines between codes of several sections are not shipped: a mapping names the table and gives
    a line for each label.

    Examples
    --------
    >>> [each.target for each in correspondences() if each.source == "SSIC 2025"]
    ['ISIC Rev.5', 'SSIC 2020']
    """
    tables = []
    for row in _rows("correspondences.csv"):
        table = Correspondence(
            row["from"],
            row["to"],
            row["publisher"],
            row["form"],
            row["without_lines"],
            row["evidence"],
        )
        tables.append(table)
    return tuple(tables)


def correspondence_lines(source: str, target: str) -> tuple[CorrespondenceLine, ...]:
    """Lines from a classification to the international one that it rests on.

    A national classification has the top-level codes of its base, and its two-digit codes where
    `classifications.csv` says that these are known to be the same, with the evidence.

    Parameters
    ----------
    source, target
        Names with their versions, `KBLI 2020` and `ISIC Rev.4`.

    Raises
    ------
    StructureError
        No line between the two is proven: they are of two revisions, whose sections share
        classes, or nobody has checked the codes.

    Examples
    --------
    >>> lines = correspondence_lines("SSIC 2020", "ISIC Rev.4")
    >>> lines[0], lines[-1]
    (CorrespondenceLine(source='A', target='A'), CorrespondenceLine(source='V', target=''))
    """
    known = classifications_by_name()
    national = known.get(folded(source))
    base = known.get(folded(target))
    if national is None or base is None:
        names = ", ".join(each.name for each in known.values())
        unknown = source if national is None else target
        raise StructureError(f"No classification {unknown!r}; known: {names}.")
    rests_on_it = (national.base, national.base_version) == (base.base, base.base_version)
    if not rests_on_it or not national.sections:
        why = _why_without(national.name, base.name)
        raise StructureError(f"No line from {national.name} to {base.name} is proven{why}.")
    lines = []
    for code in _top_level(national):
        has_none = code == national.undefined
        lines.append(CorrespondenceLine(code, "" if has_none else code))
    if national.two_digits == "same":
        divisions = _divisions(national)
        lines += [CorrespondenceLine(division, division) for division in divisions]
    return tuple(lines)


def code_in(name: str, code: str) -> str:
    """Code of ILO's list for a code of a classification that is named; empty for none.

    >>> code_in("KBLI 2020", "C"), code_in("KBLI 2020", "10"), code_in("KBLI 2025", "K")
    ('ECO_ISIC4_C', 'ECO_ISIC4_C', '')
    """
    known = classifications_by_name().get(folded(name))
    if known is None or not _CODE.fullmatch(code.strip()):
        return ""
    try:
        return section_code(known.classification, known.version, code)
    except StructureError:
        return ""


def _top_level(national: Classification) -> list[str]:
    """Top-level codes of a classification, the first one first."""
    first, _, last = national.sections.partition("-")
    return [chr(number) for number in range(ord(first), ord(last) + 1)]


def _divisions(national: Classification) -> list[str]:
    """Two-digit codes of the base of a classification."""
    divisions = []
    for base, version, division in _sections():
        if (base, version) == (national.base, national.base_version):
            divisions.append(division)
    return divisions


def _why_without(source: str, target: str) -> str:
    """Words for an error: why a table that is published has no lines here."""
    for each in correspondences():
        if (each.source, each.target) == (source, target) and each.without_lines:
            return f": {each.without_lines} ({each.publisher})"
    return ""


def _published(name: str) -> str:
    """Words for an error: the tables of correspondence that an office publishes."""
    published = []
    for each in correspondences():
        if each.source == name:
            published.append(f"{each.source} to {each.target} ({each.publisher})")
    if not published:
        return ""
    return f"; published are {', '.join(published)}"


def _rows(file: str) -> tuple[dict[str, str], ...]:
    """Rows of a file of labels."""
    path = dsd() / "labels" / file
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(csv.DictReader(lines))

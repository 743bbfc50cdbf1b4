"""Draft of the mapping of records: proven roles, codes of known labels, and questions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ilms_sdmx.labels import area_code
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.microdata.classes import (
    COUNTRIES,
    DIMENSIONS,
    OWN,
    VERSIONS,
    codes_of_role,
    default_version,
)
from ilms_sdmx.microdata.files.reading import files_of, read_microdata, reading_folder
from ilms_sdmx.microdata.inspection import Inspection, VariableSummary, inspect_microdata
from ilms_sdmx.microdata.roles import PERSONAL, Proposal, profiles_of, roles, rows

#: Mark of what a person decides; a mapping with one left stops.
DECIDE = "# decide:"
_OPEN = '"?"'
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
#: Names of a known kind of file that prove which kind it is.
_ENOUGH = 3
#: Value labels of one variable that are written out.
_LABELS = 400
#: What a text of YAML may be without quotation marks.
_PLAIN = re.compile(r"[A-Za-z_][\w./-]*|-?\d+(\.\d+)?")
_WORDS = frozenset({"yes", "no", "true", "false", "null", "on", "off", "y", "n"})


def draft_microdata_mapping(
    source: str | os.PathLike[str], *, area: str = "", encoding: str = ""
) -> str:
    r"""Draft the mapping of a file of records, or of a folder of them.

    A role is written where two things of different kinds speak for it; where only one does it
    is a question. Labels of values that are known say their code; all others are questions. No
    value of a person is in it.

    Examples
    --------
    >>> from pathlib import Path
    >>> names = "ilo_wgt,ilo_sex,ilo_age,ilo_lfs\n"
    >>> _ = Path("lfs2024.csv").write_text(names + "1.5,1,30,1\n" * 9)
    >>> text = draft_microdata_mapping("lfs2024.csv", area="THA")
    >>> [line for line in text.splitlines() if "ilo_sex" in line][0].strip()
    'variable: ilo_sex  # its name is one of ilo, 4 of whose names the file has'
    """
    with reading_folder(None) as folder:
        found = []
        for path in files_of(source):
            microdata = read_microdata(path, folder, encoding=encoding)
            found.append(inspect_microdata(microdata))
    return "\n".join(_lines(found, area)) + "\n"


def _lines(found: list[Inspection], area: str) -> Iterator[str]:
    first = found[0]
    names = first.microdata.variables
    profiles = profiles_of(names)
    known = [name for name, count in profiles.items() if count >= _ENOUGH]
    yield f"# Draft of {first.microdata.source}: lines with `decide:` are for a person."
    if known:
        yield f"# The names are those of: {', '.join(known)}."
    yield "microdata: 1"
    code = area_code(area) if area else ""
    yield f"area: {code}" if code else f"area: {_OPEN}  {DECIDE} the country (ISO 3166)"
    yield "source:"
    yield f"  name: {_OPEN}  {DECIDE} name of the survey, census or register"
    yield "periods:"
    for inspection in found:
        yield _period(inspection)
    yield "variables:"
    yield from _roles(first, known, code)
    yield from _universe(first, known)
    yield from _design(first)


def _period(inspection: Inspection) -> str:
    """Period of a file, where its name says a year."""
    name = inspection.microdata.source
    encoding = inspection.microdata.encoding
    years = _YEAR.findall(Path(name).stem)
    said = f"{{file: {_quoted(name)}, encoding: {encoding}}}" if encoding else _quoted(name)
    if len(years) == 1:
        return f"  {years[0]}: {said}"
    return f"  {_OPEN}: {said}  {DECIDE} the period: 2024, 2024-Q1"


def _roles(inspection: Inspection, known: list[str], area: str) -> Iterator[str]:
    """Roles in their order, each with the variable for which most speaks."""
    by_name = {each.variable.name: each for each in inspection.variables}
    best: dict[str, list[Proposal]] = {}
    for proposal in inspection.proposals():
        best.setdefault(proposal.role, []).append(proposal)
    for role in roles():
        proposed = best.get(role, [])
        if not proposed or role in ("stratum", "psu", PERSONAL):
            continue
        chosen = proposed[0]
        evidence = "; ".join(chosen.evidence)
        is_known = chosen.profile in known
        if not chosen.is_proven and not is_known:
            for other in proposed:
                said = "; ".join(other.evidence)
                yield f"  # {role}: {_quoted(other.variable)}  {DECIDE} {said}"
            continue
        yield f"  {role}:"
        yield f"    variable: {_quoted(chosen.variable)}  # {evidence}"
        summary = by_name[chosen.variable]
        profile = chosen.profile if is_known else ""
        yield from _values(role, summary, profile, area)
    if "weight" not in best:
        yield f"  # weight: NAME  {DECIDE} the final weight, or write `kind: census` above"


def _values(role: str, summary: VariableSummary, profile: str, area: str) -> Iterator[str]:
    """Version, codes and missing values of a variable."""
    variable = summary.variable
    codes = _of_profile(profile, variable.name)
    version = _version(role, variable.name)
    if version and version != default_version(role):
        yield f"    version: {version}"
    if codes:
        listed = ", ".join(
            f"{_quoted(value)}: {_quoted(code)}" for value, code in codes.items()
        )
        yield f"    codes: {{{listed}}}  # values of {profile}"
    elif variable.labels and (role in DIMENSIONS or codes_of_role(role, version)):
        yield from _labelled(role, version, summary, area)
    elif role in ("industry", "occupation"):
        yield f"    classification: {_OPEN}  {DECIDE} such as ISIC Rev.4, ISCO 08, PSIC 2009"
    elif role in DIMENSIONS and role != "age":
        yield from _unlabelled(role, version, summary)
    missing = [code for code in variable.missing if code not in codes]
    if missing:
        listed = ", ".join(_quoted(code) for code in missing)
        yield f"    missing: [{listed}]  # declared by the file"


def _version(role: str, name: str) -> str:
    """Classification that the name of a variable says."""
    for version in VERSIONS.get(role, ()):
        if version.casefold() in name.casefold().replace("_", ""):
            return version
    return default_version(role)


def _of_profile(profile: str, name: str) -> dict[str, str]:
    codes = {}
    for row in rows("codes.csv"):
        if row["profile"] == profile and row["variable"] == name:
            codes[row["value"]] = row["code"]
    return codes


def _labelled(role: str, version: str, summary: VariableSummary, area: str) -> Iterator[str]:
    """Codes of labelled values: known labels say them, the others are questions."""
    variable = summary.variable
    known = codes_of_role(role, version)
    yield "    codes:"
    for value, label in list(variable.labels.items())[:_LABELS]:
        if variable.is_missing(value):
            continue
        code = _code(role, version, label, area)
        said = label.replace("\n", " ")
        if code and code in known:
            yield f"      {_quoted(value)}: {_quoted(code)}  # {said}"
        else:
            yield f"      {_quoted(value)}: {_OPEN}  {DECIDE} {said}"


def _code(role: str, version: str, label: str, area: str) -> str:
    """Code that a label is known to mean, empty where nobody has said so."""
    dimension = DIMENSIONS.get(role, "")
    if role == "sex":
        return match_label(label, "SEX_").code.removeprefix("SEX_")
    if dimension in COUNTRIES:
        prefix = f"{COUNTRIES[dimension]}_"
        code = match_label(label, prefix).code.removeprefix(prefix)
        if code and code == area and role in OWN:
            return OWN[role][0]
        return "" if code in ("TOTAL", "X") else code
    if role in VERSIONS:
        prefix = f"{dimension}_{version}_"
        code = match_label(label, prefix).code
        return code.removeprefix(prefix) if code.startswith(prefix) else ""
    return ""


def _unlabelled(role: str, version: str, summary: VariableSummary) -> Iterator[str]:
    """Values without labels that enough persons share; those that are codes stay."""
    known = codes_of_role(role, version)
    values = list(summary.values)
    if values and all(value in known for value in values):
        return
    if not values:
        yield f"    codes: {_OPEN}  {DECIDE} a CSV with value and code"
        return
    yield "    codes:"
    for value in values:
        yield f"      {_quoted(value)}: {_OPEN}  {DECIDE} what {value} means"


def _universe(inspection: Inspection, known: list[str]) -> Iterator[str]:
    """Rules of the labour force status, or a question."""
    has_status = any(
        each.role == "labour_status" and each.profile in known and known
        for each in inspection.proposals()
    )
    yield "universe:"
    yield "  working_age: 15+"
    yield f"  # persons: [{{name: usual residents, where: NAME = 1}}]  {DECIDE} who is counted"
    if has_status:
        return
    yield f"  # statuses:  {DECIDE} in this order; whoever fulfils none is outside"
    yield "  #   - {status: employed, name: worked an hour, when: NAME = 1}"
    yield "  #   - {status: unemployed, name: searched, when: NAME = 1 and NAME = 1}"


def _design(inspection: Inspection) -> Iterator[str]:
    """Strata and sampling units: a name alone proves neither, so both are questions."""
    proposed = {"stratum": "NAME", "psu": "NAME"}
    evidence = []
    for proposal in inspection.proposals():
        if proposed.get(proposal.role) == "NAME":
            proposed[proposal.role] = _quoted(proposal.variable)
            said = "; ".join(proposal.evidence)
            evidence.append(f"{proposal.variable}: {said}")
    named = f"strata: {proposed['stratum']}, psu: {proposed['psu']}"
    why = ". ".join([*evidence, "without it no error is printed"])
    yield f"# design: {{{named}}}  {DECIDE} {why}"


def _quoted(text: str) -> str:
    """Text as YAML reads it back."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

"""Lines of the components of a drafted data set, with the code maps and labels they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ilms_sdmx.drafting.analysis import Analysis
from ilms_sdmx.drafting.recognition.cells import has_pairs
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.sections.codes import Code, CodeMap
from ilms_sdmx.drafting.sections.dataflows import Breakdown
from ilms_sdmx.drafting.sections.text import listed, pattern, question
from ilms_sdmx.labels.lookup import LabelMatch
from ilms_sdmx.labels.matching import match_label, match_labels
from ilms_sdmx.labels.rows import RowKind, row_kind
from ilms_sdmx.words import words_in
from ilms_sdmx.words.text import has_foreign_letters

_SEXES = {"total": Code("SEX_T"), "women": Code("SEX_F"), "men": Code("SEX_M")}
_SEX_CODES = frozenset({"SEX_T", "SEX_F", "SEX_M"})
#: What words of one sex alone say.
_ONE_SEX = ({"F"}, {"M"})
#: Label that a table has for a heading that it lacks.
TOTAL = "total"
#: Score of a candidate that is the label itself.
_CERTAIN = 100


@dataclass(frozen=True)
class Component:
    """Lines of a component, with what they need.

    Parameters
    ----------
    lines
        Lines in the mapping file.
    code_map
        Code map of its labels, None where it needs none.
    constants
        Table to the heading that it must set, as the data set reads it and the table lacks it.
    """

    lines: Sequence[str]
    code_map: CodeMap | None = None
    constants: Mapping[str, str] = field(default_factory=dict)


def needs_sex(analysis: Analysis) -> bool:
    """Whether the draft itself tells the sexes apart, by rules or by pairs in a cell."""
    if analysis.heading_of("sex") is not None:
        return False
    return analysis.roles.tell_sex or has_pairs(analysis.printed)


def counts_of_shares(analysis: Analysis) -> dict[str, list[str]]:
    """Labels of the rows that count where all others are shares, by heading."""
    of_shares = analysis.roles.of_shares
    labels: dict[str, list[str]] = {name: [] for name in of_shares}
    for role in analysis.roles.counts:
        if role.heading in labels:
            labels[role.heading].append(role.label)
    return labels


def choice(name: str, labels: Iterable[str], *, or_none: bool) -> str:
    """Choice of labels of a heading; a blank too for tables that lack it."""
    texts = list(map(pattern, labels))
    if or_none:
        texts.append('""')
    return f"{name}: {listed(texts)}"


def _first_name(headings: Iterable[Heading | None]) -> str:
    """Name of the first heading, empty for none."""
    for heading in headings:
        if heading is not None:
            return heading.name
    return ""


def coded(
    group: Sequence[Analysis], breakdown: Breakdown, languages: tuple[str, ...]
) -> Component:
    """Component with a code list, its code map filled with what is certain."""
    dimension = breakdown.dimension
    prefix = breakdown.prefix
    headings = [analysis.heading_of(breakdown.role) for analysis in group]
    name = _first_name(headings)
    total = Code(f"{prefix}TOTAL")
    if not name:
        return Component([f"{dimension}: {total.code}"])
    map_name = f"{breakdown.role}_{dimension}".lower()
    code_map = CodeMap(map_name, f"CL_{dimension}", prefix)
    constants: dict[str, str] = {}
    for analysis, heading in zip(group, headings, strict=True):
        if heading is None:
            constants[analysis.name] = name
            code_map = code_map.with_codes({TOTAL: total})
        else:
            codes = _codes(analysis, heading, prefix, languages)
            code_map = code_map.with_codes(codes)
    line = f"{dimension}: {{from: {name}, codes: {map_name}}}"
    return Component([line], code_map, constants)


def _codes(
    analysis: Analysis, heading: Heading, prefix: str, languages: tuple[str, ...]
) -> dict[str, Code]:
    """Labels of a heading to their codes; parts of one sex are told by the sex."""
    of_one_sex = {role.label for role in analysis.roles.of(heading.name) if role.sex}
    codes: dict[str, Code] = {}
    matches = match_labels(heading.labels, prefix, languages=languages)
    for label, match in matches.items():
        if label in of_one_sex or analysis.roles.is_share(heading.name, label):
            continue
        kind = row_kind(label)
        if not match.code and kind.kind == "of_which":
            codes[label] = _code_of_part(kind, prefix, languages)
        else:
            codes[label] = _code(match)
    if of_one_sex:
        codes.setdefault(TOTAL, Code(f"{prefix}TOTAL"))
    return codes


def _code_of_part(kind: RowKind, prefix: str, languages: tuple[str, ...]) -> Code:
    """Code of what a label of a part names (`of which: Japan`), else a question."""
    match = match_label(kind.rest, prefix, languages=languages)
    if match.code:
        return Code(match.code, f"by {match.matched!r}")
    return Code("", "a part of another row: ~ leaves it out")


def _code(match: LabelMatch) -> Code:
    """Code of a match with its evidence, none where it is not certain."""
    if match.code:
        if match.how in {"name", "code", "alias"}:
            return Code(match.code, match.note)
        return Code(match.code, f"by {match.matched!r}")
    nearest: list[str] = []
    for candidate in match.candidates:
        nearest.append(f"{candidate.code} {candidate.score:.0f}")
    if not nearest:
        return Code("", match.reason)
    is_open = [candidate.score for candidate in match.candidates].count(_CERTAIN) > 1
    return Code("", f"{match.reason}; nearest: {', '.join(nearest)}", is_open)


def country_question(match: LabelMatch) -> Code:
    """Open question about a label among countries that is no certain country."""
    return _code(replace(match, code=""))


def sexes(group: Sequence[Analysis], languages: tuple[str, ...]) -> Component:
    """Component of the sex; a table that does not tell it is of both, unless words may."""
    headings = [analysis.heading_of("sex") for analysis in group]
    name = _first_name(headings)
    if not name and not any(map(needs_sex, group)):
        return Component([f"SEX: {_sex_of_all(group)}"])
    name = name or "sex"
    code_map = CodeMap("sexes")
    constants: dict[str, str] = {}
    for analysis, heading in zip(group, headings, strict=True):
        if heading is None:
            constants[analysis.name] = name
            code_map = code_map.with_codes(_SEXES)
        else:
            codes = _codes_of_sex(analysis, heading, languages)
            code_map = code_map.with_codes(codes)
    return Component([f"SEX: {{from: {name}, codes: sexes}}"], code_map, constants)


def _sex_of_all(group: Iterable[Analysis]) -> str:
    """Both sexes, a question where words speak of one, or labels that nobody knows may."""
    for analysis in group:
        asked = _question_of_sex(analysis)
        if asked:
            return f"?{question(asked)}"
    return "SEX_T"


def _question_of_sex(analysis: Analysis) -> str:
    """What a person must say of the sex of a table, empty where nothing may tell it."""
    for text in analysis.table.near:
        values = {word.value for word in words_in(text, "sex")}
        if values in _ONE_SEX:
            return f"{text!r} speaks of one sex: SEX_F, SEX_M or SEX_T?"
    for heading in analysis.headings:
        labels = _labels_of_no_language(heading)
        if len(labels) in {2, 3}:
            return f"do the labels {', '.join(labels)} say the sex? Else SEX_T"
    return ""


def _labels_of_no_language(heading: Heading) -> list[str]:
    """Labels of a heading without a role, all in letters of none of the languages read."""
    if heading.role != "category":
        return []
    labels = [label for label in heading.labels if not row_kind(label).kind]
    for label in labels:
        if not has_foreign_letters(label):
            return []
    return labels


def _codes_of_sex(
    analysis: Analysis, heading: Heading, languages: tuple[str, ...]
) -> dict[str, Code]:
    """Labels of a heading of sexes to their codes; `of which women` are women."""
    codes: dict[str, Code] = {}
    matches = match_labels(heading.labels, "SEX_", languages=languages)
    for label, match in matches.items():
        if analysis.roles.is_share(heading.name, label):
            continue
        kind = row_kind(label)
        if not match.code and kind.code in _SEX_CODES:
            codes[label] = Code(kind.code)
        else:
            codes[label] = _code(match)
    return codes

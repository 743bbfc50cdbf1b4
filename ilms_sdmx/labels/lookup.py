"""Look-up of one form of a label in the label files and in the names of a codelist."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx.errors import StructureError
from ilms_sdmx.findings import Candidate, Phrase, is_phrase, phrase
from ilms_sdmx.labels.ages import age_suffix
from ilms_sdmx.labels.kinds import COUNTRIES, kinds_of
from ilms_sdmx.labels.lines import Label, lines_by_form
from ilms_sdmx.labels.times import followers
from ilms_sdmx.labels.variants import bare, without_section
from ilms_sdmx.words.text import folded

#: Code of what is not stated in the versions that have no X, or in which X means no schooling.
NOT_STATED = {
    "EDU_ISCED11_": "EDU_ISCED11_9",
    "EDU_ISCED97_": "EDU_ISCED97_UNK",
    "STE_ICSE93_": "STE_ICSE93_6",
}
#: Reasons against labels that are known, though no code is certain.
_KNOWN = (
    *("label-next-decides", "label-may-mean", "label-may-mean-noted"),
    *("label-half-known", "label-of-group"),
)
ROWS = frozenset({"total", "residual", "not_stated"})


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """What became of a label.

    Parameters
    ----------
    code
        Empty where nothing is certain.
    how
        `code` (the label is the code), `name` (a name of the codelist or of CLDR), `alias` (a
        line of the label files), `normalised` (after numbering, footnote marks, words around it
        or a second language were taken off), or empty.
    matched
        The form that matched.
    candidates
        Codes that may be meant; never applied.
    reason
        Why there is no code.
    """

    code: str = ""
    how: str = ""
    matched: str = ""
    candidates: tuple[Candidate, ...] = ()
    reason: str = ""
    note: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the label has a code, or a person must choose among certain ones."""
        if self.code:
            return True
        return is_phrase(self.reason, *_KNOWN)


@dataclass(frozen=True, slots=True)
class NamesOfCodelist:
    """Codes of a codelist, and the codes of each folded name.

    Parameters
    ----------
    codes
        All codes.
    by_name
        Folded name to the codes that have it.
    """

    codes: frozenset[str]
    by_name: dict[str, tuple[str, ...]]


@lru_cache(maxsize=64)
def names_of_codelist(codelist: str) -> NamesOfCodelist:
    """Codes and folded names of a codelist; nothing where it is not known."""
    from ilms_sdmx import structures

    codes_of: dict[str, list[str]] = {}
    codes: frozenset[str] = frozenset()
    for language in ("en", "fr", "es"):
        try:
            frame = structures.codes(codelist, language=language)
        except StructureError:
            break
        codes = frozenset(map(str, frame["code"]))
        for code, name in zip(frame["code"], frame["name"], strict=True):
            _add_name(codes_of, str(code), str(name))
    by_name = {name: tuple(known) for name, known in codes_of.items()}
    return NamesOfCodelist(codes, by_name)


def _add_name(codes_of: dict[str, list[str]], code: str, name: str) -> None:
    """Add a code under its name, folded, and without the letter of its section."""
    for form in {folded(name), without_section(bare(name))}:
        codes = codes_of.setdefault(form, [])
        if code not in codes:
            codes.append(code)


def look_up(
    form: str, prefix: str, languages: tuple[str, ...], names: NamesOfCodelist
) -> LabelMatch | None:
    """Code of one form, None where nothing knows it; a reason where more than one code does."""
    lines = _preferred(form, prefix, languages)
    codes, absent = _codes(form, lines, prefix, names)
    if codes:
        return _of_lines(form, codes, lines, prefix)
    official = []
    for c in names.by_name.get(form, ()):
        if c.startswith(prefix):
            official.append(c)
    if len(set(official)) == 1:
        return LabelMatch(official[0], "name", form)
    if absent and lines and lines[0].kind == "group":
        return _group(lines[0])
    if absent:
        return _absent(absent[0], prefix, names)
    return None


def _group(line: Label) -> LabelMatch:
    """No match for a region or a people that the codelist has no code for; none is near."""
    kind, _, _ = line.note.partition(";")
    reason = incomplete("label-of-group", kind=kind)
    return LabelMatch(how="group", reason=reason)


def _absent(code: str, prefix: str, names: NamesOfCodelist) -> LabelMatch:
    """No match for a code that the codelist does not have, with what followed its area."""
    near = followers(code, prefix, names.codes)
    reason = incomplete("label-absent", code=code)
    if near:
        listed = " or ".join(candidate.code for candidate in near)
        reason = incomplete("label-absent-followed", code=code, followers=listed)
    return LabelMatch(candidates=near, reason=reason)


def _preferred(form: str, prefix: str, languages: tuple[str, ...]) -> list[Label]:
    """Lines of a form that fit a prefix, those of the given languages where there are some.

    English is preferred where no language is given.
    """
    fitting = []
    preferred = []
    for line in lines_by_form().get(form, ()):
        if not _fits(line, prefix):
            continue
        fitting.append(line)
        if line.language in languages:
            preferred.append(line)
    return preferred or fitting


def _codes(
    form: str, lines: list[Label], prefix: str, names: NamesOfCodelist
) -> tuple[list[str], list[str]]:
    """Codes that a form may have: those of the codelist, and those that it does not have."""
    codes = dict.fromkeys(_whole(line, prefix) for line in lines)
    if prefix.startswith("AGE_"):
        suffix = age_suffix(form)
        codes = {prefix + suffix: None} if suffix else codes
    known: list[str] = []
    absent: list[str] = []
    for code in codes:
        is_known = not names.codes or "|" in code or code in names.codes
        listed = known if is_known else absent
        listed.append(code)
    return known, absent


def _of_lines(form: str, codes: list[str], lines: list[Label], prefix: str) -> LabelMatch:
    """Match of a form with the codes of its lines: certain where there is one."""
    code = codes[0]
    if len(codes) > 1 or "|" in code:
        return _ambiguous(form, codes, lines, prefix)
    note = _note(lines, "part")
    sources = {line.source for line in lines}
    how = "name" if sources == {"name"} else "alias"
    return LabelMatch(code, how, form, note=note)


def _note(lines: list[Label], kind: str) -> str:
    """Note of the first line of a kind that has one."""
    for line in lines:
        if line.kind == kind and line.note:
            return line.note
    return ""


def _fits(line: Label, prefix: str) -> bool:
    """Whether a line may give a code with a prefix."""
    kinds = kinds_of(prefix)
    is_area = kinds == COUNTRIES
    if line.kind == "group":
        return is_area
    if line.kind == "ambiguous":
        first, _, _ = line.code.partition("|")
        return first.startswith(prefix) if "_" in first else is_area
    if line.kind == "residual":
        return is_area
    if line.kind in ROWS:
        return True
    if is_area:
        return line.kind in COUNTRIES or line.kind == "part"
    is_of_kind = line.kind in kinds or (line.kind == "of_which" and "sex" in kinds)
    return is_of_kind and line.code.startswith(prefix)


def _whole(line: Label, prefix: str) -> str:
    """Code of a line with the prefix of its classification version."""
    if line.kind == "total" and prefix == "SEX_":
        return "SEX_T"
    if line.kind == "not_stated" and prefix in NOT_STATED:
        return NOT_STATED[prefix]
    return _with_prefix(line.code, prefix)


def _with_prefix(code: str, prefix: str) -> str:
    """Code with the beginning that all codes of a list have."""
    if prefix and code.startswith(prefix):
        return code
    return prefix + code


def _ambiguous(form: str, codes: list[str], lines: list[Label], prefix: str) -> LabelMatch:
    """No match, with the codes that a form may mean as candidates."""
    meant = []
    near = []
    for each in "|".join(codes).split("|"):
        code = each.removeprefix(prefix)
        meant.append(code)
        near.append(Candidate(_with_prefix(code, prefix), form, 100.0))
    listed = " or ".join(dict.fromkeys(meant))
    reason = incomplete("label-may-mean", codes=listed)
    note = _note(lines, "ambiguous")
    if note:
        reason = incomplete("label-may-mean-noted", codes=listed, note=note)
    return LabelMatch(candidates=tuple(near), reason=reason)


def incomplete(id: str, **fields: str) -> Phrase:
    """Reason against a form of a label; the label as it is printed comes last."""
    return phrase(id, label="", **fields)

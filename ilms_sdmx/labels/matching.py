"""Matching of a label with the codes of one classification version: certain, or refused with candidates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx.errors import StructureError
from ilms_sdmx.findings import Candidate
from ilms_sdmx.labels.ages import age_suffix
from ilms_sdmx.labels.lines import Label, lines_by_form
from ilms_sdmx.labels.suggestions import suggest
from ilms_sdmx.labels.variants import (
    bare,
    halves,
    parts,
    script,
    straight,
    without_affixes,
    without_brackets,
    without_section,
)
from ilms_sdmx.words.text import clean, folded
from ilms_sdmx.words.vocabulary import of_kinds

#: Beginning of a code to the kinds of labels that may have it.
KINDS: dict[str, frozenset[str]] = {
    "SEX": frozenset({"sex"}),
    "AGE": frozenset({"age"}),
    "EDU": frozenset({"education"}),
    "ECO": frozenset({"industry"}),
    "OCU": frozenset({"occupation"}),
    "STE": frozenset({"status"}),
    "CCT_CIT": frozenset({"citizenship"}),
    "CBR_BIR": frozenset({"birth"}),
}
COUNTRIES = frozenset({"country", "nationality"})
#: Code of what is not stated in the versions in which X means something else: no schooling.
NOT_STATED = {"EDU_ISCED11_": "EDU_ISCED11_9", "EDU_ISCED97_": "EDU_ISCED97_UNK"}
#: Areas that tables name together with the state that they belong to, or that claims them.
WITHIN = {"HKG": "CHN", "MAC": "CHN", "TWN": "CHN", "GUM": "USA", "MNP": "USA", "PRI": "USA"}
_ROWS = frozenset({"total", "residual", "not_stated"})


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """What became of a label.

    Parameters
    ----------
    code
        Empty where nothing is certain.
    how
        `code` (the label is the code), `name` (a name of the codelist or of CLDR), `alias` (a line of the
        label files), `normalised` (after numbering, footnote marks, words around it or a second language were
        taken off), or empty.
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


@lru_cache(maxsize=65536)
def match_label(
    label: str, prefix: str, *, languages: tuple[str, ...] = (), codelist: str = ""
) -> LabelMatch:
    """Code of a label within one classification version.

    Parameters
    ----------
    prefix
        Beginning of the codes: `CDS_DES_`, `SEX_`, `ECO_ISIC4_`, `AGE_AGGREGATE_`; empty for areas (`THA`).
    languages
        Languages to prefer where a word means different things in two.
    codelist
        Codelist whose names are tried too and which must have the code: `CL_CDS`; made of the prefix where
        absent.

    Examples
    --------
    >>> match_label("10. สหรัฐอาหรับเอมิเรตส์ / The United Arab Emirates", "CDS_DES_").code
    'CDS_DES_ARE'
    >>> match_label("Korea", "CDS_DES_").reason
    "'Korea' may mean KOR or PRK: South in every table of labour migration that was seen; a person decides"
    """
    if not isinstance(label, str) or not isinstance(prefix, str):
        raise TypeError(
            f"expected a label and a prefix as text, found {label!r} and {prefix!r}"
        )
    names = _names(codelist or _codelist(prefix))
    if label.strip() in names.codes and label.strip().startswith(prefix):
        return LabelMatch(label.strip(), "code", label.strip())
    for how, forms in _forms(label, prefix):
        found = [_look_up(form, prefix, languages, names) for form in forms]
        match = _agreed(found, forms, how)
        if match is not None:
            return _refused(label, prefix, match, names) if match.reason else match
    return LabelMatch(
        candidates=_near(label, prefix, names),
        reason=f"{clean(label)!r} is no known label of {prefix or 'areas'}",
    )


def kinds_of(prefix: str) -> frozenset[str]:
    """Kinds of labels that codes with a prefix may have."""
    for start, kinds in KINDS.items():
        if prefix.startswith(start):
            return kinds
    return COUNTRIES


def _codelist(prefix: str) -> str:
    return f"CL_{prefix.partition('_')[0]}" if prefix else "CL_AREA"


@dataclass(frozen=True, slots=True)
class _Names:
    codes: frozenset[str]
    by_name: dict[str, tuple[str, ...]]


@lru_cache(maxsize=64)
def _names(codelist: str) -> _Names:
    """Codes and folded names of a codelist; nothing where it is not known."""
    from ilms_sdmx import structures

    found: dict[str, list[str]] = {}
    codes: frozenset[str] = frozenset()
    for language in ("en", "fr", "es"):
        try:
            frame = structures.codes(codelist, language=language)
        except StructureError:
            break
        codes = frozenset(map(str, frame["code"]))
        for code, name in zip(frame["code"], frame["name"], strict=True):
            for form in {folded(str(name)), without_section(bare(str(name)))}:
                if str(code) not in found.setdefault(form, []):
                    found[form].append(str(code))
    return _Names(codes, {name: tuple(codes_) for name, codes_ in found.items()})


def _forms(label: str, prefix: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Forms to look up, the surest first; forms of one step must agree."""
    yield "alias", (folded(label),)
    yield "normalised", (bare(label),)
    if "&" in (text := folded(label)):
        for word in of_kinds("and"):
            yield "normalised", (bare(text.replace("&", f" {word} ")),)
    if kinds_of(prefix) != COUNTRIES:
        yield "normalised", (without_section(bare(label)),)
    several = parts(label)[1:]
    if len(several) > 1:
        yield "normalised", several
    if kinds_of(prefix) == COUNTRIES:
        if turned := straight(bare(label)):
            yield "normalised", (turned,)
        yield "normalised", (without_affixes(bare(label)),)
        if len(several) > 1:
            yield "normalised", tuple(map(without_affixes, several))
    if brackets := without_brackets(bare(label)):
        yield "normalised", tuple(map(without_affixes, brackets))
    for half in halves(bare(label)):
        yield "both", half


def _look_up(
    form: str, prefix: str, languages: tuple[str, ...], names: _Names
) -> LabelMatch | None:
    """Code of one form, None where nothing knows it; a reason where more than one code does."""
    by_name = {c for c in names.by_name.get(form, ()) if c.startswith(prefix)}
    lines = [line for line in lines_by_form().get(form, ()) if _fits(line, prefix)]
    preferred = [line for line in lines if line.language in languages] or lines
    codes = dict.fromkeys(_whole(line, prefix) for line in preferred)
    if prefix.startswith("AGE_") and (suffix := age_suffix(form)):
        codes = {prefix + suffix: None}
    absent = [c for c in codes if names.codes and "|" not in c and c not in names.codes]
    codes = {c: None for c in codes if c not in absent}
    if not codes and len(by_name) == 1:
        return LabelMatch(by_name.pop(), "name", form)
    if len(codes) == 1 and "|" not in (only := next(iter(codes))):
        official = all(line.source == "name" for line in preferred) and bool(preferred)
        note = next((line.note for line in preferred if line.kind == "part"), "")
        return LabelMatch(only, "name" if official else "alias", form, note=note)
    if codes:
        return _ambiguous(form, list(codes), preferred, prefix)
    return (
        LabelMatch(reason=f"is {absent[0]}, which the codelist does not have")
        if absent
        else None
    )


def _fits(line: Label, prefix: str) -> bool:
    kinds = kinds_of(prefix)
    if line.kind == "ambiguous":
        first = line.code.partition("|")[0]
        return first.startswith(prefix) if "_" in first else kinds == COUNTRIES
    if line.kind in _ROWS:
        return line.kind != "residual" or kinds == COUNTRIES
    if kinds == COUNTRIES:
        return line.kind in COUNTRIES or line.kind == "part"
    return (
        line.kind in kinds or (line.kind == "of_which" and "sex" in kinds)
    ) and line.code.startswith(prefix)


def _whole(line: Label, prefix: str) -> str:
    if line.kind == "total" and prefix == "SEX_":
        return "SEX_T"
    if line.kind == "not_stated" and prefix in NOT_STATED:
        return NOT_STATED[prefix]
    return line.code if line.code.startswith(prefix) and prefix else prefix + line.code


def _ambiguous(form: str, codes: list[str], lines: list[Label], prefix: str) -> LabelMatch:
    meant = [c.removeprefix(prefix) for code in codes for c in code.split("|")]
    note = next((line.note for line in lines if line.kind == "ambiguous" and line.note), "")
    reason = f"may mean {' or '.join(meant)}" + (f": {note}" if note else "")
    near = tuple(
        Candidate(c if c.startswith(prefix) else prefix + c, form, 100.0) for c in meant
    )
    return LabelMatch(candidates=near, reason=reason)


def _agreed(
    found: list[LabelMatch | None], forms: tuple[str, ...], how: str
) -> LabelMatch | None:
    """Match on which all forms agree; one form may be unknown when it is in another script than the known."""
    known = [m for m in found if m is not None]
    codes = {m.code for m in known if m.code}
    if not known or (how == "both" and len(known) < 2):
        return None
    how = "normalised" if how == "both" else how
    if len(codes) == 2 and len(forms) == 2 and (part := _within(known)):
        return LabelMatch(part.code, "normalised", part.matched)
    if len(codes) > 1:
        return LabelMatch(reason=f"its parts name {' and '.join(sorted(codes))}")
    if not codes:
        return known[0]
    unknown = [form for form, m in zip(forms, found, strict=True) if m is None]
    scripts = {script(m.matched) for m in known}
    if any(script(form) in scripts for form in unknown):
        return None
    match = next(m for m in known if m.code)
    return (
        match if how == "alias" else LabelMatch(match.code, how, match.matched, note=match.note)
    )


def _within(known: list[LabelMatch]) -> LabelMatch | None:
    """First of two areas where it belongs to the second: *Hong Kong (China)*, but not *China (Taiwan)*."""
    first, second = (m.code.rpartition("_")[2] for m in known)
    return known[0] if WITHIN.get(first) == second else None


def _near(label: str, prefix: str, names: _Names) -> tuple[Candidate, ...]:
    """Codes of the codelist whose labels are like one."""
    near = suggest(label, kinds_of(prefix), prefix)
    return tuple(c for c in near if not names.codes or c.code in names.codes)


def _refused(label: str, prefix: str, match: LabelMatch, names: _Names) -> LabelMatch:
    near = match.candidates or _near(label, prefix, names)
    return LabelMatch(
        candidates=near, reason=f"{clean(label)!r} {match.reason}", note=match.note
    )

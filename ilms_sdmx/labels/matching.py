"""Matching of a label with the codes of one classification version, or its refusal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx.errors import StructureError
from ilms_sdmx.findings import Candidate, Phrase, is_phrase, phrase
from ilms_sdmx.labels.ages import age_suffix
from ilms_sdmx.labels.dated import ages_of_date
from ilms_sdmx.labels.lines import Label, lines_by_form
from ilms_sdmx.labels.scales import codes_in_scales, steps_of
from ilms_sdmx.labels.suggestions import suggest
from ilms_sdmx.labels.times import candidates_in, followers, reason_against
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
from ilms_sdmx.words.search import says
from ilms_sdmx.words.text import clean, folded, is_joined, unspaced
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
#: Code of what is not stated in the versions that have no X, or in which X means no schooling.
NOT_STATED = {
    "EDU_ISCED11_": "EDU_ISCED11_9",
    "EDU_ISCED97_": "EDU_ISCED97_UNK",
    "STE_ICSE93_": "STE_ICSE93_6",
}
#: Areas that tables name together with the state that they belong to, or that claims them.
WITHIN = {"HKG": "CHN", "MAC": "CHN", "TWN": "CHN", "GUM": "USA", "MNP": "USA", "PRI": "USA"}
#: Reasons against labels that are known, though no code is certain.
_KNOWN = (
    *("label-next-decides", "label-may-mean", "label-may-mean-noted"),
    *("label-half-known", "label-of-group"),
)
#: Reasons against labels that are surely something that has no code.
_OTHER_THINGS = ("label-of-group", "label-absent", "label-absent-followed")
_ROWS = frozenset({"total", "residual", "not_stated"})


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


@lru_cache(maxsize=65536)
def match_label(
    label: str,
    prefix: str,
    *,
    languages: tuple[str, ...] = (),
    codelist: str = "",
    when: str = "",
) -> LabelMatch:
    """Code of a label within one classification version.

    Parameters
    ----------
    prefix
        Beginning of the codes: `CDS_DES_`, `SEX_`, `ECO_ISIC4_`, `AGE_AGGREGATE_`; empty for
        areas (`THA`).
    languages
        Languages to prefer where a word means different things in two.
    codelist
        Codelist whose names are tried too and which must have the code: `CL_CDS`; made of the
        prefix where absent.
    when
        Period of the figures as SDMX writes it, `1995`: an area that was there no more, or not
        yet, is refused, with what was there as candidates.

    Examples
    --------
    >>> match_label("10. สหรัฐอาหรับเอมิเรตส์ / The United Arab Emirates", "CDS_DES_").code
    'CDS_DES_ARE'
    >>> match_label("Korea", "CDS_DES_").reason
    "'Korea' may mean KOR or PRK: South in every table of labour migration that was seen; a
    person decides"
    >>> known = match_label("Czechoslovakia", "CDS_DES_", when="1995")
    >>> known.code, [candidate.code for candidate in known.candidates]
    ('', ['CDS_DES_CZE', 'CDS_DES_SVK'])
    """
    if not isinstance(label, str) or not isinstance(prefix, str):
        raise TypeError(
            f"expected a label and a prefix as text, found {label!r} and {prefix!r}"
        )
    names = _names(codelist or _codelist(prefix))
    match = _match(label, prefix, languages, names)
    is_area = kinds_of(prefix) == COUNTRIES
    shown = repr(clean(label))
    reason = reason_against(match.code, when, shown) if is_area and match.code else ""
    if not reason:
        return match
    near = candidates_in(match.code, prefix, when, names.codes)
    return LabelMatch(candidates=near, reason=reason, note=match.note)


def _match(label: str, prefix: str, languages: tuple[str, ...], names: _Names) -> LabelMatch:
    """Code of a label, or its refusal, whatever the period."""
    stripped = label.strip()
    if stripped in names.codes and stripped.startswith(prefix):
        return LabelMatch(stripped, "code", stripped)
    half_known = None
    for how, forms in _forms(label, prefix):
        matches = []
        for form in forms:
            matches.append(_look_up(form, prefix, languages, names))
        match = _agreed(matches, forms, how, prefix)
        if match is None:
            continue
        if match.how == "half":
            half_known = half_known or match
            continue
        return _refused(label, prefix, match, names) if match.reason else match
    if half_known is not None:
        return _refused(label, prefix, half_known, names)
    step = _of_scales(label, prefix)
    if step is not None:
        return step
    shown = repr(clean(label))
    codes = prefix or phrase("areas")
    ages = ages_of_date(label) if prefix.startswith("AGE_") else ""
    if ages:
        meant = _match(ages, prefix, languages, names)
        candidates = (Candidate(meant.code, ages, 100.0),) if meant.code else ()
        reason = phrase("label-of-date", label=shown, codes=codes, ages=repr(ages))
        return LabelMatch(candidates=candidates, reason=reason)
    near = _near(label, prefix, names)
    reason = phrase("label-unknown", label=shown, codes=codes)
    return LabelMatch(candidates=near, reason=reason)


def match_labels(
    labels: Sequence[str],
    prefix: str,
    *,
    languages: tuple[str, ...] = (),
    codelist: str = "",
) -> dict[str, LabelMatch]:
    """Codes of labels that are printed together, each read in the scale that all are steps of.

    >>> [match.code for match in match_labels(["H", "M"], "SEX_").values()]
    ['SEX_M', 'SEX_F']
    >>> match_labels(["Skilled", "Professional", "Unskilled"], "OCU_SKILL_")["Skilled"].code
    ''
    """
    steps = steps_of(labels, prefix, languages)
    matches: dict[str, LabelMatch] = {}
    for label in labels:
        code = steps.get(label, "")
        if code:
            matches[label] = LabelMatch(code, "alias", folded(label))
        else:
            matches[label] = match_label(label, prefix, languages=languages, codelist=codelist)
    return matches


def _of_scales(label: str, prefix: str) -> LabelMatch | None:
    """Question about a label with a meaning only next to others: the letter L, *skilled*."""
    form = bare(label)
    codes = codes_in_scales(form, prefix)
    if not codes:
        return None
    candidates = tuple(Candidate(code, form, 100.0) for code in codes)
    meant = " or ".join(code.removeprefix(prefix) for code in codes)
    reason = phrase("label-next-decides", label=repr(clean(label)), codes=meant)
    return LabelMatch(candidates=candidates, reason=reason)


def kinds_of(prefix: str) -> frozenset[str]:
    """Kinds of labels that codes with a prefix may have."""
    for start, kinds in KINDS.items():
        if prefix.startswith(start):
            return kinds
    return COUNTRIES


def _codelist(prefix: str) -> str:
    """Codelist of codes with a prefix, that of areas for no prefix."""
    first, _, _ = prefix.partition("_")
    return f"CL_{first}" if prefix else "CL_AREA"


@dataclass(frozen=True, slots=True)
class _Names:
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
def _names(codelist: str) -> _Names:
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
    return _Names(codes, by_name)


def _add_name(codes_of: dict[str, list[str]], code: str, name: str) -> None:
    """Add a code under its name, folded, and without the letter of its section."""
    for form in {folded(name), without_section(bare(name))}:
        codes = codes_of.setdefault(form, [])
        if code not in codes:
            codes.append(code)


def _forms(label: str, prefix: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Forms to look up, the surest first; forms of one step must agree."""
    text = folded(label)
    plain = bare(label)
    is_area = kinds_of(prefix) == COUNTRIES
    yield "alias", (text,)
    yield "normalised", (plain,)
    if "&" in text:
        for word in of_kinds("and"):
            spelled = text.replace("&", f" {word} ")
            yield "normalised", (bare(spelled),)
    if not is_area:
        yield "normalised", (without_section(plain),)
    joined = unspaced(plain)
    if joined != plain:
        yield "normalised", (without_section(joined),)
    several = tuple(map(unspaced, parts(label)[1:]))
    if len(several) > 1:
        yield "normalised", several
    if is_area:
        yield from _forms_of_areas(plain, several)
    brackets = without_brackets(plain)
    if brackets:
        yield "normalised", tuple(map(without_affixes, brackets))
    for half in halves(plain):
        yield "both", half


def _forms_of_areas(
    plain: str, several: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Forms of a name of an area: turned round, and without words around it."""
    turned = straight(plain)
    if turned:
        yield "normalised", (turned,)
    yield "normalised", (without_affixes(plain),)
    if len(several) > 1:
        yield "normalised", tuple(map(without_affixes, several))


def _look_up(
    form: str, prefix: str, languages: tuple[str, ...], names: _Names
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
    reason = _incomplete("label-of-group", kind=kind)
    return LabelMatch(how="group", reason=reason)


def _absent(code: str, prefix: str, names: _Names) -> LabelMatch:
    """No match for a code that the codelist does not have, with what followed its area."""
    near = followers(code, prefix, names.codes)
    reason = _incomplete("label-absent", code=code)
    if near:
        listed = " or ".join(candidate.code for candidate in near)
        reason = _incomplete("label-absent-followed", code=code, followers=listed)
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
    form: str, lines: list[Label], prefix: str, names: _Names
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
    if line.kind in _ROWS:
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
    reason = _incomplete("label-may-mean", codes=listed)
    note = _note(lines, "ambiguous")
    if note:
        reason = _incomplete("label-may-mean-noted", codes=listed, note=note)
    return LabelMatch(candidates=tuple(near), reason=reason)


def _agreed(
    found: list[LabelMatch | None], forms: tuple[str, ...], how: str, prefix: str
) -> LabelMatch | None:
    """Match on which all forms agree.

    An unknown form next to a known one makes a question of most.
    """
    unknown: list[str] = []
    known: list[LabelMatch] = []
    for form, match in zip(forms, found, strict=True):
        if match is None:
            unknown.append(form)
        else:
            known.append(match)
    if not known or (how == "both" and len(known) < 2):
        return None
    certain = [match for match in known if match.code]
    if not certain:
        return known[0]
    other = _something_else(known, certain)
    if other is not None:
        return other
    match = _of_one_code(certain, is_pair=len(forms) == 2)
    if match.reason or match not in certain:
        return match
    if unknown and not _are_names_in_another_language(unknown, certain, prefix):
        return _half(unknown, known)
    if how == "alias":
        return match
    return LabelMatch(match.code, "normalised", match.matched, note=match.note)


def _something_else(known: list[LabelMatch], certain: list[LabelMatch]) -> LabelMatch | None:
    """Part that is known to be something else than the certain parts; None for none."""
    codes = {match.code for match in certain}
    for match in known:
        if match.code:
            continue
        meant = {candidate.code for candidate in match.candidates}
        if is_phrase(match.reason, *_OTHER_THINGS) or not codes & meant:
            return match
    return None


def _of_one_code(certain: list[LabelMatch], *, is_pair: bool) -> LabelMatch:
    """First certain match where all have its code, or that of the area they lie in."""
    codes = {match.code for match in certain}
    if len(codes) == 1:
        return certain[0]
    part = _within(certain) if is_pair else None
    if part is not None:
        return LabelMatch(part.code, "normalised", part.matched)
    listed = " and ".join(sorted(codes))
    return LabelMatch(reason=_incomplete("label-parts-differ", codes=listed))


def _half(unknown: list[str], known: list[LabelMatch]) -> LabelMatch | None:
    """Question about a label of which one part is unknown.

    None where all parts are in one script.
    """
    if _has_unknown_form(unknown, known):
        return None
    sure = known[0]
    known_part = repr(sure.matched)
    reason = _incomplete("label-half-known", known=known_part, unknown=repr(unknown[0]))
    candidates = (Candidate(sure.code, sure.matched, 100.0),) if sure.code else ()
    return LabelMatch(how="half", candidates=candidates, reason=reason)


def _has_unknown_form(unknown: list[str], known: list[LabelMatch]) -> bool:
    """Whether a form that nothing knows is in the script of one that is known."""
    scripts = set()
    for match in known:
        scripts.add(script(match.matched))
    return any(script(form) in scripts for form in unknown)


def _are_names_in_another_language(
    unknown: list[str], known: list[LabelMatch], prefix: str
) -> bool:
    """Whether unknown forms can only be the name of the country that is known.

    They cannot where the known name is no whole country or is a state that areas are named
    with, nor where they exclude, add, or have a known label in them.
    """
    if kinds_of(prefix) != COUNTRIES or _has_unknown_form(unknown, known):
        return False
    for match in known:
        if not _is_whole_country(match):
            return False
    return not any(map(_says_more, unknown))


def _is_whole_country(match: LabelMatch) -> bool:
    """Whether a match is by the name of a country with which no other area is named."""
    area = match.code[-3:]
    if area in WITHIN.values():
        return False
    lines = lines_by_form().get(match.matched, ())
    return any(line.kind in COUNTRIES and line.code == area for line in lines)


def _says_more(form: str) -> bool:
    """Whether a form excludes or adds something, or has a country, a total or others in it."""
    if says(form, "except", "and"):
        return True
    # Chinese and Japanese put no spaces around these words either: 不包括日本.
    words = [word.word for word in of_kinds("except").values() if word.language == "mul"]
    if any(word in form for word in words):
        return True
    return any(label in form for label in _joined_labels())


@lru_cache(maxsize=1)
def _joined_labels() -> tuple[str, ...]:
    """Labels of countries and rows in scripts that put no spaces between words."""
    kinds = COUNTRIES | _ROWS
    labels = []
    for form, lines in lines_by_form().items():
        is_long = len(form) > 2 and is_joined(form[0])
        if is_long and any(line.kind in kinds for line in lines):
            labels.append(form)
    return tuple(labels)


def _within(known: list[LabelMatch]) -> LabelMatch | None:
    """First of two areas where it belongs to the second: *Hong Kong (China)*."""
    part, whole = known
    _, _, area = part.code.rpartition("_")
    _, _, state = whole.code.rpartition("_")
    return part if WITHIN.get(area) == state else None


def _near(label: str, prefix: str, names: _Names) -> tuple[Candidate, ...]:
    """Codes of the codelist whose labels are like one."""
    near = suggest(label, kinds_of(prefix), prefix)
    if not names.codes:
        return near
    return tuple(candidate for candidate in near if candidate.code in names.codes)


def _refused(label: str, prefix: str, match: LabelMatch, names: _Names) -> LabelMatch:
    """Match without a code, its reason with the label, its candidates those that are near."""
    near = match.candidates
    if not near and match.how != "group":
        near = _near(label, prefix, names)
    reason = match.reason
    if isinstance(reason, Phrase):
        fields = {**reason.fields, "label": repr(clean(label))}
        reason = phrase(reason.id, **fields)
    return LabelMatch(candidates=near, reason=reason, note=match.note)


def _incomplete(id: str, **fields: str) -> Phrase:
    """Reason against a form of a label; the label as it is printed comes last."""
    return phrase(id, label="", **fields)

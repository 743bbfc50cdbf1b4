"""Agreement of the parts of a label: one code, a question, or nothing."""

from __future__ import annotations

from functools import lru_cache

from ilms_sdmx.findings import Candidate, is_phrase
from ilms_sdmx.labels.kinds import COUNTRIES, kinds_of
from ilms_sdmx.labels.lines import lines_by_form
from ilms_sdmx.labels.lookup import ROWS, LabelMatch, incomplete
from ilms_sdmx.labels.variants import script
from ilms_sdmx.words.search import says
from ilms_sdmx.words.text import is_joined
from ilms_sdmx.words.vocabulary import of_kinds

#: Areas that tables name together with the state that they belong to, or that claims them.
WITHIN = {"HKG": "CHN", "MAC": "CHN", "TWN": "CHN", "GUM": "USA", "MNP": "USA", "PRI": "USA"}
#: Reasons against labels that are surely something that has no code.
_OTHER_THINGS = ("label-of-group", "label-absent", "label-absent-followed")


def agreed(
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
    return LabelMatch(reason=incomplete("label-parts-differ", codes=listed))


def _half(unknown: list[str], known: list[LabelMatch]) -> LabelMatch | None:
    """Question about a label of which one part is unknown.

    None where all parts are in one script.
    """
    if _has_unknown_form(unknown, known):
        return None
    sure = known[0]
    known_part = repr(sure.matched)
    reason = incomplete("label-half-known", known=known_part, unknown=repr(unknown[0]))
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
    kinds = COUNTRIES | ROWS
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

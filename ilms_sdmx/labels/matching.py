"""Matching of a label with the codes of one classification version, or its refusal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from ilms_sdmx.findings import Candidate, Phrase, phrase
from ilms_sdmx.labels.agreement import agreed
from ilms_sdmx.labels.dated import ages_of_date
from ilms_sdmx.labels.kinds import COUNTRIES, kinds_of
from ilms_sdmx.labels.lookup import LabelMatch, NamesOfCodelist, look_up, names_of_codelist
from ilms_sdmx.labels.scales import codes_in_scales, steps_of
from ilms_sdmx.labels.suggestions import suggest
from ilms_sdmx.labels.times import candidates_in, reason_against
from ilms_sdmx.labels.variants import (
    bare,
    halves,
    parts,
    straight,
    without_affixes,
    without_brackets,
    without_section,
)
from ilms_sdmx.words.text import clean, folded, unspaced
from ilms_sdmx.words.vocabulary import of_kinds


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
    names = names_of_codelist(codelist or _codelist(prefix))
    match = _match(label, prefix, languages, names)
    is_area = kinds_of(prefix) == COUNTRIES
    shown = repr(clean(label))
    reason = reason_against(match.code, when, shown) if is_area and match.code else ""
    if not reason:
        return match
    near = candidates_in(match.code, prefix, when, names.codes)
    return LabelMatch(candidates=near, reason=reason, note=match.note)


def _match(
    label: str, prefix: str, languages: tuple[str, ...], names: NamesOfCodelist
) -> LabelMatch:
    """Code of a label, or its refusal, whatever the period."""
    stripped = label.strip()
    if stripped in names.codes and stripped.startswith(prefix):
        return LabelMatch(stripped, "code", stripped)
    half_known = None
    for how, forms in _forms(label, prefix):
        matches = []
        for form in forms:
            matches.append(look_up(form, prefix, languages, names))
        match = agreed(matches, forms, how, prefix)
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


def _codelist(prefix: str) -> str:
    """Codelist of codes with a prefix, that of areas for no prefix."""
    first, _, _ = prefix.partition("_")
    return f"CL_{first}" if prefix else "CL_AREA"


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


def _near(label: str, prefix: str, names: NamesOfCodelist) -> tuple[Candidate, ...]:
    """Codes of the codelist whose labels are like one."""
    near = suggest(label, kinds_of(prefix), prefix)
    if not names.codes:
        return near
    return tuple(candidate for candidate in near if candidate.code in names.codes)


def _refused(label: str, prefix: str, match: LabelMatch, names: NamesOfCodelist) -> LabelMatch:
    """Match without a code, its reason with the label, its candidates those that are near."""
    near = match.candidates
    if not near and match.how != "group":
        near = _near(label, prefix, names)
    reason = match.reason
    if isinstance(reason, Phrase):
        fields = {**reason.fields, "label": repr(clean(label))}
        reason = phrase(reason.id, **fields)
    return LabelMatch(candidates=near, reason=reason, note=match.note)

"""Findings in other languages, from the message catalogues of `dsd/locale/`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, TypeVar

from ilms_sdmx._files import shipped
from ilms_sdmx.errors import MappingError
from ilms_sdmx.findings.catalogue import Case, Rule, rules
from ilms_sdmx.findings.making import shown_cells
from ilms_sdmx.findings.model import FieldValue, Finding, Report
from ilms_sdmx.findings.phrases import Forms, Phrase, phrases

if TYPE_CHECKING:
    from pathlib import Path

#: Language of the catalogue of findings itself.
ENGLISH = "en"
#: Line of a catalogue that names the native speaker who has checked it.
_CHECKED = re.compile(r'^"X-Checked-By: *([^\\"]*)', re.MULTILINE)

AnyReport = TypeVar("AnyReport", bound=Report)


@dataclass(frozen=True)
class Translation:
    """Texts of one language; what it lacks is said in English.

    Parameters
    ----------
    language
        BCP 47 tag: `fr`, `lo`, ...
    texts
        Translation of each pair of a context and an English text; findings have no context,
        words of reports have their key.
    checked_by
        Native speaker who has checked them, empty where nobody has.
    """

    language: str
    texts: Mapping[tuple[str, str], str]
    checked_by: str = ""

    def text(self, english: str, context: str = "") -> str:
        """Translation of an English text, the text itself where there is none.

        Examples
        --------
        >>> translation("fr").text("Every figure has labels.")
        'Chaque chiffre a des libellés.'
        """
        key = context, english
        return self.texts.get(key, english)

    @cached_property
    def phrases(self) -> Mapping[str, Forms]:
        """Forms of every phrase by its id, as `Phrase.translated` takes them."""
        translated_phrases: dict[str, Forms] = {}
        for id, forms in phrases().items():
            said = {}
            for form, text in forms.items():
                said[form] = self.text(text)
            translated_phrases[id] = said
        return translated_phrases


def languages() -> tuple[str, ...]:
    """Languages in which findings and reports can be had, English first.

    Examples
    --------
    >>> languages()[:3]
    ('en', 'es', 'fr')
    """
    names = []
    for path in _folder().glob("*.po"):
        names.append(path.stem)
    names.sort()
    return (ENGLISH, *names)


@cache
def translation(language: str) -> Translation:
    """Texts of a language; of English there are none, for it is what they translate.

    Raises
    ------
    MappingError
        There is no catalogue of that language; the message names those that there are.
    """
    if language == ENGLISH:
        return Translation(ENGLISH, {}, ENGLISH)
    known = languages()
    if language not in known:
        available = ", ".join(known)
        raise MappingError(f"expected a language of {available}; found {language!r}.")
    path = _folder() / f"{language}.po"
    return read_translation(path)


def read_translation(path: Path) -> Translation:
    """Texts of a message catalogue (.po); what is empty or marked fuzzy is left out.

    Raises
    ------
    MappingError
        The file is no message catalogue.
    """
    from babel.messages.pofile import PoFileError, read_po

    try:
        content = path.read_text(encoding="utf-8")
        lines = content.splitlines(keepends=True)
        messages = read_po(lines, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise MappingError(f"{path}: not a message catalogue: {error}") from error
    texts = {}
    for message in messages:
        if message.fuzzy or not message.id or not message.string:
            continue
        context = message.context or ""
        english = str(message.id)
        texts[context, english] = str(message.string)
    checked = _CHECKED.search(content)
    if checked is None:
        return Translation(path.stem, texts)
    checked_by = checked[1].strip()
    return Translation(path.stem, texts, checked_by)


def _folder() -> Path:
    return shipped.dsd() / "locale"


def translated(report: AnyReport, language: str) -> AnyReport:
    """Report whose findings are in a language; places, codes and what was read stay.

    Examples
    --------
    >>> from ilms_sdmx.findings import find
    >>> report = Report((find("empty-dimension", component="SEX"),))
    >>> print(translated(report, "es").findings[0].message)
    SEX no tiene valor.
    """
    if language == ENGLISH:
        return report
    words = translation(language)
    findings = []
    for finding in report:
        said = translated_finding(finding, words)
        findings.append(said)
    return replace(report, findings=tuple(findings))


def translated_rule(rule: Rule, language: str) -> Rule:
    """Rule whose title, meaning and remedy are in a language."""
    words = translation(language)
    title = words.text(rule.title)
    means = words.text(rule.means)
    remedy = words.text(rule.remedy)
    return replace(rule, title=title, means=means, remedy=remedy)


def translated_finding(finding: Finding, words: Translation) -> Finding:
    """Finding in the words of a translation.

    What its maker said in words of his own is left as it is, for only what the catalogue says
    can be said again.
    """
    case = _case(finding)
    if case is None:
        return finding
    speech = _Speech(finding, words)
    expected = speech.said(finding.expected, case.expected)
    speech.foreign["expected"] = expected
    speech.english["expected"] = finding.expected
    sentence = case.text
    if case.one and finding.fields.get("count") == 1:
        sentence = case.one
    message = speech.said(finding.message, sentence)
    cause = speech.said(finding.cause, case.cause)
    fix = speech.said(finding.fix, case.fix)
    affects = speech.said(finding.affects)
    under = finding.under
    if under is not None:
        under = translated_finding(under, words)
    said = replace(finding, message=message, expected=expected, cause=cause)
    return replace(said, fix=fix, affects=affects, under=under)


def _case(finding: Finding) -> Case | None:
    """Case of the catalogue that a finding is of; none for a rule of somebody else."""
    known = rules()
    if finding.rule not in known:
        return None
    rule = known[finding.rule]
    return rule.cases.get(finding.case)


class _Speech:
    """Values of the fields of one finding, as they are and with their phrases translated."""

    def __init__(self, finding: Finding, words: Translation) -> None:
        self.words = words
        self.english: dict[str, FieldValue] = {**finding.fields}
        if "cells" in self.english:
            cells = str(self.english["cells"])
            self.english["cells"] = shown_cells(cells)
        self.english["read"] = finding.read
        self.english["component"] = finding.component
        self.foreign: dict[str, FieldValue] = {}
        for name, value in self.english.items():
            self.foreign[name] = self._value(value)

    def _value(self, value: FieldValue) -> FieldValue:
        if isinstance(value, Phrase):
            return value.translated(self.words.phrases)
        return value

    def said(self, text: str, template: str = "") -> str:
        """Part of the finding in the other language, where it is a text of the catalogue."""
        if isinstance(text, Phrase):
            return text.translated(self.words.phrases)
        if not text or not template:
            return text
        try:
            filled = template.format_map(self.english)
        except KeyError:
            return text
        if filled != text:
            return text
        translated_template = self.words.text(template)
        return translated_template.format_map(self.foreign)


def texts_of_findings() -> Iterator[tuple[str, str]]:
    """Every English text of the catalogue, and which rule or phrase says it as what."""
    for rule in rules().values():
        yield rule.title, f"{rule.id}: title"
        for name, case in rule.cases.items():
            head = rule.id
            if name:
                head = f"{rule.id} ({name})"
            yield from _texts_of_case(case, head)
        yield rule.means, f"{rule.id}: means"
        yield rule.remedy, f"{rule.id}: remedy"
    for id, forms in phrases().items():
        for form, text in forms.items():
            yield text, f"phrase {id}: {form}"


def _texts_of_case(case: Case, head: str) -> Iterator[tuple[str, str]]:
    """Texts of one case, without those that are empty."""
    for part in ("text", "one", "expected", "cause", "fix"):
        text = getattr(case, part)
        if text:
            yield text, f"{head}: {part}"

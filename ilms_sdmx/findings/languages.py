"""Findings in other languages, from the message catalogues of `dsd/locale/`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, TypeVar

from ilms_sdmx import _files
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
        return self.texts.get((context, english), english)

    @cached_property
    def phrases(self) -> Mapping[str, Forms]:
        """Forms of every phrase by its id, as `Phrase.translated` takes them."""
        forms: dict[str, Forms] = {}
        for id, english in phrases().items():
            forms[id] = {form: self.text(text) for form, text in english.items()}
        return forms


def languages() -> tuple[str, ...]:
    """Languages in which findings and reports can be had, English first.

    Examples
    --------
    >>> languages()[:3]
    ('en', 'es', 'fr')
    """
    names = sorted(path.stem for path in _folder().glob("*.po"))
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
    if language not in languages():
        shipped = ", ".join(languages())
        raise MappingError(f"expected a language of {shipped}; found {language!r}.")
    return read_translation(_folder() / f"{language}.po")


def read_translation(path: Path) -> Translation:
    """Texts of a message catalogue (.po); what is empty or marked fuzzy is left out.

    Raises
    ------
    MappingError
        The file is no message catalogue.
    """
    from babel.messages.pofile import PoFileError, read_po

    content = path.read_bytes()
    try:
        with path.open("rb") as stream:
            messages = read_po(stream, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise MappingError(f"{path}: not a message catalogue: {error}") from error
    texts = {}
    for message in messages:
        if message.id and message.string and not message.fuzzy:
            texts[message.context or "", str(message.id)] = str(message.string)
    checked = _CHECKED.search(content.decode("utf-8"))
    checked_by = checked[1].strip() if checked else ""
    return Translation(path.stem, texts, checked_by)


def _folder() -> Path:
    return _files.dsd() / "locale"


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
    findings = tuple(translated_finding(finding, words) for finding in report)
    return replace(report, findings=findings)


def translated_rule(rule: Rule, language: str) -> Rule:
    """Rule whose title, meaning and remedy are in a language."""
    words = translation(language)
    title = words.text(rule.title)
    return replace(rule, title=title, means=words.text(rule.means), remedy=words.text(rule.remedy))


def translated_finding(finding: Finding, words: Translation) -> Finding:
    """Finding in the words of a translation.

    What its maker said in words of his own is left as it is, for only what the catalogue says
    can be said again.
    """
    known = rules()
    case = None
    if finding.rule in known:
        case = known[finding.rule].cases.get(finding.case)
    if case is None:
        return finding
    english, foreign = _named(finding, words)

    def said(part: str, text: str) -> str:
        """Part of a finding in the other language."""
        if isinstance(text, Phrase):
            return text.translated(words.phrases)
        template = getattr(case, part, "")
        if template and _filled(template, english) == text:
            return words.text(template).format_map(foreign)
        return text

    expected = said("expected", finding.expected)
    foreign["expected"] = expected
    return replace(
        finding,
        message=_message(case, finding, said),
        expected=expected,
        cause=said("cause", finding.cause),
        fix=said("fix", finding.fix),
        affects=said("affects", finding.affects),
    )


def _named(
    finding: Finding, words: Translation
) -> tuple[dict[str, FieldValue], dict[str, FieldValue]]:
    """Values of the fields of a finding: as they are, and with their phrases translated."""
    english: dict[str, FieldValue] = {**finding.fields}
    if "cells" in english:
        english["cells"] = shown_cells(str(english["cells"]))
    english["read"] = finding.read
    english["component"] = finding.component
    foreign = dict(english)
    for name, value in english.items():
        if isinstance(value, Phrase):
            foreign[name] = value.translated(words.phrases)
    english["expected"] = finding.expected
    return english, foreign


def _message(case: Case, finding: Finding, said: Callable[[str, str], str]) -> str:
    """Sentence of a finding, of which there is one form for one and one for several."""
    if case.one and finding.fields.get("count") == 1:
        return said("one", finding.message)
    return said("text", finding.message)


def _filled(template: str, fields: Mapping[str, FieldValue]) -> str:
    """Text with its fields filled in; empty where a field is not given."""
    try:
        return template.format_map(fields)
    except KeyError:
        return ""


def texts_of_findings() -> Iterator[tuple[str, str]]:
    """Every English text of the catalogue, and which rule or phrase says it as what."""
    for rule in rules().values():
        yield rule.title, f"{rule.id}: title"
        for name, case in rule.cases.items():
            head = f"{rule.id} ({name})" if name else rule.id
            for part in ("text", "one", "expected", "cause", "fix"):
                if text := getattr(case, part):
                    yield text, f"{head}: {part}"
        yield rule.means, f"{rule.id}: means"
        yield rule.remedy, f"{rule.id}: remedy"
    for id, forms in phrases().items():
        for form, text in forms.items():
            yield text, f"phrase {id}: {form}"

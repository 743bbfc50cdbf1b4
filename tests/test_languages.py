"""Findings and reports in other languages: every field survives, and what is not checked says so."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from string import Formatter
from types import ModuleType

import pytest

from ilms_sdmx import Report, convert, example, validation_page
from ilms_sdmx.cli import run
from ilms_sdmx.errors import MappingError
from ilms_sdmx.findings import Place, find, phrase, rules
from ilms_sdmx.findings.languages import (
    languages,
    read_translation,
    texts_of_findings,
    translated,
    translation,
)
from ilms_sdmx.outputs.reports.catalogues import catalogue, texts_of_reports
from ilms_sdmx.outputs.reports.conversion import conversion_page

ROOT = Path(__file__).parents[1]
OTHERS = [language for language in languages() if language != "en"]
WHOLE = ["es", "fr"]
FIELD = re.compile(r"{{|}}|{(\w+)")
ENGLISH = {("", text) for text, _ in texts_of_findings()} | set(texts_of_reports().items())


def fields(text: str) -> set[str]:
    return {name for name in FIELD.findall(text) if name}


def test_languages_are_the_ones_of_the_region_and_of_the_ilo() -> None:
    assert languages() == ("en", "es", "fr", "id", "km", "lo", "my", "th", "vi")


@pytest.mark.parametrize("language", OTHERS)
def test_every_field_of_a_text_is_in_its_translation(language: str) -> None:
    lost = {}
    for (context, english), text in translation(language).texts.items():
        list(Formatter().parse(text))
        if fields(english) != fields(text):
            lost[context, english] = fields(english) ^ fields(text)
    assert lost == {}


@pytest.mark.parametrize("language", OTHERS)
def test_code_and_commands_in_a_text_are_not_translated(language: str) -> None:
    changed = {}
    for (_, english), text in translation(language).texts.items():
        for code in re.findall(r"`(ilms-sdmx \w+|[a-z_]+:|OBS_STATUS)", english):
            if code not in text:
                changed[english] = code
    assert changed == {}


def missing(language: str) -> list[str]:
    known = translation(language).texts
    keyed = {(context, text) for context, text in known}
    return sorted(text for context, text in ENGLISH if (context, text) not in keyed)


@pytest.mark.parametrize("language", WHOLE)
def test_french_and_spanish_are_whole_but_for_texts_of_the_last_days(language: str) -> None:
    lacking = missing(language)
    assert len(lacking) < 0.2 * len(ENGLISH), "python docs/messages.py, then translate"


@pytest.mark.slow
@pytest.mark.parametrize("language", WHOLE)
def test_french_and_spanish_are_whole(language: str) -> None:
    assert missing(language) == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_words_of_the_conversion_report_are_there(language: str) -> None:
    parts = ("page", "table", "severity", "findings", "conversion", "sheets", "bucket", "card")
    known = translation(language).texts
    lacking = []
    for key, text in texts_of_reports().items():
        is_shown = key.split(".")[0] in (*parts, "observations", "datasets")
        of_one = key.endswith((".one", ".and-nested"))
        if is_shown and not of_one and (key, text) not in known and key != "findings.under":
            lacking.append(key)
    assert lacking == []


#: Findings that most tables meet, and the phrases in them: whole in every language.
COMMONEST = {
    "unknown-label": [""], "unknown-period": [""], "unknown-code": [""], "not-taken": [""],
    "undecided": ["", "skipped"], "unexplained-cell": ["", "word"], "total-differs": ["", "at-most"],
    "percent-differs": [""], "malformed-number": ["", "cell"], "figure-without-heading": [""],
    "blank-among-figures": [""], "conflicting-observations": [""], "repeated-observation": [""],
    "labels-unchecked": [""], "labels-changed": ["gains", "loses", "both"], "edition-changed": ["", "new"],
    "sex-sum": [""], "parts-short": [""], "negative-value": [""], "period-gap": [""], "year-jump": [""],
    "level-shift": [""], "structure-unknown": [""], "stated-otherwise": [""], "missing-attribute": [""],
}  # fmt: skip
MET = [(rule, case) for rule, cases in COMMONEST.items() for case in cases]


@pytest.mark.parametrize("language", OTHERS)
def test_the_commonest_findings_are_whole(language: str) -> None:
    known = translation(language).texts
    lacking = []
    for rule, name in MET:
        case = rules()[rule].cases[name]
        for text in (case.text, case.one, case.expected, case.cause, case.fix):
            if text and ("", text) not in known:
                lacking.append((rule, name, text))
    assert lacking == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_words_of_the_terminal_are_there(language: str) -> None:
    labels = catalogue(language).labels
    single = {"{count} observation"}
    same = {"note", "error", "cause", "{count} observations"}
    english = {key for key, text in labels.items() if text == key}
    assert english - single <= same
    assert len(labels) > 25


EVERY = [(rule.id, case) for rule in rules().values() for case in rule.cases]


@pytest.mark.parametrize("language", OTHERS)
def test_every_finding_can_be_said(language: str) -> None:
    for rule, name in EVERY:
        case = rules()[rule].cases[name]
        texts = [case.text, case.one, case.expected, case.cause, case.fix]
        named = set().union(*map(fields, texts)) - {"read", "component", "expected"}
        values: dict[str, int] = dict.fromkeys(named, 7312)
        met = find(rule, case=name, read="READ", component="SEX", **values)
        (said,) = translated(Report((met,)), language)
        assert (said.rule, said.severity, said.place) == (met.rule, met.severity, met.place)
        assert "{" not in said.message.replace("{{", "")
        if "7312" in met.message:
            assert re.search("7.?312", said.message), said.message


def test_a_finding_is_said_in_the_words_of_its_language() -> None:
    met = find(
        "unknown-label", Place(cell="B4"), read="Kannada", component="CDS", codelist="CL_CDS"
    )
    (said,) = translated(Report((met,)), "fr")
    assert said.message == "Le libellé 'Kannada' n'a pas de code pour CDS."
    assert str(said.place) == "B4"
    assert translated(Report((met,)), "en").findings == (met,)


def test_phrases_within_phrases_are_said_too() -> None:
    cause = phrase(
        "lone-sum", cause=phrase("digits-swapped", figure="X", read="12", meant="21")
    )
    met = find("negative-value", cause=cause, read="-1")
    (said,) = translated(Report((met,)), "es")
    assert said.cause == (
        "posible, pues una sola suma descansa en ello: dos dígitos intercambiados: X dice 12, "
        "21 hace coincidir todas las sumas"
    )


def test_what_a_maker_said_in_other_words_stays() -> None:
    met = find("negative-value", read="-1", fix="Ask the harbour office.")
    (said,) = translated(Report((met,)), "fr")
    assert said.fix == "Ask the harbour office."
    assert said.message == "Le chiffre est négatif."


def test_a_rule_that_is_not_of_the_catalogue_stays() -> None:
    from ilms_sdmx import Finding, Severity

    own = Finding("office-rule", "Look at it.", Severity.NOTE)
    assert translated(Report((own,)), "fr").findings == (own,)


def test_a_language_without_catalogue_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(MappingError, match="en, es, fr, id, km, lo, my, th, vi; found 'tlh'"):
        translation("tlh")


@pytest.mark.parametrize("language", OTHERS)
def test_a_page_says_in_both_languages_that_nobody_has_checked_its_words(language: str) -> None:
    page = validation_page(Report(), name="x", words=catalogue(language))
    assert f'<html lang="{language}"' in page
    assert f'<span lang="{language}">{catalogue(language).notices[0][1]}'.split("'")[0] in page
    assert "not yet checked by a native speaker" in page


def test_an_english_page_has_no_such_notice() -> None:
    page = validation_page(Report(), name="x")
    assert "native speaker" not in page


def test_a_conversion_report_is_in_lao() -> None:
    done = convert(*example("khm-abroad"))
    page = conversion_page(done, words=catalogue("lo"))
    assert "ລາຍງານການແປງ" in page
    assert "55 ຫ້ອງ: " in page
    assert "ຍອດລວມທີ່ພິມແມ່ນ" in page
    assert done.report.findings[0].message.startswith("The 3 parts sum to")


def po(folder: Path, text: str, head: str = "") -> Path:
    path = folder / "xx.po"
    text = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n{head}\n{text}'
    path.write_text(text, encoding="utf-8")
    return path


def test_a_catalogue_of_a_translator_is_read(tmp_path: Path) -> None:
    text = 'msgid "A"\nmsgstr "Ā"\n\n#, fuzzy\nmsgid "B"\nmsgstr "B?"\n\nmsgid "C"\nmsgstr ""\n'
    read = read_translation(po(tmp_path, text, '"X-Checked-By: A. Reader\\n"\n'))
    assert read.texts == {("", "A"): "Ā"}
    assert read.checked_by == "A. Reader"
    assert (read.text("A"), read.text("B"), read.text("C")) == ("Ā", "B", "C")


@pytest.mark.parametrize("text", ["hello", 'msgid "A"\nmsgid_of_nothing "B"\n', "\x00\x01"])
def test_a_file_that_is_no_catalogue_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"xx\.po: not a message catalogue"):
        read_translation(po(tmp_path, text))


def test_the_commands_take_the_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "r.html"
    words = ["convert", "--example", "khm-abroad", "--check", "--language", "vi"]
    assert run(words) == 1
    assert "tổng in là" in capsys.readouterr().out
    words = ["convert", "--example", "khm-abroad", "-o", str(tmp_path / "o")]
    assert run([*words, "--report", str(page), "--language", "id"]) == 1
    assert "Laporan konversi" in page.read_text(encoding="utf-8")
    assert run([*words, "--language", "tlh"]) == 3
    data = next((tmp_path / "o").glob("*MNAS*.csv"))
    assert run(["validate", str(data), "--language", "fr", "--format", "html"]) == 2
    assert "Rapport de validation" in capsys.readouterr().out


def test_the_terminal_says_its_labels_in_the_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["convert", "--example", "khm-abroad", "--language", "es", "-o", str(tmp_path)]
    assert run(words) == 1
    said = capsys.readouterr().out
    assert said.startswith("advertencia total-differs")
    lines = {line.split("  ")[1] for line in said.splitlines() if line.startswith("  ")}
    assert {"leído", "esperado", "corrección", "afecta a"} <= lines
    assert "22 observaciones en 3 conjuntos de datos" in said
    assert "escrito " in said
    assert not re.search(
        r"\b(warning|read|expected|fix|affects|cells|wrote|data sets?)\b", said
    )
    data = next(tmp_path.glob("*MNAS*.csv"))
    run(["validate", str(data), "--language", "fr"])
    said = capsys.readouterr().out
    for word in ("erreur", "lu ", "attendu", "Couverture", "Constats par règle"):
        assert word in said
    assert not re.search(r"\b(error|read|expected|fix|affects|Coverage|Severity)\b", said)


def test_english_paragraphs_are_as_they_were() -> None:
    met = find("unknown-label", Place(cell="B4"), read="X", component="CDS", codelist="CL_CDS")
    assert str(met) == met.paragraph(catalogue("en").labels)
    assert str(met).splitlines()[2:] == ["  read      X", "  expected  a code of CL_CDS"]


def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", ROOT / "docs" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_changed_text_keeps_its_translation_for_a_person_to_look_at(tmp_path: Path) -> None:
    from babel.messages.catalog import Catalog

    text = 'msgid "The figure is negative here."\nmsgstr "Le chiffre est négatif ici."\n'
    path = po(tmp_path, text).rename(tmp_path / "fr.po")
    english = Catalog()
    english.add("The figure is negative there.")
    english.add("Another.")
    renewed = messages().renewed(path, english).decode()
    assert "fuzzy" in renewed
    assert "Le chiffre est négatif ici." in renewed
    assert "Another." not in renewed
    path.write_text(renewed, encoding="utf-8")
    assert read_translation(path).texts == {}
    assert "Another." in messages().renewed(path, english, every=True).decode()

"""Findings: what is said of them on paper, in a frame and for machines."""

from __future__ import annotations

import ast
import json
import pickle
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ilms_sdmx
from ilms_sdmx._files import shipped
from ilms_sdmx.findings import (
    Finding,
    Phrase,
    Place,
    Report,
    Rule,
    Severity,
    find,
    phrase,
    rules,
)
from ilms_sdmx.findings.catalogue import GROUPS
from ilms_sdmx.findings.phrases import phrases
from ilms_sdmx.validation.formats import to_csv, to_json

CATALOGUE = shipped.dsd() / "findings"
STEP = "Write 0 for none."
EMPTY_CELL = Finding("facet", Severity.ERROR, "A cell is empty.", Place(cell="B7"), fix=STEP)


def test_how_to_fix_a_finding_is_said_under_its_old_name_for_one_release() -> None:
    report = Report((EMPTY_CELL,))
    assert EMPTY_CELL.mend == EMPTY_CELL.fix == STEP
    assert f"  fix       {STEP}" in str(EMPTY_CELL).splitlines()
    assert list(report.frame()[["fix", "mend"]].iloc[0]) == [STEP, STEP]
    entry = json.loads(to_json(report))["findings"][0]
    assert (entry["fix"], entry["mend"]) == (STEP, STEP)
    header = to_csv(report).splitlines()[0].split(",")
    assert {"fix", "mend"} <= set(header)


def test_a_rule_is_met_with_the_severity_and_the_text_of_the_catalogue() -> None:
    met = find(
        "unknown-label", Place(cell="B7"), read="Burma", component="CCT", codelist="CL_CCT"
    )
    assert met.severity is Severity.ERROR
    assert met.message == "The label 'Burma' has no code for CCT."
    assert met.expected == "a code of CL_CCT"
    assert (met.case, dict(met.fields)) == ("", {"codelist": "CL_CCT"})


def test_a_case_of_a_rule_may_be_of_another_severity() -> None:
    assert find("header", component="Sender", read="Unknown").severity is Severity.ERROR
    nobody = find("header", case="nobody", component="Sender", read="Unknown")
    assert (nobody.severity, nobody.fix) == (Severity.WARNING, "Give the header its Sender.")


@pytest.mark.parametrize(
    ("count", "text"),
    [(1, "1 period is missing before 2020."), (3, "3 periods are missing before 2020.")],
)
def test_one_has_a_sentence_of_its_own(count: int, text: str) -> None:
    assert find("period-gap", count=count, period="2020").message == text


def test_what_the_maker_says_comes_before_what_the_catalogue_says() -> None:
    met = find("facet", component="NOTE", expected="at most 20 letters", fix="Say less.")
    assert (met.expected, met.fix) == ("at most 20 letters", "Say less.")


@pytest.mark.parametrize(
    ("rule", "case"), [("no-such-rule", ""), ("header", "no-such-case"), ("period-gap", "")]
)
def test_an_unknown_rule_or_case_or_a_field_that_is_not_given_is_an_error(
    rule: str, case: str
) -> None:
    with pytest.raises(KeyError):
        find(rule, case=case)


@given(
    st.text(),
    st.dictionaries(
        st.sampled_from(["codelist", "left"]), st.text() | st.integers(), min_size=2
    ),
)
def test_text_of_a_source_is_shown_as_it_is_and_never_read_as_a_field(
    read: str, fields: dict[str, str | int]
) -> None:
    met = find("unknown-code", component="{left}", read=read, **fields)
    assert met.message.startswith(f"{{left}} has the code {read!r}, which ")
    assert pickle.loads(pickle.dumps(met)) == met
    assert hash(met) == hash(find("unknown-code", component="{left}", read=read, **fields))


def test_a_report_says_the_file_of_findings_that_have_none() -> None:
    report = Report((EMPTY_CELL, EMPTY_CELL.at(file="mapping.yaml")))
    named = report.at(file="table.xlsx")
    assert [f.place.file for f in named] == ["table.xlsx", "mapping.yaml"]
    assert [f.place.cell for f in named] == ["B7", "B7"]


def test_sections_of_the_catalogue_are_the_whole_files() -> None:
    ids = [
        id
        for group in GROUPS
        for id in tomllib.loads((CATALOGUE / f"{group}.toml").read_text(encoding="utf-8"))
    ]
    assert list(rules()) == ids
    assert {path.stem for path in CATALOGUE.glob("*.toml")} == {*GROUPS, "common", "phrases"}


@pytest.mark.parametrize("rule", rules().values(), ids=rules())
def test_every_rule_says_what_it_means_and_what_to_do(rule: Rule) -> None:
    assert rule.title.endswith(".")
    assert rule.means
    assert rule.remedy
    assert rule.cases
    for case in rule.cases.values():
        assert case.text[0].isupper() or case.text[0] == "{"
        assert case.text.endswith(".")
        assert not case.one or "{count" in case.text


def test_the_terminal_shows_its_help_without_the_catalogue() -> None:
    code = (
        "import sys; from ilms_sdmx.cli import run; run(['--help']);"
        "sys.exit('tomllib' in sys.modules or 'ilms_sdmx.findings' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0


PACKAGE = Path(ilms_sdmx.__file__).parent
SOURCES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}
#: Fields that a text may name besides those that its maker gives.
GIVEN = {"read", "expected", "component"}


def calls_of_find() -> Iterator[tuple[str, ast.Call]]:
    """Calls of `find` with the id of a rule, each with its place in the source."""
    for path, tree in SOURCES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id == "find" and isinstance(node.args[0], ast.Constant):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


def literals(node: ast.expr | None) -> list[str]:
    """Texts that an expression can be, none where the source does not say them."""
    if node is None:
        return [""]
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    return []


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


CALLS = dict(calls_of_find())


@pytest.mark.parametrize("place", CALLS)
def test_every_maker_gives_the_fields_that_its_text_names(place: str) -> None:
    call = CALLS[place]
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in keywords:
        return
    assert isinstance(call.args[0], ast.Constant)
    cases = rules()[call.args[0].value].cases
    for name in literals(keywords.get("case")):
        case = cases[name]
        wanted = names_in(case.text) | names_in(case.one)
        for part in ("expected", "cause", "fix"):
            if part not in keywords:
                wanted |= names_in(getattr(case, part))
        assert wanted <= {*keywords, *GIVEN}, name


def test_every_rule_of_the_catalogue_is_met_somewhere() -> None:
    named = {
        node.value
        for path, tree in SOURCES.items()
        if path.relative_to(PACKAGE).parts[0] != "findings"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
    }
    for table in shipped.dsd().glob("*.csv"):
        named |= set(re.split(r"[,\n]", table.read_text(encoding="utf-8")))
    assert set(rules()) <= named


def test_only_the_catalogue_says_how_grave_a_finding_is() -> None:
    allowed = [PACKAGE / part for part in ("findings", "outputs/reports", "cli")]
    wrong = []
    for path, tree in SOURCES.items():
        if any(path.is_relative_to(folder) for folder in allowed):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Severity":
                wrong.append(f"{path}:{node.lineno}")
    assert not wrong


def calls_of_phrase() -> Iterator[tuple[str, ast.Call]]:
    for path, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "phrase":
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


PHRASES = dict(calls_of_phrase())


@pytest.mark.parametrize("place", PHRASES)
def test_every_phrase_is_given_the_fields_that_it_names(place: str) -> None:
    call = PHRASES[place]
    given = {keyword.arg for keyword in call.keywords}
    for id in literals(call.args[0]):
        for form in phrases()[id].values():
            assert names_in(form) <= given, id


def test_every_phrase_of_the_catalogue_is_said_somewhere() -> None:
    named = {
        node.value
        for tree in SOURCES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
    }
    assert set(phrases()) <= named
    assert all(set(forms) <= {"text", "one"} for forms in phrases().values())


#: Makers of texts that are no part of a finding: errors, patterns, what is shown of an object.
ELSEWHERE = ("Error", "_error", ".fail", "compile", "__repr__")
#: A sentence: three words of small letters, fields between them or not.
SENTENCE = re.compile(r"[a-z]{2,},? (\S*\{\}\S* )*[a-z]{2,},? (\S*\{\}\S* )*[a-z]{2,}")


def is_elsewhere(node: ast.AST) -> bool:
    """Whether the texts of a node are no part of a finding."""
    if isinstance(node, ast.FunctionDef):
        return node.name.endswith(ELSEWHERE)
    if isinstance(node, ast.Call):
        return ast.unparse(node.func).endswith(ELSEWHERE)
    if isinstance(node, ast.keyword):
        # What the provenance of a figure says of its bucket.
        return node.arg == "why"
    is_documentation = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_documentation or isinstance(node, ast.Raise | ast.AnnAssign)


def texts_of(tree: ast.AST) -> Iterator[str]:
    """Texts of a module that may be said in a finding, fields as empty braces."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [getattr(part, "value", "") for part in node.values]
            yield "".join(part if isinstance(part, str) else "{}" for part in parts)
        elif isinstance(node, ast.Constant):
            yield str(node.value)
        elif not is_elsewhere(node):
            yield from texts_of(node)


#: Packages in which all that is said of data is said by the catalogue.
SAYING_NOTHING = """
validation analysis/comparison/remarks.py analysis/comparison/sides.py conversion/checks
conversion/figures conversion/layout conversion/extraction.py conversion/undecided.py
conversion/filling/losses.py conversion/filling/filled.py conversion/filling/notes.py
conversion/filling/labels.py conversion/filling/period_marks.py mapping/unmapped.py
mapping/times.py mapping/duplicates.py mapping/resolving.py mapping/filling.py
messages/checks messages/json/reader.py messages/json/structure.py messages/xml/roles.py
messages/csv/writer.py outputs/questionnaire/reading.py outputs/questionnaire/filling.py
outputs/questionnaire/remarks.py structures/live.py structures/selfcheck.py
database/upkeep.py periods sums tables/legacy tables/numbers.py tables/separators.py
analysis/inventory/breaks.py labels/matching.py labels/lookup.py labels/agreement.py labels/times.py labels/dated.py labels/ages.py
"""
#: A language of rules, which is no English.
RULES = PACKAGE / "validation" / "vtl.py"


@pytest.mark.parametrize("part", SAYING_NOTHING.split())
def test_no_sentence_of_a_finding_is_made_in_the_code(part: str) -> None:
    assert (PACKAGE / part).exists()
    sentences = []
    for path, tree in SOURCES.items():
        if path.is_relative_to(PACKAGE / part) and path != RULES:
            sentences += [text for text in texts_of(tree) if SENTENCE.search(text)]
    assert not sentences


@given(st.text(), st.integers(0, 3))
def test_a_phrase_is_a_text_that_can_be_said_in_another_language(read: str, count: int) -> None:
    inner = phrase("figures-not-written", count=count)
    met = phrase("both", first=inner, second=read)
    number = "1 figure" if count == 1 else f"{count} figures"
    assert met == f"{number}, not written; {read}"
    again = pickle.loads(pickle.dumps(met))
    assert (again, again.id, again.fields) == (met, met.id, met.fields)
    malay = {
        "both": {"text": "{first}; {second}"},
        "figures-not-written": {"text": "{count} angka, tidak ditulis"},
    }
    assert again.translated(malay) == f"{count} angka, tidak ditulis; {read}"


def test_a_cause_of_a_finding_knows_what_it_was_made_of() -> None:
    cause = phrase("digits-swapped", figure="PHL.A", read="12", meant="21")
    met = find("malformed-number", cause=phrase("lone-sum", cause=cause))
    assert isinstance(met.cause, Phrase)
    assert met.cause.fields == {"cause": cause}
    assert json.loads(to_json(Report((met,))))["findings"][0]["cause"] == str(met.cause)

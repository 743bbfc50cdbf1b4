"""Patterns of a mapping: words, `*`, expressions and `except:`, none of which can run away."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx import convert
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping import parse_mapping
from ilms_sdmx.mapping.expressions import Expression
from ilms_sdmx.mapping.model import MappedValue, RepresentationMap
from ilms_sdmx.mapping.patterns import Except, Labels, Pattern, which_match
from ilms_sdmx.mapping.resolving import Resolver, expression_of
from tests.mappings import by_country

MINIMAL = by_country("decimal: .")
LETTERS = "abAB*"
#: Expressions whose meaning must be that of Python, on letters and digits of every script.
LIKE_PYTHON = (
    r"\d+",
    r"^([\d,]+) \(([\d.]+)%\)$",
    r"[^\W\d_]+",
    r"(\w+)\W(\w+)",
    r"[]a]+",
    r"[\S]+",
    r"a{,2}b",
    r"\bmen\b",
    r"\u0e01+",
    r"(20\d\d)",
    r"^(?!Total)",
    r"^(?!(?:Total|All)$)(\w)",
    r"^(?![)T])x?",
    r"[\W]+",
    r".\Z",
)
TEXTS = st.text("aAbTotalmenwo 12๑๒ชายâéữ,.()%[]-_\u2014\u0e31", max_size=12)


def seconds(call) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


@given(st.text(LETTERS, max_size=8), st.text("abAB", max_size=12))
def test_a_star_is_anything_and_nothing_else(words: str, text: str) -> None:
    every = ".*".join(map(re.escape, words.split("*")))
    expected = re.fullmatch(every, text, re.IGNORECASE) is not None
    if "*" in words:
        assert Pattern(words).matches(text) == expected


@given(st.sampled_from(LIKE_PYTHON), TEXTS)
def test_an_expression_means_what_it_means_in_python(source: str, text: str) -> None:
    found = Expression(source).search(text)
    expected = re.search(source, text)
    assert (found is None) == (expected is None)
    if found and expected:
        groups = range(re.compile(source).groups + 1)
        assert [found.group(n) for n in groups] == [expected.group(n) for n in groups]


@given(
    st.lists(st.sampled_from(["Men", "*en", "/^w/", "T*l", "ชาย", "total:"]), max_size=4),
    st.lists(st.sampled_from(["Men", "Women", "TOTAL", "ชาย ", "tal", ""]), max_size=5),
)
def test_many_labels_at_once_are_what_each_is_alone(
    words: list[str], labels: list[str]
) -> None:
    several = [*map(Pattern, words), Except((Pattern("*n"), Pattern("total")))]
    for pattern in several:
        together = which_match([pattern], Labels(labels))
        assert together.tolist() == [pattern.matches(label) for label in labels]


def test_stars_do_not_run_away() -> None:
    note = Pattern("*employment*abroad*in*year*of*nothing*")
    text = "employment abroad in year " * 400
    assert seconds(lambda: note.matches(text)) < 0.2


@pytest.mark.parametrize("source", [r"(\w+\s?)+x", r"(a|a)*b", r"(.*)*$x", r"(x+x+)+y"])
def test_no_expression_runs_away(source: str) -> None:
    texts = ("land " * 5000, "a" * 20000, "x" * 20000)
    for text in texts:
        assert seconds(lambda text=text: Expression(source).fullmatch(text)) < 0.5


def test_an_expression_of_a_code_map_answers_at_once() -> None:
    line = MappedValue((r"(\w+\s?)+x",), "X", regex=True)
    resolver = Resolver(RepresentationMap("c", (line,)))
    assert seconds(lambda: resolver.resolve(("land " * 3000 + "!",))) < 0.5
    assert resolver.resolve(("lands of x",)).code == "X"


def test_what_must_not_begin_a_label_is_read_by_its_text() -> None:
    old = Pattern("/^(?!Tổng số)/")
    new = Except((Pattern("Tổng số*"),))
    labels = ["Tổng số", "Tổng số năm 2019", "Nhật Bản", ""]
    assert list(map(old.matches, labels)) == [False, False, True, True]
    assert list(map(new.matches, labels)) == [False, False, True, True]


def test_a_code_map_may_say_what_its_labels_do_not_begin_with() -> None:
    expression = expression_of("(?!Total).*")
    assert expression.fullmatch("Japan")
    assert not expression.fullmatch("Total of Japan")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (r"x(?!y)", "look-ahead"),
        (r"(?<=x)y", "look-behind"),
        (r"(a)\1", "references to groups"),
        (r"(a", "missing )"),
        (r"^(?!a", "(?!"),
        (r"\C", "means nothing"),
        (r"a{2000}", "2000"),
        (r"\bชาย\b", "English letters"),
    ],
)
def test_what_cannot_be_matched_in_bounded_time_names_its_line(
    source: str, reason: str
) -> None:
    text = MINIMAL + f"notes: ['/{source}/']\n"
    line = len(text.splitlines())
    with pytest.raises(MappingError, match=rf"line {line}, at notes") as caught:
        parse_mapping(text)
    assert reason in str(caught.value)


def test_except_needs_words() -> None:
    text = MINIMAL.replace(
        "datasets:\n  - ", "datasets:\n  - where: {country: {except: Total}}\n    "
    )
    (dataset,) = parse_mapping(text).datasets
    (words,) = dataset.where["country"]
    assert words.matches("Japan")
    assert not words.matches("TOTAL:")
    with pytest.raises(MappingError, match=r"'excpt'.*did you mean 'except'"):
        parse_mapping(text.replace("except", "excpt"))


def test_a_word_under_except_that_no_figure_has_is_named(tmp_path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("Country,2019\nTotal,30\nJapan,10\nKorea,20\n", encoding="utf-8")
    rules = "    rules: [{where: {country: {except: [Total, Abroad]}}, note: of one country}]\n"
    text = MINIMAL.replace("    columns: [year]\n", "    columns: [year]\n" + rules)
    done = convert(table, parse_mapping(text))
    (finding,) = [f for f in done.report if f.rule == "label-not-found"]
    assert finding.expected == "Abroad"
    figures = done.provenance.set_index("cell")
    assert figures.loc["B3", "bucket"] == "observation"


def test_notes_of_several_rules_are_joined_and_the_first_bucket_counts(tmp_path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("Country,2019\nTotal,30\nJapan,10\nKorea,20\n", encoding="utf-8")
    rules = """    rules:
      - {where: {country: Total}, bucket: total, note: printed}
      - {where: {country: '*'}, note: of all}
      - {where: {country: T*}, bucket: ignore, why: never, note: last}
"""
    text = MINIMAL.replace("    columns: [year]\n", "    columns: [year]\n" + rules)
    done = convert(table, parse_mapping(text))
    provenance = done.provenance.set_index("cell")
    assert provenance.loc["B2", "bucket"] == "total"
    assert provenance.loc["B2", "note"] == "printed; of all; last"
    assert provenance.loc["B3", "note"] == "of all"

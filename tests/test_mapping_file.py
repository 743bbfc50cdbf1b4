"""The mapping file is read strictly, and its errors name line, key and what was expected."""

import random
from pathlib import Path

import jsonschema_rs
import pytest
from ruamel.yaml import YAML

from ilms_sdmx import convert, example, examples
from ilms_sdmx.errors import IlmsError, MappingError
from ilms_sdmx.mapping import json_schema, parse_mapping
from ilms_sdmx.mapping.file.keys import KEYS

ROOT = Path(__file__).parents[1]
GOOD = """\
mapping: 2
tables:
  - name: t
    begin: NO
    rows: [{name: country}]
    columns: [year]
    rules:
      - {where: {country: Total}, bucket: total}
codes:
  c: {values: {NO: A, "1.10": B, Japan: ~}}
datasets:
  - dataflow: XX:DF_T
    components: {AREA: {from: country, codes: c}, TIME_PERIOD: {period: year}}
"""


def test_every_value_is_the_text_that_stands_there() -> None:
    mapping = parse_mapping(GOOD)
    assert mapping.tables[0].begin.text == "NO"
    assert [(v.source[0], v.code) for v in mapping.codes["c"].values] == [
        ("NO", "A"),
        ("1.10", "B"),
        ("Japan", None),
    ]
    assert mapping.datasets[0].dataflow == "XX:DF_T(1.0)"


WRONG = [
    ("mapping: 2", "mapping: 3", "line 1", "version 1 or 2"),
    ("    begin: NO\n", "", "line 3", "the key 'begin'"),
    ("    begin: NO", "    begn: NO", "line 4", "did you mean 'begin'?"),
    ("bucket: total", "bucket: totals", "line 8", "did you mean 'total'?"),
    ("bucket: total", "bucket: ignore", "line 8", "a reason under why"),
    ("country: Total", "country: /(/", "line 8", "a regular expression"),
    ("codes: c}", "codes: cc}", "line 13", "did you mean 'c'?"),
    ("XX:DF_T", "DF_T", "line 12", "a dataflow such as"),
    (
        "{period: year}",
        "{period: year, from: x}",
        "line 13",
        "one of value, notes, from or period",
    ),
    ("Japan: ~", "NO: B", "line 10", "each key once"),
    ("  c: {values", "  c: {match: yes, values", "line 10", "a codelist to match with"),
    ("rows: [{name: country}]", "rows: country", "line 5", "a list"),
    ("begin: NO", "begin: NO\n    header: one", "line 5", "a whole number"),
    ("begin: NO", "begin: NO\n    title: maybe", "line 5", "true or false"),
    (
        "begin: NO",
        "begin: NO\n    checks: [{relation: equal}]",
        "line 5",
        "one of total, constant or tree",
    ),
    ("begin: NO", "begin: NO\n   header: 1", "line 5", "YAML"),
    ("{country: Total}", "{contry: Total}", "line 8", "did you mean 'country'?"),
    ("{from: country, ", "{from: land, ", "line 12", "a heading of 'XX:DF_T'"),
    (
        "columns: [year]",
        "columns: [year]\n    checks: [{tree: country}]",
        "line 7",
        "indent: true",
    ),
    (
        "columns: [year]",
        "columns: [year]\n    checks: [{total: {yaer: x}}]",
        "line 7",
        "did you mean 'year'?",
    ),
]


@pytest.mark.parametrize(("good", "wrong", "line", "words"), WRONG)
def test_what_is_wrong_is_named_with_its_line(
    good: str, wrong: str, line: str, words: str
) -> None:
    assert good in GOOD
    with pytest.raises(MappingError) as caught:
        parse_mapping(GOOD.replace(good, wrong, 1))
    assert line in str(caught.value)
    assert words in str(caught.value)


def test_an_empty_file_is_no_mapping() -> None:
    with pytest.raises(MappingError, match="found nothing in it"):
        parse_mapping("")


def test_a_code_map_is_not_read_from_outside_the_folder(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="a file next to the mapping"):
        parse_mapping(
            GOOD.replace("c: {values", "c: {file: ../../etc/passwd, values"), folder=tmp_path
        )


@pytest.mark.parametrize("section", KEYS)
def test_every_key_is_in_the_reference(section: str) -> None:
    page = (ROOT / "docs" / "reference" / "mapping-file.md").read_text(encoding="utf-8")
    part = page.split(f"## {section}\n")[1].split("\n## ")[0]
    for key, meaning in KEYS[section].items():
        assert f"| `{key.rstrip('*')}`" in part
        assert meaning.replace("|", "/") in part


def test_there_are_fourteen_examples() -> None:
    assert len(examples()) == 14


@pytest.mark.parametrize("name", examples())
def test_the_schema_for_editors_accepts_every_example(name: str) -> None:
    text = example(name)[1].read_text(encoding="utf-8")
    jsonschema_rs.validate(json_schema(), YAML(typ="safe").load(text))


def test_the_schema_for_editors_refuses_a_key_that_does_not_exist() -> None:
    wrong = YAML(typ="safe").load(GOOD.replace("begin", "begins"))
    with pytest.raises(jsonschema_rs.ValidationError, match="begins"):
        jsonschema_rs.validate(json_schema(), wrong)


@pytest.mark.parametrize("name", ["khm-abroad", "tha-work-permits"])
def test_whatever_is_wrong_in_a_mapping_file_only_documented_errors_come_out(name: str) -> None:
    """Lines removed, exchanged or broken at random: a conversion, or an error of the tree."""
    table, path = example(name)
    lines = path.read_text(encoding="utf-8").splitlines()
    chance = random.Random(7)
    outcomes = set()
    for _ in range(8):
        spoiled, at = list(lines), chance.randrange(len(lines))
        other = chance.randrange(len(lines))
        spoiled[at], spoiled[other] = spoiled[other].replace(":", ": x", 1), spoiled[at]
        try:
            convert(table, parse_mapping("\n".join(spoiled), path.name, path.parent))
            outcomes.add("converted")
        except IlmsError:
            outcomes.add("refused")
    assert "refused" in outcomes

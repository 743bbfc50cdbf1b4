"""Each concept has one home: the table in docs/contributing.md says where, and there is no second one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ilms_sdmx

PACKAGE = Path(ilms_sdmx.__file__).parent
CHECKOUT = Path(__file__).parent.parent
CONTRIBUTING = CHECKOUT / "docs" / "contributing.md"
ROW = re.compile(r"^\| (?P<concept>[^|]+) \| (?P<files>[^|]+) \|$", re.M)
FILE = re.compile(r"`([\w/.*]+)`(?:: `(\w+)`)?")
#: Forms of TIME_PERIOD of which a reader of periods accepts one or more, and words that it does not.
PERIODS = ("2020-Q3", "2020-W01", "2020-S1", "2020-12", "2020-02-29", "2014-10-01/P1Y")
NO_PERIODS = ("", "banana", "SEX_T", "12", "KHM 1", "15-24", "12-34-56")


def rows() -> list[tuple[str, str, str]]:
    """Concept, file and name of each entry of the table."""
    text = CONTRIBUTING.read_text(encoding="utf-8")
    table = text.partition("| concept | file |")[2].partition("\n\n")[0]
    entries = []
    for row in ROW.finditer(table):
        for file, name in FILE.findall(row["files"]):
            entries.append((row["concept"], file, name))
    return entries


@pytest.mark.parametrize(("concept", "file", "name"), rows())
def test_a_concept_is_where_the_table_says(concept: str, file: str, name: str) -> None:
    paths = list(CHECKOUT.glob(file))
    assert paths, f"{concept}: there is no {file}"
    if name:
        names = {defined for path in paths for defined in names_of(path)}
        assert name in names, f"{concept}: {file} has no {name}"


def names_of(path: Path) -> Iterator[str]:
    """Functions, classes and constants that a module defines."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_the_table_answers_the_questions_of_a_newcomer() -> None:
    concepts = " ".join(concept for concept, _, _ in rows())
    for asked in ("fiscal year", "thousand", "total is compared", "severity", "bucket"):
        assert asked in concepts


def patterns(path: Path) -> Iterator[str]:
    """Texts of a module that are compiled as expressions, or searched with."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        is_expression = node.func.attr in {
            "compile",
            "match",
            "fullmatch",
            "search",
            "finditer",
        }
        if is_expression and node.args and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)


OUTSIDE = [
    p for p in sorted(PACKAGE.rglob("*.py")) if p.relative_to(PACKAGE).parts[0] != "periods"
]


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nobody_else_reads_a_time_period(path: Path) -> None:
    for pattern in patterns(path):
        try:
            expression = re.compile(pattern)
        except re.error:
            continue
        if any(expression.fullmatch(text) for text in NO_PERIODS):
            continue
        read = [text for text in PERIODS if expression.fullmatch(text)]
        assert not read, f"{pattern!r} reads {read}: ask ilms_sdmx.periods"

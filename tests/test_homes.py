"""Each concept has one home, and the table in docs/contributing.md says where it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ilms_sdmx

CHECKOUT = Path(__file__).parent.parent
PACKAGE = Path(ilms_sdmx.__file__).parent
CONTRIBUTING = CHECKOUT / "docs" / "contributing.md"
ROW = re.compile(r"^\| (?P<concept>[^|]+) \| (?P<files>[^|]+) \|$", re.M)
FILE = re.compile(r"`([\w/.*]+)`(?:: `(\w+)`)?")


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
    # The package may be installed elsewhere than the tests are.
    root = PACKAGE.parent if file.startswith("ilms_sdmx/") else CHECKOUT
    paths = list(root.glob(file))
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

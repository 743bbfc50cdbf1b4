"""The code stays plain: few things in one statement, few comprehensions, small packages, no cycles.

Syntax nodes a statement do not change with the layout of the lines; admired libraries of this field have
between 6 and 8 of them.
"""

from __future__ import annotations

import ast
import dataclasses
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import ilms_sdmx
from ilms_sdmx.labels import classifications
from ilms_sdmx.mapping import document, layout, model, patterns

PACKAGE = Path(ilms_sdmx.__file__).parent
NODES_A_STATEMENT = 7.5
#: Parts that have been written in plain statements stay so; the others come after them.
NODES_OF_PARTS = {
    "periods": 7.0,
    "words": 7.0,
    "sums": 7.0,
    "findings": 7.0,
    "drafting": 7.05,
    "mapping": 7.0,
    "labels": 7.0,
    "datasets": 7.0,
    "structures": 7.0,
    "validation": 7.0,
    "analysis/comparison": 7.0,
    "database": 7.0,
    "outputs/service": 7.4,
    "sources": 7.5,
    "conversion": 7.0,
}
COMPREHENSIONS_A_FUNCTION = 0.35
MODULES_A_PACKAGE = 24
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
PATHS = sorted(PACKAGE.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def bodies(path: Path) -> Iterator[list[ast.stmt]]:
    """Statements of each function of a file, without its docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            has_docstring = ast.get_docstring(node) is not None
            yield node.body[1:] if has_docstring else node.body


def nodes_inside(body: list[ast.stmt]) -> list[ast.AST]:
    nodes = [node for statement in body for node in ast.walk(statement)]
    return [node for node in nodes if not isinstance(node, ast.expr_context)]


def imported_modules(path: Path) -> set[str]:
    """Modules of the package that a file imports, also inside functions and for types."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names & MODULES - {module_name(path)}


MODULES = {module_name(path) for path in PATHS}


def measured(paths: list[Path]) -> tuple[float, float]:
    """Nodes a statement, and comprehensions a function, of some files."""
    nodes = statements = comprehensions = functions = 0
    for path in paths:
        for body in bodies(path):
            inside = nodes_inside(body)
            nodes += len(inside)
            statements += sum(isinstance(node, ast.stmt) for node in inside)
            comprehensions += sum(isinstance(node, COMPREHENSIONS) for node in inside)
            functions += bool(body)
    return nodes / statements, comprehensions / functions


def test_a_statement_says_one_thing() -> None:
    nodes, comprehensions = measured(PATHS)
    assert nodes <= NODES_A_STATEMENT
    assert comprehensions <= COMPREHENSIONS_A_FUNCTION


@pytest.mark.parametrize("part", NODES_OF_PARTS)
def test_what_has_become_plain_stays_plain(part: str) -> None:
    start = PACKAGE / part
    paths = [path for path in PATHS if path.is_relative_to(start)]
    nodes, _ = measured(paths)
    assert nodes <= NODES_OF_PARTS[part]


def test_a_package_has_few_doors() -> None:
    sizes = Counter(name.rpartition(".")[0] for name in MODULES)
    large = {name: size for name, size in sizes.items() if size > MODULES_A_PACKAGE}
    assert not large


def test_no_modules_import_each_other_not_even_lazily() -> None:
    imports = {module_name(path): imported_modules(path) for path in PATHS}
    while True:
        leaves = {name for name, targets in imports.items() if not targets & imports.keys()}
        if not leaves:
            break
        imports = {name: targets for name, targets in imports.items() if name not in leaves}
    assert not imports, "these modules import each other, or something in such a circle"


def undocumented(public: type) -> list[str]:
    """Fields of a type that its docstring does not name."""
    missing = []
    for field in dataclasses.fields(public):
        if not field.name.startswith("_") and field.name not in (public.__doc__ or ""):
            missing.append(f"{public.__name__}.{field.name}")
    return missing


def test_every_field_of_a_public_type_is_documented() -> None:
    missing = []
    for name in ilms_sdmx.__all__:
        public = getattr(ilms_sdmx, name)
        if dataclasses.is_dataclass(public):
            missing += undocumented(public)
    assert not missing


@pytest.mark.parametrize(
    "module", [classifications, document, layout, model, patterns], ids=lambda m: m.__name__
)
def test_every_field_of_what_a_mapping_says_has_a_line_of_its_docstring(
    module: ModuleType,
) -> None:
    missing = []
    for name, public in vars(module).items():
        is_own = getattr(public, "__module__", "") == module.__name__
        if not is_own or name.startswith("_") or not dataclasses.is_dataclass(public):
            continue
        lines = (public.__doc__ or "").splitlines()
        headings = {word.strip() for line in lines for word in line.split(",")}
        for field in dataclasses.fields(public):
            if field.name not in headings:
                missing.append(f"{name}.{field.name}")
    assert not missing

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

import ilms_sdmx

PACKAGE = Path(ilms_sdmx.__file__).parent
NODES_A_STATEMENT = 8.0
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


def test_a_statement_says_one_thing() -> None:
    nodes = statements = comprehensions = functions = 0
    for path in PATHS:
        for body in bodies(path):
            inside = nodes_inside(body)
            nodes += len(inside)
            statements += sum(isinstance(node, ast.stmt) for node in inside)
            comprehensions += sum(isinstance(node, COMPREHENSIONS) for node in inside)
            functions += bool(body)
    assert nodes / statements <= NODES_A_STATEMENT
    assert comprehensions / functions <= COMPREHENSIONS_A_FUNCTION


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


def test_every_field_of_a_public_type_is_documented() -> None:
    missing = []
    for name in ilms_sdmx.__all__:
        public = getattr(ilms_sdmx, name)
        if not dataclasses.is_dataclass(public):
            continue
        for field in dataclasses.fields(public):
            if not field.name.startswith("_") and field.name not in (public.__doc__ or ""):
                missing.append(f"{name}.{field.name}")
    assert not missing


#: Packages in which no function is called as its module is.
TOLD_APART = ("comparison", "validation")


def test_no_function_is_called_as_its_module() -> None:
    """`pairs.pairs(pairs)` does not say which of them is meant."""
    alike = []
    for path in PATHS:
        if path.relative_to(PACKAGE).parts[0] not in TOLD_APART:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name == path.stem:
                alike.append(module_name(path))
    assert not alike

"""A module imports only from floors below its own, and third parties have floors too."""

import ast
from pathlib import Path

import pytest

import ilms_sdmx

PACKAGE = Path(ilms_sdmx.__file__).parent
FLOORS = [
    {"_package"},
    {"errors"},
    {"_files"},
    {"findings", "words", "downloads"},
    {"periods", "sums"},
    {"structures"},
    {"records", "tables"},
    {"datasets", "labels"},
    {"messages", "mapping"},
    {"validation"},
    {"database", "protection"},
    {"conversion", "microdata", "sources"},
    {"drafting", "comparison", "estimates"},
    {"inventory"},
    {"reports"},
    {"questionnaire"},
    {"exchange", "service"},
    {"cli"},
    {"__main__"},
]
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
#: Third party package to the parts that may import it.
GUESTS = {
    "requests": {"downloads"},
    "openpyxl": {"tables", "reports"},
    "python_calamine": {"tables", "sources"},
    "xlrd": {"tables"},
    "rapidfuzz": {"labels"},
    "duckdb": {"database", "microdata"},
    "pyreadstat": {"microdata"},
    "click": {"cli"},
    "starlette": {"service"},
    "starlette_compress": {"service"},
    "uvicorn": {"cli"},
    "jinja2": {"reports"},
    "altair": {"reports"},
    "vl_convert": {"reports"},
    "xlsxwriter": {"questionnaire", "reports"},
}


def part(path: Path) -> str:
    """Top-level module or subpackage of a file."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Modules that a file imports, at any depth of nesting but for type checking."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
        for node in ast.walk(block)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if node.module == "ilms_sdmx" else {node.module or ""}
    return found


MODULES = sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    own = part(path)
    assert own in FLOOR, f"{own} has no floor"
    for name in imports(path):
        if name.startswith("ilms_sdmx."):
            other = name.split(".")[1]
            assert other == own or FLOOR[other] < FLOOR[own], (
                f"{own} imports {other}, which is not below it"
            )


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_third_parties_stay_on_their_floor(path: Path) -> None:
    for name in imports(path):
        allowed = GUESTS.get(name.split(".")[0])
        assert allowed is None or part(path) in allowed, f"{part(path)} imports {name}"

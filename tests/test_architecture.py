"""A module imports only from floors below its own, and third parties have floors too."""

import ast
from pathlib import Path

import pytest

import ilms_sdmx

PACKAGE = Path(ilms_sdmx.__file__).parent
FLOORS = [
    {"errors"},
    {"_files"},
    {"findings", "words", "downloads"},
    {"periods", "sums"},
    {"structures"},
    {"records", "tables"},
    {"datasets", "labels"},
    {"messages", "mapping"},
    {"validation"},
    {"database", "analysis.protection"},
    {"conversion", "microdata", "sources"},
    {"drafting", "analysis.comparison", "analysis.estimates"},
    {"analysis.inventory", "outputs.desk"},
    {"outputs.reports"},
    {"outputs.questionnaire"},
    {"outputs.exchange"},
    {"outputs.service"},
    {"outputs.web"},
    {"cli"},
    {"__main__"},
]
#: Folders that hold parts with floors of their own, and no code.
GROUPS = {"analysis", "outputs"}
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
#: Third party package to the parts that may import it.
GUESTS = {
    "requests": {"downloads"},
    "openpyxl": {"tables", "outputs.reports"},
    "python_calamine": {"tables", "sources"},
    "xlrd": {"tables"},
    "rapidfuzz": {"labels"},
    "duckdb": {"database", "microdata"},
    "pyspark": {"microdata"},
    "py4j": {"microdata"},
    "pyreadstat": {"microdata"},
    "click": {"cli"},
    "starlette": {"outputs.service", "outputs.web"},
    "starlette_compress": {"outputs.service"},
    "uvicorn": {"cli", "outputs.service", "outputs.web"},
    "jinja2": {"outputs.reports", "outputs.web"},
    "altair": {"outputs.reports"},
    "vl_convert": {"outputs.reports"},
    "xlsxwriter": {"outputs.questionnaire", "outputs.reports"},
}


def part(module: str) -> str:
    """Part of the package that a module belongs to: its first name, or two within a group."""
    names = module.split(".")[1:]
    return ".".join(names[:2]) if names[0] in GROUPS else names[0]


def part_of_file(path: Path) -> str:
    inside = path.relative_to(PACKAGE.parent).with_suffix("")
    return part(".".join(inside.parts).removesuffix(".__init__"))


#: What a name is imported from that is itself a part.
FOLDERS = {"ilms_sdmx", *(f"ilms_sdmx.{group}" for group in GROUPS)}


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
            found |= names if node.module in FOLDERS else {node.module or ""}
    return found


def is_code(path: Path) -> bool:
    """Whether a file is a module of a part, neither the root nor the door of a group."""
    return path not in {PACKAGE / folder / "__init__.py" for folder in (*GROUPS, "")}


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if is_code(path))


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_a_group_is_a_folder_of_parts_and_no_code(group: str) -> None:
    assert [path.name for path in (PACKAGE / group).glob("*.py")] == ["__init__.py"]
    assert len(ast.parse((PACKAGE / group / "__init__.py").read_bytes()).body) == 1


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    own = part_of_file(path)
    assert own in FLOOR, f"{own} has no floor"
    for name in imports(path):
        if name.startswith("ilms_sdmx."):
            other = part(name)
            assert other == own or FLOOR[other] < FLOOR[own], (
                f"{own} imports {other}, which is not below it"
            )


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_third_parties_stay_on_their_floor(path: Path) -> None:
    for name in imports(path):
        allowed = GUESTS.get(name.split(".")[0])
        own = part_of_file(path)
        assert allowed is None or own in allowed, f"{own} imports {name}"

"""What is installed is what the checkout holds."""

import importlib.metadata
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

import ilms_sdmx
from ilms_sdmx._files import shipped

ROOT = Path(__file__).parents[1]


def listing(folder: Path) -> set[str]:
    return {
        str(p.relative_to(folder))
        for p in folder.rglob("*")
        if p.is_file() and p.suffix != ".pyc"
    }


def test_the_structures_of_the_checkout_are_the_ones_the_package_reads() -> None:
    if not (ROOT / "dsd").is_dir():
        pytest.skip("no checkout beside these tests")
    assert listing(shipped.dsd()) == listing(ROOT / "dsd")


def test_examples_travel_with_the_package() -> None:
    assert any(shipped.examples().rglob("*.yaml"))


def test_every_package_of_the_checkout_goes_into_the_wheel() -> None:
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    folders = [path.parent for path in (ROOT / "ilms_sdmx").rglob("__init__.py")]
    packages = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    if not packages:
        pytest.skip("no checkout beside these tests")
    assert packages <= set(settings["options"]["packages"].split())


def test_version_is_stated_once() -> None:
    try:
        installed = importlib.metadata.version("ilms-sdmx")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("run from a bare checkout")
    assert ilms_sdmx.__version__ == installed


def test_newest_heading_of_the_changelog_is_this_version_or_unreleased() -> None:
    text = (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")
    headings = [line for line in text.splitlines() if line.startswith("## [")]
    assert headings[0] in {"## [Unreleased]"} or headings[0].startswith(
        f"## [{ilms_sdmx.__version__}]"
    )


def test_help_imports_neither_pandas_nor_sdmx() -> None:
    code = (
        "import sys; from ilms_sdmx.cli import run; run(['--help']);"
        "heavy = {'pandas', 'sdmx', 'numpy', 'pyarrow', 'rich', 'requests'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_changelog_is_short_enough_to_be_read() -> None:
    text = (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")
    lines = text.splitlines()
    long = [line for line in lines if len(line) > 160]
    assert not long, "one line for what a person can do"
    assert not [line for line in lines if line.startswith(" ")], "one line, not two"
    assert len(lines) < 120, (
        "a change of what the release brings changes its line, or adds none"
    )

"""Examples of docstrings run and print what they say."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import ilms_sdmx

MODULES = ["ilms_sdmx"] + [
    m.name
    for m in pkgutil.walk_packages(ilms_sdmx.__path__, "ilms_sdmx.")
    if not m.name.endswith("__main__") and ".dsd" not in m.name
]


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_a_module_run(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    assert doctest.testmod(importlib.import_module(module), optionflags=options).failed == 0

"""Known faults in tables that add up: all are found, nearly all named, none named wrongly."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "validation_truth.py"


@pytest.fixture(scope="module")
def truth() -> ModuleType:
    spec = importlib.util.spec_from_file_location("validation_truth", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def check(truth: ModuleType, tables: list[object], least: int) -> None:
    scores = truth.score(tables, others=False)
    assert sum(score.faults for score in scores.values()) >= least
    for kind, score in scores.items():
        assert score.found >= score.arithmetic, kind
        assert not score.wrong, kind
    named = [scores[kind] for kind in truth.NAMED]
    right = sum(score.right + score.possible for score in named)
    assert right >= 0.8 * sum(score.arithmetic for score in named)


@pytest.mark.parametrize(
    ("flows", "least"), [(2, 38), pytest.param(5, 95, marks=pytest.mark.slow)]
)
def test_faults_in_made_tables_are_found_and_named(
    truth: ModuleType, flows: int, least: int
) -> None:
    """One fault of each of twenty kinds in a table of each dataflow."""
    made = list(truth.MADE.items())[:flows]
    check(truth, [truth.made(flow, codes, "LAO", 1) for flow, codes in made], least)


@pytest.mark.slow
@pytest.mark.shared
def test_faults_in_published_tables_are_found_and_named(
    truth: ModuleType, shared: Path
) -> None:
    check(truth, truth.tables(shared / "data" / "ilms" / "tables"), 400)

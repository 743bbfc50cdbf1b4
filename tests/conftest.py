"""Fixtures of the whole suite."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture
def shared() -> Path:
    """Folder of reference material beside the checkout; the test skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("reference material is not beside this checkout")
    return SHARED

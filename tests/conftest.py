"""Fixtures and profiles of the whole suite."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SHARED = Path(__file__).parents[2] / "shared"

settings.register_profile(
    "gate", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("gate")


@pytest.fixture
def shared() -> Path:
    """Folder of reference material beside the checkout; the test skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("reference material is not beside this checkout")
    return SHARED

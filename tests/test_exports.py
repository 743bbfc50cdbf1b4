"""The package root offers the public names, sorted, and nothing else."""

from pathlib import Path

import ilms_sdmx


def test_every_public_name_resolves() -> None:
    for name in ilms_sdmx.__all__:
        assert getattr(ilms_sdmx, name) is not None


def test_stub_is_sorted_and_has_no_repeats() -> None:
    stub = Path(ilms_sdmx.__file__).with_suffix(".pyi").read_text(encoding="utf-8").splitlines()
    assert stub == sorted(set(stub))

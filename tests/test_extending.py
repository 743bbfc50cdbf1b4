"""What belongs to a source, a format and a bucket is all there: docs/how-to/extend.md says how to add one."""

from __future__ import annotations

import re
import tomllib
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest

import ilms_sdmx
from ilms_sdmx import Components, Dataset
from ilms_sdmx.cli.fetch import fetch
from ilms_sdmx.conversion.result.conversions import WORDS
from ilms_sdmx.messages.dispatch import READERS, WRITERS
from ilms_sdmx.outputs.reports.annotations import COLOURS
from ilms_sdmx.sources import SOURCES

CHECKOUT = Path(__file__).parent.parent
DOCS = CHECKOUT / "docs"
PACKAGE = Path(ilms_sdmx.__file__).parent
REPORTS = PACKAGE / "outputs" / "reports"
HOW_TO = (DOCS / "how-to" / "extend.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:\w+/)+[\w.]+\.\w+)`", HOW_TO))))
def test_the_guide_names_files_that_are_there(path: str) -> None:
    # The package may be installed elsewhere than the tests are.
    root = PACKAGE.parent if path.startswith("ilms_sdmx/") else CHECKOUT
    assert (root / path).is_file()


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_has_its_row_in_the_reference(source: str) -> None:
    assert f"| `{source}` |" in (DOCS / "reference" / "sources.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_named_in_the_help_of_its_command(source: str) -> None:
    words = re.findall(r"[\w-]+", fetch.help or "")
    assert source in words


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_says_what_it_takes(source: str) -> None:
    provider = SOURCES[source]
    assert provider.meaning
    assert provider.summary
    assert "base_url" in provider.options


@pytest.mark.parametrize("format", WRITERS)
def test_a_format_is_written_and_recognised(format: str) -> None:
    frame = pd.DataFrame(
        {"REF_AREA": ["LAO"], "TIME_PERIOD": ["2020"], "OBS_VALUE": ["12.50"]}, dtype="string"
    )
    stream = BytesIO()
    dataset = Dataset(
        frame, Components(("REF_AREA", "TIME_PERIOD")), "ILO:DF_X(1.0)", "ILO:X(1.0)"
    )
    ilms_sdmx.write(dataset, stream, format)
    message = ilms_sdmx.read(stream.getvalue())
    family = format.rpartition("-")[0] if "csv" in format else format
    assert message.format.startswith(family)
    assert message.datasets[0].observations["OBS_VALUE"].tolist() == ["12.50"]


@pytest.mark.parametrize("format", WRITERS)
def test_a_format_has_a_reader_and_a_row_in_the_reference(format: str) -> None:
    assert any(format.startswith(family) for family in READERS)
    pages = [DOCS / "reference" / name for name in ("messages.md", "messages-csv-json.md")]
    assert any(format in page.read_text(encoding="utf-8") for page in pages)


@pytest.mark.parametrize("bucket", WORDS)
def test_a_bucket_has_its_words_its_colour_and_its_line(bucket: str) -> None:
    catalogue = tomllib.loads((REPORTS / "catalogues" / "en.toml").read_text(encoding="utf-8"))
    assert catalogue["bucket"][str(bucket)]
    assert str(bucket) in COLOURS
    accounting = (DOCS / "explanation" / "accounting.md").read_text(encoding="utf-8")
    first_cells = " ".join(re.findall(r"^\| ([\w, ]+) \|", accounting, re.M))
    assert str(bucket) in first_cells


def test_the_summary_knows_every_bucket() -> None:
    bucket = type(next(iter(WORDS)))
    assert set(WORDS) == set(bucket)

"""What we write is valid by the official schemas and the one generated from the structure."""

import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ilms_sdmx import Components, Dataset, MessageError
from ilms_sdmx.messages import Contact, Header, Party, read, write
from ilms_sdmx.messages.values import pack
from tests.generated import FULL, cells, datasets
from tests.schemas import errors

HEADER = Header(
    id="T",
    prepared="2025-01-01T00:00:00Z",
    sender=Party(
        "PSA",
        {"en": "Philippine Statistics Authority"},
        (Contact({"en": "A. B."}, channels=(("Email", "a@b"),)),),
    ),
    receivers=(Party("ILO"), Party("ADB")),
    names={"en": "Migration", "fr": "Migrations"},
    data_provider="ILO:DATA_PROVIDERS(1.0).PSA",
    action="Replace",
    dataset_ids=("D1",),
    extracted="2025-01-01T00:00:00",
    reporting_begin="2020",
    reporting_end="2024-12",
    embargo="2025-02-01T00:00:00",
    sources={"en": "LFS & census"},
)
FORMATS = ["sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-ml-3.1"]


def written(data: object, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    write(data, buffer, format, header=HEADER, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("layout", ["series", "flat", "SEX"])
@settings(max_examples=8)
@given(dataset=datasets())
def test_valid(format: str, layout: str, dataset: Dataset) -> None:
    message = written(dataset, format, layout=layout)
    assert errors(message, None if format.endswith("generic") else FULL, layout) == []


@pytest.mark.parametrize("format", ["sdmx-ml-2.1", "sdmx-ml-2.1-generic"])
@settings(max_examples=8)
@given(dataset=datasets())
def test_a_message_of_time_series_is_valid_and_has_the_same_content(
    format: str, dataset: Dataset
) -> None:
    message = written(dataset, format, time_series=True)
    assert errors(message, None if format.endswith("generic") else FULL) == []
    root = etree.QName(etree.fromstring(message)).localname
    other = etree.QName(etree.fromstring(written(dataset, format))).localname
    assert root == other.replace("Data", "TimeSeriesData")
    assert message.replace(root.encode(), other.encode()) == written(dataset, format)
    again = read(message, FULL)
    assert again.format == format
    assert cells(again.datasets[0]) == cells(dataset)


def test_a_message_of_time_series_has_nothing_else(tmp_path: Path) -> None:
    frame = pd.DataFrame({n: ["2020"] for n in FULL.columns}, dtype="string")
    one = Dataset(frame, FULL, structure="ILO:X(1.0)")
    other = Dataset(frame, FULL, structure="ILO:Y(1.0)")
    for layout in ("flat", "SEX"):
        with pytest.raises(MessageError, match="expected series by TIME_PERIOD"):
            written(one, "sdmx-ml-2.1", time_series=True, layout=layout)
    with pytest.raises(MessageError, match="one structure"):
        written([one, other], "sdmx-ml-2.1-generic", time_series=True)
    assert len(read(written([one, other], "sdmx-ml-2.1", time_series=True)).datasets) == 2
    with pytest.raises(MessageError, match="one structure"):
        write(
            iter([one, replace(other, number=1)]),
            tmp_path / "x",
            "sdmx-ml-2.1-generic",
            time_series=True,
        )
    assert not (tmp_path / "x").exists()
    for format in ("sdmx-ml-3.0", "sdmx-csv-1.0", "sdmx-json-2.0"):
        with pytest.raises(TypeError, match="time_series"):
            written(one, format, time_series=True)


@pytest.mark.parametrize("format", ["sdmx-ml-3.0", "sdmx-ml-3.1"])
@settings(max_examples=8)
@given(dataset=datasets(composite=True))
def test_several_values_and_languages_are_valid(format: str, dataset: Dataset) -> None:
    assert errors(written(dataset, format), dataset.components) == []


@pytest.mark.parametrize("format", FORMATS)
@given(action=st.sampled_from(["Append", "Replace", "Delete", "Information", "Merge"]))
def test_every_action_is_valid(format: str, action: str) -> None:
    frame = pd.DataFrame({n: ["2020"] for n in FULL.columns}, dtype="string")
    message = written(Dataset(frame, FULL, structure="ILO:X(1.0)", action=action), format)
    assert errors(message, None if format.endswith("generic") else FULL) == []


@pytest.mark.shared
@pytest.mark.parametrize(
    ("sample", "structure", "format", "layout"),
    [
        ("ng-ts-ss.xml", "ng-structure-full.xml", "sdmx-ml-2.1", "series"),
        ("ng-flat-ss.xml", "ng-structure-full.xml", "sdmx-ml-2.1", "flat"),
        ("sg-ts-ss.xml", "sg-structure-full.xml", "sdmx-ml-2.1", "series"),
        ("sg-xs-ss.xml", "sg-structure-full.xml", "sdmx-ml-2.1", "CURRENCY"),
        ("rg-ts-ss.xml", "rg-structure-full.xml", "sdmx-ml-2.1", "series"),
        ("rg-flat-ss.xml", "rg-structure-full.xml", "sdmx-ml-2.1", "flat"),
    ],
)
def test_official_samples_written_again_are_valid(
    shared: Path, tmp_path: Path, sample: str, structure: str, format: str, layout: str
) -> None:
    sdmx = pytest.importorskip("sdmx")
    folder = shared / "data/messages/ECB_EXR"
    definition = next(
        iter(sdmx.read_sdmx(io.BytesIO((folder / structure).read_bytes())).structure.values())
    )
    message = read(folder / sample, definition)
    write(message, tmp_path / "again.xml", format, layout=layout)
    command = [
        sys.executable,
        shared / "tools/ss_validate.py",
        tmp_path / "again.xml",
        folder / structure,
    ]
    # The validator writes a schema of a fixed name: not where other tests write theirs.
    own = {**os.environ, "TMPDIR": str(tmp_path)}
    result = subprocess.run(
        command, capture_output=True, encoding="utf-8", check=False, env=own
    )
    assert result.returncode == 0, result.stdout


def test_composite_cells_may_be_plain_lists() -> None:
    components = Components(
        ("REF_AREA", "TIME_PERIOD"),
        ("OBS_VALUE",),
        {"S": ("OBS_VALUE",)},
        composite=frozenset({"S"}),
    )
    frame = pd.DataFrame(
        {
            "REF_AREA": ["PHL"],
            "TIME_PERIOD": ["2020"],
            "OBS_VALUE": ["1"],
            "S": [pack(["A", "F"])],
        }
    )
    assert (
        errors(written(Dataset(frame, components, "ILO:X(1.0)"), "sdmx-ml-3.0"), components)
        == []
    )

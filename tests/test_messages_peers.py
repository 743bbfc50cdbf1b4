"""Other implementations read what we write to the same values, and we read official samples as they do."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sdmx.reader.xml.v30  # noqa: F401  sdmx1 fails to load it once it has read a 2.1 message

from ilms_sdmx import Dataset
from ilms_sdmx.messages import Header, from_sdmx1, read, write
from tests.generated import FULL, cells

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings(
        "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
    ),
]
HEADER = Header(id="T", prepared="2025-01-01T00:00:00Z")
#: Awkward enough to show escaping, plain enough that every peer can hold it.
ROWS = {
    "FREQ": ["A"] * 4,
    "REF_AREA": ["PHL", "PHL", "LAO", "NA"],
    "SEX": ["F", "F", "M", "M"],
    "TIME_PERIOD": ["2020", "2021", "2020", "2020"],
    "OBS_VALUE": ["1.10", "1e-3", "3", "12345678901234567"],
    "TITLE": ["A & B"] * 4,
    "UNIT_MULT": ["0", "0", "3", "3"],
    "SOURCE": ['say "hi"', "it's <x>", "é", "ครัวเรือน"],
    "NOTE_GROUP": ["g", "g", "h", "i"],
    "OBS_STATUS": ["A", "B", "A", "A"],
}


def dataset() -> Dataset:
    return Dataset(pd.DataFrame(ROWS, dtype="string"), FULL, structure="ILO:X(1.0)")


def written(format: str, layout: str) -> bytes:
    buffer = io.BytesIO()
    write(dataset(), buffer, format, header=HEADER, layout=layout)
    return buffer.getvalue()


def records(frame: pd.DataFrame, columns: list[str]) -> set[tuple[str, ...]]:
    return {tuple(map(str, row)) for row in frame[columns].itertuples(index=False)}


@pytest.mark.parametrize("layout", ["series", "flat"])
@pytest.mark.parametrize(
    "format", ["sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-ml-3.1"]
)
def test_pysdmx_reads_our_output(format: str, layout: str) -> None:
    from pysdmx.io import read_sdmx

    found = read_sdmx(written(format, layout).decode(), validate=False).get_datasets()[0].data
    columns = [c for c in ROWS if c in found.columns]
    assert {*FULL.dimensions, "OBS_VALUE", "OBS_STATUS"} <= set(columns)
    assert records(found, columns) == records(dataset().observations, columns)


@pytest.mark.parametrize("layout", ["series", "flat"])
@pytest.mark.parametrize("format", ["sdmx-ml-2.1", "sdmx-ml-2.1-generic"])
def test_sdmx1_reads_our_output(format: str, layout: str) -> None:
    import sdmx

    data = sdmx.read_sdmx(io.BytesIO(written(format, layout))).data[0]
    found = {(*(o.key[d].value for d in FULL.dimensions), str(o.value)) for o in data.obs}
    columns = [*FULL.dimensions, "OBS_VALUE"]
    assert {tuple(map(str, key)) for key in found} == records(dataset().observations, columns)


@pytest.mark.parametrize("layout", ["series", "flat"])
@pytest.mark.parametrize("format", ["sdmx-ml-2.1", "sdmx-ml-2.1-generic"])
def test_sdmxthon_reads_our_output(format: str, layout: str, tmp_path: Path) -> None:
    import sdmxthon

    (tmp_path / "m.xml").write_bytes(written(format, layout))
    content = sdmxthon.read_sdmx(str(tmp_path / "m.xml")).content
    found = next(iter(content.values())).data
    columns = [*FULL.dimensions, "OBS_VALUE"]
    assert records(found, columns) == records(dataset().observations, columns)


SAMPLES = {
    "ng": [
        "ng-flat",
        "ng-flat-ss",
        "ng-ts",
        "ng-ts-gf",
        "ng-ts-gf-ss",
        "ng-ts-ss",
        "ng-xs",
        "ng-xs-ss",
    ],
    "rg": ["rg-flat", "rg-flat-ss", "rg-ts", "rg-ts-gf", "rg-ts-gf-ss", "rg-xs", "rg-xs-ss"],
    "sg": [
        "sg-flat",
        "sg-ts",
        "sg-ts-gf",
        "sg-ts-gf-ss",
        "sg-ts-gf-flat-ss",
        "sg-ts-ss",
        "sg-xs",
        "sg-xs-ss",
    ],
}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("kind", "sample"), [(k, s) for k, names in SAMPLES.items() for s in names]
)
def test_official_samples_agree_with_sdmx1(kind: str, sample: str, shared: Path) -> None:
    import sdmx

    folder = shared / "data/messages/ECB_EXR"
    structure: Any = sdmx.read_sdmx(
        io.BytesIO((folder / f"{kind}-structure-full.xml").read_bytes())
    ).structure
    definition = next(iter(structure.values()))
    data = (folder / f"{sample}.xml").read_bytes()
    theirs = from_sdmx1(sdmx.read_sdmx(io.BytesIO(data), structure=definition).data[0])
    ours = read(data, definition).datasets[0]
    columns = [
        *ours.components.dimensions,
        "OBS_VALUE",
        "OBS_STATUS",
        "DECIMALS",
        "TITLE",
        "COLL_METHOD",
    ]
    assert records(ours.observations, columns) == records(theirs.observations, columns)


#: pysdmx 1.21 joins some groups to the wrong observations, or drops what stands on a generic group.
WRONG = {"rg-ts", "rg-ts-gf", "rg-xs", "sg-xs"}


@pytest.mark.shared
@pytest.mark.parametrize(
    "sample", [s for names in SAMPLES.values() for s in names if s not in WRONG]
)
def test_official_samples_agree_with_pysdmx(sample: str, shared: Path) -> None:
    from pysdmx.io import read_sdmx

    path = shared / f"data/messages/ECB_EXR/{sample}.xml"
    theirs = read_sdmx(path.read_text(encoding="utf-8"), validate=False).get_datasets()[0].data
    ours = read(path).datasets[0].observations
    columns = [c for c in theirs.columns if c in ours.columns]
    assert {"CURRENCY", "TIME_PERIOD", "OBS_VALUE"} <= set(columns)
    assert records(ours, columns) == records(theirs, columns)


@pytest.mark.shared
def test_every_official_data_sample_reads(shared: Path) -> None:
    counts = {}
    for path in sorted((shared / "data/messages").rglob("*.xml")):
        head = path.read_bytes()[:3000]
        if (
            b"GenericData" in head
            or b"StructureSpecificData" in head
            or b"TimeSeriesData" in head
        ):
            counts[path.name] = sum(len(d) for d in read(path))
    assert len(counts) == 28
    assert set(counts.values()) == {3, 12, 60, 116, 252}


@pytest.mark.shared
def test_sample_of_3_0_written_again_is_valid(shared: Path, tmp_path: Path) -> None:
    import sdmx

    folder = shared / "data/messages/sdmx-ml-3.0.0/samples/Data - Complex Data Attributes"
    structures: Any = sdmx.read_sdmx(
        io.BytesIO((folder / "ECB_EXR_CA_DSD.xml").read_bytes())
    ).structure
    definition = next(iter(structures.values()))
    message = read(folder / "ECB_EXR_CA.xml", definition)
    assert message.datasets[0].components.attributes["OBS_STATUS"] == ("OBS_VALUE",)
    write(message, tmp_path / "again.xml", "sdmx-ml-3.0")
    assert cells(read(tmp_path / "again.xml", definition).datasets[0]) == cells(
        message.datasets[0]
    )
    command = [sys.executable, shared / "tools/ss_validate.py", tmp_path / "again.xml"]
    # The validator writes a schema of a fixed name: not where other tests write theirs.
    own = {**os.environ, "TMPDIR": str(tmp_path)}
    result = subprocess.run(
        [*command, folder / "ECB_EXR_CA_DSD.xml"],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env=own,
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.shared
def test_complex_attributes_of_the_official_sample(shared: Path) -> None:
    path = (
        shared
        / "data/messages/sdmx-ml-3.0.0/samples/Data - Complex Data Attributes/ECB_EXR_CA.xml"
    )
    shown = cells(read(path).datasets[0])
    assert shown["OBS_STATUS"] == ['["A","F"]', '["J","U","N"]', '["A"]']
    assert shown["SOURCE_AGENCY"][0] == '["4F0","4D0","CZ2"]'
    assert "Texte anglais supplémentaire" in str(shown["TITLE"][0])

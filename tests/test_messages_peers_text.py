"""Other implementations read the CSV that we write to the same values; we read JSON as they do."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset
from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.messages import read, write

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings(
        "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
    ),
]
#: Awkward enough to show quoting, without what peers are known to mangle: `NA`, `01`, `1.10`.
ROWS = {
    "REF_AREA": ["PHL", "PHL", "LAO"],
    "SEX": ["F", "M", "M"],
    "TIME_PERIOD": ["2020", "2020", "2021-Q1"],
    "OBS_VALUE": ["1.5", "0.001", "3.25"],
    "OBS_STATUS": ["A", "B", "A"],
    "NOTE": ['say "hi", then', "it's; <x>", "ครัวเรือน"],
}
COMPONENTS = Components(
    ("REF_AREA", "SEX", "TIME_PERIOD"),
    attributes=dict.fromkeys(["OBS_STATUS", "NOTE"], OBSERVATION),
)
DATASET = Dataset(pd.DataFrame(ROWS), COMPONENTS, "ILO:DF_X(1.0)", action="Append")


def written(format: str, **options: Any) -> str:
    target = io.BytesIO()
    write(DATASET, target, format, **options)
    return target.getvalue().decode()


def records(frame: pd.DataFrame) -> set[tuple[str, ...]]:
    return {tuple(map(str, row)) for row in frame[list(ROWS)].itertuples(index=False)}


@pytest.mark.parametrize("format", ["sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"])
def test_pysdmx_reads_our_csv(format: str) -> None:
    from pysdmx.io import read_sdmx

    [found] = read_sdmx(written(format), validate=False).get_datasets()
    assert found.short_urn == "Dataflow=ILO:DF_X(1.0)"
    assert records(found.data) == records(DATASET.observations)


@pytest.mark.parametrize("format", ["sdmx-csv-1.0", "sdmx-csv-2.0"])
def test_sdmxthon_reads_our_csv(format: str, tmp_path: Path) -> None:
    from sdmxthon import read_sdmx

    path = tmp_path / "x.csv"
    path.write_text(written(format), encoding="utf-8")
    [found] = read_sdmx(str(path), validate=False).payload.values()
    assert records(found.data) == records(DATASET.observations)


def test_sdmx1_reads_our_csv(tmp_path: Path) -> None:
    import sdmx
    from sdmx.model import common, v30

    dsd = v30.DataStructureDefinition(id="X", maintainer=common.Agency(id="ILO"), version="1.0")
    for name in COMPONENTS.dimensions:
        dsd.dimensions.getdefault(id=name)
    dsd.measures.getdefault(id="OBS_VALUE", cls=v30.Measure)
    for name in COMPONENTS.attributes:
        dsd.attributes.getdefault(id=name, related_to=v30.ObservationRelationship())
    flow = v30.Dataflow(
        id="DF_X", maintainer=common.Agency(id="ILO"), version="1.0", structure=dsd
    )
    path = tmp_path / "x.csv"
    path.write_text(written("sdmx-csv-2.0"), encoding="utf-8")
    [found] = sdmx.read_sdmx(path, structure=flow).data
    rows = [
        (
            *(str(o.dimension[d].value) for d in COMPONENTS.dimensions),
            str(o.value),
            *(str(o.attrib[a].value) for a in COMPONENTS.attributes),
        )
        for o in found.obs
    ]
    assert set(rows) == records(DATASET.observations)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["flat.json", "ts.json", "xs.json"])
def test_we_read_json_before_version_1_as_sdmx1_does(shared: Path, name: str) -> None:
    import sdmx

    path = shared / "data/messages/ECB_EXR" / name
    [theirs] = sdmx.read_sdmx(path).data
    [ours] = read(path)
    columns = ["FREQ", "CURRENCY", "CURRENCY_DENOM", "EXR_TYPE", "EXR_SUFFIX", "TIME_PERIOD"]

    def code(value: Any) -> str:
        return str(getattr(value, "id", value))

    expected = {(*(code(o.key[c].value) for c in columns), float(o.value)) for o in theirs.obs}
    frame = ours.observations.assign(OBS_VALUE=ours.values)
    assert {
        tuple(row) for row in frame[[*columns, "OBS_VALUE"]].itertuples(index=False)
    } == expected

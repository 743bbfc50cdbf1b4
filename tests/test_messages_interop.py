"""Data sets reach Arrow, Parquet and sdmx1 with every cell as it was."""

import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from ilms_sdmx import Components, Dataset, MessageError
from ilms_sdmx.messages import Header, from_sdmx1, read, to_arrow, to_parquet, to_sdmx1, write
from tests.generated import FULL, cells, datasets

HEADER = Header(id="T", prepared="2025-01-01")


def written(data: object, format: str = "sdmx-ml-2.1") -> bytes:
    buffer = io.BytesIO()
    write(data, buffer, format, header=HEADER)  # type: ignore[arg-type]
    return buffer.getvalue()


def texts_of(table: pa.Table) -> dict[str, list[str | None]]:
    """Cells of a table, the texts of numbers in their place."""
    columns: dict[str, list[str | None]] = table.to_pydict()
    if "OBS_VALUE_TEXT" in columns:
        columns["OBS_VALUE"] = columns.pop("OBS_VALUE_TEXT")
    return columns


@settings(max_examples=10)
@given(datasets())
def test_arrow_holds_every_cell(dataset: Dataset) -> None:
    assert texts_of(to_arrow(dataset)) == cells(dataset)


def test_parquet_in_batches_with_a_column_that_comes_late(tmp_path: Path) -> None:
    rows = {
        "REF_AREA": list("ABCD"),
        "TIME_PERIOD": ["2020"] * 4,
        "OBS_VALUE": ["1.10", None, "", "4"],
    }
    frame = pd.DataFrame({**rows, "NOTE": [None, None, None, "late"]}, dtype="string")
    components = Components(
        ("REF_AREA", "TIME_PERIOD"), ("OBS_VALUE",), {"NOTE": ("OBS_VALUE",)}
    )
    dataset = Dataset(frame, components, "ILO:DF_X(1.0)")
    assert to_parquet(written(dataset), tmp_path / "x.parquet", size=1) == 4
    table = pq.read_table(tmp_path / "x.parquet")
    assert texts_of(table) == cells(dataset)
    assert table["OBS_VALUE"].to_pylist() == [1.1, None, None, 4.0]
    assert [p.name for p in tmp_path.iterdir()] == ["x.parquet"]


def test_parquet_refuses_several_data_sets(tmp_path: Path) -> None:
    frame = pd.DataFrame({n: ["A"] for n in FULL.columns}, dtype="string")
    dataset = Dataset(frame, FULL, "ILO:DF_X(1.0)")
    with pytest.raises(MessageError, match="several data sets"):
        to_parquet(written([dataset, dataset]), tmp_path / "x.parquet")
    assert list(tmp_path.iterdir()) == []


STRUCTURE = """<m:Structure xmlns:m="{0}message" xmlns:s="{0}structure" xmlns:c="{0}common">
<m:Header><m:ID>T</m:ID>
<m:Test>false</m:Test><m:Prepared>2025-01-01T00:00:00</m:Prepared><m:Sender id="T"/></m:Header><m:Structures>
<s:DataStructures><s:DataStructure id="X" agencyID="ILO" version="1.0"><c:Name>X</c:Name>
<s:DataStructureComponents><s:DimensionList><s:Dimension id="REF_AREA" position="1"/>
<s:TimeDimension id="TIME_PERIOD" position="2"><s:LocalRepresentation>
<s:TextFormat textType="ObservationalTimePeriod"/></s:LocalRepresentation></s:TimeDimension></s:DimensionList>
<s:AttributeList><s:Attribute id="NOTE" assignmentStatus="Conditional"><s:AttributeRelationship>
<s:PrimaryMeasure><Ref id="OBS_VALUE"/></s:PrimaryMeasure></s:AttributeRelationship></s:Attribute>
</s:AttributeList><s:MeasureList><s:PrimaryMeasure id="OBS_VALUE"/></s:MeasureList>
</s:DataStructureComponents></s:DataStructure>
</s:DataStructures></m:Structures></m:Structure>""".format(
    "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/"
)


def test_sdmx1_there_and_back() -> None:
    import sdmx

    structure = next(iter(sdmx.read_sdmx(io.BytesIO(STRUCTURE.encode())).structure.values()))
    components = Components.of(structure)
    rows = {
        "REF_AREA": ["PHL", "LAO"],
        "TIME_PERIOD": ["2020", "2021-Q1"],
        "OBS_VALUE": ["1.10", None],
    }
    frame = pd.DataFrame({**rows, "NOTE": [None, "a & b"]}, dtype="string")[components.columns]
    dataset = Dataset(frame, components, "", "ILO:X(1.0)")
    again = from_sdmx1(to_sdmx1(dataset, structure))
    assert cells(again) == cells(dataset)
    assert again.structure == "ILO:X(1.0)"
    assert cells(read(written(again), structure).datasets[0]) == cells(dataset)

"""From any format to any other nothing changes, or writing says what the format cannot carry."""

import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilms_sdmx import Components, Dataset, MessageError
from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.messages import Header, read, write
from ilms_sdmx.messages.dispatch import WRITERS
from tests.generated import cells, datasets

HEADER = Header(id="T", prepared="2025-01-01T00:00:00Z")


def written(data: object, format: str) -> bytes:
    buffer = io.BytesIO()
    write(data, buffer, format, header=HEADER)  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize("first", sorted(WRITERS))
@settings(max_examples=4)
@given(dataset=st.booleans().flatmap(lambda composite: datasets(composite=composite)))
def test_pairs(first: str, dataset: Dataset) -> None:
    try:
        once = read(written(dataset, first), dataset.components)
    except MessageError:
        return
    assert cells(once.datasets[0]) == cells(dataset)
    for second in WRITERS:
        try:
            again = written(once, second)
        except MessageError:
            continue
        assert cells(read(again, dataset.components).datasets[0]) == cells(dataset), second


@pytest.mark.parametrize("format", ["sdmx-csv-2.0", "sdmx-ml-3.0", "sdmx-json-2.1"])
def test_an_absent_list_read_from_json_is_written(format: str) -> None:
    components = Components(
        ("AREA", "TIME_PERIOD"), attributes={"A": OBSERVATION}, composite=frozenset("A")
    )
    frame = pd.DataFrame(
        {
            "AREA": ["X", "X"],
            "TIME_PERIOD": ["2020", "2021"],
            "OBS_VALUE": ["1", "2"],
            "A": ['["p","q"]', None],
        }
    )
    once = read(
        written(Dataset(frame, components, "ILO:DF_X(1.0)"), "sdmx-json-2.0"), components
    )
    assert list(once.datasets[0].observations["A"].cat.categories) == ['["p","q"]']
    again = read(written(once, format), components).datasets[0]
    assert cells(again)["A"] == ['["p","q"]', None]


@pytest.mark.parametrize("format", ["sdmx-csv-2.0", "sdmx-ml-2.1", "sdmx-json-2.0"])
@pytest.mark.parametrize("layout", ["series", "SEX"])
def test_keys_of_attributes_are_in_the_order_of_the_structure(format: str, layout: str) -> None:
    key = ("AREA", "SEX")
    components = Components(
        (*key, "AGE", "TIME_PERIOD"), attributes={"A": key}, groups={"G": key}
    )
    frame = pd.DataFrame(columns=components.columns, dtype="string")
    attached = {key: pd.DataFrame([{"AREA": "X", "SEX": "T", "A": "a"}], dtype="string")}
    dataset = Dataset(frame, components, "ILO:DF_X(1.0)", attached=attached)
    buffer = io.BytesIO()
    write(dataset, buffer, format, header=HEADER, layout=layout)
    [found] = read(buffer.getvalue(), components).datasets
    assert list(found.attached) == [key]

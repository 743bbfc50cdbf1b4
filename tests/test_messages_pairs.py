"""From any format to any other nothing changes, or writing says what the format cannot carry."""

import io

import pytest
from hypothesis import given, settings

from ilms_sdmx import Dataset, MessageError
from ilms_sdmx.messages import Header, read, write
from ilms_sdmx.messages.dispatch import WRITERS
from tests.generated import cells, datasets

HEADER = Header(id="T", prepared="2025-01-01T00:00:00Z")


def written(data: object, format: str) -> bytes:
    buffer = io.BytesIO()
    write(data, buffer, format, header=HEADER)  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize("first", sorted(WRITERS))
@settings(max_examples=2)
@given(dataset=datasets())
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

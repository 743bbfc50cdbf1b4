"""Numbers are recognised alike, one by one and many at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx.mapping.scaling import are_numbers, is_number

TEXT = st.text("0123456789.+-eE ,\n٣", max_size=8)


@given(st.lists(TEXT))
def test_many_at_once_are_judged_as_each_alone(texts: list[str]) -> None:
    found = are_numbers(np.array([*texts, None], dtype=object))
    assert found.tolist() == [*map(is_number, texts), False]

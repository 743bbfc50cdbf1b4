"""Composite values survive packing, plain text is not mistaken for one; numbers are as said."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx import Components, Dataset, MessageError
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.values import pack, unpack

texts = st.text(st.characters(exclude_categories=["Cs"]))
languages = st.dictionaries(st.sampled_from(["en", "fr", "th"]), texts, min_size=1)


@given(st.lists(texts, min_size=1) | languages | st.lists(languages, min_size=2))
def test_what_is_packed_comes_out(value: object) -> None:
    assert unpack(pack(value)) == value


def test_forms_that_no_format_tells_apart_are_one() -> None:
    assert pack("A") == pack(["A"])
    assert pack([{"en": "Stock"}]) == pack({"en": "Stock"})


@pytest.mark.parametrize("text", ["A", "", "12", "{", "[1", '"A"'])
def test_plain_text_is_refused(text: str) -> None:
    with pytest.raises(MessageError, match="packed composite"):
        unpack(text)


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(MessageError, match="surrogate"):
        pack(["\ud800"])


@given(
    st.lists(st.decimals(allow_nan=False, allow_infinity=False).map(str)),
    st.lists(st.sampled_from(["", "NaN", "..", "1 234", None])),
)
def test_values_are_the_numbers_that_the_texts_say(
    numbers: list[str], others: list[str | None]
) -> None:
    texts = pd.Series([*numbers, *others], dtype="str")
    frame = pd.DataFrame({"OBS_VALUE": texts}, index=range(5, 5 + len(texts)))
    frame["OBS_VALUE"] = texts.array
    values = Dataset(frame, Components(())).values
    expected = [*map(float, numbers), *[np.nan] * len(others)]
    np.testing.assert_array_equal(values.to_numpy(), np.array(expected, dtype="float64"))
    assert list(values.index) == list(frame.index)


@given(st.lists(st.none() | texts))
def test_codes_of_a_column_stand_for_its_texts(values: list[str | None]) -> None:
    frame = pd.DataFrame({"SEX": pd.array(values, "str"), "OBS_VALUE": pd.array(values, "str")})
    coded = pool.with_codes(frame, ["SEX", "AGE"])
    assert isinstance(coded["SEX"].dtype, pd.CategoricalDtype)
    assert coded.astype("str").equals(frame)
    assert frame["SEX"].dtype == coded["OBS_VALUE"].dtype, "the frame of the caller is its own"

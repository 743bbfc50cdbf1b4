"""Arrow: a data set as a table for other tools, numbers as numbers next to their texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ilms_sdmx.datasets.texts import number_text
from ilms_sdmx.structures.components import Components

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: Measure that is a number in tables for other tools, and the column of its texts.
VALUE = "OBS_VALUE"
VALUE_TEXT = "OBS_VALUE_TEXT"
#: Sets of components, by the names that `Components` has for them.
MARKS = ("composite", "multilingual", "multivalued", "structured")


def table_with_roles(
    observations: pd.DataFrame, components: Components, about: Mapping[str, str]
) -> pa.Table:
    """Observations as an Arrow table; its metadata say what the columns are.

    OBS_VALUE is float64, null where there is no number; OBS_VALUE_TEXT is the text as it was.

    Parameters
    ----------
    observations, components
        As in a data set.
    about
        Dataflow, structure and action, for the metadata.
    """
    import pyarrow as pa

    columns = {}
    for name in observations.columns:
        column = observations[name]
        texts = _array(column)
        if name == VALUE:
            columns[name] = _numbers(column)
            name = VALUE_TEXT
        columns[name] = texts
    description = {**about, **_roles(components)}
    metadata = {"sdmx": json.dumps(description)}
    return pa.table(columns).replace_schema_metadata(metadata)


def numbers_of(texts: Any) -> Any:
    """Arrow array of the numbers that texts say, null for all else."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    array = pa.array(texts, pa.string(), from_pandas=True)
    try:
        return _without_nan(pc.cast(array, pa.float64()))
    except pa.ArrowInvalid:
        pass
    # Something in it is empty or no number.
    parsed = pd.to_numeric(pd.Series(array.to_pandas(), dtype="str"), errors="coerce")
    return pa.array(parsed.to_numpy("float64"), from_pandas=True)


def _without_nan(numbers: Any) -> Any:
    """Numbers with null in the place of NaN, which is none."""
    import pyarrow.compute as pc

    is_nan = pc.is_nan(numbers)
    return pc.if_else(is_nan, None, numbers) if pc.any(is_nan).as_py() else numbers


def with_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Frame whose OBS_VALUE is the text next to it again, where both say the same number.

    A number that was changed since is written anew: the text is that of the old one.
    """
    import numpy as np
    import pandas as pd

    if VALUE_TEXT not in frame.columns or VALUE not in frame.columns:
        return frame
    numbers = frame[VALUE]
    texts = pd.Series(frame[VALUE_TEXT], dtype="string")
    if numbers.dtype.kind in "iuf":
        of_texts = numbers_of(texts).to_pandas()
        missing = float("nan")
        before = of_texts.to_numpy("float64", na_value=missing)
        now = numbers.to_numpy("float64", na_value=missing)
        is_same = (now == before) | (np.isnan(now) & np.isnan(before))
        new_texts = numbers[~is_same].map(number_text, na_action="ignore")
        texts[~is_same] = new_texts.astype("string")
    columns = {VALUE: texts}
    return frame.drop(columns=VALUE_TEXT).assign(**columns)


def _numbers(column: pd.Series[Any]) -> pa.Array:
    """Numbers of a column of texts; each text of a categorical one is read once."""
    import pandas as pd
    import pyarrow as pa

    if not isinstance(column.dtype, pd.CategoricalDtype):
        return numbers_of(column.astype("string"))
    levels = numbers_of(column.cat.categories.astype("object"))
    codes = column.cat.codes.to_numpy()
    return levels.take(pa.array(codes, mask=codes < 0))


def _array(column: pd.Series[Any]) -> pa.Array:
    """Column as texts, or as a dictionary of texts where it is categorical."""
    import pandas as pd
    import pyarrow as pa

    if not isinstance(column.dtype, pd.CategoricalDtype):
        plain = column.astype("string")
        return pa.array(plain, pa.string(), from_pandas=True)
    codes = column.cat.codes.to_numpy().astype("int32")
    indices = pa.array(codes, mask=codes < 0)
    categories = column.cat.categories.astype("object")
    texts = pa.array(categories, pa.string())
    return pa.DictionaryArray.from_arrays(indices, texts)


def _roles(components: Components) -> dict[str, Any]:
    """What the columns are, as plain values."""
    attributes = {}
    for name, attachment in components.attributes.items():
        attributes[name] = list(attachment)
    groups = {name: list(dimensions) for name, dimensions in components.groups.items()}
    roles: dict[str, Any] = {
        "dimensions": components.dimensions,
        "measures": components.measures,
        "attributes": attributes,
        "groups": groups,
    }
    for mark in MARKS:
        roles[mark] = sorted(getattr(components, mark))
    return roles

"""Checking: whether a frame is what a data set says of its observations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.structures.components import Components

if TYPE_CHECKING:
    import pandas as pd

_WAY_OUT = "make the data set with Dataset.of(frame, dataflow)"


def checked_frame(given: Any, components: Any) -> pd.DataFrame:
    """Frame whose columns are texts, and are those of the components in their order.

    Costs nothing that grows with the rows, but for columns of objects.

    Raises
    ------
    TypeError
        It is no frame, a column is missing or surplus, or holds other things than texts; the
        message says how a data set is made of such a frame.
    """
    import pandas as pd

    if not isinstance(given, pd.DataFrame):
        raise TypeError(f"expected a frame of pandas, found {type(given).__name__}")
    if not isinstance(components, Components):
        kind = type(components).__name__
        raise TypeError(f"expected Components, found {kind}: {_WAY_OUT}")
    frame: pd.DataFrame = given
    if not frame.columns.size:
        return pd.DataFrame(columns=components.columns, index=frame.index, dtype="string")
    _check_columns(frame, components)
    without_values: dict[str, pd.Series[Any]] = {}
    for name, dtype in frame.dtypes.items():
        # The types of all columns are had at once: making a series of each costs more.
        if not _is_of_texts(dtype) and not _holds_texts(frame[name]):
            without_values[str(name)] = pd.Series(pd.NA, frame.index, dtype="string")
    if without_values:
        frame = frame.assign(**without_values)
    columns = [name for name in components.columns if name in frame.columns]
    return frame if list(frame.columns) == columns else frame[columns]


def _check_columns(frame: pd.DataFrame, components: Components) -> None:
    """Refuse a frame with other columns; a measure may be missing, as of mere keys."""
    present = list(frame.columns)
    missing = []
    for name in components.columns:
        if name not in present and name not in components.measures:
            missing.append(name)
    if missing:
        names = ", ".join(missing)
        raise TypeError(f"expected the columns of the components, found no {names}: {_WAY_OUT}")
    known = set(components.columns)
    surplus = [str(name) for name in present if name not in known]
    if surplus or len(set(present)) < len(present):
        names = ", ".join(surplus) or "one of them twice"
        raise TypeError(f"expected the columns of the components, found {names}: {_WAY_OUT}")


def _is_of_texts(dtype: Any) -> bool:
    """Whether columns of a type hold texts and nothing else."""
    import pandas as pd

    held = dtype.categories.dtype if isinstance(dtype, pd.CategoricalDtype) else dtype
    return isinstance(held, pd.StringDtype)


def _holds_texts(column: pd.Series[Any]) -> bool:
    """Whether a column holds texts; one that holds nothing at all is of no type.

    Raises
    ------
    TypeError
        It holds other things.
    """
    import pandas as pd

    held: Any = column
    if isinstance(column.dtype, pd.CategoricalDtype):
        held = column.cat.categories
    kind = pd.api.types.infer_dtype(held, skipna=True)
    if kind == "string":
        return True
    if column.isna().all():
        return False
    raise TypeError(f"expected texts in {column.name}, found {kind}: {_WAY_OUT}")

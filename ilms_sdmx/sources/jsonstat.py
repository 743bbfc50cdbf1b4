"""JSON-stat 2.0 to a frame: one row a value, sparse or dense, statuses beside them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def parse(body: dict[str, Any]) -> pd.DataFrame:
    """Values of a JSON-stat data set: a column for each dimension, `text`, `symbol`.

    Raises
    ------
    KeyError, ValueError, TypeError
        It is no JSON-stat data set.

    Examples
    --------
    >>> index = {"geo": {"category": {"index": {"AT": 0, "BE": 1}}}}
    >>> parse({"id": ["geo"], "size": [2], "dimension": index, "value": {"1": 7}, "status": {"1": "p"}})
      geo text symbol
    0  BE    7      p
    """
    import numpy as np
    import pandas as pd

    values = _by_position(body["value"])
    statuses = _by_position(body.get("status") or {})
    reported = {position for position, value in values.items() if value is not None}
    positions = sorted(reported | set(statuses))
    sizes = [int(size) for size in body["size"]]
    _refuse_other_length(body["value"], sizes)
    places = np.unravel_index(np.array(positions, dtype="int64"), sizes)
    columns: dict[str, Any] = {}
    for name, place in zip(body["id"], places, strict=True):
        category = body["dimension"][name]["category"]
        codes = np.array(_codes(category), dtype=object)
        if len(codes) != sizes[len(columns)]:
            raise ValueError(f"{name} has {len(codes)} codes, not {sizes[len(columns)]}")
        columns[name] = pd.array(codes[place], dtype="str")
    texts = [_text(values.get(position)) for position in positions]
    symbols = [str(statuses.get(position) or "") for position in positions]
    columns["text"] = pd.array(texts, dtype="str")
    columns["symbol"] = pd.array(symbols, dtype="str")
    return pd.DataFrame(columns)


def _by_position(values: Any) -> dict[int, Any]:
    if isinstance(values, dict):
        return {int(p): v for p, v in values.items()}
    return dict(enumerate(values))


def _refuse_other_length(values: Any, sizes: list[int]) -> None:
    """Refuse a list of values that is shorter or longer than the dimensions say."""
    expected = math.prod(sizes)
    if isinstance(values, list) and len(values) != expected:
        raise ValueError(f"there are {len(values)} values, not {expected}")


def _codes(category: dict[str, Any]) -> list[str]:
    """Codes in their order; a dimension of one value may have only labels."""
    index = category.get("index")
    if index is None:
        return list(category["label"])
    return sorted(index, key=index.__getitem__) if isinstance(index, dict) else list(index)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)

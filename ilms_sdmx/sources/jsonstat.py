"""JSON-stat 2.0 to a frame: one row a value, sparse or dense, statuses next to them."""

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
    >>> answer = {"id": ["geo"], "size": [2], "dimension": index}
    >>> parse(answer | {"value": {"1": 7}, "status": {"1": "p"}})
      geo text symbol
    0  BE    7      p
    """
    import numpy as np
    import pandas as pd

    values = _by_position(body["value"])
    statuses = _by_position(body.get("status") or {})
    reported = set(statuses)
    for position, value in values.items():
        if value is not None:
            reported.add(position)
    positions = sorted(reported)
    sizes = list(map(int, body["size"]))
    _refuse_other_length(body["value"], sizes)
    numbers = np.array(positions, dtype="int64")
    places = np.unravel_index(numbers, sizes)
    columns: dict[str, Any] = {}
    for name, size, place in zip(body["id"], sizes, places, strict=True):
        dimension = body["dimension"][name]
        codes = np.array(_codes(dimension["category"]), dtype=object)
        if len(codes) != size:
            raise ValueError(f"{name} has {len(codes)} codes, not {size}")
        columns[name] = pd.array(codes[place], dtype="str")
    texts = []
    symbols = []
    for position in positions:
        value = values.get(position)
        status = statuses.get(position)
        texts.append(_text(value))
        symbols.append(str(status or ""))
    columns["text"] = pd.array(texts, dtype="str")
    columns["symbol"] = pd.array(symbols, dtype="str")
    return pd.DataFrame(columns)


def _by_position(values: Any) -> dict[int, Any]:
    """Values by their number, from a list or from an object of those that there are."""
    if not isinstance(values, dict):
        return dict(enumerate(values))
    return {int(position): value for position, value in values.items()}


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

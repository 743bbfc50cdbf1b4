"""Engines by name: DuckDB in this process, or Spark where the records lie in a cluster."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ilms_sdmx.errors import TableError
from ilms_sdmx.microdata.counting.engine import Engine, connected

#: What the address of a Spark master begins with; `local[2]` is this machine.
_MASTERS = ("local", "spark://", "yarn", "k8s://", "sc://")


def opened(name: str, threads: int = 0) -> AbstractContextManager[Engine]:
    """Engine of a name, open until the end of the block.

    Raises
    ------
    TableError
        There is no engine of that name, or it is not installed.
    """
    if name == "duckdb":
        return connected(threads)
    if not name.startswith(_MASTERS):
        raise TableError(
            f"expected the engine duckdb, local[2], spark://host:7077, yarn, k8s://... or"
            f" sc://host:15002, found {name!r}."
        )
    from ilms_sdmx.microdata.counting.spark import spark

    return spark(name)

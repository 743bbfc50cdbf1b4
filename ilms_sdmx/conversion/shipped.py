"""Examples that travel with the package: a published table and its mapping each."""

from __future__ import annotations

from pathlib import Path

from ilms_sdmx import _files
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.file.nodes import nearest

_TABLES = (".csv", ".xlsx")


def examples() -> list[str]:
    """Names of the shipped examples.

    Examples
    --------
    >>> "phl-emigrants" in examples()
    True
    """
    mappings = _files.examples().glob("*/mapping.yaml")
    return sorted(path.parent.name for path in mappings)


def example(name: str) -> tuple[Path, Path]:
    """Workbook and mapping file of a shipped example.

    Raises
    ------
    MappingError
        No such example; the message names the nearest.

    Examples
    --------
    >>> [p.name for p in example("phl-emigrants")]
    ['emigrants_1981_2022.csv', 'mapping.yaml']
    """
    known = examples()
    if name not in known:
        near = nearest(name, known)
        names = ", ".join(known)
        raise MappingError(f"expected an example of {names}, found {name!r}{near}.")
    folder = _files.examples() / name
    mapping = folder / "mapping.yaml"
    for path in sorted(folder.iterdir()):
        is_table = path.suffix in _TABLES
        if is_table and not path.name.startswith("codes"):
            return path, mapping
    raise MappingError(f"expected a table in the example {name!r}, found none.")

"""Examples that travel with the package: a published table and its mapping each."""

from __future__ import annotations

from pathlib import Path

from ilms_sdmx._files import all_or_none, shipped, write_whole
from ilms_sdmx.errors import MappingError, OutputError
from ilms_sdmx.mapping.file.nodes import nearest

_TABLES = (".csv", ".xlsx")


def examples() -> list[str]:
    """Names of the shipped examples.

    Examples
    --------
    >>> "phl-emigrants" in examples()
    True
    """
    mappings = shipped.examples().glob("*/mapping.yaml")
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
    folder = shipped.examples() / name
    mapping = folder / "mapping.yaml"
    for path in sorted(folder.iterdir()):
        is_table = path.suffix in _TABLES
        if is_table and not path.name.startswith("codes"):
            return path, mapping
    raise MappingError(f"expected a table in the example {name!r}, found none.")


def copy_example(name: str, folder: Path, *, replace: bool = False) -> list[Path]:
    """Copies of the table, the mapping and the code maps of a shipped example, in a folder.

    Parameters
    ----------
    name
        Name of the example, one of `examples()`.
    folder
        Where the files go; it is made where it is not there.
    replace
        Write over files of the folder that have these names and other content.

    Raises
    ------
    MappingError
        No such example; the message names the nearest.
    OutputError
        A file of that name is there with other content; nothing is copied.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> [path.name for path in copy_example("phl-emigrants", Path(mkdtemp()))]
    ['emigrants_1981_2022.csv', 'mapping.yaml']
    """
    _, mapping = example(name)
    contents: dict[Path, bytes] = {}
    for path in sorted(mapping.parent.iterdir()):
        if path.is_file():
            contents[folder / path.name] = path.read_bytes()
    if not replace:
        for path, content in contents.items():
            _refuse_changed(path, content)
    with all_or_none():
        for path, content in contents.items():
            write_whole(path, content)
    return list(contents)


def _refuse_changed(path: Path, content: bytes) -> None:
    """Refuse to write over a file that somebody has changed."""
    if not path.exists():
        return
    if path.is_file() and path.read_bytes() == content:
        return
    advice = "copy into another folder, or say --force"
    message = f"{path} is there with other content, nothing is copied: {advice}."
    raise OutputError(message, str(path))

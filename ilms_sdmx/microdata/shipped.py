"""Examples of records that travel with the package: a survey and a register, both made up."""

from __future__ import annotations

from pathlib import Path

from ilms_sdmx._files import all_or_none, shipped, write_whole
from ilms_sdmx.errors import OutputError

#: Name of an example to the files that it needs, its mapping first.
MICRODATA_EXAMPLES = {
    "survey": ("survey.yaml", "lfs2024.sav", "lfs2024.csv"),
    "register": ("register.yaml", "permits.csv"),
}


def microdata_example(name: str) -> Path:
    """Mapping of a shipped example.

    >>> microdata_example("register").name
    'register.yaml'
    """
    return shipped.examples() / "microdata" / MICRODATA_EXAMPLES[name][0]


def copy_microdata_example(name: str, folder: Path) -> list[Path]:
    """Copies of the mapping and the records of a shipped example, in a folder.

    Raises
    ------
    OutputError
        A file of that name is there with other content; nothing is copied.
    """
    source = microdata_example(name).parent
    contents = {}
    for file in MICRODATA_EXAMPLES[name]:
        content = (source / file).read_bytes()
        target = folder / file
        if target.exists() and target.read_bytes() != content:
            message = f"{target} is there with other content, nothing is copied"
            raise OutputError(f"{message}: copy into another folder.", str(target))
        contents[target] = content
    with all_or_none():
        for target, content in contents.items():
            write_whole(target, content)
    return list(contents)

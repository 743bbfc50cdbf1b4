"""Structure files: the dataflow of a structure message that is next to the mapping."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping.document import DatasetMap, MappingDocument
from ilms_sdmx.mapping.file.nodes import nearest

if TYPE_CHECKING:
    from sdmx.model.v21 import DataflowDefinition


def read_dataflow(
    dataset: DatasetMap, mapping: MappingDocument, folder: Path
) -> DataflowDefinition:
    """Dataflow of the structure message that a data set names, in the folder of the mapping.

    Raises
    ------
    MappingError
        No such file, no structure message, or no such dataflow in it.
    """
    where = f"{mapping.name}, line {dataset.line}"
    path = folder / dataset.structure
    inside = path.resolve().is_relative_to(folder.resolve())
    if not inside or not path.is_file():
        expected = "expected a structure message next to the mapping"
        raise MappingError(f"{where}: {expected}, found no file {dataset.structure!r}.")
    message = _message(path)
    dataflows = _dataflows(message)
    _, _, identifier = dataset.dataflow.partition(":")
    wanted, _, _ = identifier.partition("(")
    if wanted not in dataflows:
        near = nearest(wanted, list(dataflows))
        expected = f"expected a dataflow of {path.name}"
        raise MappingError(f"{where}: {expected}, found {wanted!r}{near}.")
    return dataflows[wanted]


def _message(path: Path) -> Any:
    """Structure message of a file."""
    import sdmx

    _load_reader()
    try:
        with path.open("rb") as file:
            return sdmx.read_sdmx(file)
    except Exception as error:  # the reader raises whatever its parsers raise
        raise MappingError(
            f"{path.name}: expected an SDMX structure message ({error})."
        ) from error


def _load_reader() -> None:
    """Load the reader of 3.0, which expects that of 2.1 to have met no namespace of data."""
    from sdmx.reader.xml import v21

    parser = v21.Reader.parser
    known = set(v21.Reader.format.NS.values())
    of_data = {key: parser[key] for key in parser if key[0].namespace not in known}
    for key in of_data:
        del parser[key]
    try:
        import_module("sdmx.reader.xml.v30")
    finally:
        parser.update(of_data)


def _dataflows(message: Any) -> dict[str, DataflowDefinition]:
    """Dataflows of a message by id.

    Of one that holds structures alone, one for each of these.
    """
    from sdmx.model import v21

    dataflows = {}
    for dataflow in message.dataflow.values():
        dataflows[dataflow.id] = dataflow
    if dataflows:
        return dataflows
    for structure in message.structure.values():
        dataflows[structure.id] = v21.DataflowDefinition(
            id=structure.id,
            maintainer=structure.maintainer,
            version=structure.version,
            name=structure.name,
            structure=structure,
        )
    return dataflows

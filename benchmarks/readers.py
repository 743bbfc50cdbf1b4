"""What reads the files of the benchmark: this library, bare parsers that keep nothing, other libraries."""

from collections.abc import Callable
from pathlib import Path


def ours(path: str) -> None:
    from ilms_sdmx.messages import read

    read(path)


def numbers(path: str) -> None:
    """Read, and the measure as numbers."""
    from ilms_sdmx.messages import read

    _ = read(path).datasets[0].values


def ordinary(path: str) -> None:
    """Read with the reader that takes anything, without the fast lane."""
    from itertools import groupby

    from ilms_sdmx.datasets.given import Given
    from ilms_sdmx.messages.batches import assemble
    from ilms_sdmx.messages.opening import open_source
    from ilms_sdmx.messages.xml.reader import read

    with open_source(path) as source:
        reading = read(source, Given(), stretch=0)
        for _, batches in groupby(reading, key=lambda batch: batch.number):
            assemble(batches)


def in_batches(path: str) -> None:
    from ilms_sdmx.messages import read_batches

    with read_batches(path) as batches:
        for _ in batches:
            pass


def bare(path: str) -> None:
    """Run the parser that is the yardstick over the bytes, keeping nothing that could be used."""
    if path.endswith("xml"):
        from xml.parsers import expat

        parser = expat.ParserCreate()
        with open(path, "rb") as stream:
            parser.ParseFile(stream)
    elif path.endswith("csv"):
        import pyarrow as pa
        from pyarrow import csv

        with Path(path).open(encoding="utf-8") as lines:
            names = lines.readline().strip().split(",")
        coded = pa.dictionary(pa.int32(), pa.string())
        kinds = {name: pa.string() if name == "OBS_VALUE" else coded for name in names}
        csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=kinds))
    else:
        import orjson

        orjson.loads(Path(path).read_bytes())


def sdmx1(path: str) -> None:
    import sdmx

    sdmx.to_pandas(sdmx.read_sdmx(path).data[0], attributes="o")


def pysdmx(path: str) -> None:
    """As its documentation recommends where the message is known to be valid."""
    from pysdmx.io import read_sdmx

    _ = read_sdmx(path, validate=False).get_datasets()[0].data


def pysdmx_validating(path: str) -> None:
    """As its documentation shows first: the message is compared with the schemas before."""
    from pysdmx.io import read_sdmx

    _ = read_sdmx(path).get_datasets()[0].data


def sdmxthon(path: str) -> None:
    import sdmxthon

    _ = next(iter(sdmxthon.read_sdmx(path).content.values())).data


def pysdmx_writer(path: str, target: str) -> Callable[[], object]:
    """Write what was read, and not measured, as structure-specific SDMX-ML 2.1."""
    from pysdmx.io import read_sdmx
    from pysdmx.io.format import Format
    from pysdmx.io.writer import write_sdmx
    from pysdmx.model import Component, Components, Concept, Role, Schema

    (data,) = read_sdmx(path, validate=False).get_datasets()
    components = []
    for name in data.data.columns:
        role = Role.DIMENSION
        if name in ("OBS_STATUS", "SOURCE"):
            role = Role.ATTRIBUTE
        elif name == "OBS_VALUE":
            role = Role.MEASURE
        level = "O" if role is Role.ATTRIBUTE else None
        concept = Concept(name)
        components.append(
            Component(name, required=False, role=role, concept=concept, attachment_level=level)
        )
    data.structure = Schema("datastructure", "ILO", "BENCH", Components(components), "1.0")
    return lambda: write_sdmx([data], Format.DATA_SDMX_ML_2_1_STR, target)


def sdmx1_writer(path: str, target: str) -> Callable[[], object]:
    import sdmx

    message = sdmx.read_sdmx(path)
    return lambda: Path(target).write_bytes(sdmx.to_xml(message))


PEERS: dict[str, Callable[[str], None]] = {
    "sdmx1": sdmx1,
    "pysdmx": pysdmx,
    "pysdmx, validate": pysdmx_validating,
    "sdmxthon": sdmxthon,
}
#: Of sdmxthon a data set is written only with its structure, which this message has not.
WRITERS: dict[str, Callable[[str, str], Callable[[], object]]] = {
    "sdmx1": sdmx1_writer,
    "pysdmx": pysdmx_writer,
}
READERS = {
    "ours": ours,
    "ours, numbers": numbers,
    "ours, ordinary": ordinary,
    "ours, in batches": in_batches,
    "bare parser": bare,
    **PEERS,
}

"""What messages of the usual shape do not hold: odd names, texts and levels, and how much of them."""

import io
import zipfile
from dataclasses import replace

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, MessageError
from ilms_sdmx.messages import Header, Party, read, write
from ilms_sdmx.messages.dispatch import WRITERS
from ilms_sdmx.messages.values import pack
from tests.generated import cells

HEADER = Header(id="T", prepared="2025-01-01T00:00:00Z")
XML = [f for f in sorted(WRITERS) if f.startswith("sdmx-ml")]


def written(data: object, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    write(data, buffer, format, header=HEADER, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def dataset(components: Components, **columns: list[str | None]) -> Dataset:
    frame = pd.DataFrame(columns, columns=components.columns, dtype="string")
    return Dataset(frame, components, "ILO:DF_X(1.0)", action="Append")


#: Names that XML, CSV or JSON messages use for something else.
TAKEN = [
    "type",
    "id",
    "action",
    "setID",
    "structureRef",
    "value",
    "xsi",
    "Obs",
    "series",
    "structure",
]


@pytest.mark.parametrize("format", sorted(WRITERS))
@pytest.mark.parametrize("name", TAKEN)
def test_a_component_may_be_called_like_something_else(format: str, name: str) -> None:
    key = (name, "REF_AREA")
    components = Components(
        (*key, "TIME_PERIOD"), attributes={"NOTE": key}, groups={"Sibling": key}
    )
    data = dataset(
        components,
        **{name: ["1", "2"]},
        REF_AREA=["PHL", "PHL"],
        TIME_PERIOD=["2024", "2024"],
        OBS_VALUE=["1", "2"],
        NOTE=["one", "two"],
    )
    for layout in ("series", "flat"):
        assert cells(
            read(written(data, format, layout=layout), components).datasets[0]
        ) == cells(data)


@pytest.mark.parametrize("format", ["sdmx-ml-2.1", "sdmx-ml-2.1-generic"])
@pytest.mark.parametrize("attachment", [(), ("REF_AREA",), ("OBS_VALUE",)])
def test_several_texts_are_refused_at_every_level_of_2_1(
    format: str, attachment: tuple[str, ...]
) -> None:
    components = Components(
        ("REF_AREA", "TIME_PERIOD"),
        attributes={"NOTE": attachment},
        composite=frozenset({"NOTE"}),
        groups={"Area": ("REF_AREA",)},
    )
    data = dataset(
        components,
        REF_AREA=["PHL"],
        TIME_PERIOD=["2024"],
        OBS_VALUE=["1"],
        NOTE=[pack(["a", "b"])],
    )
    with pytest.raises(MessageError, match=r"several values or languages \(NOTE\)"):
        written(data, format)


@pytest.mark.parametrize("format", sorted(WRITERS))
@pytest.mark.parametrize("column", ["REF_AREA", "OBS_VALUE", "NOTE"])
def test_half_a_character_is_refused(format: str, column: str) -> None:
    components = Components(("REF_AREA", "TIME_PERIOD"), attributes={"NOTE": ("OBS_VALUE",)})
    data = dataset(
        components, REF_AREA=["PHL"], TIME_PERIOD=["2024"], OBS_VALUE=["1"], NOTE=["x"]
    )
    broken = data.observations.astype(object)
    broken.loc[0, column] = "a\ud800"
    with pytest.raises(MessageError, match=r"surrogate|header"):
        written(replace(data, observations=broken), format)
    with pytest.raises(MessageError, match=r"surrogate|header"):
        write(
            data, io.BytesIO(), "sdmx-json-2.0", header=replace(HEADER, names={"en": "\ud800"})
        )


@pytest.mark.parametrize("format", ["sdmx-json-1.0", "sdmx-json-2.0", "sdmx-json-2.1"])
def test_an_empty_deletion_is_refused_where_it_would_delete_all(format: str) -> None:
    components = Components(("REF_AREA", "TIME_PERIOD"))
    empty = dataset(components, REF_AREA=[], TIME_PERIOD=[], OBS_VALUE=[])
    with pytest.raises(MessageError, match="would delete everything"):
        written(replace(empty, action="Delete"), format)
    assert len(read(written(empty, format), components).datasets[0]) == 0


@pytest.mark.parametrize("format", ["sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"])
def test_a_data_set_without_rows_is_refused_where_it_would_vanish(format: str) -> None:
    components = Components(("REF_AREA", "TIME_PERIOD"))
    empty = dataset(components, REF_AREA=[], TIME_PERIOD=[], OBS_VALUE=[])
    full = dataset(components, REF_AREA=["PHL"], TIME_PERIOD=["2024"], OBS_VALUE=["1"])
    for data in ([empty, full], [full, empty]):
        with pytest.raises(MessageError, match="no row"):
            written(data, format)
    assert len(read(written(empty, format), components).datasets[0]) == 0


def test_more_columns_than_any_structure_has_are_refused() -> None:
    """Each observation with an attribute of its own would cost the square of its number."""
    components = Components(("REF_AREA", "TIME_PERIOD"), attributes={"NOTE": ("OBS_VALUE",)})
    data = dataset(
        components, REF_AREA=["PHL"], TIME_PERIOD=["2024"], OBS_VALUE=["1"], NOTE=["x"]
    )
    text = written(data, "sdmx-ml-2.1", layout="flat")
    start, end = text.index(b"<Obs"), text.index(b"</message:DataSet>")
    many = b"".join(b'<Obs A%d="1"/>' % i for i in range(5000))
    with pytest.raises(MessageError, match="components"):
        read(text[:start] + many + text[end:])
    wide = b"<Obs " + b" ".join(b'A%d="1"' % i for i in range(5000)) + b"/>"
    with pytest.raises(MessageError, match="components"):
        read(text[:start] + wide + text[end:])


@pytest.mark.parametrize("size", [300_000, 1_500_000, 5_000_000])
@pytest.mark.parametrize("regular", [0, 5000])
def test_a_record_longer_than_what_is_read_at_once_is_not_lost(size: int, regular: int) -> None:
    components = Components(("REF_AREA", "TIME_PERIOD"), attributes={"NOTE": ("OBS_VALUE",)})
    count = 2 * regular + 1
    data = dataset(
        components,
        REF_AREA=[f"A{i}" for i in range(count)],
        TIME_PERIOD=["2024"] * count,
        OBS_VALUE=[str(i) for i in range(count)],
        NOTE=[None] * regular + ["y" * size] + [None] * regular,
    )
    again = read(written(data, "sdmx-ml-2.1"), components).datasets[0]
    assert cells(again) == cells(data)


@pytest.mark.parametrize("encoding", ["rot13", "base64", "zlib", "hex", "klingon"])
def test_an_encoding_that_is_none_is_refused(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><StructureSpecificData/>'
    with pytest.raises(MessageError, match="unknown encoding"):
        read(text.encode())


def test_half_a_character_in_json_is_refused() -> None:
    components = Components(("REF_AREA", "TIME_PERIOD"), attributes={"NOTE": ("OBS_VALUE",)})
    data = dataset(
        components, REF_AREA=["PHL"], TIME_PERIOD=["2024"], OBS_VALUE=["1"], NOTE=["x"]
    )
    text = written(data, "sdmx-json-2.0").replace(b'"x"', b'"\\ud800"')
    with pytest.raises(MessageError, match="surrogate"):
        read(text)


def test_an_archive_that_unpacks_all_at_once_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("message.xml", "<x/>")
    with pytest.raises(MessageError, match="deflate"):
        read(packed.getvalue())


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_what_of_the_header_is_not_written_is_told(format: str) -> None:
    components = Components(("REF_AREA", "TIME_PERIOD"))
    data = dataset(components, REF_AREA=["PHL"], TIME_PERIOD=["2024"], OBS_VALUE=["1"])
    full = replace(HEADER, sender=Party("PSA"), embargo="2026-02-01", sources={"en": "LFS"})
    target = io.BytesIO()
    told = write(data, target, format, header=full)
    again = read(target.getvalue(), components).header
    for name in ("id", "sender", "embargo", "sources"):
        named = any(name in finding.message for finding in told)
        assert named == (getattr(again, name) != getattr(full, name)), name
    silent = replace(data, action="Information")  # all that SDMX-CSV 1.0 can say
    assert not write(silent, io.BytesIO(), format), "what was made up is not missed"

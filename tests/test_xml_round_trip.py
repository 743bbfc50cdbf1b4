"""What goes into SDMX-ML comes out: keys, order, levels, lexical forms and every character."""

import io
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilms_sdmx import Dataset, MessageError
from ilms_sdmx.messages import Contact, Header, Message, Note, Party, read, read_batches, write
from tests.generated import FULL, cells, datasets

FORMATS = ["sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-ml-3.1"]
LAYOUTS = ["series", "flat", "SEX"]
few = settings(max_examples=20)
HEADER = Header(id="T", prepared="2025-01-01T00:00:00Z")


def written(data: object, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    write(data, buffer, format, header=HEADER, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def assert_same(one: Dataset, other: Dataset) -> None:
    assert cells(one) == cells(other)
    assert (one.dataflow, one.structure, one.action) == (
        other.dataflow,
        other.structure,
        other.action,
    )


@given(datasets(), st.sampled_from(FORMATS), st.sampled_from(LAYOUTS))
def test_with_a_structure(dataset: Dataset, format: str, layout: str) -> None:
    message = read(written(dataset, format, layout=layout), dataset.components)
    assert (message.format, len(message.report)) == (format, 0)
    assert message.datasets[0].components == dataset.components
    assert_same(message.datasets[0], dataset)


@few
@given(datasets(), st.sampled_from(LAYOUTS))
def test_generic_without_a_structure_tells_every_role(dataset: Dataset, layout: str) -> None:
    again = read(written(dataset, "sdmx-ml-2.1-generic", layout=layout)).datasets[0]
    if len(dataset):
        assert set(again.components.dimensions) == set(FULL.dimensions)
    shown = cells(again)
    for name, column in cells(dataset).items():
        assert shown.get(name, [None] * len(dataset)) == column


@few
@given(datasets(), st.sampled_from(FORMATS), st.sampled_from(LAYOUTS))
def test_without_a_structure_no_cell_is_lost(
    dataset: Dataset, format: str, layout: str
) -> None:
    again = read(written(dataset, format, layout=layout)).datasets[0]
    shown = cells(again)
    for name, column in cells(dataset).items():
        assert shown.get(name, [None] * len(dataset)) == column


@few
@given(
    datasets(composite=True),
    st.sampled_from(["sdmx-ml-3.0", "sdmx-ml-3.1"]),
    st.sampled_from(LAYOUTS),
)
def test_several_values_and_languages(dataset: Dataset, format: str, layout: str) -> None:
    assert_same(
        read(written(dataset, format, layout=layout), dataset.components).datasets[0], dataset
    )


@few
@given(datasets(), st.sampled_from(FORMATS), st.sampled_from(FORMATS))
def test_from_format_to_format(dataset: Dataset, first: str, second: str) -> None:
    once = read(written(dataset, first), dataset.components)
    twice = read(written(once, second), dataset.components)
    assert_same(twice.datasets[0], dataset)


@few
@given(datasets(), st.sampled_from(FORMATS), st.integers(1, 5))
def test_batches_are_the_whole_in_pieces(dataset: Dataset, format: str, size: int) -> None:
    data = written(dataset, format)
    with read_batches(data, dataset.components, size=size) as batches:
        parts = list(batches)
    assert max(map(len, parts)) <= size
    whole = cells(read(data, dataset.components).datasets[0])
    assert {name: [v for p in parts for v in cells(p)[name]] for name in whole} == whole


def test_groups_reach_every_batch_without_a_structure() -> None:
    rows = [("A", f"R{i}", "F", "2020", str(i), "t", "0", "s", "g", "A") for i in range(60_000)]
    dataset = Dataset(
        pd.DataFrame(rows, columns=FULL.columns, dtype="string"), FULL, dataflow="ILO:DF_X(1.0)"
    )
    with read_batches(written(dataset, "sdmx-ml-2.1"), size=20_000) as batches:
        assert {v for batch in batches for v in batch.observations["NOTE_GROUP"]} == {"g"}


@few
@given(st.lists(datasets(), min_size=2, max_size=3), st.sampled_from(FORMATS))
def test_data_sets_of_one_message_stay_apart_and_in_order(
    sets: list[Dataset], format: str
) -> None:
    message = read(written(sets, format), FULL)
    assert len(message) == len(sets)
    for one, other in zip(message, sets, strict=True):
        assert_same(one, other)


@pytest.mark.parametrize("format", FORMATS)
def test_series_and_groups_without_observations(format: str) -> None:
    series = pd.DataFrame(
        {"FREQ": ["A"], "REF_AREA": ["BRN"], "SEX": ["T"], "UNIT_MULT": ["6"]}, dtype="string"
    )
    group = pd.DataFrame(
        {"REF_AREA": ["BRN"], "SEX": ["T"], "NOTE_GROUP": ["none"]}, dtype="string"
    )
    attached = {("FREQ", "REF_AREA", "SEX"): series, ("REF_AREA", "SEX"): group}
    empty = pd.DataFrame(columns=FULL.columns, dtype="string")
    dataset = Dataset(empty, FULL, dataflow="ILO:DF_X(1.0)", attached=attached)
    again = read(written(dataset, format), FULL).datasets[0]
    assert len(again) == 0
    assert {k: f.to_dict("records") for k, f in again.attached.items()} == {
        k: f.to_dict("records") for k, f in attached.items()
    }


@pytest.mark.parametrize("format", FORMATS)
def test_message_is_written_with_its_own_header(format: str) -> None:
    header = Header(
        id="M",
        prepared="2025-01-01",
        names={"en": "A & B", "fr": "A et B"},
        sources={"en": "LFS"},
    )
    first = read(written_with(header, format))
    again = read(written_message(first, format))
    assert again.header == first.header
    assert (again.header.names, again.header.sources) == (header.names, header.sources)


def written_with(header: Header, format: str) -> bytes:
    frame = pd.DataFrame({n: ["A"] for n in FULL.columns}, dtype="string")
    buffer = io.BytesIO()
    write(Dataset(frame, FULL, dataflow="ILO:DF_X(1.0)"), buffer, format, header=header)
    return buffer.getvalue()


def written_message(message: Message, format: str) -> bytes:
    buffer = io.BytesIO()
    write(message, buffer, format)
    return buffer.getvalue()


@pytest.mark.parametrize("format", FORMATS)
def test_white_space_is_part_of_the_words_of_a_header(format: str) -> None:
    spaced = {"en": "  two\n lines ", "fr": "\ttab\r\n"}
    contact = Contact(names=spaced, channels=(("Email", " a@b.c "),))
    header = Header(
        id="M",
        prepared="2025-01-01",
        names=spaced,
        sources=spaced,
        sender=Party("ILO", names=spaced, contacts=(contact,)),
    )
    found = read(written_with(header, format)).header
    assert (found.names, found.sources, found.sender) == (spaced, spaced, header.sender)


@pytest.mark.parametrize("format", FORMATS)
def test_a_footer_is_written_behind_the_data_sets(format: str) -> None:
    notes = (
        Note("510", "Warning", (("en", "limit <1000>"), ("fr", " limite "))),
        Note("100", "", ()),
    )
    message = replace(read(written_with(Header(id="M"), format)), footer=notes)
    assert read(written_message(message, format)).footer == notes
    buffer = io.BytesIO()
    with read_batches(written_message(message, format)) as batches:
        write(batches, buffer, format)
    assert read(buffer.getvalue()).footer == notes


@pytest.mark.parametrize("format", FORMATS)
def test_a_stream_may_turn_to_structures_that_nobody_announced(format: str) -> None:
    frame = pd.DataFrame({n: ["A"] for n in FULL.columns}, dtype="string")
    sets = [
        Dataset(frame, FULL, dataflow=f"ILO:DF_{n}(1.0)", number=i)
        for i, n in enumerate("XYXZ")
    ]
    buffer = io.BytesIO()
    write(iter(sets), buffer, format)
    again = read(buffer.getvalue(), FULL)
    assert [d.dataflow for d in again] == [d.dataflow for d in sets]
    assert [s.target for s in again.header.structures] == [f"ILO:DF_{n}(1.0)" for n in "XYZ"]


@pytest.mark.parametrize("format", ["sdmx-csv-2.0", "sdmx-json-2.0"])
def test_formats_without_a_footer_say_so(format: str) -> None:
    message = replace(read(written_with(Header(id="M"), "sdmx-ml-2.1")), footer=(Note("510"),))
    [note] = write(message, io.BytesIO(), format).of_rule("footer-left-out")
    assert "510" in note.message


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("notes", [("n", None), (None, "n")])
def test_a_group_that_has_an_attribute_in_some_rows_only_is_refused(
    format: str, notes: tuple[str | None, str | None]
) -> None:
    frame = pd.DataFrame({n: ["A", "A"] for n in FULL.columns}, dtype="string")
    frame["TIME_PERIOD"] = ["2020", "2021"]
    frame["NOTE_GROUP"] = pd.array(notes, dtype="string")
    with pytest.raises(MessageError, match="two values"):
        write(Dataset(frame, FULL, dataflow="ILO:DF_X(1.0)"), io.BytesIO(), format)


@pytest.mark.parametrize("format", FORMATS)
def test_a_group_with_a_wildcard_is_refused_where_it_would_concern_other_rows(
    format: str,
) -> None:
    frame = pd.DataFrame({n: ["A", "B"] for n in FULL.columns}, dtype="string")
    frame["TITLE"] = "t"
    frame.loc[0, ["REF_AREA", "SEX"]] = pd.NA
    dataset = Dataset(frame, FULL, dataflow="ILO:DF_X(1.0)", action="Delete")
    with pytest.raises(MessageError, match="without REF_AREA, SEX"):
        write(dataset, io.BytesIO(), format)
    buffer = io.BytesIO()
    frame.loc[0, "NOTE_GROUP"] = pd.NA
    if format.startswith("sdmx-ml-2.1"):
        # The schemas of 2.1 ask for every dimension.
        with pytest.raises(MessageError, match="without REF_AREA, SEX"):
            write(dataset, buffer, format)
        return
    write(dataset, buffer, format)
    assert cells(read(buffer.getvalue(), FULL).datasets[0])["NOTE_GROUP"] == [None, "B"]

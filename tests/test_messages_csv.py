"""SDMX-CSV 1.0, 2.0 and 2.1: what goes in comes out, and what is broken is named with its line."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx import Components, Dataset, MessageError
from ilms_sdmx.datasets import OBSERVATION
from ilms_sdmx.messages import Message, read, read_batches, write
from ilms_sdmx.messages.csv import subfields
from ilms_sdmx.messages.csv.lines import pieces
from ilms_sdmx.messages.values import pack, unpack


def load(*lines: str, structure: Components | None = None, end: str = "\n") -> Message:
    return read((end.join(lines) + end).encode(), structure)


def rows(message: Message, number: int = 0) -> list[dict[str, Any]]:
    frame = message.datasets[number].observations.astype(object)
    return frame.where(frame.notna(), None).to_dict("records")


def written(data: Any, format: str, **options: Any) -> bytes:
    target = io.BytesIO()
    write(data, target, format, **options)
    return target.getvalue()


def column(message: Message, name: str) -> list[str | None]:
    return [row[name] for row in rows(message)]


class TestReading:
    def test_columns_before_the_measure_are_the_key(self) -> None:
        message = load(
            "DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS",
            "ILO:DF_X(1.0),PHL,2024,1.10,A",
        )
        dataset = message.datasets[0]
        assert message.format == "sdmx-csv-1.0"
        assert dataset.dataflow == "ILO:DF_X(1.0)"
        assert dataset.components.dimensions == ("REF_AREA", "TIME_PERIOD")
        assert dataset.components.attributes == {"OBS_STATUS": OBSERVATION}
        assert rows(message) == [
            {"REF_AREA": "PHL", "TIME_PERIOD": "2024", "OBS_VALUE": "1.10", "OBS_STATUS": "A"}
        ]
        assert message.report.of_rule("inferred-components").findings

    @pytest.mark.parametrize(
        "text",
        ["NA", "null", "None", "NaN", "N/A", "nan", "01", "007", "1e-3", "TRUE", "~", "#N/A"],
    )
    def test_codes_that_look_like_something_else_are_kept(self, text: str) -> None:
        message = load("DATAFLOW,D,OBS_VALUE,A", f"X:F(1.0),{text},{text},{text}")
        assert rows(message) == [{"D": text, "OBS_VALUE": text, "A": text}]

    @pytest.mark.parametrize(
        "value",
        ["1.10", "1e-3", "1E+3", "1234567890123456789", "0.1234567890123456", "+7", ".5"],
    )
    def test_numbers_keep_their_lexical_form(self, value: str) -> None:
        assert column(load("DATAFLOW,D,OBS_VALUE", f"X:F(1.0),a,{value}"), "OBS_VALUE") == [
            value
        ]

    def test_white_space_belongs_to_the_field(self) -> None:
        assert column(load("DATAFLOW,D,OBS_VALUE,A", "X:F(1.0),a,1, b \t"), "A") == [" b \t"]

    def test_absent_is_not_empty(self) -> None:
        message = load("DATAFLOW,D,OBS_VALUE,A", "X:F(1.0),a,,", 'X:F(1.0),b,"",""')
        assert column(message, "OBS_VALUE") == [None, ""]
        assert column(message, "A") == [None, ""]

    def test_a_writer_that_quotes_everything_quotes_what_is_absent(self) -> None:
        message = load('"DATAFLOW","D","OBS_VALUE","A"', '"X:F(1.0)","a","1",""')
        assert column(message, "A") == [None]

    def test_newline_quote_and_separator_inside_a_field(self) -> None:
        message = load("DATAFLOW,D,OBS_VALUE,A", 'X:F(1.0),a,1,"say ""hi"", then\nleave\r\n"')
        assert column(message, "A") == ['say "hi", then\nleave\r\n']

    @pytest.mark.parametrize("separator", [";", "\t", "|"])
    def test_the_separator_follows_the_first_term(self, separator: str) -> None:
        lines = ["DATAFLOW,D,OBS_VALUE,A", "X:F(1.0),a,1.5,b"]
        message = load(*(line.replace(",", separator) for line in lines))
        assert rows(message) == [{"D": "a", "OBS_VALUE": "1.5", "A": "b"}]

    def test_decimal_comma_where_the_comma_does_not_separate(self) -> None:
        message = load("DATAFLOW;D;OBS_VALUE;A", "X:F(1.0);a;12,4;1,5")
        assert rows(message) == [{"D": "a", "OBS_VALUE": "12.4", "A": "1,5"}]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_byte_order_marks(self, encoding: str) -> None:
        text = "DATAFLOW,D,OBS_VALUE,A\nX:F(1.0),ไทย,1,ລາວ\n"
        assert rows(read(text.encode(encoding))) == [{"D": "ไทย", "OBS_VALUE": "1", "A": "ລາວ"}]

    @pytest.mark.parametrize("end", ["\r\n", "\n\n", "\r"])
    def test_line_ends(self, end: str) -> None:
        assert (
            len(
                load("DATAFLOW,D,OBS_VALUE", "X:F(1.0),a,1", "X:F(1.0),b,2", end=end).datasets[
                    0
                ]
            )
            == 2
        )

    def test_a_file_without_rows_is_a_data_set_without_observations(self) -> None:
        message = read(b"DATAFLOW,D,OBS_VALUE")
        assert [len(d) for d in message] == [0]
        assert message.datasets[0].components.dimensions == ("D",)

    def test_key_columns_repeat_what_is_there_and_are_dropped(self) -> None:
        message = load(
            "STRUCTURE,STRUCTURE_ID,ACTION,SERIES_KEY,OBS_KEY,D,OBS_VALUE",
            "dataflow,X:F(1.0),I,a,a,a,1",
        )
        assert rows(message) == [{"D": "a", "OBS_VALUE": "1"}]

    def test_each_change_of_action_or_structure_starts_a_data_set(self) -> None:
        message = load(
            "STRUCTURE,STRUCTURE_ID,ACTION,D,OBS_VALUE",
            "dataflow,X:F(1.0),A,a,1",
            "dataflow,X:F(1.0),A,b,2",
            "dataflow,X:F(1.0),R,a,3",
            "datastructure,X:S(1.0),R,a,4",
            "dataprovision,X:P(1.0),D,a,",
        )
        assert [d.action for d in message] == ["Append", "Replace", "Replace", "Delete"]
        assert [(d.dataflow, d.structure, d.provision) for d in message] == [
            ("X:F(1.0)", "", ""),
            ("X:F(1.0)", "", ""),
            ("", "X:S(1.0)", ""),
            ("", "", "X:P(1.0)"),
        ]
        assert [len(d) for d in message] == [2, 1, 1, 1]

    @pytest.mark.parametrize(
        ("letter", "action"), [("I", "Information"), ("M", "Merge"), ("D", "Delete")]
    )
    def test_letters_of_actions(self, letter: str, action: str) -> None:
        message = load(
            "STRUCTURE,STRUCTURE_ID,ACTION,D,OBS_VALUE", f"dataflow,X:F(1.0),{letter},a,1"
        )
        assert message.datasets[0].action == action

    def test_no_action_means_merge(self) -> None:
        assert (
            load("STRUCTURE,STRUCTURE_ID,D,OBS_VALUE", "dataflow,X:F(1.0),a,1")
            .datasets[0]
            .action
            == "Merge"
        )

    def test_a_row_with_part_of_the_key_reports_attributes(self) -> None:
        message = load(
            "STRUCTURE,STRUCTURE_ID,ACTION,D,E,OBS_VALUE,A,B",
            "dataflow,X:F(1.0),M,a,b,1,x,",
            "dataflow,X:F(1.0),M,,b,,,y",
            "dataflow,X:F(1.0),M,,c,,,z",
        )
        assert rows(message) == [{"D": "a", "E": "b", "OBS_VALUE": "1", "A": "x", "B": "y"}]
        attached = message.datasets[0].attached[("E",)]
        assert attached.to_dict("records") == [{"E": "c", "B": "z"}], (
            "no observation is concerned"
        )

    def test_missing_dimensions_of_a_deletion_are_wildcards(self) -> None:
        message = load(
            "STRUCTURE,STRUCTURE_ID,ACTION,D,E,OBS_VALUE", "dataflow,X:F(1.0),D,,b,-"
        )
        assert rows(message) == [{"D": None, "E": "b", "OBS_VALUE": "-"}]

    def test_a_deletion_of_everything_is_one_row(self) -> None:
        assert (
            len(load("STRUCTURE,STRUCTURE_ID,ACTION", "dataflow,X:F(1.0),D").datasets[0]) == 1
        )


class TestComposite:
    def test_several_values(self) -> None:
        message = load(
            "STRUCTURE[;],STRUCTURE_ID,ACTION,D,OBS_VALUE,A[]", "dataflow,X:F(1.0),M,a,1,X;Y"
        )
        assert message.datasets[0].components.composite == {"A"}
        assert [unpack(v) for v in column(message, "A")] == [["X", "Y"]]

    def test_several_languages(self) -> None:
        line = 'dataflow,X:F(1.0),M,a,1,"en:Value ""X"";fr:Valeur: X"'
        message = load("STRUCTURE[;],STRUCTURE_ID,ACTION,D,OBS_VALUE,A[en;fr]", line)
        assert [unpack(v) for v in column(message, "A")] == [
            {"en": 'Value "X"', "fr": "Valeur: X"}
        ]

    def test_several_values_in_several_languages(self) -> None:
        line = 'dataflow,X:F(1.0),M,a,1,"""en:V1;fr:W1"";""en:V2"""'
        message = load("STRUCTURE[;],STRUCTURE_ID,ACTION,D,OBS_VALUE,A[en;fr]", line)
        assert [unpack(v) for v in column(message, "A")] == [
            [{"en": "V1", "fr": "W1"}, {"en": "V2"}]
        ]

    texts = st.text(st.sampled_from('ab;|"\n: é'), min_size=1, max_size=6)
    languages = st.dictionaries(st.sampled_from(["en", "fr", "pt-BR"]), texts, min_size=1)

    @given(
        st.lists(texts | st.none() | st.just(""), min_size=2)
        | st.lists(texts, min_size=1, max_size=1)
    )
    def test_lists_survive_their_sub_fields(self, value: list[str]) -> None:
        assert subfields.parse(subfields.render(value, ";"), ";") == value

    @given(languages | st.lists(languages, min_size=2))
    def test_languages_survive_their_sub_fields(self, value: Any) -> None:
        assert (
            unpack(pack(subfields.parse(subfields.render(value, ";"), ";", languages=True)))
            == value
        )

    @given(st.lists(texts | st.none() | st.lists(texts, min_size=2), min_size=2))
    def test_nested_branches_survive_their_sub_fields(self, value: Any) -> None:
        assert (
            subfields.parse(subfields.render(value, ";", nested=True), ";", nested=True)
            == value
        )


class TestLabels:
    def test_code_and_name_in_one_field(self) -> None:
        message = load(
            "DATAFLOW,D: Area,OBS_VALUE: Value,A: Status,B: Note",
            "X:F(1.0): Flow,PHL: Philippines,1,A: Adjusted,see: the annex",
            "X:F(1.0): Flow,THA: Thailand: Kingdom,2,A: Adjusted,see: the table",
        )
        assert column(message, "D") == ["PHL", "THA"]
        assert column(message, "A") == ["A", "A"]
        assert column(message, "B") == ["see: the annex", "see: the table"], (
            "one code never has two names"
        )
        assert message.datasets[0].dataflow == "X:F(1.0)"

    def test_names_in_their_own_columns(self) -> None:
        message = load(
            "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,D,Area,OBS_VALUE,Observation value,A,Status",
            "dataflow,X:F(1.0),Flow,I,PHL,Philippines,1,,A,Adjusted",
        )
        assert rows(message) == [{"D": "PHL", "OBS_VALUE": "1", "A": "A"}]

    @pytest.mark.parametrize("labels", ["name", "both"])
    def test_what_is_written_with_labels_reads_as_codes(self, labels: str) -> None:
        message = load("DATAFLOW,D,OBS_VALUE,A", "X:F(1.0),PHL,1.10,x: y")
        names = {"D": {"": "Area", "PHL": "Philippines: all"}}
        text = written(message, "sdmx-csv-2.0", labels=labels, names=names, separator=";")
        assert b"Philippines: all" in text
        assert rows(read(text)) == rows(message)


class TestWriting:
    data = Dataset(
        pd.DataFrame(
            {
                "D": pd.Categorical(["a", "NA", "a"]),
                "TIME_PERIOD": ["2023", "2023", "2024"],
                "OBS_VALUE": pd.array(["1.10", "", None], "string"),
                "A": pd.Categorical(['x,"y"\n', None, ""]),
            }
        ),
        Components(("D", "TIME_PERIOD"), ("OBS_VALUE",), {"A": OBSERVATION}),
        "X:F(1.0)",
        action="Append",
    )

    def test_text_of_version_1(self) -> None:
        assert written(self.data, "sdmx-csv-1.0").decode() == (
            "DATAFLOW,D,TIME_PERIOD,OBS_VALUE,A\n"
            'X:F(1.0),a,2023,1.10,"x,""y""\n"\n'
            'X:F(1.0),NA,2023,"",\n'
            'X:F(1.0),a,2024,,""\n'
        )

    def test_text_of_version_2_with_keys(self) -> None:
        assert written(self.data, "sdmx-csv-2.0", keys="both", separator=";").decode() == (
            "STRUCTURE;STRUCTURE_ID;ACTION;SERIES_KEY;OBS_KEY;D;TIME_PERIOD;OBS_VALUE;A\n"
            'dataflow;X:F(1.0);A;a;a.2023;a;2023;1.10;"x,""y""\n"\n'
            'dataflow;X:F(1.0);A;NA;NA.2023;NA;2023;"";\n'
            'dataflow;X:F(1.0);A;a;a.2024;a;2024;;""\n'
        )

    @pytest.mark.parametrize(
        ("period", "start"),
        [
            *[("2024", "2024-01-01"), ("2024-A1", "2024-01-01"), ("2024-S2", "2024-07-01")],
            *[("2024-T3", "2024-09-01"), ("2024-Q4", "2024-10-01"), ("2024-M12", "2024-12-01")],
            *[
                ("2024-12", "2024-12-01"),
                ("2021-W01", "2021-01-04"),
                ("2020-W53", "2020-12-28"),
            ],
            *[
                ("2024-D366", "2024-12-31"),
                ("2024-05-06", "2024-05-06"),
                ("2024-05-06/P1M", "2024-05-06"),
            ],
            *[
                ("2024-05-06T10:00:00", "2024-05-06T10:00:00"),
                ("2024-Q5", "2024-Q5"),
                ("soon", "soon"),
            ],
        ],
    )
    def test_normalised_time_is_the_beginning_of_the_period(
        self, period: str, start: str
    ) -> None:
        message = load("DATAFLOW,D,TIME_PERIOD,OBS_VALUE", f"X:F(1.0),a,{period},1")
        text = written(message, "sdmx-csv-1.0", time_format="normalized")
        assert column(read(text), "TIME_PERIOD") == [start]

    def test_data_sets_with_other_components_share_the_header(self) -> None:
        other = load(
            "STRUCTURE,STRUCTURE_ID,ACTION,E,OBS_VALUE", "dataflow,X:G(1.0),R,e,2"
        ).datasets[0]
        message = read(written([self.data, other], "sdmx-csv-2.0"), None)
        assert [d.dataflow for d in message] == ["X:F(1.0)", "X:G(1.0)"]
        assert message.datasets[1].observations["E"].tolist() == ["e"]

    def test_a_stream_of_batches_is_written_as_it_comes(self, tmp_path: Path) -> None:
        source, target = tmp_path / "in.csv", tmp_path / "out.csv.gz"
        source.write_text(
            "DATAFLOW,D,OBS_VALUE\n" + "".join(f"X:F(1.0),{i},{i}.0\n" for i in range(1000))
        )
        with read_batches(source, size=100) as batches:
            write(batches, target, "sdmx-csv-2.0")
        assert rows(read(target)) == rows(read(source))

    def test_a_later_batch_with_another_component_is_refused(self) -> None:
        other = Dataset(pd.DataFrame({"E": ["e"]}), Components(("E",)), "X:G(1.0)")
        with pytest.raises(MessageError, match="E: not among the columns"):
            written(iter([self.data, other]), "sdmx-csv-2.0")

    @pytest.mark.parametrize(
        ("format", "changes", "expected"),
        [
            ("sdmx-csv-1.0", {"action": "Delete"}, "action Delete; write sdmx-csv-2.0"),
            ("sdmx-csv-1.0", {"dataflow": ""}, "needs the dataflow"),
            ("sdmx-csv-2.0", {"dataflow": ""}, "needs what a data set conforms to"),
            ("sdmx-csv-2.0", {"action": "Upsert"}, "expected an action of"),
        ],
    )
    def test_what_a_version_cannot_carry_is_said(
        self, format: str, changes: dict[str, str], expected: str
    ) -> None:
        with pytest.raises(MessageError, match=expected):
            written(replace(self.data, **changes), format)

    def test_an_action_that_version_1_has_no_place_for_is_noted(self) -> None:
        dataset = load("DATAFLOW,D,OBS_VALUE", "X:F(1.0),a,1").datasets[0]
        assert not write(dataset, io.BytesIO(), "sdmx-csv-1.0").of_rule("action-left-out")
        [note] = write(
            replace(dataset, action="Replace"), io.BytesIO(), "sdmx-csv-1.0"
        ).of_rule("action-left-out")
        assert "Replace" in note.message
        assert not write(replace(dataset, action="Replace"), io.BytesIO(), "sdmx-csv-2.0")

    def test_what_a_data_set_without_rows_loses_is_noted(self) -> None:
        first = load("DATAFLOW,D,OBS_VALUE", "X:F(1.0),a,1").datasets[0]
        empty = replace(first, observations=first.observations.head(0), action="Delete")
        assert write(empty, io.BytesIO(), "sdmx-csv-2.0").of_rule("empty-left-out")

    def test_data_sets_that_will_be_one_are_noted(self) -> None:
        first = load("DATAFLOW,D,OBS_VALUE", "X:F(1.0),a,1").datasets[0]
        sets = [first, replace(first, action="Append"), replace(first, action="Append")]
        [note] = write(sets, io.BytesIO(), "sdmx-csv-2.0").of_rule("boundary-left-out")
        assert note.message.endswith("before data set 3: rows start alike.")
        assert not write(sets[:2], io.BytesIO(), "sdmx-csv-2.0")

    def test_composite_values_are_refused_by_version_1(self) -> None:
        message = load(
            "STRUCTURE[;],STRUCTURE_ID,ACTION,D,OBS_VALUE,A[]", "dataflow,X:F(1.0),M,a,1,X;Y"
        )
        with pytest.raises(
            MessageError, match=r"several values or languages \(A\); write sdmx-csv-2.0"
        ):
            written(message, "sdmx-csv-1.0")

    @staticmethod
    def spoken(*values: str) -> Dataset:
        frame = pd.DataFrame({"D": ["a", "b"], "OBS_VALUE": ["1", "2"], "A": values})
        components = Components(("D",), attributes={"A": OBSERVATION}, composite=frozenset("A"))
        return Dataset(frame, components, "X:F(1.0)", action="Append")

    def test_languages_that_differ_from_row_to_row(self) -> None:
        dataset = self.spoken('{"en":"y"}', '{"fr":"y"}')
        assert column(read(written(dataset, "sdmx-csv-2.0")), "A") == [
            '{"en":"y"}',
            '{"fr":"y"}',
        ]

    def test_values_with_and_without_languages_are_refused(self) -> None:
        with pytest.raises(MessageError, match="with and without languages"):
            written(self.spoken('["x"]', '{"en":"y"}'), "sdmx-csv-2.0")

    def test_a_language_that_comes_later_is_refused(self) -> None:
        dataset = self.spoken('{"en":"y"}', '{"fr":"y"}')
        batches = [
            replace(dataset, observations=dataset.observations.iloc[[i]]) for i in (0, 1)
        ]
        with pytest.raises(MessageError, match="lacks a language"):
            written(iter(batches), "sdmx-csv-2.0")

    @pytest.mark.parametrize(
        "options", [{"separator": "ab"}, {"separator": '"'}, {"labels": "all"}, {"keys": "x"}]
    )
    def test_impossible_options_are_refused(self, options: dict[str, str]) -> None:
        with pytest.raises(MessageError, match=next(iter(options))):
            written(self.data, "sdmx-csv-2.0", **options)

    def test_unknown_options_are_misuse(self) -> None:
        with pytest.raises(TypeError, match="no option colour"):
            written(self.data, "sdmx-csv-2.0", colour="red")


codes = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=5
)
texts = st.none() | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8
)
numbers = st.none() | st.sampled_from(
    ["", "1.10", "1e-3", "NaN", "-0", "1234567890123456789", "INF"]
)


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    count = draw(st.integers(0, 6))
    frame = pd.DataFrame(
        {
            "D": pd.array(draw(st.lists(codes, min_size=count, max_size=count)), "str"),
            "TIME_PERIOD": pd.array([str(2000 + i) for i in range(count)], "str"),
            "OBS_VALUE": pd.array(
                draw(st.lists(numbers, min_size=count, max_size=count)), "str"
            ),
            "A": pd.Categorical(draw(st.lists(texts, min_size=count, max_size=count))),
        }
    )
    return Dataset(
        frame,
        Components(("D", "TIME_PERIOD"), attributes={"A": OBSERVATION}),
        "X:F(1.0)",
        action="Replace",
    )


@given(
    datasets(),
    st.sampled_from(["sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-csv-2.1"]),
    st.sampled_from([",", ";", "\t"]),
)
def test_what_goes_in_comes_out(dataset: Dataset, format: str, separator: str) -> None:
    message = read(written(dataset, format, separator=separator), dataset.components)
    frame = message.datasets[0].observations.astype(object)
    expected = dataset.observations.astype(object)
    assert (
        frame.where(frame.notna(), None).values.tolist()
        == expected.where(expected.notna(), None).values.tolist()
    )


class TestBroken:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("DATAFLOW,D,OBS_VALUE\nX,a,1\nX,a\n", "line 3: expected 3 fields, found 2: 'X,a'"),
            (
                'DATAFLOW,D,OBS_VALUE\nX,"a\nb\n",1\n\nX,a,1,2\n',
                "line 6: expected 3 fields, found 4",
            ),
            (
                'DATAFLOW,D,OBS_VALUE\nX,a,1\nX,"b,2\nX,c,3\n',
                "line 3: a quoted field is never closed",
            ),
            ('DATAFLOW,D,OBS_VALUE\nX,a,1\nX,b"c,2\n', "line 3: a quote in the middle"),
            ('DATAFLOW,D,OBS_VALUE\nX,"b"c,2\n', "line 2: a quote in the middle"),
            (
                "DATAFLOW,D,D,OBS_VALUE\nX,a,b,2\n",
                "line 1: column 3 \\('D'\\) is empty or repeated",
            ),
            ("STRUCTURE,D,OBS_VALUE\nX,a,2\n", "STRUCTURE_ID"),
            (
                "STRUCTURE,STRUCTURE_ID,D,OBS_VALUE\nflow,X,a,2\n",
                "STRUCTURE: expected one of dataflow",
            ),
            (
                "STRUCTURE,STRUCTURE_ID,ACTION,D,OBS_VALUE\ndataflow,X,Z,a,2\n",
                "ACTION: expected one of",
            ),
            (
                "STRUCTURE[;],STRUCTURE_ID,D,OBS_VALUE,A[en]\ndataflow,X,a,2,ohne\n",
                "one text for each language",
            ),
        ],
    )
    def test_line_and_expectation_are_named(self, text: str, expected: str) -> None:
        with pytest.raises(MessageError, match=expected):
            read(text.encode())

    def test_bytes_that_are_not_utf_8(self) -> None:
        with pytest.raises(MessageError, match="line 3: not UTF-8"):
            read("DATAFLOW,D,OBS_VALUE\nX,a,1\nX,é,2\n".encode("latin-1"))

    def test_a_record_longer_than_a_block_is_refused_not_loaded(self) -> None:
        with pytest.raises(MessageError, match="longer than 4 MB"):
            read(b"DATAFLOW,D,OBS_VALUE\nX," + b"a" * (9 << 20) + b",1\n")

    def test_a_dimension_without_column_is_named(self) -> None:
        with pytest.raises(MessageError, match="none for E"):
            load("DATAFLOW,D,OBS_VALUE", "X,a,1", structure=Components(("D", "E")))

    def test_a_column_that_the_structure_lacks_is_kept_and_noted(self) -> None:
        message = load(
            "DATAFLOW,D,OBS_VALUE,UPDATED", "X,a,1,2024", structure=Components(("D",))
        )
        assert rows(message) == [{"D": "a", "OBS_VALUE": "1", "UPDATED": "2024"}]
        assert [f.component for f in message.report.of_rule("unknown-component")] == ["UPDATED"]

    @given(
        st.lists(
            st.lists(st.text('a"\n\r,é ', max_size=5), min_size=2, max_size=3), max_size=12
        ),
        st.sampled_from(["\n", "\r\n", "\r"]),
        st.integers(1, 40),
    )
    def test_pieces_of_any_length_end_where_records_end(
        self, records: list[list[str]], end: str, size: int
    ) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(records)
        data = text.getvalue().encode()
        parts = list(pieces(io.BytesIO(data), ",", "x", size))
        assert b"".join(p.data for p in parts) == data
        found = [r for p in parts for r in csv.reader(io.StringIO(p.data.decode(), newline=""))]
        assert found == records
        assert [p.line for p in parts] == [
            1 + b"".join(p.data for p in parts[:i]).count(b"\n") for i in range(len(parts))
        ]

    @given(st.binary(max_size=60), st.integers(0, 200), st.integers(0, 20))
    def test_any_damage_is_read_or_refused(self, noise: bytes, at: int, cut: int) -> None:
        good = (
            b'STRUCTURE[;],STRUCTURE_ID,ACTION,D,OBS_VALUE,A[],B[en;fr]\ndataflow,X:F(1),M,a,1,"x;""y""",en:v;fr:w\n'
            * 2
        )
        bad = good[:at] + noise + good[at + cut :]
        with suppress(MessageError):
            read(bad)


@pytest.mark.shared
@pytest.mark.parametrize("version", ["csv-1.0", "csv-2.0.0", "csv-2.1"])
def test_official_samples_survive_being_rewritten(shared: Path, version: str) -> None:
    samples = sorted(
        (shared / "data/messages/sdmx-csv" / version / "data-message").glob("*.csv")
    )
    assert samples
    for sample in samples:
        message = read(sample)
        again = read(written(message, message.format))
        assert [d.action for d in again] == [d.action for d in message], sample
        assert [rows(again, i) for i in range(len(again))] == [
            rows(message, i) for i in range(len(message))
        ], sample

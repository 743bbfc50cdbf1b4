"""A data set keeps its contract: what a frame of anybody's gives is taken or refused, never bent."""

from __future__ import annotations

import copy
import datetime
import decimal
import io
import math
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ilms_sdmx
from ilms_sdmx import (
    Components,
    Dataset,
    IlmsError,
    StructureError,
    ValidationError,
    read,
    write,
)
from ilms_sdmx.datasets.texts import number_text

FLOW = "DF_POP_MFRC_SEX_CCT_NB"
FORMATS = ("sdmx-csv-1.0", "sdmx-csv-2.0", "sdmx-ml-2.1", "sdmx-ml-2.1-generic", "sdmx-ml-3.0", "sdmx-json-1.0", "sdmx-json-2.0")  # fmt: skip
KEY = {"REF_AREA": "LAO", "FREQ": "A", "MEASURE": "POP_MFRC_NB", "SEX": "SEX_T"}


def frame(**columns: Any) -> pd.DataFrame:
    """Two rows of foreigners in Laos by citizenship, as `read_csv` may have given them."""
    whole: dict[str, Any] = {
        **KEY,
        "CCT": ["CCT_CTZ_VNM", "CCT_CTZ_THA"],
        "TIME_PERIOD": [2019, 2019],
        "OBS_VALUE": [12.5, 3.0],
        "UNIT_MULT": [3, 3],
    }
    return pd.DataFrame(whole | columns)


def cells(dataset: Dataset, name: str) -> list[str | None]:
    values = dataset.observations[name].astype("object")
    return [None if pd.isna(value) else value for value in values]


def written(data: Any, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    write(data, buffer, format, **options)
    return buffer.getvalue()


# --- taken ---


@pytest.mark.parametrize(
    ("column", "values", "texts"),
    [
        ("TIME_PERIOD", [2019, 2020], ["2019", "2020"]),
        ("TIME_PERIOD", [2019.0, 2020.0], ["2019", "2020"]),
        ("TIME_PERIOD", np.array([2019, 2020], "int16"), ["2019", "2020"]),
        ("TIME_PERIOD", pd.to_datetime(["2019-01-01", "2020-06-30"]), ["2019", "2020-06-30"]),
        ("TIME_PERIOD", [datetime.date(2019, 1, 1), "2020"], ["2019", "2020"]),
        ("TIME_PERIOD", pd.PeriodIndex(["2019", "2020"], freq="Y"), ["2019", "2020"]),
        ("TIME_PERIOD", [" 2019", "2020-Q4 "], ["2019", "2020-Q4"]),
        ("OBS_VALUE", [0.1 + 0.2, 1e16], ["0.3", "10000000000000000"]),
        ("OBS_VALUE", ["1.10", " 1.100"], ["1.10", "1.100"]),
        ("OBS_VALUE", [1, -2], ["1", "-2"]),
        ("OBS_VALUE", [np.nan, 2.50], [None, "2.5"]),
        ("OBS_VALUE", [None, decimal.Decimal("2.50")], [None, "2.50"]),
        ("OBS_VALUE", np.array([0.1, 7.25], "float32"), ["0.1", "7.25"]),
        ("OBS_VALUE", pd.array([0.1, None], "Float32"), ["0.1", None]),
        ("OBS_VALUE", pd.array([0.1, None], "float[pyarrow]"), ["0.1", None]),
        ("OBS_VALUE", pd.array([0.1, None], "double[pyarrow]"), ["0.1", None]),
        ("OBS_VALUE", [1e-7, 123456789.123], ["0.0000001", "123456789.123"]),
        ("UNIT_MULT", [3.0, np.nan], ["3", None]),
        ("UNIT_MULT", pd.array([3, None], "Int64"), ["3", None]),
        ("UNIT_MULT", pd.Categorical([3, 6]), ["3", "6"]),
        ("SEX", [" SEX_M", "SEX_F "], ["SEX_M", "SEX_F"]),
        ("SOURCE", ["Census ", None], ["Census ", None]),
        ("SOURCE", [pd.Timestamp("2019-03-01"), True], ["2019-03-01", "true"]),
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_certain_is_taken(column: str, values: Any, texts: list[str | None]) -> None:
    assert cells(Dataset.of(frame(**{column: values}), FLOW), column) == texts


@pytest.mark.parametrize(
    ("frequency", "moment", "text"),
    [
        ("A", "2021-01-01", "2021"),
        ("Q", "2021-07-01", "2021-Q3"),
        ("S", "2021-07-01", "2021-S2"),
        ("M", "2021-07-01", "2021-07"),
        ("D", "2021-07-01", "2021-07-01"),
        ("W", "2021-01-04", "2021-W01"),
        ("A", "2021-12-31", "2021-12-31"),
        ("Q", "2021-08-15", "2021-08-15"),
        ("", "2021-01-01", "2021-01-01"),
        ("D", "2021-01-01T06:30:00", "2021-01-01T06:30:00"),
    ],
)
def test_a_date_is_the_period_of_its_frequency_that_begins_on_it_or_the_day(
    frequency: str, moment: str, text: str
) -> None:
    one = pd.DataFrame({"FREQ": [frequency or None], "TIME_PERIOD": [pd.Timestamp(moment)]})
    one["OBS_VALUE"] = 1
    components = Components(("TIME_PERIOD",), attributes={"FREQ": ()})
    assert cells(Dataset.of(one, components), "TIME_PERIOD") == [text]


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (pd.Period("2021Q2"), "2021-Q2"),
        (pd.Period("2021-03", "M"), "2021-03"),
        (pd.Period("2021-03-05", "D"), "2021-03-05"),
        (pd.Period("2021-03-08", "W-SUN"), "2021-W10"),
        (pd.Period("2021", "Y-MAR"), "2020-04-01/P1Y"),
        (pd.Period("2021Q1", "Q-MAR"), "2020-Q2"),
        (pd.Period("2021-01", "2Q"), "2021-S1"),
    ],
)
def test_a_period_of_pandas_is_one_of_sdmx(period: pd.Period, text: str) -> None:
    one = pd.DataFrame({"TIME_PERIOD": [period], "OBS_VALUE": 1})
    assert cells(Dataset.of(one, Components(("TIME_PERIOD",))), "TIME_PERIOD") == [text]


def test_columns_come_in_any_order_from_the_index_and_in_small_letters() -> None:
    shuffled = frame()[frame().columns[::-1]].rename(columns={"SEX": " sex"})
    made = Dataset.of(shuffled.set_index(["CCT", "TIME_PERIOD"]), FLOW)
    plain = Dataset.of(frame(), f"ILO:{FLOW}(1.0)")
    pd.testing.assert_frame_equal(made.observations, plain.observations)
    assert made.dataflow == plain.dataflow == f"ILO:{FLOW}(1.0)"
    assert list(made.observations)[-3:] == ["TIME_PERIOD", "OBS_VALUE", "UNIT_MULT"]


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_frame_gives_the_same_answer_in_every_format(format: str) -> None:
    rough = frame(TIME_PERIOD=[2019.0, 2020.0], OBS_VALUE=[0.1 + 0.2, math.nan], UNIT_MULT=3.0)
    for data, options in ((Dataset.of(rough, FLOW), {}), (rough, {"structure": FLOW})):
        again = read(written(data, format, **options), FLOW).datasets[0]
        assert cells(again, "TIME_PERIOD") == ["2019", "2020"]
        assert cells(again, "OBS_VALUE")[0] == "0.3"
        assert again.values.isna().tolist() == [False, True]
        assert cells(again, "UNIT_MULT") == ["3", "3"]


# --- refused ---


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"TIME_PERIOD": [2019.5, 2020]}, "TIME_PERIOD is 2019.5 in the row with index 0: it is no whole year"),
        ({"TIME_PERIOD": [19, 20]}, "no year of four digits"),
        ({"TIME_PERIOD": ["2019", "2019.0"]}, "no period of SDMX"),
        ({"TIME_PERIOD": ["2562", "Mar 2019"]}, "TIME_PERIOD is Mar 2019"),
        ({"TIME_PERIOD": [None, 2019]}, "TIME_PERIOD is nan in the row with index 0: it has no value"),
        ({"TIME_PERIOD": [True, 2019]}, "it is no period"),
        ({"SEX": ["SEX_M", ""]}, "SEX is .*it has no value"),
        ({"SEX": [1.5, 2]}, "decimals, as no code has"),
        ({"SEX": [True, False]}, "truth value"),
        ({"SEX": pd.to_datetime(["2019-01-01"] * 2)}, "SEX is 2019-01-01"),
        ({"OBS_VALUE": [math.inf, 1]}, "OBS_VALUE is inf.*infinite"),
        ({"OBS_VALUE": ["1,234", "n.a."]}, "OBS_VALUE is 1,234 in 2 rows, the first with index 0"),
        ({"OBS_VALUE": [True, 1]}, "truth value"),
        ({"OBS_VALUE": [float(2**60 + 4096), 1]}, "lost the last digits"),
        ({"SOURCE": [["a"], {}]}, "SOURCE is"),
        ({"CCT": ["CCT_CTZ_VNM"] * 2}, "Observations 0 and 1 have the same key: REF_AREA LAO, FREQ A"),
        ({"Unnamed: 0": [0, 1]}, "Unnamed: 0 is not a component"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_not_certain_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Dataset.of(frame(**change), FLOW)
    for format in ("sdmx-csv-1.0", "sdmx-ml-2.1", "sdmx-json-2.0"):
        with pytest.raises(ValidationError, match=said):
            written(frame(**change), format, structure=FLOW)


def test_all_that_is_wrong_is_listed_at_once() -> None:
    bad = frame(TIME_PERIOD=[2019.5, 2020], OBS_VALUE=["x", "y"], EXTRA=1).drop(columns="SEX")
    with pytest.raises(ValidationError) as caught:
        Dataset.of(bad, FLOW)
    rules = [(finding.rule, finding.component) for finding in caught.value.report]
    assert rules == [
        ("missing-component", "SEX"),
        ("unknown-component", "EXTRA"),
        ("frame-value", "TIME_PERIOD"),
        ("frame-value", "OBS_VALUE"),
    ]
    for component in ("SEX", "EXTRA", "TIME_PERIOD", "OBS_VALUE"):
        assert component in str(caught.value)


def test_two_columns_of_one_name_are_refused() -> None:
    twice = pd.concat([frame(), frame()[["SEX"]]], axis=1)
    with pytest.raises(ValidationError, match="two columns SEX"):
        Dataset.of(twice, FLOW)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((FLOW, frame()), "found str first"),
        ((frame(), None), "expected the dataflow"),
        ((frame(), 42), "found int"),
        (([1], FLOW), "expected a frame of pandas"),
        ((pa.table({"a": [1]}), FLOW), r"give its \.to_pandas\(\)"),
    ],
    ids=["swapped", "without dataflow", "number", "list", "arrow"],
)
def test_misuse_of_the_maker_says_what_is_taken(arguments: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        Dataset.of(*arguments)


@pytest.mark.parametrize(
    ("observations", "said"),
    [
        ({"D": ["a"], "OBS_VALUE": [1.5]}, "expected texts in OBS_VALUE, found float"),
        ({"D": [2022], "OBS_VALUE": ["1"]}, "expected texts in D, found int"),
        ({"D": pd.Categorical([2022]), "OBS_VALUE": ["1"]}, "expected texts in D, found int"),
        ({"D": pd.to_datetime(["2022-01-01"]), "OBS_VALUE": ["1"]}, "expected texts in D"),
        ({"D": pd.Series(["a"], dtype=object), "OBS_VALUE": [None]}, ""),
        ({"OBS_VALUE": ["1"]}, "found no D"),
        ({"D": ["a"], "E": ["b"], "OBS_VALUE": ["1"]}, "found E"),
    ],
    ids=repr,
)
def test_the_constructor_checks_what_it_is_given(observations: Any, said: str) -> None:
    given_frame = pd.DataFrame(observations)
    if not said:
        assert (
            Dataset(given_frame, Components(("D",))).observations["OBS_VALUE"].dtype == "string"
        )
        return
    with pytest.raises(TypeError, match=f"{said}.*Dataset.of"):
        Dataset(given_frame, Components(("D",)))


def test_the_constructor_names_arguments_that_are_no_frame_and_no_components() -> None:
    with pytest.raises(TypeError, match="expected a frame of pandas, found Components"):
        Dataset(Components(("D",)), frame())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected Components, found str"):
        Dataset(frame(), FLOW)  # type: ignore[arg-type]


# --- the rule of numbers ---


@given(st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=3))
def test_a_decimal_number_of_fifteen_digits_survives_a_float(number: decimal.Decimal) -> None:
    text = number_text(float(number))
    assert decimal.Decimal(text) == number
    assert "e" not in text.lower()


@given(st.integers(-(2**53) + 1, 2**53 - 1))
def test_whole_numbers_survive_a_float(number: int) -> None:
    assert number_text(float(number)) == number_text(number) == str(number)


# --- frames for people ---


def test_a_frame_has_numbers_periods_in_order_and_names() -> None:
    data = Dataset.of(frame(TIME_PERIOD=[2018, 2020], OBS_VALUE=["1.10", None]), FLOW)
    assert data.to_frame().OBS_VALUE.sum() == 1.1
    assert data.to_frame().query("TIME_PERIOD >= '2019'").CCT.tolist() == ["CCT_CTZ_THA"]
    assert data.to_frame(numeric=False).OBS_VALUE.tolist() == ["1.10", pd.NA]
    for language, name in (("en", "Total"), ("fr", "Total"), ("es", "Total")):
        named = data.to_frame(labels=language)
        assert named.SEX_LABEL.tolist() == [name] * 2
    assert data.to_frame(labels="fr").CCT_LABEL[1].endswith("Thaïlande")
    columns = list(data.to_frame(labels="en"))
    assert columns[columns.index("SEX") + 1] == "SEX_LABEL"
    assert len(data.head(1)) == 1


def test_periods_of_a_message_that_was_read_are_in_order_as_well() -> None:
    data = Dataset.of(frame(TIME_PERIOD=["2019-Q4", "2020-Q1"], FREQ="Q"), FLOW)
    again = read(written(data, "sdmx-csv-1.0"), FLOW).datasets[0]
    later = again.to_frame().query("TIME_PERIOD >= '2020'")
    assert later.TIME_PERIOD.tolist() == ["2020-Q1"]


def test_persons_are_exact_whatever_the_power_of_ten() -> None:
    rough = frame(OBS_VALUE=["1.001", "2e1"], UNIT_MULT=[3, 6], UNIT_MEASURE="PS")
    data = Dataset.of(rough, FLOW)
    persons = data.to_frame(units="persons")
    assert persons.OBS_VALUE.tolist() == [1001.0, 20_000_000.0]
    assert persons.UNIT_MULT.tolist() == ["0", "0"]
    with pytest.raises(StructureError, match="count persons, found HR"):
        Dataset.of(frame(UNIT_MEASURE="HR"), FLOW).to_frame(units="persons")
    with pytest.raises(StructureError, match="none at 1"):
        Dataset.of(frame(UNIT_MULT=[3, None]), FLOW).to_frame(units="persons")
    with pytest.raises(StructureError, match="expected a column UNIT_MULT"):
        Dataset.of(frame().drop(columns="UNIT_MULT"), FLOW).to_frame(units="persons")


@pytest.mark.parametrize(
    "options",
    [{"labels": "th"}, {"units": "thousands"}, {"units": "persons", "numeric": False}],
)
def test_an_option_that_is_none_says_which_there_are(options: Any) -> None:
    with pytest.raises(TypeError, match="expected"):
        Dataset.of(frame(), FLOW).to_frame(**options)


def test_names_of_a_foreign_dataflow_are_not_invented() -> None:
    data = Dataset.of(pd.DataFrame({"D": ["a"], "OBS_VALUE": 1}), Components(("D",)))
    with pytest.raises(StructureError, match="gives the names"):
        data.to_frame(labels="en")


def test_a_data_set_is_gone_through_by_observation() -> None:
    rows = list(Dataset.of(frame(UNIT_MULT=[3, None]), FLOW))
    assert rows[0]["OBS_VALUE"] == "12.5"
    assert rows[0]["UNIT_MULT"] == "3"
    assert "UNIT_MULT" not in rows[1]


# --- other tools ---


def test_numbers_are_numbers_in_arrow_polars_parquet_and_duckdb(tmp_path: Any) -> None:
    duckdb = pytest.importorskip("duckdb")
    polars = pytest.importorskip("polars")
    data = Dataset.of(frame(OBS_VALUE=["1.10", ""]), FLOW)
    table = pa.table(data)
    assert table["OBS_VALUE"].to_pylist() == [1.1, None]
    assert table["OBS_VALUE_TEXT"].to_pylist() == ["1.10", ""]
    assert data.to_polars()["OBS_VALUE"].dtype == polars.Float64
    ilms_sdmx.to_parquet(data, tmp_path / "x.parquet")
    assert duckdb.sql("select sum(OBS_VALUE) from data").fetchall() == [(1.1,)]
    assert pd.read_parquet(tmp_path / "x.parquet").OBS_VALUE.dtype == "float64"


@pytest.mark.parametrize("tool", ["arrow", "polars", "parquet"])
def test_texts_come_back_from_other_tools_unless_the_number_was_changed(
    tool: str, tmp_path: Any
) -> None:
    import polars

    data = Dataset.of(frame(OBS_VALUE=["1.10", "2.0"]), FLOW)
    table: Any = pa.table(data)
    changed = table.set_column(6, "OBS_VALUE", pa.array([1.1, 2.5]))
    if tool == "polars":
        table, changed = data.to_polars(), polars.DataFrame(changed)
    if tool == "parquet":
        ilms_sdmx.to_parquet(data, tmp_path / "x.parquet")
        table = pd.read_parquet(tmp_path / "x.parquet")
        changed = table.assign(OBS_VALUE=[1.1, 2.5])
    for given_table, texts in ((table, ["1.10", "2.0"]), (changed, ["1.10", "2.5"])):
        again = read(written(given_table, "sdmx-csv-1.0", structure=FLOW), FLOW)
        assert cells(again.datasets[0], "OBS_VALUE") == texts


# --- notebooks and other processes ---


def results() -> dict[str, Any]:
    conversion = ilms_sdmx.convert(*ilms_sdmx.example("phl-emigrants"))
    data = conversion.datasets[0]
    buffer = io.BytesIO()
    write(data, buffer)
    return {
        "data set": data,
        "conversion": conversion,
        "message": read(buffer.getvalue()),
        "comparison": ilms_sdmx.compare(conversion, "snapshot"),
        "validation": ilms_sdmx.validate(data),
        "report": conversion.report,
        "summary": ilms_sdmx.summarise(data)[0],
        "mapping": conversion.mapping,
        "changes": ilms_sdmx.diff(data, data),
        "workbook": conversion.workbook,
        "label": ilms_sdmx.match_label("Thailand", "CDS_DES_"),
        "form": ilms_sdmx.form_tables("PHL", "2024")[0],
        "draft": ilms_sdmx.draft_mapping(ilms_sdmx.example("khm-abroad")[0]),
        "header": ilms_sdmx.Header(),
        "rule": ilms_sdmx.rules()["sex-sum"],
    }


def test_every_result_can_be_copied_and_sent_to_another_process() -> None:
    for name, result in results().items():
        for made in (
            pickle.loads(pickle.dumps(result)),
            copy.deepcopy(result),
            copy.copy(result),
        ):
            assert type(made) is type(result), name
            assert repr(made)[:60] == repr(result)[:60], name
            assert "object at" not in repr(made), name


def test_another_process_takes_and_gives_data_sets() -> None:
    data = Dataset.of(frame(), FLOW)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        report = pool.submit(ilms_sdmx.validate, data).result()
        assert report.counts == ilms_sdmx.validate(data).counts
        failure = pool.submit(Dataset.of, frame(SEX=""), FLOW).exception()
    assert isinstance(failure, ValidationError)
    assert len(failure.report) == 1


@pytest.mark.parametrize(
    "error",
    [
        ilms_sdmx.OutputError("x cannot be written.", "x"),
        ilms_sdmx.FetchError("no answer", "https://example.org"),
        ilms_sdmx.NotFoundError("no such key", "https://example.org"),
        ilms_sdmx.IncompleteError("cut off"),
        ilms_sdmx.MappingError("line 3"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_keep_what_they_carry(error: IlmsError) -> None:
    for again in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert (type(again), str(again)) == (type(error), str(error))
        assert again.__dict__ == error.__dict__


def test_a_notebook_shows_tables_and_lets_no_markup_through() -> None:
    shown = results()
    for name in ("data set", "conversion", "message", "comparison", "validation", "report"):
        html = shown[name]._repr_html_()
        assert html.startswith("<div>"), name
        assert "<table" in html, name
    assert "504 observations" in shown["data set"]._repr_html_()
    assert "and 494 more" in shown["data set"]._repr_html_()
    harmful = Dataset.of(frame(SOURCE="<script>alert(1)</script>"), FLOW)._repr_html_()
    assert "<script" not in harmful
    assert "&lt;script" in harmful


def test_numbers_of_things_are_in_words() -> None:
    shown = results()
    assert repr(shown["validation"]) == "<Validation: 4 warnings>"
    assert repr(Dataset.of(frame().head(1), FLOW)).endswith("1 observation>")

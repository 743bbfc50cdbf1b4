"""What a notebook shows of a value is a line or two, never its contents."""

import io

import pandas as pd
import pytest

import ilms_sdmx
from ilms_sdmx.analysis.comparison.comparisons import compare
from ilms_sdmx.findings import Finding, Report, Severity
from ilms_sdmx.records import Harmonised, Record, records_frame
from ilms_sdmx.tables.table import Origin, Table


@pytest.fixture(scope="module")
def shown() -> dict[str, str]:
    conversion = ilms_sdmx.convert(*ilms_sdmx.example("phl-emigrants"))
    data = conversion.datasets[0]
    message = io.BytesIO()
    ilms_sdmx.write(data, message)
    origin = Origin("UN DESA")
    index = data.observations.index
    theirs = Harmonised(data, records_frame(index, Record(source="UN DESA")), origin)
    values = {
        "conversion": conversion,
        "dataset": data,
        "workbook": conversion.workbook,
        "sheet": conversion.workbook.sheets[0],
        "mapping": conversion.mapping,
        "validation": ilms_sdmx.validate(data),
        "message": ilms_sdmx.read(message.getvalue()),
        "harmonised": theirs,
        "comparison": compare(data, theirs),
        "table": Table(pd.DataFrame({"country": ["Kuwait"], "text": ["1"]}), origin),
    }
    return {name: repr(value) for name, value in values.items()}


def test_values_are_shown_in_a_line_or_two(shown: dict[str, str]) -> None:
    assert {name: text for name, text in shown.items() if len(text) > 400 or "\n" in text} == {}


def test_a_data_set_says_its_dataflow_and_size(shown: dict[str, str]) -> None:
    assert shown["dataset"] == "<Dataset ILO:DF_POP_MNAO_SEX_CDS_NB(1.0): 504 observations>"


def test_a_conversion_says_what_became_of_its_cells(shown: dict[str, str]) -> None:
    assert "570 cells: 460 observations, 54 totals (all agree)" in shown["conversion"]
    assert shown["dataset"] in shown["conversion"]


def test_a_sheet_says_its_name_and_size(shown: dict[str, str]) -> None:
    assert shown["sheet"] == "<Sheet '(csv)': 44 rows, 13 columns, 570 cells>"
    assert shown["sheet"] in shown["workbook"]


def test_a_table_says_where_it_came_from(shown: dict[str, str]) -> None:
    assert shown["table"] == "<Table of UN DESA: 1 figures, columns country, text>"


def test_a_report_counts_by_severity() -> None:
    findings = [Finding("a", Severity.WARNING, "x"), Finding("b", Severity.ERROR, "y")]
    assert repr(Report.of(findings)) == "<Report: 1 error, 1 warning>"
    assert repr(Report()) == "<Report: no findings>"

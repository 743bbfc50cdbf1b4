"""Drafts of lists of codes: SDMX-CSV, and files like those of ILOSTAT, are recognised at once."""

import pytest

from ilms_sdmx import Conversion, convert, draft_mapping
from ilms_sdmx.mapping.file.reading import parse_mapping
from tests.national.judging import accepted

FLOW = "ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)"
SDMX = [
    "DATAFLOW,REF_AREA,FREQ,MEASURE,SEX,CCT,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE,UNIT_MULT,OBS_STATUS",
    f"{FLOW},LAO,A,EMP_MFRC_NB,SEX_M,CCT_CTZ_VNM,2018,131,PS,0,A",
    f"{FLOW},LAO,A,EMP_MFRC_NB,SEX_F,CCT_CTZ_VNM,2018,0.077,PS,3,P",
    f"{FLOW},LAO,A,EMP_MFRC_NB,SEX_T,CCT_CTZ_CHN,2019,48,PS,0,",
]
ILOSTAT = [
    "ref_area;source;indicator;sex;classif1;time;obs_value;obs_status",
    "LAO;BX:1;EMP_MFRC_SEX_CCT_NB;SEX_M;CCT_CTZ_VNM;2018;1.310;",
    "LAO;BX:1;EMP_MFRC_SEX_CCT_NB;SEX_F;CCT_CTZ_VNM;2018;0.770;U",
]


def drafted(lines: list[str]) -> tuple[str, Conversion]:
    source = "\n".join(lines).encode()
    text = draft_mapping(source, area="LAO")
    return text, convert(source, parse_mapping(accepted(text)))


def written(done: Conversion) -> set[tuple[str, ...]]:
    frame = done.datasets[0].observations
    columns = ["REF_AREA", "SEX", "CCT", "TIME_PERIOD", "OBS_VALUE", "UNIT_MULT", "OBS_STATUS"]
    return set(frame[columns].fillna("").astype(str).itertuples(index=False, name=None))


def test_a_list_in_sdmx_csv_is_written_as_it_is() -> None:
    text, done = drafted(SDMX)
    assert "decide:" not in text.replace("Lines with `decide:`", "")
    assert done.exit_code == 0
    assert written(done) == {
        ("LAO", "SEX_M", "CCT_CTZ_VNM", "2018", "0.131", "3", ""),
        ("LAO", "SEX_F", "CCT_CTZ_VNM", "2018", "0.077", "3", "P"),
        ("LAO", "SEX_T", "CCT_CTZ_CHN", "2019", "0.048", "3", ""),
    }


def test_without_the_name_of_a_dataflow_its_measure_and_dimensions_tell_it() -> None:
    lines = [line.partition(",")[2] for line in SDMX]
    text, done = drafted(lines)
    assert f"dataflow: {FLOW}" in text
    assert len(done.datasets[0]) == 3


def test_a_file_like_those_of_ilostat_is_asked_whether_it_is_in_thousands() -> None:
    text, done = drafted(ILOSTAT)
    assert "multiplier: ?" in text
    assert done.exit_code == 3
    source = "\n".join(ILOSTAT).encode()
    mapping = parse_mapping(accepted(text.replace("multiplier: ?", "multiplier: 3")))
    values = {row[4]: row[6] for row in written(convert(source, mapping))}
    assert values == {"1.310": "", "0.770": "U"}


@pytest.mark.parametrize(
    ("old", "new"), [("SEX_M", "SEX_X"), (",A\n", ",Z\n"), ("EMP_MFRC_NB,SEX_T", "EMP_X,SEX_T")]
)
def test_what_is_no_code_stops(old: str, new: str) -> None:
    source = "\n".join([*SDMX, ""])
    mapping = parse_mapping(accepted(draft_mapping(source.encode(), area="LAO")))
    assert old in source
    assert convert(source.replace(old, new).encode(), mapping).exit_code >= 2


@pytest.mark.parametrize("old", ["EMP_MFRC_SEX_CCT_NB", "time"])
def test_a_list_of_other_words_is_a_table_as_any_other(old: str) -> None:
    lines = [line.replace(old, "Workers") for line in ILOSTAT]
    text, _ = drafted(lines)
    assert "columns: [value]" not in text


HEADED = [
    "Country,Sex,Nationality,Year,Number",
    "LAO,SEX_M,CCT_CTZ_VNM,2018,2015",
    "LAO,SEX_F,CCT_CTZ_VNM,2018,199",
    "LAO,SEX_T,CCT_CTZ_CHN,2019,20",
]


@pytest.mark.parametrize(
    "header", ["", "Negara,Jantina,Warganegara,Tahun,Bilangan", "a,b,c,Năm,Số lượng"]
)
def test_codes_tell_the_columns_that_words_head_and_the_dataflow_is_asked(header: str) -> None:
    lines = [header or HEADED[0], *HEADED[1:]]
    text, done = drafted(lines)
    assert done.exit_code == 3
    assert "dataflow: ?" in text
    assert f"{FLOW} (Employed non-citizens by sex and country of citizenship)" in text
    answers = {
        "dataflow": FLOW,
        "UNIT_MEASURE_TYPE": "NB",
        "UNIT_MEASURE": "PS",
        " MEASURE": "EMP_MFRC_NB",
        "UNIT_MULT": "3",
        "multiplier": "0",
    }
    for key, answer in answers.items():
        text = text.replace(f"{key}: ?", f"{key}: {answer}")
    source = "\n".join(lines).encode()
    assert written(convert(source, parse_mapping(accepted(text)))) == {
        ("LAO", "SEX_M", "CCT_CTZ_VNM", "2018", "2.015", "3", ""),
        ("LAO", "SEX_F", "CCT_CTZ_VNM", "2018", "0.199", "3", ""),
        ("LAO", "SEX_T", "CCT_CTZ_CHN", "2019", "0.020", "3", ""),
    }


@pytest.mark.parametrize(
    "lines",
    [
        [f"Province,{HEADED[0]}", *(f"Attapeu,{line}" for line in HEADED[1:])],
        [line.replace("SEX_", "S_") for line in HEADED],
        [line.replace("LAO", "THA") for line in HEADED],
        [line.replace("Year", "Workers") for line in HEADED],
    ],
)
def test_a_column_that_stays_unknown_makes_it_a_table_as_any_other(lines: list[str]) -> None:
    text, _ = drafted(lines)
    assert "dataflow: ILO:" not in text
    assert "LAO_OFFICE:" in text


def test_the_unit_of_earnings_in_a_list_is_that_of_the_dataflow_or_asked() -> None:
    header = "DATAFLOW,REF_AREA,FREQ,MEASURE,SEX,CCT,TIME_PERIOD,OBS_VALUE"
    row = "ILO:DF_EAR_EMTA_SEX_CCT_NB(1.0),LAO,A,EAR_EMTA_NB,SEX_M,CCT_CTZ_VNM,2018,2150000"
    text, _ = drafted([header, row])
    assert "UNIT_MEASURE: PS" not in text
    assert "UNIT_MULT: 0" in text

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


@pytest.mark.parametrize("old", ["EMP_MFRC_SEX_CCT_NB", "obs_value", "time"])
def test_a_list_of_other_words_is_a_table_as_any_other(old: str) -> None:
    lines = [line.replace(old, "Workers") for line in ILOSTAT]
    text, _ = drafted(lines)
    assert "columns: [value]" not in text

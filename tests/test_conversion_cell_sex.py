"""A figure whose cell names a sex is never written under headings that name another."""

from pathlib import Path

import pytest

from ilms_sdmx import convert
from ilms_sdmx.conversion.result.conversions import Conversion

MAPPING = """
mapping: 2
conventions: {{languages: [{language}, en]}}
tables:
  - name: t
    begin: Country
    rows: [{{name: country, header: Country}}]
    columns: [sex]
    markers: {{}}
codes:
  sexes: {{values: {{"{total}": SEX_T, "{men}": SEX_M, "{women}": SEX_F}}}}
  countries: {{codelist: CL_CRS, prefix: CRS_RES_, values: {{Oman: CRS_RES_OMN, Nepal: CRS_RES_NPL}}}}
datasets:
  - dataflow: ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)
    tables: [t]
    components:
      REF_AREA: KHM
      MEASURE: POP_MNAS_NB
      SEX: {{from: sex, codes: sexes}}
      CRS: {{from: country, codes: countries}}
      TIME_PERIOD: "2021"
      UNIT_MEASURE_TYPE: NB
      UNIT_MEASURE: PS
      UNIT_MULT: 3
"""
ENGLISH = ("en", "Total", "Men", "Women")
VIETNAMESE = ("vi", "Tổng số", "Nam", "Nữ")
THAI = ("th", "รวม", "ชาย", "หญิง")


def converted(folder: Path, words: tuple[str, ...], row: str) -> Conversion:
    language, total, men, women = words
    table = folder / "table.csv"
    head = f"Country;{total};{men};{women}\n"
    table.write_text(f"{head}Oman;{row}\nNepal;30;20;10\n", encoding="utf-8")
    path = folder / "table.yaml"
    text = MAPPING.format(language=language, total=total, men=men, women=women)
    path.write_text(text, encoding="utf-8")
    return convert(table, path)


@pytest.mark.parametrize(
    ("words", "row", "cells"),
    [
        (ENGLISH, "18;12 women;6", {"C2"}),
        (ENGLISH, "18 male;12;6", {"B2"}),
        (ENGLISH, "18;12;6 (men)", {"D2"}),
        (VIETNAMESE, "88 lao động nam;88;0", {"B2"}),
        (THAI, "18;หญิง 12;6", {"C2"}),
        (ENGLISH, "18;in all 12;6", {"C2"}),
        (ENGLISH, "18;12;6 both sexes", {"D2"}),
        (THAI, "18;12 ทั้งสองเพศ;6", {"C2"}),
    ],
)
def test_a_cell_that_names_another_sex_is_an_error_and_no_observation(
    words: tuple[str, ...], row: str, cells: set[str], tmp_path: Path
) -> None:
    done = converted(tmp_path, words, row)
    found = [each for each in done.report if each.rule == "figure-of-another-sex"]
    assert {each.place.cell for each in found} == cells
    assert {each.severity for each in found} == {"error"}
    written = done.provenance[done.provenance["bucket"] == "observation"]["cell"]
    assert not cells & set(written)


@pytest.mark.parametrize(
    ("words", "row"),
    [(ENGLISH, "18;12 men;6 women"), (VIETNAMESE, "18;12 nam;6"), (ENGLISH, "18 permits;12;6")],
)
def test_a_cell_that_names_its_own_sex_or_none_is_no_finding(
    words: tuple[str, ...], row: str, tmp_path: Path
) -> None:
    done = converted(tmp_path, words, row)
    assert "figure-of-another-sex" not in {each.rule for each in done.report}


@pytest.mark.parametrize(
    ("words", "row"),
    [
        (ENGLISH, "in all 18;men only 12;6 women only"),
        (VIETNAMESE, "18;chỉ nam 12;6"),
        (THAI, "18 ทั้งสองเพศ;12;หญิงเท่านั้น 6"),
    ],
)
def test_words_that_say_what_the_headings_say_are_read(
    words: tuple[str, ...], row: str, tmp_path: Path
) -> None:
    done = converted(tmp_path, words, row)
    assert not done.report.errors
    assert len(done.datasets[0]) == 6

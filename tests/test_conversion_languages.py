"""A report says when the labels of a language were checked by no native speaker."""

from pathlib import Path

import pytest

from ilms_sdmx import convert

MAPPING = """
mapping: 2
{conventions}
tables:
  - name: t
    begin: {begin}
    rows: [{{name: sex, header: {begin}}}]
    columns: [year]
codes:
  sexes:
    values: {{{men}: SEX_M, {women}: SEX_F}}
datasets:
  - dataflow: ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)
    tables: [t]
    components:
      REF_AREA: KHM
      FREQ: A
      MEASURE: POP_MNAS_NB
      SEX: {{from: sex, codes: sexes}}
      CRS: CRS_RES_TOTAL
      TIME_PERIOD: {{period: year}}
      UNIT_MEASURE_TYPE: NB
      UNIT_MEASURE: PS
      UNIT_MULT: 3
"""


def converted(folder: Path, begin: str, men: str, women: str, conventions: str = ""):
    table = folder / "table.csv"
    table.write_text(f"{begin},2021\n{men},1000\n{women},2000\n", encoding="utf-8")
    mapping = folder / "table.yaml"
    text = MAPPING.format(begin=begin, men=men, women=women, conventions=conventions)
    mapping.write_text(text, encoding="utf-8")
    return convert(table, mapping)


@pytest.mark.parametrize(
    ("begin", "men", "women", "conventions", "language"),
    [
        ("ភេទ", "ប្រុស", "ស្រី", "", "Khmer"),
        ("ເພດ", "ຊາຍ", "ຍິງ", "", "Lao"),
        ("ကျား/မ", "ကျား", "မ", "", "Burmese"),
        ("Seksu", "Mane", "Feto", "conventions: {languages: [tet, pt]}", "Tetum"),
    ],
)
def test_the_report_names_languages_that_no_native_speaker_has_checked(
    tmp_path: Path, begin: str, men: str, women: str, conventions: str, language: str
) -> None:
    done = converted(tmp_path, begin, men, women, conventions)
    notes = [each for each in done.report if each.rule == "labels-unchecked"]
    assert [each.severity for each in notes] == ["note"]
    assert notes[0].message.endswith(f"in {language}.")
    assert len(done.datasets[0].observations) == 2


@pytest.mark.parametrize(
    ("begin", "men", "women"), [("เพศ", "ชาย", "หญิง"), ("Sex", "Men", "Women")]
)
def test_languages_that_tables_have_shown_need_no_note(
    tmp_path: Path, begin: str, men: str, women: str
) -> None:
    done = converted(tmp_path, begin, men, women)
    assert "labels-unchecked" not in {each.rule for each in done.report}

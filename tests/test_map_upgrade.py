"""A mapping of version 1 becomes one of version 2, and its open questions are said."""

from pathlib import Path

import pytest

from ilms_sdmx.cli import run
from ilms_sdmx.mapping import read_mapping

MAPPING = """\
# Workers by sex; a comment that stays.
mapping: {version}
tables:
  - name: t
    begin: Sex
    rows: [{{name: sex, header: Sex}}]
    columns: [year]{question}
codes:
  sexes: {{values: {{Men: SEX_M, Women: SEX_F}}}}
datasets:
  - dataflow: ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)
    tables: [t]
    components:
      REF_AREA: KHM
      MEASURE: POP_MNAS_NB
      SEX: {{from: sex, codes: sexes}}
      CRS: CRS_RES_TOTAL
      TIME_PERIOD: {{period: year}}
      UNIT_MEASURE_TYPE: NB
      UNIT_MEASURE: PS
      UNIT_MULT: 3
"""


def write(path: Path, version: str, question: str = "") -> Path:
    path.write_text(MAPPING.format(version=version, question=question), encoding="utf-8")
    return path


@pytest.mark.parametrize("version", ["1", '"1"', "'1'"])
def test_only_the_version_changes(version: str, tmp_path: Path) -> None:
    old = write(tmp_path / "old.yaml", version)
    new = tmp_path / "new.yaml"
    assert run(["map", "--upgrade", str(old), "-o", str(new)]) == 0
    assert new.read_text(encoding="utf-8") == MAPPING.format(version="2", question="")
    assert read_mapping(new).version == 2
    assert old.read_text(encoding="utf-8") == MAPPING.format(version=version, question="")


def test_open_questions_of_the_upgraded_mapping_give_exit_1(tmp_path: Path) -> None:
    question = "\n    multiplier: 3  # decide: thousands?"
    old = write(tmp_path / "old.yaml", "1", question)
    assert run(["map", "--upgrade", str(old), "-o", str(tmp_path / "new.yaml")]) == 1
    (asked,) = read_mapping(tmp_path / "new.yaml").questions
    assert "thousands?" in asked.text


def test_the_old_file_is_not_written_over(tmp_path: Path) -> None:
    old = write(tmp_path / "old.yaml", "1")
    before = old.read_bytes()
    assert run(["map", "--upgrade", str(old), "-o", str(old)]) != 0
    assert old.read_bytes() == before

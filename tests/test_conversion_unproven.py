"""Figures that a mapping takes as percents without proof are named: they may be persons."""

from pathlib import Path

import pytest

from ilms_sdmx import convert
from ilms_sdmx.conversion.result.conversions import Conversion

MAPPING = """
mapping: 2
tables:
  - name: t
    begin: {corner}
    rows: [{{name: sex, header: {corner}}}]
    columns: [kind]
    rules:
      - where: {{kind: "{percent}"}}
        bucket: percent
        {share}
codes:
  sexes: {{values: {{A: SEX_M, B: SEX_F, T: SEX_T}}}}
datasets:
  - dataflow: ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)
    tables: [t]
    where: {{kind: Workers}}
    components:
      REF_AREA: KHM
      MEASURE: POP_MNAS_NB
      SEX: {{from: sex, codes: sexes}}
      CRS: CRS_RES_TOTAL
      TIME_PERIOD: "2021"
      UNIT_MEASURE_TYPE: NB
      UNIT_MEASURE: PS
      UNIT_MULT: 3
"""


def converted(
    folder: Path, text: str, percent: str, share: str = "", corner: str = "Sex"
) -> Conversion:
    table = folder / "table.csv"
    table.write_text(text, encoding="utf-8")
    mapping = MAPPING.format(percent=percent, share=share, corner=corner)
    path = folder / "table.yaml"
    path.write_text(mapping, encoding="utf-8")
    return convert(table, path)


def unproven(done: Conversion) -> list[str]:
    return [each.read for each in done.report if each.rule == "figure-without-proof"]


@pytest.mark.parametrize("head", ["Change", "Growth", "การเปลี่ยนแปลง", "Tỷ lệ", "Share farmers"])
def test_percents_that_nothing_proves_are_named(head: str, tmp_path: Path) -> None:
    done = converted(tmp_path, f"Sex,Workers,{head}\nA,300,12\nB,200,7\n", head)
    assert unproven(done) == ["C2, C3"]
    (finding,) = [each for each in done.report if each.rule == "figure-without-proof"]
    assert finding.severity == "warning"
    assert finding.affects == "2 figures that are not written"
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("Sex,Workers,Per cent\nA,300,12\nB,200,7\n", "Per cent"),
        ("Sex,Workers,ร้อยละ\nA,300,12\nB,200,7\n", "ร้อยละ"),
        ("Sex,Workers,Growth\nA,300,12%\nB,200,7%\n", "Growth"),
        ("Workers and their growth (%)\nSex,Workers,Growth\nA,300,12\nB,200,7\n", "Growth"),
    ],
)
def test_a_sign_or_a_word_proves_percents(text: str, percent: str, tmp_path: Path) -> None:
    assert unproven(converted(tmp_path, text, percent)) == []


@pytest.mark.parametrize(("men", "women"), [("60", "40"), ("33.3", "66.6"), ("99.96", "0.04")])
def test_parts_of_a_hundred_prove_percents(men: str, women: str, tmp_path: Path) -> None:
    text = f"Sex,Workers,Growth\nA,300,{men}\nB,200,{women}\n"
    assert unproven(converted(tmp_path, text, "Growth")) == []


def test_a_share_that_agrees_proves_percents(tmp_path: Path) -> None:
    text = "Sex,Workers,Part\nA,300,60\nB,200,40\nT,500,100\n"
    share = "share: {of: {kind: Workers}, in: {kind: Workers, sex: T}}"
    done = converted(tmp_path, text, "Part", share)
    assert unproven(done) == []
    assert "3 percents (all agree)" in done.summary()

"""The draft of a mapping of records holds what is proven, and asks for the rest."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx.cli import run
from ilms_sdmx.errors import MappingError
from ilms_sdmx.microdata import Variable, draft_microdata_mapping, tabulate
from ilms_sdmx.microdata.roles import proposals
from ilms_sdmx.microdata.shipped import microdata_example
from tests.test_microdata_inspection import survey

pyreadstat = pytest.importorskip("pyreadstat")


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_known_labels_say_their_codes_and_others_are_asked(tmp_path: Path) -> None:
    survey(tmp_path / "lfs2023.sav")
    found = lines(draft_microdata_mapping(tmp_path / "lfs2023.sav", area="Thailand"))
    assert "area: THA" in found
    assert "2023: lfs2023.sav" in found
    assert "1: M  # Male" in found
    assert "764: NATIVE  # Thailand" in found
    assert "104: MMR  # Myanmar" in found
    assert any(line.startswith("variable: Q3  # a word for it") for line in found)
    assert any("decide: in this order" in line for line in found)


def test_a_name_that_files_of_two_kinds_have_is_one_thing_that_speaks_for_it() -> None:
    found = proposals(Variable("weight", kind="number"), {})
    (weight,) = [each for each in found if each.role == "weight"]
    names = [each for each in weight.evidence if "its name is one of" in each]
    assert len(names) == 1
    assert "gld" in names[0]
    assert "idn-sakernas (2017 quarter 1; unemployed: looked for work" in names[0]
    (other,) = proposals(Variable("weights", kind="number"), {})
    assert "tls-lfs (2016; unemployed: searched and available)" in other.evidence[0]


def test_one_thing_alone_proves_no_role(tmp_path: Path) -> None:
    rows = "sex,strata\n" + "x,1\n" * 6 + "y,2\n" * 6
    (tmp_path / "lfs.csv").write_text(rows)
    found = lines(draft_microdata_mapping(tmp_path / "lfs.csv"))
    assert any(line.startswith("# sex: sex  # decide:") for line in found)
    assert "sex:" not in found
    assert any(line.startswith("# design: {strata: strata, psu: NAME}") for line in found)
    assert any("decide: the country" in line for line in found)
    assert any("decide: the period" in line for line in found)


def test_without_an_area_no_country_is_the_own_one() -> None:
    path = microdata_example("survey").with_name("lfs2024.sav")
    for area in ("", "ZZZ"):
        found = lines(draft_microdata_mapping(path, area=area))
        assert '1: "?"  # decide: Sandovia' in found
        assert not any("NATIVE" in line for line in found)


def test_nobody_is_in_the_draft(tmp_path: Path) -> None:
    survey(tmp_path / "lfs2023.sav")
    text = draft_microdata_mapping(tmp_path / "lfs2023.sav")
    assert "Person0" not in text
    assert "+66" not in text


def test_a_draft_stops_until_it_is_decided(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    survey(tmp_path / "lfs2023.sav")
    target = tmp_path / "lfs.yaml"
    status = run(["map", str(tmp_path / "lfs2023.sav"), "-o", str(target), "--area", "THA"])
    assert status == 1
    assert "line(s) to decide" in capsys.readouterr().err
    text = target.read_text(encoding="utf-8")
    text = text.replace("    codes:\n      1: M", '    codes:\n      1: "?"')
    target.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=r"expected one of M, F"):
        tabulate(target)


def test_the_draft_of_a_harmonised_file_is_whole_but_for_what_no_file_says(
    tmp_path: Path,
) -> None:
    frame = pd.DataFrame(
        {
            "ilo_key": range(200),
            "ilo_wgt": [10.5 + number % 3 for number in range(200)],
            "ilo_sex": [1 + number % 2 for number in range(200)],
            "ilo_age": [number % 80 for number in range(200)],
            "ilo_lfs": [1 + number % 3 if number % 80 >= 15 else "" for number in range(200)],
            "ilo_edu_isced11": [1 + number % 11 for number in range(200)],
            "ilo_job1_eco_isic4": [1 + number % 22 for number in range(200)],
            "cob": ["THA", "MMR"] * 100,
        }
    )
    frame.to_csv(tmp_path / "lfs2022.csv", index=False)
    text = draft_microdata_mapping(tmp_path / "lfs2022.csv", area="THA")
    assert "The names are those of: ilo." in text
    text = text.replace('name: "?"', "name: Survey").replace(
        "variables:\n", "variables:\n  birth: cob\n"
    )
    (tmp_path / "lfs.yaml").write_text(text, encoding="utf-8")
    made = tabulate(tmp_path / "lfs.yaml")
    assert not [each for each in made.report if str(each.severity) == "error"]
    flows = {each.dataflow for each in made.datasets}
    assert "ILO:DF_EMP_TEMP_SEX_ECO_CBR_NB(1.0)" in flows
    assert "ILO:DF_UNE_DEAP_SEX_EDU_CBR_RT(1.0)" in flows
    employed = frame[(frame["ilo_lfs"] == 1)]
    cell = made.cells[
        (made.cells["DATAFLOW"] == "DF_EMP_TEMP_SEX_ECO_CBR_NB")
        & (made.cells["SEX"] == "SEX_T")
        & (made.cells["ECO"] == "ECO_ISIC4_TOTAL")
        & (made.cells["CBR"] == "CBR_BIR_TOTAL")
    ].iloc[0]
    assert cell["estimate"] == pytest.approx(employed["ilo_wgt"].sum())

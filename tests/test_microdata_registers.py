"""Registers: persons are told from permits, a stock is of a day, a flow of a period."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx.microdata import Tabulation, tabulate

pytest.importorskip("duckdb")

PERMITS = """
microdata: 1
kind: permits
area: THA
source: {name: Register of nobody}
periods: {2023: permits.csv, 2024: permits.csv}
variables:
  person: passport
  start: valid_from
  end: valid_until
  sex: {variable: sex, codes: {Male: M, Female: F}}
  citizenship: {variable: nat, codes: {Burmese: MMR, Lao: LAO, Khmer: KHM}, missing: [unknown]}
  industry: {variable: isic, version: ISIC4}
  occupation: {variable: isco, codes: {5: 5, 9: 9}}
thresholds: {minimum: 0}
"""
ROWS = [
    # passport, from, until, sex, nationality, industry, occupation
    ("A1", "2022-05-01", "2024-04-30", "Male", "Burmese", "F", "9"),
    ("A1", "2024-05-01", "2026-04-30", "Male", "Burmese", "C", "9"),
    ("B2", "2024-01-15", "2024-11-30", "Female", "Lao", "T", "5"),
    ("B2", "2024-12-01", "2025-12-01", "Female", "Lao", "T", "5"),
    ("C3", "2023-03-01", "", "Female", "Khmer", "A", "9"),
    ("D4", "2023-07-01", "2023-12-30", "Male", "unknown", "A", "9"),
    ("E5", "2024-12-31", "2025-12-31", "Male", "Burmese", "F", "9"),
]


def register(
    folder: Path, text: str = PERMITS, rows: list[tuple[str, ...]] = ROWS
) -> Tabulation:
    names = ["passport", "valid_from", "valid_until", "sex", "nat", "isic", "isco"]
    pd.DataFrame(rows, columns=names).to_csv(folder / "permits.csv", index=False)
    (folder / "permits.yaml").write_text(text)
    return tabulate(folder / "permits.yaml")


def counts(made: Tabulation, dataflow: str, period: str, dimension: str) -> dict[str, int]:
    frame = made.cells
    chosen = frame[
        (frame["DATAFLOW"] == f"DF_{dataflow}")
        & (frame["TIME_PERIOD"] == period)
        & (frame["SEX"] == "SEX_T")
        & (frame["n"] > 0)
    ]
    return dict(zip(chosen[dimension], chosen["estimate"].astype(int), strict=True))


def test_a_stock_is_of_persons_with_a_permit_on_the_last_day(tmp_path: Path) -> None:
    made = register(tmp_path)
    assert counts(made, "EMP_MFRC_SEX_CCT_NB", "2023", "CCT") == {
        "CCT_CTZ_MMR": 1,
        "CCT_CTZ_KHM": 1,
        "CCT_CTZ_TOTAL": 2,
    }
    assert counts(made, "EMP_MFRC_SEX_CCT_NB", "2024", "CCT") == {
        "CCT_CTZ_MMR": 2,
        "CCT_CTZ_LAO": 1,
        "CCT_CTZ_KHM": 1,
        "CCT_CTZ_TOTAL": 4,
    }


def groups(made: Tabulation, period: str) -> dict[str, tuple[int, float]]:
    frame = made.populations[made.populations["period"] == period]
    numbers = zip(frame["records"], frame["persons"], strict=True)
    return dict(zip(frame["group"], numbers, strict=True))


def test_flows_durations_and_those_who_come_again_are_counted(tmp_path: Path) -> None:
    """Six of everything, for fewer persons are not told."""
    rows = []
    for number in range(6):
        who = ("Male", "Burmese", "F", "9")
        # A year less a day, and again for three months; the second permit is there twice.
        rows.append((f"P{number}", "2023-05-15", "2024-05-14", *who))
        rows += [(f"P{number}", "2024-10-15", "2025-01-14", *who)] * 2
        rows.append((f"Q{number}", "2024-03-01", "2024-08-31", *who))
        rows.append((f"R{number}", "2024-06-30", "", *who))
    made = register(tmp_path, rows=rows)
    found = groups(made, "2024")
    assert found["stock"] == (18, 12)
    assert found["inflow"] == (24, 18)
    assert found["outflow"] == (12, 12)
    assert found["stock, less than 6 months"] == (12, 6)
    assert found["stock, 6 to 11 months"] == (0, 0)
    assert found["stock, without a last day"] == (6, 6)
    assert found["inflow of persons who had a permit before"] == (12, 6)
    assert found["permits that are there twice"][0] == 6
    assert groups(made, "2023")["stock, 12 months and more"] == (6, 6)
    assert "employed" not in found


def test_a_day_may_be_said(tmp_path: Path) -> None:
    text = PERMITS.replace(
        "2023: permits.csv, 2024: permits.csv", "2024: {file: permits.csv, day: 2024-06-30}"
    )
    made = register(tmp_path, text)
    assert counts(made, "EMP_MFRC_SEX_CCT_NB", "2024", "CCT")["CCT_CTZ_TOTAL"] == 3


def test_an_inflow_counts_a_person_once_in_a_period(tmp_path: Path) -> None:
    made = register(tmp_path)
    assert counts(made, "EMP_MFLC_SEX_ECO_NB", "2024", "ECO")["ECO_ISIC4_TOTAL"] == 3
    by_section = counts(made, "EMP_MFLC_SEX_ECO_NB", "2024", "ECO")
    assert by_section["ECO_ISIC4_C"] == 1
    assert by_section["ECO_ISIC4_T"] == 1
    assert by_section["ECO_ISIC4_F"] == 1
    told = [each for each in made.report if each.rule == "register-repeated"]
    assert any("4 records are of 3 persons in 2024 (inflow)" in each.message for each in told)


def test_without_a_person_every_permit_counts_and_that_is_said(tmp_path: Path) -> None:
    made = register(tmp_path, PERMITS.replace("  person: passport\n", ""))
    assert counts(made, "EMP_MFLC_SEX_ECO_NB", "2024", "ECO")["ECO_ISIC4_TOTAL"] == 4
    told = [each for each in made.report if each.rule == "register-repeated"]
    assert all("no role `person`" in each.message for each in told)


def test_a_citizenship_that_is_not_known_is_in_no_table_of_foreigners(tmp_path: Path) -> None:
    rows = [("Z9", "2024-02-01", "", "Male", "unknown", "A", "9"), *ROWS]
    made = register(tmp_path, rows=rows)
    assert counts(made, "EMP_MFRC_SEX_CCT_NB", "2024", "CCT")["CCT_CTZ_TOTAL"] == 4
    told = [each for each in made.report if each.rule == "records-share-unknown"]
    assert any("citizenship" in each.message for each in told)


def test_days_that_cannot_be_read_are_counted_and_not_shown(tmp_path: Path) -> None:
    rows = [("Z9", "31/12/24", "", "Male", "Lao", "A", "9"), *ROWS]
    rows.append(("Y8", "2024-05-01", "2024-04-01", "Male", "Lao", "A", "9"))
    made = register(tmp_path, rows=rows)
    told = [str(each) for each in made.report if each.rule == "register-date"]
    assert any("One record has no day that can be read in valid_from" in each for each in told)
    assert any("end before they begin" in each for each in told)
    assert not any("31/12/24" in each for each in told)
    assert not any("Z9" in str(each) for each in made.report)


DEPARTURES = """
microdata: 1
kind: departures
area: PHL
periods: {2024: permits.csv}
variables:
  person: passport
  start: valid_from
  sex: {variable: sex, codes: {Male: M, Female: F}}
  destination: {variable: nat, codes: {Burmese: SGP, Lao: SAU, Khmer: HKG}, missing: [unknown]}
  occupation: {variable: isco, codes: {5: 5, 9: 9}}
"""


def test_departures_are_an_outflow_by_destination(tmp_path: Path) -> None:
    made = register(tmp_path, DEPARTURES + "thresholds: {minimum: 0}\n")
    assert counts(made, "EMP_MNAO_SEX_CDS_NB", "2024", "CDS") == {
        "CDS_DES_SGP": 2,
        "CDS_DES_SAU": 1,
        "CDS_DES_TOTAL": 3,
    }
    assert counts(made, "EMP_MNAO_SEX_OCU_NB", "2024", "OCU")["OCU_SKILL_L1"] == 2


def test_small_cells_of_a_register_are_withheld(tmp_path: Path) -> None:
    made = register(tmp_path, DEPARTURES)
    (by_country, *_) = made.datasets
    assert set(by_country.observations["OBS_STATUS"]) == {"C"}
    assert by_country.observations["OBS_VALUE"].isna().all()


def test_returns_are_by_country_of_previous_residence(tmp_path: Path) -> None:
    text = DEPARTURES.replace("departures", "returns").replace(
        "destination:", "previous_residence:"
    )
    made = register(tmp_path, text + "thresholds: {minimum: 0}\n")
    assert counts(made, "POP_MNAR_SEX_CPR_NB", "2024", "CPR")["CPR_PRV_TOTAL"] == 3


def test_members_of_a_household_who_live_abroad_are_nationals_abroad(tmp_path: Path) -> None:
    rows = ["id,w,sex,age,lives,job"]
    rows += [f"{n},2.5,{1 + n % 2},{20 + n},{'' if n % 4 else 'MYS'},1" for n in range(40)]
    (tmp_path / "lfs.csv").write_text("\n".join(rows))
    (tmp_path / "lfs.yaml").write_text(
        """
microdata: 1
area: KHM
periods: {2024: lfs.csv}
variables:
  person: id
  weight: w
  sex: {variable: sex, codes: {1: M, 2: F}}
  age: age
  birth: {variable: lives, codes: {MYS: KHM}}
  residence: {variable: lives, codes: {"": KHM, MYS: MYS}}
universe: {statuses: [{status: employed, when: job = 1}]}
thresholds: {minimum: 0}
"""
    )
    made = tabulate(tmp_path / "lfs.yaml")
    abroad = counts(made, "POP_MNAS_SEX_CRS_NB", "2024", "CRS")
    assert abroad == {"CRS_RES_MYS": 25, "CRS_RES_TOTAL": 25}
    groups = made.populations.set_index("group")
    assert groups.loc["working age", "records"] == 30

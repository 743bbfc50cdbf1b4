"""Expected cells of three small files of records whose results were computed elsewhere."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx.microdata import Tabulation, parse_microdata_mapping, tabulate

pytest.importorskip("pyreadstat")
pytestmark = pytest.mark.shared

EUSILC = """
microdata: 1
area: AUT
periods: {2006: %s}
variables:
  person: pid
  weight: weight
  sex: %s
  age: age
  citizenship: %s
universe:
  persons: [{name: persons of known citizenship, where: %s is present}]
  statuses:
    - {status: employed, when: "pl030 in (1, 2)"}
    - {status: unemployed, when: pl030 = 3}
  concept: self-defined status
%s
thresholds: {minimum: 0}
"""
EPH = """
microdata: 1
area: ARG
periods: {2016-Q3: persons.csv}
variables:
  person: row
  weight: PONDERA
  sex: {variable: CH04, codes: {1: M, 2: F}}
  age: CH06
  birth: {variable: CH15, codes: {1: NATIVE, 2: NATIVE, 3: NATIVE, 4: FOREIGN, 5: FOREIGN}, missing: [9]}
  labour_status: {variable: ESTADO, codes: {0: unknown, 1: employed, 2: unemployed, 3: outside, 4: outside}}
  employment_status: {variable: CAT_OCUP, codes: {1: 2, 2: 3, 3: 1, 4: 5}, missing: [9]}
  earnings: {variable: P21, missing: [-9, 0], weight: PONDIIO}
thresholds: {minimum: 0}
"""
GROUPS = {
    "WAP": "POP_XWAP",
    "EAP": "EAP_TEAP",
    "EMP": "EMP_TEMP",
    "UNE": "UNE_TUNE",
    "OLF": "EIP_TEIP",
}


def folder(shared: Path, name: str) -> Path:
    return shared / "data" / "microdata" / name


def eusilc(shared: Path, source: str) -> Tabulation:
    coded = {
        "csv": (
            "sex",
            "{variable: pb220a, codes: {AT: AUT, EU: NONCIT, Other: NONCIT}}",
            "pb220a",
        ),
        "sav": (
            "{variable: sexn, codes: {1: M, 2: F}}",
            "{variable: cit, codes: {1: AUT, 2: NONCIT, 3: NONCIT}}",
            "cit",
        ),
    }[source]
    design = "design: {strata: region, psu: hh}" if source == "csv" else ""
    text = EUSILC % (f"persons.{source}", *coded, design)
    place = folder(shared, "eusilc-synthetic")
    return tabulate(parse_microdata_mapping(text, "eusilc.yaml", place))


def found(made: Tabulation, row: pd.Series) -> pd.Series:
    frame = made.cells
    age = "TOTAL" if row["age"] == "YGE15" else row["age"]
    group = GROUPS[row["indicator"]]
    chosen = frame[
        (frame["DATAFLOW"] == f"DF_{group}_SEX_AGE_CCT_NB")
        & (frame["SEX"] == f"SEX_{row['sex']}")
        & (frame["AGE"] == f"AGE_AGGREGATE_{age}")
        & (frame["CCT"] == f"CCT_CIT_{row['cct']}")
    ]
    assert len(chosen) == 1, row.to_dict()
    return chosen.iloc[0]


@pytest.mark.parametrize("source", ["csv", "sav"])
def test_every_expected_cell_of_the_synthetic_survey(shared: Path, source: str) -> None:
    wanted = pd.read_csv(folder(shared, "eusilc-synthetic") / "expected.csv")
    made = eusilc(shared, source)
    flags = {"S": 0, "U": 0}
    for _, row in wanted.iterrows():
        cell = found(made, row)
        assert cell["n"] == row["n"]
        assert cell["estimate"] == pytest.approx(row["estimate"], rel=1e-10, abs=1e-6)
        if source == "csv":
            assert cell["se"] == pytest.approx(row["se"], rel=1e-9, abs=1e-6)
        flag = row["flag"] if isinstance(row["flag"], str) else None
        status = cell["status"] if isinstance(cell["status"], str) else None
        assert status == flag
        if flag:
            flags[flag] += 1
    assert flags == {"S": 14, "U": 6}


def test_every_expected_rate_of_the_synthetic_survey(shared: Path) -> None:
    wanted = pd.read_csv(folder(shared, "eusilc-synthetic") / "expected_rates.csv")
    frame = eusilc(shared, "csv").cells
    ids = {"UNE_RT": "UNE_DEAP", "EAP_RT": "EAP_DWAP", "EMP_RT": "EMP_DWAP"}
    for _, row in wanted.iterrows():
        cell = frame[
            (frame["DATAFLOW"] == f"DF_{ids[row['indicator']]}_SEX_AGE_CCT_RT")
            & (frame["SEX"] == f"SEX_{row['sex']}")
            & (frame["AGE"] == "AGE_AGGREGATE_TOTAL")
            & (frame["CCT"] == f"CCT_CIT_{row['cct']}")
        ].iloc[0]
        assert cell["estimate"] == pytest.approx(row["estimate"], abs=6e-10)
        assert cell["se"] == pytest.approx(row["se"], abs=6e-11)


def test_every_expected_cell_of_the_argentine_survey(shared: Path) -> None:
    place = folder(shared, "eph-arg-2016q3")
    made = tabulate(parse_microdata_mapping(EPH, "eph.yaml", place))
    wanted = pd.read_csv(place / "expected.csv")
    frame = made.cells[made.cells["AGE"] == "AGE_AGGREGATE_TOTAL"]
    for _, row in wanted.iterrows():
        if row["LFS"] == "X":
            continue
        sex = "SEX_M" if row["CH04"] == 1 else "SEX_F"
        cell = frame[
            (frame["DATAFLOW"] == f"DF_{GROUPS[row['LFS']]}_SEX_AGE_CBR_NB")
            & (frame["SEX"] == sex)
            & (frame["CBR"] == f"CBR_BIR_{row['CBR']}")
        ].iloc[0]
        assert cell["n"] == row["n"]
        assert cell["estimate"] == row["estimate"]
        flag = row["flag"] if isinstance(row["flag"], str) else None
        assert (cell["status"] if isinstance(cell["status"], str) else None) == flag
    groups = made.populations.set_index("group")
    unknown = wanted[wanted["LFS"] == "X"]
    assert len(unknown) == 2
    # Two persons are too few to be told.
    assert pd.isna(groups.loc["status unknown", "persons"])


def test_earnings_have_a_weight_of_their_own(shared: Path) -> None:
    place = folder(shared, "eph-arg-2016q3")
    made = tabulate(parse_microdata_mapping(EPH, "eph.yaml", place))
    frame = pd.read_csv(place / "persons.csv")
    paid = frame[(frame["ESTADO"] == 1) & (frame["CAT_OCUP"] == 3) & (frame["CH06"] >= 15)]
    paid = paid[paid["P21"] > 0]
    mean = (paid["P21"] * paid["PONDIIO"]).sum() / paid["PONDIIO"].sum()
    cells = made.cells[made.cells["DATAFLOW"] == "DF_EAR_EMTA_SEX_CBR_NB"]
    whole = cells[(cells["SEX"] == "SEX_T") & (cells["CBR"] == "CBR_BIR_TOTAL")]
    found_mean = whole[whole["STATISTIC"] == "mean"].iloc[0]
    assert found_mean["estimate"] == pytest.approx(mean, rel=1e-12)
    assert found_mean["n"] == len(paid)

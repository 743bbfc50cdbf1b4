"""Made-up surveys with known answers, for the tests of microdata."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

#: Country of birth and citizenship of the made-up persons, and how likely each is.
COUNTRIES = {"THA": 0.7, "MMR": 0.15, "LAO": 0.08, "KHM": 0.05, "": 0.02}

MAPPING = """
microdata: 1
title: Made-up survey
area: THA
source: {name: Survey of nobody, code: "BA:1"}
periods: {2024: persons.csv}
variables:
  person: id
  weight: wgt
  sex: {variable: sex, codes: {1: M, 2: F}}
  age: age
  birth: {variable: born, missing: ["?"]}
  citizenship: cit
  education: {variable: edu, codes: {0: X, 1: 1, 2: 2, 3: 3, 4: 6}, missing: [9]}
  industry: {variable: ind, classification: ISIC Rev.4, digits: 2, missing: [99]}
  occupation: {variable: occ, codes: {0: 0, 1: 1, 2: 2, 5: 5, 9: 9}}
  employment_status: {variable: ste, codes: {1: 1, 2: 3, 3: 5}}
  earnings: {variable: pay, missing: [-9]}
  hours: hours
  arrival: came
  attending: {variable: school, codes: {1: yes, 2: no}}
universe:
  persons: [{name: usual residents, where: resident = 1}]
  statuses:
    - {status: employed, name: worked an hour, when: worked = 1 or absent = 1}
    - {status: unemployed, name: searched and available, when: searched = 1 and available = 1}
design: {strata: stratum, psu: psu}
"""


def survey(seed: int = 1, count: int = 400) -> pd.DataFrame:
    """Records of made-up persons, all numbers whole but weights."""
    random = np.random.default_rng(seed)
    stratum = random.integers(1, 5, count)
    worked = random.integers(1, 3, count)
    absent = np.where(worked == 1, 2, random.integers(1, 11, count))
    is_at_work = (worked == 1) | (absent == 1)
    ste = random.integers(1, 4, count)
    pay = random.integers(5, 60, count) * 500
    return pd.DataFrame(
        {
            "id": np.arange(count),
            "stratum": stratum,
            "psu": random.integers(1, 7, count),
            "wgt": np.round(random.uniform(20, 300, count), 4),
            "resident": np.where(random.random(count) < 0.95, 1, 2),
            "sex": random.integers(1, 3, count),
            "age": random.integers(0, 95, count),
            "born": random.choice(list(COUNTRIES), count, p=list(COUNTRIES.values())),
            "cit": random.choice(list(COUNTRIES), count, p=list(COUNTRIES.values())),
            "edu": random.choice([0, 1, 2, 3, 4, 9], count),
            "worked": worked,
            "absent": absent,
            "searched": random.integers(1, 3, count),
            "available": random.integers(1, 3, count),
            "ind": np.where(
                is_at_work, random.choice(["01", "10", "41", "47", "84"], count), ""
            ),
            "occ": np.where(is_at_work, random.choice(["0", "1", "2", "5", "9"], count), ""),
            "ste": np.where(is_at_work, ste.astype(str), ""),
            "pay": np.where(is_at_work & (ste == 1), pay.astype(str), "-9"),
            "hours": np.where(is_at_work, random.integers(1, 70, count).astype(str), ""),
            "came": random.integers(1990, 2025, count),
            "school": random.integers(1, 3, count),
        }
    )


def write(folder: Path, frame: pd.DataFrame, mapping: str = MAPPING) -> Path:
    """Write records and mapping, and return the mapping."""
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / "persons.csv", index=False)
    path = folder / "mapping.yaml"
    path.write_text(mapping)
    return path


def expected(frame: pd.DataFrame, group: str) -> pd.DataFrame:
    """Records of a group of persons, by the rules of the mapping said in pandas."""
    found = frame[(frame["resident"] == 1) & (frame["age"] >= 15)]
    employed = (found["worked"] == 1) | (found["absent"] == 1)
    unemployed = ~employed & (found["searched"] == 1) & (found["available"] == 1)
    groups = {
        "POP_XWAP": employed | True,
        "EMP_TEMP": employed,
        "UNE_TUNE": unemployed,
        "EAP_TEAP": employed | unemployed,
        "EIP_TEIP": ~employed & ~unemployed,
    }
    return found[groups[group]]

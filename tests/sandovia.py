"""Survey and register of Sandovia, which does not exist; run it to write the examples anew."""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Sequence
from pathlib import Path

#: Codes of countries as the made-up questionnaire has them.
BIRTH = {1: "Sandovia", 104: "Myanmar", 360: "Indonesia", 608: "Philippines", 524: "Nepal"}
BIRTH |= {50: "Bangladesh", 418: "Lao People's Democratic Republic", 999: "Not stated"}
EDUCATION = {0: "No schooling", 1: "Primary", 2: "Lower secondary", 3: "Upper secondary"}
EDUCATION |= {
    4: "Vocational after secondary",
    5: "Bachelor",
    6: "Master or doctor",
    99: "Not stated",
}
STATUS = {
    1: "Employee",
    2: "Employer",
    3: "Own-account worker",
    4: "Contributing family worker",
}
YES = {1: "Yes", 2: "No"}
PAY = {-8: "Refused", -9: "Does not know"}
OCCUPATIONS = {
    1: "Managers",
    2: "Professionals",
    3: "Technicians",
    4: "Clerical support workers",
}
OCCUPATIONS |= {
    5: "Service and sales workers",
    6: "Skilled agricultural workers",
    7: "Craft workers",
}
OCCUPATIONS |= {8: "Plant and machine operators", 9: "Elementary occupations"}
INDUSTRIES = (
    "01",
    "03",
    "10",
    "14",
    "41",
    "45",
    "47",
    "49",
    "55",
    "56",
    "84",
    "85",
    "86",
    "97",
)
#: Name of a variable to its label, and to the labels of its values.
VARIABLES: dict[str, tuple[str, dict[int, str]]] = {
    "HHNO": ("Household number", {}),
    "LINE": ("Line number of the person", {}),
    "STRATUM": ("Stratum", {}),
    "PSU": ("Primary sampling unit", {}),
    "WGT": ("Final weight", {}),
    "RESID": ("Usually lives in this household", YES),
    "C03_SEX": ("Sex", {1: "Male", 2: "Female"}),
    "C04_AGE": ("Age in completed years", {}),
    "C05_BIRTH": ("Country of birth", BIRTH),
    "C06_CIT": ("Country of citizenship", BIRTH),
    "C07_EDU": ("Educational attainment", EDUCATION),
    "C08_SCHOOL": ("Currently attending school", YES),
    "C09_CAME": ("Year of arrival", {}),
    "Q01_WORK": ("Worked an hour or more last week", YES),
    "Q02_ABSENT": ("Has a job from which absent", YES),
    "Q05_SEARCH": ("Looked for work in the last four weeks", YES),
    "Q06_AVAIL": ("Could start within two weeks", YES),
    "Q09_ISIC": ("Industry of the main job", {}),
    "Q10_ISCO": ("Occupation of the main job", OCCUPATIONS),
    "Q11_STATUS": ("Status in employment", STATUS),
    "Q13_HOURS": ("Hours worked last week", {}),
    "Q15_PAY": ("Monthly earnings of the main job", PAY),
}
NUMBER = int | float | str | None


class Dice:
    """Chance that is the same on every machine."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random

    def number(self, first: int, last: int) -> int:
        return first + int(self.random() * (last - first + 1))

    def one_of(self, values: Sequence[object], shares: Sequence[float]) -> object:
        left = self.random() * sum(shares)
        for value, share in zip(values, shares, strict=True):
            left -= share
            if left < 0:
                return value
        return values[-1]

    def holds(self, share: float) -> bool:
        return self.random() < share


def survey_rows() -> list[dict[str, NUMBER]]:
    """Persons of the survey."""
    dice = Dice(20240601)
    rows: list[dict[str, NUMBER]] = []
    household = 0
    for stratum in range(1, 7):
        share_of_migrants = (0.08, 0.12, 0.2, 0.3, 0.35, 0.5)[stratum - 1]
        for unit in range(1, 9):
            psu = 100 * stratum + unit
            weight = round(180 + 25 * stratum + 60 * dice.random(), 3)
            for _ in range(17):
                household += 1
                is_migrant = dice.holds(share_of_migrants)
                for line in range(1, dice.number(1, 5) + 1):
                    where = (household, line, stratum, psu, weight)
                    rows.append(_person(dice, where, is_migrant))
    return rows


def _person(dice: Dice, where: tuple[NUMBER, ...], is_migrant: bool) -> dict[str, NUMBER]:
    household, line, stratum, psu, weight = where
    age = dice.number(18, 60) if line == 1 else dice.number(0, 88)
    others = [104, 360, 608, 524, 50, 418]
    shares = [5, 4, 3, 2, 1.5, 1]
    birth = dice.one_of(others, shares) if is_migrant and age > 4 else 1
    if dice.holds(0.01):
        birth = 999
    citizenship = birth if birth != 999 and dice.holds(0.8) else 1
    education = dice.one_of([0, 1, 2, 3, 4, 5, 6, 99], [4, 18, 25, 26, 8, 14, 3, 1])
    row: dict[str, NUMBER] = dict.fromkeys(VARIABLES)
    row |= {"HHNO": household, "LINE": line, "STRATUM": stratum, "PSU": psu, "WGT": weight}
    row |= {"RESID": 1 if dice.holds(0.97) else 2, "C03_SEX": dice.number(1, 2), "C04_AGE": age}
    row |= {"C05_BIRTH": birth, "C06_CIT": citizenship}  # type: ignore[dict-item]
    if birth not in (1, 999):
        row["C09_CAME"] = 2024 if dice.holds(0.15) else dice.number(2024 - min(age, 30), 2023)
    if age < 15:
        return row
    row["C07_EDU"] = education  # type: ignore[assignment]
    row["C08_SCHOOL"] = 1 if dice.holds(0.6 if age < 20 else 0.05) else 2
    works = dice.holds(0.72 if 20 <= age < 65 else 0.2)
    row["Q01_WORK"] = 1 if works else 2
    if not works:
        row["Q02_ABSENT"] = 1 if dice.holds(0.04) else 2
    if works or row["Q02_ABSENT"] == 1:
        return row | _job(dice, education)
    row["Q05_SEARCH"] = 1 if dice.holds(0.22) else 2
    row["Q06_AVAIL"] = 1 if dice.holds(0.5) else 2
    return row


def _job(dice: Dice, education: object) -> dict[str, NUMBER]:
    status = dice.one_of([1, 2, 3, 4], [70, 4, 18, 8])
    is_high = education in (5, 6)
    occupation = dice.number(1, 4) if is_high else dice.number(4, 9)
    job: dict[str, NUMBER] = {
        "Q09_ISIC": str(dice.one_of(INDUSTRIES, [3] * len(INDUSTRIES))),
        "Q10_ISCO": occupation,
        "Q11_STATUS": status,  # type: ignore[dict-item]
        "Q13_HOURS": dice.number(8, 60),
    }
    if status == 1:
        pay = dice.number(16, 60) * 250 * (2 if is_high else 1)
        job["Q15_PAY"] = dice.one_of([pay, -8, -9], [94, 4, 2])  # type: ignore[assignment]
    return job


def permit_rows() -> list[dict[str, NUMBER]]:
    """Permits of the register, one row each; some persons have several."""
    dice = Dice(77)
    rows: list[dict[str, NUMBER]] = []
    nations = ["MMR", "IDN", "PHL", "NPL", "BGD"]
    for person in range(1, 401):
        nation = dice.one_of(nations, [5, 4, 3, 2, 1])
        sex = dice.one_of(["M", "F"], [6, 4])
        industry = dice.one_of(["A", "C", "F", "G", "I", "T"], [2, 5, 6, 3, 3, 4])
        month = dice.number(1, 24)
        for _ in range(1 + dice.holds(0.25)):
            year, of_year = divmod(month - 1, 12)
            begin = f"{2023 + year}-{of_year + 1:02d}-{dice.number(1, 28):02d}"
            end = f"{2024 + year}-{of_year + 1:02d}-{dice.number(1, 28):02d}"
            row: dict[str, NUMBER] = {"PERSON": f"S{person:05d}", "FROM": begin, "UNTIL": end}
            row |= {"SEX": sex, "NATION": nation, "SECTOR": industry}  # type: ignore[dict-item]
            row["OCC"] = dice.number(5, 9)
            rows.append(row)
            month = min(month + 12, 24)
    return rows


def write_csv(path: Path, rows: Sequence[dict[str, NUMBER]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_sav(path: Path, rows: Sequence[dict[str, NUMBER]]) -> None:
    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame(rows, columns=list(VARIABLES))
    for name in frame.columns.drop("Q09_ISIC"):
        frame[name] = frame[name].astype("float64")
    frame["Q09_ISIC"] = frame["Q09_ISIC"].fillna("")
    labels = {name: values for name, (_, values) in VARIABLES.items() if values}
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=[label for label, _ in VARIABLES.values()],
        variable_value_labels=labels,
        missing_ranges={"Q15_PAY": [-8, -9], "C07_EDU": [99]},
        compress=False,
        row_compress=True,
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    persons = survey_rows()
    write_csv(folder / "lfs2024.csv", persons)
    write_sav(folder / "lfs2024.sav", persons)
    write_csv(folder / "permits.csv", permit_rows())

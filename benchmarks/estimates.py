"""Leave-one-out errors of the imputed odds ratios, with both baselines, on a world with a known answer.

Run: python -m benchmarks.estimates            prints the table of docs/explanation/estimates.md
     python -m benchmarks.estimates NATIONAL.csv BENCHMARK.csv YEAR    the same of real tables

The world is invented: states of ILO's list, odds ratios drawn around a mean of their region and income group
(women apart), a weak slope on the share of migrants, and noise as large as the differences between regions.
"""

import sys

import numpy as np
import pandas as pd

from ilms_sdmx import leave_one_out
from ilms_sdmx.analysis.estimates.groups import income_group_of, name_of, region_of
from ilms_sdmx.structures import facts

SEED, YEAR, STATES = 21, 2019, 120
#: Mean log odds ratio by region: as large as what Gulf states and Europe differ by.
REGIONS = {"X06": 0.1, "X21": 0.2, "X36": 1.2, "X40": 0.5, "X60": 0.15}
INCOME = {"X02": -0.1, "X03": 0.0, "X04": 0.1, "X05": 0.25}
WOMEN, SLOPE, NOISE = -0.35, 0.15, 0.35


def world(seed: int = SEED) -> tuple[pd.DataFrame, pd.DataFrame]:
    """National tables and benchmark of an invented world."""
    random = np.random.default_rng(seed)
    codes = [row["code"] for row in facts.rows("codelists/CL_AREA.csv")]
    known = [
        code for code in codes if region_of(code) in REGIONS and income_group_of(code) in INCOME
    ]
    chosen = sorted(random.choice(known, STATES, replace=False))
    national, benchmark = [], []
    for area in chosen:
        share = random.beta(1, 9)
        effect = random.normal(0, NOISE)
        for sex in ("SEX_F", "SEX_M"):
            people = random.lognormal(8, 1.5)
            participation = (
                random.uniform(0.3, 0.65) if sex == "SEX_F" else random.uniform(0.6, 0.85)
            )
            mean = REGIONS[region_of(area)] + INCOME[income_group_of(area)]
            mean += WOMEN * (sex == "SEX_F") + SLOPE * np.log(share / 0.1)
            ratio = np.exp(mean + effect + random.normal(0, NOISE / 3))
            odds = participation / (1 - participation)
            migrants, others = 0.9 * people * share, 0.9 * people * (1 - share)
            key = {"ref_area": area, "sex": sex}
            taking_part = ratio * odds / (1 + ratio * odds)
            national.append(
                key
                | {"year": YEAR, "ages": "15+", "criterion": "birth"}
                | {"migrants": migrants, "migrants_active": migrants * taking_part}
                | {"non_migrants": others, "non_migrants_active": others * participation}
            )
            labour = migrants * taking_part + others * participation
            benchmark.append(
                key
                | {"migrants": migrants / 0.9, "non_migrants": others / 0.9}
                | {"labour_force": labour / 0.9}
            )
    return pd.DataFrame(national), pd.DataFrame(benchmark)


def table(errors: pd.DataFrame) -> str:
    """Errors as a table of Markdown."""
    lines = [
        "| region | states | model | median error | 9 in 10 below | sum |",
        "|---|---|---|---|---|---|",
    ]
    for region in dict.fromkeys(errors["region"]):
        for row in errors[errors["region"] == region].itertuples(index=False):
            numbers = (
                f"{row.median_error:.1%} | {row.error_of_90:.1%} | {row.error_of_sum:+.1%}"
            )
            lines.append(f"| {name_of(region)} | {row.states} | {row.model} | {numbers} |")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print the table; 1 where the regression does not beat both baselines in the world."""
    if arguments:
        national, benchmark = (
            pd.read_csv(path, keep_default_na=False) for path in arguments[:2]
        )
        year = int(arguments[2])
    else:
        (national, benchmark), year = world(), YEAR
    errors = leave_one_out(national, benchmark, year=year)
    print(table(errors))
    of_world = errors[errors["region"] == "X01"].set_index("model")["median_error"]
    return int(of_world.idxmin() != "regression")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

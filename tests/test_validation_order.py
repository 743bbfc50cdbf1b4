"""The order of rows decides nothing: the same findings, causes and coverage, whatever comes first."""

from __future__ import annotations

import datetime
import random
import re
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ilms_sdmx import Components, Dataset, Finding, Validation, validate

DIMENSIONS = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD")
PARTNERS = ("JPN", "KOR", "MYS", "X")
DAY = datetime.date(2026, 11, 21)


def adding_up(chance: random.Random, years: range) -> list[dict[str, str]]:
    """Workers abroad of Laos by sex and country, which add up."""
    rows = []
    for year in years:
        men = [chance.randint(20, 900) for _ in PARTNERS]
        women = [chance.randint(20, 900) for _ in PARTNERS]
        both = [sum(pair) for pair in zip(men, women, strict=True)]
        for sex, figures in (("M", men), ("F", women), ("T", both)):
            for code, figure in zip(
                (*PARTNERS, "TOTAL"), (*figures, sum(figures)), strict=True
            ):
                rows.append(
                    {"SEX": f"SEX_{sex}", "CDS": f"CDS_DES_{code}", "OBS_VALUE": str(figure)}
                )
                rows[-1]["TIME_PERIOD"] = str(year)
    return rows


def table(seed: int) -> list[dict[str, str]]:
    """Five years with some figures that are wrong."""
    chance = random.Random(seed)
    rows = adding_up(chance, range(2015, 2020))
    first, second = chance.sample(rows, 2)
    first["OBS_VALUE"], second["OBS_VALUE"] = second["OBS_VALUE"], first["OBS_VALUE"]
    chance.choice(rows)["OBS_VALUE"] += "0"
    rows.remove(chance.choice(rows))
    rows.append(dict(chance.choice(rows)))
    rows.append({**chance.choice(rows), "OBS_VALUE": "77"})
    chance.choice(rows)["CDS"] = "CDS_DES_QQQ"
    return rows


def said(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    """All that a validation says of rows, but the numbers of rows."""
    frame = pd.DataFrame(rows).assign(REF_AREA="LAO", FREQ="A", MEASURE="EMP_MNAO_NB")
    data = Dataset(
        frame[[*DIMENSIONS, "OBS_VALUE"]],
        Components(DIMENSIONS),
        "ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)",
    )
    report: Validation = validate(data, today=DAY)
    findings = [(_without_order(finding), finding.case) for finding in report]
    tested = report.observations[0].astype("str").agg(".".join, axis=1)
    return [*sorted(findings), *sorted((text,) for text in tested)]


def _without_order(finding: Finding) -> str:
    """Text of a finding without numbers of rows; of two contents, the first is the less."""
    if finding.rule == "duplicate-conflict":
        contents = sorted((finding.read, finding.expected))
        finding = replace(finding, read=contents[0], expected=contents[1])
    return re.sub(r"row \d+", "row", str(finding))


def large(seed: int) -> list[dict[str, str]]:
    """More broken sums than are searched for a cause: one wrong figure in each of many years."""
    chance = random.Random(seed)
    rows = adding_up(chance, range(1720, 2020))
    for start in range(0, len(rows), 15):
        row = rows[start + chance.randrange(15)]
        row["OBS_VALUE"] += "0"
    return rows


#: Without making the example smaller, which takes minutes and tells no more.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=12, deadline=None, phases=PHASES)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(seed: int, order: random.Random) -> None:
    rows = table(seed)
    shuffled = order.sample(rows, len(rows))
    assert said(rows) == said(shuffled)


@pytest.mark.parametrize("seed", range(2))
def test_which_of_many_broken_sums_are_searched_does_not_depend_on_the_order(seed: int) -> None:
    rows = large(seed)
    shuffled = random.Random(seed).sample(rows, len(rows))
    before = said(rows)
    assert sum("times too large" in text for text, *_ in before) > 100
    assert before == said(shuffled)

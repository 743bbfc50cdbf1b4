"""The order of rows decides nothing: the same findings, causes and coverage, whatever comes first."""

from __future__ import annotations

import datetime
import random

import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ilms_sdmx import Components, Dataset, Validation, validate

DIMENSIONS = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD")
PARTNERS = ("JPN", "KOR", "MYS", "X")
DAY = datetime.date(2026, 11, 21)


def table(seed: int) -> list[dict[str, str]]:
    """Workers abroad of Laos by sex and country in five years, with some figures that are wrong."""
    chance = random.Random(seed)
    rows = []
    for year in range(2015, 2020):
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
    first, second = chance.sample(rows, 2)
    first["OBS_VALUE"], second["OBS_VALUE"] = second["OBS_VALUE"], first["OBS_VALUE"]
    chance.choice(rows)["OBS_VALUE"] += "0"
    rows.remove(chance.choice(rows))
    rows.append(dict(chance.choice(rows)))
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
    findings = []
    for finding in report:
        key = ".".join(finding.place.key.values())
        fields = (finding.rule, str(finding.severity), key, finding.read, finding.expected)
        findings.append((*fields, finding.cause))
    tested = report.observations[0].astype("str").agg(".".join, axis=1)
    return [*sorted(findings), *sorted((text,) for text in tested)]


#: Without making the example smaller, which takes minutes and tells no more.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=12, deadline=None, phases=PHASES)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(seed: int, order: random.Random) -> None:
    rows = table(seed)
    shuffled = order.sample(rows, len(rows))
    assert said(rows) == said(shuffled)

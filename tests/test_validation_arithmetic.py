"""Sums of tables made up here: silent where figures agree within rounding, heard where one cell is wrong."""

import numpy as np
import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, Validation, validate

ARITHMETIC = {
    "sex-sum", "classification-sum", "status-sum", "partner-sum", "nested-total", "overlap-total",
    "parts-exceed-total", "parts-short",
}  # fmt: skip
#: Finest classes of each classification, and what they make: written down here on their own.
LEAVES = {
    "AGE": [*(f"Y{a}-{a + 4}" for a in range(15, 65, 5)), "YGE65"],
    "EDU": list("X0123456789"),
    "OCU": list("0123456789X"),
    "STE": list("123456"),
    "ECO": list("ABCDEFGHIJKLMNOPQRSTUX"),
}
FINE = {
    "AGE": "AGE_5YRBANDS",
    "EDU": "EDU_ISCED11",
    "OCU": "OCU_ISCO08",
    "STE": "STE_ICSE93",
    "ECO": "ECO_ISIC4",
}
COARSE = {
    "AGE": {
        "AGE_10YRBANDS": "Y15-24=0-1 Y25-34=2-3 Y35-44=4-5 Y45-54=6-7 Y55-64=8-9 YGE65=10-10 TOTAL=0-10",
        "AGE_AGGREGATE": "Y15-24=0-1 Y25-54=2-7 Y55-64=8-9 YGE65=10-10 TOTAL=0-10",
        "AGE_YTHADULT": "Y15-24=0-1 YGE25=2-10 Y15-64=0-9 YGE15=0-10",
    },
    "EDU": {"EDU_AGGREGATE": "LTB=0-1 BAS=2-3 INT=4-5 ADV=6-9 X=10-10 TOTAL=0-10"},
    "OCU": {"OCU_SKILL": "L3-4=1-3 L2=4-8 L1=9-9 X=0,10 TOTAL=0-10"},
    "STE": {"STE_AGGREGATE": "EES=0-0 SLF=1-4 X=5-5 TOTAL=0-5"},
    "ECO": {
        "ECO_AGGREGATE": "AGR=0-0 MAN=2-2 CON=5-5 MEL=1,3,4 MKT=6-13 PUB=14-20 X=21-21 TOTAL=0-21",
        "ECO_SECTOR": "AGR=0-0 IND=1-5 SER=6-20 X=21-21 NAG=1-21 TOTAL=0-21",
    },
}


def members(text: str) -> list[int]:
    if "," in text:
        return [int(n) for n in text.split(",")]
    first, last = map(int, text.split("-"))
    return list(range(first, last + 1))


def weights(dimension: str) -> dict[str, np.ndarray]:
    """Code to the leaves that it adds up."""
    size = len(LEAVES[dimension])
    found = {
        f"{FINE[dimension]}_{leaf}": np.eye(size)[i] for i, leaf in enumerate(LEAVES[dimension])
    }
    found[f"{FINE[dimension]}_TOTAL"] = np.ones(size)
    for version, classes in COARSE[dimension].items():
        for part in classes.split():
            code, _, text = part.rpartition("=")
            found[f"{version}_{code}"] = np.isin(np.arange(size), members(text)).astype(float)
    return found


def consistent(dimension: str, seed: int, periods: list[str]) -> pd.DataFrame:
    """Persons by sex, class and citizenship, in full precision: every sum holds but for rounding."""
    random = np.random.default_rng(seed)
    codes = weights(dimension)
    base = random.lognormal(9, 1.2, (2, 3, len(LEAVES[dimension])))
    rows = []
    for period in periods:
        leaves = base * random.lognormal(0, 0.05, base.shape)
        leaves = np.concatenate([leaves, leaves.sum(axis=0, keepdims=True)])
        leaves = np.concatenate([leaves, leaves.sum(axis=1, keepdims=True)], axis=1)
        for s, sex in enumerate(("SEX_F", "SEX_M", "SEX_T")):
            for c, cct in enumerate(("CITIZEN", "NONCIT", "X", "TOTAL")):
                rows += [
                    ("MYS", sex, code, f"CCT_CIT_{cct}", period, float(w @ leaves[s, c]))
                    for code, w in codes.items()
                ]
    return pd.DataFrame(
        rows, columns=["REF_AREA", "SEX", dimension, "CCT", "TIME_PERIOD", "persons"]
    )


def dataset(
    frame: pd.DataFrame, dimension: str, texts: list[str], frequency: str = "A"
) -> Dataset:
    columns = ("REF_AREA", "FREQ", "MEASURE", "SEX", dimension, "CCT", "TIME_PERIOD")
    made = frame.assign(
        FREQ=frequency, MEASURE="EMP_TEMP_NB", OBS_VALUE=pd.Series(texts, dtype="str")
    )
    made = made[[*columns, "OBS_VALUE"]].astype("str")
    return Dataset(made, Components(columns), f"ILO:DF_EMP_TEMP_SEX_{dimension}_CCT_NB(1.0)")


def said(report: Validation) -> list[str]:
    return [str(f) for f in report if f.rule in ARITHMETIC]


@pytest.mark.parametrize("dimension", LEAVES)
@pytest.mark.parametrize(
    ("thousands", "decimals"), [(True, 0), (True, 1), (True, 3), (False, 0)]
)
def test_what_adds_up_before_rounding_is_silent(
    dimension: str, thousands: bool, decimals: int
) -> None:
    """Years with closing zeros dropped as ILOSTAT does, and quarters with them kept."""
    years = consistent(dimension, decimals, ["2020", "2021"])
    figures = years["persons"] / (1000 if thousands else 1)
    short = [
        f"{v:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{v:.0f}" for v in figures
    ]
    assert said(validate(dataset(years, dimension, short))) == []
    quarters = consistent(dimension, decimals + 7, ["2020-Q1", "2020-Q2"])
    figures = quarters["persons"] / (1000 if thousands else 1)
    kept = [f"{v:.{decimals}f}" for v in figures]
    report = validate(dataset(quarters, dimension, kept, "Q"))
    assert said(report) == []
    assert report.coverage["share"].tolist() == [100.0]


@pytest.mark.parametrize("dimension", LEAVES)
def test_one_wrong_leaf_breaks_its_own_sums_and_no_other(dimension: str) -> None:
    """Women of one class and citizenship: their row over sexes, over citizenship, and their own column."""
    frame = consistent(dimension, 3, ["2020"])
    leaf = f"{FINE[dimension]}_{LEAVES[dimension][2]}"
    wrong = (
        (frame["SEX"] == "SEX_F")
        & (frame[dimension] == leaf)
        & (frame["CCT"] == "CCT_CIT_NONCIT")
    )
    frame.loc[wrong, "persons"] += 40_000
    report = validate(dataset(frame, dimension, [f"{v:.0f}" for v in frame["persons"]]))
    places = {
        (f.rule, f.place.key["SEX"], f.place.key["CCT"], f.place.key[dimension])
        for f in report
        if f.rule in ARITHMETIC and f.rule != "nested-total"
    }
    assert places == {
        ("sex-sum", "SEX_T", "CCT_CIT_NONCIT", leaf),
        ("status-sum", "SEX_F", "CCT_CIT_TOTAL", leaf),
        ("classification-sum", "SEX_F", "CCT_CIT_NONCIT", f"{FINE[dimension]}_TOTAL"),
    }
    assert all(leaf in f.lead.cause for f in report if f.rule == "sex-sum")


def partners(status: dict[str, str] | None = None, **figures: str) -> Validation:
    columns = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CRS", "TIME_PERIOD")
    rows = [
        (
            "THA",
            "A",
            "POP_MNAS_NB",
            "SEX_T",
            f"CRS_RES_{c}",
            "2024",
            v,
            (status or {}).get(c, ""),
        )
        for c, v in figures.items()
    ]
    frame = pd.DataFrame(rows, columns=[*columns, "OBS_VALUE", "OBS_STATUS"], dtype="str")
    parts = Components(columns, attributes={"OBS_STATUS": ("OBS_VALUE",)})
    return validate(Dataset(frame, parts, "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"))


@pytest.mark.parametrize(
    ("figures", "counts"),
    [
        ({"TOTAL": "103", "USACAN": "42", "JPN": "31", "X": "30"}, {}),
        ({"TOTAL": "103", "USACAN": "42", "USA": "35", "CAN": "7", "JPN": "31", "X": "30"}, {}),
        (
            {"TOTAL": "103", "USACAN": "42", "USA": "35", "JPN": "31", "X": "30"},
            {},
        ),  # of which USA
        (
            {"TOTAL": "103", "USACAN": "42", "USA": "35", "JPN": "31", "X": "20"},
            {"partner-sum": 1},
        ),
        ({"TOTAL": "103", "USACAN": "42", "JPN": "31", "X": "20"}, {"partner-sum": 1}),
        ({"TOTAL": "103", "JPN": "73", "ZZZ": "10", "X": "20"}, {"unknown-code": 1}),
    ],
)
def test_group_of_partners_is_added_once(
    figures: dict[str, str], counts: dict[str, int]
) -> None:
    assert partners(**figures).counts == counts


def test_partner_without_a_figure_breaks_no_sum_and_is_what_the_others_leave() -> None:
    figures = {"TOTAL": "103", "JPN": "", "KOR": "17", "X": "60"}
    (found,) = partners({"JPN": "C"}, **figures)
    assert (found.rule, found.severity, found.place.key["CRS"]) == (
        "recomputable-cell",
        "warning",
        "CRS_RES_JPN",
    )
    assert "leaves: 26." in found.message
    assert not len(partners({"JPN": "C", "KOR": "C"}, TOTAL="103", JPN="", KOR="", X="60"))


def test_round_figures_of_a_small_table_are_exact() -> None:
    """100 of 30, 40 and 20 are short of 10, whatever they end in."""
    (found,) = partners(TOTAL="100", JPN="30", KOR="40", X="20")
    assert (found.rule, found.expected) == ("partner-sum", "90 (within 2 for rounding)")


def test_one_part_is_told_of_in_the_singular() -> None:
    (found,) = partners(TOTAL="100", JPN="130")
    assert (
        found.message
        == "The one part reported is 130; the printed total is 100 (difference 30)."
    )


def test_figures_that_are_their_year_by_chance_are_not_told_of() -> None:
    frame = consistent("OCU", 1, ["2020"])
    texts = [f"{v / 1000:.0f}" for v in frame["persons"]]
    leaf = frame.index[(frame["OCU"] == "OCU_ISCO08_1") & (frame["SEX"] != "SEX_M")][:2]
    for row in leaf:
        texts[row] = "2020"
    assert "year-as-value" not in validate(dataset(frame, "OCU", texts)).counts


@pytest.mark.parametrize("cause", [True, False])
def test_classes_that_change_places_are_told_of_by_their_shares(cause: bool) -> None:
    """Six periods of shares in which nothing jumps; in the last two of six classes stand for each other."""
    shares = {"1": 31, "2": 18, "3": 16, "4": 14, "5": 12, "6": 10}
    rows = []
    for year in range(2018, 2024):
        now = dict(shares)
        if year == 2023 and cause:
            one, other = "12"
            now[one], now[other] = now[other], now[one]
        for code, share in (now | {"TOTAL": sum(now.values())}).items():
            rows.append(
                (
                    "MYS",
                    "SEX_T",
                    f"STE_ICSE93_{code}",
                    "CCT_CIT_TOTAL",
                    str(year),
                    share * (year - 1000.0),
                )
            )
    frame = pd.DataFrame(
        rows, columns=["REF_AREA", "SEX", "STE", "CCT", "TIME_PERIOD", "persons"]
    )
    report = validate(dataset(frame, "STE", [f"{v:.0f}" for v in frame["persons"]])).of_rule(
        "share-shift"
    )
    assert [f.cause for f in report] == (
        ["the figures of STE_ICSE93_1 and STE_ICSE93_2 may have changed places"]
        if cause
        else []
    )


def test_row_copied_from_the_year_before_is_told_of_at_the_row() -> None:
    columns = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CRS", "TIME_PERIOD")
    figures = {"JPN": ("40.117", "41.908"), "KOR": ("130.212", "130.212"), "X": ("7.5", "7.9")}
    rows = [
        ("THA", "A", "POP_MNAS_NB", "SEX_T", f"CRS_RES_{code}", str(2022 + i), value)
        for code, values in figures.items()
        for i, value in enumerate(values)
    ]
    frame = pd.DataFrame(rows, columns=[*columns, "OBS_VALUE"], dtype="str")
    (found,) = validate(Dataset(frame, Components(columns), "ILO:DF_POP_MNAS_SEX_CRS_NB(1.0)"))
    assert (found.rule, found.place.key["CRS"]) == ("repeated-year", "CRS_RES_KOR")
    assert found.message == "In 2023 the row repeats the period before."


def test_rates_may_stay_what_they_were() -> None:
    columns = ("REF_AREA", "FREQ", "MEASURE", "SEX", "AGE", "CCT", "TIME_PERIOD")
    rows = [
        ("THA", "A", "UNE_DEAP_RT", sex, "AGE_AGGREGATE_TOTAL", cct, str(year), rate)
        for year in (2022, 2023)
        for cct, moves in (("CCT_CIT_TOTAL", False), ("CCT_CIT_CITIZEN", True))
        for sex, rate in (
            ("SEX_F", "1.21"),
            ("SEX_M", "1.04"),
            ("SEX_T", "1.14" if moves and year == 2023 else "1.12"),
        )
    ]
    frame = pd.DataFrame(rows, columns=[*columns, "OBS_VALUE"], dtype="str")
    report = validate(
        Dataset(frame, Components(columns), "ILO:DF_UNE_DEAP_SEX_AGE_CCT_RT(1.0)")
    )
    assert "repeated-year" not in report.counts

"""Estimates and errors of samples: known formulas, published figures, and what must not change."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx.errors import MappingError
from ilms_sdmx.microdata.estimation import (
    Design,
    Replicates,
    mean,
    quantile,
    ratio,
    student_quantile,
    total,
    weighted_quantile,
)

#: Relative distance from what R's survey prints.
CLOSE = 1e-10


def school_design(shared: Path, name: str, *, fpc: bool = True) -> tuple[pd.DataFrame, Design]:
    frame = pd.read_csv(shared / "data" / "microdata" / "survey-api" / f"{name}.csv")
    weights = frame["pw"]
    if name == "apistrat":
        design = Design(weights, strata=frame["stype"], fpc=frame["fpc"] if fpc else None)
    elif name == "apiclus1":
        design = Design(weights, psu=frame["dnum"], fpc=frame["fpc"] if fpc else None)
    else:
        design = Design(
            weights,
            psu=frame["dnum"],
            fpc=frame["fpc1"],
            ssu=frame["snum"],
            fpc2=frame["fpc2"],
        )
    return frame, design


STATISTICS = {
    "mean": lambda design, frame: mean(design, frame["api00"]),
    "total": lambda design, frame: total(design, frame["enroll"]),
    "ratio": lambda design, frame: ratio(design, frame["api.stu"], frame["enroll"]),
}
#: Printed by R 4.2.2, survey 4.1-1.
PUBLISHED = [
    ("apistrat", True, "mean", 662.2873631593, 9.4089408028),
    ("apistrat", False, "mean", 662.2873631593, 9.5361322969),
    ("apistrat", True, "total", 3687177.5324382782, 114641.7161007803),
    ("apistrat", False, "total", 3687177.5324382782, 117319.0859689648),
    ("apistrat", True, "ratio", 0.8369568869, 0.0077571032),
    ("apiclus1", True, "mean", 644.1693989071, 23.5422406938),
    ("apiclus1", False, "mean", 644.1693989071, 23.7790107209),
    ("apiclus1", True, "total", 3404940.1345291138, 932235.0270412152),
    ("apiclus1", False, "total", 3404940.1345291138, 941610.7409119797),
    ("apiclus1", True, "ratio", 0.8497087417, 0.0083862972),
    ("apiclus2", True, "mean", 670.8118081181, 30.0990273768),
    ("apiclus2", True, "total", 2639272.93, 799637.7736483578),
]


def printed(value: float) -> float:
    """Half of the last printed digit, as a share, and never less than the goal."""
    text = f"{value!r}"
    digits = len(text.partition(".")[2])
    return max(CLOSE * abs(value), 0.51 * 10.0**-digits)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "fpc", "statistic", "value", "se"), PUBLISHED)
def test_published_figures_of_three_designs(
    shared: Path, name: str, fpc: bool, statistic: str, value: float, se: float
) -> None:
    frame, design = school_design(shared, name, fpc=fpc)
    found = STATISTICS[statistic](design, frame)
    assert found.value == pytest.approx(value, abs=printed(value))
    assert found.se == pytest.approx(se, abs=printed(se))


@pytest.mark.shared
def test_published_domains_of_the_stratified_design(shared: Path) -> None:
    frame, design = school_design(shared, "apistrat")
    means = [mean(design, frame["api00"], frame["stype"] == kind) for kind in "EHM"]
    assert [each.value for each in means] == pytest.approx([674.43, 625.82, 636.60], rel=CLOSE)
    assert [each.se for each in means] == pytest.approx(
        [12.3824797939, 14.9371291854, 16.2147073082], rel=CLOSE
    )
    counts = [total(design, 1.0, frame["stype"] == kind) for kind in "EHM"]
    assert [each.se for each in counts] == [0.0, 0.0, 0.0]
    kinds = [(frame["stype"] == kind) & (frame["awards"] == "Yes") for kind in "EHM"]
    awards = [total(design, 1.0, kind) for kind in kinds]
    assert [each.value for each in awards] == pytest.approx(
        [3227.32993317, 241.60000610, 488.64001465], rel=CLOSE
    )
    assert [each.se for each in awards] == pytest.approx(
        [195.01952596, 48.61826436, 70.84934363], rel=CLOSE
    )
    assert design.df == 197


@pytest.mark.shared
def test_published_domains_of_the_cluster_design(shared: Path) -> None:
    frame, design = school_design(shared, "apiclus1")
    means = [mean(design, frame["api00"], frame["stype"] == kind) for kind in "EHM"]
    assert [each.value for each in means] == pytest.approx(
        [648.8680555556, 618.5714285714, 631.44], rel=CLOSE
    )
    assert [each.se for each in means] == pytest.approx(
        [22.3624088938, 38.0202493594, 31.6094652272], rel=CLOSE
    )
    counts = [total(design, 1.0, frame["stype"] == kind) for kind in "EHM"]
    assert [each.value for each in counts] == pytest.approx(
        [4873.9674682617, 473.8579483032, 846.1749076843], rel=CLOSE
    )
    assert [each.se for each in counts] == pytest.approx(
        [1333.3194049497, 158.6992787926, 167.5498916214], rel=CLOSE
    )
    kinds = [(frame["stype"] == kind) & (frame["awards"] == "Yes") for kind in "EHM"]
    assert [total(design, 1.0, kind).se for kind in kinds] == pytest.approx(
        [1001.46231531, 82.08234819, 146.06660912], rel=CLOSE
    )
    share = mean(design, frame["awards"] == "Yes")
    assert share.value == pytest.approx(0.7103825, abs=5e-8)
    assert design.df == 14


@pytest.mark.shared
def test_ultimate_clusters_leave_the_second_stage_out(shared: Path) -> None:
    frame, whole = school_design(shared, "apiclus2")
    design = Design(frame["pw"], psu=frame["dnum"])
    assert mean(design, frame["api00"]).se == pytest.approx(30.7115763093, rel=CLOSE)
    assert total(design, frame["enroll"]).se == pytest.approx(820261.1464767578, rel=CLOSE)
    assert whole.df == design.df == 39


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "share", "value", "se", "close"),
    [
        ("apistrat", 0.5, 668, 13.18405579, 1e-9),
        ("apiclus1", 0.5, 652, 35.66788270, 1e-9),
        ("apiclus2", 0.5, 653, 45.97835442, 1e-9),
        ("apiclus1", 0.25, 552, 31.47, 1e-3),
        ("apiclus1", 0.75, 719, 18.88, 1e-3),
    ],
)
def test_published_quantiles(
    shared: Path, name: str, share: float, value: float, se: float, close: float
) -> None:
    frame, design = school_design(shared, name)
    found = quantile(design, frame["api00"], share)
    assert found.value == value
    assert found.se == pytest.approx(se, rel=close)


@pytest.mark.shared
def test_the_published_jackknife(shared: Path) -> None:
    frame, _ = school_design(shared, "apiclus1")
    districts = sorted(frame["dnum"].unique())
    count = len(districts)
    weights = [
        np.where(frame["dnum"] == each, 0, frame["pw"] * count / (count - 1))
        for each in districts
    ]
    replicates = [np.average(frame["api00"], weights=each) for each in weights]
    full = np.average(frame["api00"], weights=frame["pw"])
    scale = (count - 1) / count * (1 - count / 757)
    variance = Replicates("jkn", scale=scale).variance([full], [replicates])
    assert math.sqrt(variance[0]) == pytest.approx(26.329, abs=5e-4)


@pytest.mark.shared
def test_a_domain_comes_after_the_design(shared: Path) -> None:
    frame = pd.read_csv(shared / "data" / "microdata" / "eusilc-synthetic" / "persons.csv")
    design = Design(frame["weight"], strata=frame["region"], psu=frame["hh"])
    domain = (
        (frame["age"] >= 15)
        & (frame["sex"] == "M")
        & frame["pb220a"].isin(["EU", "Other"])
        & (frame["pl030"] == 3)
    )
    found = total(design, 1.0, domain)
    assert (round(found.value), round(found.se, 1)) == (38118, 4831.1)


def test_a_simple_random_sample_has_the_formula_of_the_textbook() -> None:
    values = np.array([3.0, 5.0, 8.0, 12.0, 2.0])
    population = 50
    design = Design(np.full(5, 10.0), fpc=np.full(5, population))
    found = total(design, values)
    expected = population**2 * (1 - 5 / population) * values.var(ddof=1) / 5
    assert found.value == 300
    assert found.se == pytest.approx(math.sqrt(expected), rel=1e-14)
    low, high = found.interval()
    assert (low + high) / 2 == pytest.approx(300)
    assert high - low == pytest.approx(2 * 2.7764451052 * found.se, rel=1e-9)
    assert found.cv == found.se / 300


def test_what_is_known_of_each_stratum_has_no_error() -> None:
    strata = np.repeat([1, 2, 3], [7, 11, 13])
    design = Design(np.repeat([44.2099990844727, 0.1, 15.3], [7, 11, 13]), strata=strata)
    for stratum in (1, 2, 3):
        assert total(design, 1.0, strata == stratum).se == 0.0


@pytest.mark.parametrize(
    ("lonely", "variance"),
    [("adjust", 100 + 4.0), ("remove", 4.0), ("certainty", 4.0), ("average", 8.0)],
)
def test_a_stratum_of_one_unit_is_treated_as_was_chosen(lonely: str, variance: float) -> None:
    design = Design([1.0, 1.0, 1.0], strata=[1, 1, 2], lonely=lonely)
    assert design.lonely_strata == 1
    found = total(design, [1.0, 3.0, 10.0])
    assert found.se**2 == pytest.approx(variance)


def test_a_stratum_of_one_unit_may_stop() -> None:
    with pytest.raises(MappingError, match="lonely: adjust"):
        Design([1.0, 1.0, 1.0], strata=[1, 1, 2], lonely="fail")
    with pytest.raises(MappingError, match="fpc"):
        Design([1.0, 1.0], fpc=[1, 1])


def test_units_of_one_number_in_two_strata_are_two() -> None:
    strata = [1, 1, 2, 2]
    same = Design([1.0] * 4, strata=strata, psu=[1, 2, 1, 2])
    other = Design([1.0] * 4, strata=strata, psu=["a", "b", "c", "d"])
    values = [3.0, 1.0, 7.0, 2.0]
    assert total(same, values) == total(other, values)
    assert same.df == 2


def test_missing_values_are_outside() -> None:
    design = Design([1.0, 1.0, 1.0, 1.0])
    found = mean(design, [10.0, 20.0, math.nan, 30.0])
    assert (found.value, found.n) == (20.0, 3)


def test_nothing_inside_is_said() -> None:
    design = Design([1.0, 1.0])
    nothing = np.array([False, False])
    assert math.isnan(mean(design, [1.0, 2.0], nothing).value)
    assert total(design, 1.0, nothing).value == 0
    assert total(design, 1.0, nothing).se == 0
    assert math.isnan(quantile(design, [1.0, 2.0], domain=nothing).value)
    assert math.isnan(total(design, 1.0, nothing).cv)


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        ([10, 20, 30, 40], [1, 1, 1, 1], 20),
        ([10, 20, 30], [1, 1, 1], 20),
        ([10, 20], [3, 1], 10),
        ([5], [0.1], 5),
        ([1, 2, 3], [0.1, 0.1, 0.2], 2),
        ([30, 10, 20], [0, 0, 7], 20),
    ],
)
def test_the_median_is_the_lowest_value_that_half_of_the_weights_reach(
    values: list[float], weights: list[float], expected: float
) -> None:
    assert weighted_quantile(values, weights) == expected


@pytest.mark.parametrize(
    ("probability", "df", "expected"),
    # Tables of Student's distribution.
    [
        (0.975, 1, 12.7062047364),
        (0.975, 2, 4.3026527297),
        (0.975, 5, 2.5705818356),
        (0.975, 30, 2.0422724563),
        (0.95, 10, 1.8124611228),
        (0.025, 14, -2.1447866879),
    ],
)
def test_student_has_the_values_of_its_tables(
    probability: float, df: float, expected: float
) -> None:
    assert student_quantile(probability, df) == pytest.approx(expected, rel=2e-8)


@pytest.mark.parametrize(
    ("replicates", "expected"),
    [
        (Replicates("jk2"), 2.0),
        (Replicates("brr"), 2 / 4),
        (Replicates("fay", fay=0.5), 2 / 4 / 0.25),
        (Replicates("bootstrap"), 2 / 3),
        (Replicates("jkn", scale=0.1), 0.2),
        (Replicates("brr", about_mean=False), 2 / 4),
    ],
)
def test_replicates_have_the_factor_of_their_method(
    replicates: Replicates, expected: float
) -> None:
    variance = replicates.variance([10.0], [[9.0, 11.0, 10.0, 10.0]])
    assert variance[0] == pytest.approx(expected)


def test_an_unknown_method_of_replicates_is_named() -> None:
    with pytest.raises(MappingError, match="jkn"):
        Replicates("jkn").variance([1.0], [[1.0, 2.0]])


SAMPLES = st.integers(0, 2**32 - 1)


@given(SAMPLES)
def test_the_order_of_the_records_does_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(4, 40))
    strata = random.integers(0, 3, count)
    psu = random.integers(0, 6, count)
    weights = random.uniform(0.5, 50, count)
    values = random.normal(40, 10, count)
    order = random.permutation(count)
    first = mean(Design(weights, strata, psu), values)
    second = mean(Design(weights[order], strata[order], psu[order]), values[order])
    assert second.value == pytest.approx(first.value, rel=1e-12)
    assert second.se == pytest.approx(first.se, rel=1e-9, abs=1e-9)


@given(SAMPLES, st.floats(0.01, 1000))
def test_weights_of_another_scale_change_totals_alone(seed: int, factor: float) -> None:
    random = np.random.default_rng(seed)
    weights = random.uniform(0.5, 50, 20)
    strata = np.arange(20) % 3
    values = random.normal(40, 10, 20)
    one, other = Design(weights, strata), Design(weights * factor, strata)
    assert total(other, values).se == pytest.approx(total(one, values).se * factor, rel=1e-9)
    assert mean(other, values).se == pytest.approx(mean(one, values).se, rel=1e-9)


@given(SAMPLES)
def test_the_variance_of_cells_is_the_one_of_each_cell_alone(seed: int) -> None:
    from ilms_sdmx.microdata.estimation import cell_variances

    random = np.random.default_rng(seed)
    count = 60
    cells = random.integers(0, 4, count)
    strata = random.integers(0, 3, count)
    psu = random.integers(0, 4, count)
    weights = random.uniform(0.5, 50, count)
    design = Design(weights, strata, psu)
    key, place = np.unique(np.stack([cells, design.first.units]), axis=1, return_inverse=True)
    sums = np.bincount(place.ravel(), weights=weights)
    found = cell_variances(
        key[0],
        design.first.strata[key[1]],
        sums,
        design.first.sizes,
        design.first.fractions,
        count=4,
    )
    alone = [total(design, 1.0, cells == cell).se ** 2 for cell in range(4)]
    assert found == pytest.approx(alone, rel=1e-9)

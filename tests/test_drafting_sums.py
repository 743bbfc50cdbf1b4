"""A draft and the conversion with it say the same of every sum."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ilms_sdmx import Conversion, convert, draft_mapping

WORKERS = "Industry;Men;Women;Total"
INDUSTRIES = ["Agriculture", "Mining", "Manufacturing", "Construction"]


def accepted(source: bytes, folder: Path, area: str = "THA") -> tuple[str, Conversion]:
    """Draft of a table, and the conversion with every line to decide kept as proposed."""
    text = draft_mapping(source, area=area)
    mapping = folder / "mapping.yaml"
    mapping.write_text(re.sub(r"# decide:.*", "", text), encoding="utf-8")
    return text, convert(source, mapping)


def counts(text: str) -> tuple[int, int]:
    """Sums that agree and sums compared, as a draft says."""
    lines = re.findall(r"(\d+) of (\d+) sums agree", text)
    return sum(int(agree) for agree, _ in lines), sum(int(of) for _, of in lines)


def table(rows: list[tuple[Decimal, Decimal, Decimal]], title: str) -> bytes:
    lines = [title, WORKERS]
    for name, figures in zip(INDUSTRIES, rows, strict=False):
        lines.append(";".join([name, *(f"{n:f}" for n in figures)]))
    return "\n".join(lines).encode()


@st.composite
def workers(draw: st.DrawFn) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Men, women and a total that is off by a few steps or none; decimals or zeros at the end."""
    exponent = draw(st.sampled_from([-2, -1, 0, 2]))
    rows = []
    for _ in range(draw(st.integers(2, 4))):
        men, women = draw(st.integers(100, 900)), draw(st.integers(100, 900))
        total = men + women + draw(st.sampled_from([0, 0, 1, -1, 2, -3]))
        scaled = [Decimal(n).scaleb(exponent) for n in (men, women, total)]
        rows.append((scaled[0], scaled[1], scaled[2]))
    return rows


@given(rows=workers(), thousands=st.booleans())
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_draft_counts_the_sums_that_the_conversion_finds_right(
    rows: list[tuple[Decimal, Decimal, Decimal]], thousands: bool, tmp_path: Path
) -> None:
    unit = "thousands" if thousands else "persons"
    text, done = accepted(table(rows, f"Migrant workers by industry 2021 ({unit})"), tmp_path)
    found = done.checked["total"]
    assert counts(text) == (found["agree"], found["compared"])
    broken = found["compared"] - found["agree"]
    assert len(done.report.of_rule("total-differs")) == broken


def test_totals_that_lie_apart_by_less_than_one_thousand_differ(tmp_path: Path) -> None:
    rows = ["Employed migrants by sex (thousands)", "Year;Women;Men;Both sexes"]
    rows += ["2018;7.2;8.1;15.9", "2019;7.7;8.4;16.7", "2020;6.9;8.8;16.3"]
    text, done = accepted("\n".join(rows).encode(), tmp_path)
    assert counts(text) == (0, 3)
    assert "relation: at_most" not in text
    assert done.report.counts["total-differs"] == 3


def test_a_draft_says_to_what_figures_are_rounded_where_sums_agree_for_that(
    tmp_path: Path,
) -> None:
    rows = ["Migrant workers by sex", "Year;Men;Women;Total"]
    rows += ["2018;1200;800;2100", "2019;1300;700;1900", "2020;1100;900;2000"]
    text, done = accepted("\n".join(rows).encode(), tmp_path)
    assert "# 3 of 3 sums agree within rounding to hundreds" in text
    assert done.checked["total"]["agree"] == 3
    assert done.report.counts["rounding-inferred"] == 1


@pytest.mark.parametrize(
    ("last", "relation"), [("Singapore;5", True), ("Other countries;5", False)]
)
def test_only_a_list_without_the_others_may_sum_to_less_than_its_total(
    last: str, relation: bool, tmp_path: Path
) -> None:
    rows = ["Workers abroad by country 2021", "Country;Workers", "Malaysia;40", "Japan;25"]
    rows += [last, "Total;90"]
    text, _ = accepted("\n".join(rows).encode(), tmp_path, area="IDN")
    assert ("relation: at_most" in text) is relation

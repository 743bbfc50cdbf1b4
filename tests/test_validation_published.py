"""Published ILMS figures: what is wrong in them is found, and nothing where they agree within rounding."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, Validation, validate

Figures = dict[tuple[str, str, str, str, str], str]
SUMS = {
    "sex-sum",
    "classification-sum",
    "partner-sum",
    "status-sum",
    "nested-total",
    "overlap-total",
}
#: Versions and their parts, written down here on their own: what is checked is not what checks it.
PARTS = {
    "ECO_SECTOR": ["AGR", "IND", "SER"],
    "ECO_AGGREGATE": ["AGR", "MAN", "CON", "MEL", "MKT", "PUB"],
    "EDU_AGGREGATE": ["LTB", "BAS", "INT", "ADV"],
    "OCU_SKILL": ["L1", "L2", "L3-4"],
    "ECO_ISIC4": list("ABCDEFGHIJKLMNOPQRSTU"),
}
PARTNERS = ("CRS_RES", "CCT_CTZ", "CDS_DES", "CPR_PRV", "CBR_BRT")


EXCERPT = Path(__file__).parent / "specimens" / "published" / "excerpt.csv"
COLUMNS = ["dataflow_2026_inferred", "ref_area", "time", "sex", "classif1", "obs_value"]


def figures(path: Path, columns: list[str] = COLUMNS) -> Figures:
    """Dataflow, area, period, sex and code to figure."""
    table = pd.read_csv(path, dtype="str", keep_default_na=False)[columns]
    return {tuple(row[:5]): row[5] for row in table.to_numpy()}


def excerpt() -> Figures:
    return figures(EXCERPT, ["dataflow", "ref_area", "period", "sex", "code", "figure"])


def datasets(values: Figures) -> list[Dataset]:
    made = []
    for flow in sorted({key[0] for key in values}):
        words = flow.split("_")
        rows = [(*key[1:], value) for key, value in values.items() if key[0] == flow]
        frame = pd.DataFrame(
            rows, columns=["REF_AREA", "TIME_PERIOD", "SEX", words[3], "OBS_VALUE"], dtype="str"
        )
        frame["FREQ"], frame["MEASURE"] = "A", "_".join((words[0], words[1], words[-1]))
        dimensions = ("REF_AREA", "FREQ", "MEASURE", "SEX", words[3], "TIME_PERIOD")
        frame = frame[[*dimensions, "OBS_VALUE"]].astype("str")
        made.append(Dataset(frame, Components(dimensions), f"ILO:DF_{flow}(1.0)"))
    return made


def found(report: Validation, rules: set[str]) -> set[tuple[str, str, str, str, str]]:
    """Rule, area, period, sex and code of findings."""
    places = []
    for f in report:
        if f.rule in rules:
            key = dict(f.place.key)
            code = next(
                c
                for d, c in key.items()
                if d not in ("REF_AREA", "FREQ", "MEASURE", "SEX", "TIME_PERIOD")
            )
            places.append((f.rule, key["REF_AREA"], key["TIME_PERIOD"], key["SEX"], code))
    return set(places)


def decimals(text: str) -> int:
    return max(0, -int(Decimal(text).as_tuple().exponent))


def off(total: Decimal, parts: list[Decimal], places: int) -> bool:
    return abs(total - sum(parts)) > Decimal(5).scaleb(-places - 1) * (len(parts) + 1)


def broken(values: Figures) -> Iterator[tuple[str, str, str, str, str]]:
    """Every broken identity, one at a time, by plain arithmetic on decimals."""
    for flow, area, time in {key[:3] for key in values}:
        block = {
            key[3:]: Decimal(v) for key, v in values.items() if key[:3] == (flow, area, time)
        }
        places = max(decimals(v) for key, v in values.items() if key[:3] == (flow, area, time))

        for code in {code for _, code in block}:
            three = [block.get((sex, code)) for sex in ("SEX_T", "SEX_F", "SEX_M")]
            if None not in three and off(three[0], three[1:], places):
                yield "sex-sum", area, time, "SEX_T", code
        ever = {key[4] for key in values if key[:2] == (flow, area)}
        for sex in {sex for sex, _ in block}:
            mine = {code: v for (s, code), v in block.items() if s == sex}
            for total in [c for c in mine if c.endswith("_TOTAL")]:
                for rule in broken_totals(mine, total, places, ever):
                    rest = total.replace("_TOTAL", "_NAG")
                    yield rule, area, time, sex, rest if rule == "overlap-total" else total


def broken_totals(
    mine: dict[str, Decimal], total: str, places: int, ever: set[str]
) -> Iterator[str]:
    """Rules that one total breaks among the figures of one sex."""
    version = total.removesuffix("_TOTAL")
    parts = {c: v for c, v in mine.items() if c.startswith(f"{version}_") and c != total}
    rest = parts.pop(f"{version}_NAG", None)
    if version in PARTNERS:
        if f"{version}_X" in parts and off(mine[total], list(parts.values()), places):
            yield "partner-sum"
        return
    whole = {f"{version}_{p}" for p in PARTS[version]}
    if len(whole) > 8:
        whole &= ever
    if whole <= set(parts) and whole and off(mine[total], list(parts.values()), places):
        yield "classification-sum"
    farm = parts.get(f"{version}_AGR")
    if None not in (rest, farm) and off(mine[total], [rest, farm], places):
        yield "overlap-total"


def test_every_broken_identity_of_the_excerpt_is_found_and_nothing_else() -> None:
    expected = {
        ("sex-sum", "KHM", "2010", "SEX_T", "CRS_RES_TOTAL"),
        ("sex-sum", "PHL", "2023", "SEX_T", "ECO_SECTOR_SER"),
        ("classification-sum", "PHL", "2023", "SEX_T", "ECO_SECTOR_TOTAL"),
        ("sex-sum", "THA", "2024", "SEX_T", "CCT_CTZ_VNM"),
        ("sex-sum", "THA", "2024", "SEX_T", "CCT_CTZ_X"),
    }
    assert found(validate(datasets(excerpt())), SUMS) == set(broken(excerpt())) == expected


def test_one_cell_explains_both_broken_sums_of_the_philippines_2023() -> None:
    report = validate(datasets(excerpt()))
    causes = [
        f.lead.cause for f in report if f.rule in SUMS and f.place.key["REF_AREA"] == "PHL"
    ]
    assert len(causes) == 2
    assert all(
        "ECO_SECTOR_SER" in cause and "62.676 instead of 62.586" in cause for cause in causes
    )


@pytest.mark.parametrize("place", range(0, 107, 7))
def test_one_broken_figure_breaks_what_the_arithmetic_of_it_says(place: int) -> None:
    """Whatever figure of the excerpt is raised, the set of broken identities is that of plain arithmetic."""
    values = excerpt()
    key = sorted(values)[place]
    values[key] = str(Decimal(values[key]) + 7)
    assert found(validate(datasets(values)), SUMS) == set(broken(values))


@pytest.fixture
def published(shared: Path) -> dict[str, Figures]:
    return {
        path.name: figures(path) for path in sorted((shared / "data/ilms/tables").glob("*.csv"))
    }


@pytest.mark.shared
def test_every_broken_identity_is_found_and_nothing_else(published: dict[str, Figures]) -> None:
    for values in published.values():
        assert found(validate(datasets(values)), SUMS) == set(broken(values))


@pytest.mark.shared
def test_published_tables_obey_the_structures(published: dict[str, Figures]) -> None:
    structural = {
        "unknown-code",
        "outside-constraint",
        "time-format",
        "missing-component",
        "unknown-component",
    }
    for values in published.values():
        assert not set(validate(datasets(values)).counts) & structural


@pytest.mark.shared
def test_swapped_sexes_of_cambodia_2010_are_the_likely_cause(
    published: dict[str, Figures],
) -> None:
    values = published["mna_stock_nationals_abroad_by_sex_country_of_residence.csv"]
    (finding,) = [
        f
        for f in validate(datasets(values)).of_rule("sex-sum")
        if f.place.key["REF_AREA"] == "KHM"
    ]
    assert "sexes swapped" in finding.cause
    assert "SEX_M" in finding.cause
    assert "SEX_T" in finding.cause


@pytest.mark.shared
def test_coverage_says_how_much_arithmetic_has_touched(published: dict[str, Figures]) -> None:
    report = validate([d for values in published.values() for d in datasets(values)])
    assert report.coverage["observations"].sum() == sum(map(len, published.values()))
    looked_at = report.coverage["equation"] + report.coverage["limit"]
    assert (looked_at / report.coverage["observations"]).between(0.8, 1).all()
    assert report.coverage["share"].between(70, 100).all()

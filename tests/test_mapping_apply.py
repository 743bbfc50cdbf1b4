"""A structure map loses no figure, invents none, and says what it could not place."""

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilms_sdmx.datasets import OBSERVATION, Components
from ilms_sdmx.findings import Candidate, Place, Severity
from ilms_sdmx.mapping.application import apply, apply_figures
from ilms_sdmx.mapping.model import (
    ComponentMap,
    DatePatternMap,
    FixedValueMap,
    MappedValue,
    MultiComponentMap,
    RepresentationMap,
    StructureMap,
)
from ilms_sdmx.mapping.resolving import Resolved
from ilms_sdmx.mapping.scaling import is_number, shift
from ilms_sdmx.mapping.unmapped import Spread, find_unknown_label
from ilms_sdmx.tables.table import Origin, Table

COMPONENTS = Components(
    ("REF_AREA", "SEX", "CDS", "TIME_PERIOD"),
    attributes={"UNIT_MULT": ("REF_AREA",), "OBS_STATUS": OBSERVATION},
)
COUNTRIES = RepresentationMap(
    "CDS",
    (
        MappedValue(("Japan",), "CDS_DES_JPN"),
        MappedValue(("Hong  Kong",), "CDS_DES_HKG"),
        MappedValue(("others?",), "CDS_DES_X", regex=True),
        MappedValue(("East Asia",), None),
    ),
    codelist="CL_CDS",
)


def structure_map(countries: RepresentationMap = COUNTRIES) -> StructureMap:
    return StructureMap(
        "test",
        "ILO:DF_TEST(1.0)",
        (
            FixedValueMap("REF_AREA", "PHL"),
            FixedValueMap("SEX", "SEX_T"),
            FixedValueMap("UNIT_MULT", "3"),
            ComponentMap("country", "CDS", countries),
            DatePatternMap(("year",)),
        ),
        target_multiplier=3,
    )


def table(*rows: tuple[str, str, str | None]) -> Table:
    frame = pd.DataFrame(rows, columns=["country", "year", "text"], dtype="str")
    frame["sheet"], frame["cell"] = "S", [f"B{n}" for n in range(2, len(rows) + 2)]
    return Table(frame, Origin("table.xlsx"))


def test_figures_become_observations_in_thousands_with_every_digit() -> None:
    dataset, report = apply(
        table(("JAPAN", "1981", "254"), ("hong kong ", "1981", "40307")),
        structure_map(),
        COMPONENTS,
    )
    assert not report
    assert list(dataset.observations.columns) == COMPONENTS.columns
    assert dataset.observations["OBS_VALUE"].tolist() == ["0.254", "40.307"]
    assert dataset.observations["CDS"].tolist() == ["CDS_DES_JPN", "CDS_DES_HKG"]
    assert dataset.observations["TIME_PERIOD"].tolist() == ["1981", "1981"]
    assert dataset.observations["OBS_STATUS"].isna().all()
    assert dataset.provenance is not None
    assert dataset.provenance["cell"].tolist() == ["B2", "B3"]


def test_an_unknown_label_is_an_error_with_its_cells_and_the_line_to_add() -> None:
    dataset, report = apply(
        table(("Japan", "1981", "1"), ("Nihon", "1981", "2")), structure_map(), COMPONENTS
    )
    (finding,) = report
    assert (finding.rule, finding.severity, finding.place.cell) == (
        "unknown-label",
        Severity.ERROR,
        "B3",
    )
    assert "Nihon: <code>" in finding.fix
    assert "1 observation (B3), not written" in finding.affects
    assert len(dataset) == 1


def test_a_label_without_a_place_in_the_dataflow_is_skipped_without_a_word() -> None:
    applied = apply_figures(table(("East Asia", "1981", "5")), structure_map(), COMPONENTS)
    assert applied.counts == {"skipped": 1}
    assert not applied.report


def test_patterns_come_after_exact_lines_and_match_the_whole_label() -> None:
    applied = apply_figures(
        table(("OTHERS", "1981", "5"), ("Others 2", "1981", "5")), structure_map(), COMPONENTS
    )
    assert applied.outcome.tolist() == ["written", "unmapped"]


@pytest.mark.parametrize("text", ["1,234", "58.44.1", "12a", "１２", "-", "1 234"])
def test_what_is_no_plain_number_is_never_written(text: str) -> None:
    dataset, report = apply(table(("Japan", "1981", text)), structure_map(), COMPONENTS)
    assert len(dataset) == 0
    assert report.counts == {"malformed-number": 1}
    assert report.findings[0].read == text


def test_equal_duplicates_are_a_note_and_written_once() -> None:
    dataset, report = apply(
        table(("Japan", "1981", "5"), ("JAPAN", "1981", "5.0")), structure_map(), COMPONENTS
    )
    (finding,) = report
    assert (finding.rule, finding.severity) == ("repeated-observation", Severity.NOTE)
    assert len(dataset) == 1


def test_conflicting_duplicates_are_an_error_naming_both_cells_and_neither_is_written() -> None:
    dataset, report = apply(
        table(("Japan", "1981", "5"), ("JAPAN", "1981", "6")), structure_map(), COMPONENTS
    )
    (finding,) = report
    assert (finding.rule, finding.severity) == ("conflicting-observations", Severity.ERROR)
    assert "B2 prints '5'" in finding.message
    assert "B3 prints '6'" in finding.message
    assert len(dataset) == 0


def test_a_line_may_hold_for_a_time_only() -> None:
    soviet = RepresentationMap(
        "CDS",
        (
            MappedValue(("Russia",), "CDS_DES_SUN", valid_to="1991"),
            MappedValue(("Russia",), "CDS_DES_RUS", valid_from="1992"),
        ),
    )
    dataset, _ = apply(
        table(("Russia", "1990", "1"), ("Russia", "1992", "1")),
        structure_map(soviet),
        COMPONENTS,
    )
    assert dataset.observations["CDS"].tolist() == ["CDS_DES_SUN", "CDS_DES_RUS"]


def test_several_headings_may_decide_a_code_together() -> None:
    both = RepresentationMap("SEX", (MappedValue(("Japan", "1981"), "SEX_F"),))
    wanted = StructureMap(
        "t", "X:Y(1.0)", (MultiComponentMap(("country", "year"), "SEX", both),)
    )
    applied = apply_figures(
        table(("Japan", "1981", "1"), ("Japan", "1982", "1")), wanted, Components(("SEX",))
    )
    assert applied.outcome.tolist() == ["written", "unmapped"]


def test_a_dimension_that_nothing_fills_is_said_once() -> None:
    wanted = StructureMap("t", "X:Y(1.0)", (FixedValueMap("SEX", "SEX_T"),))
    _, report = apply(
        table(("Japan", "1981", "1"), ("Japan", "1982", "1")),
        wanted,
        Components(("SEX", "AGE")),
    )
    assert [f.component for f in report] == ["AGE"]


NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12
)


@given(NUMBERS, st.integers(-9, 9))
def test_scaling_is_exact_and_comes_back(number: Decimal, power: int) -> None:
    text = format(number, "f")
    assert Decimal(shift(text, power)) == number.scaleb(power)
    assert Decimal(shift(shift(text, power), -power)) == number


LABELS = st.sampled_from(["Japan", "JAPAN ", "Hong Kong", "Others", "East Asia", "Nowhere"])
TEXTS = st.sampled_from(["1", "2", "2.0", "x", "1,000"]) | st.none()


@given(st.lists(st.tuples(LABELS, st.sampled_from(["1981", "1982"]), TEXTS), max_size=30))
def test_every_figure_has_one_outcome_and_the_written_ones_are_the_data_set(
    rows: list[tuple[str, str, str | None]],
) -> None:
    applied = apply_figures(table(*rows), structure_map(), COMPONENTS)
    assert sum(applied.counts.values()) == len(rows)
    assert applied.counts.get("written", 0) == len(applied.dataset)
    dimensions = list(COMPONENTS.dimensions)
    assert not applied.dataset.observations.duplicated(dimensions).any()
    values = set(applied.dataset.observations["OBS_VALUE"].dropna())
    assert values <= {shift(t, -3) for _, _, t in rows if t and is_number(t)}


@pytest.mark.parametrize(
    ("score", "line"),
    [(91.0, "Japn: CDS_DES_JPN"), (67.0, "Japn: <code>")],
    ids=["slip", "other word"],
)
def test_only_a_likely_code_stands_in_the_line_to_add(score: float, line: str) -> None:
    found = Resolved(None, "unknown", (Candidate("CDS_DES_JPN", "japan", score),))
    finding = find_unknown_label(
        "CDS", ("Japn",), found, RepresentationMap("countries"), Spread(Place(), 1)
    )
    assert finding.fix.endswith(line)
    assert finding.candidates == found.candidates

"""Protected releases: what a rule hides stays hidden, and what adds up still adds up."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ilms_sdmx import (
    Components,
    Dataset,
    ProtectionRules,
    Report,
    find_disclosures,
    protect,
    read,
    validate,
    write,
)
from ilms_sdmx.cli import run
from ilms_sdmx.errors import ProtectionError

pytest.importorskip("highspy")

#: Shrinking goes through many releases; a small one that fails says enough.
QUICK = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
SEXES = {"SEX_M": "M", "SEX_F": "F", "SEX_T": "MF"}
AGES = {
    "AGE_AGGREGATE_Y15-24": "0",
    "AGE_AGGREGATE_Y25-54": "1",
    "AGE_AGGREGATE_Y55-64": "2",
    "AGE_AGGREGATE_YGE65": "3",
    "AGE_AGGREGATE_TOTAL": "0123",
}
SECTORS = {
    "ECO_SECTOR_AGR": "a",
    "ECO_SECTOR_IND": "i",
    "ECO_SECTOR_SER": "s",
    "ECO_SECTOR_TOTAL": "ais",
}
CITIZENS = {"CCT_CIT_CITIZEN": "c", "CCT_CIT_NONCIT": "n", "CCT_CIT_TOTAL": "cn"}
CLASSES = {"SEX": SEXES, "AGE": AGES, "ECO": SECTORS, "CCT": CITIZENS}
#: Place of each classification in a record.
PLACES = {"SEX": 0, "AGE": 1, "ECO": 2, "CCT": 3}
#: Codes of a key that are no totals.
Key = tuple[str, ...]
RECORD = st.tuples(
    st.sampled_from("MF"),
    st.sampled_from("0123"),
    st.sampled_from("ais"),
    st.sampled_from("cn"),
).map("".join)


def table(
    records: Iterable[str],
    dimensions: Sequence[str],
    measure: str = "EMP_TEMP_NB",
    flow: str = "EMP_TEMP_SEX_{}_CCT_NB",
) -> Dataset:
    """Table of records by some classifications, with every total."""
    rows = []
    for codes in product(*(CLASSES[name] for name in dimensions)):
        members = [
            all(
                record[PLACES[name]] in CLASSES[name][code]
                for name, code in zip(dimensions, codes, strict=True)
            )
            for record in records
        ]
        rows.append([*codes, str(sum(members))])
    frame = pd.DataFrame(rows, columns=[*dimensions, "OBS_VALUE"], dtype="str")
    frame.insert(0, "REF_AREA", "MYS")
    frame.insert(1, "FREQ", "A")
    frame.insert(2, "MEASURE", measure)
    frame["TIME_PERIOD"] = "2020"
    keys = ("REF_AREA", "FREQ", "MEASURE", *dimensions, "TIME_PERIOD")
    frame["UNIT_MULT"] = "0"
    frame = frame[[*keys, "OBS_VALUE", "UNIT_MULT"]]
    components = Components(keys, attributes={"UNIT_MULT": ("OBS_VALUE",)})
    inner = next(name for name in dimensions if name not in ("SEX", "CCT"))
    return Dataset(frame, components, f"ILO:DF_{flow.format(inner)}(1.0)")


def tables(records: Iterable[str]) -> list[Dataset]:
    return [table(records, ("SEX", "AGE", "CCT")), table(records, ("SEX", "ECO", "CCT"))]


def primary_only(dataset: Dataset, minimum: int) -> Dataset:
    """What an office does that hides the small figures and nothing else."""
    frame = dataset.observations.copy()
    value = frame["OBS_VALUE"].astype(int)
    small = (value > 0) & (value < minimum)
    frame["OBS_VALUE"] = frame["OBS_VALUE"].mask(small, pd.NA)
    frame["OBS_STATUS"] = pd.Series(pd.NA, index=frame.index, dtype="str").mask(small, "C")
    attributes = {**dataset.components.attributes, "OBS_STATUS": ("OBS_VALUE",)}
    components = Components(dataset.components.dimensions, attributes=attributes)
    return Dataset(frame, components, dataset.dataflow)


def places(frame: pd.DataFrame, dimensions: Sequence[str]) -> list[Key]:
    """Key without the totals of its own classification: the same persons in any table."""
    keys = []
    for row in frame.itertuples():
        codes = [getattr(row, name) for name in dimensions]
        keys.append(tuple(c for c in codes if not c.endswith(("_TOTAL", "_T"))))
    return keys


def of_no_total(codes: dict[str, str], dimensions: Sequence[str]) -> Key:
    """Codes of a key but for those of totals."""
    return tuple(codes[d] for d in dimensions if not codes[d].endswith(("_TOTAL", "_T")))


def sums_of(dimensions: Sequence[str]) -> list[tuple[Key, list[Key]]]:
    """Equations of one table, written down without the library: (total, parts)."""
    found = []
    for name in dimensions:
        codes = list(CLASSES[name])
        total = next(c for c in codes if c.endswith(("_TOTAL", "_T")))
        others = [d for d in dimensions if d != name]
        for rest in product(*(CLASSES[d] for d in others)):
            context = dict(zip(others, rest, strict=True))
            keys = {code: of_no_total({**context, name: code}, dimensions) for code in codes}
            found.append((keys[total], [keys[code] for code in codes if code != total]))
    return found


def determined(published: Iterable[tuple[Dataset, Sequence[str]]]) -> set[Key]:
    """Hidden figures that linear algebra alone gives away, over all tables, exactly."""
    known: dict[Key, int] = {}
    hidden: list[Key] = []
    equations = []
    for dataset, dimensions in published:
        frame = dataset.observations
        for key, value in zip(places(frame, dimensions), frame["OBS_VALUE"], strict=True):
            if pd.isna(value):
                if key not in hidden:
                    hidden.append(key)
            else:
                known[key] = int(value)
        equations += sums_of(dimensions)
    hidden = [key for key in hidden if key not in known]
    column = {key: n for n, key in enumerate(hidden)}
    matrix = []
    for total, parts in equations:
        row = [Fraction(0)] * len(hidden)
        for key, sign in [(total, 1), *((p, -1) for p in parts)]:
            if key in column:
                row[column[key]] += sign
        matrix.append(row)
    reduced = reduced_rows(matrix, len(hidden))
    found = set()
    for row in reduced:
        filled = [n for n, x in enumerate(row) if x]
        if len(filled) == 1:
            found.add(hidden[filled[0]])
    return found


def reduced_rows(matrix: list[list[Fraction]], width: int) -> list[list[Fraction]]:
    rows, lead = [list(r) for r in matrix], 0
    for column in range(width):
        pivot = next((n for n in range(lead, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[lead], rows[pivot] = rows[pivot], rows[lead]
        scale = rows[lead][column]
        rows[lead] = [x / scale for x in rows[lead]]
        for n, row in enumerate(rows):
            if n != lead and row[column]:
                factor = row[column]
                rows[n] = [x - factor * y for x, y in zip(row, rows[lead], strict=True)]
        lead += 1
    return rows[:lead]


def found_keys(report: Report) -> set[Key]:
    keys = set()
    for finding in report:
        codes = [finding.place.key.get(d, "") for d in ("SEX", "AGE", "ECO", "CCT")]
        keys.add(tuple(c for c in codes if c and not c.endswith(("_TOTAL", "_T"))))
    return keys


@QUICK
@given(st.lists(RECORD, min_size=3, max_size=70), st.sampled_from([3, 5]))
def test_every_figure_is_found_that_other_figures_give_away(
    records: list[str], minimum: int
) -> None:
    released = [primary_only(t, minimum) for t in tables(records)]
    report = find_disclosures(released, minimum=minimum)
    shapes = [("SEX", "AGE", "CCT"), ("SEX", "ECO", "CCT")]
    assert determined(zip(released, shapes, strict=True)) <= found_keys(report)
    assert {f.rule for f in report} <= {"disclosed-cell"}


@QUICK
@given(st.lists(RECORD, min_size=3, max_size=70), st.sampled_from([3, 5]))
def test_nothing_that_a_rule_hides_can_be_worked_out_of_a_protected_release(
    records: list[str], minimum: int
) -> None:
    originals = tables(records)
    release = protect(originals, rules=ProtectionRules(minimum=minimum))
    small = release.cells[release.cells["reason"] == "minimum"]
    assert (small["lower"] <= 1e-5).all()
    assert (small["upper"] >= minimum - 1e-5).all()
    for original, protected in zip(originals, release.datasets, strict=True):
        before = original.observations["OBS_VALUE"].astype(int)
        after = protected.observations["OBS_VALUE"]
        shown = after.notna()
        assert (after[shown].astype(int) == before[shown]).all()
        assert not ((before[shown] > 0) & (before[shown] < minimum)).any()
        assert (protected.observations["OBS_STATUS"].eq("C") == ~shown).all()
        assert protected.provenance is None
    shapes = [("SEX", "AGE", "CCT"), ("SEX", "ECO", "CCT")]
    given_away = determined(zip(release.datasets, shapes, strict=True))
    for dataset, shape in zip(originals, shapes, strict=True):
        values = dataset.observations["OBS_VALUE"].astype(int)
        for key, value in zip(places(dataset.observations, shape), values, strict=True):
            assert key not in given_away or value == 0 or value >= minimum
    assert len(release.report.errors) == 0


@settings(QUICK, max_examples=5)
@given(st.lists(RECORD, min_size=3, max_size=40), st.sampled_from([3, 5]))
def test_who_is_a_hidden_figure_himself_works_out_no_other(
    records: list[str], minimum: int
) -> None:
    originals = tables(records)
    release = protect(originals, rules=ProtectionRules(minimum=minimum))
    shapes = [("SEX", "AGE", "CCT"), ("SEX", "ECO", "CCT")]
    of_key: dict[Key, int] = {}
    for dataset, shape in zip(originals, shapes, strict=True):
        frame = dataset.observations
        of_key.update(zip(places(frame, shape), frame["OBS_VALUE"].astype(int), strict=True))
    for own in {key for key, value in of_key.items() if value == 1}:
        shown = []
        for dataset, shape in zip(release.datasets, shapes, strict=True):
            frame = dataset.observations.copy()
            is_own = [key == own for key in places(frame, shape)]
            frame["OBS_VALUE"] = frame["OBS_VALUE"].mask(is_own, "1")
            shown.append((replace(dataset, observations=frame), shape))
        others = {key for key in determined(shown) if 1 < of_key[key] < minimum}
        assert not others


@settings(QUICK, max_examples=10)
@given(st.lists(RECORD, max_size=40), st.lists(RECORD, max_size=40))
def test_the_same_figure_has_the_same_noise_in_every_table_and_vintage(
    records: list[str], others: list[str]
) -> None:
    noise: dict[tuple[Key, str], str] = {}
    shapes = [("SEX", "AGE", "CCT"), ("SEX", "ECO", "CCT")]
    for vintage in (records, [*records, *others]):
        originals = tables(vintage)
        release = protect(originals, method="perturbation", secret="a long secret")
        for before, after, shape in zip(originals, release.datasets, shapes, strict=True):
            keys = places(before.observations, shape)
            columns = (before.observations["OBS_VALUE"], after.observations["OBS_VALUE"])
            for key, value, changed in zip(keys, *columns, strict=True):
                assert noise.setdefault((key, value), changed) == changed


def test_years_of_a_release_are_searched_each_for_itself() -> None:
    dataset = table(SMALL, ("SEX", "ECO", "CCT"))
    years = []
    for year in range(2001, 2021):
        years.append(dataset.observations.assign(TIME_PERIOD=str(year)))
    together = Dataset(
        pd.concat(years, ignore_index=True), dataset.components, dataset.dataflow
    )
    release = protect(together)
    assert not release.report.errors
    found = release.datasets[0].observations.set_index("TIME_PERIOD")["OBS_STATUS"].eq("C")
    alone = protect(dataset).datasets[0].observations["OBS_STATUS"].eq("C").sum()
    assert found.groupby(level=0).sum().unique().tolist() == [alone]


def test_a_release_that_gives_away_what_an_earlier_one_hid_is_told() -> None:
    dataset = table(SMALL, ("SEX", "ECO", "CCT"))
    before = primary_only(dataset, 3)
    is_small = before.observations["OBS_VALUE"].isna()
    # Now the small class is not in the table, but all its sums are.
    rest = Dataset(
        dataset.observations[~is_small].reset_index(drop=True),
        dataset.components,
        dataset.dataflow,
    )
    told = protect(rest, previous=before).report
    assert "disclosed-cell" in {finding.rule for finding in told.errors}
    assert not protect(rest).report.errors


def test_a_figure_that_was_revised_since_is_another_number() -> None:
    dataset = table(SMALL, ("SEX", "ECO", "CCT"))
    revised = dataset.observations.copy()
    revised["OBS_VALUE"] = (revised["OBS_VALUE"].astype(int) * 10).astype(str)
    before = Dataset(revised, dataset.components, dataset.dataflow)
    assert {f.rule for f in protect(dataset, previous=dataset).report} == {"published-before"}
    assert not protect(dataset, previous=before).report.errors


def people(*counts: tuple[str, int]) -> list[str]:
    """Records by their text and number, as `("M0ac", 7)`."""
    return [text for text, number in counts for _ in range(number)]


#: Two women who are not citizens, in services; all else is large.
SMALL = people(
    ("M0sc", 50), ("F0sc", 40), ("M0sn", 30), ("F0sn", 2), ("M1ic", 20), ("F1ic", 25)
)  # fmt: skip
EVEN = people(*((s + a + e + c, 9) for s in "MF" for a in "0123" for e in "ais" for c in "cn"))


def test_small_figure_alone_in_its_sums_is_known_and_then_protected() -> None:
    dataset = table(SMALL, ("SEX", "ECO", "CCT"))
    hidden = primary_only(dataset, 3)
    told = find_disclosures(hidden)
    assert [f.rule for f in told if f.place.key["ECO"] == "ECO_SECTOR_SER"] == [
        "disclosed-cell"
    ]
    assert "it is 2" in told.findings[0].message
    release = protect(dataset)
    assert set(release.cells["reason"]) == {"minimum", "sum"}
    assert not find_disclosures(release.datasets).errors


def test_what_must_be_published_is_and_a_figure_that_it_gives_away_stops_the_release() -> None:
    dataset = table(SMALL, ("SEX", "ECO", "CCT"))
    release = protect(dataset, must=[{"SEX": "SEX_T", "CCT": "CCT_CIT_TOTAL"}])
    frame = release.datasets[0].observations
    totals = frame[(frame["SEX"] == "SEX_T") & (frame["CCT"] == "CCT_CIT_TOTAL")]
    assert totals["OBS_VALUE"].notna().all()
    assert not release.report.errors
    all_of_it = [{"CCT": "CCT_CIT_TOTAL"}, {"CCT": "CCT_CIT_CITIZEN"}]
    refused = protect(dataset, must=all_of_it)
    assert {f.rule for f in refused.report.errors} == {"unprotected-cell"}
    with pytest.raises(ProtectionError, match="found none in the tables"):
        protect(dataset, must=[{"SEX": "SEX_X"}])


def test_what_an_earlier_release_published_protects_nothing_now() -> None:
    dataset = table(SMALL, ("SEX", "ECO", "CCT"))
    first = protect(dataset)
    again = protect(dataset, previous=first.datasets[0])
    assert again.datasets[0].observations.equals(first.datasets[0].observations)
    everything = protect(dataset, previous=dataset)
    assert {f.rule for f in everything.report.errors} == {"published-before"}
    other = first.datasets[0].observations
    shown = other["OBS_VALUE"].notna()
    assert again.datasets[0].observations.loc[shown, "OBS_VALUE"].notna().all()


def test_a_rate_of_the_persons_of_a_hidden_figure_is_hidden() -> None:
    records = people(
        ("M0sc", 50), ("F0sc", 40), ("M0sn", 30), ("F3sn", 2), ("M3ic", 20), ("F1ic", 25)
    )
    counts = table(records, ("SEX", "AGE", "CCT"))
    rates = table(records, ("SEX", "AGE", "CCT"), "EMP_DWAP_RT", "EMP_DWAP_SEX_{}_CCT_RT")
    release = protect(counts, rates)
    hidden, shown = release.datasets[0].observations, release.datasets[1].observations
    assert hidden["OBS_VALUE"].isna().any()
    assert (hidden["OBS_VALUE"].isna().to_numpy() == shown["OBS_VALUE"].isna().to_numpy()).all()
    assert "same persons" in set(release.cells["reason"])


def test_parts_that_are_all_of_their_total_are_hidden_when_asked() -> None:
    records = people(
        ("M0sc", 50), ("F0sc", 40), ("M1in", 30), ("F1in", 20), ("M1ic", 20), ("F1ic", 25)
    )
    dataset = table(records, ("SEX", "ECO", "CCT"))
    assert len(protect(dataset).cells) == 0
    assert "group" in set(protect(dataset, rules=ProtectionRules(group=True)).cells["reason"])


def test_figures_in_thousands_are_told_to_be_beyond_the_rules_and_a_column_helps() -> None:
    dataset = table(EVEN, ("SEX", "ECO", "CCT"))
    frame = dataset.observations.assign(
        UNIT_MULT="3", OBS_VALUE=lambda f: f["OBS_VALUE"] + ".2"
    )
    rounded = Dataset(frame, dataset.components, dataset.dataflow)
    assert [f.rule for f in protect(rounded).report] == ["contributors-unknown"]
    counts = pd.DataFrame({"sample": dataset.observations["OBS_VALUE"]})
    counts.loc[0, "sample"] = "1"
    with_counts = replace(rounded, provenance=counts)
    release = protect(with_counts, contributors="sample")
    assert not len(release.report)
    assert "minimum" in set(release.cells["reason"])
    with pytest.raises(ProtectionError, match="found none"):
        protect(rounded, contributors="sample")


@settings(QUICK, max_examples=6)
@given(st.lists(RECORD, min_size=3, max_size=80), st.sampled_from([3, 5]))
def test_rounded_figures_are_multiples_and_add_up(records: list[str], base: int) -> None:
    originals = tables(records)
    release = protect(originals, method="rounding", base=base)
    for original, rounded in zip(originals, release.datasets, strict=True):
        before = original.observations["OBS_VALUE"].astype(int)
        after = rounded.observations["OBS_VALUE"].astype(int)
        assert (after % base == 0).all()
        assert ((after - before).abs() <= 2 * base).all()
        exact = before % base == 0
        assert (after[exact] - before[exact]).abs().le(base).all()
    assert not [
        f for f in validate(list(release.datasets)) if f.rule.endswith(("-sum", "-total"))
    ]


def total_of(frame: pd.DataFrame) -> str:
    inner = frame["AGE"] if "AGE" in frame else frame["ECO"]
    is_total = (frame["SEX"] == "SEX_T") & (frame["CCT"] == "CCT_CIT_TOTAL")
    return str(frame.loc[is_total & inner.str.endswith("TOTAL"), "OBS_VALUE"].item())


def test_noise_is_the_same_in_every_table_and_year_of_the_same_figure() -> None:
    first, second = (
        protect(t, method="perturbation", secret="a long secret").datasets[0].observations
        for t in tables(EVEN)
    )
    total = lambda f: f[  # noqa: E731
        (f["SEX"] == "SEX_T")
        & (f["CCT"] == "CCT_CIT_TOTAL")
        & f.iloc[:, 4].str.endswith("TOTAL")
    ]["OBS_VALUE"].item()
    assert total(first) == total(second)
    again = protect(tables(EVEN), method="perturbation", secret="a long secret")
    assert again.datasets[0].observations.equals(first)
    other = protect(tables(EVEN), method="perturbation", secret="another secret")
    assert not other.datasets[0].observations.equals(first)
    assert "secret" not in repr(again) + again.cells.to_csv()


def test_noise_has_no_drift_and_leaves_nobody_negative() -> None:
    from ilms_sdmx.analysis.protection.perturbation import _distribution

    for value in range(1, 9):
        noises, cumulated = _distribution(min(value, 5), 5, 4.0)
        shares = np.diff(np.concatenate([[0.0], cumulated]))
        assert abs(float(shares @ noises)) < 1e-9
        assert noises.min() >= -value
        assert abs(cumulated[-1] - 1) < 1e-12
    nobody = table([], ("SEX", "ECO", "CCT"))
    perturbed = protect(nobody, method="perturbation", secret="a long secret")
    assert (perturbed.datasets[0].observations["OBS_VALUE"] == "0").all()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"minimum": 0}, "at least 1 person"),
        ({"dominance": (0, 75)}, "number of contributors"),
        ({"dominance": (1, 100)}, "share of 0 to 100"),
        ({"p_percent": 0}, "between 0 and 100"),
    ],
)
def test_rules_that_nothing_can_meet_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ProtectionError, match=words):
        ProtectionRules(**settings)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"minimun": 3}, "found minimun"),
        ({"minimum": "three"}, "at minimum"),
        ({"minimum": True}, "at minimum"),
        ({"dominance": 3}, "as \\[contributors"),
        ({"group": "yes"}, "at group"),
    ],
)
def test_rules_of_a_mapping_file_say_what_is_wrong(written: dict[str, Any], words: str) -> None:
    with pytest.raises(ProtectionError, match=words):
        ProtectionRules.of(written)


def test_methods_and_secrets_are_checked() -> None:
    dataset = table(EVEN, ("SEX", "ECO", "CCT"))
    with pytest.raises(ProtectionError, match="expected suppression, rounding"):
        protect(dataset, method="hiding")
    with pytest.raises(ProtectionError, match="at least 8 characters"):
        protect(dataset, method="perturbation", secret="short")
    with pytest.raises(ProtectionError, match="base of 2"):
        protect(dataset, method="rounding", base=1)
    with pytest.raises(ProtectionError, match="found none"):
        protect([])


def test_a_release_without_time_hides_whole_sums_and_says_so_whatever_the_clock() -> None:
    rng = np.random.default_rng(3)
    letters = ["MF", "0123", "ais", "cn"]
    records = ["".join(rng.choice(list(some)) for some in letters) for _ in range(60)]
    release = protect(tables(records), rules=ProtectionRules(minimum=5), seconds=0)
    assert [f.rule for f in release.report] == ["protection-hasty"]
    small = release.cells[release.cells["reason"] == "minimum"]
    assert (small["upper"] >= 5 - 1e-5).all()


def test_the_command_writes_what_may_go_out_and_the_list_for_the_office(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(table(SMALL, ("SEX", "ECO", "CCT")), tmp_path / "in.csv", "sdmx-csv-1.0")
    source, target, cells = (
        str(tmp_path / name) for name in ("in.csv", "out.csv", "cells.csv")
    )
    page, data = str(tmp_path / "report.html"), str(tmp_path / "report.json")
    reported = ["--cells", cells, "--report", page]
    assert run(["protect", source, "-o", target, *reported]) == 0
    assert run(["protect", source, "-o", target, "--report", data]) == 0
    found = json.loads(Path(data).read_text(encoding="utf-8"))
    listed = pd.read_csv(cells)
    assert found["reasons"] == listed["reason"].value_counts().to_dict()
    assert found["tables"][0]["published"] + len(listed) == found["tables"][0]["figures"]
    shown = Path(page).read_text(encoding="utf-8")
    assert all(key in shown for key in listed["key"])
    assert run(["protect", source, "-o", target, "--report", "report.pdf"]) == 3
    written = read(target).datasets[0].observations
    assert written["OBS_STATUS"].eq("C").sum() == len(pd.read_csv(cells))
    refused = str(tmp_path / "no.csv")
    must = ["--must", "CCT=CCT_CIT_TOTAL", "--must", "CCT=CCT_CIT_CITIZEN"]
    assert run(["protect", source, "-o", refused, *must]) == 2
    assert not (tmp_path / "no.csv").exists()
    assert "cannot be protected" in capsys.readouterr().err
    assert run(["protect", source, "-o", source]) == 3
    assert run(["protect", source, "-o", str(tmp_path / "t.txt")]) == 3
    assert run(["protect", source, "-o", refused, "--must", "CCT"]) == 3


def test_vintages_of_the_database_are_known_to_the_attacker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("duckdb")
    from ilms_sdmx.database import Database

    dataset = table(SMALL, ("SEX", "ECO", "CCT"))
    write(dataset, tmp_path / "in.csv", "sdmx-csv-1.0")
    folder = tmp_path / "db"
    database = Database(folder)
    database.add(dataset, "sent", at="2026-01-01T00:00:00")
    larger = dataset.observations.copy()
    larger["OBS_VALUE"] = (larger["OBS_VALUE"].astype(int) * 10).astype(str)
    later = Dataset(larger, dataset.components, dataset.dataflow)
    database.add(later, "sent", at="2026-02-01T00:00:00")
    arguments = ["protect", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv")]
    known = ["--db", str(folder), "--published", "db:sent"]
    assert run([*arguments, *known]) == 2
    assert "An earlier release published 2" in capsys.readouterr().err
    assert run([*arguments, "--published", "nothing.csv"]) == 3


def test_the_secret_of_the_command_comes_from_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(table(SMALL, ("SEX", "ECO", "CCT")), tmp_path / "in.csv", "sdmx-csv-1.0")
    arguments = ["protect", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv")]
    arguments += ["--method", "perturbation"]
    assert run(arguments) == 2
    monkeypatch.setenv("ILMS_SDMX_SECRET", "what nobody else knows")
    assert run(arguments) == 0
    told = capsys.readouterr()
    assert "what nobody" not in told.err + (tmp_path / "out.csv").read_text()


def test_validate_tests_disclosure_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hidden = primary_only(table(SMALL, ("SEX", "ECO", "CCT")), 3)
    write(hidden, tmp_path / "in.csv", "sdmx-csv-1.0")
    run(["validate", str(tmp_path / "in.csv")])
    assert "disclosed-cell" not in capsys.readouterr().out
    assert run(["validate", str(tmp_path / "in.csv"), "--disclosure", "3"]) == 2
    assert "disclosed-cell" in capsys.readouterr().out

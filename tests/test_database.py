"""The database: every figure keeps its history, and any sequence of steps agrees with a plain model."""

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ilms_sdmx import Components, Dataset, StructureError, compare, with_concept
from ilms_sdmx.analysis.comparison.comparators import comparators_by_name
from ilms_sdmx.database import Database
from ilms_sdmx.database.guards import RemovalError
from ilms_sdmx.errors import DatabaseError

FLOW = "ILO:DF_POP_MNAO_SEX_CDS_NB(1.0)"
COMPONENTS = Components(
    ("REF_AREA", "SEX", "CDS", "TIME_PERIOD"), attributes={"OBS_STATUS": ("OBS_VALUE",)}
)
COLUMNS = COMPONENTS.columns


def stock(*rows: tuple[str | None, ...], flow: str = FLOW, action: str = "Replace") -> Dataset:
    """Data set of rows: area, sex, destination, period, value, status."""
    frame = pd.DataFrame(list(rows), columns=COLUMNS, dtype="string")
    return Dataset(frame, COMPONENTS, flow, action=action)


def row(area: str = "PHL", value: str | None = "1.10", **other: str) -> tuple[str | None, ...]:
    return (
        area,
        other.get("sex", "SEX_T"),
        other.get("cds", "CDS_DES_TOTAL"),
        other.get("period", "2013"),
        value,
        other.get("status"),
    )


def values(dataset: Dataset) -> list[str]:
    return dataset.observations["OBS_VALUE"].tolist()


def files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_day_gives_exactly_what_was_known(tmp_path: Path) -> None:
    database = Database(tmp_path / "db")
    database.add(stock(row(value="10238.6"), row("THA", "5")), "a", at="2014-05-01")
    database.add(stock(row(value="2320", status="B")), "a", at="2015-05-01T10:00:00Z")
    known = {
        "2014-04-30": [],
        "2014-05-01": ["10238.6", "5"],
        "2015-05-01T09:59:59Z": ["10238.6", "5"],
        "2015-05-01": ["2320"],
    }
    for day, expected in known.items():
        assert values(database.get("DF_POP_MNAO_SEX_CDS_NB", as_of=day)) == expected
    history = database.history(FLOW, key="PHL")
    assert history["figure_change"].tolist() == ["added", "changed"]
    assert history["time"].tolist() == ["2014-05-01T00:00:00Z", "2015-05-01T10:00:00Z"]
    gone = database.history(FLOW, key="THA")
    assert gone["figure_change"].tolist() == ["added", "removed"]


def test_values_stay_as_they_are_written_and_empty_is_not_absent(tmp_path: Path) -> None:
    database = Database(tmp_path)
    rows = [row(cds="A", value="1.10"), row(cds="B", value=""), row(cds="C", value=None)]
    rows += [row(cds="D", value="NaN", status=""), row(cds="E", value="1e3")]
    database.add(stock(*rows), "a", at="2020-01-01")
    dataset = database.get(FLOW)
    assert dataset.components == COMPONENTS
    pd.testing.assert_frame_equal(
        dataset.observations.astype("string"), stock(*rows).observations
    )
    numbers = database.frame(FLOW)["figure_number"]
    assert numbers.fillna(-1).tolist() == [1.1, -1, -1, -1, 1000]


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        (row(), row(status="B"), (0, 1, 0)),
        (row(value="1.10"), row(value="1.1"), (0, 1, 0)),
        (row(value=None), row(value=""), (0, 1, 0)),
        (row(), row(), (0, 0, 0)),
        (row(), row(period="2014"), (1, 0, 1)),
    ],
)
def test_a_figure_changes_by_value_status_and_attribute(
    tmp_path: Path, before: tuple[str, ...], after: tuple[str, ...], counts: tuple[int, ...]
) -> None:
    database = Database(tmp_path)
    database.add(stock(before), "a", at="2020-01-01")
    added = database.add(stock(after), "a", at="2020-01-02")
    assert (added.added, added.changed, added.removed) == counts


def test_a_hundred_runs_without_news_write_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.add(stock(row(), row("THA")), "a", at="2020-01-01")
    before = files(tmp_path)
    for _ in range(100):
        added = database.add(stock(row("THA"), row()), "a", at="2020-02-01")
        assert added.vintage == 0
    assert files(tmp_path) == before


def test_sources_are_kept_and_the_best_one_of_each_area_is_given(tmp_path: Path) -> None:
    database = Database(tmp_path)
    census = stock(row(value="100", period="2020"), row("THA", "7", period="2010"))
    survey = stock(row(value="80", period="2019"))
    database.add(census, "census", at="2021-01-01", source="AA:1")
    database.add(survey, "survey", at="2021-01-02", source="BA:2")
    assert values(database.get(FLOW)) == ["80", "7"]
    assert values(database.get(FLOW, prefer=["AA"])) == ["100", "7"]
    assert values(database.get(FLOW, source="AA:1")) == ["100", "7"]
    assert sorted(database.frame(FLOW)["figure_source"]) == ["AA:1", "AA:1", "BA:2"]
    later = stock(row(value="90", period="2019-12"))
    database.add(later, "other", at="2021-01-03", source="nobody knows")
    earlier = stock(row(value="91", period="2019"), row("THA", "8", period="2011"))
    database.add(earlier, "third", at="2021-01-03", source="somebody")
    assert values(database.get(FLOW, key="THA")) == ["7"]
    assert values(database.get(FLOW, prefer=["somebody"])) == ["91", "8"]
    for area, rows in database.frame(FLOW).groupby("REF_AREA", observed=True):
        chosen = database.get(FLOW, key=str(area))
        assert len(chosen) <= len(rows)


def test_what_one_name_tells_leaves_alone_what_another_tells(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.add(stock(row(value="1")), "a", at="2021-01-01", source="S")
    database.add(stock(row(value="2"), row("THA", "3")), "b", at="2021-01-02", source="S")
    assert values(database.get(FLOW)) == ["2", "3"]
    database.add(stock(row(value="1")), "a", at="2021-01-03", source="S")
    assert values(database.get(FLOW)) == ["2", "3"]
    database.add(stock(row("THA", "3")), "b", at="2021-01-04", source="S")
    assert values(database.get(FLOW)) == ["1", "3"]


def test_keys_are_asked_as_sdmx_writes_them(tmp_path: Path) -> None:
    database = Database(tmp_path)
    rows = [row(area, sex=sex) for area in ("PHL", "THA", "VNM") for sex in ("SEX_F", "SEX_M")]
    database.add(stock(*rows), "a", at="2021-01-01")
    assert len(database.get(FLOW, key="PHL+VNM.SEX_F")) == 2
    assert len(database.get(FLOW, key=".SEX_M")) == 3
    assert len(database.get(FLOW, key={"REF_AREA": ["THA"]}, period="2013")) == 2
    assert len(database.get(FLOW, key="KHM")) == 0
    with pytest.raises(DatabaseError, match=r"expected a key as REF_AREA.SEX.CDS"):
        database.get(FLOW, key="a.b.c.d")
    with pytest.raises(DatabaseError, match="has no dimension AGE"):
        database.get(FLOW, key={"AGE": "x"})
    with pytest.raises(DatabaseError, match="no dataflow 'DF_Y'"):
        database.get("DF_Y")


def test_actions_remove_only_what_they_say(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.add(stock(row(value="1"), row("THA", "2")), "a", at="2021-01-01")
    merged = database.add(stock(row("VNM", "3"), action="Merge"), "a", at="2021-01-02")
    assert (merged.added, merged.removed) == (1, 0)
    wildcard = (None, "SEX_T", None, None, None, None)
    gone = stock(("THA", *wildcard[1:]), action="Delete")
    assert database.add(gone, "a", at="2021-01-03").removed == 1
    assert values(database.get(FLOW)) == ["1", "3"]
    assert database.add(stock(action="Append"), "a", at="2021-01-04").vintage == 0


def test_another_structure_or_a_repeated_key_is_refused(tmp_path: Path) -> None:
    database = Database(tmp_path)
    database.add(stock(row()), "a", at="2021-01-01")
    other = Dataset(
        stock(row()).observations.drop(columns="SEX"),
        Components(("REF_AREA", "CDS", "TIME_PERIOD"), attributes=COMPONENTS.attributes),
        FLOW,
    )
    with pytest.raises(StructureError, match="give another dataflow"):
        database.add(other, "a", at="2021-01-02")
    with pytest.raises(StructureError, match=r"PHL.SEX_T.CDS_DES_TOTAL.2013. twice"):
        database.add(stock(row(), row(value="2")), "a", at="2021-01-02")
    with pytest.raises(DatabaseError, match="expected a time from 2021-01-01"):
        database.add(stock(row()), "a", at="2020-12-31")
    assert len(database.show()) == 1


def test_a_comparator_without_measure_is_of_the_same_structure(tmp_path: Path) -> None:
    database = Database(tmp_path)
    dimensions = ("REF_AREA", "FREQ", "SEX", "CDS", "TIME_PERIOD")
    codes = ["PHL", "A", "SEX_T", "CDS_DES_TOTAL", "2013"]
    frame = pd.DataFrame([[*codes, "7"]], columns=[*dimensions, "OBS_VALUE"], dtype="string")
    id = "ILO:DF_EMP_MNAO_SEX_CDS_NB(1.0)"
    database.add(Dataset(frame, Components(dimensions), id), "a", at="2021-01-01")
    whole = frame.assign(MEASURE="EMP_MNAO_NB")
    in_order = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CDS", "TIME_PERIOD")
    turned = ("MEASURE", "REF_AREA", "FREQ", "SEX", "CDS", "TIME_PERIOD")
    data = Dataset(whole[[*turned, "OBS_VALUE"]], Components(turned), id)
    assert database.add(data, "a", at="2021-01-02").vintage == 0
    found = database.get(id, key="PHL.A.EMP_MNAO_NB")
    assert found.components.dimensions == in_order
    assert values(found) == ["7"]


def test_an_answer_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    database = Database(tmp_path)
    rows = [row(cds=f"CDS_DES_{number}") for number in range(20)]
    database.add(stock(*rows), "a", at="2021-01-01")
    with pytest.raises(RemovalError, match=r"10 of 20 keys .* are gone"):
        database.add(stock(*rows[:10]), "a", at="2021-01-02", accept_removals=False)
    with pytest.raises(RemovalError, match="the whole series"):
        database.add(stock(*rows[:19]), "a", at="2021-01-02", accept_removals=False)
    assert len(database.get(FLOW)) == 20


@dataclass
class Model:
    """What a database must know, as plain dictionaries."""

    held: dict[str, dict[tuple[str, ...], tuple[str | None, ...]]] = field(default_factory=dict)
    states: list[tuple[str, dict[str, dict[tuple[str, ...], tuple[str | None, ...]]]]] = field(
        default_factory=list
    )

    def add(self, day: str, name: str, rows: list[tuple[str, ...]], *, is_whole: bool) -> None:
        before = {} if is_whole else self.held.get(name, {})
        after = dict(before) | {tuple(map(str, each[:4])): each[4:] for each in rows}
        self.held = {**self.held, name: after}
        self.states.append((day, self.held))

    def at(self, day: str) -> dict[str, dict[tuple[str, ...], tuple[str | None, ...]]]:
        found: dict[str, dict[tuple[str, ...], tuple[str | None, ...]]] = {}
        for then, state in self.states:
            if then <= day:
                found = state
        return found


ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from(["PHL", "THA"]),
        st.sampled_from(["1", "1.0", "", None]),
        sex=st.sampled_from(["SEX_M", "SEX_F"]),
        period=st.sampled_from(["2012", "2013"]),
        status=st.sampled_from([None, "B"]),
    ),
    max_size=6,
    unique_by=lambda each: each[:4],
)
FLOWS = [FLOW, "XX:DF_OTHER(2.1)"]


class Steps(RuleBasedStateMachine):
    """Adds, changes, removals, kills and questions in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.database = Database(self.folder)
        self.models = {flow: Model() for flow in FLOWS}
        self.day = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def today(self) -> str:
        return (pd.Timestamp("2020-01-01") + pd.Timedelta(days=self.day)).date().isoformat()

    @rule(
        rows=ROWS,
        name=st.sampled_from(["a", "b"]),
        flow=st.sampled_from(FLOWS),
        is_whole=st.booleans(),
    )
    def add(self, rows: list[tuple[str, ...]], name: str, flow: str, is_whole: bool) -> None:
        self.day += 1
        action = "Replace" if is_whole else "Merge"
        data = stock(*rows, flow=flow, action=action)
        self.database.add(data, name, at=self.today(), is_whole=is_whole)
        for other, model in self.models.items():
            if other == flow:
                model.add(self.today(), name, rows, is_whole=is_whole)
            elif is_whole:
                # What is added under a name is the whole of it.
                model.add(self.today(), name, [], is_whole=True)

    @rule(rows=ROWS, step=st.sampled_from(["segments", "copy"]))
    def die(self, rows: list[tuple[str, ...]], step: str) -> None:
        """Die after the segments, or after the copy of the manifest, were written."""
        self.day += 1
        before = (self.folder / "manifest.json").exists()
        manifest = (self.folder / "manifest.json").read_bytes() if before else b""
        copies = set((self.folder / "manifests").glob("*"))
        self.database.add(stock(*rows), "a", at=self.today())
        if manifest:
            (self.folder / "manifest.json").write_bytes(manifest)
        else:
            (self.folder / "manifest.json").unlink(missing_ok=True)
        if step == "segments":
            for path in set((self.folder / "manifests").glob("*")) - copies:
                path.unlink()

    @precondition(lambda self: self.day)
    @rule()
    def collect(self) -> None:
        self.database.gc()

    @invariant()
    def agrees(self) -> None:
        known = self.database.manifest.schemas
        for flow in FLOWS:
            model = self.models[flow]
            if flow not in known:
                assert not any(any(state.values()) for _, state in model.states)
                continue
            days = {self.today(), *(day for day, _ in model.states[-3:])}
            for day in days:
                self.same(flow, model, day)

    def same(self, flow: str, model: Model, day: str) -> None:
        frame = self.database.frame(flow, as_of=day).astype("object")
        found: dict[str, dict[tuple[str, ...], tuple[str | None, ...]]] = {}
        for _, each in frame.iterrows():
            key = tuple(each[name] for name in COMPONENTS.dimensions)
            told = tuple(
                None if pd.isna(each[name]) else each[name]
                for name in ("OBS_VALUE", "OBS_STATUS")
            )
            found.setdefault(each["figure_name"], {})[key] = told
        expected = {name: rows for name, rows in model.at(day).items() if rows}
        assert found == expected


Steps.TestCase.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)
TestAnySequence = Steps.TestCase


def with_attached(dataset: Dataset, *notes: tuple[str, str | None]) -> Dataset:
    """Data set with a note for some series, by the destination."""
    rows = [("PHL", "SEX_T", cds, note) for cds, note in notes]
    frame = pd.DataFrame(
        rows, columns=["REF_AREA", "SEX", "CDS", "NOTE_SOURCE"], dtype="string"
    )
    components = replace(
        COMPONENTS,
        attributes={**COMPONENTS.attributes, "NOTE_SOURCE": ("REF_AREA", "SEX", "CDS")},
    )
    observations = dataset.observations.assign(NOTE_SOURCE=pd.NA)[components.columns]
    return replace(
        dataset,
        observations=observations,
        components=components,
        attached={("REF_AREA", "SEX", "CDS"): frame},
    )


def notes_of(dataset: Dataset) -> dict[str, str]:
    """Note of each destination that has one without figures."""
    frames = dataset.attached.values()
    return {row.CDS: row.NOTE_SOURCE for frame in frames for row in frame.itertuples()}


def test_attributes_without_figures_are_kept_with_their_history(tmp_path: Path) -> None:
    database = Database(tmp_path)
    first = with_attached(stock(row()), ("CDS_DES_THA", "a"), ("CDS_DES_MYS", "b"))
    database.add(first, "office", at="2026-01-01")
    assert notes_of(database.get(FLOW)) == {"CDS_DES_THA": "a", "CDS_DES_MYS": "b"}
    again = database.add(first, "office", at="2026-01-02")
    assert again.vintage == 0
    merged = replace(with_attached(stock(row()), ("CDS_DES_THA", "c")), action="Merge")
    database.add(merged, "office", at="2026-01-03")
    assert notes_of(database.get(FLOW)) == {"CDS_DES_THA": "c", "CDS_DES_MYS": "b"}
    gone = replace(with_attached(stock(), ("CDS_DES_MYS", "b")), action="Delete")
    database.add(gone, "office", at="2026-01-04")
    assert notes_of(database.get(FLOW)) == {"CDS_DES_THA": "c"}
    database.add(stock(row()), "office", at="2026-01-05")
    assert notes_of(database.get(FLOW)) == {}
    assert notes_of(database.get(FLOW, as_of="2026-01-03")) == {
        "CDS_DES_THA": "c",
        "CDS_DES_MYS": "b",
    }
    asked = database.get(FLOW, key={"CDS": ["CDS_DES_MYS"]}, as_of="2026-01-01")
    assert notes_of(asked) == {"CDS_DES_MYS": "b"}
    harmonised = database.harmonised("office", as_of="2026-01-01")
    assert notes_of(harmonised[0].dataset) == {"CDS_DES_THA": "a", "CDS_DES_MYS": "b"}


def test_a_damaged_file_of_attributes_is_named(tmp_path: Path) -> None:
    database = Database(tmp_path)
    noted = with_attached(stock(row()), ("CDS_DES_THA", "a"))
    database.add(noted, "office", at="2026-01-01")
    [path] = (tmp_path / "attached").iterdir()
    path.write_bytes(path.read_bytes().replace(b'"a"', b'"z"'))
    [finding] = database.check().findings
    assert (finding.rule, finding.place.file) == ("database-damaged", f"attached/{path.name}")
    with pytest.raises(DatabaseError, match=path.name):
        database.get(FLOW)


def test_what_a_message_says_of_itself_is_kept_and_is_no_news(tmp_path: Path) -> None:
    database = Database(tmp_path)
    said = replace(stock(row()), about={"setID": "S1", "validFrom": "2026-01-01"})
    database.add(said, "office", at="2026-01-01")
    database.add(replace(said, about={"setID": "S2"}), "office", at="2026-01-02")
    [vintage] = database.show()
    assert vintage.about == {FLOW: {"setID": "S1", "validFrom": "2026-01-01"}}


def test_converted_figures_keep_what_their_notes_say_of_whom_they_count(tmp_path: Path) -> None:
    database = Database(tmp_path)
    census = with_concept(stock(row()), {"scope": "all", "ages": "15+", "criterion": "birth"})
    database.add(census, "office", at="2026-01-01", source="BA:1")
    frame = database.frame(FLOW)
    counted = frame[["record_scope", "record_ages", "record_criterion"]].values.tolist()
    assert counted == [["all", "15+", "birth"]]
    plain = with_concept(stock(row()), {"scope": "all", "ages": "0-14", "criterion": "birth"})
    assert database.add(plain, "office", at="2026-01-02", source="BA:1").changed == 1
    [then] = database.harmonised("office", as_of="2026-01-01")
    [now] = database.harmonised("office")
    assert (then.records["ages"].tolist(), now.records["ages"].tolist()) == (["15+"], ["0-14"])
    assert set(now.records["source"]) == {"BA:1"}
    assert set(now.records["refugees"]) == {"unknown"}


def test_a_comparison_with_the_database_is_the_one_with_the_data(tmp_path: Path) -> None:
    ours = with_concept(stock(row(value="12"), row("THA", "7")), {"scope": "employed"})
    theirs = with_concept(stock(row(value="14"), row("THA", "7")), {"scope": "all"})
    attributes = {**theirs.components.attributes, "SOURCE": ("OBS_VALUE",)}
    components = replace(theirs.components, attributes=attributes)
    observations = theirs.observations.assign(SOURCE="BA:1")[components.columns]
    theirs = replace(theirs, observations=observations, components=components)
    Database(tmp_path).add(theirs, "theirs", at="2026-01-01")
    direct = compare(ours, theirs)
    stored = compare(ours, comparators_by_name(["db:theirs"], ours, store=tmp_path).data)
    columns = ["origin", "ours", "theirs", "verdict"]
    kept = [name for name in columns if name in direct.pairs]
    assert len(kept) > 2
    pd.testing.assert_frame_equal(direct.pairs[kept], stored.pairs[kept])
    reasons = [name for name in direct.pairs if "reason" in name]
    assert direct.pairs[reasons].values.tolist() == stored.pairs[reasons].values.tolist()

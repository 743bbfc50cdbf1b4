"""Every verb takes every noun that holds data sets, and says what it takes where it cannot."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ilms_sdmx
from ilms_sdmx import Components, Dataset
from ilms_sdmx.analysis.comparison.snapshots import ilostat
from ilms_sdmx.datasets import datasets_of
from ilms_sdmx.outputs.reports.validation import validation_json


def stock(dataflow: str = "ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)") -> Dataset:
    """Foreign workers of Brunei by two citizenships, invented."""
    frame = pd.DataFrame(
        {
            "REF_AREA": ["BRN", "BRN"],
            "FREQ": ["A", "A"],
            "MEASURE": ["EMP_MFRC_NB", "EMP_MFRC_NB"],
            "SEX": ["SEX_T", "SEX_T"],
            "CCT": ["CCT_CTZ_BGD", "CCT_CTZ_IND"],
            "TIME_PERIOD": ["2021", "2021"],
            "OBS_VALUE": ["7.214", "5.030"],
            "UNIT_MULT": ["3", "3"],
        },
        dtype="string",
    )
    dimensions = ("REF_AREA", "FREQ", "MEASURE", "SEX", "CCT", "TIME_PERIOD")
    return Dataset(frame, Components(dimensions, attributes={"UNIT_MULT": ()}), dataflow)


def form() -> bytes:
    """Empty form of the questionnaire for two tables."""
    target = BytesIO()
    ilms_sdmx.write_questionnaire(list(ilms_sdmx.form_tables("BRN", 2021))[:2], target)
    return target.getvalue()


def form_with_figures_before(noun: Any) -> None:
    tables = list(ilms_sdmx.form_tables("BRN", 2021))[:1]
    ilms_sdmx.write_questionnaire(tables, BytesIO(), previous=noun)


def message_file(folder: Path) -> Path:
    path = folder / "stock.xml"
    ilms_sdmx.write(stock(), path)
    return path


#: What may be handed in: each gives one data set or several of one dataflow.
NOUNS: dict[str, Callable[[Path], Any]] = {
    "data set": lambda folder: stock(),
    "message": lambda folder: ilms_sdmx.read(message_file(folder)),
    "conversion": lambda folder: ilms_sdmx.convert(*ilms_sdmx.example("phl-emigrants")),
    "fetched result": lambda folder: ilostat()[0],
    "list": lambda folder: [stock()],
    "tuple": lambda folder: (stock(),),
    "generator": lambda folder: (part for part in [stock()]),
    "mixed list": lambda folder: [[ilms_sdmx.read(message_file(folder))]],
    "path": message_file,
    "path as text": lambda folder: str(message_file(folder)),
    "bytes": lambda folder: message_file(folder).read_bytes(),
}
#: Verbs, each as a call that gives the number of observations it took, or None.
VERBS: dict[str, Callable[[Any], Any]] = {
    "validate": ilms_sdmx.validate,
    "write": lambda noun: ilms_sdmx.write(noun, BytesIO(), "sdmx-json-1.0"),
    "summarise": lambda noun: sum(s.observations for s in ilms_sdmx.summarise(noun)),
    "to_arrow": lambda noun: ilms_sdmx.to_arrow(noun).num_rows,
    "compare": lambda noun: ilms_sdmx.compare(noun, ilostat()),
    "compare with": lambda noun: ilms_sdmx.compare(stock(), noun),
    "validation_page": lambda noun: ilms_sdmx.validation_page(ilms_sdmx.Report(), noun),
    "validation_json": lambda noun: validation_json(ilms_sdmx.Report(), noun),
    "protect": ilms_sdmx.protect,
    "find_disclosures": ilms_sdmx.find_disclosures,
    "revise": lambda noun: ilms_sdmx.revise(noun, stock()),
    "revise to": lambda noun: ilms_sdmx.revise(stock(), noun),
    "fill_questionnaire": lambda noun: ilms_sdmx.fill_questionnaire(form(), noun),
    "write_questionnaire": form_with_figures_before,
}


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_takes_every_noun(verb: str, noun: str, tmp_path: Path) -> None:
    VERBS[verb](NOUNS[noun](tmp_path))


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_of_one_data_set_does_not_differ_from_itself(
    noun: str, tmp_path: Path
) -> None:
    changes = ilms_sdmx.diff(NOUNS[noun](tmp_path), NOUNS[noun](tmp_path))
    assert changes.frame.empty


@pytest.mark.parametrize("noun", NOUNS)
def test_a_parquet_file_is_made_of_every_noun(noun: str, tmp_path: Path) -> None:
    target = tmp_path / "stock.parquet"
    count = ilms_sdmx.to_parquet(NOUNS[noun](tmp_path), target)
    assert count == len(pd.read_parquet(target)) > 0


@pytest.mark.parametrize(
    "noun", [name for name in NOUNS if name not in ("conversion", "fetched result")]
)
def test_nouns_that_hold_the_same_write_the_same(noun: str, tmp_path: Path) -> None:
    plain, other = BytesIO(), BytesIO()
    ilms_sdmx.write(stock(), plain, "sdmx-csv-1.0")
    ilms_sdmx.write(NOUNS[noun](tmp_path), other, "sdmx-csv-1.0")
    assert other.getvalue() == plain.getvalue()


def test_several_data_sets_of_a_list_are_counted_apart() -> None:
    summaries = ilms_sdmx.summarise([stock(), stock("ILO:DF_POP_MFRC_SEX_CCT_NB(1.0)")])
    assert [summary.dataflow for summary in summaries] == [
        "ILO:DF_EMP_MFRC_SEX_CCT_NB(1.0)",
        "ILO:DF_POP_MFRC_SEX_CCT_NB(1.0)",
    ]


def test_a_stream_of_batches_stays_one_data_set(tmp_path: Path) -> None:
    with ilms_sdmx.read_batches(message_file(tmp_path), size=1) as batches:
        summaries = ilms_sdmx.summarise(batches)
    assert [summary.observations for summary in summaries] == [2]


def test_a_path_that_is_written_keeps_its_header(tmp_path: Path) -> None:
    source = tmp_path / "a.xml"
    ilms_sdmx.write(stock(), source, header=ilms_sdmx.Header(id="BRN-2021"))
    ilms_sdmx.write(str(source), tmp_path / "b.xml")
    assert ilms_sdmx.read(tmp_path / "b.xml").header.id == "BRN-2021"


@pytest.mark.parametrize(
    "verb", ["validate", "summarise", "to_arrow", "compare", "validation_page"]
)
def test_a_frame_is_refused_with_the_way_to_a_data_set(verb: str) -> None:
    with pytest.raises(TypeError, match=r"found a frame.*Dataset\.of\("):
        VERBS[verb](stock().observations)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("thing", [42, None, [1.5]], ids=repr)
def test_what_holds_no_data_sets_is_misuse(verb: str, thing: object) -> None:
    with pytest.raises(TypeError, match="expected"):
        VERBS[verb](thing)


@pytest.mark.parametrize("snapshot", ["snapshot", "undesa", "ilostat"])
def test_a_shipped_snapshot_is_compared_by_its_name(snapshot: str) -> None:
    thailand = stock()
    frame = thailand.observations.assign(REF_AREA="THA", TIME_PERIOD="2020")
    comparison = ilms_sdmx.compare(
        Dataset(frame, thailand.components, thailand.dataflow), snapshot
    )
    assert comparison.theirs


def test_one_table_is_asked_of_one_data_set_only() -> None:
    with pytest.raises(TypeError, match="expected one data set, found 2"):
        ilms_sdmx.to_arrow([stock(), stock()])
    with pytest.raises(TypeError, match="expected one data set, found 2"):
        ilms_sdmx.diff(stock(), [stock(), stock()])


def test_every_result_gives_its_data_sets_and_its_report(tmp_path: Path) -> None:
    conversion = ilms_sdmx.convert(*ilms_sdmx.example("phl-emigrants"))
    fetched = ilostat()[0]
    results = [
        conversion,
        fetched,
        ilms_sdmx.read(message_file(tmp_path)),
        ilms_sdmx.compare(stock(), fetched),
    ]
    for result in results:
        assert all(isinstance(dataset, Dataset) for dataset in datasets_of(result))
        assert list(result.datasets)
        assert isinstance(result.report, ilms_sdmx.Report)


def test_objects_alone_are_taken_where_no_file_is_read() -> None:
    with pytest.raises(TypeError, match=r"ilms_sdmx\.read"):
        list(datasets_of("stock.xml"))


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_is_made_a_data_set_of_sdmx1_or_its_structure_is_another(
    noun: str, tmp_path: Path
) -> None:
    data = NOUNS[noun](tmp_path)
    if noun in ("conversion", "fetched result"):
        with pytest.raises(ilms_sdmx.StructureError, match=r"expected the dimensions .*CCT"):
            ilms_sdmx.to_sdmx1(data, "DF_EMP_MFRC_SEX_CCT_NB")
        return
    assert len(ilms_sdmx.to_sdmx1(data, "DF_EMP_MFRC_SEX_CCT_NB").obs) == 2

"""Examples in Khmer, Burmese and Lao give the figures that are published in other languages too."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from ilms_sdmx import convert, draft_mapping, example
from ilms_sdmx.analysis.comparison.snapshots import ilostat

KEY = ["REF_AREA", "SEX", "TIME_PERIOD"]
SCRIPTS = {
    "khm-sent": "\u1780-\u17ff",
    "mmr-sent": "\u1000-\u109f",
    "lao-in-thailand": "\u0e80-\u0eff",
}


def figures(name: str, partner: str) -> pd.DataFrame:
    """Figures of the first data set of an example that ILMS takes, by key."""
    frames = []
    for dataset in convert(*example(name)).datasets:
        frame = dataset.observations.astype("str")
        if partner in frame and (frame["MEASURE"] == "EMP_MNAO_NB").any():
            frames.append(frame)
    frame = pd.concat(frames).set_index([*KEY, partner])["OBS_VALUE"].astype("float")
    return frame.sort_index()


@pytest.mark.parametrize(
    ("local", "english", "count"),
    [("khm-sent", "khm-abroad", 9), ("mmr-sent", "mmr-outflow", 11)],
)
def test_figures_are_those_of_the_english_example(local: str, english: str, count: int) -> None:
    ours = figures(local, "CDS")
    theirs = figures(english, "CDS")
    assert len(ours) == count
    assert ours.to_dict() == theirs.loc[ours.index].to_dict()


def test_lao_workers_in_thailand_are_those_of_ilostat() -> None:
    (dataset,) = convert(*example("lao-in-thailand")).datasets
    ours = dataset.observations.astype("str").set_index(["SEX", "TIME_PERIOD"])["OBS_VALUE"]
    published = [
        part.dataset.observations.astype("str")
        for part in ilostat()
        if "EMP_MFRC_SEX_CCT" in part.dataset.dataflow
    ]
    frame = pd.concat(published).query("REF_AREA == 'THA' and CCT == 'CCT_CTZ_LAO'")
    theirs = frame.set_index(["SEX", "TIME_PERIOD"])["OBS_VALUE"].astype("float")
    assert len(ours) == 12
    assert ours.astype("float").to_dict() == theirs.loc[ours.index].to_dict()


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_label_is_in_the_language_of_the_office(name: str) -> None:
    done = convert(*example(name))
    texts = [cell.text for sheet in done.workbook for cell in sheet]
    words = [text for text in texts if re.search(r"[^\W\d_]", text)]
    assert len(words) >= 5
    assert all(re.search(f"[{SCRIPTS[name]}]", text) for text in words)
    assert done.exit_code == 0
    assert done.unexplained == 0


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_draft_of_a_table_in_its_own_language_finds_its_sums(name: str) -> None:
    workbook, mapping = example(name)
    area = {"khm-sent": "KHM", "mmr-sent": "MMR", "lao-in-thailand": "THA"}[name]
    draft = draft_mapping(workbook, area=area, office="XX_OFFICE")
    assert re.search(r"# (\d) of \1 sums agree", draft)
    # Stock or outflow abroad is asked where no word of the table says which.
    assert draft.count("# decide:") <= 2
    assert mapping.is_file()

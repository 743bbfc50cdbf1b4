"""Drafts: FREQ is of the series, and how annual periods are reported to ILO is said once."""

from pathlib import Path

import pytest

from ilms_sdmx import convert, draft_mapping
from ilms_sdmx.mapping.file.reading import parse_mapping

FIGURES = ("41,213", "42,871", "43,902")


def draft(tmp_path: Path, title: str, *headers: str) -> tuple[Path, str]:
    """Table of two countries under a title, and its draft for Thailand."""
    cells = ";".join(f'"{figure}"' for figure in FIGURES[: len(headers) or 1])
    header = ";".join(headers or ("Workers",))
    path = tmp_path / "table.csv"
    path.write_text(f"{title}\nCountry;{header}\nJapan;{cells}\nMalaysia;{cells}\n", "utf-8")
    return path, str(draft_mapping(path, area="THA"))


@pytest.mark.parametrize(
    ("title", "headers", "frequency", "choices"),
    [
        ("Workers sent abroad", ("2017", "2018"), "FREQ: A", 0),
        ("Stock of workers abroad as of 31 December 2018", (), "FREQ: A", 1),
        ("Stock of workers abroad", ("31/12/2016", "31/12/2017", "31/12/2018"), "FREQ: A", 1),
        ("Workers sent abroad in fiscal year 2561", (), "FREQ: A", 1),
        ("Stock of workers abroad as at end June 2018", (), "FREQ: A", 1),
        ("Workers sent abroad", ("Q1 2018", "Q2 2018"), "FREQ: Q", 0),
        ("Workers sent abroad", ("June 2018", "July 2018"), "FREQ: M", 0),
        ("Workers sent abroad", ("2017", "Q1 2018"), "# FREQ is left out", 0),
        ("Workers sent abroad", ("2017", "January to May 2018"), "# FREQ is left out", 0),
    ],
)
def test_a_draft_reads_the_frequency_of_the_series(
    tmp_path: Path, title: str, headers: tuple[str, ...], frequency: str, choices: int
) -> None:
    _, text = draft(tmp_path, title, *headers)
    of_ilo = text[text.index("dataflow: ILO:") :].split("  - dataflow:")[0]
    assert frequency in of_ilo
    assert of_ilo.count("report_as: period  # as printed; `year` is") == choices


def test_a_mixed_draft_reads_the_next_edition_without_an_edit(tmp_path: Path) -> None:
    path, text = draft(tmp_path, "Workers sent abroad", "January 2017", "Semester I 2017")
    mapping = parse_mapping(text.replace("decide: ", ""), "m.yaml", tmp_path)
    path.write_text(path.read_text("utf-8").replace("2017", "2018"), "utf-8")
    frame = convert(path, mapping).frame()
    pairs = frame[["FREQ", "TIME_PERIOD"]].astype("str").drop_duplicates()
    assert pairs.to_numpy().tolist() == [["M", "2018-01"], ["S", "2018-S1"]]

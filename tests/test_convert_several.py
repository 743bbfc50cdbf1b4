"""One mapping for several workbooks: by name, by pattern, with a heading from the name of the file."""

from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx.cli import run
from ilms_sdmx.errors import MappingError
from ilms_sdmx.mapping import parse_mapping

MAPPING = """mapping: 2
headings: [{name: year, file: '_(20\\d\\d)'}]
tables:
  - name: stock
    begin: Country
    rows: [{name: country, header: Country}]
datasets:
  - dataflow: OFFICE:DF_STOCK(1.0)
    components:
      PARTNER: {from: country}
      TIME_PERIOD: {period: year}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    for year in (2019, 2020, 2021):
        (tmp_path / f"stock_{year}.csv").write_text(
            f"Country,Workers\nJapan,{year - 2000}\n", encoding="utf-8"
        )
    return tmp_path


def observations(folder: Path) -> list[tuple[str, ...]]:
    frames = [
        pd.read_csv(p, dtype="str") for p in sorted((folder / "out").glob("*.DF_STOCK.csv"))
    ]
    frame = pd.concat(frames)[["PARTNER", "TIME_PERIOD", "OBS_VALUE"]]
    return list(frame.itertuples(index=False, name=None))


@pytest.mark.parametrize(
    "names", [["stock_20*.csv"], ["stock_2019.csv", "stock_202?.csv", "stock_2021.csv"]]
)
def test_workbooks_by_name_and_pattern_are_converted_one_after_another(
    names: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(folder / name) for name in names]
    assert (
        run(["convert", *paths, str(folder / "mapping.yaml"), "-o", str(folder / "out")]) == 0
    )
    found = [("Japan", "2019", "19"), ("Japan", "2020", "20"), ("Japan", "2021", "21")]
    assert observations(folder) == found
    assert (folder / "out" / "stock_2020.manifest.json").exists()
    assert f"{folder / 'stock_2021.csv'}:" in capsys.readouterr().out


def test_one_that_is_wrong_does_not_hinder_the_others_and_decides_the_status(
    folder: Path,
) -> None:
    (folder / "stock_2020.csv").write_text("Country,Workers\nJapan,ten\n", encoding="utf-8")
    arguments = [
        str(folder / "stock_*.csv"),
        str(folder / "mapping.yaml"),
        "-o",
        str(folder / "out"),
    ]
    assert run(["convert", *arguments]) == 2
    assert [row[1] for row in observations(folder)] == ["2019", "2021"]
    (folder / "stock_2019.csv").write_bytes(b"")
    assert run(["convert", *arguments]) == 4


USAGE = {
    "no such files": (["work_*.csv"], [], "expected files called"),
    "one page for several": (
        ["stock_*.csv"],
        ["--report", "r.html"],
        "expected one workbook with --report",
    ),
    "the same name": (
        ["stock_2019.csv", "again/stock_2019.csv"],
        [],
        "found 'stock_2019' twice",
    ),
}


@pytest.mark.parametrize(("names", "more", "message"), USAGE.values(), ids=USAGE)
def test_what_cannot_be_asked_is_a_usage_error(
    names: list[str],
    more: list[str],
    message: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    paths = [str(folder / name) for name in names]
    status = run(
        ["convert", *paths, str(folder / "mapping.yaml"), "-o", str(folder / "out"), *more]
    )
    assert status == 3
    assert message in capsys.readouterr().err
    assert not (folder / "out").exists()


def test_a_heading_comes_from_one_place() -> None:
    with pytest.raises(
        MappingError, match="either text, cell, sheet or file, found sheet and file"
    ):
        parse_mapping(MAPPING.replace("{name: year,", "{name: year, sheet: '(x)',"))
    with pytest.raises(MappingError, match="one group in brackets"):
        parse_mapping(MAPPING.replace("(20\\d\\d)", "20\\d\\d"))

"""One survey in files of every format: the tables are the same to the last digit."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx.microdata import draft_microdata_mapping, tabulate
from ilms_sdmx.microdata.counting import engine
from ilms_sdmx.microdata.counting.leaves import LeafRequest, planned
from tests.microdata import MAPPING, survey

pyreadstat = pytest.importorskip("pyreadstat")
pytest.importorskip("duckdb")

TABLES = """
thresholds: {minimum: 0}
tables: [EMP_TEMP_SEX_ECO_CBR_NB, EMP_MFRC_SEX_CCT_NB, UNE_DEAP_SEX_EDU_CBR_RT, EAR_EMTA_SEX_CCT_NB]
"""
FRAME = survey(11, 150)
WIDTH = 9


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Frame with numbers where they are numbers: a file of these programs has no texts of them."""
    plain = frame.copy()
    for name in ("ind", "occ", "ste", "pay", "hours"):
        plain[name] = pd.to_numeric(plain[name])
    return plain


def put(folder: Path, format: str) -> str:
    """Write the survey in a format, and return what the mapping says of it."""
    frame = numbers(FRAME)
    path = folder / f"persons.{format}"
    said = path.name
    if format == "csv":
        FRAME.to_csv(path, index=False)
    elif format == "tsv":
        FRAME.to_csv(path, index=False, sep="\t")
    elif format == "parquet":
        frame.to_parquet(path)
    elif format in ("sav", "zsav"):
        pyreadstat.write_sav(frame, str(path), compress=format == "zsav")
    elif format == "dta":
        pyreadstat.write_dta(frame, str(path))
    elif format == "xpt":
        short = {"available": "avail"}
        pyreadstat.write_xport(frame.rename(columns=short), str(path), file_format_version=5)
        said = f"{{file: {said}, names: {{available: avail}}}}"
    elif format == "dat":
        lines = ["".join(str(value).ljust(WIDTH) for value in row) for row in FRAME.to_numpy()]
        path.write_text("\n".join(lines) + "\n")
        layout = "name,start,width\n"
        for place, name in enumerate(FRAME.columns):
            layout += f"{name},{1 + WIDTH * place},{WIDTH}\n"
        (folder / "layout.csv").write_text(layout)
        said = f"{{file: {said}, columns: layout.csv}}"
    elif format == "folder":
        path.mkdir()
        FRAME.iloc[:70].to_csv(path / "a.csv", index=False)
        FRAME.iloc[70:].to_csv(path / "b.csv", index=False)
    return said


def tables(folder: Path, format: str) -> str:
    said = put(folder, format)
    text = (MAPPING + TABLES).replace("{2024: persons.csv}", f"{{2024: {said}}}")
    (folder / "mapping.yaml").write_text(text)
    made = tabulate(folder / "mapping.yaml")
    assert made.datasets, list(made.report)
    return made.cells.to_csv()


@pytest.mark.parametrize(
    "format", ["tsv", "parquet", "sav", "zsav", "dta", "xpt", "dat", "folder"]
)
def test_every_format_makes_the_tables_of_the_csv(tmp_path: Path, format: str) -> None:
    (tmp_path / "csv").mkdir()
    (tmp_path / format).mkdir(exist_ok=True)
    assert tables(tmp_path / format, format) == tables(tmp_path / "csv", "csv")


def test_a_folder_with_a_file_a_year_is_drafted_period_by_period(tmp_path: Path) -> None:
    folder = tmp_path / "surveys"
    folder.mkdir()
    pyreadstat.write_sav(numbers(FRAME), str(folder / "lfs2023.sav"))
    FRAME.to_csv(folder / "lfs2024.csv", index=False)
    lines = draft_microdata_mapping(folder, area="THA").splitlines()
    assert "  2023: lfs2023.sav" in lines
    assert "  2024: lfs2024.csv" in lines


def test_divisions_of_industries_and_occupations_are_of_their_sections(tmp_path: Path) -> None:
    frame = FRAME.assign(ind=FRAME["ind"].replace("", None), occ=FRAME["occ"].replace("", None))
    frame["occ"] = frame["occ"].map({"0": "01", "1": "11", "2": "26", "5": "51", "9": "92"})
    frame.to_csv(tmp_path / "persons.csv", index=False)
    text = MAPPING.replace("ISIC Rev.4, digits: 2", "NACE Rev.2, digits: 2")
    text = re.sub(
        "occupation: .*", "occupation: {variable: occ, classification: ISCO-08}", text
    )
    named = "tables: [EMP_TEMP_SEX_ECO_CBR_NB, EMP_TEMP_SEX_OCU_CBR_NB]\n"
    (tmp_path / "mapping.yaml").write_text(text + "thresholds: {minimum: 0}\n" + named)
    cells = tabulate(tmp_path / "mapping.yaml").cells
    whole = cells[(cells["SEX"] == "SEX_T") & (cells["CBR"] == "CBR_BIR_TOTAL")]
    by_code = whole.set_index(whole["ECO"].fillna(whole["OCU"]))["n"]
    employed = FRAME[(FRAME["worked"] == 1) | (FRAME["absent"] == 1)]
    employed = employed[(employed["resident"] == 1) & (employed["age"] >= 15)]
    assert by_code["ECO_ISIC4_G"] == (employed["ind"] == "47").sum()
    assert by_code["OCU_ISCO08_2"] == (employed["occ"] == "2").sum()
    assert by_code["OCU_ISCO08_0"] == (employed["occ"] == "0").sum()


#: What a query may say: other engines understand it too.
COMMON = """
AND AS BETWEEN BIGINT BY CASE CAST COALESCE COUNT DATE DAY DENSE_RANK DESC DISTINCT DOUBLE ELSE END FLOOR FROM
GROUP IN INTEGER IS LEAST LIKE MAX MIN MONTH NOT NULL OR ORDER OVER PARTITION ROUND ROW_NUMBER SELECT STRING SUBSTR
SUM THEN TRY_CAST UNION ALL WHEN WHERE WITH YEAR
"""


def test_the_engine_is_asked_in_the_words_that_engines_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ilms_sdmx.microdata.shipped import microdata_example

    asked: list[str] = []
    answer = engine.DuckEngine.table

    def listening(self: engine.DuckEngine, query: str) -> object:
        asked.append(query)
        return answer(self, query)

    monkeypatch.setattr(engine.DuckEngine, "table", listening)
    tables(tmp_path, "csv")
    tabulate(microdata_example("register"))
    assert len(asked) > 5
    words = set()
    for query in asked:
        plain = re.sub(
            r"read_parquet\(\[.*?\], union_by_name = true\)|\"[^\"]*\"|'[^']*'", "", query
        )
        words |= set(re.findall(r"\b[A-Z_]{2,}\b", plain))
    assert words <= set(COMMON.split())


def test_needs_that_are_too_large_together_stay_apart() -> None:
    sizes = {"unit": 5000, "sex": 3, "band": 17, "edu": 11, "birth": 250}
    born = LeafRequest("persons", frozenset({"sex", "birth"}), with_units=True)
    ages = LeafRequest("persons", frozenset({"sex", "band"}), with_units=True)
    both = planned([born, ages], sizes, 10_000_000)
    assert set(both) == {born, ages}
    # Of a small file no leaf is large.
    assert len(planned([born, ages], sizes, 50_000)) == 1
    # A need that another holds asks for nothing, with units or without.
    only = LeafRequest("persons", frozenset({"sex"}))
    assert planned([ages, only], sizes, 10_000_000) == [ages]

"""Other engines read the folder as the page on the layout says, without this program."""

import json
import shutil
from csv import reader
from pathlib import Path
from shutil import which
from subprocess import run

import pytest

from ilms_sdmx.database import Database
from ilms_sdmx.errors import DatabaseError
from tests.test_database import FLOW, row, stock

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "database.md"
KEY = ["REF_AREA", "SEX", "CDS", "TIME_PERIOD", "figure_source", "figure_name"]
#: The example of the page, in the words of the test.
WORDS = {
    "db/": "{folder}/",
    "ILO.DF_STOCK.1.0": "ILO.DF_POP_MNAO_SEX_CDS_NB.1.0",
    "ILO:DF_STOCK(1.0)": FLOW,
    "REF_AREA, TIME_PERIOD, figure_source": "REF_AREA, SEX, CDS, TIME_PERIOD, figure_source",
    '"REF_AREA", "TIME_PERIOD", "figure_source"': ", ".join(f'"{each}"' for each in KEY[:5]),
}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Figures added, changed and removed, by two names, and a killed addition left files."""
    database = Database(tmp_path)
    database.add(stock(row(value="1.10"), row("THA", "5")), "a", at="2021-01-01", source="S")
    database.add(stock(row(value="1.20"), row("NA", "7")), "a", at="2021-01-02", source="S")
    database.add(stock(row(value="9", status="B")), "b", at="2021-01-03", source="AA:1")
    manifest = (tmp_path / "manifest.json").read_bytes()
    database.add(stock(row(value="666"), row("VNM")), "a", at="2021-01-04", source="S")
    (tmp_path / "manifest.json").write_bytes(manifest)
    return database


#: Area, value, status and name of what holds.
HELD = {("PHL", "1.20", None, "a"), ("NA", "7", None, "a"), ("PHL", "9", "B", "b")}


def of_page(language: str, number: int, folder: Path) -> str:
    """Code of the page, asking the folder of the test."""
    blocks = PAGE.read_text(encoding="utf-8").split(f"```{language}\n")[1:]
    code = [block.split("```")[0] for block in blocks][number]
    for word, other in WORDS.items():
        code = code.replace(word, other.format(folder=folder))
    return code.replace('Path("db")', f"Path({str(folder)!r})")


def test_duckdb_reads_it_by_the_query_of_the_page(database: Database) -> None:
    duckdb = pytest.importorskip("duckdb")
    query = of_page("sql", 0, database.folder)
    rows = duckdb.sql(
        f"select REF_AREA, OBS_VALUE, OBS_STATUS, figure_name from ({query})"
    ).fetchall()
    assert set(rows) == HELD


def test_polars_reads_it_by_the_lines_of_the_page(database: Database) -> None:
    pl = pytest.importorskip("polars")
    names = {"json": json, "Path": Path, "pl": pl}
    exec(of_page("text", 0, database.folder), names)
    columns = ["REF_AREA", "OBS_VALUE", "OBS_STATUS", "figure_name"]
    figures = names["figures"]
    assert set(figures.select(columns).rows()) == HELD
    assert figures.schema["figure_number"] == pl.Float64


@pytest.mark.skipif(not which("Rscript") or not which("duckdb"), reason="no R or no duckdb")
def test_r_reads_it_by_the_lines_of_the_page(database: Database, tmp_path: Path) -> None:
    (tmp_path / "figures.sql").write_text(of_page("sql", 0, database.folder))
    columns = '"REF_AREA", "OBS_VALUE", "OBS_STATUS", "figure_name"'
    lines = [
        of_page("r", 0, database.folder),
        f"write.csv(figures[, c({columns})], 'read.csv', row.names = FALSE, na = '')",
    ]
    (tmp_path / "read.R").write_text("\n".join(lines))
    run(["Rscript", "read.R"], cwd=tmp_path, check=True)
    with (tmp_path / "read.csv").open() as file:
        rows = {tuple(value or None for value in row) for row in reader(file)}
    assert rows - {("REF_AREA", "OBS_VALUE", "OBS_STATUS", "figure_name")} == HELD


@pytest.mark.spark
def test_spark_reads_it_by_the_rules_of_the_page(database: Database) -> None:
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    builder = sql.SparkSession.builder.master("local[1]").appName("layout")
    quiet = builder.config("spark.ui.enabled", "false")
    # A code that looks like a number, or the area NA, stays a text.
    plain = quiet.config("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    session = plain.getOrCreate()
    try:
        path = str(database.folder / "data" / "dataflow=ILO.DF_POP_MNAO_SEX_CDS_NB.1.0")
        events = session.read.option("mergeSchema", "true").parquet(path)
        events.where(f"figure_vintage <= {database.manifest.number}").createTempView("events")
        key = ", ".join(KEY)
        rows = session.sql(
            f"select REF_AREA, OBS_VALUE, OBS_STATUS, figure_name from (select *, row_number() "
            f"over (partition by {key} order by figure_vintage desc) as n from events) "
            "where n = 1 and figure_change <> 'removed'"
        ).collect()
        assert {tuple(each) for each in rows} == HELD
    finally:
        session.stop()


def test_queries_in_sql_see_figures_history_and_vintages(database: Database) -> None:
    pytest.importorskip("duckdb")
    view = "DF_POP_MNAO_SEX_CDS_NB"
    found = database.sql(
        f"select REF_AREA, OBS_VALUE_TEXT, OBS_STATUS, figure_name from {view}"
    ).astype("object")
    found = found.where(found.notna(), None)
    assert set(found.itertuples(index=False, name=None)) == HELD
    total = database.sql(f"select sum(OBS_VALUE) as total from {view}")
    assert total["total"].tolist() == [pytest.approx(17.2)]
    events = database.sql(
        f"select figure_change, count(*) from {view}_history group by 1 order by 1"
    )
    assert events.to_numpy().tolist() == [["added", 4], ["changed", 1], ["removed", 1]]
    vintages = database.sql("select number, name, source from vintages order by 1")
    assert vintages["name"].tolist() == ["a", "a", "b"]
    assert set(database.sql(f"select distinct DATAFLOW from {view}")["DATAFLOW"]) == {FLOW}


def test_a_wrong_query_says_what_is_wrong(database: Database) -> None:
    pytest.importorskip("duckdb")
    with pytest.raises(DatabaseError, match=r"DuckDB cannot answer.*nothing_like_it"):
        database.sql("select * from nothing_like_it")


def test_a_path_with_quotes_is_read(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    database = Database(tmp_path / 'o\'neill "db"')
    database.add(stock(row()), "it's", at="2021-01-01")
    assert len(database.sql("select * from DF_POP_MNAO_SEX_CDS_NB")) == 1

"""Spark: the same tables as DuckDB, byte for byte, on one process and on a cluster of three."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from ilms_sdmx import Tabulation, tabulate
from ilms_sdmx.cli import run
from ilms_sdmx.errors import TableError
from tests.microdata import survey, write

pytest.importorskip("duckdb")
HAS_SPARK = shutil.which("java") is not None and importlib.util.find_spec("pyspark") is not None
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(not HAS_SPARK, reason="no Java or no PySpark here"),
    # PySpark and its gateway leave sockets and warn of versions of pandas.
    pytest.mark.filterwarnings("ignore"),
]
#: Seconds in which a cluster on this machine answers, however busy it is.
PATIENCE = 240.0


def content(made: Tabulation) -> list[str]:
    """Everything that a tabulation says, as text."""
    texts = [made.cells.to_csv(index=False), made.populations.to_csv(index=False)]
    for dataset in made.datasets:
        texts.append(dataset.observations.to_csv(index=False))
    return [*texts, made.provenance.to_csv(index=False), *map(str, made.report)]


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Survey with weights, strata, units, classifications, earnings, and missing values."""
    return write(tmp_path_factory.mktemp("survey"), survey(5, 300))


def test_spark_gives_the_bytes_of_duckdb(mapping: Path, tmp_path: Path) -> None:
    for engine in ("duckdb", "local[1]"):
        out = str(tmp_path / engine)
        arguments = ["tabulate", str(mapping), "-o", out, "--engine", engine]
        assert run([*arguments, "--time", "2026-01-01T00:00:00"]) < 2
    names = sorted(path.name for path in (tmp_path / "duckdb").iterdir())
    assert len(names) == 5
    for name in names:
        ours = (tmp_path / "duckdb" / name).read_bytes()
        assert (tmp_path / "local[1]" / name).read_bytes() == ours, name


def parts(folder: Path, count: int = 3) -> Path:
    """Census in several Parquet files of one folder, with its mapping at an address."""
    data = folder / "census"
    data.mkdir(parents=True)
    for number in range(count):
        frame = pd.DataFrame(
            {"sex": [1, 2] * 30, "age": range(10, 70), "born": ["THA", "MMR"] * 30}
        )
        frame["age"] += number
        frame.to_parquet(data / f"part-{number}.parquet")
    mapping = folder / "census.yaml"
    mapping.write_text(
        "microdata: 1\nkind: census\narea: THA\n"
        f"periods: {{2024: 'file://{data}/'}}\n"
        "variables: {sex: {variable: sex, codes: {1: M, 2: F}}, age: age, birth: born}\n"
    )
    return mapping


def test_records_at_an_address_stay_there(tmp_path: Path) -> None:
    mapping = parts(tmp_path)
    made = tabulate(mapping, engine="local[1]")
    text = mapping.read_text().replace(f"file://{tmp_path}/census/", "census")
    local = tmp_path / "local.yaml"
    local.write_text(text)
    assert made.cells.equals(tabulate(local).cells)
    assert int(made.cells["n"].max()) > 100
    with pytest.raises(TableError, match="lies in a cluster"):
        tabulate(mapping)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    mapping = parts(tmp_path)
    victim = tmp_path / "census" / "part-1.parquet"
    whole = victim.read_bytes()
    # Its end is whole, its columns are not.
    victim.write_bytes(whole[:4] + b"\0" * 400 + whole[404:])
    with pytest.raises(TableError, match=r"part-1\.parquet"):
        tabulate(mapping, engine="local[1]")
    victim.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TableError, match=r"part-1\.parquet"):
        tabulate(mapping, engine="local[1]")


def test_a_column_that_differs_in_one_part_is_named(tmp_path: Path) -> None:
    mapping = parts(tmp_path)
    victim = tmp_path / "census" / "part-2.parquet"
    frame = pd.read_parquet(victim)
    frame.assign(age=frame["age"].astype(str)).to_parquet(victim)
    with pytest.raises(TableError, match=r"part-2\.parquet: expected age as a number"):
        tabulate(mapping, engine="local[1]")
    frame.drop(columns="age").to_parquet(victim)
    with pytest.raises(TableError, match=r"part-2\.parquet: expected the variable age"):
        tabulate(mapping, engine="local[1]")


def test_no_folder_no_master_and_no_engine_are_told(tmp_path: Path) -> None:
    mapping = parts(tmp_path)
    with pytest.raises(TableError, match="expected the engine duckdb"):
        tabulate(mapping, engine="dask")
    shutil.rmtree(tmp_path / "census")
    with pytest.raises(TableError, match="found none"):
        tabulate(mapping, engine="local[1]")


class Cluster:
    """Master and two workers of a stand-alone cluster, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        import pyspark

        self.home = Path(pyspark.__file__).parent
        self.folder = folder
        self.port = free_port()
        self.address = f"spark://127.0.0.1:{self.port}"
        self.master = self._started(
            "master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--webui-port",
            "0",
        )
        self._wait("master.Master", "I have been elected leader")
        self.workers = [self._worker(number) for number in range(2)]
        for number in range(2):
            self._wait(f"worker.Worker{number}", "Successfully registered with master")

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        arguments = ["--host", "127.0.0.1", "-c", "1", "-m", "1G", "--webui-port", "0"]
        work = ["-d", str(self.folder / f"work{number}")]
        return self._started("worker.Worker", *arguments, *work, self.address, log=str(number))

    def _started(self, name: str, *arguments: str, log: str = "") -> subprocess.Popen[bytes]:
        command = [str(self.home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}"]
        environment = os.environ | {
            "SPARK_HOME": str(self.home),
            "PYSPARK_PYTHON": sys.executable,
        }
        with (self.folder / f"{name}{log}.log").open("wb") as stream:
            return subprocess.Popen(
                [*command, *arguments],
                env=environment,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )

    def _wait(self, name: str, words: str) -> None:
        end = time.monotonic() + PATIENCE
        while words not in (self.folder / f"{name}.log").read_text(errors="replace"):
            assert time.monotonic() < end, f"{name} does not answer"
            time.sleep(0.3)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a process and those that it started, at once."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop(self) -> None:
        for process in (*self.workers, self.master):
            self.kill(process)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    started = Cluster(tmp_path)
    yield started
    started.stop()


def test_a_worker_that_dies_in_mid_run_changes_nothing(
    mapping: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ilms_sdmx.microdata.counting.spark import SparkEngine

    asked = []
    answer = SparkEngine.table

    def table(engine: SparkEngine, query: str) -> object:
        asked.append(query)
        if len(asked) == 3:
            cluster.kill(cluster.workers[0])
        return answer(engine, query)

    monkeypatch.setattr(SparkEngine, "table", table)
    made = tabulate(mapping, engine=cluster.address)
    assert len(asked) > 5
    assert cluster.workers[0].poll() is not None
    assert content(made) == content(tabulate(mapping))

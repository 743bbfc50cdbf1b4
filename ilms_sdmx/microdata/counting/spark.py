"""Apache Spark as the engine that counts records which lie in a cluster."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ilms_sdmx.errors import TableError
from ilms_sdmx.microdata.files.variables import Microdata, Variable

if TYPE_CHECKING:
    import pyarrow as pa

#: Address of Spark Connect, which needs no Java on this side.
_CONNECT = "sc://"
#: Settings under which the SQL that engines share means the same as in DuckDB.
_MEANING = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.parser.escapedStringLiterals": "true",
    "spark.sql.legacy.consecutiveStringLiterals.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.adaptive.enabled": "true",
}
#: Settings of a session of our own; those of `spark-submit` or the cluster come first.
_USUAL = {
    "spark.app.name": "ilms-sdmx",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "8",
    "spark.log.level": "OFF",
}
#: On this machine alone the driver and its workers speak over the loopback.
_LOOPBACK = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")
_FILE = re.compile(r"([\w.%=-]+\.parquet)")


class SparkEngine:
    """Spark session that counts records.

    Parameters
    ----------
    session
        The session.
    """

    def __init__(self, session: Any) -> None:
        self.session = session
        self._views: dict[tuple[str, ...], str] = {}
        for name, value in _MEANING.items():
            session.conf.set(name, value)

    def source(self, paths: Sequence[Path | str]) -> str:
        """Name of a view of all records of Parquet files."""
        names = tuple(map(str, paths))
        if names not in self._views:
            view = f"ilms_records_{len(self._views)}"
            with _told(names):
                frame = self.session.read.option("mergeSchema", "true").parquet(*names)
                frame.createOrReplaceTempView(view)
            self._views[names] = view
        return self._views[names]

    def table(self, query: str) -> pa.Table:
        """Answer of a query, rows in any order unless it says one."""
        with _told([name for names in self._views for name in names]):
            return self.session.sql(query).toArrow()

    def files_in(self, address: str) -> Iterator[Microdata]:
        """Files of Parquet at an address of the cluster, each with its variables.

        Raises
        ------
        TableError
            There is none, or one cannot be read.
        """
        with _told([address]):
            reader = self.session.read
            names = sorted(reader.parquet(address).inputFiles())
        for name in names:
            with _told([name]):
                frame = reader.parquet(name)
                variables = dict(_variables(frame.dtypes))
                yield Microdata(name, name.rpartition("/")[2], variables, frame.count())


@contextmanager
def spark(address: str) -> Iterator[SparkEngine]:
    """Engine on a cluster, which is left at the end.

    Parameters
    ----------
    address
        `local[2]`, `spark://host:7077`, `yarn`, `k8s://...`, or `sc://host:15002` of Spark
        Connect. In a program that `spark-submit` started its session is used.

    Raises
    ------
    TableError
        PySpark or Java is not installed, the cluster is not there, or cannot answer. What it
        says is not repeated, for it may quote values of persons.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise TableError(
            "Spark counts where PySpark is installed: pip install 'ilms-sdmx[spark]'; but for"
            " Spark Connect (sc://) it needs Java 17 or later."
        ) from None
    running = SparkSession.getActiveSession()
    session = running or _session(SparkSession.builder, address)
    try:
        yield SparkEngine(session)
    finally:
        if running is None:
            session.stop()


def _session(builder: Any, address: str) -> Any:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if address.startswith(_CONNECT):
        builder = builder.remote(address)
    else:
        builder = builder.master(address)
        settings = dict(_USUAL)
        if address.startswith("local") or "127.0.0.1" in address:
            settings |= _LOOPBACK
        for name, value in settings.items():
            builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        kind = type(error).__name__
        raise TableError(
            f"Spark at {address} cannot be reached: {kind}. It needs Java 17 or later (Spark"
            " Connect does not), and a master that listens there."
        ) from None


@contextmanager
def _told(names: Sequence[str]) -> Iterator[None]:
    """Errors of Spark as ours, with the file where it names one."""
    try:
        yield
    except (*_errors(),) as error:
        _tell(error, names)


def _errors() -> tuple[type[Exception], ...]:
    """Errors of Spark; those of Java come where Java runs on this side."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return PySparkException, Py4JError


def _tell(error: Exception, names: Sequence[str]) -> NoReturn:
    """Raise what Spark says without values of records."""
    text = str(error)
    known = {name.rpartition("/")[2]: name for name in names}
    found = [file for file in dict.fromkeys(_FILE.findall(text)) if file in known or not known]
    found = found or list(dict.fromkeys(_FILE.findall(text)))
    where = f"{found[0]}: " if found else ""
    if "PATH_NOT_FOUND" in text:
        raise TableError(f"{', '.join(names)}: expected Parquet files there, found none.")
    if "CAST_INVALID_INPUT" in text:
        raise TableError(
            f"{where}a value of the records cannot be read as the mapping says: is a number or"
            " a date of another form among them?"
        )
    if "FAILED_READ_FILE" in text or "not a Parquet file" in text:
        raise TableError(
            f"{where or ', '.join(known)}the file is damaged, or a column of it is of another"
            " type than in the other parts."
        )
    kind = type(error).__name__
    condition = getattr(error, "getCondition", lambda: None)() or kind
    raise TableError(f"{where}the records cannot be counted: {condition} of Spark.")


def _variables(types: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Variable]]:
    """Variables of columns by the types that Spark says."""
    for name, type_ in types:
        kind = "text"
        if type_.partition("(")[0] in _NUMBERS:
            kind = "number"
        elif type_ == "date":
            kind = "date"
        yield name, Variable(name, kind=kind)

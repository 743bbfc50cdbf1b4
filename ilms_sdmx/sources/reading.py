"""Reading answers: JSON and CSV to their end, or an error that says what came instead."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ilms_sdmx import messages
from ilms_sdmx.downloads.cache import Download
from ilms_sdmx.downloads.service import Bounds, ExceededError
from ilms_sdmx.errors import IncompleteError, MessageError, ResponseError

if TYPE_CHECKING:
    import pandas as pd

    from ilms_sdmx.datasets.given import Structure
    from ilms_sdmx.messages import Message

#: Name of a column that no table has.
_NONE = "\x7f"
_MARK = b"\xef\xbb\xbf"
#: A count of so many digits is none.
_MOST_DIGITS = 16


def json_of(download: Download) -> Any:
    """Value of a JSON text; a byte order mark and padding with NUL are no part of it.

    Raises
    ------
    ResponseError
        It is no JSON, or ends too early.
    """
    import orjson

    content = download.content.removeprefix(_MARK).rstrip(b"\0")
    try:
        return orjson.loads(content)
    except ValueError as error:
        raise ResponseError(f"expected JSON: {error}", download.url) from error


def csv_of(download: Download, needed: Sequence[str], sep: str = ",") -> pd.DataFrame:
    """Table of a CSV text, see `table_of_csv`."""
    return table_of_csv(download.content, needed, download.url, sep)


def table_of_csv(
    content: bytes, needed: Sequence[str], url: str, sep: str = ","
) -> pd.DataFrame:
    """Table of a CSV text, its cells as they are; columns are known by their names.

    Raises
    ------
    ResponseError
        It is no UTF-8, lacks a column, or has a row with more or fewer cells than the first
        line.
    """
    import pandas as pd

    plain = content.removeprefix(_MARK).rstrip(b"\0")
    names = _refuse_ragged(plain, url, sep)
    missing = [name for name in needed if name not in names]
    if missing:
        raise ResponseError(f"expected the columns {', '.join(missing)}, found none", url)
    try:
        return pd.read_csv(
            io.BytesIO(plain), sep=sep, dtype="str", encoding="utf-8", keep_default_na=False
        )
    except ValueError as error:
        raise ResponseError(f"expected a CSV table: {error}", url) from error


def _refuse_ragged(content: bytes, url: str, sep: str) -> list[str]:
    """Names of the columns of a CSV text whose rows all have as many cells as the first."""
    import pyarrow as pa
    from pyarrow import csv

    if b"\0" in content:
        raise ResponseError("expected a CSV table, found bytes that are no text", url)
    if content.count(b'"') % 2:
        raise ResponseError(
            "expected a CSV table, found a quotation mark that is not closed", url
        )
    parsing = csv.ParseOptions(delimiter=sep, newlines_in_values=True)
    # Nothing but the number of cells is looked at: no column is converted.
    converting = csv.ConvertOptions(include_columns=[_NONE], include_missing_columns=True)
    first_line = content.partition(b"\n")[0]
    try:
        csv.read_csv(io.BytesIO(content), parse_options=parsing, convert_options=converting)
        names = csv.read_csv(io.BytesIO(first_line + b"\n"), parse_options=parsing).column_names
    except pa.ArrowException as error:
        raise ResponseError(f"expected a CSV table: {str(error)[:160]}", url) from error
    return [str(name) for name in names]


def message_of(download: Download, structure: Structure = None) -> Message:
    """SDMX data message, read to its end.

    Raises
    ------
    ResponseError
        It is none; a CSV has rows with more or fewer cells than the first line, or no values.
    IncompleteError
        The service says that its answer is cut off.
    """
    content = download.content
    start = content.removeprefix(_MARK).lstrip()[:1]
    if start not in (b"{", b"[", b"<"):
        names = _refuse_ragged(content.rstrip(b"\0"), download.url, ",")
        if not any(name.startswith("OBS_VALUE") for name in names):
            raise ResponseError("expected the column OBS_VALUE, found none", download.url)
    try:
        return messages.read(content, structure)
    except IncompleteError:
        raise
    except MessageError as error:
        raise ResponseError(f"expected an SDMX data message: {error}", download.url) from error


def refuse_other_count(
    rows: Sequence[Any], paging: Mapping[str, Any], names: tuple[str, str, str], url: str
) -> None:
    """Refuse a page that has fewer or more rows than the service counts.

    Parameters
    ----------
    paging
        What the service says of the page.
    names
        Its names of the number of all rows, of the rows of a page and of the page; a service
        that does not say one of them is believed.

    Raises
    ------
    ResponseError
        The numbers do not agree.
    """
    total, size, page = (_count_of(paging.get(name)) for name in names)
    if total is None or size is None or page is None:
        return
    if size < 1:
        return
    count = len(rows)
    before = (page - 1) * size
    left = max(0, total - before)
    expected = min(size, left)
    if count != expected:
        message = f"page {page} has {count:,} rows, the service counts {expected:,}"
        raise ResponseError(message, url)


def _count_of(value: Any) -> int | None:
    """Whole number of a count however it is written; None where there is none."""
    text = str(value)
    is_number = text.isascii() and text.isdecimal()
    if not is_number or len(text) >= _MOST_DIGITS:
        return None
    return int(text)


def refuse_many_pages(pages: int, came: Sequence[Download], bounds: Bounds) -> None:
    """Refuse an answer of more pages, or of larger ones, than its bounds allow.

    Parameters
    ----------
    pages
        How many pages the service says there are.
    came
        Pages that came so far.

    Raises
    ------
    ExceededError
        There are more.
    """
    url = came[-1].url
    if pages > bounds.pages:
        number = f"the answer has {pages:,} pages, more than {bounds.pages:,}"
        raise ExceededError(f"{number}: ask for fewer areas", url)
    size = sum(page.path.stat().st_size for page in came)
    if size > bounds.all_pages:
        number = f"the {len(came):,} pages that came have more than {bounds.all_pages:,} bytes"
        raise ExceededError(f"{number}: ask for fewer areas", url)

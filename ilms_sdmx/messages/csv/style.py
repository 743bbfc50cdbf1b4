"""Style: the options of SDMX-CSV, and how a component's text becomes the text of its fields."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.csv import subfields
from ilms_sdmx.messages.values import Value, unpack
from ilms_sdmx.periods import parse_period
from ilms_sdmx.periods.days import date_parts

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: Component id to the names of its codes; its own name under the empty code.
Names = Mapping[str, Mapping[str, str]]
#: Text of a component to the text of a field before its quotes; None leaves the field empty.
Render = Callable[[str], "str | None"]


@dataclass(frozen=True)
class Style:
    """Options of SDMX-CSV, as services offer them.

    Parameters
    ----------
    labels
        `id`, `name` (a column of names after each column) or `both` (`code: name` in one
        field).
    keys
        `none`, `obs`, `series` or `both`: columns that repeat the key, joined by dots (2.x
        only).
    separator, sub_separator
        Between fields, and between the sub-fields of a composite value.
    names
        Names for `labels`: component id to code to name, that of the component under the code
        `""`. With `both`, components without names of codes stay plain, header included: their
        text may hold `: `.
    time_format
        `original`, or `normalized`: each time period becomes the date on which it begins. That
        cannot be undone.

    Raises
    ------
    MessageError
        An option has a value that it does not know.
    """

    labels: str = "id"
    keys: str = "none"
    separator: str = ","
    sub_separator: str = ""
    names: Names = field(default_factory=dict)
    time_format: str = "original"

    def __post_init__(self) -> None:
        _one_of("labels", self.labels, ("id", "name", "both"))
        _one_of("keys", self.keys, ("none", "obs", "series", "both"))
        _one_of("time_format", self.time_format, ("original", "normalized"))
        if not self.sub_separator:
            default = "|" if self.separator == ";" else ";"
            object.__setattr__(self, "sub_separator", default)
        _check_separator("separator", self.separator)
        _check_separator("sub_separator", self.sub_separator)
        if self.separator == self.sub_separator:
            raise MessageError(
                f"separator and sub_separator are both {self.separator!r}; they must differ"
            )


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    """Refuse a value of an option that is not known."""
    if value not in known:
        raise MessageError(f"{name}: expected one of {', '.join(known)}, found {value!r}")


def _check_separator(name: str, value: str) -> None:
    """Refuse what cannot be a separator."""
    single = len(value) == 1 and value.isascii() and not value.isalnum()
    if not single or value in '" \n\r_[]:':
        raise MessageError(f"{name}: expected one character such as `;`, found {value!r}")


def record(fields: Sequence[str], separator: str) -> str:
    """Fields as one record with its line end, quoted where needed."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerow(fields)
    return text.getvalue()


def title(name: str, ahead: Sequence[Dataset], separator: str) -> str:
    """Header of a composite column, such as `ATTR[]`, `ATTR[en;fr]`, `CONTACT[].NAME[]`."""
    languages: dict[str, None] = {}
    nested = False
    for value in _composite_values(ahead, name):
        for part in _parts(value):
            if isinstance(part, Mapping):
                languages.update(dict.fromkeys(part))
            nested = nested or isinstance(part, list)
    if languages:
        return f"{name}[{separator.join(languages)}]"
    if nested:
        name = name.replace(".", "[].")
    return f"{name}[]"


def _parts(value: Value) -> Sequence[Value | None]:
    """Values in a composite value: itself where it is texts by language."""
    return [value] if isinstance(value, Mapping) else value


def _composite_values(datasets: Sequence[Dataset], name: str) -> Iterator[Value]:
    """Distinct values of a composite component in some data sets."""
    for dataset in datasets:
        if name not in dataset.components.composite:
            continue
        for frame in (dataset.observations, *dataset.attached.values()):
            if name in frame.columns:
                _, texts = pool.distinct(frame[name])
                yield from map(unpack, texts.to_pylist())


def renders(name: str, title: str, style: Style, *, composite: bool) -> list[Render | None]:
    """Renderings of the one or two columns of a component; None takes the text as it is."""
    names = style.names.get(name, {})
    render: Render | None = None
    if composite:
        render = _composite(title, style)
    elif name == "TIME_PERIOD" and style.time_format == "normalized":
        render = beginning
    elif style.labels == "both" and coded(names):
        render = _both(names)
    return [render, names.get] if style.labels == "name" else [render]


def beginning(text: str) -> str:
    """First day of a time period in ISO 8601; a date, a moment or no period stays as it is.

    Reporting years are taken to begin on 1 January, weeks are those of ISO 8601. The period
    itself is lost.

    Examples
    --------
    >>> [beginning(p) for p in ("2024", "2024-Q3", "2024-M02", "2024-W01", "2024-02-03")]
    ['2024-01-01', '2024-07-01', '2024-02-01', '2024-01-01', '2024-02-03']
    """
    period = parse_period(text)
    if period is None or period.kind == "DateTime":
        return text
    year, month, day = date_parts(period.start)
    return f"{year:04d}-{month:02d}-{day:02d}"


def is_no_period(text: str) -> bool:
    """Whether a value of TIME_PERIOD is none that SDMX knows, such as a 13th month."""
    return bool(text) and parse_period(text) is None


def coded(names: Mapping[str, str]) -> bool:
    """Whether there is a name for at least one code."""
    return any(names)


def _both(names: Mapping[str, str]) -> Render:
    """Rendering of a code as `code: name`."""
    return lambda text: f"{text}: {names.get(text, text)}"


def _composite(title: str, style: Style) -> Render:
    """Rendering of packed values; one that the header row does not announce is refused."""
    separator = style.sub_separator
    inside = title[title.rindex("[") + 1 : -1]
    languages = set(inside.split(separator)) if inside else set()
    labelled: Render | None = None
    names = style.names.get(title.partition("[")[0], {})
    if style.labels == "both" and coded(names):
        labelled = _both(names)

    def render(text: str) -> str:
        value = unpack(text)
        _check_languages(value, languages, title, text)
        if labelled and isinstance(value, list):
            value = [labelled(part) if isinstance(part, str) else part for part in value]
        return subfields.render(value, separator, nested="." in title)

    return render


def _check_languages(value: Value, languages: set[str], title: str, text: str) -> None:
    """Refuse a value whose languages are not those of its column."""
    by_language = [part for part in _parts(value) if isinstance(part, Mapping)]
    if bool(by_language) != bool(languages):
        raise MessageError(
            f"{title}: SDMX-CSV cannot carry values with and without languages in one component"
        )
    if not languages.issuperset(chain.from_iterable(by_language)):
        raise MessageError(
            f"{title}: the header row lacks a language of {text}; write the data as one set"
        )


def column(
    values: pd.Series, render: Render | None, separator: str, end: str
) -> pool.PooledColumn:
    """Pool of the fields of a component, each with `end` behind it, empty where absent."""

    def spelling(texts: pa.Array) -> pa.Array:
        rendered = texts if render is None else _rendered(texts, render)
        return quoted_fields(rendered, separator, end)

    return pool.column(values, spelling, end)


def _rendered(texts: pa.Array, render: Render) -> pa.Array:
    """Text of each field before its quotes, None where it is empty."""
    import pyarrow as pa

    fields = []
    for text in texts.to_pylist():
        fields.append(render(text))
    return pa.array(fields, pa.string())


def quoted_fields(texts: pa.Array, separator: str, end: str) -> pa.Array:
    """Texts as fields with `end` behind them.

    They are quoted where needed, and where they are empty: that is not absent.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    special = pc.match_substring_regex(texts, f'^$|[\\{separator}"\n\r]')
    if pc.any(special).as_py():
        quote = pa.scalar('"')
        doubled = pc.replace_substring(texts, '"', '""')
        quoted = pc.binary_join_element_wise(quote, doubled, quote, "")
        texts = pc.if_else(special, quoted, texts)
    present = pc.fill_null(texts, "")
    return pc.binary_join_element_wise(present, end, "")

"""Style: the options of SDMX-CSV, and how a component's text becomes the text of its fields."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages import pool
from ilms_sdmx.messages.csv import subfields
from ilms_sdmx.messages.csv.normalised import beginning
from ilms_sdmx.messages.values import Value, unpack

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
        `id`, `name` (a column of names after each column) or `both` (`code: name` in one field).
    keys
        `none`, `obs`, `series` or `both`: columns that repeat the key, joined by dots (2.x only).
    separator, sub_separator
        Between fields, and between the sub-fields of a composite value.
    names
        Names for `labels`: component id to code to name, the component's own under the code `""`. With
        `both`, components without names of codes stay plain, header included: their text may hold `: `.

    time_format
        `original`, or `normalized`: each time period becomes the date on which it begins. That cannot be
        undone.

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
            object.__setattr__(self, "sub_separator", "|" if self.separator == ";" else ";")
        for name in ("separator", "sub_separator"):
            _separator(name, getattr(self, name))
        if self.separator == self.sub_separator:
            raise MessageError(
                f"separator and sub_separator are both {self.separator!r}; they must differ"
            )


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise MessageError(f"{name}: expected one of {', '.join(known)}, found {value!r}")


def _separator(name: str, value: str) -> None:
    if len(value) != 1 or not value.isascii() or value.isalnum() or value in '" \n\r_[]:':
        raise MessageError(f"{name}: expected one character such as `;`, found {value!r}")


def record(fields: Sequence[str], separator: str) -> str:
    """Fields as one record with its line end, quoted where needed."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerow(fields)
    return text.getvalue()


def title(name: str, ahead: Sequence[Dataset], separator: str) -> str:
    """Header of a composite column: `ATTR[]`, `ATTR[en;fr]`, or `CONTACT[].NAME[]` for a nested one."""
    found = [value for d in ahead for value in _composite_values(d, name)]
    languages: dict[str, None] = {}
    for value in found:
        for part in [value] if isinstance(value, Mapping) else value:
            if isinstance(part, Mapping):
                languages.update(dict.fromkeys(part))
    if languages:
        return f"{name}[{separator.join(languages)}]"
    nested = any(isinstance(part, list) for value in found for part in value)
    return name.replace(".", "[].") + "[]" if nested else f"{name}[]"


def _composite_values(dataset: Dataset, name: str) -> list[Value]:
    if name not in dataset.components.composite:
        return []
    frames = [
        f for f in (dataset.observations, *dataset.attached.values()) if name in f.columns
    ]
    return [unpack(text) for f in frames for text in pool.distinct(f[name])[1].to_pylist()]


def renders(name: str, title: str, style: Style, *, composite: bool) -> list[Render | None]:
    """Say how the one or two columns of a component are rendered; None takes the text as it is."""
    names = style.names.get(name, {})
    if composite:
        fields: Render | None = _composite(title, style)
    elif name == "TIME_PERIOD" and style.time_format == "normalized":
        fields = beginning
    elif style.labels == "both" and coded(names):
        fields = _both(names)
    else:
        fields = None
    return [fields, names.get] if style.labels == "name" else [fields]


def coded(names: Mapping[str, str]) -> bool:
    """Whether there is a name for at least one code."""
    return any(names)


def _both(names: Mapping[str, str]) -> Render:
    return lambda text: f"{text}: {names.get(text, text)}"


def _composite(title: str, style: Style) -> Render:
    """Return the rendering of packed values; one that the header row does not announce is refused."""
    separator = style.sub_separator
    inside = title[title.rindex("[") + 1 : -1]
    languages = set(inside.split(separator)) if inside else set()
    names = style.names.get(title.partition("[")[0], {}) if style.labels == "both" else {}
    names = names if coded(names) else {}

    def render(text: str) -> str:
        value = unpack(text)
        spoken = [
            p
            for p in ([value] if isinstance(value, Mapping) else value)
            if isinstance(p, Mapping)
        ]
        if bool(spoken) != bool(languages):
            raise MessageError(
                f"{title}: SDMX-CSV cannot carry values with and without languages in one component"
            )
        if any(set(p) - languages for p in spoken):
            raise MessageError(
                f"{title}: the header row lacks a language of {text}; write the data as one set"
            )
        if names and isinstance(value, list):
            value = [_both(names)(v) or "" if isinstance(v, str) else v for v in value]
        return subfields.render(value, separator, nested="." in title)

    return render


def column(
    values: pd.Series, render: Render | None, separator: str, end: str
) -> pool.PooledColumn:
    """Pool of the fields of a component, each with `end` behind it; an absent value is an empty field."""
    import pyarrow as pa

    def spelling(texts: pa.Array) -> pa.Array:
        rendered = (
            texts
            if render is None
            else pa.array([render(t) for t in texts.to_pylist()], pa.string())
        )
        return fields(rendered, separator, end)

    return pool.column(values, spelling, end)


def fields(texts: pa.Array, separator: str, end: str) -> pa.Array:
    """Texts as fields with `end` behind them: quoted where needed, and where empty to tell from absent."""
    import pyarrow as pa
    import pyarrow.compute as pc

    special = pc.match_substring_regex(texts, f'^$|[\\{separator}"\n\r]')
    if pc.any(special).as_py():
        doubled = pc.replace_substring(texts, '"', '""')
        quote = pa.scalar('"')
        texts = pc.if_else(
            special, pc.binary_join_element_wise(quote, doubled, quote, ""), texts
        )
    return pc.binary_join_element_wise(pc.fill_null(texts, ""), end, "")

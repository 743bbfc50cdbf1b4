"""Variables of a file of records: names, labels, kinds, and what its missing codes are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ilms_sdmx.errors import TableError

#: What follows the name of a variable in the name of the column of its missing codes.
MISSING = "@missing"
#: Key of the metadata of our Parquet files.
KEY = "ilms_sdmx"


@dataclass(frozen=True)
class Variable:
    """One variable of a file of records.

    Parameters
    ----------
    name, label
        Name as in the file, and what it is in words, empty where the file does not say.
    kind
        `number`, `text` or `date`.
    labels
        Label of each labelled value: the value as text (`1`, `2.5`, `.a`) to the words.
    missing
        Values that the file declares to be missing: `.a` to `.z` of Stata and SAS, `98` or
        `97 to 99` of SPSS. Each keeps its own code: refused is not not-applicable.
    has_codes
        Whether missing codes that are no numbers are in a column of their own.
    """

    name: str
    label: str = ""
    kind: str = "text"
    labels: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    has_codes: bool = False

    @property
    def codes_column(self) -> str:
        """Name of the column of the missing codes."""
        return f"{self.name}{MISSING}"

    def is_missing(self, value: str) -> bool:
        """Whether the file declares a value, given as text, to be missing.

        >>> age = Variable("AGE", missing=("-1", "97 to 99"))
        >>> age.is_missing("98"), age.is_missing("96"), age.is_missing(".a")
        (True, False, False)
        """
        if value in self.missing:
            return True
        for declared in self.missing:
            first, is_range, last = declared.partition(" to ")
            if is_range and _is_between(value, first, last):
                return True
        return False


def _is_between(value: str, first: str, last: str) -> bool:
    try:
        return float(first) <= float(value) <= float(last)
    except ValueError:
        return False


def value_text(value: object) -> str:
    """Value of a file as the text that mappings write: whole numbers have no point.

    >>> value_text(1.0), value_text(2.5), value_text("01")
    ('1', '2.5', '01')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


@dataclass(frozen=True)
class Microdata:
    """A file of records that has been read: where its Parquet is, and what its variables are.

    Parameters
    ----------
    path
        Parquet file of all records; an address where it lies in a cluster.
    source
        Name of the file that was read, without its folder.
    variables
        Variables by name, in the order of the file.
    rows
        Number of records.
    sha256
        Hash of the file that was read; empty for Parquet, which is used as it is.
    encoding
        Encoding of its texts, empty where the format says it.
    """

    path: Path | str
    source: str
    variables: Mapping[str, Variable]
    rows: int
    sha256: str = ""
    encoding: str = ""

    def __repr__(self) -> str:
        return (
            f"<Microdata {self.source}: {self.rows:,} records, {len(self.variables)} variables>"
        )

    def variable(self, name: str) -> Variable:
        """Variable of a name.

        Raises
        ------
        TableError
            The file has none; the message names the nearest, and no value.
        """
        found = self.variables.get(name)
        if found is None:
            near = _nearest(name, self.variables)
            raise TableError(f"{self.source} has no variable {name!r}{near}.")
        return found


def _nearest(name: str, names: Iterable[str]) -> str:
    import difflib

    by_case = {each.casefold(): each for each in names}
    near = difflib.get_close_matches(name.casefold(), list(by_case), n=1, cutoff=0.6)
    if not near:
        return ""
    return f" (did you mean {by_case[near[0]]!r}?)"


def packed(variables: Iterable[Variable]) -> bytes:
    """Variables as the metadata of a Parquet file hold them."""
    plain = [asdict(variable) for variable in variables]
    return json.dumps(plain, ensure_ascii=False).encode()


def unpacked(content: bytes) -> dict[str, Variable]:
    """Variables of the metadata of a Parquet file of ours."""
    entries: list[dict[str, Any]] = json.loads(content)
    variables = {}
    for entry in entries:
        entry["missing"] = tuple(entry["missing"])
        variable = Variable(**entry)
        variables[variable.name] = variable
    return variables

"""The files of `dsd/` as rows: each fact of the structures is in exactly one of them."""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import TYPE_CHECKING, Any

from ilms_sdmx._files import shipped

if TYPE_CHECKING:
    import pandas as pd
    from sdmx.model.v21 import Agency, Annotation

#: Agency of everything that ILOSTAT serves, and of what we add to it.
ILO = "ILO"
OURS = "ILMS_SDMX"
VERSION = "1.0"
LANGUAGES = ("en", "fr", "es")
#: Day on which `dsd/` last changed: the time of its messages, so that they are reproducible.
EDITION = "2026-11-21T00:00:00Z"

Row = dict[str, str]


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Rows of one file of `dsd/`, all text, in the order of the file.

    `name` as `codelists/CL_SEX.csv`.
    """
    text = (shipped.dsd() / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(io.StringIO(text)))


@cache
def by_id(name: str, key: str = "id") -> dict[str, Row]:
    """Rows of one file by the column that identifies them."""
    return {row[key]: row for row in rows(name)}


def columns(name: str) -> list[str]:
    """Headings of one file, also of one that has no rows."""
    with (shipped.dsd() / name).open(encoding="utf-8") as file:
        return next(csv.reader(file))


def frame(name: str) -> pd.DataFrame:
    """One file as a frame of text, empty cells as `""` (the code `NA` is Namibia)."""
    import pandas as pd

    return pd.DataFrame(list(rows(name)), columns=columns(name), dtype="str")


def names(row: Row, default: str = "") -> dict[str, str]:
    """Name of a row in each language that it has.

    `default` in English where it has none at all.
    """
    known = {language: row[language] for language in LANGUAGES if row[language]}
    if not known and default:
        return {"en": default}
    return known


def verified(source: str) -> bool:
    """Whether a source of `dsd/evidence.csv` is a recorded answer of the service."""
    return by_id("evidence.csv")[source]["verified"] == "Y"


def evidence(source: str) -> Annotation:
    """Annotation that says whether an artefact is verified or inferred, and from what."""
    from sdmx.model.v21 import Annotation

    state = "verified" if verified(source) else "inferred"
    row = by_id("evidence.csv")[source]
    text = f"{source}: {row['what']}"
    return Annotation(id=OURS, type="EVIDENCE", title=state, text={"en": text})


@cache
def agency(id: str) -> Agency:
    """Maintainer of an artefact."""
    from sdmx.model.v21 import Agency

    titles = {
        ILO: "International Labour Organization",
        OURS: "ilms_sdmx, International Labour Migration Statistics",
    }
    return Agency(id=id, name={"en": titles[id]})


def maintained(agency_id: str) -> dict[str, Any]:
    """Tell whose an artefact is and that it is whole: its version and maintainer."""
    return {"version": VERSION, "maintainer": agency(agency_id), "is_external_reference": False}


def final(agency_id: str, name: dict[str, str], source: str) -> dict[str, Any]:
    """Tell whose a final artefact is, its name, and what it was made from."""
    about = maintained(agency_id)
    about["name"] = name
    about["is_final"] = True
    about["annotations"] = [evidence(source)]
    return about

"""What is published: messages, filled questionnaires, and vintages of a database."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ilms_sdmx.cli.db import FOLDER
from ilms_sdmx.errors import TableError

if TYPE_CHECKING:
    from ilms_sdmx.datasets import Dataset

#: Word before the name under which a database has what was sent.
_DATABASE = "db:"
#: Variable of the environment with the secret of perturbation; an argument would be seen.
SECRET = "ILMS_SDMX_SECRET"
_FORMS = (".xlsx", ".xlsm")
PUBLISHED = click.option(
    "--published",
    multiple=True,
    metavar="SOURCE",
    help="What else is published, or was before: a message, a filled questionnaire, or db:NAME"
    " for all vintages of a name in the database (db:NAME@DATE until a day). May be repeated.",
)
DATABASE = FOLDER


def tables_in(files: Iterable[Path | str]) -> list[Any]:
    """Files of messages as they are, filled questionnaires as the data sets in them."""
    from ilms_sdmx.outputs.questionnaire import read_questionnaire

    found: list[Any] = []
    for file in files:
        if Path(file).suffix.lower() in _FORMS:
            # What reads messages says of any other workbook that it is to be converted first.
            with suppress(TableError):
                found.append(read_questionnaire(file))
                continue
        found.append(file)
    return found


def vintages_of(sources: Iterable[str], folder: Path) -> list[Any]:
    """What is published, the latest vintage of each name of the database first.

    Raises
    ------
    DatabaseError
        The database has no such name.
    """
    found: list[Any] = []
    for source in sources:
        if source.startswith(_DATABASE):
            name, _, day = source.removeprefix(_DATABASE).partition("@")
            found += _of_database(folder, name, day)
        elif Path(source).is_file():
            found += tables_in([source])
        else:
            raise click.BadParameter(f"{source} is no file, and not db:NAME.")
    return found


def files_of(sources: Iterable[str]) -> list[str]:
    """Sources that are files, which no output may replace."""
    return [source for source in sources if not source.startswith(_DATABASE)]


def _of_database(folder: Path, name: str, day: str) -> list[list[Dataset]]:
    """Data sets of a name at each of its vintages, the latest first."""
    from ilms_sdmx.database import Database

    database = Database(folder)
    last = database.harmonised(name, as_of=day or None)
    vintages = [[each.dataset for each in last]]
    limit = database.manifest.number_at(day or None)
    for vintage in reversed(database.show(name)[:-1]):
        if vintage.number < limit:
            known = database.harmonised(name, as_of=vintage.time)
            vintages.append([each.dataset for each in known])
    return vintages

"""Projects: one folder for each workbook that a person works on."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ilms_sdmx._files import make_folder, replacing
from ilms_sdmx.errors import TableError
from ilms_sdmx.outputs.desk.history import History

#: Endings of workbooks that are read.
ENDINGS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt", ".html", ".htm")
_ID = re.compile(r"[0-9a-f]{16}")
_SIGNS = re.compile(r"[^\w .()\-]")
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_NAME = 100
_FILE = "project.json"
MAPPING = "mapping.yaml"


@dataclass(frozen=True)
class Project:
    """A workbook and its mapping.

    Parameters
    ----------
    id
        Name of its folder, made by us.
    folder
        Its folder.
    name
        Name of the workbook.
    made
        When it was made, ISO 8601.
    based
        Id of the project whose mapping it began with, empty for none.
    """

    id: str
    folder: Path
    name: str
    made: str
    based: str = ""

    @property
    def workbook(self) -> Path:
        """The workbook."""
        return self.folder / "source" / self.name

    @property
    def mapping(self) -> Path:
        """The mapping file."""
        return self.folder / MAPPING

    @property
    def history(self) -> History:
        """States of the mapping."""
        return History(self.mapping)

    @property
    def results(self) -> Path:
        """Folder of what is made of it."""
        return self.folder / "results"

    def view(self, state: int) -> Path:
        """File with the sheets and questions of a state of the mapping."""
        return self.folder / "views" / f"{state}.json"


class Projects:
    """All projects of a folder.

    Parameters
    ----------
    folder
        Folder; it is made when there is something to keep.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Project]:
        """Projects, the newest first."""
        found = []
        for path in self.folder.glob(f"*/{_FILE}"):
            project = self.get(path.parent.name)
            if project is not None:
                found.append(project)
        found.sort(key=lambda project: project.made, reverse=True)
        return found

    def get(self, id: str) -> Project | None:
        """Project of an id; None where there is none, or where it is no id of ours."""
        if not _ID.fullmatch(id):
            return None
        folder = self.folder / id
        try:
            told = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            return Project(id, folder, told["name"], told["made"], told.get("based", ""))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def earlier(self, name: str) -> Project | None:
        """Newest project of a workbook whose name differs in digits alone, None for none."""
        words = _without_digits(safe_name(name))
        for project in self.all():
            if _without_digits(project.name) == words and project.mapping.exists():
                return project
        return None

    def begin(self, name: str, content: bytes, based: Project | None = None) -> Project:
        """Make a project of a workbook; one of the same workbook is opened again.

        Parameters
        ----------
        name
            Name that its user gives it; ours is made of it.
        content
            Its bytes.
        based
            Project of an earlier edition, whose mapping it begins with.
        """
        known = self._same(safe_name(name), content)
        if known is not None:
            return known
        id = secrets.token_hex(8)
        folder = self.folder / id
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        base = "" if based is None else based.id
        project = Project(id, folder, safe_name(name), now, base)
        make_folder(project.workbook.parent)
        with replacing(project.workbook) as stream:
            stream.write(content)
        if based is not None:
            for path in based.folder.iterdir():
                if path.is_file() and path.name != _FILE:
                    shutil.copy(path, folder)
        told = {key: value for key, value in asdict(project).items() if key != "folder"}
        with replacing(folder / _FILE) as stream:
            stream.write(json.dumps(told, ensure_ascii=False).encode())
        return project

    def _same(self, name: str, content: bytes) -> Project | None:
        """Project of the very same workbook, None for none."""
        for project in self.all():
            path = project.workbook
            if project.name != name or not path.is_file():
                continue
            if path.stat().st_size == len(content) and path.read_bytes() == content:
                return project
        return None

    def remove(self, project: Project) -> None:
        """Remove a project with all that it has."""
        shutil.rmtree(project.folder, ignore_errors=True)


def _without_digits(name: str) -> str:
    return re.sub(r"\d+", "", name).casefold()


def safe_name(name: str) -> str:
    r"""Name of a file made of the name that somebody gives: it leads nowhere else.

    Raises
    ------
    TableError
        No workbook has such an ending.

    Examples
    --------
    >>> safe_name("..\\..\\Workers abroad 2019.xlsx"), safe_name("/etc/con.csv")
    ('Workers abroad 2019.xlsx', '_con.csv')
    """
    last = re.split(r"[/\\]", name)[-1]
    cleaned = _SIGNS.sub("_", last).strip(" .")
    stem, dot, ending = cleaned.rpartition(".")
    if not dot or f".{ending.lower()}" not in ENDINGS:
        listed = ", ".join(ENDINGS)
        raise TableError(f"expected a workbook ({listed}), found another kind of file.")
    stem = stem[:_LONGEST_NAME].strip(" .") or "workbook"
    if _DEVICE.fullmatch(stem):
        stem = f"_{stem}"
    return f"{stem}.{ending.lower()}"

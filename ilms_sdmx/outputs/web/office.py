"""Office: what the pages share: projects, database, visitors, workers and jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ilms_sdmx.outputs.web.guard import Visitors
from ilms_sdmx.outputs.web.jobs import Jobs
from ilms_sdmx.outputs.web.projects import Projects
from ilms_sdmx.outputs.web.workers import MEMORY, SECONDS, LimitedWorkers


@dataclass
class Office:
    """What a page works with.

    Parameters
    ----------
    folder
        Folder of the projects.
    database
        Folder of the database.
    visitors
        Who may come in.
    quit
        Called when somebody ends the page; None where nobody may.
    audit
        File to which every change is written, with who made it; None for none.
    memory, seconds
        Most bytes and seconds of one task of a child process.
    """

    folder: Path
    database: Path
    visitors: Visitors = field(default_factory=Visitors)
    quit: Callable[[], None] | None = None
    audit: Path | None = None
    memory: int = MEMORY
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        """Make what the pages share."""
        self.workers = LimitedWorkers(self.memory, self.seconds)
        self.jobs = Jobs(self.workers.long)
        self.projects = Projects(self.folder)

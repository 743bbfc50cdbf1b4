"""Jobs: long tasks of a worker, whose progress a page asks for, and which can be cancelled."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ilms_sdmx.outputs.web.workers import TaskError, Worker

#: Most jobs that are remembered, and most that wait.
_MOST_KEPT, _MOST_WAITING = 50, 6

#: Called with the result of a job that has come to its end.
Ended = Callable[[Any], Awaitable[Any]]


@dataclass
class Job:
    """A long task.

    Parameters
    ----------
    id
        Its id.
    task
        Name of the task.
    project
        Id of the project that it is of.
    done, of
        Steps done, and in all.
    result
        What it gave; None before its end.
    error
        Why it failed, empty for not.
    kind
        Kind of the error.
    """

    id: str
    task: str
    project: str
    done: int = 0
    of: int = 0
    result: Any = None
    error: str = ""
    kind: str = ""
    has_ended: bool = False
    is_running: bool = False
    work: asyncio.Task[None] | None = field(default=None, repr=False)

    def told(self) -> dict[str, Any]:
        """What a page is told of it."""
        return {
            "id": self.id,
            "task": self.task,
            "done": self.done,
            "of": self.of,
            "ended": self.has_ended,
            "error": self.error,
            "kind": self.kind,
            "result": self.result,
        }


class Jobs:
    """Jobs of one worker, one after another.

    Parameters
    ----------
    worker
        Who does them.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._jobs: dict[str, Job] = {}

    def get(self, id: str) -> Job | None:
        """Job of an id; None for none."""
        return self._jobs.get(id)

    def start(
        self, task: str, project: str, arguments: Mapping[str, Any], ended: Ended | None = None
    ) -> Job | None:
        """Start a job; None where too many wait already."""
        waiting = [job for job in self._jobs.values() if not job.has_ended]
        if len(waiting) >= _MOST_WAITING:
            return None
        job = Job(secrets.token_hex(8), task, project)
        self._jobs[job.id] = job
        for id, old in list(self._jobs.items()):
            if len(self._jobs) > _MOST_KEPT and old.has_ended:
                del self._jobs[id]
        job.work = asyncio.create_task(self._run(job, arguments, ended))
        return job

    async def _run(self, job: Job, arguments: Mapping[str, Any], ended: Ended | None) -> None:
        """Run a job to its end, whatever that is."""

        def told(done: int, of: int) -> None:
            job.is_running = True
            job.done, job.of = done, of

        try:
            result = await self._worker.run(job.task, arguments, told)
            if ended is not None:
                result = await ended(result)
            job.result = result
        except TaskError as error:
            job.error, job.kind = str(error), error.kind
        except asyncio.CancelledError:
            job.error, job.kind = "Cancelled.", "cancelled"
        except Exception as error:  # a defect of ours is told, and ends nothing else
            job.error, job.kind = f"{type(error).__name__}: {error}", "defect"
        finally:
            job.has_ended = True

    def cancel(self, job: Job) -> None:
        """Cancel a job, whether it runs or waits."""
        if job.has_ended:
            return
        first = next((one for one in self._jobs.values() if not one.has_ended), None)
        if first is job:
            self._worker.cancel()
        elif job.work is not None:
            job.work.cancel()

    @property
    def are_running(self) -> bool:
        """Whether any job has not ended."""
        return any(not job.has_ended for job in self._jobs.values())

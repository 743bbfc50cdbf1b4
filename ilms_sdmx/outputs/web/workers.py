"""Workers: child processes that read workbooks, with limits, and can be killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

#: Most bytes of memory of a child, and seconds of one task.
MEMORY, SECONDS = 2_000_000_000, 600.0
#: Longest line that a child answers with: results that are longer are files.
_LINE = 16_000_000

#: Called with steps done and steps in all.
Told = Callable[[int, int], None]


class TaskError(Exception):
    """A task that has failed: `kind` is the kind of error, the text is for people."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Worker:
    """A child process that does one task after another.

    Parameters
    ----------
    memory
        Most bytes that it may hold.
    seconds
        Most seconds of one task.
    """

    def __init__(self, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        self._memory = memory
        self._seconds = seconds
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._is_cancelled = False

    async def start(self) -> None:
        """Start the child, so that the first task need not wait for it."""
        if self._process is not None and self._process.returncode is None:
            return
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "ilms_sdmx.outputs.web.child",
            str(self._memory),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_LINE,
        )

    async def run(
        self, task: str, arguments: Mapping[str, Any], told: Told | None = None
    ) -> Any:
        """Result of a task.

        Raises
        ------
        TaskError
            It failed, took too long or too much, or was cancelled.
        """
        async with self._turn:
            self._is_cancelled = False
            await self.start()
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._answer(task, arguments, told)
            except TimeoutError:
                self.kill()
                minutes = int(self._seconds // 60)
                raise TaskError(
                    "slow", f"It took more than {minutes} minutes and was stopped."
                ) from None

    async def _answer(self, task: str, arguments: Mapping[str, Any], told: Told | None) -> Any:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise TaskError("crash", "The reading could not be started.")
        line = json.dumps({"task": task, "arguments": dict(arguments)})
        with contextlib.suppress(ConnectionError):
            process.stdin.write(f"{line}\n".encode())
            await process.stdin.drain()
        while True:
            try:
                answer = await process.stdout.readline()
            except ValueError:
                answer = b""
            if not answer:
                await self._end(process)
            message = json.loads(answer)
            if "progress" in message:
                if told is not None:
                    told(*message["progress"])
                continue
            if "error" in message:
                error = message["error"]
                if error["kind"] == "memory":
                    self.kill()
                raise TaskError(error["kind"], error["message"])
            return message["done"]

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        """Say why a child has ended in the middle of a task."""
        self.kill()
        await process.wait()
        if self._is_cancelled:
            raise TaskError("cancelled", "Cancelled.")
        raise TaskError(
            "crash",
            "The reading stopped by itself: the workbook may be too large.",
        )

    def cancel(self) -> None:
        """Stop the task that runs; the next one has a new child."""
        if self._turn.locked():
            self._is_cancelled = True
            self.kill()

    def kill(self) -> None:
        """End the child."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        self._process = None


class LimitedWorkers:
    """Workers of the page: one for short tasks, so that no click waits, and one for long ones.

    Parameters
    ----------
    memory, seconds
        As of a `Worker`.
    """

    def __init__(self, memory: int = MEMORY, seconds: float = SECONDS) -> None:
        self.short = Worker(memory, min(seconds, 120.0))
        self.long = Worker(memory, seconds)

    async def start(self) -> None:
        """Start both."""
        await self.short.start()
        await self.long.start()

    def kill(self) -> None:
        """End both."""
        self.short.kill()
        self.long.kill()

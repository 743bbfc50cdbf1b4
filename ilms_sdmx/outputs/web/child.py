"""Child process of the page: reads tasks line by line, and answers line by line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import IO, Any

from ilms_sdmx.errors import IlmsError


def main(memory: str) -> None:
    """Do tasks until nobody asks any more.

    Parameters
    ----------
    memory
        Most bytes that may be held.
    """
    _limit(int(memory))
    # What a library prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    from ilms_sdmx.outputs.web.tasks import TASKS, warm

    warm()
    for line in sys.stdin:
        asked = json.loads(line)
        _answer(answers, TASKS[asked["task"]], asked["arguments"])


def _limit(memory: int) -> None:
    """Let the process hold no more than some bytes, where the system has such a limit."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(answers: IO[str], task: Any, arguments: Mapping[str, Any]) -> None:
    """Answer one task."""

    def told(done: int, of: int) -> None:
        _write(answers, {"progress": [done, of]})

    try:
        result = task(told, **arguments)
    except MemoryError:
        message = "The workbook needs more memory than it may have: send a smaller one."
        _write(answers, {"error": {"kind": "memory", "message": message}})
    except IlmsError as error:
        kind = type(error).__name__
        _write(answers, {"error": {"kind": kind, "message": str(error)}})
    except RecursionError:
        message = "The file is nested too deeply to be a workbook."
        _write(answers, {"error": {"kind": "TableError", "message": message}})
    except Exception as error:  # a defect of ours must not end the page
        kind = type(error).__name__
        message = f"Something went wrong that should not ({kind}): {error}"
        _write(answers, {"error": {"kind": "defect", "message": message[:2000]}})
    else:
        _write(answers, {"done": result})


def _write(answers: IO[str], message: Mapping[str, Any]) -> None:
    answers.write(json.dumps(message, ensure_ascii=False, default=str) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])

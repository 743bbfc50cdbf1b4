"""Measurements in fresh processes: CPU seconds, and the peak of memory beyond what was there before."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Figures = dict[str, float]


def memory(field: str) -> int:
    """Resident memory in kB now (`VmRSS`) or at most since the last `forget` (`VmHWM`); Linux."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


def forget() -> None:
    """Let the peak of resident memory start anew."""
    Path("/proc/self/clear_refs").write_text("5")


def measured(work: Callable[[], None]) -> Figures:
    """Seconds, wall seconds and megabytes of some work, in this process."""
    forget()
    before, started, wall = memory("VmRSS"), time.process_time(), time.perf_counter()
    work()
    return {
        "seconds": time.process_time() - started,
        "wall": time.perf_counter() - wall,
        "peak": (memory("VmHWM") - before) / 1024,
    }


def alternating(commands: Sequence[Sequence[str]], repeat: int) -> list[Figures | None]:
    """Best of some runs of each command, in turns; it prints its figures as JSON. None where one fails."""
    found: list[list[Figures]] = [[] for _ in commands]
    for _ in range(repeat):
        for runs, command in zip(found, commands, strict=True):
            result = subprocess.run(command, capture_output=True, text=True, check=False)
            if result.returncode:
                print(
                    f"  {' '.join(command[-6:])}: {result.stderr.strip().splitlines()[-1:]}",
                    file=sys.stderr,
                )
            else:
                runs.append(json.loads(result.stdout.splitlines()[-1]))
    return [_summary(runs) if runs else None for runs in found]


def _summary(runs: Sequence[Figures]) -> Figures:
    """Shortest times and highest peak."""
    return {k: (max if k == "peak" else min)(run[k] for run in runs) for k in runs[0]}


def command_line(arguments: Sequence[str]) -> Figures:
    """CPU seconds and the peak of all resident memory, imports included, of one call of the command."""
    with open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen(
            [sys.executable, "-m", "ilms_sdmx", *arguments], stdout=nowhere, stderr=nowhere
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(arguments)}: exit {process.returncode}")
    return {"seconds": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss / 1024}

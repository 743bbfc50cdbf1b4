"""Measurements in fresh processes: CPU seconds, and the peak of memory beyond what was there before."""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Figures = dict[str, float]


def memory(field: str) -> int:
    """Resident memory in kB now (`VmRSS`) or at most since the last `forget` (`VmHWM`); Linux."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


def forget() -> None:
    """Let the peak of resident memory start anew."""
    Path("/proc/self/clear_refs").write_text("5", "utf-8")


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


def alternating(commands: Sequence[Sequence[str]], repeat: int) -> list[list[Figures]]:
    """Runs of each command, in turns; it prints its figures as JSON. None where one fails."""
    found: list[list[Figures]] = [[] for _ in commands]
    for _ in range(repeat):
        for runs, command in zip(found, commands, strict=True):
            result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
            if result.returncode:
                print(
                    f"  {' '.join(command[-6:])}: {result.stderr.strip().splitlines()[-1:]}",
                    file=sys.stderr,
                )
            else:
                runs.append(json.loads(result.stdout.splitlines()[-1]))
    return found


def summary(runs: Sequence[Figures]) -> Figures:
    """Median of each figure, but the highest peak; the range of seconds."""
    figures = {}
    for name in runs[0]:
        values = [run[name] for run in runs]
        figures[name] = max(values) if name == "peak" else statistics.median(values)
    if "seconds" in figures and len(runs) > 1:
        figures["least"] = min(run["seconds"] for run in runs)
        figures["most"] = max(run["seconds"] for run in runs)
    return figures


def processor() -> str:
    """Model of the processor, how many of it there are, and how much else they do."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = names[0] if names else platform.processor() or "processor of an unknown kind"
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} times {model}; load of 1, 5 and 15 minutes: {load}"


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

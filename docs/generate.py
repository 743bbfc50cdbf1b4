"""Pages of the reference that are made from the code: run `python docs/generate.py` after changing it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import click

import ilms_sdmx
from ilms_sdmx.cli import cli

REFERENCE = Path(__file__).parent / "reference"


def commands() -> str:
    """Page of every command with its help, as the terminal shows it at 100 columns."""
    parts = ["# Commands", "", "Made from `--help` by `python docs/generate.py`.", ""]
    for title, text in _helps(cli, "ilms-sdmx"):
        parts += [f"## `{title}`", "", "```text", text.rstrip(), "```", ""]
    return "\n".join(parts)


def _helps(command: click.Command, title: str) -> list[tuple[str, str]]:
    context = click.Context(command, info_name=title, terminal_width=100, max_content_width=100)
    found = [(title, command.get_help(context))]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                found += _helps(child, f"{title} {name}")
    return found


def api() -> str:
    """Page of every public name: signature, first sentence, and the module it lives in."""
    parts = [
        "# Python names",
        "",
        "Made from the docstrings by `python docs/generate.py`. All are imported from the root:",
    ]
    parts += ["`from ilms_sdmx import ...`; `help(name)` shows parameters, errors and an example.", ""]
    for name in sorted(ilms_sdmx.__all__, key=str.lower):
        value = getattr(ilms_sdmx, name)
        parts += [f"## `{name}`", ""]
        if callable(value):
            parts += ["```text", f"{name}{_signature(value)}", "```", ""]
        parts += [_first(value), ""]
        if module := getattr(value, "__module__", ""):
            parts += [f"Module `{module}`.", ""]
    return "\n".join(parts)


def _signature(value: object) -> str:
    try:
        text = str(inspect.signature(value))  # type: ignore[arg-type]
    except ValueError:
        return "(...)"
    text = re.sub(r" at 0x[0-9a-f]+", "", text)
    return text.replace("'", "").replace("ilms_sdmx.", "")


def _first(value: object) -> str:
    if isinstance(value, str):
        return "Version of the package."
    return " ".join((inspect.getdoc(value) or "").split("\n\n")[0].split())


PAGES = {"commands.md": commands, "api.md": api}


if __name__ == "__main__":
    for page, text in PAGES.items():
        (REFERENCE / page).write_text(text(), encoding="utf-8")

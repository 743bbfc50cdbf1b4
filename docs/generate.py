"""Pages of the reference that are made from the code: run `python docs/generate.py` after changing it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import click

import ilms_sdmx
from ilms_sdmx.cli import cli
from ilms_sdmx.structures import facts

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


def dataflows() -> str:
    """Page of every dataflow, table and codelist, from `dsd/`."""
    parts = ["# Dataflows and codelists", "", "Made from `dsd/` by `python docs/generate.py`.", ""]
    parts += [
        "What the columns mean is on the page on [structures](structures.md). *Versions* are the versions of"
    ]
    parts += ["classifications that may carry data, those that the questionnaire asks in bold.", ""]
    for module in facts.rows("modules.csv"):
        flows = [row for row in facts.rows("dataflows.csv") if row["module"] == module["id"]]
        parts += [f"## {module['id']}: {module['en']}, {len(flows)} dataflows", ""]
        parts += ["| dataflow | table | old id | title | versions | unit |", "|---|---|---|---|---|---|"]
        parts += [_flow(row) for row in flows] + [""]
    parts += ["## Codelists", "", "| codelist | codes | evidence | incomplete |", "|---|---|---|---|"]
    for row in facts.rows("codelists.csv"):
        size = len(facts.rows(f"codelists/{row['id']}.csv"))
        state = "verified" if facts.verified(row["source"]) else "inferred"
        parts.append(f"| {row['id']} | {size} | {state}: {row['source']} | {row['incomplete']} |")
    parts += ["", "## Evidence", "", "| id | verified | date | what |", "|---|---|---|---|"]
    parts += [
        f"| {r['id']} | {r['verified']} | {r['date']} | {r['what']} |" for r in facts.rows("evidence.csv")
    ]
    return "\n".join([*parts, ""])


def _flow(row: facts.Row) -> str:
    asked = row["questionnaire"].split()
    versions = " ".join(f"**{name}**" if name in asked else name for name in row["versions"].split())
    unit = f"{row['unit_measure']} × 10^{row['unit_mult']}" if row["unit_measure"] else "by currency"
    return " | ".join((f"| DF_{row['id']}", row["table"], row["old"], row["en"], versions, unit)) + " |"


PAGES = {"commands.md": commands, "api.md": api, "dataflows.md": dataflows}


if __name__ == "__main__":
    for page, text in PAGES.items():
        (REFERENCE / page).write_text(text(), encoding="utf-8")

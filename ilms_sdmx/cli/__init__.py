"""The command `ilms-sdmx`: arguments in, exit status out, no logic."""

from __future__ import annotations

import contextlib
import signal
import sys
from importlib import import_module
from typing import Any

import click

from ilms_sdmx._files import __version__
from ilms_sdmx.cli.streams import forget_output, use_utf8
from ilms_sdmx.errors import IlmsError

#: Command name to `module:attribute` and the line that `--help` shows; modules load when their
#: command runs.
COMMANDS: dict[str, tuple[str, str]] = {
    "structures": (
        "ilms_sdmx.cli.shipped.structures:structures",
        "List, show, export and check the structures.",
    ),
    "convert": (
        "ilms_sdmx.cli.convert:convert",
        "Convert a national table to SDMX, every cell accounted for.",
    ),
    "tabulate": (
        "ilms_sdmx.cli.tabulate:tabulate",
        "Make the tables of records of persons, with their errors.",
    ),
    "map": ("ilms_sdmx.cli.map:map_", "Draft the mapping file of a workbook."),
    "ui": (
        "ilms_sdmx.cli.ui:ui",
        "Open the page: map a workbook, convert it, send it, look at the database.",
    ),
    "desk": (
        "ilms_sdmx.cli.desk:desk",
        "Answer what a mapping asks, and say what cells are, step by step.",
    ),
    "validate": (
        "ilms_sdmx.cli.validate:validate",
        "Check data sets and say what is wrong, cell by cell.",
    ),
    "fetch": (
        "ilms_sdmx.cli.fetch:fetch",
        "Fetch comparators from ILOSTAT, UN DESA and others.",
    ),
    "sync": ("ilms_sdmx.cli.sync:sync", "Fetch a declared list into a database, for cron."),
    "protect": (
        "ilms_sdmx.cli.sending.protect:protect",
        "Hide what tells about persons, in all tables of a release.",
    ),
    "compare": (
        "ilms_sdmx.cli.compare:compare",
        "Set national figures next to international ones.",
    ),
    "db": ("ilms_sdmx.cli.db:db", "Keep every figure with its history in a database."),
    "serve": (
        "ilms_sdmx.cli.sending.serve:serve",
        "Serve a database by SDMX REST, for those who pull.",
    ),
    "questionnaire": (
        "ilms_sdmx.cli.questionnaire:questionnaire",
        "Make, fill and read the questionnaire of the ILO.",
    ),
    "diff": (
        "ilms_sdmx.cli.sending.exchange:diff",
        "Say what a later version of figures changes, and write a message of it.",
    ),
    "submit": (
        "ilms_sdmx.cli.sending.exchange:submit",
        "Prepare a package for a receiver, check it, and keep what was answered.",
    ),
    "publish": (
        "ilms_sdmx.cli.sending.exchange:publish",
        "Publish a package in a folder that a web server serves and a registry can find.",
    ),
    "examples": (
        "ilms_sdmx.cli.shipped.examples:examples",
        "List the shipped examples, or copy one to try things on.",
    ),
    "estimate": (
        "ilms_sdmx.cli.estimate:estimate",
        "Estimate migrants in the labour force, and show ILO's estimates.",
    ),
    "inventory": (
        "ilms_sdmx.cli.inventory:inventory",
        "Say what sources there are, what they cover, what is missing.",
    ),
    "analytical-report": (
        "ilms_sdmx.cli.inventory:analytical_report",
        "Write a report on a state or on ASEAN, every number linked.",
    ),
    "demo": ("ilms_sdmx.cli.installation.demo:demo", "Show it all on shipped data, offline."),
    "cat": ("ilms_sdmx.cli.messages:cat", "Print any SDMX data message as a table or CSV."),
    "transform": (
        "ilms_sdmx.cli.messages:transform",
        "Rewrite a data message in another format.",
    ),
    "labels": (
        "ilms_sdmx.cli.shipped.labels:labels",
        "Show what is known of labels in each language.",
    ),
    "inspect": ("ilms_sdmx.cli.messages:inspect", "Say what a data message holds."),
    "doctor": (
        "ilms_sdmx.cli.installation.doctor:doctor",
        "Show what this installation has and lacks.",
    ),
    "completion": (
        "ilms_sdmx.cli.installation.completion:completion",
        "Print what a shell needs to complete commands.",
    ),
}

EXIT_CODES = """\b
Exit status: 0 clean, 1 warnings, 2 data errors, 3 mapping or usage errors,
4 source unreadable or unreachable, or output not writable."""


class LazyGroup(click.Group):
    """Group whose commands are imported only when they run, so that `--help` is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table, which is that of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of a name; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that has seen enough, as `head`, ends it well."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            forget_output()
            return 0

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the lines of the table, so that help imports no command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command("ilms-sdmx", cls=LazyGroup, epilog=EXIT_CODES)
@click.version_option(__version__, prog_name="ilms-sdmx")
def cli() -> None:
    """Official labour-migration statistics: national tables to SDMX, checked and compared."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit status."""
    use_utf8()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Who asked to be left alone, as nohup does, is.
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _leave)
    status = run(arguments)
    sys.exit(status)


def _leave(number: int, _: object) -> None:
    """End as after an error, so that no half of a file is left."""
    sys.exit(128 + number)


def run(arguments: list[str] | None = None) -> int:
    """Exit status of the command on `arguments` (default: those of the process)."""
    try:
        status: Any = cli.main(arguments, prog_name="ilms-sdmx", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        return _failed("Interrupted.", 3)
    except click.ClickException as error:
        error.show()
        return 3
    except IlmsError as error:
        return _failed(f"Error: {error}", error.exit_code)
    except BrokenPipeError:  # who reads the output has seen enough, as `head` does
        forget_output()
        return 0
    except OSError as error:
        forget_output()
        name = error.filename or "standard output"
        return _failed(f"Error: {name}: {error.strerror or error}.", 4)
    except MemoryError:
        return _failed("Error: there is not enough memory for this.", 4)
    except RecursionError:
        return _failed("Error: the input is nested too deeply to be read.", 4)
    if not isinstance(status, int):
        return 0
    return status


def _failed(message: str, exit_code: int) -> int:
    """Exit status after a message on the error output, which may be full too."""
    try:
        sys.stdout.flush()
    except OSError:
        forget_output()
    with contextlib.suppress(OSError):
        click.echo(message, err=True)
    return exit_code

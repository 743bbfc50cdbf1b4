"""`ilms-sdmx completion`: what a shell needs to complete commands, options and files."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

#: Variable by which a shell asks for completions, as click names it.
_VARIABLE = "_ILMS_SDMX_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of SHELL.

    In ~/.bashrc or ~/.zshrc a line is enough: `source <(ilms-sdmx completion bash)`, or zsh.
    For fish: `ilms-sdmx completion fish > ~/.config/fish/completions/ilms-sdmx.fish`.
    """
    from ilms_sdmx.cli import cli

    maker = get_completion_class(shell)
    assert maker is not None
    script = maker(cli, {}, "ilms-sdmx", _VARIABLE)
    click.echo(script.source())

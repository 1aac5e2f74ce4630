"""Completion with the Tab key: names of the study at hand; and PowerShell, beside the shells that click knows."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, ClassVar

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
)

from qualcode.cli._terminal import echo_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qualcode.study import Study

_KINDS = {
    ("code", None): "code",
    ("code", "CODE"): "code",
    ("to", "CODE"): "code",
    ("under", "CODE"): "code",
    ("into", "CODE"): "code",
    ("family", "CODE"): "code",
    ("accept_all", "CODE"): "code",
    ("words", "[FILE] CODE"): "code",
    ("coder", "NAME"): "coder",
    ("coders", "NAMES"): "coder",
    ("coders", "A,B"): "coder",
    ("transcript", "NAME"): "transcript",
    ("transcript", None): "transcript",
    ("old", None): "transcript",
    ("name", None): "transcript",
    ("case_id", "CASE"): "case",
    ("segment", "TRANSCRIPT:SEGMENT"): "segment",
    ("place", "TRANSCRIPT:SEGMENT"): "segment",
}
"""Of which parameters, by name and by what help calls their value, a study knows the values."""


class _Known(click.types.StringParamType):
    """A text of which the study at hand knows the likely values."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002  # click's signature
        """Return the values that go on from what is typed; none where there is no study, or one that cannot be read."""
        done, comma, rest = incomplete.rpartition(",")
        given = f"{done}{comma}"
        try:
            known = list(_list_names(ctx, self.kind))
        except Exception:  # noqa: BLE001  # whatever is wrong with a study, the shell must not show it here
            return []
        return [CompletionItem(given + one) for one in known if one.casefold().startswith(rest.casefold())]


def _list_names(ctx: click.Context, kind: str) -> Iterator[str]:
    from qualcode.study import find_study, open_study

    folder = ctx.params.get("folder") or ctx.params.get("study") or find_study()
    with open_study(folder) as study:
        yield from _NAMES[kind](study)


def _list_segments(study: Study) -> Iterable[str]:
    return (f"{one.id}:{segment.id}" for one in study.transcripts()[0] for segment in one.segments)


_NAMES = {
    "code": lambda study: [name for code in study.codebook.walk() for name in (code.id, study.codebook.path(code.id))],
    "coder": lambda study: study.coders(),
    "transcript": lambda study: [one.id for one in study.transcripts()[0]],
    "case": lambda study: [one.id for one in study.cases],
    "segment": _list_segments,
}


def teach(command: click.Command) -> None:
    """Let a command, and all below it, complete what a study knows."""
    for param in command.params:
        kind = _KINDS.get((str(param.name), param.metavar))
        if kind and isinstance(param.type, click.types.StringParamType):
            param.type = _Known(kind)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            teach(below)


class _Zsh(ZshComplete):
    """Zsh as a Mac has it: what defines completions is there only once it was asked for."""

    source_template = ZshComplete.source_template.replace(
        "    compdef ", "    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }\n    compdef "
    )


class _PowerShell(ShellComplete):
    """PowerShell, which click does not know."""

    name = "powershell"
    source_template: ClassVar[str] = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $line, $position)
    $env:%(complete_var)s = "powershell_complete"
    $env:COMP_WORDS = $line.ToString()
    $env:COMP_WORD = $word
    $before = [Console]::OutputEncoding
    [Console]::OutputEncoding = [Text.Encoding]::UTF8
    %(prog_name)s | ForEach-Object { [Management.Automation.CompletionResult]::new($_, $_, "ParameterValue", $_) }
    [Console]::OutputEncoding = $before
    Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_WORD
}
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is being typed, and that one."""
        words = os.environ.get("COMP_WORDS", "")
        try:
            parts = shlex.split(words, posix=False)  # a backslash is part of a path there
        except ValueError:  # an open quotation mark
            parts = words.split()
        incomplete = os.environ.get("COMP_WORD", "").strip("'\"")
        parts = [part.strip("'\"") for part in parts[1:]]
        return (parts[:-1] if incomplete and parts and parts[-1] == incomplete else parts), incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Return a value as a word of the shell."""
        value = str(item.value)
        return f"'{value.replace(chr(39), chr(39) * 2)}'" if " " in value else value


add_completion_class(_Zsh)
add_completion_class(_PowerShell)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
@click.pass_context
def completion(ctx: click.Context, /, shell: str) -> None:
    """Print what makes a shell complete commands, options, and the names of your study with the Tab key.

    \b
    Examples:
      qualcode completion powershell | Add-Content $PROFILE
      qualcode completion zsh >> ~/.zshrc
    """
    kind = get_completion_class(shell)
    if kind is not None:  # click has a class for each of these
        echo_data(kind(ctx.find_root().command, {}, "qualcode", "_QUALCODE_COMPLETE").source())

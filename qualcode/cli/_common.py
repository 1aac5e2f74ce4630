"""What the commands share: the door for errors, options, and printing results.

Data goes to standard output, words to standard error. Exit codes: 0 done, 1 cannot be done, 2 wrong usage, 3 done
with findings.
"""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import sys
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import asdict
from functools import wraps
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import click

from qualcode.cli._terminal import clean, echo, echo_data, echo_parts
from qualcode.cli._words import expand
from qualcode.errors import OutputError, QualcodeError, QueryError, unite_notes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from qualcode.columns import Column, FrameColumns
    from qualcode.errors import Problem
    from qualcode.model import Transcript

OutputFormat = Literal["table", "csv", "json"]


class Result(Protocol):
    """What can be printed either way, such as a :class:`qualcode.ThemeTable`."""

    @property
    def frame(self) -> pd.DataFrame:
        """The numbers."""

    @property
    def cells(self) -> Mapping[str, Sequence[object]]:
        """The numbers that a person looks at, by column."""

    @property
    def caption(self) -> str:
        """What they refer to."""


class Analysed(Protocol):
    """What an analysis gives, such as :class:`qualcode.Findings`."""

    @property
    def frame(self) -> pd.DataFrame:
        """The numbers."""

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at."""

    @property
    def sentence(self) -> str:
        """What they say."""


PATH = click.Path(readable=False, path_type=Path)
"""A path as given: whoever reads it says what is wrong with it, and goes on with the others."""


def expand_files(_context: click.Context, _parameter: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Expand patterns among files that were given, where the shell did not."""
    return expand(paths)


_NOT_OURS = {
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EFBIG", "EACCES", "EPERM", "EROFS", "EIO", "ENAMETOOLONG")
    if hasattr(errno, name)
}
"""What a disk or the rights on it do to a program: no room, no permission, no such medium."""

FINDINGS = 3
"""Exit code of a command that did its work and has something to tell."""


class _Failure(click.ClickException):
    """A :class:`QualcodeError` on its way to the user."""

    exit_code = 1

    def __init__(self, error: QualcodeError, *, is_for_program: bool = False) -> None:
        super().__init__(error.message)
        self.error, self.is_for_program = error, is_for_program

    def show(self, file: Any = None) -> None:  # noqa: ARG002  # click's signature
        if self.is_for_program:
            _tell_program(self.error)
            return
        head = f"{self.error.where}: {self.error.message}" if self.error.where else self.error.message
        _say(f"{click.style('Error:', fg='red', bold=True)} {clean(head)}")
        if isinstance(self.error, QueryError):  # its lines stand below each other and are not to be wrapped
            click.echo("\n".join(f"    {line}" for line in clean(self.error.picture).split("\n")), err=True)
        report_problems(self.error.problems)
        if self.error.hint:
            _say(f"{click.style('Try:', fg='cyan')} {clean(self.error.hint)}")


class _Misuse(click.UsageError):
    """A command that was typed wrong by a program."""

    def show(self, file: Any = None) -> None:  # noqa: ARG002  # click's signature
        hint = f"See: {self.ctx.command_path} --help" if self.ctx else ""
        _tell_program(QualcodeError(self.format_message(), hint=hint))


def _tell_program(error: QualcodeError) -> None:
    told = {
        "error": error.message,
        "where": error.where,
        "hint": error.hint,
        "problems": [asdict(problem) for problem in error.problems],
    }
    click.echo(json.dumps(told, ensure_ascii=False), err=True)


class Group(click.Group):
    """A group whose commands turn a :class:`QualcodeError` into readable lines, and honour ``NO_COLOR``."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line; a full disk and the like are no defects of ours, wherever they are met."""
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            if error.errno not in _NOT_OURS:
                raise
            if error.filename is None:  # it was standard output, to which Python would try to write again
                sys.stdout = io.StringIO()
            place = error.filename or "The results cannot be written"
            _say(f"{click.style('Error:', fg='red', bold=True)} {clean(str(place))}: {error.strerror}.")
            sys.exit(_Failure.exit_code)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; the one place where our errors become words."""
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        from qualcode.cli._progress import showing_progress

        try:
            with showing_progress() if ctx.parent is None else nullcontext():
                return super().invoke(ctx)
        except QualcodeError as error:
            raise _Failure(error, is_for_program=ctx.meta.get(_FORMAT_CHOSEN) == "json") from error
        except click.UsageError as error:
            if ctx.meta.get(_FORMAT_CHOSEN) != "json" or isinstance(error, _Misuse):
                raise
            raise _Misuse(error.format_message(), error.ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with its first sentence in full."""
        commands = [(name, self.commands[name]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str(limit=200)) for name, command in commands])


class Branching(click.Command):
    """A command that takes files, and is another one when its first word says so, as in ``saturation plan``."""

    def __init__(self, *args: Any, branches: Mapping[str, click.Command], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.branches = branches

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of the command, or of the branch."""
        if args and args[0] in self.branches:
            branch = self.branches[args[0]]
            return branch.make_context(f"{info_name} {args[0]}", args[1:], parent=parent, **extra)
        return super().make_context(info_name, args, parent=parent, **extra)


def say(message: str) -> None:
    """Print words for the person (not data) to standard error."""
    _say(clean(message))


def _say(styled: str) -> None:
    click.echo(_wrap(styled) if sys.stderr.isatty() else styled, err=True)


_WIDTH_ELSEWHERE = 160
_LINES_AT_ONCE = 10_000
_NARROWEST_TEXT = 24
_GAP = 2

_LEVEL_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def report_problems(problems: Iterable[Problem]) -> bool:
    """Print problems to standard error and tell whether any is more than a note."""
    found = False
    for problem in unite_notes(problems):
        found = found or problem.level != "note"
        level = click.style(problem.level, fg=_LEVEL_COLOURS[problem.level])
        place = f"{problem.where}: " if problem.where else ""
        _say(f"{clean(place)}{level}: {clean(problem.message)}")
        if problem.hint:
            say(f"    {problem.hint}")
    return found


def show_reading(transcripts: Sequence[Transcript]) -> None:
    """Print to standard error how transcripts were understood, as one table."""
    if transcripts:
        from qualcode.sources import tabulate_reading

        click.echo(clean(f"\n{tabulate_reading(transcripts)}\n"), err=True)


def finish(problems: Iterable[Problem]) -> None:
    """Print problems and end with 3 when any is more than a note."""
    if report_problems(problems):
        click.get_current_context().exit(FINDINGS)


_FORMAT_CHOSEN = "qualcode.format"


def _keep_format(context: click.Context, _option: click.Parameter, value: OutputFormat) -> OutputFormat:
    """Let what goes wrong later be told in the format that is read."""
    context.meta[_FORMAT_CHOSEN] = value
    return value


format_option = click.option(
    "--format",
    "output_format",
    callback=_keep_format,
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to print the result on standard output.",
)
"""For a command whose ``--out`` is something else than what it prints."""

_BOM = "\ufeff"
_FORMATS: dict[str, OutputFormat] = {".csv": "csv", ".json": "json"}
_OTHERS = frozenset({".xlsx", ".xls", ".ods", ".docx", ".doc", ".odt", ".pdf", ".html", ".htm", ".tsv", ".parquet"})
"""Endings of files in which a program would not find the table as text."""


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command print its result in several formats, or write what it would print to a file."""

    @wraps(command)
    def write(*given: Any, force: bool, **options: Any) -> Any:  # noqa: ARG001  # the file asks for it
        return command(*given, **options)

    force_option = click.option("--force", is_flag=True, help="Replace the file if it exists.")
    return format_option(out_option(force_option(write)))


def out_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command that has ``--format`` and ``--force`` write what it would print to a file."""

    @wraps(command)
    def print_or_write(*given: Any, table_file: Path | None, **options: Any) -> Any:
        if table_file is None:
            return command(*given, **options)
        options["output_format"] = _choose_format(table_file, options["output_format"])
        with _printing_to(table_file, is_csv=options["output_format"] == "csv", force=options["force"]):
            return command(*given, **options)

    return click.option(
        "--out",
        "table_file",
        type=PATH,
        metavar="FILE",
        help="Write the result to a file instead: .csv (for Excel, too), .json, or a table as text.",
    )(print_or_write)


def _choose_format(out: Path, given: OutputFormat) -> OutputFormat:
    """Return the format that is asked for, else that of the file's ending."""
    from click.core import ParameterSource

    is_chosen = click.get_current_context().get_parameter_source("output_format") != ParameterSource.DEFAULT
    if not is_chosen and out.suffix.lower() in _OTHERS:
        message = f"{out.name}: A table is written as .csv, which Excel opens, as .json, or as .txt."
        raise click.BadParameter(message, param_hint="'--out'")
    return given if is_chosen else _FORMATS.get(out.suffix.lower(), "table")


@contextmanager
def _printing_to(out: Path, *, is_csv: bool, force: bool) -> Iterator[None]:  # mirrors --force
    """Write to a file what is printed, unless that fails."""
    from qualcode.outputs import save

    if out.is_dir():
        raise OutputError("This is a folder, not a file.", str(out), "Name a file in it")
    if out.exists() and not force:
        raise OutputError("The file exists already.", str(out), "Add --force to replace it")
    ending: BaseException | None = None
    with redirect_stdout(io.StringIO()) as printed:
        try:
            yield
        except click.exceptions.Exit as left:
            if left.exit_code != FINDINGS:  # those are on standard error, and the result is here
                raise
            ending = left
    mark = _BOM if is_csv else ""  # without it, Excel takes UTF-8 for the system's own encoding
    say(f"Written: {save(out, (mark + printed.getvalue()).encode('utf-8', 'surrogatepass'))}")
    if ending is not None:
        raise ending


def name_options(names: Iterable[str]) -> str:
    """Return options of the present command, by the names of their values, as one writes them."""
    wanted = set(names)
    return ", ".join(one.opts[0] for one in click.get_current_context().command.params if one.name in wanted)


def print_frame(table: FrameColumns | pd.DataFrame, output_format: OutputFormat, *, shown: Sequence[str] = ()) -> None:
    """Print a table to standard output for people, as CSV, or as a JSON list of records.

    ``shown`` are the columns that people see; programs get all.
    """
    from qualcode.cells import list_columns, write_csv, write_json

    if output_format == "table":
        columns = list_columns(table, shown)
        _print_table(dict(columns), [name for name, column in columns if _holds_numbers(column)])
        return
    echo_parts(write_csv(table) if output_format == "csv" else write_json(table))
    if output_format == "json":
        echo_data("")


def _holds_numbers(column: Column) -> bool:
    """Tell whether a column has numbers, or nothing: then it stands to the right."""
    if isinstance(column, list):
        return bool(column) and all(value is None or type(value) in {int, float} for value in column)
    dtype = getattr(column, "dtype", None)
    return dtype is not None and dtype.kind in "iuf"


def print_rows(rows: Sequence[Mapping[str, object]], columns: Sequence[str] = ()) -> None:
    """Print records with the same keys to standard output as CSV, without loading pandas.

    ``columns`` are the keys that records have, for a table that may have no row and still has a header.
    """
    import csv
    import io

    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    echo_data(text.getvalue(), nl=False)


def print_result(result: Result, output_format: OutputFormat = "table") -> None:
    """Print a result with a text of its own for people, and its frame for programs."""
    if output_format != "table":
        print_frame(result.frame, output_format)
    elif sys.stdout.isatty():  # where lines that are too long would break into the next
        _print_table(result.cells, [name for name in result.cells if name != "name"])
        echo(f"\n{_wrap(result.caption)}")
    else:
        echo(str(result))


def print_analysis(result: Analysed, output_format: OutputFormat) -> None:
    """Print what an analysis gives: its table on standard output, and its sentence for people on standard error."""
    print_frame(result.shown if output_format == "table" else result.frame, output_format)
    say(f"\n{result.sentence}")


def save_figure(kind: str, result: Any, out: Path, *, force: bool) -> tuple[Problem, ...]:
    """Draw a result and save it; return what could not be shown as it is."""
    from qualcode.figures import draw
    from qualcode.running import save_chart

    chart = draw(kind, result)
    for path in save_chart(chart, out, force=force):
        say(f"Written: {path}")
    return chart.problems


def save_result(result: Any, out: Path, title: str, *, force: bool) -> None:
    """Write a result as a file of its own; one that is there already is replaced only when asked for."""
    from qualcode.reports import write_result

    if out.is_dir():
        raise OutputError("This is a folder, not a file.", str(out), "Name a file in it")
    if out.exists() and not force:
        raise OutputError("The file exists already.", str(out), "Add --force to replace it")
    say(f"Written: {write_result(result, out, title=title)}")


def _wrap(text: str) -> str:
    """Break lines at the edge of the screen between words; what belongs to an indented line is indented."""
    width = shutil.get_terminal_size().columns
    lines = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        lines.append(click.wrap_text(line, width, indent, indent) if len(click.unstyle(line)) > width else line)
    return "\n".join(lines)


def find_room() -> int:
    """Return how many columns of letters a table may take."""
    # In a file or a pipe there is no screen to fit; COLUMNS says how wide, else wide enough for any table but quotes.
    is_screen = sys.stdout.isatty() or bool(os.environ.get("COLUMNS"))
    return shutil.get_terminal_size().columns if is_screen else _WIDTH_ELSEWHERE


def _print_table(columns: Mapping[str, Column], numbers: Collection[str]) -> None:
    """Print columns as a table; ``numbers`` are those of numbers, also with a mark behind some of them."""
    from qualcode.cells import make_cells
    from qualcode.cli._tables import as_cell, lay_out

    room = find_room()
    cells = {name: make_cells(column, as_cell) for name, column in columns.items()}
    sizes = {name: max(map(len, [name, *column.names])) for name, column in cells.items()}
    widths = {name: size for name, size in sizes.items() if name in numbers}
    cut = _choose_cut(sizes, widths, room)
    heads = [name for name in cells if name not in cut]
    places = [place for place, name in enumerate(heads) if name in widths]
    lines = lay_out([clean(name) for name in heads], [cells[name] for name in heads], numbers=places, room=room)
    head = list(takewhile(bool, lines))
    click.echo("\n".join(click.style(line, bold=True) for line in head))  # cells are tame
    while block := list(islice(lines, _LINES_AT_ONCE)):
        click.echo("\n".join(block))
    if cut:
        say(f"Columns not shown, for lack of room: {', '.join(cut)}; a wider window or --format csv shows them.")


def _choose_cut(sizes: Mapping[str, int], numbers: Mapping[str, int], width: int) -> list[str]:
    """Return the last columns of numbers that have no room: half a number is worse than none, and so is no name."""
    wanted = [min(size, _NARROWEST_TEXT) for name, size in sizes.items() if name not in numbers]
    room = width - sum(wanted) - _GAP * (len(wanted) - 1)
    kept: list[str] = []
    for name, size in numbers.items():
        room -= size + _GAP
        if room < 0:
            break
        kept.append(name)
    return [name for name in numbers if name not in kept]

"""``qualcode pseudonyms`` and ``check-leaks``: names found, decided on and replaced, and looked for in what leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli._common import FINDINGS, PATH, Group, finish, format_option, report_problems, say, table_options
from qualcode.cli._leaks import expand, key_option, load_key, warn_of
from qualcode.cli._progress import showing_progress
from qualcode.cli._study import open_study, print_records, study_option
from qualcode.cli._terminal import clean, echo
from qualcode.errors import OutputError, QualcodeError
from qualcode.wording import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from qualcode.cli._common import OutputFormat
    from qualcode.cli._leaks import KnownKey
    from qualcode.errors import Problem
    from qualcode.model import Transcript
    from qualcode.pseudonyms import Candidate, Key, KeyEntry

_KEY_HELP = "The key: a CSV with real, kind, replacement, keep, outside of the study and of any git tree."
_key_option = click.option(
    "--key",
    "key_path",
    type=PATH,
    metavar="FILE",
    envvar="QUALCODE_KEY",
    callback=expand,
    help=f"{_KEY_HELP}  [default: QUALCODE_KEY]",
)
_needed_key = click.option(
    "--key",
    "key_path",
    type=PATH,
    metavar="FILE",
    envvar="QUALCODE_KEY",
    callback=expand,
    required=True,
    help=_KEY_HELP,
)


@click.group(cls=Group)
def pseudonyms() -> None:
    """Find names in transcripts, decide on each, and write copies without them.

    \b
    Example:
      qualcode pseudonyms find --study mystudy --out ~/keys/names.xlsx
    """


@pseudonyms.command()
@click.argument("inputs", nargs=-1, type=PATH, metavar="[TRANSCRIPTS]...")
@_key_option
@click.option("--out", type=PATH, metavar="FILE", callback=expand, help="Write a table to decide in: .csv or .xlsx.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@format_option
@study_option
def find(
    inputs: tuple[Path, ...],
    key_path: Path | None,
    out: Path | None,
    output_format: OutputFormat,
    folder: Path | None,
    *,
    force: bool,
) -> None:
    """List what may be a name, with a proposed replacement. Nothing is replaced.

    Names that are known come first: cases, speakers, files and the key. Then come people with titles, words with
    capitals inside sentences, numbers and addresses, places, schools and companies, and spellings one letter away.

    Decide in the table's column keep: no replaces a name, yes leaves it. Then: qualcode pseudonyms decide TABLE.

    \b
    Examples:
      qualcode pseudonyms find --study mystudy --out ~/keys/names.xlsx
      qualcode pseudonyms find transcripts_sample
    """
    from qualcode.pseudonyms import CANDIDATE_COLUMNS, write_candidates

    key, problems = load_key(key_path) if key_path is not None and key_path.exists() else (None, [])
    candidates = _find(inputs, key, folder)
    if out is not None:
        if out.exists() and not force:
            raise OutputError("The file exists already.", str(out), "Add --force to replace it")
        write_candidates(out, candidates)
        say(f"{plural(len(candidates), 'candidate')}: {out}. Fill its column keep: no to replace, yes to leave.")
    else:
        rows = [one.row for one in candidates]
        if output_format == "table":
            rows = [{**{name: one[name] for name in CANDIDATE_COLUMNS if name != "keep"}} for one in rows]
        print_records(rows, output_format, CANDIDATE_COLUMNS)
        say(f"\n{plural(len(candidates), 'candidate')}. Decide with: qualcode pseudonyms decide")
    finish(problems)


def _find(inputs: Sequence[Path], key: Key | None, folder: Path | None) -> list[Candidate]:
    """Return the candidates of transcripts, or of a study."""
    from qualcode.pseudonyms import Given, find_candidates
    from qualcode.study import find_names

    if not inputs:
        return find_names(open_study(folder), key)
    transcripts = _read(inputs)
    given = (
        Given(f"{one.id}:{part.id}", one.quote(part.span)) for one in transcripts for part in one.units("sentence")
    )
    return find_candidates(given, known=_list_known(transcripts), key=key)


def _list_known(transcripts: Iterable[Transcript]) -> dict[str, str]:
    """Return the names that files have, and the labels in them."""
    known: dict[str, str] = {}
    for one in transcripts:
        known |= dict.fromkeys(one.speakers, "the label of a speaker")
        known.setdefault(one.id, "the name of a file")
    return known


def _read(inputs: Sequence[Path]) -> Sequence[Transcript]:
    from qualcode.sources import read_transcripts

    transcripts, problems = read_transcripts(inputs)
    report_problems(problems)
    return transcripts


@pseudonyms.command()
@click.argument("table", required=False, type=PATH, metavar="[TABLE]")
@_needed_key
@click.option("--browser", "face", flag_value="browser", help="Decide in a page of your browser, by mouse and keys.")
@click.option("--port", type=click.IntRange(0, 65535), help="The page's port; 0 takes any.  [default: the study's own]")
@study_option
def decide(table: Path | None, key_path: Path, face: str | None, port: int | None, folder: Path | None) -> None:
    """Take decisions into the key: from a table of `find`, in your browser, or one by one in the terminal.

    With --browser, a page lists all candidates with their places. It is served on this machine alone, and keeps
    nothing. In the terminal, each candidate is shown with its places: press Enter to take the proposed replacement,
    or type another one. k keeps the name, s leaves it for later, q ends. Each answer is saved at once.

    \b
    Examples:
      qualcode pseudonyms decide ~/keys/names.xlsx --key ~/keys/key.csv
      qualcode pseudonyms decide --study mystudy --key ~/keys/key.csv --browser
      qualcode pseudonyms decide --study mystudy --key ~/keys/key.csv
    """
    from qualcode.pseudonyms import Key, read_key

    key = load_key(key_path)[0] if key_path.exists() else Key()
    if face is not None and table is not None:
        raise click.UsageError("Give a table, or --browser, not both.")
    if face is not None:
        _decide_in_browser(key_path, folder, port)
    elif table is None:
        _decide_one_by_one(key, key_path, folder)
    else:
        _take_table(key_path, table)
    finish(read_key(key_path).problems if key_path.exists() else ())


def _take_table(key_path: Path, table: Path) -> None:
    from qualcode.errors import TableError
    from qualcode.pseudonyms import changing_key, read_decisions, write_key

    rows, problems = read_decisions(table)
    errors = [one for one in problems if one.level == "error"]
    empty = [where for where, entry, is_decided in rows if is_decided and not entry.keep and not entry.replacement]
    errors += [_tell_empty(where) for where in empty]
    if errors:
        raise TableError("No decision was taken over.", str(table), "Repair the rows", problems=errors)
    decided = [entry for _, entry, is_decided in rows if is_decided]
    if not decided:
        hint = "Fill it: no replaces a name, yes leaves it"
        raise TableError("No row is decided: the column “keep” is empty.", str(table), hint)
    with changing_key(key_path) as key:
        write_key(key_path, key.add(decided))
    n_open = len(rows) - len(decided)
    said = f"{plural(len(decided), 'decision')} in {key_path}"
    echo(f"{said}; {plural(n_open, 'candidate')} undecided." if n_open else f"{said}.")


def _tell_empty(where: str) -> Problem:
    from qualcode.errors import Problem

    return Problem(where, "error", "undecided", "A name is to be replaced, and has no replacement.", "Write one")


def _decide_in_browser(key_path: Path, folder: Path | None, port: int | None) -> None:
    import webbrowser

    from qualcode.surface import NameSurface, serve

    surface = NameSurface(open_study(folder), key_path)
    serving = serve(surface, port=port)
    click.echo(serving.address)
    say("Nothing leaves this machine. End with Ctrl+C.")
    webbrowser.open(serving.opening)
    serving.run()
    surface.close()


def _decide_one_by_one(key: Key, key_path: Path, folder: Path | None) -> None:
    from qualcode.pseudonyms import changing_key, check_place, write_key
    from qualcode.study import find_names

    check_place(key_path)
    study = open_study(folder)
    candidates = find_names(study, key)
    say(f"{plural(len(candidates), 'candidate')}. Enter takes the proposal; or type another, k keep, s later, q quit.")
    for number, one in enumerate(candidates, start=1):
        where = f"; {', '.join(one.places[:3])}" if one.places else ""
        say(f"\n{number}/{len(candidates)}  {one.real}  ({one.kind}, {one.count} times; {one.why}{where})")
        for place in one.places[:2]:
            if ":" in place and " " not in place:
                name, segment = study.segment(place)
                say(f"    {shorten(study.transcript(name).quote(segment.span), 100)}")
        answer = click.prompt(
            f"  replace with (Enter: {clean(one.replacement)})", default=one.replacement, show_default=False, err=True
        ).strip()
        if answer == "q":
            return
        if answer != "s":
            with changing_key(key_path) as present:
                write_key(key_path, present.add([_answer(one, answer)]))


def _answer(candidate: Candidate, answer: str) -> KeyEntry:
    from qualcode.pseudonyms import KeyEntry

    if answer == "k":
        return KeyEntry(candidate.real, candidate.kind, "", keep=True)
    return KeyEntry(candidate.real, candidate.kind, answer)


@pseudonyms.command()
@_needed_key
@click.option("--show", is_flag=True, help="Show the real names.")
@format_option
def key(key_path: Path, output_format: OutputFormat, *, show: bool) -> None:
    """Show what the key holds, without the real names unless asked, and check it.

    \b
    Example:
      qualcode pseudonyms key --key ~/keys/key.csv
    """
    from qualcode.pseudonyms import COLUMNS

    found, problems = load_key(key_path)
    rows = [
        {
            **({"real": one.real} if show else {}), "kind": one.kind, "replacement": one.replacement,
            "keep": "yes" if one.keep else "no",
        }
        for one in found.entries
        if show or not one.keep
    ]  # fmt: skip
    print_records(rows, output_format, [one for one in COLUMNS if show or one != "real"])
    say(f"\n{len(found.replaced)} replaced, {len(found.kept)} kept.")
    finish(problems)


@pseudonyms.command()
@click.argument("inputs", nargs=-1, type=PATH, metavar="[TRANSCRIPTS]...")
@_needed_key
@click.option("--out", required=True, type=PATH, metavar="FOLDER", help="A new folder for the copy.")
@study_option
def apply(inputs: tuple[Path, ...], key_path: Path, out: Path, folder: Path | None) -> None:
    """Write a copy in which replacements stand for the names of the key. The study stays as it is.

    The copy of a study is a study: transcripts, codebook, cases, codings, notes, memos and names of files have the
    replacements, and every coding stands on its words. Originals, earlier versions, logs and recordings are left out.
    Of TRANSCRIPTS, texts are written. The copy is then looked through for names.

    \b
    Examples:
      qualcode pseudonyms apply --study mystudy --key ~/keys/key.csv --out mystudy-to-share
      qualcode pseudonyms apply transcripts --key ~/keys/key.csv --out transcripts-to-share
    """
    from qualcode.leaks import SMALLEST, LeakChecker

    found, problems = load_key(key_path, apart_from=out)
    counts, more = _apply(inputs, found, out, folder)
    told = ", ".join(f"{kind} {number}" for kind, number in sorted(counts.items())) or "none"
    echo(f"Replaced in transcripts: {told}.")
    with showing_progress() as progress:
        report = LeakChecker(found).check_paths([out], progress=progress)
    say(f"{report.sentence} Read the copy before you give it away: a check finds what it knows.")
    finish([*problems, *more, *report.problems, *_find_groups([out], None, SMALLEST), *warn_of(report.leaks)])


def _apply(
    inputs: Sequence[Path], found: Key, out: Path, folder: Path | None
) -> tuple[dict[str, int], Sequence[Problem]]:
    if inputs:
        from qualcode.pseudonyms import write_transcripts

        transcripts = _read(inputs)
        paths, counts, problems = write_transcripts(transcripts, found, out)
        say(f"{plural(len(paths), 'transcript')}: {out}")
        return counts, [*problems, *_tell_undecided(_list_known(transcripts), found)]
    from qualcode.study import list_known, write_pseudonymised

    study = open_study(folder)
    report = write_pseudonymised(study, found, out)
    say(f"{plural(report.n_transcripts, 'transcript')}, {plural(report.n_codings, 'coding')}: {out}")
    return dict(report.counts), [*report.problems, *_tell_undecided(list_known(study), found)]


def _tell_undecided(known: Mapping[str, str], found: Key) -> list[Problem]:
    """Return whether names of cases, speakers and files are not in the key: one of them may have been forgotten."""
    from qualcode.errors import Problem
    from qualcode.pseudonyms import find_candidates

    n_open = len(find_candidates([], known=known, key=found))
    if not n_open:
        return []
    message = f"The key has no decision on {plural(n_open, 'name')} of cases, speakers or files."
    hint = "List what is open with: qualcode pseudonyms find --key FILE"
    return [Problem("", "warning", "undecided", message, hint)]


@click.command("check-leaks")
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="PATH...")
@key_option
@click.option(
    "--cases",
    type=PATH,
    metavar="FILE",
    help="Table of cases to look for small groups in.  [default: cases.csv in PATH]",
)
@click.option("--smallest", type=click.IntRange(min=2), default=3, show_default=True, help="Cases a group should have.")
@click.option("--show", is_flag=True, help="Show the words that were found.")
@table_options
def check_leaks(
    paths: tuple[Path, ...],
    known: KnownKey | None,
    cases: Path | None,
    smallest: int,
    output_format: OutputFormat,
    *,
    show: bool,
) -> None:
    """Look for names of the key, and for addresses, phones and ids, in anything that is about to leave.

    It reads Word with properties, comments, headers and tracked changes, Excel with hidden sheets, HTML, PDF, SVG,
    metadata of pictures, CSV, JSON, SQLite, archives, and the history of git. What it cannot read is listed. It ends
    with 3 when it finds something, or cannot read a file. Small groups of cases are notes.

    \b
    Examples:
      qualcode check-leaks results --key ~/keys/key.csv
      qualcode check-leaks deposit.zip --key ~/keys/key.csv --format json
    """
    from qualcode.leaks import LeakChecker, describe
    from qualcode.pseudonyms import check_place

    if known is not None:
        for path in paths:
            check_place(known.path, apart_from=path)
    else:
        say("No key is known (--key FILE, or QUALCODE_KEY): only patterns are looked for.")
    with showing_progress() as progress:
        report = LeakChecker(known.key if known else None).check_paths(paths, progress=progress)
    words = "shown" if show else "hidden"
    if output_format == "table":
        for one in report.leaks:
            echo(describe(one, words=words))
    else:
        columns = ["path", "place", "kind", "rule", *(["text"] if show else [])]
        print_records([one.record(words=words) for one in report.leaks], output_format, columns)
    say(report.sentence)
    is_found = report_problems(
        [*(known.problems if known else ()), *report.problems, *_find_groups(paths, cases, smallest)]
    )
    if report.leaks or is_found:
        click.get_current_context().exit(FINDINGS)


def _find_groups(paths: Sequence[Path], cases: Path | None, smallest: int) -> list[Problem]:
    from qualcode.cases import read_cases
    from qualcode.leaks import tell_small_groups

    tables = [cases] if cases else [one for path in paths for one in _find_tables(path)]
    found: list[Problem] = []
    for one in tables:
        try:
            found += tell_small_groups(read_cases(one), str(one), at_least=smallest)
        except QualcodeError as error:
            found.append(error.as_problem("cases", where=str(one), level="error" if cases else "note"))
    return found


def _find_tables(path: Path) -> list[Path]:
    return sorted(path.rglob("cases.csv")) if path.is_dir() else [path] if path.name == "cases.csv" else []

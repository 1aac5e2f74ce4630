"""``qualcode code``: the page in which one reads and codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qualcode.cli._common import say
from qualcode.cli._study import finish_study, open_study, study_option, telling_new_coders
from qualcode.errors import StudyError
from qualcode.model import CONSENSUS_CODER, RULES_CODER

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.study import Study

_PATIENCE = 2.0
"""Seconds for which an act of a page waits for another program; it is tried again, and says so meanwhile."""


@click.command()
@click.argument("transcript", required=False)
@click.option("--coder", metavar="NAME", help="Who codes.  [default: the study's only coder]")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0 takes any.  [default: the study's own]")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--assigned", "only", flag_value="assigned", help="Only what was drawn for you by qualcode assign.")
@click.option(
    "--with-suggestions",
    "blind",
    flag_value="lifted",
    help="Show suggestions in the part drawn for double coding as well; the log then says that it was not blind.",
)
@study_option
def code(
    transcript: str | None,
    coder: str | None,
    port: int | None,
    only: str | None,
    blind: str | None,
    folder: Path | None,
    *,
    no_browser: bool,
) -> None:
    """Read transcripts and code them in your browser, by mouse and by keyboard; press ? there for the keys.

    The page is served by this command on this machine alone, and nothing is sent anywhere. Every act is on disk before
    the page shows it. The first line printed is the address; end with Ctrl+C.

    \b
    Examples:
      qualcode code --coder ana
      qualcode code --coder ana P07
      qualcode code --coder ana --assigned
      qualcode code --coder ana --no-browser --port 8765
    """
    import webbrowser

    from qualcode.surface import Surface, serve

    study = open_study(folder)
    study.patience = _PATIENCE
    coder = coder or _find_only_coder(study)
    start = study.transcript(transcript).id if transcript else ""
    with telling_new_coders(study):
        surface = Surface(study, coder, only=only or "all", blind=blind or "kept")  # type: ignore[arg-type]  # the flags' values
        serving = serve(surface, port=port, transcript=start)
        click.echo(serving.address)
        say("Nothing leaves this machine. End with Ctrl+C.")
        if not no_browser:
            webbrowser.open(serving.opening)
        serving.run()
        surface.close()
    finish_study(study)


def _find_only_coder(study: Study) -> str:
    """Return the coder of a study in which there is one, or who sits at the computer when there is none yet."""
    people = [name for name in study.coders() if name not in {RULES_CODER, CONSENSUS_CODER}]
    if len(people) > 1:
        raise StudyError("Say who codes.", hint=f"Add --coder with one of: {', '.join(people)}")
    return people[0] if people else study.who

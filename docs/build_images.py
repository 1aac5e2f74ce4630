"""Make every picture of README and docs anew from the sample study: ``python docs/build_images.py``.

The figures are those of `qualcode run`, made smaller; pages are photographed by a Chromium without a window.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

import qualcode
from qualcode.surface import Surface, render_pack, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from qualcode.study import Study

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
FIGURES = {"themes": 1200, "cases": 840, "codelines": 840, "cooccurrence": 840}
"""Width in pixels of each figure."""

PAGE = (1300, 1000)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
COLOURS = 128
CODING_PAGE = {"width": 1280, "height": 800}
READ = 12
"""Turns of the first transcript that both coders have read."""


def make_report(folder: Path) -> None:
    """Write the results of the sample study."""
    sample, codebook = ROOT / "transcripts_sample", ROOT / "codebooks" / "industry_partnership.yaml"
    command = [sys.executable, "-m", "qualcode", "run", str(sample), "--codebook", str(codebook), "--out", str(folder)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # a command of our own


def shrink(source: Path, name: str, width: int) -> None:
    """Save a picture in as many pixels across, and in few colours, which drawings and pages do not miss."""
    with Image.open(source) as picture:
        height = round(picture.height * width / picture.width)
        small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    # The usual method makes one of hues of which there is little, such as those of two themes.
    small.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        IMAGES / f"{name}.png", optimize=True
    )


def find_browser() -> str:
    """Return the path of a browser."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit(f"A browser is needed, one of: {', '.join(BROWSERS)}.")
    return found


def photograph(page: Path, picture: Path) -> None:
    """Take a picture of the top of a page."""
    browser = find_browser()
    with tempfile.TemporaryDirectory() as profile:
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--user-data-dir={profile}"]
        size = f"--window-size={PAGE[0]},{PAGE[1]}"
        command = [browser, *options, size, f"--screenshot={picture}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # a command of our own


def make_study(folder: Path) -> Study:
    """Return the sample study with the work of two coders on the first turns of its first transcript."""
    codebook = ROOT / "codebooks" / "industry_partnership.yaml"
    study = qualcode.create_study(folder, name="Industry partnerships", codebook=codebook, coders=["ana", "ben"])
    transcripts, _ = qualcode.read_transcripts(ROOT / "transcripts_sample")
    study.import_transcripts(transcripts, "transcripts_sample")
    study.tag()
    turns = [one for one in study.transcript("P1").units("turn") if not study.transcript("P1").is_interviewer(one)][
        :READ
    ]
    for coder, every in (("ana", 4), ("ben", 3)):
        study.mark_seen(coder, [f"P1:{turn.id}" for turn in turns])
        met: dict[tuple[str, str], int] = {}
        for turn in turns:
            for one in study.codings_in("rules", "P1", turn.span):
                if met.setdefault((turn.id, one.code), len(met)) % every:
                    study.decide(coder, f"P1:{turn.id}", one.code, "accept", span=one.span)
    study.memo(f"P1:{turns[1].id}", "What does she mean by “literally”? Irony.", author="ana")
    return study


@contextmanager
def serving(study: Study) -> Iterator[str]:
    """Serve the page of a coder, and tell its address."""
    surface = Surface(study, "ana")
    page = serve(surface)
    thread = threading.Thread(target=page.run)
    thread.start()
    try:
        yield page.address
    finally:
        page.stop()
        thread.join()
        surface.close()


def show_reading(page: Page) -> None:
    """Take a suggestion in hand."""
    page.locator("[data-segment=t004] .chip.suggested").first.click()


def show_suggestions(page: Page) -> None:
    """List the suggestions."""
    page.locator("[data-view=suggestions]").click()
    page.get_by_text("suggestions undecided").wait_for()


def show_comparison(page: Page) -> None:
    """Compare."""
    page.locator("[data-view=compare]").click()
    page.locator(".difference").first.wait_for()


def show_pack(page: Page) -> None:
    """Code a sentence in a pack."""
    page.locator("[role=article]:not(.asked):not(.aside) .talk").first.click(position={"x": 30, "y": 10})
    for key in ("v", "v", "2", "Escape"):
        page.keyboard.press(key)
        page.wait_for_timeout(300)


def photograph_coding(folder: Path) -> None:
    """Take the pictures of the page in which people code, and of a pack."""
    study = make_study(folder / "study")
    study.assign(["ana", "ben"], share=0.25, seed=7)
    pack = folder / "ben.html"
    pack.write_text(render_pack(study, "ben"), "utf-8")
    with sync_playwright() as play, serving(make_study(folder / "shown")) as address:
        browser = play.chromium.launch(executable_path=find_browser())
        for scheme, views in (
            ("light", {"coding": show_reading, "comparing": show_comparison}),
            ("dark", {"suggestions": show_suggestions}),
        ):
            page = browser.new_page(viewport=CODING_PAGE, color_scheme=scheme)
            page.goto(address)
            for name, show in views.items():
                show(page)
                page.wait_for_timeout(500)
                page.screenshot(path=folder / f"{name}.png")
                shrink(folder / f"{name}.png", name, CODING_PAGE["width"])
        page = browser.new_page(viewport=CODING_PAGE)
        page.goto(pack.as_uri())
        show_pack(page)
        page.screenshot(path=folder / "pack.png")
        shrink(folder / "pack.png", "pack", CODING_PAGE["width"])
        browser.close()


def main() -> None:
    """Make all pictures."""
    with tempfile.TemporaryDirectory() as place:
        results = Path(place) / "results"
        photograph_coding(Path(place))
        make_report(results)
        for name, width in FIGURES.items():
            shrink(results / "figures" / f"{name}.png", name, width)
        photograph(results / "report.html", Path(place) / "page.png")
        shrink(Path(place) / "page.png", "report", PAGE[0])


if __name__ == "__main__":
    main()

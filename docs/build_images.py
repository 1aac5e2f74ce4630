"""Make every picture of README and docs anew from the sample study: ``python docs/build_images.py``.

The figures are those of `qualcode run`, made smaller; the page is photographed by a Chromium without a window.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
FIGURES = {"themes": 1200, "cases": 840, "codelines": 840, "cooccurrence": 840}
"""Width in pixels of each figure."""

PAGE = (1300, 1000)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
COLOURS = 128


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
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def photograph(page: Path, picture: Path) -> None:
    """Take a picture of the top of a page."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"A browser is needed, one of: {', '.join(BROWSERS)}.")
    with tempfile.TemporaryDirectory() as profile:
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--user-data-dir={profile}"]
        size = f"--window-size={PAGE[0]},{PAGE[1]}"
        command = [browser, *options, size, f"--screenshot={picture}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # a command of our own


def main() -> None:
    """Make all pictures."""
    with tempfile.TemporaryDirectory() as place:
        results = Path(place) / "results"
        make_report(results)
        for name, width in FIGURES.items():
            shrink(results / "figures" / f"{name}.png", name, width)
        photograph(results / "report.html", Path(place) / "page.png")
        shrink(Path(place) / "page.png", "report", PAGE[0])


if __name__ == "__main__":
    main()

"""Build the documentation as a site in ``docs/_site``, with warnings as errors: ``python docs/build_site.py``.

It needs ``pip install "qualcode[docs]"``. The pages work from the disk, without a server or a network.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
SITE = DOCS / "_site"
MADE = tuple(DOCS / name for name in ("_build", "api", "jupyter_execute"))
START = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>qualcode</title>
<meta http-equiv="refresh" content="0; url=docs/index.html">
"""


def main() -> int:
    """Build every page anew; return what Sphinx says of it: 0 when nothing is wrong."""
    from sphinx.cmd.build import main as build

    for folder in (SITE, *MADE):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        failed = build(["-q", "-W", "--keep-going", "-c", str(DOCS), "-d", str(MADE[0]), str(DOCS.parent), str(SITE)])
    finally:
        for folder in MADE:
            shutil.rmtree(folder, ignore_errors=True)
    (SITE / "index.html").write_text(START, "utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main())

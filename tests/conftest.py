"""Small inputs that many tests build on, and where the development data lies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable

os.environ["QUALCODE_CACHE"] = "off"  # tests neither read nor write the user's own

# No time is asserted. What decides whether a change lands draws the same examples each time; by hand, new ones.
settings.register_profile("qualcode", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("qualcode")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture
def sample_folder() -> Path:
    """The sample study's transcripts."""
    return ROOT / "transcripts_sample"


@pytest.fixture
def sample_codebook() -> Path:
    """The sample study's codebook."""
    return ROOT / "codebooks" / "industry_partnership.yaml"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Give a function that writes a UTF-8 file under the test's own folder and returns its path."""

    def write_file(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
        return path

    return write_file

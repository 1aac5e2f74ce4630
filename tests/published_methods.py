"""The published cases of methods by their names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "published" / "methods.json"
CASES: dict[str, Any] = {case["id"]: case for case in json.loads(_FILE.read_text("utf-8"))}

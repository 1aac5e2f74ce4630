"""Execute the notebooks and keep what they print, or check with ``--check`` that what they keep is what they print.

Times and the version of Python are not kept, and how figures and tables are drawn is not compared.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


def execute(path: Path) -> nbformat.NotebookNode:
    """Return a notebook with what its cells print, without what changes from run to run."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": os.fspath(path.parent)}})
    client.execute()
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            output.pop("metadata", None)
            if output.output_type in {"display_data", "execute_result"}:
                output.metadata = {}
    return notebook


def compared(notebook: Any) -> list[str]:
    """Return what two runs have in common, cell by cell: the words of cells and outputs, but not how they are drawn."""
    found = []
    for cell in notebook["cells"]:
        outputs = cell.get("outputs", ())
        texts = [str(output.get("data", {}).get("text/plain", output.get("text", ""))) for output in outputs]
        found.append(" ".join(" ".join([cell["source"], *texts]).split()))
    return found


def main() -> int:
    """Write the notebooks, or return 1 if what one of them keeps is out of date."""
    stale = []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        made = execute(path)
        if "--check" not in sys.argv[1:]:
            nbformat.write(made, path)
        elif compared(made) != compared(nbformat.read(path, as_version=4)):
            stale.append(path.name)
    if stale:
        print(f"Out of date: {', '.join(stale)}. Run: python docs/build_notebooks.py", file=sys.stderr)
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())

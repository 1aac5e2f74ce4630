"""The codebook: codes in a tree, their definitions, examples and rules, read from YAML that a researcher writes.

Every mistake in a file is found in one go and told with file, line, column and the likely repair.
"""

from __future__ import annotations

from typing import Any

from qualcode.codebook.reading import parse_codebook, read_codebook
from qualcode.codebook.tree import Code, Codebook, Example, Rule, Term

__all__ = ["Code", "Codebook", "Example", "Rule", "Term", "codebook_schema", "parse_codebook", "read_codebook"]


def codebook_schema() -> dict[str, Any]:
    """Return the JSON Schema of a codebook file, for editors that complete and check as one types."""
    from qualcode.codebook.shapes import make_schema

    return make_schema()

"""The codebook: codes in a tree, their definitions, examples and rules, read from YAML that a researcher writes.

Every mistake in a file is found in one go and told with file, line, column and the likely repair.
"""

from __future__ import annotations

from qualcode.codebook.reading import parse_codebook, read_codebook
from qualcode.codebook.shapes import codebook_schema
from qualcode.codebook.tree import Code, Codebook, Example, Rule, Term

__all__ = ["Code", "Codebook", "Example", "Rule", "Term", "codebook_schema", "parse_codebook", "read_codebook"]

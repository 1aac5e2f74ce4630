"""The codebook: codes in a tree, their definitions, examples and rules, read from YAML that a researcher writes.

Every mistake in a file is found in one go and told with file, line, column and the likely repair. Changes leave every
other character of the file where it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qualcode.codebook.nodes import Node, parse_nodes
from qualcode.codebook.reading import parse_codebook, read_codebook
from qualcode.codebook.regexes import compile_regex
from qualcode.codebook.tree import KINDS, Code, Codebook, Example, Negation, Rule, RuleKind, Term, Window, make_id
from qualcode.doors import open_lazily

if TYPE_CHECKING:
    from qualcode.codebook.comparing import CodeChange, compare_codebooks
    from qualcode.codebook.editing import (
        Edit,
        add_code,
        add_example,
        edit_code,
        merge_codes,
        move_code,
        read_text,
        rename_code,
        retire_code,
        split_code,
        write_edit,
    )
    from qualcode.codebook.rewording import reword_codebook
    from qualcode.codebook.writing import add_codes, encode_codebook

__all__ = [
    "KINDS",
    "Code",
    "CodeChange",
    "Codebook",
    "Edit",
    "Example",
    "Negation",
    "Node",
    "Rule",
    "RuleKind",
    "Term",
    "Window",
    "add_code",
    "add_codes",
    "add_example",
    "codebook_schema",
    "compare_codebooks",
    "compile_regex",
    "edit_code",
    "encode_codebook",
    "make_id",
    "merge_codes",
    "move_code",
    "parse_codebook",
    "parse_nodes",
    "read_codebook",
    "read_text",
    "rename_code",
    "retire_code",
    "reword_codebook",
    "split_code",
    "write_edit",
]

_EDITING = (
    "Edit",
    "add_code",
    "add_example",
    "edit_code",
    "merge_codes",
    "move_code",
    "read_text",
    "rename_code",
    "retire_code",
    "split_code",
    "write_edit",
)
__getattr__ = open_lazily(
    __name__,
    dict.fromkeys(_EDITING, "editing")
    | dict.fromkeys(("CodeChange", "compare_codebooks"), "comparing")
    | dict.fromkeys(("add_codes", "encode_codebook"), "writing")
    | {"reword_codebook": "rewording"},
)


def codebook_schema() -> dict[str, Any]:
    """Return the JSON Schema of a codebook file, for editors that complete and check as one types."""
    from qualcode.codebook.shapes import make_schema

    return make_schema()

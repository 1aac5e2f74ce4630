"""What a person reads follows one style: quotation marks and full stops of messages, plain words, short sentences."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from qualcode import errors
from qualcode.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "qualcode").rglob("*.py"))
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "transcripts_sample" / "README.md",
    *(ROOT / f"{name}.md" for name in ("CONTRIBUTING", "SECURITY", "CODE_OF_CONDUCT")),
    *(
        page
        for page in sorted((ROOT / "docs").rglob("*.md"))
        if page.stem not in {"reference", "architecture", "validation", "api"}
    ),
]
PARAMETERS = {
    "Problem": ["where", "level", "rule", "message", "hint"],
    **{
        name: ["message", "where", "hint"]
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, errors.QualcodeError)
    },
}
BANNED = (
    "nobody",
    "somebody",
    "whom",
    "thereby",
    "any more",
    "parted by",
    "one stands",
    "stands in",
    "is told",
    "are told",
    r"(?<!here )is no(?! longer)(?! one)",
    "brought in",
    "taken back",
    "anew",
)
LONGEST_SENTENCE = 25

Literal = ast.Constant | ast.JoinedStr


def literals(node: ast.expr) -> Iterator[Literal]:
    """Yield the texts that an expression may come to, as far as they are written in it."""
    match node:
        case ast.IfExp():
            yield from literals(node.body)
            yield from literals(node.orelse)
        case ast.BoolOp():
            for value in node.values:
                yield from literals(value)
        case ast.BinOp(op=ast.Add()):
            yield from literals(node.right)
        case ast.JoinedStr():
            yield node
        case ast.Constant(value=str(text)) if text:
            yield node


def words(node: Literal) -> str:
    """Return a text as written, with the source of each value in braces."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"  # type: ignore[attr-defined]
        for part in node.values
    )


def parameters_of(tree: ast.Module) -> dict[str, list[str]]:
    """Return the names of parameters of the errors, and of a file's own functions that take a message or a hint."""
    found = dict(PARAMETERS)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [one.arg for one in node.args.args if one.arg not in {"self", "cls"}]
            if "hint" in names:
                found[node.name] = names
    return found


def spoken() -> Iterator[tuple[str, str, Literal]]:
    """Yield place, kind (``message`` or ``hint``) and literal of all that errors and problems say."""
    for source in SOURCES:
        tree = ast.parse(source.read_text("utf-8"))
        parameters = parameters_of(tree)
        for node in ast.walk(tree):
            pairs: list[tuple[str, ast.expr]] = []
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in parameters:
                    pairs = [*zip(parameters[name], node.args, strict=False)]
                    pairs += [(one.arg or "", one.value) for one in node.keywords]
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                pairs = [(node.targets[0].id, node.value)]
            for kind, value in pairs:
                if kind in {"message", "hint"}:
                    for literal in literals(value):
                        yield f"{source.relative_to(ROOT)}:{literal.lineno}", kind, literal


SPOKEN = [*spoken()]


def test_all_that_is_said_is_found() -> None:
    kinds = Counter(kind for _, kind, _ in SPOKEN)
    assert kinds["message"] > 400
    assert kinds["hint"] > 350


def test_a_message_ends_with_a_full_stop_and_a_hint_without() -> None:
    wrong = []
    for place, kind, literal in SPOKEN:
        text = words(literal)
        is_other = text.endswith(("message}", "hint}"))  # which says so itself
        is_right = text.endswith((".", "?", "…")) or is_other if kind == "message" else not text.endswith(".")
        if not is_right and not text.endswith("..."):
            wrong.append(f"{place} {kind}: {text}")
    assert wrong == []


def test_values_stand_in_typographic_quotation_marks() -> None:
    wrong = []
    for place, _, literal in SPOKEN:
        text = words(literal)
        is_shown_raw = isinstance(literal, ast.JoinedStr) and any(
            isinstance(part, ast.FormattedValue) and part.conversion == ord("r") for part in literal.values
        )
        if is_shown_raw or re.search(r"['\"‘]\{[^{}]*\}['\"’]", text):
            wrong.append(f"{place}: {text}")
    assert wrong == []


def has_word(word: str, text: str) -> bool:
    """Return whether a text has a word, in any case."""
    return re.search(rf"\b(?:{word})\b", text, re.IGNORECASE) is not None


def commands(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    """Yield all help texts below a command, with their place."""
    yield name, command.help or ""
    for option in command.params:
        yield f"{name} {option.name}", getattr(option, "help", None) or ""
    if isinstance(command, click.Group):
        for key, one in command.commands.items():
            yield from commands(one, f"{name} {key}")


def test_messages_and_help_use_plain_words() -> None:
    said = [(place, words(literal)) for place, _, literal in SPOKEN]
    texts = [*said, *commands(cli, "qualcode")]
    wrong = [
        f"{place}: {word}: {text}"
        for place, text in texts
        for word in BANNED
        if has_word(word, re.sub(r"\{[^{}]*\}", "", text))
    ]
    assert wrong == []


def prose(page: Path) -> Iterator[str]:
    """Yield the paragraphs and items of a page, without code, tables, headings and addresses."""
    text = re.sub(r"^```.*?^```$|<!--.*?-->", "\n\n", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for block in re.split(r"\n\s*\n|\n(?=[-*] |\d+\. |\||#)", text):
        if not block.lstrip().startswith(("|", "#", "![", ">")):
            yield re.sub(r"`[^`]*`", "code", re.sub(r"\]\([^)]*\)", "]", " ".join(block.split())))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_pages_have_short_sentences_of_plain_words(page: Path) -> None:
    blocks = [*prose(page)]
    long = [
        sentence
        for block in blocks
        for sentence in re.split(r"(?<=[.!?:;])[*\"”)]*\s+", block)
        if len(re.findall(r"[\w'’-]+", sentence)) > LONGEST_SENTENCE
    ]
    assert long == []
    wrong = [
        (word, block) for block in blocks for word in BANNED if re.search(rf"\b(?:{word})\b", block, re.IGNORECASE)
    ]
    assert wrong == []


NAMES = ("Comparison", "Block", "Place", "Change", "Columns")


def test_a_name_means_one_thing() -> None:
    """The names that meant two things each are defined once, and no two packages export one name for two things."""
    defined = Counter(
        node.name
        for source in SOURCES
        for node in ast.parse(source.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name in NAMES
    )
    assert {name: n for name, n in defined.items() if n > 1} == {}


def test_the_rules_of_this_page_see_what_is_wrong() -> None:
    tree: Any = ast.parse('raise StudyError(f"\'{name}\' is missing", hint="Add it.")')
    call = tree.body[0].exc
    [message], [hint] = [*literals(call.args[0])], [*literals(call.keywords[0].value)]
    assert words(message) == "'{name}' is missing"
    assert re.search(r"['\"‘]\{[^{}]*\}['\"’]", words(message))
    assert words(hint).endswith(".")

"""What a matcher takes: a column of texts, or such a column made into arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, overload

from qualcode.language import LIKE_ACCENT, normalize, normalize_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    import numpy.typing as npt

    from qualcode.language import NormalText
    from qualcode.matching.vocabulary import Ints

    Positions = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]


class Places(NamedTuple):
    """Where stretches of tokens lie: text, and start and end in code points of it."""

    text: Positions
    start: Positions
    end: Positions


class Chunk(Protocol):
    """Some texts as one array of token numbers, with ``BREAK`` before, between and after them."""

    tokens: Ints

    def find_few(self, is_wanted: Flags) -> Positions | None:
        """Return where tokens stand, given which numbers are wanted; nothing if they are many or it takes as long."""
        ...

    def locate(self, firsts: Positions, lasts: Positions) -> Places:
        """Return where the stretches from a first to a last token lie."""
        ...


@dataclass(frozen=True, slots=True)
class EncodedTexts:
    """Texts ready to be searched again and again; see :func:`qualcode.matching.encode`.

    Attributes
    ----------
    texts
        In normal form.
    moved
        By number those of which a character stands elsewhere than it stood.
    """

    texts: Sequence[str]
    moved: Mapping[int, NormalText]
    blocks: tuple[Chunk, ...]
    language: str
    model: str | None

    def __len__(self) -> int:
        return len(self.texts)


class CutText(Sequence[str]):
    """Stretches of one text as a column of texts, each of which is cut out when somebody asks for it.

    Parameters
    ----------
    text
        The whole text.
    starts, ends
        Of the stretches: ascending, not empty, and apart.
    """

    def __init__(self, text: str, starts: Positions, ends: Positions) -> None:
        self.text, self.starts, self.ends = text, starts, ends

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> CutText: ...

    def __getitem__(self, at: int | slice) -> str | CutText:
        if isinstance(at, slice):
            return CutText(self.text, self.starts[at], self.ends[at])
        return self.text[self.starts[at] : self.ends[at]]

    def __iter__(self) -> Iterator[str]:
        text = self.text
        return (text[start:end] for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True))


def normalize_texts(texts: Sequence[str]) -> tuple[Sequence[str], dict[int, NormalText]]:
    """Return texts in normal form, as :func:`qualcode.language.normalize_all` does; stretches of a text all at once.

    What stands before a stretch decides about no more than an accent with which it begins.
    """
    if not isinstance(texts, CutText):
        return normalize_all(texts)
    text = texts.text
    normal = normalize(text)
    accents = {sign for sign in LIKE_ACCENT if sign in text}
    if normal.starts is not None or (
        accents and any(text[at] in accents and at and not text[at - 1].isspace() for at in texts.starts.tolist())
    ):
        return normalize_all(list(texts))
    return CutText(normal.text, texts.starts, texts.ends), {}


def list_texts(texts: Iterable[str]) -> Sequence[str]:
    """Return a column of texts as a list; a list or tuple as it is.

    Parameters
    ----------
    texts
        A list, a tuple, a pandas Series, an array of numpy or pyarrow, a generator …

    Raises
    ------
    TypeError
        If it is a single text or no column, or if a value is no text.
    """
    if isinstance(texts, CutText):
        return texts
    if isinstance(texts, (str, bytes)):
        raise TypeError("`texts` is a list of texts; for a single one, write [text]")
    if isinstance(texts, Mapping) or getattr(texts, "ndim", 1) != 1:
        raise TypeError(
            f"`texts` is a list or a column of texts, not a {type(texts).__name__}; of a table, give one column: "
            'frame["text"]'
        )
    if not isinstance(texts, (list, tuple)):
        texts = texts.to_pylist() if hasattr(texts, "to_pylist") else list(texts)
    if not all(issubclass(kind, str) for kind in set(map(type, texts))):
        number, value = next((number, text) for number, text in enumerate(texts) if not isinstance(text, str))
        raise TypeError(
            f"`texts` holds {value!r} at position {number}, which is not text; put an empty text where one is missing, "
            'with pandas: series.fillna("")'
        )
    return texts

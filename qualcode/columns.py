"""Tables as columns of numpy, of which a frame of pandas is made when somebody asks for it.

Counting takes columns as they are. To load pandas takes longer than to read, tag and count a small study.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Numbers = NDArray[Any]
    Column: TypeAlias = "Numbers | Texts | Sequence[Any]"
    """A column as it is held; as values row by row where they are neither numbers nor texts."""


class Texts(NamedTuple):
    """A column of texts.

    Attributes
    ----------
    names
        The different texts, as a column of pyarrow where they are many; one may stand there twice.
    numbers
        The place of each row's among them.
    order
        All texts that may occur, in their order, where the column is one of ordered categories.
    """

    names: Sequence[str] | pa.Array
    numbers: NDArray[np.integer[Any]]
    order: Sequence[str] | None = None

    def tolist(self) -> list[str]:
        """Return the text of each row."""
        names: Any = self.names
        if not hasattr(names, "to_pylist"):
            return [names[number] for number in self.numbers.tolist()]
        from qualcode.text_columns import to_column

        rows: list[str] = names.take(to_column(self.numbers)).to_pylist()
        return rows


class FrameColumns:
    """Columns of one length by their names.

    Parameters
    ----------
    columns
        Numbers and truth values as arrays, texts as :class:`Texts`; or what makes texts when somebody asks for them.
    """

    def __init__(self, columns: Mapping[str, Numbers | Texts | Callable[[], Texts]]) -> None:
        self._columns = {name: _keep(column) for name, column in columns.items()}

    @classmethod
    def of(cls, frame: pd.DataFrame) -> FrameColumns:
        """Return the columns of a frame, which stays the frame of them."""
        made = _OfFrame({})
        made.__dict__["frame"] = frame
        return made

    def __len__(self) -> int:
        first = self.column(next(iter(self._columns)))
        return len(first.numbers if isinstance(first, Texts) else first)

    def items(self) -> list[tuple[str, Column]]:
        """Return the columns as they are held, with their names."""
        return [(name, self.column(name)) for name in self._columns]

    def column(self, name: str) -> Numbers | Texts:
        """Return a column as it is held."""
        column = self._columns[name]
        if callable(column):
            column = self._columns[name] = _keep(column())
        return column

    def text_column(self, name: str) -> Texts:
        """Return a column of texts as it is held."""
        column = self.column(name)
        if not isinstance(column, Texts):
            raise TypeError(f"“{name}” is no column of texts")
        return column

    def __getitem__(self, name: str) -> Numbers:
        """Return a column of numbers or truth values."""
        column = self.column(name)
        if isinstance(column, Texts):
            raise TypeError(f"“{name}” is a column of texts")
        return column

    def texts(self, name: str) -> list[str]:
        """Return a column of texts, or any other as text."""
        column = self.column(name)
        return column.tolist() if isinstance(column, Texts) else list(map(str, column.tolist()))

    def factorize(self, name: str) -> tuple[Integers, int]:
        """Return a number for each row of a column of texts, the same for the same text, and how many there are."""
        column = self.text_column(name)
        numbers = _number_alike(column.names)[column.numbers]
        is_used = np.zeros(len(column.names), dtype=bool)
        is_used[numbers] = True
        return (np.cumsum(is_used) - 1)[numbers], int(is_used.sum())

    def find(self, name: str, numbers: Mapping[str, int]) -> Integers:
        """Return the number that each row of a column of texts has by its text, -1 where there is none."""
        column = self.text_column(name)
        names = Texts(column.names, np.arange(len(column.names), dtype=np.int64)).tolist()
        found: Integers = np.array([numbers.get(text, -1) for text in names], dtype=np.int64)[column.numbers]
        return found

    def indices(self, name: str) -> dict[str, Integers]:
        """Return the rows of each text of a column, ascending."""
        column = self.text_column(name)
        places: dict[str, int] = {}
        place = np.array([places.setdefault(text, len(places)) for text in column.names], dtype=np.int64)
        numbers = place[column.numbers]
        order = np.argsort(numbers, kind="stable")
        edges = np.searchsorted(numbers[order], np.arange(len(places) + 1)).tolist()
        return {text: order[first:last] for text, first, last in zip(places, edges, edges[1:], strict=False)}

    def beside(self, columns: Mapping[str, Numbers | Texts]) -> FrameColumns:
        """Return these columns and others behind them."""
        return FrameColumns({**self._share(*self._columns), **columns})

    def take(self, *names: str) -> FrameColumns:
        """Return some of the columns."""
        return FrameColumns(self._share(*names))

    def rows(self, numbers: Integers) -> FrameColumns:
        """Return some of the rows."""
        return FrameColumns({name: self._take_rows(name, numbers) for name in self._columns})

    def _share(self, *names: str) -> dict[str, Numbers | Texts | Callable[[], Texts]]:
        """Return columns for other tables; what is still to be made is made once for all of them."""
        columns = {name: self._columns[name] for name in names}
        return {name: partial(self.text_column, name) if callable(one) else one for name, one in columns.items()}

    def _take_rows(self, name: str, numbers: Integers) -> Numbers | Texts | Callable[[], Texts]:
        column = self._columns[name]
        if callable(column):
            return lambda: _rows_of(self.text_column(name), numbers)
        return _rows_of(column, numbers) if isinstance(column, Texts) else column[numbers]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The columns as a frame."""
        import pandas as pd

        columns = {name: _lay_out(column) if isinstance(column, Texts) else column for name, column in self.items()}
        return pd.DataFrame(columns, copy=False)


_Held = TypeVar("_Held", "Numbers", "Texts", "Numbers | Texts", "Numbers | Texts | Callable[[], Texts]")


def _keep(column: _Held) -> _Held:
    """Return a column as it is kept; there are fewer texts than 2³¹, and their places are most that a table takes."""
    if isinstance(column, Texts):
        return column._replace(numbers=column.numbers.astype(np.int32, copy=False))
    return column


def _rows_of(column: Texts, numbers: Integers) -> Texts:
    return column._replace(numbers=column.numbers[numbers])


def _number_alike(names: Sequence[str] | pa.Array) -> Integers:
    """Return a number for each text, the same for the same text, in the order in which they come first."""
    if hasattr(names, "dictionary_encode"):
        from qualcode.text_columns import to_numbers

        return to_numbers(names.dictionary_encode().indices).astype(np.int64)
    first = {text: at for at, text in reversed(list(enumerate(names)))}
    return np.array([first[text] for text in names], dtype=np.int64)


class _OfFrame(FrameColumns):
    """Columns of a frame that is there already."""

    def __len__(self) -> int:
        return len(self.frame)

    def __getitem__(self, name: str) -> Numbers:
        column: Numbers = self.frame[name].to_numpy()
        return column

    def items(self) -> list[tuple[str, Column]]:
        return [(str(name), _hold(column)) for name, column in self.frame.items()]

    def column(self, name: str) -> Numbers | Texts:
        import pandas as pd

        column = self.frame[name]
        if pd.api.types.is_numeric_dtype(column) and isinstance(column.dtype, np.dtype):
            return self[name]
        numbers, names = pd.factorize(column)  # what is missing has -1
        return Texts([*map(str, names.tolist()), ""], np.where(numbers < 0, len(names), numbers))

    def rows(self, numbers: Integers) -> FrameColumns:
        return FrameColumns.of(self.frame.iloc[numbers].reset_index(drop=True))

    def take(self, *names: str) -> FrameColumns:
        return FrameColumns.of(self.frame[list(names)])

    def beside(self, columns: Mapping[str, Numbers | Texts]) -> FrameColumns:
        return FrameColumns({**{str(name): self.column(str(name)) for name in self.frame}, **columns})

    def texts(self, name: str) -> list[str]:
        return list(map(str, self.frame[name].tolist()))

    def factorize(self, name: str) -> tuple[Integers, int]:
        import pandas as pd

        codes, names = pd.factorize(self.frame[name])
        return codes.astype(np.int64), len(names)


def _hold(column: pd.Series[Any]) -> Column:
    """Return a column of a frame: of texts, numbers and truth values as columns, of anything else the values."""
    import pandas as pd

    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
        return column.to_numpy()
    if isinstance(column.dtype, (pd.StringDtype, pd.CategoricalDtype)):
        numbers, names = pd.factorize(column)  # what is missing has -1
        return Texts([*names.tolist(), None], np.where(numbers < 0, len(names), numbers))
    return column.astype(object).where(column.notna(), None).tolist()


def _lay_out(column: Texts) -> pd.Series[str] | pd.Categorical:
    if column.order is None:
        return take_text(column.names, column.numbers)
    import pandas as pd

    names = in_order(column.names, column.order)
    return pd.Categorical.from_codes(names.codes[column.numbers], dtype=names.dtype)


def in_order(values: Iterable[str], order: Iterable[str]) -> pd.Categorical:
    """Return texts as an ordered categorical: ``order`` has every text that may occur, those that do not included.

    Examples
    --------
    >>> in_order(["b", "a"], ["b", "a", "c"]).max()
    'a'
    """
    import pandas as pd

    return pd.Categorical(list(values), pd.Index(list(dict.fromkeys(order)), dtype="str"), ordered=True)


def take_text(names: Sequence[str] | pa.Array, numbers: NDArray[np.integer[Any]]) -> pd.Series[str]:
    """Return a column of text, given the different texts and the place of each row's among them."""
    import pandas as pd

    texts = names.to_pandas() if hasattr(names, "to_pandas") else names
    return pd.Series(texts, dtype="str").take(numbers).reset_index(drop=True)


def each_its_own(texts: Sequence[str], order: Sequence[str] | None = None) -> Texts:
    """Return texts that are given row by row as a column, of ordered categories where an order is given."""
    return Texts(texts, np.arange(len(texts), dtype=np.int64), order)


def distinct(numbers: Integers) -> Integers:
    """Return the different numbers, ascending; unlike ``numpy.unique``, it does not load the arrays that are masked."""
    ordered = np.sort(numbers)
    is_new = np.ones(len(ordered), dtype=bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_new]

"""What the columns of other programs' tables hold, told by their names."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from qualcode.errors import AgreementError
from qualcode.wording import join, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONG = ("unit", "coder", "value")
"""The columns of the long form."""

SPANS = ("coder", "start", "end", "value")
"""The columns of a file of passages."""

# As MAXQDA, ATLAS.ti, NVivo, Dedoose, Taguette, INCEpTION, Label Studio, doccano and Prodigy name them, some of them in
# the language of their user; all in small letters, with blanks between words. A program's own name comes first.
_NAMES = {
    "unit": (
        "unit", "units", "unit id", "item", "item id", "segment id", "task", "task id", "excerpt id", "excerpt",
        "quotation id", "quotation", "example id", "example", "text id", "sentence id", "passage id", "instance",
        "instance id", "input hash", "id", "segment", "einheit", "element", "unité", "unidad", "unità", "eenheid",
    ),
    "coder": (
        "coder", "annotator", "annotator id", "coded by", "coder id", "rater", "judge", "user", "username", "user name",
        "annotated by", "created by", "creating user", "excerpt creator", "creator", "author", "session id",
        "kodierer", "codierer", "erstellt von", "autor", "annotateur", "codeur", "créé par", "auteur", "codificador",
        "creado por", "codificatore", "creato da", "codeerder",
    ),
    "value": (
        "value", "label", "labels", "code", "codes", "category", "tag", "tags", "node", "annotation", "rating", "score",
        "answer", "decision", "choice", "codes applied", "codes applied combined",
        "wert", "kategorie", "étiquette", "valeur", "catégorie", "código", "códigos", "valor", "categoría", "etiqueta",
        "codice", "valore", "waarde",
    ),
    "transcript": (
        "transcript", "document", "document name", "document id", "doc", "doc id", "file", "file name",
        "filename", "source", "media title", "interview", "dokument", "dokumentname", "datei", "quelle",
        "nom du document",
        "fichier", "documento",
        "nombre del documento", "archivo",
    ),
    "start": (
        "start", "begin", "start offset", "begin offset", "start char", "start position", "beginn", "anfang", "début",
        "inicio", "inizio",
    ),
    "end": ("end", "end offset", "end char", "end position", "ende", "fin", "fine", "einde"),
    "length": ("length", "länge", "longueur", "longitud"),
}  # fmt: skip
_ROLE_OF = {name: role for role, names in _NAMES.items() for name in names}
_RESULTS = frozenset({"kappa", "cohen's kappa", "agreement", "agreement (%)"})
_GAPS = re.compile(r"[\s_\-]+")


def name_columns(
    header: Sequence[str], wanted: Sequence[str], *, columns: Mapping[str, str], coders: Sequence[str], name: str
) -> tuple[str, ...]:
    """Return a header in which the columns that are read have our names.

    Parameters
    ----------
    header
        As it stands in the file.
    wanted
        :data:`LONG` or :data:`SPANS`.
    columns
        Column of the file for each of our names, where the user said so; nothing else is then guessed.
    coders
        Where these are columns, the table is wide, whatever else its columns are called.
    name
        The file, for error texts.

    Raises
    ------
    AgreementError
        If several columns may be meant, or the table holds results of another program.
    """
    if columns:
        return _name_as_told(header, columns, name)
    keys = [_loosen(column) for column in header]
    if len(_RESULTS.intersection(keys)) > 1:
        message = "This table holds agreement as another program computed it, and not what coders gave."
        raise AgreementError(
            message, name, "Export the codings themselves: unit, coder and value, or a column per coder"
        )
    of_role = {role: [at for at, key in enumerate(keys) if _ROLE_OF.get(key) == role] for role in _NAMES}
    is_wide = wanted == LONG and (
        (bool(coders) and set(coders) <= set(header))
        or not (of_role["coder"] or _exact(of_role["value"], keys, "value"))
    )
    if is_wide:
        of_role = {role: places if role in {"unit", "transcript"} else [] for role, places in of_role.items()}
    elif wanted == SPANS:
        of_role["unit"] = []
    if wanted == LONG and not of_role["unit"] and "transcript" not in keys:
        of_role["unit"], of_role["transcript"] = of_role["transcript"], []  # one value for each document
    chosen = {_choose(role, places, keys, header, name): role for role, places in of_role.items() if places}
    return tuple(chosen.get(at, column) for at, column in enumerate(header))


def _loosen(column: str) -> str:
    return _GAPS.sub(" ", unicodedata.normalize("NFKC", column)).strip().casefold()


def _exact(places: Sequence[int], keys: Sequence[str], key: str) -> bool:
    return any(keys[at] == key for at in places)


def _choose(role: str, places: Sequence[int], keys: Sequence[str], header: Sequence[str], name: str) -> int:
    """Return the column of a role: that of our own name, or the only one."""
    own = [at for at in places if keys[at] in {role, f"{role}s"}]
    if len(own) == 1 or len(places) == 1:
        return (own or places)[0]
    if role in {"unit", "transcript", "length"}:  # what one may do without, and programs have several names for
        return min(places, key=lambda at: _NAMES[role].index(keys[at]))
    found = join([f"“{header[at]}”" for at in places], "or")
    raise AgreementError(
        f"Which column holds the {role}: {found}?",
        name,
        f"Say so: --columns {role}={header[places[0]]},…, or rename it",
    )


def _name_as_told(header: Sequence[str], columns: Mapping[str, str], name: str) -> tuple[str, ...]:
    folded = [_loosen(column) for column in header]
    named: dict[int, str] = {}
    for role, column in columns.items():
        if role not in _NAMES:
            raise AgreementError(
                f"There is no role “{role}” for a column.", name, f"The roles are: {', '.join(_NAMES)}"
            )
        if _loosen(column) not in folded:
            hint = suggest(column, header) or f"Its columns are: {', '.join(header)}"
            raise AgreementError(f"There is no column “{column}”.", name, hint)
        named[folded.index(_loosen(column))] = role
    return tuple(
        named.get(at, f"{column} (not read)" if _loosen(column) in _NAMES else column)
        for at, column in enumerate(header)
    )

"""Text in char and varchar: which characters the code page of a column's collation holds, and how many bytes they take.

A server puts '?' or a look-alike in the place of others without a word. Sources: "Collation and Unicode support", "char
and varchar (Transact-SQL)": lengths count bytes, of which UTF-8 (code page 65001) takes up to four for a character.
"""

from __future__ import annotations

import codecs
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wizard.objects import MAX, ServerColumn, ServerType

UTF_8: Final = 65001
REPLACEMENT: Final = "?"
_BYTES: Final = {932: 2, 936: 2, 949: 2, 950: 2, UTF_8: 3}
"""the most that a code page takes for a UTF-16 unit, where that is more than one"""
_EURO: Final = {936: "€"}
"""held by the page as Windows has it, and not as Python has it"""


def is_narrow(type_: ServerType) -> bool:
    """Whether a type holds text in the code page of its collation."""
    return type_.name.casefold() in ("char", "varchar")


def is_known(column: ServerColumn) -> bool:
    """Whether it can be told here what the column holds."""
    return _codec(column.code_page) is not None


def most_bytes(column: ServerColumn) -> int:
    """That a UTF-16 unit of a text may count for in the column's length."""
    return _BYTES.get(column.code_page, 1) if is_narrow(column.type) else 1


def not_ascii(values: pa.Array[Any]) -> npt.NDArray[np.bool_] | None:
    """The texts with characters beyond ASCII, which every code page of SQL Server holds; None where there are none."""
    found = pc.invert(pc.fill_null(pc.string_is_ascii(values), True))
    return found.to_numpy(zero_copy_only=False) if pc.any(found).as_py() else None


def fitted(values: pa.Array[Any], column: ServerColumn) -> tuple[pa.Array[Any], npt.NDArray[np.bool_] | None]:
    """The texts with '?' for each character that the column's code page does not hold, and which those are.

    Where the page is not known they stay as they are.
    """
    wide = not_ascii(values)
    if wide is None or not is_known(column):
        return values, None
    rows = np.flatnonzero(wide).tolist()
    old = [values[row].as_py() for row in rows]
    new = [text_fitted(text, column.code_page) for text in old]
    changed = [at for at, text in enumerate(new) if text != old[at]]
    if not changed:
        return values, None
    mask = np.zeros(len(values), np.bool_)
    mask[[rows[at] for at in changed]] = True
    array = pc.replace_with_mask(values, pa.array(mask), pa.array([new[at] for at in changed], values.type))
    return array, mask


def text_fitted(text: str, code_page: int) -> str:
    """The text with '?' for each character that a code page does not hold; as it is where the page is not known."""
    lost = {ord(c): REPLACEMENT for c in set(text) if not c.isascii() and not _holds(code_page, c)}
    return text.translate(lost) if lost else text


def length(text: str, column: ServerColumn) -> int:
    """What a text counts in the column's length: UTF-16 units; bytes, where its code page takes several."""
    if most_bytes(column) == 1:
        return len(text.encode("utf-16-le")) // 2
    return len(text.encode(_codec(column.code_page) or "", "replace"))


def cut(text: str, column: ServerColumn) -> str:
    """As much of a text as the column has room for, never through a character."""
    limit = column.type.length
    if limit is None or limit == MAX:
        return text_fitted(text, column.code_page)
    name = "utf-16-le" if most_bytes(column) == 1 else _codec(column.code_page) or ""
    room = 2 * limit if most_bytes(column) == 1 else limit
    return text_fitted(text, column.code_page).encode(name, "replace")[:room].decode(name, "ignore")


@cache
def _codec(code_page: int) -> str | None:
    """Python's name of a code page; None for one that is not known."""
    name = "utf-8" if code_page == UTF_8 else f"cp{code_page}"
    try:
        return codecs.lookup(name).name if code_page else None
    except LookupError:
        return None


@cache
def _holds(code_page: int, character: str) -> bool:
    """A byte that a page has no character for is, as Windows has it, the control character of that number."""
    name = _codec(code_page)
    if name is None or character == _EURO.get(code_page):
        return True
    try:
        character.encode(name)
    except UnicodeEncodeError:
        if code_page in _BYTES or not "\x80" <= character <= "\x9f":
            return False
        return not bytes([ord(character)]).decode(name, "ignore")
    return True

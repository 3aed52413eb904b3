"""JSON that a package's folder holds, read with suspicion: anything may have been done to it since it was written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from wizard import file_writing
from wizard.messages import Kind, Place, TargetError

_MOST: Final = 64 << 20
"""bytes of such a file, many times what thousands of tables need"""

_T = TypeVar("_T")


def content_of(path: Path) -> bytes:
    """The file, unless it is absurdly large. Raises OSError, ValueError."""
    return file_writing.content_of(path, _MOST)


def json_of(path: Path) -> Any:
    """What the file says. Raises OSError, ValueError, and RecursionError where its values are nested too deeply."""
    return json.loads(content_of(path).decode("utf-8-sig"))


@contextmanager
def refused_as(number: int, path: Path) -> Iterator[None]:
    """What is wrong with the file that is read within, as TargetError of that number."""
    try:
        yield
    except (RecursionError, OSError, ValueError) as e:
        reason = "its values are nested too deeply" if isinstance(e, RecursionError) else str(e)
        if isinstance(e, OSError):
            reason = e.strerror or reason
        raise TargetError(number, Place(Kind.FILE, name=str(path)), file=path, reason=reason) from None


def listed(content: object, key: str, where: str) -> Iterator[tuple[str, object]]:
    """The items of a list, each with a name for messages."""
    items: list[Any] = value_of(list, content, key, where)
    yield from ((f"{key} {n} of {where}", item) for n, item in enumerate(items, 1))


def value_of(kind: type[_T], content: object, key: str, where: str) -> _T:
    """The value under that key, which must be of that very type: JSON's true is no number. Raises ValueError."""
    value = content.get(key) if isinstance(content, dict) else None
    if type(value) is not kind:
        raise ValueError(f"'{key}' of {where} is missing or not as it must be")
    return value

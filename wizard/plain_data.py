"""Frozen dataclasses to plain JSON values and back, by their annotations."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Dictionaries, lists, text, numbers, booleans and None. Fields that hold their default are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        plain = {}
        for f in fields(value):
            held = getattr(value, f.name)
            if held != f.default:
                plain[f.name] = to_plain(held)
        return plain
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(to_plain(k)): to_plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [to_plain(v) for v in value]
    if isinstance(value, Path):
        return str(value)
    return value


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def from_plain(kind: Any, value: Any) -> Any:
    """A value of type `kind`. Raises ValueError, TypeError or KeyError where the plain value does not fit."""
    if type(value) is kind:  # most of what there is
        return value
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        some = next(a for a in get_args(kind) if a is not type(None))
        return None if value is None else from_plain(some, value)
    if origin is tuple:
        item = get_args(kind)[0]
        return tuple(from_plain(item, v) for v in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, item = get_args(kind)
        return {from_plain(key, k): from_plain(item, v) for k, v in value.items()}
    return _from_simple(kind, value)


def _from_simple(kind: Any, value: Any) -> Any:
    if not isinstance(kind, type) or kind is object:
        return value
    if is_dataclass(kind):
        hints = _hints(kind)
        made: Any = kind
        return made(**{k: from_plain(hints[k], v) for k, v in value.items()})
    if issubclass(kind, Enum | Path):
        return kind(value)
    wanted = (int, float) if kind is float else kind  # JSON knows one kind of number
    if not isinstance(value, wanted) or (kind in (int, float) and isinstance(value, bool)):
        raise TypeError(f"expected {kind.__name__}, found {value!r}")
    return value


def decode(kind: type[T], value: Any) -> T:
    """`from_plain` for a dataclass, typed. Raises ValueError where the value does not fit."""
    try:
        return cast(T, from_plain(kind, value))
    except (TypeError, KeyError, AttributeError) as e:
        raise ValueError(str(e)) from e

"""Reading a hand-edited table key by key: what breaks a rule is reported with the path of its key."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

E = TypeVar("E", bound=StrEnum)
KeyPath = tuple[str | int, ...]


class BrokenRuleError(Exception):
    """A key holds what it must not. `path` leads to it from the top of the document."""

    def __init__(self, path: KeyPath, what: str, hint: str) -> None:
        super().__init__(what)
        self.path = path
        self.what = what
        self.hint = hint


class TomlSection:
    """A table of the document. Keys that nobody asked for are reported by `close`."""

    def __init__(self, data: Any, path: KeyPath = ()) -> None:
        if not isinstance(data, Mapping):
            raise BrokenRuleError(path, "this must be a table", f"Write [{'.'.join(map(str, path))}] above its keys.")
        self._data = data
        self.path = path
        self._asked: list[str] = []

    def broken(self, key: str, what: str, hint: str) -> BrokenRuleError:
        """The error of a key of this table."""
        return BrokenRuleError((*self.path, key), what, hint)

    def raw(self, key: str) -> Any:
        """The value as it stands; None where the key is absent."""
        self._asked.append(key)
        return self._data.get(key)

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def keys(self) -> tuple[str, ...]:
        """The keys that are there."""
        return tuple(str(k) for k in self._data)

    def text(self, key: str, default: str = "") -> str:
        """A text. Raises BrokenRuleError for anything else."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.broken(key, f"{value!r} is not text", 'Write it in quotes: "…".')
        return str(value)

    def needed(self, key: str) -> str:
        """A text that must be there. Raises BrokenRuleError."""
        if key not in self._data:
            raise self.broken(key, "the key is missing", f"Add '{key} = \"…\"'.")
        return self.text(key)

    def flag(self, key: str, default: bool) -> bool:
        """True or false. Raises BrokenRuleError for anything else."""
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.broken(key, f"{value!r} is neither true nor false", "Write true or false, without quotes.")
        return bool(value)

    def number(self, key: str, default: int | None, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`. Raises BrokenRuleError for anything else."""
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.broken(key, f"{value!r} is not a whole number from {low} to {high}", "Correct the number.")
        return int(value)

    def choice(self, key: str, kind: type[E], default: E) -> E:
        """One of an enumeration's values. Raises BrokenRuleError for anything else."""
        value = self.raw(key)
        if value is None:
            return default
        try:
            return kind(value)
        except ValueError:
            known = ", ".join(kind)
            raise self.broken(key, f"{value!r} is not one of {known}", f"Write one of: {known}.") from None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts. Raises BrokenRuleError for anything else."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.broken(key, "this must be a list of texts", 'Write ["one", "two"].')
        return tuple(str(v) for v in value)

    def section(self, key: str) -> TomlSection:
        """The table below; empty where absent."""
        value = self.raw(key)
        return TomlSection({} if value is None else value, (*self.path, key))

    def sections(self, key: str) -> Iterator[TomlSection]:
        """The tables of a list of tables. Raises BrokenRuleError."""
        value = self.raw(key)
        if value is None:
            return
        if not isinstance(value, list):
            raise self.broken(key, "this must be a list of tables", "See the README for its shape.")
        for number, item in enumerate(value):
            yield TomlSection(item, (*self.path, key, number))

    def texts_by_key(self) -> dict[str, str]:
        """Every key of this table with its text."""
        return {k: self.text(k) for k in self.keys()}

    def close(self) -> None:
        """Raise BrokenRuleError for a key that means nothing here: most likely a slip of the pen."""
        for key in self.keys():
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, 1)
                hint = f"Did you mean '{near[0]}'?" if near else f"Known keys here: {', '.join(self._asked)}."
                raise self.broken(key, "this key is not known", hint)

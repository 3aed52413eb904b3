"""Public methods of the screens say what they do: ruff cannot know which of them Textual calls by names of its own."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import screens

CALLED_BY_TEXTUAL = ("action_", "watch_", "validate_", "compute_", "on_", "key_")


def classes() -> Iterator[type]:
    for module in pkgutil.walk_packages(screens.__path__, "screens."):
        for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if found.__module__ == module.name:
                yield found


def test_a_method_is_described_where_it_is_declared_first() -> None:
    bare = []
    for found in classes():
        for name, member in vars(found).items():
            function = member.fget if isinstance(member, property) else member
            if name.startswith(("_", *CALLED_BY_TEXTUAL)) or not inspect.isfunction(function) or function.__doc__:
                continue
            if function.__module__ == found.__module__ and not any(name in vars(b) for b in found.__mro__[1:]):
                bare.append(f"{found.__module__}.{found.__name__}.{name}")
    assert sorted(bare) == []

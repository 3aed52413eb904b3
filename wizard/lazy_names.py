"""Names of a package that are loaded when they are first asked for, so that importing the package is quick."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def loader(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's `__getattr__` (PEP 562); `homes` gives, by module, the names that come from there, between blanks."""
    found_in = {name: module for module, names in homes.items() for name in names.split()}

    def load(name: str) -> Any:
        if name not in found_in:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        value = getattr(import_module(found_in[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return load

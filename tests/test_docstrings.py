"""Docstrings say which errors a function raises itself, and name none that does not exist."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyarrow as pa

HOME = Path(__file__).resolve().parents[1]
MODULES = [p for room in ("wizard", "screens") for p in (HOME / room).rglob("*.py")]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def public_functions(node: ast.AST) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | Function) and not child.name.startswith("_"):
            if isinstance(child, ast.ClassDef):
                yield from public_functions(child)
            else:
                yield child


def raised(node: ast.AST) -> Iterator[str]:
    """The names of what the statements of a function raise, without those of functions within it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Raise) and child.exc is not None:
            yield ast.unparse(child.exc.func if isinstance(child.exc, ast.Call) else child.exc)
        elif not isinstance(child, ast.ClassDef | Function | ast.Lambda):
            yield from raised(child)


def test_a_function_that_raises_says_what() -> None:
    """A command ends by an exception of Typer; what is not implemented is declared for others to implement."""
    silent = [
        f"{path.relative_to(HOME)}: {function.name}"
        for path in MODULES
        if "cli" not in path.parts
        for function in public_functions(parsed(path))
        if {*raised(function)} - {"NotImplementedError"}
        and not re.search(r"\braise|Error\b", ast.get_docstring(function) or "", re.IGNORECASE)
    ]
    assert silent == []


def test_errors_that_docstrings_name_exist() -> None:
    known = {n.name for path in MODULES for n in ast.walk(parsed(path)) if isinstance(n, ast.ClassDef)}
    strange = []
    for path in MODULES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Module | ast.ClassDef | Function):
                said = " ".join(re.findall(r"[Rr]aises? [^.;]*", ast.get_docstring(node) or ""))
                for name in re.findall(r"\b[A-Z]\w+Error\b", said):
                    if not (name in known or hasattr(builtins, name) or hasattr(pa.lib, name)):
                        strange.append(f"{path.relative_to(HOME)}: {name}")
    assert strange == []

"""Style sheets parsed once for all wizards that the tests of this process start, and once for each theme.

A wizard at a person's hands parses them once; hundreds of wizards, and pictures in turn in three themes, did it each
time. What is parsed is never changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
import textual.css.stylesheet
from textual.css.model import RuleSet
from textual.css.parse import parse
from textual.css.tokenize import Token, tokenize_values

_values: dict[frozenset[tuple[str, str]], dict[str, list[Token]]] = {}
"""by the variables of a theme; never let go, so that what is parsed can be known by its identity"""
_rules: dict[tuple[Any, ...], list[RuleSet]] = {}


def _tokenized(variables: dict[str, str]) -> dict[str, list[Token]]:
    key = frozenset(variables.items())
    if key not in _values:
        _values[key] = tokenize_values(variables)
    return _values[key]


def _parsed(scope: str, css: str, read_from: Any, *, variable_tokens: Any, **facts: Any) -> Iterable[RuleSet]:
    key = (scope, css, read_from, id(variable_tokens), *sorted(facts.items()))
    if key not in _rules:
        _rules[key] = list(parse(scope, css, read_from, variable_tokens=variable_tokens, **facts))
    return _rules[key]


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of Textual's own."""
    monkeypatch.setattr(textual.css.stylesheet, "tokenize_values", _tokenized)
    monkeypatch.setattr(textual.css.stylesheet, "parse", _parsed)

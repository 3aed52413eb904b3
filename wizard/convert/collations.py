"""COLLATE, and texts that meet where one of them has it: a server refuses two collations that COLLATE gives (Msg 468).

Source: "Collation precedence (Transact-SQL)".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from wizard.convert.tree import Enclosed, Part, SqlNode, enclosed, made_by, tsql
from wizard.convert.typed_sql import Typed

_BINARY: Final = "{} COLLATE Latin1_General_BIN2"
_DEFAULT: Final = "{} COLLATE DATABASE_DEFAULT"


def binary(value: Part) -> SqlNode:
    """The text compared by its characters' codes."""
    return tsql(_BINARY, value)


def beside_binary(value: Typed) -> Typed:
    """The text as it can meet a binary one: one that has a collation of its own is given that."""
    given = any(made_by(_BINARY, node) or made_by(_DEFAULT, node) for node in value.node.walk())
    return replace(value, node=binary(value)) if given else value


def as_others(value: SqlNode) -> Enclosed:
    """A text that was made of a binary one, compared as all others are."""
    return enclosed(_DEFAULT, value)

"""What a use is, as plain data: which table, column or query is used by what, how, and in which line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

UNKNOWN: Final = "\ue000"
"""stands, in SQL and expressions found in code, for a value that is known only when the code runs"""


class UserKind(StrEnum):
    """What kind of object uses something."""

    FORM = "form"
    REPORT = "report"
    MODULE = "module"
    MACRO = "macro"
    QUERY = "query"
    TABLE = "table"


class How(StrEnum):
    """In what way something is used, in Access's words."""

    RECORD_SOURCE = "record source"
    ROW_SOURCE = "row source"
    CONTROL_SOURCE = "control source"
    LINK_FIELDS = "link fields"
    FILTER = "filter"
    ORDER_BY = "order by"
    GROUP_LEVEL = "group level"
    SUBFORM = "source object"
    EVENT = "event"
    EXPRESSION = "expression"
    CONDITIONAL_FORMAT = "conditional format"
    DOMAIN = "domain function"
    LOOKUP = "lookup"
    SQL = "SQL"
    DATA_MACRO = "data macro"
    OPEN_RECORDSET = "OpenRecordset"
    EXECUTE = "Execute"
    RUN_SQL = "RunSQL"
    OPEN_QUERY = "OpenQuery"
    OPEN_TABLE = "OpenTable"
    FIND = "FindFirst"
    TRANSFER = "import or export"
    DEFINITION = "TableDefs or QueryDefs"
    FIELD = "field of a recordset"
    ACTION = "macro action"
    CRITERIA = "criteria"
    NAMED = "named in code"


@dataclass(frozen=True, slots=True)
class User:
    """What uses something: a form's control, a line of a module, a query."""

    kind: UserKind
    name: str
    part: str = ""
    """the control, procedure or action of it"""
    line: int = 0
    """of a module, as the editor counts; 0 elsewhere"""

    def __str__(self) -> str:
        where = f"{self.kind} {self.name}" + (f", {self.part}" if self.part else "")
        return f"{where}, line {self.line}" if self.line else where


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a table or query, or of a column of it."""

    name: str
    """the table or query, as the database writes it"""
    column: str
    """empty where the whole is used"""
    user: User
    how: How
    via: tuple[str, ...] = ()
    """the queries through which the table or column is read, the one nearest to the user first"""


@dataclass(frozen=True, slots=True)
class SqlText:
    """SQL that stands in the application: of a record or row source, or put together in code."""

    text: str
    """`UNKNOWN` stands for what is known only when it runs"""
    user: User
    how: How
    pass_through: bool = False
    """it goes to a server as it is, so that it is no Access SQL"""

    @property
    def whole(self) -> bool:
        """Whether all of it is known."""
        return UNKNOWN not in self.text

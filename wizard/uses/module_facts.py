"""What the VBA modules of a database use: SQL, names, columns, and the calls in them that matter to a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from wizard.uses.model import UNKNOWN, How, SqlText, User

OWN: Final = "adodb.own"
"""the type of `CurrentProject.Connection`, through which ADO sees what DAO does"""
ELSEWHERE: Final = "elsewhere"
"""the type of another database that code opens, and of all that is in it"""
_MOST_CALLS: Final = 50_000


@dataclass
class Recordset:
    """A variable for a recordset, as far as it is known."""

    source: str = UNKNOWN
    """the name or SQL that it was opened with; empty where it is a form's own"""
    words: frozenset[str] = frozenset()
    """the constants it was opened with, in small letters"""
    form: str = ""
    """the form or report whose records it shows"""
    adding: bool = False
    """between AddNew and Update"""
    opened: bool = False


@dataclass(frozen=True, slots=True)
class CodeCall:
    """A call, or a property that is set, in a line of a module."""

    user: User
    name: str
    """in small letters; of a property that is set with `=` behind it: `index=`"""
    receiver: str
    """what stands before it, in small letters"""
    kind: str
    """the type of what stands before it, in small letters, as far as it is known: `dao.database`"""
    texts: tuple[str, ...] = ()
    """the arguments"""
    words: frozenset[str] = frozenset()
    """all names among the arguments, in small letters: `dbseechanges`"""
    loops: int = 0
    old_vba: bool = False
    recordset: Recordset | None = None
    """the recordset that it is called on"""
    options: frozenset[str] = frozenset()
    """the names among the arguments behind the first"""
    definition: str = ""
    """the query or table whose QueryDef or TableDef it is called on, or the SQL of a new one"""

    @property
    def options_known(self) -> bool:
        """Whether its options are constants, not variables that may hold any."""
        return all(word.startswith("db") for word in self.options)


@dataclass
class ModuleFacts:
    """What was found in the modules."""

    sql: list[SqlText] = field(default_factory=list)
    named: list[tuple[str, User, How]] = field(default_factory=list)
    """names of tables or queries"""
    columns: list[tuple[str, str, User, How]] = field(default_factory=list)
    """source (name or SQL), column"""
    expressions: list[tuple[str, str, User, How]] = field(default_factory=list)
    """source, expression over it"""
    domains: list[tuple[str, str, str, User]] = field(default_factory=list)
    """expression, domain, criteria"""
    calls: list[CodeCall] = field(default_factory=list)
    functions: dict[str, None] = field(default_factory=dict)
    """names of the functions of all modules"""
    left_out: int = 0

    def call(self, made: CodeCall) -> None:
        """Note a call, as long as there are not too many."""
        if len(self.calls) < _MOST_CALLS:
            self.calls.append(made)
        else:
            self.left_out += 1

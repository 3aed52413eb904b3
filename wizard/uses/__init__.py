"""Uses: for each table, column and query the forms, reports, modules, macros and queries that depend on it.

`read_uses` takes the definitions and the application of a file, both plain data, and gives `Uses`. SQL is read by the
parser of Access SQL, VBA by `wizard.uses.code`. What it reads is a stranger's: texts and their number are bounded.
"""

from __future__ import annotations

from wizard.uses.index import Uses, read_uses
from wizard.uses.model import How, SqlText, Use, User, UserKind

__all__ = ["How", "SqlText", "Use", "User", "UserKind", "Uses", "read_uses"]

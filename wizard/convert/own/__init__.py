"""VBA functions of a database's own as scalar functions of T-SQL that give the same, or a reason why they cannot.

What differs between VBA's code and Access's queries (types, overflow, Null, errors, comparisons of text) is here; the
code itself is read by `wizard.convert.vba`.
"""

from __future__ import annotations

from wizard.convert.own.functions import CATEGORY, OwnFunctions

__all__ = ["CATEGORY", "OwnFunctions"]

"""How Access shows and compares dates and times of linked tables, in one table of rules.

The choice of types (stage 6), the rowversion columns and the messages of stage 9 all follow it. Sources, all
Microsoft's: "Access linked table to SQL Server database returns #Deleted" (fractions of a second at compatibility
level 130 and above, where datetime as datetime2 has more digits than Access sends back); "Breaking changes to
Database Engine features in SQL Server 2016" (that conversion); "Date and Time Improvements (ODBC)" (date, time and
datetime2 are text for drivers before SQL Server Native Client 10, of which the driver "SQL Server" of Windows is
one); "Using the Date/Time Extended data type" (which versions of Access know it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wizard.objects import ServerType

_DATE_TIME: Final = "Date/Time"
_EITHER: Final = "Date/Time, or Date/Time Extended where Access knows it (Microsoft 365)"
_TEXT: Final = "Short Text"


@dataclass(frozen=True, slots=True)
class DateRule:
    """One of SQL Server's types for dates."""

    type: str
    first: datetime
    """its first value, as far as Access has such values"""
    shown: str
    """as what Access shows it with ODBC Driver 17 or 18"""
    shown_by_old: str
    """as what Access shows it with the driver "SQL Server" of Windows"""
    fractions: bool
    """whether it may hold fractions of a second, which Access does not send back as they are"""

    def lacks(self, minimum: object, fraction: bool) -> str:
        """Why a column of such values is not this type, as words; empty where Access and server agree on all."""
        if isinstance(minimum, datetime) and minimum < self.first:
            return f"values before the year {self.first.year}"
        return "values with fractions of a second" if fraction else ""


_EARLIEST: Final = datetime(100, 1, 1)

DATETIME: Final = DateRule("datetime", datetime(1753, 1, 1), _DATE_TIME, _DATE_TIME, True)
RULES: Final = (
    DATETIME,
    DateRule("smalldatetime", datetime(1900, 1, 1), _DATE_TIME, _DATE_TIME, False),
    DateRule("date", _EARLIEST, _DATE_TIME, _TEXT, False),
    DateRule("datetime2", _EARLIEST, _EITHER, _TEXT, True),
)


def rule_of(kind: ServerType) -> DateRule | None:
    """The rule for a type of the server; None where it is none of dates."""
    return next((r for r in RULES if r.type == kind.name.casefold()), None)


def conflicting(kind: ServerType, fraction: bool = False) -> bool:
    """Whether Access may find rows changed, or gone, that nobody changed: the column has fractions of a second.

    `fraction`: such values are known. datetime2 with decimals is made for them; datetime has them by chance.
    """
    rule = rule_of(kind)
    return rule is not None and rule.fractions and (bool(kind.scale) or (fraction and kind.name == DATETIME.type))

"""What the types of SQL Server can hold: ranges of numbers and dates, decimals, lengths.

Source: Microsoft's documentation, "Data types (Transact-SQL)". By the type's name in lower case. Which of them a column
may become, `wizard.convert.type_rules` says; as what its values travel, `arrow_types`; how they are fitted, `columns`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

WHOLE: Final[Mapping[str, tuple[int, int]]] = {
    "bit": (0, 1),
    "tinyint": (0, 255),
    "smallint": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}
MONEY: Final[Mapping[str, tuple[Decimal, Decimal]]] = {
    "money": (Decimal("-922337203685477.5808"), Decimal("922337203685477.5807")),
    "smallmoney": (Decimal("-214748.3648"), Decimal("214748.3647")),
}
LARGEST_FLOATS: Final[Mapping[str, float]] = {"real": 3.4028234663852886e38, "float": 1.7976931348623157e308}
DECIMALS: Final[Mapping[str, int]] = {**dict.fromkeys(WHOLE, 0), **dict.fromkeys(MONEY, 4)}
"""that a type keeps whose declaration does not say how many"""
DATES: Final[Mapping[str, tuple[datetime, datetime]]] = {
    "datetime": (datetime(1753, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 997_000)),
    "smalldatetime": (datetime(1900, 1, 1), datetime(2079, 6, 6, 23, 59, 0)),
}
"""of those that do not hold the years 1 to 9999"""
LENGTHS: Final[Mapping[str, int]] = {
    "nvarchar": 4000,
    "nchar": 4000,
    "varchar": 8000,
    "char": 8000,
    "varbinary": 8000,
    "binary": 8000,
}
"""the longest that may be declared, in UTF-16 units or bytes; `max` is beyond them"""

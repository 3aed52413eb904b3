"""Mixed columns: dates among numbers, which a query shows as text, read again as the moments that are meant.

`Nz([Placed], 0)` is a moment in Access, and 0 is shown as 0. A view has one type a column, and that is text. What reads
the view compares and calculates with moments as Access does.
"""

from __future__ import annotations

from dataclasses import replace

from wizard.convert.expression_types import as_date
from wizard.convert.literals import DATE_SQL
from wizard.convert.tree import called, case, tsql
from wizard.convert.typed_sql import Typed
from wizard.definitions import ColumnType

_MONTH_FIRST = 101


def moment_shown(column: Typed) -> Typed:
    """The moment of a text that `as_text` made of a moment or a number; it is shown as that text.

    A time of day alone is on day 0, where T-SQL takes it for 1900; what has neither `/` nor `:` is a number.
    """
    written = tsql("TRY_CONVERT({}, {}, {})", DATE_SQL, column, _MONTH_FIRST)
    number = Typed(called("TRY_CONVERT", "float", column), ColumnType.DOUBLE)
    moment = case(
        (tsql("CHARINDEX(N'/', {}) > 0", column), written),
        (tsql("CHARINDEX(N':', {}) > 0", column), tsql("DATEADD(day, -2, {})", written)),
        otherwise=as_date(number).node,
    )
    return replace(column, node=moment, type=ColumnType.DATE, length=0, shown=column.node)

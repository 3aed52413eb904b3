"""Whether T-SQL over columns is deterministic to SQL Server, read back from its text: the other side of what nodes say.

Its rules ("Deterministic and nondeterministic functions", "Indexes on computed columns", "CAST and CONVERT"; errors
4936 and 2729): no function that reads the clock, the language or the first day of the week; no text that becomes a
date, and no date that becomes text, by itself or by a style that depends on the language.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp, parse_one

from wizard.objects import ServerType

SESSION = {"FORMAT", "NUMBERTOSTR", "TIMETOSTR", "DATENAME", "ISDATE", "GETDATE", "CURRENTTIMESTAMP", "NEWID", "RAND"}
DATES = ("date", "time", "datetime", "datetime2", "smalldatetime")
FIXED = {20, 21, 120, 121, *range(101, 132)} - {106, 107, 109, 113, 130}
ASKED = (exp.DateDiff, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)


def undetermined(expression: str, columns: Mapping[str, ServerType]) -> str:
    """Why an expression over `columns` (their types by the server's name) is not deterministic; empty where it is."""
    tree = parse_one(expression, dialect="tsql", into=exp.Condition)
    for node in tree.walk():
        name = str(node.this).upper() if isinstance(node, exp.Anonymous) else type(node).__name__.upper()
        if name in SESSION or "weekday" in (v.name for v in node.iter_expressions() if isinstance(v, exp.Var)):
            return f"{name} depends on the session or the time"
        if isinstance(node, exp.Convert | exp.Cast) and _crosses(node, columns):
            return "a date becomes text, or text a date, by the session's language"
        if isinstance(node, ASKED) and {"text", "date"} <= {_family(n, columns) for n in node.iter_expressions()}:
            return "a date is compared with or counted from a text"
    return ""


def _crosses(node: exp.Expr, columns: Mapping[str, ServerType]) -> bool:
    value = node.this if isinstance(node, exp.Cast) else node.expression
    style = node.args.get("style")
    if style is not None and int(style.name) in FIXED:
        return False
    return {_family(node, columns), _family(value, columns)} == {"text", "date"}


def _family(node: exp.Expr | None, columns: Mapping[str, ServerType]) -> str:
    """`text`, `date` or neither."""
    if isinstance(node, exp.Convert | exp.Cast):
        kind = node.args["to"] if isinstance(node, exp.Cast) else node.this
        return _of_type(kind.sql("tsql").split("(")[0].casefold())
    if isinstance(node, exp.Column):
        return _of_type(columns[node.name].name)
    if isinstance(node, exp.Case):
        made = [*(i.args["true"] for i in node.args["ifs"]), node.args.get("default")]
        return next(filter(None, (_family(n, columns) for n in made)), "")
    if isinstance(node, exp.Coalesce | exp.Nullif | exp.Paren | exp.DateAdd | exp.TimeStrToTime):
        return _family(node.this, columns)
    if isinstance(node, exp.Literal | exp.National):
        return "text" if node.is_string or isinstance(node, exp.National) else ""
    if isinstance(node, exp.Anonymous) and str(node.this).upper().endswith("FROMPARTS"):
        return "date"
    if isinstance(node, exp.DateFromParts | exp.TimestampFromParts | exp.LastDay):
        return "date"
    text = isinstance(node, exp.Concat | exp.Substring | exp.Right | exp.Left | exp.Upper | exp.Lower | exp.Trim)
    return "text" if text else ""


def _of_type(name: str) -> str:
    return "date" if name in DATES else "text" if name.endswith("char") else ""

"""The table of Access SQL's constructs: what each becomes, with a sample that a test converts and the README shows.

The samples are queries over the tables Orders (ID, Customer, Placed, Amount, Paid) and Lines (OrderID, Number, Qty).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Construct:
    """`shows` is a part of the statement that `sample` becomes; of a sample that is refused, the message's number."""

    name: str
    sample: str
    becomes: str
    shows: str
    note: str = ""


CONSTRUCTS: Final[tuple[Construct, ...]] = (
    Construct("SELECT, UNION", "SELECT ID FROM Orders", "a view", "CREATE VIEW"),
    Construct(
        "PARAMETERS, prompts",
        "SELECT ID FROM Orders WHERE Customer = [Which customer?]",
        "an inline table-valued function; an undeclared parameter has the type of what it is compared with",
        "CREATE FUNCTION",
    ),
    Construct(
        "[Forms]![F]![C]",
        "SELECT ID FROM Orders WHERE Customer = [Forms]![F]![C]",
        "a parameter of the function or procedure",
        "@Forms_F_C",
    ),
    Construct(
        "TRANSFORM … PIVOT … IN",
        "TRANSFORM Sum(Amount) SELECT Customer FROM Orders GROUP BY Customer PIVOT Month(Placed) IN (1, 2)",
        "a view, one aggregate a heading",
        "AS [2]",
    ),
    Construct(
        "TRANSFORM … PIVOT",
        "TRANSFORM Sum(Amount) SELECT Customer FROM Orders GROUP BY Customer PIVOT Month(Placed)",
        "a view with the headings found in the data, or a procedure that finds them when run",
        "sp_executesql",
        "found through joins, WHERE, sub-queries and queries; a procedure where the pivot has what only a server knows",
    ),
    Construct(
        "UPDATE over joins",
        "UPDATE Orders INNER JOIN Lines ON Orders.ID = Lines.OrderID SET Orders.Paid = True WHERE Lines.Qty > 1",
        "a procedure: UPDATE … FROM in a transaction",
        "UPDATE [Orders]",
        "columns of several tables by way of a temporary table",
    ),
    Construct(
        "DELETE t.* FROM joins",
        "DELETE Lines.* FROM Lines INNER JOIN Orders ON Orders.ID = Lines.OrderID WHERE Orders.Paid",
        "a procedure: DELETE … FROM in a transaction",
        "DELETE [Lines]",
    ),
    Construct(
        "INSERT INTO … SELECT, VALUES",
        "INSERT INTO Lines (OrderID, Qty) SELECT ID, 1 FROM Orders",
        "a procedure; columns left out are matched by name, AutoNumber values are kept",
        "INSERT INTO [dbo].[Lines] ([OrderID], [Qty])",
    ),
    Construct(
        "SELECT … INTO",
        "SELECT ID, Amount INTO Kept FROM Orders",
        "a procedure that drops the table, if there is one, and makes it",
        "INTO [dbo].[Kept]",
    ),
    Construct(
        "CREATE, ALTER, DROP",
        "CREATE TABLE Log (LogID COUNTER PRIMARY KEY, Entry TEXT(200))",
        "a statement for review, not run; CREATE PROCEDURE what its query would become",
        "int IDENTITY(1, 1) PRIMARY KEY",
    ),
    Construct(
        "TOP n … ORDER BY",
        "SELECT TOP 3 ID FROM Orders ORDER BY Amount DESC",
        "TOP (n) WITH TIES: Access gives all rows that tie with the last",
        "TOP (3) WITH TIES",
    ),
    Construct(
        "TOP n PERCENT", "SELECT TOP 5 PERCENT ID FROM Orders ORDER BY ID", "TOP (n) PERCENT WITH TIES", "PERCENT"
    ),
    Construct(
        "TOP n without ORDER BY",
        "SELECT TOP 3 x.ID FROM (SELECT ID FROM Orders ORDER BY Placed) AS x",
        "TOP (n) in the order of the query it reads, where that has one",
        "ORDER BY [x].[order 1]",
        "told: of a table any n rows, as in Access",
    ),
    Construct(
        "First, Last over a query with ORDER BY",
        "SELECT Customer, First(ID) AS i FROM (SELECT * FROM Orders ORDER BY Placed, ID) AS x GROUP BY Customer",
        "the value of the row that ROW_NUMBER() over the group numbers 1; of Last in the opposite order",
        "CASE WHEN [x].[first row] = 1",
        "told where rows may tie in that order",
    ),
    Construct(
        "SELECT DISTINCT TOP … ORDER BY",
        "SELECT DISTINCT TOP 3 Customer FROM Orders ORDER BY Len(Customer)",
        "rows are made distinct first, then sorted by what is made of their columns",
        ") AS [distinct rows]\nORDER BY",
        "refused where it sorts by what it does not give, as in Access",
    ),
    Construct(
        "GROUP BY an expression that is used again",
        "SELECT Year(Placed) AS y, (SELECT Sum(Qty) FROM Lines WHERE Number < Year(Orders.Placed)) AS n FROM Orders"
        " GROUP BY Year(Placed)",
        "the same T-SQL wherever it is used, by way of CROSS APPLY where a sub-query or domain function reads it",
        "GROUP BY\n    [made 1].[value]",
    ),
    Construct(
        "Rnd, GenGUID in a query with parameters",
        "SELECT TOP 1 ID FROM Orders WHERE Customer = [Which customer?] ORDER BY Rnd(ID)",
        "a procedure, as no function of a server may draw random values",
        "CREATE PROCEDURE",
        "nothing can read from it",
    ),
    Construct(
        "ORDER BY without TOP",
        "SELECT ID FROM Orders ORDER BY ID",
        "left out of the view, as views have no order",
        "SELECT\n    [Orders].[ID]\nFROM",
        "the message says what to write where rows are read",
    ),
    Construct(
        "SELECT *",
        "SELECT * FROM Orders INNER JOIN Lines ON Orders.ID = Lines.OrderID",
        "the columns, by name",
        "[Lines].[Qty]",
    ),
    Construct(
        "columns of one name",
        "SELECT Orders.ID, o.ID FROM Orders, Orders AS o",
        "`Table.Column`, which is Access's name for them",
        "AS [o.ID]",
    ),
    Construct(
        "columns without a name",
        "SELECT ID, Amount * 2 FROM Orders",
        "`Expr1000` and on, by place",
        "AS [Expr1001]",
    ),
    Construct(
        "an expression that names another column of its SELECT",
        "SELECT Amount * 2 AS Twice, Twice + 1 AS More FROM Orders",
        "CROSS APPLY",
        "CROSS APPLY (SELECT",
        "the output column is meant before a source's of that name, as in Access; told",
    ),
    Construct(
        "division by 0 (/, \\, Mod)",
        "SELECT Amount / ID AS x FROM Orders",
        "NULL in that row",
        "NULLIF([Orders].[ID], 0)",
        "told: Access shows an error in that row, SQL Server would refuse the whole query",
    ),
    Construct(
        "Yes/No in ORDER BY and comparisons",
        "SELECT TOP 1 ID FROM Orders WHERE Paid < 1 ORDER BY Paid",
        "as -1 and 0: True comes before False",
        "(-1 * [Orders].[Paid]) < 1\nORDER BY [Orders].[Paid] DESC",
    ),
    Construct(
        "And, Or, Xor, Eqv, Imp, Not of numbers",
        "SELECT ID FROM Orders WHERE (ID And 4) <> 0",
        "conditions: every number but 0 is True",
        "([Orders].[ID] <> 0) AND (1 = 1)",
        "told: Access's engine has no operations on bits but BAND, BOR, BXOR and BNOT, which become &, |, ^ and ~",
    ),
    Construct(
        "DISTINCTROW",
        "SELECT DISTINCTROW Orders.Customer FROM Orders INNER JOIN Lines ON Orders.ID = Lines.OrderID",
        "DISTINCT over the output and the primary keys of the tables shown",
        "AS [distinct rows]",
        "nothing where all tables are shown",
    ),
    Construct(
        "joins nested in parentheses",
        "SELECT Orders.ID FROM Orders LEFT JOIN (Lines INNER JOIN Orders AS o ON Lines.OrderID = o.ID)"
        " ON Orders.ID = Lines.OrderID",
        "the same nesting",
        "LEFT JOIN (",
    ),
    Construct("comma joins", "SELECT Orders.ID FROM Orders, Lines", "CROSS JOIN", "CROSS JOIN"),
    Construct(
        "(SELECT …) AS x, [SELECT …]. AS x",
        "SELECT x.ID FROM [SELECT ID FROM Orders]. AS x",
        "a derived table",
        ") AS [x]",
    ),
    Construct(
        "UNION of text and numbers",
        "SELECT Customer FROM Orders UNION SELECT Qty FROM Lines",
        "numbers as text, as Access has them: T-SQL would make numbers of text",
        "CONVERT(nvarchar",
    ),
    Construct(
        "IN (SELECT …), EXISTS, ALL, ANY",
        "SELECT ID FROM Orders WHERE Exists (SELECT * FROM Lines WHERE OrderID = Orders.ID)",
        "the same",
        "EXISTS (",
    ),
    Construct(
        "queries that read queries",
        "SELECT ID FROM Base",
        "views that read views, made in order; parameters are passed on",
        "FROM [dbo].[Base]",
        "circles are named and refused",
    ),
    Construct(
        "linked tables, IN 'other.mdb'",
        "SELECT ID FROM Orders IN 'other.mdb'",
        "refused: migrate that file too",
        "3105",
    ),
    Construct(
        "tables that a make-table query or CREATE TABLE of the same database makes",
        "SELECT ID FROM Summary",
        "procedures, which work once the table is made; its columns are inferred from that query",
        "FROM [dbo].[Summary]",
        "Access looks for the table when the query runs, too",
    ),
    Construct(
        "columns with several values",
        "SELECT ID, Orders.Tags.Value FROM Orders",
        "LEFT JOIN of the table of their values; alone in an output all values in one text",
        "LEFT JOIN [dbo].[Orders_Tags] AS [Orders.Tags]",
        "refused where all values at once would be compared, grouped or sorted by",
    ),
    Construct(
        "VBA functions of your own",
        "SELECT NullToZero(Amount) FROM Orders",
        "scalar functions, made of the modules' code, one for each kind of argument that it leaves open",
        "[dbo].[NullToZero]([Orders].[Amount])",
        "where the code only computes: If, Select Case, assignments, calls of each other",
    ),
    Construct(
        "VBA functions of your own that do more: loops, messages, objects, On Error Resume Next, variables of a module",
        "SELECT Announced(ID) FROM Orders",
        "refused; the function is named once, with module, line, reason and the queries that need it",
        "3540",
    ),
    Construct(
        "Eval of a text that is written out",
        "SELECT ID FROM Orders WHERE Customer = Eval('[Forms]![F]![C]')",
        "the expression in it",
        "@Forms_F_C",
    ),
    Construct(
        "Eval of any other text",
        "SELECT Eval(Customer) FROM Orders",
        "refused, naming the function and its place",
        "3505",
    ),
)


def constructs_table() -> str:
    """Markdown: each construct of Access SQL and what becomes of it."""
    rows = ["| Access SQL | On the server | To know |", "| --- | --- | --- |"]
    rows += [f"| {c.name} | {c.becomes} | {c.note} |" for c in CONSTRUCTS]
    return "\n".join(rows) + "\n"

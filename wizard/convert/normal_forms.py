"""T-SQL expressions in one normal form, so that a server's wording can be compared with ours.

SQL Server keeps checks and defaults in words of its own: brackets around names, parentheses around every constant,
function names in small letters, `BETWEEN`, `IN` and `IIF` written out, `CAST` as `CONVERT` (sys.check_constraints,
sys.default_constraints, column `definition`). A form has none of that left; two expressions of one form say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import reduce
from typing import Final

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from wizard.tsql_words import WordKind, pieces

NormalForm = tuple[object, ...]

_LONGEST: Final = 4_000
"""characters of an expression that is taken to pieces"""
_INT: Final = 2**31 - 1
_OPPOSITE: Final[dict[type[exp.Expr], type[exp.Expr]]] = {
    exp.EQ: exp.NEQ, exp.NEQ: exp.EQ, exp.LT: exp.GTE, exp.GTE: exp.LT, exp.GT: exp.LTE, exp.LTE: exp.GT,
}  # fmt: skip
_OPERATORS: Final = (
    *_OPPOSITE, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Is, exp.Like, exp.Escape, exp.BitwiseAnd,
    exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseNot, exp.Null,
)  # fmt: skip
"""what a server words as it was given but for blanks, parentheses and case"""


def form(expression: str) -> NormalForm | None:
    """The form of an expression; None where it cannot be read, or is very long."""
    if len(expression) > _LONGEST:
        return None
    try:
        tree = parse_one(_with_bare_types(expression), dialect="tsql", into=exp.Condition)
        return _form(tree)
    except (SqlglotError, RecursionError):
        return None


def _with_bare_types(expression: str) -> str:
    """A server has the type of CONVERT in brackets, which the parser does not read."""
    before = ["", ""]
    found: list[str] = []
    for piece in pieces(expression):
        bare = before in (["CONVERT", "("], ["TRY_CONVERT", "("]) and piece.value.isidentifier()
        found.append(piece.value if bare else piece.shown)
        if piece.kind not in (WordKind.BLANK, WordKind.COMMENT):
            before = [before[1], piece.keyword or piece.shown]
    return "".join(found)


def plain(expression: str) -> bool:
    """Whether all of an expression is columns, constants and operators, whose forms are known without doubt.

    What a server makes of functions and casts changes between versions ("Breaking changes to Database Engine
    features"): there, two forms that differ may still say the same.
    """
    made = form(expression)
    return made is not None and _plain(made)


def _plain(made: NormalForm) -> bool:
    return made[0] != "other" and all(_plain(part) for part in made if isinstance(part, tuple) and part)


def _form(node: exp.Expr) -> NormalForm:
    node = _written_out(node)
    if isinstance(node, exp.And | exp.Or):
        return _joined(type(node), [_form(part) for part in node.flatten()])
    if isinstance(node, _OPERATORS):
        return type(node).__name__, *(_form(part) for part in node.iter_expressions())
    return _FORMS.get(type(node), _other)(node)


def _written_out(node: exp.Expr) -> exp.Expr:
    """Without parentheses; BETWEEN and IN as the comparisons that a server makes of them, -1 as one constant."""
    node = node.unnest()
    if isinstance(node, exp.Between):
        pair = (
            exp.GTE(this=node.this, expression=node.args["low"]),
            exp.LTE(this=node.this, expression=node.args["high"]),
        )
        return exp.And(this=pair[0], expression=pair[1])
    if isinstance(node, exp.In) and node.expressions and not node.args.get("query"):
        equal: list[exp.Expr] = [exp.EQ(this=node.this, expression=value) for value in node.expressions]
        return reduce(lambda a, b: exp.Or(this=a, expression=b), equal)
    if isinstance(node, exp.Neg) and isinstance(value := node.this.unnest(), exp.Literal) and not value.is_string:
        return exp.Literal.number("-" + value.name)
    return node


def _column(node: exp.Expr) -> NormalForm:
    return _other(node) if node.args.get("table") else ("column", node.name.casefold())


def _constant(node: exp.Expr) -> NormalForm:
    return ("text", node.name) if node.is_string else _number(node.name)


def _number(text: str) -> NormalForm:
    """Whole numbers beyond int are decimals to a server, which shows them with a point."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return "number", text
    if "e" in text.casefold():
        return "float", float(value)
    digits = value.as_tuple()
    whole = "." not in text and -_INT - 1 <= value <= _INT
    return "int" if whole else "decimal", value, digits.exponent


def _joined(kind: type[exp.Expr], parts: list[NormalForm]) -> NormalForm:
    """AND and OR: their order means nothing, and one within another of its own kind neither."""
    word = kind.__name__
    flat: list[object] = []
    for part in parts:
        flat += part[1:] if part[0] == word else [part]
    return word, *sorted(flat, key=repr)


def _opposite(node: exp.Expr) -> NormalForm:
    """NOT, brought down to the comparisons as far as it goes; three-valued logic has de Morgan's laws too."""
    node = _written_out(node)
    if isinstance(node, exp.Not):
        return _form(node.this)
    if isinstance(node, exp.And | exp.Or):
        return _joined(exp.Or if isinstance(node, exp.And) else exp.And, [_opposite(part) for part in node.flatten()])
    if opposite := _OPPOSITE.get(type(node)):
        return _form(opposite(this=node.this, expression=node.expression))
    return "Not", _form(node)


def _case(node: exp.Expr) -> NormalForm:
    """CASE with conditions, and IIf, which a server writes as one."""
    if node.this is not None and isinstance(node, exp.Case):
        return _other(node)
    branches, default = (node.args["ifs"], "default") if isinstance(node, exp.Case) else ([node], "false")
    made = [part for b in branches for part in (_form(b.this), _form(b.args["true"]))]
    otherwise = node.args.get(default)
    return "case", *made, _form(otherwise) if otherwise is not None else ()


def _cast(node: exp.Expr) -> NormalForm:
    """CAST and CONVERT; a server may write the style 0 that is meant where none is given."""
    kind, value = (node.args["to"], node.this) if isinstance(node, exp.Cast) else (node.this, node.expression)
    style = node.args.get("style")
    trying = isinstance(node, exp.TryCast) or bool(node.args.get("safe"))
    shown = _form(style) if style is not None else _number("0")
    return "other", "convert", trying, kind.sql(dialect="tsql").casefold(), _form(value), shown


def _other(node: exp.Expr) -> NormalForm:
    """A function and whatever else: its name and its parts."""
    parts = [part for _, value in sorted(node.args.items()) for part in _parts(value)]
    return "other", type(node).__name__, *parts


def _parts(value: object) -> list[object]:
    if isinstance(value, exp.Identifier | exp.Var):
        return [value.name.casefold()]
    if isinstance(value, exp.DataType):
        return [value.sql(dialect="tsql").casefold()]
    if isinstance(value, exp.Expr):
        return [_form(value)]
    if isinstance(value, list):
        return [part for one in value for part in _parts(one)]
    return [value.casefold() if isinstance(value, str) else value]


_FORMS: Final[dict[type[exp.Expr], Callable[[exp.Expr], NormalForm]]] = {
    exp.Column: _column,
    exp.National: lambda node: ("text", str(node.this)),
    exp.Literal: _constant,
    exp.Not: lambda node: _opposite(node.this),
    exp.If: _case,
    exp.Case: _case,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Convert: _cast,
}

"""T-SQL as a tree: translations make it and ask about it, and one place writes it as text.

Why a small tree of our own and not sqlglot's expressions: most of what functions become are whole patterns of T-SQL
(Val is fifteen calls around one argument), which read best as templates; sqlglot would parse each of them, or have us
write its classes out, and its generator would then rewrite them for a dialect where we want them as they stand. It
copies children to hold their parents, so that an operand used five times is five trees; here it is one, and an
expression's size, its columns, whether it holds a sub-query, an aggregate or something random, and how deep its CASE
goes are known from the moment it is made, without walking it. Equal structure is equality: a grouped expression is
recognised again by a dictionary. What it lacks (parsing, other dialects) nothing here needs.
"""

from __future__ import annotations

from wizard.convert.tree.build import (
    Part,
    aggregate,
    bare,
    called,
    case,
    choose_sql,
    coalesced,
    enclosed,
    lines,
    listed,
    made_by,
    node_of,
    null_if,
    scalar,
    spread,
    tsql,
    volatile,
)
from wizard.convert.tree.facts import Faults, NodeFacts, Volatility
from wizard.convert.tree.faults import (
    MOST_CHARACTERS,
    MOST_LEVELS,
    chosen_or_error,
    decided,
    error,
    failing,
    faults,
    guarded,
    only_where,
    undecided,
    unguarded,
    with_reasons,
)
from wizard.convert.tree.nodes import (
    STEP,
    Case,
    Enclosed,
    Failing,
    Held,
    Indented,
    Number,
    SqlColumn,
    SqlNode,
    SqlSubquery,
    Text,
    Variable,
    draws,
    written,
    written_around,
)
from wizard.convert.tree.selects import As, Clauses, SqlSelect, applied, around, derived, named, union

__all__ = [
    "MOST_CHARACTERS",
    "MOST_LEVELS",
    "STEP",
    "As",
    "Case",
    "Clauses",
    "Enclosed",
    "Failing",
    "Faults",
    "Held",
    "Indented",
    "NodeFacts",
    "Number",
    "Part",
    "SqlColumn",
    "SqlNode",
    "SqlSelect",
    "SqlSubquery",
    "Text",
    "Variable",
    "Volatility",
    "aggregate",
    "applied",
    "around",
    "bare",
    "called",
    "case",
    "choose_sql",
    "chosen_or_error",
    "coalesced",
    "decided",
    "derived",
    "draws",
    "enclosed",
    "error",
    "failing",
    "faults",
    "guarded",
    "lines",
    "listed",
    "made_by",
    "named",
    "node_of",
    "null_if",
    "only_where",
    "scalar",
    "spread",
    "tsql",
    "undecided",
    "unguarded",
    "union",
    "volatile",
    "with_reasons",
    "written",
    "written_around",
]  # fmt: skip

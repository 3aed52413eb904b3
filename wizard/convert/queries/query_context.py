"""The context of one query's conversion: what it reads, its parameters, its messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, NoReturn, Protocol, TypeVar

from sqlglot import exp

from wizard.convert.dialect import nodes
from wizard.convert.draft import ConversionTask, TableDraft
from wizard.convert.names import NameRegister, variable_name
from wizard.convert.queries.expression_names import GroupBy
from wizard.convert.queries.mixed_columns import moment_shown
from wizard.convert.queries.type_names import DEFAULT_LENGTH, server_type
from wizard.convert.retyped_columns import held
from wizard.convert.tree import SqlColumn, SqlNode, enclosed, tsql
from wizard.convert.typed_sql import Typed, Walker
from wizard.definitions import ColumnType, Query
from wizard.messages import ConversionError, Kind, Message, Place
from wizard.objects import Name, ServerType

MOST_PARAMETERS: Final = 1024
"""of a function, says Microsoft's "Maximum capacity specifications for SQL Server"; no query of Access has as many"""
LEVELS: Final = 32
"""of views and functions that stand on each other (Msg 217); Access has 50 of queries"""


@dataclass(frozen=True, slots=True)
class Origin:
    """A table's column that a query gives as it is, so that it can be changed through the query's view."""

    table: Name
    column: str
    path: tuple[str, ...] = ()
    """the aliases under which queries read that table, the outermost first: a table read twice is two"""


@dataclass(frozen=True, slots=True)
class Field:
    """An output column of a table or query: Access's name, the server's, and what is known of its values."""

    name: str
    server_name: str
    type: ColumnType
    nullable: bool = True
    length: int = 0
    server: ServerType | None = None
    """the type of a table's column on the server"""
    origin: Origin | None = None
    """None where it can be changed nowhere: it is calculated, grouped by, told apart by or of a UNION"""
    dated: bool = False
    """whether it is the text of dates among numbers"""
    counter: bool = False
    """of a table that a query makes: whether it may number the rows"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """`prompt` is what Access would ask for, `name` what the server calls it, with its @."""

    prompt: str
    name: str
    type: ColumnType
    length: int = 0

    @property
    def server_type(self) -> str:
        """Never shorter than Access's longest text: a value cut to a column's length could match what it should not."""
        return server_type(self.type, max(self.length, DEFAULT_LENGTH))

    @property
    def declaration(self) -> str:
        """Its name and type."""
        return f"{self.name} {self.server_type}"


By = TypeVar("By", SqlNode, str)
Other = TypeVar("Other", SqlNode, str)


@dataclass(frozen=True, slots=True)
class Sort(Generic[By]):
    """One thing that rows are sorted by: T-SQL, or of a relation the server's name of a column.

    `said`: what people read for it, where that is something else. `negative`: by its opposite, which is a bit's order.
    """

    by: By
    descending: bool = False
    said: str = ""
    negative: bool = False

    def at(self, by: Other, said: str = "") -> Sort[Other]:
        """The same, called otherwise."""
        return Sort(by, self.descending, said, self.negative)

    @property
    def words(self) -> str:
        """As people read it."""
        return str((self.at(self.said) if self.said else self).node)

    @property
    def node(self) -> SqlNode:
        """As ORDER BY has it."""
        by = enclosed("-1 * {}", self.by) if self.negative else self.by
        return tsql("{}{}", by, " DESC" if self.descending else "")


Closure = Callable[[frozenset[str]], frozenset[str]]
"""From columns in which some rows agree to all in which they then must: that of a table knows its unique keys"""


@dataclass(frozen=True, slots=True)
class Relation:
    """Something to read from. `parameters` are those of a query that became a function.

    `order` is how its rows come in Access, by columns that can be read from it; empty where that is not known.
    `lost`: it sorts by something that cannot be read from it.
    """

    label: str
    name: Name
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    """server's names of a table's primary key"""
    parameters: tuple[Parameter, ...] = ()
    order: tuple[Sort[str], ...] = ()
    lost: bool = False
    deferred: bool = False
    """a procedure, as it reads a table that a query makes: what reads it takes it in as a sub-query"""
    closure: Closure = field(default=lambda given: given, compare=False, repr=False)
    level: int = 0
    """how deep views and functions stand on each other in it; 0 for a table"""
    deletes: bool = False
    """whether its rows are those of one table, so that they can be deleted through it"""

    @property
    def taken_in(self) -> bool:
        """Whether what reads it takes it in as a sub-query: it is a procedure, or on as many levels as there may be."""
        return self.deferred or self.level >= LEVELS

    def field(self, name: str) -> Field | None:
        """The column of that name, in Access's words."""
        folded = name.casefold()
        return next((f for f in self.fields if f.name.casefold() == folded), None)


@dataclass(frozen=True, slots=True)
class QueryRows:
    """A SELECT or UNION with its output; `order` is what its ORDER BY said where it had to go.

    `unsortable`: it sorted by something that is not in the output. The rest is a relation's.
    """

    select: SqlNode
    fields: tuple[Field, ...]
    order: str = ""
    unsortable: bool = False
    sorting: tuple[Sort[str], ...] = ()
    closure: Closure = field(default=lambda given: given, compare=False, repr=False)
    deletes: bool = False


@dataclass(frozen=True, slots=True)
class SelectRequest:
    """What is wanted of the rows of a query, beside what its text says."""

    parent: OuterScope | None = None
    """the SELECT around it"""
    types: tuple[ColumnType, ...] = ()
    """of the columns that are to take its values, or that a UNION wants of a member; empty where it says itself"""
    stores: bool = False
    """what it gives goes into columns of these types"""
    member: bool = False
    """one of a UNION, whose columns find their types together"""
    typed_nulls: bool = False
    """a NULL is one of its column's type"""
    keep_order: bool = False
    """for a statement whose ORDER BY may stand without TOP"""
    sortable: bool = False
    """with whatever it sorts by as columns"""
    into: str = ""
    """a table to make"""
    pivot: exp.Expr | None = None
    """what a crosstab's headings come from"""


AS_WRITTEN: Final = SelectRequest()
"""nothing but what the query's text says"""


@dataclass
class BoundSource:
    """A source of a FROM under the name it has there. `outer`: a join may leave it without a row."""

    alias: str
    relation: Relation
    server_alias: str
    """its name in T-SQL: the alias, where that can be one"""
    outer: bool = False
    inner: frozenset[str] = frozenset()
    """of a sub-query that nobody named: the case-folded names of its own sources, by which Access knows it too"""
    hidden: bool = False
    """the values of a complex column, which Access joins unseen"""

    def column(self, name: str) -> SqlColumn:
        """A column by its name on the server."""
        return SqlColumn(self.server_alias, name)

    def typed(self, found: Field) -> Typed:
        """A column's value as read from here."""
        value = Typed(self.column(found.server_name), found.type, found.nullable or self.outer, found.length)
        if found.dated:
            return moment_shown(value)
        return held(value, found.server) if found.server else value


class OuterScope(Protocol):
    """The SELECT around a sub-query, as far as the sub-query sees it."""

    @property
    def sources(self) -> Sequence[BoundSource]:
        """What its FROM reads."""

    @property
    def parent(self) -> OuterScope | None:
        """The SELECT around it."""

    @property
    def groups(self) -> GroupBy | None:
        """What it groups by."""

    @property
    def domain_of(self) -> str:
        """The table or query that a domain function looks into, whose texts see nothing around; else empty."""

    @property
    def grouping(self) -> bool:
        """Whether it, or a SELECT around it, groups by more than columns."""

    def find(self, node: exp.Column) -> tuple[BoundSource, Field] | None:
        """The column that a reference means among its own sources. Raises ConversionError where it may be two."""


class RelationCatalog(Protocol):
    """Everything that a query can read: `Catalog` as the queries see it."""

    @property
    def drafts(self) -> Mapping[str, TableDraft]:
        """The tables by case-folded name."""

    @property
    def constraints(self) -> dict[tuple[str, str], str]:
        """The names here of those that data definition names, by table and name in Access."""

    def listed(self, name: str) -> str:
        """The name that a table has here: those of a column's values may be named as the file has them."""
        ...

    def table(self, name: str) -> Relation | None:
        """The table of that name."""

    def makes(self, name: str) -> bool:
        """Whether a query of the database makes the table of that name."""

    def relation(self, context: QueryContext, name: exp.Identifier) -> Relation:
        """The table or query of that name. Raises ConversionError where there is none to read."""

    def tree(self, name: str) -> exp.Expr:
        """The SELECT of a query that has been converted."""

    def source(self, context: QueryContext, relation: Relation, alias: str) -> SqlNode:
        """What stands for it in FROM."""

    def own_call(self, context: QueryContext, node: exp.Anonymous, walker: Walker) -> Typed | None:
        """A call of a VBA function; None where the modules have none. Raises ConversionError."""

    def own_type(self, name: str, index: int) -> ColumnType | None:
        """The type that a VBA function wants of an argument; None where any will do, or there is none."""


@dataclass
class QueryContext:
    """`rows` translates a sub-query; it is here so that scopes and selects need not know each other."""

    task: ConversionTask
    catalog: RelationCatalog
    query: Query
    tree: nodes.SavedQuery
    rows: Callable[[QueryContext, exp.Expr, SelectRequest], QueryRows]
    messages: list[Message] = field(default_factory=list)
    depends_on: dict[Name, None] = field(default_factory=dict)
    hints: dict[int, tuple[ColumnType, int]] = field(default_factory=dict)
    """what a value is for (by the node's id): the type of the column it is assigned to"""
    declared: set[str] = field(default_factory=set)
    """case-folded prompts of the parameters that the query declares: such a name means nothing else but a column"""
    made: tuple[Field, ...] = ()
    """the columns of the table that it makes"""
    deferred: bool = False
    """whether it reads a table that another query makes"""
    level: int = 0
    """how deep views and functions stand on each other in what it reads"""
    _parameters: dict[str, Parameter] = field(default_factory=dict)
    _taken: NameRegister = field(default_factory=NameRegister)
    _aliases: int = 0
    _server_aliases: dict[str, str] = field(default_factory=dict)
    _taken_aliases: NameRegister = field(default_factory=NameRegister)
    _mentions: dict[str, list[exp.Expression]] | None = None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters, in the order of their first mention."""
        return tuple(self._parameters.values())

    def parameter(self, prompt: str) -> Parameter | None:
        """The parameter with that prompt."""
        return self._parameters.get(prompt.casefold())

    def add_parameter(self, prompt: str, kind: ColumnType, length: int = 0) -> Parameter:
        """A parameter of that prompt, made on first mention."""
        known = self.parameter(prompt)
        if known is None:
            if len(self._parameters) >= MOST_PARAMETERS:
                self.fail(3124, most=MOST_PARAMETERS)
            known = Parameter(prompt, "@" + self._taken.take(variable_name(prompt)), kind, length)
            self._parameters[prompt.casefold()] = known
        return known

    def variable(self, name: str) -> str:
        """A variable of a procedure, with its @, that no parameter has for its name."""
        return "@" + self._taken.take(name)

    def retype(self, parameter: Parameter, kind: ColumnType, length: int) -> Parameter:
        """The parameter with a type that has been found out."""
        changed = Parameter(parameter.prompt, parameter.name, kind, length)
        self._parameters[parameter.prompt.casefold()] = changed
        return changed

    def mentions(self, prompt: str) -> list[exp.Expression]:
        """Wherever the query's text has that name or reference."""
        if self._mentions is None:
            self._mentions = {}
            for node in self.tree.find_all(exp.Column, nodes.Bang):
                self._mentions.setdefault(prompt_of(node).casefold(), []).append(node)
        return self._mentions.get(prompt.casefold(), [])

    def alias(self) -> str:
        """A name for a derived table that nobody named."""
        self._aliases += 1
        name = self.free_alias(f"made {self._aliases}")
        self._server_aliases[name.casefold()] = name
        return name

    def free_alias(self, wanted: str) -> str:
        """A name in T-SQL for what has none in Access; no source of the query so far has it."""
        return self._taken_aliases.take(wanted, temporary=False)

    def server_alias(self, alias: str) -> str:
        """What a source of that name is called in T-SQL, everywhere in the query: no two of them are taken for one."""
        if alias.casefold() not in self._server_aliases:
            self._server_aliases[alias.casefold()] = self._taken_aliases.take(alias, temporary=False)
        return self._server_aliases[alias.casefold()]

    def place(self, node: exp.Expr | None = None) -> Place:
        """Where a message about a node, or about the query, belongs."""
        line, column = nodes.position(node) if isinstance(node, exp.Expression) else (0, 0)
        return Place(Kind.QUERY, self.task.source, self.query.name, line=line, column=column)

    def note(self, code: int, node: exp.Expr | None = None, **facts: Any) -> None:
        """Note a message once."""
        message = Message.of(code, self.place(node), **facts)
        if message not in self.messages:
            self.messages.append(message)

    def fail(self, code: int, node: exp.Expr | None = None, **facts: Any) -> NoReturn:
        """Give the query up with a numbered message. Raises ConversionError."""
        raise ConversionError(code, self.place(node), **facts)


def prompt_of(node: exp.Expr) -> str:
    """What Access would ask for where a column or reference is unknown."""
    if isinstance(node, nodes.Bang):
        return node.prompt
    return ".".join(p.name for p in node.parts) if isinstance(node, exp.Column) else node.name


def sorted_by(value: Typed, *, descending: bool) -> Sort[SqlNode]:
    """How the server sorts by a value as Access does, to which True, being -1, comes before False and after NULL."""
    bit = value.type is ColumnType.BOOLEAN
    negative = bit and value.nullable
    return Sort(value.node, descending is not (bit and not negative), negative=negative)


def field_of(name: str, server_name: str, value: Typed, origin: Origin | None = None) -> Field:
    """An output column with what is known of a value."""
    return Field(name, server_name, value.type, value.nullable, value.length, origin=origin, dated=value.dated)

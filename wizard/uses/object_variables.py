"""The object variables of a module: databases, recordsets, query definitions, by declaration and by Set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from wizard.uses.code.calls import Call, calls
from wizard.uses.code.statements import VbaStatement
from wizard.uses.code.texts import Texts
from wizard.uses.code.tokens import Token, TokenKind
from wizard.uses.model import UNKNOWN
from wizard.uses.module_facts import ELSEWHERE, OWN, Recordset

_RECORDSETS: Final = ("recordset", "dao.recordset", "dao.recordset2", "recordset2")
_DAO: Final = frozenset(
    [*_RECORDSETS, "database", "dao.database", "querydef", "dao.querydef", "tabledef", "dao.tabledef", "workspace",
     "dao.workspace", "dao.querydefs", "dao.dbengine"]
)  # fmt: skip


class ObjectVariables:
    """The variables of the procedure that is read, and of its module. Names are in small letters."""

    def __init__(self, module: str, form_source: str, texts: Texts) -> None:
        """`form_source` is the record source of the form behind the module."""
        self.module, self.form_source, self.texts = module, form_source, texts
        self.types: dict[str, str] = {}
        self.module_types: dict[str, str] = {}
        self.recordsets: dict[str, Recordset] = {}
        self.definitions: dict[str, str] = {}
        """QueryDef and TableDef variables: the name of the saved query or table"""
        self.new_queries: dict[str, str] = {}
        """QueryDef variables that are made: their SQL"""
        self.opened: dict[tuple[str, str], Recordset] = {}
        """recordsets that a With opens, by how it does, and what"""

    def begin_procedure(self) -> None:
        """Forget the variables of the procedure before."""
        self.types, self.recordsets = dict(self.module_types), {}
        self.definitions, self.new_queries, self.opened = {}, {}, {}

    def declare(self, tokens: Sequence[Token], procedure: str) -> None:
        """`rs As DAO.Recordset`, wherever it stands in a declaration."""
        into = self.types if procedure else self.module_types
        for place, token in enumerate(tokens):
            if not token.is_word("as") or not place or tokens[place - 1].kind is not TokenKind.NAME:
                continue
            kind = [t.text for t in tokens[place + 1 : place + 5] if not t.is_word("new")]
            named = kind[0].casefold() if kind else ""
            if len(kind) > 2 and kind[1] == ".":
                named += "." + kind[2].casefold()
            into[tokens[place - 1].text.casefold()] = named
        if not procedure:
            self.types.update(self.module_types)

    def set_object(self, statement: VbaStatement) -> None:
        """`Set rs = db.OpenRecordset(…)` and the like: what the variable is from now on."""
        name = statement.tokens[1].text.casefold()
        right = statement.tokens[3:]
        made = list(calls(VbaStatement(tuple(right), with_=statement.with_))) if right else []
        self.recordsets.pop(name, None)
        self.definitions.pop(name, None)
        self.new_queries.pop(name, None)
        if not made:
            return
        if self.is_elsewhere(made[0]):
            self.types[name] = ELSEWHERE
            return
        call = max((c for c in made if c.begin <= 1), key=lambda c: len(c.chain), default=made[0])
        chain = [n.casefold() for n in call.chain]
        if "openrecordset" in chain:
            at = chain.index("openrecordset")
            given = call.arguments if at == len(chain) - 1 else call.owners[at]
            source = self.texts.value(given[0]) if given else UNKNOWN
            before = chain[at - 1] if at else ""
            if before in self.definitions or self.types.get(before, "").endswith("querydef"):
                source = self.definitions.get(before, UNKNOWN)
            elif at and self.type_of(".".join(chain[:at])) not in _DAO and before not in ("currentdb", "codedb"):
                source = source if given else UNKNOWN
            self.recordsets[name] = Recordset(source, words_of(given), opened=True)
            self.types[name] = "dao.recordset"
        elif chain[-1] in ("recordsetclone", "recordset", "clone"):
            form = self.form_source if chain[0] == "me" and len(chain) == 2 else UNKNOWN
            known = self.recordsets.get(chain[0])
            self.recordsets[name] = known or Recordset(form, form=self.module)
            self.types.setdefault(name, "dao.recordset")
        elif chain[0] in ("currentdb", "codedb", "dbengine") and chain[-1] in ("currentdb", "codedb", "databases"):
            self.types[name] = "dao.database"
        elif chain[-1] in ("querydefs", "createquerydef", "tabledefs", "createtabledef"):
            self._set_definition(name, chain[-1], call)
        elif chain[-1] == "connection" and "currentproject" in chain:
            self.types[name] = OWN
        elif chain[-1] in ("createworkspace", "workspaces"):
            self.types[name] = "dao.workspace"

    def _set_definition(self, name: str, by: str, call: Call) -> None:
        """A QueryDef or TableDef: which, or the SQL of a new one."""
        given = [self.texts.value(a) for a in call.arguments]
        self.types[name] = "dao.querydef" if by.endswith(("querydef", "querydefs")) else "dao.tabledef"
        if by != "createtabledef":
            self.definitions[name] = given[0] if given else ""
        if by == "createquerydef" and len(given) > 1:
            self.new_queries[name] = given[1]

    def is_elsewhere(self, call: Call) -> bool:
        """Whether it is another database, or something of it."""
        names = [n.casefold() for n in call.chain]
        return "opendatabase" in names or self.types.get(names[0]) == ELSEWHERE

    def type_of(self, receiver: str) -> str:
        """The type of what stands before a method's name, in small letters; empty where it is not known."""
        if not receiver:
            return ""
        chain = receiver.split(".")
        last = chain[-1]
        if self.types.get(chain[0]) == ELSEWHERE:
            return ELSEWHERE
        if len(chain) == 1 and last in self.types:
            return self.types[last]
        known = {
            "currentdb": "dao.database", "codedb": "dao.database", "querydefs": "dao.querydef",
            "tabledefs": "dao.tabledef", "recordsetclone": "dao.recordset", "workspaces": "dao.workspace",
            "dbengine": "dao.dbengine", "recordset": "dao.recordset", "databases": "dao.database",
            "openrecordset": "dao.recordset",
        }  # fmt: skip
        if last == "connection":
            return OWN if "currentproject" in chain else "adodb.connection"
        return known.get(last, "dao.database" if last == "dbs" and len(chain) > 1 else "")

    def definition_of(self, call: Call) -> str:
        """The query or table whose definition a method is called on, or the SQL of a new one; empty where none is."""
        for name, given in zip(call.chain[:-1], call.owners, strict=False):
            if name.casefold() in ("querydefs", "tabledefs") and given:
                return self.texts.value(given[0])
        variable = call.chain[0].casefold()
        return self.new_queries.get(variable) or self.definitions.get(variable, "")

    def recordset_of(self, call: Call) -> Recordset | None:
        """The recordset that a method is called on."""
        chain = [n.casefold() for n in call.chain[:-1]]
        if not chain:
            return None
        if len(chain) == 1 or chain[-1] in ("fields",):
            if found := self.recordsets.get(chain[0]):
                return found
            kind = self.types.get(chain[0], "")
            return self.recordsets.setdefault(chain[0], Recordset()) if kind in _RECORDSETS else None
        if chain[-1] in ("recordsetclone", "recordset"):
            return Recordset(self.form_source if chain == ["me", chain[-1]] else UNKNOWN, form=self.module)
        if chain[-1] == "openrecordset":
            given = call.owners[len(chain) - 1]
            source = self.texts.value(given[0]) if given else UNKNOWN
            made = Recordset(source, words_of(given), opened=True)
            return self.opened.setdefault((".".join(chain), source), made)
        return None


def words_of(arguments: Iterable[Sequence[Token]]) -> frozenset[str]:
    """All names among some arguments, in small letters; not those of the arguments themselves (`Options:=…`)."""
    return frozenset(t.text.casefold() for a in arguments for t in _value(a) if t.kind is TokenKind.NAME)


def _value(argument: Sequence[Token]) -> Sequence[Token]:
    return argument[2:] if len(argument) > 2 and argument[1].is_sign(":=") else argument

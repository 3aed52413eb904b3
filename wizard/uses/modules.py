"""What VBA modules use, and the calls in them that matter to a database, each with its line and what it is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from wizard.access.application import Module
from wizard.convert.vba.code import shown_lines
from wizard.uses.code.calls import Call, calls
from wizard.uses.code.statements import VbaStatement, statements
from wizard.uses.code.texts import Texts
from wizard.uses.code.tokens import CodeBudget, Token, TokenKind, logical_lines
from wizard.uses.designs import sorted_by
from wizard.uses.model import UNKNOWN, How, SqlText, User, UserKind
from wizard.uses.module_facts import ELSEWHERE, OWN, CodeCall, ModuleFacts
from wizard.uses.object_variables import ObjectVariables, words_of
from wizard.uses.sql import DOMAINS, looks_like_sql

_PUBLIC: Final = re.compile(r"\s*(?:Public|Global)\s+Const\s", re.IGNORECASE)
_SQL_CALLS: Final = {
    "openrecordset": How.OPEN_RECORDSET,
    "execute": How.EXECUTE,
    "runsql": How.RUN_SQL,
    "createquerydef": How.DEFINITION,
}
"""methods that are given SQL or the name of a table or query"""
_NAME_CALLS: Final = {"openquery": How.OPEN_QUERY, "opentable": How.OPEN_TABLE}
_PROPERTIES: Final = {
    "recordsource": How.RECORD_SOURCE,
    "rowsource": How.ROW_SOURCE,
    "sql": How.DEFINITION,
    "controlsource": How.CONTROL_SOURCE,
    "filter": How.FILTER,
    "orderby": How.ORDER_BY,
    "sourcetablename": How.DEFINITION,
}
_FINDS: Final = ("findfirst", "findnext", "findlast", "findprevious")
_TRANSFERS: Final = (
    "transferspreadsheet",
    "transfertext",
    "transferdatabase",
    "outputto",
    "deleteobject",
    "copyobject",
)
_TOLD: Final = frozenset(
    [*_SQL_CALLS, *_NAME_CALLS, *_FINDS, *_TRANSFERS, *DOMAINS, "seek", "begintrans", "committrans", "rollback",
     "createtabledef", "createfield", "createindex", "createrelation", "append", "delete", "eval", "open", "update",
     "edit", "addnew", "refreshlink", "transfersharepointlist", "relink", "parameters"]
)  # fmt: skip
_PROVIDER: Final = re.compile(r"Microsoft\.(?:Jet|ACE)\.OLEDB\.\d+\.\d+", re.IGNORECASE)
_OTHER_FILES: Final = re.compile(r"Excel|FMT=|Extended Properties\s*=\s*['\"]*\s*(?:text|HTML)", re.IGNORECASE)


def read_modules(
    modules: Sequence[Module],
    is_name: Callable[[str], bool],
    form_source: Callable[[str], str],
    budget: CodeBudget | None = None,
) -> ModuleFacts:
    """What the modules use.

    Args:
        is_name: whether a text is the name of a table or query.
        form_source: the record source of the form or report behind a module (`Form_Orders`); empty for others.
        budget: how much of them is looked at.
    """
    facts = ModuleFacts()
    constants: dict[str, str] = {}
    budget = budget or CodeBudget()
    for module in modules:
        constants.update(_public_constants(module.source or "", budget))
    for module in modules:
        if module.source:
            _ModuleReader(module, facts, Texts(constants), is_name, form_source(module.name)).read(budget)
    facts.left_out += budget.left_out
    return facts


def _public_constants(source: str, budget: CodeBudget) -> dict[str, str]:
    """Constants that all modules see."""
    lines = shown_lines(source)
    wanted = [i for i, line in enumerate(lines) if _PUBLIC.match(line)]
    texts = Texts({})
    for at in wanted:
        end = at + 1
        while end < len(lines) and end < at + 25 and lines[end - 1].rstrip().endswith(" _"):
            end += 1
        for tokens in logical_lines("\n".join(lines[at:end]), budget):
            texts.module.update(_constants(tokens, texts))
    return texts.module


def _constants(tokens: Sequence[Token], texts: Texts) -> Iterator[tuple[str, str]]:
    """`Const A As String = "x", B = 3`"""
    start = next((i for i, t in enumerate(tokens) if t.is_word("const")), len(tokens)) + 1
    for part in _split(tokens[start:]):
        equals = next((i for i, t in enumerate(part) if t.is_sign("=")), None)
        if equals and part[0].kind is TokenKind.NAME:
            yield part[0].text.casefold(), texts.value(part[equals + 1 :])


def _split(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    start, depth = 0, 0
    for place, token in enumerate(tokens):
        if token.is_sign("(", ")"):
            depth += 1 if token.text == "(" else -1
        elif depth == 0 and token.is_sign(","):
            yield tokens[start:place]
            start = place + 1
    if tokens[start:]:
        yield tokens[start:]


class _ModuleReader:
    """Walks through one module."""

    def __init__(
        self, module: Module, facts: ModuleFacts, texts: Texts, is_name: Callable[[str], bool], form_source: str
    ) -> None:
        self.module, self.facts, self.texts, self.is_name = module, facts, texts, is_name
        self.form_source = form_source
        self.objects = ObjectVariables(module.name, form_source, texts)
        self.passing: set[str] = set()
        """QueryDef variables whose Connect is set in the procedure"""
        self.waiting: list[tuple[str, SqlText]] = []
        """SQL of QueryDef variables, until it is known whether it is passed through"""
        self.used: set[str] = set()
        """variables whose text went somewhere"""

    def read(self, budget: CodeBudget) -> None:
        for statement in statements(self.module.source or "", budget):
            self.statement(statement)
        self.end_procedure()

    def user(self, statement: VbaStatement, line: int = 0) -> User:
        return User(UserKind.MODULE, self.module.name, statement.procedure, line or statement.line)

    def end_procedure(self) -> None:
        """What the variables hold at the end, and was used in no way that is known, counts as SQL in a string."""
        for name, text in self.texts.local.items():
            self.left_over(name, text)
        for variable, sql in self.waiting:
            passing = variable in self.passing
            self.facts.sql.append(SqlText(sql.text, sql.user, sql.how, passing) if passing else sql)
        self.texts.begin_procedure()
        self.objects.begin_procedure()
        self.passing, self.waiting, self.used = set(), [], set()

    def left_over(self, name: str, text: str) -> None:
        line = self.texts.begun.get(name, 0)
        if name not in self.used and line and looks_like_sql(text):
            self.facts.sql.append(SqlText(text, User(UserKind.MODULE, self.module.name, self.procedure, line), How.SQL))

    procedure = ""

    def statement(self, statement: VbaStatement) -> None:
        if statement.procedure != self.procedure or statement.begins_procedure:
            self.end_procedure()
            self.procedure = statement.procedure
        tokens = statement.tokens
        first = statement.word()
        self.providers(statement)
        if statement.begins_procedure:
            self.objects.declare(tokens, self.procedure)
            if any(t.is_word("function") for t in tokens[:3]):
                self.facts.functions[statement.procedure] = None
            return
        words = [statement.word(i) for i in range(3)]
        if "declare" in words[:2] and ("sub" in words or "function" in words):
            self.declared(statement)
            return
        if first in ("dim", "private", "public", "static", "global", "const", "redim"):
            if "const" in words[:2]:
                into = self.texts.local if statement.procedure else self.texts.module
                into.update(_constants(tokens, self.texts))
            else:
                self.objects.declare(tokens, self.procedure)
            return
        if len(tokens) > 2 and first == "set" and tokens[2].is_sign("="):
            self.objects.set_object(statement)
        found = list(calls(statement))
        for call in found:
            self.call(statement, call)
        self.assign(statement, found)

    def providers(self, statement: VbaStatement) -> None:
        """Connection strings of OLE DB that name an Access file."""
        for token in statement.tokens:
            if token.kind is TokenKind.TEXT and (found := _PROVIDER.search(token.text)):
                line = "".join(t.text for t in statement.tokens if t.kind is TokenKind.TEXT)
                if not _OTHER_FILES.search(line):
                    self.facts.call(CodeCall(self.user(statement, token.line), "provider", "", "", (found[0],)))

    def declared(self, statement: VbaStatement) -> None:
        """A procedure of Windows."""
        words = frozenset(t.text.casefold() for t in statement.tokens[:6] if t.kind is TokenKind.NAME)
        self.facts.call(CodeCall(self.user(statement), "declare", "", "", (), words, old_vba=statement.old_vba))

    # --- calls ---

    def call(self, statement: VbaStatement, call: Call) -> None:
        user = self.user(statement, call.line)
        name = call.name
        given = tuple(map(self.texts.value, call.arguments)) if call.called and _worth(name, call, self) else ()
        kind = self.objects.type_of(call.receiver)
        if name in _TOLD and (call.called or name == "openrecordset"):
            recordset = self.objects.recordset_of(call)
            self.facts.call(
                CodeCall(
                    user, name, call.receiver, kind, given, words_of(call.arguments), statement.loops,
                    statement.old_vba, recordset, words_of(call.arguments[1:]), self.objects.definition_of(call),
                )
            )  # fmt: skip
            if recordset and name in ("addnew", "update", "edit"):
                recordset.adding = name == "addnew"
        if name in _SQL_CALLS and given:
            self.given_sql(call, given, kind, user)
        elif name in _NAME_CALLS and given:
            self.mark_used(call)
            self.facts.named.append((given[0], user, _NAME_CALLS[name]))
        elif name in DOMAINS and len(given) > 1:
            self.mark_used(call)
            self.facts.domains.append((given[0], given[1], given[2] if len(given) > 2 else "", user))
        elif name in ("querydefs", "tabledefs") and given:
            self.facts.named.append((given[0], user, How.DEFINITION))
        elif name in ("openform", "openreport") and len(given) > 2:
            self.facts.named.append((given[2], user, How.FILTER))
        else:
            self.other(call, given, user)
        self.field(call, statement, user)

    def given_sql(self, call: Call, given: Sequence[str], kind: str, user: User) -> None:
        """SQL, or a name, that a method runs."""
        self.mark_used(call)
        how = _SQL_CALLS[call.name]
        if call.name == "createquerydef":
            if len(given) > 1:
                self.facts.sql.append(SqlText(given[1], user, how))
            return
        if kind == ELSEWHERE:
            return
        if kind.startswith("adodb") and kind != OWN:
            return
        if looks_like_sql(given[0]):
            self.facts.sql.append(SqlText(given[0], user, how))
        else:
            self.facts.named.append((given[0], user, how))

    def other(self, call: Call, given: Sequence[str], user: User) -> None:
        """Any other call: SQL among its arguments, and texts that are a table's or query's name."""
        how = How.TRANSFER if call.name in _TRANSFERS else How.NAMED
        for text, tokens in zip(given, call.arguments, strict=False):
            if looks_like_sql(text):
                self.mark_used(call)
                self.facts.sql.append(SqlText(text, user, How.SQL))
            elif (_is_literal(tokens) or call.name in _TRANSFERS) and self.is_name(text):
                self.facts.named.append((text, user, how))

    def mark_used(self, call: Call) -> None:
        self.used |= {t.text.casefold() for a in call.arguments for t in a if t.kind is TokenKind.NAME}

    def field(self, call: Call, statement: VbaStatement, user: User) -> None:
        """`rs!Name`, `rs("Name")`, `rs.Fields("Name")`: a column of what the recordset was opened on."""
        variable = call.chain[0].casefold()
        found = self.objects.recordsets.get(variable)
        behind = len(call.chain) - 1
        if found is None and len(call.chain) > 1 and call.chain[-2].casefold() == "openrecordset":
            found, behind = self.objects.recordset_of(call), 1  # within its With
        if found is None:
            return
        column = ""
        if len(call.arguments) == 1 and ((behind == 0 and call.called) or (behind == 1 and call.name == "fields")):
            column = self.texts.value(call.arguments[0])
        elif behind == 1 and not call.called and _behind_bang(statement, call):
            column = call.chain[-1]
        if not column or UNKNOWN in column:
            return
        source = found.source or ""
        if source and source != UNKNOWN:
            self.facts.columns.append((source, column, user, How.FIELD))
        if found.adding and not _assigned(statement, call):
            self.facts.call(CodeCall(user, "field-while-adding", variable, "dao.recordset", (column,), recordset=found))

    # --- assignments ---

    def assign(self, statement: VbaStatement, found: Sequence[Call]) -> None:
        tokens = statement.tokens
        begin = 1 if tokens[0].is_word("let") else 0
        if statement.header or tokens[0].is_word("set", "for", "const"):
            return
        equals = next((i for i, t in enumerate(tokens) if t.is_sign("=") and _level(tokens, i) == 0), None)
        if not equals or equals == begin or equals + 1 >= len(tokens):
            return
        right = tokens[equals + 1 :]
        if equals == begin + 1 and tokens[begin].kind is TokenKind.NAME:
            self.assign_variable(tokens[begin].text.casefold(), right, statement)
            return
        left = next((c for c in found if c.end == equals), None)
        if left is None:
            return
        text = self.texts.value(right)
        user = self.user(statement, left.line)
        if left.name in ("index", "connect", "connectionstring", "sql"):
            recordset = self.objects.recordset_of(left)
            self.facts.call(
                CodeCall(
                    user,
                    f"{left.name}=",
                    left.receiver,
                    self.objects.type_of(left.receiver),
                    (text,),
                    loops=statement.loops,
                    recordset=recordset,
                )
            )
        if left.name == "connect" and text.casefold().startswith("odbc"):
            self.passing.add(left.receiver)
        if left.name in _PROPERTIES:
            self.set_property(left, text, right, user)

    def assign_variable(self, name: str, right: Sequence[Token], statement: VbaStatement) -> None:
        text = self.texts.value(right)
        before = self.texts.local.get(name)
        appended = any(t.kind is TokenKind.NAME and t.text.casefold() == name for t in right)
        if before is not None and not appended:
            self.left_over(name, before)
            self.used.discard(name)
        if not appended or name not in self.texts.begun:
            self.texts.begun[name] = statement.line
        self.texts.local[name] = text
        for token in right:
            other = token.text.casefold()
            if token.kind is TokenKind.NAME and other != name and other in self.texts.local:
                self.used.add(other)

    def set_property(self, left: Call, text: str, right: Sequence[Token], user: User) -> None:
        how = _PROPERTIES[left.name]
        self.used |= {t.text.casefold() for t in right if t.kind is TokenKind.NAME}
        if how in (How.FILTER, How.ORDER_BY):
            if left.receiver == "me" and text != UNKNOWN:
                parts = sorted_by(text) if how is How.ORDER_BY else [text]
                self.facts.expressions += [(self.form_source, part, user, how) for part in parts]
        elif how is How.CONTROL_SOURCE:
            if text.startswith("="):
                self.facts.expressions.append((self.form_source, text[1:], user, how))
        elif looks_like_sql(text):
            sql = SqlText(text, user, how)
            if left.name == "sql":
                saved = self.objects.definitions.get(left.receiver, "")
                self.waiting.append((left.receiver, sql))
                if saved:
                    self.facts.named.append((saved, user, How.DEFINITION))
            else:
                self.facts.sql.append(sql)
        elif UNKNOWN not in text:
            self.facts.named.append((text, user, how))


def _worth(name: str, call: Call, reader: _ModuleReader) -> bool:
    """Whether the arguments' texts are wanted."""
    if name in _TOLD or name in ("querydefs", "tabledefs", "openform", "openreport", "fields"):
        return True
    return any(t.kind is TokenKind.TEXT or t.text.casefold() in reader.texts.local for a in call.arguments for t in a)


def _is_literal(tokens: Sequence[Token]) -> bool:
    return len(tokens) == 1 and tokens[0].kind is TokenKind.TEXT


def _behind_bang(statement: VbaStatement, call: Call) -> bool:
    """Whether the last name stands behind a `!`."""
    place = min(call.end, len(statement.tokens)) - 2
    return place >= 0 and statement.tokens[place].is_sign("!")


def _assigned(statement: VbaStatement, call: Call) -> bool:
    """Whether a field is set, not read."""
    if call.begin > 1 and not statement.tokens[call.begin - 1].is_sign("!", "."):
        return False
    rest = statement.tokens[call.end :]
    if len(rest) > 1 and rest[0].is_sign(".") and rest[1].is_word("value"):
        rest = rest[2:]
    return bool(rest) and rest[0].is_sign("=") and not statement.header


def _level(tokens: Sequence[Token], place: int) -> int:
    return sum(1 if t.text == "(" else -1 for t in tokens[:place] if t.is_sign("(", ")"))

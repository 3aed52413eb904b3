"""What in the SQL of forms and code fails on the server, and what of it Access sends there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from wizard.assess.application.code import MANY_ROWS
from wizard.assess.application.linked import LinkedTables
from wizard.assess.application.places import place
from wizard.assess.application.remote_queries import JudgedStatement, Sending, Sent
from wizard.messages import Message
from wizard.uses import UserKind, Uses
from wizard.uses.model import UNKNOWN, User
from wizard.uses.sql import NamesOfSql

_FORMS: Final = re.compile(r"\[?(?:Forms|Reports|TempVars)\]?\s*!\s*[\[\w][^,)\s]*", re.IGNORECASE)
_DATE: Final = re.compile(r"#\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[^#'\n]*#" rf"|#{UNKNOWN}#")
_PATTERN: Final = re.compile(rf"\bLIKE\s+N?'[^'{UNKNOWN}]*[*?][^']*'|\bLIKE\s+N?'\*?{UNKNOWN}\*'", re.IGNORECASE)
_FUNCTION: Final = re.compile(r"\b(IIf|Nz|Date|Now|Format|CDate|CLng|Mid|InStr)\s*\(", re.IGNORECASE)
_NOT_IN_TSQL: Final = {"nz": "ISNULL", "date": "GETDATE", "now": "GETDATE", "cdate": "CAST", "clng": "CAST",
                       "mid": "SUBSTRING", "instr": "CHARINDEX"}  # fmt: skip
_NUMBERS: Final = ("1", "-1")


@dataclass(frozen=True)
class StatementFindings:
    """Findings of saved queries and of the SQL of the application."""

    uses: Uses
    linked: LinkedTables
    source: str

    def passed_through(self, text: str, user: User) -> Iterator[Message]:
        """SQL that goes to the server as it is."""
        where = place(self.source, user)
        if found := _DATE.search(text):
            shown = found[0] if UNKNOWN not in found[0] else "#…#"
            yield Message.of(4528, where, what=f"the date {shown}", instead="'20200131', in quotes")
        if found := _PATTERN.search(text):
            yield Message.of(4528, where, what="a Like pattern with * or ?", instead="% and _")
        for name in dict.fromkeys(f.casefold() for f in _FUNCTION.findall(text)):
            if name in _NOT_IN_TSQL:
                yield Message.of(4515, where, what=f"the function {name}()", instead=_NOT_IN_TSQL[name])
        if found := _FORMS.search(text):
            yield Message.of(4519, where, reference=found[0])

    def compared(self, names: NamesOfSql, user: User) -> Iterator[Message]:
        """Yes/No columns compared with 1 or -1."""
        for node in names.tree.find_all(exp.EQ, exp.NEQ) if names.tree is not None else ():
            for side, other in ((node.this, node.expression), (node.expression, node.this)):
                number = _number(other)
                if number not in _NUMBERS or not isinstance(side, exp.Column):
                    continue
                for source, column in names.columns.values():
                    if column.casefold() == side.name.casefold() and self.linked.is_yes_no(source.name, column):
                        facts = {"column": column, "table": source.name, "value": number}
                        yield Message.of(4516 if number == "-1" else 4529, place(self.source, user), **facts)
                        break

    def sent(self, found: JudgedStatement) -> Iterator[Message]:
        """What Access fetches."""
        if found.rows < MANY_ROWS or found.sent is Sent.WHOLE:
            return
        number = 4526 if found.sent is Sent.FETCHED else 4527
        yield Message.of(number, place(self.source, found.user), rows=found.rows, reasons="; ".join(found.reasons))

    def deliveries(self, sending: Sending) -> Iterator[JudgedStatement]:
        """Each saved query and each record or row source, once a text and user."""
        for query in sending.queries.values():
            user = User(UserKind.QUERY, query.name)
            if found := sending.judge(query.sql, user, "query"):
                yield found
        seen: set[tuple[str, User]] = set()
        for sql in self.uses.sql:
            if not sql.pass_through and (sql.text, sql.user) not in seen:
                seen.add((sql.text, sql.user))
                if found := sending.judge(sql.text, sql.user, str(sql.how)):
                    yield found


def _number(node: exp.Expr) -> str:
    bare = node.unnest()
    if isinstance(bare, exp.Neg) and isinstance(bare.this, exp.Literal) and not bare.this.is_string:
        return f"-{bare.this.name}"
    return bare.name if isinstance(bare, exp.Literal) and not bare.is_string else ""

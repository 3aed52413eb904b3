"""Passwords and keys cut out of what a source says, before anything else sees it.

A connection string is a list of `key=value` between semicolons, values perhaps in braces or quotes (MS-ODBCSTR 2.1,
OLE DB's connection string syntax). What may be shown of it is decided by position: of the keys that are known to
hold no secret the value stays, every other part goes. In SQL such strings stand in brackets (`FROM [;DATABASE=…].[t]`,
`IN '' [ODBC;…]`) or in quotes; the rest of a statement is not touched, as `WHERE Password = 'x'` is a condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wizard.access.statement_secrets import SECRET_WORDS, without_own_secrets

_PLAIN_WORDS: Final = (
    "accdb address addr ansinpw app applicationintent applicationname authentication autotranslate cachesize catalog "
    "characterset charset collatingsequence colsetversion columnencryption connecttimeout connectiontimeout "
    "currentlanguage database databasename datasource datasourcename datetimestringformat dbname dbq dbalias default "
    "defaultdir deleted desc description driver driverid dsn encrypt exclusive extensions failoverpartner fil "
    "filedsn fmt hdr host hostname imex initialcatalog instance integratedsecurity language list listid location "
    "logintimeout longnames mapilevel mars marsconnection maxbuffersize maxscanrows mode multisubnetfailover network "
    "networkaddress networklibrary null option options pagetimeout persistsecurityinfo port profile protocol provider "
    "querytimeout quotedid readonly regional retrieveids schema server servername service sid sourcedb sourcetype "
    "sslmode system systemdb table tablename tabletype timeout transport trustedconnection trustservercertificate uid "
    "user userid username version view web workstationid wsid"
)
_PLAIN: Final = frozenset(_PLAIN_WORDS.split())
"""keys without a secret, in small letters and digits only"""
_TELLING_WORDS: Final = (
    "database dsn filedsn driver server dbq datasource initialcatalog provider uid userid endpoint accountname"
)
_TELLING: Final = frozenset(_TELLING_WORDS.split())
"""keys by which a text in quotes is known to be a connection string"""
_KEY: Final = rf"[\w :.-]{{0,60}}(?:{SECRET_WORDS})\s{{0,20}}="
"""a key that says itself that it holds a secret. (Here and below nothing is repeated without bound where it could be
matched in several ways: the text is a stranger's.)"""
# Patterns that `re` compiles, once, where a text may have a secret: hardly any command meets one.
_SECRET: Final = rf"(?i){_KEY}"
_INSIDE: Final = rf"(?is){_KEY}.*"
"""such a key within the value of another"""
_LOOSE: Final = rf"(?i)(;{_KEY}\s{{0,20}})(?:\{{[^}}]{{0,300}}\}}|[^\s;'\"\])]+)"
"""one behind a semicolon, wherever else it stands"""
_USER_INFO: Final = r"(://[^\s/:@\"'\]]*):[^\s/@\"'\]]*@"
_URL_SECRET: Final = rf"(?i)([?&](?:[\w.-]{{0,60}}(?:{SECRET_WORDS}|signature|credential)|code|auth)=)[^\s&#\"'\])]+"
_CONNECTION: Final = re.compile(r"(?:[^;=\[\"'{]*+;)*+\s{0,20}[\w .:-]{1,60}=")
"""how one begins: parts without a value (`ODBC`, `MS Access`, nothing), then a key"""
_OPENING: Final = re.compile(r"[\"'\[]")
_CLOSING: Final = {"'": re.compile(r"(?:[^']|'')*+'"), '"': re.compile(r'(?:[^"]|"")*+"')}
_LONGEST: Final = 4000
"""characters of a connection string in SQL that are looked at to know it for one"""


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    key: str
    """in small letters and digits only; empty for a part without value"""
    value: str


_NAME = r"(?:\[[^\]]*\]|\S+)"
_ACCESS_DDL = (
    rf"(?i)\A(\s*(?:ALTER\s+DATABASE\s+PASSWORD|ALTER\s+USER\s+{_NAME}\s+PASSWORD|CREATE\s+USER\s+{_NAME}))\s+{_NAME}\s+{_NAME}"
    r"\s*;?\s*\Z"
)
"""Access's statements that set a password: two words after those that say of what, the new and the old or the PID"""


_PASSWORD_SET = re.compile(r"PASSWORD|CREATE\s+USER", re.IGNORECASE)
"""a text without either is no such statement"""


def without_secrets(connect: str) -> str:
    """A connection string with the parts left out that hold a secret, or may; everything else as it is."""
    kept = [shown for part in _parts(connect) if (shown := _shown(part)) is not None]
    return ";".join(kept)


def redacted(text: str) -> str:
    """SQL, an expression or any other text, without the secrets of the connection strings and addresses in it."""
    if _PASSWORD_SET.search(text):
        text = re.sub(_ACCESS_DDL, r"\1", text)
    text = without_own_secrets(text)
    if "=" not in text and "://" not in text:
        return text
    whole = re.sub(_LOOSE, r"\1", "".join(_pieces(text)))
    return re.sub(_URL_SECRET, r"\1", re.sub(_USER_INFO, r"\1@", whole))


def redacted_statement(sql: str) -> str:
    """A statement for another server, in which whatever is named as a secret is one."""
    return redacted(without_own_secrets(sql, statement=True))


def part(connect: str, name: str) -> str:
    """The value of a part, without braces; empty where the string has none."""
    for found in _parts(connect):
        if found.key and found.key == _folded(name):
            value = found.value.strip()
            return value[1:-1].replace("}}", "}") if value[:1] == "{" and value[-1:] == "}" else value
    return ""


def _pieces(text: str) -> Iterator[str]:
    """SQL in pieces, connection strings in brackets and in quotes without their secrets."""
    at = 0
    never_closed: set[str] = set()
    while opening := _OPENING.search(text, at):
        begin, sign = opening.start(), opening.group()
        yield text[at:begin]
        end = None if sign in never_closed else _closed(text, begin)
        if end is None:
            never_closed.add(sign)
            end = begin + 1
        inside = text[begin + 1 : end - 1]
        if sign != "[":
            plain = inside.replace(sign * 2, sign)
            shown = without_secrets(plain).replace(sign, sign * 2) if _is_connection(plain) else inside
            yield text[begin:end] if shown == inside else f"{sign}{shown}{sign}"
        elif end > begin + 1 and _is_connection(inside[:_LONGEST], bracketed=True):
            yield f"[{without_secrets(inside) or ';'}]"  # a name in brackets cannot be empty
        else:  # a name, or a query in brackets, of which each part is looked at
            following = text.find("[", begin + 1, end)
            end = end if following < 0 else begin + 1
            yield text[begin:end]
        at = end
    yield text[at:]


def _closed(text: str, begin: int) -> int | None:
    """The end of what a quote or bracket opens; None where it is never closed."""
    if text[begin] != "[":
        found = _CLOSING[text[begin]].match(text, begin + 1)
        return found.end() if found else None
    end = text.find("]", begin)
    if end < 0:
        return None
    if _CONNECTION.match(text, begin + 1, end):  # a value in braces may hold a bracket
        at = begin
        while (brace := text.find("={", at, end)) >= 0 and (brace := text.find("}", brace)) >= 0:
            at = brace
            end = end if brace < end else text.find("]", brace)
        if end < 0:
            return None
    return end + 1


def _is_connection(text: str, *, bracketed: bool = False) -> bool:
    if not _CONNECTION.match(text):
        return False
    found = [p for p in _parts(text[:_LONGEST]) if p.key]
    return (bracketed and ";" in text) or any(p.key in _TELLING or re.match(_SECRET, p.text) for p in found)


def _parts(connect: str) -> Iterator[_Part]:
    at = 0
    while at <= len(connect):
        end = connect.find(";", at)
        end = len(connect) if end < 0 else end
        equals = connect.find("=", at, end)
        if equals < 0:
            yield _Part(connect[at:end], "", "")
        else:
            key = _folded(connect[at:equals])
            end = _end(connect, equals + 1, plain=key in _PLAIN)
            yield _Part(connect[at:end], key, connect[equals + 1 : end])
        at = end + 1


def _end(connect: str, at: int, *, plain: bool) -> int:
    """Where the value that begins there ends. One that is never closed hides all that follows, if it is a secret."""
    while connect[at : at + 1].isspace():
        at += 1
    closing = {"{": "}", '"': '"', "'": "'"}.get(connect[at : at + 1], "")
    if closing:
        closed = at + 1
        while True:
            closed = connect.find(closing, closed)
            if closed < 0:
                break
            if connect[closed + 1 : closed + 2] != closing:
                at = closed
                break
            closed += 2
        if closed < 0 and not plain:
            return len(connect)
    end = connect.find(";", at)
    return len(connect) if end < 0 else end


def _shown(found: _Part) -> str | None:
    """A part as it may be shown; None where it may not."""
    if not found.key:
        return _without_user_info(found.text)
    if found.key not in _PLAIN:
        return found.text if not found.value.strip() else None
    inside = re.search(_INSIDE, found.value)
    if inside is None:
        return _without_user_info(found.text)
    closed = found.value.strip()[:1] in ("{", '"', "'")
    return None if closed else _without_user_info(found.text[: len(found.text) - len(inside.group())])


def _without_user_info(text: str) -> str:
    address = text.find("://")
    query = text.find("?", address) if address >= 0 else -1
    return re.sub(_USER_INFO, r"\1@", text if query < 0 else text[:query])


def _folded(key: str) -> str:
    return "".join(c for c in key.casefold() if c.isalnum())

"""Passwords that a statement for a server holds outside connection strings, known by what stands before them.

Such statements are saved as pass-through queries, and stand as texts in VBA, where their quotes are doubled. Sources:
"CREATE LOGIN", "CREATE CREDENTIAL", "OPENROWSET", "sp_addlinkedsrvlogin", "ENCRYPTBYPASSPHRASE", "SIGNBYCERT" and their
kin of the Transact-SQL reference. (Nothing is repeated without bound where it could be matched in several ways.)
"""

from __future__ import annotations

import re
from typing import Final

SECRET_WORDS: Final = "pwd|passwd|password|passphrase|passcode|secret|token|api ?key|access ?key|account ?key|sig"

_QUOTED: Final = r"N?(?:''(?=[^',;)\s])[^'\n]+''|'(?:[^']|'')*+'|\"\"(?=[^\",;)\s])[^\"\n]+\"\"|\"(?:[^\"]|\"\")*+\")"
_ARGUMENT: Final = rf"\s{{0,20}}(?:{_QUOTED}|[^\s,;'\"()]{{1,80}})\s{{0,20}}"
_NAMED: Final = rf"(?<!\w)\w{{0,60}}(?:{SECRET_WORDS})\w{{0,60}}\s{{0,20}}=\s{{0,20}}"
_PROCEDURES: Final = (
    ("sp_addlogin|sp_addapprole|sp_setapprole", 1),
    ("sp_password", 0),
    ("sp_password", 1),
    ("sp_change_users_login", 3),
    ("sp_addlinkedsrvlogin", 4),
    ("xp_cmdshell", 0),
)
"""procedures, and how many arguments stand before the secret; a command line may hold anything"""


def _before(lead: str) -> str:
    return rf"(?i)(?P<lead>{lead})(?P<secret>{_QUOTED})"


# Patterns that are compiled (by `re`, once) where a text may have a secret: hardly any command meets one.
_HASH: Final = r"(?i)(\bPASSWORD\s{0,20}=\s{0,20}0x)\w+"
_UNMISTAKABLE: Final = (
    _before(r"\b(?:WITH|BY)\s{1,20}PASSWORD\s{0,20}=\s{0,20}"),
    _before(r"\bOLD_PASSWORD\s{0,20}=\s{0,20}"),
    _before(rf"@\w{{0,60}}(?:{SECRET_WORDS})\w{{0,60}}\s{{0,20}}=\s{{0,20}}"),
    _before(rf"\bOPEN(?:ROWSET|DATASOURCE)\s{{0,20}}\({_ARGUMENT},{_ARGUMENT};{_ARGUMENT};\s{{0,20}}"),
    *(_before(rf"\b(?:{name})\s{{1,20}}(?:{_ARGUMENT},){{{count}}}\s{{0,20}}") for name, count in _PROCEDURES),
    _before(r"\b(?:EN|DE)CRYPTBYPASSPHRASE\s{0,20}\(\s{0,20}"),
)
_HEAD: Final = (
    r"(?i)\b(?:CREATE|ALTER|ADD|OPEN|BACKUP|RESTORE)\s{1,20}(?:LOGIN|USER|APPLICATION\s+ROLE|(?:DATABASE\s+SCOPED\s+)?CREDENTIAL|"
    r"SERVICE\s+MASTER\s+KEY|(?:DATABASE\s+)?(?:MASTER|ENCRYPTION|SYMMETRIC|ASYMMETRIC)\s+KEY|CERTIFICATE|DATABASE|LOG)\b"
)
"""statements in which every password is one; elsewhere `Password = 'x'` is a condition"""
_EVERY: Final = _before(_NAMED)
_BY: Final = r"IDENTIFIED\s{1,20}BY\s{1,20}(?:PASSWORD\s{1,20})?['\"]?)[^\s'\";]+"
_IDENTIFIED: Final = rf"(?i)(\b{_BY}"
_USER: Final = rf"(?i)(\b(?:USER|ROLE|TO)\s{{1,20}}[^\s;]{{1,120}}\s{{1,20}}{_BY}"
_KEYS: Final = (
    r"(?i)(\b(?:DECRYPTBY(?:CERT|ASYMKEY|KEYAUTOCERT|KEYAUTOASYMKEY)|SIGNBY(?:CERT|ASYMKEY))"
    r"\s{0,20}\([^,\n]{0,300},)([^\n]*)"
)
_ANY: Final = re.compile(
    r"OPENROWSET|OPENDATASOURCE|PASSPHRASE|DECRYPTBY|SIGNBY|PASSWORD|SECRET|IDENTIFIED|\bsp_|xp_cmdshell|@",
    re.IGNORECASE,
)
"""a text without any of these holds nothing for this module"""


def without_own_secrets(text: str, *, statement: bool = False) -> str:
    """A text without the secrets of the statements in it.

    `statement`: the text is a statement for a server, where whatever is named as a secret is one.
    """
    if not _ANY.search(text):
        return text
    for pattern in _UNMISTAKABLE:
        text = re.sub(pattern, _emptied, text)
    text = re.sub(_KEYS, lambda m: m[1] + re.sub(_QUOTED, _empty, m[2]), text)
    if statement or re.search(_HEAD, text):
        text = re.sub(_HASH, r"\1", re.sub(_EVERY, _emptied, text))
    return re.sub(_IDENTIFIED if statement else _USER, r"\1", text)


def _emptied(found: re.Match[str]) -> str:
    return found["lead"] + _empty(re.match(_QUOTED, found["secret"]))


def _empty(found: re.Match[str] | None) -> str:
    """The quotes of a text, with nothing between them."""
    whole = found[0] if found else "''"
    sign, bare = whole[:1] if whole[0] in "Nn" else "", whole.lstrip("Nn")
    width = 2 if bare[:2] == bare[:1] * 2 and len(bare) > 3 else 1
    return sign + bare[:width] + bare[-width:]

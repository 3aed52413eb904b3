"""Functions of Access and VBA that a server cannot have, each with the reason; VBA code of one's own is not known here.

Source: the lists of functions in Access's expression builder and in the VBA language reference.
"""

from __future__ import annotations

from typing import Final

_ARRAY: Final = "it works on an array, which a column cannot hold"
_MACHINE: Final = "it asks the computer that Access runs on"
_FILE: Final = "it reads files of the computer that Access runs on"
_DIALOG: Final = "it asks the person at the screen"
_APPLICATION: Final = "it asks or drives the Access application"
_VBA: Final = "it has a meaning in VBA code only"
_BYTES: Final = "it cuts characters into bytes, which nvarchar cannot hold one by one"
_DDE: Final = "it talks to another program"

_REASONS: Final[dict[str, str]] = {
    "Array Filter LBound Split UBound": _ARRAY,
    "IRR MIRR NPV": "its payments are an array, which a column cannot hold",
    "Rate": "the rate is found by trial, there is no formula for it",
    "Command CurDir Environ": _MACHINE,
    "Dir EOF FileAttr FileDateTime FileLen FreeFile GetAllSettings GetAttr GetSetting Input Loc LOF Seek Spc"
    " Tab": _FILE,
    "InputBox": "write its question as [question], which becomes a parameter",
    "MsgBox": _DIALOG,
    "Eval": "its text is known only when run, is no expression, or names a column, which Eval does not see",
    "AccessError BuildCriteria CodeDb CurrentDb CurrentProject CurrentWebUser CurrentWebUserGroups DoCmd DoEvents"
    " IsCurrentWebUserInGroup SysCmd": _APPLICATION,
    "TempVars": "write it as [TempVars]![name], which becomes a parameter",
    "ColumnHistory": "SQL Server has no columns that only grow: the history stays in the Access file",
    "CLngPtr": "its type depends on whether Access has 32 or 64 bits: CLng and CLngLng do not",
    "HtmlEncode PlainText": "T-SQL knows nothing of the mark-up of rich text",
    "CallByName CreateObject CVErr Err Error Erl GetObject IMEStatus IsMissing LoadPicture MacID MacScript ObjPtr"
    " SavePicture Shell StrPtr VarPtr": _VBA,
    "ChrB InStrB LeftB MidB RightB": _BYTES,
    "DDE DDEInitiate DDERequest DDESend": _DDE,
}
REFUSED: Final[dict[str, str]] = {name: reason for names, reason in _REASONS.items() for name in names.split()}
"""why, by name"""
_BY_KEY: Final = {name.casefold(): reason for name, reason in REFUSED.items()}


def refusal(name: str) -> str:
    """Why a server cannot have the function; empty where it is no function of Access that is known."""
    return _BY_KEY.get(name.casefold().removesuffix("$"), "")

"""Access's functions over values, written from the VBA language reference and Access's own pages on each of them."""

from __future__ import annotations

from typing import Final

from wizard.convert.interpreter.functions import conversion, dates, finance, formats, numbers, text
from wizard.convert.interpreter.functions.registry import FUNCTIONS, RowFunction

_AREAS: Final = (conversion, dates, finance, formats, numbers, text)
"""imported for what they register"""
_REFUSED: Final = """
    array filter lbound split ubound irr mirr npv rate command curdir environ dir eof fileattr filedatetime filelen
    freefile getallsettings getattr getsetting input loc lof seek spc tab inputbox msgbox accesserror buildcriteria
    codedb currentdb currentproject currentwebuser currentwebusergroups docmd doevents eval iscurrentwebuseringroup
    syscmd tempvars columnhistory clngptr htmlencode plaintext callbyname createobject cverr err error erl getobject
    imestatus ismissing loadpicture macid macscript objptr savepicture shell strptr varptr chrb instrb leftb midb
    rightb dde ddeinitiate dderequest ddesend
    """
REFUSED: Final = frozenset(_REFUSED.split())
"""functions of Access that are not run here: they ask the computer, the application or a person"""

__all__ = ["FUNCTIONS", "REFUSED", "RowFunction"]

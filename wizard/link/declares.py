"""Procedures of Windows that code declares, for 64 bits: PtrSafe, and LongPtr for handles and pointers.

What they take is from Microsoft's declarations for Office 2010 and later (Win32API_PtrSafe.txt) and the references of
the functions. Those that give a handle, or take a record with handles in it, are left to a person: the variables and
records of the code must change with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wizard.link.code_options import UncertainChangeError
from wizard.link.code_text import arguments, code_of, masked

_SIGNATURES: Final[Mapping[str, str]] = {
    "kernel32": """
        Sleep n GetTickCount - GetLastError - GetComputerName pp GetTempPath np GetTempFileName ppnp
        GetWindowsDirectory pn GetSystemDirectory pn GetCurrentProcessId - GetCurrentThreadId - CloseHandle p
        WaitForSingleObject pn GetExitCodeProcess pp TerminateProcess pn CopyFile ppn MoveFile pp DeleteFile p
        GetDriveType p GetLogicalDrives - GetVolumeInformation ppnppppn GetDiskFreeSpace ppppp
        GetPrivateProfileString ppppnp GetPrivateProfileInt ppnp WritePrivateProfileString pppp
        GetProfileString ppppn Beep nn GetFileAttributes p SetFileAttributes pn GetShortPathName ppn
        GetLongPathName ppn GetEnvironmentVariable ppn SetEnvironmentVariable pp GetLocaleInfo nnpn
        GetUserDefaultLCID - GetSystemDefaultLCID - GetUserDefaultLangID - QueryPerformanceCounter p
        QueryPerformanceFrequency p GetSystemTime p GetLocalTime p lstrlen p OutputDebugString p
        """,
    "advapi32": """
        GetUserName pp RegCloseKey p RegQueryValueEx pppppp RegQueryValue pppp RegSetValueEx ppnnpn RegDeleteKey pp
        RegDeleteValue pp RegEnumKey pnpn RegEnumKeyEx pnpppppp RegEnumValue pnpppppp
        """,
    "user32": """
        MessageBox pppn MessageBeep n GetKeyState n GetAsyncKeyState n GetSystemMetrics n ShowWindow pn
        SetForegroundWindow p BringWindowToTop p IsWindow p IsWindowVisible p IsWindowEnabled p IsIconic p IsZoomed p
        EnableWindow pn LockWindowUpdate p UpdateWindow p GetWindowText ppn GetWindowTextLength p SetWindowText pp
        GetClassName ppn GetWindowRect pp GetClientRect pp MoveWindow pnnnnn SetWindowPos ppnnnnn ReleaseDC pp
        GetCursorPos p SetCursorPos nn ScreenToClient pp ClientToScreen pp PostMessage pnpp OpenClipboard p
        CloseClipboard - EmptyClipboard - IsClipboardFormatAvailable n GetWindowThreadProcessId pp DestroyWindow p
        GetWindowLong pn keybd_event nnnp mouse_event nnnnp EnumDisplaySettings pnp ShowCursor n
        SystemParametersInfo nnpn GetDoubleClickTime -
        """,
    "gdi32": "GetDeviceCaps pn DeleteObject p DeleteDC p",
    "shell32": "ShellExecute pppppn IsUserAnAdmin - SHGetPathFromIDList pp",
    "winmm": "PlaySound ppn sndPlaySound pn mciSendString ppnp timeGetTime -",
    "comdlg32": "CommDlgExtendedError -",
    "mpr": "WNetGetUser ppp WNetGetConnection ppp WNetCancelConnection2 pnn",
    "wininet": "InternetGetConnectedState pn InternetCheckConnection pnn",
    "shlwapi": "PathFileExists p PathIsDirectory p",
    "ole32": "CoCreateGuid p StringFromGUID2 ppn",
    "urlmon": "URLDownloadToFile pppnp",
}
"""by library: its functions, each with a letter a parameter: n a number of at most 32 bits, p what is as wide as a
pointer (a handle, a text, anything by reference). All give a number of 32 bits or less, or nothing; ShellExecute's is a
status, whatever its type is called. None takes a record with pointers in it."""

_DECLARE: Final = re.compile(
    r"\s*(?:(?:Public|Private)\s+)?(?P<word>Declare)\s+(?P<safe>PtrSafe\s+)?(?:Sub|Function)\s+(?P<name>\w+)\s+"
    r"Lib\s+(?P<lib>\"\0*\")(?:\s+Alias\s+(?P<alias>\"\0*\"))?\s*(?P<open>\()?",
    re.IGNORECASE,
)
_GIVEN: Final = re.compile(r"\s*ByVal\s+\w+\s+As\s+(?P<type>Long)\s*", re.IGNORECASE)
_WIDE: Final = re.compile(r"\s*(?:ByVal\s+\w+(?:\s+As\s+(?:String|Any|LongPtr)|\$)|(?!ByVal\b).*)\s*", re.IGNORECASE)


def safe_declaration(text: str) -> str:
    """A Declare as 64-bit Access takes it, its handles and pointers by value as LongPtr.

    Raises UncertainChangeError.
    """
    code = code_of(text)
    found = _DECLARE.match(code)
    if found is None or ":" in code:
        raise UncertainChangeError("it stands in a line with other statements")
    given = found.start("open") if found["open"] else -1
    closing = code.rfind(")", 0, len(code.rstrip())) if given >= 0 else -1
    parameters = _parameters(text, given + 1, _matching(code, given)) if given >= 0 and closing > given else []
    wanted = _signature(text, found)
    if len(wanted) != len(parameters):
        raise UncertainChangeError("it has other parameters than the procedure of Windows")
    edits = [(found.start("word"), found.end("word"), text[found.start("word") : found.end("word")] + " PtrSafe")]
    if found["safe"]:
        edits = []
    for letter, (begin, end) in zip(wanted, parameters, strict=True):
        part = code[begin:end]
        if letter == "p" and (long := _GIVEN.fullmatch(part)):
            edits.append((begin + long.start("type"), begin + long.end("type"), "LongPtr"))
        elif letter == "p" and not _WIDE.fullmatch(part):
            raise UncertainChangeError("a handle or pointer of it is declared in another way")
    for begin, end, new in reversed(edits):
        text = text[:begin] + new + text[end:]
    return text


def _signature(text: str, found: re.Match[str]) -> str:
    library = text[found.start("lib") + 1 : found.end("lib") - 1].casefold().removesuffix(".dll")
    name = text[found.start("alias") + 1 : found.end("alias") - 1] if found["alias"] else found["name"]
    known = dict(_pairs(_SIGNATURES.get(library, "")))
    folded = name.casefold()
    letters = known.get(folded) or (known.get(folded[:-1]) if folded[-1:] in ("a", "w") else None)
    if letters is None:
        raise UncertainChangeError(f"{name} gives a handle, takes a record with pointers in it, or is not known here")
    return letters.strip("-")


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    words = text.split()
    for name, letters in zip(words[::2], words[1::2], strict=True):
        yield name.casefold(), letters


def _matching(code: str, begin: int) -> int:
    depth = 0
    for place in range(begin, len(code)):
        depth += {"(": 1, ")": -1}.get(code[place], 0)
        if depth == 0:
            return place
    return len(code)


def _parameters(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    """Where each parameter begins and ends."""
    found, at = [], begin
    for part in arguments(text, begin, end):
        found.append((at, at + len(part)))
        at += len(part) + 1
    return found if masked(text[begin:end]).strip() else []

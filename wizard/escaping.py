"""Text of a source made fit for where it is written: terminal, log line, Markdown, CSV, HTML, JSON, names of files.

Names and values of an Access file, and what a server or a file system says of them, may hold anything: line ends that
forge a line, sequences that drive a terminal, markup, formulas. Whatever writes such text calls the function of its
sink; nothing else makes text fit, and none of them loses anything but the bare effect: what is escaped can be read.
"""

from __future__ import annotations

import codecs
import json
import math
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final

_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL and C1 control characters
    "\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # what turns, parts or hides text
    "\ud800-\udfff"  # halves of surrogate pairs, and bytes of file names that are no UTF-8
    "\U000e0000-\U000e007f]"  # tags, which nobody sees
)
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def visible(text: object) -> str:
    """One line in which everything can be seen: control characters, line ends, marks of direction and characters
    without width as escapes such as `\\x1b`, `\\n` and `\\u202e`. For terminals, prompts and single lines."""
    return _UNSEEN.sub(_escape, str(text))


for_terminal = visible
for_log = visible
"""a log is read on terminals, line by line"""

_UNSEEN_IN_TEXT: Final = re.compile(f"(?![\n\r\t]){_UNSEEN.pattern}")
"""where line ends and tabulators do no harm"""

_FORMULA: Final = re.compile(r"""(^|[;|\t\r\n])(?=[\s"]*[=+\-@\uff1d\uff0b\uff0d\uff20])""")
"""where a cell begins that would be a formula; a spreadsheet may part cells at other signs than commas"""
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def for_csv(cell: object) -> str:
    """A cell that a spreadsheet takes for text: what could be a formula gets an apostrophe before it.

    Numbers stay numbers, None is nothing at all, text always stands in quotes.
    """
    if cell is None:
        return ""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell):
        return str(cell)
    text = no_formula(str(cell))
    return '"' + text.replace('"', '""') + '"'


def no_formula(text: str) -> str:
    """A cell's text, before it is quoted, that no spreadsheet takes for a formula; a number stays one."""
    text = _UNSEEN_IN_TEXT.sub(_escape, text)
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\1'", text)


def csv_line(cells: Iterable[object]) -> str:
    """A line of CSV with its end, as RFC 4180 has it, each cell as `for_csv` makes it."""
    return ",".join(map(for_csv, cells)) + "\r\n"


_MARKDOWN: Final = re.compile(
    r"[\\`*<>|~&@$]|\](?=[(\[:])|\[(?=\^)|(?<!\w)_|_(?!\w)|:(?=\S)|(?<=[wW])\.|^[-+=#]|^ |(?<=^\d)[.)]|(?<=^\d\d)[.)]"
)
"""what could begin markup where it stands: a bracket with no link behind it, or `_` within a word, is plain text"""


def for_markdown(text: object) -> str:
    """Text that Markdown shows as it is: no markup, no link, no HTML, no new cell of a table."""
    return _MARKDOWN.sub(lambda m: "&#32;" if m[0] == " " else f"\\{m[0]}", visible(text))


def for_html(text: object) -> str:
    """Text between tags or in a quoted attribute."""
    from html import escape  # its table of entities is a hundredth of a start

    return escape(visible(text))


_JSON: Final = re.compile("[\x7f-\x9f]|(?![\x00-\x1f])" + _UNSEEN.pattern)


def as_json(value: Any, *, ascii_only: bool = False) -> str:
    """JSON over several lines that a terminal shows harmlessly; any reader of JSON gets the very same values.

    What JSON does not know is written as text.
    """
    text = json.dumps(value, ensure_ascii=ascii_only, indent=2, default=str)
    return _JSON.sub(lambda m: json.dumps(m[0])[1:-1] if ord(m[0]) != 0x7F else "\\u007f", text)


# what a stream of another encoding than UTF-8 cannot carry

_TWINS: Final = {
    "…": "...", "–": "-", "—": "-", "−": "-", "×": "x", "·": ".", "•": "*", "“": '"', "”": '"', "‘": "'", "’": "'",
    "→": "->", "←": "<-", "↑": "^", "↓": "v", "█": "#", "▓": "#", "▒": "=", "░": ".", "━": "-", "╸": "-", "╺": "-",
    "─": "-", "│": "|", "✓": "+", "✔": "+", "✗": "x", "✘": "x", "≠": "!=", "≤": "<=", "≥": ">=", "\xa0": " ",
    "±": "~", "∅": "0", "■": "#", "○": "o", "●": "@", "▶": ">", "▸": ">", "▾": "v", "›": ">", "�": "?",
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝", "+"), **dict.fromkeys("┃║╎╏▎▏▕▐▌▍▋▊▉", "|"), **dict.fromkeys("▇▆▅", "#"),
    **dict.fromkeys("═▔▀", "="), **dict.fromkeys("▁▂▃▄", "_"),
}  # fmt: skip
"""our own signs in ASCII, and those that frames and bars are drawn with"""


def twin(character: str) -> str:
    """One ASCII sign for a character that a screen cannot show."""
    return _TWINS.get(character, "?")[0]


TWINS_ELSE_ESCAPES: Final = "jetferry-twins"
"""the name of the way of handling errors, for `reconfigure(errors=…)`"""


def _handle(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(_TWINS.get(c) or _UNENCODABLE.sub(_escape, c) for c in bad), error.end


_UNENCODABLE: Final = re.compile(r"[^\x00-\x7f]")
codecs.register_error(TWINS_ELSE_ESCAPES, _handle)


def settle(stream: IO[str] | None) -> None:
    """Make a text stream take any text: signs that its encoding lacks become ASCII, other characters escapes."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors=TWINS_ELSE_ESCAPES)


_UNSAFE: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
_LONGEST: Final = 200
"""bytes of a name: most file systems allow 255, and it gets an ending"""


def file_names(names: Iterable[str]) -> Iterator[str]:
    """A name for each, without ending: no two that differ in case only, none that is a device, a path or unseen."""
    taken: set[str] = set()
    for written in names:
        base = _UNSAFE.sub("_", visible(_UNSAFE.sub("_", written)))
        base = base.encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore").rstrip(". ") or "_"
        base = f"_{base}" if _DEVICES.match(base) else base
        name, n = base, 1
        while name.casefold() in taken:
            n += 1
            name = f"{base} ({n})"
        taken.add(name.casefold())
        yield name


_PLAIN_WORD: Final = re.compile(r"[\w%+,./:=@\\-]+")
_NOT_IN_DOUBLE: Final = re.compile(r'["$`!]')


def shell_word(path: Path | str) -> str:
    """The path as one word of a command that people copy to a shell: quoted where it must be."""
    text = str(path)
    if _PLAIN_WORD.fullmatch(text):
        return text
    return shlex.quote(text) if _NOT_IN_DOUBLE.search(text) else f'"{text}"'

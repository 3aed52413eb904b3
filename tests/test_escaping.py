"""Text of a source is harmless wherever it is written, and can still be read."""

from __future__ import annotations

import ast
import csv
import html
import io
import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.escaping import as_json, csv_line, for_csv, for_html, for_log, for_markdown, for_terminal, settle

ROOT = Path(__file__).resolve().parents[1]
ANY = st.text(st.characters(codec=None), max_size=30) | st.text(
    "\x1b[]0;\x07\n\r\t=+-@|<>`*\\\u202e\x9b1a", max_size=12
)


@given(ANY)
def test_a_terminal_and_a_log_get_one_line_without_control(text: str) -> None:
    for shown in (for_terminal(text), for_log(text)):
        assert len(shown.splitlines()) <= 1
        assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
        assert not set(shown) & set("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def test_what_was_escaped_can_be_read() -> None:
    assert for_terminal("a\x1b[2Jb\nc\u202e\x9b\udcff\U000e0041") == r"a\x1b[2Jb\nc\u202e\x9b\udcff\U000e0041"
    assert for_terminal("Bücher, 書籍, 😀, नमस्ते") == "Bücher, 書籍, 😀, नमस्ते"


@given(st.lists(ANY | st.none() | st.integers() | st.floats(allow_nan=False), min_size=1, max_size=4))
def test_no_cell_is_a_formula_whatever_parts_cells(cells: list[object]) -> None:
    line = csv_line(cells)
    for delimiter in ",;\t|":
        for row in csv.reader(io.StringIO(line, newline=""), delimiter=delimiter):
            for cell in row:
                number = re.match(r'"?[+-]?(\d|\.\d)[\d.]*([eE][+-]?\d+)?"?(,|$)', cell)
                assert number or not re.match(r'[\s"]*[=+\-@]', cell)


def test_cells_keep_null_apart_from_empty_text_and_numbers_numbers() -> None:
    assert csv_line([None, "", 17, -2.5, "-3", "=1", 'q"', "a\nb"]) == ',"",17,-2.5,"-3","\'=1","q""","a\nb"\r\n'
    assert for_csv("a;=cmd|' /c calc'!A0") == "\"a;'=cmd|' /c calc'!A0\""
    assert for_csv(float("-inf")) == '"\'-inf"'


@given(ANY)
def test_html_gives_back_the_text_and_holds_no_tag(text: str) -> None:
    shown = for_html(text)
    assert not set(shown) & set("<>\"'")
    assert html.unescape(shown) == for_terminal(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>"),
        ("a|b", r"a\|b"),
        ("[x](http://y)", r"[x\](http\://y)"),
        ("www.example.com", r"www\.example.com"),
        ("[dbo].[a_b]", "[dbo].[a_b]"),
        ("`id` *b* _c_", r"\`id\` \*b\* \_c\_"),
        ("# head", r"\# head"),
        ("1. one", r"1\. one"),
        (" lead", "&#32;lead"),
        ("l\nGO", r"l\\nGO"),
        ("&lt;", r"\&lt;"),
    ],
)
def test_markdown_shows_it_as_it_is(text: str, shown: str) -> None:
    assert for_markdown(text) == shown


@given(st.dictionaries(ANY, ANY | st.lists(ANY), max_size=3), st.booleans())
def test_json_is_harmless_and_the_same(value: dict[str, object], ascii_only: bool) -> None:
    text = as_json(value, ascii_only=ascii_only)
    assert json.loads(text) == value
    assert for_terminal(text.replace("\n", "")) == text.replace("\n", "")
    assert not ascii_only or text.isascii()


@given(ANY, st.sampled_from(["ascii", "cp1252", "latin-1", "cp437", "utf-8", "gbk"]))
def test_any_text_goes_to_any_stream(text: str, encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    settle(stream)
    stream.write(text + "█░…—“”")
    stream.flush()
    assert raw.getvalue()


def test_our_own_signs_have_twins_in_ascii() -> None:
    """Every sign that the command writes of itself."""
    signs = set()
    for folder in ("cli", "messages", "assess", "stages"):
        for path in (ROOT / "wizard" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    signs |= {c for c in node.value if not c.isascii()}
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    settle(stream)
    stream.write("".join(sorted(signs)))
    stream.flush()
    assert b"\\u" not in raw.getvalue()


LOGS = ("wizard/stages/project_log.py", "wizard/cli/output.py")
"""where a formatter, or the one function that writes, makes lines fit"""
_CLIENT = "logging.getLogger('distributed.client')"
SILENCED = (_CLIENT, f"{_CLIENT}.setLevel(logging.CRITICAL)")
"""a library's log that is taken away: nothing is written by it"""


def test_nothing_else_writes_for_people() -> None:
    """Printing, CSV and pages go through the functions of sinks: no module does it by itself."""
    found = []
    for path in [*(ROOT / "wizard").rglob("*.py"), *(ROOT / "screens").rglob("*.py")]:
        name = path.relative_to(ROOT).as_posix()
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
                found += [(name, m) for m in modules if m in ("csv", "html") and name != "wizard/escaping.py"]
            if isinstance(node, ast.Call):
                text = ast.unparse(node.func)
                if text == "print" and name != "wizard/cli/output.py":
                    found.append((name, text))
                fit = "for_log(" in ast.unparse(node) or "for_terminal(" in ast.unparse(node)
                asks = text in ("typer.confirm", "typer.prompt", "typer.secho", "getpass", "input", "warnings.warn")
                writes = text in ("sys.stdout.write", "sys.stderr.write", "typer.echo", "click.echo")
                if not fit and (asks or writes or text.endswith(".print")) and name not in LOGS:
                    found.append((name, text))
                if text.startswith("logging.get") and ast.unparse(node) in SILENCED:
                    continue
                if text.startswith("logging.get") or (text.startswith("logging.") and text.islower()):
                    found.append((name, text))
                if text == "Environment" and not re.search(r"autoescape=True|finalize=|filters", source):
                    found.append((name, text))
    assert found == []

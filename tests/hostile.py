"""A source whose names and values try to break out, through every command: what each stream and file holds then."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from tests.faulty_disk import command

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
FORGED = re.compile(r"^\s*(DROP|!!touch pwn|:r x)\s*$", re.MULTILINE)
PLANTED = ("pwn", "pwn1", "pwn2", "pwn3", "owned", "escaped")


def drive(source: Path, folder: Path) -> list[str]:
    """Every command on the source and on a project of it in `folder`; what is wrong, empty where nothing is."""
    around = set(os.listdir(folder.parent))  # noqa: PTH208
    home, project, out = folder / "home", folder / "home" / "p", folder / "home" / "out"
    home.mkdir(parents=True)
    found: list[str] = []
    for words, statuses in (
        (("inspect", source), (0,)),
        (("inspect", source, "--json"), (0,)),
        (("assess", source, "--html", home / "page.html"), (0, 3)),
        (("find", source.parent), (0,)),
        (("new", project, "--source", source, "--target", "package"), (0,)),
        (("run", project, "--through", "link", "--verbose"), (0, 3)),
        (("verify", project), (0, 3)),
        (("status", project), (0,)),
        (("rehearsals", project), (0,)),
        (("retry-rejects", project), (0, 3)),
        (("link", project), (0,)),
        (("proof", project), (2,)),
        (("export", source, "--format", "csv", "--out", out), (0,)),
        (("export", source, "--format", "csv", "--spreadsheet", "--out", home / "sheets"), (0,)),
    ):  # fmt: skip
        said = command(*words)
        name = f"{words[0]}{' --json' if '--json' in words else ''}"
        if said.status not in statuses:
            found.append(f"{name}: status {said.status}: {said.err[-300:]}")
        for stream, text in (("stdout", said.out), ("stderr", said.err)):
            found += [f"{name}, {stream}: {w}" for w in _wrong_on_terminal(text, forged=words[0] != "proof")]
        if "--json" in words:
            json.loads(said.out)
    found += [f"{p.relative_to(home)}: {w}" for p in sorted(home.rglob("*")) if p.is_file() for w in _wrong(p, out)]
    planted = [p for p in folder.parent.rglob("*") if p.name in PLANTED or p.name.startswith("escaped")]
    found += [f"{p} was made" for p in planted]
    found += [f"{n} was made" for n in set(os.listdir(folder.parent)) - around - {folder.name}]  # noqa: PTH208
    return found


def _wrong_on_terminal(text: str, *, forged: bool = True) -> Iterator[str]:
    if CONTROL.search(text):
        at = CONTROL.search(text)
        yield f"control characters: {text[max(0, at.start() - 30) : at.end() + 10]!r}" if at else ""
    if forged and FORGED.search(text):
        yield "a line that a name forged"
    if "JF8000" in text or "Traceback" in text:
        yield "an internal error"


def _wrong(path: Path, out: Path) -> Iterator[str]:
    """What is wrong with a file for people; scripts, data and Jetferry's own notes hold names exactly."""
    if path.is_relative_to(out):
        if re.search(r"[\x00-\x1f/\\:]", path.name) or CONTROL.search(path.name):
            yield "a name no file should have"
        return
    text = path.read_bytes().decode("utf-8-sig", "replace")
    if path.suffix == ".log":
        yield from _wrong_on_terminal(text)
        stamp = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ \[")
        yield from (f"a line of its own: {line[:60]!r}" for line in text.splitlines() if not stamp.match(line))
    elif path.suffix == ".md":
        yield from _wrong_on_terminal(text)
        if re.search(r"(?<!\\)<(script|img)|(?<!\\)\]\(", text):
            yield "markup that is not its own"
    elif path.suffix == ".html":
        yield from _wrong_on_terminal(text, forged=False)
        yield from _Tags.of(text)
    elif path.suffix == ".csv":
        if CONTROL.search(text.replace("\r\n", "\n")):
            yield "control characters"
        for row in csv.reader(io.StringIO(text, newline="")):
            yield from (f"a formula: {cell[:40]!r}" for cell in row if re.match(r"\s*[=@]|\s*[+\-](?![\d.]+$)", cell))
    elif path.suffix == ".json" and "journal" not in path.parts and path.parent.name in ("reports", "package"):
        yield from _wrong_on_terminal(text, forged=False)


class _Tags(html.parser.HTMLParser):
    """Tags and attributes that our pages never have."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def of(cls, text: str) -> list[str]:
        parser = cls()
        parser.feed(text)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside = tag == "a" and dict(attrs).get("href", "").startswith("#")  # our own, to a table below
        if (tag in ("script", "img", "iframe", "a") and not inside) or any(name.startswith("on") for name, _ in attrs):
            self.found.append(f"<{tag} {attrs}>")

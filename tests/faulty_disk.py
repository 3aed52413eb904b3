"""A disk that fails once, at the operation of a given number below a folder: what a command says of it, and after."""

from __future__ import annotations

import builtins
import contextlib
import errno
import io
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from tests.conftest import SAMPLE
from wizard.cli import main
from wizard.stages import Migration

ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS)
_OPERATIONS = (
    "chmod", "fchmod", "fdatasync", "fsync", "ftruncate", "link", "listdir", "lstat", "mkdir", "open", "rename",
    "replace", "rmdir", "scandir", "stat", "truncate", "unlink", "utime",
)  # fmt: skip
_STREAMS = ("flush", "read", "readinto", "readline", "seek", "truncate", "write", "writelines", "__iter__")


@dataclass
class FaultyDisk:
    """Counts operations on files below `root`; number `fail_at` (from 1) fails with `code`, none where it is 0."""

    root: Path
    fail_at: int = 0
    code: int = errno.EIO
    seen: list[str] = field(default_factory=list)
    """the operations, in the order in which they came"""

    @property
    def failed(self) -> bool:
        return 0 < self.fail_at <= len(self.seen)

    def _reach(self, what: str, path: str) -> None:
        self.seen.append(f"{what} {path}")
        if len(self.seen) == self.fail_at:
            raise OSError(self.code, os.strerror(self.code), path)

    def _below(self, target: Any) -> str:
        """The path meant, where it lies below the root; else nothing."""
        if isinstance(target, int):
            try:
                target = os.readlink(f"/proc/self/fd/{target}")  # noqa: PTH115  what is counted must not be called
            except OSError:
                return ""
        try:
            path = os.path.abspath(os.fsdecode(target))  # noqa: PTH100  the same
        except TypeError:
            return ""
        return path if path.startswith(f"{self.root}{os.sep}") else ""

    def _guarded(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            path = self._below(given[0]) if given else ""
            if path:
                self._reach(name, path)
            return real(*given, **named)

        return call

    def _open(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(file: Any, *given: Any, **named: Any) -> Any:
            path = self._below(file)
            if path:
                self._reach("open", path)
            opened = real(file, *given, **named)
            return _Stream(opened, path, self._reach) if path else opened

        return call

    @contextmanager
    def working(self) -> Iterator[None]:
        """Meanwhile operations are counted, and one fails."""
        with contextlib.ExitStack() as patches:
            for name in _OPERATIONS:
                real = getattr(os, name)
                patches.enter_context(mock.patch.object(os, name, self._guarded(name, real)))
            opening = self._open(io.open)
            patches.enter_context(mock.patch.object(io, "open", opening))
            patches.enter_context(mock.patch.object(builtins, "open", opening))
            yield


class _Stream:
    """An open file whose own operations count, too."""

    def __init__(self, real: Any, path: str, reach: Callable[[str, str], None]) -> None:
        self._real, self._path, self._reach = real, path, reach

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name not in _STREAMS:
            return found

        def call(*given: Any) -> Any:
            self._reach(name, self._path)
            return found(*given)

        return call

    def __iter__(self) -> Iterator[Any]:
        self._reach("__iter__", self._path)
        return iter(self._real)

    def __enter__(self) -> _Stream:
        self._real.__enter__()
        return self

    def __exit__(self, *error: object) -> Any:
        return self._real.__exit__(*error)


@dataclass
class Said:
    status: int
    out: str
    err: str


def command(*words: str | Path) -> Said:
    """A command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["jetferry", *map(str, words)]),
        mock.patch.object(sys, "stdin", io.StringIO()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as e:
            return Said(int(e.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("main returned")


def template(folder: Path) -> None:
    """A small project, one table and no query, of which each trial gets a copy."""
    shutil.copyfile(SAMPLE, folder / "books.accdb")
    with Migration.create(folder / "p") as migration:
        migration.project.confirm()
        migration.sources.add(folder / "books.accdb")
        objects = migration.data.sources[0].key
    text = (folder / "p.jetferry.toml").read_text(encoding="utf-8")
    text += f'\n[sources.{objects}.tables]\nonly = ["Publishers"]\n[sources.{objects}.queries]\nonly = []\n'
    (folder / "p.jetferry.toml").write_text(re.sub(r"\n\[sources\.\w+\.queries\]\n(?=all_but).*\n", "\n", text))


def work(folder: Path) -> tuple[Sequence[str | Path], ...]:
    """The commands of a small migration."""
    return (
        ("new", folder / "q", "--source", folder / "books.accdb", "--target", "package"),
        ("run", folder / "p", "--through", "link", "--verbose"),
        ("verify", folder / "p", "--quiet"),
        ("rehearsals", folder / "p"),
        ("assess", folder / "p", "--html", folder / "page.html", "--quiet"),
        ("export", folder / "books.accdb", "Publishers", "--out", folder / "out"),
    )


@dataclass(frozen=True)
class Moment:
    """Before one of the commands of `work`: the folder as it is then, and what the command does to files."""

    index: int
    kept: Path
    operations: tuple[str, ...]


def moments(made: Path) -> Iterator[Moment]:
    """The migration of a template on a sound disk, command by command; the folder is kept before each."""
    for index, words in enumerate(work(made)):
        kept = made.with_name(f"before-{index}")
        shutil.copytree(made, kept)
        disk = FaultyDisk(made)
        with disk.working():
            said = command(*words)
        assert said.status == 0, (words, said)
        yield Moment(index, kept, tuple(disk.seen))


def trial(at: Moment, folder: Path, number: int, code: int) -> tuple[FaultyDisk, list[str]]:
    """The command in this folder, with one failure; what is wrong with how it went, empty where nothing is.

    Afterwards, on a sound disk, everything must come to its end.
    """
    shutil.copytree(at.kept, folder)
    wrong = []
    disk = FaultyDisk(folder, number, code)
    words = work(folder)[at.index]
    with disk.working():
        said = command(*words)
    if "Traceback" in said.err or "JF8000" in said.err or "JF8034" in said.err:
        wrong.append(f"{words[0]}: {said.err.strip()[-300:]}")
    if said.status and not re.search(r"JF\d{4} error|Error: ", said.err):
        wrong.append(f"{words[0]}: status {said.status} without a word: {said.err[-200:]!r}")
    if said.status and not disk.failed:
        wrong.append(f"{words[0]} fails by itself: {said.err[-300:]}")
    if not (folder / "q.jetferry.toml").exists() and command(*work(folder)[0]).status:
        wrong.append("the project cannot be made again")
    for words in work(folder)[1:3]:
        said = command(*words)
        if said.status:
            wrong.append(f"afterwards, {words[0]} has status {said.status}: {said.err.strip()[-300:]}")
    return disk, wrong

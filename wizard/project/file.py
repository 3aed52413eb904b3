"""The project file on disk: opened with a clear account of what is wrong, saved atomically, one holder at a time."""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError

from wizard.file_writing import PRIVATE, TooLargeError, content_of, left_by_another, make_private, strange, write_whole
from wizard.messages import Kind, Message, Place, ProjectError
from wizard.project.document import SCHEMA_VERSION, BrokenRuleError, from_document, merge, to_document, upgrade
from wizard.project.lock import ProjectLock
from wizard.project.model import Project
from wizard.project.toml_reading import KeyPath
from wizard.run_files import RunFiles, is_project_name

SUFFIX = ".jetferry.toml"
HEADER = """\
# A Jetferry project. It may be edited by hand while no Jetferry has it open; comments are kept.
# Options not named here have the value of the preset; the README lists them. Never write a password here.
"""
_MOST = 2 << 20
"""bytes of a project file: read with its comments kept, each takes a hundred in memory"""
_OF_A_START = re.compile(r"lock|holder\.json|jetferry\.log.*|former\.toml|\..*\.tmp")
"""what a project that could not be made may leave behind"""


def project_path(path: Path) -> Path:
    """`NAME` -> `NAME.jetferry.toml`; a path that ends so stays as it is."""
    return path if path.name.endswith(SUFFIX) else path.with_name(path.name + SUFFIX)


def folder_of(path: Path) -> Path:
    """`NAME.jetferry/`, beside the file."""
    return path.with_name(path.name.removesuffix(".toml"))


def check_name(name: str) -> None:
    """Raises ProjectError where a project cannot be called so on every file system."""
    if not is_project_name(name):
        raise ProjectError(8020, Place(Kind.PROJECT), value=name)


def make_folder(path: Path) -> Path:
    """The folder of a project file, which holds rows: its owner's alone. Makes it where it is not there.

    Raises ProjectError, also as `check_folder` does.
    """
    folder = folder_of(path)
    try:
        make_private(folder)
        if folder.stat().st_mode & stat.S_IWOTH and os.name != "nt":
            folder.chmod(PRIVATE)
    except OSError as e:
        raise ProjectError(8007, path=folder, what=e.strerror or e) from e
    check_folder(path)
    return folder


def check_folder(path: Path) -> None:
    """Raises ProjectError where another account left a project file or its folder in a shared folder, and where
    anything in the folder is neither a file nor a folder. One that is not there holds nothing."""
    folder = folder_of(path)
    odd = next(filter(left_by_another, (path, folder)), None) or strange(folder)
    if odd is not None:
        raise ProjectError(8035, Place(Kind.PROJECT), path=odd)


class ProjectFile:
    """A project file that is open. `lock` is held where it was opened to be changed."""

    def __init__(self, path: Path, document: tomlkit.TOMLDocument, project: Project, text: str) -> None:
        self.path = path
        self.folder = folder_of(path)
        self.project = project
        self.messages: list[Message] = []
        self.lock = ProjectLock(self.folder)
        self._document = document
        self._text = text

    @classmethod
    def create(cls, path: Path, project: Project, *, what: str = "command") -> ProjectFile:
        """A new file, locked and saved. Raises ProjectError where it exists already or cannot be written."""
        path = project_path(path)
        check_name(path.name.removesuffix(SUFFIX))
        if path.exists():
            raise ProjectError(8006, Place(Kind.PROJECT), path=path)
        opened = cls(path, tomlkit.parse(HEADER), project, "")
        make_folder(path)
        if left := next((p for p in opened.folder.iterdir() if not _OF_A_START.fullmatch(p.name)), None):
            raise ProjectError(8037, Place(Kind.PROJECT), path=opened.folder, name=left.name)
        opened.lock.take(what)
        opened.save(project)
        return opened

    @classmethod
    def open(cls, path: Path, *, hold: bool = True, what: str = "command", wait: float = 0.5) -> ProjectFile:
        """Open, and lock where `hold`. Raises ProjectError: absent, damaged, newer, a rule broken, open elsewhere."""
        path = project_path(path)
        opened = cls(path, tomlkit.document(), Project(""), "")
        if not path.exists():
            raise ProjectError(8001, Place(Kind.PROJECT), path=path)
        if hold:
            make_folder(path)
            opened.lock.take(what, wait=wait)
        else:
            check_folder(path)
        try:
            opened.reload()
        except BaseException:
            opened.lock.release()
            raise
        return opened

    def reload(self) -> None:
        """Read the file again. Raises ProjectError where it cannot be used."""
        place = Place(Kind.PROJECT)
        try:
            text = io.TextIOWrapper(io.BytesIO(content_of(self.path, _MOST)), encoding="utf-8").read()
        except FileNotFoundError:
            raise ProjectError(8001, place, path=self.path) from None
        except TooLargeError:
            raise self._too_large() from None
        except (OSError, UnicodeDecodeError) as e:
            raise ProjectError(8009, place, path=self.path, what=e) from e
        try:
            document = tomlkit.parse(text)
        except ParseError as e:
            where = f"line {e.line}, column {e.col}: {str(e).partition(' at line')[0]}"
            raise ProjectError(8002, place, path=self.path, what=where, backup=_backup(self.path)) from e
        except (TOMLKitError, RecursionError, ValueError) as e:
            raise ProjectError(8002, place, path=self.path, what=e, backup=_backup(self.path)) from e
        self._check_version(document, place)
        former = upgrade(document)
        if former is not None:
            facts = {"found": former, "known": SCHEMA_VERSION, "backup": _backup(self.path)}
            self.messages.append(Message.of(8008, place, **facts))
        try:
            self.project = from_document(document.unwrap())
        except BrokenRuleError as e:
            line, key = line_of(document, e.path), ".".join(str(p) for p in e.path)
            raise ProjectError(8004, place, path=self.path, line=line, key=key, what=e.what, hint=e.hint) from e
        self._document, self._text = document, text

    def _check_version(self, document: Mapping[str, Any], place: Place) -> None:
        version = document.get("schema_version")
        if isinstance(version, int) and version > SCHEMA_VERSION:
            raise ProjectError(8003, place, found=version, known=SCHEMA_VERSION)

    def save(self, project: Project) -> None:
        """Write the project: to a temporary file, flushed, renamed; the former file is kept as a backup.

        Raises ProjectError where it cannot be written or was changed on disk meanwhile; the file is then as it was.
        """
        merge(self._document, to_document(project))
        text = tomlkit.dumps(self._document)
        if len(text.encode()) > _MOST:
            self._document = tomlkit.parse(self._text or HEADER)
            raise self._too_large()
        if text != self._text:
            try:
                self._write(text)
            except BaseException:
                self._document = tomlkit.parse(self._text or HEADER)  # as it was: copying it each time costs more
                raise
        self.project, self._text = project, text

    def _too_large(self) -> ProjectError:
        return ProjectError(8038, Place(Kind.PROJECT), path=self.path, most=_MOST >> 20)

    def _write(self, text: str) -> None:
        try:
            if self._text and self.path.read_text(encoding="utf-8") != self._text:
                raise ProjectError(8010, Place(Kind.PROJECT))
            if self._text:
                write_whole(_backup(self.path), self._text)
            write_whole(self.path, text)
        except OSError as e:
            raise ProjectError(8007, path=self.path, what=e.strerror or e) from e

    def close(self) -> None:
        """Let another process have the project."""
        self.lock.release()


def _backup(path: Path) -> Path:
    return RunFiles(folder_of(path)).former_project


def line_of(document: tomlkit.TOMLDocument, path: KeyPath) -> int:
    """The 1-based line of a key. Found by writing a mark in the value's place and looking where it lands: the document
    is of no more use."""
    mark = "\ue000jetferry\ue000"
    for length in range(len(path), 0, -1):
        here: Any = document
        try:
            for step in path[: length - 1]:
                here = here[step]
            if length < len(path) or path[-1] not in here:
                here = here[path[length - 1]]
                here.comment(mark)
            else:
                here[path[-1]] = mark
        except (KeyError, IndexError, TypeError, AttributeError, TOMLKitError):
            continue
        before, found, _ = tomlkit.dumps(document).partition(mark)
        if found:
            return before.count("\n") + 1
    return 1

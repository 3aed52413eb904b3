"""The package's files beside the data: scripts, deployment commands, manifest, check sums, README."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.escaping import as_json as as_json_text
from wizard.escaping import for_terminal
from wizard.file_writing import write_whole
from wizard.messages import Kind, Message, Place, TargetError
from wizard.objects import ServerTable, Statement
from wizard.package.files import failures_as_errors, write_all
from wizard.package.manifest import MANIFEST, RESULT, SUMS, FileEntry, ScriptEntry, TableEntry, as_json
from wizard.package.manifest_reader import texts_in, unchecked_in
from wizard.package.recorded_json import json_of, listed
from wizard.package.scripts import Script, checking, count_script, format_file, scripts, version_script
from wizard.package.table_state import outdated, slug
from wizard.package.versions import VersionNeeds, needed
from wizard.plurals import counted
from wizard.script_templates import environment_of
from wizard.settings import Options, SqlVersion
from wizard.sink import OrphanedRows

if TYPE_CHECKING:
    from jinja2 import Environment

TIGHTEN: Final = "tighten.sql"
"""statements for a person to run once old rows are mended"""
_OWN: Final = re.compile(
    r"\d{3}-[a-z-]+\.sql|data|deploy\.sh|deploy\.ps1|tighten\.sql|prove-queries\.sql|manifest\.json|README\.md"
    r"|SHA256SUMS|deployed\.json|\..*\.tmp",
    re.ASCII,
)


def is_own(name: str) -> bool:
    """Whether a package itself has a file or folder of that name."""
    return _OWN.fullmatch(name) is not None


def _is_package(path: Path) -> bool:
    """Whether it is the folder of a package: that of another database lies within the one of the first."""
    return path.is_dir() and all(is_own(p.name) for p in path.iterdir())


def claim(folder: Path) -> None:
    """Make the folder, or see that nothing foreign lies in it. Raises TargetError 5601."""
    folder.mkdir(parents=True, exist_ok=True)
    foreign = sorted(p.name for p in folder.iterdir() if not is_own(p.name) and not _is_package(p))
    if foreign:
        raise TargetError(5601, Place(Kind.FILE, name=str(folder)), folder=folder, found=foreign[0])


def write_scripts(
    folder: Path,
    statements: Sequence[Statement],
    tables: Sequence[ServerTable],
    options: Options,
    beside: Mapping[str, str] | None = None,
    *,
    work: Path | None = None,
) -> tuple[Path, ...]:
    """Stage 7: the scripts alone, one file per kind; scripts of a former conversion are removed.

    What the rows in the package ask of them (foreign keys that these break, texts that a database may not hold) stays
    as its manifest says. `statements` are guarded so that running them again is harmless. `beside` are other files for
    people, by name. `work` is where the package's work is kept: tables whose rows are not as the scripts have them any
    more are complete no longer. Raises TargetError 5600 or 5601.
    """
    with failures_as_errors(folder):
        claim(folder)
        if work is not None:
            withdraw(folder, outdated(work, tables))
        _write_beside(folder, beside or {})
        version = version_script(needed(statements), texts_in(folder))
        made = [version, *scripts(statements, tables, options, unchecked_in(folder))]
        return tuple(folder / s.path for s in _write_scripts(folder, made))


def withdraw(folder: Path, tables: Sequence[ServerTable]) -> None:
    """The manifest there says no longer that these tables are complete, nor the package with them."""
    names = {(t.name.schema, t.name.name) for t in tables}
    if not names:
        return
    with suppress(OSError, ValueError, RecursionError):  # one that cannot be read says of nothing that it is complete
        content = json_of(folder / MANIFEST)
        found = [t for _, t in listed(content, "tables", "the manifest") if isinstance(t, dict)]
        for one in found:
            if (one.get("schema"), one.get("name")) in names:
                one["complete"] = content["complete"] = False
        write_whole(folder / MANIFEST, (as_json_text(content) + "\n").encode())


def _write_beside(folder: Path, beside: Mapping[str, str]) -> None:
    (folder / TIGHTEN).unlink(missing_ok=True)
    write_all(folder, {name: text.encode() for name, text in beside.items()})


def _write_scripts(folder: Path, made: Sequence[Script]) -> Sequence[Script]:
    wanted = {s.path for s in made}
    write_all(folder, {s.path: s.text.encode() for s in made})
    for path in folder.glob("[0-9][0-9][0-9]-*.sql"):
        if path.name not in wanted:
            path.unlink()
    return made


def publish(
    folder: Path,
    name: str,
    entries: Sequence[TableEntry],
    statements: Sequence[Statement],
    options: Options,
    *,
    beside: Mapping[str, str] | None = None,
    orphans: Sequence[OrphanedRows] = (),
    version: SqlVersion = SqlVersion.V2022,
    missing: Sequence[str] = (),
    less_guarded: Sequence[Message] = (),
) -> list[Message]:
    """Write everything beside the data, the manifest last: where it is, the package is whole.

    `version` is the one that the statements were written for. `missing` are tables that should be in the package.
    `orphans` are foreign keys that its rows break, as those that they refer to were rejected; `less_guarded` says which
    keys and indexes gave way to old rows.
    """
    claim(folder)
    _write_beside(folder, beside or {})
    unchecked = {(o.child, o.key) for o in orphans}
    needs = needed(statements)
    ordered = scripts(statements, [e.table for e in entries], options, unchecked)
    texts = sum(n for e in entries for n in e.beyond_ascii.values())
    made = _write_scripts(folder, [version_script(needs, texts), *ordered])
    script_entries = [ScriptEntry(s.path, s.title, s.statements, s.after_data, _digest(s.text.encode())) for s in made]
    tables = [DeploymentStep(n, e) for n, e in enumerate(entries, 1) if e.files]
    helpers = {path: text.encode() for step in tables for path, text in step.helpers()}
    _sweep(folder / "data", {f.path for e in entries for f in e.files} | helpers.keys())
    written = helpers | _rendered({
        "name": name,
        "before": [s for s in script_entries if not s.after_data],
        "after": [s for s in script_entries if s.after_data],
        "tables": tables,
        "entries": entries,
        "options": options,
        "rows": sum(e.rows for e in entries),
        "rejected": sum(e.rejected for e in entries),
        "unread": sum(e.unread for e in entries),
        "orphans": orphans,
        "missing": missing,
        "less_guarded": less_guarded,
        "texts": texts,
        "tightens": TIGHTEN in (beside or {}),
        "version": version.value,
        "needs": needs,
    })  # fmt: skip
    others = {path: _digest(data) for path, data in written.items()}
    others |= {path: _digest(text.encode()) for path, text in (beside or {}).items()}
    written[SUMS] = _sums(script_entries, entries, others)
    write_all(folder, written, executable="deploy.sh")
    write_whole(
        folder / MANIFEST,
        as_json(
            name, script_entries, entries, others, orphans,
            versions=VersionNeeds(version, needs), missing=missing, less_guarded=less_guarded,
        ),
    )  # fmt: skip
    return _messages(folder, entries, orphans)


def _rendered(facts: Mapping[str, Any]) -> dict[str, bytes]:
    """The deployment commands and the README, by name."""
    made = {
        t: _environment().get_template(f"{t}.jinja").render(facts) for t in ("deploy.sh", "deploy.ps1", "README.md")
    }
    # Windows PowerShell reads a script without a byte order mark as ANSI.
    made["deploy.ps1"] = "\ufeff" + made["deploy.ps1"].replace("\n", "\r\n")
    return {path: text.encode() for path, text in made.items()}


def _sums(scripts: Sequence[ScriptEntry], entries: Sequence[TableEntry], others: Mapping[str, str]) -> bytes:
    """Check sums as sha256sum writes them."""
    sums = [(s.sha256, s.path) for s in scripts] + [(f.sha256, f.path) for e in entries for f in e.files]
    sums += [(digest, path) for path, digest in others.items()]
    return "".join(f"{digest}  {path}\n" for digest, path in sums).encode()


@dataclass(frozen=True)
class DeploymentStep:
    """The loading of one table, for the deployment commands."""

    number: int
    entry: TableEntry

    @property
    def _stem(self) -> str:
        return f"data/{self.number:03d}-{slug(self.entry.table.name.name)}"

    @property
    def count(self) -> str:
        """The script that counts the table's rows."""
        return f"{self._stem}.count.sql"

    def format(self, file: FileEntry) -> str:
        """The format file of a data file; empty where it needs none."""
        return file.path.removesuffix(".dat") + ".fmt" if self.entry.fields and file.terminators else ""

    def helpers(self) -> list[tuple[str, str]]:
        """Path and text of the files beside the table's data."""
        table = self.entry.table
        found = [(self.count, count_script(table))]
        for file in self.entry.files:
            if self.entry.fields and file.terminators:
                found.append((self.format(file), format_file(table, self.entry.fields, file.terminators)))
        return found


def _sweep(data: Path, wanted: set[str]) -> None:
    """Remove data files of tables that are no longer the package's, or that stand under another number now."""
    for path in data.glob("*"):
        if f"data/{path.name}" not in wanted and re.fullmatch(r"\d{3}-.*\.(dat|sql|fmt)", path.name):
            path.unlink()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _messages(folder: Path, entries: Sequence[TableEntry], orphans: Sequence[OrphanedRows]) -> list[Message]:
    told = []
    for o in orphans:
        place = Place(Kind.TABLE, name=str(o.child), part=o.key)
        told.append(Message.of(6311, place, key=o.key, child=o.child, parent=o.parent, count=o.count))
    for entry in entries:
        place, table = Place(Kind.TABLE, name=str(entry.table.name)), entry.table.name
        if not entry.complete and entry.table.source is not None:
            detail = f"{counted(entry.rows, 'row')} so far" if entry.rows else "no rows yet"
            told.append(Message.of(5605, place, table=table, detail=detail))
        odd = [f for f in entry.files if f.terminators is None]
        if odd and len(odd) < len(entry.files):
            told.append(Message.of(5620, place, table=table, rows=sum(f.rows for f in odd), file=odd[0].path))
    size = sum(f.size for e in entries for f in e.files)
    rows = sum(e.rows for e in entries)
    told.append(
        Message.of(5630, Place(Kind.FILE, name=str(folder)), folder=folder, tables=len(entries), rows=rows, size=size)
    )
    return told


def _powershell(text: object) -> str:
    """A literal in single quotes, which PowerShell takes as it is; it also ends one at typographic quotes."""
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", str(text)) + "'"


def _step(name: str, kind: str) -> str:
    """The facts of a step for the result file, without its outcome."""
    return f'"step": {as_json_text(kind)}, "name": {as_json_text(name)}'


def _ends(entry: FileEntry, windows: bool) -> dict[str, str]:
    """The terminators as arguments: bcp on Windows makes carriage return and line feed of `\\n`, so it gets hex."""
    if entry.terminators is None:
        return {}
    if entry.terminators.row == b"\n":
        return {"field": "\\t", "row": "0x0A" if windows else "\\n"}
    return {"field": entry.terminators.field.decode(), "row": entry.terminators.row.decode()}


@cache
def _environment() -> Environment:
    """What the templates are filled in by, loaded when the first package is written."""
    environment = environment_of("wizard.package")
    environment.filters["counted"] = counted
    environment.globals["checking"] = checking
    environment.globals["result"] = RESULT
    environment.filters["sh"] = lambda text: shlex.quote(str(text))
    environment.filters["ps"] = _powershell
    environment.filters["ends"] = _ends
    environment.filters["seen"] = for_terminal
    environment.filters["json"] = as_json_text
    environment.filters["step"] = _step
    return environment

"""The plan: which applications go, when, where to and how, as a TOML file that people edit.

It is written again without losing what was edited: of each entry the estate remembers what was proposed, and a key that
still holds that is brought up to date, any other stays. Comments and order stay too.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from wizard.convert.names import LONGEST
from wizard.estate.model import Readiness
from wizard.estate.store import Estate
from wizard.estate.waves import Candidate, candidates, waves
from wizard.file_writing import write_whole
from wizard.messages import Kind, Message, Place, ProjectError
from wizard.plurals import counted
from wizard.project import Project, check_name
from wizard.project.document import from_document
from wizard.project.toml_reading import BrokenRuleError, TomlSection
from wizard.server_name import same_for_all
from wizard.settings import TargetKind
from wizard.stages.destinations import own_schema
from wizard.stages.new_sources import new_key

SUFFIX: Final = ".plan.toml"
_OF_PROJECTS: Final = ("target", "server", "options", "types")
"""tables of a plan that are written as in a project file"""
_HEAD: Final = """\
# The plan of the estate {name}: which applications go, when, where to and how. Edit it as you like: planned again, what
# you changed stays, and new applications are added. Run it with: jetferry estate run {file} --wave 1
# [target], [server], [options] and [[types.rules]] are written as in a project file; an application may have its own.
# In database and schema, {{name}} stands for the application's name and {{wave}} for its wave.
# Compact and repair a damaged file in Access; or, with go = true and salvage = true, what can be read of it goes.
# Not in the plan: {left}.

version = 1
estate = {estate}

[limits]
at_once = 2        # applications that are migrated at once
per_server = 2     # of these to one server
megabytes = 2048   # memory that their workers may take together
retries = 1        # how often one that failed is tried again

[defaults]
database = {database}
schema = ""        # empty: dbo, and a schema of its own for each further file of an application

[defaults.target]
kind = {kind}

[defaults.server]
host = {server}

[defaults.options]
preset = "default"
"""


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """How much goes on at once."""

    at_once: int = 2
    per_server: int = 2
    megabytes: int = 2048
    retries: int = 1


@dataclass(frozen=True)
class Entry:
    """An application that goes."""

    key: str
    name: str
    wave: int
    sources: tuple[str, ...]
    responsible: str
    project: Project
    """target, options, type rules and connection, as decided; no sources yet"""
    schema: str
    """of its main file; empty where that is left to Jetferry"""
    create_database: bool
    salvage: bool = False
    """what cannot be read of its files is left out, and told"""

    @property
    def target(self) -> str:
        """Where it goes, in words."""
        if self.project.target.kind is TargetKind.PACKAGE:
            return f"package {self.name}"
        c = self.project.connection
        return f"{c.server}, {c.database}, {self.schema or 'dbo'}"

    @property
    def server(self) -> str:
        """The server it goes to; empty for a package."""
        return "" if self.project.target.kind is TargetKind.PACKAGE else same_for_all(self.project.connection.server)

    @property
    def places(self) -> frozenset[str]:
        """All that it writes to; no two may share any."""
        if not self.server:
            return frozenset({self.target.casefold()})
        keys: list[str] = []
        for source in self.sources:
            keys.append(new_key(Path(source), keys))
        schemas = [self.schema or "dbo", *(self.further_schema(k) for k in keys[1:])]
        where = f"{self.server}, {self.project.connection.database}"
        return frozenset(f"{where}, {s}".casefold() for s in schemas)

    def further_schema(self, key: str) -> str:
        """The schema of a source that is not the first one."""
        return f"{self.schema}_{key}"[:LONGEST] if self.schema else own_schema(key)


@dataclass(frozen=True)
class Plan:
    """A plan as it was read."""

    path: Path
    limits: PlanLimits
    entries: tuple[Entry, ...]

    @property
    def name(self) -> str:
        """By which the estate knows it."""
        return self.path.name

    @property
    def waves(self) -> tuple[int, ...]:
        """The waves, in order."""
        return tuple(sorted({e.wave for e in self.entries}))


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning came to."""

    path: Path
    applications: int
    waves: int
    added: int
    messages: tuple[Message, ...] = ()


# writing


def plan(
    estate: Estate, path: Path, *, most: int, minutes: int, target: TargetKind = TargetKind.PACKAGE, server: str = ""
) -> Planned:
    """Write the plan, or bring the one that is there up to date. Raises ProjectError, OSError."""
    if path.exists():
        document = _document(path)
        found = waves(candidates(estate, _names(path, document)), most=most, minutes=minutes)
        return _again(estate, path, document, found)
    found = waves(candidates(estate), most=most, minutes=minutes)
    text = _head(estate, path, target, server) + "".join(map(_entry_text, found))
    write_whole(path, text.encode("utf-8", "backslashreplace"), private=True)
    _remember(estate, path, {c.key: proposed(c) for c in found})
    return Planned(path, len(found), found[-1].wave if found else 0, len(found))


def _head(estate: Estate, path: Path, target: TargetKind, server: str) -> str:
    dead = estate.one("SELECT count(*) FROM application WHERE dead = 1")
    copies = estate.one("SELECT count(*) FROM application WHERE dead = 0 AND copy_of <> ''")
    unread = estate.one("SELECT count(*) FROM unreadable")
    left = (
        f"{counted(dead, 'dead application')}, {counted(copies, 'copy', 'copies')}, {counted(unread, 'file')} not read"
    )
    return _HEAD.format(
        name=estate.name, file=path.name, left=left, estate=_quoted(estate.name), database=_quoted("{name}"),
        kind=_quoted(target.value), server=_quoted(server),
    )  # fmt: skip


def _quoted(text: str) -> str:
    return tomlkit.string(text).as_string()


def proposed(one: Candidate) -> dict[str, Any]:
    """An entry as it is proposed, without its key."""
    return {
        "name": one.name, "wave": one.wave, "go": one.readiness is not Readiness.NOT and not one.damaged,
        "responsible": "",
        "sources": list(one.sources),
    }  # fmt: skip


def _entry_text(one: Candidate) -> str:
    sources = "".join(f"    {_quoted(s)},\n" for s in one.sources)
    entry = proposed(one)
    return (
        f"\n[[applications]]  # {one.why}\nkey = {_quoted(one.key)}\nname = {_quoted(one.name)}\nwave = {one.wave}\n"
        f'go = {str(entry["go"]).lower()}\nresponsible = ""\nsources = [\n{sources}]\n'
    )


def _remember(estate: Estate, path: Path, entries: Mapping[str, Mapping[str, Any]]) -> None:
    with estate.db as db:
        db.executemany(
            "INSERT OR REPLACE INTO proposed VALUES (?, ?, ?)",
            [(path.name, key, json.dumps(entry)) for key, entry in entries.items()],
        )


def _entries(path: Path, document: tomlkit.TOMLDocument) -> AoT:
    entries = document.setdefault("applications", tomlkit.aot())
    if not isinstance(entries, AoT):
        raise _broken(path, "'applications' must be a list of tables")
    return entries


def _names(path: Path, document: tomlkit.TOMLDocument) -> dict[str, str]:
    return {str(e.get("key", "")): str(e.get("name", "")) for e in _entries(path, document)}


def _again(estate: Estate, path: Path, document: tomlkit.TOMLDocument, found: Sequence[Candidate]) -> Planned:
    before = {
        r["key"]: json.loads(r["entry"])
        for r in estate.ask("SELECT key, entry FROM proposed WHERE plan = ?", path.name)
    }
    wanted = {c.key: proposed(c) for c in found}
    there: set[str] = set()
    messages = []
    for entry in _entries(path, document):
        key = str(entry.get("key", ""))
        there.add(key)
        if key in wanted:
            _update(entry, before.get(key, {}), wanted[key])
        elif key in before:  # else it was written by hand, and is nobody's business but its writer's
            messages.append(Message.of(9206, name=entry.get("name", key)))
            _update(entry, before[key], {"go": False})
            wanted[key] = {**before[key], "go": False}  # if it comes back, that is brought up to date
    text = tomlkit.dumps(document)
    added = [c for c in found if c.key not in there]
    text = text.rstrip("\n") + "\n" + "".join(map(_entry_text, added))
    write_whole(path, text.encode("utf-8", "backslashreplace"), private=True)
    _remember(estate, path, wanted)
    return Planned(path, len(there) + len(added), len({c.wave for c in found}), len(added), tuple(messages))


def _update(entry: Table, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Bring what nobody edited up to date."""
    for key, value in wanted.items():
        present = _plain(entry.get(key))
        if key in before and present == before[key] and present != value:
            entry[key] = value


def _plain(item: Any) -> Any:
    """tomlkit gives true and false as they are, other values with their place in the file."""
    return item.unwrap() if hasattr(item, "unwrap") else item


def _document(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TOMLKitError) as e:
        raise _broken(path, e) from e


def _broken(path: Path, what: object) -> ProjectError:
    return ProjectError(9200, Place(Kind.FILE), path=path, what=what)


# reading


def read_plan(path: Path, estate: str = "") -> Plan:
    """Read a plan. Raises ProjectError: 9200 with the key that is wrong, 9201 where two would go to one place, 9207."""
    try:
        top = TomlSection(tomllib.loads(path.read_text(encoding="utf-8")))
        found = _read(path, top, estate)
    except BrokenRuleError as e:
        key = ".".join(map(str, e.path))
        raise _broken(path, f"{key}: {e.what}. {e.hint}") from e
    except (OSError, ValueError) as e:
        raise _broken(path, getattr(e, "strerror", None) or e) from e
    _refuse_meetings(found)
    return found


def _read(path: Path, top: TomlSection, estate: str) -> Plan:
    top.number("version", None, 1, 1)
    made_for = top.text("estate")
    if estate and made_for and made_for != estate:
        raise ProjectError(9207, Place(Kind.FILE), name=made_for)
    s = top.section("limits")
    d = PlanLimits()
    limits = PlanLimits(
        s.number("at_once", d.at_once, 1, 64) or 1, s.number("per_server", d.per_server, 1, 64) or 1,
        s.number("megabytes", d.megabytes, 256, 1 << 24) or d.megabytes, s.number("retries", d.retries, 0, 20) or 0,
    )  # fmt: skip
    s.close()
    defaults = top.section("defaults")
    entries = [e for section in top.sections("applications") if (e := _entry(section, defaults)) is not None]
    defaults.close()
    top.close()
    return Plan(path, limits, tuple(entries))


def _entry(s: TomlSection, defaults: TomlSection) -> Entry | None:
    key, name, wave = s.needed("key"), s.needed("name"), s.number("wave", 1, 1, 100_000) or 1
    try:
        check_name(name)
    except ProjectError as e:
        raise s.broken("name", f"'{name}' can be the name of no project", e.message.text) from None
    goes, responsible, sources = s.flag("go", True), s.text("responsible"), s.texts("sources")
    facts = {"name": name, "wave": wave}
    database = _filled(s, "database", s.text("database", defaults.text("database")), facts)
    schema = _filled(s, "schema", s.text("schema", defaults.text("schema")), facts)
    create = s.flag("create_database", defaults.flag("create_database", False))
    salvage = s.flag("salvage", defaults.flag("salvage", False))
    parts = {part: _merged(defaults.raw(part), s.raw(part)) for part in _OF_PROJECTS}
    s.close()
    if not goes:
        return None
    if not sources:
        raise s.broken("sources", "no file is named", "Name its files, or write go = false.")
    parts["server"] = {**parts["server"], "database": database}
    document = {"schema_version": 2, "name": name, **{k: v for k, v in parts.items() if v}}
    try:
        project = from_document(document)
    except BrokenRuleError as e:
        raise BrokenRuleError((*s.path, *e.path), e.what, e.hint) from e
    if project.target.kind is not TargetKind.PACKAGE and not project.connection.host:
        raise s.broken("server", f"'{name}' has no server to go to", "Name one in [defaults.server] as host.")
    return Entry(key, name, wave, sources, responsible, project, schema, create, salvage)


def _merged(general: Any, own: Any) -> dict[str, Any]:
    """An application's own keys over those of all."""
    return {**(general if isinstance(general, Mapping) else {}), **(own if isinstance(own, Mapping) else {})}


def _filled(s: TomlSection, key: str, pattern: str, facts: Mapping[str, Any]) -> str:
    """The pattern with its parts filled in: nothing of what else Python knows in braces (attributes, widths)."""
    hint = "Use {name} and {wave}."
    try:
        found = list(Formatter().parse(pattern))
    except ValueError as e:
        raise s.broken(key, f"'{pattern}' has an unknown part, {e}", hint) from None
    text = ""
    for plain, part, form, conversion in found:
        if part is not None and (part not in facts or form or conversion):
            raise s.broken(key, f"'{pattern}' has an unknown part, {{{part}}}", hint)
        text += plain + (str(facts[part]) if part is not None else "")
    return text


def _refuse_meetings(found: Plan) -> None:
    """Raises ProjectError where two would go to the same place, or be the same project."""
    by_place: dict[str, list[str]] = {}
    for entry in found.entries:
        for place in sorted(entry.places):
            by_place.setdefault(place, []).append(entry.name)
        if entry.server:
            by_place.setdefault(f"the project {entry.name}".casefold(), []).append(entry.name)
    for place, names in by_place.items():
        if len(names) > 1:
            told = ", ".join(sorted(set(names))[:5])
            raise ProjectError(9201, Place(Kind.FILE), names=told, target=place, path=found.path)

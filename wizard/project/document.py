"""A project as a TOML document: values to tables and back, a person's comments and order kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, get_type_hints

import tomlkit
from tomlkit.items import AoT, Array, String, Table, Trivia, Whitespace

from wizard.convert.names import schema_refused
from wizard.events import Stage
from wizard.messages import CATALOGUE, RowProblem
from wizard.options import Preset
from wizard.plain_data import to_plain
from wizard.project.model import Destination, Edit, FileFingerprint, Project, Record, Selection, Source, StageOutcome
from wizard.project.toml_reading import BrokenRuleError, TomlSection
from wizard.server_name import ServerNameError, check_keyword
from wizard.settings import (
    REPAIRS,
    Auth,
    Connection,
    Encryption,
    Options,
    Repair,
    RepairRule,
    SqlVersion,
    Target,
    TargetKind,
    TypeMap,
    TypeRule,
    declarations,
)

_KEY = re.compile(r"\w(?:[\w .\-]{0,198}\w)?")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
SCHEMA_VERSION = 2


def _bad_dates(document: MutableMapping[str, Any]) -> None:
    """To version 2: option bad_dates became a repair rule."""
    options = document.get("options")
    if not isinstance(options, MutableMapping) or "bad_dates" not in options:
        return
    repair = {"no": Repair.REJECT, "null": Repair.NULL, "nearest": Repair.NEAREST}.get(options.pop("bad_dates"))
    if repair is not None:
        document["repairs"] = [{"trouble": RowProblem.DATE.value, "repair": repair.value}]


UPGRADES: tuple[Callable[[MutableMapping[str, Any]], None], ...] = (_bad_dates,)
"""what brings a document of version 1 to 2, of 2 to 3, and so on: each changes it in place"""
LONG = 8
"""texts that a list holds on one line"""


def is_key(text: str) -> bool:
    """Whether a source may be called so: on every system it names a file, in the folder where that is put."""
    return _KEY.fullmatch(text) is not None and _DEVICES.fullmatch(text) is None


def to_document(project: Project) -> dict[str, Any]:
    """Plain tables. Options and everything else that is as by default are left out, so that a person finds theirs."""
    preset = Options.preset(project.preset)
    changed = {
        f.name: to_plain(getattr(project.options, f.name))
        for f in fields(Options)
        if getattr(project.options, f.name) != getattr(preset, f.name)
    }
    t = project.target
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "name": project.name,
        "target": {"kind": t.kind.value, "version": t.version.value, "linked": t.linked},
        "options": {"preset": project.preset.value, **changed},
        "types": _types_to(project.types),
        "sources": {s.key: _source_to(s) for s in project.sources},
        "server": to_plain(project.connection) | _more_to(project.connection),
        "map": {key: to_plain(d) | {"schema": d.schema} for key, d in project.map.items()},
        "repairs": [_repair_to(r) for r in project.repairs],
        "edits": [to_plain(e) for e in project.edits],
        "effort": dict(project.effort),
        "actions": dict(project.actions),
        "stages": {s.value: to_plain(r) for s, r in project.stages.items()},
    }
    if project.running is not None:
        document["stages"]["running"] = project.running.value
    return {k: v for k, v in document.items() if v not in ({}, [])}


def _more_to(connection: Connection) -> dict[str, Any]:
    return {"more": dict(connection.more)} if connection.more else {}


def _types_to(types: TypeMap) -> dict[str, Any]:
    tables: dict[str, dict[str, Any]] = {}
    for (source, table), rules in types.tables.items():
        tables.setdefault(source, {})[table] = [to_plain(r) for r in rules]
    document = {
        "rules": [to_plain(r) for r in types.project],
        "databases": {k: [to_plain(r) for r in rules] for k, rules in types.databases.items()},
        "tables": tables,
    }
    return {k: v for k, v in document.items() if v}


def _repair_to(rule: RepairRule) -> dict[str, Any]:
    return {k: v for k, v in to_plain(rule).items() if v != ""}


def _source_to(source: Source) -> dict[str, Any]:
    document: dict[str, Any] = {"path": source.path}
    if source.code_page:
        document["code_page"] = source.code_page
    if source.salvage:
        document["salvage"] = True
    for key, selection in (("tables", source.tables), ("queries", source.queries)):
        if selection != Selection():
            document[key] = {"all_but" if selection.all_but else "only": list(selection.names)}
    if source.back_ends:
        document["back_ends"] = dict(source.back_ends)
    if source.unwrap:
        document["unwrap"] = {table: list(columns) for table, columns in source.unwrap.items()}
    if source.fingerprint:
        document["fingerprint"] = to_plain(source.fingerprint)
    return document


def upgrade(document: MutableMapping[str, Any]) -> int | None:
    """Bring an older document to this version, in place; gives the version it had, None where it was this one."""
    found = document.get("schema_version")
    if not isinstance(found, int) or not 1 <= found < SCHEMA_VERSION:
        return None
    for step in UPGRADES[found - 1 :]:
        step(document)
    document["schema_version"] = SCHEMA_VERSION
    return found


def from_document(document: Mapping[str, Any]) -> Project:
    """The project of a document. Raises BrokenRuleError naming the key where a rule is broken."""
    top = TomlSection(document)
    top.number("schema_version", None, 1, SCHEMA_VERSION)
    preset, options = _options(top.section("options"))
    stages, running = _stages(top.section("stages"))
    sources = top.section("sources")
    project = Project(
        name=top.needed("name"),
        target=_target(top.section("target")),
        preset=preset,
        options=options,
        types=_types(top.section("types")),
        sources=tuple(_source(key, sources.section(key)) for key in sources.keys()),  # noqa: SIM118
        connection=_connection(top.section("server")),
        map=_map(top.section("map")),
        repairs=tuple(_repair(s) for s in top.sections("repairs")),
        edits=tuple(_edit(s) for s in top.sections("edits")),
        effort=_effort(top.section("effort")),
        actions=top.section("actions").texts_by_key(),
        stages=stages,
        running=running,
    )
    top.close()
    return project


def _target(s: TomlSection) -> Target:
    target = Target(
        s.choice("kind", TargetKind, TargetKind.PACKAGE),
        s.choice("version", SqlVersion, SqlVersion.V2022),
        s.flag("linked", True),
    )
    s.close()
    return target


def _options(s: TomlSection) -> tuple[Preset, Options]:
    preset = s.choice("preset", Preset, Preset.DEFAULT)
    base = Options.preset(preset)
    values: dict[str, Any] = {}
    declared = declarations()
    for name, kind in get_type_hints(Options).items():
        default = getattr(base, name)
        if kind is bool:
            values[name] = s.flag(name, default)
        elif kind is int:
            values[name] = s.number(name, default, declared[name].low, declared[name].high)
        elif issubclass(kind, StrEnum):
            values[name] = s.choice(name, kind, default)
    s.close()
    return preset, Options(**values)


def _effort(s: TomlSection) -> dict[str, int]:
    """Minutes by a message's code."""
    known = [k for k in s.keys() if re.fullmatch(r"JF\d{4}", k)]  # noqa: SIM118
    if unknown := [k for k in known if int(k[2:]) not in CATALOGUE]:
        what = f"no message has the number {' or '.join(unknown)}"
        raise s.broken(unknown[0], what, "Correct or remove it; the assessment names the numbers of its messages.")
    minutes = {k: s.number(k, None, 0, 100_000) for k in known}
    s.close()
    return {k: m for k, m in minutes.items() if m is not None}


def _rules(s: TomlSection, key: str) -> tuple[TypeRule, ...]:
    rules = []
    for item in s.sections(key):
        low, high = item.number("low", None, 0, 2**31), item.number("high", None, 0, 2**31)
        rule = TypeRule(item.needed("source"), item.needed("target"), low, high)
        item.close()
        rules.append(rule)
    return tuple(rules)


def _types(s: TomlSection) -> TypeMap:
    databases, tables = s.section("databases"), s.section("tables")
    by_table = {}
    for source in tables.keys():  # noqa: SIM118
        section = tables.section(source)
        for table in section.keys():  # noqa: SIM118
            by_table[source, table] = _rules(section, table)
    rules = TypeMap(_rules(s, "rules"), {k: _rules(databases, k) for k in databases.keys()}, by_table)  # noqa: SIM118
    s.close()
    return rules


def _selection(s: TomlSection) -> Selection:
    only = "only" in s
    if only and "all_but" in s:
        raise s.broken("only", "'only' and 'all_but' exclude each other", "Keep one of the two.")
    selection = Selection(not only, s.texts("only" if only else "all_but"))
    s.close()
    return selection


def _check_key(key: str, s: TomlSection) -> None:
    """Files and folders are named after a source's key."""
    if not is_key(key):
        raise BrokenRuleError(
            s.path, f"'{key}' cannot be the key of a source", "Use letters, digits, '-', '_', '.' and spaces within."
        )


def _source(key: str, s: TomlSection) -> Source:
    _check_key(key, s)
    mark = None
    if "fingerprint" in s:
        f = s.section("fingerprint")
        mark = FileFingerprint(f.number("size", 0, 0, 2**63 - 1) or 0, f.text("modified"), f.text("digest"))
        f.close()
    source = Source(
        key=key,
        path=s.needed("path"),
        fingerprint=mark,
        tables=_selection(s.section("tables")),
        queries=_selection(s.section("queries")),
        back_ends=s.section("back_ends").texts_by_key(),
        code_page=s.text("code_page"),
        salvage=s.flag("salvage", False),
        unwrap=_unwrap(s.section("unwrap")),
    )
    s.close()
    return source


def _unwrap(s: TomlSection) -> dict[str, tuple[str, ...]]:
    found = {table: s.texts(table) for table in s.keys()}  # noqa: SIM118  # it is no mapping
    s.close()
    return found


def _connection(s: TomlSection) -> Connection:
    for key in ("password", "pwd", "secret"):
        if key in s:
            raise s.broken(
                key,
                "a password has no place in this file",
                "Remove it; Jetferry asks for it, or reads JETFERRY_PASSWORD or a keyring.",
            )
    d = Connection()
    connection = Connection(
        host=s.text("host"),
        port=s.number("port", None, 1, 65535),
        instance=s.text("instance"),
        database=s.text("database"),
        auth=s.choice("auth", Auth, d.auth),
        user=s.text("user"),
        encryption=s.choice("encryption", Encryption, d.encryption),
        trust_certificate=s.flag("trust_certificate", d.trust_certificate),
        timeout=s.number("timeout", d.timeout, 1, 600) or d.timeout,
        more=_more(s.section("more")),
    )
    s.close()
    return connection


def _more(s: TomlSection) -> tuple[tuple[str, str], ...]:
    found = s.texts_by_key()
    for key, value in found.items():
        try:
            check_keyword(key, value)
        except ServerNameError as e:
            raise s.broken(key, str(e), "Remove it.") from None
    return tuple(found.items())


def _map(s: TomlSection) -> dict[str, Destination]:
    result = {}
    for key in s.keys():  # noqa: SIM118
        place = s.section(key)
        result[key] = Destination(place.text("schema", "dbo"), place.text("database"))
        if refused := schema_refused(result[key].schema):
            raise place.broken("schema", refused, "Write another.")
        place.close()
    return result


def _repair(s: TomlSection) -> RepairRule:
    trouble = s.choice("trouble", RowProblem, RowProblem.DATE)
    s.needed("trouble")
    s.needed("repair")
    repair = s.choice("repair", Repair, Repair.REJECT)
    if repair not in REPAIRS[trouble]:
        known = ", ".join(REPAIRS[trouble])
        raise s.broken("repair", f"{trouble} cannot be repaired by '{repair}'", f"Write one of: {known}.")
    rule = RepairRule(trouble, repair, s.text("value"), s.text("source"), s.text("table"), s.text("part"))
    if (rule.part and not rule.table) or (rule.table and not rule.source):
        raise s.broken("source", "a table needs its source, a part its table", "Add the key, or take the others out.")
    s.close()
    return rule


def _edit(s: TomlSection) -> Edit:
    edit = Edit(s.needed("source"), s.needed("name"), s.needed("what"), s.text("part"), s.text("value"))
    s.close()
    return edit


def _stages(s: TomlSection) -> tuple[dict[Stage, Record], Stage | None]:
    running = Stage(s.choice("running", Stage, Stage.PROJECT)) if "running" in s else None
    records = {}
    for stage in Stage:
        if stage.value not in s:
            continue
        r = s.section(stage.value)
        outcome = r.choice("outcome", StageOutcome, StageOutcome.FAILED)
        parts = r.section("parts").texts_by_key()
        records[stage] = Record(
            outcome,
            parts,
            r.text("output"),
            r.text("detail"),
            r.text("at"),
            r.number("losses", 0, 0, 1 << 62) or 0,
            r.number("weaker", 0, 0, 1 << 62) or 0,
        )
        r.close()
    s.close()
    return records, running


def merge(into: MutableMapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Make `into` hold exactly `wanted`, touching only what differs, so that comments and order stay."""
    for key in [k for k in into if k not in wanted]:
        del into[key]
    for key, value in wanted.items():
        present = into.get(key)
        if isinstance(value, Mapping) and isinstance(present, Table):
            merge(present, value)
        elif isinstance(value, Mapping) and key not in into:
            only_tables = bool(value) and all(isinstance(v, Mapping) for v in value.values())
            table = tomlkit.table(is_super_table=only_tables)
            merge(table, value)
            into[key] = table
        elif key not in into or _plain(present) != value:
            into[key] = _item(value)


def _item(value: Any) -> Any:
    """A long list of texts gets a line each; made in one go, since tomlkit's own way is quadratic."""
    if not isinstance(value, list) or len(value) <= LONG or not all(isinstance(v, str) for v in value):
        return value
    parts: list[Any] = []
    for text in value:
        parts += [Whitespace("\n    "), String.from_raw(text), Whitespace(",")]
    return Array([*parts, Whitespace("\n")], Trivia())


def _plain(item: Any) -> Any:
    if isinstance(item, AoT):
        return [_plain(t) for t in item]
    return item.unwrap() if hasattr(item, "unwrap") else item


__all__ = ["SCHEMA_VERSION", "BrokenRuleError", "from_document", "merge", "to_document", "upgrade"]

"""Commands on Access files: find, inspect, export."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from wizard.cancellation import CancellationToken, stop_on_signals
from wizard.cli.output import OutputError, output_error, put, put_json, say, table
from wizard.escaping import for_terminal
from wizard.file_writing import write_whole
from wizard.messages import Severity, SystemFaultError
from wizard.outcomes import Exit
from wizard.plurals import counted
from wizard.stages import access_files as work

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}


def ask_password(path: Path) -> str:
    """From the terminal; empty where there is none."""
    if not sys.stdin.isatty():
        return ""
    from getpass import getpass

    try:
        return getpass(f"Password of {for_terminal(path.name)}: ", sys.stderr)
    except EOFError:
        return ""


def _misuse(text: str) -> Exception:
    """What Typer shows with the command's usage; `plain` exports without it."""
    import typer

    return typer.BadParameter(text)


def find(folders: Sequence[Path], *, name: str, since: str, at_least: str, as_json: bool, quiet: bool) -> int:
    """Search folders; sizes as `10MB`, dates as ISO. Returns the exit status."""
    cancel = CancellationToken()
    stop_on_signals(cancel)
    search = work.Search(folders, name, _date(since), _size(at_least))
    found: list[dict[str, Any]] = []
    unreadable = 0
    for finding in work.find(search, cancel):
        if isinstance(finding, work.FoundFile):
            moment = finding.modified.isoformat(sep=" ", timespec="seconds")
            found.append({"path": str(finding.path), "size": finding.size, "modified": moment})
            if not as_json:
                put(f"{finding.size:>13,}  {moment}  {finding.path}")
        elif isinstance(finding, work.UnreadableFolder):
            unreadable += 1
            say(f"cannot be read: {finding.path}: {finding.reason}")
        elif not quiet and sys.stderr.isatty() and not finding.done:
            say(f"{finding.folders:,} folders, {finding.found:,} found: {finding.current}")
    if as_json:
        put_json(found)
    return Exit.LEFT_OUT if unreadable or cancel.cancelled else Exit.DONE


def _date(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        raise _misuse(f"--since: '{text}' is not a date; write it as 2024-01-31") from None


def _size(text: str) -> int:
    known = re.fullmatch(r"(\d+)\s*([KMG]?)i?B?", text.strip() or "0", re.IGNORECASE)
    if not known:
        raise _misuse(f"--at-least: '{text}' is not a size; write it as 500K, 20M or 1G")
    return int(known[1]) * _UNITS[known[2].upper()]


def inspect(file: Path, as_json: bool, code_page: str, salvage: bool) -> int:
    """Print what an Access file holds. Returns the exit status."""
    work.load()
    with work.open_file(file, ask_password, code_page=code_page, salvage=salvage) as opened:
        shown = work.inspect(opened)
        if as_json:
            put_json(shown)
        else:
            put(*_as_text(shown))
        for message in opened.messages:
            say(str(message))
    return Exit.DONE


def _as_text(shown: dict[str, Any]) -> list[str]:
    lines = [f"{shown['file']}: {shown['format']}", ""]
    rows = [(t["name"], f"{t['rows']:,}", str(len(t["columns"])), str(len(t["indexes"]))) for t in shown["tables"]]
    lines += table(("table", "rows", "columns", "indexes"), rows)
    for t in shown["tables"]:
        lines += ["", f"{t['name']}"]
        lines += [f"  {c['name']}  {_type(c)}" for c in t["columns"]]
        for i in t["indexes"]:
            kind = "primary key" if i["primary"] else ("unique index" if i["unique"] else "index")
            lines.append(f"  {kind} {i['name']} ({', '.join(c['name'] for c in i['columns'])})")
    for title, key in (("linked tables", "linked_tables"), ("relationships", "relationships"), ("queries", "queries")):
        if shown[key]:
            lines += ["", title, *(f"  {_one(key, o)}" for o in shown[key])]
    for kind, names in shown["other_objects"].items():
        read = {o["name"].casefold() for o in shown["application"][kind]}
        if unread := [n for n in names if n.casefold() not in read]:
            lines += ["", f"{kind} that could not be read: {', '.join(unread)}"]
    return lines + _application(shown["application"])


def source(file: Path, out: Path, code_page: str, as_json: bool, quiet: bool) -> int:
    """Write the application as text files. Returns the exit status."""
    work.load()
    with work.open_file(file, ask_password, code_page=code_page) as opened:
        written = work.write_source(opened, out)
        for message in opened.messages:
            say(str(message))
        if as_json:
            put_json({"folder": str(out), "files": written})
        elif not quiet:
            for folder, number in written.items():
                say(f"{counted(number, 'file')} in {out / folder}")
        return Exit.LEFT_OUT if any(m.severity is not Severity.INFORMATION for m in opened.messages) else Exit.DONE


def diagram(file: Path, form: str, out: Path | None, code_page: str) -> int:
    """Write the entity-relationship diagram. Returns the exit status. Raises SourceError, OutputError."""
    work.load()
    with work.open_file(file, ask_password, code_page=code_page) as opened:
        text = work.diagram(opened.definition, form, file.stem)
    if out is None:
        put(*text.rstrip("\n").split("\n"))
        return Exit.DONE
    try:
        write_whole(out, text)
    except OSError as e:
        raise SystemFaultError.of_error(e, out) from e
    say(f"written: {out}")
    return Exit.DONE


def uses(file: Path, name: str, unused: bool, as_json: bool, code_page: str) -> int:
    """Print what uses a name, or what nothing uses."""
    if unused == bool(name):
        raise _misuse("give the name of a table, query or column, or --unused")
    work.load()
    with work.open_file(file, ask_password, code_page=code_page) as opened:
        found = work.uses(opened, name)
        if as_json:
            put_json(found)
        elif unused:
            put(*(f"{o['kind']} {o['name']}" for o in found["unused"]))
        else:
            shown = [(_user(u), str(u["how"]), u["column"], ", ".join(u["through"])) for u in found["uses"]]
            put(*(table(("used by", "as", "column", "through"), shown) if shown else ["Nothing uses it."]))
        if found["not_looked_at"]:
            say(f"{counted(found['not_looked_at'], 'text')} of the application not looked at: there are too many")
        for message in opened.messages:
            say(str(message))
    return Exit.DONE


def _user(use: dict[str, Any]) -> str:
    where = f"{use['kind']} {use['user']}" + (f", {use['part']}" if use["part"] else "")
    return f"{where}, line {use['line']}" if use["line"] else where


_SOURCE = {
    "absent": "The modules' source is absent: the file was made to hold compiled code only (.mde, .accde).",
    "protected": "A password hides the VBA project in Access' editor; the modules' source is in the file all the same.",
}


def _application(shown: dict[str, Any]) -> list[str]:
    """Forms and reports with what they show, modules with their lines, macros with their steps."""
    lines: list[str] = []
    for title in ("forms", "reports"):
        if shown[title]:
            lines += ["", f"{title} and where their records come from", *map(_form, shown[title])]
    if shown["modules"]:
        told = [f"  {m['name']}  {m['kind']}, {_lines(m)}" for m in shown["modules"]]
        lines += ["", "modules", *told]
    lines += [_SOURCE[shown["source"]]] if shown["source"] in _SOURCE else []
    for macro in shown["macros"]:
        lines += ["", f"macro {macro['name']}", *map(_step, macro["actions"])]
    if shown["data_macros"]:
        lines += ["", "data macros", *(f"  {m['table']}: {m['event']}" for m in shown["data_macros"])]
    return lines


def _form(shown: dict[str, Any]) -> str:
    source = " ".join(shown["record_source"].split())
    return f"  {shown['name']}  {counted(len(shown['controls']), 'control')}" + (f", {source}" if source else "")


def _lines(module: dict[str, Any]) -> str:
    return counted(module["lines"], "line") if module["sha256"] else "no source"


def _step(action: dict[str, Any]) -> str:
    condition = f"{action['condition']}: " if action.get("condition") else ""
    comment = f"  ' {action['comment']}" if action.get("comment") else ""
    return f"  {condition}{action['action']} {', '.join(action['arguments'])}".rstrip() + comment


def _type(column: dict[str, Any]) -> str:
    size = column.get("length") or ""
    if column.get("precision"):
        size = f"{column['precision']},{column.get('scale') or 0}"
    told = [f"{column['type']}({size})" if size else str(column["type"])]
    told += ["AutoNumber"] if column.get("auto") else []
    told += ["required"] if column.get("required") else []
    told += [f"default {column['default']}"] if column.get("default") else []
    return ", ".join(told)


def _one(key: str, shown: dict[str, Any]) -> str:
    if key == "relationships":
        here, there = ", ".join(shown["columns"]), ", ".join(shown["referenced_columns"])
        return f"{shown['name']}: {shown['table']} ({here}) -> {shown['referenced_table']} ({there})"
    return f"{shown['name']}: {shown.get('kind', '')}"


def export(
    file: Path, tables: Sequence[str], *, form: str, out: Path | None, embedded: bool, spreadsheet: bool, salvage: bool,
    code_page: str, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Write tables. Returns the exit status."""
    if form not in work.formats():
        raise _misuse(f"--format: '{form}' is none of {', '.join(work.formats())}")
    if as_json and out is None:
        raise _misuse("--json needs --out: standard output has the rows (--format jsonl: as JSON)")
    if out is None and sys.stdout is None:
        raise OutputError("it is closed")
    work.load()
    with work.open_file(file, ask_password, code_page=code_page, salvage=salvage) as opened:
        try:
            written = work.export(opened, tables, form, out, embedded=embedded, spreadsheet=spreadsheet)
        except OSError as e:  # of files it makes, errors are told as such
            raise output_error(e) from e
        for message in opened.messages:
            say(str(message))
        if as_json:
            put_json({"files": [{"table": i.table, "rows": i.rows, "path": str(i.path)} for i in written]})
        elif out is not None and not quiet:
            for item in written:
                say(f"{item.table}: {counted(item.rows, 'row')} in {item.path}")
        return Exit.LEFT_OUT if salvage and opened.messages else Exit.DONE

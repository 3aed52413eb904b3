"""What `jetferry inspect --json` prints under `application`, without passwords and keys."""

from __future__ import annotations

import math
from typing import Any, Final

from wizard.access.application.model import (
    Application,
    DataMacro,
    DefinitionNode,
    Form,
    Macro,
    MacroAction,
    Module,
    PropertyValue,
)
from wizard.access.redaction import redacted

_ALWAYS: Final = ("Name", "RecordSource")
"""properties that have a key of their own"""
_UNTOLD: Final = frozenset({"GUID", "NameMap", "RecSrcDt", "EventProcPrefix", "FontName", "Picture", "ImageData"})
"""what has no meaning for a reader of JSON"""


def describe(application: Application) -> dict[str, Any]:
    """The object, ready for `json.dumps`."""
    return {
        "source": _source(application),
        "modules": [_module(m) for m in application.modules],
        "references": [{"name": r.name, "library": redacted(r.library)} for r in application.references],
        "forms": [_form(f) for f in application.forms],
        "reports": [_form(r) for r in application.reports],
        "macros": [_macro(m) for m in application.macros],
        "data_macros": [_data_macro(m) for m in application.data_macros],
        "saved_transfers": [
            {"name": t.name, "kind": t.kind, "path": t.path, "object": t.object} for t in application.transfers
        ],
        "ribbons": [r.name for r in application.ribbons],
        "startup": dict(application.startup),
    }


def _source(application: Application) -> str:
    """Whether the modules' source is there."""
    if application.compiled_only:
        return "absent"
    if application.code_protected:
        return "protected"
    return "present" if application.modules else "none"


def _module(module: Module) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": module.name, "kind": str(module.kind), "lines": module.lines}
    return shown | {"sha256": module.sha256 if module.source is not None else None}


def _form(form: Form) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": form.name, "record_source": redacted(form.record_source)}
    shown["properties"] = _properties(form.node)
    if form.group_levels:
        shown["group_levels"] = [redacted(level) for level in form.group_levels]
    shown["controls"] = [{"name": n.name, "type": n.type_name} | _properties(n) for n in form.controls]
    return shown


def _properties(node: DefinitionNode) -> dict[str, Any]:
    shown = {n: _value(v) for n, v in node.properties.items() if n not in _ALWAYS and n not in _UNTOLD}
    return {**shown, "not_default": list(node.not_default)} if node.not_default else shown


def _value(value: PropertyValue) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no other way
    return _macro(value) if isinstance(value, Macro) else value


def _macro(macro: Macro) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": macro.name, "actions": [_action(a) for a in macro.actions]}
    return shown | ({"xml": redacted(macro.xml)} if macro.xml else {})


def _action(action: MacroAction) -> dict[str, Any]:
    shown: dict[str, Any] = {"action": action.name, "arguments": [redacted(a) for a in action.arguments]}
    optional = {"condition": redacted(action.condition), "comment": redacted(action.comment), "name": action.label}
    return shown | {key: value for key, value in optional.items() if value}


def _data_macro(macro: DataMacro) -> dict[str, Any]:
    return {"table": macro.table, "event": macro.event, "xml": redacted(macro.xml)}

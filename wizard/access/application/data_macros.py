"""What a macro's XML says, as plain statements: SetField, CreateRecord, OpenForm, If and the others.

The XML is a stranger's: a document type, which could define entities, is refused; depth, length and count are bounded.
Source: Microsoft's "Data macros" reference (Access desktop database reference), whose samples are such XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET  # no document type is let through

from wizard.access.application.byte_cursor import DamagedError
from wizard.access.application.model import DataMacro
from wizard.definitions import MacroStatement, TableMacro

_LONGEST: Final = 1_000_000
_DEEPEST: Final = 40
_MOST: Final = 10_000
_ROOTS: Final = ("DataMacro", "UserInterfaceMacro", "UserInterfaceMacroFor", "SubMacro")
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")


def table_macro(macro: DataMacro) -> TableMacro:
    """A data macro's statements. Raises DamagedError where its XML cannot be read."""
    return TableMacro(macro.table, macro.event, macro_statements(macro.xml))


def macro_statements(xml: str) -> tuple[MacroStatement, ...]:
    """The statements of a data macro's XML, or of that which Access 2010 and later add to other macros.

    Raises DamagedError where it cannot be read.
    """
    text = _DECLARATION.sub("", xml)
    if len(text) > _LONGEST or "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise DamagedError("its XML is none that Access writes")
    try:
        root = ET.fromstring(text)  # noqa: S314
    except (ET.ParseError, ValueError, RecursionError) as e:
        raise DamagedError(f"its XML cannot be read: {e}") from None
    if sum(1 for _ in root.iter()) > _MOST:
        raise DamagedError(f"it has more than {_MOST} statements")
    bodies = [b for e in root.iter() if _name(e) in _ROOTS and (b := _child(e, "Statements")) is not None]
    return tuple(s for b in bodies for s in _statements(b, 0))


def _statements(body: ET.Element, depth: int) -> Iterator[MacroStatement]:
    if depth > _DEEPEST:
        raise DamagedError(f"its statements are nested more than {_DEEPEST} deep")
    for element in body:
        name = _name(element)
        if name == "Action":
            arguments = {_attribute(a, "Name"): _text(a) for a in element if _name(a) == "Argument"}
            yield MacroStatement(_attribute(element, "Name"), arguments)
        elif name == "ConditionalBlock":
            branches = tuple(_branch(b, depth) for b in element if _name(b) in ("If", "ElseIf", "Else"))
            yield MacroStatement("If", {}, branches)
        elif name != "Comment":
            inner = _child(element, "Statements")
            data = _child(element, "Data")
            facts = {} if data is None else {_name(e): _text(e) for e in data}
            alias = "" if data is None else _attribute(data, "Alias")
            body_ = () if inner is None else tuple(_statements(inner, depth + 1))
            yield MacroStatement(name, facts | ({"Alias": alias} if alias else {}), body_)


def _branch(element: ET.Element, depth: int) -> MacroStatement:
    condition, inner = _child(element, "Condition"), _child(element, "Statements")
    facts = {} if condition is None else {"Condition": _text(condition)}
    return MacroStatement(_name(element), facts, () if inner is None else tuple(_statements(inner, depth + 1)))


def _name(element: ET.Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _child(element: ET.Element, name: str) -> ET.Element | None:
    return next((e for e in element if _name(e) == name), None)


def _attribute(element: ET.Element, name: str) -> str:
    return element.attrib.get(name, "")


def _text(element: ET.Element) -> str:
    return (element.text or "").strip()

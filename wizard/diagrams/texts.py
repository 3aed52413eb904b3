"""A diagram as text that other programs draw: Mermaid, DBML.

Sources: "Entity Relationship Diagrams" of Mermaid's documentation; "DBML - Full Syntax Docs" of dbml.org.
"""

from __future__ import annotations

import re
from typing import Final

from wizard.diagrams import Attribute, Diagram, DiagramLine
from wizard.escaping import visible


def mermaid(diagram: Diagram) -> str:
    """An `erDiagram`. Names that it cannot have as they are stand in quotes beside a word."""
    lines = ["erDiagram"]
    for number, box in enumerate(diagram.boxes):
        lines.append(f'  t{number}["{_quoted(box.name)}"] {{')
        for a in box.attributes:
            marks = ",".join(m for m, has in (("PK", a.key), ("FK", a.refers)) if has)
            name = _word(a.name)
            told = f' "{_quoted(a.name)}"' if name != a.name else ""
            lines.append(f"    {_word(a.type)} {name}{f' {marks}' if marks else ''}{told}")
        lines.append("  }")
    for n in diagram.lines:
        how = "--" if n.enforced else ".."
        lines.append(f'  t{n.parent} ||{how}o{"|" if n.single else "{"} t{n.child} : "{_quoted(", ".join(n.columns))}"')
    return "\n".join(lines) + "\n"


def _word(text: str) -> str:
    """Letters, digits and underscores, beginning with a letter."""
    found = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_") or "column"
    return found if found[0].isalpha() else f"c_{found}"


_MARKED: Final = re.compile(r"""[#"<>&%`]""")
"""what would end a text for Mermaid, or be a tag, an entity, Markdown, or settings (`%%{init: …}%%`) wherever it is"""


def _quoted(text: str) -> str:
    return _MARKED.sub(lambda m: "#quot;" if m[0] == '"' else f"#{ord(m[0])};", visible(text))


def dbml(diagram: Diagram) -> str:
    """Tables and references."""
    lines = []
    for box in diagram.boxes:
        lines.append(f"Table {_name(box.name)} {{")
        if not box.attributes:
            lines.append('  "(columns)" "elsewhere"')  # a table needs one
        lines += [f"  {_name(a.name)} {_name(a.type)}{_settings(a, box.attributes)}" for a in box.attributes]
        keys = [a.name for a in box.attributes if a.key]
        if len(keys) > 1:
            lines += ["  indexes {", f"    ({', '.join(map(_name, keys))}) [pk]", "  }"]
        lines += ["}", ""]
    lines += [_reference(diagram, n) for n in diagram.lines if n.columns]
    return "\n".join(lines) + "\n"


def _settings(attribute: Attribute, beside: tuple[Attribute, ...]) -> str:
    told = ["pk"] if attribute.key and sum(a.key for a in beside) == 1 else []
    told += ["not null"] if attribute.required else []
    return f" [{', '.join(told)}]" if told else ""


def _reference(diagram: Diagram, line: DiagramLine) -> str:
    def end(box: int, columns: tuple[str, ...]) -> str:
        names = ", ".join(map(_name, columns))
        return f"{_name(diagram.boxes[box].name)}.{names if len(columns) == 1 else f'({names})'}"

    return f"Ref: {end(line.child, line.columns)} {'-' if line.single else '>'} {end(line.parent, line.referenced)}"


def _name(text: str) -> str:
    shown = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{shown}"'

"""Findings in what is neither form nor code: data macros, saved imports and exports, ribbons, startup, 32-bit
libraries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wizard.access.application import Application
from wizard.convert.triggers import TriggerCandidate
from wizard.definitions import Database
from wizard.messages import Kind, Message, Place

_ONLY_32_BITS: Final = {
    "dao2535.tlb": "DAO 2.5/3.5",
    "dao350.dll": "DAO 3.5",
    "dao360.dll": "DAO 3.6",
    "msjro.dll": "Jet Replication Objects",
    "mscal.ocx": "the Calendar control",
    "comctl32.ocx": "Windows Common Controls 5.0",
    "comdlg32.ocx": "the Common Dialog control",
    "tabctl32.ocx": "the Tabbed Dialog control",
    "richtx32.ocx": "the Rich Textbox control",
    "msflxgrd.ocx": "the FlexGrid control",
    "mshflxgd.ocx": "the Hierarchical FlexGrid control",
    "msinet.ocx": "the Internet Transfer control",
    "mswinsck.ocx": "the Winsock control",
    "msscript.ocx": "the Script control",
    "msowc.dll": "Office Web Components 9",
    "owc10.dll": "Office Web Components 10",
    "owc11.dll": "Office Web Components 11",
    "msstdfmt.dll": "the Standard Data Formatting objects",
    "msmapi32.ocx": "the MAPI controls",
    "mscomm32.ocx": "the Communications control",
    "mschrt20.ocx": "the Chart control",
    "msmask32.ocx": "the Masked Edit control",
}
"""libraries that exist for 32 bits alone, by the file that a reference names ("Compatibility Between the 32-bit and
64-bit Versions of Office" and Microsoft's lists of the controls that come with Visual Basic 6)"""
_RESTRICTING: Final = ("AllowBypassKey", "AllowSpecialKeys", "AllowFullMenus", "StartUpShowDBWindow")
_RIBBONS: Final = "usysribbons"
_SYSTEM: Final = "msys"
"""how tables of Access itself begin, which stay in the file"""


@dataclass(frozen=True)
class OtherFindings:
    """Findings of the other objects of a file."""

    database: Database
    application: Application
    triggers: Sequence[TriggerCandidate]
    source: str

    def all(self) -> Iterator[Message]:
        """In the order of the catalogue."""
        for found in self.triggers:
            place = Place(Kind.TABLE, self.source, found.table, found.event)
            if found.sql:
                yield Message.of(4531, place, event=found.event, table=found.table)
            else:
                yield Message.of(4532, place, event=found.event, table=found.table, why=found.why)
        for transfer in self.application.transfers:
            if transfer.kind.startswith("saved") and not transfer.object.casefold().startswith(_SYSTEM):
                place = Place(Kind.OBJECT, self.source, transfer.name)
                about = transfer.object or "its table"
                yield Message.of(4533, place, kind=transfer.kind, name=transfer.name, path=transfer.path, object=about)
        yield from self._ribbons()
        yield from self._startup()
        for reference in self.application.references:
            if title := _ONLY_32_BITS.get(_file(reference.library)):
                yield Message.of(4536, Place(Kind.FILE, self.source), name=reference.name, library=title)

    def _ribbons(self) -> Iterator[Message]:
        if self.application.ribbons:
            names = ", ".join(r.name for r in self.application.ribbons[:5])
            yield Message.of(4534, Place(Kind.FILE, self.source), names=names)
        table = next((t.name for t in self.database.tables if t.name.casefold() == _RIBBONS), "")
        if table:
            yield Message.of(4537, Place(Kind.TABLE, self.source, table), table=table)

    def _startup(self) -> Iterator[Message]:
        """What opens first, and what keeps people (and the kit) from the Visual Basic editor."""
        startup = self.application.startup
        opens = [f"form {startup['StartUpForm']}"] if startup.get("StartUpForm") not in (None, "(none)") else []
        opens += [f"macro {m.name}" for m in self.application.macros if m.name.casefold() == "autoexec"]
        off = [name for name in _RESTRICTING if startup.get(name) in ("False", "0")]
        if opens or off:
            said = "; ".join(
                ([f"{' and '.join(opens)} {'open' if len(opens) > 1 else 'opens'} first"] if opens else [])
                + [f"{n} is off" for n in off]
            )
            yield Message.of(4535, Place(Kind.FILE, self.source), said=said)


def _file(library: str) -> str:
    """The file's name in a reference as the project keeps it: `*\\G{…}#5.0#0#C:\\…\\dao360.dll#Microsoft DAO 3.6`."""
    parts = library.split("#")
    path = parts[3] if len(parts) > 3 else ""
    return path.replace("/", "\\").rpartition("\\")[2].casefold()

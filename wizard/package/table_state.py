"""How far a table of the package has come: a small file beside the data, outside the package."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from wizard.coercion.widening import FilledColumn, narrowed
from wizard.file_writing import read_json
from wizard.messages import Kind, Place, TargetError
from wizard.objects import Name, ServerTable
from wizard.package.files import named, put
from wizard.plain_data import from_plain
from wizard.sink import Checkpoint, Delivery


@dataclass(frozen=True, slots=True)
class PackageTableState:
    """What counts of a table's files. Everything beyond `size` and `sql_size` is left over from a cut-off write."""

    table: str
    """the quoted name"""
    part: str = ""
    identity: bool = False
    """values for an identity column are among the data"""
    fields: tuple[str, ...] = ()
    """columns that the data file has fields for; empty where it has one for each of the table's"""
    checkpoint: Checkpoint = field(default_factory=Checkpoint)
    token: str = ""
    layout: str = ""
    """digest of the columns the files are laid out for"""
    generation: int = 0
    """of the terminators"""
    size: int = 0
    """bytes of the data file"""
    sha256: str = ""
    """of those bytes, as they were when written; empty where none were"""
    sql_size: int = 0
    """bytes of the statements file, without its last lines"""
    sql_sha256: str = ""
    """of these with the last lines behind them, as written; empty where none were, or a former version wrote them"""
    sql_rows: int = 0
    """rows of `checkpoint.rows` that are statements"""
    types: tuple[FilledColumn, ...] = ()
    """of the table's own rows: the columns as the values were made for them, those of later parts too; empty where a
    former version wrote the files, and nothing is known of it"""
    stem: str = ""
    """the name that its finished files have in the package, where its number may be another table's later on; empty
    before, and where a former version wrote them"""

    def outdated(self, table: ServerTable) -> bool:
        """Whether the files hold values that the table's columns, as they are now, do not hold all.

        Nor are they what is wanted where a real became a float: they have the fewest digits that tell a real, and as
        a float these are another number.
        """
        floats = {c.name for c in table.columns if c.type.name == "float"}
        reals = any(c.type.name == "real" and c.name in floats for c in self.types)
        return reals or bool(narrowed(table.columns, self.types))


def key_of(table: Name, part: str) -> str:
    """A file name for the table's state: readable, and unlike any other table's whatever their names hold."""
    digest = hashlib.sha256("\0".join((table.schema, table.name, part)).encode()).hexdigest()[:12]
    return f"{slug(table.name)}-{digest}"


def slug(name: str) -> str:
    """Letters, digits, `-` and `_` of a name, for a file name on any system."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:40].strip("_") or "table"


def layout_digest(delivery: Delivery, statements_only: bool) -> str:
    """Changes with whatever the bytes of the table's files depend on, the data aside."""
    facts = [repr(delivery.table.name), repr(delivery.part), repr(statements_only)]
    facts += [repr((c.name, str(c.type), c.identity, c.computed)) for c in delivery.table.columns]
    facts += [repr(c.name) for c in delivery.columns]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def save(path: Path, state: PackageTableState) -> None:
    """Replace the state. Should a power cut bring the former one back, its bytes still are those that count."""
    put(path, (json.dumps(asdict(state), ensure_ascii=False, indent=1) + "\n").encode())


def load(path: Path, table: Name) -> PackageTableState | None:
    """The state, None where there is none. Raises TargetError 5602 where the file is damaged."""
    try:
        data: dict[str, Any] = read_json(path)
        checkpoint = data.pop("mark", None) or data["checkpoint"]  # "mark" in projects of former versions
        fields, types = tuple(data["fields"]), from_plain(tuple[FilledColumn, ...], data.get("types", ()))
        read = {**data, "checkpoint": Checkpoint(**checkpoint), "fields": fields, "types": types}
        return PackageTableState(**read)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        place = Place(Kind.TABLE, name=str(table))
        raise TargetError(5602, place, table=table, file=path, reason=str(e)) from e


def forget_others(work: Path, tables: Collection[Name]) -> None:
    """Remove the states of tables that are not the package's any more: their files go with them."""
    own = {str(name) for name in tables}
    for path in named(work, "", ".json"):
        with suppress(OSError, ValueError, AttributeError):
            if read_json(path).get("table") not in own:
                path.unlink()


def outdated(work: Path, tables: Sequence[ServerTable]) -> list[ServerTable]:
    """Those whose files, in the package whose work is kept there, hold values that their columns do not hold any
    more."""
    found = []
    for table in tables:
        with suppress(TargetError):  # a damaged state is stage 8's to report
            known = load(work / f"{key_of(table.name, '')}.json", table.name)
            if known is not None and known.outdated(table):
                found.append(table)
    return found

"""The result of a verification: a line a table, and whether a package's files are as its manifest says."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wizard.cancellation import CancellationToken
from wizard.escaping import as_json
from wizard.messages import Kind, Message, Place, TargetError, Topic
from wizard.migrate.query_comparison import ProofVerdict as Alike
from wizard.migrate.query_comparison import QueryProof, multiset, records
from wizard.migrate.verification import TableComparison
from wizard.outcomes import TableState, Verdict, verdict
from wizard.package.manifest import SUMS
from wizard.package.manifest_reader import CheckSums, read_manifest, read_sums
from wizard.plain_data import to_plain
from wizard.plurals import counted

UNGUARDED: Final = (Topic.NOT_GUARDED, Topic.CHANGED_SINCE)
"""constraints, indexes and triggers that could not be made, enabled or trusted; objects no longer as they were made"""
_CHUNK: Final = 1 << 20
"""bytes read at once"""


@dataclass(frozen=True, slots=True)
class Verification:
    """`proofs` in the order in which tables move; `messages` are about no single table."""

    proofs: tuple[TableComparison, ...]
    messages: tuple[Message, ...] = ()
    queries: tuple[QueryProof, ...] = ()
    """of a server; a package gets a script that proves them there"""
    missing: tuple[str, ...] = ()
    """tables that were chosen and never made"""
    unmade: tuple[Message, ...] = ()
    """what was not converted or loaded, whole tables aside; constraints, indexes and triggers not made or trusted after
    the rows; objects that are not on the server any more as they were made"""
    weaker: tuple[Message, ...] = ()
    """foreign keys and indexes that gave way to old rows"""
    as_stored: tuple[Message, ...] = ()
    """of each column whose values came as they lie in the file, as they cannot be taken out of their wrapper"""

    @property
    def equal(self) -> bool:
        """Every table is the same on both sides, rejected rows aside, and no file was changed."""
        return all(p.equal for p in self.proofs) and not self.problems

    @property
    def problems(self) -> tuple[Message, ...]:
        """What, beside the tables, makes the sides differ; a view that the server does not run is a loss."""
        return tuple(m for m in self.messages if not is_unrunnable(m))

    @property
    def queries_alike(self) -> bool:
        """No query gives other rows on the server; those that could not be proven aside."""
        return all(q.verdict is not Alike.DIFFERENT for q in self.queries)

    @property
    def queries_summed(self) -> str:
        """In a line, how many queries give the same rows."""
        return multiset(self.queries)

    @property
    def verdict(self) -> Verdict:
        """What it certifies: never equal where rows were rejected."""
        return verdict(
            [p.state for p in self.proofs], others_well=not self.problems, missing=bool(self.missing),
            unmade=bool(self.unmade or self.unrunnable), as_stored=bool(self.as_stored), weaker=bool(self.weaker),
        )  # fmt: skip

    @property
    def losses(self) -> int:
        """Rows, tables, constraints and indexes left out, texts that arrived damaged, values that were rounded, and
        views that the server does not run, columns with values as they lie in the file. What else was not converted or
        loaded is a loss of stage 6 or 7."""
        rows = sum(p.rejected + p.damaged + p.unread + p.rounded for p in self.proofs)
        return rows + len(self.missing) + len(self.unguarded) + len(self.unrunnable) + len(self.as_stored)

    @property
    def unguarded(self) -> tuple[Message, ...]:
        """Of what is `unmade`, what stage 8 found or did: see `UNGUARDED`."""
        return tuple(m for m in self.unmade if m.topic in UNGUARDED)

    @property
    def unrunnable(self) -> tuple[Message, ...]:
        """Views that the server does not run, or does not have any more."""
        return tuple(m for m in self.messages if is_unrunnable(m))

    def as_json(self) -> str:
        """`source_rows` are all rows of the source, as in the certificate."""
        document = {
            "verdict": self.verdict.value,
            "equal": self.verdict is Verdict.EQUAL,
            "missing": list(self.missing),
            "unmade": [str(m) for m in self.unmade],
            "weaker": [str(m) for m in self.weaker],
            "as_stored": [str(m) for m in self.as_stored],
            "tables": [
                {**to_plain(p), "equal": p.state is TableState.DONE, "state": p.state.words, "source_rows": p.rows}
                for p in self.proofs
            ],
            "messages": [str(m) for m in self.messages],
            "queries": list(records(self.queries)),
        }
        return as_json(document)


def is_unrunnable(message: Message) -> bool:
    """Whether it says that a view cannot be run on the server."""
    return message.topic in (Topic.VIEW_REFUSED, Topic.NOT_LOADED) and message.place.kind is Kind.QUERY


def changed_files(folder: Path, cancel: CancellationToken | None = None) -> list[Message]:
    """A message for each file of a package that is gone, or not as the manifest and SHA256SUMS say; these included.

    The two must say the same of every file that the manifest names. Where one is lost or damaged, files are compared
    with what the other says. Raises StoppedError.
    """
    cancel = cancel or CancellationToken()
    found, named = list[Message](), dict[str, str]()
    try:
        named |= read_manifest(folder).digests
    except TargetError as e:
        found.append(e.message)
    sums = read_sums(folder)
    found += [_damaged_file(folder, SUMS, what) for what in _wrong_sums(sums, named)]
    for path in dict.fromkeys((*named, *sums.digests)):
        what = _changed(folder / path, {d[path] for d in (named, sums.digests) if path in d}, cancel)
        if what:
            found.append(_damaged_file(folder, path, what))
    return found


def lost_file(folder: Path) -> Message | None:
    """The first file of a package that is gone or visibly another: `changed_files`, of data the length alone. None
    where there is none."""
    try:
        manifest = read_manifest(folder)
    except TargetError as e:
        return e.message
    data = {f.path: f.size for table in manifest.tables.values() for f in table.files}
    for path, digest in manifest.digests.items():
        what = _changed(folder / path, {digest}, CancellationToken(), data.get(path))
        if what:
            return _damaged_file(folder, path, what)
    return next((_damaged_file(folder, SUMS, what) for what in _wrong_sums(read_sums(folder), manifest.digests)), None)


def _wrong_sums(sums: CheckSums, named: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with SHA256SUMS, its own shape and beside the manifest."""
    if sums.damage:
        yield sums.damage
        if not sums.digests:
            return
    missing = [path for path in named if path not in sums.digests]
    other = [path for path in named if sums.digests.get(path, named[path]) != named[path]]
    for what, paths in (("it does not list", missing), ("it has another SHA-256 than manifest.json for", other)):
        if paths:
            more = f" and {counted(len(paths) - 1, 'other')}" if len(paths) > 1 else ""
            yield f"{what} {paths[0]}{more}"


def _changed(path: Path, wanted: Collection[str], cancel: CancellationToken, size: int | None = None) -> str:
    """What became of the file, which should have one of these digests; empty where nothing did. Where its `size` is
    given, that alone is looked at."""
    if not path.is_file():
        return "it is not there"
    try:
        same = _sha256(path, cancel) in wanted if size is None else path.stat().st_size == size
    except OSError as e:
        return f"it cannot be read ({e.strerror or e})"
    return "" if same else "its content was changed"


def _damaged_file(folder: Path, name: str, what: str) -> Message:
    return Message.of(8121, Place(Kind.FILE, name=name), file=folder / name, what=what)


def _sha256(path: Path, cancel: CancellationToken) -> str:
    made = hashlib.sha256()
    with path.open("rb") as f:
        while chunk := f.read(_CHUNK):
            cancel.check()
            made.update(chunk)
    return made.hexdigest()

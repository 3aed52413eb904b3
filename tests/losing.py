"""A project that loses rows, and what stages 5 and 8 say of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from tests.conftest import SHARED, oracle_cases
from wizard.cli.projects import NewProject, fill
from wizard.settings import Connection, TargetKind
from wizard.stages import Migration

CORPUS = {database.name: database for database, _ in oracle_cases()} if SHARED.is_dir() else {}
needs_corpus = pytest.mark.skipif(not CORPUS, reason="needs the databases of ../shared, which is not here")


@contextmanager
def package_of(path: Path, *databases: Path) -> Iterator[Migration]:
    """A project of databases that goes to a package, before stage 5."""
    with Migration.create(path) as migration:
        migration.project.set_target(replace(migration.data.target, kind=TargetKind.PACKAGE))
        fill(migration, NewProject(path, databases, TargetKind.PACKAGE), Connection())
        for source in migration.data.sources:
            migration.sources.select_all(source.key)
        migration.prepare()
        yield migration


def foreseen(migration: Migration) -> list[tuple[str, int, int]]:
    """Table, position and reason of each row that stage 5 says will be rejected."""
    return sorted((f.name, r.position, r.number) for f in migration.assess.foreseen for r in f.listed)


def rejected(migration: Migration) -> list[tuple[str, int, int]]:
    result = migration.migrate.result
    assert result is not None
    tables = [t.table for t in result.tables if t.rejected]
    return sorted((t, r.position, r.number) for t in tables for r in migration.migrate.rejects(t, limit=10**6))


def certificate(migration: Migration) -> str:
    """What a person reads of it, its lines and blanks made one."""
    assert migration.migrate.verify()
    page = migration.migrate.certificate
    assert page is not None
    return " ".join(unescape(re.sub("<[^>]+>", "", page.read_text(encoding="utf-8"))).split())

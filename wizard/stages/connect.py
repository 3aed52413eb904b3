"""Stage 3: the server, the database and the account; or working offline."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from types import ModuleType

from wizard.events import Stage
from wizard.messages import WorkFailedError
from wizard.project import StageOutcome
from wizard.settings import Connection, TargetKind
from wizard.sqlserver import code_pages, connection_test
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.connection_test import ConnectionVerdict, ServerInfo, Tier
from wizard.stages.code_pages import CodePages
from wizard.stages.project_session import ProjectSession

SERVICE = "jetferry"
"""under which a keyring keeps passwords"""


class ConnectStage:
    """Everything here but the setters talks to the server: call it from a thread."""

    def __init__(self, session: ProjectSession) -> None:
        self._session = session

    @property
    def settings(self) -> Connection:
        """Where the server is, and who signs in."""
        return self._session.project.connection

    def set(self, connection: Connection) -> tuple[Stage, ...]:
        """Save the settings; returns the stages made stale."""
        return self._session.change(replace(self._session.project, connection=connection))

    def set_password(self, password: str) -> None:
        """Keep the server's password, or the service principal's secret, in memory."""
        self._session.secrets.server = password

    def password(self) -> str:
        """The password in memory, else that of JETFERRY_PASSWORD, else that of a keyring; empty where none is."""
        c = self.settings
        if not c.auth.needs_password:
            return ""
        return self._session.secrets.for_server or from_keyring(c)

    def keep_password(self) -> bool:
        """Put the password in memory into the system's keyring; false where there is none to put it in."""
        keyring = _keyring()
        if keyring is None or not self._session.secrets.server:
            return False
        c = self.settings
        with suppress(Exception):  # every back end has errors of its own
            keyring.set_password(SERVICE, f"{c.user}@{c.server}", self._session.secrets.server)
            return True
        return False

    def test(self) -> Iterator[ConnectionVerdict]:
        """Reach, encrypt, sign in, database, rights: a verdict in words as each is known; a failed one is the last.

        Raises nothing for what it tests.
        """
        target = self._session.project.target
        asked = target.version if target.kind is TargetKind.SQL_SERVER else None
        return connection_test.check(self.settings, self.password(), asked)

    def info(self) -> ServerInfo:
        """Version, edition, compatibility level, collation and the account's roles. Raises TargetError in words."""
        return connection_test.ask_server(self.settings, self.password(), connection_test.info)

    def learn_code_pages(self, connection: Connection, schemas: Iterable[str]) -> bool:
        """Ask a database, and its columns in these schemas, for their code pages. Whether that is news.

        Raises TargetError in words.
        """

        def ask(session: ServerSession) -> tuple[int, Mapping[tuple[str, str, str], int]]:
            return code_pages.database_page(session), code_pages.column_pages(session, schemas)

        found = connection_test.ask_server(connection, self.password(), ask)
        return CodePages(self._session).learn(connection, *found)

    def databases(self) -> tuple[str, ...]:
        """The databases of the server that the account may see. Raises TargetError in words."""
        return tuple(connection_test.databases(self.settings, self.password()))

    def create_database(self, name: str, tier: Tier | None = None) -> None:
        """Create a database and use it; `tier` is for Azure SQL Database. Raises TargetError in words."""
        connection_test.create_database(self.settings, self.password(), name, tier)
        self.set(replace(self.settings, database=name))

    def unreadable(self, sql: str) -> str:
        """Why the server cannot read a statement, which is not run; empty where it can. Raises TargetError in words."""
        return connection_test.ask_server(self.settings, self.password(), lambda s: connection_test.unreadable(s, sql))

    def confirm(self) -> tuple[ConnectionVerdict, ...]:
        """Test, and where that goes well the stage is done. Raises WorkFailedError with the step that failed.

        Lacking rights do not hinder: they have a message, and may be given before stage 7.
        """
        with self._session.run(Stage.CONNECT) as ending:
            verdicts = tuple(self.test())
            for found in (v.found for v in verdicts if v.found is not None):
                CodePages(self._session).learn(self.settings, found.code_page)
            for v in verdicts:
                for message in v.messages:
                    self._session.emit_message(Stage.CONNECT, message)
                if not v.passed and v.step is not connection_test.ConnectionStep.RIGHTS:
                    raise (
                        WorkFailedError.of(v.messages[0])
                        if v.messages
                        else WorkFailedError(8115, step=v.step, what=v.text)
                    )
            ending.detail = (
                f"{self.settings.server}, {verdicts[-2].text}" if len(verdicts) > 1 else self.settings.server
            )
            return verdicts

    def offline(self) -> None:
        """Work without a server; it is asked for again before anything is loaded into one."""
        self._session.skip(Stage.CONNECT)

    @property
    def is_offline(self) -> bool:
        """Whether the stage was skipped, to work without a server."""
        return offline(self._session)


def offline(session: ProjectSession) -> bool:
    """Whether there is no server to work with: the target is a package, or stage 3 was skipped."""
    if session.project.target.kind is TargetKind.PACKAGE:
        return True
    record = session.project.stages.get(Stage.CONNECT)
    return record is None or record.outcome is not StageOutcome.DONE


def from_keyring(connection: Connection) -> str:
    """The password a keyring has for the account; empty where there is none, or no keyring."""
    keyring = _keyring()
    if keyring is None:
        return ""
    with suppress(Exception):  # a locked or missing back end is as good as no password
        return str(keyring.get_password(SERVICE, f"{connection.user}@{connection.server}") or "")
    return ""


def _keyring() -> ModuleType | None:
    """The optional module `keyring`."""
    with suppress(ImportError):
        return importlib.import_module("keyring")
    return None


__all__ = ["ConnectStage", "ConnectionVerdict", "ServerInfo", "Tier", "from_keyring", "offline"]

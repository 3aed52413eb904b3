"""Stage 3: the server, the database and the account, with a verdict in words per step; or working offline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Label, Select, Static

from screens.stage_screen import Blocked, StageScreen
from screens.widgets.chooser import Chooser
from screens.widgets.dialogs import Ask
from screens.widgets.listing import Heading, Listing
from screens.widgets.status_signs import plain
from screens.widgets.text_button import TextButton
from screens.widgets.thread_results import bring
from screens.widgets.toggles import Tick
from wizard.events import Stage
from wizard.settings import Auth, Connection, Encryption, TargetKind
from wizard.stages import StageOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

AUTHS = {
    Auth.SQL: "SQL Server login (name and password)",
    Auth.WINDOWS: "Windows / Kerberos (your own account)",
    Auth.ENTRA_DEFAULT: "Entra ID, default (what this machine has)",
    Auth.ENTRA_INTERACTIVE: "Entra ID, in a browser",
    Auth.ENTRA_PASSWORD: "Entra ID, name and password",
    Auth.ENTRA_SERVICE_PRINCIPAL: "Entra ID, service principal",
    Auth.ENTRA_MANAGED_IDENTITY: "Entra ID, managed identity",
}
USERS = {
    Auth.ENTRA_SERVICE_PRINCIPAL: ("Client id", "Secret"),
    Auth.ENTRA_MANAGED_IDENTITY: ("Client id", ""),
    Auth.ENTRA_PASSWORD: ("Account", "Password"),
    Auth.ENTRA_INTERACTIVE: ("Account", ""),
}
"""what the fields are called where it is not User and Password; an empty name is not asked for"""
ENCRYPTIONS = {
    Encryption.MANDATORY: "mandatory (default)",
    Encryption.STRICT: "strict (TDS 8, SQL Server 2022 and Azure)",
    Encryption.OPTIONAL: "optional (old servers)",
}

HELP = """
# 3 Connect

Say how to reach the server. Fields appear as the way of signing in asks for them.

- **Server**: a name or an address, with a port (`db1,1433`) or an instance (`db1\\SQLEXPRESS`).
- **Test** goes step by step: reach, encrypt, sign in, database, rights; each step gets a verdict.
- **Databases** lists what the account may open; **Create** makes a new database.
- **Trust the certificate** accepts one that nobody vouches for. Do that only on a network you trust.
- **Work offline** goes on without a server: stages 4 to 6 work, and stage 7 saves scripts.

The password is kept in memory only, never in the project. `JETFERRY_PASSWORD` and the system's keyring are asked too.
If the target is an offline package, no server is needed.
"""


class ConnectScreen(StageScreen):
    """The screen of stage 3."""

    stage = Stage.CONNECT
    help_text = HELP
    skippable = True

    DEFAULT_CSS = """
    ConnectScreen Select { width: 1fr; }
    ConnectScreen #form { height: auto; }
    ConnectScreen #form Input { width: 1fr; }
    ConnectScreen #verdicts { margin-top: 1; }
    ConnectScreen #offline { display: none; }
    ConnectScreen .offline #form, ConnectScreen .offline #verdicts, ConnectScreen .offline #tests { display: none; }
    ConnectScreen .offline #offline { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f6", "test", "Test", key_display="F6")]

    def compose_work(self) -> Iterable[Widget]:
        c = self.migration.connect.settings
        yield Static(
            "The target is an offline package: no server is needed.\n\nPress Next to go on. To write to a server "
            "directly, go back to stage 1 and choose SQL Server or Azure SQL as the target.", id="offline",
        )  # fmt: skip
        with Vertical(id="form"):
            with Horizontal(classes="row"):
                yield Label("Server", classes="label")
                yield Input(c.server, id="server", compact=True, placeholder="name, or name,port, or name\\instance")
            with Horizontal(classes="row"):
                yield Label("Sign in with", classes="label")
                auths = [(t, a) for a, t in AUTHS.items()]
                yield Select(auths, value=c.auth, id="auth", allow_blank=False, compact=True)
            with Horizontal(classes="row", id="user-row"):
                yield Label("User", classes="label", id="user-label")
                yield Input(c.user, id="user", compact=True)
            with Horizontal(classes="row", id="password-row"):
                yield Label("Password", classes="label", id="password-label")
                yield Input(password=True, id="password", compact=True)
            with Horizontal(classes="row"):
                yield Label("Database", classes="label")
                yield Input(c.database, id="database", compact=True)
                yield TextButton("List", id="list", compact=True)
                yield TextButton("Create", id="create", compact=True)
            with Horizontal(classes="row"):
                yield Label("Encryption", classes="label")
                kinds = [(t, e) for e, t in ENCRYPTIONS.items()]
                yield Select(kinds, value=c.encryption, id="encryption", allow_blank=False, compact=True)
            with Horizontal(classes="row"):
                yield Label("Wait (seconds)", classes="label")
                yield Input(str(c.timeout), id="timeout", type="integer", compact=True)
            yield Tick("Trust the server's certificate", c.trust_certificate, id="trust", compact=True)
        with Horizontal(classes="row", id="tests"):
            yield TextButton("Test", id="test", compact=True)
            yield TextButton("Work offline", id="work-offline", compact=True)
            yield TextButton("Keep password in keyring", id="keep", compact=True)
        yield Listing(
            Heading("Step", 10), Heading("Well?", 6), Heading("Verdict"), id="verdicts",
            empty="Press Test: each step gets a verdict.",
        )  # fmt: skip
        yield Static(id="verdict", classes="hint", markup=False)

    @property
    def package(self) -> bool:
        """The target needs no server."""
        return self.migration.data.target.kind is TargetKind.PACKAGE

    def refresh_work(self) -> None:
        self.query_one("#work").set_class(self.package, "offline")
        self.query_one("#skip").display = not self.package
        self._fields()

    def focus_first(self) -> None:
        self.query_one("#next" if self.package else "#server").focus()

    def may_skip(self) -> bool:
        """Also a server that was reached may be left for later."""
        return not self.package

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not self.package if action == "test" else super().check_action(action, parameters)

    @on(Select.Changed, "#auth")
    def _fields(self) -> None:
        """Show the fields that the way of signing in asks for."""
        auth = Auth(str(self.query_one("#auth", Select).value))
        user, password = USERS.get(auth, ("User", "Password"))
        self.query_one("#user-row").display = auth.needs_user or auth in USERS
        self.query_one("#user", Input).placeholder = "" if auth.needs_user else "(may be left empty)"
        self.query_one("#password-row").display = auth.needs_password
        self.query_one("#user-label", Label).update(user)
        self.query_one("#password-label", Label).update(password or "Password")
        if auth.needs_password and self.migration.connect.password():
            self.query_one("#password", Input).placeholder = "(known; leave empty to keep it)"

    def _given(self) -> Connection:
        """Raises ValueError where the server's name cannot be one."""
        timeout = self.query_one("#timeout", Input).value
        auth = Auth(str(self.query_one("#auth", Select).value))
        return Connection.at(
            self.query_one("#server", Input).value,
            database=self.query_one("#database", Input).value.strip(),
            auth=auth,
            user=self.query_one("#user", Input).value.strip() if self.query_one("#user-row").display else "",
            encryption=Encryption(str(self.query_one("#encryption", Select).value)),
            trust_certificate=self.query_one("#trust", Checkbox).value,
            timeout=int(timeout) if timeout.isdigit() and int(timeout) else 15,
            more=self.migration.connect.settings.more,
        )

    def _blocked(self) -> Blocked | None:
        if not self.query_one("#server", Input).value.strip():
            return Blocked("Say which server, or press Work offline.", "#server")
        try:
            connection = self._given()
        except ValueError as e:
            said = str(e)
            return Blocked(f"{said[0].upper()}{said[1:]}.", "#server")
        if connection.auth.needs_user and not connection.user:
            return Blocked("This way of signing in needs a user name.", "#user")
        given = self.query_one("#password", Input).value or self.migration.connect.password()
        if connection.auth.needs_password and not given:
            return Blocked("This way of signing in needs a password.", "#password")
        return None

    def _complete(self) -> bool:
        """Whether nothing is missing; else says what, and puts the cursor there."""
        blocked = self._blocked()
        if blocked is not None:
            self.note(blocked.why, severity="warning")
            self.query_one(blocked.widget).focus()
            return False
        return True

    def _keep(self) -> None:
        """In a thread or before one: the password to memory, the settings to the project."""
        password = self.query_one("#password", Input).value
        if password:
            self.migration.connect.set_password(password)
        connection = self._given()
        if connection != self.migration.connect.settings:
            self.migration.connect.set(connection)

    def _with_settings(self, then: object) -> None:
        """Save the form, asking first where that reaches further, and go on with `then`."""
        if not self._complete() or not callable(then):
            return
        connection = self._given()
        if connection == self.migration.connect.settings:
            self._keep()
            then()
            return

        def make() -> tuple[Stage, ...]:
            self._keep()
            return ()

        self.change(make, lambda: replace(self.migration.data, connection=connection), then)

    # test

    @on(Button.Pressed, "#test")
    def action_test(self) -> None:
        if not self.package:
            self._with_settings(self._test)

    @work(thread=True, group="test", exclusive=True)
    def _test(self) -> None:
        rows: list[tuple[str, str, str]] = []
        bring(self, self._verdicts, rows, "Testing …")
        for v in self.migration.connect.test():
            rows = [*rows, (v.step.value, "✓ yes" if v.passed else "✗ no", v.text)]
            bring(self, self._verdicts, rows, "")
        good = all(r[1].startswith("✓") for r in rows)
        bring(self, self._verdicts, rows, "All is well: press Next." if good else rows[-1][2])

    def _verdicts(self, rows: Sequence[tuple[str, str, str]], text: str) -> None:
        self.query_one("#verdicts", Listing).show(rows, cursor=max(0, len(rows) - 1))
        self.put("#verdict", plain(text))

    @on(Listing.Highlighted, "#verdicts")
    def _verdict(self, event: Listing.Highlighted) -> None:
        self.put("#verdict", plain(str(event.listing.rows[event.index][2])))

    # databases

    @on(Button.Pressed, "#list")
    def _list(self) -> None:
        def listed(names: tuple[str, ...]) -> None:
            if not names:
                self.note("There is no database yet that this account may open; press Create.")
                return
            self.app.push_screen(Chooser("Databases", names), self._database)

        self._with_settings(lambda: self.aside(self.migration.connect.databases, listed, doing="Asking the server"))

    def _database(self, name: str | None) -> None:
        if name:
            self.query_one("#database", Input).value = name

    @on(Button.Pressed, "#create")
    def _create(self) -> None:
        def made(name: str | None) -> None:
            if name is not None:
                self._database(name)
                self.note(f"The database {name} was created.")

        def create(name: str) -> None:
            with self.wizard.changing:
                self.migration.connect.create_database(name)

        def ask() -> None:
            value = self.query_one("#database", Input).value or self.migration.data.name
            text = "Its name on the server:"
            self.app.push_screen(Ask("Create a database", text, value=value, accept=create), made)

        self._with_settings(ask)

    @on(Button.Pressed, "#keep")
    def _keep_password(self) -> None:
        def kept(done: bool) -> None:
            self.note("Kept in the keyring." if done else "There is no keyring here to keep it in, or no password yet.")

        self._with_settings(lambda: self.aside(self.migration.connect.keep_password, kept))

    @on(Button.Pressed, "#work-offline")
    def _offline(self) -> None:
        self.action_skip()

    # going on

    def ready(self) -> Blocked | None:
        return None if self.package else self._blocked()

    def action_next(self) -> None:
        if self.package or self.busy:
            super().action_next()
        else:
            self._with_settings(super().action_next)

    def finish(self) -> None:
        if self.package:
            if not self.over:
                self.migration.connect.offline()
            return
        record = self.migration.data.stages.get(Stage.CONNECT)
        if not self.over or (record is not None and record.outcome is StageOutcome.SKIPPED):
            self.migration.connect.confirm()

"""Losses on a real server as a person sees them: told in the wizard, mended by a rule, sent again by *One step*."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.widgets import Static

from screens.app import WizardApp
from screens.widgets.listing import Toned
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from tests.screens.test_losses import KEY, at_stage_8, narrowed, row
from tests.server_schema import clear
from wizard.events import Stage, Status
from wizard.messages import RowProblem
from wizard.outcomes import Role
from wizard.settings import Repair, RepairRule, Target, TargetKind
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession
from wizard.stages import Migration, SourceObjectType

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]
SCHEMA = "jf_losses_seen"


def test_losses_on_a_server_are_told_and_sent_again_once_a_rule_mends_them(
    home: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, password = connection_string.settings(server)
    monkeypatch.setenv("JETFERRY_PASSWORD", password)
    with ServerSession.open(connection, password) as session:
        clear(session, SCHEMA)
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p", name="Harbor Books", target=Target(TargetKind.SQL_SERVER)) as m:
        m.connect.set_password(password)
        m.connect.set(connection)
        m.project.confirm()
        m.sources.add(home / SAMPLE.name)
        m.sources.select_none(KEY)
        m.sources.select(KEY, SourceObjectType.TABLE, ["Publishers", "Books", "User"], True)
        m.map.set(KEY, SCHEMA)
        m.prepare()
        m.convert.run()
        narrowed(m)
        m.load.run()

    async def lose(d: Driver) -> None:
        await at_stage_8(d)
        await d.work("f9")
        assert row(d, "Publishers")[0] == Toned("±", Role.LOSS)
        assert row(d, "User")[0] == Toned("∅", Role.BAD)
        assert str(row(d, "Books")[2]) == "= equal"
        assert d.app.status(Stage.MIGRATE) is Status.LOSSES
        assert {6301, 6310} <= {m.number for m in d.app.messages}

    drive(WizardApp(home / "p"), lose)
    with Migration.open(home / "p") as m:
        m.project.set_repair(RepairRule(RowProblem.UNFIT, Repair.NEAREST, "", KEY))

    async def mend(d: Driver) -> None:
        await at_stage_8(d)
        await d.until(lambda: "7 earlier rejects; the cause may be mended: send again" in d.text)
        await d.keys("f5")
        await d.work("enter")
        assert [str(row(d, t)[2]) for t in ("Publishers", "User", "Books")] == ["= equal"] * 3
        assert "0 rejected" in str(d.app.screen.query_one("#totals", Static).content)
        assert d.app.status(Stage.MIGRATE).done

    drive(WizardApp(home / "p"), mend)
    with ServerSession.open(connection, password) as session:
        counts = [int(session.value(f"SELECT COUNT(*) FROM [{SCHEMA}].[{t}]")) for t in ("Publishers", "User")]
        clear(session, SCHEMA)
    assert counts == [7, 3]

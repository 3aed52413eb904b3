"""The engine works in threads: while it is slow, and in whatever stage, the wizard answers a key."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screens.app import WizardApp
from screens.widgets.help import HelpScreen
from tests.conftest import SAMPLE
from tests.screens.conftest import Driver, drive
from tests.screens.stand_ins import verdicts
from wizard.events import Stage
from wizard.settings import Connection, Target, TargetKind
from wizard.sqlserver import connection_test
from wizard.stages import Migration
from wizard.stages.assess import AssessStage
from wizard.stages.connect import ConnectStage
from wizard.stages.convert import ConvertStage
from wizard.stages.link import LinkStage
from wizard.stages.load import LoadStage
from wizard.stages.map import MapStage
from wizard.stages.migrate import MigrateStage
from wizard.stages.project import ProjectStage
from wizard.stages.sources import SourcesStage

SLOW: dict[Stage, tuple[tuple[type, str, tuple[str, ...]], ...]] = {
    Stage.PROJECT: ((ProjectStage, "set_target", ("down", "down", "space")), (ProjectStage, "confirm", ("f9",))),
    Stage.SOURCES: (
        (SourcesStage, "objects", ()), (SourcesStage, "select_these", ("end", "space")),
        (SourcesStage, "definition", ("end", "enter")), (SourcesStage, "confirm", ("f9",)),
    ),
    Stage.CONNECT: ((ConnectStage, "test", ("f6",)), (ConnectStage, "confirm", ("f9",))),
    Stage.MAP: ((MapStage, "rows", ()), (MapStage, "confirm", ("f9",))),
    Stage.ASSESS: ((AssessStage, "run", ("f9",)),),
    Stage.CONVERT: (
        (ConvertStage, "items", ()), (ConvertStage, "run", ("f9",)), (ConvertStage, "aligned", ("down",)),
        (ConvertStage, "sides", ("end",)), (ConvertStage, "columns", ("home", "down", "enter")),
    ),
    Stage.LOAD: ((LoadStage, "preview", ()),),
    Stage.MIGRATE: ((MigrateStage, "lines", ()),),
    Stage.LINK: ((LinkStage, "plan", ()),),
}  # fmt: skip
"""stage: what of the engine is slow, and the keys that ask for it; none where showing the stage does"""


@pytest.fixture
def project(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a server as the target, which is well when it is tested and gone when it is asked for more."""
    monkeypatch.setattr(connection_test, "check", verdicts)
    monkeypatch.setattr(connection_test, "schemas", lambda *_: ["dbo"])
    shutil.copy(SAMPLE, home)
    with Migration.create(home / "p", target=Target(TargetKind.SQL_SERVER)) as m:
        m.sources.add(home / SAMPLE.name)
        m.connect.set(Connection("127.0.0.1", 1, database="books", user="ferry", timeout=1))
    return home / "p"


class Gate:
    """Holds up a method of the engine until it is opened, and notes from which thread it was called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        self.open, self.came = threading.Event(), threading.Event()
        self.on_screen = False
        screen, real = threading.get_ident(), getattr(owner, name)

        def held(*given: Any, **named: Any) -> Any:
            self.came.set()
            if threading.get_ident() == screen:
                self.on_screen = True
            else:
                assert self.open.wait(200)
            return real(*given, **named)

        monkeypatch.setattr(owner, name, held)


async def _held_up(d: Driver, stage: Stage, patch: Callable[[], Gate], keys: tuple[str, ...], what: str) -> None:
    if keys and d.stage is not stage:
        d.app.go(stage)
        await d.goes_to(stage)
    gate = patch()
    try:
        if keys:
            await d.pilot.press(*keys)
        else:
            d.app.go(stage)
        await d.until(gate.came.is_set)
        assert not gate.on_screen, f"{what} was called by the screen itself"
        in_dialog = d.stage is None
        await d.pilot.press("escape" if in_dialog else "f1")
        await d.until(lambda: d.stage is stage if in_dialog else isinstance(d.app.screen, HelpScreen))
    finally:
        gate.open.set()
    await d.pilot.press("escape")
    await d.settle()
    assert not gate.on_screen, f"{what} was called by the screen itself"


@pytest.mark.timeout(600)
def test_a_slow_engine_keeps_no_key_waiting(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        await d.settle()
        d.app.migration.connect.set_password("secret")
        for stage, slow in SLOW.items():
            for owner, name, keys in slow:
                print(stage, name, flush=True)
                with monkeypatch.context() as patched:
                    await _held_up(d, stage, lambda p=patched, o=owner, n=name: Gate(p, o, n), keys, name)
                while d.stage is None:
                    await d.keys("escape")

    drive(WizardApp(project), walk)

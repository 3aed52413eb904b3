"""What a package's deployment left in its result file is read in stage 8."""

from __future__ import annotations

import json
from pathlib import Path

from screens.app import WizardApp
from tests.screens.conftest import Driver, drive
from wizard.events import Stage
from wizard.stages import Migration

RESULT = {
    "server": "db1", "database": "books", "sign_in": "windows", "user": "", "started": "2026-11-29T14:13:28Z",
    "ended": "2026-11-29T14:14:01Z", "sums": "", "outcome": "failed",
    "steps": [{"step": "table", "name": "[dbo].[Books]", "outcome": "failed", "error": "bcp stopped"}],
}  # fmt: skip


def test_stage_8_says_where_a_package_was_deployed_and_how_that_ended(finished: Path) -> None:
    with Migration.open(finished) as m:
        (m.files.package / "deployed.json").write_text(json.dumps(RESULT))

    async def todo(d: Driver) -> None:
        d.app.open(finished)
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.MIGRATE)
        await d.goes_to(Stage.MIGRATE)
        assert "The deployment to db1, database books failed at [dbo].[Books], 2026-11-29 14:14:01 UTC" in d.text

    drive(WizardApp(), todo, size=(140, 40))

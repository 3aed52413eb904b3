"""What the log and the commands say of an event."""

from __future__ import annotations

import pytest

from wizard.events import ObjectLoaded
from wizard.outcomes import LoadOutcome
from wizard.stages.project_log import line
from wizard.stages.table_throughput import TableThroughput


@pytest.mark.parametrize(
    ("action", "detail", "said"),
    [
        (LoadOutcome.CREATED, "", "view [dbo].[V] created"),
        (LoadOutcome.CREATED, "unchecked", "view [dbo].[V] created: unchecked"),
        (LoadOutcome.FAILED, "", "view [dbo].[V] failed"),
        (LoadOutcome.FAILED, "view [dbo].[V] could not be made: no.", "view [dbo].[V] could not be made: no."),
    ],
)
def test_what_could_not_be_made_is_named_once(action: LoadOutcome, detail: str, said: str) -> None:
    assert line(ObjectLoaded(0.0, "[dbo].[V]", "view", action, detail), TableThroughput()) == said

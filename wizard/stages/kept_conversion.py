"""The result of stage 6 as it is kept in a file of the project, without edits."""

from __future__ import annotations

from contextlib import suppress

from wizard.events import Stage
from wizard.file_writing import read_json
from wizard.messages import StageError
from wizard.objects import Conversion
from wizard.plain_data import decode
from wizard.stages.project_session import ProjectSession
from wizard.stages.state_machine import title


def read_conversion(session: ProjectSession) -> Conversion:
    """What the file holds. Where it cannot be read, it is put aside and the stage is to be done again.

    Raises StageError 8112 where there is no result.
    """
    path = session.files.conversion
    try:
        return decode(Conversion, read_json(path))
    except (OSError, ValueError):
        if session.machine().over(Stage.CONVERT):
            session.mark_lost(Stage.CONVERT)
            if session.holds:
                with suppress(OSError):
                    path.replace(path.with_suffix(".damaged"))
        raise StageError(8112, stage=title(Stage.CONVERT)) from None

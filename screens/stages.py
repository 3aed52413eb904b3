"""Which screen shows which stage."""

from __future__ import annotations

from typing import Final

from screens.assess import AssessScreen
from screens.connect import ConnectScreen
from screens.convert import ConvertScreen
from screens.link import LinkScreen
from screens.load import LoadScreen
from screens.map import MapScreen
from screens.migrate import MigrateScreen
from screens.project import ProjectScreen
from screens.sources import SourcesScreen
from screens.stage_screen import StageScreen
from wizard.events import Stage

SCREENS: Final[dict[Stage, type[StageScreen]]] = {
    screen.stage: screen
    for screen in (
        ProjectScreen, SourcesScreen, ConnectScreen, MapScreen, AssessScreen, ConvertScreen, LoadScreen, MigrateScreen,
        LinkScreen,
    )
}  # fmt: skip

"""Stage 9: the kit that points an Access application at its migrated tables, and takes it back."""

from wizard.link.kit import Kit, KitJoin, KitTable, kit_of
from wizard.link.plan import KitStep, StepName, steps_of
from wizard.link.writer import write_kit

__all__ = ["Kit", "KitJoin", "KitStep", "KitTable", "StepName", "kit_of", "steps_of", "write_kit"]

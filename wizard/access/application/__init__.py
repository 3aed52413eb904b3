"""The application of an Access file, read from the file alone: VBA modules, forms, reports, macros, data macros.

Nothing of Access is needed, nothing is run. Where the parts lie differs by version (`storage`, `reading`), what they
hold does not: VBA by MS-OVBA (`vba`, `compression`), forms and reports (`definition`), macros (`macros`). All of it is
a stranger's: depth, counts and lengths are bounded, and what is damaged is a message for its object.
"""

from wizard.access.application.model import (
    Application,
    DataMacro,
    DefinitionNode,
    Form,
    Macro,
    MacroAction,
    Module,
    ModuleKind,
    Reference,
    Ribbon,
    SavedTransfer,
)
from wizard.access.application.reader import read_application

__all__ = [
    "Application",
    "DataMacro",
    "DefinitionNode",
    "Form",
    "Macro",
    "MacroAction",
    "Module",
    "ModuleKind",
    "Reference",
    "Ribbon",
    "SavedTransfer",
    "read_application",
]

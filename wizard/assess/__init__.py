"""Stage 5: what converts, what the data will do, and what is left for a person.

`look` reads the data once, so that `convert` can choose types that hold every value; `examine` finds what will make
trouble on the server; `assess` puts both together with the conversion, and the `as_…` functions write it down.
Light to import: what this package gives is loaded when it is first asked for; other stages ask for the look alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.lazy_names import loader

if TYPE_CHECKING:
    from wizard.assess.assessed_file import AssessedFile
    from wizard.assess.assessment import Assessment, CategoryCount, MessageGroup, TableSize, TreeNode, assess
    from wizard.assess.data_checks import check_data
    from wizard.assess.data_profile import profile_data
    from wizard.assess.html_report import as_html
    from wizard.assess.renderers import RENDERERS
    from wizard.assess.reports import as_csv, as_json, as_text

__all__ = [
    "RENDERERS",
    "AssessedFile",
    "Assessment",
    "CategoryCount",
    "MessageGroup",
    "TableSize",
    "TreeNode",
    "as_csv",
    "as_html",
    "as_json",
    "as_text",
    "assess",
    "check_data",
    "profile_data",
]

_HOMES: Final = {
    "wizard.assess.assessed_file": "AssessedFile",
    "wizard.assess.assessment": "Assessment CategoryCount MessageGroup TableSize TreeNode assess",
    "wizard.assess.data_checks": "check_data",
    "wizard.assess.data_profile": "profile_data",
    "wizard.assess.html_report": "as_html",
    "wizard.assess.renderers": "RENDERERS",
    "wizard.assess.reports": "as_csv as_json as_text",
}
"""what is in which module"""

__getattr__ = loader(__name__, _HOMES)

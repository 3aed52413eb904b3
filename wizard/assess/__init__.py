"""Stage 5: what converts, what the data will do, and what is left for a person.

`look` reads the data once, so that `convert` can choose types that hold every value; `examine` finds what will make
trouble on the server; `assess` puts both together with the conversion, and the `as_…` functions write it down.
"""

from typing import Final

from wizard.assess.assessed_file import AssessedFile, CancelledError
from wizard.assess.assessment import Assessment, CategoryCount, MessageGroup, TableSize, TreeNode, assess
from wizard.assess.data_checks import check_data
from wizard.assess.data_profile import profile_data
from wizard.assess.html_report import as_html
from wizard.assess.reports import as_csv, as_json, as_text

RENDERERS: Final = {"html": as_html, "json": as_json, "csv": as_csv, "txt": as_text}
"""what writes the report, by the ending of its file"""

__all__ = [
    "RENDERERS",
    "AssessedFile",
    "Assessment",
    "CancelledError",
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

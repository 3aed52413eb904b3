"""Jetferry's engine: ferries Microsoft Access databases to SQL Server and Azure SQL.

Rooms: `access` reads files, `convert` turns definitions and queries into T-SQL, `assess` says what will happen,
`sqlserver` and `package` are the targets, `migrate` moves rows, `link` points Access at the result. `stages`
drives them through nine stages and `project` remembers; nothing here imports the interface.
"""

import os
import sys
from typing import Final

if sys.platform == "linux":
    # Arrow's own allocator keeps what one thread frees from the others: with the system's, stage 8 takes 50 MB less
    # and no longer. Arrow looks when it is first imported; what somebody has set stays.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

__version__: Final = "0.1.0"

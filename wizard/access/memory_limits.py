"""How much of a file may be in memory at once. What a file claims is counted before anything is made of it.

A batch of rows holds a few megabytes of long values, or one row with more. A row whose long values are larger than
`largest()`, inflated attachments counted as what they inflate to, is not held at all and a message says so: each of
its values would be there some five times on its way.
"""

from __future__ import annotations

import os
from typing import Final

BATCH_BYTES: Final = 16 << 20
"""of long values in a batch; a batch has at least one row, however large"""
LARGEST_NAME: Final = "JETFERRY_LARGEST_VALUE"
"""the environment variable with the megabytes that the long values of one row may have"""
_LARGEST: Final = 64


def largest() -> int:
    """Bytes that the long values of one row may have: 64 MB where the environment names no other number."""
    written = os.environ.get(LARGEST_NAME, "")
    megabytes = int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 0
    return (megabytes or _LARGEST) << 20

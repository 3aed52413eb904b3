"""Arrow's buffers as numpy's arrays, and numpy's arrays as buffers, without a copy.

Both sides take each other by the buffer protocol; `pyarrow-stubs` and numpy's own stubs know nothing of that, so the
casts for it stand here.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Scalar = TypeVar("Scalar", bound=np.generic)


def buffer_of(values: npt.NDArray[Any]) -> pa.Buffer:
    """The memory of a contiguous array as a buffer of Arrow."""
    return pa.py_buffer(cast("Any", values))


def numbers_in(buffer: pa.Buffer | None, kind: type[Scalar], count: int = -1, offset: int = 0) -> npt.NDArray[Scalar]:
    """The numbers that lie in a buffer, read-only.

    Args:
        buffer: not None where there are numbers; an array of Arrow without values may lack it.
        count: of numbers; -1 for all that there are.
        offset: in bytes.

    Raises:
        TypeError: there is no buffer.
    """
    return np.frombuffer(cast("Any", buffer), kind, count, offset)


def bytes_in(buffer: pa.Buffer | None) -> memoryview:
    """The memory of a buffer. Raises TypeError where there is none."""
    return memoryview(cast("Any", buffer))

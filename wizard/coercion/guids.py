"""GUIDs as SQL Server writes them: 36 characters, upper case, without the braces that Access puts around them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wizard.arrow_buffers import buffer_of, numbers_in

_GUID: Final = r"^\{?[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\}?$"
_FORM: Final = np.frombuffer(b"{00000000-0000-0000-0000-000000000000}", np.uint8)
_DIGIT: Final = np.equal(_FORM, ord("0"))


def guid_texts(values: pa.Array[Any]) -> tuple[pa.Array[Any], npt.NDArray[np.bool_] | None]:
    """The GUIDs, NULL where a value is none; and which those are, None where all are."""
    bare = _as_read(values)
    if bare is not None:
        return bare, None
    given = values if pa.types.is_string(values.type) else pc.cast(values, pa.string())
    good = pc.match_substring_regex(given, _GUID)
    unfit = None
    if pc.any(pc.invert(good)).as_py():
        unfit = pc.fill_null(pc.invert(good), False).to_numpy(zero_copy_only=False)
        given = pc.if_else(good, given, pa.scalar(None, pa.string()))
    return pc.utf8_upper(pc.utf8_trim(given, "{}")), unfit


def _as_read(values: pa.Array[Any]) -> pa.Array[Any] | None:
    """GUIDs without their braces; None where they are not all as the reader gives them, upper case in braces.

    All at once: a third of the time that looking at each takes.
    """
    count, size = len(values), len(_FORM)
    if not pa.types.is_string(values.type) or not count or values.offset:
        return None
    validity, offsets, data = values.buffers()
    places = numbers_in(offsets, np.int32, count + 1)
    if data is None or not np.array_equal(places, np.arange(count + 1, dtype=np.int32) * size):
        return None
    found = numbers_in(data, np.uint8, count * size).reshape(count, size)
    digits = (found - np.uint8(ord("0")) < 10) | (found - np.uint8(ord("A")) < 6)  # below "0" and "A" they wrap
    if (digits != _DIGIT).any() or (found[:, ~_DIGIT] != _FORM[~_DIGIT]).any():
        return None
    bare = np.ascontiguousarray(found[:, 1:-1])
    starts = np.arange(count + 1, dtype=np.int32) * (size - 2)
    buffers = [validity, buffer_of(starts), buffer_of(bare)]
    return pa.Array.from_buffers(pa.string(), count, buffers, values.null_count)

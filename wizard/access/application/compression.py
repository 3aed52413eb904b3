"""The compression of VBA source and of the `dir` stream (MS-OVBA 2.4.1).

A container is the byte 1 and chunks. A chunk is a header (12 bits: its size less 3; 3 bits: always 3; 1 bit: compressed
or raw) and tokens, eight at a time after a byte of flags: a literal byte, or two bytes that say how far back in the
chunk to copy from and how much, where the split of the 16 bits depends on how far the chunk has been unfolded.
"""

from __future__ import annotations

from typing import Final

from wizard.access.application.byte_cursor import DamagedError

_CONTAINER: Final = 1
_CHUNK: Final = 4096
"""bytes of a chunk unfolded"""
_SIGNATURE: Final = 3
_FEWEST_BITS: Final = 4


def decompress(data: bytes, most: int, out: bytearray | None = None) -> bytes:
    """Unfold a container.

    Args:
        data: the container, from its first byte to its end.
        most: bytes of the result that are affordable.
        out: where the result is put together, for who counts what was done before an error.

    Raises:
        DamagedError: it is no container, contradicts itself, or is larger than `most`.
    """
    if not data or data[0] != _CONTAINER:
        raise DamagedError("it is not compressed as VBA is (MS-OVBA 2.4.1)")
    out = bytearray() if out is None else out
    at = 1
    while at + 2 <= len(data):
        header = int.from_bytes(data[at : at + 2], "little")
        if header >> 12 & 7 != _SIGNATURE:
            raise DamagedError(f"there is no chunk at byte {at}")
        end = at + (header & 0xFFF) + 3
        body = data[at + 2 : end]
        if header >> 15:
            _unfold(body, out)
        else:
            out += body[:_CHUNK]
        if len(out) > most:
            raise DamagedError(f"it is larger than {most} bytes")
        at = end
    return bytes(out)


def _unfold(body: bytes, out: bytearray) -> None:
    """Append what one compressed chunk stands for."""
    start = len(out)
    at = 0
    while at < len(body):
        flags = body[at]
        at += 1
        if not flags:
            out += body[at : at + 8]
            at += 8
            continue
        for bit in range(8):
            if at >= len(body):
                break
            if not flags >> bit & 1:
                out.append(body[at])
                at += 1
                continue
            _copy(body[at : at + 2], out, start)
            at += 2
    if len(out) - start > _CHUNK:
        raise DamagedError(f"a chunk has {len(out) - start} bytes, more than {_CHUNK}")


def _copy(token: bytes, out: bytearray, start: int) -> None:
    """Append what a copy token (MS-OVBA 2.4.1.3.19) points back to."""
    done = len(out) - start
    number = int.from_bytes(token, "little")
    bits = max((done - 1).bit_length(), _FEWEST_BITS)
    length = (number & 0xFFFF >> bits) + 3
    back = (number >> 16 - bits) + 1
    if len(token) < 2 or back > done or done > _CHUNK:
        raise DamagedError(f"a chunk is copied from {back} bytes before byte {done}")
    origin = len(out) - back
    if back >= length:
        out += out[origin : origin + length]
    else:
        piece = bytes(out[origin:])
        out += (piece * (length // back + 1))[:length]

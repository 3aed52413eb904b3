"""One item that cannot be converted becomes a message about that item, whatever the error was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from wizard.messages import ConversionError, JetferryError, Place

_SHOWN: Final = 200
"""characters of an error's text"""


@contextmanager
def one_item(place: Place) -> Iterator[None]:
    """Translate within: an unexpected error is a ConversionError of this place, so that the rest goes on.

    Raises ConversionError: what the work itself raises, 3007 where it nested too deep, 3091 for errors of our own.
    """
    try:
        yield
    except JetferryError:
        raise
    except RecursionError as error:
        raise ConversionError(3007, place, limit="so many") from error
    except Exception as error:
        raise ConversionError(3091, place, what=f"{type(error).__name__}: {error}"[:_SHOWN]) from error

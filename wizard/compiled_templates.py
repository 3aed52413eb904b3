"""Templates as code, kept for an account from one start to the next: compiling one takes longer than filling it in.

Nothing depends on what is kept: where it is damaged or cannot be written, templates are compiled each time.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from jinja2.bccache import Bucket, FileSystemBytecodeCache
from platformdirs import user_cache_path

from wizard import __version__
from wizard.file_writing import make_private

_OTHERS: Final = 0o022
"""who is not the owner may write"""


class _CompiledTemplates(FileSystemBytecodeCache):
    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # a damaged file may raise anything
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def compiled_templates() -> FileSystemBytecodeCache | None:
    """What this version of Jetferry has compiled; None where others could put code there that would then be run."""
    folder = user_cache_path("jetferry") / "templates"
    try:
        make_private(folder)
        if not all(_ours(path) for path in (folder, folder.parent)):
            return None
    except OSError:
        return None
    return _CompiledTemplates(str(folder), f"{__version__}-%s")


def _ours(folder: Path) -> bool:
    """As the account that runs this sees it, which may be another than the one whose home it is (`sudo`)."""
    if os.name == "nt":  # the profile's access list says who writes there
        return True
    found = folder.lstat()
    return found.st_uid == os.geteuid() and not found.st_mode & _OTHERS

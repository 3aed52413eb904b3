"""The `jetferry` command. `app` says what there is; a module for each group of commands does it.

Results go to standard output, talk to standard error. Exit status: 0 all done, 1 failed, 2 wrong use or unusable
input, 3 done but some objects or rows were left out. A command imports what it needs when it runs.
"""

from __future__ import annotations

from wizard.cli.app import main

__all__ = ["main"]

"""The `jetferry` command. `app` says what there is; a module for each group of commands does it. What `plain`
understands goes past `app`, which takes longer to load than most exports to run.

Results go to standard output, talk to standard error. Exit status: 0 all done, 1 failed, 2 wrong use or unusable
input, 3 done but some objects or rows were left out. A command imports what it needs when it runs.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Entry point of the console script; its exit status is the command's."""
    from wizard.cli.errors import guarded
    from wizard.cli.fast_export import understood
    from wizard.cli.output import settle_streams

    settle_streams()
    export = understood(sys.argv[1:])
    if export is None:
        from wizard.cli.app import command

        sys.exit(guarded(command))
    from wizard.cli import files

    sys.exit(guarded(lambda: files.export(**export)))

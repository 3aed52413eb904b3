"""How a command line is read: first words, wrong use, completion in shells."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import typer
from typer.core import TyperGroup

from wizard.cli.errors import interrupted
from wizard.cli.output import put, say
from wizard.file_writing import content_of
from wizard.outcomes import Exit
from wizard.run_files import is_project_name

OPEN: Final = "open"
"""the command that opens the wizard; it is what `jetferry PROJECT` means"""
PROGRAM: Final = "jetferry"
SHELLS: Final = ("bash", "zsh", "fish", "powershell", "pwsh")
"""shells that words can be completed in; `pwsh` is PowerShell 7"""
_STARTS: Final = {"bash": ".bashrc", "zsh": ".zshrc"}
"""files of these shells that a line is added to"""
HELP: Final = {"help_option_names": ["-h", "--help"]}
"""settings of the first command, which those below take over"""
_COMPLETING: Final = "_JETFERRY_COMPLETE"
"""set where a shell asks for completions, with what it asks for"""


class CommandGroup(TyperGroup):
    """`jetferry PROJECT` and `jetferry` alone open the wizard; any other first word is a command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """A path in place of a command opens the wizard on that project."""
        first = next((a for a in args if not a.startswith("-")), None)
        if args in (["--install-completion"], ["--show-completion"]):
            args = [*args, _shell()]
        elif ctx.resilient_parsing:  # a shell asks what may follow
            pass
        elif not args or (first == args[0] and first not in self.commands):
            shown = [n for n, c in self.commands.items() if not c.hidden]
            near = difflib.get_close_matches(first or "", shown, 1, 0.75)
            if near and first and not Path(first).exists() and not Path(f"{first}.jetferry.toml").exists():
                raise typer.BadParameter(f"there is no command and no project '{first}'. Did you mean '{near[0]}'?")
            args = [OPEN, *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """The first word may be a project too."""
        from typer._click.shell_completion import CompletionItem

        found = super().shell_complete(ctx, incomplete)
        named = [] if incomplete.startswith("-") else complete_projects(incomplete)
        return [*found, *(CompletionItem(n, help="open the wizard on it") for n in named)]

    def invoke(self, ctx: Any) -> Any:
        """Typer would end an interrupted command without a word, with a status of its own."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(interrupted()) from None


def finish(status: int, **_: Any) -> None:
    """What a command returns is the exit status."""
    raise typer.Exit(status)


_WrongUse: Any = typer.BadParameter.__base__
"""what Typer raises of words that it does not understand"""


def run_command(app: Callable[..., Any]) -> int:
    """Run the command that was given; returns the exit status.

    Typer would show wrong use itself, with what was typed in it as it is: a `*` may have put any file's name there.
    """
    try:
        if _COMPLETING in os.environ:
            return _completed(app)
        return int(app(standalone_mode=False, prog_name=PROGRAM) or 0)
    except _WrongUse as e:
        if e.ctx is not None:
            for line in (*e.ctx.get_usage().splitlines(), f"Try '{e.ctx.command_path} --help' for help.", ""):
                say(line)
        say(f"Error: {e.format_message()}")
        return int(e.exit_code)
    except typer.Abort:
        say("Aborted!")
        return Exit.FAILED


def _completed(app: Callable[..., Any]) -> int:
    """What a shell asked for, in whose prompt nothing else must stand: asked wrongly, it gets nothing."""
    from typer._completion_classes import completion_init

    completion_init()
    try:
        return int(app(standalone_mode=False, prog_name=PROGRAM) or 0)
    except (LookupError, ValueError):
        return Exit.UNUSABLE


def version(wanted: bool) -> None:
    """Print the version, and end."""
    if wanted:
        from wizard import __version__

        put(f"jetferry {__version__}")
        raise typer.Exit


def _shell() -> str:
    """The shell that this was typed in. Raises typer.BadParameter where it is none that is known."""
    from typer._completion_shared import _get_shell_name

    return _known(_get_shell_name() or "")


def _known(shell: str) -> str:
    if shell not in SHELLS:
        raise typer.BadParameter(f"name the shell: {', '.join(SHELLS)}")
    return shell


def show_completion(shell: str) -> None:
    """Print the script by which a shell completes what is typed, and end."""
    if shell:
        from typer._completion_shared import get_completion_script

        script = get_completion_script(prog_name=PROGRAM, complete_var=_COMPLETING, shell=_known(shell))
        put(*script.strip().splitlines())
        raise typer.Exit


def install_completion(shell: str) -> None:
    """Write that script where the shell finds it, say where, and end."""
    if shell:
        from typer._completion_shared import install

        start = Path.home() / _STARTS.get(_known(shell), "")
        try:
            if start.exists() and shell in _STARTS:
                content_of(start).decode()
        except (OSError, ValueError) as e:
            why = getattr(e, "strerror", None) or e
            hint = "add what --show-completion prints to it"
            raise typer.BadParameter(f"{start} cannot be read ({why}); {hint}") from None
        name, path = install(shell=_known(shell), prog_name=PROGRAM, complete_var=_COMPLETING)
        put(f"{name} completes {PROGRAM} from its next start on; written: {path}")
        raise typer.Exit


def complete_projects(typed: str) -> list[str]:
    """Names of the projects in the folder that is being typed, for a shell: those that a project can have.

    A shell takes them for its own language (`$(…)`), and prints them.
    """
    head, _, name = typed.rpartition("/")
    folder = Path(head or ("/" if typed.startswith("/") else "."))
    try:
        found = sorted(p.name.removesuffix(".jetferry.toml") for p in folder.glob("*.jetferry.toml"))
    except OSError:
        return []
    named = [n for n in found if n.startswith(name) and is_project_name(n)]
    return [f"{head}/{n}" if head else n for n in named]

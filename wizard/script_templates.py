"""Templates of scripts and of texts for people; pages of HTML are `wizard.html_pages`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.escaping import for_markdown

if TYPE_CHECKING:
    from jinja2 import Environment


def environment_of(room: str) -> Environment:
    """What fills in the templates of a room (a package's dotted name), loaded when they are first used.

    Nothing is escaped by itself: a shell, PowerShell and VBA have filters of their own, which the room adds; `md` is
    there.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from wizard.compiled_templates import compiled_templates

    environment = Environment(
        loader=PackageLoader(room),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        optimized=False,  # a template is filled in once: to simplify it takes longer than it saves
        bytecode_cache=compiled_templates(),
        autoescape=False,  # noqa: S701  no HTML
    )
    environment.filters["md"] = for_markdown
    return environment

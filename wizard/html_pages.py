"""Pages for people, from the templates of a room and those that all pages share (`wizard/templates`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from wizard import __version__
from wizard.escaping import for_html

if TYPE_CHECKING:
    from jinja2 import Environment

_ROOMS: Final = 8


def page(room: str, template: str, filters: Mapping[str, Callable[..., object]], **facts: object) -> str:
    """A template in the `templates` folder of a package such as `wizard.assess`, filled in; what is put in is escaped.

    `shared/` before a name says one of `wizard/templates`. Every page knows `version` and `shared_style`. Jinja is
    loaded when the first page is made: most runs of the command make none.
    """
    environment = _environment(room, tuple(filters.items()))
    return environment.get_template(template).render(facts)


@lru_cache(_ROOMS)
def _environment(room: str, filters: tuple[tuple[str, Callable[..., object]], ...]) -> Environment:
    """Made once for all pages of a room: to read a template takes longer than to fill it in."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
    from markupsafe import Markup

    from wizard.compiled_templates import compiled_templates

    loader = ChoiceLoader([PackageLoader(room), PrefixLoader({"shared": PackageLoader("wizard")})])
    environment = Environment(
        loader=loader, undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True,
        finalize=_shown, optimized=False, bytecode_cache=compiled_templates(),
    )  # fmt: skip
    environment.filters.update(filters)
    style = (files("wizard") / "templates" / "style.css").read_text(encoding="utf-8")
    environment.globals.update(version=__version__, shared_style=Markup(style))  # noqa: S704  our own
    return environment


def _shown(value: Any) -> Any:
    """What is put in, as text that holds no markup; what a macro made of such text stays."""
    from markupsafe import Markup

    return value if hasattr(value, "__html__") else Markup(for_html(value))  # noqa: S704  for_html escapes

"""Pages for people, from the templates of a room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wizard.escaping import for_html


def page(room: str, template: str, filters: Mapping[str, Callable[..., str]], **facts: object) -> str:
    """A template in the `templates` folder of a package such as `wizard.assess`, filled in; what is put in is escaped.

    Jinja is loaded when the first page is made: most runs of the command make none.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(room), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True,
        finalize=_shown,
    )  # fmt: skip
    environment.filters.update(filters)
    return environment.get_template(template).render(facts)


def _shown(value: Any) -> Any:
    """What is put in, as text that holds no markup; what a macro made of such text stays."""
    from markupsafe import Markup

    return value if hasattr(value, "__html__") else Markup(for_html(value))  # noqa: S704  for_html escapes

"""Pages for people, from the templates of a room."""

from __future__ import annotations

from collections.abc import Callable, Mapping


def page(room: str, template: str, filters: Mapping[str, Callable[..., str]], **facts: object) -> str:
    """A template in the `templates` folder of a package such as `wizard.assess`, filled in; what is put in is escaped.

    Jinja is loaded when the first page is made: most runs of the command make none.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(room), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(filters)
    return environment.get_template(template).render(facts)

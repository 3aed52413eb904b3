"""Options, type rules and selections written on a command line, read and put into a project."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, get_type_hints

from wizard.convert.type_rules import check_rule
from wizard.events import Stage
from wizard.messages import ConversionError, Kind, Place, ProjectError
from wizard.options import OptionDeclaration
from wizard.settings import Options, TypeRule, declarations
from wizard.stages.migration import Migration

_FLAGS: Final = {
    "yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False,
}  # fmt: skip
_RULE: Final = re.compile(r"(?P<source>\w+)(?::(?P<low>\d*)-(?P<high>\d*))?\s*=\s*(?P<target>.+)")


@dataclass(frozen=True, slots=True)
class WrittenSettings:
    """What was written beside a command; empty where nothing was."""

    options: tuple[str, ...] = ()
    """`KEY=VALUE`"""
    rules: tuple[str, ...] = ()
    """`SOURCE:LOW-HIGH=TARGET`"""
    objects: tuple[str, ...] = ()
    """patterns of the tables and queries that are taken; all where there is none"""
    all_but: tuple[str, ...] = ()
    """patterns of those that are not"""

    def apply(self, migration: Migration) -> tuple[Stage, ...]:
        """Put all of it into the project; returns the stages made stale. Nothing is changed where something is wrong.

        Raises ProjectError, ConversionError for a rule that cannot be, SourceError where a source cannot be read.
        """
        options = with_options(migration.data.options, self.options)
        rules = tuple(map(read_rule, self.rules))
        stale = set(migration.project.set_options(options)) if self.options else set()
        if rules:
            stale |= set(migration.project.set_rules(rules))
        return tuple(s for s in Stage if s in stale | self._select(migration))

    def _select(self, migration: Migration) -> set[Stage]:
        stale: set[Stage] = set()
        if not (self.objects or self.all_but):
            return stale
        taken = 0
        for source in migration.data.sources:
            known = [o for o in migration.sources.objects(source.key) if o.selectable]
            dropped = [o for o in known if _fits(o.name, self.all_but)]
            if self.objects:
                stale |= set(migration.sources.select_none(source.key))
                known = [o for o in known if _fits(o.name, self.objects)]
                stale |= set(migration.sources.select_these(source.key, known, True))
            if dropped:
                stale |= set(migration.sources.select_these(source.key, dropped, False))
            taken += sum(o not in dropped for o in known)
        if not taken:
            names = ", ".join(self.objects or self.all_but)
            raise ProjectError(8113, Place(Kind.PROJECT), what="table or query", name=names, where="the sources")
        return stale


def _fits(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name fits one of them, without regard to case."""
    return any(fnmatch.fnmatch(name.casefold(), p.casefold()) for p in patterns)


NOTHING_WRITTEN: Final = WrittenSettings()


def with_options(options: Options, settings: Iterable[str]) -> Options:
    """The options with each `KEY=VALUE` in place. Raises ProjectError where a key or a value is none."""
    changed: dict[str, Any] = dict(map(read_option, settings))
    return replace(options, **changed)


def read_option(setting: str) -> tuple[str, Any]:
    """An option's name and value. Raises ProjectError where there is no such option, or it cannot have that value."""
    key, _, text = setting.partition("=")
    name, text = key.strip().replace("-", "_"), text.strip()
    if name not in declarations():
        raise ProjectError(8113, Place(Kind.OPTION, name=name), what="option", name=name, where="'jetferry options'")
    kind: Any = get_type_hints(Options)[name]
    value: Any = None
    if kind is bool:
        value = _FLAGS.get(text.lower())
    elif kind is int:
        value = int(text.replace(",", "")) if text.replace(",", "").isdecimal() else None
    elif text.lower() in list(kind):
        value = kind(text.lower())
    known = "it must be a whole number" if kind is int else f"choose one of: {values(name)}"
    refusal = known if value is None else declarations()[name].refusal(value)
    if refusal:
        raise ProjectError(8021, Place(Kind.OPTION, name=name), value=text, what=refusal)
    return name, value


def values(name: str) -> str:
    """What an option may be, for people: `yes, no`, a range of numbers, words."""
    kind: Any = get_type_hints(Options)[name]
    if kind is bool:
        return "yes, no"
    declared = declarations()[name]
    return f"{declared.low:,} to {declared.high:,}" if kind is int else ", ".join(kind)


def shown(value: object) -> str:
    """An option's value as a person writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.value if isinstance(value, StrEnum) else str(value)


def read_rule(written: str) -> TypeRule:
    """A type rule of `SOURCE=TARGET`, of lengths `SOURCE:LOW-HIGH=TARGET`.

    Raises ProjectError where it is not of that form or there can be no such rule.
    """
    found = _RULE.fullmatch(written.strip())
    if found is None:
        what = "write it as SOURCE=TARGET or SOURCE:LOW-HIGH=TARGET"
        raise ProjectError(8021, Place(Kind.OPTION, name="type rule"), value=written, what=what)
    low, high = (int(n) if n else None for n in (found["low"], found["high"]))
    rule = TypeRule(found["source"].lower(), found["target"].strip(), low, high)
    try:
        check_rule(rule)
    except ConversionError as e:
        raise ProjectError.of(e.message) from None
    return rule


def listed(options: Options) -> list[tuple[str, OptionDeclaration, str]]:
    """Every option with its declaration and its value, in the order of the declarations."""
    return [(name, declared, shown(getattr(options, name))) for name, declared in declarations().items()]

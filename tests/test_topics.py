"""Code tells messages apart by their topic, never by a number written where it branches."""

from __future__ import annotations

import re
from pathlib import Path

import wizard
from wizard.messages import CATALOGUE, Message, Severity, Topic, topic_of

ROOT = Path(wizard.__file__).parent
BRANCH = re.compile(r"\b(?:message|m|failed|e\.message|told)\.number (?:==|!=|in|not in) ")
NAMED = {
    "wizard/convert/edit_effects.py": "what an edit makes anew, in a set of its own",
    "wizard/stages/convert.py": "what conversion finds, in a set of its own",
    "wizard/assess/application/__init__.py": "what is told elsewhere, in a set of its own",
}
"""modules whose sets of numbers have a name and serve nobody else"""


def test_every_topic_has_a_message() -> None:
    assert {entry.topic for entry in CATALOGUE.values()} == set(Topic)


def test_a_message_knows_its_topic_and_another_versions_has_none() -> None:
    assert Message.of(6002, rejected=3).topic is Topic.RUN_LIMIT
    assert Message(9999, Severity.ERROR, "of another version").topic is topic_of(9999) is Topic.NONE


def test_no_module_branches_on_a_messages_number() -> None:
    found = {
        path.relative_to(ROOT.parent).as_posix()
        for folder in (ROOT, ROOT.parent / "screens")
        for path in folder.rglob("*.py")
        if BRANCH.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(NAMED)

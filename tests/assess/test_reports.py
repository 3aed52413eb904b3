"""The assessment's counts and its reports for people and programs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from wizard.access import AccessFile
from wizard.assess import Assessment, as_csv, as_html, as_json, as_text, assess, check_data, profile_data
from wizard.assess.assessment import CategoryCount, MessageGroup, TreeNode, counts, grouped, title_of
from wizard.assess.assessment import lost as lost_of_all
from wizard.assess.html_report import effort_lines, headline
from wizard.assess.reject_forecast import RejectForecast
from wizard.assess.summary import summary
from wizard.convert import convert
from wizard.definitions import Database, OtherObjects, Table, TableProfile
from wizard.messages import CATALOGUE, Kind, Message, Place, Severity
from wizard.messages.titles import TITLES
from wizard.objects import Conversion, Converted, Outcome, TableRef
from wizard.plurals import hours, percent
from wizard.settings import Options, Target

NASTY = "<script>alert(1)</script> & \"quoted\" 'T'"


def converted(
    category: str, outcome: Outcome, *messages: Message, source: str = "src", table: str = NASTY
) -> Converted:
    return Converted(TableRef(source, table), category, "", outcome, "[dbo].[x]", messages)


@pytest.fixture
def assessment() -> Assessment:
    place = Place(Kind.TABLE, "src", NASTY, "col")
    orphans = Message.of(
        4023, place, count=3, rows=9, columns="A", referenced="=cmd()", key="FK", samples="A 1; A 2; A 3"
    )
    key = Message.of(4001, place, count=2, rows=9, column="B", samples="A 1")
    told = Message.of(2022, Place(Kind.TABLE, "src", NASTY), name=NASTY)
    items = (
        converted("columns", Outcome.CONVERTED),
        converted("columns", Outcome.FAILED),
        converted("tables", Outcome.PARTLY, told),
        converted("tables", Outcome.CONVERTED, source="another"),
    )
    database = Database("x.accdb", "Access 2010", tables=(Table(NASTY, (), rows=1),), other=OtherObjects(("F1", "F2")))
    made = Conversion(items=items, messages=(told,))
    return assess(database, made, (orphans, key), source="src", facts={NASTY: TableProfile(9)})


def test_counts_are_per_category_of_the_source(assessment: Assessment) -> None:
    assert assessment.counts == (CategoryCount("tables", partly=1), CategoryCount("columns", converted=1, failed=1))
    assert assessment.share == pytest.approx(1 / 3)
    assert assessment.rows == 9
    assert assessment.effort_minutes == 25
    assert assessment.errors == 1


def test_messages_are_grouped_by_number_once_each(assessment: Assessment) -> None:
    assert [(g.number, len(g.messages)) for g in assessment.groups] == [(2022, 1)]
    assert [g.number for g in assessment.findings] == [4001, 4023]


def test_the_worst_comes_first() -> None:
    mild, bad = Message.of(4021, columns="", referenced="", kinds=""), Message.of(4050, table="", reason="")
    assert [g.severity for g in grouped([mild, bad])] == [Severity.ERROR, Severity.INFORMATION]


def test_titles_say_what_all_messages_of_a_kind_say() -> None:
    assert title_of(4023).startswith("Rows refer to rows that are not there")


@pytest.mark.parametrize("number", [n for n in CATALOGUE if 2000 <= n < 5000])
def test_a_title_has_no_facts_of_one_case(number: int) -> None:
    assert "…" not in title_of(number)


def test_every_title_is_of_a_message() -> None:
    assert set(TITLES) <= set(CATALOGUE)


def test_the_tree_tells_the_worst_below(assessment: Assessment) -> None:
    tree = assessment.tree()
    assert tree.severity is Severity.ERROR
    objects, messages, data = tree.children
    assert [n.label for n in objects.children] == ["Tables", "Columns"]
    assert (objects.severity, data.severity) == (Severity.INFORMATION, Severity.ERROR)
    assert messages.children[0].children[0].messages[0].number == 2022

    def walk(node: TreeNode) -> int:
        return 1 + sum(map(walk, node.children))

    assert walk(tree) > 10


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_stands_alone_and_escapes(assessment: Assessment) -> None:
    page = Page(as_html(assessment))
    assert page.open == []
    assert not [t for t, _ in page.tags if t in ("script", "link", "img", "iframe")]
    assert not [a for _, a in page.tags if "src" in a or not (a.get("href") or "#").startswith("#")]
    assert NASTY in page.text
    shares = [a["aria-label"] for t, a in page.tags if t == "div" and a.get("class") == "share small"]
    assert shares == ["0% converted", "50% converted"]
    for said in ("33%", "25 minutes", "JF4023", "3 of 9 rows refer", "2 forms"):
        assert said in page.text


def test_links_of_the_page_lead_somewhere_and_headers_have_a_scope(assessment: Assessment) -> None:
    for found in ((assessment,), (assessment, replace(assessment, source="other"))):
        page = Page(as_html(*found))
        places = [a["id"] for _, a in page.tags if "id" in a]
        assert len(places) == len(set(places))
        assert {(a["href"] or "")[1:] for t, a in page.tags if t == "a"} <= set(places)
        assert all(a.get("scope") in ("col", "row") for t, a in page.tags if t == "th")
        assert all(a.get("tabindex") == "0" and a.get("aria-label") for _, a in page.tags if a.get("class") == "scroll")


def test_several_sources_are_a_portfolio_with_totals(assessment: Assessment) -> None:
    quiet = replace(assessment, source="quiet", groups=(), findings=())
    text = " ".join(Page(as_html(quiet, assessment)).text.split())
    assert "Assessment of quiet, src" in text
    assert "In all 2 databases" in text
    assert text.index("Databases The most work first") < text.index("src x.accdb") < text.index("quiet x.accdb")
    assert "of 2 databases with 2 tables and 18 rows" in text


def test_whatever_of_the_rows_does_not_arrive_as_it_is_counts_as_lost(assessment: Assessment) -> None:
    one = RejectForecast(TableRef("src", "T"), "dbo.T", rows=9)
    for forecast, lost in (
        (one, ()),
        (replace(one, rejected=2), ("2 rows will be lost",)),
        (replace(one, unread=3), ("about 3 rows cannot be read",)),
        (replace(one, repaired=1, damaged=1), ("1 text will arrive damaged",)),
        (replace(one, repaired=4, rounded=4), ("4 values will be rounded or cut",)),
    ):
        found = replace(assessment, groups=(), findings=(), foreseen=(forecast,))
        assert found.lost == lost
    two = replace(assessment, groups=(), findings=(), foreseen=(replace(one, rejected=1),))
    assert lost_of_all((two, two)) == ("2 rows will be lost",), "of several sources the sum, once"


def test_a_summary_says_what_moves_what_needs_a_person_and_what_is_lost(assessment: Assessment) -> None:
    by_itself, by_hand, lost, staying = summary([replace(assessment, forecast=True)])
    assert by_itself.startswith("33% of it converts by itself: 1 of 3 objects")
    assert "1 column is not converted and 1 table is converted in part only" in by_hand
    assert "estimated at 25 minutes" in by_hand
    assert lost == "What will be lost: no row and no value that was found in the data."
    assert staying.startswith("2 forms stay in Access")
    forecast = RejectForecast(TableRef("src", "T"), "dbo.T", rows=9, rejected=2, repaired=3, damaged=1)
    assert summary([replace(assessment, forecast=True, foreseen=(forecast,))])[2] == (
        "What will be lost: 2 rows of dbo.T will be rejected, each kept with its reason, 1 text will arrive with what "
        "of it is text and 2 values will be changed as repair rules say. All else arrives as it is."
    )
    assert summary([replace(assessment, looked=False)])[2].startswith("What will be lost is not known: the data were")
    assert summary([assessment])[2] == (
        "Which rows will be rejected, stage 5 of a project tells row by row: 2 findings about the data are listed."
    )
    assert summary([replace(assessment, findings=())])[2].endswith("row by row: here nothing was found that would be.")


def test_the_minutes_of_a_message_are_the_projects(assessment: Assessment) -> None:
    message = Message.of(4023, None, count=3, rows=9, columns="A", referenced="B", key="FK", samples="A 1")
    database = Database("x", "")
    asked = assess(database, Conversion(), [message, message], source="src", effort={"JF4023": 7})
    assert [(n.group.number, n.times, n.each, n.minutes) for n in effort_lines(asked.all_groups)] == [(4023, 2, 7, 14)]
    assert asked.effort_minutes == 14
    assert "JF4023 = 14" in as_html(asked)


def test_a_headline_is_what_all_messages_say() -> None:
    facts = {"rows": 9, "columns": "A", "referenced": "B", "key": "FK", "samples": "A 1"}
    one, other = (Message.of(4023, count=n, **facts) for n in (2, 3))
    gap = MessageGroup(1, Severity.WARNING, "… rows", (one, one))
    assert headline(gap) == one.clause
    assert headline(replace(gap, messages=(one, other))) == "… rows"
    assert headline(replace(gap, title="Rows")) == "Rows"


def test_a_printed_page_has_the_colours_of_paper_whatever_the_screen_has() -> None:
    light, dark, printed = re.findall(r":root \{(.*?)\}", as_html(), re.DOTALL)
    names = [set(re.findall(r"--\w+(?=:)", block)) for block in (light, dark, printed)]
    assert names[0] == names[1] == names[2]


def test_text_fits_the_terminal(assessment: Assessment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    text = as_text(assessment)
    assert "Columns            ██████████░░░░░░░░░░     1 of 2     1 not" in text
    assert "3 of 9 rows refer by A" in " ".join(text.split())
    assert max(map(len, text.splitlines()[1:])) <= 90


def test_json_holds_it_all(assessment: Assessment) -> None:
    (found,) = json.loads(as_json(assessment))
    assert found["counts"][1] == {"category": "columns", "total": 2, "converted": 1, "partly": 0, "failed": 1}
    assert [m["number"] for m in found["findings"]] == [4001, 4023]
    assert found["stays_in_access"]["forms"] == 2


def test_csv_has_no_formulas(assessment: Assessment) -> None:
    place = Place(Kind.TABLE, "src", "=HYPERLINK(1)")
    bad = assess(Database("x", ""), Conversion(), [Message.of(4050, place, table="t", reason="r")], source="src")
    lines = list(csv.reader(as_csv(assessment, bad).splitlines()))
    assert len(lines) == 5
    assert lines[-1][4] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "none"), (1, "1 minute"), (89, "89 minutes"), (90, "1.5 hours"), (120, "2 hours"), (4800, "10 days")],
)
def test_effort_in_words(minutes: int, said: str) -> None:
    assert hours(minutes) == said


def test_a_hundred_per_cent_is_all() -> None:
    assert [percent(s, digits=0) for s in (1, 0.999, 0.5, 0.001, 0)] == ["100%", "99%", "50%", "1%", "0%"]
    assert counts(()) == ()


def test_the_sample(sample: Path) -> None:
    with AccessFile.open(str(sample)) as file:
        facts = profile_data(file)
        made = convert(
            file.definition, source="s", schema="dbo", options=Options(), target=Target(linked=True), facts=facts
        )
        found = assess(file.definition, made, check_data(file, made, source="s", facts=facts), source="s", facts=facts)
    assert {c.category: c.total for c in found.counts}["tables"] == 10
    assert found.rows == 4458
    page = as_html(found)
    assert "21 of 2,000 rows refer by ISBN" in page
    assert 'class="diagram"' in page
    shown = Page(page).text
    assert "CREATE TABLE [dbo].[Books] (\n" in shown
    assert "SELECT" in shown.partition("Every object on both sides")[2]
    made = {o.name: o for o in found.objects}
    assert set(made) >= {"Books", "Orders By Customer"}
    assert made["Books"].access.startswith("Table Books\n  ISBN  text(13)")

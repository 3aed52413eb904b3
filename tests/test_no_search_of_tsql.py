"""T-SQL is known where it is made: no module searches its text, but for the few below, each for a reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ENGINE: Final = Path(__file__).resolve().parents[1] / "wizard"
ROOMS: Final = ("convert", "sqlserver", "package", "stages", "link", "migrate")
OTHER_LANGUAGES: Final = ("convert/dialect", "convert/vba")
ALLOWED: Final = {
    "convert/tree/build.py": "templates, before any name or text is in them: what they must not hide",
    "convert/type_rules.py": "a type that a person writes in a rule",
    "convert/queries/crosstab_headings.py": "Access SQL: which queries are worth reading as crosstabs",
    "link/code_literals.py": "VBA: the pieces of Access SQL that code joins, none of them a statement by itself",
    "link/code_options.py": "the same",
    "package/scripts.py": "sqlcmd reads lines so, in the middle of a text too",
    "package/insert_reader.py": "rows read back from a package's files, by the grammar that wrote them",
    "package/long_row_inserts.py": "the same",
}
WORDS: Final = re.compile(
    r"\b(?:SELECT|CREATE|ALTER|INSERT|UPDATE|DELETE|DROP|EXEC|BEGIN|END|CASE|WHEN|CHECK|NOCHECK|CONSTRAINT|FROM|WHERE"
    r"|CONVERT|CAST|DECLARE|GO|IF|FORMAT|GETDATE|COALESCE|NULLIF|CONCAT|NULL|max)\b|N'",
)
READING: Final = frozenset((
    "startswith", "endswith", "find", "rfind", "index", "rindex", "count", "split", "rsplit", "partition", "rpartition",
    "removeprefix", "removesuffix", "splitlines",
))  # fmt: skip
PATTERNS: Final = frozenset(("compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"))
HOLDS_SQL: Final = frozenset(("sql", "statement", "tsql", "definition", "expression", "computed", "declaration"))


def searches(tree: ast.Module) -> Iterator[ast.AST]:
    """Where a text that is T-SQL by its name, or words of T-SQL, are looked for: by `in`, by a method, by a pattern."""
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }

    def texts(node: ast.expr) -> str:
        known = constants.get(node.id, node) if isinstance(node, ast.Name) else node
        held = [n.value for n in ast.walk(known) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        return re.sub(r"\\.", " ", "\n".join(held))  # without the escapes of patterns

    def is_sql(node: ast.expr) -> bool:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return is_sql(node.func.value)  # sql.casefold()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return node.func.id == "written" or (node.func.id == "str" and any(map(_is_node, node.args)))
        return (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")) in HOLDS_SQL

    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sought = any(isinstance(o, ast.In | ast.NotIn) for o in node.ops)
            literal = isinstance(node.left, ast.Constant | ast.JoinedStr | ast.Name)
            if sought and (any(map(is_sql, node.comparators)) or (literal and WORDS.search(texts(node.left)))):
                yield node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of, name = node.func.value, node.func.attr
            words = any(WORDS.search(texts(a)) for a in node.args)
            pattern = name in PATTERNS and (words or any(map(is_sql, node.args))) and not isinstance(of, ast.Constant)
            replaced = name == "replace" and isinstance(of, ast.Attribute | ast.Name) and is_sql(of) and words
            if (name in READING and (words or is_sql(of))) or pattern or replaced:
                yield node


def _is_node(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "node"


def found(source: str) -> int:
    return len(list(searches(ast.parse(source))))


def test_no_module_searches_the_text_of_t_sql() -> None:
    searching: dict[str, list[str]] = {}
    for path in (p for room in ROOMS for p in (ENGINE / room).rglob("*.py")):
        name = path.relative_to(ENGINE).as_posix()
        if not name.startswith(OTHER_LANGUAGES):
            lines = [ast.unparse(node) for node in searches(ast.parse(path.read_bytes()))]
            searching |= {name: lines} if lines else {}
    assert {name: lines for name, lines in searching.items() if name not in ALLOWED} == {}
    assert ALLOWED.keys() - searching.keys() == set(), "what is allowed and not done"


def test_what_a_node_is_written_with_is_the_tree_s_own() -> None:
    """Others ask a node what it is; the candidates for triggers look for line ends in names and texts alone."""
    reading = {
        path.relative_to(ENGINE).as_posix()
        for path in (ENGINE / "convert").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Attribute) and node.attr == "texts"
    }
    assert {name for name in reading if not name.startswith("convert/tree/")} == {"convert/triggers.py"}


def test_a_search_is_found_however_it_is_written() -> None:
    """Those that there once were, and the ways around the test that come to mind."""
    for searching in (
        "count = sql.count('BEGIN TRY EXEC')",
        "made = replace(s, sql=s.sql.replace('WITH CHECK ADD ', 'WITH NOCHECK ADD ', 1))",
        "a = [s for s in all if s.statement.sql.startswith('CREATE')]",
        "WORD = 'SELECT'\nfound = WORD in text",
        "found = any(w in statement.sql for w in words)",
        "found = word not in str(value.node)",
        "import re\nHEAD = re.compile(r'\\bCASE\\b')",
        "HEAD = 'GETDATE'\nfound = re.search(HEAD, text)",
        "found = pattern.search(module.sql)",
        "kind = parameter.declaration.partition(' ')[2]",
        "key = '(max)' in known.type",
    ):
        assert found(searching), searching
    for making in ("sql = f'SELECT {x}'", "'SELECT ' + a", "x in ('a', 'b')", "sql.strip()", "', '.join(sql)"):
        assert not found(making), making

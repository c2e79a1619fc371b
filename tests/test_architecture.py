"""The arrows point down, pure modules stay pure, and each library has one owner (DESIGN: rules 1 to 3)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "aggregator"

STAGES = ("feeds", "poll", "curate", "digest", "deliver")
DOORS = ("cli", "web", "jobs", "demo")
PURE = (
    "addresses", "canonical", "kinds", "page", "feeds.difference", "feeds.opml", "feeds.outlines", "feeds.reconcile",
    "poll.cadence", "poll.parse",
    "poll.decide", "poll.identity", "curate.titles", "digest.rules", "digest.lint", "digest.render",
    "digest.commentary", "digest.draft_fields", "digest.draft_file", "digest.view", "deliver.answers",
    "deliver.imports", "deliver.letters", "deliver.mailbox", "deliver.message", "deliver.settling",
    "deliver.returned.report", "deliver.spreadsheet", "deliver.syndication",
)  # fmt: skip
OWNERS = {
    "argon2": ("passwords",),
    "httpx": ("outbound", "exchange"),
    "h11": ("exchange",),
    "brotli": ("coding",),
    "feedparser": ("poll.parse",),
    "apscheduler": ("jobs",),
    "dkim": ("deliver.signing",),
    "flufl": ("deliver.returned.report",),
    "imaplib": ("deliver.returned.imap",),
    "smtplib": ("deliver.transport",),
    "sqlalchemy": ("store",),
    "sqlite3": ("store", "doctor"),
    "alembic": ("store",),
    "starlette": ("web",),
    "uvicorn": ("web",),
    "click": ("cli",),
    "email_validator": ("deliver.mailbox",),
    "prometheus_client": ("metrics",),
    "rich": ("cli",),
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> set[str]:
    """The modules that are imported, wherever in the file; names under TYPE_CHECKING are not."""
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def ours(tree: ast.Module) -> set[str]:
    return {name.removeprefix("aggregator.") for name in imports(tree) if name.startswith("aggregator.")}


ALL = dict(modules())


@pytest.mark.parametrize("name", [name for name in ALL if name.split(".")[0] in STAGES])
def test_a_stage_imports_no_later_stage_and_no_door(name: str) -> None:
    later = STAGES[STAGES.index(name.split(".")[0]) + 1 :]
    above = (*later, *DOORS, "app")
    assert not {used for used in ours(ALL[name]) if used.split(".")[0] in above}


@pytest.mark.parametrize("name", [name for name in ALL if name.split(".")[0] == "store"])
def test_the_store_knows_only_leaves(name: str) -> None:
    assert not {used for used in ours(ALL[name]) if used.split(".")[0] in (*STAGES, *DOORS, "app", "outbound")}


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_reach_for_nothing(name: str) -> None:
    used = {found.split(".")[0] for found in imports(ALL[name])}
    assert not used & {"httpx", "httpcore", "sqlalchemy", "sqlite3", "asyncio", "subprocess", "socket", "os"}
    assert not {found for found in ours(ALL[name]) if found.startswith(("store", "outbound", "sandbox"))}
    asked = {ast.unparse(node.func) for node in ast.walk(ALL[name]) if isinstance(node, ast.Call)}
    assert not asked & {"datetime.now", "datetime.utcnow", "date.today", "time.time", "system_clock"}


@pytest.mark.parametrize("library", OWNERS)
def test_each_library_has_one_owner(library: str) -> None:
    users = {name for name, tree in ALL.items() if any(used.split(".")[0] == library for used in imports(tree))}
    assert users, f"{library} is not used"
    assert not {user for user in users if not user.startswith(OWNERS[library])}


def test_there_are_no_circles() -> None:
    graph = {
        name: {
            used for found in ours(tree) for used in (found, found.rpartition(".")[0]) if used in ALL and used != name
        }
        for name, tree in ALL.items()
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path, name))
        if name not in done:
            for used in graph[name]:
                visit(used, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())

"""A WordPress on loopback, as far as its REST interface is used, and servers that answer as they are told."""

import base64
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

STATES = ("publish", "future", "draft", "pending", "private", "trash")
USER, PASSWORD = "five", "abcd EFGH 1234 ijkl MNOP 6789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]  # by lower-case name
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """One answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Loopback:
    """A server on loopback; `answers` gives what it says, or None to hang up without a word."""

    def __init__(self, answers: "Callable[[Asked], Says | None]") -> None:
        self.asked: list[Asked] = []
        self.answers = answers
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._handle(self)

            def do_POST(self) -> None:
                outer._handle(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        asked = Asked(
            method=request.command,
            path=request.path,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.rfile.read(int(request.headers.get("Content-Length", "0"))),
        )
        self.asked.append(asked)
        said = self.answers(asked)
        request.close_connection = True
        if said is None:
            return
        request.send_response(said.status)
        for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(said.body)


class WordPressSite(Loopback):
    """Keeps posts as WordPress does: a slug is unique, also among drafts, and changes in the bin.

    `before` and `after` may do something at each request before and after it is carried out; what they give other than
    None is the answer; `after` may also hang up, by raising HangUp.
    """

    def __init__(self) -> None:
        super().__init__(self._rest)
        self.posts: dict[int, dict[str, Any]] = {}
        self.taken: set[str] = set()  # slugs of pictures and pages
        self.before: Callable[[Asked], Says | None] = lambda _: None
        self.after: Callable[[Asked], None] = lambda _: None
        self._lock = threading.Lock()

    def add(self, **given: str) -> int:
        """A post that somebody wrote there."""
        number = len(self.posts) + 101
        good = {"title": "Ours", "content": "<p>Ours</p>", "status": "publish", "slug": f"post-{number}"}
        self.posts[number] = good | given
        return number

    def live(self) -> list[dict[str, Any]]:
        """The posts that are not in the bin."""
        return [post for post in self.posts.values() if post["status"] != "trash"]

    def _rest(self, asked: Asked) -> Says | None:
        with self._lock:
            if (early := self.before(asked)) is not None:
                return early
            said = self._carry_out(asked)
            try:
                self.after(asked)
            except HangUp:
                return None
            return said

    def _carry_out(self, asked: Asked) -> Says:
        parts = urlsplit(asked.path)
        root, _, number = parts.path.partition("/wp-json/wp/v2/posts")
        if root or "/wp-json/wp/v2/posts" not in parts.path:
            return _error(404, "rest_no_route")
        if not _is_signed_in(asked):
            return _error(401, "incorrect_password")
        if asked.method == "GET" and not number:
            return self._search(parse_qs(parts.query, strict_parsing=True))
        words = json.loads(asked.body or b"{}")
        if asked.method == "POST" and not number:
            return self._make(words)
        post = self.posts.get(int(number.strip("/")))
        if post is None:
            return _error(404, "rest_post_invalid_id")
        if asked.headers.get("x-http-method-override") == "DELETE":
            post |= {"status": "trash", "slug": f"{post['slug']}__trashed"}
        elif set(words) <= {"title", "content", "status"} and words.get("status", "draft") in STATES[:-1]:
            post |= words
        else:
            return _error(400, "rest_invalid_param")
        return _as_json(200, self._shown(int(number.strip("/"))))

    def _search(self, query: Mapping[str, list[str]]) -> Says:
        if set(query) != {"slug", "status", "context", "_fields"} or query["context"] != ["edit"]:
            return _error(400, "rest_invalid_param")
        slugs, states = query["slug"][0].split(","), query["status"][0].split(",")
        if not set(states) <= set(STATES):
            return _error(400, "rest_invalid_param")
        found = [n for n, post in self.posts.items() if post["slug"] in slugs and post["status"] in states]
        return _as_json(200, [self._shown(number) for number in found])

    def _make(self, words: dict[str, str]) -> Says:
        if set(words) != {"title", "content", "slug", "status"} or words["status"] not in STATES[:-1]:
            return _error(400, "rest_invalid_param")
        used = {post["slug"] for post in self.posts.values()} | self.taken
        slug, number = words["slug"], 2
        while slug in used:
            slug, number = f"{words['slug']}-{number}", number + 1
        return _as_json(201, self._shown(self.add(**words | {"slug": slug})))

    def _shown(self, number: int) -> dict[str, Any]:
        post = self.posts[number]
        link = f"{self.url}/{post['slug']}/" if post["status"] == "publish" else f"{self.url}/?p={number}"
        return {
            "id": number,
            "slug": post["slug"],
            "status": post["status"],
            "link": link,
            "content": {"raw": post["content"], "rendered": post["content"], "protected": False},
        }


class HangUp(Exception):
    """Say nothing."""


def _is_signed_in(asked: Asked) -> bool:
    """Spaces in an application password do not count."""
    scheme, _, given = asked.headers.get("authorization", "").partition(" ")
    user, _, password = base64.b64decode(given).decode().partition(":")
    return (scheme, user, password.replace(" ", "")) == ("Basic", USER, PASSWORD.replace(" ", ""))


def _as_json(status: int, value: object) -> Says:
    return Says(status=status, body=json.dumps(value).encode(), headers={"Content-Type": "application/json"})


def _error(status: int, code: str) -> Says:
    return _as_json(status, {"code": code, "message": "No.", "data": {"status": status}})

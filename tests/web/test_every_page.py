"""A walk along the route table: every page answers, guards its reader, and is put together as a page should be."""

from collections import Counter

import httpx

from aggregator.app import App
from aggregator.model import Role
from tests.web.doors import enter
from tests.web.everything import fill
from tests.web.press import see
from tests.web.walk import Stop, stops_by_way

MACHINES = ("/healthz", "/metrics", "/websub")
"""What people do not read."""
DOORS = ("sign-in", "set-password")
"""Where nobody is signed in yet, and a cookie keeps forms of others out."""


async def test_every_page_is_guarded_and_well_made(app: App, client: httpx.AsyncClient) -> None:
    given = fill(app)
    pages = 0
    for stop in stops_by_way(given, lambda: enter(app, client, Role.MAINTAINER)):
        answer = await client.get(stop.path)
        check_headers(stop, answer)
        assert (await client.head(stop.path)).status_code in (answer.status_code, 405), stop
        if stop.path.startswith(MACHINES) or "attachment" in answer.headers.get("content-disposition", ""):
            continue
        assert answer.status_code == 200, (stop, answer.text)
        if answer.headers["content-type"].startswith("text/html"):
            check_page(stop, answer)
            pages += 1
    assert pages >= 40


def check_headers(stop: Stop, answer: httpx.Response) -> None:
    headers = answer.headers
    policy = dict(part.partition(" ")[::2] for part in headers["content-security-policy"].split("; "))
    is_frame = "sandbox" in policy
    assert policy["default-src"] == policy["base-uri"] == "'none'", stop
    assert policy["frame-ancestors"] == ("'self'" if is_frame else "'none'"), stop
    assert headers["x-frame-options"] == ("SAMEORIGIN" if is_frame else "DENY"), stop
    assert policy.get("script-src", "'self'") == "'self'", stop
    assert "unsafe-inline" not in policy.get("script-src", ""), stop
    assert headers["x-content-type-options"] == "nosniff"
    # Other people's pages learn at most our host: not which page of the desk led to them.
    assert headers["referrer-policy"] in ("strict-origin-when-cross-origin", "no-referrer", "same-origin"), stop
    assert headers["strict-transport-security"].startswith("max-age=")
    is_door = stop.name in DOORS
    assert ("set-cookie" in headers) is is_door, stop
    if stop.role or is_door:
        assert headers["cache-control"] == "no-store", stop
    else:
        assert "script-src" not in policy, stop


def check_page(stop: Stop, answer: httpx.Response) -> None:
    seen = see(answer.text)
    ids = Counter(given["id"] for _tag, given in seen.elements if "id" in given)
    assert not [one for one, times in ids.items() if times > 1], stop
    is_frame = "sandbox" in answer.headers["content-security-policy"]  # which has rules of its own for styles
    inline = [name for _tag, given in seen.elements for name in given if name.startswith("on") or name == "style"]
    assert not [name for name in inline if name != "style" or not is_frame], stop
    assert all(given.get("src", "").startswith("/") for given in seen.all("script")), "nothing runs inline"
    assert "{{" not in answer.text, stop
    assert "None" not in seen.text, stop
    if is_frame or "<!doctype" not in answer.text:
        return
    assert len(seen.all("html", lang="en-GB")) == len(seen.all("h1")) == len(seen.all("main")) == 1, stop
    assert {link[1:] for link in seen.links() if link.startswith("#")} <= {*ids, ""}, stop
    for form in seen.all("form", method="post"):
        assert form["action"].startswith("/"), stop
    if stop.role:
        posts = len(seen.all("form", method="post"))
        assert len(seen.all("input", name="csrf")) >= posts, stop

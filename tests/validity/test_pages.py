"""Every page of ours, and every mail, held to the standard of HTML and to what makes it usable by everybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

import httpx
from starlette.routing import Match

from aggregator.app import App
from aggregator.deliver import letters
from aggregator.digest.render import render
from aggregator.model import Form, Role
from aggregator.web.routes import ROUTES
from tests.builders import a_publication
from tests.digest.samples import a_full_digest, a_link_post, a_themed_list
from tests.validity.filled import Filled, fill
from tests.validity.html import Document, check
from tests.web.doors import carry, enter
from tests.web.press import BASE_URL
from tests.web.walk import stops

FEEDS = {"application/atom+xml": ".atom", "application/rss+xml": ".rss", "application/feed+json": ".json"}
LISTS = {"text/x-opml": ".opml"}


LAST = {"/sign-out"}
"""Forms that nobody can post who walks on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """A page, as it answered."""

    path: str
    answer: httpx.Response
    document: Document


async def walk(app: App, client: httpx.AsyncClient, filled: Filled) -> list[Visited]:
    """Every page that there is: those for readers without a session, those of the desk as a maintainer."""
    every = stops(filled.given)
    open_to_all = [stop.path for stop in every if stop.role is None] + [*filled.public]
    guarded = [stop.path for stop in every if stop.role is not None] + [*filled.desk]
    visited = [one for path in open_to_all if (one := await visit(client, path))]
    enter(app, client, Role.MAINTAINER)
    return visited + [one for path in guarded if (one := await visit(client, path))]


async def visit(client: httpx.AsyncClient, path: str) -> Visited | None:
    """One page; None for what is no HTML."""
    answer = await client.get(path)
    if not answer.headers.get("content-type", "").startswith("text/html") or not answer.text:
        return None
    is_part, is_mail = "<html" not in answer.text, 'role="presentation"' in answer.text
    return Visited(path=path, answer=answer, document=check(answer.text, is_part=is_part, is_mail=is_mail))


async def test_every_page_is_valid_and_what_it_leads_to_is_there(app: App, client: httpx.AsyncClient) -> None:
    visited = await walk(app, client, fill(app))
    assert len(visited) > 90
    wrong = [f"{one.path}: {said}" for one in visited for said in one.document.problems]
    visited = [one for one in visited if "/preview" not in one.path]  # which shows what is not there yet
    wrong += [f"{one.path}: {said}" for one in visited for said in head_of(one)]
    known = {one.path: one.document for one in visited}
    followed = 0
    for path, wanted, fragment in links(visited):
        if wanted not in known:
            there = await visit(client, wanted)
            answer = there.answer if there else await client.get(wanted, follow_redirects=True)
            known[wanted] = there.document if there else check("", is_part=True)
            wrong += [] if answer.status_code == 200 else [f"{path} leads to {wanted}: {answer.status_code}"]
        followed += 1
        if fragment and fragment not in known[wanted].ids:
            wrong.append(f"{path} leads to {wanted}#{fragment}, which is not there")
    wrong += actions(visited)
    assert not wrong, "\n".join(wrong)
    assert followed > 400


async def test_every_page_of_an_empty_house_is_valid(app: App, client: httpx.AsyncClient) -> None:
    given = dict.fromkeys(("entry_id", "feed_id", "subscriber_id"), 1) | dict.fromkeys(("bookmark", "slug"), "none")
    filled = Filled(given={**given, "token": "none", "key": "none", "month": "2026-11"}, public=(), desk=())
    visited = await walk(app, client, filled)
    assert [f"{one.path}: {said}" for one in visited for said in one.document.problems] == []
    assert {one.answer.status_code for one in visited} == {200, 404}


async def test_what_answers_a_form_is_valid(app: App, client: httpx.AsyncClient) -> None:
    visited = await walk(app, client, fill(app))
    wrong, statuses = [], set()
    for path in sorted({path for one in visited for path in posts(one)} - LAST):
        for sent in ({"do": "none"}, dict.fromkeys(("do", "address", "email", "title", "file"), "<none>")):
            entered = app.people.enter("maintainer@example.org")
            carry(client, entered)
            answer = await client.post(path, data=sent | {"csrf": entered.session.csrf_token})
            statuses.add(answer.status_code)
            if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
                document = check(answer.text, is_part="<html" not in answer.text)
                wrong += [f"{path} {sent}: {said}" for said in document.problems]
    assert not wrong, "\n".join(wrong)
    assert {200, 303, 400, 403, 409, 422} <= statuses
    assert 500 not in statuses


def posts(one: Visited) -> set[str]:
    """Where its forms post to."""
    forms = one.document.all("form")
    return {each.attributes["action"] for each in forms if each.attributes.get("method") == "post"}


def head_of(one: Visited) -> Iterator[str]:
    """What is amiss with the addresses in its head."""
    rels = [each.attributes for each in one.document.all("link")]
    named = [given["href"] for given in rels if given["rel"] == "canonical"]
    if named and named != [BASE_URL + one.path.partition("?")[0]]:
        yield f"canonical is {named}"
    alternates = [given for given in rels if given["rel"] == "alternate"]
    for given in alternates:
        if not given.get("title") or not given["href"].endswith((FEEDS | LISTS).get(given["type"], "?")):
            yield f"alternate {given}"
    if one.path.startswith(("/desk", "/account", "/sign-in", "/password")):
        return
    if not {given["type"] for given in alternates} >= FEEDS.keys():
        yield "does not name its feeds"
    is_hidden = any(each.attributes.get("content") == "noindex" for each in one.document.all("meta"))
    if bool(named) is is_hidden:
        yield "either a canonical address, or noindex"


def links(visited: list[Visited]) -> Iterator[tuple[str, str, str]]:
    """Every address of ours in these pages but those of forms: the page, the path, and the fragment."""
    for one in visited:
        found = one.document.addresses()
        for where in dict.fromkeys(address for _, name, address in found if name in ("href", "src")):
            target, fragment = urldefrag(urljoin(BASE_URL + one.path, where))
            if target.startswith(BASE_URL + "/") or target == BASE_URL:
                yield one.path, target.removeprefix(BASE_URL) or "/", fragment


def actions(visited: list[Visited]) -> Iterator[str]:
    """Forms that post to where nothing takes them."""
    for one in visited:
        for path in posts(one):
            scope = {"type": "http", "method": "POST", "path": path.partition("?")[0], "root_path": ""}
            if not any(route.matches(scope)[0] is Match.FULL for route in ROUTES):
                yield f"{one.path} has a form that posts to {path}"


def test_every_mail_is_valid() -> None:
    publication = a_publication()
    digests = (a_full_digest(), a_themed_list(), a_link_post())
    mails = [render(made, publication)[Form.EMAIL_HTML] for made in digests]
    to = {"to": "a@example.org", "token": "token", "message_id": "<1@example.org>"}
    mails += [write(publication, **to).html for write in (letters.confirmation, letters.already)]
    assert [said for mail in mails for said in check(mail, is_mail=True).problems] == []


def test_every_frozen_page_is_valid() -> None:
    made = (a_full_digest(), a_themed_list(), a_link_post())
    pages = [render(each, a_publication())[Form.PAGE] for each in made]
    assert [said for page in pages for said in check(page).problems] == []

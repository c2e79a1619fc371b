"""Any page, from a form, a bookmarklet or a phone, onto the shortlist; and what readers suggest."""

import json
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx
import pytest
from starlette.types import Message, Scope

from aggregator.app import App
from aggregator.model import Role, SuggestionKind, SuggestionStatus
from aggregator.store import suggestions
from aggregator.web.adding import bookmarklet
from aggregator.web.server import build_app
from tests.rows import add_bookmark, add_digest
from tests.web.desk.test_bookmarks import LAST_FRIDAY, Desk
from tests.web.desk.test_feeds import BAD
from tests.web.doors import carry, enter
from tests.web.press import BASE_URL, see

REFUSED = "http://127.0.0.1:9/page"  # by the guard, before a packet leaves


@pytest.fixture
def desk(app: App, client: httpx.AsyncClient) -> Desk:
    return Desk(app, client)


def filled_in(page: httpx.Response) -> dict[str, str]:
    shown = see(page.text)
    given = {name: shown.all("input", name=name)[0]["value"] for name in ("address", "title")}
    return given | {"note": page.text.partition("<textarea")[2].partition(">\n")[2].partition("</textarea>")[0]}


# ------------------------------------------------------------------------------------------------------ the form


async def test_opening_the_form_fills_it_in_and_adds_nothing(desk: Desk) -> None:
    title = f"What we learnt {BAD}"
    page = await desk.client.get("/desk/add", params={"address": "https://a.example/x?y=1&z=2", "title": title})
    assert filled_in(page) == {"address": "https://a.example/x?y=1&z=2", "title": title, "note": ""}
    assert see(page.text).all("img", src="x") == []
    assert desk.app.bookmarks.all() == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"text": "https://a.example/x"}, ("https://a.example/x", "", "")),
        ({"title": "A post", "text": "A post https://a.example/x"}, ("https://a.example/x", "A post", "")),
        ({"text": "Read this: HTTPS://a.example/x now"}, ("HTTPS://a.example/x", "", "Read this:  now")),
        ({"address": "https://b.example/", "text": "Said: https://a.example/"},
         ("https://b.example/", "", "Said: https://a.example/")),
        ({"text": "No address at all"}, ("", "", "No address at all")),
        ({"title": "t" * 9000, "address": "https://" + "a" * 9000}, ("https://" + "a" * 1992, "t" * 500, "")),
    ],
)  # fmt: skip
async def test_what_a_phone_shares_fills_the_form_in(
    desk: Desk, given: dict[str, str], expected: tuple[str, str, str]
) -> None:
    page = await desk.client.get("/desk/add", params=given)
    assert tuple(filled_in(page).values()) == expected


async def test_the_form_shortlists_and_says_who_it_was(desk: Desk) -> None:
    sent = {"csrf": desk.token, "address": REFUSED, "title": "A post", "note": "Good."}
    answer = await desk.client.post("/desk/add", data=sent)
    (held,) = desk.app.desk.week()
    assert answer.headers["location"] == f"/desk/bookmarks/{held.id}?done=page-added"
    assert (held.title, held.note, held.url) == ("A post", "Good.", REFUSED)
    page = await desk.words(answer.headers["location"])
    assert "It is on the shortlist." in page
    assert "by curator@example.org" in page
    again = await desk.client.post("/desk/add", data=sent | {"note": "More."})
    assert again.headers["location"] == f"/desk/bookmarks/{held.id}?done=page-again"
    assert desk.app.desk.bookmark(held.id).note == "Good.\n\nMore."


async def test_a_page_that_a_digest_holds_is_said_to_be_there(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        held = add_bookmark(tx, url="https://a.example/", friday=LAST_FRIDAY)
        add_digest(tx, held, friday=LAST_FRIDAY, status="published", number=1)
    answer = await desk.client.post("/desk/add", data={"csrf": desk.token, "address": "https://a.example/"})
    assert answer.headers["location"].endswith("?done=page-used")


@pytest.mark.parametrize(
    "address", ["", "example.org", "javascript:alert(1)", "https://a:b@c.example/", f"https://{BAD}"]
)
async def test_what_is_no_address_is_said_beside_it_and_all_is_kept(desk: Desk, address: str) -> None:
    sent = {"csrf": desk.token, "address": address, "title": "A post", "note": f"Good. {BAD}"}
    page = await desk.client.post("/desk/add", data=sent)
    assert page.status_code == 400
    assert "Enter a whole web address" in see(page.text).text
    assert see(page.text).all("input", name="address")[0]["value"] == address
    assert see(page.text).all("input", name="title")[0]["value"] == "A post"
    assert f"Good. {BAD}" in see(page.text).text
    assert see(page.text).all("img", src="x") == []


async def test_signing_in_leads_back_to_the_form_as_it_was_filled_in(app: App, client: httpx.AsyncClient) -> None:
    path = f"/desk/add?address={quote('https://a.example/x?y=1&z=ü', safe='')}&title=A+post"
    carry(client, None)
    away = await client.get(path)
    (wanted,) = parse_qs(urlsplit(away.headers["location"]).query)["next"]
    enter(app, client)
    back = await client.get(f"/sign-in?next={quote(wanted, safe='')}")
    page = await client.get(back.headers["location"])
    assert filled_in(page) == {"address": "https://a.example/x?y=1&z=ü", "title": "A post", "note": ""}


async def test_the_answer_comes_before_the_page_is_asked_for(app: App, client: httpx.AsyncClient) -> None:
    """The guard lets nobody reach this machine here: that the page was tried shows in when it is to be tried again."""
    token = enter(app, client).session.csrf_token
    starlette = build_app(app)
    untried: list[bool] = []

    async def watched(scope: Scope, receive: object, send: object) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                (held,) = app.desk.week()
                untried.append(held.visit_at == held.added_at)
            await send(message)  # type: ignore[operator]

        await starlette(scope, receive, noting)  # type: ignore[arg-type]

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=watched), base_url=BASE_URL) as asking:
        asking.cookies = client.cookies
        answer = await asking.post("/desk/add", data={"csrf": token, "address": REFUSED})
    assert answer.status_code == 303
    assert untried == [True]
    (held,) = app.desk.week()
    assert held.visit_at is not None
    assert held.visit_at > held.added_at


# ------------------------------------------------------------------------------------ the bookmarklet, and phones


async def test_the_bookmarklet_leads_to_the_form(desk: Desk) -> None:
    page = see((await desk.client.get("/desk/add/how")).text)
    (link,) = [link for link in page.links() if link.startswith("javascript:")]
    assert link == bookmarklet(BASE_URL)
    assert f"var u='{BASE_URL}/desk/add?address='+encodeURIComponent(location.href)" in unquote(link)
    assert unquote(link) in unquote(page.text), "to copy, where nothing can be dragged"
    assert "'" not in bookmarklet("https://five.example.org/o'clock").partition("five.example.org/o")[2][:3]


async def test_phones_learn_how_to_share_to_the_desk(desk: Desk) -> None:
    answer = await desk.client.get("/desk/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    manifest = json.loads(answer.text)
    assert manifest["share_target"] == {
        "action": "/desk/add",
        "method": "GET",
        "params": {"title": "title", "text": "text", "url": "address"},
    }
    for address in (manifest["start_url"], manifest["icons"][0]["src"]):
        assert (await desk.client.get(address)).status_code == 200
    page = see((await desk.client.get("/desk")).text)
    assert page.all("link", rel="manifest") == [
        {"rel": "manifest", "href": "/desk/manifest.webmanifest", "crossorigin": "use-credentials"}
    ]


# --------------------------------------------------------------------------------------------- what readers suggest


def statuses(app: App) -> dict[str, SuggestionStatus]:
    with app.db.read() as tx:
        return {one.address: one.status for status in SuggestionStatus for one in suggestions.with_status(tx, status)}


async def judge(desk: Desk, address: str, do: str) -> httpx.Response:
    number = next((one.id for one in desk.app.suggestions.waiting() if one.address == address), 99)
    return await desk.client.post("/desk/suggestions", data={"csrf": desk.token, "suggestion": str(number), "do": do})


async def test_a_suggested_page_is_shortlisted_or_declined(desk: Desk) -> None:
    for address in (REFUSED, "https://b.example/"):
        desk.app.suggestions.suggest(SuggestionKind.LINK, address, title=f"A page {BAD}", words=BAD, thank="Jo")
    page = await desk.client.get("/desk/suggestions")
    for said in (f"A page {BAD}", BAD, "by Jo", "2 wait"):
        assert said in see(page.text).text
    assert see(page.text).all("img", src="x") == []
    assert (await judge(desk, REFUSED, "accept")).headers["location"].endswith("?done=suggestion-shortlisted")
    assert (await judge(desk, "https://b.example/", "decline")).headers["location"].endswith("declined")
    (held,) = desk.app.desk.week()
    assert (held.url, held.title, held.note) == (REFUSED, f"A page {BAD}", ""), "a stranger's words are no note"
    assert statuses(desk.app) == {REFUSED: SuggestionStatus.ACCEPTED, "https://b.example/": SuggestionStatus.DECLINED}
    assert "Nothing waits to be judged" in await desk.words("/desk/suggestions")


async def test_only_a_maintainer_takes_a_blog_up_and_goes_on_to_its_feed(app: App, client: httpx.AsyncClient) -> None:
    blog = "https://blog.example/?a=1&b"
    app.suggestions.suggest(SuggestionKind.BLOG, blog, title="A blog")
    curator = Desk(app, client)
    assert "A maintainer can follow it." in await curator.words("/desk/suggestions")
    assert (await judge(curator, blog, "accept")).status_code == 409
    maintainer = Desk(app, client, Role.MAINTAINER)
    answer = await judge(maintainer, blog, "accept")
    shown = see((await client.get(answer.headers["location"])).text)
    assert shown.all("input", name="address")[0]["value"] == blog
    assert statuses(app) == {blog: SuggestionStatus.ACCEPTED}


async def test_a_suggestion_that_somebody_judged_meanwhile_is_said_to_be_gone(desk: Desk) -> None:
    assert (await judge(desk, REFUSED, "accept")).status_code == 404
    desk.app.suggestions.suggest(SuggestionKind.LINK, REFUSED)
    assert (await judge(desk, REFUSED, "dance")).status_code == 409
    assert desk.app.desk.week() == ()

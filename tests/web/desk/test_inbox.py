"""The inbox by plain forms and by htmx: what it shows, what it does, what it says when it does not."""

import json
import re

import httpx
import pytest

from aggregator.app import App
from aggregator.model import Role, Sought, Verdict
from aggregator.web.inbox import LINES
from aggregator.web.reading import framed
from tests.rows import WEDNESDAY, add_bookmark, add_digest, add_entry, follow_a_feed
from tests.web.doors import enter
from tests.web.press import Seen, see
from tests.web.week import Week, a_week

BAD = '"><img src=x onerror=alert(1)>'
HTMX = {"hx-request": "true", "hx-current-url": "https://five.example.org/desk/inbox?group=Leaders"}


@pytest.fixture
def week(app: App) -> Week:
    with app.db.write() as tx:
        return a_week(tx, plain=3)


async def asked(client: httpx.AsyncClient, path: str) -> Seen:
    page = await client.get(path)
    assert page.status_code == 200
    return see(page.text)


def done(answer: httpx.Response) -> dict[str, str]:
    said: dict[str, dict[str, str]] = json.loads(answer.headers["hx-trigger-after-swap"])
    return said["desk:done"]


def titles(page: httpx.Response) -> list[str]:
    return [re.sub("<[^>]+>", "", one) for one in re.findall(r"<h2><a [^>]*>(.*?)</a></h2>", page.text)]


async def test_an_entry_says_what_it_is(app: App, client: httpx.AsyncClient, week: Week) -> None:
    enter(app, client, Role.CURATOR)
    page = await asked(client, "/desk/inbox")
    for said in (
        "10 pieces to judge, this week",
        "Podcast Jo Smith",
        "· 1 min · Welsh",
        "also in Felpersham Council",
        "(no title)",
        "Shortlist Add a note Dismiss Original (opens a new tab)",
    ):
        assert said in page.text, said
    assert page.all("h2")
    assert len(page.all("a", target="_blank")) == 9, "one has no address"
    for button in page.all("button", form="judging"):
        assert button["aria-labelledby"] == f"{button['id']} h{button['id'][1:]}"


async def test_only_what_is_not_in_english_says_so(app: App, client: httpx.AsyncClient) -> None:
    spoken = {"en-GB": "", "EN-us": "", "cy-GB": "Welsh", "gd": "Scottish Gaelic", "tlh": "tlh", "enm": "enm"}
    with app.db.write() as tx:
        feed = follow_a_feed(tx)
        ids = {tag: add_entry(tx, feed, language=tag) for tag in spoken}
        add_entry(tx, feed, language=None)
    enter(app, client)
    listed = (await client.get("/desk/inbox")).text
    for tag, entry_id in ids.items():
        facts = see(listed.partition(f'id="e{entry_id}"')[2].partition("</li>")[0]).text.partition(" min")[2]
        assert facts.startswith(f" · {spoken[tag]} " if spoken[tag] else " How we built"), (tag, facts)
        app.desk.shortlist_entry(entry_id)
    named = re.findall(r"(?<= in )([A-Za-z ]+) · shortlisted", (await asked(client, "/desk/shortlist")).text)
    assert sorted(named) == sorted(filter(None, spoken.values()))


async def test_an_empty_inbox_says_what_to_do_next(app: App, client: httpx.AsyncClient) -> None:
    with app.db.write() as tx:
        follow_a_feed(tx)
    enter(app, client)
    assert "All of this week is judged More comes as blogs post." in (await asked(client, "/desk/inbox")).text
    assert "Nothing of this sort this week" in (await asked(client, "/desk/inbox?kind=job")).text
    assert "Look through everything, of any age" in (await asked(client, "/desk/inbox?q=potholes")).text


@pytest.mark.parametrize(("role", "can_add"), [(Role.MAINTAINER, True), (Role.CURATOR, False)])
async def test_who_can_add_blogs_is_led_there_while_there_are_none(
    app: App, client: httpx.AsyncClient, role: Role, can_add: bool
) -> None:
    enter(app, client, role)
    for path, said in (("/desk/inbox", "No blogs are followed yet"), ("/desk", "No feeds are followed yet.")):
        page = await asked(client, path)
        assert said in page.text
        assert "five feeds" not in page.text
        assert ("/desk/feeds/add" in page.links()) is can_add
        assert ("maintainer" in page.text.partition(said)[2]) is not can_add
        for link in page.links():
            assert not link.startswith("/desk/feeds") or (await client.get(link)).status_code == 200


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("group=Leaders", 2),
        ("group=Nobody", 0),
        ("region=Scotland", 1),  # by the twin that is carried there
        ("source=felpersham", 1),
        ("kind=podcast", 1),
        ("kind=dance&state=dance&feed=dance", 10),  # what cannot be is not asked for
        ("q=printer", 1),
        ("q=Wythn", 1),
        ("q=?!", 0),
        ("state=shortlisted", 0),
        ("state=dismissed", 0),
        ("state=any", 10),  # for a search alone
        ("after=nonsense", 10),
        ("q=" + "x" * 5000, 0),
    ],
)
async def test_the_list_is_narrowed_down(
    app: App, client: httpx.AsyncClient, week: Week, query: str, count: int
) -> None:
    enter(app, client)
    assert len(titles(await client.get(f"/desk/inbox?{query}"))) == count


async def test_the_words_are_marked_and_stay_words(app: App, client: httpx.AsyncClient) -> None:
    with app.db.write() as tx:
        add_entry(tx, follow_a_feed(tx, title=BAD), title=f"Café {BAD}", text=f"{'x ' * 300}of CAFÉS {BAD}", author=BAD)
    enter(app, client)
    page = await client.get("/desk/inbox", params={"q": "cafe"})
    assert "<mark>Café</mark>" in page.text
    assert "of <mark>CAFÉS</mark>" in page.text
    assert see(page.text).all("img", src="x") == []


async def test_pages_follow_each_other_and_hold_each_entry_once(app: App, client: httpx.AsyncClient) -> None:
    with app.db.write() as tx:
        feed = follow_a_feed(tx)
        for _ in range(2 * LINES + 1):
            add_entry(tx, feed)
    enter(app, client)
    seen: list[str] = []
    for query in ("", "q=service&when=ever&state=any"):
        path, found = f"/desk/inbox?{query}", list[str]()
        while path:
            page = await client.get(path)
            found += titles(page)
            assert len(page.content) < 100_000
            more = [link["href"] for link in see(page.text).all("a", **{"data-key": "m"})]
            path = more[0] if more else ""
        assert len(found) == len(set(found)) == 2 * LINES + 1
        seen += found
    assert seen[: len(seen) // 2] == seen[len(seen) // 2 :]


async def test_htmx_gets_the_entry_alone_and_everybodys_marks(app: App, client: httpx.AsyncClient, week: Week) -> None:
    entered = enter(app, client)
    app.people.add("bob@example.org", Role.CURATOR)
    bob = next(one.id for one in app.people.curators() if one.email == "bob@example.org")
    app.desk.dismiss([week.long], by=bob)
    form = {"csrf": entered.session.csrf_token, "shown": f"{week.long},{week.newest},{week.welsh},x,{10**30}"}
    answer = await client.post(f"/desk/entries/{week.newest}/shortlist", data=form, headers=HTMX)
    part = see(answer.text)
    assert part.all("html") == []
    assert [one["id"] for one in part.all("li")] == [f"e{week.newest}"]
    assert "settled" in part.all("li")[0]["class"]
    assert "Shortlisted by you" in part.text
    assert [one["id"] for one in part.all("span", **{"hx-swap-oob": "true"})] == [f"m{week.long}"]
    assert "Dismissed by bob" in part.text
    assert done(answer)["say"] == "Shortlisted: The newest of all."
    assert "group=Leaders" in answer.text, "its links lead back to the list that was asked for"


async def test_what_was_judged_is_taken_back(app: App, client: httpx.AsyncClient, week: Week) -> None:
    form = {"csrf": enter(app, client).session.csrf_token}
    entry = f"/desk/entries/{week.newest}"
    await client.post(f"{entry}/shortlist", data=form | {"note": "A thought.", "revision": "0"})
    answer = await client.post(f"{entry}/undo", data=form, headers=HTMX)
    assert done(answer) == {"say": "Undone: The newest of all", "focus": f"h{week.newest}"}
    assert "A thought.</textarea>" in answer.text, "no word is lost"
    assert app.desk.week() == ()
    again = await client.post(f"{entry}/undo", data=form, headers=HTMX)
    assert again.status_code == 409
    assert done(again)["say"].startswith("Nobody has judged this yet")
    nothing = await client.post("/desk/inbox/undo", data=form)
    assert nothing.status_code == 409
    assert "There is nothing of yours to undo." in nothing.text


async def test_without_scripts_one_comes_back_to_the_next_entry(
    app: App, client: httpx.AsyncClient, week: Week
) -> None:
    form = {"csrf": enter(app, client).session.csrf_token, "back": "group=Leaders&state=dance&evil=1"}
    answer = await client.post(f"/desk/entries/{week.newest}/dismiss?next={week.welsh}", data=form)
    assert answer.headers["location"] == f"/desk/inbox?group=Leaders&done=dismissed#e{week.welsh}"
    answer = await client.post("/desk/inbox/undo", data=form)
    assert answer.headers["location"] == f"/desk/inbox?group=Leaders&done=undone#e{week.newest}"


@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_the_second_note_is_kept_and_told_of_the_first(
    app: App, client: httpx.AsyncClient, week: Week, headers: dict[str, str]
) -> None:
    form = {"csrf": enter(app, client).session.csrf_token, "note": f"Mine {BAD}", "revision": "0"}
    app.desk.shortlist_entry(week.newest, "Theirs.", by=None)
    path = f"/desk/entries/{week.newest}/shortlist"
    refused = await client.post(path, data=form, headers=headers)
    page = see(refused.text)
    assert refused.status_code == 409
    assert "wrote a note on this meanwhile. Yours is kept below, and not saved yet." in page.text
    assert "Theirs." in page.text
    assert f"Mine {BAD}" in page.text
    (revision,) = (one["value"] for one in page.all("input", name="revision"))
    both = form | {"note": "Theirs. Mine.", "revision": revision}
    assert (await client.post(path, data=both, headers=headers)).status_code == (200 if headers else 303)
    assert [one.note for one in app.desk.week()] == ["Theirs. Mine."]


@pytest.mark.parametrize("headers", [{}, HTMX])
async def test_what_cannot_be_done_is_said_in_words_for_pages(
    app: App, client: httpx.AsyncClient, week: Week, headers: dict[str, str]
) -> None:
    form = {"csrf": enter(app, client).session.csrf_token}
    lost = await client.post(f"/desk/entries/{week.lost}/shortlist", data=form, headers=headers)
    assert lost.status_code == 409
    for missing in (10**6, 10**30):
        for path in (f"{missing}", f"{missing}/note", f"{missing}/pictures"):
            page = await client.get(f"/desk/entries/{path}", headers=headers)
            assert page.status_code == 404
            assert "five inbox" not in page.text
        for do in ("shortlist", "dismiss", "undo"):
            assert (await client.post(f"/desk/entries/{missing}/{do}", data=form)).status_code == 404


@pytest.mark.parametrize(
    ("given", "placed"),
    [("124", "234"), ("14241", "23342"), ("43", "22"), ("123456", "234566"), ("3533", "2322")],
)
def test_headings_of_a_text_skip_no_level(given: str, placed: str) -> None:
    text = framed("".join(f"<h{level}>x</h{level}>" for level in given), top=2)
    assert text == "".join(f"<h{level}>x</h{level}>" for level in placed)


async def test_the_text_opens_without_its_pictures(app: App, client: httpx.AsyncClient, week: Week) -> None:
    enter(app, client)
    path = f"/desk/entries/{week.long}"
    for headers, levels in (({}, ("h2", "h3")), (HTMX, ("h3", "h4"))):
        part = see((await client.get(path, headers=headers)).text)
        assert [one for one in part.all("img") if not one["src"].startswith("/static/")] == []
        assert "Picture: A desk with letters on it" in part.text
        assert "They come from pictures.example.org, cdn.example.net" in part.text
        assert [tag for tag, given in part.elements if tag in ("h2", "h3", "h4") and not given] == [*levels], "below it"
    assert see((await client.get(f"{path}?pictures=1")).text).all("iframe")[0]["sandbox"] == (
        "allow-popups allow-popups-to-escape-sandbox"
    )
    frame = await client.get(f"{path}/pictures")
    assert len(see(frame.text).all("img")) == 2
    assert "sandbox allow-popups" in frame.headers["content-security-policy"]
    assert "script-src" not in frame.headers["content-security-policy"]
    assert frame.headers["referrer-policy"] == "no-referrer"
    assert frame.headers["x-frame-options"] == "SAMEORIGIN"


async def test_the_page_of_an_entry_belongs_to_the_inbox(app: App, client: httpx.AsyncClient, week: Week) -> None:
    enter(app, client, Role.CURATOR)
    for path in (f"/desk/entries/{week.long}", f"/desk/entries/{week.long}/note"):
        page = await asked(client, path)
        assert [tab["href"] for tab in page.all("a", **{"aria-current": "true"})] == ["/desk/inbox"], path


async def test_a_huge_text_is_cut_and_says_so(app: App, client: httpx.AsyncClient) -> None:
    with app.db.write() as tx:
        words = "<b>Word. " * 40_000
        entry = add_entry(tx, follow_a_feed(tx), html=words, text=words)
    enter(app, client)
    page = await client.get(f"/desk/entries/{entry}")
    assert len(page.content) < 100_000
    assert "It goes on at its original." in see(page.text).text


async def test_arrivals_are_counted_once_they_come(app: App, client: httpx.AsyncClient, week: Week) -> None:
    enter(app, client)
    (waiting,) = see((await client.get("/desk/inbox?group=Leaders")).text).all("div", id="arrivals")
    quiet = await client.get(waiting["hx-get"], headers=HTMX)
    assert see(quiet.text).all("a") == []
    assert "hx-trigger-after-swap" not in quiet.headers
    with app.db.write() as tx:
        leader = follow_a_feed(tx, kind="Leaders")
        add_entry(tx, leader)
        add_entry(tx, leader, filed=True)
        add_entry(tx, follow_a_feed(tx))
    told = await client.get(waiting["hx-get"], headers=HTMX)
    assert done(told)["say"] == "1 new entry"
    (link,) = see(told.text).all("a")
    assert link["href"] == "/desk/inbox?group=Leaders"
    (waiting,) = see(told.text).all("div", id="arrivals")
    assert "hx-trigger-after-swap" not in (await client.get(waiting["hx-get"], headers=HTMX)).headers, "said once"
    for state in ("state=dismissed", "q=post"):
        assert see((await client.get(f"/desk/inbox?{state}")).text).all("div", id="arrivals") == []


async def test_who_may_take_back_what(app: App) -> None:
    for email in ("ann@example.org", "bob@example.org"):
        app.people.add(email, Role.CURATOR)
    ann, bob = (one.id for one in app.people.curators())
    with app.db.write() as tx:
        feed = follow_a_feed(tx)
        one, two, three, old = (add_entry(tx, feed) for _ in range(4))
        held = add_bookmark(tx, entry_id=three, entry_hash="x", added_by=ann)
        add_digest(tx, held)
        add_bookmark(tx, entry_id=old, entry_hash="x", added_by=ann, note="Once.", added_at=WEDNESDAY.replace(month=1))
    app.desk.shortlist_entry(one, by=ann)
    app.desk.dismiss([two], by=ann)
    for entry, said in ((one, "Somebody else shortlisted this."), (three, "It is in the digest of 2026-11-20.")):
        with pytest.raises(Exception, match=said):
            app.desk.undo(bob, entry)
    assert app.desk.undo(bob, two).verdict is Verdict.DISMISSED, "a dismissal can be taken back by anybody"
    app.desk.undo(ann, one)
    assert {line.id for line in app.desk.look(Sought(), limit=9).lines} == {one, two}
    app.desk.undo(ann, old)
    assert app.desk.judgements([old])[old].note == "Once.", "an older bookmark is dropped, and not forgotten"
    app.desk.undo(ann, old)
    assert app.desk.judgements([old])[old].verdict is Verdict.SHORTLISTED
    app.desk.dismiss([one], by=bob)
    app.desk.shortlist_entry(one, by=ann)
    assert app.desk.look(Sought(verdict=Verdict.DISMISSED), limit=9).lines == (), "the last word counts"

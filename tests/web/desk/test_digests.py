"""Writing digests on the desk: begun, written, put in order, kept apart, approved, scheduled, published, put right."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from aggregator.app import App, open_app
from aggregator.digest import lint
from aggregator.errors import NotFound
from aggregator.model import Digest, DigestFormat, DigestStatus, Role, Warned
from aggregator.settings import Settings
from aggregator.store import subscribers
from aggregator.web.server import build_app
from aggregator.web.writing import LONGEST_LINE, LONGEST_TEXT, advice, values
from tests.builders import FRIDAY, a_digest
from tests.conftest import StandingClock
from tests.deliver.posting import add_readers
from tests.deliver.relay import Fault, SampleRelay
from tests.rows import WEDNESDAY, add_bookmark, add_entry, follow_a_feed
from tests.web.doors import enter
from tests.web.press import BASE_URL, Seen, publish, see

SCRIPT = {"hx-request": "true"}


class Desk:
    """An editor at the desk, with a draft of Friday that has three picks, and two more on the shortlist."""

    def __init__(self, app: App, client: httpx.AsyncClient, picks: int = 3) -> None:
        self.app = app
        self.client = client
        entered = enter(app, client, Role.EDITOR)
        self.token, self.me = entered.session.csrf_token, entered.session.curator.id
        app.people.add("bob@example.org", Role.EDITOR)
        self.bob = app.people.enter("bob@example.org").session.curator.id
        with app.db.write() as tx:
            self.ids = [add_bookmark(tx, title=f"Piece {n}", note=f"Note {n}.") for n in range(1, 6)]
        self.slug = app.editor.draft(by=self.me).slug
        app.editor.pick(self.ids[:picks], self.slug, by=self.me)

    @property
    def digest(self) -> Digest:
        return self.app.editor.digest(self.slug)

    @property
    def path(self) -> str:
        return f"/desk/digests/{self.slug}"

    def sent(self, do: str = "save", **more: str) -> dict[str, str]:
        """What the form sends when somebody presses that button; a name such as title_1 is of the first pick."""
        held = self.digest
        order = ",".join(str(pick.bookmark_id) for pick in held.picks)
        whole = {"csrf": self.token, "revision": str(held.revision), "order": order, "q": "", "at": ""}
        return (
            whole | values(held) | {re.sub(r"_(\d+)$", r"-\1", name): text for name, text in more.items()} | {"do": do}
        )

    async def press(self, do: str = "save", **more: str) -> httpx.Response:
        return await self.client.post(self.path, data=self.sent(do, **more))

    async def script(self, do: str = "save", **more: str) -> httpx.Response:
        return await self.client.post(self.path, data=self.sent(do, **more), headers=SCRIPT)

    async def see(self, path: str = "", *, status: int = 200) -> Seen:
        page = await self.client.get(path or self.path)
        assert page.status_code == status, page.text
        return see(page.text)


@pytest.fixture
def desk(app: App, client: httpx.AsyncClient) -> Desk:
    return Desk(app, client)


def heard(answer: httpx.Response) -> tuple[str, str]:
    done = json.loads(answer.headers.get("hx-trigger-after-swap", "{}")).get("desk:done", {"say": "", "focus": ""})
    return done["say"], done["focus"]


# ---------------------------------------------------------------------------------------------------- beginning


async def test_the_list_has_drafts_first_and_says_what_they_are(desk: Desk) -> None:
    publish(desk.app, FRIDAY - timedelta(weeks=1))
    desk.app.editor.draft(format="themed", title="5 talks", bookmark_ids=desk.ids[:2])
    page = await desk.see("/desk/digest")
    for said in ("Friday’s edition · 3 picks · draft", "Themed list · 2 picks", "number 1 · 13 November 2026"):
        assert said in page.text
    assert page.text.index("2 talks") < page.text.index("Five for Friday (13/11/2026)")
    assert "Draft Friday" not in page.text.partition("Being written")[0], "it is begun"


async def test_friday_begins_with_the_shortlist_or_empty(app: App, client: httpx.AsyncClient) -> None:
    token = enter(app, client, Role.EDITOR).session.csrf_token
    empty = await client.get("/desk/digest")
    assert "nothing on the shortlist" in see(empty.text).text
    begun = await client.post("/desk/digest", data={"csrf": token, "format": "friday"})
    assert begun.headers["location"] == "/desk/digests/2026-11-20?done=digest-begun"
    page = see((await client.get(begun.headers["location"])).text)
    assert "Nothing is picked yet. Shortlist something first" in page.text


async def test_a_themed_list_begins_with_a_title_whose_number_follows(desk: Desk) -> None:
    async def begin(title: str) -> httpx.Response:
        sent = {"csrf": desk.token, "format": "themed", "title": title}
        return await desk.client.post("/desk/digest", data=sent)

    refused = await begin("  ")
    assert refused.status_code == 400
    assert "Write a title" in see(refused.text).text
    begun = await begin("5 videos to help  leaders")
    desk.slug = "videos-to-help-leaders"
    assert begun.headers["location"] == f"{desk.path}?done=digest-begun"
    assert "Piece 4" in (await desk.see()).text, "the shortlist can be picked from"
    await desk.press(f"pick-{desk.ids[3]}")
    await desk.press(f"pick-{desk.ids[4]}")
    assert desk.digest.title == "2 videos to help leaders"
    answer = await desk.script(f"unpick-{desk.ids[3]}")
    assert see(answer.text).all("input", id="title")[0]["value"] == "1 videos to help leaders"
    page = await desk.see()
    assert "It goes out by mail" not in page.text
    assert page.all("input", id="at")[0]["value"] == "", "it has no Friday of its own"


async def test_a_link_post_is_made_of_one_bookmark(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        text = "We closed a service that nobody needed any more. This is how it went, and what we would do again."
        entry = add_entry(tx, follow_a_feed(tx), text=text)
        held = add_bookmark(tx, title="Closing", entry_id=entry, note="Mine.")
    page = await desk.client.get(f"/desk/bookmarks/{held}")
    assert "Make a link post" in page.text
    sent = {"csrf": desk.token, "format": "link", "bookmark": str(held)}
    answer = await desk.client.post("/desk/digest", data=sent)
    desk.slug = "closing"
    assert answer.headers["location"].startswith(desk.path)
    page = await desk.client.get(desk.path)
    assert text in see(page.text).text
    assert 'value="up-' not in page.text
    assert "Pick from the shortlist" not in page.text
    await desk.press(**{f"quote_{held}": "We closed a service."})
    assert desk.digest.picks[0].quote == "We closed a service."
    assert "Original:\nhttps://page" in desk.app.editor.rendering("closing", "email-text")
    again = await desk.client.post("/desk/digest", data=sent)
    assert again.headers["location"] == answer.headers["location"], "there is one for each"


@pytest.mark.parametrize(
    ("sent", "status"), [({"format": "poem"}, 409), ({}, 409), ({"format": "link", "bookmark": "99"}, 404),
                         ({"format": "link", "bookmark": "x"}, 404)],
)  # fmt: skip
async def test_nothing_else_begins(desk: Desk, sent: dict[str, str], status: int) -> None:
    answer = await desk.client.post("/desk/digest", data={"csrf": desk.token, **sent})
    assert answer.status_code == status
    assert not re.search(r"\bfive [a-z]", see(answer.text).text.partition("That did not work")[2])
    assert len(desk.app.editor.all()) == 1


# ------------------------------------------------------------------------------------------------------ writing


async def test_words_are_saved_by_a_button(desk: Desk) -> None:
    one = desk.ids[0]
    answer = await desk.press(intro="Mud.", outro="Bye.", **{f"commentary_{one}": "Better.", f"author_{one}": "Jo"})
    assert answer.headers["location"] == f"{desk.path}?done=digest-save"
    saved = desk.digest
    assert (saved.intro, saved.outro, saved.changed_by) == ("Mud.", "Bye.", desk.me)
    assert (saved.picks[0].commentary, saved.picks[0].author) == ("Better.", "Jo")
    page = await desk.see(answer.headers["location"])
    assert "Saved." in page.text
    assert "Better." in page.text


async def test_the_note_is_already_the_commentary(desk: Desk) -> None:
    page = await desk.see()
    assert "Note 1." in page.text
    (field,) = page.all("textarea", id=f"commentary-{desk.ids[0]}")
    assert field["name"] == f"commentary-{desk.ids[0]}"


async def test_with_scripts_only_what_changed_comes_back(desk: Desk) -> None:
    answer = await desk.script(intro="Mud.")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    page = see(answer.text)
    assert page.all("input", id="revision")[0]["value"] == str(desk.digest.revision)
    assert desk.digest.intro == "Mud."
    assert not page.all("textarea", name="intro"), "nobody's typing is disturbed"
    assert heard(answer)[0] == "Saved"
    before = desk.digest
    await desk.script()
    assert desk.digest == before, "nothing new, no revision"


async def test_every_button_saves_first_what_was_typed(desk: Desk) -> None:
    one, two, three, four, _ = desk.ids
    for do, order in (
        (f"down-{one}", [two, one, three]),
        (f"up-{three}", [two, three, one]),
        (f"unpick-{three}", [two, one]),
        (f"pick-{four}", [two, one, four]),
    ):
        answer = await desk.press(do, intro=do)
        assert answer.status_code == 303, see(answer.text).text
        assert [pick.bookmark_id for pick in desk.digest.picks] == order
        assert desk.digest.intro == do
    await desk.press(f"to-{four}", to="1")
    assert [pick.bookmark_id for pick in desk.digest.picks] == [four, two, one]
    for do in ("search", "approve"):
        await desk.press(do, intro=do)
        assert desk.digest.intro == do


async def test_moving_with_scripts_says_where_it_went(desk: Desk) -> None:
    one = desk.ids[0]
    answer = await desk.script(f"down-{one}")
    assert heard(answer) == ("Moved: Piece 1, now 2 of 3", f"pick-{one}")
    assert re.findall(r'id="pick-(\d+)" data-item', answer.text) == [str(desk.ids[n]) for n in (1, 0, 2)]
    answer = await desk.script(f"unpick-{one}")
    assert heard(answer) == ("Taken out: Piece 1", f"pick-{desk.ids[2]}")
    assert f'value="pick-{one}"' in answer.text, "it can be picked again"
    answer = await desk.script(f"pick-{one}")
    assert heard(answer) == ("Picked: Piece 1", f"pick-{one}")


@pytest.mark.parametrize("do", ["up-{0}", "down-{2}", "to-{0}", "up-99", "unpick-99", "pick-9999", "dance", "pick-x"])
async def test_what_cannot_be_done_is_said_and_nothing_typed_is_lost(desk: Desk, do: str) -> None:
    before = desk.digest
    answer = await desk.press(do.format(*desk.ids), intro="Typed.", to="77")
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        page = see(answer.text).text
        assert "There is a problem" in page
        assert "five " not in page.partition("There is a problem")[2].partition("Title")[0]
    assert desk.digest.picks == before.picks
    assert desk.digest.intro == "Typed."


async def test_a_value_that_cannot_be_stays_in_its_field_and_the_rest_is_saved(desk: Desk) -> None:
    field = f"via_url-{desk.ids[0]}"
    answer = await desk.press(intro="Saved.", **{field.replace("-", "_"): "friend dot example"})
    page = see(answer.text)
    assert "Address of where it was found of pick 1: only an address that starts with https://" in page.text
    assert f"#{field}" in page.links()
    (shown,) = page.all("input", id=field)
    assert (shown["value"], shown["aria-invalid"]) == ("friend dot example", "true")
    assert page.all("details", open=""), "the fields are unfolded"
    assert desk.digest.intro == "Saved."
    assert desk.digest.picks[0].via_url is None
    kept = await desk.press("publish", **{field.replace("-", "_"): "friend dot example"})
    assert kept.status_code == 200, "it is not left behind unsaid"


async def test_words_are_never_cut_but_refused_when_too_many(desk: Desk) -> None:
    before = desk.digest
    title, text = "t" * (LONGEST_LINE + 1), "c" * (LONGEST_TEXT + 1)
    for sent, said in (
        ({"title": title}, "Title: only 2,000 letters."),
        ({"outro": text}, "Outro: only 20,000 letters."),
        ({"commentary_1": text}, "Commentary of pick 1: only 20,000 letters."),
        ({"title_1": title, "quote_1": text}, "Quote of pick 1: only 20,000 letters."),
        ({"author_1": "a" * 100_001}, "Author of pick 1: only 2,000 letters."),
    ):
        sent = {re.sub(r"_1$", f"_{desk.ids[0]}", name): words for name, words in sent.items()}
        answer = await desk.press(intro=f"Kept: {said}", **sent)
        assert said in see(answer.text).text
        assert all(words[: LONGEST_TEXT + 1] in answer.text for words in sent.values()), "what was typed is still there"
        assert desk.digest.intro == f"Kept: {said}"
        assert (desk.digest.title, desk.digest.outro, desk.digest.picks) == (before.title, before.outro, before.picks)
    refused = await desk.client.post("/desk/digest", data={"csrf": desk.token, "format": "themed", "title": title})
    assert "Write at most 2,000 letters" in see(refused.text).text


async def test_what_was_too_long_before_can_stay(desk: Desk) -> None:
    pick = replace(desk.digest.picks[0], commentary="c" * (LONGEST_TEXT + 1))
    long = replace(desk.digest, picks=(pick, *desk.digest.picks[1:]))
    desk.app.editor.replace(long, expected_revision=desk.digest.revision)
    assert (await desk.press(intro="Changed.")).headers["location"] == f"{desk.path}?done=digest-save"
    assert desk.digest.picks[0].commentary == pick.commentary


@pytest.mark.parametrize("do", ["publish", "approve", "schedule", "test"])
async def test_what_is_wrong_is_put_right_before_it_is_ready(desk: Desk, do: str) -> None:
    page = see((await desk.press(do, title=" ", intro="Kept.", at="2026-11-20T12:00")).text)
    told = page.text.partition("There is a problem")[2].partition("Picks")[0]
    assert told.lstrip().startswith("A digest needs a title.")
    assert "can be done here" not in told
    assert (desk.digest.status, desk.digest.publish_at, desk.digest.intro) == (DigestStatus.DRAFT, None, "Kept.")
    assert not (desk.app.settings.data / "mail").exists()


async def test_search_finds_any_bookmark(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        add_bookmark(tx, title="An old treasure", friday=FRIDAY - timedelta(weeks=30))
    assert "An old treasure" not in (await desk.see()).text
    answer = await desk.press("search", q="treasure", intro="Kept.")
    assert answer.headers["location"] == f"{desk.path}?q=treasure#shelf"
    page = await desk.see(answer.headers["location"])
    assert "An old treasure" in page.text
    assert "Piece 4" not in page.text
    assert "No other bookmark holds these words." in see((await desk.script("search", q="xyzzy")).text).text


async def test_each_warning_stands_at_its_pick_and_leads_to_its_field(desk: Desk) -> None:
    await desk.press(**{f"commentary_{desk.ids[1]}": ""})
    page = (await desk.client.get(desk.path)).text
    about = re.search(rf'id="lint-{desk.ids[1]}".*?</ul>', page, re.DOTALL)
    assert about
    assert "It has no commentary." in about[0]
    assert f'href="#commentary-{desk.ids[1]}"' in about[0]
    answer = await desk.script(**{f"commentary_{desk.ids[1]}": "Now it has."})
    assert "It has no commentary." not in answer.text
    assert f'id="lint-{desk.ids[1]}"' in answer.text


async def test_no_warning_speaks_of_commands(desk: Desk) -> None:
    codes = re.findall(r"[a-z]+(?:-[a-z]+)*", (lint.__doc__ or "").partition("Codes, for scripts:")[2])
    assert len(codes) > 15
    for code in codes:
        warned = Warned(code=code, position=1, message="", advice="Do it: five digest edit")
        assert "five " not in advice(warned, a_digest()).advice, code
    bad = {"kind": "job", "closes_on": "2026-01-01", "style": "sentence", "commentary": "", "title": "Cut short…"}
    await desk.press(**{f"{name}_{desk.ids[0]}": text for name, text in bad.items()})
    told = [advice(one, desk.digest) for one in desk.app.editor.lint(desk.slug)]
    assert len(told) > 6
    assert "Have a look." not in [one.advice for one in told]


# -------------------------------------------------------------------------------------------- two editors at once


async def test_the_second_is_told_and_keeps_the_text(desk: Desk) -> None:
    one = desk.ids[0]
    mine = desk.sent(intro="Mine.", **{f"commentary_{one}": "My words."})
    theirs = desk.digest
    picks = (replace(theirs.picks[0], commentary="Their words."), *theirs.picks[1:])
    desk.app.editor.replace(replace(theirs, picks=picks), expected_revision=theirs.revision, by=desk.bob)
    for headers in ({}, SCRIPT):
        answer = await desk.client.post(desk.path, data=mine, headers=headers)
        assert answer.status_code == 409
        page = see(answer.text)
        assert "bob@example.org changed this digest meanwhile" in page.text
        assert "Commentary of “Piece 1”Their words." in page.text
        assert desk.digest.picks[0].commentary == "Their words."
        assert page.all("input", id="revision")[0]["value"] == str(desk.digest.revision)
    whole = see((await desk.client.post(desk.path, data=mine)).text).text
    assert "My words." in whole
    assert "Mine." in whole
    mine["revision"] = str(desk.digest.revision)
    assert (await desk.client.post(desk.path, data=mine)).status_code == 303
    assert (desk.digest.intro, desk.digest.picks[0].commentary) == ("Mine.", "My words.")


async def test_neither_loses_a_pick(desk: Desk) -> None:
    one = desk.ids[0]
    mine = desk.sent(**{f"commentary_{one}": "Long thoughts."})
    desk.app.editor.unpick(1, desk.slug, by=desk.bob)
    desk.app.editor.pick(desk.ids[4:], desk.slug, by=desk.bob)
    told = see((await desk.client.post(desk.path, data=mine)).text).text
    assert "“Piece 1” was taken out" in told
    assert "4. Piece 5" in told, "it is among the picks now"
    assert "Long thoughts." in told
    mine["revision"] = str(desk.digest.revision)
    await desk.client.post(desk.path, data=mine)
    assert [pick.bookmark_id for pick in desk.digest.picks] == [*desk.ids[:3], desk.ids[4]]
    assert desk.digest.picks[0].commentary == "Long thoughts."


async def test_what_is_the_same_is_no_clash(desk: Desk) -> None:
    mine = desk.sent(intro="Both.")
    held = desk.digest
    desk.app.editor.replace(replace(held, intro="Both."), expected_revision=held.revision, by=desk.bob)
    assert (await desk.client.post(desk.path, data=mine)).status_code == 303


@pytest.mark.parametrize("headers", [{}, SCRIPT])
async def test_a_digest_that_somebody_published_meanwhile(desk: Desk, headers: dict[str, str]) -> None:
    mine = desk.sent(intro="Mine.")
    desk.app.editor.publish(desk.slug)
    answer = await desk.client.post(desk.path, data=mine, headers=headers)
    assert answer.status_code == 409
    page = see(answer.text).text
    assert "It came out while you were writing. Your words are still below" in page
    assert headers or "Mine." in page
    assert desk.digest.intro == ""


# --------------------------------------------------------------------------------- approving, scheduling, publishing


async def test_approving_and_taking_it_back(desk: Desk) -> None:
    answer = await desk.press("approve")
    assert answer.headers["location"] == f"{desk.path}?done=digest-approve#standing"
    assert (desk.digest.status, desk.digest.approved_by) == (DigestStatus.APPROVED, desk.me)
    assert "by you. Any change makes it a draft again." in (await desk.see()).text
    await desk.press("withdraw")
    assert desk.digest.status is DigestStatus.DRAFT
    await desk.press("approve")
    await desk.press(intro="Changed.")
    assert desk.digest.status is DigestStatus.DRAFT


async def test_scheduling_is_on_londons_clocks(desk: Desk, clock: StandingClock) -> None:
    page = await desk.see()
    due = desk.app.calendar.local(desk.app.calendar.publish_at(FRIDAY))
    assert page.all("input", id="at")[0]["value"] == f"{due:%Y-%m-%dT%H:%M}"
    await desk.press("schedule", at="2027-06-04T09:30")
    assert desk.digest.publish_at == datetime.fromisoformat("2027-06-04T08:30:00+00:00"), "summer time"
    assert "Draft, last changed by you. It comes out on 4 June 2027, 09:30." in (await desk.see()).text
    assert "Clocks in London." in (await desk.see()).text
    await desk.press("unschedule")
    assert desk.digest.publish_at is None
    for given, said in (("2020-01-01T09:00", "That time is over already."), ("soon", "That is not a day and a time.")):
        page = see((await desk.press("schedule", at=given)).text)
        assert said in page.text
        assert "#at" in page.links()
        assert page.all("input", id="at")[0]["value"] == given
    assert desk.digest.publish_at is None


async def test_what_did_not_come_out_is_said(desk: Desk, clock: StandingClock) -> None:
    desk.app.editor.schedule(desk.slug)
    clock.now = WEDNESDAY + timedelta(days=6)
    for path in ("/desk/digest", desk.path):
        assert "It did not come out. Its time passed more than a day ago" in (await desk.see(path)).text


async def test_publishing_asks_once_and_says_what_it_does(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        subscribers.add_confirmed(tx, ["ann@example.org", "jo@example.org"], at=WEDNESDAY)
    answer = await desk.press("publish", intro="Typed last.")
    assert answer.headers["location"] == f"{desk.path}/publish"
    assert desk.digest.status is DigestStatus.DRAFT
    page = await desk.see(answer.headers["location"])
    assert "Publish Five for Friday (20/11/2026) now?" in page.text
    assert "The digest has 3 picks; readers know it for 5." in page.text
    assert "Send it by mail to 2 readers" in page.text
    assert "checked" in page.all("input", id="mail")[0]
    sent = {"csrf": desk.token, "revision": page.all("input", name="revision")[0]["value"], "mail": "yes"}
    done = await desk.client.post(f"{desk.path}/publish", data=sent)
    assert done.headers["location"] == f"{desk.path}?done=digest-publish"
    assert (desk.digest.status, desk.digest.number, desk.digest.intro) == (DigestStatus.PUBLISHED, 1, "Typed last.")
    page = await desk.see()
    assert "as number 1" in page.text
    assert "is published" in (await desk.see(f"{desk.path}/publish")).text
    again = await desk.client.post(f"{desk.path}/publish", data=sent)
    assert again.status_code == 409
    assert "already published" in see(again.text).text or "changed by somebody else" in see(again.text).text


async def test_what_changed_after_the_question_is_asked_again(desk: Desk) -> None:
    old = {"csrf": desk.token, "revision": str(desk.digest.revision)}
    await desk.press(intro="Newer.")
    answer = await desk.client.post(f"{desk.path}/publish", data=old)
    assert answer.status_code == 409
    assert "was changed by somebody else in the meantime. Look at it once more" in see(answer.text).text
    assert desk.digest.status is DigestStatus.DRAFT


async def test_an_empty_digest_is_not_published(app: App, client: httpx.AsyncClient) -> None:
    desk = Desk(app, client, picks=0)
    for do in ("approve", "schedule"):
        page = see((await desk.press(do, at="2026-11-20T12:00")).text).text
        assert "an empty digest is not published" in page
    sent = {"csrf": desk.token, "revision": str(desk.digest.revision)}
    answer = await client.post(f"{desk.path}/publish", data=sent)
    assert "an empty digest is not published" in see(answer.text).text
    assert desk.digest.status is DigestStatus.DRAFT


async def test_throwing_a_draft_away(desk: Desk) -> None:
    answer = await desk.press("discard")
    assert answer.headers["location"] == "/desk/digest?done=digest-discard"
    with pytest.raises(NotFound):
        desk.app.editor.digest(desk.slug)
    assert len(desk.app.desk.week()) == 5, "the bookmarks stay"


# ---------------------------------------------------------------------------------------------------- a test mail


@pytest.fixture
def relay() -> Iterator[SampleRelay]:
    with SampleRelay() as sample:
        yield sample


@pytest.fixture
async def sending(tmp_path: Path, clock: StandingClock, relay: SampleRelay) -> AsyncIterator[Desk]:
    """An editor of a house with a relay, and with a reader."""
    settings = replace(relay.settings, data=tmp_path, feeds=tmp_path / "feeds.opml", base_url=BASE_URL)
    async with open_app(settings, clock=clock) as opened:
        with opened.db.write() as tx:
            add_readers(tx, 1)
        transport = httpx.ASGITransport(app=build_app(opened), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            yield Desk(opened, client)


async def test_a_test_goes_to_who_asks_and_to_nobody_else(sending: Desk, relay: SampleRelay) -> None:
    page = await sending.see()
    assert "A test goes by mail to editor@example.org alone" in page.text
    answer = await sending.press("test", intro="Typed a moment ago.", to="bob@example.org", address="bob@example.org")
    assert answer.headers["location"] == f"{sending.path}?done=digest-test#standing"
    assert (
        "The test is sent to you. Readers got nothing." in (await sending.see(f"{sending.path}?done=digest-test")).text
    )
    (taken,) = relay.taken
    mail = message_from_bytes(taken.mail, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    plain = mail.get_body(("plain",))
    assert taken.recipient == mail["To"] == "editor@example.org"
    assert mail["Subject"] == "[Test] Five for Friday (20/11/2026)"
    assert plain is not None
    assert "Typed a moment ago." in plain.get_content(), "what was typed is saved first"
    assert sending.digest.status is DigestStatus.DRAFT
    assert sending.app.outbox.overview().digests == ()


async def test_a_test_changes_no_approval(sending: Desk, relay: SampleRelay) -> None:
    await sending.press("approve")
    answer = await sending.script("test")
    assert heard(answer)[0] == "The test is sent to you. Readers got nothing"
    assert "The test is sent to you. Readers got nothing." in see(answer.text).text, "it is seen as well"
    assert "The test is sent" not in see((await sending.script("save")).text).text
    assert len(relay.taken) == 1
    assert sending.digest.status is DigestStatus.APPROVED


async def test_a_relay_that_takes_no_test_is_told_where_it_was_asked(sending: Desk, relay: SampleRelay) -> None:
    relay.faults[0, "RCPT"] = Fault(says=b"550 No such mailbox\r\n")
    refused = see((await sending.press("test", intro="Kept.")).text)
    relay.greetings.append(Fault(drops=True))
    dropped = see((await sending.press("test")).text)
    assert "550 No such mailbox" in refused.text
    assert f"127.0.0.1:{relay.port} cannot be used" in dropped.text
    for page in (refused, dropped):
        assert "Try again, or tell a maintainer." in page.text
        assert "Everything else is saved." in page.text
        assert "five doctor" not in page.text
    assert relay.taken == []
    assert sending.digest.intro == "Kept."


async def test_without_a_relay_a_test_is_a_file(desk: Desk) -> None:
    answer = await desk.press("test")
    assert answer.headers["location"] == f"{desk.path}?done=digest-test-file#standing"
    assert "a file in the folder for mail" in (await desk.see(f"{desk.path}?done=digest-test-file")).text
    assert len(list((desk.app.settings.data / "mail").glob("*.eml"))) == 1


@pytest.fixture
async def strict(tmp_path: Path, clock: StandingClock) -> AsyncIterator[App]:
    """A house where a second person approves."""
    settings = Settings(data=tmp_path, feeds=tmp_path / "feeds.opml", base_url=BASE_URL, second_approver=True)
    async with open_app(settings, clock=clock) as opened:
        yield opened


async def test_a_second_person_approves(strict: App) -> None:
    transport = httpx.ASGITransport(app=build_app(strict), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        desk = Desk(strict, client)
        page = see((await desk.press("approve")).text).text
        assert "was last changed by you. Somebody else has to approve it." in page
        assert "Somebody who did not write last has to approve it." in page
        strict.editor.approve(desk.slug, by=desk.bob)
        assert "Approved 18 November 2026, 10:00 by bob@example.org." in (await desk.see()).text


# ------------------------------------------------------------------------------------------------ the preview


@pytest.mark.parametrize(
    ("name", "form"), [("email", "email-html"), ("page", "page"), ("", "email-html"), ("x", "email-html")]
)
async def test_the_preview_is_exactly_what_goes_out(desk: Desk, name: str, form: str) -> None:
    answer = await desk.client.get(f"{desk.path}/preview?as={name}")
    assert answer.text.replace('<base target="_blank">', "", 1) == desk.app.editor.rendering(desk.slug, form)
    policy = answer.headers["content-security-policy"]
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script" not in policy.replace("sandbox", "")
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["cache-control"] == "no-store"
    (frame,) = (await desk.see()).all("iframe")
    assert frame["sandbox"] == "allow-popups allow-popups-to-escape-sandbox", "no scripts, no origin"


@pytest.mark.parametrize(("name", "form"), [("text", "email-text"), ("markdown", "markdown")])
async def test_text_is_shown_as_text(desk: Desk, name: str, form: str) -> None:
    await desk.press(title="A <script>alert(1)</script> title")
    answer = await desk.client.get(f"{desk.path}/preview?as={name}&scheme=dark")
    assert "<script" not in answer.text
    shown = re.search(r"<pre>(.*)</pre>", answer.text, re.DOTALL)
    assert shown
    assert see(shown[0]).text.split() == desk.app.editor.rendering(desk.slug, form).split()


@pytest.mark.parametrize("name", ["email", "page"])
async def test_light_and_dark_are_settled_in_styles_and_nowhere_else(desk: Desk, name: str) -> None:
    words = "On (prefers-color-scheme: dark) and color-scheme: light dark."
    await desk.press(intro=words)
    for scheme, settled in (("dark", "(min-width: 0)"), ("light", "(max-width: 0)")):
        page = (await desk.client.get(f"{desk.path}/preview?as={name}&scheme={scheme}")).text
        styles = "".join(re.findall(r"<style.*?</style>", page, re.DOTALL))
        assert f"@media {settled}" in styles
        assert "prefers-color-scheme" not in styles
        assert f'<meta name="color-scheme" content="{scheme}">' in page
        assert words in page


async def test_a_published_digest_shows_what_was_frozen(desk: Desk) -> None:
    desk.app.editor.publish(desk.slug)
    shown = await desk.client.get(f"{desk.path}/preview?as=page")
    assert "No. 1" in see(shown.text).text


async def test_copying_needs_no_scripts(desk: Desk) -> None:
    await desk.press(intro="Mud & *more*.")
    page = await desk.client.get(f"{desk.path}/copy")
    assert "<em>more</em>" in page.text
    (shown,) = re.findall(r'<textarea id="markdown".*?</textarea>', page.text, re.DOTALL)
    assert " ".join(desk.app.editor.rendering(desk.slug, "markdown").split()) in see(shown).text
    assert "onclick" not in page.text


# ------------------------------------------------------------------------------------------------ put right


async def test_putting_a_published_digest_right(desk: Desk) -> None:
    desk.app.editor.publish(desk.slug)
    one = desk.ids[0]
    fixed = {f"title_{one}": "Piece 1, spelt right"}
    without = await desk.press("correct", **fixed)
    assert without.status_code == 400
    page = see(without.text)
    assert "Say what was wrong: readers see this note" in page.text
    assert page.all("input", id=f"title-{one}")[0]["value"] == "Piece 1, spelt right"
    nothing = await desk.press("correct", note="Nothing.")
    assert "Nothing is different from what is published." in see(nothing.text).text
    done = await desk.press("correct", note="We misspelt a title.", **fixed)
    assert done.headers["location"] == f"{desk.path}?done=digest-correct"
    (made,) = desk.digest.corrections
    assert (made.note, made.by) == ("We misspelt a title.", desk.me)
    public = see((await desk.client.get(f"/digests/{desk.slug}")).text).text
    assert "Piece 1, spelt right" in public
    assert "We misspelt a title." in public
    page = await desk.see()
    assert "Put right 18 November 2026, 10:00 by you: We misspelt a title." in page.text
    assert not page.all("form", **{"data-autosave": ""})
    stale = desk.sent("correct", note="Late.", intro="Late.") | {"revision": "1"}
    assert (await desk.client.post(desk.path, data=stale)).status_code == 409


# ------------------------------------------------------------------------------------------- the rest of the door


async def test_addresses_that_name_nothing_are_pages(desk: Desk) -> None:
    for slug in ("2031-01-03", "x", "%3Cscript%3E", "1" * 30):
        for more in ("", "/preview", "/copy", "/publish"):
            answer = await desk.client.get(f"/desk/digests/{slug}{more}")
            assert answer.status_code == 404
            assert "There is no such digest." in see(answer.text).text


async def test_a_form_of_a_megabyte_is_refused_by_a_page(desk: Desk) -> None:
    answer = await desk.press(title="w" * 2_000_000)
    assert answer.status_code == 413
    assert "Traceback" not in answer.text
    texts = ("intro", "outro", *(f"commentary_{pick.bookmark_id}" for pick in desk.digest.picks))
    long = await desk.press(**dict.fromkeys(texts, "w" * 18_000))
    assert long.status_code == 303
    held = (desk.digest.intro, desk.digest.outro, *(pick.commentary for pick in desk.digest.picks))
    assert held == ("w" * 18_000,) * 5


async def test_markup_everywhere_is_words(desk: Desk) -> None:
    bad = '"><script>alert(1)</script>'
    names = ("title", "commentary", "quote", "author", "organisation", "employer", "via_name")
    await desk.press(title=bad, intro=bad, outro=bad, **{f"{name}_{desk.ids[0]}": bad for name in names})
    for path in (desk.path, "/desk/digest", f"{desk.path}/publish", f"{desk.path}/copy", f"{desk.path}?q={bad}"):
        page = (await desk.client.get(path)).text
        assert "<script>alert" not in page
        assert "alert(1)" in page


async def test_a_long_list_stays_under_a_hundred_kilobytes(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        ids = [add_bookmark(tx, title=f"A talk {n}", note="Word " * 40) for n in range(40)]
    page = await desk.client.get(desk.path)
    assert len(page.content) < 100_000
    desk.slug = desk.app.editor.draft(format=DigestFormat.THEMED, title="12 talks", bookmark_ids=ids[:12]).slug
    assert len((await desk.client.get(desk.path)).content) < 100_000


async def test_picking_from_the_shortlist_by_one_key(app: App, client: httpx.AsyncClient) -> None:
    desk = Desk(app, client, picks=1)
    page = await client.get("/desk/shortlist")
    assert page.text.count('data-key="p"') == 5
    one, two, *_ = desk.ids

    async def pick(bookmark: int, headers: dict[str, str]) -> httpx.Response:
        return await client.post(f"/desk/shortlist/{bookmark}/pick", data={"csrf": desk.token}, headers=headers)

    answer = await pick(two, SCRIPT)
    assert heard(answer) == ("Picked: Piece 2. 2 of 5", f"bookmark-{two}")
    assert "Take out of the digest" in answer.text
    assert "Write the digest: 2 of 5" in answer.text
    assert [one.bookmark_id for one in desk.digest.picks] == [one, two]
    assert (await pick(two, {})).headers["location"] == f"/desk/shortlist?done=digest-unpicked#bookmark-{two}"
    assert [one.bookmark_id for one in desk.digest.picks] == [one]
    desk.app.editor.publish(desk.slug)
    assert 'data-key="p"' not in (await client.get("/desk/shortlist")).text
    enter(app, client, Role.CURATOR)
    assert 'data-key="p"' not in (await client.get("/desk/shortlist")).text

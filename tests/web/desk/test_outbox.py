"""The outbox page: how far each digest has come, and what an editor decides."""

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from aggregator.app import App, open_app
from aggregator.model import DeliveryStatus, Role
from aggregator.store import deliveries
from aggregator.web import charts
from aggregator.web.server import build_app
from tests.conftest import StandingClock
from tests.deliver.posting import add_readers
from tests.rows import WEDNESDAY
from tests.store.plans import plan_of_first_query
from tests.web.doors import enter
from tests.web.press import BASE_URL, Seen, publish, see
from tests.web.readership import LAST, fill_register, post_all, send, states

SLUG = LAST.isoformat()
HERE = f"/desk/outbox/digests/{SLUG}"
BAD = '"><img src=x onerror=alert(1)>'


class Desk:
    """An editor at the outbox."""

    def __init__(self, app: App, client: httpx.AsyncClient) -> None:
        self.app = app
        self.client = client
        self.token = enter(app, client, Role.EDITOR).session.csrf_token

    async def read(self, path: str = "/desk/outbox", *, status: int = 200) -> Seen:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        return see(answer.text)

    async def send(self, path: str = HERE, **sent: str | list[str]) -> httpx.Response:
        return await self.client.post(path, data={"csrf": self.token, **sent})

    async def follow(self, answer: httpx.Response) -> str:
        assert answer.status_code == 303, answer.text
        return see((await self.client.get(answer.headers["location"])).text).text


@pytest.fixture
def desk(app: App, client: httpx.AsyncClient) -> Desk:
    return Desk(app, client)


# --------------------------------------------------------------------------------------------------- looking


async def test_an_empty_outbox_says_when_it_fills(desk: Desk) -> None:
    page = await desk.read()
    assert "Nothing was ever sent" in page.text
    assert "Nothing waits to be sent." in page.text


async def test_each_digest_says_how_far_it_has_come(desk: Desk) -> None:
    fill_register(desk.app)
    page = await desk.read()
    assert "24 mails wait to be sent." in page.text
    assert "30 of 60 sent, 2 uncertain, 3 failed, 1 skipped, 24 waiting. 2 came back. 1 complaint." in page.text
    assert "60 of 60 sent. " in page.text
    assert "Of 2 nobody can tell whether they were sent." in page.text
    assert [bar["aria-label"] for bar in page.all("svg")] == ["30 of 60 sent", "60 of 60 sent"]
    assert [link for link in page.links() if "/digests/" in link] == [
        HERE,
        f"{HERE}?state=uncertain",
        "/desk/outbox/digests/2026-10-23",
    ]


async def test_the_few_go_first_and_the_rest_says_when(desk: Desk, clock: StandingClock) -> None:
    with desk.app.db.write() as tx:
        add_readers(tx, 30)
    digest = publish(desk.app)
    desk.app.outbox.flush()
    page = await desk.read()
    assert "5 of 30 sent, 25 waiting." in page.text
    assert "The first 5 go first; the rest follows at 10:05, in 5 minutes." in page.text
    clock.now += timedelta(minutes=5)
    assert "go first" not in (await desk.read()).text
    desk.app.outbox.flush()
    page = await desk.read()
    assert "30 of 30 sent." in page.text
    assert not page.all("div", **{"hx-trigger": "every 10s"}), "when all are sent, nothing is asked for any more"
    assert (await desk.read(f"/desk/outbox/digests/{digest.slug}")).all("svg")


async def test_while_it_sends_only_the_numbers_are_asked_for(desk: Desk) -> None:
    fill_register(desk.app)
    for path, count in (("/desk/outbox", 2), (HERE, 1)):
        (asks,) = (await desk.read(path)).all("div", **{"hx-trigger": "every 10s"})
        answer = await desk.client.get(asks["hx-get"])
        assert answer.status_code == 200
        swapped = see(answer.text).all("div", **{"hx-swap-oob": "true"})
        assert len(swapped) == count
        assert "<form" not in answer.text, "no control is ever replaced"
        shown = {one.get("id") for one in (await desk.read(path)).all("div")}
        assert {one["id"] for one in swapped} <= shown
    desk.app.outbox.stop(SLUG)
    assert (await desk.client.get("/desk/outbox/progress")).status_code == 286, "htmx stops asking"
    assert (await desk.client.get("/desk/outbox/progress?digest=nonsense")).status_code == 404


@pytest.mark.parametrize(
    ("relay", "said"), [("", ""), ("relay.example.org", "It takes about 3 minutes at 30 a minute.")]
)
async def test_how_long_the_rest_takes_is_said_where_there_is_a_relay(app: App, relay: str, said: str) -> None:
    with app.db.write() as tx:
        send(tx, add_readers(tx, 70), {"queued": 70})
    settings = replace(app.settings, smtp_host=relay, mails_per_minute=30)
    transport = httpx.ASGITransport(app=build_app(replace(app, settings=settings)))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        page = await Desk(app, client).read()
    assert said in page.text
    assert ("It takes" in page.text) == bool(said)


async def test_readers_are_listed_by_state_and_paged(desk: Desk) -> None:
    readers = fill_register(desk.app)
    page = await desk.read(HERE)
    assert "All 60 Sent 30 Uncertain 2 Failed 3 Skipped 1 Waiting 24" in page.text
    assert [one["value"] for one in page.all("input", name="reader")] == [str(readers[0]), str(readers[1])]
    assert "451 4.3.2" in page.text
    assert "24 waiting. 2 came back. 1 complaint." in page.text
    everybody = await desk.read(f"{HERE}?state=all")
    assert len([row for row in everybody.all("tr") if "data-item" in row]) == 50
    (onward,) = [link for link in everybody.links() if "after=" in link]
    rest = await desk.read(onward.partition("#")[0])
    assert len([row for row in rest.all("tr") if "data-item" in row]) == 10
    assert "That is all of them." in rest.text
    sent = await desk.read(f"{HERE}?state=sent")
    assert sent.all("input", name="reader") == [], "what is settled is settled"
    assert "There are no more." in (await desk.read(f"{HERE}?state=failed&after=999")).text
    for odd in ("?state=nonsense", "?after=nonsense", f"?state=all&after={10**40}"):
        await desk.read(HERE + odd)
    desk.app.subscribers.erase("reader2@example.org")
    assert f"erased reader {readers[1]}" in (await desk.read(HERE)).text


async def test_a_digest_that_was_not_sent_is_no_page(desk: Desk) -> None:
    for slug in ("nonsense", "2026-10-30"):
        gone = await desk.read(f"/desk/outbox/digests/{slug}", status=404)
        assert "That digest was not sent to anybody." in gone.text
        assert (await desk.send(f"/desk/outbox/digests/{slug}", do="stop")).status_code == 404


async def test_words_of_a_relay_and_titles_are_text(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        send(tx, add_readers(tx, 1), {"uncertain": 1}, error=BAD)
        deliveries.hold(tx, BAD, now=WEDNESDAY)
    for path in ("/desk/outbox", HERE):
        page = await desk.read(path)
        assert page.all("img", src="x") == []
        assert BAD in page.text


# ------------------------------------------------------------------------------------------------- deciding


async def test_sending_is_paused_and_goes_on(desk: Desk) -> None:
    fill_register(desk.app)
    page = await desk.follow(await desk.send("/desk/outbox", do="pause"))
    assert "Nothing has been sent since just now; 24 mails wait." in page
    assert desk.app.outbox.overview().state.paused_at
    assert "Paused. Nothing is sent" in (await desk.read(HERE)).text
    assert "Nothing is sent to readers. The outbox is paused." in (await desk.read("/desk")).text
    assert "Sending goes on" in await desk.follow(await desk.send("/desk/outbox", do="resume"))
    assert desk.app.outbox.overview().state.paused_at is None
    answer = await desk.send("/desk/outbox", do="dance")
    assert answer.status_code == 400
    assert "can be done here" in answer.text


async def test_a_hold_says_why_and_is_lifted_by_a_person(desk: Desk) -> None:
    why = "This database was copied or moved: what is queued may have been sent from elsewhere."
    with desk.app.db.write() as tx:
        deliveries.hold(tx, why, now=WEDNESDAY)
    page = await desk.read()
    assert f"Nothing is sent: the outbox is on hold {why}" in page.text
    assert "five outbox" not in page.text
    assert "The outbox is on hold, and says why." in (await desk.read("/desk")).text
    enter(desk.app, desk.client, Role.CURATOR)
    assert "outbox" not in (await desk.read("/desk")).text.lower(), "it is not theirs to look after"
    desk.token = enter(desk.app, desk.client, Role.EDITOR).session.csrf_token
    await desk.follow(await desk.send("/desk/outbox", do="resume"))
    assert desk.app.outbox.overview().state.held is None


@pytest.mark.parametrize(
    ("do", "after"),
    [
        ("again", {"queued": 26, "failed": 3, "sent": 30, "skipped": 1}),
        ("sent", {"queued": 24, "failed": 3, "sent": 32, "skipped": 1}),
        ("failed", {"queued": 24, "failed": 5, "sent": 30, "skipped": 1}),
    ],
)
async def test_all_that_nobody_can_tell_is_decided_at_once(desk: Desk, do: str, after: dict[str, int]) -> None:
    fill_register(desk.app)
    await desk.follow(await desk.send(do=do, which="all", reader=["1"]))
    assert states(desk.app, SLUG) == after
    again = await desk.send(do=do, which="all")
    assert again.status_code == 409
    assert "Nothing was changed" in again.text


async def test_single_readers_are_decided_and_what_failed_can_go_again(desk: Desk) -> None:
    readers = fill_register(desk.app)
    unsure, failed = str(readers[0]), str(readers[3])
    await desk.follow(await desk.send(do="again", reader=[unsure, failed]))
    assert states(desk.app, SLUG) == {"uncertain": 1, "failed": 2, "sent": 30, "queued": 26, "skipped": 1}
    for given in ([], ["nonsense"], [BAD]):
        answer = await desk.send(do="again", reader=given, state="failed")
        assert answer.status_code == 400
        assert "Choose at least one reader" in answer.text
        assert see(answer.text).all("img", src="x") == []
        assert len(see(answer.text).all("input", name="reader")) == 2, "the list is the one that was open"
    sent = str(readers[10])
    assert (await desk.send(do="again", reader=[sent])).status_code == 409, "nobody gets twice what was sent"
    assert states(desk.app, SLUG)["sent"] == 30


async def test_a_digest_is_stopped_for_good(desk: Desk) -> None:
    fill_register(desk.app)
    page = await desk.read(HERE)
    assert "24 readers will never get it by mail." in page.text
    assert "Nobody more gets that digest" in await desk.follow(await desk.send(do="stop"))
    assert states(desk.app, SLUG) == {"uncertain": 2, "failed": 3, "sent": 30, "skipped": 25}
    assert "Send it to nobody more" not in (await desk.read(HERE)).text
    assert (await desk.send(do="dance")).status_code == 409


# ------------------------------------------------------------------------------------- other publications


async def test_other_publications_are_shown_and_decided(desk: Desk, clock: StandingClock) -> None:
    post_all(desk.app)
    page = await desk.read()
    for said in ("WordPress Posted an hour ago", "Folder Waiting", "Git Failed", "It answers with 555", "2 tries"):
        assert said in page.text, said
    assert "https://blog.example.org/five-for-friday-90" in page.links()
    slug = "2026-10-09"
    there = {"digest": slug, "place": "webhook"}
    assert "Settled as sent" in await desk.follow(await desk.send("/desk/outbox/posts", **there, do="sent"))
    assert (await desk.send("/desk/outbox/posts", **there, do="dance")).status_code == 409
    waiting = {"digest": slug, "place": "folder"}
    assert "It is not posted there" in await desk.follow(await desk.send("/desk/outbox/posts", **waiting, do="stop"))
    again = await desk.send("/desk/outbox/posts", **waiting, do="stop")
    assert again.status_code == 409
    assert "Nothing was changed" in again.text
    for given in ({"digest": "nonsense", "place": "git"}, {"digest": slug, "place": BAD}, {}):
        answer = await desk.send("/desk/outbox/posts", **given, do="again")
        assert answer.status_code == 404
        assert see(answer.text).all("img", src="x") == []
    found = {one.place: one.status for one in desk.app.posts.posts(slug)}
    assert found == {"wordpress": "sent", "folder": "skipped", "git": "failed", "webhook": "sent"}


async def test_a_post_is_made_again_where_it_is_set_up(app: App, clock: StandingClock) -> None:
    post_all(app)
    settings = replace(app.settings, markdown_folder=str(app.settings.data / "posts"))
    async with open_app(settings, clock=clock) as posting:
        transport = httpx.ASGITransport(app=build_app(posting))
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            desk = Desk(posting, client)
            asked = {"digest": "2026-10-09", "place": "folder"}
            await desk.follow(await desk.send("/desk/outbox/posts", **asked, do="failed"))
            assert (await desk.read()).text.count("Post again in Folder, Five for Friday (9/10/2026)") == 1
            assert "within a minute" in await desk.follow(await desk.send("/desk/outbox/posts", **asked, do="again"))
    assert {one.place: one.status for one in app.posts.posts()}["folder"] == "queued"


async def test_the_outbox_is_the_business_of_editors(app: App, client: httpx.AsyncClient) -> None:
    enter(app, client, Role.CURATOR)
    for path in ("/desk/outbox", "/desk/outbox/progress", HERE):
        assert (await client.get(path)).status_code == 403


# --------------------------------------------------------------------------------------------------- pictures


@pytest.mark.parametrize(
    ("numbers", "widths"),
    [
        ([1, 1, 2], [25, 25, 50]),
        ([0, 0], [0, 0]),
        ([1, 100_000], [1, 99]),
        ([0, 3, 0], [0, 100, 0]),
        ([1, 1, 1], [34, 33, 33]),
    ],
)
def test_a_bar_is_parted_by_shares_and_traces_show(numbers: list[int], widths: list[int]) -> None:
    parts = charts.shares(numbers, 100)
    assert [part.width for part in parts] == widths
    assert [part.x for part in parts] == [sum(widths[:n]) for n in range(len(widths))]


async def test_the_bar_is_as_long_as_its_numbers(desk: Desk) -> None:
    fill_register(desk.app)
    page = (await desk.client.get(HERE)).text
    drawn = dict(re.findall(r'<rect class="(\w+)" x="\d+" width="(\d+)"', page))
    assert {name: round(int(width) * 60 / 1000) for name, width in drawn.items()} == states(desk.app, SLUG)


@pytest.mark.parametrize("status", DeliveryStatus)
async def test_a_page_of_one_state_is_found_by_an_index(app: App, status: DeliveryStatus) -> None:
    plan = plan_of_first_query(app.db, lambda tx: deliveries.page(tx, 1, status=status, after=0, limit=51))
    steps = " ".join(plan)
    if status in (DeliveryStatus.SENT, DeliveryStatus.QUEUED):
        assert "SEARCH deliveries USING INDEX sqlite_autoindex_deliveries_1 (digest_id=? AND subscriber_id>?)" in steps
        assert "TEMP B-TREE" not in steps
    else:
        assert "ix_deliveries_digest_id_status_next_try_at (digest_id=? AND status=?)" in steps


async def test_numbers_are_counted_in_an_index_alone(app: App) -> None:
    for asked in ({"limit": 20}, {"slug": SLUG}):
        plan = plan_of_first_query(app.db, lambda tx, asked=asked: deliveries.counts(tx, **asked))  # type: ignore[misc]
        assert any("USING COVERING INDEX ix_deliveries_digest_id_status" in step for step in plan), plan

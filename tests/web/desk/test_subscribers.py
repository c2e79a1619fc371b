"""The register of subscribers, for editors: looking, adding, importing, exporting, erasing."""

import csv
import io
import os
import stat
from datetime import timedelta

import httpx
import pytest

from aggregator.app import App, open_app
from aggregator.deliver.register import KEPT_FOR, LARGEST_LIST
from aggregator.errors import NotFound
from aggregator.model import ConsentAction, DeliveryStatus, Role, SubscriberStatus
from aggregator.store import subscribers as store
from aggregator.web.server import build_app
from tests.conftest import StandingClock
from tests.deliver.posting import add_readers
from tests.store.plans import plan_of_first_query
from tests.web.doors import enter
from tests.web.press import BASE_URL, Seen, see
from tests.web.readership import LAST, fill_register, states

BAD = '"><img src=x onerror=alert(1)>'
BASIS = "asked on paper at the conference of 3 March 2026"


class Desk:
    """An editor at the register."""

    def __init__(self, app: App, client: httpx.AsyncClient) -> None:
        self.app = app
        self.client = client
        self.token = enter(app, client, Role.EDITOR).session.csrf_token

    async def read(self, path: str = "", *, status: int = 200) -> Seen:
        answer = await self.client.get(f"/desk/subscribers{path}")
        assert answer.status_code == status, answer.text
        return see(answer.text)

    async def send(self, path: str = "", *, files: object = None, **sent: str) -> httpx.Response:
        return await self.client.post(f"/desk/subscribers{path}", data={"csrf": self.token, **sent}, files=files)  # type: ignore[arg-type]

    async def follow(self, answer: httpx.Response) -> str:
        assert answer.status_code == 303, answer.text
        return see((await self.client.get(answer.headers["location"])).text).text

    async def upload(self, content: bytes, name: str = "list.csv") -> httpx.Response:
        return await self.send("/import", files={"file": (name, content)})

    def found(self, address: str) -> SubscriberStatus | None:
        (one, *_) = (*self.app.register.found(address), None)
        return one.status if one else None


@pytest.fixture
def desk(app: App, client: httpx.AsyncClient) -> Desk:
    return Desk(app, client)


def shown(page: Seen) -> list[str]:
    return [one["href"].rpartition("/")[2] for one in page.all("a") if "data-focus" in one]


# --------------------------------------------------------------------------------------------------- looking


async def test_nobody_yet_says_what_to_do_next(desk: Desk) -> None:
    page = await desk.read()
    assert "Nobody gets the digest by mail yet." in page.text
    assert {"/subscribe", "/desk/subscribers/import"} <= set(page.links())
    assert "/desk/subscribers/export.csv" not in page.links()


async def test_they_are_counted_by_status_and_listed_the_newest_first(desk: Desk) -> None:
    fill_register(desk.app)
    page = await desk.read()
    assert "60 people get the digest by mail." in page.text
    assert "All 65 Pending 3 Active 60 Unsubscribed 0 Bounced 2" in page.text
    assert shown(page) == [str(number) for number in range(65, 15, -1)]
    (onward,) = [link for link in page.links() if "before=" in link]
    later = await desk.read(onward.removeprefix("/desk/subscribers"))
    assert shown(later) == [str(number) for number in range(15, 0, -1)]
    assert "That is all of them." in later.text
    assert shown(await desk.read("?status=bounced")) == ["65", "64"]
    assert "Nobody is unsubscribed." in (await desk.read("?status=unsubscribed")).text
    for odd in ("?status=nonsense", "?before=nonsense", f"?before={10**30}"):
        assert len(shown(await desk.read(odd))) == 50


@pytest.mark.parametrize(
    ("words", "found"),
    [("reader1", 10), ("READER12@", 1), (" reader 12@ ", 1), ("@EXAMPLE.org", 50), ("r%12", 0), ("nobody", 0)],
)
async def test_they_are_searched_and_no_address_stands_in_an_address(desk: Desk, words: str, found: int) -> None:
    fill_register(desk.app)
    answer = await desk.send(do="search", q=words)
    page = see(answer.text)
    assert answer.status_code == 200
    assert len(shown(page)) == found
    assert page.all("input", id="q")[0]["value"] == words.strip()
    assert [form for form in page.all("form") if form["method"] == "get"] == []
    assert not [link for link in page.links() if "@" in link and not link.startswith("mailto:")]
    assert ("type more of it" in page.text) == (found == 50)


async def test_a_search_walks_the_index_of_addresses(desk: Desk) -> None:
    for words in ("x", "%"):
        plan = plan_of_first_query(desk.app.db, lambda tx, words=words: store.found(tx, words, limit=51))  # type: ignore[misc]
        assert plan == ["SCAN subscribers USING INDEX sqlite_autoindex_subscribers_1"]
    by_status = plan_of_first_query(
        desk.app.db, lambda tx: store.newest(tx, status=SubscriberStatus.BOUNCED, before=None, limit=51)
    )
    assert by_status == ["SEARCH subscribers USING INDEX ix_subscribers_status_id (status=?)"]


async def test_one_person_is_shown_with_all_that_is_kept(desk: Desk) -> None:
    fill_register(desk.app)
    page = await desk.read("/1")
    for said in (
        "Active Gets the mail.",
        "Asked an hour ago",
        "by: link",
        "My address is used for nothing else",
        f"{LAST.isoformat()}: uncertain",
        "The mailbox takes nothing (5.1.1)",
        "A complaint",
    ):
        assert said in page.text, said
    taken = await desk.client.get("/desk/subscribers/1/data.json")
    assert taken.headers["content-disposition"] == 'attachment; filename="subscriber-1.json"'
    assert taken.headers["cache-control"] == "no-store"
    assert len(taken.json()["consents"]) == 2
    for path in ("/99", f"/{10**30}", "/99/data.json"):
        gone = await desk.read(path, status=404)
        assert "There is no such subscriber" in gone.text
        assert "five subscribers" not in gone.text


# --------------------------------------------------------------------------------------- adding and leaving


async def test_somebody_who_is_added_is_asked_by_mail_first(desk: Desk) -> None:
    assert "asked by mail" in await desk.follow(await desk.send(do="add", address=" Ann@Example.org "))
    assert desk.found("ann@example.org") is SubscriberStatus.PENDING
    assert desk.app.letterbox.send_due().sent == 1
    (asked,) = desk.app.register.about(1).consents
    assert (asked.action, asked.source) == (ConsentAction.ASKED, "desk")
    with desk.app.db.write() as tx:
        store.confirm(tx, 1, at=desk.app.clock())
    again = await desk.send(do="add", address="ann@example.org")
    assert again.status_code == 409
    assert "ann@example.org is a subscriber already" in again.text


@pytest.mark.parametrize("address", ["", "ann", BAD, "ann@example.org\nBcc: eve@example.org", "a" * 5000])
@pytest.mark.parametrize(("do", "field"), [("add", "address"), ("erase", "forget")])
async def test_what_is_no_address_is_said_in_place(desk: Desk, do: str, field: str, address: str) -> None:
    answer = await desk.send(do=do, **{field: address})
    page = see(answer.text)
    assert answer.status_code == 400
    assert page.text.count("Enter a mail address, such as name@example.org") == 2, "in the summary, and at the field"
    assert page.all("input", id=field)[0]["value"].split() == address[:200].split()
    assert page.all("img", src="x") == []
    assert not desk.app.register.newest()


async def test_somebody_who_wrote_to_us_is_unsubscribed_and_can_be_asked_again(desk: Desk) -> None:
    fill_register(desk.app)
    assert "They get no more mail" in await desk.follow(await desk.send("/60", do="leave"))
    assert desk.found("reader60@") is SubscriberStatus.UNSUBSCRIBED
    assert desk.app.register.about(60).consents[-1].source == "desk"
    assert states(desk.app, LAST.isoformat())["skipped"] == 1
    assert "asked by mail" in await desk.follow(await desk.send("/60", do="ask"))
    assert desk.found("reader60@") is SubscriberStatus.PENDING
    assert desk.app.register.about(60).consents[-1].source == "desk"
    desk.app.subscribers.complained("reader60@example.org")
    refused = await desk.send("/60", do="ask")
    assert refused.status_code == 409
    assert "complained about our mail" in refused.text
    assert (await desk.send("/60", do="dance")).status_code == 409


async def test_somebody_who_leaves_gets_nothing_that_still_waits(desk: Desk) -> None:
    fill_register(desk.app)
    with desk.app.db.read() as tx:
        (waiting, *_) = (
            one.subscriber_id
            for one in desk.app.dispatches.readers(LAST.isoformat(), status=DeliveryStatus.QUEUED, after=0, limit=1)
        )
        assert store.by_id(tx, waiting)
    await desk.send(f"/{waiting}", do="leave")
    assert states(desk.app, LAST.isoformat())["skipped"] == 2


async def test_erasing_leaves_a_hash_that_keeps_imports_out(desk: Desk) -> None:
    fill_register(desk.app)
    assert "Erased." in await desk.follow(await desk.send("/5", do="erase"))
    assert "Erased." in await desk.follow(await desk.send(do="erase", forget="reader6@example.org"))
    assert "Erased." in await desk.follow(await desk.send(do="erase", forget="stranger@example.org"))
    await desk.read("/5", status=404)
    sent = await desk.upload(b"reader5@example.org\nreader6@example.org\nstranger@example.org\n")
    page = see((await desk.client.get(sent.headers["location"])).text)
    assert "Left, and not brought back 3" in page.text
    assert "Nobody would be added." in page.text
    assert page.all("input", name="basis") == []


# ---------------------------------------------------------------------------------------------------- lists


async def test_a_list_is_looked_through_and_then_brought_in(desk: Desk) -> None:
    fill_register(desk.app)
    sent = await desk.upload(b"email,name\nnew@example.org,N\nnew@example.org,N\nreader5@example.org,R\nnobody,X\n")
    where = sent.headers["location"]
    page = see((await desk.client.get(where)).text)
    for said in ("1 person would become", "Would be added 1", "already 1", "Twice in the file 1", "No mail address 1"):
        assert said in page.text, said
    assert desk.found("new@") is None, "nothing is changed before somebody goes ahead"
    path = where.removeprefix("/desk/subscribers")
    for basis in ("", "  yes  ", "\x07" * 20):
        refused = await desk.send(path, do="go", basis=basis)
        assert refused.status_code == 400
        assert "Say when, where and how these people agreed" in refused.text
        assert "new@example.org" in refused.text
    assert "from the next digest on" in await desk.follow(await desk.send(path, do="go", basis=BASIS))
    assert desk.found("new@") is SubscriberStatus.ACTIVE
    (line,) = desk.app.register.about(66).consents
    assert (line.action, line.source) == (ConsentAction.IMPORTED, f"import: {BASIS}")
    again = await desk.send(path, do="go", basis=BASIS)
    assert again.status_code == 404
    assert "Choose the file once more" in again.text
    assert list((desk.app.settings.data / "readers").iterdir()) == []


async def test_a_list_that_waits_is_for_its_owner_alone_and_for_a_day(desk: Desk, clock: StandingClock) -> None:
    key = (await desk.upload(b"ann@example.org")).headers["location"].rpartition("/")[2]
    folder = desk.app.settings.data / "readers"
    (file,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    at = clock().timestamp()
    os.utime(file, (at, at))
    clock.now += KEPT_FOR
    desk.app.chores["Forgetting lists"](lambda: False)
    assert file.exists()
    clock.now += timedelta(seconds=1)
    desk.app.chores["Forgetting lists"](lambda: False)
    assert not file.exists()
    assert (await desk.read(f"/lists/{key}", status=404)).text.count("not here any more")
    kept = (await desk.upload(b"ann@example.org")).headers["location"].removeprefix("/desk/subscribers")
    assert "nobody was added" in await desk.follow(await desk.send(kept, do="drop"))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("key", ["nonsense", "..%2Fsecret", "0" * 32, "0" * 5000])
async def test_a_key_is_no_path(desk: Desk, key: str) -> None:
    await desk.read(f"/lists/{key}", status=404)
    for do in ("go", "drop"):
        answer = await desk.send(f"/lists/{key}", do=do, basis=BASIS)
        assert answer.status_code in (303, 404)
    assert (desk.app.settings.data / "five.sqlite").exists()


async def test_a_key_leads_to_no_other_file(app: App) -> None:
    other = app.settings.data / "other.csv"
    other.write_text("ann@example.org")
    app.register.keep(b"bob@example.org")
    for key in ("../other", str(other.with_suffix(""))):
        with pytest.raises(NotFound):
            app.register.preview(key)
        app.register.forget(key)
    assert other.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "There is nothing in that file."),
        (b"name\nAnn\n", "No column of that file holds mail addresses"),
        (b'"ann@example.org', "is not CSV"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "cannot be read"),
    ],
)
async def test_what_is_no_list_is_said_beside_the_field(desk: Desk, content: bytes, said: str) -> None:
    answer = await desk.upload(content, f"{BAD}.csv")
    assert answer.status_code == 422
    page = see(answer.text)
    assert said in page.text
    assert "file-error" in page.all("input", id="file")[0]["aria-describedby"]
    assert page.all("img", src="x") == []


async def test_no_file_and_too_large_ones_are_pages(desk: Desk) -> None:
    for files in (None, {"file": ("", b"")}):
        answer = await desk.send("/import", file="text", files=files)
        assert answer.status_code == 400
        assert "Choose a CSV file" in answer.text
    assert "send it in parts" in (await desk.upload(b"x" * (LARGEST_LIST + 1))).text
    assert (await desk.upload(b"x" * (LARGEST_LIST + 200_000))).status_code == 413
    assert not (desk.app.settings.data / "readers").exists()


async def test_a_list_that_cannot_be_kept_says_so(desk: Desk) -> None:
    (desk.app.settings.data / "readers").write_text("in the way")
    answer = await desk.upload(b"ann@example.org")
    assert answer.status_code == 409
    assert "The list cannot be kept" in answer.text


async def test_without_the_key_nobody_is_brought_in(desk: Desk, clock: StandingClock) -> None:
    desk.app.subscribers.erase("ann@example.org")
    where = (await desk.upload(b"bob@example.org")).headers["location"].removeprefix("/desk/subscribers")
    (desk.app.settings.data / "secret.key").unlink()
    async with open_app(desk.app.settings, clock=clock) as restored:
        transport = httpx.ASGITransport(app=build_app(restored))
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            later = Desk(restored, client)
            assert "Who left cannot be recognised" in (await later.read(where, status=409)).text
            assert (await later.send(where, do="go", basis=BASIS)).status_code == 409
    assert desk.found("bob@") is None


async def test_pages_stay_small_with_the_longest_lines(desk: Desk) -> None:
    with desk.app.db.write() as tx:
        add_readers(tx, 3)
    long = b"".join(b"%s@%s.example.org\n" % (b"a" * 60, b"b" * 60) for _ in range(2000)) + b"w" * 3000 + b"\n"
    where = (await desk.upload(b"email\n" + long + (b"v" * 5000 + b"\n") * 50)).headers["location"]
    assert len((await desk.client.get(where)).content) < 100_000


# ------------------------------------------------------------------------------------------------------- out


async def test_everybody_can_be_taken_away(desk: Desk) -> None:
    fill_register(desk.app)
    with desk.app.db.write() as tx:
        store.add_confirmed(tx, ["=cmd@example.org"], at=desk.app.clock())
    answer = await desk.client.get("/desk/subscribers/export.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="subscribers.csv"'
    assert answer.headers["cache-control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 66
    assert rows[-1]["email"] == "'=cmd@example.org"


@pytest.mark.parametrize("path", ["", "/export.csv", "/1", "/1/data.json", "/import"])
async def test_readers_are_the_business_of_editors(app: App, client: httpx.AsyncClient, path: str) -> None:
    enter(app, client, Role.CURATOR)
    assert (await client.get(f"/desk/subscribers{path}")).status_code == 403

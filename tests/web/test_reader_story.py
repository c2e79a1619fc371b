"""One reader's story: sign up on the page, find the mail, confirm, receive a digest, look, leave."""

import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import httpx
import pytest
from sqlalchemy import text

from aggregator.app import App
from aggregator.model import SubscriberStatus
from aggregator.store.schema_readers import metadata
from tests.conftest import StandingClock
from tests.rows import add_bookmark
from tests.web.press import BASE_URL

READER = "reader@example.org"


def mails(app: App) -> list[EmailMessage]:
    """What lies in the folder of mails, the oldest first."""
    files = sorted((app.settings.data / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    return [BytesParser(EmailMessage, policy=policy.default).parsebytes(file.read_bytes()) for file in files]


def addresses(mail: EmailMessage) -> set[str]:
    """Every address of ours in the mail, its header included."""
    parts = [str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"]
    said = " ".join([*parts, mail["List-Unsubscribe"] or ""])
    return {found.rstrip(".,") for found in re.findall(rf"{re.escape(BASE_URL)}[^\s\"'<>]*", said)}


def everything(app: App) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with app.db.read() as tx:
        return {name: [tuple(row) for row in tx.execute(text(f'SELECT * FROM "{name}"'))] for name in metadata.tables}


async def opened_by_a_scanner(client: httpx.AsyncClient, app: App, mail: EmailMessage) -> None:
    """What mail scanners do with every address; nothing of it may change anything."""
    before = everything(app)
    found = addresses(mail)
    assert found
    assert not [address for address in found if "reader" in address or "%40" in address], (
        "no address in an address line"
    )
    for address in sorted(found):
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = await client.request(method, address, headers={"purpose": "prefetch"}, follow_redirects=True)
            assert answer.status_code in (200, 404, 405), (method, address)
    assert everything(app) == before


@pytest.fixture
def publishable(app: App) -> None:
    """A draft with a pick."""
    with app.db.write() as tx:
        bookmark_id = add_bookmark(tx)
    app.editor.draft()
    app.editor.pick([bookmark_id])


@pytest.mark.usefixtures("publishable")
async def test_a_reader_comes_receives_and_leaves(client: httpx.AsyncClient, app: App, clock: StandingClock) -> None:
    assert (await client.post("/subscribe", data={"address": READER})).status_code == 200
    (asked,) = mails(app)
    assert (asked["To"], asked["Auto-Submitted"]) == (READER, "auto-generated")
    await opened_by_a_scanner(client, app, asked)
    assert app.subscribers.counts()[SubscriberStatus.PENDING] == 1

    (confirm,) = [address for address in addresses(asked) if "/confirm/" in address]
    assert (await client.post(confirm)).status_code == 200
    assert app.subscribers.counts()[SubscriberStatus.ACTIVE] == 1

    app.editor.publish()
    clock.advance(hours=1)
    assert app.outbox.flush().sent == 1
    digest = mails(app)[-1]
    assert (digest["To"], digest["Auto-Submitted"]) == (READER, None)
    await opened_by_a_scanner(client, app, digest)
    assert app.subscribers.counts()[SubscriberStatus.ACTIVE] == 1

    (manage,) = [address for address in addresses(digest) if "/manage/" in address]
    taken = await client.post(manage, data={"action": "take"})
    assert taken.json()["subscriber"]["address"] == READER
    assert [one["status"] for one in taken.json()["received"]] == ["sent"]

    (one_click,) = re.findall(r"<(https[^>]*)>", digest["List-Unsubscribe"])
    for _ in range(2):
        answer = await client.post(one_click, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.headers.get("set-cookie")) == (200, None)
    assert app.subscribers.counts()[SubscriberStatus.UNSUBSCRIBED] == 1

    await client.post(manage, data={"action": "forget"})
    assert app.subscribers.page() == ()
    assert (await client.post(one_click, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    assert app.db.problems() == []


async def test_the_answer_is_the_same_whoever_asks(client: httpx.AsyncClient, app: App, clock: StandingClock) -> None:
    app.subscribers.bring_in("known@example.org", basis="paper forms, March 2026")
    app.subscribers.complained("angry@example.org")
    answers = []
    for address in ("known@example.org", "stranger@example.org", "angry@example.org", *["flood@example.org"] * 5):
        answers.append(await client.post("/subscribe", data={"address": address}))
        clock.advance(seconds=1)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert sorted(str(mail["To"]) for mail in mails(app)) == [
        *["flood@example.org"] * 3,
        "known@example.org",
        "stranger@example.org",
    ]

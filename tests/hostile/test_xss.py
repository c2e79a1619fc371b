"""Nine hundred payloads through every output there is: nothing but words may come out.

What an output may hold is learnt from the same output of harmless words: its elements, attributes and styles. Whatever
a payload adds to that is a failure, active or not.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from io import BytesIO

import feedparser
import pytest
from playwright.sync_api import Browser, Dialog, Page, Route

from aggregator.deliver.message import Reader, mould
from aggregator.deliver.syndication import Published, atom, json_feed, of_digests, rss
from aggregator.digest import commentary
from aggregator.digest.render import content_of, render
from aggregator.model import Correction, Digest, DigestFormat, Form, Pick
from aggregator.sanitise import clean, line
from tests.builders import a_digest, a_pick, a_publication
from tests.hostile.pages import ALL, Met, holdings
from tests.hostile.xss import VECTORS
from tests.rows import WEDNESDAY
from tests.test_sanitise import wrong

BATCH = 50
BATCHES = [ALL[start : start + BATCH] for start in range(0, len(ALL), BATCH)]
BASE = "https://blog.example.org/2026/post/"
MARKDOWN = {
    "p",
    "br",
    "em",
    "strong",
    "ul",
    "ol",
    "ol start",
    "li",
    "blockquote",
    "code",
    "pre",
    "hr",
    "a",
    "a href",
    "a rel",
}

Record = Callable[[str, object], None]


def pick_of(number: int, words: str) -> Pick:
    """A pick that says `words` wherever it can."""
    return replace(
        a_pick((number - 1) % 5 + 1),
        bookmark_id=number,
        position=number,
        title=words,
        commentary=f"{words}\n\n[x]({words.replace(' ', '%20')})",
        author=words,
        organisation=words,
        employer=words,
        quote=words,
        via_name=words,
        via_url=words,
        embed_url=words,
        language=words,
        url=words,
    )


def digest_of(words: "tuple[str, ...]") -> Digest:
    picks = tuple(pick_of(number, each) for number, each in enumerate(words, start=1))
    return replace(a_digest(), title=words[0], intro=words[0], outro=words[-1], picks=picks)


def harmless() -> Digest:
    """The same shape, with every part that can be shown."""
    digest = digest_of(("Words",) * BATCH)
    whole = replace(
        digest.picks[0], url=BASE, via_url=BASE, embed_url="https://youtu.be/abcdefghijk", language="cy", commentary="x"
    )
    return replace(digest, picks=(whole, *(a_pick(number) for number in range(2, 6))))


def test_there_are_nine_hundred() -> None:
    assert len(set(ALL)) >= 900
    assert sum(bool(wrong(payload)) for payload in ALL) > 0.9 * len(ALL), "the inspector sees that they are active"


@pytest.mark.parametrize("number", range(len(BATCHES)))
def test_what_is_kept_of_an_entry(number: int, record_property: Record) -> None:
    for payload in BATCHES[number]:
        cleaned = clean(payload, BASE)
        assert not wrong(cleaned.html), payload
        assert clean(cleaned.html, BASE).html == cleaned.html, "a second pass finds nothing to do"
        assert line(payload).isprintable()
        record_property("hostile", "XSS payloads")


@pytest.mark.parametrize("number", range(len(BATCHES)))
def test_mail_and_page_and_feeds(number: int) -> None:
    publication = a_publication()
    allowed = {form: holdings(text) for form, text in render(harmless(), publication).items()}
    digest = digest_of(BATCHES[number])
    forms = render(digest, publication)
    for form in (Form.EMAIL_HTML, Form.PAGE):
        assert holdings(forms[form]) <= allowed[form] | MARKDOWN, form
    assert json.loads(forms[Form.JSON])["title"] == digest.title
    content = content_of(forms[Form.PAGE])
    assert holdings(content) <= allowed[Form.PAGE] | MARKDOWN
    assert not {found for found in holdings(content) if found.startswith("address ")}
    feed = of_digests([Published(digest=digest, html=content)], publication)
    for write in (atom, rss):
        read = feedparser.parse(BytesIO(write(feed).encode()), sanitize_html=False, resolve_relative_uris=False)
        assert read.bozo == 0
        [entry] = read.entries
        whole = entry.content[0].value if "content" in entry else entry.summary
        assert whole == content
    assert json.loads(json_feed(feed))["items"][0]["content_html"] == content


@pytest.mark.parametrize("number", range(0, len(BATCHES), 4))
@pytest.mark.parametrize("form", [DigestFormat.THEMED, DigestFormat.LINK])
def test_the_other_formats_and_corrections(form: DigestFormat, number: int) -> None:
    def made(digest: Digest, notes: "tuple[str, ...]") -> dict[Form, str]:
        corrections = tuple(Correction(at=WEDNESDAY, note=note) for note in notes)
        return render(replace(digest, format=form, corrections=corrections), a_publication())

    bad = made(digest_of(BATCHES[number]), BATCHES[number])
    good = [made(harmless(), ("Words",)), made(digest_of(("Words",)), ())]  # with links, and with titles that have none
    for kind in (Form.EMAIL_HTML, Form.PAGE):
        assert holdings(bad[kind]) <= MARKDOWN.union(*(holdings(one[kind]) for one in good)), kind


@pytest.mark.parametrize("number", range(len(BATCHES)))
def test_the_mail_that_arrives(number: int) -> None:
    """From its bytes, as a reader's program takes it apart: the HTML, and a subject on one line."""
    publication = a_publication()
    reader = Reader(address="reader@example.org", message_id="<five.1@five.example.org>", token="token-of-a-reader")
    sent = []
    for digest in (harmless(), digest_of(BATCHES[number])):
        forms = render(digest, publication)
        made = mould(title=digest.title, forms=forms, publication=publication, sender=publication.sender, now=WEDNESDAY)
        sent.append((digest.title, forms, BytesParser(EmailMessage, policy=policy.SMTP).parsebytes(made.fill(reader))))
    (_, _, good), (title, forms, mail) = sent
    assert mail.keys() == good.keys()
    assert str(mail["Subject"]).split() == commentary.one_line(title).replace("=?", "= ?").split()
    html = mail.get_body(("html",))
    assert html is not None
    assert holdings(html.get_content()) <= holdings(render(harmless(), publication)[Form.EMAIL_HTML]) | MARKDOWN


def test_none_is_active_in_a_browser(met: Met, browser: Browser, record_property: Record) -> None:
    """All that is kept of entries in one page; some digests as mail and page; every page there is, without its headers.

    The payloads themselves do fire.
    """
    fired: list[str] = []
    asked: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        fired.append(dialog.message)
        dialog.dismiss()

    def refuse(route: Route) -> None:
        asked.append(route.request.resource_type)
        route.abort()

    def opened() -> Page:
        page = browser.new_page()
        page.on("dialog", dismiss)
        page.route("**/*", refuse)
        return page

    page = opened()
    for payload in VECTORS:
        page.set_content(payload)
    assert len(fired) > 3, "the browser runs what is active"
    page.close()  # so that none of them fires late, while what is cleaned is looked at
    fired.clear()
    asked.clear()
    page = opened()
    page.set_content("".join(f"<div>{clean(payload, BASE).html}</div>" for payload in ALL))
    assert page.locator("div").count() >= len(ALL)
    for batch in BATCHES[::6]:
        forms = render(digest_of(batch), a_publication())
        for form in (Form.EMAIL_HTML, Form.PAGE):
            page.set_content(forms[form])
            record_property("hostile", "documents of payloads in a browser")
    for _, answer in met.pages.values():
        if answer.headers.get("content-type", "").startswith("text/html"):
            page.set_content(answer.text, wait_until="domcontentloaded")
            record_property("hostile", "documents of payloads in a browser")
    page.close()
    assert fired == []
    assert set(asked) <= {"image"}

"""The mail and the page of a digest as people meet them: in a browser, by axe's rules, wide and narrow."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from playwright.sync_api import Browser, Page

from aggregator.deliver.message import Reader, mould
from aggregator.digest.render import render
from aggregator.model import Digest, Form
from tests.browser.rules import SCHEMES, Scheme, check, check_width, small_words
from tests.builders import a_digest, a_pick, a_publication
from tests.digest.samples import a_full_digest, a_link_post, a_themed_list

FORMS = (Form.EMAIL_HTML, Form.PAGE)
TOKEN = "t" * 43


@contextmanager
def shown(browser: Browser, html: str, *, width: int = 600, scheme: Scheme = "light") -> Iterator[Page]:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html)
    yield page
    page.close()
    assert asked == [], "a rendering must fetch nothing"


def of(digest: Digest, form: Form) -> str:
    return render(digest, a_publication())[form]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("digest", [a_full_digest(), a_themed_list(), a_link_post()], ids=lambda one: str(one.format))
def test_it_keeps_to_the_rules(browser: Browser, digest: Digest, form: Form) -> None:
    with shown(browser, of(digest, form), width=320) as page:
        check(page, 320, also="dark")
        page.set_viewport_size({"width": 1200, "height": 900})
        check(page, 1200)


@pytest.mark.parametrize("width", [320, 600])
def test_the_mail_that_a_reader_gets_is_accessible_to_its_foot(browser: Browser, width: int) -> None:
    """Read from the mail as it is sent, its links filled in for one reader."""
    with shown(browser, a_mail(), width=width) as page:
        check(page, also="dark")
        links = page.locator(".foot a")
        goals = [one.get_attribute("href") for one in links.all()]
        boxes = [one.bounding_box() for one in links.all()]
        assert [
            f"/{way}/{TOKEN}" in (goal or "") for way, goal in zip(("unsubscribe", "manage"), goals[:2], strict=True)
        ] == [True] * 2
        assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
        assert all("underline" in one.evaluate("e => getComputedStyle(e).textDecorationLine") for one in links.all())


def a_mail() -> str:
    """The HTML of a mail to one reader, as a mail program finds it."""
    publication = a_publication()
    cast = mould(
        title="Five for Friday",
        forms=render(a_full_digest(), publication),
        publication=publication,
        sender="editor@example.org",
        now=datetime(2026, 11, 20, 12, tzinfo=UTC),
    )
    mail = cast.fill(Reader(address="reader@example.org", message_id="<a@five.example.org>", token=TOKEN))
    part = BytesParser(EmailMessage, policy=policy.default).parsebytes(mail).get_body(("html",))
    assert part is not None
    return str(part.get_content())


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_wider_than_the_window(browser: Browser, form: Form) -> None:
    long = a_pick(1, title="https://example.org/" + "a" * 90, commentary="`" + "b" * 90 + "`")
    with shown(browser, of(replace(a_digest(), picks=(long,)), form)) as page:
        for width in (320, 600, 1200):
            page.set_viewport_size({"width": width, "height": 900})
            check_width(page, width)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("form", FORMS)
def test_dark_mode_is_dark(browser: Browser, form: Form, scheme: Scheme) -> None:
    with shown(browser, of(a_full_digest(), form), scheme=scheme) as page:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    assert (brightness < 150) == (scheme == "dark"), colour


@pytest.mark.parametrize("form", FORMS)
def test_no_words_are_small(browser: Browser, form: Form) -> None:
    with shown(browser, of(a_full_digest(), form), width=320) as page:
        assert small_words(page) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_title_runs_into_its_commentary(browser: Browser, form: Form) -> None:
    with shown(browser, of(a_full_digest(), form), width=1200) as page:
        heading, paragraph = page.locator("h2.leads").first, page.locator("h2.leads + p").first
        assert page.evaluate("e => getComputedStyle(e).display", heading.element_handle()) == "inline"
        assert page.evaluate("e => getComputedStyle(e).display", paragraph.element_handle()) == "inline"


@pytest.mark.parametrize("form", FORMS)
def test_markup_in_any_field_is_text(browser: Browser, form: Form) -> None:
    bad = '"><img src=x onerror="document.title=1"><script>document.title=2</script>'
    worst = a_pick(
        1,
        title=bad,
        commentary=f"{bad} [x](javascript:document.title=3)",
        author=bad,
        organisation=bad,
        employer=bad,
        quote=bad,
        via_name=bad,
        via_url="javascript:document.title=4",
        language='en" onclick="x',
        embed_url="data:text/html,<script>1</script>",
    )
    digest = replace(a_digest(), title=bad, intro=bad, outro=bad, picks=(worst,))
    with shown(browser, of(digest, form)) as page:
        assert page.title() == bad
        assert page.locator("img, script, [onerror], [onclick], [href^=javascript], [href^=data]").count() == 0
        assert bad in page.locator("h1").inner_text()

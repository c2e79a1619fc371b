"""Every form of a digest: golden files for the whole, and the rules that readers rely on one by one."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from aggregator.digest.render import article_of, content_of, from_json, render
from aggregator.model import Access, Correction, Form, Kind, Pick, Style
from tests.builders import a_digest, a_pick, a_publication
from tests.digest.samples import a_full_digest, a_link_post, a_themed_list
from tests.digest.trees import Node, tree

GOLDEN = Path(__file__).parent / "golden"
FILES = {
    Form.EMAIL_HTML: "mail.html",
    Form.EMAIL_TEXT: "mail.txt",
    Form.PAGE: "page.html",
    Form.MARKDOWN: "digest.md",
    Form.JSON: "digest.json",
}
SAMPLES = {"friday": a_full_digest, "themed": a_themed_list, "link": a_link_post}
HTML = (Form.EMAIL_HTML, Form.PAGE)


def forms(*picks: Pick, **given: Any) -> dict[Form, str]:
    """All forms of a digest with these picks."""
    return render(a_digest(picks=0, **given) if not picks else replace(a_digest(**given), picks=picks), a_publication())


def html_of(form: Form, *picks: Pick, **given: Any) -> Node:
    return tree(forms(*picks, **given)[form])


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("name", SAMPLES)
def test_golden(name: str, form: Form, rewrite_golden: bool) -> None:
    made, file = render(SAMPLES[name](), a_publication())[form], GOLDEN / name / FILES[form]
    if rewrite_golden:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(made, encoding="utf-8")
    kept = file.read_text(encoding="utf-8")
    if form in HTML:
        assert tree(made) == tree(kept)
        assert re.findall(r"<style.*?</style>", made, re.DOTALL) == re.findall(r"<style.*?</style>", kept, re.DOTALL)
    else:
        assert made == kept


@pytest.mark.parametrize(("zone", "day"), [("Europe/London", "11"), ("UTC", "10")])
def test_a_correction_counts_for_the_day_that_readers_have(zone: str, day: str) -> None:
    made = Correction(at=datetime(2026, 7, 10, 23, 30, tzinfo=UTC), note="Put right.")
    published = a_digest(corrections=(made,))
    rendered = render(published, a_publication(zone=zone))
    assert f'<time datetime="2026-07-{day}">{day} July 2026</time>' in rendered[Form.PAGE]
    assert f"**Corrected on {day} July 2026:**" in rendered[Form.MARKDOWN]


# ---------------------------------------------------------------------------------------------------- all forms


@pytest.mark.parametrize("form", Form)
def test_every_pick_is_in_every_form(form: Form) -> None:
    made = forms(*a_digest().picks)[form]
    for n in (1, 3, 4, 5):
        assert f"Honest about what went wrong, and {n} times better for it." in " ".join(made.split())
    assert made.count("https://blog2.example.org/post-2") >= 1


@pytest.mark.parametrize("form", Form)
def test_the_same_digest_always_gives_the_same_bytes(form: Form) -> None:
    assert render(a_full_digest(), a_publication())[form] == render(a_full_digest(), a_publication())[form]


@pytest.mark.parametrize("form", HTML)
def test_every_address_is_absolute(form: Form) -> None:
    root = tree(render(a_full_digest(), a_publication())[form])
    addresses = [str(node.attributes["href"]) for tag in ("a", "link") for node in root.all(tag)]
    inside = [address for address in addresses if not address.startswith(("https://", "mailto:"))]
    assert inside == (["#digest"] if form is Form.PAGE else [])
    assert len(addresses) > 10


@pytest.mark.parametrize("form", HTML)
def test_one_h1_and_a_numbered_h2_for_each_pick(form: Form) -> None:
    root = html_of(form, *a_digest().picks)
    assert [node.text() for node in root.all("h1")] == ["Five for Friday (20/11/2026)"]
    assert [node.text()[:2] for node in root.all("h2")] == ["1.", "2.", "3.", "4.", "5."]


@pytest.mark.parametrize("form", HTML)
def test_a_title_is_linked_and_a_dash_leads_to_the_commentary(form: Form) -> None:
    root = html_of(form, a_pick(1))
    (heading,) = root.all("h2")
    assert [link.attributes["href"] for link in heading.all("a")] == ["https://blog1.example.org/post-1"]
    assert "What we learnt from prototype 1 – Honest about" in root.text()


@pytest.mark.parametrize("form", HTML)
def test_a_title_is_linked_though_the_commentary_links_there_too(form: Form) -> None:
    (heading,) = html_of(form, a_pick(1, commentary=f"See [figure 2]({a_pick(1).url}).")).all("h2")
    assert len(heading.all("a")) == 1


@pytest.mark.parametrize("form", HTML)
def test_a_sentence_holds_the_link_itself(form: Form) -> None:
    root = html_of(form, a_pick(2))
    assert not root.all("h2")[0].all("a")
    assert [link.text() for link in root.all("a") if link.attributes["href"] == a_pick(2).url] == ["what they learnt"]
    assert "– Read" not in root.text()


@pytest.mark.parametrize("form", HTML)
def test_a_sentence_that_forgot_its_link_gets_it_on_the_title(form: Form) -> None:
    (heading,) = html_of(form, a_pick(2, commentary="No link here.")).all("h2")
    assert [link.attributes["href"] for link in heading.all("a")] == [a_pick(2).url]


def test_a_sentence_that_forgot_its_link_gets_it_in_markdown() -> None:
    made = forms(replace(a_pick(2, commentary="No link here."), position=1))[Form.MARKDOWN]
    assert "1. [What we learnt from prototype 2](https://blog2.example.org/post-2)\n\n   No link here.\n" in made


@pytest.mark.parametrize(
    ("given", "facts"),
    [
        ({}, ["Author 1", "Council 1", "11 November 2026"]),
        ({"author": "Council 1"}, ["Council 1", "11 November 2026"]),
        ({"author": None, "organisation": None, "published_on": None}, []),
        (
            {"kind": Kind.JOB, "employer": "Council 1", "closes_on": date(2026, 12, 4), "published_on": None},
            ["Job", "Council 1", "Author 1", "closes 4 December 2026"],
        ),
        (
            {"kind": Kind.PODCAST, "language": "cy-GB"},
            ["Podcast", "Author 1", "Council 1", "11 November 2026", "in Welsh"],
        ),
        ({"language": "en-GB"}, ["Author 1", "Council 1", "11 November 2026"]),
        ({"language": "tlh"}, ["Author 1", "Council 1", "11 November 2026", "in tlh"]),
        ({"access": Access.PAYWALL}, ["Author 1", "Council 1", "11 November 2026", "behind a paywall"]),
        ({"access": Access.SIGN_IN}, ["Author 1", "Council 1", "11 November 2026", "sign-in needed"]),
    ],
)
def test_facts(given: dict[str, Any], facts: list[str]) -> None:
    made = forms(a_pick(1, **given))
    for form in HTML:
        root = tree(made[form])
        lines = [node.text() for node in root.all("p", "small" if form is Form.EMAIL_HTML else "facts")][1:]
        assert lines[:1] == ([" · ".join(facts)] if facts else [])
    assert not facts or f"\n   {', '.join(facts)}\n" in made[Form.EMAIL_TEXT]
    assert not facts or f"\n   *{' · '.join(facts)}*\n" in made[Form.MARKDOWN]


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("So it goes.", ["“So it goes.”"]),
        ("“So it goes.”", ["“So it goes.”"]),
        ("One.\n\nTwo.", ["“One.", "“Two.”"]),
    ],
)
def test_a_quote_is_marked_and_says_whose_it_is(quote: str, shown: list[str]) -> None:
    made = forms(a_pick(1, quote=quote))
    for form in HTML:
        root = tree(made[form])
        (block,) = root.all("blockquote")
        assert [paragraph.text() for paragraph in block.all("p")] == shown
        assert block.attributes["cite"] == "https://blog1.example.org/post-1"
        assert "— Author 1" in root.text()
    assert all(f"   > {line}\n" in made[Form.EMAIL_TEXT] for line in [*shown, "— Author 1"])
    assert all(f"   > {line}\n" in made[Form.MARKDOWN] for line in [*shown, "— Author 1"])


@pytest.mark.parametrize("form", HTML)
def test_another_language_is_said_to_the_browser(form: Form) -> None:
    root = html_of(form, a_pick(1, language="cy", quote="Helo."))
    assert root.all("h2")[0].all("a")[0].attributes["lang"] == "cy"
    assert root.all("blockquote")[0].attributes["lang"] == "cy"
    assert root.all("html")[0].attributes["lang"] == "en-GB"


@pytest.mark.parametrize(("name", "url"), [("Jo", "https://jo.example/"), ("Jo", None), (None, "https://jo.example/")])
def test_via(name: str | None, url: str | None) -> None:
    made = forms(a_pick(1, via_name=name, via_url=url))
    for form in HTML:
        root = tree(made[form])
        assert f"Via {name or url}" in root.text()
        assert [link.text() for link in root.all("a") if link.attributes["href"] == url] == (
            [name or url] if url else []
        )
    assert made[Form.EMAIL_TEXT].count("   Via") == made[Form.MARKDOWN].count("   Via") == 1
    assert url is None or f"\n   {url}\n" in made[Form.EMAIL_TEXT]


PLAYERS = [
    ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
    ("https://youtu.be/dQw4w9WgXcQ?si=x", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
    ("https://m.youtube.com/shorts/dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
    ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1"),
    ("https://www.youtube.com/watch?v=<x>", None),
    ("https://www.youtube.com/", None),
    ("https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ", None),
    ("https://speakerdeck.com/somebody/slides", None),
]


@pytest.mark.parametrize(("url", "player"), PLAYERS)
def test_an_embed_is_a_plain_link_and_on_the_page_a_player_without_cookies(url: str, player: str | None) -> None:
    made = forms(a_pick(1, kind=Kind.VIDEO, embed_url=url))
    page, mail = tree(made[Form.PAGE]), tree(made[Form.EMAIL_HTML])
    plain = "Watch “What we learnt from prototype 1”"
    assert plain in [link.text() for link in page.all("a")]
    assert plain in [link.text() for link in mail.all("a")]
    players = [link.attributes["href"] for link in page.all("a") if link.text() == "in a player that sets no cookies"]
    assert players == ([player] if player else [])
    assert plain in made[Form.EMAIL_TEXT]
    assert not page.all("iframe") + mail.all("iframe")


@pytest.mark.parametrize("form", [*HTML, Form.EMAIL_TEXT, Form.MARKDOWN])
def test_an_address_that_no_browser_should_open_is_nowhere(form: Form) -> None:
    bad = "javascript:alert(1)"
    made = forms(a_pick(1, url=bad, via_name="Jo", via_url=bad, embed_url=bad, title="T"))[form]
    assert bad not in made
    assert "T – Honest" in (tree(made).text() if form in HTML else made)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("commentary", ["", "- a list\n- of two", "> quoted"])
def test_a_commentary_need_not_start_with_words(form: Form, commentary: str) -> None:
    made = forms(a_pick(1, commentary=commentary))[form]
    assert "What we learnt from prototype 1" in made
    assert " – " not in made


@pytest.mark.parametrize("form", Form)
def test_an_empty_draft_can_be_looked_at(form: Form) -> None:
    assert "Five for Friday (20/11/2026)" in forms(intro="", outro="")[form]


@pytest.mark.parametrize("form", HTML)
def test_what_is_not_printable_is_not_printed(form: Form) -> None:
    root = html_of(
        form, a_pick(1, title="\u202eTitle\x07\n of two\u00a0lines", author="\u202eA\x00"), title="Ti\x07tle"
    )
    assert root.all("h2")[0].text() == "1. Title of two lines"
    assert root.all("title")[0].text() == root.all("h1")[0].text() == "Title"
    assert not set("".join(root.text())) & set("\u202e\x07\x00")


@pytest.mark.parametrize("form", HTML)
def test_markup_is_shown_as_typed(form: Form) -> None:
    bad = '"><script>x</script>'
    pick = a_pick(1, title=bad, author=bad, employer=bad, commentary=bad, quote=bad, via_name=bad)
    root = html_of(form, pick, title=bad, intro=bad, outro=bad)
    assert not root.all("script")
    assert root.all("title")[0].text() == root.all("h1")[0].text() == bad
    assert root.text().count(bad) >= 9


# ---------------------------------------------------------------------------------------------------- mail


def test_mail_is_small_and_fetches_nothing() -> None:
    made = render(a_full_digest(), a_publication())[Form.EMAIL_HTML]
    root = tree(made)
    assert len(made.encode()) < 40_000
    assert not root.all("img") + root.all("link") + root.all("script") + root.all("iframe")
    assert "url(" not in made
    assert "@import" not in made
    long = a_pick(1, commentary="word " * 95, quote="word " * 95)
    assert len(forms(*(replace(long, position=n) for n in range(1, 11)))[Form.EMAIL_HTML].encode()) < 90_000


def test_mail_says_first_what_the_intro_says() -> None:
    root = html_of(Form.EMAIL_HTML, a_pick(1), intro="A *long* one: " + "word " * 60)
    (preheader,) = root.all("div", "preheader")
    assert preheader.text().startswith("A long one: word word")
    assert preheader.text().endswith("word…")
    assert len(preheader.text()) <= 150
    assert "display: none" in str(preheader.attributes["style"])
    assert not html_of(Form.EMAIL_HTML, a_pick(1), intro="").all("div", "preheader")


def test_mail_styles_stand_at_the_elements_and_dark_mode_in_the_head() -> None:
    root = html_of(Form.EMAIL_HTML, a_pick(1))
    assert "font-size" in str(root.all("h1")[0].attributes["style"])
    (style,) = root.all("style")
    assert "prefers-color-scheme: dark" in str(style.children)
    assert [meta.attributes["content"] for meta in root.all("meta") if meta.attributes.get("name") == "color-scheme"]


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("editor+x@example.org", ["mailto:editor+x@example.org"]),
        ("https://example.org/@us", ["https://example.org/@us"]),
        ("", []),
    ],
)
def test_mail_says_how_to_stop_it_and_whom_to_write_to(contact: str, link: list[str]) -> None:
    made = render(a_digest(), a_publication(contact=contact))
    (foot,) = tree(made[Form.EMAIL_HTML]).all("table", "foot")
    ours = ["https://five.example.org/unsubscribe/your-own-link", "https://five.example.org/manage/your-own-link"]
    assert [link.attributes["href"] for link in foot.all("a")] == ours + link
    assert "You get this because you asked for Five for Friday by mail." in foot.text()
    end = made[Form.EMAIL_TEXT].split("-" * 72)[-1]
    said = [line for line in end.splitlines() if line and line in (*ours, contact)]
    assert said == ours + ([contact] if contact else [])


def test_text_is_wrapped_at_72_and_each_address_has_its_own_line() -> None:
    url = "https://blog1.example.org/" + "long-" * 30
    made = forms(
        a_pick(1, url=url, title="Many words " * 12, author="Name " * 30, quote="Word " * 40, via_name="Jo " * 40),
        a_pick(2, commentary=f"See [this]({url}) and [that](https://b.example/?{'q' * 90})."),
        intro="word " * 40,
    )[Form.EMAIL_TEXT]
    for line in made.splitlines():
        if "http" in line:
            assert re.fullmatch(r" *https?://\S+", line), line
        else:
            assert len(line) <= 72, line
    assert not re.search(r"[ \t]$", made, re.MULTILINE)
    assert "\n\n\n\n" not in made


# ---------------------------------------------------------------------------------------------------- page


def test_page_tells_machines_what_it_is() -> None:
    root = tree(render(a_full_digest(), a_publication())[Form.PAGE])
    links = {
        (str(n.attributes["rel"]), str(n.attributes.get("type", ""))): n.attributes["href"] for n in root.all("link")
    }
    assert links == {
        ("canonical", ""): "https://five.example.org/digests/2026-11-20",
        ("alternate", "application/atom+xml"): "https://five.example.org/feed.atom",
        ("alternate", "application/rss+xml"): "https://five.example.org/feed.rss",
        ("alternate", "application/feed+json"): "https://five.example.org/feed.json",
    }
    properties = {
        n.attributes["property"]: n.attributes["content"] for n in root.all("meta") if "property" in n.attributes
    }
    assert properties["og:title"] == "Five for Friday (20/11/2026)"
    assert properties["og:url"] == "https://five.example.org/digests/2026-11-20"
    assert str(properties["og:description"]).startswith("The leaves are down, the budget is nearly up")
    (entry,) = root.all("article", "h-entry")
    assert entry.all("h1", "p-name")
    assert entry.all("a", "u-url")
    assert entry.all("time", "dt-published")[0].attributes["datetime"] == "2026-11-20T12:00:00+00:00"
    assert len(entry.all("div", "e-content")) == 1
    assert [pick.attributes["id"] for pick in entry.all("li", "h-cite")] == [f"pick-{n}" for n in range(1, 6)]


def test_the_article_can_be_taken_out_of_a_page() -> None:
    page = render(a_full_digest(), a_publication())[Form.PAGE]
    (article,) = tree(page).all("article")
    assert tree(article_of(page)).children == [article]


def test_the_content_for_feeds_stands_alone() -> None:
    made = content_of(forms(*a_digest().picks)[Form.PAGE])
    root = tree(made)
    assert not root.all("h1")
    assert root.all("div", "outro")
    assert root.all("li", "pick")[0].text().startswith("What we learnt from prototype 1 – Honest")
    assert root.all("li", "pick")[1].text().startswith("What we learnt from prototype 2 Read what they learnt")
    assert len(root.all("li", "pick")) == 5


# ---------------------------------------------------------------------------------------------------- Markdown, JSON


def test_markdown_keeps_the_habit_of_title_dash_commentary() -> None:
    made = forms(*a_digest().picks)[Form.MARKDOWN]
    assert "\n1. [What we learnt from prototype 1](https://blog1.example.org/post-1) – Honest about" in made
    assert "\n2. Read [what they learnt](https://blog2.example.org/post-2) and smile.\n" in made


def test_markdown_begins_with_front_matter() -> None:
    made = forms(a_pick(1), title='A "title": {{x}}', number=7)[Form.MARKDOWN]
    _, front, _ = made.split("---\n", 2)
    values = dict(line.split(": ", 1) for line in front.strip().splitlines())
    assert json.loads(values["title"]) == 'A "title": {{x}}'
    assert values["date"] == "2026-11-20"
    assert values["number"] == "7"
    assert json.loads(values["slug"]) == "2026-11-20"


def test_markdown_takes_no_markup_from_a_title() -> None:
    made = forms(a_pick(1, title="<b>[x](y)</b> {{7*7}}", author="*A*"))[Form.MARKDOWN]
    assert "1. [&lt;b&gt;\\[x\\](y)&lt;/b&gt; \\{\\{7\\*7\\}\\}](https://blog1.example.org/post-1)" in made
    assert "*\\*A\\* · Council 1" in made


def test_markdown_hangs_under_wide_numbers() -> None:
    picks = [a_pick(n, commentary="One.\n\nTwo.", style=Style.TITLE_DASH) for n in range(1, 11)]
    assert " – One.\n\n    Two.\n" in forms(*picks)[Form.MARKDOWN]


def test_json_is_the_digest_and_reads_back() -> None:
    digest = a_full_digest()
    made = render(digest, a_publication())[Form.JSON]
    assert from_json(made) == digest
    assert json.loads(made)["picks"][0]["kind"] == "job"


def test_json_that_is_no_digest_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        from_json("{}")

"""What is left of strangers' HTML and text."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.addresses import safe_url
from aggregator.sanitise import absolute, clean, from_text, line, text_of, visible
from tests.payloads import PAYLOADS

BASE = "https://blog.example.org/2026/post/"

ACTIVE = {
    "script", "style", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "input", "button", "select",
    "textarea", "svg", "math", "link", "meta", "base", "body", "html", "head", "title", "template", "noscript",
    "video", "audio",
    "source", "map", "area", "portal", "dialog", "details", "marquee", "plaintext", "xmp",
}  # fmt: skip
HARMLESS = {
    "alt", "cite", "colspan", "datetime", "dir", "href", "lang", "rel", "reversed", "rowspan", "scope", "src", "start",
    "title", "value",
}  # fmt: skip


class Inspector(HTMLParser):
    """Notes everything in a document that has no place there."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ACTIVE:
            self.wrong.append(tag)
        for name, value in attrs:
            if name not in HARMLESS:
                self.wrong.append(f"{tag} {name}")
            if name in ("href", "src", "cite") and not (value or "").startswith(("http://", "https://")):
                self.wrong.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append(f"declaration {decl}")


def wrong(html: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.wrong


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_active_is_left(payload: str) -> None:
    for html in (payload, f"<p>{payload}</p>", f"<table><tr>{payload}", f"<p title='{payload}'>", f"<b>{payload * 3}"):
        cleaned = clean(html, BASE)
        assert not wrong(cleaned.html)
        assert clean(cleaned.html, BASE).html == cleaned.html, "the second pass finds nothing to do"


def test_the_inspector_finds_what_is_wrong() -> None:
    assert sum(bool(wrong(payload)) for payload in PAYLOADS) > 55


@given(
    st.lists(st.sampled_from([*PAYLOADS, "<p>", "</p>", "<table>", "<b>", "<!--", "'", '"', ">", "<", "x"]), max_size=6)
)
def test_nothing_active_is_made_of_pieces(pieces: list[str]) -> None:
    assert not wrong(clean("".join(pieces), BASE).html)


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<h2 id=x class=y>Why</h2>", "<h2>Why</h2>"),
        ("<p lang=cy>Helo</p>", '<p lang="cy">Helo</p>'),
        ("<ol start=3><li>a</ol>", '<ol start="3"><li>a</li></ol>'),
        ("<table><tr><th scope=row>a<td colspan=2>b</table>",
         '<table><tbody><tr><th scope="row">a</th><td colspan="2">b</td></tr></tbody></table>'),
        ("<a href='../x?a=1&b=2#c'>x</a>",
         '<a href="https://blog.example.org/2026/x?a=1&amp;b=2#c" rel="noopener noreferrer">x</a>'),
        ("<a href='mailto:a@b.example'>x</a>", '<a rel="noopener noreferrer">x</a>'),
        ("<img src=/a.png alt='A &lt;b&gt; \"c\"' width=600 height=400>",
         '<img src="https://blog.example.org/a.png" alt="A &lt;b&gt; &quot;c&quot;">'),
        ("<img src=/a.png>", '<img src="https://blog.example.org/a.png" alt="">'),
        ("<video>gone</video><custom-tag>stays</custom-tag>", "stays"),
    ],
)  # fmt: skip
def test_what_is_kept(html: str, kept: str) -> None:
    assert clean(html, BASE).html == kept


@pytest.mark.parametrize(
    "image",
    [
        "<img src=https://t.example/p.gif width=1 height=1>",
        "<img src=https://t.example/p.gif height='1px'>",
        "<img src=https://t.example/p.gif width=0>",
        "<img src=https://t.example/p.gif style='display: none'>",
        "<img src=https://t.example/p.gif style='border:0;width:1px;height:1px'>",
        "<img src=https://pixel.wp.com/b.gif?x=1>",
        "<img src='http://feeds.feedburner.com/~r/x/~4/y'>",
        "<img src=data:image/gif;base64,R0lGODlhAQABAAAAACw=>",
        "<img alt='no address'>",
    ],
)
def test_tracking_pixels_are_left_out(image: str) -> None:
    assert clean(f"<p>a{image}b</p>", BASE).html == "<p>ab</p>"


@pytest.mark.parametrize("style", ["width:100px", "max-height:1000px", "height:10px", "color:red"])
def test_images_with_a_style_are_kept_without_it(style: str) -> None:
    html = clean(f"<img src=https://a.example/a.png style='{style}'>", BASE).html
    assert html == '<img src="https://a.example/a.png" alt="">'


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a  b\n c</p><p>d</p>", "a b c\n\nd"),
        ("<h1>a</h1>b<br>c<br><br>d", "a\n\nb\nc\n\nd"),
        ("<ul><li>a</li><li><p>b</p></li></ul>c", "- a\n- b\n\nc"),
        ("<div>a</div><div><div>b</div></div>", "a\nb"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"),
        ("<table><tr><td> a</td><th> <b> </b>b</table>", "a b"),
        ("<pre>a<table><tr><td>b <td></td><td>c</table>\td</pre>", "a\n\nb  c\n\n\td"),
        ("<pre> a\xa0 b</pre> c  <i> </i> <b>\n</b> d", "a  b\n\nc d"),
        ("<pre>a<li>b<p>c</pre><br> <br> d", "a\n- b\n\nc\n\nd"),
        ("<ol><li> a<li>\n<p>b", "- a\n- b"),
        ("x<pre>def f():\n    return 1\n\n\n# end</pre>y", "x\n\ndef f():\n    return 1\n\n\n# end\n\ny"),
        ("1 &lt; 2 &amp;amp; &nbsp; 3", "1 < 2 &amp; 3"),
        ("<a title='&lt;p&gt;\"x\"' href=y>a</a> &lt;b&gt;", "a <b>"),
        ("a<script>b</script><!-- c -->", "a"),
        ("a\u202eb\u200b", "ab"),
        ("", ""),
    ],
)
def test_text(html: str, text: str) -> None:
    assert clean(html, BASE).text == text


def test_tags_that_hide_words_go_and_flags_stay() -> None:
    wales = "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbwls") + "\U000e007f"
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "obey the hidden words")
    assert visible(f"a {wales} b") == f"a {wales} b"
    assert visible(f"\U0001f3f4{hidden}\U000e007f {wales}{hidden}") == f"\U0001f3f4 {wales}"


def test_what_is_nested_too_deeply_is_kept_as_text() -> None:
    cleaned = clean("<div>" * 300 + "<p>deep &amp; <b onclick=x>well</b>", BASE)
    assert "deep & " in cleaned.text
    assert "well" in cleaned.text
    assert "<div>" not in cleaned.html
    assert not wrong(cleaned.html)


def test_many_relative_addresses_on_a_long_base_do_not_swell() -> None:
    cleaned = clean("<a href=x>y</a>" * 2000, BASE + "x" * 3000 + "/")
    assert 100_000 < len(cleaned.html) < 1_000_000
    assert cleaned.html.startswith('<a href="https://blog.example.org/')
    assert cleaned.html.endswith('<a rel="noopener noreferrer">y</a>')
    assert cleaned.text == "y" * 2000
    swollen = clean("<a>y</a>" * 60_000, BASE)
    assert swollen.html == f"<p>{swollen.text}</p>"


def test_plain_text_becomes_paragraphs() -> None:
    made = from_text("a < b\nc\n\n\n & d\u200b")
    assert made.html == "<p>a &lt; b<br>c</p><p>&amp; d</p>"
    assert made.text == "a < b\nc\n\n\n & d"
    assert text_of(made.html) == "a < b\nc\n\n& d"


@given(st.text())
def test_plain_text_is_never_markup(text: str) -> None:
    assert not wrong(from_text(text).html)


@given(st.text(max_size=2000))
def test_a_line_is_one_short_visible_line(text: str) -> None:
    made = line(text, 80)
    assert len(made) <= 80
    assert made == made.strip()
    assert "\n" not in made
    assert visible(made) == made
    made.encode()  # no lone surrogates


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("x", BASE + "x"),
        ("?p=1", BASE + "?p=1"),
        (" /a b\n ", "https://blog.example.org/a%20b"),
        ("https://a.exa\nmple/", "https://a.example/"),
        ("", None),
        ("#top", BASE + "#top"),
        ("javascript:x", None),
        ("https://[::1", None),
        ("https://a.example/b;", "https://a.example/b"),
        ("https://a.example/b?", "https://a.example/b"),
        ("https://a.example/b?c#", "https://a.example/b?c"),
        ("https://a..example/", None),
    ],
)
def test_absolute(url: str, seen: str | None) -> None:
    assert absolute(url, BASE) == seen


PIECES = [
    *"aB1-_.~/?#&=;@%:+,' []\"\t",
    "..",
    "//",
    "a.example",
    "/a/b",
    "?q=1",
    "é",
    "%20",
    "http:",
    "https://",
    "\u200b",
]


@given(
    st.sampled_from(["", "http://", "https://a.example", "HTTPS://"]), st.lists(st.sampled_from(PIECES), max_size=12)
)
def test_what_is_known_at_a_glance_is_what_resolving_it_comes_to(start: str, pieces: list[str]) -> None:
    url = start + "".join(pieces)
    try:
        joined = urljoin(BASE, url.strip().replace("\t", "")).replace(" ", "%20")
    except ValueError:
        joined = ""
    assert absolute(url, BASE) == (safe_url(joined) if url.strip() else None)


def test_an_address_that_is_far_too_long_is_none() -> None:
    assert absolute("https://a.example/" + "x" * 4078, BASE)
    assert absolute("https://a.example/" + "x" * 4079, BASE) is None

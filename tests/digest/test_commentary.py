import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.digest import commentary
from aggregator.digest.commentary import Link, to_html, to_line, to_markdown, to_text
from tests.digest.trees import tree

HTML = [
    ("Plain & simple.", "<p>Plain &amp; simple.</p>"),
    ("*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>"),
    ("[a](https://a.example/)", '<p><a href="https://a.example/">a</a></p>'),
    ("[a](mailto:a@example.org)", '<p><a href="mailto:a@example.org">a</a></p>'),
    ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>"),
    ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
    ("# Big", "<p><strong>Big</strong></p>"),
    ("Big\n===", "<p><strong>Big</strong></p>"),
    ("![a cat](https://a.example/cat.png)", '<p><a href="https://a.example/cat.png">a cat</a></p>'),
    ("![](https://a.example/cat.png)", '<p><a href="https://a.example/cat.png">image</a></p>'),
    ("[![a cat](https://a.example/c.png)](https://b.example/)", '<p><a href="https://b.example/">a cat</a></p>'),
    ("![x](data:image/png;base64,AAAA)", "<p>x</p>"),
    ("[a](/relative)", "<p>a</p>"),
    ("[a](https://user:secret@a.example/)", "<p>a</p>"),
    ("[a](javascript:x)", "<p>[a](javascript:x)</p>"),
    ("[a](JAVA&#83;CRIPT:x)", "<p>[a](JAVASCRIPT:x)</p>"),
    ('[a](https://a.example/ "title")', '<p><a href="https://a.example/">a</a></p>'),
    ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>'),
    ("\u202eevil\u202c a\x00b\x07", "<p>evil ab</p>"),
    ("", ""),
]


@pytest.mark.parametrize(("markdown", "html"), HTML)
def test_html(markdown: str, html: str) -> None:
    assert to_html(markdown) == html


def test_an_opening_stands_before_the_first_words() -> None:
    assert to_html("One.\n\nTwo.", opening=" – <") == "<p> – &lt;One.</p>\n<p>Two.</p>"


@pytest.mark.parametrize("markdown", ["", "- a list", "> a quote", "    code"])
def test_an_opening_needs_words_to_stand_before(markdown: str) -> None:
    assert not commentary.starts_with_words(markdown)
    assert to_html(markdown, opening="1. ") == to_html(markdown)
    assert to_text(markdown, opening="1. ") == to_text(markdown)


TEXT = [
    ("a *b* `c` <i>", "a b c <i>"),
    ("soft\nbreak and  \nhard", "soft break and hard"),
    ("See [this](https://a.example/).", "See this.\n\nhttps://a.example/"),
    ("[a](https://a.example/) [b](https://b.example/)", "a b\n\na:\nhttps://a.example/\n\nb:\nhttps://b.example/"),
    ("See <https://a.example/>, or not.", "See\nhttps://a.example/\nor not."),
    ("Write to [us](mailto:us@example.org).", "Write to us.\n\nus@example.org"),
    ("- a\n- b\n  - c", "- a\n- b\n\n  - c"),
    ("9. a\n10. b", "9. a\n10. b"),
    ("- a\n\n- b", "- a\n\n- b"),
    ("> quoted\n>\n> twice", "> quoted\n>\n> twice"),
    ("```\ncode  here\n```", "    code  here"),
    ("a\n\n---\n\nb", "a\n\n* * *\n\nb"),
    ("# Big\n\nsmall", "Big\n\nsmall"),
]


@pytest.mark.parametrize(("markdown", "text"), TEXT)
def test_text(markdown: str, text: str) -> None:
    assert to_text(markdown) == text


def test_text_is_wrapped_and_addresses_are_not() -> None:
    url = "https://a.example/" + "long-" * 30
    lines = to_text(f"{'word ' * 60}[link]({url})\n\n- a\n  - {'word ' * 60}\n\n> {'wor ' * 60}").splitlines()
    assert url in lines
    assert all(len(line) <= 72 for line in lines if line != url)
    assert max(len(line) for line in lines if line != url) > 66


def test_text_leaves_out_the_address_that_the_reader_sees_elsewhere() -> None:
    assert to_text("Read [it](https://a.example/x é).".replace(" é", "é"), but="https://a.example/xé") == "Read it."
    two = "[it](https://a.example/) and [that](https://b.example/)"
    assert to_text(two, but="https://a.example/") == "it and that\n\nthat:\nhttps://b.example/"


def test_one_line() -> None:
    assert to_line("# Hi\n\n*one*\ntwo [three](https://a.example/)\n\n- four") == "Hi one two three four"
    assert commentary.one_line(" a\u00a0\n b\u202e\x00c ") == "a bc"


def test_links() -> None:
    found = commentary.links("[a *b*](https://a.example/?x=é) ![c](https://c.example/) [d](javascript:d)")
    assert found == (Link(text="a b", url="https://a.example/?x=%C3%A9"), Link(text="c", url="https://c.example/"))
    assert commentary.leads_to("[a](https://a.example/é)", "https://a.example/é")
    assert not commentary.leads_to("[a](https://a.example/é)", "https://a.example/e")


MARKDOWN = [
    ("[a][1]\n\n[1]: https://a.example/", "[a](https://a.example/)"),
    ("[a](<https://a.example/(b)>)", "[a](<https://a.example/(b)>)"),
    ("![a](https://a.example/b.png)", "[a](https://a.example/b.png)"),
    ("What\\![a](https://a.example/)", "What\\![a](https://a.example/)"),
    ("a <b> & c &amp;amp; d", "a &lt;b&gt; & c &amp;amp; d"),
    ("{{ 7*7 }} {% x %}", "\\{\\{ 7\\*7 \\}\\} \\{% x %\\}"),
    ("[a](https://a.example/{{x}})", "[a](https://a.example/%7B%7Bx%7D%7D)"),
    ("1\\. not a list", "1\\. not a list"),
    ("\\- not a list  \n\\# nor this", "\\- not a list  \n\\# nor this"),
    ("``a`b``", "``a`b``"),
    ("# Big", "**Big**"),
]


@pytest.mark.parametrize(("markdown", "tidy"), MARKDOWN)
def test_markdown(markdown: str, tidy: str) -> None:
    assert to_markdown(markdown) == tidy


WORDS = st.text("ab &<>*`[]{}()!#-+=.1:~|\\é“ ", min_size=1, max_size=20)
LINKED = st.builds("[{}](https://a.example/{})".format, WORDS, st.sampled_from(["", "b", "b(c)", "?d=1&e=2"]))
PIECES = st.one_of(WORDS, LINKED, st.just("*so*"), st.just("**very**"), st.just("`code`"))
PARAGRAPHS = st.lists(PIECES, min_size=1, max_size=6).map(" ".join)
COMMENTARIES = st.lists(PARAGRAPHS, max_size=3).map("\n\n".join)


def as_seen(html: str) -> str:
    return re.sub(r"\s+", " ", html.replace("<p></p>", "")).strip()


@given(COMMENTARIES)
def test_tidy_markdown_says_the_same(markdown: str) -> None:
    tidy = to_markdown(markdown)
    assert as_seen(to_html(tidy)) == as_seen(to_html(markdown))
    assert to_markdown(tidy) == tidy


@given(st.one_of(COMMENTARIES, st.text()))
def test_html_is_well_formed_and_links_only_to_the_web(markdown: str) -> None:
    root = tree(to_html(markdown))
    assert not root.all("img") + root.all("script")
    assert all(str(link.attributes["href"]).startswith(("http://", "https://", "mailto:")) for link in root.all("a"))

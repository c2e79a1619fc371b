"""What entries end with again and again, and what is left alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Ending, ParsedEntry
from aggregator.poll.tails import MOST_TAILS, take_off, unexplained
from aggregator.sanitise import clean
from tests.poll.values import a_parsed_entry

BASE = "https://blog.example.org/"
WORDPRESS = '<p>The post <a rel="nofollow" href="{url}">{title}</a> appeared first on <a href="/">Our blog</a>.</p>'
NAMES = ("Bins", "Trees & parks", "The post", "Our blog’s 10th year")


def an_entry(title: str, html: str) -> ParsedEntry:
    """An entry with this HTML, in which {title} and {url} are its own."""
    url = f"{BASE}{len(title)}"
    content = clean(html.format(title=title.replace("&", "&amp;"), url=url), BASE)
    return a_parsed_entry(1, guid=None, title=title, url=url, html=content.html, text=content.text)


def left_of(*htmls: str, known: tuple[str, ...] = (), earlier: tuple[Ending, ...] = ()) -> list[str]:
    """The texts of a document's entries after their tails were taken off."""
    document = [an_entry(title, html) for title, html in zip(NAMES, htmls, strict=False)]
    return [entry.text for entry in take_off(document, known, earlier)[0]]


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p>On {title}.</p>" + WORDPRESS, "<p>On {title}.</p>"),
        ("<div><p>On {title}.</p><p>Read more</p></div>", "<div><p>On {title}.</p></div>"),
        ("<div>On {title}.<div><p>Filed under <b>news</b></p></div></div>", "<div>On {title}.</div>"),
        ("On {title}.<br>Read <em>more</em>", "On {title}."),
        ("<p>On {title}.</p>Thanks for reading!", "<p>On {title}.</p>"),
        (
            "<p>On {title}.<img src='/a.png' alt='A'></p><p>Read more</p>",
            "<p>On {title}.<img src='/a.png' alt='A'></p>",
        ),
        ("<ul><li>{title}</li><li>Read more</li></ul>", "<ul><li>{title}</li></ul>"),
        ("<p>On {title}.</p><hr><p>Join us</p><p>Read more</p>", "<p>On {title}.</p>"),
    ],
)
def test_what_is_repeated_is_taken_off_text_and_html(html: str, left: str) -> None:
    found, tails = take_off([an_entry(title, html) for title in NAMES], ())
    assert tails
    assert found == tuple(an_entry(title, left) for title in NAMES)


def test_links_to_what_is_enclosed_stay() -> None:
    media = '<p><a href="https://a.example/1.mp3">https://a.example/1.mp3</a></p>'
    plain = [an_entry(title, "<p>On {title}.</p>" + WORDPRESS) for title in NAMES]
    found, _ = take_off([replace(entry, html=entry.html + media) for entry in plain], ())
    assert [entry.html for entry in found] == [an_entry(title, "<p>On {title}.</p>").html + media for title in NAMES]


@pytest.mark.parametrize(
    "htmls",
    [
        ("<p>A.</p><p>Only here</p>", "<p>B.</p><p>And only there</p>"),
        ("<p>A.</p>" + WORDPRESS,),
        ("<p>Read more</p>", "<p>Read more</p>"),
        ("<p>A.</p><p>It closes on 4 December</p>", "<p>B.</p><p>It closes on 4 December</p>"),
        ("<p>A.</p><p>{title}</p>", "<p>B.</p><p>{title}</p>"),
        ("<p>A.</p><p>" + "word " * 61 + "</p>", "<p>B.</p><p>" + "word " * 61 + "</p>"),
    ],
    ids=["once each", "once", "all there is", "with figures", "the title alone", "long"],
)
def test_what_may_be_said_for_this_entry_stays(htmls: tuple[str, ...]) -> None:
    assert left_of(*htmls) == [an_entry(title, html).text for title, html in zip(NAMES, htmls, strict=False)]


def test_a_line_under_less_than_half_of_the_entries_stays() -> None:
    tail = "<p>Photo by our Joan</p>"
    half = left_of("A" + tail, "B" + tail, "C<p>End of this.</p>", "D<p>And of that.</p>")
    assert half[:2] == ["A", "B"]
    fewer = [an_entry(f"Title {'x' * number}", f"{number}<p>End {'y' * number}.</p>") for number in range(1, 4)]
    found, tails = take_off([*(an_entry(name, "A" + tail) for name in NAMES[:2]), *fewer], ())
    assert (found[0].text, tails) == ("A\n\nPhoto by our Joan", ())


def test_the_same_entry_twice_repeats_nothing() -> None:
    first = an_entry("Bins", "A<p>See you soon.</p>")
    assert take_off([first, replace(first, text="Changed.\n\nSee you soon.")], ())[1] == ()


def test_a_known_tail_is_taken_off_one_entry_alone() -> None:
    _, tails = take_off([an_entry(title, "<p>On {title}.</p>" + WORDPRESS) for title in NAMES], ())
    assert tails == ("the post * appeared first on our blog",)
    assert left_of("<p>Alone.</p>" + WORDPRESS, known=tails) == ["Alone."]


def test_earlier_entries_count_and_those_that_a_known_tail_explains_do_not() -> None:
    tail = "<p>Thanks for reading Our New Name</p>"
    before = Ending(key="before", title="Trees", text="B\n\nThanks for reading Our New Name")
    assert left_of("A" + tail, earlier=(before,)) == ["A"]
    assert left_of("A" + tail) == ["A\n\nThanks for reading Our New Name"]
    old = tuple(Ending(key=f"{n}", title="", text=f"{n}\n\nThanks for reading Our Old Name") for n in range(9))
    assert left_of("A" + tail, earlier=(before, *old), known=("thanks for reading our old name",)) == ["A"]


def test_so_many_tails_are_kept_and_the_newest_of_them() -> None:
    known = tuple(f"tail {'x' * number}" for number in range(MOST_TAILS))
    _, tails = take_off([an_entry(title, "A<p>Read more</p>") for title in NAMES], known)
    assert len(tails) == MOST_TAILS
    assert tails[-1] == "read more"
    assert known[0] not in tails


def test_only_a_line_that_is_no_known_tail_is_unexplained() -> None:
    assert unexplained("Bins", "A.\nMore on bins", ()) == {"more on bins", "more on *"}
    assert unexplained("Bins", "A.\nMore on bins", ("more on *",)) == frozenset()
    assert unexplained("Bins", "A.", ()) == frozenset()


LINES = st.lists(st.sampled_from(["a", "<p>Read more</p>", "<p>{title}</p>", "<br>b", "<div>c", "</div>", WORDPRESS]))


@given(st.lists(LINES.map("".join), min_size=1, max_size=4))
def test_nothing_but_the_end_is_taken_off_and_once_is_enough(htmls: list[str]) -> None:
    document = [an_entry(title, html) for title, html in zip(NAMES, htmls, strict=False)]
    found, tails = take_off(document, ())
    for before, after in zip(document, found, strict=True):
        assert before.text.startswith(after.text)
        assert clean(after.html, BASE).html == after.html
        assert clean(after.html, BASE).text == after.text
    assert take_off(document, tails)[1] == tails

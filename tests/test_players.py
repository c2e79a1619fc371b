"""Framed players become links to what they play; other frames do not."""

import pytest

from aggregator.players import as_links, page_of
from aggregator.sanitise import clean

BASE = "https://blog.example.org/post"
WATCH = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


@pytest.mark.parametrize(
    ("source", "page"),
    [
        ("https://www.youtube.com/embed/dQw4w9WgXcQ?feature=oembed&rel=0", WATCH),
        ("//www.youtube.com/embed/dQw4w9WgXcQ", WATCH),
        ("https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", WATCH),
        ("https://www.youtube.com/embed/videoseries?list=PL1234", "https://www.youtube.com/playlist?list=PL1234"),
        ("https://player.vimeo.com/video/76979871?h=8272103f6e&dnt=1", "https://vimeo.com/76979871"),
        ("https://www.dailymotion.com/embed/video/x7xtfg", "https://www.dailymotion.com/video/x7xtfg"),
        ("https://embed.ted.com/talks/lang/en/jane_doe_bins", "https://www.ted.com/talks/lang/en/jane_doe_bins"),
        ("https://www.loom.com/embed/0123abcd", "https://www.loom.com/share/0123abcd"),
        ("https://open.spotify.com/embed/episode/4r?utm=x", "https://open.spotify.com/episode/4r"),
        ("http://speakerdeck.com/player/0123abcd", "https://speakerdeck.com/player/0123abcd"),
        ("https://www.youtube.com/embed/videoseries", None),
        ("https://www.youtube.com/embed/", None),
        ("https://notyoutube.com/embed/dQw4w9WgXcQ", None),
        ("https://youtube.com.evil.example/embed/dQw4w9WgXcQ", None),
        ("javascript:alert(1)//youtube.com/embed/dQw4w9WgXcQ", None),
        ("https://forms.example/embed/1", None),
        ("https://[bad/embed/1", None),
        ("", None),
    ],
)
def test_a_player_has_the_page_of_what_it_plays(source: str, page: str | None) -> None:
    assert page_of(source) == page


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        (
            '<p>Watch:</p><iframe width="560" src="https://www.youtube.com/embed/dQw4w9WgXcQ" title="Bins &amp; us">'
            "</iframe><p>End</p>",
            f'<p>Watch:</p><p><a href="{WATCH}">Bins &amp; us</a></p><p>End</p>',
        ),
        (
            "<iframe src=about:blank data-src='https://www.youtube.com/embed/dQw4w9WgXcQ'>Get a browser</iframe>",
            "",
        ),
        (
            "<iframe data-src='https://www.youtube.com/embed/dQw4w9WgXcQ'>Get a browser</iframe>",
            f'<p><a href="{WATCH}">{WATCH}</a></p>',
        ),
        (
            "<IFRAME SRC=//player.vimeo.com/video/1></IFRAME>",
            '<p><a href="https://vimeo.com/1">https://vimeo.com/1</a></p>',
        ),
        ("<iframe src='https://ads.example/1'></iframe>", ""),
        ("<iframe srcdoc='<script>alert(1)</script>'></iframe>", ""),
        (
            '<video controls src="/talk.mp4">No video</video>',
            '<p><a href="https://blog.example.org/talk.mp4">/talk.mp4</a></p>',
        ),
        ('<audio src="javascript:alert(1)"></audio>', ""),
    ],
)
def test_a_text_keeps_the_link_and_no_frame(html: str, shown: str) -> None:
    assert clean(html, BASE).html.replace(' rel="noopener noreferrer"', "") == shown


def test_frames_are_looked_for_in_linear_time() -> None:
    for piece in ("<iframe ", "<iframe src=", "<video>", "<iframe src='https://youtube.com/embed/dQw4w9WgXcQ' "):
        html = piece * (400_000 // len(piece))
        assert as_links(html) == html

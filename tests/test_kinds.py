"""An address says what kind of page it is only where it is sure."""

import pytest

from aggregator.kinds import kind_of
from aggregator.model import Kind


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.youtube.com/watch?v=abc", Kind.VIDEO),
        ("https://m.youtube.com/shorts/abc", Kind.VIDEO),
        ("https://youtu.be/abc", Kind.VIDEO),
        ("https://vimeo.com/12345", Kind.VIDEO),
        ("https://player.vimeo.com/video/12345", Kind.VIDEO),
        ("https://www.youtube.com/@borsetshire", Kind.ARTICLE),
        ("https://vimeo.com/blog", Kind.ARTICLE),
        ("https://notyoutube.com/watch?v=abc", Kind.ARTICLE),
        ("https://www.slideshare.net/jo/service-design", Kind.SLIDES),
        ("https://speakerdeck.com/jo/service-design", Kind.SLIDES),
        ("https://speakerdeck.com/jo", Kind.ARTICLE),
        ("https://docs.google.com/presentation/d/1/edit", Kind.SLIDES),
        ("https://podcasts.apple.com/gb/podcast/x/id1", Kind.PODCAST),
        ("https://open.spotify.com/episode/1", Kind.PODCAST),
        ("https://www.eventbrite.co.uk/e/localgovcamp-tickets-1", Kind.EVENT),
        ("https://www.meetup.com/group/events/1/", Kind.EVENT),
        ("https://www.civilservicejobs.service.gov.uk/csr/jobs.cgi?jcode=1", Kind.JOB),
        ("https://www.borsetshire.example/jobs/head-of-digital", Kind.JOB),
        ("https://www.borsetshire.example/vacancies/12", Kind.JOB),
        ("https://www.borsetshire.example/jobs/", Kind.ARTICLE),
        ("https://blog.example.org/2026/11/jobs/we-are-hiring", Kind.ARTICLE),
        ("https://blog.example.org/?p=12", Kind.ARTICLE),
        ("https://www.borsetshire.example/reports/Annual-Report.PDF?v=2", Kind.PDF),
        ("https://www.borsetshire.example/jobs/head-of-digital.pdf", Kind.JOB),
        ("https://www.borsetshire.example/report.pdf/summary", Kind.ARTICLE),
    ],
)
def test_kinds(url: str, kind: Kind) -> None:
    assert kind_of(url) is kind


@pytest.mark.parametrize(
    ("url", "media_type", "types", "kind"),
    [
        ("https://council.example/report?id=7", "application/pdf", (), Kind.PDF),
        ("https://council.example/talk", "text/html", ("video.other",), Kind.VIDEO),
        ("https://council.example/talk", "", ("website", "videoobject"), Kind.VIDEO),
        ("https://council.example/careers/7", "", ("jobposting",), Kind.JOB),
        ("https://council.example/episode-7", "", ("article", "podcastepisode"), Kind.PODCAST),
        ("https://council.example/deck", "", ("presentationdigitaldocument",), Kind.SLIDES),
        ("https://council.example/meet", "", ("event",), Kind.EVENT),
        ("https://council.example/post", "text/html", ("article", "webpage"), Kind.ARTICLE),
        ("https://youtu.be/abc", "application/pdf", ("jobposting",), Kind.VIDEO),
    ],
)
def test_kinds_by_what_a_page_says_of_itself(url: str, media_type: str, types: tuple[str, ...], kind: Kind) -> None:
    assert kind_of(url, media_type=media_type, types=types) is kind


def test_every_kind_has_a_word_to_begin_a_line_with() -> None:
    assert [kind.label for kind in (Kind.PDF, Kind.VIDEO)] == ["PDF", "Video"]

"""A digest that uses everything a digest can have."""

from dataclasses import replace
from datetime import UTC, date, datetime

from aggregator.model import Access, Correction, Digest, DigestFormat, DigestStatus, Kind
from tests.builders import a_digest, a_pick


def a_full_digest() -> Digest:
    """Both styles, a job, a quote, a via, a video, Welsh, and a page behind a sign-in."""
    return replace(
        a_digest(),
        number=12,
        status=DigestStatus.PUBLISHED,
        published_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
        intro="The leaves are down, the budget is *nearly* up, and somebody has finally turned the fax machine off.",
        outro=(
            "Most of these were shared during the week, and everything that caught our eye is in "
            "[all our bookmarks](https://five.example.org/bookmarks)."
        ),
        picks=(
            a_pick(
                1,
                title="Head of Digital & Data",
                kind=Kind.JOB,
                author=None,
                organisation=None,
                employer="Borsetshire County Council",
                published_on=None,
                closes_on=date(2026, 12, 4),
                commentary=(
                    "A proper job, in a team that publishes its roadmap and means it. You would report to the chief "
                    "executive, not to the head of printers."
                ),
            ),
            a_pick(
                2,
                title="Twelve services, one pattern",
                author="Priya Raman",
                organisation="Felpersham City Council",
                commentary=(
                    "Priya Raman explains [how twelve services came to share one pattern]"
                    "(https://blog2.example.org/post-2), and why the thirteenth did not. The "
                    "[design history](https://histories.example.org/felpersham) is worth an afternoon."
                ),
            ),
            a_pick(
                3,
                title="What we learnt when we stopped asking residents to ring us about missed bins",
                author="Tom Archer",
                organisation="Ambridge District Council",
                kind=Kind.ARTICLE,
                employer=None,
                closes_on=None,
                commentary="Honest, short, and with the numbers.\n\nThey also say what they would do differently:",
                quote="We had built the form that the contract needed. Nobody had asked what the resident needed.",
                via_name="Shula Hebden",
                via_url="https://social.example.org/@shula/1",
            ),
            a_pick(
                4,
                title="Cynllun digidol: beth nesaf i’n gwasanaethau?",
                language="cy",
                author="Cyngor Gwynfa",
                organisation="Cyngor Gwynfa",
                access=Access.SIGN_IN,
                commentary="A plan of eight pages that a person can read. There is an English summary at the end.",
                quote="Rydym yn dechrau gyda’r hyn sydd ei angen ar bobl.",
            ),
            a_pick(
                5,
                title="Service design in the open",
                url="https://www.youtube.com/watch?v=dQw4w9WgXcQ",
                author="Ella Morgan",
                organisation="LocalGovCamp",
                kind=Kind.VIDEO,
                embed_url="https://www.youtube.com/watch?v=dQw4w9WgXcQ",
                commentary="Eleven minutes; the last two are the best:\n\n- a demo that fails\n- a team that laughs",
            ),
        ),
    )


def a_themed_list() -> Digest:
    """Three videos: one with a speaker and a quote, one with an organisation alone, one in Welsh by nobody named."""
    return replace(
        a_digest(),
        id=2,
        slug="videos-to-help-leaders-understand-digital",
        format=DigestFormat.THEMED,
        title="3 videos to help leaders understand digital",
        status=DigestStatus.PUBLISHED,
        published_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
        friday=date(2026, 11, 24),
        intro="Short enough for the train, and *not one* mentions blockchain.",
        outro="",
        picks=(
            a_pick(
                1,
                title="Digital is not about technology",
                url="https://www.youtube.com/watch?v=abc123DEF45",
                embed_url="https://www.youtube.com/watch?v=abc123DEF45",
                kind=Kind.VIDEO,
                author="Nadia Okafor",
                organisation="Felpersham City Council",
                commentary="Eleven minutes, no slides.\n\nStop after the story about the skips, if you must.",
                quote="We moved the form online. The queue moved with it.",
            ),
            a_pick(
                2,
                title="What a product manager does all day",
                url="https://vimeo.com/123456",
                embed_url="https://vimeo.com/123456",
                kind=Kind.VIDEO,
                author=None,
                commentary="",
            ),
            a_pick(
                3,
                title="Gwasanaethau gwell",
                url="https://talks.example.org/gwell",
                embed_url="https://talks.example.org/gwell",
                kind=Kind.VIDEO,
                author=None,
                organisation=None,
                employer=None,
                closes_on=None,
                language="cy",
                commentary="- for those who can read Welsh\n- and those who are learning",
            ),
        ),
        corrections=(
            Correction(at=datetime(2026, 11, 25, 10, tzinfo=UTC), note="The first is by Nadia, *not* Nadine."),
            Correction(at=datetime(2026, 12, 1, 10, tzinfo=UTC), note="The second has moved."),
        ),
    )


def a_link_post() -> Digest:
    """One bookmark, with a few words and a paragraph of it."""
    return replace(
        a_digest(),
        id=3,
        slug="what-we-learnt-when-we-counted-the-benches",
        format=DigestFormat.LINK,
        title='LINK: "What we learnt when we counted the benches"',
        status=DigestStatus.PUBLISHED,
        published_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
        friday=date(2026, 11, 24),
        intro="",
        outro="",
        picks=(
            a_pick(
                1,
                title="What we learnt when we counted the benches",
                url="https://blog1.example.org/benches?a=1&b=2",
                author="Tom Archer",
                organisation="Ambridge District Council",
                commentary="A small team, a bicycle and a spreadsheet.",
                quote=(
                    "Nobody knew how many benches we had. Parks had a list, highways had a list, and the insurers had "
                    "a list, and no bench was on all three of them. So we went out and counted, which took one week."
                ),
            ),
        ),
    )

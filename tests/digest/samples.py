"""A digest that uses everything a digest can have."""

from dataclasses import replace
from datetime import UTC, date, datetime

from aggregator.model import Access, Digest, DigestStatus, Kind
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

"""Builders of values: each gives a good one, and takes what a test cares about."""

from dataclasses import replace
from datetime import date
from typing import Any

from aggregator.model import Digest, DigestStatus, Kind, Pick, Publication, Style

FRIDAY = date(2026, 11, 20)


def a_publication(**given: Any) -> Publication:
    """Our newsletter."""
    good = Publication(
        title="Five for Friday",
        base_url="https://five.example.org",
        date_format="D/M/YYYY",
        picks=5,
        contact="editor@example.org",
        sender="Five for Friday <editor@example.org>",
    )
    return replace(good, **given)


def a_pick(position: int = 1, **given: Any) -> Pick:
    """A pick with commentary; the third is a job, the second holds its link in the sentence."""
    good = Pick(
        bookmark_id=position,
        position=position,
        url=f"https://blog{position}.example.org/post-{position}",
        title=f"What we learnt from prototype {position}",
        commentary=f"Honest about what went wrong, and {position} times better for it.",
        author=f"Author {position}",
        organisation=f"Council {position}",
        published_on=date(2026, 11, 10 + position),
        language="en",
    )
    if position == 2:
        good = replace(
            good,
            style=Style.SENTENCE,
            commentary="Read [what they learnt](https://blog2.example.org/post-2) and smile.",
        )
    if position == 3:
        good = replace(
            good, kind=Kind.JOB, title="Head of Digital", employer="Borsetshire Council", closes_on=date(2026, 12, 4)
        )
    return replace(good, **given)


def a_digest(picks: int = 5, **given: Any) -> Digest:
    """The draft of Friday 20 November 2026."""
    good = Digest(
        id=1,
        slug=FRIDAY.isoformat(),
        friday=FRIDAY,
        number=None,
        title="Five for Friday (20/11/2026)",
        intro="Leaves are down, spirits are up.",
        outro="Most of these were shared during the week; everything is [bookmarked](https://five.example.org/bookmarks).",
        status=DigestStatus.DRAFT,
        revision=1,
        published_at=None,
        picks=tuple(a_pick(position) for position in range(1, picks + 1)),
    )
    return replace(good, **given)

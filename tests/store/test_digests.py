"""Digests go in and come out whole."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from aggregator.model import Access, Digest, DigestStatus, EarlierPick, Form, Kind, Piece, Style
from aggregator.store import digests
from aggregator.store.database import Database, Tx
from tests.builders import FRIDAY, a_pick
from tests.rows import WEDNESDAY, add_bookmark, add_digest, add_entry, follow_a_feed

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def tx(db: Database) -> Iterator[Tx]:
    with db.write() as opened:
        yield opened


def whole(tx: Tx, digest_id: int) -> Digest:
    found = digests.by_id(tx, digest_id)
    assert found is not None
    return found


def published(tx: Tx, friday: date, number: int) -> int:
    digest_id = add_digest(tx, friday=friday)
    digests.save(tx, replace(whole(tx, digest_id), status=DigestStatus.PUBLISHED, number=number, published_at=NOON))
    return digest_id


def test_a_new_draft(tx: Tx) -> None:
    digest_id = digests.open_draft(tx, slug="2026-11-20", friday=FRIDAY, title="T", intro="I", outro="O", now=NOON)
    assert whole(tx, digest_id) == Digest(
        id=digest_id,
        slug="2026-11-20",
        friday=FRIDAY,
        number=None,
        title="T",
        intro="I",
        outro="O",
        status=DigestStatus.DRAFT,
        revision=1,
        published_at=None,
        picks=(),
    )
    with pytest.raises(IntegrityError):
        digests.open_draft(tx, slug="2026-11-20", friday=FRIDAY, title="T", intro="I", outro="O", now=NOON)


def test_a_digest_is_saved_whole_with_every_field_of_its_picks(tx: Tx) -> None:
    first, second = add_bookmark(tx), add_bookmark(tx)
    digest = whole(tx, add_digest(tx, first, second))
    full = a_pick(
        1,
        bookmark_id=second,
        style=Style.SENTENCE,
        quote="Words\n\nof it",
        via_name="Bob",
        via_url="https://bob.example.org/",
        kind=Kind.JOB,
        employer="Felpersham",
        closes_on=date(2026, 12, 1),
        access=Access.PAYWALL,
        embed_url="https://youtu.be/abc",
    )
    changed = replace(
        digest,
        title="T",
        intro="I",
        outro="O",
        revision=9,
        status=DigestStatus.PUBLISHED,
        number=4,
        published_at=NOON,
        picks=(full, a_pick(2, bookmark_id=first)),
    )
    digests.save(tx, changed)
    assert whole(tx, digest.id) == changed
    digests.save(tx, replace(changed, picks=()))
    assert whole(tx, digest.id).picks == ()


def test_a_digest_keeps_its_picks_apart_from_those_of_others(tx: Tx) -> None:
    bookmark, other = add_bookmark(tx), add_bookmark(tx)
    one, two = add_digest(tx, bookmark, other), add_digest(tx, other, bookmark, friday=date(2026, 11, 27))
    digests.save(tx, replace(whole(tx, one), picks=()))
    assert [pick.bookmark_id for pick in whole(tx, two).picks] == [other, bookmark]
    assert [len(digest.picks) for digest in digests.every(tx)] == [2, 0]


def test_finding_one(tx: Tx) -> None:
    digest_id = published(tx, FRIDAY, 7)
    assert digests.by_friday(tx, FRIDAY) == digests.by_number(tx, 7) == whole(tx, digest_id)
    assert digests.by_id(tx, 99) is digests.by_friday(tx, date(2026, 11, 27)) is digests.by_number(tx, 8) is None


def test_lists(tx: Tx) -> None:
    for day, number in ((6, 2), (13, 1)):
        published(tx, date(2026, 11, day), number)
    for day in (27, 20):
        add_digest(tx, friday=date(2026, 11, day))
    assert [digest.friday.day for digest in digests.unpublished(tx)] == [20, 27]
    assert [digest.friday.day for digest in digests.published(tx, limit=9)] == [13, 6]
    assert [digest.friday.day for digest in digests.published(tx, limit=1)] == [13]
    assert [digest.friday.day for digest in digests.every(tx)] == [27, 20, 13, 6]


def test_numbers_start_at_one_and_follow_the_highest(tx: Tx) -> None:
    add_digest(tx, friday=date(2026, 11, 27))
    assert digests.next_number(tx) == 1
    published(tx, FRIDAY, 7)
    assert digests.next_number(tx) == 8


def test_what_is_frozen_stays(tx: Tx) -> None:
    one, two = published(tx, FRIDAY, 1), published(tx, date(2026, 11, 27), 2)
    digests.freeze(tx, one, {Form.PAGE: "<p>é</p>", Form.EMAIL_TEXT: "é"})
    assert digests.frozen(tx, one) == {Form.PAGE: "<p>é</p>", Form.EMAIL_TEXT: "é"}
    assert digests.frozen(tx, two) == {}
    with pytest.raises(IntegrityError):
        digests.freeze(tx, one, {Form.PAGE: "other"})


def test_picks_of_other_digests(tx: Tx) -> None:
    here, there = add_bookmark(tx), add_bookmark(tx, url="https://there.example.org/")
    last = add_digest(tx, there, friday=date(2026, 11, 13))
    digests.save(tx, replace(whole(tx, last), picks=(a_pick(1, bookmark_id=there, url="https://there.example.org/"),)))
    this = add_digest(tx, here)
    assert digests.other_picks(tx, this) == (
        EarlierPick(
            slug="2026-11-13",
            friday=date(2026, 11, 13),
            url="https://there.example.org/",
            organisation="Council 1",
        ),
    )


def test_pieces_behind_the_picks(tx: Tx) -> None:
    feed = follow_a_feed(tx)
    entry = add_entry(tx, feed, title="As given", text="Its words", first_seen_at=WEDNESDAY)
    other = add_entry(tx, feed)
    from_feed, by_hand = add_bookmark(tx, entry_id=entry), add_bookmark(tx)
    add_bookmark(tx, entry_id=other)
    digest = add_digest(tx, from_feed, by_hand)
    assert digests.pieces(tx, digest) == {from_feed: Piece(title="As given", text="Its words")}

"""Where a mail comes back to: signed, the same in any case, and without an address in it."""

from pathlib import Path

import pytest

from aggregator.deliver.returned.paths import Returned, ReturnPaths
from aggregator.deliver.tokens import Tokens
from aggregator.deliver.transport import SmtpTransport
from aggregator.store.database import Database
from tests.builders import a_publication
from tests.conftest import StandingClock
from tests.deliver.posting import add_readers, an_outbox, publish
from tests.deliver.relay import SampleRelay


@pytest.fixture
def tokens(db: Database) -> Tokens:
    return Tokens(db.path.with_name("secret.key"))


@pytest.fixture
def paths(tokens: Tokens) -> ReturnPaths:
    return ReturnPaths("bounces@example.org", publication=a_publication(), tokens=tokens)


def mark_of(path: str) -> str:
    """What stands between the + and the @."""
    name, _, host = path.partition("@")
    start, _, mark = name.partition("+")
    assert (start, host) == ("bounces", "example.org")
    return mark


def test_a_return_path_says_which_mail_it_was(paths: ReturnPaths) -> None:
    assert paths.whose(mark_of(paths.of_mail(3, 14))) == Returned(digest_id=3, subscriber_id=14)
    assert paths.whose(mark_of(paths.of_mail(3, 14)).upper()) == Returned(digest_id=3, subscriber_id=14)
    assert paths.whose(mark_of(paths.of_mail(None, 14))) == Returned(digest_id=None, subscriber_id=14)
    assert paths.plain == "bounces@example.org"


def test_what_we_did_not_sign_says_nothing(paths: ReturnPaths, tmp_path: Path) -> None:
    mark = mark_of(paths.of_mail(3, 14))
    signature = mark.rpartition("-")[2]
    wrong = [f"3-15-{signature}", f"4-14-{signature}", f"3-14-{'0' * 16}", f"31-4-{signature}", mark[:-1], f"{mark}0"]
    assert [paths.whose(one) for one in [*wrong, "", "3-14", "٣-14-" + signature]] == [None] * 9
    other = Tokens(tmp_path / "other.key")
    assert ReturnPaths("bounces@example.org", publication=a_publication(), tokens=other).whose(mark) is None


def test_the_longest_fits_into_an_address(tokens: Tokens) -> None:
    paths = ReturnPaths(f"{'b' * 30}@example.org", publication=a_publication(), tokens=tokens)
    assert len(paths.of_mail(99_999, 99_999_999).partition("@")[0]) <= 64  # RFC 5321, section 4.5.3.1.1


def test_without_an_address_for_bounces_mails_come_back_to_the_sender(tokens: Tokens) -> None:
    paths = ReturnPaths("", publication=a_publication(sender="Five <five@example.org>"), tokens=tokens)
    assert {paths.plain, paths.of_mail(3, 14), paths.of_mail(None, 14)} == {"five@example.org"}


def test_the_relay_is_given_a_path_of_each_readers_own(db: Database, clock: StandingClock, paths: ReturnPaths) -> None:
    with SampleRelay() as relay:
        outbox = an_outbox(db, clock, SmtpTransport(relay.settings))
        with db.write() as tx:
            readers = add_readers(tx, 3)
            digest = publish(tx, outbox)
        outbox.flush()
    assert [one.sender for one in relay.taken] == [paths.of_mail(digest.id, each) for each in readers]
    assert all(b"bounces+" not in one.mail for one in relay.taken), "it is on the envelope alone"

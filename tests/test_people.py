"""People come in by a one-time link and a password, and are out at once when they leave."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from aggregator import people as rules
from aggregator.errors import BadAddress, NotFound, Refused, TooManyTries, WrongUse
from aggregator.model import Role
from aggregator.people import People
from aggregator.store.database import Database
from tests.conftest import StandingClock

PASSWORD = "three random words"
NETWORK = "192.0.2.7"


@pytest.fixture
def people(db: Database, clock: StandingClock) -> People:
    return People(db=db, clock=clock, base_url="https://five.example.org", who_hash=lambda who: f"hash of {who}")


def token(link: str | None) -> str:
    assert link is not None
    start, _, end = link.rpartition("/")
    assert start == "https://five.example.org/password"
    return end


def join(people: People, email: str = "ann@example.org", role: Role = Role.CURATOR) -> str:
    """Somebody with a password, signed in; the session's token."""
    return people.set_password(token(people.add(email, role)), PASSWORD).token


def test_a_link_sets_a_password_once_and_signs_in(people: People) -> None:
    link = token(people.add(" Ann@Example.org", Role.EDITOR))
    assert people.holder(link).email == "ann@example.org"
    done = people.set_password(link, PASSWORD)
    assert (done.session.curator.email, done.session.curator.role) == ("ann@example.org", Role.EDITOR)
    assert people.session(done.token) == done.session
    with pytest.raises(NotFound, match="has been used"):
        people.set_password(link, "another good one")


def test_a_link_works_for_three_days_and_a_new_one_replaces_it(people: People, clock: StandingClock) -> None:
    old = token(people.add("ann@example.org", Role.CURATOR))
    new = token(people.link("ANN@example.org"))
    with pytest.raises(NotFound):
        people.holder(old)
    assert people.holder(new)
    clock.now += rules.LINK_LASTS
    with pytest.raises(NotFound):
        people.holder(new)


def test_only_hashes_are_kept(people: People, db: Database) -> None:
    link = token(people.add("ann@example.org", Role.CURATOR))
    session = people.set_password(link, PASSWORD).token
    pending = token(people.link("ann@example.org"))
    held = b"".join(path.read_bytes() for path in db.path.parent.iterdir() if path.is_file())
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in held
    for secret in (link, session, pending, PASSWORD):
        assert secret.encode() not in held


def test_signing_in_takes_address_and_password(people: People) -> None:
    join(people)
    assert people.sign_in(" ANN@example.org ", PASSWORD, network=NETWORK).session.curator.email == "ann@example.org"
    said = set()
    for email, password in (("ann@example.org", "wrong"), ("bob@example.org", PASSWORD), ("", PASSWORD), ("\0", "x")):
        with pytest.raises(Refused) as refused:
            people.sign_in(email, password, network=NETWORK)
        said.add(refused.value.what)
    assert len(said) == 1, "it must not tell who is here"


def test_who_has_no_password_yet_cannot_sign_in(people: People) -> None:
    people.add("ann@example.org", Role.CURATOR)
    for password in ("", "None", "nobody's"):
        with pytest.raises(Refused):
            people.sign_in("ann@example.org", password, network=NETWORK)


def test_a_password_is_the_same_however_it_is_composed(people: People) -> None:
    people.set_password(token(people.add("ann@example.org", Role.CURATOR)), "caf\u00e9 au lait at noon")
    assert people.sign_in("ann@example.org", "cafe\u0301 au lait at noon", network=NETWORK)


@pytest.mark.parametrize(
    "password", ["", "eleven char", "aaaaaaaaaaaaaaaa", "x" * 300, "winifred-2026", "winifred@example.org"]
)
def test_a_bad_password_is_refused_with_what_to_do(people: People, password: str) -> None:
    link = token(people.add("winifred@example.org", Role.CURATOR))
    with pytest.raises(WrongUse) as refused:
        people.set_password(link, password)
    assert refused.value.hint.startswith("Enter a password")
    assert people.holder(link), "the link can still be used"


def test_a_session_ends_with_time_and_with_disuse(people: People, clock: StandingClock) -> None:
    first = join(people)
    clock.now += rules.UNUSED_LASTS - timedelta(seconds=1)
    assert people.session(first)
    clock.now += rules.UNUSED_LASTS - timedelta(seconds=1)
    assert people.session(first), "it was used in between"
    clock.now += rules.UNUSED_LASTS
    assert people.session(first) is None
    second = people.sign_in("ann@example.org", PASSWORD, network=NETWORK).token
    for _ in range(rules.SESSION_LASTS.days - 1):
        clock.advance(days=1)
        assert people.session(second)
    clock.advance(days=1)
    assert people.session(second) is None


def test_using_a_session_writes_once_an_hour(people: People, clock: StandingClock) -> None:
    session = join(people)
    started = clock()
    clock.advance(minutes=59)
    people.session(session)
    found = people.session(session)
    assert found
    assert found.seen_at == started
    clock.advance(minutes=1)
    people.session(session)
    found = people.session(session)
    assert found
    assert found.seen_at == clock()


def everywhere(people: People) -> tuple[str, str]:
    return join(people), people.sign_in("ann@example.org", PASSWORD, network=NETWORK).token


def test_signing_out_ends_this_session_alone(people: People) -> None:
    here, there = everywhere(people)
    people.sign_out(here)
    assert people.session(here) is None
    assert people.session(there)


@pytest.mark.parametrize(
    "act",
    [
        lambda people: people.change_role("ann@example.org", Role.EDITOR),
        lambda people: people.end("Ann@example.org"),
        lambda people: people.set_password(token(people.link("ann@example.org")), "another good one"),
    ],
)
def test_a_new_role_a_new_password_and_the_end_end_all_sessions(
    people: People, act: Callable[[People], object]
) -> None:
    both = everywhere(people)
    act(people)
    assert [people.session(one) for one in both] == [None, None]


def test_the_same_role_again_changes_nothing(people: People) -> None:
    session = join(people)
    people.change_role("ann@example.org", Role.CURATOR)
    assert people.session(session)


def test_changing_a_password_needs_the_old_one(people: People) -> None:
    here, there = everywhere(people)
    found = people.session(here)
    assert found
    with pytest.raises(Refused, match="not your password"):
        people.change_password(found.curator, "wrong", "another good one", network=NETWORK)
    with pytest.raises(WrongUse):
        people.change_password(found.curator, PASSWORD, "short", network=NETWORK)
    new = people.change_password(found.curator, PASSWORD, "another good one", network=NETWORK)
    assert [people.session(one) for one in (here, there)] == [None, None]
    assert people.session(new.token)
    with pytest.raises(Refused):
        people.sign_in("ann@example.org", PASSWORD, network=NETWORK)


def test_who_left_is_out_and_can_come_back(people: People) -> None:
    join(people)
    pending = token(people.link("ann@example.org"))
    people.end("ann@example.org")
    with pytest.raises(Refused):
        people.sign_in("ann@example.org", PASSWORD, network=NETWORK)
    for ask in (people.link, people.enter, people.end):
        with pytest.raises(NotFound):
            ask("ann@example.org")
    with pytest.raises(NotFound):
        people.holder(pending)
    back = people.set_password(token(people.add("ann@example.org", Role.EDITOR)), PASSWORD)
    assert back.session.curator.role is Role.EDITOR


def test_there_is_always_a_maintainer(people: People) -> None:
    join(people, "ann@example.org", Role.MAINTAINER)
    with pytest.raises(Refused, match="last maintainer"):
        people.end("ann@example.org")
    with pytest.raises(Refused, match="last maintainer"):
        people.change_role("ann@example.org", Role.EDITOR)
    join(people, "bob@example.org", Role.MAINTAINER)
    people.change_role("ann@example.org", Role.EDITOR)
    with pytest.raises(Refused, match="last maintainer"):
        people.end("bob@example.org")


def test_nobody_is_added_twice_or_without_an_address(people: People) -> None:
    join(people)
    with pytest.raises(Refused, match="here already, as curator"):
        people.add("ANN@example.org", Role.MAINTAINER)
    with pytest.raises(BadAddress):
        people.add("ann at example.org", Role.CURATOR)
    for unknown in ("bob@example.org", "", " "):
        with pytest.raises(NotFound):
            people.link(unknown)


def test_the_first_to_open_the_first_link_is_the_maintainer(people: People) -> None:
    stale, link = token(people.first_link()), token(people.first_link())
    with pytest.raises(NotFound):
        people.holder(stale)
    assert people.curators() == ()
    with pytest.raises(BadAddress):
        people.set_password(link, PASSWORD)
    done = people.set_password(link, PASSWORD, email="Ann@example.org")
    assert (done.session.curator.email, done.session.curator.role) == ("ann@example.org", Role.MAINTAINER)
    assert people.first_link() is None


def test_when_somebody_was_added_there_is_no_first_link(people: People) -> None:
    first = token(people.first_link())
    people.add("ann@example.org", Role.CURATOR)
    assert people.first_link() is None
    with pytest.raises(NotFound):
        people.set_password(first, PASSWORD, email="mallory@example.org")


def test_too_many_tries_are_not_looked_at(people: People, clock: StandingClock) -> None:
    join(people)
    for _ in range(rules.TRIES_TOGETHER):
        with pytest.raises(Refused, match="do not match"):
            people.sign_in("ann@example.org", "wrong", network=NETWORK)
    with pytest.raises(TooManyTries):
        people.sign_in("ann@example.org", PASSWORD, network=NETWORK)
    assert people.sign_in("ann@example.org", PASSWORD, network="192.0.2.8"), "others' tries lock nobody out"
    clock.now += rules.TRIES_WITHIN
    assert people.sign_in("ann@example.org", PASSWORD, network=NETWORK)


def test_one_network_cannot_try_many_addresses(people: People) -> None:
    for n in range(rules.TRIES_PER_NETWORK):
        with pytest.raises(Refused, match="do not match"):
            people.sign_in(f"a{n}@example.org", "x", network=f"2001:db8::{n:x}")
    with pytest.raises(TooManyTries):
        people.sign_in("ann@example.org", "x", network="2001:db8::ffff:1")


def test_roles_include_those_before() -> None:
    may = {role: [needed for needed in Role if role.may(needed)] for role in Role}
    assert may[Role.CURATOR] == [Role.CURATOR]
    assert may[Role.EDITOR] == [Role.CURATOR, Role.EDITOR]
    assert may[Role.MAINTAINER] == [Role.CURATOR, Role.EDITOR, Role.MAINTAINER]
